"""A bank of questions as Markdown. One question that cannot be read never hides another."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise

from mesotrain.core.courses import LEVELS, Question, Waiver
from mesotrain.core.linting import RULES
from mesotrain.core.questions import QuestionType
from mesotrain.core.questions.essay import MOST_MARKERS, MOST_WORDS
from mesotrain.core.questions.text import EXACT
from mesotrain.formats.answers import KINDS, Parts, Rules, read_answers, stages
from mesotrain.formats.fields import LANGUAGE, LINE, SLUG, TITLE, Table, front_matter
from mesotrain.formats.lines import CODE, NAME, Line, Mention, Report, inspect, scan, shown_line

KEYS = {
    "competency": "the code of the competency it belongs to",
    "section": "the sections that teach it, as module#section",
    "safety": "the must-pass point it tests",
    "cites": "the references behind its key",
    "level": "recall, apply or judge",
    "points": "what a full answer is worth; 1 unless said",
    "shuffle": "yes, or no to keep the options in this order",
    "credit": "partial, for a multiple response",
    "exact": "case, accents, punctuation: what of a short text counts that otherwise does not",
    "markers": "1 or 2: how many people mark an essay",
    "words": "50-300: how long an essay should be",
    "from": "the question it was copied from",
    "practice": "yes: it stands in the lesson and in three questions a day; no quiz draws it",
    "retired": "yes keeps it for its history only",
    "waive": "a rule of good writing it may break, why, and who says so",
}
"""The lines that may stand under a question's heading."""

_HEADING = re.compile(r"##(?!#)\s*(?P<name>.*?)\s*")
_KEY = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]*)\s*:(?:\s+(?P<value>.*?))?\s*")
_SECTION = re.compile(rf"{SLUG.pattern}#{SLUG.pattern}")
_COMPETENCY = re.compile(r"[A-Z]{2,5}")
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")
_MARKERS = re.compile(rf"[1-{MOST_MARKERS}]")
_WORDS = re.compile(r"[0-9]{1,4}-[0-9]{1,4}")
_FRONT = ("bank", "title", "language", "competency", "section", "level")


@dataclass(frozen=True)
class Bank:
    """What a bank's text says. Questions with faults are in `names`, `practice` and `live` only.

    `practice` are the ids that no quiz draws; `live` is how many questions a quiz may draw. `parts` are those of every
    question, of one with faults as far as they were read, or None where its answers cannot be told.
    """

    name: str
    title: str
    questions: tuple[Question, ...]
    retired: tuple[Question, ...]
    names: tuple[tuple[str, int], ...]
    practice: frozenset[str]
    live: int
    mentions: tuple[Mention, ...]
    parts: tuple[Parts | None, ...]


