"""Who of somebody's clinics sits an exam now, how far they are, and what was done about it from outside."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    Text,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.attempts import OPEN, VOID, Timing
from mesotrain.core.errors import NotFound
from mesotrain.core.invigilation import KINDS
from mesotrain.store.answers import Answer, AnswerLog
from mesotrain.store.attempts import Attempt, AttemptSlot
from mesotrain.store.courses import ModuleVersion
from mesotrain.store.db import Base, Moment
from mesotrain.store.people import MANAGING, THEIRS, Member, Person, managed


class Intervention(Base):
    """What somebody who invigilates did to an attempt; nothing here is ever changed."""

    __tablename__ = "interventions"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        ForeignKeyConstraint(["organisation_id", "made_by"], ["members.organisation_id", "members.person_id"]),
        CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS)), name="kind"),
        Index("ix_interventions_attempt", "attempt_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    attempt_id: Mapped[int]
    kind: Mapped[str]
    made_by: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    minutes: Mapped[int]
    reason: Mapped[str]


class Sitter(NamedTuple):
    """Somebody at an exam, as whoever invigilates sees them; `total` questions, the `place` and time of the last save.

    `answers` are the fields of each answer.
    """

    attempt: int
    module: int
    title: str
    person: int
    name: str
    state: str
    started_at: datetime
    deadline: datetime
    paused_at: datetime | None
    heard_at: datetime | None
    lease: int
    total: int
    saved_at: datetime | None
    place: int | None
    answers: Sequence[Any] = ()

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline, self.paused_at)

    @property
    def heard(self) -> datetime:
        """When they were last heard of, by a save or by their open page."""
        return max(filter(None, (self.started_at, self.heard_at, self.saved_at)))


_TOTAL = select(func.count()).where(AttemptSlot.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
_LAST = select(func.max(AnswerLog.sequence)).where(AnswerLog.attempt_id == Attempt.id).correlate(Attempt)
_SAVED = (AnswerLog.attempt_id == Attempt.id) & (AnswerLog.sequence == _LAST.scalar_subquery())


def _theirs(every: bool, *columns: Any) -> Select[Any]:
    """These columns of the exams that trainees of the actor's clinics have sat or sit; never the actor's own."""
    return (
        select(*columns)
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .join(Member, (Member.organisation_id == Attempt.organisation_id) & (Member.person_id == Attempt.person_id))
        .join(Person, Person.id == Attempt.person_id)
        .where(
            Attempt.organisation_id == bindparam("organisation"),
            Attempt.person_id != bindparam("me"),
            Attempt.person_id.in_(THEIRS[every]),
            Member.ended_on.is_(None),
            type_coerce(ModuleVersion.quiz, Text).contains('"exam":true'),
        )
    )


_COLUMNS: tuple[Any, ...] = (
    *(Attempt.id, Attempt.module_id, ModuleVersion.title, Person.id, Person.name, Attempt.state),
    *(Attempt.started_at, Attempt.deadline, Attempt.paused_at, Attempt.heard_at, Attempt.lease),
    *(_TOTAL, AnswerLog.received_at, AnswerLog.position),
)
_SITTERS = {one: _theirs(one, *_COLUMNS, func.count().over()).outerjoin(AnswerLog, _SAVED) for one in (True, False)}
_BUSY = {
    one: _theirs(one, Attempt.module_id, func.max(ModuleVersion.title), func.count(), func.count(Attempt.paused_at))
    .where(Attempt.state == OPEN)
    .group_by(Attempt.module_id)
    for one in (True, False)
}
_HELD = {one: _theirs(one, Attempt, Person.commitment) for one in (True, False)}


def _facts(actor: Actor, **more: object) -> tuple[bool, dict[str, object]]:
    every, clinics = managed(actor, MANAGING)
    return every, {"organisation": actor.organisation, "clinics": clinics, "me": actor.person, **more}


class Busy(NamedTuple):
    """An exam that is being sat: by how many, and how many of them are paused."""

    title: str
    sitting: int
    paused: int


def busy(session: Session, actor: Actor) -> dict[int, Busy]:
    """The exams that trainees of the actor's clinics sit now, by the id of their module."""
    every, facts = _facts(actor)
    return {row[0]: Busy(*row[1:]) for row in session.execute(_BUSY[every], facts)}


def sitters(session: Session, actor: Actor, module: int, skip: int, most: int) -> tuple[list[Sitter], int]:
    """(who sits an exam now, by name; how many in all)."""
    every, facts = _facts(actor)
    query = _SITTERS[every].where(Attempt.module_id == module, Attempt.state == OPEN)
    rows = session.execute(query.order_by(Person.folded, Attempt.id).offset(skip).limit(most), facts).all()
    return _answering(session, [Sitter(*row[:-1]) for row in rows]), rows[0][-1] if rows else 0


def sitter(session: Session, actor: Actor, attempt: int) -> Sitter:
    """Somebody at an exam, or who has sat it. Raises NotFound for whoever is not in a clinic the actor manages."""
    every, facts = _facts(actor)
    row = session.execute(_SITTERS[every].where(Attempt.id == attempt), facts).one_or_none()
    if row is None:
        raise NotFound
    return _answering(session, [Sitter(*row[:-1])])[0]


def _answering(session: Session, rows: Sequence[Sitter]) -> list[Sitter]:
    found: dict[int, list[Any]] = defaultdict(list)
    which = select(Answer.attempt_id, Answer.fields).where(Answer.attempt_id.in_([one.attempt for one in rows]))
    for attempt, fields in session.execute(which):
        found[attempt].append(fields)
    return [one._replace(answers=found[one.attempt]) for one in rows]


def held(session: Session, actor: Actor, which: ColumnElement[bool]) -> Sequence[tuple[Attempt, str]]:
    """(attempt at an exam, its taker's commitment) in the actor's clinics; nobody changes them until the unit ends."""
    every, facts = _facts(actor)
    rows = session.execute(_HELD[every].where(which).order_by(Attempt.id).with_for_update(of=Attempt), facts)
    return [(row[0], row[1]) for row in rows]


def interventions(session: Session, attempt: int) -> Sequence[tuple[Intervention, str]]:
    """What was done to an attempt, in order, each with the name of who did it."""
    rows = session.execute(
        select(Intervention, Person.name)
        .join(Person, Person.id == Intervention.made_by)
        .where(Intervention.attempt_id == attempt)
        .order_by(Intervention.id)
    )
    return [(row[0], row[1]) for row in rows]


def voided(session: Session, attempt: int) -> Intervention:
    """Why an attempt is void, and since when."""
    return session.scalars(select(Intervention).filter_by(attempt_id=attempt, kind=VOID)).one()
