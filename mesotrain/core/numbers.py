"""Numbers as takers type them. A decimal point and a decimal comma are both welcome; a guess never is."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from mesotrain.core.errors import Refused

_PLAIN = re.compile(r"([+-]?)(\d{1,12})(?:[.,](\d{1,12}))?(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_HALF = re.compile(r"[+-]?(?:[.,]\d{1,12}|\d{1,12}[.,])", re.ASCII)
_AMBIGUOUS = re.compile(r"([+-]?[1-9]\d{0,2}[.,]\d{3})([eE][+-]?\d{1,2})?", re.ASCII)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})


def unclear(text: str) -> bool:
    """Whether a number in `text` may be two, unless one knows how its writer begins decimals."""
    return bool(re.search(rf"(?<![0-9.,]){_AMBIGUOUS.pattern}(?![0-9.,])", text, re.ASCII))


def read_number(text: str, decimal: str = "") -> Fraction:
    """The exact value of `text`; `decimal` is the sign with which its writer's language begins decimals, if known.

    Raises Refused, with a sentence for the taker, when it is no number or may mean two: unless its sign is `decimal`,
    ``1,500`` is a thousand five hundred to one reader and one and a half to another.
    """
    plain = text.translate(_MINUS).strip()
    if (found := _AMBIGUOUS.fullmatch(plain)) and not (decimal in (".", ",") and decimal in plain):
        number, power = found.groups(default="")
        decimal = number.replace(",", ".").rstrip("0").rstrip(".")
        raise Refused(
            "“%(text)s” may mean two things. Write %(whole)s or %(decimal)s.",
            text=plain,
            whole=re.sub(r"[.,]", "", plain),
            decimal=(f"{decimal}0" if _AMBIGUOUS.fullmatch(decimal) else decimal) + power,
        )
    if _HALF.fullmatch(plain):
        whole = re.sub(r"^([+-]?)(?=[.,])", r"\g<1>0", plain).rstrip(".,")
        raise Refused("“%(text)s” is easily misread. Write %(plain)s.", text=plain, plain=whole)
    if not (found := _PLAIN.fullmatch(plain)):
        raise Refused("“%(text)s” is not a number. Write digits only, for example 2.5.", text=plain[:40])
    sign, whole, part, power = found.groups(default="")
    return Fraction(f"{sign}{whole}.{part or 0}e{power or 0}")


@lru_cache(maxsize=4096)
def rational(text: str) -> Fraction:
    """The number that a version keeps as text, such as 1/3; there are few, and reading one takes longer than a sum."""
    return Fraction(text)


def decimal_text(value: Fraction) -> str:
    """`value` as a finite decimal where it has one, else as a fraction."""
    text = format(Decimal(value.numerator) / value.denominator, "f")
    return text if Fraction(text) == value else str(value)
