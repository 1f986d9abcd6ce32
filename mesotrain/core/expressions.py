"""A small arithmetic of our own: numbers, [units], names, + - * / ( ), min max round, and comparisons. Never eval.

    condition: sum (< <= > >= = !=) sum
    sum:       product ((+ -) product)*
    product:   factor ((* /) factor)*
    factor:    - factor | number [unit]? | name | ( sum ) | min(sum, ...) | max(sum, ...) | round(sum, sum)

``round(x, step)`` is the multiple of `step` next to x, a half going up.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import floor
from typing import NamedTuple

from mesotrain.core.quantities import Quantity, Unsound, unit

Values = Mapping[str, Quantity]
Worked = Callable[[Values], Quantity]

LONGEST, DEEPEST = 300, 20
"""Characters of an expression, and brackets open at once."""

_TOKEN = re.compile(
    r"(?P<number>[0-9]{1,12}(?:\.[0-9]{1,12})?)(?![0-9.,]*[0-9])|\[(?P<unit>[^\[\]]*)\]|(?P<name>[a-z][a-z0-9_]*)"
    r"|(?P<sign><=|>=|!=|[-+*/(),<>=])|(?P<other>[^\s\[]+|\S)"
)
_COMPARED = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
FUNCTIONS = ("min", "max", "round")


class Expression(NamedTuple):
    """An expression that was read: the names it uses, and how it is worked out. That may raise Unsound."""

    names: frozenset[str]
    work: Worked


class Condition(NamedTuple):
    """A comparison that was read."""

    names: frozenset[str]
    holds: Callable[[Values], bool]


@cache
def expression(text: str) -> Expression:
    """Raises Unsound, with a sentence for the author."""
    reader = _Reader(text)
    work = reader.sum()
    reader.end()
    return Expression(frozenset(reader.names), work)


@cache
def condition(text: str) -> Condition:
    """Raises Unsound, with a sentence for the author."""
    reader = _Reader(text)
    left = reader.sum()
    sign = reader.take(*_COMPARED)
    if not sign:
        raise Unsound(f"a comparison is expected, such as weight > 60 [kg], not “{text[:40]}”.")
    right = reader.sum()
    reader.end()
    compared = _COMPARED[sign]

    def holds(values: Values) -> bool:
        one, other = left(values), right(values)
        one.same(other, "compared")
        return bool(compared(one.value, other.value))

    return Condition(frozenset(reader.names), holds)


class _Reader:
    """Reads one expression from its beginning."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Unsound(f"it has more than {LONGEST} characters.")
        self._tokens = list(_TOKEN.finditer(text))
        self._at = self._depth = 0
        self.names: set[str] = set()
        if odd := next((token["other"] for token in self._tokens if token["other"]), None):
            hint = "; per cent is written [%w/v]" if "%" in odd else ""
            hint = "; write the decimal point, and a blank after a comma" if re.match("[0-9]+,", odd) else hint
            raise Unsound(f"“{odd[:20]}” has no meaning here{hint}.")

    def take(self, *signs: str) -> str:
        """The next token, where it is one of these signs."""
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        if token and token["sign"] in signs:
            self._at += 1
            return token[0]
        return ""

    def end(self) -> None:
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            what = "a unit stands after a number" if token["unit"] is not None else "an operator is missing before it"
            raise Unsound(f"“{token[0]}” cannot stand there; {what}.")

    def sum(self) -> Worked:
        left = self._product()
        while sign := self.take("+", "-"):
            left = _added(left, self._product(), 1 if sign == "+" else -1)
        return left

    def _product(self) -> Worked:
        left = self._factor()
        while sign := self.take("*", "/"):
            left = _multiplied(left, self._factor(), 1 if sign == "*" else -1)
        return left

    def _factor(self) -> Worked:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unsound("too many brackets or signs stand in one another.")
        try:
            return self._one()
        finally:
            self._depth -= 1

    def _one(self) -> Worked:
        if self.take("-"):
            return _multiplied(lambda _: Quantity(Fraction(-1)), self._factor(), 1)
        if self.take("("):
            return self._closed([self.sum()])[0]
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        self._at += 1
        if token and token["number"]:
            return self._number(Fraction(token["number"]))
        if token and token["name"] in FUNCTIONS:
            return self._function(token["name"])
        if token and token["name"]:
            name = token["name"]
            self.names.add(name)
            return lambda values: values[name]
        raise Unsound(f"a number or a name is expected{f' before “{token[0]}”' if token else ' at the end'}.")

    def _number(self, value: Fraction) -> Worked:
        found = Quantity(value)
        if self._at < len(self._tokens) and (name := self._tokens[self._at]["unit"]) is not None:
            self._at += 1
            found = found.times(unit(name.strip()))
        return lambda _: found

    def _function(self, name: str) -> Worked:
        if not self.take("("):
            raise Unsound(f"{name} is followed by brackets, as in {name}(a, b).")
        given = [self.sum()]
        while self.take(","):
            given.append(self.sum())
        self._closed(given)
        if len(given) < 2 or (name == "round" and len(given) > 2):
            like = "round(a, 0.1 [mL])" if name == "round" else f"{name}(a, b)"
            raise Unsound(f"{name} takes two values, as in {like}.")
        return _rounded(*given) if name == "round" else _extreme(min if name == "min" else max, given)

    def _closed(self, given: list[Worked]) -> list[Worked]:
        if not self.take(")"):
            raise Unsound("a bracket is never closed.")
        return given


def _added(left: Worked, right: Worked, sign: int) -> Worked:
    def work(values: Values) -> Quantity:
        one, other = left(values), right(values)
        one.same(other, "added" if sign > 0 else "subtracted")
        return Quantity(one.value + sign * other.value, one.dimensions)

    return work


def _multiplied(left: Worked, right: Worked, power: int) -> Worked:
    return lambda values: left(values).times(right(values), power)


def _extreme(choose: Callable[[Sequence[Fraction]], Fraction], given: Sequence[Worked]) -> Worked:
    def work(values: Values) -> Quantity:
        found = [one(values) for one in given]
        for one in found:
            found[0].same(one, "compared")
        return Quantity(choose([one.value for one in found]), found[0].dimensions)

    return work


def _rounded(given: Worked, by: Worked) -> Worked:
    def work(values: Values) -> Quantity:
        found, step = given(values), by(values)
        found.same(step, "compared")
        if step.value <= 0:
            raise Unsound("it rounds to a step that is not above zero.")
        return Quantity(floor(found.value / step.value + Fraction(1, 2)) * step.value, found.dimensions)

    return work
