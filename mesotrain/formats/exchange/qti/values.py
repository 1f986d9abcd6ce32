"""The values of QTI, and what an item declares of its variables: defaults, right answers, maps, areas and tables."""

import re
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import cos, pi, sin
from typing import TypeAlias, cast

from lxml import etree

from mesotrain.core.questions.hotspot import Number, Shape, holds
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.xml import line_of, said, shown, text_of, truth

Point: TypeAlias = tuple[Fraction, Fraction]
Single: TypeAlias = bool | Fraction | str | tuple[str, str] | Point
Value: TypeAlias = Single | list[Single] | None
"""One value, those of a container, or None, which QTI calls NULL; an empty container is None."""

Truth: TypeAlias = bool | None

MULTIPLE, ORDERED, SINGLE = "multiple", "ordered", "single"
PAIR, DIRECTED, POINT, STRING, IDENTIFIER = "pair", "directedPair", "point", "string", "identifier"
NUMBERS = ("integer", "float")
CARDINALITIES = (SINGLE, MULTIPLE, ORDERED)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")


@lru_cache(1024)
def number(text: str) -> Fraction:
    """A number as QTI writes it; rules ask for the same ones again and again. Raises Unfit."""
    if not _NUMBER.fullmatch(text.strip()):
        raise Unfit(f"“{text.strip()[:40]}” is not a number.")
    return Fraction(text.strip())


def whole(text: str, otherwise: int) -> int:
    """A whole number of an attribute."""
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else otherwise


def single(text: str, base: str) -> Single | None:
    """A value of this type as it is written; None for an empty text. Raises Unfit."""
    plain = text.strip()
    if not plain:
        return None
    match base:
        case "integer" | "float" | "duration":
            return number(plain)
        case "boolean":
            return plain.lower() in ("true", "1")
        case "pair" | "directedPair":
            names = plain.split()
            if len(names) != 2:
                raise Unfit(f"“{plain[:40]}” is no pair.")
            return cast(tuple[str, str], tuple(names if base == DIRECTED else sorted(names)))
        case "point":
            numbers = plain.split()
            if len(numbers) != 2:
                raise Unfit(f"“{plain[:40]}” is no point.")
            return number(numbers[0]), number(numbers[1])
        case "string" | "identifier" | "uri" | "intOrIdentifier" | "":
            return plain
        case _:
            raise Unfit(f"values of the type “{base[:40]}” are not supported.")


def same(one: Value, other: Value, cardinality: str) -> Truth:
    """Whether two values are equal; None where one is NULL."""
    if one is None or other is None:
        return None
    ones, others = (value if isinstance(value, list) else [value] for value in (one, other))
    return ones == others if cardinality == ORDERED else Counter(ones) == Counter(others)


@dataclass(frozen=True)
class Area:
    """An area of a picture and what a point in it is worth; without a shape it is the whole picture."""

    shape: Shape | None
    worth: Fraction
    kind: str
    coords: tuple[Number, ...]

    def holds(self, point: Point) -> bool:
        return self.shape is None or holds(self.shape, *point)


def _whole(one: Fraction) -> Number:
    """A whole number as such: one reckons with it ten times as fast."""
    return int(one) if one.denominator == 1 else one


def area(kind: str, coords: str, worth: Fraction = Fraction(0)) -> Area:
    """An area as QTI writes it. Raises Unfit."""
    numbers = tuple(_whole(number(one)) for one in re.split(r"[\s,]+", coords.strip()) if one)
    match kind, numbers:
        case "default", _:
            return Area(None, worth, kind, ())
        case "circle", (x, y, radius):
            return Area(([(x, y)], radius), worth, kind, numbers)
        case "rect", (left, top, right, bottom):
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            return Area((corners, None), worth, kind, numbers)
        case "poly", (_, _, _, _, _, _, *_) if len(numbers) % 2 == 0:
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            return Area((points[:-1] if points[0] == points[-1] else points, None), worth, kind, numbers)
        case "ellipse", (x, y, wide, high):
            return Area((round_corners((x, y), wide, high), None), worth, kind, numbers)
    raise Unfit(f"an area of the shape “{kind[:20]}” with {len(numbers)} numbers is not supported.")


CORNERS = 48
"""Of what stands for something round: nowhere farther from it than a 400th of its radius."""


def round_corners(middle: tuple[Number, Number], wide: Number, high: Number) -> list[tuple[Number, Number]]:
    """The corners of a polygon that is nearly this ellipse."""
    turns = [2 * pi * at / CORNERS for at in range(CORNERS)]
    return [(middle[0] + _near(cos(turn) * float(wide)), middle[1] + _near(sin(turn) * float(high))) for turn in turns]


