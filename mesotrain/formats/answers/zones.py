"""Zones of a picture."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import PARTIAL
from mesotrain.core.questions.hotspot import MOST_COLUMNS, MOST_MARKS, MOST_ROWS, RIGHT, UNSAFE, WRONG, Hotspot, shape
from mesotrain.formats.answers.entries import (
    Rules,
    at_the_margin,
    credit_of,
    credit_text,
    headings,
    item_reason,
    no_answers,
)
from mesotrain.formats.lines import FIGURE, SLUG, Line, Report, joined, shown_line

FENCE = re.compile(r"(?:`{3,}|~{3,})\s*zones\b")
_OPENS = re.compile(
    r"(?P<fence>`{3,}|~{3,}) ?zones grid=(?P<columns>[0-9]{1,2})x(?P<rows>[0-9]{1,2})"
    r"(?: marks=(?P<marks>[0-9]{1,2}))? *"
)
_N = r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?"
_ZONE = re.compile(
    rf"(?P<name>{SLUG})\s+"
    rf"(?:polygon(?P<polygon>(?:\s+{_N},{_N}){{3,60}})|circle\s+(?P<circle>{_N},{_N})\s+r\s*(?P<radius>{_N}))\s+"
    rf"(?:(?P<counts>{RIGHT}|{WRONG}|{UNSAFE})(?:\s+(?P<place>[1-9][0-9]?))?"
    rf"|(?P<credit>[+-]?[0-9.]{{1,10}}%|[+-]?[0-9]{{1,4}}/[0-9]{{1,4}}))"
    r'(?:\s+"(?P<why>[^"]+)")?\s*'
)
_LIKE = 'dorsum polygon 290,250 320,250 320,330 right "why", or chin circle 305,470 r 40 wrong'


def read_lines(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    """A stem that ends with a figure, the zones of it, and the reason."""
    headings(at_the_margin(lines, report), report)
    opens = next(at for at, line in enumerate(lines) if FENCE.match(line.text))
    no_answers(lines[:opens], "a picture with zones", report)
    found = _OPENS.fullmatch(lines[opens].text)
    grid = [int(found["columns"]), int(found["rows"])] if found else [0, 0]
    if not found or not (2 <= grid[0] <= MOST_COLUMNS and 2 <= grid[1] <= MOST_ROWS):
        said = f"begin the zones with zones grid=8x10: 2 to {MOST_COLUMNS} columns, and 2 to {MOST_ROWS} rows."
        report.say("zone", lines[opens].number, said)
        return None
    marks = int(found["marks"] or 1)
    if found["marks"] and not 2 <= marks <= MOST_MARKS:
        report.say("zone", lines[opens].number, f"marks= says how many places may be marked, 2 to {MOST_MARKS}.")
    fence = found["fence"]
    closes = next((at for at in range(opens + 1, len(lines)) if lines[at].text.rstrip() == fence), None)
    if closes is None:
        report.say("zone", lines[opens].number, "these zones have no end of their own; close them with the same fence.")
        return None
    stem, figure, box = _picture(lines[:opens], lines[opens].number, rules, report)
    rows = [line for line in lines[opens + 1 : closes] if line.text.strip()]
    zones, reasons = _zones(rows, box, report)
    _one_rule(zones, marks, rules, lines[opens].number, report)
    taker: Part = {"type": Hotspot.name, "stem": stem, "picture": {"stem": figure}, "box": cast(Json, box)}
    taker |= {"grid": cast(Json, grid)} | ({"marks": marks} if marks > 1 else {})
    key: Part = {"zones": cast(Json, zones), "reasons": cast(Json, reasons)}
    key |= {"rule": rules.credit} if rules.credit == PARTIAL else {}
    return taker, key | {"reason": _after(lines[closes + 1 :], report)}


def _one_rule(zones: list[dict[str, Any]], marks: int, rules: Rules, line: int, report: Report) -> None:
    """Reports what says nothing beside how the zones are marked."""
    credits, numbers = (any(name in zone for zone in zones) for name in ("credit", "place"))
    if rules.credit and marks == 1:
        report.say("idle-key", line, "credit is for several places; say how many, as in zones grid=8x10 marks=2.")
    if rules.credit and credits:
        report.say("idle-key", line, f"credits of zones and credit: {shown_line(rules.credit)} exclude each other.")
    if numbers and (marks == 1 or credits):
        said = "a number behind right says which zones stand for one place of several, where all are right or wrong."
        report.say("zone", line, said)


def _picture(lines: Sequence[Line], opens: int, rules: Rules, report: Report) -> tuple[str, str, list[str]]:
    """The stem, the figure under it, and the box of that."""
    at = next((at for at in reversed(range(len(lines))) if not lines[at].blank), 0)
    figure = FIGURE.fullmatch(lines[at].text.strip()) if lines and not lines[at].code else None
    if not figure:
        report.say("figure", opens, "the picture stands right above its zones: ![what is drawn](media/name.svg)")
        return "", "", []
    if figure["caption"]:
        report.say("caption", lines[at].number, "a picture with zones has no caption; say in the stem what to mark.")
    box = rules.pictures.get(figure["path"], [])
    if not box:
        said = "nobody can tell how large this picture is: take an SVG, its width and height as its viewBox, or a PNG."
        report.say("no-figure", lines[at].number, said)
    return joined(lines[:at]), figure[0], box


def _zones(lines: Sequence[Line], box: list[str], report: Report) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The zones in their order, and the reason of each that has one."""
    zones: dict[str, dict[str, Any]] = {}
    reasons = {}
    for line in lines:
        if not (found := _ZONE.fullmatch(line.text.strip())):
            report.say("zone", line.number, f"“{shown_line(line.text)}” is no zone; write it as {_LIKE}.")
            continue
        points = [[_plain(one) for one in pair.split(",")] for pair in (found["polygon"] or found["circle"]).split()]
        zone: dict[str, Any] = {"name": found["name"], "points": points, **_counts(found, line.number, report)}
        if found["radius"]:
            zone["radius"] = _plain(found["radius"])
        if found["name"] in zones:
            report.say("twice", line.number, f"two zones are called {shown_line(found['name'])}; rename one.")
        if box and not _on(zone, box):
            width, height = (_plain(one) for one in box[2:])
            said = f"this zone lies beyond the picture, which is {width} wide and {height} high."
            report.say("zone", line.number, said)
        zones[found["name"]] = zone
        if found["why"]:
            reasons[found["name"]] = found["why"]
    return list(zones.values()), reasons


