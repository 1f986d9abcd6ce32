"""Days as an iCalendar feed (RFC 5545)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, Timezone


class Entry(NamedTuple):
    """A whole day on which something is due or ends; `uid` stays the same while it is about the same thing."""

    uid: str
    day: date
    title: str
    url: str


def feed(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """The calendar, as its readers fetch it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Mesotrain//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for one in entries:
        event = Event()
        event.add("uid", one.uid)
        event.add("dtstamp", now)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", one.title)
        event.add("url", one.url)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    if not calendar.subcomponents:
        calendar.add_component(Timezone.from_tzid("UTC"))  # one of something there has to be (RFC 5545, 3.6)
    return bytes(calendar.to_ical())
