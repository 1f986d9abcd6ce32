"""A lesson as Markdown: its front matter, then sections with permanent ids."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mesotrain.core.assessments import Rules
from mesotrain.core.courses import Section
from mesotrain.formats.assessments import read_rules
from mesotrain.formats.fields import SLUG, TITLE, front_matter
from mesotrain.formats.lines import Line, Mention, Report, inspect, joined, scan, shown_line

LESSON = "lesson.md"
_FRONT = ("title", "competency", "minutes", "summary", "outcomes", "quiz", "sign-off")
_HEADING = re.compile(r"##(?!#)\s*(?P<title>.*?)\s*(?:\{#(?P<name>[^{}]*)\})?\s*")
_ABBREVIATION = re.compile(r"\*\[(?P<short>[^\]]*)\]\s*:\s*(?P<long>.*?)\s*")
_NEARLY_SHORT = re.compile(r"[ ]*\*(?:\[[^\]\n]*\](?!\()[^*]*$|[ ]+\[[^\]\n]*\]:)")
_HOW_SHORT = "write an abbreviation in plain letters, then its words: *[RCUK]: Resuscitation Council UK"
_SHORT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ./&+-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Lesson:
    """What the text of a lesson or an exam says, but for its folder's name and its bank.

    `quiz_line` is where its quiz is ruled, `sign_line` where its signature stands, `file` the name of its file.
    """

    title: str
    summary: str
    competency: str
    minutes: int
    outcomes: tuple[str, ...]
    quiz: Rules
    quiz_line: int
    sign_off: str
    sign_line: int
    sections: tuple[Section, ...]
    mentions: tuple[Mention, ...]
    file: str = LESSON


def read_lesson(text: str, report: Report) -> Lesson:
    """The lesson that `text` (as ``lines.cleaned`` gives it) holds; its faults go to `report`."""
    front, body, first = front_matter(text, report)
    front.only(*_FRONT)
    competency = front.text("competency")
    mentions = [Mention("competency", competency, front.line("competency"))] if competency else []
    lines, abbreviations = _abbreviations(scan(body, report, first), report)
    sections = _sections(lines, report, first, mentions)
    quiz = front.table("quiz")
    rules, line = read_rules(quiz), quiz.line("plan" if "plan" in quiz else "questions")
    mentions += [Mention("competency", one, line) for one in rules.proves]
    return Lesson(
        title=front.text("title", longest=TITLE),
        summary=front.text("summary"),
        competency=competency,
        minutes=front.count("minutes", "", 1, 600),
        outcomes=front.texts("outcomes"),
        quiz=rules,
        quiz_line=line,
        sign_off=front.sign_off("sign-off"),
        sign_line=front.line("sign-off"),
        sections=tuple(replace(one, abbreviations=_used(abbreviations, one.text)) for one in sections),
        mentions=tuple(mentions),
    )


def _abbreviations(lines: Sequence[Line], report: Report) -> tuple[list[Line], dict[str, str]]:
    """The lines that are no abbreviation, and the abbreviations."""
    kept: list[Line] = []
    found: dict[str, str] = {}
    for line in lines:
        if line.code or not (given := _ABBREVIATION.fullmatch(line.text)):
            kept.append(line)
            if _NEARLY_SHORT.match(line.plain):
                report.say("abbreviation", line.number, _HOW_SHORT)
            continue
        short, long = given["short"], given["long"]
        if not _SHORT.fullmatch(short) or not long:
            report.say("abbreviation", line.number, _HOW_SHORT)
        elif found.setdefault(short, long) != long:
            report.say("twice", line.number, f"{shown_line(short)} was given other words above; keep one.")
    return kept, found


def _sections(lines: Sequence[Line], report: Report, first: int, mentions: list[Mention]) -> tuple[Section, ...]:
    for line in lines:
        if not line.code and re.match(r"#(?!#)", line.text):
            report.say(
                "heading", line.number, "headings in a lesson begin with ## or ###; the title is in the front matter."
            )
    starts = [place for place, line in enumerate(lines) if not line.code and _HEADING.fullmatch(line.text)]
    lead = next((line for line in lines[: starts[0] if starts else None] if not line.blank), None)
    if lead:
        report.say(
            "before-sections",
            lead.number,
            "text stands before the first section; a section begins with ## Heading {#its-id}.",
        )
    if not starts:
        report.say("no-sections", first, "the lesson has no sections; write ## Heading {#its-id}.")
    sections: list[Section] = []
    names: dict[str, int] = {}
    for begin, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        section = _section(lines[begin], lines[begin + 1 : end], names, report)
        mentions += inspect(lines[begin:end], report)
        if not section.text.strip():
            report.say("empty", section.line, f"the section “{shown_line(section.title)}” has no text.")
        sections.append(section)
    return tuple(sections)


def _section(heading: Line, lines: Sequence[Line], names: dict[str, int], report: Report) -> Section:
    found = _HEADING.fullmatch(heading.text)
    title, name = (found["title"], found["name"] or "") if found else ("", "")
    if not title:
        report.say("heading", heading.number, "this heading has no words.")
    if len(title) > TITLE:
        report.say("long", heading.number, f"this heading has {len(title):,} characters; write at most {TITLE}.")
    if "{#" in title:
        report.say("section-id", heading.number, "a heading has one id; keep the one that it had first.")
    if not name:
        report.say("section-id", heading.number, f"give “{shown_line(title)}” a permanent id: ## Heading {{#its-id}}.")
    elif not SLUG.fullmatch(name):
        report.say(
            "section-id", heading.number, f"an id is small letters, digits and dashes, not “{shown_line(name)}”."
        )
    elif names.setdefault(name, heading.number) != heading.number:
        report.say("twice", heading.number, f"the id {name} is already that of the section on line {names[name]}.")
    return Section(name, title, joined(lines), line=heading.number)


def _used(abbreviations: dict[str, str], text: str) -> dict[str, str]:
    """Those that occur in `text`."""
    return {short: long for short, long in abbreviations.items() if re.search(rf"\b{re.escape(short)}\b", text)}
