"""Accepted numbers."""

import re
import unicodedata
from fractions import Fraction
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text, rational
from mesotrain.core.quantities import spelling
from mesotrain.core.questions import Part
from mesotrain.core.questions.numeric import Numeric
from mesotrain.formats.answers.entries import VULGAR, Rules, Written, credit_of, credit_text, why_lines
from mesotrain.formats.lines import Report, joined, shown_line

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_UNIT = r"[^\W\d_][^\s()]*(?: per [^\W\d_][^\s()]*)?|[%\u00b0][^\s()]*"
_ACCEPTED = re.compile(
    rf"(?P<value>-?{_NUMBER})(?P<tolerance>(?: [+-]{_NUMBER}){{0,2}})"
    rf"(?: (?P<unit>{_UNIT}))?(?: \((?P<credit>[^()]*%|[0-9]{{1,4}}/[0-9]{{1,4}})\))?"
)


def read(written: Written, rules: Rules, report: Report) -> tuple[Part, Part]:
    """A number with its unit."""
    accepted: list[dict[str, str]] = []
    units: list[str] = []
    for entry in written.entries:
        found = _ACCEPTED.fullmatch(" ".join(joined(entry.text).split()))
        credit = credit_of(found["credit"]) if found and found["credit"] else Fraction(1)
        tolerance = (found["tolerance"] if found else "").split()
        if not found or credit is None or len({sign[0] for sign in tolerance}) < len(tolerance):
            report.say("number", entry.line, _why_not(joined(entry.text)))
            continue
        value, unit = Fraction(found["value"]), found["unit"] or ""
        if (better := spelling(unit)) != unit:
            report.say("unit", entry.line, f"a unit is not written “{shown_line(unit)}”: write {better}.")
        low = value + sum(Fraction(text) for text in tolerance if text[0] == "-")
        high = value + sum(Fraction(text) for text in tolerance if text[0] == "+")
        if units and unit != units[0]:
            report.say("unit", entry.line, f"the answers differ in their unit: “{units[0]}” and “{unit}”.")
        if any(Fraction(row["low"]) <= low and high <= Fraction(row["high"]) for row in accepted):
            report.say(
                "unreachable",
                entry.line,
                "no number reaches this answer: one above accepts them all. Put the narrower first.",
            )
        units.append(unit)
        accepted.append({"value": str(value), "low": str(low), "high": str(high), "credit": str(credit)})
    reasons = {str(place): joined(entry.why) for place, entry in enumerate(written.entries) if entry.why is not None}
    taker: Part = {"type": Numeric.name, "stem": written.stem, "unit": units[0] if units else ""}
    return taker, {"accepted": cast(Json, accepted), "reasons": cast(Json, reasons), "reason": written.reason}


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of."""
    reasons, lines = cast(dict[str, str], key["reasons"]), []
    for place, row in enumerate(cast(list[dict[str, str]], key["accepted"])):
        value, low, high, credit = (rational(row[name]) for name in ("value", "low", "high", "credit"))
        above = f"+{decimal_text(high - value)}" if high != value else ""
        below = f"-{decimal_text(value - low)}" if low != value else ""
        share = f"({credit_text(credit)})" if credit != 1 else ""
        said = " ".join(one for one in ("=", decimal_text(value), above, below, str(taker["unit"]), share) if one)
        lines += [said, *why_lines(reasons.get(str(place), ""))]
    return lines


def _why_not(text: str) -> str:
    if thousands := re.search(r"([1-9][0-9]{0,2}),([0-9]{3})(?![0-9,])", text):
        whole, part = thousands.groups()
        return f"“{thousands[0]}” may mean two things; write {whole}{part}, or {whole}.{part} with the decimal point."
    if vulgar := re.search(rf"(?<![0-9])([0-9]{{0,6}}) ?([{VULGAR}])", text):
        value = int(vulgar[1] or 0) + unicodedata.numeric(vulgar[2])
        return f"“{vulgar[0]}” is no number here: write {value:.10g}, with its unit behind it."
    if comma := re.search(r"([0-9]+),([0-9]+)", text):
        return f"“{shown_line(comma[0])}” has a comma; write the decimal point, {shown_line(comma[1])}.{comma[2][:20]}."
    if re.search(r"[0-9]{13}", text):
        return "a number has at most 12 digits before its point and 12 behind it, a credit ten signs."
    if glued := re.match(r"(-?[0-9.]+)([^\W\d_]|%)", text):
        return f"leave a space between the number and its unit, after {shown_line(glued[1])}."
    return f"“{shown_line(text)}” is no answer; write it as = 0.5 mL, or = 0.5 +0.05 -0.05 mL (80%)."
