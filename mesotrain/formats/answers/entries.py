"""The lines of answers that stand after a stem, taken apart: their marks, their texts and the reasons under them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import takewhile
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part
from mesotrain.formats.answers.identity import identified
from mesotrain.formats.fields import percent
from mesotrain.formats.lines import FIGURE, NAME, Line, Report, joined, shown_line

_CREDIT = r"x| |[+-]?[0-9.]{1,10} ?%|[+-]?[0-9]{1,4}/[0-9]{1,4}"
_TEXT = r"(?:\s+(?P<text>.*))?"
VULGAR = "\u00bc-\u00be\u2150-\u215e\u2189"
"""The signs of fractions."""
LETTER = rf"(?![{VULGAR}\u00b2\u00b3\u00b9\u2070-\u209c\u2460-\u249b])[^\W\d_]"
"""How a short text begins that stands in no quotes; signs of numbers are letters to the library alone."""
MARKS = {
    "concordance": re.compile(rf"- \((?P<mark>panel [0-9]{{1,4}})\){_TEXT}"),
    "single": re.compile(rf"- \((?P<mark>{_CREDIT})\){_TEXT}"),
    "multiple": re.compile(rf"- \[(?P<mark>{_CREDIT})\]{_TEXT}"),
    "true-false": re.compile(rf"- \[(?P<mark>[TF])\]{_TEXT}"),
    "ordering": re.compile(rf"- \((?P<mark>[0-9]{{1,2}}|-)\){_TEXT}"),
    "matching": re.compile(r"- (?P<mark>)(?P<text>(?![(\[]).*=>.*)"),
    "text": re.compile(rf"(?P<mark>=)\s+(?P<text>(?:{LETTER}|[*\"\\]).*)"),
    "numeric": re.compile(rf"(?P<mark>=){_TEXT}"),
}
"""The first line of an answer by the type of question it stands for; the first mark that fits counts."""
BULLET = r"(?:[-*+\u2022\u00b7\u25cf\u25cb\u25aa\u25e6\u2023\u2013\u2014\u2212]|o(?=\t))"
"""What a word processor begins an item with; in a second level the letter o before a tab."""
BOXES = "\u2610\u2611\u2612"
_TICKED = r"[(\uff08]\s*{0}\s*[)\uff09]|[\[\uff3b]\s*{0}\s*[\]\uff3d]".format("[xX\u2713\u2714\uff58\uff38]?")
_NEARLY = re.compile(
    rf"\s*(?:(?:{BULLET}|[0-9]{{1,2}}[.)])\s*(?:{_TICKED}|\[\s*[tTfF]\s*\])(?![(:])|(?:{BULLET}\s*)?[{BOXES}])"
)
_PLACED = re.compile(
    rf"\s*(?:{BULLET}|[0-9]{{1,2}}[.)])\s*[(\uff08]\s*(?P<place>[0-9]{{1,2}}|[-\u2013\u2014])\s*[)\uff09]\s*(?P<text>.*)"
)
_NO_CREDIT = re.compile(
    rf"\s*{BULLET}\s*[(\[]\s*"
    r"(?P<mark>panel\s*\d+|[+-]?[\d.,]+\s*%|[+-]?[\d.,]+/[\d.,]+)\s*[)\]]"
)
_ITEM = re.compile(rf" {{0,3}}(?:{BULLET}|[0-9]{{1,2}}[.)])(?=[\s(\[])")
_WHY = re.compile(r"(?P<indent>\s*)Why:\s*(?P<text>.*)")
WHY_ABOVE = "Why: stands after the answers, or indented under one of them."
REASONS = "rationale|explanation|feedback|justification"
"""What a reason is called elsewhere."""
_REASON = re.compile(rf"[*_]*(?:{REASONS})[*_]*:", re.IGNORECASE)
_EXPLAINS = re.compile(r"[*_]*(?:(?:answer )?explanation|rationale)[*_]*:", re.IGNORECASE)
"""What is called so explains an answer, wherever it stands."""
_NEARLY_WHY = re.compile(r"\W*why\W{0,3}[:;\uff1a\u2013\u2014-]", re.IGNORECASE)


@dataclass(frozen=True)
class Rules:
    """What the keys of a question say of its answers: whether they are shuffled, ``credit:`` and ``exact:``, if any.

    Of an essay `markers` is how many people mark it, `words` the fewest and the most it asks for, or nothing.
    `pictures` has left, top, width and height of what can be shown, by its path in the module's folder.
    """

    shuffle: bool
    credit: str
    exact: tuple[str, ...] = ()
    markers: int = 1
    words: tuple[int, ...] = ()
    pictures: Mapping[str, list[str]] = field(default_factory=dict)


def credit_of(text: str) -> Fraction | None:
    """``50%`` or ``1/3`` exactly, or None where the text is neither."""
    value = percent(text)
    if value is None and "/" in text and Fraction(text.partition("/")[2]):
        return Fraction(text)
    return value


def credit_text(value: Fraction) -> str:
    """A credit as an author writes it."""
    text = decimal_text(value * 100)
    return str(value) if "/" in text or len(text) > 8 else f"{text}%"


_TOLD_ABOVE = re.compile(r"\W*(?:(?:correct|right) )?(?:answer|key)\W{0,3}[:=]\W*[A-H](?:\W.*)?", re.IGNORECASE)
"""How other places say above the answers which is right."""


def option_lines(mark: str, text: str, name: str, reason: str) -> list[str]:
    """The lines of an option that `identified` reads."""
    first, *more = text.split("\n")
    if FIGURE.fullmatch(first):
        first, more = "", [first, *more]
    lines = [f"- {mark}{first}" if first else f"- {mark.rstrip()}", *(f"  {line}" if line else "" for line in more)]
    if name:
        lines[-1] += f" {{#{name}}}"
    return lines + why_lines(reason)


def why_lines(reason: str, indent: str = "  ") -> list[str]:
    """A reason as it stands under an answer, or after all of them without `indent`."""
    first, *more = reason.split("\n") if reason else [""]
    return [f"{indent}Why: {first}", *(f"{indent}{line}" if line else "" for line in more)] if first else []


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


@dataclass
class Options:
    """What the entries of a question offer, in their order: each text with its id; names and reasons by id."""

    members: list[dict[str, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def key(self, written: Written) -> Part:
        """What the key keeps of them beside the credit."""
        named: Part = {"names": cast(Json, self.names)} if self.names else {}
        return {"reasons": cast(Json, self.reasons), "reason": written.reason} | named

    def shown(self, *, shuffle: bool) -> Json:
        """The members as a taker part keeps them: where they are shuffled, their place says nothing of the author's."""
        return cast(Json, sorted(self.members, key=lambda one: one["id"]) if shuffle else self.members)


