"""Places on a picture: areas of QTI as zones."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product
from math import ceil
from typing import Any, cast

from lxml import etree

from mesotrain.core.canonical import Json
from mesotrain.core.chance import number
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import PARTIAL, Part
from mesotrain.core.questions.hotspot import MOST_MARKS, RIGHT, WRONG, Hotspot, Number, Shape, X, Y
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, LOST
from mesotrain.formats.exchange.qti.choices import MOST_TRIED, Made, best_of, credits_of
from mesotrain.formats.exchange.qti.items import HOTSPOT, Asked, QtiItem
from mesotrain.formats.exchange.qti.values import SINGLE, Area, Point, Value, area, round_corners
from mesotrain.formats.exchange.qti.xml import said
from mesotrain.formats.lines import SLUG

Box = Sequence[Fraction]
"""Left, top, width and height of a picture in its own coordinates."""
_GRID = (10, 8)
_STEPS = 8
_COST = 4
_EACH = 7
_BORDER = Fraction(1, 500)
"""Of the longer side: so far a border may lie from where it was, a corner of a circle that became a polygon."""
_LARGEST = 100_000
_ELSEWHERE = "elsewhere"
"""The zone round all others, where what lies beside them is worth something."""


def size(asked: Asked) -> Point | None:
    """How large the picture is shown, in whose coordinates the areas are; None where that is not said."""
    picture = picture_of(asked)
    try:
        width, height = (Fraction(said(picture, name).removesuffix("px")) for name in ("width", "height"))
    except (ValueError, ZeroDivisionError):
        return None
    return (width, height) if 0 < width < _LARGEST and 0 < height < _LARGEST else None


def picture_of(asked: Asked) -> etree._Element:
    """The picture that is pointed at. Raises Unfit."""
    found = next((one for one in asked.element if one.tag in ("object", "img", "picture")), None)
    if found is None:
        raise Unfit("it has no picture to be pointed at.")
    inner = found.find("img") if found.tag == "picture" else None
    return found if inner is None else inner


@dataclass
class _Picture:
    """What is pointed at: its areas as zones, and points all over it with the area that each lies in, "" for none.

    `size` is that in which it is shown there, `box` its own.
    """

    asked: Asked
    areas: dict[str, Area]
    size: Point
    box: Box
    tried: dict[Point, str] = field(default_factory=dict)
    first: dict[str, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """`first` is a point in each area, and one beside them."""
        self.tried = {one: _first(self.areas, one) for one in _points(self.areas.values(), *self.size)}
        self.first = {name: point for point, name in reversed(self.tried.items())}

    @cached_property
    def names(self) -> dict[str, str]:
        """A name for a zone for each area: its own where that is one."""
        return {own: own if re.fullmatch(SLUG, own) else f"area-{at}" for at, own in enumerate(self.areas, 1)}

    @property
    def by_name(self) -> bool:
        return self.asked.kind == HOTSPOT

    def response(self, points: Sequence[Point]) -> Value:
        """These points as a response says them; of a hotspot what lies beside its areas cannot be said."""
        if self.by_name:
            return self.asked.value(*(name for name in map(self.tried.__getitem__, points) if name))
        exact = [(Fraction(x), Fraction(y)) for x, y in points]
        return exact[0] if self.asked.response.cardinality == SINGLE else [*exact]

    def moved(self, point: Point) -> Point:
        """A point in the picture's own coordinates."""
        left, top, width, height = self.box
        return left + Fraction(point[0]) * width / self.size[0], top + Fraction(point[1]) * height / self.size[1]

    def zones(self, counts: Mapping[str, Part]) -> list[dict[str, Any]]:
        """The areas as zones that count so; those that are not named are wrong."""
        wrong: Part = {"counts": WRONG}
        return [
            {"name": self.names[own], **counts.get(own, wrong), **_drawn(one, self)} for own, one in self.areas.items()
        ]


def place(item: QtiItem, asked: Asked, box: Box | None) -> Made:
    """What is marked on a picture; `box` is that of its picture, where the file is at hand. Raises Unfit."""
    areas = dict(_areas(item, asked))
    if not areas:
        raise Unfit("its picture has no areas.")
    wide, high = size(asked) or ((box[2], box[3]) if box else _reach(item, areas.values()))
    shown = _Picture(asked, areas, (wide, high), box or (Fraction(0), Fraction(0), wide, high))
    item.rules.effort.spend(_COST * len(shown.tried) * len(areas))
    several = asked.most != 1 and asked.response.cardinality != SINGLE
    made = _several(item, shown) if several else _one(item, shown)
    item.notes.note(GUESSED, f"its grid for whoever cannot point is {_GRID[0]} by {_GRID[1]}.")
    witnesses = {shown.names[own]: shown.response([point]) for own, point in shown.first.items() if own}
    return replace(made, witnesses=witnesses)


