"""Things to be put in order."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import cast

from mesotrain.core.questions.base import ALL_OR_NOTHING, Fields, QuestionType, Reading, alike, read_parts, reordered

PAIRS = "pairs"
NOWHERE = "-"


class Ordering(QuestionType):
    """Items with a place each, which some share; what does not belong has none.

    *pairs*: what is right / all there is. There is one thing for each pair of items of different places, right where
    the one that comes first was put before the other, and one for each item that does not belong, right where that was
    said. An item that was left out is in no right pair. The share of pairs in the same order is that of Kendall, M. G.
    (1938), A new measure of rank correlation, Biometrika 30, 81-93. *all-or-nothing*: 1 where all is right, else 0.
    """

    name = "ordering"
    parts = "items"

    @property
    def items(self) -> list[str]:
        """Their ids, in the order they are shown in."""
        return [one["id"] for one in cast(list[dict[str, str]], self.taker["items"])]

    @property
    def places(self) -> dict[str, int]:
        """The place of each item that has one, from 1."""
        return {name: int(place) for name, place in cast(dict[str, str], self.key["places"]).items()}

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it between the keys and the items.")
        if alike(cast(list[dict[str, str]], self.taker["items"])):
            found.append("two items have the same text or id; make them different or remove one.")
        given = sorted(set(self.places.values()))
        if len(given) < 2:
            found.append("it needs at least two places.")
        elif given != list(range(1, len(given) + 1)):
            found.append("the places are numbered 1, 2, 3 and so on, without a gap.")
        return found

    def ask(self, seed: str) -> QuestionType:
        return type(self)(reordered(self.taker, "items", seed), self._key)

    @property
    def rules(self) -> list[str]:
        return [cast(str, self.key["rule"])]

    def read(self, raw: Fields) -> Reading:
        known = {NOWHERE, *(str(place) for place in range(1, len(self.items) + 1))}
        return read_parts(raw, self.items, known, "Choose a place for each from the list.")

    def mark(self, reading: Reading) -> Fraction:
        if not isinstance(reading.answer, dict):
            return Fraction(0)
        judged = [right for _, right in self._judged(cast(dict[str, str], reading.answer))]
        credit = Fraction(sum(judged), len(judged))
        return Fraction(credit == 1) if self.key["rule"] == ALL_OR_NOTHING else credit

    def stands(self, reading: Reading, name: str) -> bool:
        """Whether an item was put as it should be to each of the others, or rightly given no place."""
        given = cast(dict[str, str], reading.answer) if isinstance(reading.answer, dict) else {}
        return all(right for names, right in self._judged(given) if name in names)

    def _judged(self, given: dict[str, str]) -> Iterator[tuple[tuple[str, ...], bool]]:
        """Of each thing that can be right the items it is about, and whether it is."""
        put = {name: int(place) for name, place in given.items() if place != NOWHERE}
        for one, other in combinations(sorted(self.places, key=self.places.__getitem__), 2):
            if self.places[one] < self.places[other]:
                yield (one, other), one in put and other in put and put[one] < put[other]
        for name in self.items:
            if name not in self.places:
                yield (name,), given.get(name) == NOWHERE

    def examples(self) -> list[tuple[Fields, Fraction]]:
        right = {name: [str(self.places.get(name, NOWHERE))] for name in self.items}
        last = max(self.places.values())
        turned = {name: [str(last + 1 - place)] for name, place in self.places.items()}
        turned |= {name: ["1"] for name in self.items if name not in self.places}
        return [
            (right, Fraction(1)),
            (turned, Fraction(0)),
            ({name: ["1"] for name in self.items}, Fraction(0)),
            ({}, Fraction(0)),
            ({**right, self.items[0]: ["first"]}, Fraction(0)),
        ]