def options_of(written: Written, report: Report) -> Options:
    """The options that the entries stand for."""
    found = Options()
    for entry in written.entries:
        name, text, named = identified(joined(entry.text), entry.line, report)
        found.members.append({"id": name, "text": text})
        if named:
            found.names[name] = named
        if entry.why is not None:
            found.reasons[name] = joined(entry.why)
    return found


def _entry(line: Line) -> Entry | None:
    if line.code:
        return None
    for kind, mark in MARKS.items():
        if found := mark.fullmatch(line.text):
            text = found["text"] or ""
            return Entry(line.number, kind, found["mark"], [Line(line.number, text, text)])
    return None


def marking(line: Line) -> str:
    """What of a line may say which kind of question it is: anything but what stands in code."""
    return line.text if not line.code or line.text.startswith(("```", "~~~")) else ""


def take_apart(heading: int, lines: Sequence[Line], report: Report) -> Written | None:
    """The stem, the answers and the item's reason; None when the answers cannot be told. `heading` is its line."""
    headings(lines, report)
    meant = [_meant(line, report) for line in at_the_margin(lines, report)]
    lines = [line for line in meant if line]
    if len(lines) < len(meant):
        return None
    begins = next((place for place, line in enumerate(lines) if _entry(line)), None)
    if begins is None:
        report.say("no-answers", heading, "it has no answers; write them after the stem, such as - (x) text.")
        return None
    for line in lines[:begins]:
        _no_reason(line, report)
        if not line.code and _TOLD_ABOVE.fullmatch(line.text):
            said = f"“{shown_line(line.text)}” would tell takers what is right; take it away."
            report.say("option", line.number, said)
    for line in takewhile(lambda line: not line.blank and not line.code, reversed(lines[:begins])):
        if _ITEM.match(line.text):
            said = "this line stands right above the answers and is none: begin it as they do, or leave a blank line"
            report.say("option", line.number, f"{said} under it.")
    rest = lines[begins:]
    ends = next((n for n, line in enumerate(rest) if not line.code and line.text.startswith("Why:")), len(rest))
    entries = _entries(rest[:ends], report)
    reason = item_reason(rest[ends:], report)
    kinds = {entry.kind for entry in entries}
    if len(kinds) > 1:
        odd = next(entry for entry in entries if entry.kind != entries[0].kind)
        quoted = " A text that does not begin with a letter stands in quotes." if "text" in kinds else ""
        report.say(
            "mixed-answers", odd.line, f"one question has one kind of answer: all ( ), all [ ] or all =.{quoted}"
        )
        return None
    for entry in entries:
        if entry.why is not None and not joined(entry.why):
            report.say("why", entry.line, "this answer's Why: is empty.")
    return Written(joined(lines[:begins]), entries, reason)


