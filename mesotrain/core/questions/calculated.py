"""A calculation whose values are drawn, the range that is accepted, and the errors that are known."""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product
from math import prod
from typing import NamedTuple, cast

from mesotrain.core.canonical import Json
from mesotrain.core.chance import number
from mesotrain.core.expressions import Values, condition, expression
from mesotrain.core.numbers import decimal_text
from mesotrain.core.quantities import Quantity, Unsound, measured, unit
from mesotrain.core.questions.base import Fields, QuestionType, Reading
from mesotrain.core.questions.numeric import FIELD, read_measure, typed

CHECKED = 1_000
"""Combinations of values that are checked: each where there are no more, else those of as many seeds."""
TRIES = 1_000
RAREST = Fraction(1, 20)
"""Draws until one keeps the constraints, and the least share that has to: then none fails once in 10^22 papers."""
DIGITS = 4
"""Digits, but for zeros at either end, that a clean answer has at most."""

ANSWER = "answer"
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""Where a drawn value stands in a text."""


class Range(NamedTuple):
    """What is accepted, or meets an error, in the answer's unit; both ends belong to it."""

    low: Fraction
    high: Fraction

    def holds(self, value: Fraction) -> bool:
        return self.low <= value <= self.high

    def meets(self, other: "Range") -> bool:
        return self.low <= other.high and other.low <= self.high


class Known(NamedTuple):
    """An error that is known, for the values that were drawn; `place` names its diagnosis."""

    place: str
    value: Fraction
    range: Range
    unsafe: bool


