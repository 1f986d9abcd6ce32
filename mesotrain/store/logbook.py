"""The logbook: cases that people logged, whom they asked to sign them, and what those answered. Nothing is changed."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.canonical import digest
from mesotrain.core.competence import CASE, LEVELS, ROLES, Evidence
from mesotrain.core.errors import NotFound
from mesotrain.core.logbook import ANSWERS, CONFIRMED, NOT_REACHED, RETURNED, meaning, state
from mesotrain.store.courses import Course
from mesotrain.store.db import Base
from mesotrain.store.events import Event
from mesotrain.store.people import Clinic, Member, Person
from mesotrain.store.supervisors import held_right


def _among(column: str, words: Iterable[str]) -> CheckConstraint:
    return CheckConstraint("{} IN ({})".format(column, ", ".join(f"'{one}'" for one in words)), name=column)


class Case(Base):
    """A case as its person logged it: a procedure of a course's scheme, the part they had in it, where and when.

    `number` is a keyed digest of what the clinic calls the case, empty where none was given. `sequence` is its place in
    the event log.
    """

    __tablename__ = "cases"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "clinic_id"], ["clinics.organisation_id", "clinics.id"]),
        UniqueConstraint("organisation_id", "id"),
        _among("role", ROLES),
        Index("ix_cases_person", "organisation_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    clinic_id: Mapped[int]
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    procedure: Mapped[str]
    role: Mapped[str]
    day: Mapped[date]
    site: Mapped[str]
    learnt: Mapped[str]
    number: Mapped[str]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class SignatureRequest(Base):
    """Somebody is asked to sign a case before `ends_on`. `nonce` stands in the link that is mailed to them."""

    __tablename__ = "signature_requests"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "case_id"], ["cases.organisation_id", "cases.id"]),
        ForeignKeyConstraint(["organisation_id", "supervisor_id"], ["members.organisation_id", "members.person_id"]),
        UniqueConstraint("organisation_id", "id"),
        Index("ix_signature_requests_case", "case_id"),
        Index("ix_signature_requests_supervisor", "organisation_id", "supervisor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    case_id: Mapped[int]
    supervisor_id: Mapped[int]
    nonce: Mapped[str]
    ends_on: Mapped[date]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class Signature(Base):
    """What somebody answered who was asked, signed: `record` is the digest of the case and of what they said of it.

    `level` is how far they trust them with it, 0 where that was not confirmed. `proof` is how they proved who they are.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "request_id"], ["signature_requests.organisation_id", "signature_requests.id"]
        ),
        _among("answer", ANSWERS),
        CheckConstraint(f"level BETWEEN 0 AND {max(LEVELS)} AND (answer = 'confirmed') = (level > 0)", name="level"),
    )

    request_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    answer: Mapped[str]
    level: Mapped[int]
    words: Mapped[str]
    proof: Mapped[str]
    record: Mapped[str]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class SignatureWithdrawal(Base):
    """A signature is taken back from a place in the log on, with a reason; the signature itself stays."""

    __tablename__ = "signature_withdrawals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "request_id"], ["signature_requests.organisation_id", "signature_requests.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "withdrawn_by"], ["members.organisation_id", "members.person_id"]),
    )

    request_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    reason: Mapped[str]
    withdrawn_by: Mapped[int]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class Entry(NamedTuple):
    """A case with one request to sign it and what became of that; as many of a case as there were requests."""

    case: Case
    clinic: str
    trainee: str
    request: SignatureRequest
    supervisor: str
    signature: Signature | None
    withdrawal: SignatureWithdrawal | None

    @property
    def answer(self) -> str | None:
        """What somebody signed, as long as it stands."""
        return self.signature.answer if self.signature and not self.withdrawal else None

    @property
    def returned(self) -> bool:
        """Whether it was sent back with a question, so that the case is logged anew and not asked about again."""
        return self.answer == RETURNED

    def state(self, on: date) -> str:
        """What the request has come to, as `core.logbook.state` says it."""
        answer = self.signature.answer if self.signature else None
        return state(self.request.ends_on, answer, on, withdrawn=self.withdrawal is not None)


def bound_to(signer: str, trainee: str, case: Case, said: Signature) -> str:
    """The digest of all that a signature says: the case as it is logged, the answer, and what the answer means."""
    logged = ("role", "site", "learnt", "number", "procedure")
    return digest(
        {name: getattr(case, name) for name in logged}
        | {"clinic": case.clinic_id, "course": case.course_id, "day": case.day.isoformat()}
        | {"signer": signer, "trainee": trainee, "meaning": meaning(said.answer, case.role)}
        | {"answer": said.answer, "level": said.level, "words": said.words}
    )


