"""Pausing and extending as values: a pause takes no time, and nothing wakes what is over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.attempts import FINISHED, MARKING, OPEN, VOID, Timing, ending
from mesotrain.core.invigilation import (
    AWAY,
    EXTEND,
    HANDED_IN,
    OVER,
    PAUSE,
    PAUSED,
    RESUME,
    SILENCE,
    SITTING,
    VOIDED,
    after,
    answered,
    stands,
)

NOW = datetime(2027, 3, 12, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIMES = Timing(NOW, NOW + 20 * MINUTE)


def test_a_pause_stops_the_clock_and_the_end_moves_on_by_as_much() -> None:
    paused = after(PAUSE, TIMES, NOW + 5 * MINUTE)
    assert paused == Timing(NOW, NOW + 20 * MINUTE, NOW + 5 * MINUTE)
    assert [paused.left(NOW + minutes * MINUTE) for minutes in (5, 60)] == [15 * MINUTE] * 2
    assert not paused.over(NOW + 60 * MINUTE)
    assert ending(paused, NOW + 60 * MINUTE) == ("submit", NOW + 60 * MINUTE)
    assert after(RESUME, paused, NOW + 12 * MINUTE) == Timing(NOW, NOW + 27 * MINUTE)


@pytest.mark.parametrize(
    ("kind", "times", "minutes"),
    [
        (PAUSE, Timing(NOW, NOW + 20 * MINUTE, NOW), 5),
        (PAUSE, TIMES, 20),
        (RESUME, TIMES, 5),
        (RESUME, TIMES, 25),
        (EXTEND, TIMES, 20),
    ],
)
def test_what_is_over_or_so_already_is_not_changed(kind: str, times: Timing, minutes: int) -> None:
    assert after(kind, times, NOW + minutes * MINUTE, MINUTE) is None


def test_nobody_is_extended_by_nothing_or_less() -> None:
    assert [after(EXTEND, TIMES, NOW, by * MINUTE) for by in (0, -1)] == [None, None]


@given(st.lists(st.tuples(st.sampled_from([PAUSE, RESUME, EXTEND]), st.integers(0, 7)), max_size=30))
def test_what_is_left_shrinks_only_while_the_clock_goes(steps: list[tuple[str, int]]) -> None:
    times, now = TIMES, NOW
    left = times.left(now)
    for kind, minutes in steps:
        gone = timedelta() if times.paused else min(minutes * MINUTE, left)
        now += minutes * MINUTE
        left -= gone
        assert times.left(now) == left
        if changed := after(kind, times, now, 3 * MINUTE):
            left += 3 * MINUTE if kind == EXTEND else timedelta()
            times = changed
        assert times.left(now) == left
        assert times.over(now) == (not left and not times.paused)


@pytest.mark.parametrize(
    ("state", "times", "silent", "told"),
    [
        (OPEN, TIMES, 0, SITTING),
        (OPEN, TIMES, 60, SITTING),
        (OPEN, TIMES, 61, AWAY),
        (OPEN, Timing(NOW, NOW + 20 * MINUTE, NOW), 61, PAUSED),
        (OPEN, Timing(NOW, NOW), 61, OVER),
        (MARKING, TIMES, 0, HANDED_IN),
        (FINISHED, TIMES, 0, HANDED_IN),
        (VOID, TIMES, 0, VOIDED),
    ],
)
def test_how_somebody_stands(state: str, times: Timing, silent: int, told: str) -> None:
    assert stands(state, times, NOW - timedelta(seconds=silent), NOW) == told
    assert SILENCE == MINUTE


def test_what_stands_beside_an_answer_is_no_answer() -> None:
    beside = {
        "flag": ["1"],
        "sure": ["2"],
        "done": ["1"],
        "decimal": ["."],
        "stage": ["2"],
        "choice": [],
        "number": [" "],
    }
    assert answered([beside, {}, {"choice": ["x"]}, {**beside, "number": ["0"]}, {"2.flag": ["1"]}]) == 2
