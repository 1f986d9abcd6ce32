"""A case in stages."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias, cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.staged import Staged
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.answers import choice, match, numbers, order, statements, texts
from mesotrain.formats.answers.entries import Rules, Written, at_the_margin, headings, no_answers, take_apart, why_lines
from mesotrain.formats.lines import SLUG, Line, Report, joined

BEGINS = re.compile(r"###\s*stage\b")
_NAMED = re.compile(rf"### stage (?P<name>{SLUG})\s*")
POINTS = re.compile(r"points: (?P<points>[0-9]{1,3}(?:\.[0-9]{1,6})?)\s*")
Reader: TypeAlias = Callable[[Written, Rules, Report], tuple[Part, Part]]
Writer: TypeAlias = Callable[[Part, Part], list[str]]
_KINDS: dict[str, tuple[Reader, Writer]] = {
    Single.name: (choice.read, choice.write),
    Multiple.name: (choice.read, choice.write),
    TrueFalse.name: (statements.read, statements.write),
    Ordering.name: (order.read, order.write),
    Matching.name: (match.read, match.write),
    Numeric.name: (numbers.read, numbers.write),
    Text.name: (texts.read, texts.write),
}


def read_lines(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    """How the case begins, and its stages, each with what is asked in it."""
    starts = [at for at, line in enumerate(lines) if not line.code and BEGINS.match(line.text)]
    if not starts:
        report.say("no-answers", heading, "its stages stand within code; begin them at the left margin.")
        return None
    headings(at_the_margin(lines[: starts[0]], report), report)
    no_answers(lines[: starts[0]], "the beginning of a case", report)
    takers, keys, names, points = [], [], [], []
    for begin, end in pairwise([*starts, len(lines)]):
        named = _NAMED.fullmatch(lines[begin].text)
        if not named:
            said = "name each stage: ### stage and a name of small letters, such as first-minute."
            report.say("heading", lines[begin].number, said)
        worth = POINTS.fullmatch(lines[begin + 1].text) if begin + 1 < end else None
        made = _stage(lines[begin].number, lines[begin + 1 + bool(worth) : end], rules, report)
        value = Fraction(worth["points"]) if worth else Fraction(1)
        if not value:
            report.say("range", lines[begin + 1].number, "points lie above 0.")
        if made and named:
            takers.append(made[0])
            keys.append(made[1])
            names.append(named["name"])
            points.append(decimal_text(value))
    taker: Part = {"type": Staged.name, "stem": joined(lines[: starts[0]]), "stages": cast(Json, takers)}
    taker |= {"shuffle": rules.shuffle, "exact": list(rules.exact)}
    key: Part = {"stages": cast(Json, keys), "names": cast(Json, names), "points": cast(Json, points)}
    return taker, key | {"reasons": {}, "reason": ""}


def _stage(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    written = take_apart(heading, lines, report)
    if written and written.entries[0].kind not in _KINDS:
        report.say("heading", heading, "a panel is asked in no stage; make it a question of its own.")
        return None
    return _KINDS[written.entries[0].kind][0](written, rules, report) if written else None


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read_lines` makes these parts of, but for the stem."""
    lines: list[str] = []
    names, points = cast(list[str], key["names"]), cast(list[str], key["points"])
    parts = zip(cast(list[Part], taker["stages"]), cast(list[Part], key["stages"]), strict=True)
    for (part, answers), name, worth in zip(parts, names, points, strict=True):
        lines += [f"### stage {name}", *([f"points: {worth}"] if worth != "1" else []), ""]
        lines += [*cast(str, part["stem"]).split("\n"), "", *_KINDS[cast(str, part["type"])][1](part, answers)]
        reason = why_lines(cast(str, answers["reason"]), "")
        lines += ["", *reason, ""] if reason else [""]
    return lines[:-1]
