"""Practice: questions that count for nothing but learning."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.assessments import NEVER
from mesotrain.core.attempts import FINISHED, MARKING, OPEN, released
from mesotrain.core.errors import NotFound
from mesotrain.core.practice import Tried
from mesotrain.store.attempts import ASKED, Attempt, AttemptSlot
from mesotrain.store.catalogue import NO_ESSAY, keyed_live
from mesotrain.store.courses import (
    Course,
    ModuleVersion,
    Publication,
    QuestionKey,
    QuestionVersion,
)
from mesotrain.store.db import Base, Canonical, Moment, engine_name, insert_or
from mesotrain.store.holds import is_out


class PracticeLog(Base):
    """An answer given in practice; `day` is the organisation's, `credit` an exact fraction."""

    __tablename__ = "practice_log"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        UniqueConstraint(
            "organisation_id", "person_id", "question_version_id", "day", name="uq_practice_log_once_a_day"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    question_version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id))
    answered_at: Mapped[datetime] = mapped_column(Moment)
    day: Mapped[date]
    fields: Mapped[Any] = mapped_column(Canonical)
    credit: Mapped[str]


_POOL = keyed_live(QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.practice, ModuleVersion.quiz).where(
    NO_ESSAY, ~is_out(bindparam("organisation"))
)
_MET = (
    select(QuestionVersion.id, QuestionVersion.question_id, ModuleVersion.quiz, Attempt.passed, Attempt.state)
    .join(AttemptSlot, AttemptSlot.question_version_id == QuestionVersion.id)
    .join(Attempt, Attempt.id == AttemptSlot.attempt_id)
    .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .where(
        Attempt.person_id == bindparam("person"),
        Attempt.organisation_id == bindparam("organisation"),
    )
)

_SITTING = ASKED.where(Attempt.state.in_([OPEN, MARKING]), Attempt.id != bindparam("but"))


def pool(session: Session, actor: Actor) -> dict[int, int]:
    """(question -> its live version) of what the actor may practise.

    Those are the practice questions, and those of a quiz whose very key the actor was already shown, as long as the
    quiz shows its keys at all. Nothing that stands in a paper they are sitting or waiting for is among them, nothing
    that is held or was found wrong, and no essay, which nobody would mark.
    """
    shown, sitting = _met(session, actor)
    rows = session.execute(_POOL, {"organisation": actor.organisation})
    return {
        question: version
        for version, question, practice, quiz in rows
        if question not in sitting and (practice or (version in shown and quiz["feedback"] != NEVER))
    }


def _met(session: Session, actor: Actor) -> tuple[set[int], set[int]]:
    """(question versions whose keys the actor was shown, questions of the papers they are sitting)."""
    which = {"person": actor.person, "organisation": actor.organisation}
    rows = session.execute(_MET, which).all()
    return (
        {row.id for row in rows if row.state == FINISHED and released(row.quiz["feedback"], bool(row.passed))},
        {row.question_id for row in rows if row.state in (OPEN, MARKING)},
    )


def sitting(session: Session, actor: Actor, but: int = 0) -> set[int]:
    """The questions that stand in papers the actor is sitting, or waiting for, one attempt left out."""
    which = {"person": actor.person, "organisation": actor.organisation, "but": but}
    return set(session.scalars(_SITTING, which))


_TRIED = (
    select(QuestionVersion.question_id, PracticeLog.day, PracticeLog.credit)
    .join(PracticeLog, PracticeLog.question_version_id == QuestionVersion.id)
    .where(
        PracticeLog.organisation_id == bindparam("organisation"),
        PracticeLog.person_id == bindparam("person"),
    )
    .order_by(PracticeLog.id)
)


def tried(session: Session, actor: Actor) -> list[Tried]:
    """What the actor answered in practice, the oldest first."""
    which = {"organisation": actor.organisation, "person": actor.person}
    return [Tried(*row) for row in session.execute(_TRIED, which)]


class Practised(NamedTuple):
    """A question with its key, and the course that teaches it."""

    version: QuestionVersion
    key: QuestionKey
    course: str
    language: str


_QUESTION = (
    select(QuestionVersion, QuestionKey, Course.name, Publication.language)
    .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
    .join(Course, Course.id == QuestionVersion.course_id)
    .join(Publication, Publication.course_id == Course.id)
    .where(QuestionVersion.id == bindparam("version"))
    .order_by(Publication.id.desc())
    .limit(1)
)


def question(session: Session, version: int) -> Practised:
    """A question whatever is live of it now; that it is for the reader to see is the caller's to know."""
    return Practised._make(session.execute(_QUESTION, {"version": version}).one())


def own(session: Session, actor: Actor, log: int) -> PracticeLog:
    """One of the actor's own answers, fetched and authorised at once. Raises NotFound for anybody else's."""
    row = session.scalar(
        select(PracticeLog).where(
            PracticeLog.id == log,
            PracticeLog.person_id == actor.person,
            PracticeLog.organisation_id == actor.organisation,
        )
    )
    if row is None:
        raise NotFound
    return row


def keep(session: Session, **values: object) -> int | None:
    """Keeps an answer and gives its place in the log; None where the day has one to that question."""
    row = insert_or(engine_name(session), PracticeLog).values(**values)
    return session.scalar(row.on_conflict_do_nothing().returning(PracticeLog.id))


def place_of(session: Session, log: PracticeLog) -> int:
    """Which of its day's answers one is, counted from 1."""
    return (
        session.scalar(
            select(func.count()).where(
                PracticeLog.organisation_id == log.organisation_id,
                PracticeLog.person_id == log.person_id,
                PracticeLog.day == log.day,
                PracticeLog.id <= log.id,
            )
        )
        or 0
    )


def logged(session: Session, actor: Actor, version: int, day: date) -> int | None:
    """The actor's newest answer of a day to a question version."""
    return session.scalar(
        select(PracticeLog.id)
        .where(
            PracticeLog.organisation_id == actor.organisation,
            PracticeLog.person_id == actor.person,
            PracticeLog.question_version_id == version,
            PracticeLog.day == day,
        )
        .order_by(PracticeLog.id.desc())
        .limit(1)
    )