class _Keys:
    """The ``key: value`` lines of a question, with the bank's defaults behind them."""

    def __init__(self, lines: Sequence[Line], defaults: dict[str, tuple[str, int]], report: Report) -> None:
        self._report = report
        self._given: dict[str, tuple[str, int]] = {}
        for line in lines:
            if not (found := _KEY.fullmatch(line.text)):
                continue
            if found["name"] not in KEYS:
                known = ", ".join(KEYS)
                report.say(
                    "unknown-key",
                    line.number,
                    f"{shown_line(found['name'])} is no key of a question; known are {known}.",
                )
            elif found["name"] in self._given:
                report.say("twice", line.number, f"{found['name']} is given twice; keep one.")
            elif not found["value"]:
                report.say("empty", line.number, f"{found['name']} is empty; write a value or take the line out.")
            elif len(found["value"]) > LINE:
                said = f"{found['name']} has {len(found['value']):,} characters; write at most {LINE}."
                report.say("long", line.number, said)
            else:
                self._given[found["name"]] = found["value"], line.number
        self._all = {**defaults, **self._given}

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def line(self, name: str) -> int:
        return self._all[name][1]

    def text(self, name: str) -> str:
        return self._all[name][0] if name in self._all else ""

    def shaped(self, name: str, shape: re.Pattern[str], like: str) -> str:
        if (text := self.text(name)) and not shape.fullmatch(text):
            self._report.say("shape", self.line(name), f"{name} should look like {like}, not “{shown_line(text)}”.")
            return ""
        return text

    def names(self, name: str, shape: re.Pattern[str], like: str) -> tuple[str, ...]:
        """The values of a list with commas, each once."""
        found = [one.strip() for one in self.text(name).split(",")] if name in self._all else []
        for one in found:
            if not shape.fullmatch(one):
                self._report.say("shape", self.line(name), f"{name} should look like {like}, not “{shown_line(one)}”.")
            elif found.count(one) > 1:
                self._report.say("twice", self.line(name), f"{name} names {one} twice.")
        return tuple(one for one in found if shape.fullmatch(one))

    def yes(self, name: str, *, default: bool) -> bool:
        if (text := self.text(name)) not in ("", "yes", "no"):
            self._report.say("choice", self.line(name), f"{name} is yes or no, not “{shown_line(text)}”.")
        return text == "yes" if text in ("yes", "no") else default

    def points(self) -> Fraction:
        points = Fraction(self.shaped("points", _POINTS, "1 or 1.5") or 1)
        if not points:
            self._report.say("range", self.line("points"), "points lie above 0.")
        return points

    def words(self) -> tuple[int, ...]:
        """The fewest and the most words, or nothing."""
        text = self.shaped("words", _WORDS, "50-300")
        fewest, _, most = text.partition("-")
        if text and not int(fewest) < int(most) <= MOST_WORDS:
            said = f"words go from fewer to more, at most {MOST_WORDS}, as in 50-300."
            self._report.say("range", self.line("words"), said)
        return (int(fewest), int(most)) if text else ()

    def waivers(self) -> tuple[Waiver, ...]:
        """Rules with commas before the reason and the name, semicolons between them."""
        found: list[Waiver] = []
        for text in self.text("waive").split(";") if "waive" in self else ():
            code, _, rest = (one.strip() for one in text.partition(","))
            reason, _, by = (one.strip() for one in rest.rpartition(","))
            if code not in RULES:
                self._report.say("waive", self.line("waive"), f"there is no rule “{shown_line(code)}” to waive.")
            elif not reason or not by:
                said = f"say why {code} is waived and who says so: waive: {code}, the reason, A. Author"
                self._report.say("waive", self.line("waive"), said)
            elif code in {one.code for one in found}:
                self._report.say("twice", self.line("waive"), f"{code} is waived twice; keep one.")
            else:
                found.append(Waiver(code, reason, by))
        return tuple(found)

    def waste(self, kind: str) -> None:
        """Reports keys that say nothing for a question of this kind."""
        if "shuffle" in self and not KINDS[kind].shuffle:
            self._report.say("idle-key", self.line("shuffle"), "shuffle is for questions with options.")
        if "exact" in self and not KINDS[kind].exact:
            self._report.say("idle-key", self.line("exact"), "exact is for a short text.")
        if "credit" in self and self.text("credit") not in KINDS[kind].credit:
            self._report.say("idle-key", self.line("credit"), _no_rule(self.text("credit"), KINDS[kind].credit))
        for name in ("markers", "words"):
            if name in self and not KINDS[kind].by_people:
                self._report.say("idle-key", self.line(name), f"{name} is for an essay.")
        if self.text("practice") == "yes" and not KINDS[kind].practised:
            said = "practice answers at once, and this kind of question does not; take practice: yes out."
            self._report.say("idle-key", self.line("practice"), said)


def _no_rule(rule: str, known: Sequence[str]) -> str:
    if not known:
        return f"credit: {shown_line(rule)} says nothing for this kind of question."
    return f"this kind of question has no rule {shown_line(rule)}; credit may be {' or '.join(known)}."


