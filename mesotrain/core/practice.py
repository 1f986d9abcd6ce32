"""Which question to practise next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from mesotrain.core.chance import shuffled
from mesotrain.core.questions import Fields

ROUND = 3
"""Questions of a round: what somebody has three minutes for."""


ASKED = "asked"
"""The field that says with which seed a question was asked."""


def seed_of(version: str, fields: Fields) -> str:
    """The seed with which a version of a question was asked whom these fields answer."""
    return next(iter(fields.get(ASKED, ())), version)


@dataclass(frozen=True)
class Tried:
    """An answer once given in practice: to which question, on which day, and the exact credit it earned."""

    question: int
    day: date
    credit: str


def following(pool: Iterable[int], tried: Iterable[Tried], today: date, seed: str) -> int | None:
    """The question to ask now; None where there is none left today.

    Those never tried come first, then those last answered less than right, the longest ago first, then the others
    likewise. Nothing is asked twice on a day. Equals come in the order of `seed`.
    """
    last = {one.question: one for one in tried}
    places = {name: place for place, name in enumerate(shuffled(seed, map(str, pool)))}

    def order(question: int) -> tuple[int, date, int]:
        place, old = places[str(question)], last.get(question)
        return (0, today, place) if old is None else (1 + (Fraction(old.credit) == 1), old.day, place)

    left = [int(name) for name in places if int(name) not in last or last[int(name)].day < today]
    return min(left, key=order, default=None)
