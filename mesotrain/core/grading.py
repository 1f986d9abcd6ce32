"""From marks to a score. Fractions decide; nothing is rounded before the pass is decided."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

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
    """The marks of a whole paper, every slot in the denominator.

    `safety` says of each safety point how many right answers are missing: without any that is missing it is met.
    """

    marks: tuple[Mark, ...]
    pass_mark: Fraction
    safety: Mapping[str, int] = field(default_factory=dict)

    @property
    def earned(self) -> Fraction:
        """Points earned, never below 0."""
        return max(sum((mark.credit * mark.points for mark in self.marks), Fraction(0)), Fraction(0))

    @property
    def possible(self) -> Fraction:
        return sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def reached(self) -> bool:
        """Whether the points are enough."""
        return self.possible > 0 and self.earned >= self.pass_mark * self.possible

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


def score(marks: Sequence[Mark], pass_mark: Fraction, safety: Mapping[str, int] | None = None) -> Score:
    """The score of a paper with these marks, in slot order; `safety` as ``missing`` gives it."""
    return Score(tuple(marks), pass_mark, safety or {})


def missing(needed: Mapping[str, int], marks: Iterable[tuple[str, Mark]]) -> dict[str, int]:
    """How many right answers each safety point still needs, given the marks of a paper, each with its point.

    An answer in part is not right, and neither is an unsafe one.
    """
    right = Counter(point for point, one in marks if one.verdict == "right")
    return {point: max(count - right[point], 0) for point, count in needed.items()}


def percent(part: Fraction, whole: Fraction) -> int:
    """Whole per cent for display, rounded down so that no failing score is shown as the pass mark."""
    return int(part * 100 / whole) if whole else 0
