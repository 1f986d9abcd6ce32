"""What in a text says who a patient is, or may: numbers, dates, addresses; and names, of which nobody can be sure."""

import re
import unicodedata
from collections.abc import Iterator

from mesotrain.core.errors import Refused
from mesotrain.core.quantities import MEASURES
from mesotrain.core.signs import UNSEEN

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_SURE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[^\s@]+@[^\s@]+\.[^\s@]+|[\w.-]+ ?[(\[]at[)\]] ?[\w.-]+",
        r"https?://\S+|www\.\S+|(?<![\w@])@\w{3,}",
        r"\b(?:MRN|NHS|NHI|NIR|SSN|DOB|born|d\.o\.b\.?)\W{0,3}\w*\d\w*",
        r"\b(?:hospital|patient|record|chart|file|passport|insurance)\W{0,2}(?:no|nr|num|number|id)\b\W{0,3}\w*\d\w*",
        r"(?<![\d.,])(\d{1,2})([/.-])\d{1,2}\2(?:\d{4}|\d\d)(?!\d|[.,]\d)",
        rf"\b{_NTH}(?: of)? {_MONTH},? \d{{2,4}}\b|\b{_MONTH} {_NTH},? \d{{2,4}}\b",
        r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d(?!nd|rd|st|th)[ABD-HJLNP-UW-Z]{2}\b",
        r"\b[A-Z]{1,3}[ -]?\d{5,}\b",
    )
]
"""E-mail; a place on the net; a number or day that says what it is; a day; one with its month's name; a British
postcode; a number that begins with letters."""
_DIGITS = re.compile(r"(?<!\d)(?<!\d:)\d(?:(?:,|(?:[^\w\n,;:]|_){0,3})\d){4,}")
_DOSES = re.compile(r"\d{1,2}[.,]\d{1,3}(?:[ /\u2013-]{1,3}\d{1,2}[.,]\d{1,3})*")
_FEW = 6
"""Digits from which on a number that stands apart may be a telephone's or a person's; one without a gap has five."""
_UNIT = re.compile(r"\s?(%|\u00b0|[^\W\d_]+)")

_CAPITAL, _SMALL = "[A-Z\u00c0-\u00d6\u00d8-\u00de]", "[a-z\u00df-\u00f6\u00f8-\u00ff'\u2019-]"
_NAMED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Madame|Monsieur|Mme|M)\.? {_CAPITAL}\w+|\b{_CAPITAL}{_SMALL}+ {_CAPITAL}{_SMALL}+"
    rf"|\b(?:[Pp]atient|[Cc]lient|[Ll]ady|called|named) {_CAPITAL}{_SMALL}+"
)


def identifiers(text: str) -> Iterator[str]:
    """What in a text looks like somebody's number, telephone, date of birth or address.

    A number with its unit behind it is none, nor is a ratio, nor a row of volumes such as 0.05 0.05 0.1.
    """
    text = UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    for pattern in _SURE:
        yield from (found[0] for found in pattern.finditer(text))
    for found in _DIGITS.finditer(text):
        unit = _UNIT.match(text, found.end())
        measured = unit and unit[1].lower() in MEASURES
        apart = not found[0].isdecimal() and sum(map(str.isdecimal, found[0])) < _FEW
        if not (measured or apart or _DOSES.fullmatch(found[0])):
            yield found[0]


def names(text: str) -> Iterator[str]:
    """What in a text may be somebody's name."""
    return (found[0] for found in _NAMED.finditer(text))


MAY_NAME = "“%(found)s” may be somebody's name. Take it out, or say that it names no patient."
"""Whoever looked and found nobody may say so."""


def check(text: str, nameless: bool) -> None:
    """Raises Refused for what surely identifies somebody, and for what may, unless they call it nameless."""
    if found := next(identifiers(text), None):
        raise Refused("“%(found)s” may identify a patient. Write it without numbers, dates and addresses.", found=found)
    if not nameless and (found := next(names(text), None)):
        raise Refused(MAY_NAME, found=found)
