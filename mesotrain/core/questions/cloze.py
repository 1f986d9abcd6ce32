"""A text with gaps: words to choose, numbers and short texts."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions.base import ALL_OR_NOTHING, Fields, Part, QuestionType, Reading, fields_of
from mesotrain.core.questions.choice import FIELD as CHOICE
from mesotrain.core.questions.choice import PARTIAL, Single
from mesotrain.core.questions.numeric import FIELD as NUMBER
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import EXACT, Text
from mesotrain.core.questions.text import FIELD as TEXT

GAP = re.compile(r"\[\[([0-9]{1,2})\]\]")
"""Where a gap stands in the stem."""
KINDS: dict[str, type[QuestionType]] = {kind.name: kind for kind in (Single, Numeric, Text)}
FIELDS = {Single.name: CHOICE, Numeric.name: NUMBER, Text.name: TEXT}
"""The field in which a gap of each kind is answered."""


class Gap(NamedTuple):
    """A gap as a question of its own, and what was given for it."""

    name: str
    asked: QuestionType
    reading: Reading

    @property
    def field(self) -> str:
        """The field in which it is answered."""
        return f"{self.name}.{FIELDS[self.asked.name]}"


class Cloze(QuestionType):
    """The mean of what the gaps earn, each as a question of its kind; one that is empty or cannot be read earns 0.

    A gap with a `weight`, a whole number, counts as that many. Where the key has a `rule`, *partial* is the mean, never
    below 0, which gaps with credits below 0 could make it; *all-or-nothing*: 1 where every gap earns 1, else 0.
    A gap is known by its number in the text: a hash of what it accepts could be found by trying words.
    """

    name = "cloze"
    parts = "gaps"

    @property
    def _written(self) -> list[Part]:
        return cast(list[Part], self.taker["gaps"])

    def _gaps(self, *, keyed: bool) -> Iterator[tuple[str, QuestionType]]:
        keys = cast(dict[str, Part], self.key["gaps"]) if keyed else {}
        rules = {rule: self.taker[rule] for rule in ("shuffle", "exact")}
        for gap in self._written:
            name = cast(str, gap["id"])
            yield name, KINDS[cast(str, gap["type"])]({**rules, **gap, "stem": name}, keys.get(name))

    @property
    def weights(self) -> dict[str, int]:
        """What each gap counts, by its name."""
        return {cast(str, gap["id"]): int(cast(str, gap.get("weight", "1"))) for gap in self._written}

    def given(self, raw: Fields, *, keyed: bool = True) -> list[Gap]:
        """Each gap with what these fields give for it."""
        found = []
        for name, asked in self._gaps(keyed=keyed):
            found.append(Gap(name, asked, asked.read(fields_of(raw, name))))
        return found

    def words(self, gap: Gap, raw: Fields) -> str:
        """What was given for a gap, as it is read."""
        options = cast(list[dict[str, str]], gap.asked.taker.get("options", []))
        known = {option["id"]: option["words"] for option in options}
        return " ".join(known.get(one, one) for one in raw.get(gap.field, ()))

    def ask(self, seed: str) -> QuestionType:
        asked = (one.ask(f"{seed}/{name}").taker for name, one in self._gaps(keyed=False))
        gaps = [{name: one[name] for name in gap} for gap, one in zip(self._written, asked, strict=True)]
        return Cloze({**self.taker, "gaps": cast(Json, gaps)}, self._key)

    def problems(self) -> list[str]:
        found = [f"gap {name}: {said}" for name, asked in self._gaps(keyed=True) for said in asked.problems()]
        return found + ([] if any(self.weights.values()) else ["one gap at least counts something."])

    @property
    def rules(self) -> list[str]:
        own = {rule for _, one in self._gaps(keyed=True) for rule in one.rules}
        counting = [name for name in EXACT if name in own]
        if self.key.get("rule") == ALL_OR_NOTHING:
            return [ALL_OR_NOTHING, *counting]
        shared = {"gaps": len(self._written) > 1, "weights": len(set(self.weights.values())) > 1}
        kinds = {**shared, "minus": "minus" in own, "floor": self.key.get("rule") == PARTIAL}
        return [name for name, holds in kinds.items() if holds] + counting

    def read(self, raw: Fields) -> Reading:
        given = {gap.name: gap.reading for gap in self.given(raw, keyed=False)}
        unread = next((one for one in given.values() if one.problem), Reading())
        answered = {name: one for name, one in given.items() if one.answer is not None}
        return Reading(answered or None, unread.problem, unread.facts)

    def mark(self, reading: Reading) -> Fraction:
        given = reading.answer if isinstance(reading.answer, dict) else {}
        gaps, weights = dict(self._gaps(keyed=True)), self.weights
        earned = (
            weights[name] * gaps[name].mark(one)
            for name, one in given.items()
            if isinstance(one, Reading) and name in gaps
        )
        mean = sum(earned, Fraction(0)) / sum(weights.values())
        if self.key.get("rule") == ALL_OR_NOTHING:
            return Fraction(mean == 1)
        return max(mean, Fraction(0)) if self.key.get("rule") == PARTIAL else mean

    def examples(self) -> list[tuple[Fields, Fraction]]:
        right: dict[str, Fields] = {}
        wrong: dict[str, Fields] = {}
        for name, asked in self._gaps(keyed=True):
            for kept, worth in ((right, 1), (wrong, 0)):
                fields = next((fields for fields, credit in asked.examples() if credit == worth and fields), {})
                kept[name] = {f"{name}.{field}": values for field, values in fields.items()}
        one = max(right, key=self.weights.__getitem__)
        share = Fraction(self.weights[one], sum(self.weights.values()))
        share = Fraction(share == 1) if self.key.get("rule") == ALL_OR_NOTHING else share
        return [
            (_together(right), Fraction(1)),
            (_together(wrong), Fraction(0)),
            (_together({**wrong, one: right[one]}), share),
            (right[one], share),
            ({f"{one}.choice": ["?"], f"{one}.number": ["?"]}, Fraction(0)),
            ({}, Fraction(0)),
        ]


def _together(gaps: dict[str, Fields]) -> Fields:
    return {field: values for fields in gaps.values() for field, values in fields.items()}
