"""Places on a picture as interactions of QTI."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import lcm
from typing import Any, cast

from lxml.etree import _Element

from mesotrain.core.questions import PARTIAL, Part, question
from mesotrain.core.questions.hotspot import RIGHT, UNSAFE, Hotspot, holds, place_of, shape
from mesotrain.core.questions.hotspot import worth as worth_of
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import CHANGED
from mesotrain.formats.exchange.to_qti.asked import Asked
from mesotrain.formats.exchange.to_qti.kinds import add_mapped, texts
from mesotrain.formats.exchange.to_qti.rules import POINT, declared, either, make, mapped, value, variable
from mesotrain.formats.lines import FIGURE
from mesotrain.formats.media import KINDS

_SMALLEST, _LARGEST = 400, 4_000
"""How wide and high a picture is, at least and at most, where its coordinates have to be made whole numbers."""
_NEVER = Fraction(-1000)
"""What is worth so little leaves nothing, whatever else is marked."""
Area = dict[str, str]
Areas = list[tuple[Area, dict[str, Any]]]
"""Each zone with the area that it is there."""


def hotspot(item: Asked, taker: Part, key: Part, name: str, worth: Fraction) -> None:
    """A picture to be pointed at."""
    figure = FIGURE.fullmatch(texts(taker, "picture")["stem"])
    if figure is None or not item.texts.has(figure["path"]):
        raise Unfit("its picture is not beside it; it is left out.")
    left, top, wide, high = (Fraction(one) for one in cast(list[str], taker["box"]))
    asked = cast(Hotspot, question(taker, key))
    scale = _scale([wide, high, *_moved(asked.zones, left, top)])
    picture = make("object", figure["alt"].strip(), type=KINDS[figure["path"].rpartition(".")[2]], data=figure["path"])
    picture.set("width", str(round(wide * scale)))
    picture.set("height", str(round(high * scale)))
    item.body.append(make("selectPointInteraction", picture, responseIdentifier=name, maxChoices=str(asked.most)))
    if any(number * scale % 1 for number in _moved(asked.zones, left, top)):
        item.notes.note(CHANGED, "the borders of zones lie at the nearest whole numbers there.")
    item.notes.note(CHANGED, "the picture is pointed at there, and no cell can be named.")
    if any(zone["counts"] == UNSAFE for zone in asked.zones):
        item.notes.note(CHANGED, "that an answer is unsafe is known to Mesotrain alone; there it is wrong.")
    areas = [(_area(zone, left, top, scale), zone) for zone in asked.zones]
    points = [*_points(asked.zones, left, top, scale)]
    cardinality, right = ("single", points[:1]) if asked.most == 1 else ("multiple", points)
    item.declarations.append(declaration := declared(name, cardinality, "point", right))
    if asked.most == 1:
        _one(item, declaration, areas, texts(key, "reasons"), worth)
    else:
        _several(item, declaration, areas, asked, worth)


def _one(item: Asked, declaration: _Element, areas: Areas, reasons: dict[str, str], worth: Fraction) -> None:
    name = str(declaration.get("identifier"))
    credits = [worth_of(zone) for _, zone in areas]
    if not any(reasons.values()) and {*credits} <= {0, 1} and credits == sorted(credits, reverse=True):
        entries = ((area, worth) for (area, _), credit in zip(areas, credits, strict=True) if credit)
        found = mapped(item.marking, declaration, entries, "areaMapping")
        item.marking.worth(found, "upperBound", worth)
        add_mapped(item.marking, name, "mapResponsePoint", POINT)
        return
    told = [item.tell(f"z{at}", reasons.get(zone["name"], "")) for at, (_, zone) in enumerate(areas)]
    item.marking.first(
        (make("inside", variable(name), **area), worth * credit, feedback)
        for (area, _), credit, feedback in zip(areas, credits, told, strict=True)
    )


def _several(item: Asked, declaration: _Element, areas: Areas, asked: Hotspot, worth: Fraction) -> None:
    """Each area that is pointed at is mapped once, and each point beside them by the default."""
    name, marking = str(declaration.get("identifier")), item.marking
    for at, (area, zone) in enumerate(areas):
        if told := item.tell(f"z{at}", texts(asked.key, "reasons").get(zone["name"], "")):
            marking.first([(make("inside", variable(name), **area), Fraction(0), told)])
    if any(_frames_meet(one, other) for at, (_, one) in enumerate(areas) for _, other in areas[:at]):
        item.notes.note(CHANGED, "a point in two zones counts as the first here; other systems may count both.")
    shared = any(map(asked.instead, asked.zones))
    partial = asked.key.get("rule") == PARTIAL
    share = worth if asked.summed else worth / len(asked.places) if partial else Fraction(1)
    beside = Fraction(0) if asked.summed else -share if partial else _NEVER
    credits = [_NEVER if zone["counts"] == UNSAFE else worth_of(zone) * share or beside for _, zone in areas]
    entries = ((area, credit) for (area, _), credit in zip(areas, credits, strict=True))
    found = mapped(marking, declaration, entries, "areaMapping")
    marking.worth(found, "defaultValue", beside)
    if not asked.summed and not partial:
        every = make("equal", make("mapResponsePoint", identifier=name), value(str(len(asked.places)), "float"))
        every.set("toleranceMode", "exact")
        marking.first([(make("and", every, *_each(name, areas)) if shared else every, worth, "")])
        return
    if not shared:
        marking.worth(found, "lowerBound", Fraction(0))
        marking.worth(found, "upperBound", worth)
    add_mapped(marking, name, "mapResponsePoint", "" if shared else POINT)
    if shared:
        _once_each(item, name, areas, asked, share)


def _once_each(item: Asked, name: str, areas: Areas, asked: Hotspot, share: Fraction) -> None:
    """A second zone of a place was counted as found, and is one too many: what it earned is taken away twice."""
    for at, (area, zone) in enumerate(areas):
        earlier = [number for number in asked.instead(zone) if number <= at]
        if earlier:
            before = either([make("inside", variable(name), **areas[number - 1][0]) for number in earlier])
            both = make("and", make("inside", variable(name), **area), before)
            item.marking.first([(both, -2 * share, "")])
    item.marking.not_below()


def _each(name: str, areas: Areas) -> Iterator[_Element]:
    """That of each place one of the zones is pointed at."""
    right: dict[str, list[_Element]] = {}
    for area, zone in areas:
        if zone["counts"] == RIGHT:
            right.setdefault(place_of(zone), []).append(make("inside", variable(name), **area))
    yield from map(either, right.values())


def _frames_meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    (left, top, right, bottom), (west, north, east, south) = map(_frame, (one, other))
    return left <= east and west <= right and top <= south and north <= bottom


def _frame(zone: dict[str, Any]) -> tuple[Fraction, ...]:
    corners, radius = shape(zone)
    xs, ys, beyond = [x for x, _ in corners], [y for _, y in corners], radius or 0
    return tuple(map(Fraction, (min(xs) - beyond, min(ys) - beyond, max(xs) + beyond, max(ys) + beyond)))


def _moved(zones: Iterable[dict[str, Any]], left: Fraction, top: Fraction) -> list[Fraction]:
    """The coordinates of zones from the corner of their picture, and their radii."""
    found = []
    for zone in zones:
        corners, radius = shape(zone)
        found += [Fraction(one) for x, y in corners for one in (x - left, y - top)]
        found += [Fraction(radius)] if radius is not None else []
    return found


def _scale(numbers: list[Fraction]) -> Fraction:
    """By what all these become whole, or nearly, in a picture of a size that can be looked at."""
    wide, high = numbers[:2]
    if (whole := lcm(*(number.denominator for number in numbers))) * max(wide, high) <= _LARGEST:
        return Fraction(whole)
    return max(Fraction(_SMALLEST) / max(wide, high), Fraction(1))


def _area(zone: dict[str, Any], left: Fraction, top: Fraction, scale: Fraction) -> dict[str, str]:
    coords = ",".join(str(round(number * scale)) for number in _moved([zone], left, top))
    return {"shape": "circle" if "radius" in zone else "poly", "coords": coords}


def _points(zones: Iterable[dict[str, Any]], left: Fraction, top: Fraction, scale: Fraction) -> Iterator[str]:
    """A point in each zone that is right, where its middle is one."""
    for zone in zones:
        corners = [(Fraction(x), Fraction(y)) for x, y in shape(zone)[0]]
        x, y = (sum(numbers) / len(corners) for numbers in zip(*corners, strict=True))
        if worth_of(zone) > 0 and holds(shape(zone), Fraction(x), Fraction(y)):
            yield f"{round((x - left) * scale)} {round((y - top) * scale)}"
