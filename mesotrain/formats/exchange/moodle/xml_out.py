"""Moodle XML as Moodle 4.5 reads it."""

import base64
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from lxml import etree
from lxml.etree import SubElement, _Element

from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import ALL_OR_NOTHING
from mesotrain.core.questions.essay import Essay
from mesotrain.formats.exchange.items import Answer, Item, Words
from mesotrain.formats.exchange.moodle import cloze
from mesotrain.formats.exchange.notes import DESCRIPTION
from mesotrain.formats.exchange.texts import AUTO, HTML, MARKDOWN, PLAIN
from mesotrain.formats.lines import FIGURE

_NAMES = {HTML: "html", AUTO: "moodle_auto_format", PLAIN: "plain_text", MARKDOWN: "markdown"}


def write(items: Iterable[Item], media: Mapping[str, bytes]) -> bytes:
    """A file of these questions, with their pictures in it."""
    quiz, category = etree.Element("quiz"), ""
    for item in items:
        if item.category != category:
            category = item.category
            _text(SubElement(SubElement(quiz, "question", type="category"), "category"), category)
        quiz.append(element(item, media))
    etree.indent(quiz)
    return etree.tostring(quiz, encoding="utf-8", xml_declaration=True) + b"\n"


def element(item: Item, media: Mapping[str, bytes]) -> _Element:
    """One question."""
    found = etree.Element("question", type=item.kind)
    _text(SubElement(found, "name"), item.name or _short(item.stem.text) or item.named)
    _formatted(found, "questiontext", _with_gaps(item), media)
    _formatted(found, "generalfeedback", item.reason, media)
    _plain(found, "defaultgrade", decimal_text(item.points))
    _plain(found, "penalty", "0")
    _plain(found, "hidden", "0")
    _plain(found, "idnumber", item.named)
    if item.kind in _WRITTEN:
        _WRITTEN[item.kind](found, item, media)
    if item.tags:
        tags = SubElement(found, "tags")
        for tag in item.tags:
            _text(SubElement(tags, "tag"), tag)
    if item.kept:
        _plain(found, "mesotrain", item.kept)
    return found


def _short(text: str) -> str:
    return " ".join(text.split())[:80]


def _with_gaps(item: Item) -> Words:
    gaps = cloze.written(item.parts)
    text = re.sub(r"\[\[([0-9]{1,2})\]\]", lambda found: gaps[int(found[1]) - 1], item.stem.text) if gaps else ""
    return Words(text or item.stem.text, item.stem.kind)


def _text(parent: _Element, text: str) -> None:
    SubElement(parent, "text").text = _xml(text)


def _xml(text: str) -> str:
    return re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _plain(parent: _Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _xml(text)


def _formatted(parent: _Element, name: str, said: Words, media: Mapping[str, bytes], **attributes: str) -> _Element:
    """A text with its format, and behind it the pictures that it shows."""
    found = SubElement(parent, name, {**attributes, "format": _NAMES[said.kind]})
    shown = {one["path"] for line in said.text.split("\n") if (one := FIGURE.fullmatch(line.strip()))}
    text = said.text
    for path in sorted(shown & media.keys()):
        text = text.replace(f"]({path}", f"](@@PLUGINFILE@@/{path.removeprefix('media/')}")
    _text(found, text)
    for path in sorted(shown & media.keys()):
        file = SubElement(found, "file", name=path.removeprefix("media/"), path="/", encoding="base64")
        file.text = base64.b64encode(media[path]).decode()
    return found


def _percent(fraction: Fraction) -> str:
    return f"{round(float(fraction * 100), 5):.5f}".rstrip("0").rstrip(".")


def _answer(parent: _Element, one: Answer, media: Mapping[str, bytes], share: Fraction) -> _Element:
    found = _formatted(parent, "answer", one.said, media, fraction=_percent(share))
    _formatted(found, "feedback", one.feedback, media)
    return found


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _choice(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    _plain(found, "single", _flag(item.single))
    _plain(found, "shuffleanswers", _flag(item.shuffle))
    _plain(found, "answernumbering", "abc")
    for one in item.answers:
        _answer(found, one, media, one.fraction)


def _true_false(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    for verdict, one in zip(("true", "false"), item.answers, strict=True):
        _answer(found, Answer(Words(verdict, AUTO), one.fraction, one.feedback), media, one.fraction)


def _short_answer(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    _plain(found, "usecase", str(int(item.exact_case)))
    for one in item.answers:
        _answer(found, one, media, one.fraction)


def _numerical(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    for one in item.answers:
        _plain(_answer(found, one, media, one.fraction), "tolerance", decimal_text(one.tolerance))
    if item.unit:
        unit = SubElement(SubElement(found, "units"), "unit")
        _plain(unit, "multiplier", "1")
        _plain(unit, "unit_name", item.unit)
        for name, said in (("unitgradingtype", "0"), ("unitpenalty", "0"), ("showunits", "3"), ("unitsleft", "0")):
            _plain(found, name, said)


def _match(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    _plain(found, "shuffleanswers", "true")
    for asked, answer in item.pairs:
        _text(SubElement(_formatted(found, "subquestion", asked, media), "answer"), answer.text)


def _ordering(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    rule = "ALL_OR_NOTHING" if item.rule == ALL_OR_NOTHING else "ALL_PREVIOUS_AND_NEXT"
    for name, said in (("layouttype", "VERTICAL"), ("selecttype", "ALL"), ("selectcount", "0"), ("gradingtype", rule)):
        _plain(found, name, said)
    _plain(found, "showgrading", "SHOW")
    for place, one in enumerate(item.answers, 1):
        _answer(found, one, media, Fraction(place, 100))


def _essay(found: _Element, item: Item, media: Mapping[str, bytes]) -> None:
    _plain(found, "responseformat", "editor")
    _plain(found, "responserequired", "1")
    _formatted(found, "graderinfo", item.told, media)
    _formatted(found, "responsetemplate", Words("", HTML), media)


_WRITTEN = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "shortanswer": _short_answer,
    "numerical": _numerical,
    "match": _match,
    "ordering": _ordering,
    Essay.name: _essay,
}
__all__ = ["DESCRIPTION", "element", "write"]
