"""A case in stages, of which one is opened after another."""

from collections.abc import Mapping
from fractions import Fraction
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import unclear
from mesotrain.core.questions.base import DECIMAL, Fields, Part, QuestionType, Reading, fields_of
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TrueFalse

STAGE = "stage"
"""The field that says which stage is open; nothing: the first."""
KINDS: dict[str, type[QuestionType]] = {
    kind.name: kind for kind in (Single, Multiple, TrueFalse, Ordering, Matching, Numeric, Text)
}


class Staged(QuestionType):
    """The sum of what the stages earn, each its credit times its points, over all their points.

    A stage is known by its number, and its fields begin with it. Its text is shown once it is open; whoever opens the
    next leaves it as it was answered. One that was never opened, or not answered, earns 0.
    """

    name = "staged"

    @property
    def total(self) -> int:
        """How many stages there are, open or not."""
        return cast(int, self.taker.get("of", len(self._parts)))

    @property
    def _parts(self) -> list[Part]:
        return cast(list[Part], self.taker["stages"])

    def stages(self, *, keyed: bool = True) -> dict[str, QuestionType]:
        """Each stage as a question of its own, by its number."""
        keys = cast(list[Part | None], self.key["stages"]) if keyed else [None] * len(self._parts)
        pairs = enumerate(zip(self._parts, keys, strict=False), 1)
        return {str(at): KINDS[cast(str, part["type"])](part, key) for at, (part, key) in pairs}

    @property
    def points(self) -> dict[str, Fraction]:
        """What a full answer to each stage is worth."""
        return {str(at): Fraction(one) for at, one in enumerate(cast(list[str], self.key["points"]), 1)}

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write how the case begins above the first stage.")
        if len(self._parts) < 2:
            found.append("it needs at least two stages.")
        if len(set(cast(list[str], self.key["names"]))) < len(self._parts):
            found.append("two stages have the same name; rename one.")
        return found + [f"stage {name}: {said}" for name, one in self.stages().items() for said in one.problems()]

    def ask(self, seed: str) -> QuestionType:
        asked: Json = [one.ask(seed_of(seed, name)).taker for name, one in self.stages(keyed=False).items()]
        return Staged({**self.taker, "stages": asked}, self._key)

    def open(self, raw: Fields) -> QuestionType:
        return Staged({**self.taker, "stages": cast(Json, self._parts[: opened(raw)]), "of": self.total}, self._key)

    @property
    def rules(self) -> list[str]:
        return ["stages"] if len(set(self.points.values())) == 1 else ["stages", "weights"]

    def ruled(self, part: Part) -> Part:
        pairs = zip(self.stages().values(), cast(list[Part], part["stages"]), strict=True)
        return {**super().ruled(part), "stages": [one.ruled(shown) for one, shown in pairs]}

    def read(self, raw: Fields) -> Reading:
        stages = list(self.stages(keyed=False).items())[: opened(raw)]
        given = {name: one.read(fields_of(raw, name)) for name, one in stages}
        unread = next((one for one in given.values() if one.problem), Reading())
        answered = {name: one for name, one in given.items() if one.answer is not None}
        return Reading(answered or None, unread.problem, unread.facts)

    def whole(self, reading: Reading) -> bool:
        given, stages = self._given(reading), self.stages(keyed=False)
        return len(given) == self.total and all(stages[name].whole(one) for name, one in given.items())

    def _given(self, reading: Reading) -> dict[str, Reading]:
        given = reading.answer if isinstance(reading.answer, dict) else {}
        return {name: one for name, one in given.items() if isinstance(one, Reading)}

    def mark(self, reading: Reading) -> Fraction:
        stages, points = self.stages(), self.points
        earned = (stages[name].mark(one) * points[name] for name, one in self._given(reading).items())
        return sum(earned, Fraction(0)) / sum(points.values())

    def examples(self) -> list[tuple[Fields, Fraction]]:
        right, wrong = (self._example(worth) for worth in (1, 0))
        last, all_points = {STAGE: [str(self.total)]}, sum(self.points.values())
        first = {name: values for name, values in right.items() if name.startswith("1.")}
        return [
            ({**right, **last}, Fraction(1)),
            ({**wrong, **last}, Fraction(0)),
            (right, self.points["1"] / all_points),
            ({**first, **last}, self.points["1"] / all_points),
            ({}, Fraction(0)),
        ]

    def _example(self, worth: int) -> dict[str, list[str]]:
        """Fields that earn this credit in each stage."""
        found = {}
        for stage, one in self.stages().items():
            earning = (fields for fields, credit in one.examples() if credit == worth and not one.read(fields).problem)
            fields = next(filter(None, earning), {})
            found.update({f"{stage}.{name}": list(values) for name, values in fields.items()})
        return found


def seed_of(seed: str, stage: str) -> str:
    """The seed with which a stage is asked."""
    return f"{seed}/{stage}"


def opened(raw: Fields) -> int:
    """The number of the stage that is open."""
    return max([1, *(int(value) for value in raw.get(STAGE, ()) if value in _NUMBERS)])


_NUMBERS = {str(number) for number in range(1, 100)}


UNKNOWN = "?"
"""The sign of a number that was left where nobody knew how its writer begins decimals."""


def locked(before: Fields, after: Fields) -> Mapping[str, list[str]]:
    """`after` as it may follow `before`: stages that were left stay as they were, and none is closed again.

    Where a number of theirs may be two, the sign with which decimals began when they were left stays beside it.
    """
    now = opened(before)
    left = {str(stage) for stage in range(1, now)}
    kept = {name: list(values) for name, values in before.items() if name.partition(".")[0] in left}
    found = {name: list(values) for name, values in after.items() if name.partition(".")[0] not in left} | kept
    if left:
        found[STAGE] = [str(max(now, opened(after)))]
    for stage in range(1, opened(found)):
        began = (before if str(stage) in left else after).get(DECIMAL, ())
        if f"{stage}.{DECIMAL}" not in found and (sign := sign_of(fields_of({**found, DECIMAL: began}, str(stage)))):
            found[f"{stage}.{DECIMAL}"] = [sign]
    return found


def sign_of(fields: Fields) -> str:
    """With what decimals begin in a number that may be two; nothing where none of them may."""
    signed = any(unclear(value) for values in fields.values() for value in values)
    return next(filter(None, fields.get(DECIMAL, ())), UNKNOWN) if signed else ""
