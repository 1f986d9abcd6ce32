"""An essay, which people mark by the criteria of its rubric."""

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from mesotrain.core.marking import Given, mean
from mesotrain.core.questions.base import Fields, Part, QuestionType, Reading

FIELD = "answer"
MOST_WORDS, MOST = 1000, 10_000
"""Words that an author may ask for, and characters that are kept: a thousand long words."""
MOST_POINTS, MOST_CRITERIA, MOST_MARKERS = 5, 20, 2


class Essay(QuestionType):
    """The mean of the marks that count, each the sum of its points, over all points of the rubric.

    Until somebody has marked it an answer earns 0; one that says nothing needs no marker. How many words there are is
    told and never refused.
    """

    name = "essay"
    kept = MOST

    def __init__(self, taker: Part, key: Part | None = None, given: Sequence[Given] = ()) -> None:
        super().__init__(taker, key)
        self.given = tuple(given)

    @property
    def words(self) -> tuple[int, int] | None:
        """The fewest and the most words that are asked for."""
        found = cast(list[int], self.taker["words"])
        return (found[0], found[1]) if found else None

    @property
    def criteria(self) -> list[tuple[str, Fraction]]:
        """(what it asks for, the points there are for it), in the author's order."""
        rows = cast(list[dict[str, str]], self.key["criteria"])
        return [(row["text"], Fraction(row["points"])) for row in rows]

    @property
    def possible(self) -> Fraction:
        """The points of the rubric."""
        return sum((points for _, points in self.criteria), Fraction(0))

    def problems(self) -> list[str]:
        found, texts = [], [text for text, _ in self.criteria]
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it above the rubric.")
        if len(texts) > MOST_CRITERIA:
            found.append(f"a rubric has at most {MOST_CRITERIA} criteria.")
        if len(set(texts)) < len(texts):
            found.append("two criteria say the same; make them different.")
        if any(not 1 <= points <= MOST_POINTS for _, points in self.criteria):
            found.append(f"a criterion has 1 to {MOST_POINTS} points; split one that is worth more.")
        return found

    def read(self, raw: Fields) -> Reading:
        return Reading(next(iter(raw.get(FIELD, ())), "").strip() or None)

    def length(self, reading: Reading) -> int:
        """How many words there are between blanks."""
        return len(reading.answer.split()) if isinstance(reading.answer, str) else 0

    def markers(self, reading: Reading) -> int:
        return 0 if reading.unanswered else cast(int, self.key["markers"])

    def judged(self, given: Sequence[Given]) -> "Essay":
        return Essay(self.taker, self.key, given)

    def mark(self, reading: Reading) -> Fraction:
        return Fraction(0) if reading.unanswered else sum(mean(self.given), Fraction(0)) / self.possible

    def examples(self) -> list[tuple[Fields, Fraction]]:
        said = {FIELD: ["An answer."]}
        return [(said, self.mark(self.read(said))), ({FIELD: [" \n"]}, Fraction(0)), ({}, Fraction(0))]
