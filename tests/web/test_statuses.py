"""Who holds what on any day, as recorded by any moment."""

import re
from datetime import timedelta
from html import unescape

from mesotrain.actions import people
from tests.actions.taking import sit
from tests.web.test_rosters import statements
from tests.web.test_team import join
from tests.world import World


def seen(world: World, asked: str = "", who: str = "manager") -> dict[str, str]:
    """What the page says of each person."""
    page = unescape(world.client(who).get(f"/team/statuses{asked}").get_data(as_text=True))
    rows = re.findall(r'<tr role="row">\s*<th role="rowheader".*?</tr>', page, re.DOTALL)
    words = [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]
    return {" ".join(one.split()[:2]): one for one in words}


def test_a_status_is_that_of_the_day_and_says_what_it_rests_on(world: World) -> None:
    day = world.clock().date()
    sit(world, "trainee", right=4)
    for asked, said in (
        ("", "Current"),
        (f"?on={day - timedelta(days=1)}", "Not started"),
        (f"?on={day + timedelta(days=700)}", "Renew soon"),
        (f"?on={day + timedelta(days=3000)}", "Expired"),
    ):
        assert said in seen(world, asked)["Tess Trainee"], asked
    assert re.search(
        r"Why Quiz or exam passed on \d+ \w+ 2027, marked by Mesotrain, entry \d+", seen(world)["Tess Trainee"]
    )
    assert "Why" not in seen(world, f"?on={day - timedelta(days=1)}")["Tess Trainee"]


def test_a_past_answer_stays_what_was_recorded_then(world: World) -> None:
    world.clock.forward(days=1)
    known = f"{world.clock():%Y-%m-%dT%H:%M}"
    world.clock.forward(minutes=5)
    sit(world, "trainee", right=4)
    world.clock.forward(minutes=5)
    assert "Current" in seen(world)["Tess Trainee"]
    assert "Not started" in seen(world, f"?known={known}")["Tess Trainee"]


def test_of_a_past_day_stand_those_who_have_left_since(world: World) -> None:
    began, administrator = world.clock().date(), world.actor("administrator")
    world.clock.forward(days=3)
    now = world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids["trainee"]))
    assert set(seen(world)) == {"Colin Colleague"}
    assert set(seen(world, f"?on={began}")) == {"Colin Colleague", "Tess Trainee"}


def test_nobody_of_another_clinic_or_organisation_is_shown(world: World) -> None:
    assert seen(world, f"?clinic={world.ids['Mill']}") == {}
    assert seen(world, f"?clinic={world.ids['Cork']}") == {}
    assert set(seen(world, who="other_manager")) == {"Olga Other"}


def test_one_competency_is_looked_at_alone_and_a_strange_one_shows_none(world: World) -> None:
    page = world.client("manager").get("/team/statuses").get_data(as_text=True)
    (one,) = re.findall(r'<option value="(\d+/BAS)"', page)
    assert "Basics" in seen(world, f"?competency={one}")["Tess Trainee"]
    assert seen(world, "?competency=0/BAS") == {}


def test_what_is_no_day_is_said_and_nothing_is_answered(world: World) -> None:
    page = world.client("manager").get("/team/statuses?on=never").get_data(as_text=True)
    assert "No answer is shown." in page
    assert "Tess Trainee" not in page


def test_it_asks_as_much_for_many_as_for_two(world: World) -> None:
    browser, counts = world.client("manager"), []
    browser.get("/team/statuses")
    for more in (0, 1):
        if more:
            join(world, "elsewhere", "Harbour", "Quay")
            sit(world, "trainee", right=4)
        with statements(world) as said:
            assert browser.get("/team/statuses").status_code == 200
        counts.append(len(said))
    assert counts[0] == counts[1] <= 13
