"""A place on a picture, or several."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from math import lcm
from string import ascii_uppercase
from typing import Any, TypeAlias, cast

from mesotrain.core.questions.base import ALL_OR_NOTHING, Fields, QuestionType, Reading, costly, fields_of
from mesotrain.core.questions.choice import PARTIAL, SHARES, SUM

X, Y, CELL = "x", "y", "cell"
RIGHT, WRONG, UNSAFE = "right", "wrong", "unsafe"
MOST_COLUMNS, MOST_ROWS, MOST_MARKS = 26, 20, 12
LOOKED, LEAST = 10, 10
"""A cell is looked at in ten by ten points; a zone that holds fewer than ten of them only touches it."""

Number: TypeAlias = int | Fraction
Point: TypeAlias = tuple[Number, Number]
Shape: TypeAlias = tuple[Sequence[Point], Number | None]
"""The corners of a polygon, or the centre of a circle and its radius."""
_NUMBER = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?")


class Hotspot(QuestionType):
    """A place on a picture counts as a zone; outside all of them it is wrong. Credit is 1 in a right zone, else 0.

    A point, told in the picture's own coordinates, counts as the first zone that holds it, border and all. A cell of
    the grid is looked at in 100 points, ten by ten, the first half a step from its edges: it counts as the zone that
    most of them count as, the first of equals, and as outside where that is fewer than ten. It counts before a point
    that was sent beside it. A zone may have a `credit` of its own, which is what it is worth.

    Where up to `marks` places may be marked, the fields of each begin with its number; two in one zone count as one.
    Right zones with one `place` stand for one another. *all or nothing*: 1 where each right place is marked and nothing
    else, nor two zones of one place. With the `rule` *partial*: (right places - all else) / right places there are,
    never below 0. Where zones have credits: the sum of those that were marked, from 0 to 1. Whoever marks an unsafe
    zone earns 0.
    """

    name = "hotspot"

    @property
    def most(self) -> int:
        """How many places may be marked."""
        return cast(int, self.taker.get("marks", 1))

    @property
    def box(self) -> list[Fraction]:
        """Left, top, width and height of the picture."""
        return [Fraction(one) for one in cast(list[str], self.taker["box"])]

    @property
    def columns(self) -> list[str]:
        """Their letters, from the left."""
        return list(ascii_uppercase[: cast(list[int], self.taker["grid"])[0]])

    @property
    def rows(self) -> list[str]:
        """Their numbers, from the top."""
        return [str(row + 1) for row in range(cast(list[int], self.taker["grid"])[1])]

    @cached_property
    def cells(self) -> dict[str, tuple[Fraction, ...]]:
        """Left, top, width and height of each cell by its name, such as C4."""
        left, top, width, height = self.box
        wide, high = width / len(self.columns), height / len(self.rows)
        return {
            letter + row: (left + wide * at, top + high * down, wide, high)
            for (down, row), (at, letter) in product(enumerate(self.rows), enumerate(self.columns))
        }

    @property
    def zones(self) -> list[dict[str, Any]]:
        """The zones in the author's order."""
        return cast(list[dict[str, Any]], self.key["zones"])

    @cached_property
    def places(self) -> set[str]:
        """What has to be marked, each by the number of its zones or the name of its only one."""
        return {place_of(zone) for zone in self.zones if zone["counts"] == RIGHT}

    def instead(self, zone: dict[str, Any]) -> list[int]:
        """The zones that stand for the same place as this one, by their place in the author's order, from 1."""
        return [at for at, one in enumerate(self.zones, 1) if one is not zone and place_of(one) == place_of(zone)]

    @cached_property
    def summed(self) -> bool:
        """Whether zones have credits of their own."""
        return any("credit" in zone for zone in self.zones)

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write above the picture what is to be marked.")
        if any(abs(worth(zone)) > 1 for zone in self.zones):
            found.append("a zone's credit lies between -100% and 100%.")
        return found + (self._of_one() if self.most == 1 else self._of_several())

    def _of_one(self) -> list[str]:
        counted = {worth(zone) if zone else Fraction(0) for zone in self._counted.values()}
        if not any(worth(zone) == 1 for zone in self.zones):
            return ["no zone is right."]
        if 1 not in counted:
            return ["no cell of the grid counts as a right zone; make the grid finer, or a zone larger."]
        if counted == {1}:
            return ["every cell of the grid counts as right; make the grid finer, or a zone smaller."]
        return []

    def _of_several(self) -> list[str]:
        if not self.places:
            return ["no zone is right."]
        found = []
        if len(self.places) > self.most:
            found.append(f"{len(self.places)} places are right, and {self.most} can be marked.")
        positive = sum((worth(zone) for zone in self.zones if worth(zone) > 0), Fraction(0))
        if self.summed and positive != 1:
            found.append(SHARES.format(positive))
        missed = self.places - {place_of(zone) for zone in self._counted.values() if zone}
        said = "no cell of the grid counts as {}; make the grid finer, or a zone larger."
        return found + [said.format(one) for one in sorted(missed)]

    @property
    def rules(self) -> list[str]:
        if self.most == 1:
            return costly(map(worth, self.zones))
        return [SUM if self.summed else cast(str, self.key.get("rule", ALL_OR_NOTHING)), "danger"]

    def read(self, raw: Fields) -> Reading:
        if self.most == 1:
            return self._read(raw)
        given = {str(at): self._read(fields_of(raw, str(at))) for at in range(1, self.most + 1)}
        unread = next((one.problem for one in given.values() if one.problem), None)
        answered = {name: one for name, one in given.items() if one.answer is not None}
        return Reading(answered or None, unread)

    def _read(self, raw: Fields) -> Reading:
        cell, x, y = (next(filter(None, map(str.strip, raw.get(name, ()))), "") for name in (CELL, X, Y))
        if not (cell or x or y):
            return Reading()
        if cell in self.cells:
            return Reading({CELL: cell})
        if cell or not (_NUMBER.fullmatch(x) and _NUMBER.fullmatch(y) and self._on(Fraction(x), Fraction(y))):
            return Reading(problem="Mark one place on the picture.")
        return Reading({X: x, Y: y})

    def _on(self, x: Fraction, y: Fraction) -> bool:
        left, top, width, height = self.box
        return left <= x <= left + width and top <= y <= top + height

    def marked(self, reading: Reading) -> dict[str, Reading]:
        """Each place that was marked, by its number."""
        given = cast(dict[str, Reading], reading.answer or {})
        return given if self.most > 1 or not given else {"1": reading}

    def place(self, reading: Reading) -> tuple[Fraction, ...] | None:
        """The point of one mark, or left, top, width and height of its cell."""
        given = cast(dict[str, str] | None, reading.answer)
        if not given:
            return None
        return self.cells[given[CELL]] if CELL in given else (Fraction(given[X]), Fraction(given[Y]))

    def hit(self, reading: Reading) -> dict[str, Any] | None:
        """The zone that one mark counts as."""
        match self.place(reading):
            case (x, y):
                found = _first(dict(enumerate(self._shapes)), x, y)
            case (_, _, _, _) as cell:
                found = self._most(cell)
            case _:
                found = None
        return None if found is None else self.zones[found]

    def hits(self, reading: Reading) -> list[dict[str, Any] | None]:
        """The zone of each mark."""
        return [self.hit(one) for one in self.marked(reading).values()]

    def _most(self, cell: tuple[Fraction, ...]) -> int | None:
        """The place of the zone that a cell counts as. In whole numbers, which takes a tenth of the time."""
        left, top, wide, high = cell
        near = {at: one for at, one in enumerate(self._shapes) if _near(one, cell)}
        if not near:
            return None
        steps = [Fraction(2 * step + 1, 2 * LOOKED) for step in range(LOOKED)]
        xs, ys = [left + wide * step for step in steps], [top + high * step for step in steps]
        numbers = [one for each in near.values() for one in _numbers(each)]
        scale = lcm(*(one.denominator for one in (*xs, *ys, *numbers)))
        whole = {at: _scaled(one, scale) for at, one in near.items()}
        scaled = product([int(x * scale) for x in xs], [int(y * scale) for y in ys])
        counted = Counter(_first(whole, x, y) for x, y in scaled)
        number, negative = max((counted[at], -at) for at in whole)
        return -negative if number >= LEAST else None

    @cached_property
    def _shapes(self) -> list[Shape]:
        return list(map(shape, self.zones))

    @cached_property
    def _counted(self) -> dict[str, dict[str, Any] | None]:
        """The zone of each cell."""
        found = {name: self._most(cell) for name, cell in self.cells.items()}
        return {name: None if at is None else self.zones[at] for name, at in found.items()}

    def mark(self, reading: Reading) -> Fraction:
        return self.earned(self.hits(reading))

    def earned(self, hits: Sequence[dict[str, Any] | None]) -> Fraction:
        """What marks in these zones are worth, of which None is outside all of them."""
        zones = {zone["name"]: zone for zone in hits if zone}
        if not hits or any(zone["counts"] == UNSAFE for zone in zones.values()):
            return Fraction(0)
        if self.most == 1 or self.summed:
            total = sum(map(worth, zones.values()), Fraction(0))
            return total if self.most == 1 else min(max(total, Fraction(0)), Fraction(1))
        found = {place_of(zone) for zone in zones.values() if zone["counts"] == RIGHT}
        else_marked = hits.count(None) + len(zones) - len(found)
        if self.key.get("rule") == PARTIAL:
            return max(Fraction(len(found) - else_marked, len(self.places)), Fraction(0))
        return Fraction(found == self.places and not else_marked)

    def unsafe(self, reading: Reading) -> bool:
        return any(zone and zone["counts"] == UNSAFE for zone in self.hits(reading))

    def examples(self) -> list[tuple[Fields, Fraction]]:
        cells = {(zone or {}).get("name", ""): name for name, zone in self._counted.items()}
        by_name = {zone["name"]: zone for zone in self.zones}
        right = {place_of(by_name[name]): cell for name, cell in cells.items() if name and worth(by_name[name]) > 0}
        if self.most == 1:
            alone = {worth(by_name[name]) if name else Fraction(0): cell for name, cell in cells.items()}
            found: list[tuple[Fields, Fraction]] = [({CELL: [cell]}, credit) for credit, cell in alone.items()]
            return [*found, ({CELL: ["?"]}, Fraction(0)), ({X: ["?"], Y: ["?"]}, Fraction(0)), ({}, Fraction(0))]
        every = {f"{at}.{CELL}": [cell] for at, cell in enumerate(right.values(), 1)}
        return [
            (every, Fraction(1)),
            ({f"1.{CELL}": ["?"], f"2.{X}": ["?"]}, Fraction(0)),
            *([({f"1.{CELL}": [cells[""]]}, Fraction(0))] if "" in cells else []),
            ({}, Fraction(0)),
        ]


