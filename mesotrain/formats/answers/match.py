"""Things to be matched: premises with their answers, and stories with one long list of options."""

import re
from collections.abc import Sequence
from itertools import pairwise, product
from string import ascii_uppercase
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part, option_id
from mesotrain.core.questions.matching import ExtendedMatching, Matching
from mesotrain.formats.answers.entries import (
    Rules,
    Written,
    at_the_margin,
    headings,
    no_answers,
    why_lines,
)
from mesotrain.formats.answers.identity import no_identity
from mesotrain.formats.lines import SLUG, Line, Report, joined, shown_line

STEM = re.compile(r"###\s*stem\b")
_NAMED = re.compile(rf"### stem (?P<name>{SLUG})\s*")
_OPTION = re.compile(r"(?P<letter>[A-Z]{1,2})\)\s+(?P<text>\S.*)")
_ANSWER = re.compile(r"=\s*(?P<letter>[A-Z]{1,2})\s*")
_LETTERS = (*ascii_uppercase, *map("".join, product(ascii_uppercase, repeat=2)))
"""Of the options of a list in their order: A to Z, AA to AZ, BA to ZZ."""


def read(written: Written, rules: Rules, report: Report) -> tuple[Part, Part]:
    """Premises and answers; an answer that several premises have is one option."""
    premises, texts, answers, reasons = [], [], {}, {}
    for entry in written.entries:
        text = " ".join(joined(entry.text).split("\n"))
        premise, _, answer = (one.strip() for one in text.partition("=>"))
        no_identity(text, entry.line, report)
        if not answer or "=>" in answer or "==>" in text:
            report.say("option", entry.line, "write one answer after =>, as in - premise => answer.")
        texts += [answer] if answer not in texts else []
        if premise:
            premises.append({"id": option_id(premise), "text": premise})
            answers[option_id(premise)] = option_id(answer)
        if entry.why is not None and premise:
            reasons[option_id(premise)] = joined(entry.why)
        elif entry.why is not None:
            report.say("why", entry.line, "only an answer with its premise has a reason.")
    if not premises:
        report.say("option", written.entries[0].line, "at least once something stands before =>.")
    options = sorted(({"id": option_id(text), "text": text} for text in texts), key=lambda one: one["id"])
    taker: Part = {"type": Matching.name, "stem": written.stem, "premises": cast(Json, premises)}
    taker |= {"options": cast(Json, options), "shuffle": True}
    key: Part = {"answers": cast(Json, answers), "reasons": cast(Json, reasons), "reason": written.reason}
    return taker, key | ({"rule": rules.credit} if rules.credit else {})


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of."""
    answers, reasons = (cast(dict[str, str], key[name]) for name in ("answers", "reasons"))
    texts = {one["id"]: one["text"] for one in cast(list[dict[str, str]], taker["options"])}
    lines = []
    for one in cast(list[dict[str, str]], taker["premises"]):
        lines += [f"- {one['text']} => {texts[answers[one['id']]]}", *why_lines(reasons.get(one["id"], ""))]
    return lines + [f"- => {text}" for name, text in texts.items() if name not in answers.values()]


def read_stories(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    """A lead-in, lettered options, and a part for each story with the letter of its answer and why."""
    lines = at_the_margin(lines, report)
    headings([line for line in lines if not STEM.match(line.text)], report)
    starts = [at for at, line in enumerate(lines) if not line.code and STEM.match(line.text)]
    lead, letters = _options(lines[: starts[0]], report)
    if not letters:
        report.say("no-answers", heading, "it has no options; write them after the lead-in, each as A) text.")
    premises: list[dict[str, str]] = []
    answers: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for begin, end in pairwise([*starts, len(lines)]):
        name, text, option, why = _story(lines[begin:end], letters, report)
        if told := _told(name, text, len(premises), letters):
            said = f"the name “{name}” says what “{shown_line(told)}” says, and whoever tries its words finds it; name"
            report.say("identity", lines[begin].number, f"{said} the story after what it tells.")
        premises.append({"id": option_id(name), "name": name, "stem": text})
        answers[option_id(name)] = option
        reasons |= {option_id(name): why} if why else {}
    options = [{"id": option_id(text), "text": text} for text in letters.values()]
    taker: Part = {"type": ExtendedMatching.name, "stem": lead, "options": cast(Json, options)}
    taker |= {"premises": [{"id": one["id"], "stem": one["stem"]} for one in premises], "shuffle": rules.shuffle}
    names: Json = {one["id"]: one["name"] for one in premises}
    key: Part = {"answers": cast(Json, answers), "names": names, "reasons": cast(Json, reasons), "reason": ""}
    return taker, key


def _told(name: str, text: str, place: int, letters: dict[str, str]) -> str:
    """The option that a story's name speaks of: a page shows a digest of it. What the story says tells nothing more."""
    own = set(name.split("-"))
    if not name or own <= {*_words(text), _LETTERS[min(place, len(_LETTERS) - 1)].lower()}:
        return ""
    return next((one for letter, one in letters.items() if own <= {*_words(one), letter.lower()}), "")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _options(lines: Sequence[Line], report: Report) -> tuple[str, dict[str, str]]:
    """The lead-in and the options by their letters."""
    found = [(at, _OPTION.fullmatch(line.text)) for at, line in enumerate(lines) if not line.code]
    first = next((at for at, option in found if option), len(lines))
    letters: dict[str, str] = {}
    for at, option in found:
        if at < first or lines[at].blank:
            continue
        expected = _LETTERS[min(len(letters), len(_LETTERS) - 1)]
        if not option:
            report.say("after-answers", lines[at].number, "only options, each as A) text, stand before the stories.")
        elif option["letter"] in letters:
            report.say(
                "option", lines[at].number, f"two options are {option['letter']}); each has a letter of its own."
            )
        elif option["letter"] != expected:
            report.say("option", lines[at].number, f"the letters follow each other; here stands {expected}).")
        else:
            no_identity(option["text"], lines[at].number, report)
            letters[expected] = option["text"].strip()
    no_answers(lines[:first], "a lead-in", report)
    return joined(lines[:first]), letters


