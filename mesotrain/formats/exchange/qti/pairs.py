"""Things of QTI that are matched, two lists or one, and words that are put into gaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import CHANGED
from mesotrain.formats.exchange.qti.items import Asked, QtiItem
from mesotrain.formats.exchange.qti.slots import Slot, words_slot
from mesotrain.formats.exchange.qti.values import Value, single
from mesotrain.formats.exchange.qti.xml import said


@dataclass(frozen=True)
class Sides:
    """What is asked for and what it may be matched with, texts by their identifiers, and how a response says a pair."""

    premises: dict[str, str]
    options: dict[str, str]
    pair: Callable[[str, str], str]


def lists(item: QtiItem, asked: Asked, texts: dict[str, str]) -> Sides:
    """Two lists: the things of that in which each is used once, each with one of the other. Raises Unfit."""
    both = [
        {name: texts[name] for name, one in asked.choices.items() if one.getparent() is of}
        for of in asked.element.iterchildren("simpleMatchSet")
    ]
    if len(both) != 2 or not all(both):
        raise Unfit("what is to be matched does not stand in two lists.")
    once = [all(said(asked.choices[name], "matchMax", "1") == "1" for name in of) for of in both]
    if once[0] or not once[1]:
        if not once[0]:
            item.notes.note(CHANGED, "there a thing may have several answers, and here it has one.")
        return Sides(both[0], both[1], lambda one, other: f"{one} {other}")
    return Sides(both[1], both[0], lambda one, other: f"{other} {one}")


def couples(item: QtiItem, asked: Asked, texts: dict[str, str]) -> Sides:
    """One list in which each has its partner: one of each couple, in their order, gets an answer. Raises Unfit."""
    right = asked.response.correct
    entries = [key for key, worth, _ in asked.response.map.entries if worth > 0] if asked.response.map else []
    named = right if isinstance(right, list) else entries or ([] if right is None else [right])
    found = [one for one in named if isinstance(one, tuple)]
    names = [str(name) for one in found for name in one]
    if not found or len(set(names)) < len(names) or not set(names) <= texts.keys():
        raise Unfit("what belongs together is no couple.")
    order = list(texts)
    first = {min(map(str, one), key=order.index) for one in found}
    item.notes.note(CHANGED, "of each couple one is asked for the other; there any could be put together.")
    premises = {name: text for name, text in texts.items() if name in first}
    options = {name: text for name, text in texts.items() if name not in first}
    return Sides(premises, options, lambda one, other: f"{one} {other}")


def side_slots(asked: Asked, sides: Sides, words: dict[str, str]) -> list[Slot]:
    """A gap behind each thing, for what earns more with one than with another."""
    options = {name: words[name] for name in sides.options}

    def slot(premise: str) -> Slot:
        def value(option: str) -> Value:
            return single(sides.pair(premise, option), asked.response.base)

        return words_slot(premise, options, value, shuffle=True)

    return [slot(premise) for premise in sides.premises]


def gap_slots(asked: Asked, words: dict[str, str], gaps: Sequence[str]) -> list[Slot]:
    """A gap of a text for each of `gaps`, into which one of these words goes."""
    if not gaps or len(set(gaps)) < len(gaps):
        raise Unfit("it has no gaps, or two of one name.")

    def slot(gap: str) -> Slot:
        def value(choice: str) -> Value:
            return single(f"{choice} {gap}", asked.response.base)

        return words_slot(gap, words, value, shuffle=True)

    return [slot(gap) for gap in gaps]
