"""When a quiz may be sat again, and when its keys are shown, as values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.assessments import AFTER_CLOSE, AFTER_EACH, AFTER_PASS, AFTER_SUBMIT, FEEDBACK, NEVER
from mesotrain.core.attempts import (
    DEADLINE,
    ENDED,
    FINISHED,
    MARKING,
    OPEN,
    STATES,
    SUBMIT,
    VOID,
    Sat,
    Timing,
    advance,
    again_at,
    counting,
    ending,
    released,
    seed_of,
    timing,
)
from mesotrain.core.errors import Ended

NOW = datetime(2027, 3, 12, 9, 30, tzinfo=UTC)


def sat(*hours_ago: float, passed: tuple[float, ...] = ()) -> list[Sat]:
    """Attempts that ended so many hours ago, the newest first."""
    return [Sat(NOW - timedelta(hours=hours), hours in passed) for hours in sorted(hours_ago)]


def hours(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - NOW) / timedelta(hours=1)


def test_without_a_rule_any_time_is_right() -> None:
    assert again_at(sat(0, 1, 2, 3)) is None
    assert again_at([], cool_down=24, attempts=1, within_days=30) is None


def test_a_cool_down_counts_from_the_newest_attempt() -> None:
    assert hours(again_at(sat(5, 100), cool_down=24)) == 19
    assert hours(again_at(sat(30), cool_down=24)) == -6
    assert hours(again_at(sat(5), attempts=1)) == -5


def test_a_limit_holds_until_the_oldest_of_that_many_is_old_enough() -> None:
    limit = {"attempts": 3, "within_days": 30}
    assert again_at(sat(1, 2), **limit) is None
    assert hours(again_at(sat(1, 2, 48), **limit)) == 30 * 24 - 48
    assert hours(again_at(sat(1, 2, 48, 50, 400), **limit)) == 30 * 24 - 48
    assert hours(again_at(sat(1, 2, 31 * 24), **limit)) == -24


def test_of_a_cool_down_and_a_limit_the_later_counts() -> None:
    assert hours(again_at(sat(1, 2, 29 * 24), cool_down=48, attempts=3, within_days=30)) == 47
    assert hours(again_at(sat(1, 2, 24), cool_down=48, attempts=3, within_days=30)) == 29 * 24
    assert hours(again_at(sat(1), cool_down=48, attempts=3, within_days=30)) == 47


@pytest.mark.parametrize("rules", [(24, 0, 0), (0, 2, 30), (24, 2, 30)])
def test_a_pass_clears_what_was_before_it(rules: tuple[int, int, int]) -> None:
    assert again_at(sat(1, 2, 3, passed=(1,)), *rules) is None
    after = sat(1, 2, 3, 4, passed=(2,))
    assert again_at(after, *rules) == again_at(after[:1], *rules)


ENDS = st.lists(st.tuples(st.integers(0, 60 * 24), st.sampled_from([False, False, False, True])), max_size=8)


@given(ENDS, st.integers(0, 72), st.integers(0, 4), st.integers(1, 40), st.integers(-100, 60 * 24))
def test_the_moment_is_when_the_rules_begin_to_allow_it(
    ends: list[tuple[int, bool]], cool_down: int, attempts: int, within_days: int, later: int
) -> None:
    """Against a second implementation, which asks the rules at one moment."""
    history = [Sat(NOW - timedelta(hours=ago), passed) for ago, passed in sorted(ends)]
    at = NOW + timedelta(hours=later)
    again = again_at(history, cool_down, attempts, within_days)
    assert (again is None or at >= again) == allowed(history, cool_down, attempts, within_days, at)


def allowed(history: list[Sat], cool_down: int, attempts: int, within_days: int, at: datetime) -> bool:
    failed = list[Sat]()
    for one in history:
        if one.passed:
            break
        failed.append(one)
    if cool_down and failed and at - failed[0].ended < timedelta(hours=cool_down):
        return False
    return not attempts or sum(at - one.ended < timedelta(days=within_days) for one in failed) < attempts


ALWAYS = {AFTER_EACH, AFTER_SUBMIT}


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
@pytest.mark.parametrize("passed", [True, False], ids=["passed", "not passed"])
@pytest.mark.parametrize("feedback", FEEDBACK)
def test_keys_are_released_as_the_quiz_says(feedback: str, passed: bool, closed: bool) -> None:
    said = feedback in ALWAYS or (feedback, passed) == (AFTER_PASS, True) or (feedback, closed) == (AFTER_CLOSE, True)
    assert released(feedback, passed, closed) == said
    assert released(feedback, passed) == released(feedback, passed, False), "who says nothing of it says open"


def test_what_nobody_knows_releases_nothing() -> None:
    assert set(FEEDBACK) == {AFTER_EACH, AFTER_SUBMIT, AFTER_PASS, AFTER_CLOSE, NEVER}
    assert not released("sometimes", True, True)


SECOND = timedelta(seconds=1)


def test_an_attempt_ends_once_however_it_ends() -> None:
    for event in (SUBMIT, DEADLINE):
        assert (advance(OPEN, event), advance(OPEN, event, True)) == (FINISHED, MARKING)
        with pytest.raises(Ended) as said:
            advance(FINISHED, event)
        assert said.value.sentence == ENDED
    with pytest.raises(Ended):
        advance(OPEN, "another")
    assert set(STATES) == {OPEN, MARKING, FINISHED, VOID}


def test_an_answer_at_the_deadline_itself_is_too_late() -> None:
    made = timing(NOW, 20)
    assert made == Timing(NOW, NOW + timedelta(minutes=20))
    assert not made.over(made.deadline - SECOND)
    assert made.over(made.deadline)
    assert made.over(made.deadline + SECOND)
    assert made.left(NOW + SECOND) == timedelta(minutes=20) - SECOND
    assert made.left(made.deadline + SECOND) == timedelta(0)


def test_whoever_notices_an_attempt_ended_at_its_deadline() -> None:
    made = timing(NOW, 20)
    assert ending(made, NOW + SECOND) == (SUBMIT, NOW + SECOND)
    for late in (made.deadline, made.deadline + SECOND):
        assert ending(made, late) == (DEADLINE, made.deadline)


def test_what_counts_to_a_limit_is_what_ended_within_its_days_since_the_last_pass() -> None:
    day = 24
    assert counting(sat(1, 2, 30 * day), NOW, 30) == 2
    assert counting(sat(1, 2, 30 * day - 1), NOW, 30) == 3
    assert counting(sat(1, 2, 3, 4, passed=(3,)), NOW, 30) == 2
    assert counting([], NOW, 30) == 0


def test_each_slot_has_a_seed_of_its_own() -> None:
    assert [seed_of("a", 1), seed_of("a", 12)] == ["a/1", "a/12"]
