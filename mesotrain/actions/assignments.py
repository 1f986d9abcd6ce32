"""Assigning a course to people, with the day it is due."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of, months_after
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import assignments as store
from mesotrain.store import catalogue, people
from mesotrain.store.events import Said, record

YEARS_AHEAD = 5
"""A day later than that is a slip of the hand: a course that is kept up is another one by then."""


class Assigned(NamedTuple):
    """How many people a course is new for, how many have another day now, and for how many nothing changed."""

    new: int
    moved: int
    kept: int


def latest(today: date) -> date:
    """The last day that can have been meant."""
    return months_after(today, 12 * YEARS_AHEAD)


def check_day(actor: Actor, now: datetime, due_on: date) -> None:
    """Raises Refused for a day on which nothing can be due any more, or that nobody can have meant."""
    today = day_of(now, actor.organisation_zone)
    if due_on < today:
        raise Refused("That day is past. Choose today or a later one.")
    if due_on > latest(today):
        raise Refused("That day is more than %(years)s years ahead. Choose an earlier one.", years=YEARS_AHEAD)


def assign(
    session: Session,
    actor: Actor,
    now: datetime,
    course: str,
    persons: Sequence[int],
    due_on: date,
    *,
    move: bool = True,
) -> Assigned:
    """Each of these people is to hold the course by a day.

    Somebody who has the course already gets the new day, or keeps theirs without `move`. Raises NotFound for a course
    one may not read or a person not in a clinic one manages, and Refused as `check_day` does.
    """
    check_day(actor, now, due_on)
    row = catalogue.live_course(session, actor, course)[0].course
    theirs = people.trainees(session, actor, persons)
    if set(theirs) != set(persons):
        raise NotFound
    days = store.days_of(session, actor.organisation, row.id)
    new = sorted(theirs.keys() - days.keys())
    moved = sorted(one for one in theirs if move and days.get(one, due_on) != due_on)
    made = {"due_on": due_on, "assigned_by": actor.person, "made_at": now}
    store.assign(session, new, organisation_id=actor.organisation, course_id=row.id, **made)
    store.move(session, actor.organisation, row.id, moved, due_on)
    facts: dict[str, Json] = {"course": row.id, "due": due_on.isoformat()}
    told = [Said("course.assigned", actor.organisation, actor.commitment, theirs[one], facts) for one in new + moved]
    record(session, now, *told)
    return Assigned(len(new), len(moved), len(theirs) - len(told))


def withdraw(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """The assignment counts no more. Raises NotFound for one of nobody in a clinic one manages."""
    row = store.assignment(session, actor, number)
    who = people.trainees(session, actor, [row.person_id]).get(row.person_id)
    if who is None:
        raise NotFound
    row.ended_at = now
    facts: dict[str, Json] = {"course": row.course_id}
    record(session, now, Said("assignment.withdrawn", actor.organisation, actor.commitment, who, facts))
