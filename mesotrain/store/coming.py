"""A rule that is to come: who offers what it changes, and whose answers turn with it."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assertions import OFFER
from mesotrain.core.coming import Turn, changed, turn
from mesotrain.store import clearance, team
from mesotrain.store.assertions import Assertion, Retraction
from mesotrain.store.clearance import Asked
from mesotrain.store.people import Organisation
from mesotrain.store.team import Wanted


def offers(session: Session, course: int) -> Sequence[tuple[str, str, int]]:
    """(procedure, zone, how many clinics) of the procedures of a course that clinics offer, by organisation."""
    rows = session.execute(
        select(Assertion.about, Organisation.zone, func.count())
        .join(Organisation, Organisation.id == Assertion.organisation_id)
        .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
        .where(Assertion.kind == OFFER, Assertion.course_id == course, Retraction.assertion_id.is_(None))
        .group_by(Assertion.about, Organisation.id, Organisation.zone)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def turning(asked: Iterable[Asked], offered: Container[tuple[int | None, str]]) -> list[Asked]:
    """Which of these procedures, of those that are offered, by (course, name), will ask for something else."""
    return [
        one
        for one in asked
        if one.coming
        and (one.course, one.procedure.name) in offered
        and one.procedure.name in changed(one.scheme, one.coming.scheme)
    ]


class Concerned(NamedTuple):
    """Somebody whose answer about a procedure turns, and what the competencies and documents of that are called."""

    person: int
    name: str
    asked: Asked
    turn: Turn
    called: dict[str, str]

    @property
    def procedure(self) -> tuple[int, str]:
        return self.asked.course, self.asked.procedure.name


def concerned(
    session: Session, actor: Actor, now: datetime, clinic: int, procedures: Sequence[Asked]
) -> list[Concerned]:
    """Whose answer about one of these procedures turns among those who work at a clinic, by name."""
    at = clearance.when(session, now, None, zone=actor.organisation_zone)
    people = team.names(session, actor, at.day, Wanted([clinic], [], [clinic]))
    known = clearance.known(session, actor.organisation, actor.organisation_zone, people, at)
    return [
        Concerned(person, name, one, found, known[person].called(one))
        for person, name in people.items()
        for one in procedures
        if (found := turn(known[person].facts(one, clinic)))
    ]
