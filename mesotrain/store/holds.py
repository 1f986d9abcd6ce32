"""Questions that educators of an organisation hold because they may be wrong, and how each hold ended."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.core.holds import ENDINGS, OUT
from mesotrain.store.courses import Course, Question, QuestionVersion
from mesotrain.store.db import Base, Moment
from mesotrain.store.people import Person


class Hold(Base):
    """A question is held, every version of it, until a `Lift` ends that; `question_version_id` is what was live then.

    It counts in the organisation whose educator holds it, also where the course is shared.
    """

    __tablename__ = "holds"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "held_by"], ["members.organisation_id", "members.person_id"]),
        UniqueConstraint("organisation_id", "id"),
        Index("ix_holds_question", "organisation_id", "question_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    question_id: Mapped[int] = mapped_column(ForeignKey(Question.id))
    question_version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id))
    held_by: Mapped[int]
    held_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str]


class Lift(Base):
    """The end of a hold, one of ``core.holds.ENDINGS``. Left out are the version that was held and those before it."""

    __tablename__ = "lifts"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "hold_id"], ["holds.organisation_id", "holds.id"]),
        ForeignKeyConstraint(["organisation_id", "lifted_by"], ["members.organisation_id", "members.person_id"]),
        CheckConstraint("ending IN ({})".format(", ".join(f"'{ending}'" for ending in ENDINGS)), name="ending"),
    )

    hold_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    ending: Mapped[str]
    lifted_by: Mapped[int]
    lifted_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str]


OPEN = Lift.hold_id.is_(None)
"""That a hold lasts; of `Hold` with its `Lift`, if any."""
_HOLDS = select(Hold.id).outerjoin(Lift, Lift.hold_id == Hold.id)
_COVERS = and_(Lift.ending == OUT, QuestionVersion.id <= Hold.question_version_id)
OUT_NOW = or_(OPEN, _COVERS)
"""The same, or that it ended by leaving a `QuestionVersion` out."""


def _is(organisation: Any, state: ColumnElement[bool]) -> ColumnElement[bool]:
    of = _HOLDS.where(Hold.organisation_id == organisation, Hold.question_id == QuestionVersion.question_id, state)
    return of.correlate_except(Hold, Lift).exists()


def is_held(organisation: Any) -> ColumnElement[bool]:
    """That an organisation holds the question of a version."""
    return _is(organisation, OPEN)


def is_left_out(organisation: Any) -> ColumnElement[bool]:
    """That a version was found wrong."""
    return _is(organisation, _COVERS)


def is_out(organisation: Any) -> ColumnElement[bool]:
    """That a version is asked of nobody new, for either reason."""
    return _is(organisation, OUT_NOW)


class Told(NamedTuple):
    """A hold with its end, if it has one, and who said so."""

    hold: Hold
    lift: Lift | None
    question: str
    course: str
    by: str
    lifted_by: str | None

    def covers(self, version: int) -> bool:
        """Whether a version of its question was found wrong."""
        return self.lift is not None and self.lift.ending == OUT and version <= self.hold.question_version_id


_LIFTER = aliased(Person)
_TOLD = (
    select(Hold, Lift, Question.name, Course.name, Person.name, _LIFTER.name)
    .outerjoin(Lift, Lift.hold_id == Hold.id)
    .join(Question, Question.id == Hold.question_id)
    .join(Course, Course.id == Question.course_id)
    .join(Person, Person.id == Hold.held_by)
    .outerjoin(_LIFTER, _LIFTER.id == Lift.lifted_by)
    .where(Hold.organisation_id == bindparam("organisation"))
    .order_by(Hold.id.desc())
)
_OF_QUESTION = _TOLD.where(Hold.question_id == bindparam("question"))
_LASTING = _TOLD.where(OPEN)
_ONE = _TOLD.where(Hold.id == bindparam("hold"))


def of_question(session: Session, actor: Actor, question: int) -> list[Told]:
    """Every hold of a question in the actor's organisation, the newest first."""
    which = {"organisation": actor.organisation, "question": question}
    return [Told._make(row) for row in session.execute(_OF_QUESTION, which)]


def lasting(session: Session, actor: Actor) -> list[Told]:
    """What the actor's organisation holds now, the newest first."""
    return [Told._make(row) for row in session.execute(_LASTING, {"organisation": actor.organisation})]


def told(session: Session, actor: Actor, hold: int) -> Told:
    """One hold of the actor's organisation. Raises NotFound for any other."""
    row = session.execute(_ONE, {"organisation": actor.organisation, "hold": hold}).one_or_none()
    if row is None:
        raise NotFound
    return Told._make(row)


def lock(session: Session, question: int) -> None:
    """Makes whoever else holds this question, or lifts that, wait until this unit of work ends."""
    session.execute(select(Question.id).where(Question.id == question).with_for_update())
