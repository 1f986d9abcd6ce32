"""The rules of an attempt from its start to its end."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mesotrain.core.attempts import DEADLINE, FINISHED, LATE, MARKED, MARKING, OPEN, STATES, SUBMIT, VOID, advance
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.questions import Fields
from mesotrain.store import attempts as store
from mesotrain.store.db import Base, Collision
from mesotrain.store.papers import slots
from tests.actions.taking import MINUTES, Taking, records, sit, start
from tests.world import World

MAY = {
    (OPEN, SUBMIT, False): FINISHED,
    (OPEN, DEADLINE, False): FINISHED,
    (OPEN, SUBMIT, True): MARKING,
    (OPEN, DEADLINE, True): MARKING,
    (MARKING, MARKED, False): FINISHED,
    (OPEN, VOID, False): VOID,
}
LIFE: dict[tuple[str, str, bool], Any] = {
    **dict.fromkeys(product(STATES, (SUBMIT, DEADLINE, MARKED, VOID), (False, True)), Refused),
    **MAY,
}
"""Every state and every event, with and without answers that people mark: the next state, or that it is refused."""


def test_every_state_and_event_is_decided() -> None:
    assert {state for state, *_ in LIFE} == set(STATES)


@pytest.mark.parametrize(("state", "event", "waits"), LIFE)
def test_an_attempt_moves_as_the_table_says(state: str, event: str, waits: bool) -> None:
    expected = LIFE[state, event, waits]
    if expected is Refused:
        with pytest.raises(Refused):
            advance(state, event, waits)
    else:
        assert advance(state, event, waits) == expected


def test_an_event_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused):
        advance(OPEN, "reopen")


def test_an_attempt_that_moved_on_is_a_collision(world: World) -> None:
    taking = start(world)
    seen = taking.row().version
    taking.save(1, {"choice": ["x"]})
    with world.session() as session:
        row = session.get_one(store.Attempt, taking.attempt)
        with pytest.raises(Collision):
            store.advance(session, row, SUBMIT, seen, ended_at=world.clock(), passed=False, score={})
    assert taking.row().state == OPEN


def test_starting_again_gives_the_open_attempt(world: World) -> None:
    assert start(world, seed="one").attempt == start(world, seed="another").attempt
    taking = sit(world, "trainee")
    assert start(world).attempt > taking.attempt


def test_the_database_itself_refuses_a_second_open_attempt(world: World) -> None:
    taking = start(world)
    table = Base.metadata.tables["attempts"]

    def again(session: Session) -> None:
        row = dict(session.execute(select(table).filter_by(id=taking.attempt)).mappings().one())
        session.execute(insert(table).values({name: value for name, value in row.items() if name != "id"}))

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        world.do(again)
    taking.finish()
    world.do(again)


def test_starting_past_the_deadline_ends_the_old_attempt_and_begins_another(world: World) -> None:
    old = start(world)
    old.answer(4)
    world.clock.forward(minutes=MINUTES)
    new = start(world)
    assert new.attempt != old.attempt
    assert (old.row().ended_by, old.row().passed, new.row().state) == (DEADLINE, True, OPEN)


def test_the_same_save_again_gives_the_same_sequence(world: World) -> None:
    taking = start(world)
    fields = {"choice": ["Grüße \U0001f409"]}
    first = taking.save(1, fields, "operation-1")
    assert taking.save(2, {"choice": ["x"]}) == first + 1
    assert taking.save(1, fields, "operation-1") == first == 1
    assert taking.row().version == 2
    assert taking.save(1, {"choice": ["y"]}) == 3


CHANGED: list[tuple[int, Fields]] = [(1, {"choice": ["y"]}), (2, {"choice": ["x"]}), (1, {})]
"""Another answer, another slot, nothing."""


def test_a_known_operation_with_something_else_is_refused(world: World) -> None:
    taking = start(world)
    taking.save(1, {"choice": ["x"]}, "operation-1")
    for position, fields in CHANGED:
        with pytest.raises(Refused, match="already received"):
            taking.save(position, fields, "operation-1")
        assert taking.row().version == 1


def test_a_replay_gives_the_same_over_http_too(world: World) -> None:
    taker = world.client("trainee")
    attempt = taker.start()
    operation = "operation-1"
    replies = [taker.save(attempt, 1, {"choice": [value]}, operation) for value in ("x", "x", "y")]
    assert [reply.status_code for reply in replies] == [200, 200, 409]
    said = replies[0].json
    assert replies[1].json == said
    assert (said["saved"], said["note"], sorted(said)) == (1, None, ["at", "note", "saved", "signature"])
    taker.post(f"/attempts/{attempt}/finish")
    again, new = taker.save(attempt, 1, {"choice": ["x"]}, operation), taker.save(attempt, 1, {"choice": ["x"]})
    assert (again.status_code, again.json, new.status_code) == (200, said, 410)


def test_a_replay_after_the_end_gives_the_same_reply(world: World) -> None:
    taking = start(world)
    first = taking.save(1, {"choice": ["x"]}, "operation-1")
    world.clock.forward(minutes=MINUTES)
    assert taking.save(1, {"choice": ["x"]}, "operation-1") == first
    taking.end()
    assert taking.save(1, {"choice": ["x"]}, "operation-1") == first
    with pytest.raises(Refused):
        taking.save(1, {"choice": ["y"]}, "operation-1")


SAVES = {
    "a second before the deadline": (MINUTES * 60 - 1, True),
    "an instant before the deadline": (MINUTES * 60 - 0.000001, True),
    "at the deadline": (MINUTES * 60, False),
    "a second past the deadline": (MINUTES * 60 + 1, False),
}


def test_an_answer_counts_until_the_deadline(world: World) -> None:
    for when, (seconds, kept) in SAVES.items():
        taking = start(world)
        world.clock.forward(seconds=seconds)
        if kept:
            assert taking.save(1, {"choice": ["x"]}) == 1, when
        else:
            assert taking.send(1, {"choice": ["x"]}, "late") == (0, LATE), when
            assert taking.row().version == 0, when
        taking.finish()


ENDS = {
    "a second before the deadline": (-1, SUBMIT, -1),
    "at the deadline": (0, DEADLINE, 0),
    "an hour after the deadline": (3600, DEADLINE, 0),
}
"""When it is ended, seconds from the deadline -> by what, and at which moment."""


def test_the_deadline_itself_ends_an_attempt(world: World) -> None:
    for when, (seconds, by, moment) in ENDS.items():
        taking = start(world)
        taking.answer(3)
        deadline = taking.row().deadline
        world.clock.now = deadline + timedelta(seconds=seconds)
        with world.session() as session:
            assert list(store.due(session, world.clock(), 10)) == ([taking.attempt] if by == DEADLINE else []), when
        taking.end()
        if by == SUBMIT:
            assert taking.row().state == OPEN, "the service ends nothing before its time"
            taking.finish()
        row = taking.row()
        assert (row.state, row.ended_by, row.ended_at) == (FINISHED, by, deadline + timedelta(seconds=moment)), when
        assert row.passed
        assert row.score["earned"] == "3"


def test_every_slot_is_in_the_denominator(world: World) -> None:
    for right, passed in ((0, False), (2, False), (3, True), (4, True)):
        score = sit(world, "trainee", right).row().score
        assert (score["earned"], score["possible"], score["passed"]) == (str(right), "4", passed)
        verdicts = [mark["verdict"] for mark in score["marks"]]
        assert verdicts == ["right"] * right + ["unanswered"] * (4 - right)


def test_handing_in_again_changes_nothing(world: World) -> None:
    taking = sit(world, "trainee")
    row = taking.row()
    world.clock.forward(hours=1)
    taking.finish()
    taking.end()
    assert (taking.row().version, taking.row().ended_at) == (row.version, row.ended_at)
    with world.session() as session:
        evidence, events = records(session)
    assert evidence == {taking.attempt: 1}
    assert (events["attempt.finished"], events["evidence.recorded"]) == (1, 1)


def test_the_last_answer_of_a_slot_counts(world: World) -> None:
    taking = start(world)
    right = world.right_answers(taking.attempt)
    for fields in ({"choice": ["x"]}, right[1], {"choice": ["x"]}, right[1]):
        taking.save(1, fields)
    taking.finish()
    assert taking.row().score == taking.expected({1: right[1]})
    assert taking.row().score["earned"] == "1"


def test_nobody_else_reaches_an_attempt(world: World) -> None:
    taking = start(world)
    taking.save(1, {"choice": ["x"]}, "operation-1")
    for who in ("colleague", "manager", "other_trainee", "other_manager"):
        theirs = Taking(world, who, taking.attempt)
        for operation in ("operation-1", "operation-2"):
            with pytest.raises(NotFound):
                theirs.save(1, {"choice": ["x"]}, operation)
        with pytest.raises(NotFound):
            theirs.finish()
    assert (taking.row().version, taking.row().state) == (1, OPEN)


def test_a_slot_the_paper_has_not_is_not_found(world: World) -> None:
    taking = start(world)
    for position in (0, 5, -1):
        with pytest.raises(NotFound):
            taking.save(position, {"choice": ["x"]})
    assert taking.row().version == 0


def test_an_answer_has_a_longest_length(world: World) -> None:
    taking = start(world)
    taking.save(1, {"choice": ["x" * 11_999]})
    with pytest.raises(Refused, match="too long"):
        taking.save(1, {"choice": ["x" * 12_000]})


ODD = [["\x00\x1f\x7f\u2028"], [], [""] * 50, ["\u202e\u0627\u0644"]]
"""Control characters, nothing, much of nothing, right to left."""


def test_odd_text_is_kept_as_it_came(world: World) -> None:
    taker = world.client("trainee")
    attempt = taker.start()
    for values in ODD:
        assert taker.save(attempt, 1, {"choice": values}).status_code == 200
        with world.session() as session:
            assert slots(session, attempt)[0].fields == {"choice": values}


def test_half_a_character_is_refused(world: World) -> None:
    """JSON can spell half of a surrogate pair, which no text is."""
    taker = world.client("trainee")
    attempt = taker.start()
    assert taker.save(attempt, 1, {"choice": ["\ud800"]}).status_code in {409, 422}


def test_a_place_no_number_can_hold_is_not_found(world: World) -> None:
    taker = world.client("trainee")
    attempt = taker.start()
    assert taker.save(attempt, 10**20, {"choice": ["x"]}).status_code == 404
    assert taker.save(10**20, 1, {"choice": ["x"]}).status_code == 404
    assert taker.get(f"/attempts/{10**20}").status_code == 404