def _near(number: float) -> Number:
    return _whole(Fraction(round(number * 1000), 1000))


@dataclass
class Map:
    """What values are worth: each key with whether its case counts, what others are worth, and the limits."""

    entries: list[tuple[Single, Fraction, bool]] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    default: Fraction = Fraction(0)
    low: Fraction | None = None
    high: Fraction | None = None

    def value(self, one: Single) -> Fraction:
        for key, worth, cased in self.entries:
            if key == one or (not cased and str(key).casefold() == str(one).casefold()):
                return worth
        return self.default

    def point(self, points: list[Point]) -> Fraction:
        """Each area counts once, however many points are in it."""
        found = set()
        total = Fraction(0)
        for one in points:
            at = next((place for place, area in enumerate(self.areas) if area.holds(one)), None)
            total += self.default if at is None else self.areas[at].worth if at not in found else 0
            found.add(at)
        return total

    def within(self, total: Fraction) -> Fraction:
        total = total if self.low is None else max(total, self.low)
        return total if self.high is None else min(total, self.high)


@dataclass
class Table:
    """Turns a number into another: of rows the first that fits, with `steps` the first that is not above."""

    rows: list[tuple[Fraction, Single | None, bool]]
    steps: bool
    default: Single | None

    def __call__(self, given: Fraction | None) -> Single | None:
        for source, target, included in self.rows:
            if given is not None and ((given == source and included) or (self.steps and given > source)):
                return target
        return self.default


@dataclass
class Declared:
    """A variable of an item."""

    name: str
    cardinality: str
    base: str
    line: int
    default: Value = None
    correct: Value = None
    map: Map | None = None
    areas: Map | None = None
    table: Table | None = None
    most: str = ""

    def read(self, texts: list[str]) -> Value:
        """The value of this variable that these texts write. Raises Unfit."""
        found = [one for text in texts if (one := single(text, self.base)) is not None]
        if self.cardinality == SINGLE and len(found) < 2:
            return found[0] if found else None
        return found or None


def declared(element: etree._Element) -> Declared:
    """What is declared of a variable. Raises Unfit."""
    base, cardinality = said(element, "baseType"), said(element, "cardinality", SINGLE)
    if cardinality not in CARDINALITIES:
        raise Unfit(f"a variable of the cardinality “{cardinality[:20]}” is not supported.")
    found = Declared(said(element, "identifier"), cardinality, base, line_of(element))
    found.most = said(element, "normalMaximum")
    if given := said(element, "defaultValue"):
        found.default = found.read([given])
    for child in element:
        match child.tag:
            case "defaultValue":
                found.default = _values(child, found)
            case "correctResponse":
                found.correct = _values(child, found)
            case "mapping":
                found.map = _map(child, base)
            case "areaMapping":
                found.areas = _map(child, base)
            case "matchTable" | "interpolationTable":
                found.table = _table(child, base)
    return found


def _values(element: etree._Element, of: Declared) -> Value:
    values = list(element.iterchildren("value"))
    if any(said(one, "fieldIdentifier") for one in values):
        raise Unfit("a record is not supported.")
    return of.read([text_of(one) for one in values])


def _map(element: etree._Element, base: str) -> Map:
    found = Map(default=number(said(element, "defaultValue", "0") or "0"))
    for name in ("lowerBound", "upperBound"):
        if limit := said(element, name):
            setattr(found, "low" if name == "lowerBound" else "high", number(limit))
    cased = truth(element, "caseSensitive", otherwise=True)
    for one in element:
        if one.tag == "mapEntry":
            key = single(str(one.get("mapKey", "")), base)
            counts = base != STRING or truth(one, "caseSensitive", otherwise=cased)
            if key is not None:
                found.entries.append((key, number(said(one, "mappedValue", "0")), counts))
        elif one.tag == "areaMapEntry":
            worth = number(said(one, "mappedValue", "0"))
            found.areas.append(area(said(one, "shape"), said(one, "coords"), worth))
        else:
            raise Unfit(f"{shown(one)} in a map is not supported.")
    return found


def _table(element: etree._Element, base: str) -> Table:
    rows = []
    for one in element:
        target = single(said(one, "targetValue"), base)
        rows.append((number(said(one, "sourceValue")), target, truth(one, "includeBoundary", otherwise=True)))
    rows.sort(key=lambda row: row[0], reverse=True)
    return Table(rows, element.tag == "interpolationTable", single(said(element, "defaultValue"), base))
