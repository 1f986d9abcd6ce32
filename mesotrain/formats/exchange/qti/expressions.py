"""The expressions of QTI, each as a function of a run and its element. NULL is None; what is not known is Unfit."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor, trunc
from typing import Protocol

from lxml import etree

from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.functions import CONSTANTS, divisor, multiple, operated, power, statistic
from mesotrain.formats.exchange.qti.own import OWN
from mesotrain.formats.exchange.qti.patterns import fits, forms_of
from mesotrain.formats.exchange.qti.values import (
    ORDERED,
    PAIR,
    SINGLE,
    Declared,
    Single,
    Truth,
    Value,
    area,
    number,
    same,
    single,
    whole,
)
from mesotrain.formats.exchange.qti.xml import said, shown, text_of, truth

_MOST_BITS, MOST_REPEATS, _GRAINS = 4_000, 100, 10**6


class Running(Protocol):
    """What an expression may ask of a run."""

    def variable(self, name: str) -> Value: ...
    def declared(self, name: str) -> Declared: ...
    def cardinality(self, element: etree._Element) -> str: ...
    def mapped(self, of: Declared, *, points: bool) -> Fraction: ...
    def value(self, element: etree._Element) -> Value: ...
    def chance(self, count: int) -> int: ...


Expression = Callable[[Running, etree._Element], Value]


def truth_of(value: Value) -> Truth:
    """A value as a condition."""
    if isinstance(value, Fraction):
        return value != 0
    return value if isinstance(value, bool) else None if value is None else bool(value)


def _operands(run: Running, element: etree._Element, count: int | None = None) -> list[Value]:
    if count is not None and len(element) != count:
        raise Unfit(f"{shown(element)} has {len(element)} operands, not {count}.")
    return [run.value(one) for one in element]


def listed(value: Value) -> list[Single]:
    """The values of a container, or one."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _numbers(run: Running, element: etree._Element, count: int | None = None) -> list[Fraction] | None:
    """The operands as numbers; None where one is NULL."""
    found: list[Fraction] = []
    for value in _operands(run, element, count):
        if value is None:
            return None
        for one in map(_read, listed(value)):
            if one is None:
                return None
            found.append(one)
    return found


def _read(one: Single) -> Fraction | None:
    """A value as a number, also where it stands in a text."""
    if isinstance(one, str) and re.fullmatch(r"\s*[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})\s*", one):
        return number(one)
    return one if isinstance(one, Fraction) else None


def _arithmetic(work: Callable[[list[Fraction]], Fraction | None], count: int | None = None) -> Expression:
    def worked(run: Running, element: etree._Element) -> Value:
        found = _numbers(run, element, count)
        if not found:
            return None
        value = work(found)
        if value is not None and max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
            raise Unfit(f"{shown(element)} makes a number that is too long.")
        return value

    return worked


def _compared(holds: Callable[[Fraction, Fraction], bool]) -> Expression:
    def worked(run: Running, element: etree._Element) -> Value:
        found = _numbers(run, element, 2)
        return holds(*found) if found and len(found) == 2 else None

    return worked


def _product(numbers: list[Fraction]) -> Fraction:
    found = Fraction(1)
    for one in numbers:
        found *= one
    return found


def rounded(value: Fraction, mode: str, figures: int) -> Fraction:
    """To so many decimal places or significant figures; a half goes up."""
    scale = Fraction(10) ** figures
    if mode.startswith("significantFigure"):
        if value == 0:
            return value
        digits = len(str(abs(trunc(value)))) if abs(value) >= 1 else 0
        while digits <= 0 and abs(value) * Fraction(10) ** (1 - digits) < 1:
            digits -= 1
        scale = Fraction(10) ** (figures - digits)
    return Fraction(floor(value * scale + Fraction(1, 2))) / scale


def _rounding(element: etree._Element) -> tuple[str, int]:
    figures = said(element, "figures", "3")
    mode = said(element, "roundingMode", "significantFigures")
    if not re.fullmatch("[0-9]{1,2}", figures) or mode.rstrip("s") not in ("significantFigure", "decimalPlace"):
        raise Unfit(f"{shown(element)} rounds to “{figures[:20]}” as “{mode[:30]}”, which is not supported.")
    return mode, int(figures)


def _round_to(run: Running, element: etree._Element) -> Value:
    found = _numbers(run, element, 1)
    return rounded(found[0], *_rounding(element)) if found else None


def _equal_rounded(run: Running, element: etree._Element) -> Value:
    found = _numbers(run, element, 2)
    if not found:
        return None
    how = _rounding(element)
    return rounded(found[0], *how) == rounded(found[1], *how)


def bounds(element: etree._Element, middle: Fraction) -> tuple[Fraction, Fraction]:
    """From where to where a number equals `middle`, by an ``equal`` with its tolerance. Raises Unfit."""
    mode = said(element, "toleranceMode", "exact")
    if mode == "exact":
        return middle, middle
    off = [number(one) for one in said(element, "tolerance", "0").split()] or [Fraction(0)]
    if mode not in ("absolute", "relative"):
        raise Unfit(f"a tolerance of the kind “{mode[:20]}” is not supported.")
    below, above = off[0], off[-1]
    if mode == "relative":
        low, high = middle * (1 - below / 100), middle * (1 + above / 100)
        return min(low, high), max(low, high)
    return middle - below, middle + above