def _story(lines: Sequence[Line], letters: dict[str, str], report: Report) -> tuple[str, str, str, str]:
    """Name, text, option and reason of one story, its heading first."""
    heading = lines[0]
    named = _NAMED.fullmatch(heading.text)
    if not named:
        said = "name each story: ### stem and a name of small letters, such as late-nodule."
        report.say("heading", heading.number, said)
    at = next((at for at, line in enumerate(lines) if at and not line.code and _ANSWER.fullmatch(line.text)), None)
    if at is None:
        report.say("no-answers", heading.number, "this story has no answer; write = and the letter of one after it.")
        return "", "", "", ""
    found = _ANSWER.fullmatch(lines[at].text)
    letter = found["letter"] if found else ""
    if letters and letter not in letters:
        report.say("option", lines[at].number, f"no option is {letter}).")
    no_answers(lines[1:at], "a story", report)
    if not (text := joined(lines[1:at])):
        report.say("heading", heading.number, "this story has no text.")
    name = named["name"] if named else ""
    return name, text, option_id(letters.get(letter, "")), _why(lines[at + 1 :], report)


def _why(lines: Sequence[Line], report: Report) -> str:
    """The reason that follows an answer."""
    said = [line for line in lines if not line.blank]
    if not said:
        return ""
    if not said[0].text.lstrip().startswith("Why:"):
        report.say("after-answers", said[0].number, "only Why: may stand after the answer of a story.")
        return ""
    why = joined([Line(one.number, one.text.strip(), one.plain) for one in lines]).strip().removeprefix("Why:").strip()
    if not why:
        report.say("why", said[0].number, "Why: is empty.")
    return why


def write_stories(taker: Part, key: Part) -> list[str]:
    """The lines that `read_stories` makes these parts of."""
    answers, reasons, names = (cast(dict[str, str], key[name]) for name in ("answers", "reasons", "names"))
    options = cast(list[dict[str, str]], taker["options"])
    letters = {one["id"]: letter for letter, one in zip(_LETTERS, options, strict=False)}
    lines = [f"{letters[one['id']]}) {one['text']}" for one in options]
    for one in cast(list[dict[str, str]], taker["premises"]):
        lines += ["", f"### stem {names[one['id']]}", *one["stem"].split("\n"), f"= {letters[answers[one['id']]]}"]
        lines += why_lines(reasons.get(one["id"], ""), "")
    return lines