def read_bank(
    text: str, report: Report, pictures: Mapping[str, list[str]] | None = None, *, whole: bool = True
) -> Bank:
    """The bank that `text` (as ``lines.cleaned`` gives it) holds; its faults go to `report`.

    `pictures` are the boxes of the files in the module's folder, as ``media.boxes`` gives them. Unless the bank has to
    be `whole`, a question may lack its competency.
    """
    front, body, first = front_matter(text, report)
    defaults = _defaults(front)
    lines = scan(body, report, first, stop=rf"## {NAME}[ ]*$")
    starts = [place for place, line in enumerate(lines) if not line.code and _HEADING.fullmatch(line.text)]
    _begins(lines, starts, first, report)
    raw = text.split("\n")
    questions: list[Question] = []
    retired: list[Question] = []
    names: list[tuple[str, int]] = []
    practice: set[str] = set()
    parts: list[Parts | None] = []
    mentions = _mentions(defaults)
    live = 0
    for begin, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        block = lines[begin:end]
        last = lines[end].number - 1 if end < len(lines) else len(raw)
        source = "\n".join(raw[block[0].number - 1 : last]).rstrip()
        asked = _Asked(block, defaults, report, source, {} if pictures is None else pictures, whole=whole)
        names += [(asked.name, block[0].number)] if asked.name else []
        mentions += asked.mentions
        parts.append(asked.parts)
        practice |= {asked.name} if asked.practice and not asked.retired else set()
        live += not (asked.retired or asked.practice)
        if asked.question:
            (retired if asked.retired else questions).append(asked.question)
    _once(names, report)
    return Bank(
        front.text("bank", optional=True),
        front.text("title", optional=True, longest=TITLE),
        tuple(questions),
        tuple(retired),
        tuple(names),
        frozenset(practice),
        live,
        tuple(mentions),
        tuple(parts),
    )


def _begins(lines: Sequence[Line], starts: Sequence[int], first: int, report: Report) -> None:
    """Says where a bank does not begin with a question."""
    lead = next((line for line in lines[: starts[0] if starts else None] if not line.blank), None)
    if lead:
        report.say(
            "before-questions",
            lead.number,
            "text stands before the first question; a question begins with ## and its id.",
        )
    if not starts:
        report.say("no-questions", first, "the bank has no questions.")


def _once(names: Sequence[tuple[str, int]], report: Report) -> None:
    """Reports an id that is used twice in this bank."""
    first: dict[str, int] = {}
    for name, line in names:
        if first.setdefault(name, line) != line:
            sentence = f"this id is already used at {report.path}:{first[name]}."
            report.on(f"question ({name})").say("twice", line, sentence)


def _defaults(front: Table) -> dict[str, tuple[str, int]]:
    front.only(*_FRONT)
    front.shaped("bank", SLUG, "first-minutes")
    front.text("title", longest=TITLE)
    front.shaped("language", LANGUAGE, "en")
    sections = re.compile(rf"{_SECTION.pattern}(?:\s*,\s*{_SECTION.pattern})*")
    found = {
        "competency": front.shaped("competency", _COMPETENCY, "EMG", optional=True),
        "section": front.shaped("section", sections, "first-minutes#recognise", optional=True),
        "level": front.choice("level", LEVELS, ", ".join(LEVELS), optional=True),
    }
    return {name: (value, front.line(name)) for name, value in found.items() if value}


def _mentions(defaults: dict[str, tuple[str, int]]) -> list[Mention]:
    """What the front matter names, once, whatever the number of questions that rest on it."""
    found = [Mention("competency", *defaults["competency"])] if "competency" in defaults else []
    sections, line = defaults.get("section", ("", 0))
    return found + [Mention("section", one.strip(), line) for one in sections.split(",") if one]


