"""Assigning a course to people, with the day it is due."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import assignments as store
from mesotrain.store import catalogue, people
from mesotrain.store.assignments import Assignment
from mesotrain.store.events import Said, record


def assign(session: Session, actor: Actor, now: datetime, course: str, persons: Sequence[int], due_on: date) -> int:
    """Each of these people is to hold the course by a day; gives how many that is new for.

    Somebody who has the course already gets the new day. Raises NotFound for a course one may not read or a person
    not in a clinic one manages, and Refused for a day that is past.
    """
    if due_on < day_of(now, actor.organisation_zone):
        raise Refused("That day is past. Choose today or a later one.")
    row = catalogue.live_course(session, actor, course)[0].course
    theirs = people.trainees(session, actor, persons)
    if set(theirs) != set(persons):
        raise NotFound
    new = 0
    for person, commitment in sorted(theirs.items()):
        earlier = store.assigned(session, actor.organisation, person, row.id)
        if earlier:
            earlier.due_on = due_on
        else:
            new += 1
            session.add(
                Assignment(
                    organisation_id=actor.organisation,
                    person_id=person,
                    course_id=row.id,
                    due_on=due_on,
                    assigned_by=actor.person,
                    made_at=now,
                )
            )
        facts: dict[str, Json] = {"course": row.id, "due": due_on.isoformat()}
        record(session, now, Said("course.assigned", actor.organisation, actor.commitment, commitment, facts))
    session.flush()
    return new


def withdraw(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """The assignment counts no more. Raises NotFound for one of nobody in a clinic one manages."""
    row = store.assignment(session, actor, number)
    who = people.trainees(session, actor, [row.person_id]).get(row.person_id)
    if who is None:
        raise NotFound
    row.ended_at = now
    facts: dict[str, Json] = {"course": row.course_id}
    record(session, now, Said("assignment.withdrawn", actor.organisation, actor.commitment, who, facts))
