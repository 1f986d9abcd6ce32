"""One window at a time: what others send is kept, and does not count."""

from typing import Any

import pytest
from sqlalchemy import select

from mesotrain.actions import attempts as actions
from mesotrain.core.attempts import LATE, MOVED, NEWER
from mesotrain.core.errors import Ended, NotFound
from mesotrain.core.questions import Fields
from mesotrain.store.answers import UnappliedAnswer
from mesotrain.store.papers import slots
from tests.actions.taking import MINUTES, Taking, start
from tests.world import World

X, Y, Z = ({"choice": [value]} for value in "xyz")


def take_over(taking: Taking) -> int:
    world, actor = taking.world, taking.world.actor(taking.who)
    lease: int = world.do(lambda session: actions.take_over(session, actor, world.clock(), taking.attempt))
    return lease


def waited(taking: Taking, operation: str, fields: Fields, seen: int) -> tuple[int, str]:
    """An answer that a browser sends late, with what it had seen."""
    world, actor = taking.world, taking.world.actor(taking.who)
    done: actions.Saved = world.do(
        lambda session: actions.save(session, actor, world.clock(), taking.attempt, 0, 1, operation, fields, seen)
    )
    return done.sequence, done.why


def shown(taking: Taking) -> Any:
    with taking.world.session() as session:
        return slots(session, taking.attempt)[0].fields


def aside(taking: Taking) -> list[tuple[str, Any, str]]:
    """(operation, fields, why) of each answer that came and does not count."""
    with taking.world.session() as session:
        rows = session.scalars(select(UnappliedAnswer).where(UnappliedAnswer.attempt_id == taking.attempt))
        return sorted((row.operation, row.fields, row.why) for row in rows)


def test_a_window_that_was_left_changes_nothing_and_loses_nothing(world: World) -> None:
    taking = start(world)
    assert taking.send(1, X, "before") == (1, "")
    lease = take_over(taking)
    assert taking.send(1, Y, "too late") == taking.send(1, Y, "too late") == (0, MOVED)
    assert taking.send(1, X, "before") == (1, ""), "what was acknowledged stays so"
    assert taking.send(1, Z, "after", lease) == (2, "")
    assert (shown(taking), aside(taking)) == (Z, [("too late", Y, MOVED)])
    taking.finish()
    assert taking.row().score == taking.expected({1: Z})


def test_each_window_is_left_by_the_next(world: World) -> None:
    taking = start(world)
    first, second = take_over(taking), take_over(taking)
    assert [taking.send(1, X, f"operation {one}", one)[1] for one in (0, first, second, second + 1)] == [
        MOVED, MOVED, "", MOVED,
    ]  # fmt: skip


def test_what_comes_after_the_end_is_kept_and_not_scored(world: World) -> None:
    taking = start(world)
    taking.save(1, X)
    world.clock.forward(minutes=MINUTES)
    assert taking.send(1, Y, "past the deadline") == (0, LATE)
    taking.end()
    score, version = taking.row().score, taking.row().version
    assert taking.send(1, Z, "past the end", 7) == (0, LATE)
    assert (taking.row().score, taking.row().version, shown(taking)) == (score, version, X)
    assert aside(taking) == [("past the deadline", Y, LATE), ("past the end", Z, LATE)]
    with pytest.raises(NotFound):
        taking.send(9, Z, "of no place")
    with pytest.raises(Ended):
        take_over(taking)


def test_what_waited_in_a_browser_counts_while_nothing_is_newer(world: World) -> None:
    taking = start(world)
    assert waited(taking, "first", X, 0) == (1, "")
    assert waited(taking, "second", Y, 1) == (2, "")
    assert waited(taking, "third", Z, 1) == (0, NEWER)
    assert waited(taking, "first", X, 0) == (1, ""), "its reply was lost; it had counted"
    assert (shown(taking), aside(taking)) == (Y, [("third", Z, NEWER)])


def test_nobody_takes_over_from_somebody_else(world: World) -> None:
    taking = start(world)
    for who in ("colleague", "manager", "other_trainee", "other_manager"):
        theirs = Taking(world, who, taking.attempt)
        with pytest.raises(NotFound):
            take_over(theirs)
        with pytest.raises(NotFound):
            theirs.send(1, X, "theirs", 1)
        with pytest.raises(NotFound):
            waited(theirs, "theirs", X, 5)
    assert (taking.row().lease, aside(taking)) == (0, [])


def test_a_page_without_script_of_a_window_that_was_left_brings_its_answers_along(world: World) -> None:
    old, new = world.client("trainee"), world.client("trainee")
    attempt = old.start()
    taking = Taking(world, "trainee", attempt)
    new.hold(new.post(f"/attempts/{attempt}/continue"))
    assert new.save(attempt, 2, Z).status_code == 200
    page = {"1.seen": "0", "1.choice": "x", "2.seen": "0", "2.choice": "y"}
    reply = old.post(f"/attempts/{attempt}/answers", page)
    said = reply.get_data(as_text=True)
    assert reply.status_code == 409
    assert "Continue here" in said
    assert [one[1:] for one in aside(taking)] == [(X, MOVED), (Y, MOVED)]
    assert shown(taking) is None
    assert '<textarea name="1.choice" hidden>\nx</textarea>' in said
    old.hold(old.post(f"/attempts/{attempt}/continue", page))
    with world.session() as session:
        assert [one.fields for one in slots(session, attempt)[:2]] == [X, Z]
    assert (Y, NEWER) in [one[1:] for one in aside(taking)]


@pytest.mark.parametrize("path", ["", "/finish"])
def test_a_page_shows_its_questions_to_the_window_that_holds_it(world: World, path: str) -> None:
    browser = world.client("trainee")
    attempt = browser.start()
    held = browser.get(f"/attempts/{attempt}{path}?lease={browser.lease}").get_data(as_text=True)
    for lease in ("", "?lease=0", "?lease=2", "?lease=x", f"?lease={'9' * 40}"):
        reply = browser.client.get(f"/attempts/{attempt}{path}{lease}")
        assert reply.status_code == 200
        assert "<h1>Continue here?" in reply.get_data(as_text=True)
    assert "<h1>Continue here?" not in held


def test_a_window_that_was_left_hands_nothing_in(world: World) -> None:
    browser = world.client("trainee")
    attempt = browser.start()
    reply = browser.post(f"/attempts/{attempt}/finish", {"lease": "0"})
    assert (reply.status_code, Taking(world, "trainee", attempt).row().state) == (409, "open")
    assert browser.post(f"/attempts/{attempt}/finish").status_code == 303
    assert Taking(world, "trainee", attempt).row().state == "finished"