class Calculated(QuestionType):
    """1 where the number lies in answer - below .. answer + above (in per cent: of the answer), else 0.

    An error is met by a number that lies as far round the error's own value, where its condition holds; its
    diagnosis is shown in the review, and an unsafe one is a safety failure. A value is drawn for each variable by the
    seed until the constraints hold. Only a question that was drawn can be read and marked.
    """

    name = "calculated"

    @property
    def drawn(self) -> bool:
        return "values" in self.taker

    @property
    def unit(self) -> str:
        return cast(str, self.taker["unit"])

    @cached_property
    def values(self) -> dict[str, Quantity]:
        """The drawn value of each variable. Raises LookupError before."""
        if not self.drawn:
            raise LookupError("the values of this question were not drawn; ask it with a seed first")
        rows = cast(dict[str, dict[str, str]], self.taker["values"])
        return {name: _quantity(row["value"], row["unit"]) for name, row in rows.items()}

    def ask(self, seed: str) -> "Calculated":
        if self.drawn:
            return self
        for attempt in range(TRIES):
            if self._kept(combination := self._draw(seed, attempt)):
                return self._with(combination)
        raise LookupError("no values keep the constraints of this question")

    def _draw(self, seed: str, attempt: int) -> dict[str, str]:
        return {
            name: values[number(seed, f"{name}/{attempt}") % len(values)] for name, (_, values) in self._ranges.items()
        }

    @cached_property
    def _ranges(self) -> dict[str, tuple[str, list[str]]]:
        rows = cast(list[dict[str, Json]], self.taker["variables"])
        return {cast(str, row["name"]): (cast(str, row["unit"]), cast(list[str], row["values"])) for row in rows}

    def _kept(self, combination: Mapping[str, str]) -> bool:
        if not (rules := cast(list[str], self.taker["where"])):
            return True
        values = {name: _quantity(value, self._ranges[name][0]) for name, value in combination.items()}
        return all(condition(rule).holds(values) for rule in rules)

    def _with(self, combination: Mapping[str, str]) -> "Calculated":
        values = {name: {"value": value, "unit": self._ranges[name][0]} for name, value in combination.items()}
        taker = {name: self.taker[name] for name in ("type", "stem", "unit")}
        return Calculated({**taker, "values": cast(Json, values)}, self._key)

    def told(self, text: str, number: Callable[[Fraction], str]) -> str:
        def value(found: re.Match[str]) -> str:
            if found[1] in self.values:
                row = cast(dict[str, dict[str, str]], self.taker["values"])[found[1]]
                return measured(number(Fraction(row["value"])), row["unit"])
            if found[1] == ANSWER and self._key is not None:
                return measured(number(self.answer), self.unit)
            return found[0]

        return PLACE.sub(value, text)

    def measured(self, number: str) -> str:
        """A number in the answer's unit."""
        return measured(number, self.unit)

    def read(self, raw: Fields) -> Reading:
        _ = self.values
        return read_measure(raw, self.unit)

    @cached_property
    def answer(self) -> Fraction:
        """In the answer's unit. Raises Unsound."""
        return self.worked(cast(str, self.key["answer"]), self.values)

    def worked(self, text: str, values: Values) -> Fraction:
        found, one = expression(text).work(values), unit(self.unit)
        found.same(one, f"the same, and the answer is in {self.unit or 'no unit'}")
        return found.value / one.value

    @property
    def accepted(self) -> Range:
        return self._round(self.answer)

    def _round(self, value: Fraction) -> Range:
        accept = cast(dict[str, str], self.key["accept"])
        share = abs(value) * Fraction(accept.get("share", 0))
        return Range(value - Fraction(accept.get("below", share)), value + Fraction(accept.get("above", share)))

    @cached_property
    def errors(self) -> list[Known]:
        """The known errors whose condition holds. Raises Unsound."""
        one = unit(self.unit)
        values = {**self.values, ANSWER: Quantity(self.answer * one.value, one.dimensions)}
        found = []
        for place, row in enumerate(cast(list[dict[str, Json]], self.key["errors"])):
            when = cast(str, row["when"])
            if not when or condition(when).holds(values):
                value = self.worked(cast(str, row["value"]), values)
                found.append(Known(str(place), value, self._round(value), bool(row["unsafe"])))
        return found

    def met(self, reading: Reading) -> Known | None:
        """The known error that the answer meets."""
        value = reading.answer
        if not isinstance(value, Fraction) or self.mark(reading):
            return None
        return next((one for one in self.errors if one.range.holds(value)), None)

    def mark(self, reading: Reading) -> Fraction:
        accepted = self.accepted
        return Fraction(isinstance(reading.answer, Fraction) and accepted.holds(reading.answer))

    def unsafe(self, reading: Reading) -> bool:
        met = self.met(reading)
        return met is not None and met.unsafe

    def problems(self) -> list[str]:
        """What is wrong, each with the first values that show it."""
        if not cast(str, self.taker["stem"]).strip():
            return ["the question has no stem; write it between the keys and the calculation."]
        if self.drawn:
            return list(_faults(self).values())
        found: dict[str, str] = {}
        tried, kept = 0, 0
        for combination in self._combinations():
            tried += 1
            try:
                if not self._kept(combination):
                    continue
                said = _faults(self._with(combination))
            except Unsound as unsound:
                said = {"unsound": str(unsound)}
            kept += 1
            for what, one in said.items():
                found.setdefault(what, f"{one} So it is for {self._shown(combination)}.")
        if kept < tried * RAREST:
            return [f"of {tried} combinations of values, {kept} keep the constraints; at least one in 20 has to."]
        return list(found.values())

    def _combinations(self) -> Iterator[dict[str, str]]:
        ranges = {name: values for name, (_, values) in self._ranges.items()}
        if prod(map(len, ranges.values())) > CHECKED:
            return (self._draw(f"check {place}", 0) for place in range(CHECKED))
        return (dict(zip(ranges, values, strict=True)) for values in product(*ranges.values()))

    def _shown(self, combination: Mapping[str, str]) -> str:
        given = (f"{name} = {value} {self._ranges[name][0]}".strip() for name, value in islice(combination.items(), 6))
        return ", ".join(given) or "every taker"

    def examples(self) -> list[tuple[Fields, Fraction]]:
        low, high = self.accepted
        beyond = high + 1 + max((one.range.high for one in self.errors), default=Fraction(0))
        given = [*{f"{decimal_text(value)}": None for value in (self.answer, low, high)}]
        numbers: list[tuple[Fields, Fraction]] = [
            (typed(f"{text} {self.unit}"), Fraction(1)) for text in given if "/" not in text
        ]
        errors = [decimal_text(one.value) for one in self.errors]
        wrong = [*(text for text in errors if "/" not in text), str(int(beyond))]
        numbers += [(typed(text), Fraction(0)) for text in wrong]
        return [*numbers, ({FIELD: ["about a half"]}, Fraction(0)), ({FIELD: [" "]}, Fraction(0)), ({}, Fraction(0))]


def _quantity(value: str, name: str) -> Quantity:
    return Quantity(Fraction(value)).times(unit(name))


def _faults(asked: Calculated) -> dict[str, str]:
    """What is wrong with one draw, by what it is about. May raise Unsound."""
    answer, accepted = asked.answer, asked.accepted
    text = decimal_text(answer)
    if "/" in text or len(text.replace(".", "").strip("0")) > DIGITS:
        return {
            "digits": f"the answer, {_short(answer)}, has more than {DIGITS} digits; choose other values or round it."
        }
    if answer <= 0 or accepted.low < 0:
        return {"sign": f"the answer, {text}, or what is accepted below it, is not above zero."}
    found = {}
    if (limit := cast(str, asked.key["limit"])) and accepted.high > (most := asked.worked(limit, asked.values)):
        found["limit"] = f"up to {_short(accepted.high)} is accepted, beyond the limit of {_short(most)}."
    for one in asked.errors:
        if one.range.meets(accepted):
            said = f"error {int(one.place) + 1}, {_short(one.value)}, is not apart from what is accepted"
            found[one.place] = f"{said}; say when it holds."
    for one, other in combinations(asked.errors, 2):
        if one.range.meets(other.range):
            names = f"errors {int(one.place) + 1} and {int(other.place) + 1}"
            found[names] = f"{names}, {_short(one.value)} and {_short(other.value)}, are not apart."
    return found


def _short(value: Fraction) -> str:
    return f"{float(value):.6g}"
