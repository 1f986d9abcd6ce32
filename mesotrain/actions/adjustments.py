"""Setting what is arranged for a person; an attempt they are in the middle of gets its new end at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assessments import window
from mesotrain.core.attempts import MOST_EXTRA, timing
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import adjustments as store
from mesotrain.store import attempts, people
from mesotrain.store.events import Said, record

MOST_WORDS = 200
"""Characters of a note."""
OWN = "Nobody sets their own time. Ask another manager."


def adjust(session: Session, actor: Actor, now: datetime, person: int, extra: int, note: str) -> None:
    """From now on somebody has so many percent of extra time, in the attempt they are sitting as well.

    Raises NotFound for whoever is no trainee of a clinic the actor manages, and Refused for oneself, for more time than
    there is to give and for a note that is too long.
    """
    who = people.trainees(session, actor, [person]).get(person)
    if who is None:
        raise NotFound
    if person == actor.person:
        raise Refused(OWN)
    if not 0 <= extra <= MOST_EXTRA:
        raise Refused("Extra time is a whole number of percent, from 0 to %(most)s.", most=MOST_EXTRA)
    if len(note) > MOST_WORDS:
        raise Refused("Shorten the note to %(most)s characters.", most=MOST_WORDS)
    people.member(session, actor, person, lock=True)
    was = store.extra_of(session, actor.organisation, person)
    session.add(
        store.Adjustment(
            organisation_id=actor.organisation,
            person_id=person,
            set_by=actor.person,
            set_at=now,
            extra=extra,
            note=note,
        )
    )
    for attempt, quiz in attempts.held_open(session, actor.organisation, person):
        times, closes = attempt.timing, window(quiz, actor.organisation_zone).cuts
        ends, ended = (timing(times.started, quiz["minutes"], closes, one).deadline for one in (extra, was))
        if not times.over(now):
            attempt.deadline = times.moved(ends - ended, now)
    record(session, now, Said("time.adjusted", actor.organisation, actor.commitment, who, {}))
