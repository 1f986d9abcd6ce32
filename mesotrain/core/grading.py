"""From marks to a score. Fractions decide; nothing is rounded before the pass is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

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
}


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
    """The marks of a whole paper, every slot in the denominator."""

    marks: tuple[Mark, ...]
    pass_mark: Fraction

    @cached_property
    def earned(self) -> Fraction:
        """Points earned, never below 0."""
        return max(sum((mark.credit * mark.points for mark in self.marks), Fraction(0)), Fraction(0))

    @cached_property
    def possible(self) -> Fraction:
        return sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def passed(self) -> bool:
        return self.possible > 0 and self.earned >= self.pass_mark * self.possible

    def model(self) -> Json:
        """The canonical form that is stored."""
        return {
            "rules": MARKING_RULES,
            "earned": str(self.earned),
            "possible": str(self.possible),
            "pass_mark": str(self.pass_mark),
            "passed": self.passed,
            "marks": [mark.model() for mark in self.marks],
        }


def score(marks: Sequence[Mark], pass_mark: Fraction) -> Score:
    """The score of a paper with these marks, in slot order."""
    return Score(tuple(marks), pass_mark)


def percent(part: Fraction, whole: Fraction) -> int:
    """Whole per cent for display, rounded down so that no failing score is shown as the pass mark."""
    return int(part * 100 / whole) if whole else 0
