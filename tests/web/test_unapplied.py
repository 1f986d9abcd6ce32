"""Answers that came and do not count, as a manager and an auditor see them: when, and why, and not what they say."""

from datetime import timedelta

from mesotrain.core.attempts import LATE, MOVED, UNAPPLIED
from tests.actions.taking import start
from tests.web.test_holds import text
from tests.world import World

SECRET = "NOT-FOR-STAFF"


def test_staff_see_what_did_not_count_with_its_times_and_never_what_it_says(world: World) -> None:
    url = f"/team/{world.ids['trainee']}"
    assert "Answers that do not count" not in text(world.client("manager"), url)
    taking = start(world)
    assert taking.send(2, {"answer": [SECRET]}, lease=7) == (0, MOVED)
    assert "Still open" in text(world.client("manager"), url)
    world.clock.now += timedelta(minutes=21)
    assert taking.send(3, {"answer": [SECRET]}) == (0, LATE)
    for who in ("manager", "auditor"):
        page = text(world.client(who), url)
        for said in (UNAPPLIED[MOVED], UNAPPLIED[LATE], "12 Mar 2027, 09:30 GMT", "12 Mar 2027, 09:51 GMT"):
            assert said in page, (who, said)
        assert "12 Mar 2027, 09:50 GMT" in page, "when it ended"
        assert SECRET not in page
    assert "Answers that do not count" not in text(world.client("manager"), f"/team/{world.ids['colleague']}")
    assert world.client("other_manager").get(url).status_code == 404
