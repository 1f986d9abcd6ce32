"""The functions of numbers that QTI names: those of one operator by its attribute, statistics, constants, divisors.

What has no exact value is worked out in floating point, as every engine does, and kept as the fraction that this is.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from mesotrain.formats.exchange.items import Unfit

CONSTANTS = {"pi": Fraction(math.pi), "e": Fraction(math.e)}
OPERATORS: dict[str, tuple[int, Callable[..., float | Fraction]]] = {
    **{
        name: (1, getattr(math, name)) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
    },
    "atan2": (2, math.atan2),
    "sec": (1, lambda one: 1 / math.cos(one)),
    "csc": (1, lambda one: 1 / math.sin(one)),
    "cot": (1, lambda one: 1 / math.tan(one)),
    "sech": (1, lambda one: 1 / math.cosh(one)),
    "csch": (1, lambda one: 1 / math.sinh(one)),
    "coth": (1, lambda one: 1 / math.tanh(one)),
    "asec": (1, lambda one: math.acos(1 / one)),
    "acsc": (1, lambda one: math.asin(1 / one)),
    "acot": (1, lambda one: math.atan(1 / one)),
    "log": (1, math.log10),
    "ln": (1, math.log),
    "exp": (1, math.exp),
    "toDegrees": (1, math.degrees),
    "toRadians": (1, math.radians),
    "abs": (1, abs),
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "signum": (1, lambda one: (one > 0) - (one < 0)),
}
"""How many numbers each takes, and what it makes of them."""


def operated(name: str, numbers: Sequence[Fraction]) -> Fraction | None:
    """What the operator of this name makes of numbers; None where it makes none. Raises Unfit."""
    if name not in OPERATORS or len(numbers) != OPERATORS[name][0]:
        raise Unfit(f"its marking uses the operator “{name[:20]}” of {len(numbers)} numbers, which is not supported.")
    try:
        return Fraction(OPERATORS[name][1](*numbers))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """A power, exact where its exponent is whole; None where there is none. Raises Unfit for one that is too long."""
    if exponent.denominator == 1 and abs(exponent) <= 60:
        return None if base == 0 and exponent < 0 else base ** int(exponent)
    if exponent.denominator == 1 and base.denominator == 1 and abs(base) > 1:
        raise Unfit("a power is worked out for whole exponents up to 60.")
    try:
        found = float(base) ** float(exponent)
    except (ZeroDivisionError, OverflowError):
        return None
    return Fraction(found) if isinstance(found, float) and math.isfinite(found) else None


def statistic(name: str, numbers: Sequence[Fraction]) -> Fraction | None:
    """A mean, variance or standard deviation, of a sample or of all; None of too few. Raises Unfit."""
    spread = {"mean": 0, "sampleVariance": 1, "sampleSD": 1, "popVariance": 0, "popSD": 0}
    if name not in spread:
        raise Unfit(f"its marking uses the statistic “{name[:20]}”, which is not supported.")
    if len(numbers) <= spread[name]:
        return None
    mean = sum(numbers, Fraction(0)) / len(numbers)
    if name == "mean":
        return mean
    variance = sum(((one - mean) ** 2 for one in numbers), Fraction(0)) / (len(numbers) - spread[name])
    return variance if name.endswith("Variance") else Fraction(math.sqrt(variance))


def divisor(numbers: Sequence[Fraction]) -> Fraction | None:
    """The greatest that divides all of these whole numbers."""
    return Fraction(math.gcd(*map(int, numbers))) if _whole(numbers) else None


def multiple(numbers: Sequence[Fraction]) -> Fraction | None:
    """The smallest that all of these whole numbers divide."""
    return Fraction(math.lcm(*map(int, numbers))) if _whole(numbers) else None


def _whole(numbers: Sequence[Fraction]) -> bool:
    return all(one.denominator == 1 for one in numbers)
