"""GIFT and Moodle XML as whole files: the questions of a bank brought from one, and taken to one."""

from collections.abc import Callable, Iterator

from mesotrain.core.errors import BadContent, Fault
from mesotrain.core.numbers import decimal_text
from mesotrain.formats.exchange.items import TAG, Item, Unfit
from mesotrain.formats.exchange.moodle import gift
from mesotrain.formats.exchange.moodle import xml as moodle_xml
from mesotrain.formats.exchange.moodle import xml_out as moodle_xml_out
from mesotrain.formats.exchange.moodle.questions import exchanged, keep
from mesotrain.formats.exchange.moodle.sent import item_of
from mesotrain.formats.exchange.notes import (
    CHANGED,
    DESCRIPTION,
    GUESSED,
    LOST,
    MOST_QUESTIONS,
    Brought,
    Exchanged,
    Names,
    Notes,
    Refusal,
    Sent,
)
from mesotrain.formats.exchange.texts import read_text
from mesotrain.formats.lines import FIGURE

MOST_LINES = 1_000_000
_Read = Iterator[tuple[Item, Notes, moodle_xml.Pictures | None] | Refusal]


def read_gift(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a GIFT file. Raises BadContent."""
    text, guessed = read_text(content)
    if (lines := text.count("\n") + text.count("\r")) > MOST_LINES:
        raise BadContent([Fault(path, 1, f"this file has {lines:,} lines; at most {MOST_LINES:,} are read.", "large")])

    def found() -> _Read:
        for item in gift.read(text):
            notes = Notes()
            if guessed:
                notes.note(GUESSED, "the file is no UTF-8; it is read as Windows-1252.")
            yield item if isinstance(item, Refusal) else (item, notes, None)

    return _brought(found(), prefix)


def read_xml(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a Moodle XML file, and their pictures. Raises BadContent."""
    return _brought(iter(moodle_xml.read(content, path)), prefix)


def _brought(found: _Read, prefix: str) -> Brought:
    brought, names, category = Brought(), Names(prefix), ""
    for one in found:
        if len(brought.questions) + len(brought.refused) == MOST_QUESTIONS:
            line = one.line if isinstance(one, Refusal) else one[0].line
            brought.refused.append(Refusal(line, f"one file has at most {MOST_QUESTIONS:,} questions; split it."))
            break
        if isinstance(one, Refusal):
            brought.refused.append(one)
            continue
        item, notes, pictures = one
        if item.category != category and (category := item.category):
            notes.said.append(("kept", f"here the category “{category[:80]}” begins; a bank has none."))
        try:
            question = exchanged(item, names.next(item.named), notes, pictures or (lambda address: None))
        except Unfit as unfit:
            brought.refused.append(Refusal(item.line, str(unfit)))
            continue
        brought.questions.append(question)
        if pictures:
            pictures.taken(f"{question.question.taker} {question.question.key}")
            brought.media |= pictures.shown
            for said in pictures.refused:
                notes.note(LOST, said)
    return brought


def write_gift(brought: Brought, name: str) -> Sent:
    """A GIFT file; what GIFT cannot say is left out, and its note says so."""
    lines, category = [], ""
    for one, item in _taken(brought, _gift_again):
        if item.category != category:
            category = item.category
            lines.append(f"$CATEGORY: {' '.join(category.split())}")
        if any(FIGURE.fullmatch(line.strip()) for line in item.stem.text.split("\n")):
            one.notes.note(LOST, "GIFT carries no pictures.")
        if item.told.text:
            one.notes.note(CHANGED, "GIFT has no rubric; what markers are told is known to Mesotrain alone.")
        if item.unit:
            one.notes.note(CHANGED, f"GIFT has no units; {item.unit[:40]} is known to Mesotrain alone.")
        if item.points not in (0, 1):
            one.notes.note(CHANGED, "GIFT has no points; what it is worth is known to Mesotrain alone.")
            item.tags.append(f"{TAG}: points={decimal_text(item.points)}")
        lines.append(gift.write(item))
    return Sent("\n\n".join([*lines, ""]).encode(errors="replace"))


def write_xml(brought: Brought, name: str) -> Sent:
    """A Moodle XML file with the pictures in it."""
    media = brought.media

    def again(item: Item) -> Item | None:
        made = moodle_xml_out.write([item], media)
        return next((one[0] for one in moodle_xml.read(made, "") if not isinstance(one, Refusal)), None)

    items = [item for _, item in _taken(brought, again)]
    return Sent(moodle_xml_out.write(items, media))


def _gift_again(item: Item) -> Item | None:
    found = next(iter(gift.read(gift.write(item))), None)
    return found if isinstance(found, Item) else None


def _taken(brought: Brought, again: Callable[[Item], Item | None]) -> Iterator[tuple[Exchanged, Item]]:
    """Each question that can be said, as Moodle calls it.

    Where what is written would be read `again` as another question, the parts of it that get lost stand beside it.
    """
    for one in brought.questions:
        if one.question.waived:
            one.notes.note(CHANGED, "the rules of good writing it may break are left out.")
        try:
            item = item_of(one, one.notes)
            back = again(item)
            if back is None or back.kind != item.kind:
                one.notes.note(LOST, "it would be read as another kind of question; it is left out.")
                continue
            same = exchanged(back, one.question.name, Notes()).question
        except Unfit as unfit:
            one.notes.note(LOST, str(unfit))
            continue
        if (same.taker, same.key) != (one.question.taker, one.question.key):
            if item.kind == DESCRIPTION:
                one.notes.note(CHANGED, "its text is written in another way.")
            else:
                item.kept = keep(back, one.question)
        yield one, item