def _one(item: QtiItem, shown: _Picture) -> Made:
    """One place is marked."""
    alone = {own: _score(item, shown, [point]) for own, point in shown.first.items()} if shown.by_name else {}
    worths = {point: alone[own] if alone else _score(item, shown, [point]) for point, own in shown.tried.items()}
    if "" in shown.first and worths[shown.first[""]]:
        shown.areas[_ELSEWHERE] = Area(None, Fraction(0), "default", ())
        shown.tried = {point: own or _ELSEWHERE for point, own in shown.tried.items()}
    best = best_of(item, worths.values())
    counts: dict[str, Part] = {}
    for name in shown.areas:
        own = {worth for point, worth in worths.items() if shown.tried[point] == name}
        if len(own) > 1:
            raise Unfit("what an area earns depends on where in it one points.")
        credit = max(own, default=Fraction(0)) / best
        if credit:
            counts[name] = _worth(credit) if credit != 1 else {"counts": RIGHT}
    question = _question(shown, counts, 1, "")
    _held(shown, question)
    return Made(question.taker, question.key, best)


def _several(item: QtiItem, shown: _Picture) -> Made:
    """Up to so many places are marked."""
    most = shown.asked.most or max(len(shown.areas), 2)
    marks = min(most, MOST_MARKS)
    answers = list(_answers(shown, marks))
    item.rules.effort.spend(_COST * len(answers) * marks)
    earned = [_score(item, shown, one) for one in answers]
    best = best_of(item, earned)
    if blank := item.score({shown.asked.response.name: None}):
        if blank == best:
            raise Unfit("only no answer at all earns all of it.")
        item.notes.note(CHANGED, f"no answer at all earns {float(blank / best):.4g} of it there, and nothing here.")
    for counts, rule in _rules(item, shown, answers, earned, best):
        question = _question(shown, counts, marks, rule)
        zones = {zone["name"]: zone for zone in question.zones}
        given = ([zones.get(shown.names.get(shown.tried[point], "")) for point in one] for one in answers)
        if all(question.earned(hits) == max(worth / best, 0) for hits, worth in zip(given, earned, strict=True)):
            _held(shown, question)
            _told(item, min(earned) / best, most, marks, limited=bool(shown.asked.most))
            right = answers[earned.index(best)]
            return Made(question.taker, question.key, best, {}, {shown.asked.response.name: shown.response(right)})
    raise Unfit("what its areas earn together has no counterpart: neither all or nothing, nor a sum of credits.")


def _told(item: QtiItem, lowest: Fraction, most: int, marks: int, *, limited: bool) -> None:
    if lowest < 0:
        item.notes.note(CHANGED, f"an answer earns down to {float(lowest):.4g} there, and 0 here.")
    if most != marks or not limited:
        there = f"up to {most} places" if limited else "any number of places"
        item.notes.note(LOST, f"{there} can be marked there; here up to {marks}.")


