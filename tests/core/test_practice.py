"""Which question to practise next, as values."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.practice import ASKED, Tried, following, seed_of

TODAY = date(2027, 3, 12)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_what_was_never_tried_comes_first() -> None:
    tried = [Tried(1, ago(30), "0"), Tried(2, ago(1), "1")]
    assert following([1, 2, 3], tried, TODAY, "seed") == 3


def test_then_what_was_last_less_than_right_the_longest_ago_first() -> None:
    tried = [Tried(1, ago(9), "1"), Tried(2, ago(3), "1/2"), Tried(3, ago(5), "0"), Tried(4, ago(4), "-1/3")]
    asked = []
    for _ in range(4):
        asked.append(following([1, 2, 3, 4], tried, TODAY, "seed"))
        tried.append(Tried(asked[-1], TODAY, "1"))
    assert asked == [3, 4, 2, 1]


def test_then_what_was_right_the_longest_ago_first() -> None:
    tried = [Tried(1, ago(2), "1"), Tried(2, ago(8), "1"), Tried(3, ago(5), "1")]
    assert following([1, 2, 3], tried, TODAY, "seed") == 2


def test_only_the_last_answer_to_a_question_counts() -> None:
    learned = [Tried(1, ago(9), "0"), Tried(2, ago(8), "1"), Tried(1, ago(3), "1"), Tried(2, ago(2), "0")]
    assert following([1, 2], learned, TODAY, "seed") == 2


def test_nothing_is_asked_twice_on_a_day() -> None:
    tried = [Tried(1, ago(5), "1"), Tried(1, TODAY, "0")]
    assert following([1, 2], tried, TODAY, "seed") == 2
    assert following([1], tried, TODAY, "seed") is None
    assert following([1], tried, TODAY + timedelta(days=1), "seed") == 1


def test_where_there_is_nothing_there_is_nothing_to_ask() -> None:
    assert following([], [], TODAY, "seed") is None
    assert following([], [Tried(1, ago(1), "0")], TODAY, "seed") is None


def test_equals_come_in_the_order_of_the_seed() -> None:
    first = [following(range(1, 6), [], TODAY, f"seed {number}") for number in range(200)]
    assert {first.count(question) > 20 for question in range(1, 6)} == {True}
    assert following(range(1, 6), [], TODAY, "seed 1") == following(reversed(range(1, 6)), [], TODAY, "seed 1")


QUESTIONS = st.sets(st.integers(1, 6))
HISTORIES = st.lists(
    st.builds(Tried, st.integers(1, 7), st.integers(0, 4).map(ago), st.sampled_from(["0", "1/2", "1"])), max_size=12
).map(lambda history: sorted(history, key=lambda one: one.day))


@given(QUESTIONS, HISTORIES, st.text(max_size=3))
def test_a_day_asks_each_question_once_and_each_later_one_is_no_more_urgent(
    pool: set[int], history: list[Tried], seed: str
) -> None:
    asked, tried = list[int](), list(history)
    while len(asked) <= len(pool) and (chosen := following(pool, tried, TODAY, seed)) is not None:
        asked.append(chosen)
        tried.append(Tried(chosen, TODAY, "0"))
    assert sorted(asked) == sorted(pool - {one.question for one in history if one.day == TODAY})
    urgency = [_urgency(question, history) for question in asked]
    assert urgency == sorted(urgency)


def _urgency(question: int, history: list[Tried]) -> tuple[bool, bool, date]:
    """A second implementation: untried before missed before known, and of those the oldest first."""
    mine = [one for one in history if one.question == question]
    return (bool(mine), bool(mine) and mine[-1].credit == "1", mine[-1].day if mine else TODAY)


def test_the_seed_is_the_one_it_was_asked_with_else_its_version() -> None:
    assert seed_of("version", {ASKED: ["seed"], "choice": ["a"]}) == "seed"
    assert seed_of("version", {"choice": ["a"]}) == seed_of("version", {ASKED: []}) == "version"
