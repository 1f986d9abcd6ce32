"""Sitting a quiz again: other questions first, and not before the module's cool-down is over."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from mesotrain.actions import courses
from mesotrain.core.errors import Refused
from mesotrain.store.attempts import AttemptSlot
from tests.actions.taking import Taking, sit, start
from tests.world import World, tiny_course


def publish(world: World, **rules: int) -> None:
    course = tiny_course()
    module = replace(course.modules[0], quiz=replace(course.modules[0].quiz, **rules))
    world.do(lambda session: courses.publish(session, world.clock(), replace(course, modules=(module,))))


def paper(world: World, taking: Taking) -> list[int]:
    with world.session() as session:
        return list(session.scalars(select(AttemptSlot.question_version_id).filter_by(attempt_id=taking.attempt)))


def test_questions_not_met_before_come_first(world: World) -> None:
    """The bank has four; each quiz asks two, then three."""
    publish(world, questions=2)
    first = start(world, "trainee", "first")
    first.finish()
    second = start(world, "trainee", "second")
    assert set(paper(world, first)).isdisjoint(paper(world, second))
    second.finish()
    assert len(set(paper(world, start(world, "trainee", "third")))) == 2
    publish(world, questions=3)
    theirs = start(world, "colleague", "theirs")
    theirs.finish()
    again = start(world, "colleague", "again")
    assert len(set(paper(world, again)) - set(paper(world, theirs))) == 1


@pytest.mark.parametrize("end", ["by hand", "at the deadline", "noticed at the next start"])
def test_after_an_attempt_that_did_not_pass_the_cool_down_counts_from_its_end(world: World, end: str) -> None:
    publish(world, cool_down=24)
    taking = start(world)
    if end == "by hand":
        taking.finish()
        ended = world.clock()
    else:
        ended = taking.row().deadline
        world.clock.now = ended + timedelta(minutes=5)
        if end == "at the deadline":
            taking.end()
    world.clock.now = max(world.clock.now, ended)
    with pytest.raises(Refused, match="You can sit this quiz again from") as caught:
        start(world)
    assert caught.value.facts == {"moment": ended + timedelta(hours=24)}
    page = world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)
    if end != "noticed at the next start":
        assert "You can sit it again from 13 Mar 2027" in page
        assert "Start the quiz" not in page
    world.clock.now = ended + timedelta(hours=24) - timedelta(microseconds=1)
    with pytest.raises(Refused):
        start(world)
    world.clock.now = ended + timedelta(hours=24)
    assert start(world).attempt != taking.attempt


def test_after_a_pass_and_without_a_rule_there_is_no_cool_down(world: World) -> None:
    sit(world, "trainee", right=0)
    assert start(world, "trainee").row().state == "open"
    publish(world, cool_down=24)
    sit(world, "colleague", right=4)
    assert start(world, "colleague").row().state == "open"


def test_a_refusal_says_the_moment_in_the_readers_zone(world: World) -> None:
    publish(world, cool_down=24)
    sit(world, "trainee", right=0)
    reply = world.client("trainee").post("/courses/tiny/basics/attempts")
    assert reply.status_code == 409
    assert "from 13 Mar 2027, 09:31" in reply.get_data(as_text=True)


def pages(world: World, *addresses: str) -> list[str]:
    """What the trainee reads there."""
    client = world.client("trainee")
    read = [client.get(address).get_data(as_text=True) for address in addresses]
    return [" ".join(re.sub(r"<[^>]*>", " ", page).split()) for page in read]


def test_the_rule_is_said_before_it_bites_and_the_moment_after(world: World) -> None:
    publish(world, cool_down=24, attempts=2, within_days=30)
    rule = (
        "If you do not pass, you can sit it again 24 hours later. "
        "Without a pass, you have at most 2 attempts in 30 days."
    )
    for place, moment in ((1, "13 Mar 2027, 09:31"), (2, "11 Apr 2027, 10:31")):
        (lesson,) = pages(world, "/courses/tiny/basics")
        assert rule in lesson
        assert f"This is attempt {place} of 2 in 30 days." in lesson
        taking = start(world)
        (hand_in,) = pages(world, f"/attempts/{taking.attempt}/finish")
        assert f"This is attempt {place} of 2 in 30 days. {rule}" in hand_in
        world.clock.forward(minutes=1)
        taking.finish()
        for page in pages(world, "/", "/courses/tiny", f"/attempts/{taking.attempt}/result"):
            assert f"You can sit it again from {moment}" in page
        assert "Go to the quiz" not in "".join(pages(world, "/", "/courses/tiny"))
        world.clock.forward(hours=24)
    world.clock.forward(days=30)
    assert "This is attempt 1 of 2" in pages(world, "/courses/tiny/basics")[0]
    assert "You can sit it again" not in pages(world, f"/attempts/{taking.attempt}/result")[0]


def test_who_has_read_it_all_or_sits_again_is_offered_the_quiz(world: World) -> None:
    trainee = world.client("trainee")
    assert not any("Go to the quiz" in page for page in pages(world, "/", "/courses/tiny"))
    for section in ("matters", "not"):
        trainee.post(f"/courses/tiny/basics/sections/{section}/read", {"read": "yes"})
    colleague = world.client("colleague")
    sit(world, "colleague", right=0)
    for client in (trainee, colleague):
        for address in ("/", "/courses/tiny"):
            page = client.get(address).get_data(as_text=True)
            assert re.search(r'href="/courses/tiny/basics#next">Go to the quiz<', page), address
    sit(world, "trainee", right=4)
    assert not any("Go to the quiz" in page for page in pages(world, "/", "/courses/tiny"))


def test_what_the_next_attempt_waits_for_is_said_by_the_rules_of_now(world: World) -> None:
    """The attempt was begun under others."""
    taking = sit(world, "trainee", right=0)
    address = f"/attempts/{taking.attempt}/result"
    assert "You can sit it again" not in pages(world, address)[0]
    publish(world, cool_down=48)
    assert "You can sit it again from 14 Mar 2027" in pages(world, address)[0]
