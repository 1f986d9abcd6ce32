"""Numbers with a unit as people write an answer, in the form that a bank reads."""

import re
from fractions import Fraction

from mesotrain.core.numbers import decimal_text, unclear

_NUMBER = r"[-+\u2212]?[0-9]{1,12}(?:[.,][0-9]{1,12})?"
_UNIT = r"(?:[^\W\d_][^\s()]*(?: per [^\W\d_][^\s()]*)?|[%°][^\s()]*)"
_ONE = re.compile(rf"(?P<value>{_NUMBER})\s*(?:(?:±|\+/-|\+-|\+\u2212)\s*(?P<off>{_NUMBER}))?\s*(?P<unit>{_UNIT})?\.?")
_RANGE = re.compile(
    rf"\[?(?P<low>{_NUMBER})\s*(?:to|\.\.|,\s|-|\u2013|a|\u00e0|bis)\s*(?P<high>{_NUMBER})\]?\s*(?P<unit>{_UNIT})?\.?"
)


def measure(text: str) -> str:
    """``5 ± 0.5 mL`` as ``5 +0.5 -0.5 mL``; nothing where it is no number, or may be two."""
    text = " ".join(text.split())
    if unclear(text):
        return ""
    if found := _ONE.fullmatch(text):
        value, off = _exact(found["value"]), _exact(found["off"] or "0")
        around = [f"+{decimal_text(off)}", f"-{decimal_text(off)}"] if off > 0 else []
    elif found := _RANGE.fullmatch(text):
        low, high = sorted((_exact(found["low"]), _exact(found["high"])))
        value, off = (low + high) / 2, (high - low) / 2
        around = [f"+{decimal_text(off)}", f"-{decimal_text(off)}"]
    else:
        return ""
    unit = (found["unit"] or "").rstrip(".")
    return " ".join(one for one in (decimal_text(value), *around, unit) if one)


def _exact(text: str) -> Fraction:
    return Fraction(text.replace("\u2212", "-").replace(",", "."))
