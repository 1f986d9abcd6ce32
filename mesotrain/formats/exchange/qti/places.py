"""A place on a picture: areas of QTI as zones."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import cast

from lxml import etree

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part, Reading
from mesotrain.core.questions.hotspot import RIGHT, WRONG, Hotspot, X, Y
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import GUESSED
from mesotrain.formats.exchange.qti.choices import Made, best_of
from mesotrain.formats.exchange.qti.items import HOTSPOT, Asked, QtiItem
from mesotrain.formats.exchange.qti.values import SINGLE, Area, Point, Value, area
from mesotrain.formats.exchange.qti.xml import said
from mesotrain.formats.lines import SLUG

Box = Sequence[Fraction]
"""Left, top, width and height of a picture in its own coordinates."""
_GRID = (10, 8)
_STEPS = 8
_COST = 4
_EACH = 7


def size(asked: Asked) -> tuple[Fraction, Fraction]:
    """How large the picture is shown, in whose coordinates the areas are. Raises Unfit."""
    picture = picture_of(asked)
    try:
        width, height = (Fraction(said(picture, name).removesuffix("px")) for name in ("width", "height"))
    except (ValueError, ZeroDivisionError):
        width = height = Fraction(0)
    if not (0 < width < 100_000 and 0 < height < 100_000):
        raise Unfit("it does not say how large its picture is shown.")
    return width, height


def picture_of(asked: Asked) -> etree._Element:
    """The picture that is pointed at. Raises Unfit."""
    found = next((one for one in asked.element if one.tag in ("object", "img", "picture")), None)
    if found is None:
        raise Unfit("it has no picture to be pointed at.")
    inner = found.find("img") if found.tag == "picture" else None
    return found if inner is None else inner


def place(item: QtiItem, asked: Asked, box: Box | None) -> Made:
    """One place that is marked; `box` is that of its picture, where the file is at hand. Raises Unfit."""
    if asked.most != 1 and asked.response.cardinality != SINGLE:
        raise Unfit(f"a {asked.kind} in which several places are marked is not supported.")
    wide, high = size(asked) if box is None else (_shown(asked, box))
    areas = dict(_areas(item, asked, wide, high))
    if not areas:
        raise Unfit("its picture has no areas.")
    by_name = asked.kind == HOTSPOT
    names = _names(areas)
    chosen = {own: item.score({asked.response.name: asked.value(own)}) for own in areas} if by_name else {}

    tried = {one: _first(areas, one) for one in _points(areas.values(), wide, high)}
    item.rules.effort.spend(_COST * len(tried) * len(areas))

    def score(point: Point) -> Fraction:
        if by_name:
            return chosen.get(tried[point] or "", Fraction(0))
        return item.score({asked.response.name: _said(asked, point)})

    earned = {one: score(one) for one in tried}
    best = best_of(item, earned.values())
    if any(worth not in (0, best) for worth in earned.values()):
        raise Unfit("an area that earns a part of the points has no counterpart.")
    zones = []
    for name, one in areas.items():
        own = {worth for point, worth in earned.items() if tried[point] == name}
        if len(own) > 1:
            raise Unfit("what an area earns depends on where in it one points.")
        counts = RIGHT if own and own.pop() == best and any(earned.values()) else WRONG
        zones.append({"name": names[name], "counts": counts, **_drawn(one, wide, high, box)})
    left, top, width, height = box or (Fraction(0), Fraction(0), wide, high)
    taker: Part = {"type": Hotspot.name, "stem": "", "picture": {"stem": ""}, "grid": list(_GRID)}
    taker["box"] = [decimal_text(one) for one in (left, top, width, height)]
    key: Part = {"zones": cast(Json, zones), "reasons": {}}
    _held(Hotspot(taker, key), earned, best, (wide, high), (left, top, width, height))
    item.notes.note(GUESSED, f"its grid for whoever cannot point is {_GRID[0]} by {_GRID[1]}.")
    return Made(taker, key, best, _witnesses(names, tried, asked))


def _witnesses(names: dict[str, str], tried: dict[Point, str | None], asked: Asked) -> dict[str, Value]:
    """For each zone a response that meets it."""
    if asked.kind == HOTSPOT:
        return {zone: asked.value(own) for own, zone in names.items()}
    points = {own: next((one for one, first in tried.items() if first == own), None) for own in names}
    return {names[own]: _said(asked, one) for own, one in points.items() if one}


def _said(asked: Asked, point: Point) -> Value:
    """A point as a response says it."""
    exact = Fraction(point[0]), Fraction(point[1])
    return exact if asked.response.cardinality == SINGLE else [exact]


def _shown(asked: Asked, box: Box) -> tuple[Fraction, Fraction]:
    """The size in which the picture is shown; its own where the item says none."""
    try:
        return size(asked)
    except Unfit:
        return box[2], box[3]


def _names(areas: Iterable[str]) -> dict[str, str]:
    """A name for a zone for each area: its own where that is one."""
    return {own: own if re.fullmatch(SLUG, own) else f"area-{place}" for place, own in enumerate(areas, 1)}


def _first(areas: dict[str, Area], point: Point) -> str | None:
    return next((name for name, one in areas.items() if one.holds(point)), None)


def _areas(item: QtiItem, asked: Asked, wide: Fraction, high: Fraction) -> Iterator[tuple[str, Area]]:
    """The areas in the order in which they are looked at, each by a name that a zone may have."""
    if asked.kind == HOTSPOT:
        for name, one in asked.choices.items():
            yield name, area(said(one, "shape"), said(one, "coords"))
        return
    found = list(asked.response.areas.areas) if asked.response.areas else []
    rules = item.rules.processing
    for one in () if rules is None else rules.iter("inside"):
        found.append(area(said(one, "shape"), said(one, "coords")))
    yield from ((f"area-{place}", one) for place, one in enumerate(found, 1))


def _points(areas: Iterable[Area], wide: Fraction, high: Fraction) -> Iterator[Point]:
    """Points all over the picture, and in and round each area; whole numbers, with which one reckons faster."""
    frames = [(0, 0, int(wide), int(high))]
    for corners, radius in (one.shape for one in areas if one.shape):
        xs, ys, off = [x for x, _ in corners], [y for _, y in corners], radius or 0
        frames.append((int(min(xs) - off), int(min(ys) - off), int(max(xs) + off), int(max(ys) + off)))
    for left, top, right, bottom in frames:
        for x, y in product(range(_STEPS + 1), repeat=2):
            point = left + (right - left) * x // _STEPS, top + (bottom - top) * y // _STEPS
            if 0 <= point[0] <= wide and 0 <= point[1] <= high:
                yield cast(Point, point)


def _drawn(one: Area, wide: Fraction, high: Fraction, box: Box | None) -> Part:
    """An area in the picture's own coordinates."""
    left, top, width, height = box or (Fraction(0), Fraction(0), wide, high)
    across, down = width / wide, height / high

    def moved(points: Sequence[Point]) -> Json:
        return [[decimal_text(left + x * across), decimal_text(top + y * down)] for x, y in points]

    if one.shape is None:
        return {"points": moved([(Fraction(0), Fraction(0)), (wide, Fraction(0)), (wide, high), (Fraction(0), high)])}
    corners, radius = one.shape
    if radius is None:
        return {"points": moved([(x, y) for x, y in corners])}  # type: ignore[misc]
    if across != down:
        raise Unfit("its picture is shown out of shape, in which no circle is one.")
    return {"points": moved([(Fraction(x), Fraction(y)) for x, y in corners]), "radius": decimal_text(radius * across)}


def _held(question: Hotspot, earned: dict[Point, Fraction], best: Fraction, shown: Point, box: Box) -> None:
    """Asks both again. Raises Unfit where they differ."""
    left, top, width, height = box
    for (x, y), worth in islice(earned.items(), 0, None, _EACH):
        own = {X: str(left + Fraction(x) * width / shown[0]), Y: str(top + Fraction(y) * height / shown[1])}
        if question.mark(Reading(own)) != worth / best:
            raise Unfit("its areas have no counterpart in zones.")
