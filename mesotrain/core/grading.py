"""From marks to a score. Fractions decide; nothing is rounded before the pass is decided."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil, sqrt

from mesotrain.core.canonical import Json
from mesotrain.core.marking import Given
from mesotrain.core.questions import MARKING_RULES, QuestionType, Reading


@dataclass(frozen=True)
class Mark:
    """What one slot earned: `credit` of the question (1 is all of it) and the `points` the question carries.

    `given` is what people gave the answer, where they mark it.
    """

    credit: Fraction
    points: Fraction
    verdict: str
    given: tuple[Given, ...] = ()

    def model(self) -> Json:
        said: dict[str, Json] = {"credit": str(self.credit), "points": str(self.points), "verdict": self.verdict}
        return said | ({"given": [one.model() for one in self.given]} if self.given else {})


VERDICTS = {
    "right": "Right",
    "partly": "Partly right",
    "wrong": "Not right",
    "unsafe": "Unsafe",
    "unanswered": "Not answered",
    "unreadable": "Could not be read",
    "left out": "Left out",
}
LEFT_OUT = Mark(Fraction(0), Fraction(0), "left out")
"""The mark of a question that was found wrong: the score is that of the paper without it."""


def mark(asked: QuestionType, reading: Reading, points: Fraction, given: Sequence[Given] = ()) -> Mark:
    """The mark of one slot, with what people gave the answer. Total: every reading has one.

    Where some parts cannot be read, the others count.
    """
    if reading.unanswered:
        return Mark(Fraction(0), points, "unanswered")
    if reading.problem and reading.answer is None:
        return Mark(Fraction(0), points, "unreadable")
    credit = asked.judged(given).mark(reading)
    if asked.unsafe(reading):
        return Mark(credit, points, "unsafe")
    verdict = "right" if credit == 1 else "partly" if credit > 0 else "wrong"
    return Mark(credit, points, verdict, tuple(given))


@dataclass(frozen=True)
class Score:
    """The marks of a whole paper, every slot in the denominator but for what is `LEFT_OUT`.

    `safety` says of each safety point how many right answers are missing: without any that is missing it is met.
    """

    marks: tuple[Mark, ...]
    pass_mark: Fraction
    safety: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def earned(self) -> Fraction:
        """Points earned, never below 0."""
        return max(sum((mark.credit * mark.points for mark in self.marks), Fraction(0)), Fraction(0))

    @cached_property
    def possible(self) -> Fraction:
        return sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def reached(self) -> bool:
        """Whether the points are enough."""
        return enough(self.earned, self.possible, self.pass_mark)

    @property
    def passed(self) -> bool:
        """Whether the points are enough and every safety point is met."""
        return self.reached and not any(self.safety.values())

    def model(self) -> Json:
        """The canonical form that is stored."""
        said: dict[str, Json] = {
            "rules": MARKING_RULES,
            "earned": str(self.earned),
            "possible": str(self.possible),
            "pass_mark": str(self.pass_mark),
            "passed": self.passed,
            "marks": [mark.model() for mark in self.marks],
        }
        return said | ({"safety": dict(self.safety)} if self.safety else {})


def enough(earned: Fraction, possible: Fraction, pass_mark: Fraction) -> bool:
    """Whether so many points reach the pass mark; of no points none are enough."""
    return possible > 0 and earned >= pass_mark * possible


def score(marks: Sequence[Mark], pass_mark: Fraction, safety: Mapping[str, int] | None = None) -> Score:
    """The score of a paper with these marks, in slot order; `safety` as ``missing`` gives it."""
    return Score(tuple(marks), pass_mark, safety or {})


def missing(needed: Mapping[str, int], marks: Iterable[tuple[str, Mark]]) -> dict[str, int]:
    """How many right answers each safety point still needs, given the marks of a paper, each with its point.

    An answer in part is not right, and neither is an unsafe one; what is left out is not needed.
    """
    there = Counter(point for point, one in marks if one.verdict in ("right", LEFT_OUT.verdict))
    return {point: max(count - there[point], 0) for point, count in needed.items()}


def error(part: Fraction, whole: Fraction, questions: int) -> int | None:
    """The standard error of a share of the points, in whole per cent, rounded up; None for fewer than two questions.

    Lord's binomial error of a proportion p of n questions, sqrt(p (1 - p) / (n - 1)): F. M. Lord, Do tests of the same
    length have the same standard error of measurement?, Educational and Psychological Measurement 17 (1957), 510-521.
    It takes questions for equal, and right or wrong; parts of points make it too large rather than too small.
    """
    if questions < 2 or not whole:
        return None
    share = max(part / whole, Fraction(0))
    return ceil(100 * sqrt(share * (1 - share) / (questions - 1)))


def percent(part: Fraction, whole: Fraction) -> int:
    """Whole per cent for display, rounded down so that no failing score is shown as the pass mark."""
    return int(part * 100 / whole) if whole else 0