_TRAINEE, _SUPERVISOR = aliased(Person), aliased(Person)
_ENTRIES = (
    select(
        Case, Clinic.name, _TRAINEE.name, SignatureRequest, _SUPERVISOR.name, Signature, SignatureWithdrawal,
    )
    .join(Clinic, Clinic.id == Case.clinic_id)
    .join(_TRAINEE, _TRAINEE.id == Case.person_id)
    .join(SignatureRequest, SignatureRequest.case_id == Case.id)
    .join(_SUPERVISOR, _SUPERVISOR.id == SignatureRequest.supervisor_id)
    .outerjoin(Signature, Signature.request_id == SignatureRequest.id)
    .outerjoin(SignatureWithdrawal, SignatureWithdrawal.request_id == SignatureRequest.id)
)  # fmt: skip


_UNANSWERED = Signature.request_id.is_(None) & SignatureWithdrawal.request_id.is_(None)


def _entries(session: Session, query: Any) -> list[Entry]:
    return [Entry._make(row) for row in session.execute(query)]


def of_person(session: Session, organisation: int, person: int) -> list[Entry]:
    """The logbook of somebody, the newest case first, of each case the newest request first."""
    theirs = _ENTRIES.where(Case.organisation_id == organisation, Case.person_id == person)
    return _entries(session, theirs.order_by(Case.day.desc(), Case.id.desc(), SignatureRequest.id.desc()))


def to_sign(session: Session, actor: Actor, on: date) -> list[Entry]:
    """What waits for the actor's signature, what lapses first before the others."""
    waiting = _ENTRIES.where(
        Case.organisation_id == actor.organisation,
        SignatureRequest.supervisor_id == actor.person,
        SignatureRequest.ends_on > on,
        _UNANSWERED,
    )
    return _entries(session, waiting.order_by(SignatureRequest.ends_on, SignatureRequest.id))


def how_many_to_sign(session: Session, actor: Actor, on: date) -> int:
    """How many cases wait for the actor's signature."""
    theirs = _waiting(actor.organisation, on).where(SignatureRequest.supervisor_id == actor.person)
    return session.scalar(theirs.with_only_columns(func.count())) or 0


def _waiting(organisation: int, on: date) -> Select[SignatureRequest]:
    return (
        select(SignatureRequest)
        .outerjoin(Signature, Signature.request_id == SignatureRequest.id)
        .outerjoin(SignatureWithdrawal, SignatureWithdrawal.request_id == SignatureRequest.id)
        .where(SignatureRequest.organisation_id == organisation, SignatureRequest.ends_on > on, _UNANSWERED)
    )


def asked_of(session: Session, organisation: int, supervisor: int) -> list[Entry]:
    """All that somebody was ever asked to sign, in the order of the log."""
    theirs = _ENTRIES.where(
        SignatureRequest.organisation_id == organisation, SignatureRequest.supervisor_id == supervisor
    )
    return _entries(session, theirs.order_by(SignatureRequest.id))


def waiting(session: Session, organisation: int, on: date) -> Sequence[SignatureRequest]:
    """The requests of an organisation that wait for an answer of somebody who still works there."""
    return session.scalars(
        _waiting(organisation, on)
        .join(
            Member,
            (Member.organisation_id == SignatureRequest.organisation_id)
            & (Member.person_id == SignatureRequest.supervisor_id),
        )
        .where(Member.ended_on.is_(None), Member.suspended_at.is_(None))
        .order_by(SignatureRequest.id)
    ).all()


