"""Moodle XML, read as Moodle 4.5 reads it (``question/format/xml/format.php``)."""

import base64
import binascii
import re
from collections.abc import Iterator
from fractions import Fraction

from lxml import etree

from mesotrain.core.errors import BadContent, Fault
from mesotrain.core.questions import ALL_OR_NOTHING
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.ordering import PAIRS
from mesotrain.formats.exchange.items import Answer, Item, Unfit, Words
from mesotrain.formats.exchange.moodle.cloze import with_gaps
from mesotrain.formats.exchange.moodle.questions import number
from mesotrain.formats.exchange.notes import DESCRIPTION, LOST, MOST_CHARACTERS, Notes, Refusal, too_long
from mesotrain.formats.exchange.pictures import Album
from mesotrain.formats.exchange.texts import AUTO, HTML, MARKDOWN, PLAIN, unquoted, words

_FORMATS = {"html": HTML, "moodle_auto_format": AUTO, "plain_text": PLAIN, "markdown": MARKDOWN}
_RULES = {"-1": ALL_OR_NOTHING, "ALL_OR_NOTHING": ALL_OR_NOTHING, "4": PAIRS, "ALL_PREVIOUS_AND_NEXT": PAIRS}
_REMARKS = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_DATA = re.compile(r"data:image/(png|jpe?g|webp|svg\+xml);base64,([A-Za-z0-9+/=\s]+)")


