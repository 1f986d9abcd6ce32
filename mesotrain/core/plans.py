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


class Cell(NamedTuple):
    """So many questions of a competency and a level; an empty name: of whichever."""

    competency: str
    level: str
    draws: int

    def holds(self, competency: str, level: str) -> bool:
        """Whether a question of this competency and level is one of the cell's."""
        return self.competency in ("", competency) and self.level in ("", level)


Pool = Mapping[str, tuple[str, str]]
"""What may be drawn, in the order of the banks: a name -> its competency and level."""


def within(cell: Cell, pool: Pool) -> list[str]:
    """The names a cell may draw."""
    return [name for name, where in pool.items() if cell.holds(*where)]


def paper(seed: str, plan: Sequence[Cell], pool: Pool, seen: Container[str] = (), *, shuffle: bool = True) -> list[str]:
    """The names this seed draws: of each cell as many as it says, one of `seen` only where the others are too few.

    They come in an order of the seed, or cell by cell as they stand in the banks. The cells have no name in common.
    """
    cells = [(cell, within(cell, pool)) for cell in plan]
    chosen = [set(drawn(seed, names, cell.draws, last=seen)) for cell, names in cells]
    found = [name for (_, names), some in zip(cells, chosen, strict=True) for name in names if name in some]
    # What a cell drew has the least numbers of its own; the order of all needs numbers that no draw has looked at.
    return shuffled(f"{seed}/order", found) if shuffle else found


class Thin(NamedTuple):
    """A cell of a plan and how many questions it may draw."""

    cell: Cell
    there: int


def thin(plan: Iterable[Cell], pool: Pool, times: int = 1) -> list[Thin]:
    """The cells that cannot fill so many papers with questions that are all different."""
    found = (Thin(cell, len(within(cell, pool))) for cell in plan)
    return [one for one in found if one.there < times * one.cell.draws]


def minutes(plan: Iterable[Cell]) -> int:
    """How long a paper takes by `MINUTES`, rounded up."""
    return ceil(sum(cell.draws * MINUTES.get(cell.level, UNSAID) for cell in plan))
