"""Courses that somebody is to hold by a day, and who has yet to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    bindparam,
    case,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.core.reminders import OVERDUE, SOON, near
from mesotrain.store.catalogue import TAUGHT
from mesotrain.store.competence import holds
from mesotrain.store.courses import Course
from mesotrain.store.db import Base, Collision, Moment, engine_name, insert_or
from mesotrain.store.people import PLACES, SEEING, THEIRS, Member, Person, Role, managed


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
        ~holds(Assignment.organisation_id, Assignment.person_id, _TAUGHT.c.competency_id, bindparam("on")),
    )
    .group_by(*_COLUMNS)
    .order_by(Assignment.due_on, Assignment.id)
)
_DUE_OF = _DUE.where(Assignment.person_id == bindparam("person"))
_DUE_NOW = _DUE.where(Member.suspended_at.is_(None))
_DUE_BY = _DUE_NOW.where(Assignment.due_on <= bindparam("by"))


def due_of(session: Session, organisation: int, person: int, on: date) -> list[Due]:
    """What a person has yet to do, suspended or not, the earliest first."""
    rows = session.connection().execute(_DUE_OF, {"organisation": organisation, "person": person, "on": on})
    return [Due._make(row) for row in rows]


def due_by(session: Session, organisation: int, on: date, by: date) -> list[Due]:
    """What is due by a day in an organisation and not done, by whoever may work there."""
    rows = session.execute(_DUE_BY, {"organisation": organisation, "on": on, "by": by})
    return [Due._make(row) for row in rows]


class Outstanding(NamedTuple):
    """An assignment of one of somebody's trainees that is not done; `clinics` are all they are a trainee of."""

    person: int
    name: str
    title: str
    due_on: date
    clinics: list[int]


_BETWEEN = Assignment.due_on.between(bindparam("first"), bindparam("last"))


def _outstanding(every: bool) -> Select[Any]:
    theirs = _DUE_NOW.where(Assignment.person_id.in_(THEIRS[every]), _BETWEEN)
    return theirs.join(Person, Person.id == Assignment.person_id).group_by(Person.name, Person.folded)


def _counted(every: bool) -> Select[Any]:
    found = _outstanding(every).order_by(None).subquery()
    so_near = [func.count(case((found.c.due_on <= bindparam(name), 1))) for name in (OVERDUE, SOON)]
    counts: list[Any] = [func.count(), *so_near]
    return select(*counts).select_from(found)


def _listed(every: bool) -> Select[Any]:
    columns: tuple[Any, ...] = (Assignment.person_id, Person.name, _TAUGHT.c.title, Assignment.due_on)
    keys = Assignment.due_on, Person.folded, Assignment.id
    found = _outstanding(every).with_only_columns(*columns, Assignment.id, Person.folded).order_by(None).order_by(*keys)
    shown = found.offset(bindparam("skip")).limit(bindparam("most")).subquery()
    clinics = PLACES.where(Role.person_id == shown.c.person_id).scalar_subquery()
    rows: Select[Any] = select(*list(shown.c)[: len(columns)], clinics)
    return rows.order_by(shown.c.due_on, shown.c.folded, shown.c.id)


_LIST = {every: _listed(every) for every in (True, False)}
_COUNT = {every: _counted(every) for every in (True, False)}


@dataclass(frozen=True)
class Theirs:
    """Whose assignments on which day: of the trainees of a clinic, or of all in which the actor has such a role.

    `state` is how near they are due; none: however near.
    """

    actor: Actor
    on: date
    clinic: int | None = None
    state: str = ""

    def ask(self, session: Session, statements: Mapping[bool, Select[Any]], **more: int) -> Sequence[Any]:
        """The rows of one of these statements: of every clinic, or of those that are named."""
        every, clinics = managed(self.actor, SEEING)
        if self.clinic is not None:
            every, clinics = False, [self.clinic] if every or self.clinic in clinics else []
        days = near(self.on)
        first, last = days.get(self.state, (date.min, date.max))
        facts = {"organisation": self.actor.organisation, "clinics": clinics, "on": self.on, **more}
        facts |= {"first": first, "last": last} | {name: days[name][1] for name in (OVERDUE, SOON)}
        return session.connection().execute(statements[every], facts).all()


def how_many(session: Session, theirs: Theirs) -> tuple[int, int, int]:
    """How many there are, how many of them are overdue, and how many are due soon."""
    ((count, overdue, by_then),) = theirs.ask(session, _COUNT)
    return count, overdue, by_then - overdue


def outstanding(session: Session, theirs: Theirs, skip: int, most: int) -> list[Outstanding]:
    """Those of a page, the most urgent first."""
    return [
        Outstanding(person, name, title, due_on, [*map(int, clinics.split())])
        for person, name, title, due_on, clinics in theirs.ask(session, _LIST, skip=skip, most=most)
    ]


def days_of(session: Session, organisation: int, course: int) -> dict[int, date]:
    """The day a course is due for each person of an organisation to whom it is assigned, done or not."""
    rows = session.execute(select(Assignment.person_id, Assignment.due_on).where(*_open(organisation, course)))
    return {row.person_id: row.due_on for row in rows}


_DAYS = select(Assignment.person_id, Assignment.course_id, Assignment.due_on).where(
    Assignment.organisation_id == bindparam("organisation"),
    Assignment.person_id.in_(bindparam("people", expanding=True)),
    Assignment.ended_at.is_(None),
)


def days_for(session: Session, organisation: int, people: Sequence[int]) -> dict[tuple[int, int], date]:
    """The day a course is due for each of these people to whom it is assigned, by (person, course)."""
    rows = session.connection().execute(_DAYS, {"organisation": organisation, "people": people})
    return {(person, course): due_on for person, course, due_on in rows}


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
