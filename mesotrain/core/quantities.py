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


_TABLE = """
mass 1000 kg = kilogram kilograms kilo kilos
mass 1 g = gram grams gramme grammes
mass 1/1000 mg = milligram milligrams
mass 1/1000000 mcg microgram micrograms = \u00b5g \u03bcg ug
mass 1/1000000000 ng = nanogram nanograms
volume 1 L = l litre litres liter liters
volume 1/10 dL = dl decilitre decilitres
volume 1/100 = cl centilitre centilitres
volume 1/1000 mL = ml mls millilitre millilitres milliliter milliliters cc ccs
volume 1/1000000 microlitre microlitres = \u00b5l \u03bcl ul microliter microliters
length 1 m = metre metres meter meters
length 1/100 cm = centimetre centimetres centimeter centimeters
length 1/1000 mm = millimetre millimetres millimeter millimeters
length 1/1000000 = \u00b5m \u03bcm micron microns micrometre micrometres
length 127/5000 = inch inches
pressure 1000 kPa = kpa
pressure 133.322387415 mmHg = mmhg
time 1 s second seconds = sec secs
time 60 min minute minutes = mins
time 3600 h hour hours = hr hrs
time 86400 day days =
time 604800 = week weeks
time 1209600 = fortnight fortnights
months 1 = month months
months 12 = year years
amount 1 mol =
amount 1/1000 mmol = millimole millimoles
amount 1/1000000 = \u00b5mol \u03bcmol umol micromol micromole micromoles
activity 1 IU unit units = iu u
drops 1 drop drops =
points 1 point points =
vials 1 vial vials =
ampoules 1 ampoule ampoules =
syringes 1 syringe syringes =
doses 1 dose doses =
share 1/100 = percent %
temperature 1 = \u00b0c \u00b0 degree degrees celsius
charge 1 = meq
energy 1 = j joule joules
gauge 1 = gauge
"""
"""What each measures, how much of the base unit it is, how authors write it in what is worked out (some stand in texts
alone), and behind ``=``, in small letters, how else people write it; of that no author does, for some is misread.

A millimetre of mercury is that of ISO 80000-4.
"""


class _Row(NamedTuple):
    base: str
    scale: Fraction
    names: list[str]
    others: list[str]


def _row(line: str) -> _Row:
    said, _, others = line.partition("=")
    base, scale, *names = said.split()
    return _Row(base, Fraction(scale), names, others.split())


_ROWS = list(map(_row, _TABLE.strip().split("\n")))
UNITS: dict[str, Quantity] = {name: Quantity(scale, ((base, 1),)) for base, scale, names, _ in _ROWS for name in names}
MEASURES = {way.lower(): (base, scale) for base, scale, names, others in _ROWS for way in (*names, *others)}
"""What each way to write a unit, in small letters, measures, and how much of the base unit it is."""
UNITS["%w/v"] = Quantity(Fraction(10), (("mass", 1), ("volume", -1)))
"""Per cent weight in volume is grams in 100 mL."""
_SQUARES = {name: UNITS[name].times(UNITS[name]) for name in ("m", "cm", "mm")}
UNITS |= {f"{name}2": area for name, area in _SQUARES.items()}
_WRITTEN = {way: Quantity(scale, ((base, 1),)) for way, (base, scale) in MEASURES.items()}
_WRITTEN |= {f"{name}{power}": area for name, area in _SQUARES.items() for power in ("2", "\u00b2")}


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
    small = " ".join(text.lower().split())
    if small in UNITS:
        return UNITS[small]
    found = Quantity(Fraction(1))
    for place, name in enumerate(re.split(" ?/ ?| per ", small.removesuffix("."))):
        if name not in _WRITTEN:
            return None
        found = found.times(_WRITTEN[name], -1 if place else 1)
    return found


def spelling(unit: str) -> str:
    """How authors write a unit: one that has full stops without them, and percent by its sign."""
    if "." not in unit and unit.lower() != "percent":
        return unit
    names = {way.lower(): (row.names or row.others)[-1] for row in _ROWS for way in (*row.names, *row.others)}
    bare = re.sub(r"\.", "", unit)
    return "/".join(names.get(one.lower(), one) for one in bare.split("/"))


def measured(number: str, unit: str) -> str:
    """A number with its unit as it is read, never parted by the end of a line."""
    if unit.startswith("%"):
        return f"{number}{re.sub('^%(?=.)', '%' + chr(0xA0), unit)}"
    return f"{number}\u00a0{unit}" if unit else number


def _kind(dimensions: Dimensions) -> str:
    return " ".join(f"{base}{'' if power == 1 else f'^{power}'}" for base, power in dimensions) or "a bare number"