_HEADING = re.compile(rf"#{{1,3}}(?!#)|\s+(?:##\s*{NAME}|###\s*(?:stem|stage|rubric))\b")


def headings(lines: Sequence[Line], report: Report) -> None:
    """Reports every heading: those of a question are taken off before, unless they are indented."""
    for line in lines:
        if not line.code and _HEADING.match(line.text):
            report.say("heading", line.number, "a question has no headings; #### and deeper may stand in a long stem.")


_WORKED = ({"text", "numeric"}, {"matching"})
"""Kinds with answers like what also stands in a reason: a line that goes on with = or =>."""


def no_answers(lines: Sequence[Line], what: str, report: Report) -> None:
    """Reports every answer and reason in a text whose question, `what`, is answered otherwise: it would be shown.

    What `at_the_margin` reported is not said again.
    """
    said_of = {fault.line for fault in report.faults}
    for line in lines:
        meant = None if line.number in said_of else _meant(line, report)
        if meant:
            _no_reason(meant, report)
        if meant and _entry(meant):
            said = f"{what} has no other answers: take “{shown_line(line.text)}” away"
            report.say("mixed-answers", line.number, f"{said}, or write \\{line.text[0]} if it is none.")


def _no_reason(line: Line, report: Report) -> None:
    """Reports a reason in a text that is asked."""
    if not line.code and _WHY.fullmatch(line.text):
        report.say("why", line.number, WHY_ABOVE)
    elif not line.code and (named := _EXPLAINS.match(line.text.lstrip())):
        said = f"“{named[0].strip('*_')}” would be shown with the question: a reason stands after the answers, behind"
        report.say("why", line.number, f"{said} Why:, or, if it is none, begins with another word.")


