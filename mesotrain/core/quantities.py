"""Quantities: an exact number with its unit.

The units are a small table of our own. A units library works in floats, and takes prefixes apart: what a dose is
written in must be one of few known words, exact, and never guessed.
"""

import re
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

Dimensions = tuple[tuple[str, int], ...]
"""(base, power), sorted; nothing for a bare number."""


class Unsound(ValueError):
    """What cannot be worked out, as a sentence for the author."""


class Quantity(NamedTuple):
    """A value in base units: grams, litres, metres, seconds, moles, pascals, international units, things counted."""

    value: Fraction
    dimensions: Dimensions = ()

    def same(self, other: "Quantity", doing: str) -> None:
        """Raises Unsound where the two are not of one kind."""
        if self.dimensions != other.dimensions:
            raise Unsound(f"{_kind(self.dimensions)} and {_kind(other.dimensions)} cannot be {doing}.")

    def times(self, other: "Quantity", power: int = 1) -> "Quantity":
        """The product, or with -1 the quotient."""
        if power < 0 and not other.value:
            raise Unsound("it divides by zero.")
        value = self.value * other.value if power > 0 else self.value / other.value
        if not other.dimensions:
            return Quantity(value, self.dimensions)
        powers = dict(self.dimensions)
        for base, number in other.dimensions:
            powers[base] = powers.get(base, 0) + number * power
        return Quantity(value, tuple(sorted((base, number) for base, number in powers.items() if number)))


_SCALED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("mass", "1000", ("kg",)),
    ("mass", "1", ("g",)),
    ("mass", "1/1000", ("mg",)),
    ("mass", "1/1000000", ("microgram", "micrograms", "mcg")),
    ("mass", "1/1000000000", ("ng",)),
    ("volume", "1", ("L",)),
    ("volume", "1/10", ("dL",)),
    ("volume", "1/1000", ("mL",)),
    ("volume", "1/1000000", ("microlitre", "microlitres")),
    ("length", "1", ("m",)),
    ("length", "1/100", ("cm",)),
    ("length", "1/1000", ("mm",)),
    ("pressure", "1000", ("kPa",)),
    ("pressure", "133.322387415", ("mmHg",)),
    ("time", "1", ("s", "second", "seconds")),
    ("time", "60", ("min", "minute", "minutes")),
    ("time", "3600", ("h", "hour", "hours")),
    ("time", "86400", ("day", "days")),
    ("amount", "1", ("mol",)),
    ("amount", "1/1000", ("mmol",)),
    ("activity", "1", ("IU", "unit", "units")),
    *((f"{thing}s", "1", (thing, f"{thing}s")) for thing in ("drop", "point", "vial", "ampoule", "syringe", "dose")),
)
UNITS: dict[str, Quantity] = {
    name: Quantity(Fraction(scale), ((base, 1),)) for base, scale, names in _SCALED for name in names
}
UNITS["%w/v"] = Quantity(Fraction(10), (("mass", 1), ("volume", -1)))
"""Per cent weight in volume is grams in 100 mL; a millimetre of mercury is that of ISO 80000-4."""
UNITS |= {f"{name}2": UNITS[name].times(UNITS[name]) for name in ("m", "cm", "mm")}

_ALSO = {
    **{"\u00b5g": "mcg", "\u03bcg": "mcg", "ug": "mcg", "ml": "mL", "l": "L", "dl": "dL", "iu": "IU", "kpa": "kPa"},
    **{"sec": "s", "secs": "s", "mins": "min", "hr": "h", "hrs": "h", "mmhg": "mmHg"},
    **{f"{name}\u00b2": f"{name}2" for name in ("m", "cm", "mm")},
}
"""How takers write units besides; no author does, for some are misread."""


@cache
def unit(text: str) -> Quantity:
    """What one ``mg/kg`` is; of nothing, 1. Raises Unsound."""
    found = Quantity(Fraction(1))
    if text in UNITS or not text:
        return UNITS.get(text, found)
    for place, name in enumerate(text.split("/")):
        if name not in UNITS:
            like = {one.lower(): one for one in UNITS}.get(name.lower())
            hint = "write %w/v, grams in 100 mL" if "%" in name else f"write {like}" if like else "known are " + _KNOWN
            raise Unsound(f"“{name[:20]}” is no unit here; {hint}.")
        found = found.times(UNITS[name], -1 if place else 1)
    return found


_KNOWN = ", ".join(UNITS)


@lru_cache(maxsize=1024)
def written(text: str) -> Quantity | None:
    """The unit that a taker wrote, in any of the ways it is written; None for what is none.

    Capitals do not matter: no two units here differ by them alone.
    """
    found = []
    for name in re.split("/| per ", " ".join(text.split())) if text not in UNITS else [text]:
        ways = (name, _ALSO.get(name), _ALSO.get(name.lower()), name.lower())
        found.append(next((way for way in ways if way in UNITS), None))
    return None if None in found else unit("/".join(map(str, found)))


def measured(number: str, unit: str) -> str:
    """A number with its unit as it is read, never parted by the end of a line."""
    if unit.startswith("%"):
        return f"{number}{re.sub('^%(?=.)', '%' + chr(0xA0), unit)}"
    return f"{number}\u00a0{unit}" if unit else number


def _kind(dimensions: Dimensions) -> str:
    return " ".join(f"{base}{'' if power == 1 else f'^{power}'}" for base, power in dimensions) or "a bare number"