def root_of(content: bytes, path: str) -> etree._Element:
    """The root of an XML file. Raises BadContent for what is none, or declares entities of its own."""
    if any("<!ENTITY".encode(encoding) in content for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise BadContent([Fault(path, 1, "the file declares entities; only plain XML is read.", "xml")])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:  # type: ignore[attr-defined]
            raise MemoryError from None
        said = "from here on the file cannot be read as XML; export it again."
        raise BadContent([Fault(path, error.lineno or 1, said, "xml")]) from None
    except ValueError:
        raise BadContent([Fault(path, 1, "the file cannot be read as XML.", "xml")]) from None


def read(content: bytes, path: str) -> Iterator[tuple[Item, Notes, "Pictures"] | Refusal]:
    """The questions of a file, each with what was said of it on the way, or why it is refused."""
    root = root_of(content, path)
    if root.tag != "quiz":
        said = f"a file of questions begins with <quiz>, not with <{str(root.tag)[:40]}>."
        raise BadContent([Fault(path, 1, said, "xml")])
    category = ""
    for element in root.iterchildren("question"):
        line = element.sourceline if isinstance(element.sourceline, int) else 1
        kind = str(element.get("type", "")).strip()
        if kind == "category":
            category = "".join(map(str, element.itertext()))[:1000].strip()
            continue
        notes, pictures = Notes(), Pictures(element)
        try:
            item = _item(element, kind, line, notes)
        except Unfit as unfit:
            yield Refusal(line, str(unfit))
            continue
        item.category = category
        yield item, notes, pictures


class Pictures(Album):
    """The files of one question, and those of them that its texts show, by their path in ``media/``."""

    def __init__(self, element: etree._Element) -> None:
        super().__init__()
        self._files = {str(one.get("name", "")): one.text or "" for one in element.iter("file")}
        for old in element.iterchildren("image"):
            name, inline = (old.text or "").strip().rpartition("/")[2], element.find("image_base64")
            if name and inline is not None:
                self._files[name] = inline.text or ""

    def __call__(self, address: str) -> str | None:
        name = unquoted(address)
        if data := _DATA.match(address):
            name, encoded = f"picture.{data[1].partition('+')[0]}", data[2]
        elif address.startswith("@@PLUGINFILE@@/") and name in self._files:
            encoded = self._files[name]
        else:
            return None
        content = _decoded(encoded)
        return None if content is None else self.keep(name, content)

    def taken(self, text: str) -> None:
        """Keeps the files that a question of a bank shows, by the names it knows them by."""
        for path in dict.fromkeys(re.findall(r"\]\((media/[^)\s]+)", text)):
            content = _decoded(self._files.get(path.removeprefix("media/"), ""))
            if content and path not in self.shown and self.fit(path, content):
                self.shown[path] = content


def _decoded(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError):
        return None


def _text(element: etree._Element | None) -> str:
    """What stands in the ``<text>`` of an element, or in itself."""
    if element is None:
        return ""
    inner = element.find("text")
    inner = element if inner is None else inner
    said = (inner.text or "") + "".join(etree.tostring(one, encoding="unicode") for one in inner)
    if len(said) > MOST_CHARACTERS:
        raise Unfit(too_long(len(said)))
    return said.strip()


def _words(element: etree._Element | None, otherwise: str = HTML) -> Words:
    if element is None:
        return Words("", otherwise)
    kind = str(element.get("format", "")).strip()
    return Words(_text(element), _FORMATS.get(kind, HTML) if kind else otherwise)


def _number(element: etree._Element | None, otherwise: str) -> Fraction:
    said = _text(element)
    return number(said) if said else Fraction(otherwise)


def _flag(element: etree._Element, name: str, *, otherwise: bool) -> bool:
    said = _text(element.find(name)).lower()
    return otherwise if not said else said in ("1", "true", "yes")


def _item(element: etree._Element, kind: str, line: int, notes: Notes) -> Item:
    if kind == "cloze":
        kind = "multianswer"
    if kind not in _KINDS:
        raise Unfit(f"questions of the type “{kind[:40]}” are not supported.")
    stem = _words(element.find("questiontext"))
    kind = {"matching": "match"}.get(kind, kind)
    item = Item(kind, line, " ".join(_text(element.find("name")).split()), stem)
    if old := _text(element.find("image")) if element.find("image_base64") is not None else "":
        item.stem = Words(f'{stem.text} <img src="@@PLUGINFILE@@/{old.rpartition("/")[2]}">', stem.kind)
    item.reason = _words(element.find("generalfeedback"), stem.kind)
    item.points = _number(element.find("defaultgrade"), "0" if kind == DESCRIPTION else "1")
    item.penalty = _number(element.find("penalty"), "0")
    item.shuffle = _flag(element, "shuffleanswers", otherwise=True)
    item.named = _text(element.find("idnumber"))
    item.kept = _text(element.find("mesotrain"))
    item.tags = [_text(one) for one in element.iterfind("tags/tag")]
    item.remarks = [_words(element.find(name)) for name in _REMARKS]
    if hints := [said for one in element.iterfind("hint") if (said := words(_text(one), HTML))]:
        notes.note(LOST, f"{len(hints)} hint{'s' if hints[1:] else ''} for another try: left out.")
    _KINDS[kind](item, element, notes)
    return item


def _answer(element: etree._Element, item: Item) -> Answer:
    said = _words(element, item.stem.kind)
    share = number(str(element.get("fraction", "0")) or "0") / 100
    off = element.find("tolerance")
    return Answer(said, share, _words(element.find("feedback"), item.stem.kind), _number(off, "0"))


def _choices(item: Item, element: etree._Element, notes: Notes) -> None:
    item.single = _flag(element, "single", otherwise=True)
    item.answers = [_answer(one, item) for one in element.iterfind("answer")]


def _true_false(item: Item, element: etree._Element, notes: Notes) -> None:
    said = {True: Words(), False: Words()}
    right = True
    for place, one in enumerate(element.iterfind("answer")):
        text = _text(one).strip()
        verdict = text == "true" if text in ("true", "false") else place == 0
        full = number(str(one.get("fraction", "0")) or "0") == 100
        right = full if verdict else not full
        said[verdict] = _words(one.find("feedback"), item.stem.kind)
    item.answers = [Answer(Words(str(verdict)), Fraction(right == verdict), said[verdict]) for verdict in (True, False)]


def _short(item: Item, element: etree._Element, notes: Notes) -> None:
    item.exact_case = _flag(element, "usecase", otherwise=False)
    item.answers = [_answer(one, item) for one in element.iterfind("answer")]


def _numerical(item: Item, element: etree._Element, notes: Notes) -> None:
    item.answers = [_answer(one, item) for one in element.iterfind("answer")]
    said = element.iterfind("units/unit")
    units = {_text(one.find("unit_name")): _number(one.find("multiplier"), "1") for one in said}
    item.unit = next((name for name, times in units.items() if times == 1), "")
    if others := [name for name in units if name != item.unit]:
        notes.note(LOST, f"the units {', '.join(others)[:60]} are left out; the answer may have {item.unit or 'none'}.")


def _match(item: Item, element: etree._Element, notes: Notes) -> None:
    for one in element.iterfind("subquestion"):
        item.pairs.append((_words(one, item.stem.kind), Words(_text(one.find("answer")), PLAIN)))


def _ordering(item: Item, element: etree._Element, notes: Notes) -> None:
    item.answers = [_answer(one, item) for one in element.iterfind("answer")]
    said = _text(element.find("gradingtype")) or "0"
    item.rule = _RULES.get(said, f"“{said}”")
    if _text(element.find("selecttype")) not in ("", "0", "ALL"):
        notes.note(LOST, "that only some of the things are shown is left out.")


def _gaps(item: Item, element: etree._Element, notes: Notes) -> None:
    found = with_gaps(item, notes)
    item.stem, item.parts = found.stem, found.parts


def _chosen(item: Item, element: etree._Element, notes: Notes) -> None:
    """Words to be dragged, or chosen from a list, into a text that says ``[[2]]`` for the second of them."""
    boxes = [*element.iterfind("dragbox"), *element.iterfind("selectoption")]
    texts = [(_text(one), _text(one.find("group")) or "1") for one in boxes]
    parts: list[tuple[Fraction, Item]] = []

    def taken(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        if not 0 <= at < len(texts):
            raise Unfit(f"the text names a word {found[1]}, and there are {len(texts)}.")
        part = Item("multichoice", item.line, shuffle=item.shuffle)
        part.answers = [
            Answer(Words(text, HTML), Fraction(place == at))
            for place, (text, group) in enumerate(texts)
            if group == texts[at][1]
        ]
        parts.append((Fraction(1), part))
        return f"[[{len(parts)}]]"

    item.stem = Words(re.sub(r"\[\[([0-9]{1,3})\]\]", taken, item.stem.text), item.stem.kind)
    item.parts, item.kind = parts, "multianswer"


def _essay(item: Item, element: etree._Element, notes: Notes) -> None:
    item.told = _words(element.find("graderinfo"), item.stem.kind)


def _alone(item: Item, element: etree._Element, notes: Notes) -> None:
    """A text and no answers."""


_KINDS = {
    "multichoice": _choices,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numerical,
    "match": _match,
    "matching": _match,
    "ordering": _ordering,
    "multianswer": _gaps,
    "ddwtos": _chosen,
    "gapselect": _chosen,
    Essay.name: _essay,
    DESCRIPTION: _alone,
}