def lapsed(session: Session, organisation: int, since: date, on: date) -> Sequence[tuple[int, int, date]]:
    """(request, who asked, the day it lapsed) of the last request for a case of somebody there that nobody answered."""
    later = aliased(SignatureRequest)
    rows = session.execute(
        select(SignatureRequest.id, Case.person_id, SignatureRequest.ends_on)
        .join(Case, Case.id == SignatureRequest.case_id)
        .join(Member, (Member.organisation_id == Case.organisation_id) & (Member.person_id == Case.person_id))
        .outerjoin(Signature, Signature.request_id == SignatureRequest.id)
        .outerjoin(SignatureWithdrawal, SignatureWithdrawal.request_id == SignatureRequest.id)
        .where(SignatureRequest.organisation_id == organisation, SignatureRequest.ends_on.between(since, on))
        .where(_UNANSWERED, Member.ended_on.is_(None), Member.suspended_at.is_(None))
        .where(~exists().where(later.case_id == SignatureRequest.case_id, later.id > SignatureRequest.id))
        .order_by(SignatureRequest.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def signed_by(session: Session, actor: Actor, most: int) -> list[Entry]:
    """What the actor answered, the newest first."""
    answered = _ENTRIES.where(
        Case.organisation_id == actor.organisation,
        SignatureRequest.supervisor_id == actor.person,
        Signature.request_id.is_not(None),
    )
    return _entries(session, answered.order_by(Signature.sequence.desc()).limit(most))


def entry(session: Session, organisation: int, request: int) -> Entry:
    """One request of an organisation. Raises NotFound for any other."""
    return _one(session, SignatureRequest.id == request, SignatureRequest.organisation_id == organisation)


def by_link(session: Session, request: int, nonce: str) -> Entry:
    """The request whose mailed link this is. Raises NotFound for any other."""
    return _one(session, SignatureRequest.id == request, SignatureRequest.nonce == nonce)


def by_number(session: Session, request: int) -> Entry:
    """The request of this number, whichever organisation it is of. Raises NotFound for none."""
    return _one(session, SignatureRequest.id == request)


def _one(session: Session, *which: ColumnElement[bool]) -> Entry:
    found = _entries(session, _ENTRIES.where(*which))
    if not found:
        raise NotFound
    return found[0]


def alike(session: Session, row: Case, person: int) -> int | None:
    """The same case as a person logged it besides, or another of this number: one that was not returned, and of which
    not every request was taken back."""
    same = _ENTRIES.where(
        Case.organisation_id == row.organisation_id,
        Case.person_id == person,
        Case.course_id == row.course_id,
        Case.procedure == row.procedure,
        and_(Case.number == row.number, Case.number != "")
        | and_(*(getattr(Case, name) == getattr(row, name) for name in ("clinic_id", "role", "day", "site", "learnt"))),
    )
    found = [one for one in _entries(session, same) if one.case.id != row.id]
    returned = {one.case.id for one in found if one.returned}
    return next((one.case.id for one in found if one.case.id not in returned and not one.withdrawal), None)


def altered(session: Session) -> int:
    """How many signatures say something else now than what was signed, which stands in the log; of whom nobody was
    erased, whose name in the log is gone."""
    signer, trainee = aliased(Person), aliased(Person)
    rows = session.execute(
        select(Signature, Case, signer.commitment, trainee.commitment, Event.body)
        .join(Event, (Event.position == Signature.sequence) & (Event.kind == "signature.given"))
        .join(SignatureRequest, SignatureRequest.id == Signature.request_id)
        .join(Case, Case.id == SignatureRequest.case_id)
        .join(signer, signer.id == SignatureRequest.supervisor_id)
        .join(trainee, trainee.id == Case.person_id)
        .where(signer.erased_at.is_(None), trainee.erased_at.is_(None))
    )
    return sum(json.loads(body)["facts"]["record"] != bound_to(by, of, case, said) for said, case, by, of, body in rows)


def again(session: Session, row: Case | SignatureRequest | Signature, **other: int) -> int:
    """The same once more with something else in it; gives its id."""
    table: Any = type(row).__table__
    kept = {column.name: getattr(row, column.name) for column in table.columns if column.name != "id"}
    made: Any = session.execute(insert(table).values(kept | other))
    return int(made.inserted_primary_key[0])


_SIGNED = (
    select(
        Case.person_id, Case.course_id, Case.procedure,
        Case.day, Signature.sequence, Case.id, Case.role, Signature.level, SignatureRequest.supervisor_id,
    )
    .join(SignatureRequest, SignatureRequest.case_id == Case.id)
    .join(Signature, Signature.request_id == SignatureRequest.id)
    .outerjoin(
        SignatureWithdrawal,
        (SignatureWithdrawal.request_id == Signature.request_id)
        & (SignatureWithdrawal.sequence <= bindparam("position")),
    )
    .where(
        Case.organisation_id == bindparam("organisation"),
        Case.person_id.in_(bindparam("people", expanding=True)),
        Signature.answer.in_([CONFIRMED, NOT_REACHED]),
        held_right(Case, SignatureRequest.supervisor_id),
        Signature.sequence <= bindparam("position"),
        SignatureWithdrawal.request_id.is_(None),
    )
)  # fmt: skip


def signed(
    session: Session, organisation: int, people: Iterable[int], position: int
) -> dict[int, dict[tuple[int, str], list[Evidence]]]:
    """By person and by (course, procedure) the cases that stood signed at a position of the log."""
    found: dict[int, dict[tuple[int, str], list[Evidence]]] = {}
    facts = {"organisation": organisation, "people": list(people), "position": position}
    for person, course, procedure, day, sequence, number, role, level, by in session.connection().execute(
        _SIGNED, facts
    ):
        piece = Evidence(CASE, day, sequence, case=str(number), role=role, level=level, by=by)
        found.setdefault(person, {}).setdefault((course, procedure), []).append(piece)
    return found
