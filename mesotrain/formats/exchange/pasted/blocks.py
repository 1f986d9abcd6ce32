"""Questions as people paste them from word processors, mail and PDF: lines put together to what each question has.

Nothing is decided here of its type or key: `guessed` does that, and says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mesotrain.formats.exchange.notes import MOST_CHARACTERS, Refusal, too_long
from mesotrain.formats.exchange.pasted.arranged import matched_by
from mesotrain.formats.exchange.pasted.found import Choice, Found
from mesotrain.formats.exchange.pasted.keywords import ANSWER, ASIDE, CITED, POINTS, REASON, TITLE, verdict
from mesotrain.formats.exchange.pasted.lines import (
    BOX,
    BULLET,
    EITHER,
    ID,
    LETTER,
    NUMBER,
    ROMAN,
    Mark,
    Row,
    apart,
    mark_of,
    ticked,
)
from mesotrain.formats.exchange.pasted.lines import pairs as pairs_of
from mesotrain.formats.exchange.pasted.looks import Said

_OPTIONS = (LETTER, ROMAN, BULLET, BOX, EITHER)


def questions(given: Iterator[Row]) -> tuple[list[Found], list[Refusal]]:
    """What was found, and the lines that were not taken."""
    taken: list[Row] = []
    refused = []
    for row in given:
        if len(row.said.text) > MOST_CHARACTERS:
            refused.append(Refusal(row.number, too_long(len(row.said.text))))
        else:
            taken += apart(replace(row, said=row.said.close()))
    reading = _Reading(taken)
    reading.read()
    return reading.found, [*refused, *reading.refused]


class _Reading:
    """One walk over the lines. `place` says to what a line without a mark belongs."""

    def __init__(self, given: Sequence[Row]) -> None:
        self.rows = given
        self.refused: list[Refusal] = []
        self.marks = [mark_of(row) for row in self.rows]
        self.ends = self._key_at_the_end()
        self.style, self.indent = self._numbering()
        self.ahead = self._looked_ahead()
        self.found: list[Found] = []
        self.place, self.blank, self.inner = "", False, 0
        self.before: list[str] = []
        self.title = ""

    def _numbering(self) -> tuple[str, int]:
        """The style in which questions are numbered, and how far the first of them is indented."""
        above = zip(self.marks[: self.ends], self.rows, strict=False)
        numbers = [(mark, row) for mark, row in above if mark.kind == NUMBER]
        asked = next((one for one in numbers if one[0].style == "asked"), None)
        if any(mark.kind == ID for mark in self.marks):
            return ID, 0
        if self._numbers_are_options() or not numbers:
            return "", 0
        mark, row = asked or numbers[0]
        return mark.style, row.indent

    def _numbers_are_options(self) -> bool:
        """Whether the only options there are, below questions without a number, are numbered from 1."""
        filled = [mark for mark, row in zip(self.marks, self.rows, strict=True) if row.said.text]
        if any(mark.kind in _OPTIONS or mark.style == "asked" for mark in filled):
            return False
        numbers = [int(mark.label) for mark in filled if mark.kind == NUMBER]
        first = next((place for place, mark in enumerate(filled) if mark.kind == NUMBER), 0)
        keyed = any(mark.kind == ANSWER and mark.rest.text[:1].isdigit() for mark in filled)
        return first > 0 and numbers[:2] == [1, 2] and (keyed or numbers.count(1) > 1)

    def _looked_ahead(self) -> list[str]:
        """Of each line, what the next one with a mark is; an option that may be the first of some is “first”."""
        ahead, found = [""] * len(self.rows), ""
        for at in range(len(self.rows) - 1, -1, -1):
            ahead[at] = found
            mark = self.marks[at]
            if mark.kind:
                first = mark.kind == LETTER and mark.label == "A" and found == "B"
                found = "first" if first or mark.kind == EITHER else self._seen(mark)
        return ahead

    def _seen(self, mark: Mark) -> str:
        if mark.kind == NUMBER and not self.style and mark.label == "1":
            return "first"
        return mark.label if mark.kind == LETTER else mark.kind

    def read(self) -> None:
        """Takes every line."""
        at = 0
        while at < len(self.rows):
            row, mark = self.rows[at], self.marks[at]
            if not row.said.text:
                self.blank = True
                if self.found:
                    self.now.told += row.told
            elif mark.kind == ANSWER and (behind := self._pairs(at)):
                self.now.keys.append((row.number, self._joined(at, behind)))
                self.place, at = "key", behind
                continue
            elif at >= self.ends or (mark.kind == ANSWER and self._list_begins(at)) or self._heads_a_list(at):
                at = self._list(at if at >= self.ends or mark.kind == ANSWER else at + 1)
                continue
            else:
                self._take(at, row, mark)
                self.blank = False
            at += 1
        self._closed()

    def _joined(self, at: int, end: int) -> str:
        return " ".join([self.marks[at].rest.text, *(row.said.text for row in self.rows[at + 1 : end])]).strip()

    def _pairs(self, at: int) -> int:
        """The place behind a key, or the lines below its label, that matches all of this question; else 0."""
        end = at + 1
        while not self.marks[at].rest.text and end < len(self.rows) and self.rows[end].said.text:
            end += 1
        said = matched_by(self.now, self._joined(at, end)) if self.found else {}
        return end if said and (not self.blank or len(said) != len(self.found)) else 0

    # Lists of keys ----------------------------------------------------------------------------------------------------

    def _key_at_the_end(self) -> int:
        """Where the last lines begin that hold nothing but numbers and letters."""
        at, many = len(self.rows), 0
        while at and (not self.rows[at - 1].said.text or pairs_of(self.rows[at - 1].said.text)):
            at -= 1
            many += len(pairs_of(self.rows[at].said.text))
        return at if many > 1 and at else len(self.rows)

    def _next(self, at: int) -> int:
        return next((place for place in range(at + 1, len(self.rows)) if self.rows[place].said.text), len(self.rows))

    def _list_begins(self, at: int) -> bool:
        """Whether a label of keys has a list of them behind or below it."""
        said = self.marks[at].rest.text
        if said:
            return len(pairs_of(said)) > 1
        return (below := self._next(at)) < len(self.rows) and self._keyed(below)

    def _heads_a_list(self, at: int) -> bool:
        """Whether a line says, alone and without a colon, that keys follow."""
        row, below = self.rows[at], self._next(at)
        if len(row.said.text) > 40 or self.marks[at].kind or below == len(self.rows):
            return False
        labelled = mark_of(Row(row.number, row.said + Said(":", b"\0"))).kind == ANSWER
        return labelled and self._keyed(below) and bool(self.found)

    def _keyed(self, at: int) -> bool:
        mark = self.marks[at]
        short = mark.kind == NUMBER and len(mark.rest.text) < 60 and self.ahead[at] not in ("first", "A")
        return bool(pairs_of(self.rows[at].said.text)) or (short and bool(self.found) and mark.label == "1")

    def _list(self, at: int) -> int:
        """Takes a list of keys, and gives the place behind it."""
        last = 0
        while at < len(self.rows):
            row, mark = self.rows[at], self.marks[at]
            text = mark.rest.text if mark.kind == ANSWER else row.said.text
            keys = pairs_of(text)
            if not keys and mark.kind == NUMBER and mark.rest.text and self.ahead[at] not in ("first", "A"):
                keys = [(mark.label, mark.rest.text)] if len(mark.rest.text) < 200 else []
            if not keys and text:
                break
            for number, value in keys:
                self._listed(row.number, number, value)
                last = max(last, int(number))
            at += 1
        self.blank, self.place = True, "listed"
        return at

    def _listed(self, line: int, number: str, value: str) -> None:
        met = [one for one in self.found if one.number and int(one.number) == int(number)]
        if not any(one.number for one in self.found):
            met = self.found[int(number) - 1 : int(number)] if int(number) else []
        if not met:
            self.refused.append(
                Refusal(line, f"the list of keys has “{value[:40]}” for {number}, and there is no such question.")
            )
        for one in met:
            one.listed.append((line, value if len(met) == 1 else ""))

    # Questions --------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Found:
        return self.found[-1]

    def _begin(self, row: Row, number: str = "", named: str = "", points: str = "") -> None:
        if self.found and not (self.now.stem or self.now.options) and not named:
            self.now.number = number or self.now.number  # a heading, and below it the number
        else:
            self._closed()
            self.found.append(Found(row.number, number, named, self.title, points))
            self._closed()
            self.title = ""
        self.place, self.inner = "stem", 0

    def _closed(self) -> None:
        """Says in the last question what stood before or between questions."""
        if self.before and self.found:
            text = " ".join(self.before)
            self.now.lost.append(f"“{text[:80]}{'…' if text[80:] else ''}” belongs to no question and is left out.")
            self.before = []

    def _take(self, at: int, row: Row, mark: Mark) -> None:
        if mark.kind == ID:
            self._begin(row, named=mark.label)
        elif mark.kind == NUMBER and self._is_question(at, row, mark):
            self._begin(row, mark.label, points=mark.points)
            if mark.rest.text:
                self.now.stem.append(mark.rest)
        elif mark.kind in (ANSWER, REASON, CITED, POINTS, TITLE, ASIDE) and self._labelled(at, row, mark):
            pass
        elif self._is_option(at, row, mark):
            self._option(row, mark)
        else:
            self._plain(at, row)
        if self.found:
            self.now.told += row.told
            self.now.characters += len(row.said.text)

    def _is_question(self, at: int, row: Row, mark: Mark) -> bool:
        """Whether a number begins a question, and not a thing of a list within one."""
        if mark.style != self.style or row.indent > self.indent + 1 or not self.style:
            return self._goes_on(at, mark)
        if mark.style == "asked" or not self.found or not self.now.number or not mark.label:
            return True
        number, last = int(mark.label), int(self.now.number)
        open_stem = self.place == "stem" and bool(self.now.stem)
        if open_stem and (number == self.inner + 1 if self.inner else number == 1 != last + 1):
            self.inner = number
            return False
        if open_stem or self.place == "reason":
            return number == last + 1 or (self.blank and number > last)
        parted = self.blank or self.place == "key" or (len(self.now.options) > 1 and self.ahead[at] == "first")
        return number > last or (number == 1 and parted)

    def _goes_on(self, at: int, mark: Mark) -> bool:
        """Whether a number in another style is that of the next question all the same."""
        before = self.now.number if self.found and self.style not in ("", "asked", ID) else ""
        follows = bool(before) and bool(mark.label) and int(mark.label) == int(before) + 1
        return follows and self.ahead[at] == "first" and len(self.now.options) > 1

    def _labelled(self, at: int, row: Row, mark: Mark) -> bool:
        """Takes a line with a label, where it can be one."""
        if mark.kind == TITLE and self.place != "stem":
            self.title = mark.rest.text[:120]
            return True
        if not self.found:
            return False
        within = self.place == "stem" and self.ahead[at] in ("first", "A", BULLET, BOX)
        if within and (mark.kind != ANSWER or len(mark.rest.text) > 3):
            return False
        match mark.kind:
            case "answer":
                self.now.keys.append((row.number, mark.rest.text))
            case "reason" if of := next((one for one in self.now.options if one.label == mark.label), None):
                of.reason.append(mark.rest)
            case "reason":
                self.now.reason += [Said("", b"")] * bool(self.now.reason) + ([mark.rest] if mark.rest.text else [])
            case "points":
                self.now.points = mark.rest.text
            case "cited" if self.place in ("key", "reason"):
                self.now.reason += [Said("", b""), row.said]
            case _:
                if self.place == "stem":
                    return False
                self.now.lost.append(f"“{row.said.text[:80]}” has no place and is left out.")
        self.place = {ANSWER: "key", REASON: "reason"}.get(mark.kind, self.place)
        return True

    def _is_option(self, at: int, row: Row, mark: Mark) -> bool:
        if not self.found:
            return False
        options = self.now.options
        if mark.kind == NUMBER:
            expected = len(options) + 1 if all(one.label.isdigit() for one in options) else 0
            nested = self.style not in ("", ID) and (mark.style != self.style or row.indent > self.indent + 1)
            follows = mark.label == "1" or bool(options)
            return mark.label == str(expected) and follows and (nested or not self.style) and self.place != "reason"
        if mark.kind == ROMAN or (mark.label == "I" and mark.kind == LETTER and self.ahead[at] == ROMAN):
            return self._goes_up(mark.label.lower())
        if mark.kind == LETTER and (self.place not in ("key", "reason") or (self.place == "key" and not options)):
            return self._follows(mark.label, at)
        if mark.kind in (BOX, EITHER):
            return self.place != "reason"
        bullets = all(not one.label.isalnum() for one in options)
        return mark.kind == BULLET and bullets and self.place in ("stem", "option")

    def _goes_up(self, roman: str) -> bool:
        """Whether a small Roman number is that of the next option."""
        numbers = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii")
        labels = [one.label for one in self.now.options]
        return labels == list(numbers[: numbers.index(roman)]) and self.place in ("stem", "option")

    def _follows(self, letter: str, at: int) -> bool:
        options = [one for one in self.now.options if one.label.isupper()]
        if letter == "A":
            if len(options) == 1 or len(options) < len(self.now.options):
                self._back()
            return not self.now.options and self.ahead[at] == "B"
        return bool(options) and 0 < ord(letter) - ord(options[-1].label) < 3

    def _back(self) -> None:
        """What was taken for options was a part of the stem."""
        for one in self.now.options:
            self.now.stem += [one.whole, *one.text[1:]]
        self.now.options = []
        self.place = "stem"

    def _option(self, row: Row, mark: Mark) -> None:
        if mark.kind == EITHER:
            words = [word for word in mark.rest.text.replace("/", " ").split() if verdict(word) is not None]
            for word in words[:2]:
                start = mark.rest.text.index(word)
                self.now.options.append(Choice(row.number, "", [mark.rest[start : start + len(word)]]))
        else:
            label = mark.label
            if label == "I" and not self.now.options:
                label = "i"
            self.now.options.append(Choice(row.number, label, [mark.rest], mark.right, mark.kind == BOX, [], row.said))
        self.place = "option"

    def _plain(self, at: int, row: Row) -> None:
        """A line without a mark: more of what stands above it, or the beginning of a question without a number."""
        said, next_question = row.said, self.ahead[at] == "first" and not self.style
        if not self.found or (self.place == "listed"):
            if self.style:
                self.before.append(said.text)
            else:
                self._begin(row)
                self.now.stem.append(said)
        elif self.place == "stem" and not self._listed_above(next_question):
            self.now.stem += [Said("", b"")] * ((self.blank or row.whole) and bool(self.now.stem)) + [said]
        elif not self.style and (self.place == "stem" or self._next_begins(at, said, next_question)):
            self._begin(row)
            self.now.stem.append(said)
        elif self.place == "option":
            self._under_option(said)
        elif self.place == "key" and self.now.keys and not self.now.keys[-1][1]:
            self.now.keys[-1] = (row.number, said.text)
        elif self._is_heading(at, said):
            self.before.append(said.text)
        else:
            self.now.below |= self.place == "key"
            self.now.reason += [Said("", b"")] * ((self.blank or row.whole) and bool(self.now.reason)) + [said]
            self.place = "reason"

    def _is_heading(self, at: int, said: Said) -> bool:
        """Whether a line right above a number, below a blank one, is no sentence."""
        alone = self.blank and bool(self.style) and self.ahead[at] == NUMBER == self.marks[self._next(at)].kind
        return alone and len(said.text) < 60 and said.text[-1] not in ".!?)"

    def _listed_above(self, next_question: bool) -> bool:
        """Whether what stands above is a whole question whose options have no letters."""
        return (
            next_question
            and self.blank
            and len(self.now.stem) > 2
            and any(ticked(one)[1] for one in self.now.stem[1:] if one.text)
        )

    def _next_begins(self, at: int, said: Said, next_question: bool) -> bool:
        """Whether a line is what a question without a number asks."""
        if self.blank:
            return next_question or self.place in ("option", "key")
        parted = any(not row.said.text for row in self.rows[at : self._marked(at)])
        if self.place == "key":
            return next_question and not parted
        many = len(self.now.options) > 1
        return self.place == "option" and next_question and many and not said.text[:1].islower()

    def _marked(self, at: int) -> int:
        return next((place for place in range(at + 1, len(self.rows)) if self.marks[place].kind), len(self.rows))

    def _under_option(self, said: Said) -> None:
        if said.text.startswith("..."):
            self.now.options[-1].reason.append(said[3:].strip())
        elif self.blank and self.style:
            self.before.append(said.text)
        else:
            self.now.options[-1].text.append(said)
