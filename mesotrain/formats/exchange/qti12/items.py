"""What an item of QTI 1.2 presents and says: its texts, what it asks for, its feedback."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

from lxml import etree

from mesotrain.formats.exchange.items import Unfit, Words
from mesotrain.formats.exchange.notes import LOST, MOST_ANSWERS, MOST_CHARACTERS, Notes, too_long
from mesotrain.formats.exchange.qti12.rules import Rules, text_of
from mesotrain.formats.exchange.texts import HTML, PLAIN, words

ASKING = ("response_lid", "response_str", "response_num", "response_grp", "response_xy", "response_extension")
REMARKS = ("correct_fb", "general_incorrect_fb", "correct", "incorrect")
"""Names of feedback to any right, or any wrong answer."""


@dataclass(frozen=True)
class Label:
    """What can be chosen: its name there, and its text; `element` says more of it."""

    name: str
    said: Words
    element: etree._Element


class Source:
    """One item; raises Unfit where it presents nothing, or too much."""

    def __init__(self, element: etree._Element, notes: Notes) -> None:
        self.element, self.notes = element, notes
        self.facts = {
            text_of(one[0]).lower(): text_of(one[1]) for one in element.iter("qtimetadatafield") if len(one) > 1
        }
        self.type = self.facts.get("question_type", "") or self.facts.get("qmd_itemtype", "")
        presentation = element.find("presentation")
        if presentation is None:
            raise Unfit("it presents nothing.")
        self.presentation = presentation
        self.asking = [*presentation.iter(*ASKING)]
        if len(self.asking) > MOST_ANSWERS:
            raise Unfit(f"a question has at most {MOST_ANSWERS} parts; this has {len(self.asking)}.")

    def html(self, element: etree._Element, placed: Mapping[etree._Element, str] | None = None) -> str:
        """What is presented, in the order it is written, as HTML; nothing of what asks but where it is `placed`."""
        parts = []
        for one in element.iterchildren(etree.Element):
            if one.tag in ASKING:
                parts.append((placed or {}).get(one, ""))
            elif one.tag == "material":
                parts.append(material(one, self.notes))
            elif str(one.tag).startswith("flow"):
                parts.append(self.html(one, placed))
        if (length := sum(map(len, parts))) > MOST_CHARACTERS:
            raise Unfit(too_long(length))
        return "".join(parts)

    def labels(self, asking: etree._Element) -> list[Label]:
        """What can be chosen, each name once."""
        found: dict[str, Label] = {}
        for one in asking.iter("response_label"):
            name = str(one.get("ident", "")).strip()
            found.setdefault(name, Label(name, said([*one.iter("material")], self.notes), one))
            if len(found) > MOST_ANSWERS:
                raise Unfit(f"a question has at most {MOST_ANSWERS} answers; this has more.")
        return [*found.values()]

    def about(self, asking: etree._Element) -> Words:
        """What stands beside a place to answer: what is to be matched, or the name of a gap."""
        return said([*asking.iterchildren("material")], self.notes)

    @cached_property
    def feedback(self) -> dict[str, Words]:
        """What may be told, by its name there."""
        found = {}
        for one in self.element.iter("itemfeedback"):
            text = said([*one.iter("material")], self.notes)
            if words(text.text, text.kind) or "<img" in text.text:
                found[str(one.get("ident", ""))] = text
        return found

    def told(self, rules: Rules) -> dict[tuple[str, str], Words]:
        """What is told to single answers, by the response and the answer."""
        found: dict[tuple[str, str], Words] = {}
        for rule in (one for one in rules.rules if one.alone and one.equals):
            shown = [one for one in rule.shows if one in self.feedback and one.lower() not in REMARKS]
            if shown:
                found.setdefault(rule.equals[0][:2], self.feedback[shown[0]])
        return found


def name_of(asking: etree._Element) -> str:
    """What a response calls itself."""
    return str(asking.get("ident", "")).strip()


def material(element: etree._Element, notes: Notes) -> str:
    """A piece of text with its pictures, as HTML."""
    parts = []
    for one in element.iter("mattext", "matemtext", "matimage", "matbreak"):
        if one.tag == "matbreak":
            parts.append("<br>")
        elif one.tag == "matimage":
            parts.append(f'<img src="{escape(str(one.get("uri", "")))}" alt="{escape(str(one.get("label", "")))}">')
        else:
            parts.append(_text(one))
    if next(element.iter("math", "mataudio", "matvideo", "matapplet"), None) is not None:
        notes.note(LOST, "a formula, sound or film is left out.")
    return "".join(parts)


def _text(one: etree._Element) -> str:
    if len(one):
        return (one.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in one)
    text = one.text or ""
    return text if _is_html(one) else escape(text, quote=False)


def _is_html(one: etree._Element) -> bool:
    return "html" in str(one.get("texttype", "")).lower()


def said(materials: Iterable[etree._Element], notes: Notes) -> Words:
    """A text as it is written there."""
    found = [*materials]
    only = [one for each in found for one in each.iter("mattext", "matimage", "matbreak", "matemtext")]
    if len(only) == 1 and only[0].tag == "mattext" and not _is_html(only[0]) and not len(only[0]):
        return Words((only[0].text or "").strip(), PLAIN)
    return Words("".join(material(one, notes) for one in found).strip(), HTML)
