"""Assigning a course to everybody a filter finds: whom it is for, what it changes, and that it is all or nothing."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, func, select

from mesotrain.actions import assignments, people
from mesotrain.core.access import AUDITOR, TRAINEE
from mesotrain.core.errors import NotFound
from mesotrain.store.assignments import Assignment
from mesotrain.store.db import db
from mesotrain.store.events import Event
from mesotrain.store.people import Role
from tests.actions.taking import sit, together
from tests.world import Browser, World

DAY = date(2027, 4, 1)
QUAY = {"Colin Colleague", "Tess Trainee"}


def address(**more: object) -> str:
    return "/team/assign/confirm?" + urlencode({"course": "tiny", "due": DAY.isoformat(), **more})


def words(browser: Browser, url: str) -> str:
    page = unescape(browser.get(url).get_data(as_text=True))
    return re.sub(r"\s+", " ", re.sub(r"</?time[^>]*>", "", page))


def listed(browser: Browser, url: str) -> dict[str, str]:
    """Name -> what changes, of the people of a page."""
    rows = re.findall(r'<th role="rowheader" scope="row"><a [^>]*>(.*?)</a>.*?</span>(.*?)</td>', words(browser, url))
    return {name: re.sub("<[^>]*>", "", what).strip() for name, what in rows}


def agree(browser: Browser, url: str, **form: str) -> Any:
    """Presses the button of the page that says what it does."""
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', browser.get(url).get_data(as_text=True))
    return browser.post(url, {"seen": seen, **form}, page=url)


def due(world: World) -> dict[str, date]:
    """Who has the course by when."""
    names = {number: who for who, number in world.ids.items() if who[0].islower()}
    with world.session() as session:
        rows = session.execute(select(Assignment.person_id, Assignment.due_on).where(Assignment.ended_at.is_(None)))
        return {names.get(person, str(person)): until for person, until in rows}


def assigned_events(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).where(Event.kind == "course.assigned")) or 0


def newcomers(world: World, count: int, clinic: str = "Quay", first: int = 0) -> None:
    now = world.clock()

    def work(session: Any) -> None:
        for number in range(first, first + count):
            email = f"{clinic}{number}@example.org".lower()
            person = people.create_person(session, f"Person {number:04}", email, "", email.encode(), "en", "UTC")
            people.join(session, now, world.ids["Harbour"], person, [(TRAINEE, world.ids[clinic])])

    world.do(work)


def test_everybody_of_the_filter_has_the_course_and_nobody_else(world: World) -> None:
    browser = world.client("manager")
    assert "Assign a course to these 2 people" in words(browser, "/team")
    assert listed(browser, address()) == dict.fromkeys(QUAY, "Gets the course")
    assert "2 people get the course, due on 1 Apr 2027." in words(browser, address())
    assert due(world) == {}, "looking changes nothing"
    assert agree(browser, address(q="tess")).headers["Location"] == "/team?q=tess"
    assert due(world) == {"trainee": DAY}
    agree(browser, address(clinic=world.ids["Quay"]))
    assert due(world) == {"trainee": DAY, "colleague": DAY}
    assert assigned_events(world) == 2, "one for each to whom it is new"


def test_a_status_narrows_it(world: World) -> None:
    sit(world, "trainee")
    browser = world.client("manager")
    assert set(listed(browser, address(state="not started"))) == {"Colin Colleague"}
    agree(browser, address(state="not started"))
    assert due(world) == {"colleague": DAY}


@pytest.mark.parametrize(("others", "there", "events"), [("keep", DAY - timedelta(days=9), 2), ("move", DAY, 3)])
def test_who_has_it_keeps_the_day_or_gets_the_new_one(world: World, others: str, there: date, events: int) -> None:
    manager, browser, earlier = world.actor("manager"), world.client("manager"), DAY - timedelta(days=9)
    world.do(
        lambda session: assignments.assign(session, manager, world.clock(), "tiny", [world.ids["trainee"]], earlier)
    )
    assert listed(browser, address()) == {
        "Tess Trainee": "Has it already, due on 23 Mar 2027",
        "Colin Colleague": "Gets the course",
    }
    assert "1 person has it already, due on another day" in words(browser, address())
    agree(browser, address(), others=others)
    assert due(world) == {"trainee": there, "colleague": DAY}
    assert assigned_events(world) == events
    said = words(browser, "/team")
    assert "1 person has the course now, due on 1 Apr 2027." in said
    assert ("keeps their day" in said, "the day moved" in said) == (others == "keep", others == "move")
    if others == "move":
        assert "2 people have it already by this day; nothing changes for them." in words(browser, address())


def test_nobody_of_another_clinic_or_organisation_is_reached(world: World) -> None:
    for who, mine in {"manager": QUAY, "other_manager": {"Olga Other"}}.items():
        browser = world.client(who)
        for more in ({}, *({"clinic": world.ids[place]} for place in ("Quay", "Mill", "Cork"))):
            assert set(listed(browser, address(**more))) <= mine
        assert set(listed(browser, address())) == mine
        agree(browser, address())
    assert set(due(world)) == {"trainee", "colleague", "other_trainee"}


def test_who_audits_another_clinic_assigns_in_their_own_alone(world: World) -> None:
    add = Role(
        organisation_id=world.ids["Harbour"],
        person_id=world.ids["manager"],
        role=AUDITOR,
        clinic_id=world.ids["Mill"],
    )
    world.do(lambda session: session.add(add))
    browser = world.client("manager")
    assert "Ellis Elsewhere" in words(browser, "/team")
    assert "Assign a course to these" not in words(browser, "/team")
    assert set(listed(browser, address())) == QUAY
    assert listed(browser, address(clinic=world.ids["Mill"])) == {}
    person = f"/team/{world.ids['elsewhere']}"
    assert "Assign a course" not in words(browser, person)
    assert browser.get(f"{person}/courses").status_code == 404
    agree(browser, address())
    assert set(due(world)) == {"trainee", "colleague"}


def test_a_leaver_gets_nothing(world: World) -> None:
    manager, administrator, now = world.actor("manager"), world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids["trainee"]))
    agree(world.client("manager"), address())
    assert set(due(world)) == {"colleague"}
    with pytest.raises(NotFound):
        world.do(lambda session: assignments.assign(session, manager, now, "tiny", [world.ids["trainee"]], DAY))


def test_what_changed_since_it_was_looked_at_is_looked_at_again(world: World) -> None:
    browser = world.client("manager")
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', browser.get(address()).get_data(as_text=True))
    newcomers(world, 1)
    reply = browser.post(address(), {"seen": seen}, page=address())
    assert reply.status_code == 409
    assert "These people are not the same any more" in reply.get_data(as_text=True)
    assert "Person 0000" in reply.get_data(as_text=True)
    assert due(world) == {}
    assert browser.post(address(), {}, page=address()).status_code == 409


def test_a_form_that_is_sent_twice_says_the_same_twice(world: World) -> None:
    browser, url = world.client("manager"), address()
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', browser.get(url).get_data(as_text=True))
    for _ in range(2):
        reply = browser.post(url, {"seen": seen}, page=url, follow_redirects=True)
        assert "2 people have the course now, due on" in reply.get_data(as_text=True)
    assert due(world) == dict.fromkeys(("trainee", "colleague"), DAY)
    later = address(due=(DAY + timedelta(days=1)).isoformat())
    assert browser.post(later, {"seen": seen, "others": "move"}, page=url).status_code == 409


def test_all_or_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = world.client("manager")
    monkeypatch.setattr(assignments, "record", lambda *_: 1 / 0)
    world.app.testing = False  # as where it is served: the error is a page
    assert agree(browser, address()).status_code == 500
    assert due(world) == {}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"due": ""}, "Enter the day"),
        ({"due": "2027-03-11"}, "That day is past"),
        ({"due": "2032-03-13"}, "That day is more than 5 years ahead."),
        ({"due": "9999-12-31"}, "That day is more than 5 years ahead."),
    ],
)
def test_a_day_that_is_none_is_asked_for_again(world: World, more: dict[str, str], said: str) -> None:
    browser = world.client("manager")
    reply = browser.get(address(q="tess", **more))
    assert reply.status_code == 422
    assert said in reply.get_data(as_text=True)
    assert 'name="q" value="tess"' in reply.get_data(as_text=True)
    assert browser.post(address(**more), {}, page="/team/assign").status_code == 422
    assert browser.get(address(course="none")).status_code == 404
    path = f"/team/{world.ids['trainee']}/courses"
    reply = browser.post(path, {"course": "tiny", **more}, page=path)
    assert (reply.status_code, due(world)) == (422, {})
    assert said in reply.get_data(as_text=True)


@pytest.mark.parametrize("day", [date(2027, 3, 12), date(2032, 3, 12)])
def test_today_is_a_day_and_so_is_one_in_five_years(world: World, day: date) -> None:
    agree(world.client("manager"), address(due=day.isoformat()))
    assert due(world) == {"trainee": day, "colleague": day}


def test_nobody_is_said_so(world: World) -> None:
    browser = world.client("manager")
    for url in ("/team/assign?q=unicorn", address(q="unicorn")):
        assert "Nobody matches" in words(browser, url)
        assert "<button" not in re.sub("Sign out.*", "", words(browser, url).partition("<main")[2])


def test_a_thousand_are_paged_and_cost_no_statement_each(world: World) -> None:
    browser = world.client("manager")
    said: list[str] = []
    with world.app.app_context():
        engine = db.engine

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    def count(work: Any) -> int:
        said.clear()
        event.listen(engine, "before_cursor_execute", listen)
        work()
        event.remove(engine, "before_cursor_execute", listen)
        return len([one for one in said if not one.startswith(("BEGIN", "PRAGMA"))])

    browser.get("/team")
    few = [count(lambda url=url: browser.get(url)) for url in ("/team/assign", address())]
    newcomers(world, 300)
    assert [count(lambda url=url: browser.get(url)) for url in ("/team/assign", address())] == few
    assert max(few) <= 6
    assert len(listed(browser, address())) == len(listed(browser, address(page=2))) == 25
    assert "Page 2 of 13" in words(browser, address(page=2))
    token, page = browser.token(address()), browser.get(address()).get_data(as_text=True)
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
    form = {"csrf_token": token, "seen": seen}
    assert count(lambda: browser.client.post(address(), data=form)) <= 12
    assert len(due(world)) == assigned_events(world) == 302


def test_two_who_assign_at_the_same_time_meet_and_double_nothing(world: World) -> None:
    manager, now = world.actor("manager"), world.clock()
    newcomers(world, 40)
    with world.session() as session:
        everybody = list(session.scalars(select(Role.person_id).where(Role.clinic_id == world.ids["Quay"])))
    theirs = [one for one in everybody if one not in {world.ids["manager"], world.ids["auditor"]}]

    def work() -> Any:
        return world.do(lambda session: assignments.assign(session, manager, now, "tiny", theirs, DAY))

    done = together(*[work] * 4)
    assert sorted(done) == [(0, 0, 42)] * 3 + [(42, 0, 0)]
    assert len(due(world)) == assigned_events(world) == 42
