"""From a reading to a mark, from marks to a score."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.grading import LEFT_OUT, VERDICTS, Mark, error, mark, percent, score
from mesotrain.core.questions import MARKING_RULES, QuestionType, Reading
from mesotrain.core.questions.numeric import Numeric

HALF, TWO = Fraction(1, 2), Fraction(2)


class Harmful(Numeric):
    """A number above 10 harms, whatever it earns."""

    def unsafe(self, reading: Reading) -> bool:
        return isinstance(reading.answer, Fraction) and reading.answer > 10


def harmful() -> QuestionType:
    rows = [("1", "1"), ("2", "1/2"), ("20", "1/4")]
    accepted = [{"value": at, "low": at, "high": at, "credit": credit} for at, credit in rows]
    return Harmful({"type": "numeric", "stem": "?", "unit": ""}, {"accepted": accepted, "reasons": {}, "reason": ""})


@pytest.mark.parametrize(
    ("text", "credit", "verdict"),
    [
        ("1", "1", "right"),
        ("2", "1/2", "partly"),
        ("3", "0", "wrong"),
        ("20", "1/4", "unsafe"),
        ("30", "0", "unsafe"),
        ("", "0", "unanswered"),
        ("one", "0", "unreadable"),
    ],
)
def test_every_reading_has_a_mark(text: str, credit: str, verdict: str) -> None:
    asked = harmful()
    made = mark(asked, asked.read({"number": [text]}), TWO)
    assert made == Mark(Fraction(credit), TWO, verdict)
    assert made.model() == {"credit": credit, "points": "2", "verdict": verdict}
    assert verdict in VERDICTS


def test_most_questions_know_of_no_harm() -> None:
    asked = Numeric(harmful().taker, harmful().key)
    assert asked.unsafe(asked.read({"number": ["20"]})) is False


def test_every_slot_is_in_the_denominator_and_the_pass_is_exact() -> None:
    marks = [Mark(Fraction(1), TWO, "right"), Mark(HALF, Fraction(1), "partly"), Mark(Fraction(0), HALF, "unanswered")]
    made = score(marks, Fraction(5, 7))
    assert (made.earned, made.possible, made.passed) == (Fraction(5, 2), Fraction(7, 2), True)
    assert not score(marks, Fraction(5, 7) + Fraction(1, 10**9)).passed
    assert made.model() == {
        "rules": MARKING_RULES,
        "earned": "5/2",
        "possible": "7/2",
        "pass_mark": "5/7",
        "passed": True,
        "marks": [one.model() for one in marks],
    }


def test_a_paper_earns_nothing_below_zero_and_an_empty_one_passes_nobody() -> None:
    below = score([Mark(Fraction(-1), TWO, "wrong"), Mark(Fraction(1), Fraction(1), "right")], Fraction(0))
    assert (below.earned, below.possible) == (0, 3)
    assert below.passed
    assert not score([], Fraction(0)).passed


@given(st.fractions(0, 1), st.fractions(Fraction(1, 100), 100))
def test_a_percentage_is_never_shown_above_what_it_is(share: Fraction, whole: Fraction) -> None:
    shown = percent(share * whole, whole)
    assert shown <= share * 100 < shown + 1
    assert percent(share, Fraction(0)) == 0


def test_half_a_point_can_be_enough_and_what_is_unsafe_is_stored() -> None:
    marks = [Mark(Fraction(1), HALF, "right")]
    made = score(marks, Fraction(1), {"2": 1})
    assert (made.reached, made.passed) == (True, False)
    assert made.model() == score(marks, Fraction(1)).model() | {"passed": False, "safety": {"2": 1}}


def test_what_is_left_out_is_as_if_it_had_not_been_asked() -> None:
    others = [Mark(Fraction(1), TWO, "right"), Mark(HALF, Fraction(1, 3), "partly")]
    made, without = score([*others, LEFT_OUT], Fraction(3, 4)), score(others, Fraction(3, 4))
    assert (made.earned, made.possible, made.passed) == (without.earned, without.possible, without.passed)
    assert made.model()["marks"][-1] == {"credit": "0", "points": "0", "verdict": "left out"}  # type: ignore[index, call-overload]
    assert not score([LEFT_OUT], Fraction(0)).passed


ERRORS = [(7, 10, 10, 16), (7, 10, 35, 8), (1, 2, 2, 50), (3, 4, 4, 25), (4, 4, 4, 0), (0, 4, 4, 0), (-1, 4, 4, 0)]
"""Points, how many there are, questions, and Lord's standard error in per cent, worked out by hand and rounded up."""


@pytest.mark.parametrize(("earned", "possible", "questions", "said"), ERRORS)
def test_the_standard_error_is_lords(earned: int, possible: int, questions: int, said: int) -> None:
    assert error(Fraction(earned), Fraction(possible), questions) == said


def test_one_question_or_none_has_no_standard_error() -> None:
    assert [error(Fraction(1), Fraction(2), questions) for questions in (0, 1)] == [None, None]
    assert error(Fraction(0), Fraction(0), 5) is None
