"""The question of a bank that a pasted one stands for. Nobody said its type, nor always its key: each guess is said.

What has no key, or two, becomes a draft that its author finishes; a key is never made up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mesotrain.core.courses import Question
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.answers import KINDS, Rules
from mesotrain.formats.answers.entries import Entry, Written
from mesotrain.formats.answers.texts import written_forms
from mesotrain.formats.exchange.items import TRUE_OR_FALSE, WHOLE, Unfit
from mesotrain.formats.exchange.notes import (
    GUESSED,
    LOST,
    MOST_ANSWERS,
    MOST_CHARACTERS,
    Exchanged,
    Notes,
    too_long,
)
from mesotrain.formats.exchange.pasted.arranged import matches, order
from mesotrain.formats.exchange.pasted.found import Choice, Found
from mesotrain.formats.exchange.pasted.keywords import OR, POINTS, folded, has_blank, label, verdict
from mesotrain.formats.exchange.pasted.lines import ticked
from mesotrain.formats.exchange.pasted.looks import BOLD, Said, all_bold, paragraphs
from mesotrain.formats.exchange.pasted.measures import measure
from mesotrain.formats.exchange.pasted.picked import Picked, picked
from mesotrain.formats.lines import Line, Report

_ASKS_EITHER = re.compile(
    r"^\W*(?P<one>[^\W\d_]{4,12})\s*(?:/|or|o|ou|oder)\s*(?P<two>[^\W\d_]{4,12})\W+(?=\w)", re.IGNORECASE
)
_VERDICT_BEHIND = re.compile(
    r"\s*(?:[(\[]\s*(?P<word>[^\W\d_]{1,12})\s*[)\]]|[-\u2013\u2014:]\s*(?P<bare>[^\W\d_]{4,12}))\s*\.?$"
)
_CHOICE_BEHIND = re.compile(
    r"\s*[(\[]\s*[^\W\d_]{1,10}\s*(?:/|or|o|ou|oder)\s*[^\W\d_]{1,10}\s*[)\]]\s*$|\s+[A-Z]\s?/\s?[A-Z]$", re.IGNORECASE
)
_POINTS_BEHIND = re.compile(r"\s*[(\[]\s*(?P<points>[0-9.,]{1,6})\s*(?P<word>[^\W\d_]{2,10})\.?\s*[)\]]\s*$")
_FEW_WORDS = 8
"""A text of more is no answer that anybody types."""


@dataclass
class _Answer:
    """One line of answers as a bank writes it."""

    mark: str
    text: str
    why: str = ""


def exchanged(found: Found, name: str) -> Exchanged:
    """The question of a bank, by this id. Raises Unfit where it is too large or says nothing."""
    if found.characters > MOST_CHARACTERS:
        raise Unfit(too_long(found.characters))
    if len(found.options) > MOST_ANSWERS:
        raise Unfit(f"a question has at most {MOST_ANSWERS} answers; this has {len(found.options):,}.")
    notes = Notes()
    if all_bold(found.stem):
        found.stem = [one.without(BOLD) for one in found.stem]
    for status, sentence in found.told:
        notes.note(status, sentence)
    for sentence in found.lost:
        notes.note(LOST, sentence)
    if found.below:
        notes.note(GUESSED, "the text below its key is taken as its reason.")
    _points_behind(found)
    taker, key = _Making(found, notes).parts()
    points = _points(found.points, notes)
    question = Question(name, "", "", (), "", (), points, taker, key, line=found.line)
    return Exchanged(question, found.title, notes=notes)


def _points_behind(found: Found) -> None:
    """Takes ``(2 marks)`` off the end of what is asked."""
    last = found.stem[-1] if found.stem else Said("", b"")
    if (behind := _POINTS_BEHIND.search(last.text)) and label(behind["word"]) == POINTS:
        found.points, found.stem[-1] = found.points or behind["points"], last[: behind.start()].strip()


def _points(text: str, notes: Notes) -> Fraction:
    number = re.search(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", text.replace(",", "."))
    if text and (not number or not Fraction(number[0])):
        notes.note(LOST, f"“{text[:40]}” says no points above 0; it is worth one.")
    return Fraction(number[0]) if number and Fraction(number[0]) else Fraction(1)


class _Making:
    """The parts of one question."""

    def __init__(self, found: Found, notes: Notes) -> None:
        self.found, self.notes = found, notes
        self.reason = paragraphs(found.reason)

    def parts(self) -> tuple[Part, Part]:
        found = self.found
        if made := self._matching() or self._ordering():
            return made
        self._options_without_marks()
        if len(found.options) > 1:
            return self._either() or self._statements() or self._choice()
        if found.options:
            found.stem += found.options.pop().text
        if not paragraphs(found.stem):
            raise Unfit("there is no question here, only what belongs to one.")
        return self._open()

    def _options_without_marks(self) -> None:
        """Where a key names a letter, or one line has an asterisk, the lines below what is asked are options."""
        found = self.found
        lines = [one for one in found.stem if one.text]
        if not found.options and {verdict(one.text) for one in lines[1:][-2:]} == {True, False}:
            found.options = [Choice(found.line, "", [one]) for one in lines[-2:]]
            found.stem = lines[:-2]
            return
        keyed = [text for _, text in [*found.keys, *found.listed] if re.fullmatch(r"\(?[A-Ha-h]\)?\.?", text.strip())]
        starred = [one for one in lines[1:] if ticked(one)[1]]
        if found.options or len(lines) < 3 or not (keyed or len(starred) == 1):
            return
        asked = next((at for at, one in enumerate(lines) if one.text.endswith(("?", ":"))), 0)
        if len(lines) - asked > 2 and all(len(one.text) < 200 for one in lines[asked + 1 :]):
            self.notes.note(GUESSED, "its options have no letters; they are the lines below what is asked.")
            found.options = [Choice(found.line, "", [one]) for one in lines[asked + 1 :]]
            found.stem = lines[: asked + 1]

    # Arranged ---------------------------------------------------------------------------------------------------------

    def _matching(self) -> tuple[Part, Part] | None:
        if not (found := matches(self.found)):
            return None
        stem, pairs, why = found
        lines = [_Answer("=>", f"{paragraphs([asked])} => {paragraphs([answer])}".strip()) for asked, answer in pairs]
        return self._surely(Matching.name, stem, lines, why)

    def _ordering(self) -> tuple[Part, Part] | None:
        options = self.found.options
        lines = [
            _Answer(str(place), paragraphs(options[at].text), paragraphs(options[at].reason))
            for place, at in enumerate(order(self.found) or (), 1)
        ]
        why = "its key names every option once: it is taken as their right order."
        return self._surely(Ordering.name, self.found.stem, lines, why) if lines else None

    def _surely(self, kind: str, stem: Sequence[Said], lines: list[_Answer], why: str) -> tuple[Part, Part] | None:
        """A question of this kind, if a bank finds no fault in it."""
        made = self._made(kind, paragraphs(stem), lines, report := Report(""))
        if report.faults:
            return None
        self.notes.note(GUESSED, why)
        return made

    # Options ----------------------------------------------------------------------------------------------------------

    def _picked(self) -> Picked:
        """Which options are right, and their texts without the marks that said so."""
        return picked(self.found, self.notes)

    def _either(self) -> tuple[Part, Part] | None:
        """Where the options are True and False, one statement."""
        said = [verdict(one.text[0].text.strip(" *.")) for one in self.found.options]
        if len(said) != 2 or set(said) != {True, False}:
            return None
        right = self._picked().right
        if len(right) != 1:
            self._no_key()
            return self._choice(said_so=True)
        return self._one_statement(bool(said[right[0]]))

    def _one_statement(self, true: bool) -> tuple[Part, Part]:
        lines = list(self.found.stem)
        if lines and (found := _ASKS_EITHER.match(lines[0].text)) and None not in map(verdict, found.groups()):
            lines[0] = lines[0][found.end() :]
        text = paragraphs(lines)
        if not text:
            raise Unfit("there is no statement that could be true.")
        return self._made(TrueFalse.name, TRUE_OR_FALSE, [_Answer("T" if true else "F", text)])

    def _statements(self) -> tuple[Part, Part] | None:
        """Where each option says behind it whether it is true, or the key says it of each, as many statements."""
        options = self.found.options
        behind = [_VERDICT_BEHIND.search(one.text[-1].text) for one in options]
        said = [verdict(one["word"] or one["bare"]) if one else None for one in behind]
        texts = [list(one.text) for one in options]
        if None in said:
            keys = [text for _, text in [*self.found.keys, *self.found.listed]]
            words = re.findall(r"[^\W\d_]+", keys[0]) if len(keys) == 1 else []
            words = words[1::2] if len(words) == 2 * len(options) else words
            said = [verdict(word) for word in words]
            if len(said) != len(options) or None in said or len(set(map(folded, words)) & {"t", "f", "v", "w"}) == 0:
                return None
        else:
            for text, found in zip(texts, behind, strict=True):
                text[-1] = text[-1][: found.start() if found else None]
        self.notes.note(GUESSED, "each option is taken as a statement that is true or false.")
        answers = [
            _Answer("T" if true else "F", paragraphs(text), paragraphs(one.reason))
            for true, text, one in zip(said, texts, options, strict=True)
        ]
        return self._made(TrueFalse.name, paragraphs(self.found.stem), answers)

    def _choice(self, *, said_so: bool = False) -> tuple[Part, Part]:
        made = self._picked()
        if not made.right and not said_so:
            self._no_key()
        kind = Multiple.name if len(made.right) > 1 else Single.name
        if kind == Multiple.name:
            self.notes.note(GUESSED, "it has several right options: they are ticked, and count together or not at all.")
        texts = [paragraphs(one) for one in made.texts]
        if not all(texts):
            self.notes.note(LOST, "an option without a text is left out.")
        answers = [
            _Answer("x" if at in made.right else " ", text, paragraphs(one.reason))
            for at, (text, one) in enumerate(zip(texts, self.found.options, strict=True))
            if text
        ]
        if not self.found.stem:
            self.notes.note(GUESSED, "nothing is asked above its options; write a stem.")
        self.reason = "\n\n".join(one for one in (made.reason, self.reason) if one)
        return self._made(kind, paragraphs(self.found.stem), answers)

    def _no_key(self) -> None:
        self.notes.note(GUESSED, "no key was found, and none is made up: it is a draft until you mark what is right.")

    # No options -------------------------------------------------------------------------------------------------------

    def _open(self) -> tuple[Part, Part]:
        """A number, a short text, a statement or an essay, by what its key is."""
        keys = [text.strip() for _, text in [*self.found.keys, *self.found.listed] if text.strip()]
        if not keys:
            return self._verdict_behind() or self._numbers_below() or self._essay("")
        text = keys[0] if len(keys) == 1 else " | ".join(keys)
        if (true := verdict(text.strip(" ."))) is not None and len(keys) == 1:
            self.found.stem[-1] = self.found.stem[-1][: _begin_of(_CHOICE_BEHIND, self.found.stem[-1])]
            return self._one_statement(true)
        if (number := measure(text)) and (made := self._number(number)):
            return made
        return self._short(text)

    def _verdict_behind(self) -> tuple[Part, Part] | None:
        """A statement with its verdict in brackets behind it."""
        last = self.found.stem[-1]
        found = _VERDICT_BEHIND.search(last.text)
        if not found or (true := verdict(found["word"] or found["bare"])) is None:
            return None
        self.notes.note(GUESSED, f"“{found[0].strip()}” behind it is taken as its key.")
        self.found.stem[-1] = last[: found.start()]
        return self._one_statement(true)

    def _numbers_below(self) -> tuple[Part, Part] | None:
        """Answers below what is asked, each behind ``=``."""
        lines = [one for one in self.found.stem if one.text.startswith("=")]
        number = measure(lines[0].text[1:].strip()) if len(lines) == 1 and len(self.found.stem) > 1 else ""
        if not number:
            return None
        self.found.stem = [one for one in self.found.stem if one not in lines]
        return self._number(number)

    def _number(self, text: str) -> tuple[Part, Part] | None:
        why = f"its answer is taken as a number: {text}."
        return self._surely(Numeric.name, self.found.stem, [_Answer("=", text)], why)

    def _short(self, text: str) -> tuple[Part, Part]:
        forms = [one.strip(" .;") for one in re.split(rf"\s*[|;]\s*|\s+/\s+|\s+(?:{OR})\s+", text)]
        forms = [one for one in dict.fromkeys(forms) if one]
        if not forms or any(len(one.split()) > _FEW_WORDS for one in forms):
            return self._essay(text)
        self.notes.note(GUESSED, f"its answer is taken as a short text: {' | '.join(forms)[:200]}")
        said = written_forms([[form] for form in forms])
        return self._made(Text.name, paragraphs(self.found.stem), [_Answer("=", said)])

    def _essay(self, told: str) -> tuple[Part, Part]:
        why = "its answer is a long text" if told else "it has no options and no answer"
        left = "; a word is left out in it, and what that is was not found" if has_blank(self._text()) else ""
        self.notes.note(GUESSED, f"{why}{left}: it is taken as an essay, its rubric one criterion, the whole answer.")
        key: Part = {"criteria": [{**WHOLE}], "markers": 1}
        key["reasons"] = {"0": paragraphs([Said(told, bytes(len(told)))])} if told else {}
        taker: Part = {"type": Essay.name, "stem": paragraphs(self.found.stem), "words": []}
        return taker, key | {"reason": self.reason}

    def _text(self) -> str:
        return " ".join(one.text for one in self.found.stem)

    # Both -------------------------------------------------------------------------------------------------------------

    def _made(
        self, kind: str, stem: str, answers: Sequence[_Answer], report: Report | None = None
    ) -> tuple[Part, Part]:
        """The parts that a bank with these answers would have."""
        line = self.found.line
        entries = [
            Entry(line, kind, one.mark, _lines(line, one.text), _lines(line, one.why) if one.why else None)
            for one in answers
        ]
        read = KINDS[kind].read
        if read is None:
            raise Unfit(f"a {kind} has no answers of this form.")
        taker, key = read(Written(stem, entries, self.reason), Rules(shuffle=True, credit=""), report or Report(""))
        return taker, key


def _begin_of(pattern: re.Pattern[str], text: Said) -> int:
    found = pattern.search(text.text)
    return found.start() if found else len(text.text)


def _lines(number: int, text: str) -> list[Line]:
    return [Line(number, line, line) for line in text.split("\n")]