def _answers(shown: _Picture, marks: int) -> Iterator[tuple[Point, ...]]:
    """Answers on which two rules have to agree: sets of areas, and whatever points anybody might mark."""
    one_each = [point for own, point in shown.first.items() if own]
    beside = [point for point, own in shown.tried.items() if not own][:2] if not shown.by_name else []
    some = [*one_each, *beside]
    every = (one for size in range(1, min(marks, len(some)) + 1) for one in combinations(some, size))
    yield from islice(every, MOST_TRIED)
    points = one_each if shown.by_name else list(shown.tried)
    for at in range(MOST_TRIED // 3):
        count = 1 + number(f"marks {at}", "") % marks
        yield tuple(dict.fromkeys(points[number(f"marks {at}", str(place)) % len(points)] for place in range(count)))


def _rules(
    item: QtiItem, shown: _Picture, answers: Sequence[tuple[Point, ...]], earned: Sequence[Fraction], best: Fraction
) -> Iterator[tuple[dict[str, Part], str]]:
    """The rules that may be meant, each with what the areas count as."""
    tops = (one for one, worth in zip(answers, earned, strict=True) if worth == best)
    full = {frozenset(map(shown.tried.__getitem__, one)) for one in tops}
    item.rules.effort.spend(len(full) ** 2 // 50)
    least = {one for one in full if not any(other < one for other in full)}
    shares: dict[frozenset[frozenset[str]], list[str]] = {}
    for name in dict.fromkeys(name for one in least for name in sorted(one) if name):
        shares.setdefault(frozenset(one - {name} for one in least if name in one), []).append(name)
    groups = sorted(shares.values())
    right: dict[str, Part] = {}
    for at, group in enumerate(groups, 1):
        place: Part = {"place": str(at)} if len(group) > 1 else {}
        right |= {name: {"counts": RIGHT, **place} for name in group}
    yield right, ""
    yield right, PARTIAL
    names = [name for name in shown.first if name]
    credits = credits_of(names, lambda them: _score(item, shown, [shown.first[name] for name in them]), best)
    summed: dict[str, Part] = {name: _worth(credit) for name, credit in credits.items() if credit}
    yield summed, ""


def _worth(credit: Fraction) -> Part:
    return {"counts": RIGHT if credit > 0 else WRONG, "credit": str(credit)}


def _score(item: QtiItem, shown: _Picture, points: Sequence[Point]) -> Fraction:
    return item.score({shown.asked.response.name: shown.response(points)})


def _question(shown: _Picture, counts: Mapping[str, Part], marks: int, rule: str) -> Hotspot:
    taker: Part = {"type": Hotspot.name, "stem": "", "picture": {"stem": ""}, "grid": list(_GRID)}
    taker["box"] = [decimal_text(one) for one in shown.box]
    taker |= {"marks": marks} if marks > 1 else {}
    key: Part = {"zones": cast(Json, shown.zones(counts)), "reasons": {}}
    return Hotspot(taker, key | ({"rule": rule} if rule else {}))


def _held(shown: _Picture, question: Hotspot) -> None:
    """Asks where points lie again. Raises Unfit where zones hold others than the areas did."""
    off, alone = max(shown.box[2:]) * _BORDER, Hotspot({**question.taker, "marks": 1}, question.key)
    for point in islice(shown.tried, 0, None, _EACH):
        x, y = shown.moved(point)
        near = ((x, y), (x - off, y), (x + off, y), (x, y - off), (x, y + off))
        names = (alone.hit(alone.read({X: [_written(one)], Y: [_written(other)]})) for one, other in near)
        if shown.names.get(shown.tried[point]) not in (zone and zone["name"] for zone in names):
            raise Unfit("its areas have no counterpart in zones.")


def _reach(item: QtiItem, areas: Iterable[Area]) -> Point:
    """A size that holds all areas, where nothing says how large the picture is. Raises Unfit."""
    frames = [_frame(one.shape) for one in areas if one.shape]
    wide, high = (max((frame[at] for frame in frames), default=0) for at in (2, 3))
    if not (0 < wide < _LARGEST and 0 < high < _LARGEST):
        raise Unfit("it does not say how large its picture is shown.")
    item.notes.note(GUESSED, "how large its picture is it does not say; it is taken to end where its areas do.")
    return Fraction(wide), Fraction(high)


def _frame(shape: Shape) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a shape, rounded."""
    corners, radius = shape
    xs, ys, off = [x for x, _ in corners], [y for _, y in corners], radius or 0
    return int(min(xs) - off), int(min(ys) - off), ceil(max(xs) + off), ceil(max(ys) + off)


def _first(areas: dict[str, Area], point: Point) -> str:
    return next((name for name, one in areas.items() if one.holds(point)), "")


def _areas(item: QtiItem, asked: Asked) -> Iterator[tuple[str, Area]]:
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
    frames += [_frame(one.shape) for one in areas if one.shape]
    for left, top, right, bottom in frames:
        for x, y in product(range(_STEPS + 1), repeat=2):
            point = left + (right - left) * x // _STEPS, top + (bottom - top) * y // _STEPS
            if 0 <= point[0] <= wide and 0 <= point[1] <= high:
                yield cast(Point, point)


def _drawn(one: Area, shown: _Picture) -> Part:
    """An area in the picture's own coordinates. A circle that is shown out of shape has corners there."""
    (wide, high), (_, _, width, height) = shown.size, shown.box
    corners, radius = one.shape or ([(0, 0), (wide, 0), (wide, high), (0, high)], None)
    if radius is not None and width * high != height * wide:
        corners, radius = round_corners(corners[0], radius, radius), None
    drawn: Part = {"points": [[_written(one) for one in shown.moved((Fraction(x), Fraction(y)))] for x, y in corners]}
    return drawn | ({"radius": _written(Fraction(radius) * width / wide)} if radius is not None else {})


def _written(number: Number) -> str:
    """A coordinate as a bank writes it, to a millionth."""
    return decimal_text(Fraction(round(number * 10**6), 10**6))
