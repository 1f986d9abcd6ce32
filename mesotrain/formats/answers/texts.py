"""Accepted texts."""

import re
from fractions import Fraction
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.linting.quantities import in_words
from mesotrain.core.numbers import rational
from mesotrain.core.questions import Part
from mesotrain.core.questions.text import Form, Text
from mesotrain.formats.answers.entries import LETTER, Rules, Written, credit_of, credit_text, why_lines
from mesotrain.formats.answers.identity import no_identity
from mesotrain.formats.lines import Report, joined, shown_line

_LINE = re.compile(r"(?P<forms>.*?)(?P<case> \(case\))?(?: \((?P<credit>[^()]*%|[0-9]+/[0-9]+)\))?")
_TOKEN = re.compile(r"\\(?P<plain>[^\w\s])|(?P<bar>\|)|(?P<star>\*)|.")
_BARE = re.compile(rf"{LETTER}|\*")


def read(written: Written, rules: Rules, report: Report) -> tuple[Part, Part]:
    """A short text."""
    accepted: list[dict[str, Json]] = []
    for entry in written.entries:
        found = _LINE.fullmatch(" ".join(joined(entry.text).split()))
        credit = credit_of(found["credit"]) if found and found["credit"] else Fraction(1)
        if not found or credit is None:
            said = f"“{shown_line(joined(entry.text))}” is no answer; write it as = adrenaline | epinephrine (50%)."
            report.say("credit", entry.line, said)
            continue
        no_identity(found["forms"], entry.line, report)
        if number := next(filter(in_words, map(str.strip, re.split(r"(?<!\\)\|", found["forms"]))), ""):
            said = f"“{shown_line(number)}” is a number in words: write it as = 5 mL, or = 5 +0.5 -0.5 mL"
            report.say("number", entry.line, f'{said}; where a text is meant, in quotes: "{shown_line(number)}"')
        forms = read_forms(found["forms"])
        if not all("".join(form) or form[1:] for form in forms):
            report.say("option", entry.line, "there is no text on one side of |; write it, or \\| for the mark itself.")
        own: Part = {"exact": ["case"]} if found["case"] and "case" not in rules.exact else {}
        accepted.append({"forms": cast(Json, forms), "credit": str(credit), **own})
    reasons = {str(place): joined(entry.why) for place, entry in enumerate(written.entries) if entry.why is not None}
    taker: Part = {"type": Text.name, "stem": written.stem, "exact": list[Json](rules.exact)}
    key: Part = {"accepted": cast(Json, accepted), "reasons": cast(Json, reasons), "reason": written.reason}
    if len(accepted) == len(written.entries):
        for place in Text(taker, key).unreachable():
            said = "no text reaches a part of this answer: a line above accepts it all. Put the narrower first."
            report.say("unreachable", written.entries[place].line, said)
    return taker, key


def read_forms(text: str) -> list[Form]:
    """``adrenaline | epi*`` as forms in pieces; a backslash before a mark makes it plain."""
    forms: list[Form] = [[""]]
    for token in _TOKEN.finditer(text):
        if token["bar"]:
            forms.append([""])
        elif token["star"]:
            forms[-1].append("")
        else:
            forms[-1][-1] += token["plain"] or token[0]
    return [_without_quotes(form) for form in forms]


def _without_quotes(form: Form) -> Form:
    form[0] = form[0].lstrip()
    form[-1] = form[-1].rstrip()
    if re.fullmatch(r'".*"', "*".join(form)):
        form[0] = form[0][1:]
        form[-1] = form[-1][:-1]
    return form


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of."""
    reasons, lines = cast(dict[str, str], key["reasons"]), []
    for place, row in enumerate(cast(list[dict[str, Json]], key["accepted"])):
        credit = rational(cast(str, row["credit"]))
        share = "" if credit == 1 else f" ({credit_text(credit)})"
        case = " (case)" if "case" in cast(list[str], row.get("exact", [])) else ""
        lines.append(f"= {written_forms(cast(list[Form], row['forms']))}{case}{share}")
        lines += why_lines(reasons.get(str(place), ""))
    return lines


def written_forms(forms: list[Form]) -> str:
    """The text that `read_forms` makes these forms of."""
    return " | ".join(_written(form) for form in forms)


def _written(form: Form) -> str:
    text = "*".join(re.sub(r"[\\*|(\[\]{<!^]", r"\\\g<0>", piece) for piece in form)
    return text if _BARE.match(text) and text == text.strip() and not in_words(text) else f'"{text}"'
