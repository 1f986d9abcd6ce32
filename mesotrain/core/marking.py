"""Marks that people give: how many an answer needs, which of them count, and how far markers agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mesotrain.core.canonical import Json

STEP = Fraction(1, 2)
"""Points are given in halves."""
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Given:
    """What one person gave an answer: the points of each criterion, and what they tell its taker."""

    points: tuple[Fraction, ...]
    comment: str = ""

    @property
    def total(self) -> Fraction:
        return sum(self.points, Fraction(0))

    def model(self) -> dict[str, Json]:
        return {"points": [str(one) for one in self.points], "comment": self.comment}


def given(model: Any) -> Given:
    """What `Given.model` keeps."""
    return Given(tuple(map(Fraction, model["points"])), model["comment"])


def scale(most: Fraction) -> list[Fraction]:
    """The points there are to give for a criterion of so many."""
    return [STEP * number for number in range(int(most / STEP) + 1)]


def needed(markers: int, totals: Sequence[Fraction], possible: Fraction) -> int:
    """How many marks an answer needs that `markers` people mark, after the marks with these totals.

    Where two lie more than half of the points apart a third marker decides: no one person's slip moves a result.
    """
    apart = markers == 2 and len(totals) >= 2 and abs(totals[0] - totals[1]) > possible / 2
    return 3 if apart else markers


def counting(marks: Sequence[Given]) -> tuple[Given, ...]:
    """Those whose mean is the credit: of three the two whose totals lie closest, or all where the third is between."""
    if len(marks) < 3:
        return tuple(marks)
    low, middle, high = sorted(one.total for one in marks)
    if middle - low == high - middle:
        return tuple(marks)
    stray = high if middle - low < high - middle else low
    out = next(at for at, one in enumerate(marks) if one.total == stray)
    return tuple(one for at, one in enumerate(marks) if at != out)


def mean(marks: Sequence[Given]) -> tuple[Fraction, ...]:
    """The points of each criterion, exact, as the marks that count give them; nothing without marks."""
    chosen = counting(marks)
    return tuple(sum(points, Fraction(0)) / len(chosen) for points in zip(*(one.points for one in chosen), strict=True))


@dataclass(frozen=True)
class Agreement:
    """How far two markers agree who do not see each other's marks, over so many `pairs` of points.

    `same` is the share of pairs that are equal, `apart` the mean of their differences in points. Who is the first of
    two changes from answer to answer, so there are no two raters for Cohen's kappa to tell apart.
    """

    pairs: int
    same: Fraction
    apart: Fraction


def agreement(pairs: Sequence[tuple[Fraction, Fraction]]) -> Agreement | None:
    """How far the first two marks agree; None where there are none."""
    if not pairs:
        return None
    differences = [abs(one - other) for one, other in pairs]
    same = Fraction(sum(not one for one in differences), len(pairs))
    return Agreement(len(pairs), same, sum(differences, Fraction(0)) / len(pairs))
