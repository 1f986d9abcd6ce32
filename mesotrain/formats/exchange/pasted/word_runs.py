"""The words of a word-processor paragraph, with their looks, and what beside words stood in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from mesotrain.core.signs import UNSEEN
from mesotrain.formats.exchange.notes import CHANGED, LOST, Notes
from mesotrain.formats.exchange.pasted.looks import (
    BOLD,
    COLOURED,
    HIGHLIGHTED,
    ITALIC,
    MARKDOWN,
    STRUCK,
    UNDERLINED,
    Said,
    said,
)
from mesotrain.formats.exchange.pasted.word_lists import W, value
from mesotrain.formats.exchange.texts import moved

_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OFF = ("0", "false", "off", "none")
_SYMBOLS = {"F0FE": "\u2612", "F0A8": "\u2610", "F06F": "\u2610", "F0FC": "\u2713", "F0B7": "\u2022", "F0A7": "\u2022"}
"""What letters of a symbol font show."""
_GONE = ("del", "moveFrom", "instrText", "delText", "txbxContent")
_DEEPEST_STYLE = 20


@dataclass
class Words:
    """What a paragraph says, line by line, and what happened to it; a line that is a picture is Markdown."""

    lines: list[Said] = field(default_factory=lambda: [said("")])
    notes: Notes = field(default_factory=Notes)


class Runs:
    """Reads the paragraphs of one document. `styles` are its styles, `shown` gives the path of a picture by its id.

    `noted` gives the text of a footnote, an endnote or a comment by its kind and id, `linked` an address by its id.
    """

    def __init__(
        self,
        styles: etree._Element | None,
        shown: Callable[[str, Notes], str],
        noted: Callable[[str, str], str],
        linked: Callable[[str], str],
    ) -> None:
        found = () if styles is None else styles.iterchildren(f"{W}style")
        self._styles = {value(one, "styleId"): one for one in found}
        self._known: dict[str, int] = {}
        self._shown, self._noted, self._linked = shown, noted, linked

    def read(self, paragraph: etree._Element) -> Words:
        """What a paragraph says."""
        words = Words()
        style = value(paragraph.find(f"{W}pPr/{W}pStyle"))
        for child in self._inner(paragraph, words):
            self._part(child, words, self._styled(style))
        words.lines = [line for line in words.lines if line.text.strip()] or [said("")]
        return words

    def _inner(self, element: etree._Element, words: Words) -> Iterator[etree._Element]:
        """The runs in an element, in their order, without what was deleted."""
        for child in element:
            name = etree.QName(child).localname if isinstance(child.tag, str) else ""
            if name in ("del", "moveFrom"):
                if next(child.iter(f"{W}delText", f"{W}t"), None) is not None:
                    words.notes.note(CHANGED, "text that was marked as deleted is left out.")
            elif name == "hyperlink":
                self._link(child, words)
            elif name == "r" or str(child.tag).startswith(_MATHS):
                yield child
            elif name == "commentRangeStart":
                if text := self._noted("comment", value(child, "id")):
                    words.notes.note(LOST, f"a comment, “{text[:80]}”, is left out.")
            elif name not in _GONE and name != "pPr":
                if name == "ins":
                    words.notes.note(CHANGED, "text that was marked as inserted is taken.")
                yield from self._inner(child, words)

    def _link(self, element: etree._Element, words: Words) -> None:
        text = "".join(str(one.text or "") for one in element.iter(f"{W}t"))
        address = self._linked(str(element.get(f"{_REL}id", "")))
        if address and text.strip() and "[" not in text and "]" not in text and len(address) < 2000:
            words.lines[-1] += said(f"[{UNSEEN.sub('', text)}]({address})", MARKDOWN)
            return
        if element.get(f"{_REL}id"):
            words.notes.note(LOST, "a link that leads nowhere from here is its words alone.")
        for run in self._inner(element, words):
            self._part(run, words, 0)

    def _part(self, run: etree._Element, words: Words, style: int) -> None:
        """Adds a run, or a formula, to the lines."""
        if str(run.tag).startswith(_MATHS):
            text = "".join(str(one.text or "") for one in run.iter(f"{_MATHS}t"))
            words.lines[-1] += said(text)
            words.notes.note(CHANGED, "a formula stands as its letters; it is not drawn.")
            return
        looks = run.find(f"{W}rPr")
        look = self._look(looks, style | self._styled(value(run.find(f"{W}rPr/{W}rStyle"))))
        if looks is not None and looks.find(f"{W}vanish") is not None:
            words.notes.note(LOST, "hidden text is left out.")
            return
        up = value(None if looks is None else looks.find(f"{W}vertAlign"))
        for child in run:
            self._piece(child, words, look, up)

    def _piece(self, child: etree._Element, words: Words, look: int, up: str) -> None:
        match etree.QName(child).localname if isinstance(child.tag, str) else "":
            case "t":
                text = UNSEEN.sub("", str(child.text or "")).replace("\u00a0", " ")
                if up in ("superscript", "subscript") and text.strip():
                    text = moved(text, words.notes, up=up == "superscript").replace("\\_", "_")
                words.lines[-1] += said(text, look)
            case "tab" | "ptab":
                words.lines[-1] += said("\t")
            case "br" | "cr":
                words.lines.append(said(""))
            case "noBreakHyphen":
                words.lines[-1] += said("-", look)
            case "sym":
                words.lines[-1] += said(_SYMBOLS.get(value(child, "char").upper(), "?"), look)
            case "footnoteReference" | "endnoteReference" as name:
                kind = name.removesuffix("Reference")
                text = self._noted(kind, value(child, "id"))
                words.notes.note(LOST, f"a {kind}, “{text[:80]}”, is left out.")
            case "commentReference":
                if text := self._noted("comment", value(child, "id")):
                    words.notes.note(LOST, f"a comment, “{text[:80]}”, is left out.")
            case "drawing" | "pict" | "object" | "AlternateContent":
                self._picture(child, words)

    def _picture(self, element: etree._Element, words: Words) -> None:
        if next(element.iter(f"{W}txbxContent"), None) is not None:
            words.notes.note(LOST, "a text box is left out; write its words into the text.")
        described = next((one for one in element.iter() if str(one.tag).endswith("}docPr")), None)
        alt = "" if described is None else str(described.get("descr") or "")
        for blip in element.iter():
            if not str(blip.tag).endswith(("}blip", "}imagedata")):
                continue
            # A drawing stands inside the picture that is shown where it cannot be.
            drawn = [one.get(f"{_REL}embed") for one in blip.iter() if str(one.tag).endswith("}svgBlip")]
            names = [*drawn, blip.get(f"{_REL}embed") or blip.get(f"{_REL}id")]
            if path := next(filter(None, (self._shown(str(name), words.notes) for name in names if name)), None):
                alt = " ".join(alt.split()).replace("[", "").replace("]", "") or "picture"
                if alt == "picture":
                    words.notes.note(CHANGED, "a picture has no description; write one for who cannot see it.")
                words.lines += [said(f"![{alt}]({path})", MARKDOWN), said("")]

    # Looks ------------------------------------------------------------------------------------------------------------

    def _styled(self, name: str, depth: int = 0) -> int:
        """How what has this style looks, by the styles it rests on."""
        style = self._styles.get(name)
        if style is None or depth > _DEEPEST_STYLE:
            return 0
        if name not in self._known:
            below = self._styled(value(style.find(f"{W}basedOn")), depth + 1)
            self._known[name] = self._look(style.find(f"{W}rPr"), below)
        return self._known[name]

    def _look(self, looks: etree._Element | None, below: int) -> int:
        """`below`, and what is said over it."""
        if looks is None:
            return below
        for child in looks:
            said_so = value(child).lower()
            match etree.QName(child).localname if isinstance(child.tag, str) else "":
                case "b":
                    below = _with(below, BOLD, said_so not in _OFF)
                case "i":
                    below = _with(below, ITALIC, said_so not in _OFF)
                case "u":
                    below = _with(below, UNDERLINED, said_so not in (*_OFF, ""))
                case "strike":
                    below = _with(below, STRUCK, said_so not in _OFF)
                case "highlight":
                    below = _with(below, HIGHLIGHTED, said_so not in (*_OFF, "", "white"))
                case "shd":
                    fill = value(child, "fill").lower()
                    below = _with(below, HIGHLIGHTED, fill not in ("", "auto", "ffffff"))
                case "color":
                    below = _with(below, COLOURED, said_so not in ("", "auto", "000000"))
        return below


def _with(looks: int, look: int, on: bool) -> int:
    return looks | look if on else looks & ~look
