"""A course file as lines: what its author reads, what is code, and the faults any of them may hold."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mesotrain.core.errors import Fault
from mesotrain.core.signs import UNSEEN, told

CODE = r"[A-Z]{1,3}[0-9]{2,4}"
"""The shape of a reference code, such as I01."""

CITATION = re.compile(rf"(?<!\\)\[({CODE}(?:,\s*{CODE})*)\](?![\[(])(?!:\s*https?:)")
FIGURE = re.compile(
    r'!\[(?P<alt>[^\[\]\n]*)\]\((?P<path>media/[a-z0-9][a-z0-9-]*\.(?:svg|png|jpg|webp))(?: "(?P<caption>[^"\n]*)")?\)'
)
"""A figure, alone on its line; its file is of a kind in ``formats/media.py``."""

NAME = r"[a-z]{2,12}-[0-9]{4}"
"""The shape of a question's id, such as emg-0147."""

SLUG = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
"""The shape of the name of a section, a module or a course."""

CHECK = re.compile(rf"\[(?P<words>[^\[\]\n]+)\]\(bank\.md#(?P<name>{NAME})\)")
"""A question of the module's bank that stands in its lesson, alone on its line."""

LINK = re.compile(
    r"(?<![!\\])\[(?P<words>[^\[\]]*)\]\("
    r"(?:(?P<target>(?:[^()\s]|\([^()\s]*\))*)(?: \"[^\"\n]*\"| '[^'\n]*')?\))?"
)
"""A link, or the beginning of what was meant as one; that has no target."""
_SECTION_LINK = re.compile(rf"#(?P<name>{SLUG})")
_ELSEWHERE = re.compile(r"https?://\S+|mailto:\S+", re.IGNORECASE)

ADMONITIONS = ("note", "caution", "safety")
DEEPEST = 40
"""Spaces of indentation; deeper nesting is beyond any reader and, much further, beyond the Markdown library."""

MOST_OPEN = 20
"""Brackets that may be open at once in a paragraph."""
_BRACKET = re.compile(r"(?<!\\)[\[\]()]")

MOST_MARKS = 100
"""Marks of one footnote in a text."""

QUOTED = 60
"""Characters of a text that a message repeats."""

NO_TEXT = re.compile("\udcff\udcfe|\udcfe\udcff|[^\x00]*+\x00")
"""How a file begins that is UTF-16, or a word processor's own."""

_NO_UTF8 = re.compile("[\udc80-\udcff]")
_COMMENT, _CODE = "\x00", "\x01"


@dataclass(frozen=True)
class Report:
    """Where the faults of one file gather. `about` names what is being read, and begins each sentence."""

    path: str
    faults: list[Fault] = field(default_factory=list)
    about: str = ""

    def say(self, code: str, line: int, sentence: str) -> None:
        fault = Fault(self.path, line, self.about + sentence, code)
        if fault not in self.faults:
            self.faults.append(fault)

    def on(self, subject: str) -> "Report":
        return replace(self, about=f"{subject}: ")


@dataclass(frozen=True)
class Mention:
    """A name that must exist somewhere in the course.

    `kind` is "reference", "section", "competency", "figure", "link" (to a section), "check" (a practice question),
    "assessment", "point" (a safety point of one), "form" or "safety" (a safety point of a question).
    Where it was written as `nearly`, it is a mention only if there is such a name.
    """

    kind: str
    name: str
    line: int
    about: str = ""
    nearly: str = ""


@dataclass(frozen=True)
class Line:
    """`text` is the line without its comments; `plain` is blank where the line is code."""

    number: int
    text: str
    plain: str
    code: bool = False

    @property
    def blank(self) -> bool:
        return not self.code and not self.text.strip()


def shown_line(text: str) -> str:
    """`text` as a message may quote it."""
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 3]}..."


