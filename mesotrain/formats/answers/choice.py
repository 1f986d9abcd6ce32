"""Options that are ticked."""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import cast

from mesotrain.core.questions import ALL_OR_NOTHING, SUM, Part
from mesotrain.core.questions.choice import Multiple
from mesotrain.formats.answers.entries import Entry, Rules, Written, credit_of, credit_text, option_lines, options_of
from mesotrain.formats.lines import Report, shown_line

_TICKED = {"x": Fraction(1), " ": Fraction(0)}
_LABEL = re.compile(r"\(?(?P<sign>[A-Za-z1-9])[.)]\s")


def read(written: Written, rules: Rules, report: Report) -> tuple[Part, Part]:
    """A single best answer or a multiple response."""
    kind, options = written.entries[0].kind, options_of(written, report)
    pairs = [(one["id"], _credit(entry, report)) for one, entry in zip(options.members, written.entries, strict=True)]
    if rules.shuffle and (label := _lettered([one["text"] for one in options.members])):
        said = f"the options are shuffled, and “{label}” would stand anywhere: take it away from each, or write"
        report.say("option", written.entries[0].line, f"{said} shuffle: no under the heading.")
    taker: Part = {"type": kind, "stem": written.stem, "options": options.shown(shuffle=rules.shuffle)}
    key: Part = {"credit": {name: str(value) for name, value in pairs if value}, **options.key(written)}
    if kind == Multiple.name:
        own = next((entry for entry in written.entries if entry.mark not in "x "), None)
        if own and rules.credit:
            report.say("idle-key", own.line, "credits of single options and credit: partial exclude each other.")
        key["rule"] = SUM if own else rules.credit or ALL_OR_NOTHING
    return taker | {"shuffle": rules.shuffle}, key


def _lettered(texts: Sequence[str]) -> str:
    """How the first of some options is lettered or numbered, where all of them are, one after another."""
    found = [_LABEL.match(text) for text in texts]
    signs = [one["sign"] for one in found if one]
    follow = [chr(ord(sign) + at) for at, sign in enumerate(signs[:1] * len(texts))]
    return found[0][0].strip() if found[0] and signs == follow and signs[0] in "Aa1" and signs[1:] else ""


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of."""
    credit, reasons, names = (cast(dict[str, str], key.get(name, {})) for name in ("credit", "reasons", "names"))
    summed, (opens, closes) = key.get("rule") == SUM, "[]" if taker["type"] == Multiple.name else "()"
    lines = []
    for option in cast(list[dict[str, str]], taker["options"]):
        name = option["id"]
        mark = f"{opens}{_mark(credit.get(name, '0'), summed=summed)}{closes} "
        lines += option_lines(mark, option["text"], names.get(name, ""), reasons.get(name, ""))
    return lines


@lru_cache(1000)
def _mark(credit: str, *, summed: bool) -> str:
    value = Fraction(credit)
    return " " if not value else "x" if value == 1 and not summed else credit_text(value)


def _credit(entry: Entry, report: Report) -> Fraction:
    value = _TICKED[entry.mark] if entry.mark in _TICKED else credit_of(entry.mark)
    if value is None:
        report.say("credit", entry.line, f"({shown_line(entry.mark)}) is no credit; write it as (50%).")
    return value or _TICKED[" "]