def at_the_margin(lines: Sequence[Line], report: Report) -> list[Line]:
    """`lines` with every answer at the left margin; one that is not is reported, for it would be shown as text.

    A reason may go on with a line of arithmetic, unless that is how its question is answered.
    """
    kinds = {entry.kind for line in lines if (entry := _entry(line))}
    moved, reason = [], False
    for line in lines:
        bare = replace(line, text=line.text.lstrip(), plain=line.plain.lstrip())
        entry = _entry(bare)
        reason = bool(_WHY.match(line.text)) or (reason and not _entry(line))
        worked = reason and any(entry and entry.kind in alike and not alike & kinds for alike in _WORKED)
        if not entry or worked or bare.text == line.text:
            placed = None if entry or line.code or "ordering" not in kinds else _PLACED.fullmatch(line.text)
            moved.append(_placed(line, placed, report) if placed else line)
            continue
        what = "an answer" if entry.mark == "=" else "an option"
        said = f"begin {what} at the left margin; take the blanks before “{shown_line(bare.text)}” away"
        report.say("option", line.number, f"{said}, or write \\{bare.text[0]} if it is none.")
        moved.append(bare)
    return moved


def _placed(line: Line, found: re.Match[str], report: Report) -> Line:
    """An item whose place is nearly right, with it as it is written."""
    report.say(
        "option", line.number, "write the place of an item at the left margin as - (1), or as - (-), and a space."
    )
    place = found["place"] if found["place"].isdigit() else "-"
    return replace(line, text=f"- ({place}) {found['text']}")


def _meant(line: Line, report: Report) -> Line | None:
    """The line as it was meant, or None where that cannot be told.

    Reports an option or a Why: that is nearly right; taken as text it would show a taker the key.
    """
    if line.code:
        return line
    if re.match(r"=[^\s=>]", line.text):
        report.say("number", line.number, "leave a space after =, as in = 0.5 mL.")
        return replace(line, text=f"= {line.text[1:]}")
    if _NEARLY.match(line.text) and not _entry(line):
        report.say(
            "option", line.number, "begin an option at the left margin with - (x), - ( ), - [x] or - [ ] and a space."
        )
        return None
    if (found := _NO_CREDIT.match(line.text)) and not _entry(line):
        marked = shown_line(found["mark"])
        sentence = (
            f"“{marked}” is no credit: write a point and few digits, such as - (50%) or - (33.33%), or as - (1/3)."
        )
        if "panel" in marked:
            sentence = f"“{marked}” counts no panel: write it as - (panel 4), with at most four digits."
        report.say("option", line.number, sentence)
        return None
    if (found := _NEARLY_WHY.match(line.text)) and not _WHY.fullmatch(line.text):
        report.say("why", line.number, "write Why: with a capital W and nothing before it but spaces.")
        indent = line.text[: len(line.text) - len(line.text.lstrip())]
        return replace(line, text=f"{indent}Why: {line.text[found.end() :].strip()}")
    return line


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
            if named := _REASON.match("" if line.code or current.why is not None else text):
                report.say("why", line.number, f"a reason begins with Why:, not with {named[0]}")
            (current.text if current.why is None else current.why).append(Line(line.number, text, text))
        elif named := _REASON.match("" if line.code else line.text):
            report.say("why", line.number, f"a reason begins with Why:, not with {named[0]}")
        else:
            said = "only answers, and Why:, may stand here: indent what belongs to the answer above."
            report.say("after-answers", line.number, said)
    for entry in entries:
        entry.text, entry.why = _ended(entry.text), entry.why and _ended(entry.why)
    return entries


def _ended(lines: Sequence[Line]) -> list[Line]:
    """`lines` without the blanks behind them, which nobody sees and which are no part of an entry."""
    last = next((at for at in reversed(range(len(lines))) if lines[at].text.strip()), -1)
    return [*lines[:last], *(replace(one, text=one.text.rstrip()) for one in lines[last : last + 1])]


def item_reason(lines: Sequence[Line], report: Report) -> str:
    """What stands behind the ``Why:`` at the left margin, with which `lines` begin, if there are any."""
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
    if not (reason := joined(_ended([Line(lines[0].number, first, first), *lines[1:]]))):
        report.say("why", lines[0].number, "Why: is empty.")
    return reason
