"""Plain text as whole files: what people paste, and Aiken."""

import re
from collections.abc import Iterable
from itertools import islice

from mesotrain.core.errors import BadContent, Fault
from mesotrain.formats.exchange.items import Item, Unfit
from mesotrain.formats.exchange.moodle import aiken
from mesotrain.formats.exchange.moodle.questions import exchanged
from mesotrain.formats.exchange.notes import GUESSED, MOST_QUESTIONS, Brought, Names, Notes, Refusal
from mesotrain.formats.exchange.pasted import blocks as pasted
from mesotrain.formats.exchange.pasted import guessed
from mesotrain.formats.exchange.pasted.lines import Row, rows
from mesotrain.formats.exchange.texts import read_text

MOST_BYTES, MOST_LINES = 8_000_000, 50_000
"""Of a text; the lines are those with anything in them."""
_LOOKED_AT = 200_000
ENCODING = "how the file is encoded is a guess; look at letters with accents."


def read_pasted(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a text that somebody pasted. Raises BadContent."""
    text, unclear = _text(content, path)
    return of_rows(rows(text), path, prefix, [(GUESSED, ENCODING)] if unclear else [])


def of_rows(given: Iterable[Row], path: str, prefix: str, said: Iterable[tuple[str, str]] = ()) -> Brought:
    """The questions that lines hold; what is `said` is noted for the first of them. Raises BadContent."""
    taken: list[Row] = []
    filled = 0
    for row in given:
        filled += bool(row.said.text)
        if filled > MOST_LINES:
            raise _large(path, row.number, f"more than {MOST_LINES:,} lines are filled; split it.")
        if row.said.text or row.told or (taken and taken[-1].said.text):
            taken.append(row)
    found, refused = pasted.questions(iter(taken))
    brought, names = Brought(refused=refused), Names(prefix)
    for one in islice(found, MOST_QUESTIONS):
        try:
            brought.questions.append(guessed.exchanged(one, names.next(one.named)))
        except Unfit as unfit:
            brought.refused.append(Refusal(one.line, str(unfit)))
    if found[MOST_QUESTIONS:]:
        brought.refused.append(_too_many(found[MOST_QUESTIONS].line))
    for question in brought.questions[:1]:
        question.notes.said[:0] = list(said)
    brought.refused.sort(key=lambda one: one.line)
    return brought


def read_aiken(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of an Aiken file, each as Moodle reads it. Raises BadContent."""
    text, unclear = _text(content, path)
    brought, names = Brought(), Names(prefix)
    for one in aiken.read(text):
        if len(brought.questions) + len(brought.refused) == MOST_QUESTIONS:
            brought.refused.append(_too_many(one.line))
            break
        if isinstance(one, Refusal):
            brought.refused.append(one)
            continue
        notes = Notes([(GUESSED, ENCODING)] if unclear else [])
        try:
            brought.questions.append(exchanged(one, names.next(""), notes))
        except Unfit as unfit:
            brought.refused.append(Refusal(one.line, str(unfit)))
    return brought


def is_gift(content: bytes) -> bool:
    """Whether a text is GIFT: its answers stand in braces."""
    return bool(re.search(r"(?<!\\)\{\s*(?:[=~#>%]|T|F|\}|[^{}]{0,2000}(?<!\\)[=~])", _begin(content)))


def is_aiken(content: bytes) -> bool:
    """Whether a text is Aiken throughout."""
    found = list(islice(aiken.read(_begin(content)), 200))
    whole = found if len(content) < _LOOKED_AT else found[:-1]
    return bool(whole) and all(isinstance(one, Item) for one in whole)


def _begin(content: bytes) -> str:
    return read_text(content[:_LOOKED_AT])[0]


def _text(content: bytes, path: str) -> tuple[str, bool]:
    if len(content) > MOST_BYTES:
        raise _large(path, 1, f"this file has {len(content):,} bytes; of a text at most {MOST_BYTES:,} are read.")
    text, unclear = read_text(content)
    if text.count("\x00") > len(text) // 100:
        raise _large(path, 1, "this is no text; say what it is, or save it as text.")
    if (lines := text.count("\n") + text.count("\r")) > 20 * MOST_LINES:
        raise _large(path, 1, f"this file has {lines:,} lines; split it.")
    return text, unclear


def _large(path: str, line: int, sentence: str) -> BadContent:
    return BadContent([Fault(path, line, sentence, "large")])


def _too_many(line: int) -> Refusal:
    return Refusal(line, f"one file has at most {MOST_QUESTIONS:,} questions; split it.")
