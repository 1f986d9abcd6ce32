"""A calendar is read by whoever knows its address, until that is ended, and says what is ahead and nothing else."""

import re

from icalendar import Calendar

from tests.actions.taking import sit
from tests.actions.test_reminders import assign
from tests.world import Browser, World


def made(world: World, browser: Browser) -> str:
    assert browser.post("/account/calendar", page="/account").status_code == 303
    found = re.search(r"http://localhost(/calendar/[^<]+\.ics)", browser.get("/account").get_data(as_text=True))
    assert found
    return found[1]


def days(world: World, path: str) -> dict[str, str]:
    reply = world.client().get(path)
    assert (reply.status_code, reply.mimetype) == (200, "text/calendar")
    calendar = Calendar.from_ical(reply.get_data())
    assert calendar.subcomponents, "a calendar has one component at least (RFC 5545, 3.6)"
    return {str(one["summary"]): one.decoded("dtstart").isoformat() for one in calendar.walk("VEVENT")}


def test_what_is_due_and_what_ends_stands_in_the_calendar(world: World) -> None:
    path = made(world, world.client("trainee"))
    assert days(world, path) == {}
    assign(world, days=10)
    assert days(world, path) == {"Due: A tiny course": "2027-03-22"}
    sit(world, "trainee")
    assert list(days(world, path)) == ["Status ends: Basics"]
    assert days(world, made(world, world.client("colleague"))) == {}


def test_an_address_is_good_until_another_is_made_or_it_is_ended(world: World) -> None:
    browser = world.client("trainee")
    assert "It is of your own courses and statuses" in browser.get("/account").get_data(as_text=True)
    first = made(world, browser)
    second = made(world, browser)
    assert first != second
    assert world.client().get(first).status_code == 404
    assert world.client().get(second).status_code == 200
    assert browser.post("/account/calendar/end", page="/account").status_code == 303
    assert world.client().get(second).status_code == 404
    assert world.client().get(second.replace("calendar/", "calendar/x")).status_code == 404
