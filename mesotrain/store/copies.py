"""A copy of all that is kept of a person, as they would read it.

Left out are secrets, keys, marks that are not released, and the names of questions, which no taker learns.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, and_, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from mesotrain.core.assessments import AFTER_EACH, AFTER_PASS, AFTER_SUBMIT
from mesotrain.core.attempts import FINISHED
from mesotrain.core.canonical import Json
from mesotrain.store.accounts import Authenticator, Device, Link, SignIn
from mesotrain.store.adjustments import Adjustment
from mesotrain.store.answers import AnswerLog, UnappliedAnswer
from mesotrain.store.assertions import Assertion, Retraction
from mesotrain.store.assignments import Assignment
from mesotrain.store.attempts import Attempt
from mesotrain.store.catalogue import is_newest
from mesotrain.store.competence import Evidence, StandingSpan, Withdrawal
from mesotrain.store.courses import CompetencyRule, Course, ModuleVersion
from mesotrain.store.events import Event
from mesotrain.store.invigilation import Intervention
from mesotrain.store.invitations import Invitation
from mesotrain.store.logbook import Case, Signature, SignatureRequest, SignatureWithdrawal
from mesotrain.store.marking import EssayMark
from mesotrain.store.observations import Observation, ObservationDraft, ObservationWithdrawal
from mesotrain.store.outbox import Mail
from mesotrain.store.people import Clinic, Member, Merge, Organisation, Person, Role
from mesotrain.store.practice import PracticeLog
from mesotrain.store.privacy import Erasure, LegalHold
from mesotrain.store.proposals import Decision, Proposal
from mesotrain.store.reading import Reading
from mesotrain.store.reminders import Reminder
from mesotrain.store.reports import Reply, Report
from mesotrain.store.stops import Acknowledgement, StopNotice

_MEMBERSHIP = select(
    Member.organisation_id, Organisation.name.label("organisation"), Member.joined_on, Member.ended_on,
    Member.suspended_at, Erasure.begun_at.label("erasure_begun_at"), Erasure.due_on.label("erasure_due_on"),
).join(Organisation, Organisation.id == Member.organisation_id).outerjoin(
    Erasure, (Erasure.organisation_id == Member.organisation_id) & (Erasure.person_id == Member.person_id)
)  # fmt: skip
_QUIZ = type_coerce(ModuleVersion.quiz, Text)
_RELEASED = or_(
    *(_QUIZ.contains(f'"feedback":"{one}"') for one in (AFTER_EACH, AFTER_SUBMIT)),
    and_(Attempt.passed.is_(True), _QUIZ.contains(f'"feedback":"{AFTER_PASS}"')),
)
"""``core.attempts.released`` as the database says it, which takes nothing for closed."""
_MARKER = aliased(Member)
_IN_ORGANISATION: dict[str, tuple[Any, Any]] = {
    "roles": (
        Role,
        select(Role.role, Clinic.name.label("clinic")).outerjoin(Clinic, Clinic.id == Role.clinic_id).order_by(Role.id),
    ),
    "adjustments": (
        Adjustment,
        select(Adjustment.extra, Adjustment.note, Adjustment.set_at).order_by(Adjustment.id),
    ),
    "attempts": (
        Attempt,
        select(
            Attempt.id, ModuleVersion.title.label("module"), Attempt.state, Attempt.started_at, Attempt.deadline,
            Attempt.ended_at, Attempt.ended_by, Attempt.passed, Attempt.score,
        ).join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id).order_by(Attempt.id),
    ),
    "answers": (
        Attempt,
        select(
            AnswerLog.attempt_id.label("attempt"), AnswerLog.sequence, AnswerLog.position,
            AnswerLog.fields.label("answer"), AnswerLog.received_at,
        )
        .join(Attempt, Attempt.id == AnswerLog.attempt_id)
        .order_by(AnswerLog.attempt_id, AnswerLog.sequence),
    ),
    "answers that do not count": (
        Attempt,
        select(
            UnappliedAnswer.attempt_id.label("attempt"), UnappliedAnswer.position,
            UnappliedAnswer.fields.label("answer"), UnappliedAnswer.received_at, UnappliedAnswer.why,
        )
        .join(Attempt, Attempt.id == UnappliedAnswer.attempt_id)
        .order_by(UnappliedAnswer.attempt_id, UnappliedAnswer.received_at, UnappliedAnswer.operation),
    ),
    "interventions": (
        Attempt,
        select(
            Intervention.attempt_id.label("attempt"), Intervention.kind, Intervention.made_at, Intervention.minutes,
            Intervention.reason,
        )
        .join(Attempt, Attempt.id == Intervention.attempt_id)
        .order_by(Intervention.id),
    ),
    "marks": (
        Attempt,
        select(
            EssayMark.attempt_id.label("attempt"), EssayMark.position, EssayMark.marked_at,
            EssayMark.given.label("marks"),
        )
        .join(Attempt, Attempt.id == EssayMark.attempt_id)
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .where(Attempt.state == FINISHED, _RELEASED)
        .order_by(EssayMark.id),
    ),
    "said of them": (
        Attempt,
        select(
            Report.attempt_id.label("attempt"), Report.position, Report.reason, Report.made_at,
            Reply.text.label("answer"), Reply.replied_at,
        )
        .join(Attempt, Attempt.id == Report.attempt_id)
        .outerjoin(Reply, Reply.report_id == Report.id)
        .order_by(Report.id),
    ),
    "evidence": (
        Evidence,
        select(
            CompetencyRule.title.label("competency"), Evidence.kind, Evidence.day, Evidence.sequence,
            Evidence.attempt_id.label("attempt"), Evidence.rule_version, Withdrawal.reason.label("withdrawn"),
        )
        .select_from(Evidence)
        .join(CompetencyRule, (CompetencyRule.competency_id == Evidence.competency_id) & is_newest(CompetencyRule))
        .outerjoin(Withdrawal, Withdrawal.evidence_id == Evidence.id)
        .order_by(Evidence.id),
    ),
    "said of clearance": (
        Assertion,
        select(
            Assertion.kind, Assertion.about, Clinic.name.label("clinic"), Assertion.start_day, Assertion.end_day,
            Assertion.reason, Retraction.end_day.label("taken_back_from"), Retraction.reason.label("taken_back_for"),
        )
        .outerjoin(Clinic, Clinic.id == Assertion.clinic_id)
        .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
        .order_by(Assertion.id),
    ),
    "proposed about them": (
        Proposal,
        select(
            Proposal.kind, Proposal.about, Proposal.reason, Proposal.ends_on, Decision.decision, Decision.words,
        )
        .outerjoin(Decision, Decision.proposal_id == Proposal.id)
        .order_by(Proposal.id),
    ),
    "told of stops": (
        StopNotice,
        select(
            StopNotice.stop, Assertion.about, Assertion.lot, Assertion.start_day, Assertion.reason,
            Event.recorded_at.label("acknowledged_at"),
        )
        .distinct()
        .join(Assertion, Assertion.sequence == StopNotice.stop)
        .outerjoin(
            Acknowledgement,
            (Acknowledgement.stop == StopNotice.stop) & (Acknowledgement.person_id == StopNotice.person_id),
        )
        .outerjoin(Event, Event.position == Acknowledgement.sequence)
        .order_by(StopNotice.stop),
    ),
    "statuses": (
        StandingSpan,
        select(
            CompetencyRule.title.label("competency"), StandingSpan.state, StandingSpan.start_day, StandingSpan.end_day,
            StandingSpan.expires_on,
        )
        .select_from(StandingSpan)
        .join(CompetencyRule, (CompetencyRule.competency_id == StandingSpan.competency_id) & is_newest(CompetencyRule))
        .order_by(StandingSpan.competency_id, StandingSpan.start_day),
    ),
    "marked": (
        _MARKER,
        select(EssayMark.marked_at, EssayMark.given.label("marks"))
        .select_from(EssayMark)
        .join(
            _MARKER,
            (_MARKER.organisation_id == EssayMark.organisation_id) & (_MARKER.person_id == EssayMark.marker_id),
        )
        .order_by(EssayMark.id),
    ),
    "cases": (
        Case,
        select(
            Case.procedure, Case.role, Case.day, Clinic.name.label("clinic"), Case.site, Case.learnt,
            SignatureRequest.ends_on, Signature.answer, Signature.level, Signature.words, Signature.record,
            SignatureWithdrawal.reason.label("taken_back_for"),
        )
        .join(Clinic, Clinic.id == Case.clinic_id)
        .join(SignatureRequest, SignatureRequest.case_id == Case.id)
        .outerjoin(Signature, Signature.request_id == SignatureRequest.id)
        .outerjoin(SignatureWithdrawal, SignatureWithdrawal.request_id == SignatureRequest.id)
        .order_by(Case.id, SignatureRequest.id),
    ),
    "observed": (
        Observation,
        select(
            Observation.procedure, Observation.form, Observation.day, Clinic.name.label("clinic"), Observation.marks,
            Observation.rating, Observation.words, Observation.outcome, Observation.record,
            ObservationWithdrawal.reason.label("taken_back_for"),
        )
        .join(Clinic, Clinic.id == Observation.clinic_id)
        .outerjoin(ObservationWithdrawal, ObservationWithdrawal.observation_id == Observation.id)
        .order_by(Observation.id),
    ),
    "observed, not signed": (
        ObservationDraft,
        select(ObservationDraft.procedure, ObservationDraft.form, ObservationDraft.day, ObservationDraft.said)
        .order_by(ObservationDraft.key),
    ),
    "practice": (
        PracticeLog,
        select(
            PracticeLog.question_version_id.label("question"), PracticeLog.answered_at,
            PracticeLog.fields.label("answer"), PracticeLog.credit,
        ).order_by(PracticeLog.id),
    ),
    "reading": (
        Reading,
        select(Course.name.label("course"), Reading.section, Reading.reached_at, Reading.read_version, Reading.note)
        .join(Course, Course.id == Reading.course_id)
        .order_by(Reading.reached_at),
    ),
    "assignments": (
        Assignment,
        select(Course.name.label("course"), Assignment.due_on, Assignment.made_at, Assignment.ended_at)
        .join(Course, Course.id == Assignment.course_id)
        .order_by(Assignment.id),
    ),
    "reminders": (
        Reminder,
        select(Reminder.kind, Reminder.title, Reminder.day, Reminder.stage)
        .where(Reminder.about == Reminder.person_id)
        .order_by(Reminder.event_position),
    ),
    "invitations": (
        Invitation,
        select(Invitation.name, Invitation.email, Invitation.made_at, Invitation.state).order_by(Invitation.id),
    ),
    "merged": (Merge, select(Merge.merged_at)),
    "legal_holds": (
        LegalHold,
        select(LegalHold.placed_at, LegalHold.lifted_at).order_by(LegalHold.id),
    ),
}  # fmt: skip
"""Parts of a copy that belong to one organisation: the table that says whose, and what is copied."""
_OF_THE_ACCOUNT: dict[str, tuple[Any, Any]] = {
    "signed_in": (SignIn, select(SignIn.opened_at, SignIn.closed_at, SignIn.browser).order_by(SignIn.opened_at)),
    "devices": (Device, select(Device.seen_at).order_by(Device.seen_at)),
    "second_factors": (
        Authenticator,
        select(Authenticator.kind, Authenticator.name, Authenticator.added_at, Authenticator.used_at),
    ),
    "links": (Link, select(Link.kind, Link.email, Link.made_at, Link.closed_at).order_by(Link.id)),
}


def copy_of(session: Session, person: Person, organisation: int | None = None) -> dict[str, Json]:
    """All that is kept of a person; with an organisation named, what that one keeps and nothing of the account."""
    mails: Any = select(Mail.kind, Mail.state, Mail.changed_at).join(Event, Event.position == Mail.event_position)
    log: Any = select(Event.position, Event.kind, Event.recorded_at).where(Event.subject == person.commitment)
    places = _MEMBERSHIP.where(Member.person_id == person.id).order_by(Member.joined_on)
    account = _OF_THE_ACCOUNT
    if organisation is not None:
        mails, log = (one.where(Event.organisation_id == organisation) for one in (mails, log))
        places, account = places.where(Member.organisation_id == organisation), {}
    belonged = [dict(row) for row in session.execute(places).mappings()]
    return {
        "person": {"name": person.name, "email": person.email, "language": person.locale, "zone": person.zone},
        "organisations": [_in_organisation(session, person.id, row) for row in belonged],
        **{part: _rows(session, query.where(whose.person_id == person.id)) for part, (whose, query) in account.items()},
        "mails": _rows(session, mails.where(Mail.person_id == person.id).order_by(Mail.id)),
        "log": _rows(session, log.order_by(Event.position)),
    }


def _in_organisation(session: Session, person: int, row: dict[str, Any]) -> Json:
    organisation = row.pop("organisation_id")
    parts = {
        part: _rows(session, query.where(whose.person_id == person, whose.organisation_id == organisation))
        for part, (whose, query) in _IN_ORGANISATION.items()
    }
    return {**_plain(row), **parts}


def _rows(session: Session, query: Any) -> list[Json]:
    return [_plain(row) for row in session.execute(query).mappings()]


def _plain(row: Mapping[Any, Any]) -> dict[str, Json]:
    """A row as JSON says it. Of a score only what its page says first: the rest may name what was right."""
    return {
        name: value.isoformat()
        if isinstance(value, date | datetime)
        else {"earned": value["earned"], "possible": value["possible"]}
        if name == "score" and value
        else value
        for name, value in row.items()
    }