def _equal(run: Running, element: etree._Element) -> Value:
    found = _numbers(run, element, 2)
    if not found or len(found) != 2:
        return None
    low, high = bounds(element, found[0])
    above = found[1] >= low if truth(element, "includeLowerBound", otherwise=True) else found[1] > low
    below = found[1] <= high if truth(element, "includeUpperBound", otherwise=True) else found[1] < high
    return (above and below) or (low == high == found[1] and said(element, "toleranceMode", "exact") == "exact")


def _match(run: Running, element: etree._Element) -> Value:
    ordered = any(run.cardinality(one) == ORDERED for one in element)
    one, other = _operands(run, element, 2)
    return same(one, other, ORDERED if ordered else SINGLE)


def _member(run: Running, element: etree._Element) -> Value:
    one, many = _operands(run, element, 2)
    return None if one is None or many is None else one in listed(many)


def _contains(run: Running, element: etree._Element) -> Value:
    whole_one, part = _operands(run, element, 2)
    if whole_one is None or part is None:
        return None
    if all(run.cardinality(one) == ORDERED for one in element):
        return _part(listed(whole_one), listed(part))
    return not Counter(listed(part)) - Counter(listed(whole_one))


def _delete(run: Running, element: etree._Element) -> Value:
    gone, many = _operands(run, element, 2)
    if isinstance(gone, list) and not isinstance(many, list):
        gone, many = many, gone  # the value comes first, but not everybody writes it so
    return [one for one in listed(many) if one != gone] or None


def _index(run: Running, element: etree._Element) -> Value:
    values = listed(run.value(element[0])) if len(element) else []
    at = whole(said(element, "n"), 0)
    if not at and len(element) == 2 and isinstance(told := run.value(element[1]), Fraction):
        at = int(told)
    return values[at - 1] if 0 < at <= len(values) else None


def _all(run: Running, element: etree._Element) -> Value:
    found = [truth_of(one) for one in _operands(run, element)]
    return False if False in found else None if None in found else True


def _any(run: Running, element: etree._Element) -> Value:
    found = [truth_of(one) for one in _operands(run, element)]
    return True if True in found else None if None in found else False


def _any_of(run: Running, element: etree._Element) -> Value:
    found = [truth_of(one) for one in _operands(run, element)]
    least, most = whole(said(element, "min"), 0), whole(said(element, "max"), len(found))
    right, unknown = found.count(True), found.count(None)
    if right > most or right + unknown < least:
        return False
    return True if right >= least and right + unknown <= most else None


def _not(run: Running, element: etree._Element) -> Value:
    found = truth_of(_operands(run, element, 1)[0])
    return None if found is None else not found


def _string_match(run: Running, element: etree._Element) -> Value:
    one, other = _operands(run, element, 2)
    if one is None or other is None:
        return None
    ones, others = str(one), str(other)
    if not truth(element, "caseSensitive", otherwise=True):
        ones, others = ones.casefold(), others.casefold()
    return others in ones if truth(element, "substring") else ones == others


def _substring(run: Running, element: etree._Element) -> Value:
    one, other = _operands(run, element, 2)
    if one is None or other is None:
        return None
    part, text = str(one), str(other)
    if not truth(element, "caseSensitive", otherwise=True):
        part, text = part.casefold(), text.casefold()
    return part in text


def _pattern_match(run: Running, element: etree._Element) -> Value:
    text, *more = _operands(run, element)
    pattern = str(element.get("pattern", "") or (more[0] if more else ""))
    cased = truth(element, "caseSensitive", otherwise=True)
    forms, counts = forms_of(pattern)
    return None if text is None else fits(forms, str(text), cased=cased and counts)


def _inside(run: Running, element: etree._Element) -> Value:
    (value,) = _operands(run, element, 1)
    where = area(said(element, "shape"), said(element, "coords"))
    points = [one for one in listed(value) if isinstance(one, tuple) and isinstance(one[0], Fraction)]
    return any(where.holds(one) for one in points) if points else None


def _own(run: Running, element: etree._Element) -> Value:
    """An operator that is not of QTI, where its meaning is known."""
    name = said(element, "definition") or said(element, "class")
    if len(element) == 1 and (work := OWN.get(name.rpartition(":")[2])):
        value = run.value(element[0])
        return None if value is None else work(str(value))
    raise Unfit(f"its marking uses an operator of somebody's own, “{name[:60]}”.")


def _constant(run: Running, element: etree._Element) -> Value:
    return single(text_of(element), said(element, "baseType"))


def _random(run: Running, element: etree._Element) -> Value:
    found = listed(_operands(run, element, 1)[0])
    return found[run.chance(len(found))] if found else None


