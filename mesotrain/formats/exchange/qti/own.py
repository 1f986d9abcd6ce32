"""Operators that are not of QTI and whose meaning is known: of blanks, accents and the decimal comma."""

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction

from mesotrain.formats.exchange.qti.values import Single


def plain_letters(text: str) -> str:
    """`text` without its accents."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _comma(text: str) -> Single | None:
    plain = text.strip().replace(",", ".")
    return Fraction(plain) if re.fullmatch(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?", plain) else None


OWN: dict[str, Callable[[str], Single | None]] = {
    "Trim": str.strip,
    "ToAscii": plain_letters,
    "ParseCommaDecimal": _comma,
}
"""By what a definition ends with."""
