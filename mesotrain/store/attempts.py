"""Attempts, the papers pinned for them, and the log of answers.

The save path is a handful of Core statements; ``answers`` is a projection of ``answer_log`` that can be rebuilt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Insert,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.attempts import OPEN, STATES, Timing
from mesotrain.core.attempts import advance as next_state
from mesotrain.core.canonical import Json
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store.courses import (
    CompetencyRule,
    Course,
    Module,
    ModuleVersion,
    QuestionKey,
    QuestionVersion,
    is_newest,
)
from mesotrain.store.db import Base, Canonical, Collision, Moment
from mesotrain.store.people import Organisation, Person

ONLY_OPEN = text(f"state = '{OPEN}'")


class Attempt(Base):
    """One person's go at a module's quiz.

    `version` counts every change, saves and transitions alike: who compares it before writing misses nothing.
    `score` is canonical and is there exactly when the attempt has ended.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["course_id", "publication_id"], ["publications.course_id", "publications.id"]),
        ForeignKeyConstraint(["course_id", "module_id"], ["modules.course_id", "modules.id"]),
        ForeignKeyConstraint(["course_id", "module_version_id"], ["module_versions.course_id", "module_versions.id"]),
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
        CheckConstraint(f"(state = '{OPEN}') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(ended_at IS NULL) = (score IS NULL)", name="scored"),
        Index(
            "uq_attempts_open",
            "organisation_id",
            "person_id",
            "module_id",
            unique=True,
            sqlite_where=ONLY_OPEN,
            postgresql_where=ONLY_OPEN,
        ),
        Index("ix_attempts_due", "deadline", sqlite_where=ONLY_OPEN, postgresql_where=ONLY_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    person_id: Mapped[int] = mapped_column(index=True)
    course_id: Mapped[int]
    module_id: Mapped[int]
    publication_id: Mapped[int]
    module_version_id: Mapped[int]
    state: Mapped[str]
    version: Mapped[int]
    seed: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Moment)
    deadline: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None]
    passed: Mapped[bool | None]
    score: Mapped[Any | None] = mapped_column(Canonical)

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline)


class AttemptSlot(Base):
    """The question version pinned at a place of the paper; positions count from 1."""

    __tablename__ = "attempt_slots"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    question_version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id))


class AnswerLog(Base):
    """Every answer as it arrived; nothing here is ever changed.

    `fields` are the raw form values; `sequence` is the attempt's version that the answer made.
    """

    __tablename__ = "answer_log"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        ForeignKeyConstraint(["attempt_id", "position"], ["attempt_slots.attempt_id", "attempt_slots.position"]),
        UniqueConstraint("attempt_id", "operation"),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    position: Mapped[int]
    operation: Mapped[str]
    fields: Mapped[Any] = mapped_column(Canonical)
    received_at: Mapped[datetime] = mapped_column(Moment)


