"""A place on a picture: areas of QTI as zones."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import cast

from lxml import etree

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part, Reading
from mesotrain.core.questions.hotspot import RIGHT, WRONG, Hotspot, X, Y
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import GUESSED
from mesotrain.formats.exchange.qti_choices import Made, best_of
from mesotrain.formats.exchange.qti_items import HOTSPOT, Asked, QtiItem
from mesotrain.formats.exchange.qti_values import SINGLE, Area, Point, Value, area
from mesotrain.formats.exchange.qti_xml import said
from mesotrain.formats.lines import SLUG

Box = Sequence[Fraction]
"""Left, top, width and height of a picture in its own coordinates."""
_GRID = (10, 8)
_STEPS = 24


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

    def score(point: Point) -> Fraction:
        if by_name:
            return chosen.get(_first(areas, point) or "", Fraction(0))
        return item.score({asked.response.name: point if asked.response.cardinality == SINGLE else [point]})

    tried = [one for one in _points(areas.values(), wide, high) if 0 <= one[0] <= wide and 0 <= one[1] <= high]
    earned = {one: score(one) for one in tried}
    best = best_of(item, earned.values())
    if any(worth not in (0, best) for worth in earned.values()):
        raise Unfit("an area that earns a part of the points has no counterpart.")
    zones = []
    for name, one in areas.items():
        own = {worth for point, worth in earned.items() if one.holds(point) and _first(areas, point) == name}
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
    return Made(taker, key, best, _witnesses(areas, names, earned, asked))


def _witnesses(
    areas: dict[str, Area], names: dict[str, str], earned: Iterable[Point], asked: Asked
) -> dict[str, Value]:
    """For each zone a response that meets it."""
    if asked.kind == HOTSPOT:
        return {names[own]: asked.value(own) for own in areas}
    points = {own: next((one for one in earned if _first(areas, one) == own), None) for own in areas}
    single = asked.response.cardinality == SINGLE
    return {names[own]: one if single else [one] for own, one in points.items() if one}


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
    """Points all over the picture, and in and round each area."""
    for x in range(_STEPS + 1):
        yield from ((wide * x / _STEPS, high * y / _STEPS) for y in range(_STEPS + 1))
    for one in areas:
        if one.shape is None:
            continue
        corners, radius = one.shape
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        off = Fraction(radius or 0)
        low, across = min(xs) - off, Fraction(max(xs) - min(xs)) + 2 * off
        top, down = min(ys) - off, Fraction(max(ys) - min(ys)) + 2 * off
        for x in range(13):
            yield from ((low + across * x / 12, top + down * y / 12) for y in range(13))


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
    for (x, y), worth in earned.items():
        own = {X: str(left + x * width / shown[0]), Y: str(top + y * height / shown[1])}
        if question.mark(Reading(own)) != worth / best:
            raise Unfit("its areas have no counterpart in zones.")
