"""From marks to a score. Fractions decide; nothing is rounded before the pass is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mesotrain.core.canonical import Json
from mesotrain.core.questions import MARKING_RULES, QuestionType, Reading


@dataclass(frozen=True)
class Mark:
    """What one slot earned: `credit` of the question (1 is all of it) and the `points` the question carries."""

    credit: Fraction
    points: Fraction
    verdict: str

    def model(self) -> Json:
        return {"credit": str(self.credit), "points": str(self.points), "verdict": self.verdict}


VERDICTS = {
    "right": "Right",
    "partly": "Partly right",
    "wrong": "Not right",
    "unanswered": "Not answered",
    "unreadable": "Could not be read",
}


def mark(asked: QuestionType, reading: Reading, points: Fraction) -> Mark:
    """The mark of one slot. Total: every reading has one."""
    if reading.unanswered:
        return Mark(Fraction(0), points, "unanswered")
    if reading.problem:
        return Mark(Fraction(0), points, "unreadable")
    credit = asked.mark(reading)
    return Mark(credit, points, "right" if credit == 1 else "partly" if credit > 0 else "wrong")


@dataclass(frozen=True)
class Score:
    """The marks of a whole paper, every slot in the denominator."""

    marks: tuple[Mark, ...]
    pass_mark: Fraction

    @property
    def earned(self) -> Fraction:
        """Points earned, never below 0."""
        return max(sum((mark.credit * mark.points for mark in self.marks), Fraction(0)), Fraction(0))

    @property
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
