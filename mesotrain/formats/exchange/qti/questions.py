"""The question of a bank that an item of QTI stands for."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from lxml import etree

from mesotrain.core.canonical import Json
from mesotrain.core.courses import Question
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import Single
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.hotspot import Hotspot
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import Text
from mesotrain.formats.exchange.items import WHOLE, Unfit
from mesotrain.formats.exchange.notes import CHANGED, GUESSED, LOST, Exchanged, Notes
from mesotrain.formats.exchange.qti import choices as qti_choices
from mesotrain.formats.exchange.qti import gaps as qti_gaps
from mesotrain.formats.exchange.qti import items as qti_items
from mesotrain.formats.exchange.qti import kept as qti_kept
from mesotrain.formats.exchange.qti import places as qti_places
from mesotrain.formats.exchange.qti.choices import Made
from mesotrain.formats.exchange.qti.items import (
    ASSOCIATE,
    CHOICE,
    ENTRY,
    ESSAY,
    GAPS,
    HOTSPOT,
    HOTTEXT,
    INLINE,
    MATCH,
    ORDER,
    POINT,
    SLIDER,
    Asked,
    QtiItem,
)
from mesotrain.formats.exchange.qti.numbers import is_number, number_slot
from mesotrain.formats.exchange.qti.pairs import couples, gap_slots, lists, side_slots
from mesotrain.formats.exchange.qti.rules import Effort
from mesotrain.formats.exchange.qti.slots import Slot, text_slot, words_slot
from mesotrain.formats.exchange.qti.texts import feedback, for_others, html, picture_html
from mesotrain.formats.exchange.qti.values import Value
from mesotrain.formats.exchange.qti.xml import said, text_of, truth
from mesotrain.formats.exchange.texts import HTML, Figure, markdown, words

_MARK = "\u27e6{}\u27e7"
"""Stands for a gap while a text is put together."""
_MARKED = re.compile("\u27e6([0-9]{1,2})\u27e7")
_UNIT = re.compile(r"[^\W\d_][^\s()]{0,11}|[%\u00b0][^\s()]{0,11}")
"""What stands behind a number as its unit."""
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")


@dataclass(frozen=True)
class Around:
    """What stands round an item: its pictures by their address, their boxes by their path, and its file's effort."""

    figure: Figure
    boxes: Mapping[str, list[str]]
    effort: Effort


@dataclass
class _Reader:
    item: QtiItem
    around: Around

    def text(self, markup: str) -> str:
        return markdown(markup, HTML, self.item.notes, self.around.figure)

    def of(self, element: etree._Element, put: Mapping[etree._Element, str] | None = None) -> str:
        return self.text(html(element, put or {}, self.item.notes))

    def options(self, elements: Mapping[str, etree._Element]) -> dict[str, str]:
        """The texts of what can be chosen. Raises Unfit for one that says nothing."""
        found = {name: self.of(one) for name, one in elements.items()}
        if empty := next((name for name, text in found.items() if not text), ""):
            raise Unfit(f"its choice {empty[:40]} has no text.")
        return found

    def words(self, elements: Mapping[str, etree._Element]) -> dict[str, str]:
        """The same on one line each, for a gap."""
        found = {name: _words(html(one, {}, self.item.notes)) for name, one in elements.items()}
        if empty := next((name for name, text in found.items() if not text), ""):
            raise Unfit(f"its choice {empty[:40]} has no words.")
        return found


def _words(markup: str) -> str:
    return words(markup, HTML).replace("|", "\u00a6").replace("]]", "] ]")


def exchanged(root: etree._Element, name: str, notes: Notes, around: Around) -> Exchanged:
    """The question of a bank that stands for the item with this root, by this id. Raises Unfit where there is none."""
    title, line = said(root, "title"), root.sourceline if isinstance(root.sourceline, int) else 1
    beside = qti_kept.kept(root, around.boxes)
    if beside and beside.whole:
        return Exchanged(replace(beside.question, name=name, line=line), notes=notes)
    item = qti_items.read(root, notes, around.effort)
    reader = _Reader(item, around)
    made, stem = _made(reader)
    stem = stem or _title(root, notes)
    taker: Part = {**made.taker, "stem": stem}
    key: Part = {"reasons": {}, **made.key, "reason": ""}
    key["reasons"], key["reason"] = _reasons(reader, made, taker, key)
    _others(reader, taker, key)
    question = Question(name, "", "", (), "", (), _points(item, made.points), taker, key, line=line)
    return Exchanged(qti_kept.with_facts(question, beside.question) if beside else question, title, notes=notes)


