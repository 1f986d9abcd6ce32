"""Changes to the lines of a bank: each is made only where a fault of the bank goes with it, or it says what it said.

So what has no fault keeps its model, but for the signs of `PLAIN` in its texts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mesotrain.core.questions import option_id
from mesotrain.formats.answers.entries import MARKS
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned

PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f", " "),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2212\ufe63\uff0d", "-"),
    }
)
"""What a word processor puts for a key of the keyboard. A dash between words is no such thing and stays."""

HEADING = "## aa-0001"
_HEAD = ["---", "bank: b", "title: B", "language: en", "---"]
_ASKED = ["", HEADING, "", "Q", "", "- (x) a", "- ( ) b"]

Form = Callable[[Sequence[str]], list[str]]
"""Gives lines in another form."""


class Reading(NamedTuple):
    """What is read in lines: the faults, by line and code; the parts of questions, or the lines where answers cannot be
    told; and the facts of what is clean. The signs of `PLAIN` are plain in it.
    """

    faults: Counter[tuple[int, str]]
    parts: Any
    facts: str

    def keeps(self, was: "Reading") -> bool:
        """Whether all is said that `was` said, and as much is wrong as was: no fault is hidden."""
        codes, before = (Counter(code for _, code in one.faults.elements()) for one in (self, was))
        return (self.parts, codes, self.facts) == (was.parts, before, was.facts)

    def faulty(self, at: int) -> int:
        """How many faults a line has."""
        return sum(many for (line, _), many in self.faults.items() if line == at)


Reader = Callable[[Sequence[str]], Reading]


def of_question(lines: Sequence[str]) -> Reading:
    """What is read in a question whose first line is `HEADING`."""
    return _read(lines, _HEAD, [])


def of_front(lines: Sequence[str]) -> Reading:
    """What is read in a front matter."""
    return _read(lines, [], _ASKED)


def _read(lines: Sequence[str], above: Sequence[str], below: Sequence[str]) -> Reading:
    text = "\n".join([*above, *lines, *below])
    bank = read_bank(cleaned(text, report := Report("")), report, whole=False)
    parts = [_plain(one) for one in bank.parts if one is not None]
    if len(parts) < len(bank.parts):
        parts = sorted(line.translate(PLAIN) for line in lines if line.strip())
    facts = [replace(one, taker={}, key={}, source="", line=0) for one in bank.questions]
    faults = Counter((fault.line - 1 - len(above), fault.code) for fault in report.faults)
    return Reading(faults, parts, repr((bank.name, bank.title, facts)).translate(PLAIN))


def _plain(value: Any) -> Any:
    """Parts with the signs of `PLAIN` plain. An id is made of a text, and may be what members are sorted by."""
    ids = {option_id(one): option_id(one.translate(PLAIN)) for one in _texts(value)}

    def changed(one: Any) -> Any:
        if isinstance(one, dict):
            return {changed(name): changed(inner) for name, inner in one.items()}
        if isinstance(one, (list, tuple)):
            found = [changed(inner) for inner in one]
            return sorted(found, key=repr) if found and isinstance(found[0], dict) and "id" in found[0] else found
        return ids.get(one, one.translate(PLAIN)) if isinstance(one, str) else one

    return changed(value)


def _texts(value: Any) -> list[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [value] if isinstance(value, str) else [text for one in inner for text in _texts(one)]


def mended(lines: Sequence[str], read: Reader, forms: Iterable[Form], layouts: Iterable[Form] = ()) -> list[str]:
    """`lines`, each in one of `forms`, line for line, where that mends it or changes nothing of what is read.

    Then in those layouts, which move and space them, that change nothing of it, and all over while anything changes.
    """
    before, after = list[str](), [*lines]
    while after != before:
        before = after
        for form in forms:
            after = _mended(after, form(after), read)
        for form in layouts:
            if (laid := form(after)) != after and read(laid).keeps(read(after)):
                after = laid
    return after


def _mended(lines: list[str], formed: list[str], read: Reader) -> list[str]:
    """Line by line from below, where the answers are; then what makes answers, or all sound, only together."""
    if formed == lines:
        return lines
    was = read(lines)
    for at in (at for at in reversed(range(len(lines))) if lines[at] != formed[at]):
        now = read(tried := [*lines[:at], formed[at], *lines[at + 1 :]])
        if now.faulty(at) < was.faulty(at) or (not now.faulty(at) and now.keeps(was)):
            lines, was = tried, now
    for run in reversed(_runs(lines, formed)):
        now = read(tried := [formed[at] if at in run else line for at, line in enumerate(lines)])
        gone = was.faults - now.faults
        if any(code == "no-answers" for _, code in gone) or (gone and not now.faults - was.faults):
            lines, was = tried, now
    return lines


def _runs(lines: Sequence[str], formed: Sequence[str]) -> list[set[int]]:
    """The places that differ, those together between which only answers stand, and what is indented under them."""
    runs: list[set[int]] = [set()]
    for at, (line, new) in enumerate(zip(lines, formed, strict=True)):
        if line != new:
            runs[-1].add(at)
        elif line.strip() and not line[0].isspace() and not is_answer(line):
            runs.append(set())
    return [one for one in runs if one]


def is_answer(line: str) -> bool:
    """Whether an answer begins on this line, where one may stand."""
    return any(mark.fullmatch(line) for mark in MARKS.values())
