"""A number that is typed: its rules are asked at each number they name, beside each and between them."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part
from mesotrain.core.questions.numeric import Numeric
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.expressions import bounds, rounded
from mesotrain.formats.exchange.qti.items import QtiItem
from mesotrain.formats.exchange.qti.slots import Built, Said, Slot, Worth
from mesotrain.formats.exchange.qti.values import NUMBERS, Declared, Value, number
from mesotrain.formats.exchange.qti.xml import said as attribute
from mesotrain.formats.exchange.qti.xml import text_of

MOST_NUMBERS = 60
_ANY = Fraction(10**12 - 1)
"""No number that is typed is farther from 0."""
_Span = tuple[Fraction, Fraction, Fraction]
"""From where to where, and what it earns."""


def is_number(item: QtiItem, of: Declared) -> bool:
    """Whether what is typed there is read as a number."""
    if of.base in NUMBERS:
        return True
    rules = item.rules.processing
    own = (
        [] if rules is None else [one for one in rules.iter("customOperator") if _parses(attribute(one, "definition"))]
    )
    return any(attribute(one, "identifier") == of.name for each in own for one in each.iter("variable"))


def _parses(definition: str) -> bool:
    return definition.rpartition(":")[2] == "ParseCommaDecimal"


def number_slot(item: QtiItem, of: Declared) -> Slot:
    """A number."""
    edges = sorted({one for one in _edges(item, of) if abs(one) < _ANY})
    if len(edges) > MOST_NUMBERS:
        raise Unfit(f"its marking names {len(edges)} numbers; at most {MOST_NUMBERS} are taken.")
    integer = of.base == "integer"
    say: Callable[[Fraction], Value] = (lambda one: one) if of.base in NUMBERS else decimal_text
    points = [one for one in edges if not integer or one.denominator == 1]
    right = of.correct if isinstance(of.correct, Fraction) else None

    def build(worth: Worth, said: Said) -> Built:
        spans = _spans(points, integer=integer, worth=lambda one: worth(say(one)))
        rows = [_row(span, right) for span in spans]
        witnesses = {str(at): say(_inside(low, high, integer=integer)) for at, (low, high, _) in enumerate(spans)}
        return Built({"type": Numeric.name, "unit": ""}, {"accepted": cast(Json, rows)}, witnesses)

    return Slot(of.name, [say(one) for one in _asked(points, integer=integer)], build)


def _edges(item: QtiItem, of: Declared) -> Iterator[Fraction]:
    """The numbers at which what is earned may change."""
    rules = item.rules.processing
    right = of.correct if isinstance(of.correct, list) else [of.correct]
    named = [one for one in right if isinstance(one, Fraction)]
    named += [key for key, _, _ in (of.map.entries if of.map else ()) if isinstance(key, Fraction)]
    if rules is not None:
        for one in rules.iter("baseValue"):
            if attribute(one, "baseType") in (*NUMBERS, "string"):
                try:
                    named.append(number(text_of(one).replace(",", ".")))
                except Unfit:
                    continue
    yield from named
    for one in () if rules is None else rules.iter("equal"):
        yield from (edge for middle in named for edge in bounds(one, middle))
    for one in () if rules is None else rules.iter("equalRounded", "roundTo"):
        for middle in named:
            yield from _round_edges(
                attribute(one, "roundingMode", "significantFigures"), attribute(one, "figures", "3"), middle
            )


def _round_edges(mode: str, figures: str, middle: Fraction) -> Iterator[Fraction]:
    """From where to where numbers round to what `middle` rounds to."""
    if figures.isdecimal() and len(figures) < 3:
        value = rounded(middle, mode, int(figures))
        step = Fraction(1, 10 ** int(figures))
        if mode.startswith("significantFigure"):
            step = next(
                Fraction(10) ** power
                for power in range(60, -60, -1)
                if rounded(value + Fraction(10) ** power, mode, int(figures)) != value
                and rounded(value + Fraction(10) ** power / 3, mode, int(figures)) == value
            )
        yield from (value - step / 2, value + step / 2, value - step / 20)


def _asked(points: Sequence[Fraction], *, integer: bool) -> list[Fraction]:
    """Each point, and several numbers on each side of it."""
    found = list(points)
    ends = [points[0] - 1, points[-1] + 1] if points else [Fraction(0), Fraction(1)]
    for low, high in pairwise([-_ANY, ends[0], *points, ends[1], _ANY]):
        found += [low + (high - low) * share for share in (Fraction(1, 7), Fraction(1, 2), Fraction(5, 6))]
    found += [ends[0], ends[1]]
    return list(dict.fromkeys(Fraction(floor(one)) if integer else one for one in found))


def _spans(points: Sequence[Fraction], *, integer: bool, worth: Callable[[Fraction], Fraction]) -> list[_Span]:
    """The ranges, both ends in them, the first of which that holds a number says what it earns."""
    edges = [-_ANY, *points, _ANY]
    between: list[_Span] = []
    for low, high in pairwise(edges):
        first = low + 1 if integer and low != -_ANY else low
        last = high - 1 if integer and high != _ANY else high
        inside = [one for one in _asked_between(low, high, integer=integer) if first <= one <= last]
        earned = {worth(one) for one in inside}
        if len(earned) > 1:
            raise Unfit("what it earns follows the number itself, step by step.")
        if earned:
            between.append((first if integer else low, last if integer else high, earned.pop()))
    spans = [(point, point, worth(point)) for point in points] + between
    return _merged(spans, integer=integer)


def _asked_between(low: Fraction, high: Fraction, *, integer: bool) -> list[Fraction]:
    shares = (Fraction(1, 10**9), Fraction(1, 7), Fraction(1, 2), Fraction(5, 6))
    found = [low + (high - low) * share for share in shares]
    found += [low + 1, high - 1] if high - low > 2 else []
    return [Fraction(ceil(one)) if integer else one for one in found if low < one < high]


def _merged(spans: Sequence[_Span], *, integer: bool) -> list[_Span]:
    """Fewer ranges for the same: neighbours that earn the same are one, and what earns nothing goes where it can."""
    ordered = sorted(spans, key=lambda one: (one[0], one[1]))
    found: list[_Span] = []
    for low, high, earned in ordered:
        if found and found[-1][2] == earned and low <= found[-1][1] + integer:
            found[-1] = (found[-1][0], max(high, found[-1][1]), earned)
        else:
            found.append((low, high, earned))
    wide = sorted((one for one in found if one[0] != one[1]), key=lambda one: -one[2])
    narrow = [one for one in found if one[0] == one[1]]
    for low, _, earned in (one for one in spans if one[0] == one[1]):
        first = next((row[2] for row in [*narrow, *wide] if row[0] <= low <= row[1]), Fraction(0))
        if first != earned:
            narrow.append((low, low, earned))
    rows = [*sorted(narrow, key=lambda one: -one[2]), *wide]
    while rows and not rows[-1][2]:
        rows.pop()
    return [one for at, one in enumerate(rows) if one[2] or any(_meet(one, row) for row in rows[at + 1 :])]


def _meet(one: _Span, other: _Span) -> bool:
    return bool(other[2]) and one[0] <= other[1] and other[0] <= one[1]


def _row(span: _Span, right: Fraction | None) -> Part:
    low, high, earned = span
    value = right if right is not None and low <= right <= high else (low + high) / 2
    return {"value": str(value), "low": str(low), "high": str(high), "credit": str(earned)}


def _inside(low: Fraction, high: Fraction, *, integer: bool) -> Fraction:
    middle = (low + high) / 2
    return Fraction(floor(middle)) if integer else middle