def _random_integer(run: Running, element: etree._Element) -> Value:
    low, high, step = (number(said(element, name, usual)) for name, usual in (("min", "0"), ("max", ""), ("step", "1")))
    if step <= 0 or high < low:
        raise Unfit(f"{shown(element)} has nothing to draw from.")
    return low + step * run.chance(floor((high - low) / step) + 1)


def _random_float(run: Running, element: etree._Element) -> Value:
    low, high = (number(said(element, name, "0")) for name in ("min", "max"))
    return low + (high - low) * run.chance(_GRAINS if high != low else 1) / _GRAINS


def _gathered(run: Running, element: etree._Element) -> Value:
    return [one for value in _operands(run, element) for one in listed(value)] or None


def _named(work: Callable[[str, Sequence[Fraction]], Fraction | None]) -> Expression:
    """A function that an attribute names."""

    def worked(run: Running, element: etree._Element) -> Value:
        found = _numbers(run, element)
        return work(said(element, "name"), found) if found else None

    return worked


def _math_constant(run: Running, element: etree._Element) -> Value:
    if (name := said(element, "name")) not in CONSTANTS:
        raise Unfit(f"its marking uses the constant “{name[:20]}”, which is not known.")
    return CONSTANTS[name]


def _repeated(run: Running, element: etree._Element) -> Value:
    """An ordered container of what its operands give, one after another, so many times over."""
    times = whole(said(element, "numberRepeats"), 0)
    if times > MOST_REPEATS:
        raise Unfit(f"{shown(element)} repeats {times:,} times; at most {MOST_REPEATS} are worked out.")
    return [one for _ in range(times) for value in _operands(run, element) for one in listed(value)] or None


def _part(many: list[Single], some: list[Single]) -> bool:
    """Whether `some` stand in `many` one behind another."""
    return any(many[at : at + len(some)] == some for at in range(len(many) - len(some) + 1))


EXPRESSIONS: dict[str, Expression] = {
    "and": _all,
    "anyN": _any_of,
    "baseValue": _constant,
    "contains": _contains,
    "containerSize": lambda run, one: Fraction(len(listed(_operands(run, one, 1)[0]))),
    "correct": lambda run, one: run.declared(said(one, "identifier")).correct,
    "customOperator": _own,
    "default": lambda run, one: run.declared(said(one, "identifier")).default,
    "delete": _delete,
    "durationGTE": _compared(lambda one, other: one >= other),
    "durationLT": _compared(lambda one, other: one < other),
    "divide": _arithmetic(lambda found: found[0] / found[1] if found[1] else None, 2),
    "equal": _equal,
    "equalRounded": _equal_rounded,
    "gcd": _arithmetic(divisor),
    "gt": _compared(lambda one, other: one > other),
    "gte": _compared(lambda one, other: one >= other),
    "index": _index,
    "inside": _inside,
    "integerDivide": _arithmetic(lambda found: Fraction(found[0] // found[1]) if found[1] else None, 2),
    "integerModulus": _arithmetic(lambda found: found[0] % found[1] if found[1] else None, 2),
    "integerToFloat": _arithmetic(lambda found: found[0], 1),
    "isNull": lambda run, one: _operands(run, one, 1)[0] is None,
    "lcm": _arithmetic(multiple),
    "lt": _compared(lambda one, other: one < other),
    "lte": _compared(lambda one, other: one <= other),
    "mapResponse": lambda run, one: run.mapped(run.declared(said(one, "identifier")), points=False),
    "mapResponsePoint": lambda run, one: run.mapped(run.declared(said(one, "identifier")), points=True),
    "match": _match,
    "mathConstant": _math_constant,
    "mathOperator": _named(operated),
    "max": _arithmetic(max),
    "mean": _arithmetic(lambda found: statistic("mean", found)),
    "member": _member,
    "min": _arithmetic(min),
    "multiple": _gathered,
    "not": _not,
    "notEqual": _compared(lambda one, other: one != other),
    "null": lambda run, one: None,
    "or": _any,
    "ordered": _gathered,
    "patternMatch": _pattern_match,
    "power": _arithmetic(lambda found: power(*found), 2),
    "product": _arithmetic(_product),
    "random": _random,
    "randomFloat": _random_float,
    "randomInteger": _random_integer,
    "repeat": _repeated,
    "round": _arithmetic(lambda found: Fraction(floor(found[0] + Fraction(1, 2))), 1),
    "roundTo": _round_to,
    "statsOperator": _named(statistic),
    "stringMatch": _string_match,
    "substring": _substring,
    "subtract": _arithmetic(lambda found: found[0] - found[1], 2),
    "sum": _arithmetic(lambda found: sum(found, Fraction(0))),
    "truncate": _arithmetic(lambda found: Fraction(trunc(found[0])), 1),
    "variable": lambda run, one: run.variable(said(one, "identifier")),
}
"""By the name of the element."""
__all__ = ["EXPRESSIONS", "PAIR", "bounds", "listed", "rounded", "truth_of"]