class Answer(Base):
    """The newest answer of each slot: a projection of the log."""

    __tablename__ = "answers"
    __table_args__ = (
        ForeignKeyConstraint(["attempt_id", "sequence"], ["answer_log.attempt_id", "answer_log.sequence"]),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    fields: Mapped[Any] = mapped_column(Canonical)


class Own(NamedTuple):
    """An attempt with the names its pages need."""

    attempt: Attempt
    module: ModuleVersion
    course_name: str
    module_name: str


def own(session: Session, actor: Actor, attempt: int) -> Own:
    """The actor's own attempt, fetched and authorised at once. Raises NotFound for anybody else's."""
    row = session.execute(
        select(Attempt, ModuleVersion, Course.name, Module.name)
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .join(Course, Course.id == Attempt.course_id)
        .join(Module, Module.id == Attempt.module_id)
        .where(
            Attempt.id == attempt,
            Attempt.person_id == actor.person,
            Attempt.organisation_id == actor.organisation,
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return Own._make(row)


def own_of_modules(session: Session, actor: Actor, modules: Sequence[int]) -> dict[int, Attempt]:
    """The actor's newest attempt at each of these modules."""
    rows = session.scalars(
        select(Attempt)
        .where(
            Attempt.person_id == actor.person,
            Attempt.organisation_id == actor.organisation,
            Attempt.module_id.in_(modules),
        )
        .order_by(Attempt.id)
    )
    return {attempt.module_id: attempt for attempt in rows}


def begin(session: Session, values: Mapping[str, object], paper: Sequence[int]) -> int | None:
    """Stores a new attempt and its paper of question versions; None where one was open already."""
    into = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    started = into(Attempt).values(**values).on_conflict_do_nothing().returning(Attempt.id)
    attempt: int | None = session.connection().execute(started).scalar()
    if attempt is not None:
        slots = [
            {
                "organisation_id": values["organisation_id"],
                "attempt_id": attempt,
                "position": position,
                "question_version_id": version,
            }
            for position, version in enumerate(paper, 1)
        ]
        session.connection().execute(insert(AttemptSlot.__table__).values(slots))  # type: ignore[arg-type]
    return attempt


def advance(session: Session, attempt: Attempt, event: str, expected_version: int, **values: object) -> None:
    """Moves the attempt along the transition table and sets `values`, if it is still at the version its caller saw.

    Raises Ended where the table has no such transition, and Collision where something changed it meanwhile.
    """
    moved = session.connection().execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.version == expected_version, Attempt.state == attempt.state)
        .values(state=next_state(attempt.state, event), version=expected_version + 1, ended_by=event, **values)
    )
    if moved.rowcount != 1:
        raise Collision


_COUNT = (
    update(Attempt)
    .where(
        Attempt.id == bindparam("attempt"),
        Attempt.person_id == bindparam("person"),
        Attempt.organisation_id == bindparam("organisation"),
        Attempt.state == OPEN,
        Attempt.deadline > bindparam("now"),
    )
    .values(version=Attempt.version + 1)
    .returning(Attempt.version)
)
_UNCOUNT = update(Attempt).where(Attempt.id == bindparam("attempt")).values(version=Attempt.version - 1)


def _append(dialect: str) -> tuple[Insert, Insert]:
    """(append to the log unless the operation is known, make it the slot's answer) in this engine's words."""
    insert_into = sqlite.insert if dialect == "sqlite" else postgresql.insert
    append = insert_into(AnswerLog).on_conflict_do_nothing(index_elements=["attempt_id", "operation"])
    append = append.execution_options(preserve_rowcount=True)
    project = insert_into(Answer)
    newest = {"sequence": project.excluded.sequence, "fields": project.excluded.fields}
    return append, project.on_conflict_do_update(index_elements=["attempt_id", "position"], set_=newest)


_APPEND = {dialect: _append(dialect) for dialect in ("sqlite", "postgresql")}


def append(
    session: Session, actor: Actor, attempt: int, position: int, operation: str, fields: Json, now: datetime
) -> int | None:
    """Appends an answer to the actor's open attempt and gives its sequence; the same operation again gives the same.

    None where there is no such open attempt. Raises Refused for a known operation with other content, and NotFound
    for a slot the paper has not.
    """
    connection = session.connection()
    which = {"attempt": attempt, "person": actor.person, "organisation": actor.organisation}
    sequence: int | None = connection.execute(_COUNT, {**which, "now": now}).scalar()
    if sequence is None:
        return _known(session, actor, attempt, position, operation, fields)
    row = {"attempt_id": attempt, "position": position, "sequence": sequence, "fields": fields}
    log, project = _APPEND[connection.dialect.name]
    told = {"organisation_id": actor.organisation, "operation": operation, "received_at": now}
    try:
        appended = connection.execute(log, {**row, **told}).rowcount
    except IntegrityError:
        raise NotFound from None
    if not appended:
        connection.execute(_UNCOUNT, which)
        return _known(session, actor, attempt, position, operation, fields)
    connection.execute(project, row)
    return sequence


def _known(session: Session, actor: Actor, attempt: int, position: int, operation: str, fields: Json) -> int | None:
    row = session.execute(
        select(AnswerLog.sequence, AnswerLog.position, AnswerLog.fields)
        .join(Attempt, Attempt.id == AnswerLog.attempt_id)
        .where(AnswerLog.attempt_id == attempt, AnswerLog.operation == operation)
        .where(Attempt.person_id == actor.person, Attempt.organisation_id == actor.organisation)
    ).one_or_none()
    if row is None:
        return None
    if (row.position, row.fields) != (position, fields):
        raise Refused("This save was already received with another answer. Reload the page to go on.")
    return int(row.sequence)


def rebuild_answers(session: Session) -> None:
    """Makes the newest answers again from the log."""
    newest = (
        select(AnswerLog.attempt_id, AnswerLog.position, func.max(AnswerLog.sequence).label("sequence"))
        .group_by(AnswerLog.attempt_id, AnswerLog.position)
        .subquery()
    )
    rows = select(AnswerLog.attempt_id, AnswerLog.position, AnswerLog.sequence, AnswerLog.fields).join(
        newest, (AnswerLog.attempt_id == newest.c.attempt_id) & (AnswerLog.sequence == newest.c.sequence)
    )
    session.execute(delete(Answer))
    session.execute(insert(Answer).from_select(["attempt_id", "position", "sequence", "fields"], rows))


class Slot(NamedTuple):
    """A place of a paper as a taker sees it, with their newest raw answer. There is no key in it."""

    position: int
    taker: Any
    shown: Any
    fields: Any


def slots(session: Session, attempt: int) -> list[Slot]:
    """The paper in order, without keys."""
    rows = session.execute(
        select(AttemptSlot.position, QuestionVersion.taker, QuestionVersion.shown, Answer.fields)
        .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .outerjoin(Answer, (Answer.attempt_id == AttemptSlot.attempt_id) & (Answer.position == AttemptSlot.position))
        .where(AttemptSlot.attempt_id == attempt)
        .order_by(AttemptSlot.position)
    )
    return [Slot._make(row) for row in rows]


class KeyedSlot(NamedTuple):
    """A place of a paper with everything: for marking, and for review after release."""

    position: int
    version: QuestionVersion
    key: QuestionKey
    fields: Any


@dataclass(frozen=True)
class Paper:
    """All that ending or reviewing an attempt needs, as one statement saw it."""

    attempt: Attempt
    module: ModuleVersion
    rule: CompetencyRule
    zone: str
    commitment: str
    slots: list[KeyedSlot]


def paper(session: Session, attempt: int, actor: Actor | None = None) -> Paper:
    """The attempt with its keyed slots and answers. Raises NotFound unless it is `actor`'s, where one is named.

    One statement, so one snapshot: together with the compare and set on the attempt's version no answer that is
    acknowledged in between can be missed.
    """
    query = (
        select(
            Attempt,
            ModuleVersion,
            CompetencyRule,
            Organisation.zone,
            Person.commitment,
            AttemptSlot.position,
            QuestionVersion,
            QuestionKey,
            Answer.fields,
        )
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .join(CompetencyRule, CompetencyRule.competency_id == ModuleVersion.competency_id)
        .join(Organisation, Organisation.id == Attempt.organisation_id)
        .join(Person, Person.id == Attempt.person_id)
        .join(AttemptSlot, AttemptSlot.attempt_id == Attempt.id)
        .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .outerjoin(Answer, (Answer.attempt_id == AttemptSlot.attempt_id) & (Answer.position == AttemptSlot.position))
        .where(Attempt.id == attempt, is_newest(CompetencyRule))
        .order_by(AttemptSlot.position)
        .execution_options(populate_existing=True)
    )
    if actor is not None:
        query = query.where(Attempt.person_id == actor.person, Attempt.organisation_id == actor.organisation)
    rows = session.execute(query).all()
    if not rows:
        raise NotFound
    attempt_row, module, rule, zone, commitment, *_ = rows[0]
    keyed = [KeyedSlot._make(row[5:]) for row in rows]
    return Paper(attempt_row, module, rule, zone, commitment, keyed)


def due(session: Session, now: datetime, most: int) -> Sequence[int]:
    """Open attempts whose deadline has passed, oldest first."""
    return session.scalars(
        select(Attempt.id).where(Attempt.state == OPEN, Attempt.deadline <= now).order_by(Attempt.deadline).limit(most)
    ).all()
