"""An exam plan: how many questions of each competency and level a paper has, and the paper that a seed draws by it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from mesotrain.core.chance import drawn, shuffled

MINUTES = {"recall": Fraction(1), "apply": Fraction(3, 2), "judge": Fraction(2)}
"""Minutes a question of each level takes. An assumption of this program: no source that we saw sets these numbers."""
UNSAID = Fraction(3, 2)
"""The same for a question whose author says no level."""


AGAIN = 2
"""Minutes there are for each safety question that is asked again. An assumption, as those of the levels."""


class Sort(NamedTuple):
    """What a question is of: its competency, its level, and the safety point it tests; empty where none is said."""

    competency: str
    level: str
    safety: str = ""


class Cell(NamedTuple):
    """So many questions of a competency and a level (an empty name: of whichever), or of a safety point.

    `section` is the title of the part of the paper they stand in, empty where it has no parts.
    """

    competency: str
    level: str
    draws: int
    safety: str = ""
    section: str = ""

    def holds(self, sort: Sort) -> bool:
        """Whether a question of this sort is one of the cell's."""
        if self.safety:
            return self.safety == sort.safety
        return self.competency in ("", sort.competency) and self.level in ("", sort.level)

    @property
    def name(self) -> str:
        """What it draws, as its author wrote it."""
        return self.safety or f"{self.competency}, {self.level}"


Pool = Mapping[str, Sort]
"""What may be drawn, in the order of the banks: a name -> what it is of."""


def safety_of(plan: Iterable[Cell]) -> dict[str, int]:
    """The safety points of a plan, and how many right answers each asks for."""
    return {cell.safety: cell.draws for cell in plan if cell.safety}


def sections_of(plan: Iterable[Cell]) -> dict[str, int]:
    """The titles of the parts of a paper, in their order, and how many questions each has."""
    found: dict[str, int] = {}
    for cell in plan:
        found[cell.section] = found.get(cell.section, 0) + cell.draws
    return found


def within(cell: Cell, pool: Pool, plan: Iterable[Cell] = ()) -> list[str]:
    """The names a cell of `plan` may draw; a question of one of its safety points is drawn for that alone."""
    points = {} if cell.safety else safety_of(plan)
    sorts = {sort for sort in set(pool.values()) if cell.holds(sort) and sort.safety not in points}
    return [name for name, sort in pool.items() if sort in sorts]


def paper(seed: str, plan: Sequence[Cell], pool: Pool, seen: Container[str] = (), *, shuffle: bool = True) -> list[str]:
    """The names this seed draws: of each cell as many as it says, one of `seen` only where the others are too few.

    They come section by section, in an order of the seed, or cell by cell as they stand in the banks. The cells have
    no name in common.
    """
    found: dict[str, list[str]] = {title: [] for title in sections_of(plan)}
    for cell in plan:
        names = within(cell, pool, plan)
        some = set(drawn(seed, names, cell.draws, last=seen))
        found[cell.section] += [name for name in names if name in some]
    # What a cell drew has the least numbers of its own; the order of all needs numbers that no draw has looked at.
    return [name for names in found.values() for name in (shuffled(f"{seed}/order", names) if shuffle else names)]


def again(seed: str, missed: Mapping[str, int], pool: Pool, asked: Container[str], seen: Container[str]) -> list[str]:
    """The names that are asked after a paper of the names `asked`: of each safety point as many as were `missed`.

    One of `seen` comes only where the others are too few, and one of the paper itself only where those are too.
    """
    found = []
    for point, count in missed.items():
        names = [name for name, sort in pool.items() if sort.safety == point]
        other = drawn(f"{seed}/again", [name for name in names if name not in asked], count, last=seen)
        same = drawn(f"{seed}/again", [name for name in names if name in asked], count - len(other))
        found += other + same
    return found


class Thin(NamedTuple):
    """A cell of a plan and how many questions it may draw."""

    cell: Cell
    there: int


def thin(plan: Sequence[Cell], pool: Pool, times: int = 1) -> list[Thin]:
    """The cells that cannot fill so many papers with questions that are all different."""
    found = (Thin(cell, len(within(cell, pool, plan))) for cell in plan)
    return [one for one in found if one.there < times * one.cell.draws]


def single(plan: Sequence[Cell], pool: Pool) -> list[Thin]:
    """The cells of safety points that have no other question to ask again than those of the paper."""
    found = (Thin(cell, len(within(cell, pool, plan))) for cell in plan if cell.safety)
    return [one for one in found if one.there == one.cell.draws]


def minutes(plan: Iterable[Cell]) -> int:
    """How long a paper takes by `MINUTES`, rounded up, without what is asked again."""
    return ceil(sum(cell.draws * MINUTES.get(cell.level, UNSAID) for cell in plan))


def masters(plan: Iterable[Cell], right: Fraction) -> Fraction:
    """The chance to meet every safety point for somebody who answers each question right with the chance `right`.

    Each question is missed for good only if what is asked in its place is missed too: (1 - (1 - right)^2)^n.
    """
    return Fraction((1 - (1 - right) ** 2) ** sum(safety_of(plan).values()))
