"""Names, and how they are looked for: folded as `core.names.folded` does it, which neither engine can."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, validates

from mesotrain.core import names


def _folded(context: Any) -> str:
    return names.folded(context.get_current_parameters()["name"])


class Named:
    """Whoever has a `name` has it as it is looked for and sorted beside it."""

    folded: Mapped[str] = mapped_column(server_default="", default=_folded, sort_order=1)

    @validates("name")
    def _fold(self, _key: str, name: str) -> str:
        self.folded = names.folded(name)
        return name


def named(asked: str, *where: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """That each word of what was typed stands in one of these: folded names, or addresses.

    The words may stand in any order, in any letter case, with or without their accents.
    """
    words = names.folded(asked).split()
    return and_(true(), *(or_(*(_holds(one, word) for one in where)) for word in words))


def _holds(column: ColumnElement[str] | InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    for mark in "/%_":
        word = word.replace(mark, f"/{mark}")
    return column.like(f"%{word}%", escape="/")
