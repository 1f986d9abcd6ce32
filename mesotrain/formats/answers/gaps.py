"""Gaps in a text, ``[[(x) thigh | ( ) arm]]``, ``[[= 0.5 mL]]`` and ``[[= adrenaline | epinephrine]]``.

A gap that counts more says so: ``[[2 points: = 0.5 mL]]``; a text worth less follows: ``[[= a | b | = c (50%)]]``.
"""

import re
from collections.abc import Sequence
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import Single
from mesotrain.core.questions.cloze import GAP, Cloze
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import Text
from mesotrain.formats.answers import choice, numbers, texts
from mesotrain.formats.answers.entries import (
    MARKS,
    Entry,
    Rules,
    Written,
    at_the_margin,
    headings,
    item_reason,
    no_answers,
)
from mesotrain.formats.lines import Line, Report, joined
from mesotrain.formats.markup import render

BEGINS = re.compile(r"(?:[^`\[]|`[^`]*`|\[(?!\[))*\[\[\s*(?:[0-9]{1,3} points?:\s*)?[(=]")
_GAP = re.compile(r"\[\[(?P<body>.*?)\]\]")
_HALF = re.compile(r"(?<![\[\\])\[\s*(?:[0-9]{1,3} points?:\s*)?(?:=\s|\((?:x| |[0-9.]+%)\))")
_WEIGHT = re.compile(r"(?P<weight>[0-9]{1,3}) points?:\s*")
_OUTSIDE = ("stem", "reasons", "reason", "shuffle", "exact")
"""What a question of its kind has and a gap has not."""
_READ = {Single.name: choice.read, Numeric.name: numbers.read, Text.name: texts.read}
_WRITE = {Single.name: choice.write, Numeric.name: numbers.write, Text.name: texts.write}


def read_lines(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    """The parts of a text with gaps; `heading` is its line."""
    headings(at_the_margin(lines, report), report)
    end = next((at for at, line in enumerate(lines) if not line.code and line.text.startswith("Why:")), len(lines))
    no_answers(lines[:end], "a text with gaps", report)
    stem, gaps, keys, before = [], list[Json](), dict[str, Json](), len(report.faults)
    for line in lines[:end]:
        text, at = "", 0
        for found in _GAP.finditer(line.plain):
            text += line.text[at : found.start()] + f"[[{len(gaps) + 1}]]"
            at = found.end()
            gap, key = _gap(line.number, line.text[found.start("body") : found.end("body")].strip(), rules, report)
            keys[str(len(gaps) + 1)] = key
            gaps.append({"id": str(len(gaps) + 1), **gap})
        if half := _HALF.search(_GAP.sub("", line.plain)):
            report.say(
                "gap", line.number, f"a gap begins with two brackets: write [{half[0].rstrip()}, or \\[ if it is none."
            )
        if "[[" in line.plain[at:]:
            report.say("gap", line.number, "this gap is never closed with ]] on its line.")
        stem.append(Line(line.number, text + line.text[at:], ""))
    words = joined(stem)
    if len(report.faults) == before and GAP.findall(re.sub("<[^>]*>", "", render(words))) != list(keys):
        report.say("gap", heading, "a gap cannot stand in a link, or with a round bracket right behind it.")
    reason = item_reason(lines[end:], report)
    taker: Part = {
        "type": Cloze.name,
        "stem": words,
        "gaps": gaps,
        "shuffle": rules.shuffle,
        "exact": list(rules.exact),
    }
    rule: Part = {"rule": rules.credit} if rules.credit else {}
    return taker, {"gaps": cast(Json, keys), "reasons": {}, "reason": reason, **rule}


def _gap(number: int, body: str, rules: Rules, report: Report) -> tuple[Part, Part]:
    """One gap, and its key."""
    weighed = _WEIGHT.match(body)
    body = body[weighed.end() :] if weighed else body
    chosen = body.startswith("(")
    kind = next((name for name, mark in MARKS.items() if mark.fullmatch(f"- {body}" if chosen else body)), "")
    if kind not in _READ:
        said = "a gap is written as [[(x) thigh | ( ) arm]], [[= 0.5 mL]] or [[= adrenaline | epinephrine]]."
        report.say("gap", number, said)
        return {"type": Text.name}, {"accepted": []}
    whole = re.split(r"(?<!\\)\|(?= *= )" if kind == Text.name else r"\|", body)
    entries = []
    for one in (one.strip() for one in whole):
        found = MARKS[kind].fullmatch(f"- {one}" if chosen else one if one.startswith("=") else f"= {one}")
        if not found:
            report.say("gap", number, "every choice of a gap begins with (x), ( ) or (50%).")
            continue
        text = found["text"] or ""
        entries.append(Entry(number, kind, found["mark"], [Line(number, text, text)]))
    taker, key = _READ[kind](Written("", entries, ""), rules, report)
    if "options" in taker:
        options = cast(list[dict[str, str]], taker["options"])
        taker["options"] = cast(Json, [{"id": one["id"], "words": one["text"]} for one in options])
    weight: Part = {"weight": str(int(weighed["weight"]))} if weighed and int(weighed["weight"]) != 1 else {}
    return _without(taker) | weight, _without(key)


def _without(part: Part) -> Part:
    return {name: value for name, value in part.items() if name not in _OUTSIDE}


def write_stem(taker: Part, key: Part) -> str:
    """The text that is read as these parts again."""
    gaps = {cast(str, gap["id"]): gap for gap in cast(list[Part], taker["gaps"])}
    keys = cast(dict[str, Part], key["gaps"])
    return GAP.sub(lambda found: f"[[{_written(gaps[found[1]], keys[found[1]])}]]", cast(str, taker["stem"]))


def _written(gap: Part, key: Part) -> str:
    if "options" in gap:
        options = cast(list[dict[str, str]], gap["options"])
        gap = {**gap, "options": cast(Json, [{"id": one["id"], "text": one["words"]} for one in options])}
    lines = _WRITE[cast(str, gap["type"])](gap, {**key, "reasons": {}})
    first, *more = (line.removeprefix("- ") for line in lines)
    if gap["type"] == Numeric.name:
        more = [line.removeprefix("= ") for line in more]
    weight = f"{gap['weight']} points: " if "weight" in gap else ""
    return weight + " | ".join([first, *more])
