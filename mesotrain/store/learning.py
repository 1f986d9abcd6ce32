"""What somebody has before them: the live modules, how far they are with each, and by when a course is assigned."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.competence import HELD, NOT_STARTED, Standing
from mesotrain.core.errors import NotFound
from mesotrain.store.assignments import Assignment
from mesotrain.store.catalogue import LIVE, LIVE_OF, Live
from mesotrain.store.competence import StandingSpan, lasts
from mesotrain.store.courses import Course, ModuleVersion, Publication
from mesotrain.store.reading import Reading


class Ahead(NamedTuple):
    """A live module as it is for one person: `read` is how many of its sections they have read as they are now.

    `due_on` is the day by which its course is assigned to them, and `clears` that clearance rests on its course.
    """

    live: Live
    standing: Standing
    due_on: date | None
    read: int
    clears: bool

    @property
    def wanted_by(self) -> date | None:
        """The day it is due while its competency is not held, which is when an assignment is not done."""
        return None if self.standing.state in HELD else self.due_on


_READ = (
    select(func.count(Reading.read_version.distinct()))
    .where(
        Reading.organisation_id == bindparam("organisation"),
        Reading.person_id == bindparam("person"),
        Reading.course_id == Course.id,
        type_coerce(ModuleVersion.sections, Text).contains(Reading.read_version),
    )
    .correlate(Course, ModuleVersion)
    .scalar_subquery()
)


def _ahead(live: Select[Any]) -> Select[Any]:
    stands = (
        (StandingSpan.organisation_id == bindparam("organisation"))
        & (StandingSpan.person_id == bindparam("person"))
        & (StandingSpan.competency_id == ModuleVersion.competency_id)
        & lasts(bindparam("on"))
    )
    asked = (
        (Assignment.organisation_id == bindparam("organisation"))
        & (Assignment.person_id == bindparam("person"))
        & (Assignment.course_id == Course.id)
        & Assignment.ended_at.is_(None)
    )
    clears = (Publication.scheme != {}).label("clears")
    more = StandingSpan.state, StandingSpan.start_day, StandingSpan.expires_on, Assignment.due_on, _READ, clears
    return live.add_columns(*more).outerjoin(StandingSpan, stands).outerjoin(Assignment, asked)


_AHEAD, _AHEAD_IN = _ahead(LIVE), _ahead(LIVE_OF)


def ahead(session: Session, actor: Actor, on: date) -> list[Ahead]:
    """Every module the actor may read, as it is for them on a day: first those of courses that clearance rests on."""
    which = {"organisation": actor.organisation, "person": actor.person, "on": on}
    return sorted(map(_made, session.execute(_AHEAD, which)), key=lambda one: not one.clears)


def ahead_in(session: Session, actor: Actor, on: date, course: str) -> list[Ahead]:
    """The same of the live course of this name. Raises NotFound where the actor has none."""
    which = {"organisation": actor.organisation, "person": actor.person, "on": on, "course": course}
    rows = list(map(_made, session.execute(_AHEAD_IN, which)))
    if not rows:
        raise NotFound
    return [one for one in rows if one.live.course.id == rows[-1].live.course.id]


def _made(row: Sequence[Any]) -> Ahead:
    *live, state, since, expires, due_on, read, clears = row
    return Ahead(Live(*live), Standing(state or NOT_STARTED, since, expires), due_on, read, bool(clears))