class _Asked:
    """One question being read from its lines, the heading first."""

    def __init__(
        self,
        lines: Sequence[Line],
        defaults: dict[str, tuple[str, int]],
        report: Report,
        source: str,
        pictures: Mapping[str, list[str]],
        *,
        whole: bool,
    ) -> None:
        heading = _HEADING.fullmatch(lines[0].text)
        name = heading["name"] if heading else ""
        self.name = name if re.fullmatch(NAME, name) else ""
        self._line, self._source, self._pictures, self._whole = lines[0].number, source, pictures, whole
        self._report = report.on(f"question ({shown_line(name) or 'no id'})")
        self._before = len(report.faults)
        if not self.name:
            self._report.say(
                "question-id", self._line, "give it an id of letters, a dash and four digits, such as emg-0147."
            )
        stop = next((n for n, line in enumerate(lines) if n and not _KEY.fullmatch(line.text)), len(lines))
        if stop < len(lines) and not lines[stop].blank:
            self._report.say(
                "key", lines[stop].number, "a line “key: value” is expected; leave a blank line before the stem."
            )
        self._keys = _Keys(lines[1:stop], defaults, self._report)
        self.retired = self._keys.yes("retired", default=False)
        self.practice = self._keys.yes("practice", default=False)
        self._content = lines[stop:]
        _stray_keys(self._content, self._report)
        # A figure of a question needs no caption, which might say too much.
        self.mentions = inspect(self._content, self._report, captions=False)
        for mention in self.mentions:
            if mention.kind == "check":
                self._report.say("check", mention.line, "a question holds no other question; that is for lessons.")
        self.parts: Parts | None = None
        question = self._read()
        self.question = question if self._clean() else None

    def _read(self) -> Question | None:
        competency, level, sections, safety, cites, points = self._facts()
        shuffle = self._keys.yes("shuffle", default=True)
        credit = self._keys.shaped("credit", SLUG, "partial")
        exact = self._keys.names("exact", re.compile("|".join(EXACT)), ", ".join(EXACT))
        waived = self._keys.waivers()
        markers = int(self._keys.shaped("markers", _MARKERS, "2") or 1)
        rules = Rules(shuffle, credit, exact, markers, self._keys.words(), self._pictures)
        made = self.parts = read_answers(self._line, self._content, rules, self._report)
        if made is None:
            return None
        self._keys.waste(str(made[0]["type"]))
        if not self.practice and not KINDS[str(made[0]["type"])].examines:
            self._report.say("missing", self._line, "a panel examines nobody: write practice: yes under its heading.")
        if not self._clean():
            return None
        question = Question(
            self.name,
            competency,
            level,
            sections,
            safety,
            cites,
            points,
            *made,
            practice=self.practice,
            source=self._source,
            line=self._line,
            waived=waived,
        )
        for problem in problems(question.marked()):
            self._report.say("wrong-key", self._line, problem)
        return question

    def _clean(self) -> bool:
        return len(self._report.faults) == self._before

    def _facts(self) -> tuple[str, str, tuple[str, ...], str, tuple[str, ...], Fraction]:
        keys = self._keys
        competency = keys.shaped("competency", _COMPETENCY, "EMG")
        if self._whole and not keys.text("competency"):
            self._report.say("missing", self._line, "it has no competency; write one here or in the front matter.")
        level = keys.text("level")
        if level and level not in LEVELS:
            self._report.say("choice", keys.line("level"), f"level is {', '.join(LEVELS)}, not “{shown_line(level)}”.")
        sections = keys.names("section", _SECTION, "first-minutes#recognise")
        safety = keys.shaped("safety", SLUG, "treat-as-anaphylaxis")
        cites = keys.names("cites", re.compile(CODE), "I01, I20")
        keys.shaped("from", re.compile(NAME), "emg-0147")
        about = self._report.about
        if "competency" in keys and competency:
            self.mentions.append(Mention("competency", competency, keys.line("competency"), about))
        if "section" in keys:
            self.mentions += [Mention("section", one, keys.line("section"), about) for one in sections]
        if "cites" in keys:
            self.mentions += [Mention("reference", one, keys.line("cites"), about) for one in cites]
        return competency, level, sections, safety, cites, keys.points()


def _stray_keys(lines: Sequence[Line], report: Report) -> None:
    """Reports keys that would be asked as text: behind a blank line, or under the heading of a part."""
    begins = True
    for before, line in pairwise([Line(0, "", ""), *lines]):
        found = None if line.code else _KEY.fullmatch(line.text)
        stage = bool(stages.BEGINS.match(before.text))
        if not line.code and line.text.startswith("###"):
            begins = True
        elif begins and found and found["value"] and not (stage and stages.POINTS.fullmatch(line.text)):
            begins = found["name"] in KEYS or (stage and bool(get_close_matches(found["name"], ["points"], 1, 0.8)))
            if begins:
                said = f"“{shown_line(line.text)}” would be asked as text: keys stand right under the heading ##"
                report.say("key", line.number, f"{said}, and right under ### stage points: 2 alone.")
        elif not line.blank and not found:
            begins = False


def problems(question: QuestionType) -> list[str]:
    """What its type finds wrong and, when that is nothing, every example whose mark is not as promised."""
    if found := question.problems():
        return found
    asked = question.ask("an example")
    for raw, credit in asked.examples():
        reading = asked.read(raw)
        if asked.mark(reading) != credit:
            given = shown_line(" ".join(value for values in raw.values() for value in values))
            said = reading.problem % reading.facts if reading.problem else ""
            found.append(f"the answer “{given}” should earn {credit} and does not. {said}".rstrip())
    return found
