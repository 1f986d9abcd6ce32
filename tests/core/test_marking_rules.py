"""What people's marks come to."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as all_of
from hypothesis import strategies as st

from mesotrain.core.grading import mark
from mesotrain.core.marking import Given, agreement, counting, given, mean, needed, scale
from mesotrain.core.questions import question
from mesotrain.core.questions.base import Reading

HALF = Fraction(1, 2)


def of(*points: int | Fraction, comment: str = "") -> Given:
    return Given(tuple(map(Fraction, points)), comment)


def essay(*points: str, markers: int = 2) -> Any:
    criteria = [{"text": f"Criterion {at}", "points": worth} for at, worth in enumerate(points)]
    key: Any = {"criteria": criteria, "markers": markers, "reasons": {}, "reason": ""}
    return question({"type": "essay", "stem": "Weigh it.", "words": [2, 4]}, key)


def test_the_credit_is_the_exact_mean_of_two_marks_over_the_points_of_the_rubric() -> None:
    case = essay("2", "1").judged([of(2, 0), of(Fraction(3, 2), 1)])
    assert case.mark(case.read({"answer": ["so"]})) == Fraction(9, 2) / 2 / 3 == Fraction(3, 4)


def test_what_says_nothing_needs_nobody_and_earns_nothing() -> None:
    case = essay("2")
    for fields in ({}, {"answer": []}, {"answer": [" \r\n\t"]}):
        assert (case.markers(case.read(fields)), case.judged([of(2)]).mark(case.read(fields))) == (0, 0)
    assert case.markers(case.read({"answer": ["so"]})) == 2
    assert essay("2", markers=1).markers(Reading("so")) == 1


def test_no_other_type_needs_somebody_to_mark_it() -> None:
    case: Any = question({"type": "text", "stem": "?", "exact": []}, {"accepted": []})
    assert case.markers(case.read({"answer": ["so"]})) == 0


def test_what_was_given_changes_nothing_of_the_question() -> None:
    case = essay("2", "1")
    judged = case.judged([of(2, 1)])
    assert (judged.taker, judged.key, judged.given) == (case.taker, case.key, (of(2, 1),))


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        (["1"] * 20, []),
        (["5", "1"], []),
        (["1"] * 21, ["a rubric has at most 20 criteria."]),
        (["6"], ["a criterion has 1 to 5 points; split one that is worth more."]),
        (["1/2"], ["a criterion has 1 to 5 points; split one that is worth more."]),
    ],
)
def test_what_an_author_got_wrong_is_said(criteria: list[str], said: list[str]) -> None:
    assert essay(*criteria).problems() == said


def test_an_essay_needs_a_stem_and_criteria_that_differ() -> None:
    case = essay("1", "1")
    stemless = question({**case.taker, "stem": " "}, case.key)
    assert stemless.problems() == ["the question has no stem; write it above the rubric."]
    twice = question(case.taker, {**case.key, "criteria": case.key["criteria"][:1] * 2})
    assert twice.problems() == ["two criteria say the same; make them different."]


def test_until_somebody_has_marked_it_an_answer_earns_nothing() -> None:
    assert essay("2").mark(Reading("so")) == 0


def test_words_are_counted_between_blanks_and_none_is_refused() -> None:
    case = essay("2")
    for text, words in (("", 0), ("one", 1), ("  one two\n\nthree ", 3), ("x " * 5000, 5000)):
        assert case.length(case.read({"answer": [text]})) == words
    assert case.read({"answer": ["x" * 100_000]}).problem is None


def test_the_mark_keeps_what_was_given() -> None:
    marks = [of(2, comment="Well said."), of(1)]
    made = mark(essay("2"), Reading("so"), Fraction(4), marks)
    assert (made.credit, made.points, made.verdict) == (Fraction(3, 4), 4, "partly")
    assert [given(one) for one in made.model()["given"]] == marks  # type: ignore[call-overload, index]
    assert "given" not in mark(essay("2"), Reading(), Fraction(4), marks).model()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("markers", "totals", "wanted"),
    [(1, [], 1), (1, [0], 1), (2, [], 2), (2, [4], 2), (2, [0, 2], 2), (2, [4, 2], 2), (2, [0, 2 + HALF], 3),
     (2, [4, 0], 3), (2, [0, 4, 2], 3)],
)  # fmt: skip
def test_a_third_marker_is_needed_where_two_lie_more_than_half_of_the_points_apart(
    markers: int, totals: list[Fraction], wanted: int
) -> None:
    assert needed(markers, totals, Fraction(4)) == wanted


@pytest.mark.parametrize(
    ("totals", "count"),
    [([4], [4]), ([4, 1], [4, 1]), ([4, 0, 3], [4, 3]), ([0, 4, 1], [0, 1]), ([4, 0, 2], [4, 0, 2]),
     ([4, 0, 4], [4, 4]), ([0, 4, 0], [0, 0]), ([0, 4, Fraction(5, 2)], [4, Fraction(5, 2)]),
     ([1, 2, 5], [1, 2]), ([4, 2, 1], [2, 1]), ([1, 4, 5], [4, 5]), ([5, 3, 1], [5, 3, 1])],
)  # fmt: skip
def test_of_three_the_two_closest_count_or_all_where_the_third_is_between(
    totals: list[Fraction], count: list[Fraction]
) -> None:
    assert [one.total for one in counting([of(total) for total in totals])] == count


POINTS = st.lists(st.sampled_from(scale(Fraction(3))), min_size=2, max_size=2).map(lambda two: of(*two))


@all_of(st.lists(POINTS, min_size=1, max_size=3), st.randoms())
def test_the_order_of_marks_changes_nothing_and_the_mean_lies_among_them(marks: list[Given], chance: Any) -> None:
    shuffled = list(marks)
    chance.shuffle(shuffled)
    assert sum(mean(shuffled)) == sum(mean(marks))
    assert min(one.total for one in marks) <= sum(mean(marks)) <= max(one.total for one in marks)


def test_points_are_given_in_halves() -> None:
    assert scale(Fraction(2)) == [0, HALF, 1, 1 + HALF, 2]


def test_agreement_is_the_share_that_is_the_same_and_how_far_the_others_lie_apart() -> None:
    pairs = [(Fraction(2), Fraction(2)), (Fraction(1), Fraction(2)), (HALF, Fraction(0)), (Fraction(0), Fraction(0))]
    found = agreement(pairs)
    assert found
    assert (found.pairs, found.same, found.apart) == (4, HALF, Fraction(3, 8))
    assert agreement([]) is None
