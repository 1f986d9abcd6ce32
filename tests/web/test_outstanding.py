"""The assigned courses that are not done: whose a manager or an auditor sees, in what order, and where it is linked."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from mesotrain.actions import assignments, people
from mesotrain.core.access import MANAGER
from mesotrain.store.people import set_roles
from tests.actions.taking import sit
from tests.actions.test_reminders import TODAY
from tests.web.leaks import visitor
from tests.web.test_assignments import newcomers
from tests.world import World

PAGE = "/team/assignments"
OVERDUE, SOON, LATER = "Overdue", "Due within 14 days", "Due later"


def assign(world: World, who: str, days: int, by: str = "manager") -> None:
    """A course is assigned a month ago, due so many days from today."""
    actor, then = world.actor(by), world.clock() - timedelta(days=30)
    actor = replace(actor, roles={MANAGER: frozenset()})
    person, due = world.ids[who], world.clock().date() + timedelta(days=days)
    world.do(lambda session: assignments.assign(session, actor, then, "tiny", [person], due))


def text(world: World, url: str = PAGE, who: str = "manager") -> str:
    reply = visitor(world, who).get(url)
    assert reply.status_code == 200, url
    words = re.sub(r"<head>.*?</head>|<[^>]*>", " ", reply.get_data(as_text=True), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(words))


def rows(world: World, url: str = PAGE, who: str = "manager") -> list[tuple[str, str, str]]:
    """(name, day, state) of each row, in order."""
    page = unescape(visitor(world, who).get(url).get_data(as_text=True))
    row = r'rowheader" scope="row"><a [^>]*>(.*?)</a>.*?datetime="(.*?)".*?<span class="state .*?">(.*?)<'
    return re.findall(row, page, flags=re.DOTALL)


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def test_the_most_urgent_comes_first(world: World) -> None:
    assign(world, "colleague", 14)
    assign(world, "trainee", -1)
    assert rows(world) == [("Tess Trainee", day(-1), OVERDUE), ("Colin Colleague", day(14), SOON)]
    assert "2 open assignments, 1 of them overdue" in text(world)
    assert rows(world, f"{PAGE}?state=overdue") == [("Tess Trainee", day(-1), OVERDUE)]
    assert rows(world, f"{PAGE}?state=soon") == [("Colin Colleague", day(14), SOON)]
    assert rows(world, f"{PAGE}?state=later") == []
    assert "Nothing matches" in text(world, f"{PAGE}?state=later")


@pytest.mark.parametrize(("days", "state"), [(-1, OVERDUE), (0, SOON), (14, SOON), (15, LATER), (900, LATER)])
def test_what_is_due_today_is_not_overdue(world: World, days: int, state: str) -> None:
    assign(world, "trainee", days)
    assert rows(world) == [("Tess Trainee", day(days), state)]


def test_nobody_of_another_clinic_or_organisation_is_shown(world: World) -> None:
    for who, by in (("trainee", "manager"), ("elsewhere", "manager"), ("other_trainee", "other_manager")):
        assign(world, who, -1, by)
    mine = [("Tess Trainee", day(-1), OVERDUE)]
    quay, mill, cork = (world.ids[name] for name in ("Quay", "Mill", "Cork"))
    for who in ("manager", "auditor"):
        assert rows(world, who=who) == rows(world, f"{PAGE}?clinic={quay}", who) == mine
        for clinic in (mill, cork, 999):
            assert rows(world, f"{PAGE}?clinic={clinic}", who) == []
        assert not re.search("Ellis|Olga|Mill|Cork", text(world, who=who))
        assert "1 assigned course is overdue." in text(world, "/", who)
    assert rows(world, who="other_manager") == [("Olga Other", day(-1), OVERDUE)]
    for clinic in (quay, mill):
        assert rows(world, f"{PAGE}?clinic={clinic}", "other_manager") == []


def test_a_clinic_that_is_not_managed_is_not_named_beside_somebody_of_two(world: World) -> None:
    roles = [("trainee", world.ids["Quay"]), ("trainee", world.ids["Mill"])]
    world.do(lambda session: set_roles(session, world.ids["Harbour"], world.ids["trainee"], roles))
    assign(world, "trainee", 3)
    assert "Tess Trainee Quay Course" in text(world)
    everywhere = [(MANAGER, None)]
    world.do(lambda session: set_roles(session, world.ids["Harbour"], world.ids["manager"], everywhere))
    assert "Tess Trainee Mill, Quay Course" in text(world)
    assert len(rows(world)) == len(rows(world, f"{PAGE}?clinic={world.ids['Mill']}")) == 1


def test_what_is_done_and_whose_people_are_gone_is_open_no_more(world: World) -> None:
    assign(world, "trainee", 3)
    assign(world, "colleague", 3)
    sit(world, "trainee")
    assert [name for name, *_ in rows(world)] == ["Colin Colleague"]
    administrator, colleague = world.actor("administrator"), world.ids["colleague"]
    world.do(lambda session: people.end(session, administrator, world.clock(), colleague))
    assert "No assignment is open" in text(world)
    assert "Open assignments" not in text(world, "/")


def test_a_long_list_is_paged(world: World) -> None:
    newcomers(world, 60)
    manager, now = world.actor("manager"), world.clock()
    with world.session() as session:
        found = people.store.members(session, manager, "Person", 0, 100)[0]
    due = now.date() + timedelta(days=9)
    world.do(lambda session: assignments.assign(session, manager, now, "tiny", [one.person for one in found], due))
    pages = [rows(world, f"{PAGE}?page={number}") for number in (1, 2, 3, 9)]
    assert [len(page) for page in pages] == [25, 25, 10, 10]
    assert [name for page in pages[:3] for name, *_ in page] == [f"Person {number:04}" for number in range(60)]
    assert "Page 3 of 3" in text(world, f"{PAGE}?page=9")
    assert "/team/assignments?page=2&state=soon" in unescape(
        visitor(world, "manager").get(f"{PAGE}?state=soon").get_data(as_text=True)
    )


@pytest.mark.parametrize("who", ["manager", "auditor"])
def test_it_is_linked_where_a_manager_looks(world: World, who: str) -> None:
    assign(world, "trainee", 20)
    person = f"/team/{world.ids['trainee']}"
    for url in ("/", "/team", person):
        assert f'href="{PAGE}"' in visitor(world, who).get(url).get_data(as_text=True), url
    assert "A tiny course Assigned due on 1 Apr 2027" in text(world, person, who)
    assert "See which assigned courses are not done yet" in text(world, "/", who)
    assert "Open assignments A tiny course" not in text(world, f"/team/{world.ids['colleague']}", who)


def test_how_near_it_is_is_said_on_today_and_on_the_persons_page(world: World) -> None:
    assign(world, "trainee", 14)
    assert "1 assigned course is due within 14 days." in text(world, "/")
    assign(world, "colleague", -1)
    assert "1 assigned course is overdue. Overdue" in text(world, "/")
    assert "A tiny course Overdue it was due on 11 Mar 2027" in text(world, f"/team/{world.ids['colleague']}")
