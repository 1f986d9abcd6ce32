"""Whom a stop concerns is told of it at once, and says that they have read it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.errors import NotFound
from mesotrain.store import people
from mesotrain.store import stops as store
from mesotrain.store.assertions import Assertion, Concerns
from mesotrain.store.events import Said, record
from mesotrain.store.stops import Acknowledgement


def begun(session: Session, actor: Actor, now: datetime, rows: Sequence[Assertion]) -> None:
    """Something was stopped in one go at the clinics of these; whom it concerns is told and asked to acknowledge it."""
    what = Concerns(rows[0].person_id, course=rows[0].course_id, about=rows[0].about, lot=rows[0].lot)
    chosen = [row.clinic_id for row in rows if row.clinic_id is not None]
    every = [one.id for one in people.clinics(session, actor.organisation)]
    if what.person is not None:
        held = people.held(session, actor.organisation, what.person)
        every = [clinic for _, clinic in held if clinic is not None]
    found = store.affected(session, actor, now, what, chosen or every)
    store.tell(session, actor.organisation, rows[0].sequence, found)
    _mail(session, actor, now, rows[0], found.values(), over=False)


def ended(session: Session, actor: Actor, now: datetime, row: Assertion) -> None:
    """A stop is over where this was said, and whoever was told of it and is still there is told that."""
    told = [one.person for one in store.told(session, actor.organisation, row.sequence) if not one.left]
    names = (session.get_one(people.Person, one).commitment for one in sorted(told) if one != actor.person)
    _mail(session, actor, now, row, names, over=True)


def _mail(
    session: Session, actor: Actor, now: datetime, row: Assertion, commitments: Iterable[str], *, over: bool
) -> None:
    facts: dict[str, Json] = {"assertion": row.id, "over": over}
    record(session, now, *(Said("stop.told", actor.organisation, actor.commitment, one, facts) for one in commitments))


def acknowledge(session: Session, actor: Actor, now: datetime, stop: int) -> None:
    """The actor has read of a stop that concerns them; who has said so, or needs not, is not asked again.

    Raises NotFound for a stop they were not told of.
    """
    if not store.is_told(session, actor, stop):
        raise NotFound
    if not store.waits(session, actor.organisation, actor.person, stop):
        return
    facts: dict[str, Json] = {"assertion": store.parts(session, actor.organisation, stop)[0].id}
    said = Said("stop.acknowledged", actor.organisation, actor.commitment, actor.commitment, facts)
    (sequence,) = record(session, now, said)
    session.add(
        Acknowledgement(stop=stop, person_id=actor.person, organisation_id=actor.organisation, sequence=sequence)
    )
    session.flush()