def _title(root: etree._Element, notes: Notes) -> str:
    named = "title" if said(root, "title") else "identifier"
    if not (text := said(root, named)):
        raise Unfit("it has no text.")
    notes.note(GUESSED, f"its {named} stands for what is asked.")
    return markdown(text, "plain", notes)


def _points(item: QtiItem, best: Fraction) -> Fraction:
    most = item.rules.outcomes.get("MAXSCORE")
    if most and isinstance(most.default, Fraction) and most.default not in (0, best):
        item.notes.note(
            CHANGED, f"it says MAXSCORE {float(most.default):.4g}; the best answer earns {float(best):.4g}."
        )
    if _POINTS.fullmatch(decimal_text(best)):
        return best
    item.notes.note(CHANGED, f"it was worth {float(best):.4g}, and is worth 1 point.")
    return Fraction(1)


def _made(reader: _Reader) -> tuple[Made, str]:
    """The parts of the question and its stem."""
    asked = reader.item.asked
    if len({one.response.name for one in asked}) < len(asked):
        raise Unfit("two of its interactions answer the same variable.")
    kinds = {one.kind for one in asked}
    if len(asked) == 1 and (work := _ALONE.get(asked[0].kind)):
        return work(reader, asked[0])
    if kinds <= {INLINE, ENTRY, CHOICE} and not any(one.many for one in asked):
        return _gaps(reader)
    raise Unfit(f"several interactions in one item, {', '.join(sorted(kinds))}, are not supported.")


def _stem(reader: _Reader) -> str:
    return reader.of(reader.item.body)


