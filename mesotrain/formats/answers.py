"""The answer block of a question: what follows the stem, read into the part a taker may see and the key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import ALL_OR_NOTHING, PARTIAL, Part, option_id
from mesotrain.formats.fields import percent
from mesotrain.formats.lines import Line, Report, joined, shown_line

SINGLE, MULTIPLE, NUMERIC = "single", "multiple", "numeric"

_CREDIT = r"x| |[+-]?[0-9.]{1,10} ?%"
_OPTION = re.compile(rf"- (?:\((?P<round>{_CREDIT})\)|\[(?P<square>{_CREDIT})\])(?:\s+(?P<text>.*))?")
_EQUALS = re.compile(r"=(?:\s+(?P<text>.*))?")
_NEARLY = re.compile(
    r"\s*[-*+\u2022\u2013\u2014]\s*(?:\(\s*[xX\u2713\u2714]?\s*\)|\[\s*[xX\u2713\u2714]?\s*\])(?![(:])"
)
_WHY = re.compile(r"(?P<indent>\s*)Why:\s*(?P<text>.*)")
_NEARLY_WHY = re.compile(r"\W*why\W{0,3}[:;\uff1a\u2013\u2014-]", re.IGNORECASE)
_IDENTITY = re.compile(r"\s*\{#([A-Za-z0-9_-]{1,40})\}\s*\Z")

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_UNIT = r"[^\W\d_][^\s()]*(?: per [^\W\d_][^\s()]*)?|[%\u00b0][^\s()]*"
_ACCEPTED = re.compile(
    rf"(?P<value>-?{_NUMBER})(?P<tolerance>(?: [+-]{_NUMBER}){{0,2}})"
    rf"(?: (?P<unit>{_UNIT}))?(?: \((?P<credit>[^()]*%)\))?"
)

UNSUPPORTED = (
    (re.compile(r"[`~]{3,}\s*calc\b"), "a calculation from a template"),
    (re.compile(r"[`~]{3,}\s*zones\b"), "zones of a picture"),
    (re.compile(r"###\s*stem\b"), "extended matching"),
    (re.compile(r"###\s*stage\b"), "a staged case"),
    (re.compile(r"###\s*rubric\b"), "an essay"),
    (re.compile(r"- \((?:[0-9]+|-)\)"), "ordering"),
    (re.compile(r"- \[[TF]\]"), "true or false"),
    (re.compile(r"- (?![(\[]).*=>"), "matching"),
    (re.compile(r"[^`]*\[\[\s*[(=]"), "gaps in a text"),
    (re.compile(r"=\s+(?!.*[0-9],[0-9])[^\W\d_]"), "a short answer"),
)
"""How the kinds of answer that this version cannot mark begin, and their names."""


@dataclass
class Entry:
    """One option or accepted answer as written; `kind` is the question type its mark stands for."""

    line: int
    kind: str
    mark: str
    text: list[Line] = field(default_factory=list)
    why: list[Line] | None = None


@dataclass(frozen=True)
class Written:
    """A question's text under its keys, taken apart."""

    stem: str
    entries: Sequence[Entry]
    reason: str


def _entry(line: Line) -> Entry | None:
    if line.code:
        return None
    if found := _OPTION.fullmatch(line.text):
        kind = SINGLE if found["round"] else MULTIPLE
        entry = Entry(line.number, kind, found["round"] or found["square"])
    elif found := _EQUALS.fullmatch(line.text):
        entry = Entry(line.number, NUMERIC, "=")
    else:
        return None
    text = found["text"] or ""
    entry.text.append(Line(line.number, text, text))
    return entry


def unsupported(lines: Sequence[Line], report: Report) -> bool:
    """Reports the first answer of a kind this version cannot mark."""
    for line in lines:
        text = line.text if not line.code or line.text.startswith(("```", "~~~")) else ""
        for shape, kind in UNSUPPORTED:
            if shape.match(text):
                report.say("unsupported", line.number, f"this kind of question is not supported yet: {kind}.")
                return True
    return False


def take_apart(heading: int, lines: Sequence[Line], report: Report) -> Written | None:
    """The stem, the answers and the item's reason; None when the answers cannot be told. `heading` is its line."""
    misspelt = [_misspelt(line, report) for line in lines]
    if any(misspelt):
        return None
    begins = next((place for place, line in enumerate(lines) if _entry(line)), None)
    if begins is None:
        report.say("no-answers", heading, "it has no answers; write them after the stem, such as - (x) text.")
        return None
    for line in lines[:begins]:
        if not line.code and _WHY.fullmatch(line.text):
            report.say("why", line.number, "Why: stands after the answers, or indented under one of them.")
    rest = lines[begins:]
    ends = next((n for n, line in enumerate(rest) if not line.code and line.text.startswith("Why:")), len(rest))
    entries = _entries(rest[:ends], report)
    reason = _reason(rest[ends:], report)
    kinds = {entry.kind for entry in entries}
    if len(kinds) > 1:
        odd = next(entry for entry in entries if entry.kind != entries[0].kind)
        report.say("mixed-answers", odd.line, "one question has one kind of answer: all ( ), all [ ] or all =.")
        return None
    return Written(joined(lines[:begins]), entries, reason)


def _misspelt(line: Line, report: Report) -> bool:
    """Reports an option or a Why: that is nearly right; taken as text it would show a taker the key."""
    if line.code:
        return False
    if re.match(r"=[^\s=>]", line.text):
        report.say("number", line.number, "leave a space after =, as in = 0.5 mL.")
        return True
    if _NEARLY.match(line.text) and not _entry(line):
        report.say(
            "option", line.number, "begin an option at the left margin with - (x), - ( ), - [x] or - [ ] and a space."
        )
        return True
    if _NEARLY_WHY.match(line.text) and not _WHY.fullmatch(line.text):
        report.say("why", line.number, "write Why: with a capital W and nothing before it but spaces.")
        return True
    return False


