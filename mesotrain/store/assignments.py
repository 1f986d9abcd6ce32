"""Courses that somebody is to hold by a day, and who has yet to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store.catalogue import TAUGHT
from mesotrain.store.competence import holds
from mesotrain.store.courses import Course
from mesotrain.store.db import Base, Collision, Moment, engine_name, insert_or
from mesotrain.store.people import Member


class Assignment(Base):
    """A member is to hold every competency of a course by a day. What they hold says whether it is done."""

    __tablename__ = "assignments"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "assigned_by"], ["members.organisation_id", "members.person_id"]),
        Index(
            "uq_assignments_open",
            "organisation_id",
            "person_id",
            "course_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    due_on: Mapped[date]
    assigned_by: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Due(NamedTuple):
    """An assignment that is not done: `left` is how many competencies of the course its person has yet to hold."""

    id: int
    person: int
    course: str
    title: str
    due_on: date
    left: int


_TAUGHT = TAUGHT.subquery()
_COLUMNS: tuple[Any, ...] = (Assignment.id, Assignment.person_id, _TAUGHT.c.name, _TAUGHT.c.title, Assignment.due_on)
_DUE: Select[Any] = (
    select(*_COLUMNS, func.count())
    .join(_TAUGHT, _TAUGHT.c.course_id == Assignment.course_id)
    .join(Member, (Member.organisation_id == Assignment.organisation_id) & (Member.person_id == Assignment.person_id))
    .where(
        Assignment.organisation_id == bindparam("organisation"),
        Assignment.ended_at.is_(None),
        Member.ended_on.is_(None),
        Member.suspended_at.is_(None),
        ~holds(Assignment.organisation_id, Assignment.person_id, _TAUGHT.c.competency_id, bindparam("on")),
    )
    .group_by(*_COLUMNS)
    .order_by(Assignment.due_on, Assignment.id)
)
_DUE_OF = _DUE.where(Assignment.person_id == bindparam("person"))
_DUE_BY = _DUE.where(Assignment.due_on <= bindparam("by"))


def due_of(session: Session, organisation: int, person: int, on: date) -> list[Due]:
    """What a person has yet to do, the earliest first."""
    rows = session.execute(_DUE_OF, {"organisation": organisation, "person": person, "on": on})
    return [Due._make(row) for row in rows]


def due_by(session: Session, organisation: int, on: date, by: date) -> list[Due]:
    """What is due by a day in an organisation and not done."""
    rows = session.execute(_DUE_BY, {"organisation": organisation, "on": on, "by": by})
    return [Due._make(row) for row in rows]


def days_of(session: Session, organisation: int, course: int) -> dict[int, date]:
    """The day a course is due for each person of an organisation to whom it is assigned, done or not."""
    rows = session.execute(select(Assignment.person_id, Assignment.due_on).where(*_open(organisation, course)))
    return {row.person_id: row.due_on for row in rows}


def _open(organisation: int, course: int) -> list[ColumnElement[bool]]:
    return [
        Assignment.organisation_id == organisation,
        Assignment.course_id == course,
        Assignment.ended_at.is_(None),
    ]


def assign(session: Session, persons: Sequence[int], **values: object) -> None:
    """Assigns a course to people who have it not. Raises Collision where somebody else did so meanwhile."""
    row = insert_or(engine_name(session), Assignment).on_conflict_do_nothing().returning(Assignment.person_id)
    rows = [{"person_id": person, **values} for person in persons]
    if rows and len(session.connection().execute(row, rows).all()) != len(rows):
        raise Collision


def move(session: Session, organisation: int, course: int, persons: Sequence[int], due_on: date) -> None:
    """The course is due on another day for these people, who have it."""
    theirs = update(Assignment).where(*_open(organisation, course), Assignment.person_id.in_(persons))
    session.execute(theirs.values(due_on=due_on))


def assignment(session: Session, actor: Actor, number: int) -> Assignment:
    """An open assignment in the actor's organisation. Raises NotFound for any other."""
    found = session.scalar(
        select(Assignment).where(
            Assignment.id == number,
            Assignment.organisation_id == actor.organisation,
            Assignment.ended_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


def open_of(session: Session, organisation: int, person: int) -> Sequence[tuple[int, str, date]]:
    """(id, course name, due day) of a person's open assignments, done or not."""
    rows = session.execute(
        select(Assignment.id, Course.name, Assignment.due_on)
        .join(Course, Course.id == Assignment.course_id)
        .where(
            Assignment.organisation_id == organisation,
            Assignment.person_id == person,
            Assignment.ended_at.is_(None),
        )
        .order_by(Assignment.due_on)
    )
    return [(row[0], row[1], row[2]) for row in rows]
