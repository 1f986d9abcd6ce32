"""What clearance rests on, as it was recorded by a moment, whatever was recorded since."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select
from sqlalchemy.orm import Session

from mesotrain.core.access import TRAINEE
from mesotrain.core.assertions import DOCUMENT, LEARNT, OFFER, STOP, TRANSITION, USE, Period
from mesotrain.core.certification import Certification, reasons
from mesotrain.core.clearance import Facts, Procedure, Reason
from mesotrain.core.competence import Evidence as Piece
from mesotrain.core.competence import Rule, Span, spans
from mesotrain.core.dates import beginning, day_of
from mesotrain.core.schemes import Prior, Scheme, scheme_of
from mesotrain.store import certificates
from mesotrain.store.assertions import Asserted, Assertion, Retraction, periods, products
from mesotrain.store.attempts import Attempt
from mesotrain.store.catalogue import IN_ORDER
from mesotrain.store.certificates import Sat, counting
from mesotrain.store.competence import Evidence, Withdrawal, rule_of, said_in
from mesotrain.store.courses import Competency, CompetencyRule, Course, Module, ModuleVersion, Publication
from mesotrain.store.events import Event, position_at
from mesotrain.store.logbook import signed
from mesotrain.store.observations import observed
from mesotrain.store.people import Person
from mesotrain.store.schemes import Chosen, When, chosen

EVER, AFTER_ALL = 2**31 - 1, datetime(9999, 1, 1, tzinfo=UTC)
"""A position of the log behind all there is, and a moment."""


class Coming(NamedTuple):
    """What a procedure asks for from a day on; without a procedure it is not spoken of any more."""

    day: date
    procedure: Procedure | None
    scheme: Scheme
    publication: int


class Asked(NamedTuple):
    """A procedure of a course that has a scheme, as it is `since` a day by a publication, and what is to come."""

    course: int
    course_name: str
    procedure: Procedure
    scheme: Scheme
    publication: int
    since: date
    coming: Coming | None = None

    @property
    def documents(self) -> set[str]:
        """What is to be shown for it, now or later."""
        later = self.coming.procedure if self.coming else None
        return {*self.procedure.documents, *(later.documents if later else ())}

    @property
    def prior(self) -> set[Prior]:
        """For which competencies what was learnt elsewhere counts, now or later."""
        return {*self.scheme.prior, *(self.coming.scheme.prior if self.coming else ())}


def when(session: Session, now: datetime, known_at: datetime | None, on: date | None = None, zone: str = "UTC") -> When:
    """As recorded by now, or by an earlier moment, by the rules of a day, or of today. Raises Refused for a moment that
    is not settled.
    """
    day = on or day_of(now, zone)
    rules = beginning(day + timedelta(days=1), zone) - timedelta.resolution
    if known_at is None:
        return When(EVER, AFTER_ALL, rules, day, zone)
    return When(position_at(session, known_at, now), known_at, min(rules, known_at), day, zone)


_SCHEMES = (
    select(Course.id, Course.name, Publication.id, Publication.scheme)
    .join(Publication, Publication.course_id == Course.id)
    .where(Publication.id.in_(bindparam("publications", expanding=True)))
    .order_by(Course.name, Course.id)
)


def procedures(session: Session, organisation: int, at: When) -> list[Asked]:
    """Every procedure an organisation may ask about, by course and title, as the schemes of that moment have it."""
    held = chosen(session, organisation, at)
    wanted = {one.scheme for one in held.values()} | {one.coming[0] for one in held.values() if one.coming}
    rows = session.connection().execute(_SCHEMES, {"publications": list(wanted)}).all()
    schemes = {number: scheme_of(model) for _, _, number, model in rows}
    return [
        Asked(course, name, one, schemes[number], number, held[course].since, _coming(held[course], schemes, one.name))
        for course, name, number, _ in rows
        if number == held[course].scheme
        for one in sorted(schemes[number].procedures, key=lambda one: one.title)
    ]


def _coming(held: Chosen, schemes: Mapping[int, Scheme], name: str) -> Coming | None:
    if held.coming is None:
        return None
    number, day = held.coming
    scheme = schemes[number]
    return Coming(day, next((one for one in scheme.procedures if one.name == name), None), scheme, number)


def titles(session: Session, organisation: int, now: datetime) -> dict[tuple[int, str], str]:
    """What each procedure an organisation may ask about now is called, by (course, name)."""
    found = procedures(session, organisation, when(session, now, None))
    return {(one.course, one.procedure.name): one.procedure.title for one in found}


def certificate_titles(session: Session, organisation: int, now: datetime) -> dict[tuple[int, str], str]:
    """The same of the certificates there are."""
    found = procedures(session, organisation, when(session, now, None))
    return {(one.course, each.name): each.title for one in found for each in one.scheme.certificates}


_RULES = (
    select(Competency.course_id, Competency.code, CompetencyRule, *IN_ORDER)
    .join(CompetencyRule, CompetencyRule.competency_id == Competency.id)
    .join(Course, Course.id == CompetencyRule.course_id)
    .join(Publication, Publication.id == CompetencyRule.publication_id)
    .where(CompetencyRule.publication_id.in_(bindparam("publications", expanding=True)))
    .order_by(CompetencyRule.publication_id)
)


def _rules(session: Session, organisation: int, at: When) -> dict[tuple[int, str], CompetencyRule]:
    """In order, the newest rule of each competency, and the last of one that only the scheme in force speaks of."""
    held = chosen(session, organisation, at).values()
    facts = {"publications": [number for one in held for number in (one.scheme, one.newest)]}
    found = {(course, code): (rule, order) for course, code, rule, *order in session.execute(_RULES, facts)}
    return {which: rule for which, (rule, _) in sorted(found.items(), key=lambda one: one[1][1])}


def competencies(session: Session, organisation: int, at: When) -> dict[tuple[int, str], str]:
    """What each competency is called, by course and code, as the rules of that moment have it."""
    return {which: rule.title for which, rule in _rules(session, organisation, at).items()}


_EVIDENCE = (
    select(
        Evidence.person_id, Evidence.competency_id, Evidence.kind, Evidence.day, Evidence.sequence, Withdrawal.sequence,
        func.coalesce(Evidence.asserted_by, 0), said_in(Evidence.rests_on, "module"),
        Evidence.attempt_id, Module.course_id, Module.name, ModuleVersion.quiz,
    )
    .outerjoin(Attempt, Attempt.id == Evidence.attempt_id)
    .outerjoin(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .outerjoin(Module, Module.id == ModuleVersion.module_id)
    .outerjoin(Withdrawal, (Withdrawal.evidence_id == Evidence.id) & (Withdrawal.sequence <= bindparam("position")))
    .where(
        Evidence.organisation_id == bindparam("organisation"),
        Evidence.person_id.in_(bindparam("people", expanding=True)),
        Evidence.sequence <= bindparam("position"),
    )
)  # fmt: skip
_ASSERTED = (
    select(Assertion, Retraction.end_day)
    .outerjoin(Retraction, (Retraction.assertion_id == Assertion.id) & (Retraction.sequence <= bindparam("position")))
    .where(
        Assertion.organisation_id == bindparam("organisation"),
        or_(Assertion.person_id.is_(None), Assertion.person_id.in_(bindparam("people", expanding=True))),
        Assertion.sequence <= bindparam("position"),
    )
    .order_by(Assertion.id)
)
_ASSERTED_AT = _ASSERTED.where(
    or_(
        Assertion.person_id.is_not(None),
        Assertion.clinic_id.is_(None),
        Assertion.clinic_id.in_(bindparam("clinics", expanding=True)),
    )
)
WORK = (
    "person.joined",
    "role.given",
    "role.taken",
    "member.suspended",
    "member.resumed",
    "member.ended",
    "member.merged",
)
"""Kinds of event that say where somebody works."""
_WORKED = (
    select(Event.subject, Event.kind, Event.recorded_at, Event.body)
    .where(
        Event.organisation_id == bindparam("organisation"),
        Event.subject.in_(bindparam("commitments", expanding=True)),
        Event.position <= bindparam("position"),
        Event.kind.in_(WORK),
    )
    .order_by(Event.position)
)


@dataclass(frozen=True)
class Known:
    """All that was recorded of a person by a moment, to be asked about any procedure, clinic and day.

    `standings` has spans by course and competency code, `histories` what they are made of, `titles` what those are
    called, `worked` by clinic when the person worked there, `named` the names of who said something, and `cases` by
    course and procedure what stood signed; so do `observations`. `certified` has the certificates by course and name.
    """

    standings: Mapping[tuple[int, str], Sequence[Span]]
    titles: Mapping[tuple[int, str], str]
    worked: Mapping[int, Sequence[Period]]
    asserted: Sequence[Asserted]
    named: Mapping[int, str]
    cases: Mapping[tuple[int, str], Sequence[Piece]]
    histories: Mapping[tuple[int, str], tuple[Sequence[Piece], Rule]]
    certified: Mapping[tuple[int, str], Certification]
    observations: Mapping[tuple[int, str], Sequence[Piece]]

    def facts(self, asked: Asked, clinic: int) -> Facts:
        """What an answer about this procedure at this clinic rests on, by the rule in force and by the one to come."""
        facts, coming = self._facts(asked, clinic), asked.coming
        if coming is None:
            return facts
        if coming.procedure is None:
            return replace(facts, coming=replace(facts, procedure=None), turns=coming.day)
        then = asked._replace(procedure=coming.procedure, scheme=coming.scheme)
        return replace(facts, coming=self._facts(then, clinic), turns=coming.day)

    def _facts(self, asked: Asked, clinic: int) -> Facts:
        of = (asked.course, asked.procedure.name)
        procedure, months = asked.procedure, {one.name: one.months for one in asked.scheme.documents}
        used = [one.start for one in periods(self.asserted, USE, clinic=clinic) if one.end is None]
        seen = partial(periods, self.asserted, DOCUMENT, named=self.named)
        return Facts(
            procedure,
            asked.scheme.meanings,
            {code: self.standings.get((asked.course, code), ()) for code in procedure.competencies},
            {
                name: [counting(one, months[name]) for one in seen(about=(asked.course, name))]
                for name in procedure.documents
            },
            self.worked.get(clinic, ()),
            list(periods(self.asserted, OFFER, clinic=clinic, about=of)),
            max(used, default=None),
            list(periods(self.asserted, STOP, clinic=clinic, about=of, named=self.named)),
            list(periods(self.asserted, TRANSITION, clinic=clinic, about=of, named=self.named)),
            self.cases.get(of, ()),
            self._certificate(asked),
            histories={
                code: one for code in procedure.competencies if (one := self.histories.get((asked.course, code)))
            },
            named=self.named,
            products=list(products(self.asserted, clinic, self.named)),
            observations=self.observations.get(of, ()),
            prior={
                one.code: [
                    counting(period, one.months)
                    for period in periods(self.asserted, LEARNT, about=(asked.course, one.code), named=self.named)
                ]
                for one in asked.scheme.prior
            },
        )

    def certificates(self, course: int) -> dict[str, Certification]:
        """The certificates of a course by name."""
        return {name: one for (of, name), one in self.certified.items() if of == course}

    def _certificate(self, asked: Asked) -> Sequence[tuple[Period, Reason]]:
        """What the certificate means that a procedure asks for."""
        found = self.certified.get((asked.course, asked.procedure.certificate))
        means = next((one for one in asked.scheme.certificates if one.name == asked.procedure.certificate), None)
        return reasons(means, found.stages, found.shown, self.named) if found and means else ()

    def called(self, asked: Asked) -> dict[str, str]:
        """The titles of what a procedure asks for, and of all procedures, by what reasons and acts call them."""
        coming = asked.coming and asked.coming.procedure
        asking = [*asked.procedure.competencies, *(coming.competencies if coming else ())]
        codes = {code: self.titles.get((asked.course, code), code) for code in asking}
        found: dict[str, str] = {}
        for scheme in [asked.coming.scheme, asked.scheme] if asked.coming else [asked.scheme]:
            for part in (scheme.procedures, scheme.documents, scheme.forms, scheme.certificates):
                found |= {one.name: one.title for one in part}
        return found | codes


def known(
    session: Session, organisation: int, zone: str, people: Iterable[int], at: When, clinics: Iterable[int] = ()
) -> dict[int, Known]:
    """What was recorded of each of these people by a moment, in ten statements, and in eleven with certificates.

    Where `clinics` are given, it may be asked of no other.
    """
    connection = session.connection()
    named = connection.execute(select(Person.id, Person.commitment).where(Person.id.in_(people))).all()
    found = [person for person, _ in named]
    facts = {
        "organisation": organisation,
        "people": found,
        "commitments": [commitment for _, commitment in named],
        "position": at.position,
        "moment": at.moment,
        "clinics": list(clinics),
    }
    histories, sat = _evidence(connection, facts)
    rules = _rules(session, organisation, at)
    titles = {which: rule.title for which, rule in rules.items()}
    schemes = certificates.schemes(session, zone, facts)
    then = certificates.rules(session, zone, facts, schemes) if schemes else {}
    said = session.execute(_ASSERTED_AT if facts["clinics"] else _ASSERTED, facts).all()
    cases, seen = (of(session, organisation, found, at.position) for of in (signed, observed))
    worked = _events(connection, facts)
    by = [one for row, _ in said for one in (row.asserted_by, row.confirmed_by) if one]
    called = _called(session, by, [*histories.values(), *cases.values(), *seen.values()])
    made: dict[int, Known] = {}
    for person, commitment in named:
        theirs = histories.get(person, {})
        of = {which: (theirs.get(one.competency_id, ()), rule_of(one)) for which, one in rules.items()}
        spoken = [(row, day) for row, day in said if row.person_id in (None, person)]
        made[person] = Known(
            {which: spans(*history) for which, history in of.items()},
            titles,
            _worked(worked.get(commitment, ()), zone),
            spoken,
            called,
            cases.get(person, {}),
            of,
            certificates.certified(schemes, then, theirs, sat.get(person, ()), cases.get(person, {}), spoken, called),
            seen.get(person, {}),
        )
    return made


def _evidence(
    connection: Connection, facts: Mapping[str, object]
) -> tuple[dict[int, dict[int, list[Piece]]], dict[int, list[Sat]]]:
    """By person the evidence for each competency, and what of it comes from attempts."""
    histories: dict[int, dict[int, list[Piece]]] = {}
    sat: dict[int, list[Sat]] = {}
    for row in connection.execute(_EVIDENCE, facts):
        person, competency, kind, day, sequence, withdrawn, by, version, *attempt = row
        piece = Piece(kind, day, sequence, withdrawn, by=by, version=version)
        histories.setdefault(person, {}).setdefault(competency, []).append(piece)
        if attempt[0]:
            sat.setdefault(person, []).append(Sat._make([*attempt, piece]))
    return histories, sat


def _events(connection: Connection, facts: Mapping[str, object]) -> dict[str, list[Any]]:
    """What happened to where people work, by their commitments."""
    found: dict[str, list[Any]] = {}
    for subject, *event in connection.execute(_WORKED, facts):
        found.setdefault(subject, []).append(event)
    return found


def _called(session: Session, said: Iterable[int], pieces: Iterable[Mapping[Any, Sequence[Piece]]]) -> dict[int, str]:
    """The names of all who said something of it."""
    who = {*said, *(piece.by for of in pieces for one in of.values() for piece in one)}
    rows = session.connection().execute(select(Person.id, Person.name).where(Person.id.in_(who)))
    return {row.id: row.name for row in rows}


def _worked(said: Iterable[Any], zone: str) -> dict[int, list[Period]]:
    """When somebody worked as a clinician in each clinic: while they had that role there and were not suspended."""
    found: dict[int, list[Period]] = {}
    held: set[int] = set()
    since: dict[int, date] = {}
    here = True
    for kind, at, body in said:
        facts, day = json.loads(body)["facts"], day_of(at, zone)
        match kind:
            case "role.given" if facts["role"] == TRAINEE:
                held.add(facts["clinic"])
            case "role.taken" if facts["role"] == TRAINEE:
                held.discard(facts["clinic"])
            case "person.joined" | "member.ended" | "member.merged":
                held.clear()
                here = True
            case "member.suspended" | "member.resumed":
                here = kind == "member.resumed"
        now = held if here else set()
        for clinic in since.keys() - now:
            found.setdefault(clinic, []).append(Period(since.pop(clinic), day))
        since |= dict.fromkeys(now - since.keys(), day)
    for clinic, day in since.items():
        found.setdefault(clinic, []).append(Period(day))
    return found