def worth(zone: dict[str, Any]) -> Fraction:
    """What a zone is worth alone."""
    return Fraction(zone["credit"]) if "credit" in zone else Fraction(zone["counts"] == RIGHT)


def place_of(zone: dict[str, Any]) -> str:
    """What is found where this zone is marked; no zone is called like a number of several."""
    return f"place {zone['place']}" if "place" in zone else cast(str, zone["name"])


def shape(zone: dict[str, Any]) -> Shape:
    """The shape of a zone."""
    points = [(Fraction(x), Fraction(y)) for x, y in zone["points"]]
    return points, Fraction(zone["radius"]) if "radius" in zone else None


def _numbers(one: Shape) -> Iterator[Number]:
    points, radius = one
    yield from (number for point in points for number in point)
    yield radius or 0


def _scaled(one: Shape, scale: int) -> Shape:
    points, radius = one
    return [(int(x * scale), int(y * scale)) for x, y in points], None if radius is None else int(radius * scale)


def _near(one: Shape, cell: tuple[Fraction, ...]) -> bool:
    """Whether the frame of a shape meets a cell."""
    (points, radius), (left, top, wide, high) = one, cell
    xs, ys, beyond = [x for x, _ in points], [y for _, y in points], radius or 0
    beside = max(xs) + beyond < left or left + wide < min(xs) - beyond
    return not (beside or max(ys) + beyond < top or top + high < min(ys) - beyond)


def _first(shapes: Mapping[int, Shape], x: Number, y: Number) -> int | None:
    return next((at for at, one in shapes.items() if holds(one, x, y)), None)


def holds(one: Shape, x: Number, y: Number) -> bool:
    """Whether a shape holds a point. Of a polygon that crosses itself a point is inside by the even-odd rule."""
    points, radius = one
    if radius is not None:
        return (x - points[0][0]) ** 2 + (y - points[0][1]) ** 2 <= radius**2
    inside = False
    for (ax, ay), (bx, by) in pairwise([*points, points[0]]):
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y) and (side > 0) == (by > ay):
            inside = not inside
    return inside
