"""A place on a picture."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from math import lcm
from string import ascii_uppercase
from typing import Any, TypeAlias, cast

from mesotrain.core.questions.base import Fields, QuestionType, Reading

X, Y, CELL = "x", "y", "cell"
RIGHT, WRONG, UNSAFE = "right", "wrong", "unsafe"
MOST_COLUMNS, MOST_ROWS = 26, 20
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
    that was sent beside it.
    """

    name = "hotspot"

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

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write above the picture what is to be marked.")
        counted = set(self._counted.values())
        if not any(zone["counts"] == RIGHT for zone in self.zones):
            found.append("no zone is right.")
        elif RIGHT not in counted:
            found.append("no cell of the grid counts as a right zone; make the grid finer, or a zone larger.")
        elif counted == {RIGHT}:
            found.append("every cell of the grid counts as right; make the grid finer, or a zone smaller.")
        return found

    def read(self, raw: Fields) -> Reading:
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

    def place(self, reading: Reading) -> tuple[Fraction, ...] | None:
        """The point that was marked, or left, top, width and height of the cell."""
        given = cast(dict[str, str] | None, reading.answer)
        if not given:
            return None
        return self.cells[given[CELL]] if CELL in given else (Fraction(given[X]), Fraction(given[Y]))

    def hit(self, reading: Reading) -> dict[str, Any] | None:
        """The zone that the answer counts as."""
        match self.place(reading):
            case (x, y):
                found = _first(dict(enumerate(map(shape, self.zones))), x, y)
            case (_, _, _, _) as cell:
                found = self._most(cell)
            case _:
                found = None
        return None if found is None else self.zones[found]

    def _most(self, cell: tuple[Fraction, ...]) -> int | None:
        """The place of the zone that a cell counts as. In whole numbers, which takes a tenth of the time."""
        left, top, wide, high = cell
        near = {at: one for at, one in enumerate(map(shape, self.zones)) if _near(one, cell)}
        steps = [Fraction(2 * step + 1, 2 * LOOKED) for step in range(LOOKED)]
        xs, ys = [left + wide * step for step in steps], [top + high * step for step in steps]
        numbers = [one for each in near.values() for one in _numbers(each)]
        scale = lcm(*(one.denominator for one in (*xs, *ys, *numbers)))
        whole = {at: _scaled(one, scale) for at, one in near.items()}
        scaled = product([int(x * scale) for x in xs], [int(y * scale) for y in ys])
        counted = Counter(_first(whole, x, y) for x, y in scaled) if whole else Counter()
        number, negative = max(((counted[at], -at) for at in whole), default=(0, 0))
        return -negative if number >= LEAST else None

    @cached_property
    def _counted(self) -> dict[str, str]:
        found = {name: self._most(cell) for name, cell in self.cells.items()}
        return {name: WRONG if at is None else self.zones[at]["counts"] for name, at in found.items()}

    def mark(self, reading: Reading) -> Fraction:
        zone = self.hit(reading)
        return Fraction(bool(zone and zone["counts"] == RIGHT))

    def unsafe(self, reading: Reading) -> bool:
        zone = self.hit(reading)
        return bool(zone and zone["counts"] == UNSAFE)

    def examples(self) -> list[tuple[Fields, Fraction]]:
        one_of_each = {counts == RIGHT: name for name, counts in self._counted.items()}
        return [
            *(({CELL: [name]}, Fraction(right)) for right, name in one_of_each.items()),
            ({CELL: ["?"]}, Fraction(0)),
            ({X: ["?"], Y: ["?"]}, Fraction(0)),
            ({}, Fraction(0)),
        ]


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