def _entries(lines: Sequence[Line], report: Report) -> list[Entry]:
    entries: list[Entry] = []
    for line in lines:
        if entry := _entry(line):
            entries.append(entry)
            continue
        current = entries[-1]
        why = None if line.code else _WHY.fullmatch(line.text)
        if why:
            if current.why is not None:
                report.say("why", line.number, "this answer has two reasons; keep one Why: under each.")
            current.why = [Line(line.number, why["text"], why["text"])]
        elif line.blank or (not line.code and line.text[0].isspace()):
            text = line.text.strip()
            (current.text if current.why is None else current.why).append(Line(line.number, text, text))
        else:
            report.say(
                "after-answers",
                line.number,
                "only answers, and Why:, may stand here: indent what belongs to the answer above.",
            )
    return entries


def _reason(lines: Sequence[Line], report: Report) -> str:
    if not lines:
        return ""
    for line in lines[1:]:
        if _entry(line):
            report.say(
                "why",
                line.number,
                "an answer stands after the question's Why:; indent a Why: that belongs to one answer.",
            )
        elif not line.code and line.text.startswith("Why:"):
            report.say("why", line.number, "the question has two reasons at the left margin; keep one Why:.")
    first = lines[0].text.removeprefix("Why:").strip()
    if not (reason := joined([Line(lines[0].number, first, first), *lines[1:]])):
        report.say("why", lines[0].number, "Why: is empty.")
    return reason


def parts(written: Written, *, shuffle: bool, partial: bool, report: Report) -> tuple[Part, Part] | None:
    """The taker part and the key; None when a fault was found in the answers."""
    before = len(report.faults)
    for entry in written.entries:
        if entry.why is not None and not joined(entry.why):
            report.say("why", entry.line, "this answer's Why: is empty.")
    made = (
        _numeric(written, report) if written.entries[0].kind == NUMERIC else _choice(written, shuffle, partial, report)
    )
    return made if len(report.faults) == before else None


def _choice(written: Written, shuffle: bool, partial: bool, report: Report) -> tuple[Part, Part]:
    kind = written.entries[0].kind
    options, credit, reasons = [], {}, {}
    for entry in written.entries:
        whole = joined(entry.text)
        text = _IDENTITY.sub("", whole)
        if not text:
            report.say("option", entry.line, "this option has no text.")
        if "Why:" in text:
            report.say("why", entry.line, "Why: begins its own line, indented under the option.")
        named = _IDENTITY.search(whole)
        name = option_id(named[1] if named else text)
        options.append({"id": name, "text": text})
        if value := _credit(entry, report):
            credit[name] = str(value)
        if entry.why is not None:
            reasons[name] = joined(entry.why)
    if shuffle:
        options.sort(key=lambda option: option["id"])
    taker: Part = {"type": kind, "stem": written.stem, "options": cast(Json, options), "shuffle": shuffle}
    key: Part = {"credit": cast(Json, credit), "reasons": cast(Json, reasons), "reason": written.reason}
    if kind == MULTIPLE:
        key["rule"] = PARTIAL if partial else ALL_OR_NOTHING
    return taker, key


def _credit(entry: Entry, report: Report) -> Fraction:
    if entry.mark in ("x", " "):
        return Fraction(entry.mark == "x")
    value = percent(entry.mark)
    if entry.kind == MULTIPLE:
        report.say(
            "unsupported",
            entry.line,
            "credit for single options of a multiple response is not supported yet; use [x] or [ ].",
        )
    elif value is None:
        report.say("credit", entry.line, f"({shown_line(entry.mark)}) is no credit; write it as (50%).")
    return value or Fraction(0)


def _numeric(written: Written, report: Report) -> tuple[Part, Part]:
    accepted: list[dict[str, str]] = []
    units: list[str] = []
    for entry in written.entries:
        found = _ACCEPTED.fullmatch(" ".join(joined(entry.text).split()))
        credit = percent(found["credit"]) if found and found["credit"] else Fraction(1)
        tolerance = (found["tolerance"] if found else "").split()
        if not found or credit is None or len({sign[0] for sign in tolerance}) < len(tolerance):
            report.say("number", entry.line, _why_not(joined(entry.text)))
            continue
        value, unit = Fraction(found["value"]), found["unit"] or ""
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
    taker: Part = {"type": NUMERIC, "stem": written.stem, "unit": units[0] if units else ""}
    return taker, {"accepted": cast(Json, accepted), "reasons": cast(Json, reasons), "reason": written.reason}


def _why_not(text: str) -> str:
    if thousands := re.search(r"([1-9][0-9]{0,2}),([0-9]{3})(?![0-9,])", text):
        whole, part = thousands.groups()
        return f"“{thousands[0]}” may mean two things; write {whole}{part}, or {whole}.{part} with the decimal point."
    if comma := re.search(r"([0-9]+),([0-9]+)", text):
        return f"“{shown_line(comma[0])}” has a comma; write the decimal point, {shown_line(comma[1])}.{comma[2][:20]}."
    if glued := re.match(r"(-?[0-9.]+)([^\W\d_]|%)", text):
        return f"leave a space between the number and its unit, after {shown_line(glued[1])}."
    return f"“{shown_line(text)}” is no answer; write it as = 0.5 mL, or = 0.5 +0.05 -0.05 mL (80%)."