def cleaned(text: str, report: Report) -> str:
    """`text` with plain line ends and without what nobody sees, which is reported.

    Bytes that were no UTF-8 are surrogates in it, as Python's ``surrogateescape`` makes them.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not UNSEEN.search(text):
        return text
    if found := _NO_UTF8.search(text):
        report.say("encoding", text.count("\n", 0, found.start()) + 1, "this file is not UTF-8; save it as UTF-8 text.")
        return UNSEEN.sub("\ufffd", text)
    for number, line in enumerate(text.split("\n"), 1):
        if unseen := list(UNSEEN.finditer(line)):
            report.say("invisible", number, _invisible(line, unseen))
    return UNSEEN.sub("", text)


def _invisible(line: str, unseen: Sequence[re.Match[str]]) -> str:
    first = unseen[0]
    many = (
        f"are {len(unseen)} invisible characters in this line, the first" if unseen[1:] else "is an invisible character"
    )
    before = UNSEEN.sub("", line[: first.start()]).split()
    where = f"after “{shown_line(before[-1])}”" if before else "at the beginning of this line"
    return f"there {many} {where}: {told(first[0])}. Type the line again."


def _tokens(stop: str) -> re.Pattern[str]:
    return re.compile(
        r"^(?P<fence>`{3,}|~{3,})[^\n`]*\n"
        rf"(?:(?!{stop})[^\n]*\n)*?"
        r"(?P=fence)[ ]*$"
        r"|(?<!`)(?P<ticks>`+)(?!`)[^\n]+?(?<!`)(?P=ticks)(?!`)"
        r"|<!--(?:(?!<!--).)*?-->",
        re.MULTILINE | re.DOTALL,
    )


def scan(text: str, report: Report, first: int = 1, stop: str = "(?!)") -> list[Line]:
    """The lines of `text`, numbered from `first`; a line that is nothing but comment is left out.

    Fenced code runs from a fence at the left margin to the same fence, never past a line that matches `stop`.
    """

    def visible(found: re.Match[str]) -> str:
        token = found[0]
        return (_COMMENT + token.count("\n") * f"\n{_COMMENT}") if token.startswith("<!--") else token

    def prose(found: re.Match[str]) -> str:
        if found["fence"]:
            return _CODE + found[0].count("\n") * f"\n{_CODE}"
        return visible(found) if found[0].startswith("<!--") else " " * len(found[0])

    pattern = _tokens(stop)
    pairs = zip(pattern.sub(visible, text).split("\n"), pattern.sub(prose, text).split("\n"), strict=True)
    lines = []
    for number, (shown, plain) in enumerate(pairs, first):
        if _COMMENT in shown and not shown.replace(_COMMENT, "").strip():
            continue
        without = shown.replace(_COMMENT, "").rstrip() if _COMMENT in shown else shown
        code = plain == _CODE
        lines.append(Line(number, without, "" if code else plain.replace(_COMMENT, ""), code))
    for line in lines:
        if "<!--" in line.plain:
            report.say("open-comment", line.number, "the comment that begins here is never closed with -->.")
        if line.plain.startswith(("```", "~~~")):
            report.say(
                "open-code",
                line.number,
                "the code that begins here is never closed by the same fence at the left margin.",
            )
    return lines


_FAULTY = (
    (re.compile(r"<img\b", re.IGNORECASE), "figure", "a figure is written in Markdown, not as HTML."),
    (
        re.compile(rf"(?<!\\)\[(?!{CODE}(?:,\s*{CODE})*\])\s*{CODE}\b[^\[\]]*\](?![\[(:])"),
        "citation",
        "write citations as [I01] or [I01, I20].",
    ),
    (
        re.compile(
            r'^[ ]*(?:!!!(?! ?(?:{0})(?: +"[^"\n]+")?[ ]*$)|(?!!!!)[!\uff01]+ ?(?:{0})\b)'.format(
                "|".join(ADMONITIONS)
            ),
            re.MULTILINE,
        ),
        "box",
        "a box begins with !!! and one of "
        + ", ".join(ADMONITIONS)
        + ', then a title in straight quotes: !!! note "..."',
    ),
    (
        re.compile(r"\][ ]+\((?=https?:|mailto:|www\.|#|bank\.md)", re.IGNORECASE),
        "link",
        "no space stands between the brackets of a link: [words](https://...)",
    ),
    (
        re.compile(r"^[ ]{0,3}\[[^\[\]^\n][^\[\]\n]*\]:[ ]*(?!https?://|mailto:)\S+[ ]*$", re.MULTILINE),
        "link",
        "nobody would see this line, for it says where a link leads; write https://... there, or other words.",
    ),
)


_NEARLY_CITED = re.compile(
    r"(?<![\\\]])[\[({\uff08\uff3b\u3010]\s?(?P<code>[A-Za-z]{1,3}[\s-]?[0-9]{2,4})(?:[,;]\s*[A-Za-z]{1,3}[\s-]?[0-9]{2,4})*\s?"
    r"[\])}\uff09\uff3d\u3011](?![\[(:])"
)


def inspect(lines: Sequence[Line], report: Report, *, captions: bool = True) -> list[Mention]:
    """Reports what no Markdown of a course may hold, and gives what it cites, shows and links to."""
    prose = "\n".join(line.plain for line in lines).expandtabs(4)

    def at(found: re.Match[str]) -> int:
        return lines[prose.count("\n", 0, found.start())].number

    for line in lines:
        if not line.code and line.text.expandtabs(4).startswith(" " * DEEPEST):
            report.say("indented", line.number, "this line is indented too deeply.")
    for pattern, code, sentence in _FAULTY:
        for found in pattern.finditer(prose):
            report.say(code, at(found), sentence)
    cited = [
        Mention("reference", code, at(found), report.about)
        for found in CITATION.finditer(prose)
        for code in re.split(r",\s*", found[1])
    ]
    cited += [
        Mention("reference", re.sub(r"[\s-]", "", found["code"]).upper(), at(found), report.about, found[0])
        for found in _NEARLY_CITED.finditer(prose)
        if not re.match(CODE, found[0][1:]) or found[0][0] != "["
    ]
    _brackets(lines, report)
    _boxes(lines, report)
    _footnotes(lines, report)
    _tables(lines, report)
    linked = [one for found in LINK.finditer(prose) for one in _link(found, lines, at(found), report)]
    linked += [one for line in lines if "![" in line.plain for one in _figure(line, report, captions=captions)]
    return cited + linked


def _brackets(lines: Sequence[Line], report: Report) -> None:
    """Reports a paragraph that opens many brackets and never closes them: reading it would take minutes."""
    depth = 0
    for line in lines:
        for bracket in _BRACKET.findall("" if line.code else line.plain):
            depth = depth + 1 if bracket in "[(" else max(depth - 1, 0)
            if depth > MOST_OPEN:
                report.say(
                    "brackets", line.number, "too many brackets are open here; close them, or write \\[ for one."
                )
                break
        depth = 0 if line.blank or depth > MOST_OPEN else depth


_MARK, _NOTE = re.compile(r"\[\^([^\]\s]+)\](?!:)"), re.compile(r"[ ]{0,3}\[\^([^\]\s]+)\]:")


def _footnotes(lines: Sequence[Line], report: Report) -> None:
    """Reports marks without their note in this text, and notes without a mark: a section is shown by itself."""
    notes = {found[1]: line for line in lines if (found := _NOTE.match(line.plain))}
    marks = {mark for line in lines for mark in _MARK.findall(line.plain)}
    times = Counter[str]()
    for note in notes.keys() - marks:
        sentence = f"no [^{shown_line(note)}] leads to this footnote; write it where it belongs."
        report.say("footnote", notes[note].number, sentence)
    for line in lines:
        for mark in _MARK.findall(line.plain):
            times[mark] += 1
            if times[mark] == MOST_MARKS + 1:
                sentence = (
                    f"the footnote [^{shown_line(mark)}] is marked more than {MOST_MARKS} times; say it in the text."
                )
                report.say("footnote", line.number, sentence)
            if mark not in notes:
                sentence = (
                    f"the footnote [^{shown_line(mark)}] has no text here; write [^{shown_line(mark)}]: beside it."
                )
                report.say("footnote", line.number, sentence)


_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?")


_BLOCK = re.compile(r"\s*(?:#|!!!|!\[|- [(\[]|=\s|Why:)")
"""How lines begin that never run on from the line above, or into the line below."""


def _tables(lines: Sequence[Line], report: Report) -> None:
    """Reports tables that touch text or whose second line is no rule, and rows longer or shorter than the first."""
    before: Line | None = None
    cells = 0
    for line in lines:
        row, below = _row(line), before is not None and _row(before)
        if row and not below:
            cells, first = _cells(line), line
            if before and not _apart(before):
                report.say("columns", line.number, "leave a blank line between a table and the text above it.")
        elif row and before is first:
            if not _RULE.fullmatch(line.text.strip()):
                report.say("columns", line.number, "under the first line of a table stands a rule, such as |---|---|.")
        elif row and _cells(line) != cells:
            report.say("columns", line.number, f"this row has {_cells(line)} cells, and the first has {cells}.")
        elif below and not (row or _apart(line) or "|" in line.text):
            report.say("columns", line.number, "leave a blank line between a table and the text below it.")
        before = line


def _apart(line: Line) -> bool:
    return line.code or line.blank or bool(_BLOCK.match(line.text))


def _row(line: Line) -> bool:
    return not line.code and line.text.lstrip().startswith("|")


def _cells(line: Line) -> int:
    inner = re.sub(r"\\\||`[^`]*`", "", line.text.strip())
    return inner.strip("|").count("|") + 1


def _boxes(lines: Sequence[Line], report: Report) -> None:
    """Reports text that its author meant to stand in a box and that does not."""
    for line, below in pairwise(lines):
        if line.code or not line.plain.lstrip().startswith("!!!") or below.blank or below.code:
            continue
        depth = len(line.text) - len(line.text.lstrip()) + 4
        if not below.text.expandtabs(4).startswith(" " * depth):
            report.say("box", below.number, "indent the text of a box by four spaces.")


def _link(found: re.Match[str], lines: Sequence[Line], number: int, report: Report) -> list[Mention]:
    target = found["target"]
    if target is None:
        sentence = "a link is [words](https://...), its address without a space and its round bracket closed."
        report.say("link", number, sentence)
        return []
    if section := _SECTION_LINK.fullmatch(target):
        return [Mention("link", section["name"], number, report.about)]
    if check := CHECK.fullmatch(found[0]):
        if _alone(found[0], lines, number):
            return [Mention("check", check["name"], number, report.about)]
        sentence = "a question stands in a lesson alone on its line: [Check yourself](bank.md#emg-0147)"
        report.say("check", number, f"{sentence}, with a blank line above and below.")
    elif not _ELSEWHERE.fullmatch(target):
        report.say(
            "link",
            number,
            f"“{shown_line(target)}” leads nowhere; link to https://..., or to a section of the course as #its-id.",
        )
    return []


def _alone(words: str, lines: Sequence[Line], number: int) -> bool:
    place = next(place for place, line in enumerate(lines) if line.number == number)
    around = [*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]]
    return lines[place].plain.strip() == words and all(line.blank or line.text.startswith("#") for line in around)


def _figure(line: Line, report: Report, *, captions: bool) -> list[Mention]:
    found = FIGURE.fullmatch(line.text.strip())
    if not found:
        report.say(
            "figure",
            line.number,
            "a figure stands alone on its line, its file (.svg, .png, .jpg or .webp, its name in small letters) in the "
            'module\'s media folder: ![what is drawn](media/name.svg "What to see.")',
        )
        return []
    if not found["alt"].strip():
        report.say("alt", line.number, "say between the square brackets what is drawn, for somebody who cannot see it.")
    if captions and not (found["caption"] or "").strip():
        report.say("caption", line.number, 'after its file, give the figure a caption in quotes: "What to see."')
    return [Mention("figure", found["path"], line.number, report.about)]


def joined(lines: Iterable[Line]) -> str:
    """The text of `lines` without blank lines around it."""
    return "\n".join(line.text.rstrip() if line.blank else line.text for line in lines).strip("\n")
