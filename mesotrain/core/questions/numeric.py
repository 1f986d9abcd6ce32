"""A fixed number with its unit and the range that is accepted."""

import re
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import cast

from mesotrain.core.errors import Refused
from mesotrain.core.numbers import decimal_text, rational, read_number
from mesotrain.core.quantities import written
from mesotrain.core.questions.base import DECIMAL, Fields, QuestionType, Reading
from mesotrain.core.signs import UNSEEN

FIELD = "number"
ANOTHER_UNIT = "“%(text)s” is in another unit. Write how much it is in %(unit)s."
_MEASURE = re.compile(r"([-+\u2212\u2013]?\s?[\d.,\s]*[\d.,](?:[eE][-+]?\d+)?)\s*([^\d\s.,+-].*)")
"""A number and what stands behind it."""


class Numeric(QuestionType):
    """The first accepted range that holds the number gives its credit; outside all of them is 0."""

    name = "numeric"

    @cached_property
    def accepted(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """(low, high, credit) in the author's order; both ends belong to the range."""
        rows = cast(list[dict[str, str]], self.key["accepted"])
        return [(rational(row["low"]), rational(row["high"]), rational(row["credit"])) for row in rows]

    @property
    def unit(self) -> str:
        return cast(str, self.taker["unit"])

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it between the keys and the answer.")
        credits = {credit for _, _, credit in self.accepted}
        if 1 not in credits:
            found.append("one accepted answer needs full credit.")
        if any(low > high for low, high, _ in self.accepted):
            found.append("a tolerance runs backwards: write it as +0.05 -0.05.")
        if any(not 0 <= credit <= 1 for credit in credits):
            found.append("an accepted answer's credit lies between 0% and 100%.")
        return found

    def read(self, raw: Fields) -> Reading:
        return read_measure(raw, self.unit)

    def mark(self, reading: Reading) -> Fraction:
        if not isinstance(reading.answer, Fraction):
            return Fraction(0)
        for low, high, credit in self.accepted:
            if low <= reading.answer <= high:
                return credit
        return Fraction(0)

    def examples(self) -> list[tuple[Fields, Fraction]]:
        low, high, credit = self.accepted[0]
        beyond = Fraction(floor(max(top for _, top, _ in self.accepted)) + 1)
        return [
            (typed(decimal_text(low)), credit),
            (typed(f" {decimal_text(high)} {self.unit}"), credit),
            (typed(decimal_text(high).replace(".", ","), ","), credit),
            (typed(decimal_text(beyond)), Fraction(0)),
            ({FIELD: ["about a half"]}, Fraction(0)),
            ({FIELD: [""]}, Fraction(0)),
            ({}, Fraction(0)),
        ]


def typed(text: str, decimal: str = ".") -> Fields:
    """The fields of a number as somebody types it whose language begins decimals so."""
    return {FIELD: [text], DECIMAL: [decimal]}


def read_measure(raw: Fields, unit: str) -> Reading:
    """The number in the field, which may have its unit behind it."""
    text = UNSEEN.sub("", next(iter(raw.get(FIELD, ())), "")).strip()
    number, another = _measured(text, unit) if unit else (text, False)
    if not number:
        return Reading()
    if another:
        return Reading(problem=ANOTHER_UNIT, facts={"text": text[:40], "unit": unit})
    try:
        return Reading(read_number(number, next(iter(raw.get(DECIMAL, ())), "")))
    except Refused as refusal:
        return Reading(problem=refusal.sentence, facts=refusal.facts)


def _measured(text: str, unit: str) -> tuple[str, bool]:
    """What is left of a text without its unit, and whether that is another one."""
    parts = _MEASURE.fullmatch(text)
    if parts and (found := written(parts[2])):
        return parts[1].strip(), found != written(unit)
    return (text[: -len(unit)].strip() if text.lower().endswith(unit.lower()) else text), False
