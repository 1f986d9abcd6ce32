"""Aiken, read as Moodle 4.5 reads it (``question/format/aiken/format.php``)."""

import re
from collections.abc import Iterator
from fractions import Fraction

from mesotrain.formats.exchange.items import Answer, Item, Words
from mesotrain.formats.exchange.notes import MOST_CHARACTERS, Refusal, too_long
from mesotrain.formats.exchange.texts import PLAIN

_OPTION = re.compile(r"[A-Z][).][ \t]?")
_BLANK = " \t\x00\x0b"


def read(text: str) -> Iterator[Item | Refusal]:
    """The questions, each what is asked on one line, its options, and ``ANSWER:`` with a letter; or why it is none."""
    item: Item | None = None
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = raw.strip(_BLANK)
        if len(line.encode(errors="replace")) < 2:
            continue
        if len(line) > MOST_CHARACTERS:
            yield Refusal(number, too_long(len(line)))
            item = None
        elif found := _OPTION.match(line):
            if item is None:
                yield Refusal(number, "an option stands here, and no question above it; what is asked is one line.")
            else:
                item.answers.append(Answer(Words(line[found.end() :].strip(), PLAIN)))
        elif line.startswith("ANSWER:"):
            yield _ended(item, line[7:].strip()[:1], number)
            item = None
        else:
            if item is not None:
                yield _unended(item)
            item = Item("multichoice", number, stem=Words(line, PLAIN))
    if item is not None:
        yield _unended(item)


def _unended(item: Item) -> Refusal:
    return Refusal(item.line, f"“{item.stem.text[:60]}” has no line ANSWER: before the next question begins.")


def _ended(item: Item | None, letter: str, number: int) -> Item | Refusal:
    """The question that a line with its key ends."""
    if item is None:
        return Refusal(number, "ANSWER: stands here, and no question above it.")
    if len(item.answers) < 2:
        return Refusal(item.line, f"“{item.stem.text[:60]}” has fewer than two options.")
    at = ord(letter) - ord("A") if letter else -1
    if not 0 <= at < len(item.answers):
        last = chr(ord("A") + len(item.answers) - 1)
        return Refusal(item.line, f"its key, “{letter}”, is none of its options A to {last}.")
    right = item.answers[at]
    item.answers[at] = Answer(right.said, Fraction(1))
    return item
