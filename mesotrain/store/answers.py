"""The log of answers, and the newest answer of each slot.

The save path is a handful of Core statements; ``answers`` is a projection of ``answer_log`` that can be rebuilt.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Insert,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from mesotrain.core.access import Actor
from mesotrain.core.assessments import DONE, FORWARD
from mesotrain.core.attempts import OPEN, UNAPPLIED
from mesotrain.core.canonical import Json
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.questions import Fields
from mesotrain.store.attempts import Attempt, AttemptSlot, still
from mesotrain.store.courses import ModuleVersion
from mesotrain.store.db import Base, Canonical, Moment, insert_or


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


class UnappliedAnswer(Base):
    """An answer that was received and does not count, for the reason `why`; nothing here is ever changed."""

    __tablename__ = "unapplied_answers"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        ForeignKeyConstraint(["attempt_id", "position"], ["attempt_slots.attempt_id", "attempt_slots.position"]),
        CheckConstraint("why IN ({})".format(", ".join(f"'{why}'" for why in UNAPPLIED)), name="why"),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    position: Mapped[int]
    fields: Mapped[Any] = mapped_column(Canonical)
    received_at: Mapped[datetime] = mapped_column(Moment)
    why: Mapped[str]


class Logged(NamedTuple):
    """An answer of the log, as a receipt names it."""

    sequence: int
    position: int
    operation: str
    received_at: datetime
    fields: Any


_LOG = select(*(getattr(AnswerLog, name) for name in Logged._fields)).where(
    AnswerLog.attempt_id == bindparam("attempt")
)
_ALL, _ONE = _LOG.order_by(AnswerLog.sequence), _LOG.where(AnswerLog.sequence == bindparam("sequence"))
_KNOWN = (
    _LOG.join(Attempt, Attempt.id == AnswerLog.attempt_id)
    .where(AnswerLog.operation == bindparam("operation"))
    .where(Attempt.person_id == bindparam("person"), Attempt.organisation_id == bindparam("organisation"))
)


_COUNT = (
    update(Attempt)
    .where(
        Attempt.id == bindparam("attempt"),
        Attempt.person_id == bindparam("person"),
        Attempt.organisation_id == bindparam("organisation"),
        Attempt.state == OPEN,
        Attempt.lease == bindparam("holding"),
        Attempt.handed_in < bindparam("place"),
        still(bindparam("now", type_=Moment)),
    )
    .values(version=Attempt.version + 1)
    .returning(Attempt.version)
)
_UNCOUNT = update(Attempt).where(Attempt.id == bindparam("attempt")).values(version=Attempt.version - 1)
_NEWEST = select(Answer.sequence).where(
    Answer.attempt_id == bindparam("attempt"), Answer.position == bindparam("position")
)


_SKIPPED = (
    select(AttemptSlot.position)
    .join(Attempt, Attempt.id == AttemptSlot.attempt_id)
    .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .outerjoin(Answer, (Answer.attempt_id == AttemptSlot.attempt_id) & (Answer.position == AttemptSlot.position))
    .where(
        AttemptSlot.attempt_id == bindparam("attempt"),
        AttemptSlot.position < bindparam("place"),
        Attempt.handed_in == 0,
        type_coerce(ModuleVersion.quiz, Text).contains(f'"navigation":"{FORWARD}"'),
        or_(Answer.sequence.is_(None), ~type_coerce(Answer.fields, Text).contains(f'"{DONE}":["1"]')),
    )
)
"""A question that was not left yet, before a place of a paper that goes forward only."""
_BEFORE = select(Answer.fields).where(Answer.attempt_id == bindparam("attempt"), Answer.position == bindparam("place"))
_FOUND = select(_BEFORE.scalar_subquery().label("before"), _SKIPPED.exists().label("skipped")).cte("found")


def _append(dialect: str) -> tuple[ReturningInsert[Any], Insert]:
    """(append to the log unless the operation is known, make it the slot's answer) in this engine's words."""
    append = insert_or(dialect, AnswerLog).on_conflict_do_nothing(index_elements=["attempt_id", "operation"])
    project = insert_or(dialect, Answer)
    newest = {"sequence": project.excluded.sequence, "fields": project.excluded.fields}
    found = [select(column).scalar_subquery() for column in _FOUND.c]
    return (
        append.add_cte(_FOUND).returning(*found),
        project.on_conflict_do_update(index_elements=["attempt_id", "position"], set_=newest),
    )


_APPEND = {dialect: _append(dialect) for dialect in ("sqlite", "postgresql")}


class Appended(NamedTuple):
    """An answer of the log; where it is new the fields its place had `before`, if any, and whether a question in front
    was `skipped` on a paper that goes forward only.
    """

    kept: Logged
    before: Any = None
    skipped: bool = False


def append(
    session: Session,
    actor: Actor,
    attempt: int,
    lease: int,
    position: int,
    operation: str,
    fields: Json,
    now: datetime,
) -> Appended | None:
    """Appends an answer to the actor's open attempt; the same operation again gives the same.

    None where there is no such open attempt under this lease, or this place is handed in. Raises Refused for a known
    operation with other content, and NotFound for a slot the paper has not.
    """
    connection = session.connection()
    which = {"attempt": attempt, "place": position}
    mine = {"person": actor.person, "organisation": actor.organisation}
    sequence: int | None = connection.scalar(_COUNT, {**which, **mine, "holding": lease, "now": now})
    if sequence is None:
        kept = known(session, actor, attempt, position, operation, fields)
        return Appended(kept) if kept else None
    row = {"attempt_id": attempt, "position": position, "sequence": sequence, "fields": fields}
    log, project = _APPEND[connection.dialect.name]
    told = {"organisation_id": actor.organisation, "operation": operation, "received_at": now}
    try:
        appended = connection.execute(log, {**which, **row, **told}).all()
    except IntegrityError:
        raise NotFound from None
    if not appended:
        connection.execute(_UNCOUNT, which)
        kept = known(session, actor, attempt, position, operation, fields)
        return Appended(kept) if kept else None
    connection.execute(project, row)
    [(before, skipped)] = appended
    return Appended(Logged(sequence, position, operation, now, fields), before, skipped)


def keep(
    session: Session,
    actor: Actor,
    attempt: int,
    position: int,
    operation: str,
    fields: Fields,
    now: datetime,
    why: str,
) -> None:
    """Keeps an answer of the actor's attempt that does not count. Raises NotFound for a slot the paper has not."""
    connection = session.connection()
    kept: Json = {name: list(values) for name, values in fields.items()}
    row = {"attempt_id": attempt, "organisation_id": actor.organisation, "received_at": now, "why": why}
    row |= {"position": position, "operation": operation, "fields": kept}
    try:
        connection.execute(insert_or(connection.dialect.name, UnappliedAnswer).on_conflict_do_nothing(), row)
    except IntegrityError:
        raise NotFound from None


class Unapplied(NamedTuple):
    """An answer that came and does not count, with its attempt, as staff see it: what it says is not in it."""

    module: str
    started_at: datetime
    deadline: datetime
    ended_at: datetime | None
    position: int
    received_at: datetime
    why: str


_UNAPPLIED = (
    select(
        ModuleVersion.title,
        Attempt.started_at,
        Attempt.deadline,
        Attempt.ended_at,
        UnappliedAnswer.position,
        UnappliedAnswer.received_at,
        UnappliedAnswer.why,
    )
    .join(Attempt, Attempt.id == UnappliedAnswer.attempt_id)
    .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .where(Attempt.organisation_id == bindparam("organisation"), Attempt.person_id == bindparam("person"))
    .order_by(UnappliedAnswer.received_at.desc(), UnappliedAnswer.attempt_id, UnappliedAnswer.operation)
    .limit(bindparam("most"))
)


def unapplied(session: Session, actor: Actor, person: int, most: int) -> list[Unapplied]:
    """The newest answers of somebody in the actor's organisation that do not count; whose they may see, others know."""
    which = {"organisation": actor.organisation, "person": person, "most": most}
    return [Unapplied._make(row) for row in session.connection().execute(_UNAPPLIED, which)]


def log_of(session: Session, attempt: int) -> list[Logged]:
    """Every answer of an attempt that counted when it came, in order."""
    return [Logged._make(row) for row in session.connection().execute(_ALL, {"attempt": attempt})]


def logged(session: Session, attempt: int, sequence: int) -> Logged | None:
    """One of `log_of`."""
    row = session.connection().execute(_ONE, {"attempt": attempt, "sequence": sequence}).first()
    return Logged._make(row) if row else None


def answer_at(session: Session, attempt: int, position: int, sequence: int) -> Any:
    """The fields of a slot's answer of that sequence; None where there is none."""
    return session.scalar(
        select(AnswerLog.fields).where(
            AnswerLog.attempt_id == attempt, AnswerLog.position == position, AnswerLog.sequence == sequence
        )
    )


def newest(session: Session, attempt: int, position: int) -> int:
    """The sequence of a slot's newest answer, 0 where it has none."""
    return session.connection().execute(_NEWEST, {"attempt": attempt, "position": position}).scalar() or 0


def known(session: Session, actor: Actor, attempt: int, position: int, operation: str, fields: Json) -> Logged | None:
    """What the log has of an operation that was received before; None where it is new, or somebody else's.

    Raises Refused where it came with another answer.
    """
    which = {"attempt": attempt, "operation": operation, "person": actor.person, "organisation": actor.organisation}
    row = session.connection().execute(_KNOWN, which).first()
    if row is None:
        return None
    kept = Logged._make(row)
    if (kept.position, kept.fields) != (position, fields):
        raise Refused("This save was already received with another answer. Reload the page to go on.")
    return kept


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