def _counts(found: re.Match[str], line: int, report: Report) -> dict[str, str]:
    """What a zone counts as: right with the number of its place, wrong, unsafe, or a credit of its own."""
    if found["counts"]:
        if found["place"] and found["counts"] != RIGHT:
            report.say("zone", line, f"only right has a number behind it, not {found['counts']}.")
        return {"counts": found["counts"]} | ({"place": found["place"]} if found["place"] else {})
    credit = credit_of(found["credit"])
    if credit is None:
        report.say("credit", line, f"{shown_line(found['credit'])} is no credit; write it as 50%.")
    return {"counts": RIGHT if credit and credit > 0 else WRONG, "credit": str(credit or 0)}


def _plain(number: str) -> str:
    return decimal_text(Fraction(number))


def _on(zone: dict[str, Any], box: list[str]) -> bool:
    left, top, width, height = map(Fraction, box)
    return all(left <= x <= left + width and top <= y <= top + height for x, y in shape(zone)[0])


def _after(lines: Sequence[Line], report: Report) -> str:
    rest = [line for line in lines if not line.blank]
    if rest and (rest[0].code or not rest[0].text.startswith("Why:")):
        report.say("after-answers", rest[0].number, "only Why: may stand after the zones.")
        return ""
    return item_reason(lines[lines.index(rest[0]) :], report) if rest else ""


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read_lines` makes these parts of."""
    reasons = cast(dict[str, str], key["reasons"])
    columns, rows = cast(list[int], taker["grid"])
    marks = f" marks={taker['marks']}" if "marks" in taker else ""
    lines = [cast(dict[str, str], taker["picture"])["stem"], "", f"```zones grid={columns}x{rows}{marks}"]
    for zone in cast(list[dict[str, Any]], key["zones"]):
        points = " ".join(",".join(pair) for pair in zone["points"])
        drawn = f"circle {points} r {zone['radius']}" if "radius" in zone else f"polygon {points}"
        why = f' "{reasons[zone["name"]]}"' if zone["name"] in reasons else ""
        counts = credit_text(Fraction(zone["credit"])) if "credit" in zone else zone["counts"]
        place = f" {zone['place']}" if "place" in zone else ""
        lines.append(f"{zone['name']} {drawn} {counts}{place}{why}")
    return [*lines, "```"]
