"""The expressions of QTI, each as a function of a run and its element. NULL is None; what is not known is Unfit."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor, trunc
from typing import Protocol

from lxml import etree

from mesotrain.formats.exchange.items import Unfit
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

_MOST_BITS = 4_000


class Running(Protocol):
    """What an expression may ask of a run."""

    def variable(self, name: str) -> Value: ...
    def declared(self, name: str) -> Declared: ...
    def cardinality(self, element: etree._Element) -> str: ...
    def mapped(self, of: Declared, *, points: bool) -> Fraction: ...
    def value(self, element: etree._Element) -> Value: ...


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


def _power(numbers: list[Fraction]) -> Fraction | None:
    base, exponent = numbers
    if exponent.denominator != 1 or abs(exponent) > 60:
        raise Unfit("a power is worked out for whole exponents up to 60.")
    return None if base == 0 and exponent < 0 else base ** int(exponent)


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
    return not Counter(listed(part)) - Counter(listed(whole_one))


def _delete(run: Running, element: etree._Element) -> Value:
    gone, many = _operands(run, element, 2)
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
    """Operators that are not of QTI and whose meaning is known: of blanks, accents and the decimal comma."""
    name = said(element, "definition") or said(element, "class")
    if len(element) == 1 and (work := OWN.get(name.rpartition(":")[2])):
        value = run.value(element[0])
        return None if value is None else work(str(value))
    raise Unfit(f"its marking uses an operator of somebody's own, “{name[:60]}”.")


def plain_letters(text: str) -> str:
    """`text` without its accents."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _comma(text: str) -> Single | None:
    plain = text.strip().replace(",", ".")
    return Fraction(plain) if re.fullmatch(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?", plain) else None


OWN: dict[str, Callable[[str], Single | None]] = {
    "Trim": str.strip,
    "ToAscii": plain_letters,
    "ParseCommaDecimal": _comma,
}


def _constant(run: Running, element: etree._Element) -> Value:
    return single(text_of(element), said(element, "baseType"))


def _random(run: Running, element: etree._Element) -> Value:
    raise Unfit("its marking draws by chance.")


def _gathered(run: Running, element: etree._Element) -> Value:
    return [one for value in _operands(run, element) for one in listed(value)] or None


def _mean(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0)) / len(numbers)


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
    "divide": _arithmetic(lambda found: found[0] / found[1] if found[1] else None, 2),
    "equal": _equal,
    "equalRounded": _equal_rounded,
    "gt": _compared(lambda one, other: one > other),
    "gte": _compared(lambda one, other: one >= other),
    "index": _index,
    "inside": _inside,
    "integerDivide": _arithmetic(lambda found: Fraction(found[0] // found[1]) if found[1] else None, 2),
    "integerModulus": _arithmetic(lambda found: found[0] % found[1] if found[1] else None, 2),
    "integerToFloat": _arithmetic(lambda found: found[0], 1),
    "isNull": lambda run, one: _operands(run, one, 1)[0] is None,
    "lt": _compared(lambda one, other: one < other),
    "lte": _compared(lambda one, other: one <= other),
    "mapResponse": lambda run, one: run.mapped(run.declared(said(one, "identifier")), points=False),
    "mapResponsePoint": lambda run, one: run.mapped(run.declared(said(one, "identifier")), points=True),
    "match": _match,
    "max": _arithmetic(max),
    "mean": _arithmetic(_mean),
    "member": _member,
    "min": _arithmetic(min),
    "multiple": _gathered,
    "not": _not,
    "notEqual": _compared(lambda one, other: one != other),
    "null": lambda run, one: None,
    "or": _any,
    "ordered": _gathered,
    "patternMatch": _pattern_match,
    "power": _arithmetic(_power, 2),
    "product": _arithmetic(_product),
    "random": _random,
    "randomInteger": _random,
    "randomFloat": _random,
    "round": _arithmetic(lambda found: Fraction(floor(found[0] + Fraction(1, 2))), 1),
    "roundTo": _round_to,
    "stringMatch": _string_match,
    "substring": _substring,
    "subtract": _arithmetic(lambda found: found[0] - found[1], 2),
    "sum": _arithmetic(lambda found: sum(found, Fraction(0))),
    "truncate": _arithmetic(lambda found: Fraction(trunc(found[0])), 1),
    "variable": lambda run, one: run.variable(said(one, "identifier")),
}
"""By the name of the element."""
__all__ = ["EXPRESSIONS", "PAIR", "bounds", "listed", "rounded", "truth_of"]