def _choice(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    texts = reader.options(asked.choices)
    work = qti_choices.multiple if asked.many else qti_choices.single
    if asked.kind != HOTTEXT:
        return work(reader.item, asked, texts), _stem(reader)
    reader.item.notes.note(CHANGED, "the words to be marked in its text stand under it as options.")
    inner = html(asked.element, {}, reader.item.notes)
    return work(reader.item, asked, texts), reader.of(reader.item.body, {asked.element: f"<div>{inner}</div>"})


def _order(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    return qti_choices.ordering(reader.item, asked, reader.options(asked.choices)), _stem(reader)


def _match(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    """Matching; where one pair earns more than another, gaps behind what is asked for."""
    item, texts = reader.item, _lines(reader, asked)
    sides = (couples if asked.kind == ASSOCIATE else lists)(item, asked, texts)
    try:
        return qti_choices.matching(item, asked, sides.premises, sides.options, sides.pair), _stem(reader)
    except Unfit as unfit:
        try:
            made = qti_gaps.cloze(item, side_slots(asked, sides, reader.words(asked.choices)), _together(asked))
        except Unfit:
            raise unfit from None
    item.notes.note(CHANGED, "what is to be matched stands as gaps, because one earns more than another.")
    rows = [f"{text} [[{place}]]" for place, text in enumerate(sides.premises.values(), 1)]
    return made, "\n\n".join([_stem(reader), *rows])


def _together(asked: Asked) -> Callable[[Mapping[str, Value]], dict[str, Value]]:
    """The one response that all gaps make."""
    return lambda given: {asked.response.name: cast(Value, list(given.values()) or None)}


def _lines(reader: _Reader, asked: Asked) -> dict[str, str]:
    return {name: " ".join(text.split()) for name, text in reader.options(asked.choices).items()}


def _gap_match(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    gaps = list(asked.element.iter("gap"))
    slots = gap_slots(asked, reader.words(asked.choices), [said(one, "identifier") for one in gaps])
    made = qti_gaps.cloze(reader.item, slots, _together(asked))
    marks = {one: _MARK.format(place) for place, one in enumerate(gaps, 1)}
    inner = "".join(
        f"<div>{html(one, marks, reader.item.notes)}</div>"
        for one in asked.element
        if one not in asked.choices.values()
    )
    return made, _marked(reader.of(reader.item.body, {asked.element: inner}))


def _marked(text: str) -> str:
    return _MARKED.sub(r"[[\1]]", text)


def _slot(reader: _Reader, asked: Asked) -> Slot:
    if asked.kind == ENTRY:
        of = asked.response
        return number_slot(reader.item, of) if is_number(reader.item, of) else text_slot(reader.item, of)
    shuffle = truth(asked.element, "shuffle")
    return words_slot(asked.response.name, reader.words(asked.choices), asked.value, shuffle=shuffle)


def _gaps(reader: _Reader) -> tuple[Made, str]:
    asked = reader.item.asked
    made = qti_gaps.cloze(reader.item, [_slot(reader, one) for one in asked], dict)
    put: dict[etree._Element, str] = {}
    for place, one in enumerate(asked, 1):
        prompt = "".join(
            f"<div>{html(each, {}, reader.item.notes)}</div>" for each in one.element.iterchildren("prompt")
        )
        put[one.element] = prompt + (f"<div>{_MARK.format(place)}</div>" if prompt else _MARK.format(place))
    if any(one.kind == CHOICE for one in asked):
        reader.item.notes.note(CHANGED, "its choices stand as gaps of one text.")
    return made, _marked(reader.of(reader.item.body, put))


def _inline(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    return _gaps(reader)


def _entry(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    """A text or number alone under its question; where the text goes on behind it, a gap in it."""
    after = html(reader.item.body, {asked.element: "\u27e6\u27e7"}, Notes()).rpartition("\u27e6\u27e7")[2]
    behind = words(f"<p>{after}", HTML).strip(" .")
    if behind and is_number(reader.item, asked.response) and _UNIT.fullmatch(behind):
        made = _typed(reader, asked)
        made.taker["unit"] = behind
        stem = reader.of(reader.item.body, {asked.element: "\u27e6"})
        return made, stem.rpartition("\u27e6")[0].rstrip()
    if re.search(r"\w", behind):
        return _gaps(reader)
    return _typed(reader, asked), _stem(reader)


def _typed(reader: _Reader, asked: Asked) -> Made:
    item, name = reader.item, asked.response.name
    if not item.rules.template and (item.rules.processing is None or not len(item.rules.processing)):
        return _by_people(reader)
    slot = number_slot(item, asked.response) if is_number(item, asked.response) else text_slot(item, asked.response)
    earned = {str(one): item.score({name: one}) for one in slot.probes}
    best = max(earned.values(), default=Fraction(0))
    if best <= 0:
        raise Unfit("it does not say which answer is right.")
    if blank := item.score({name: None}):
        item.notes.note(CHANGED, f"no answer at all earns {float(blank / best):.4g} of it there, and nothing here.")
    built = slot.build(lambda one: item.score({name: one}) / best, lambda one: item.told({name: one}))
    right = max(slot.probes, key=lambda one: earned[str(one)])
    return Made(built.taker, built.key, best, built.witnesses, {name: right})


def _slider(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    if not is_number(reader.item, asked.response):
        raise Unfit("its sliderInteraction gives no number.")
    low, high = (said(asked.element, name) for name in ("lowerBound", "upperBound"))
    reader.item.notes.note(CHANGED, f"a slider from {low[:12]} to {high[:12]} is a number that is typed.")
    return _typed(reader, asked), _stem(reader)


def _essay(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    """What people mark; with a right answer and rules that read it, a short text."""
    item, right = reader.item, asked.response.correct
    if right is not None and item.scored and item.score({asked.response.name: right}) > 0:
        return _typed(reader, asked), _stem(reader)
    return _by_people(reader), _stem(reader)


def _by_people(reader: _Reader) -> Made:
    """What nothing says how to mark."""
    item = reader.item
    item.notes.note(GUESSED, "its rubric is one criterion, the whole answer; write down what earns points.")
    told = "\n\n".join(filter(None, (reader.of(one) for one in for_others(item.root))))
    key: Part = {"criteria": [{**WHOLE}], "markers": 1, "reasons": {"0": told} if told else {}}
    most = item.rules.outcomes.get("MAXSCORE")
    worth = most.default if most and isinstance(most.default, Fraction) and most.default > 0 else Fraction(1)
    return Made({"type": Essay.name, "stem": "", "words": []}, key, worth)


def _place(reader: _Reader, asked: Asked) -> tuple[Made, str]:
    picture = qti_places.picture_of(asked)
    shown = reader.text(picture_html(picture))
    path = next(iter(re.findall(r"!\[[^\]]*\]\((media/[^)]+)\)", shown)), "")
    box = [Fraction(one) for one in reader.around.boxes.get(path, [])] or None
    made = qti_places.place(reader.item, asked, box)
    address = said(picture, "data") or said(picture, "src")
    name = path or f"media/{re.sub('[^a-z0-9.]+', '-', address.rpartition('/')[2].lower()) or 'picture.png'}"
    if not path:
        reader.item.notes.note(LOST, f"its picture is not in the file: {address[:60] or 'no address'}.")
    alt = " ".join(text_of(picture).split()) or said(picture, "alt") or "The picture"
    made.taker["picture"] = {"stem": f"![{re.sub(r'[][]', '', alt)}]({name})"}
    return made, _stem(reader)


_ALONE: dict[str, Callable[[_Reader, Asked], tuple[Made, str]]] = {
    CHOICE: _choice,
    HOTTEXT: _choice,
    INLINE: _inline,
    ENTRY: _entry,
    ESSAY: _essay,
    ORDER: _order,
    MATCH: _match,
    ASSOCIATE: _match,
    GAPS: _gap_match,
    HOTSPOT: _place,
    POINT: _place,
    SLIDER: _slider,
}


def _reasons(reader: _Reader, made: Made, taker: Part, key: Part) -> tuple[Json, str]:
    """What is said to each answer, and of the question as a whole; what has no place for it is named."""
    item, kind = reader.item, str(taker["type"])
    if kind == Essay.name:
        return key["reasons"], ""
    name = item.asked[0].response.name
    found: dict[str, list[etree._Element]] = {}
    if kind in (Single.name, Text.name, Numeric.name, Hotspot.name):
        found = {own: item.told({name: value}) for own, value in made.witnesses.items()}
    always = [
        one for one in next(iter(found.values()), []) if len(found) > 1 and all(one in each for each in found.values())
    ]
    if kind in (Text.name, Numeric.name):
        found[""] = item.told({name: "\ue000" if kind == Text.name else Fraction(10**11 + 7)})
    full = item.told(made.right) if made.right and kind != Single.name else []
    found.pop("", None)
    reasons = {own: _joined(reader, (one for one in each if one not in always)) for own, each in found.items()}
    told = {one for each in found.values() for one in each}
    whole = _joined(reader, [*always, *(one for one in full if one not in told)])
    for one in feedback(item.root):
        if one not in told and one not in full and (text := _words(html(one, {}, Notes()))):
            inside = next((own for own, each in item.asked[0].choices.items() if one in each.iter()), "")
            if kind not in (Cloze.name,) and inside in made.witnesses and inside not in reasons:
                reasons[inside] = reader.of(one)
            else:
                item.notes.note(LOST, f"what is said to some answers, “{text[:60]}”, is left out.")
    return cast(Json, {own: text for own, text in reasons.items() if text}), whole


def _joined(reader: _Reader, these: Iterable[etree._Element]) -> str:
    return "\n\n".join(dict.fromkeys(filter(None, (reader.of(one) for one in these))))


def _others(reader: _Reader, taker: Part, key: Part) -> None:
    if taker["type"] != Essay.name:
        for one in for_others(reader.item.root):
            if text := _words(html(one, {}, Notes())):
                reader.item.notes.note(LOST, f"what is said to “{said(one, 'view')[:30]}”, “{text[:60]}”, is left out.")
