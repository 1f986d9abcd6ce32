"""The texts of a QTI item as HTML, with what asks something taken out or marked."""

from collections.abc import Iterator, Mapping
from html import escape

from lxml import etree

from mesotrain.formats.exchange.notes import LOST, Notes
from mesotrain.formats.exchange.qti.xml import name_of, said, shown, text_of

INTERACTIONS = "Interaction"
"""Ends the names of what asks."""
_TAKERS = "candidate"
_RUBRIC = "rubricBlock"
_SILENT = frozenset({"stylesheet", "companionMaterialsInfo", "catalogInfo", "responseProcessing"})
_LOST = frozenset(
    {"infoControl", "templateBlock", "templateInline", "include", "assessmentStimulusRef", "video", "audio"}
)
_FEEDBACK = frozenset({"feedbackInline", "feedbackBlock", "modalFeedback"})
_VOID = frozenset({"br", "hr", "img", "col", "wbr"})
_DIV = frozenset({"prompt", "contentBody", "itemBody", "simpleChoice", _RUBRIC})
_SPAN = frozenset({"hottext", "gapText", "inlineChoice", "simpleAssociableChoice"})
_KEPT = ("href", "src", "alt", "style", "colspan", "rowspan")
_PICTURE = "image/"


def html(element: etree._Element, put: Mapping[etree._Element, str], notes: Notes) -> str:
    """What stands in an element, as HTML; for the elements of `put` stands what it says, and nothing for feedback."""
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        parts += [_one(child, put, notes), escape(child.tail or "", quote=False)]
    return "".join(parts)


def _one(element: etree._Element, put: Mapping[etree._Element, str], notes: Notes) -> str:
    tag = name_of(element)
    if element in put:
        return put[element]
    if tag.endswith(INTERACTIONS):
        return "".join(f"<div>{html(one, put, notes)}</div>" for one in element.iterchildren("prompt"))
    if tag in _LOST:
        notes.note(LOST, f"{shown(element)} has no place in a bank and is left out.")
    if not tag or tag in _LOST or tag in _SILENT or tag in _FEEDBACK or (tag == _RUBRIC and not _for_takers(element)):
        return ""
    if tag == "object" and said(element, "type", _PICTURE).startswith(_PICTURE):
        return picture_html(element)
    if tag == "math":
        notes.note(LOST, "a formula stands as its signs, without its form.")
        return f" {escape(' '.join(text_of(element).split()), quote=False)} "
    return _as_html(element, put, notes)


def picture_html(element: etree._Element) -> str:
    """A picture, also one that is written as an object."""
    alt = " ".join(text_of(element).split()) or said(element, "alt")
    return f'<img src="{escape(said(element, "data") or said(element, "src"))}" alt="{escape(alt)}">'


def _as_html(element: etree._Element, put: Mapping[etree._Element, str], notes: Notes) -> str:
    tag = name_of(element)
    name = "div" if tag in _DIV else "span" if tag in _SPAN else tag
    given = "".join(f' {one}="{escape(said(element, one))}"' for one in _KEPT if element.get(one))
    return f"<{name}{given}>" + ("" if name in _VOID else f"{html(element, put, notes)}</{name}>")


def _for_takers(element: etree._Element) -> bool:
    return not element.get("view") or _TAKERS in said(element, "view").split()


def for_others(root: etree._Element) -> Iterator[etree._Element]:
    """What an item says to others than its takers."""
    yield from (one for one in root.iter(_RUBRIC) if not _for_takers(one))


def feedback(root: etree._Element) -> list[etree._Element]:
    """What an item may say to an answer."""
    return list(root.iter(*_FEEDBACK))
