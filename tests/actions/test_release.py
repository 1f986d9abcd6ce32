"""What a result shows of its keys, and how often a quiz may be sat."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, func, select

from mesotrain.actions import courses
from mesotrain.core.errors import Refused
from mesotrain.store.attempts import Attempt
from mesotrain.store.db import db
from tests.actions.taking import Taking, sit, start, together
from tests.world import World, tiny_course

QUIZ = "/courses/tiny/basics"
EVERY = {"CANARY-REASON", "CANARY-ITEM", "CANARY-SHOWN", "review-1", "verdict", "Question by question", "Accepted"}
"""What only a released result says."""
KEYS = re.compile("|".join(EVERY))
LIMIT = {"attempts": 3, "within_days": 30}


def publish(world: World, **rules: Any) -> None:
    course = tiny_course()
    module = replace(course.modules[0], quiz=replace(course.modules[0].quiz, **rules))
    world.do(lambda session: courses.publish(session, world.clock(), replace(course, modules=(module,))))


def result(world: World, taking: Taking) -> str:
    return world.client(taking.who).get(f"/attempts/{taking.attempt}/result").get_data(as_text=True)


RELEASES = [
    ("after submit", 0, True),
    ("after submit", 4, True),
    ("after pass", 0, False),
    ("after pass", 4, True),
    ("never", 0, False),
    ("never", 4, False),
]


@pytest.mark.parametrize(("feedback", "right", "shown"), RELEASES)
def test_a_result_shows_its_score_always_and_its_keys_when_the_quiz_says(
    world: World, feedback: str, right: int, shown: bool
) -> None:
    if feedback != "after submit":
        publish(world, feedback=feedback)
    page = result(world, sit(world, "trainee", right))
    assert f"{right} of 4 points; the pass mark is 75%" in page
    assert re.search(rf'<th scope="row">Basics</th>\s*<td>{right} of 4</td>\s*<td>{right * 25}%', page)
    assert ("You passed The basics" in page) == (right == 4)
    assert ("CANARY-REASON-1 " in page and "Question by question" in page) == shown
    assert set(KEYS.findall(page)) == (EVERY if shown else set())


def test_an_attempt_that_ran_out_shows_no_more_than_one_that_was_handed_in(world: World) -> None:
    publish(world, feedback="after pass")
    taking = start(world)
    taking.answer(1)
    world.clock.forward(minutes=21)
    assert KEYS.findall(result(world, taking)) == []
    taking.end()
    page = result(world, taking)
    assert "Time ran out" in page
    assert KEYS.findall(page) == []


def test_keys_are_released_as_the_quiz_said_when_it_was_sat(world: World) -> None:
    publish(world, feedback="never")
    before = sit(world, "trainee")
    publish(world, feedback="after submit")
    assert KEYS.findall(result(world, before)) == []
    publish(world, feedback="never", minutes=19)
    after = sit(world, "colleague")
    publish(world, feedback="after submit", minutes=18)
    assert KEYS.findall(result(world, after)) == []
    assert "Question by question" in result(world, sit(world, "elsewhere"))


def test_a_later_pass_releases_itself_and_no_attempt_before_it(world: World) -> None:
    publish(world, feedback="after pass")
    failed, passed = sit(world, "trainee", 1), sit(world, "trainee", 4)
    assert KEYS.findall(result(world, failed)) == []
    assert "CANARY-REASON-1 " in result(world, passed)


@pytest.mark.parametrize("feedback", ["after submit", "after pass", "never"])
def test_a_taker_is_told_beforehand_and_afterwards_when_keys_are_shown(world: World, feedback: str) -> None:
    words = {
        "after submit": "You see every answer with its reason as soon as you hand in.",
        "after pass": "You see every answer with its reason once you have passed.",
        "never": "You see your score, and no answers.",
    }[feedback]
    if feedback != "after submit":
        publish(world, feedback=feedback)
    assert words in world.client("trainee").get(QUIZ).get_data(as_text=True)
    assert (words in result(world, sit(world, "trainee", 0))) == (feedback != "after submit")


def attempts(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(Attempt)) or 0


def fail(world: World, times: int, who: str = "trainee") -> list[Taking]:
    """So many attempts that do not pass, each a day after the one before."""
    taken = []
    for _ in range(times):
        taken.append(sit(world, who, 0))
        world.clock.forward(days=1)
    return taken


def test_a_limit_refuses_until_the_oldest_attempt_is_old_enough(world: World) -> None:
    publish(world, **LIMIT)
    first, second, _ = (taking.row().ended_at for taking in fail(world, 3))
    assert first
    assert second
    again = first + timedelta(days=30)
    with pytest.raises(Refused, match="You can sit this quiz again from") as caught:
        start(world)
    assert caught.value.facts == {"moment": again}
    client = world.client("trainee")
    page = client.get(QUIZ).get_data(as_text=True)
    assert "You can sit it again from 11 Apr 2027, 10:31" in page
    assert "Start the quiz" not in page
    reply = client.post(f"{QUIZ}/attempts")
    assert (reply.status_code, "from 11 Apr 2027, 10:31" in reply.get_data(as_text=True)) == (409, True)
    world.clock.now = again - timedelta(microseconds=1)
    with pytest.raises(Refused):
        start(world)
    assert attempts(world) == 3
    world.clock.now = again
    assert "Start the quiz" in world.client("trainee").get(QUIZ).get_data(as_text=True)
    sit(world, "trainee", 0)
    with pytest.raises(Refused) as caught:
        start(world)
    assert caught.value.facts == {"moment": second + timedelta(days=30)}


def test_below_the_limit_nobody_waits(world: World) -> None:
    publish(world, **LIMIT)
    fail(world, 2)
    assert "Start the quiz" in world.client("trainee").get(QUIZ).get_data(as_text=True)
    assert start(world).row().state == "open"
    assert start(world, "colleague").row().state == "open"


def test_a_pass_clears_the_limit(world: World) -> None:
    publish(world, **LIMIT)
    fail(world, 2)
    sit(world, "trainee", 4)
    fail(world, 2)
    assert start(world).row().state == "open"


def test_an_attempt_nobody_handed_in_counts_to_the_limit(world: World) -> None:
    publish(world, attempts=1, within_days=30)
    ended = start(world).row().deadline
    world.clock.forward(days=29)
    with pytest.raises(Refused) as caught:
        start(world)
    assert caught.value.facts == {"moment": ended + timedelta(days=30)}
    assert attempts(world) == 1


def test_a_limit_and_a_cool_down_hold_together(world: World) -> None:
    publish(world, cool_down=48, **LIMIT)
    newest = fail(world, 1)[0].row().ended_at
    assert newest is not None
    with pytest.raises(Refused) as caught:
        start(world)
    assert caught.value.facts == {"moment": newest + timedelta(hours=48)}


def test_two_starts_at_the_limit_are_one_attempt(world: World) -> None:
    publish(world, **LIMIT)
    fail(world, 2)
    started = together(*(partial(start, world, "trainee", seed) for seed in ("a", "b", "c")))
    assert len({taking.attempt for taking in started}) == 1, started
    assert attempts(world) == 3
    started[0].finish()
    refused = together(*(partial(start, world, "trainee", seed) for seed in ("d", "e", "f")))
    assert [type(one) for one in refused] == [Refused] * 3
    assert attempts(world) == 3


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")
def test_an_attempt_that_begins_and_ends_while_another_begins_counts_to_the_limit(world: World) -> None:
    """The other is about to be kept when a whole attempt comes between. On SQLite none can."""
    publish(world, **LIMIT)
    fail(world, 2)
    between = Thread(target=partial(together, partial(sit, world, "trainee", 0)))

    def come_between(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO attempts") and not between.ident:
            between.start()
            between.join(5)

    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", come_between)
    together(partial(start, world))
    between.join(60)
    assert attempts(world) == 3
