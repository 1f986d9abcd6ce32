"""Telling people, in one mail, what is due, ends or has ended."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mesotrain.core.dates import day_of
from mesotrain.store import people
from mesotrain.store import reminders as store
from mesotrain.store.events import Said, record

MORNING = timedelta(hours=7)
"""How long after midnight, where an organisation is, its people are told."""


def waiting(session: Session, now: datetime) -> list[int]:
    """The organisations whose people have not been told yet on the day it is there, since the morning."""
    return [
        organisation
        for organisation, zone, told in store.organisations(session)
        if told is None or told < day_of(now - MORNING, zone)
    ]


def remind(session: Session, now: datetime, organisation: int) -> int:
    """Calls for one mail to everybody for whom there is something new; gives how many that are.

    Each stage of each thing is told to a person once, whoever calls this and however often.
    """
    zone = session.get_one(people.Organisation, organisation).zone
    on = day_of(now, zone)
    fresh = store.untold(session, organisation, store.news(session, organisation, on), on)
    for person, found in sorted(fresh.items()):
        who = session.get_one(people.Person, person).commitment
        (position,) = record(session, now, Said("reminder.called", organisation, "", who, {}))
        store.tell(session, organisation, person, found, position)
    store.gone_through(session, organisation, day_of(now - MORNING, zone))
    return len(fresh)
