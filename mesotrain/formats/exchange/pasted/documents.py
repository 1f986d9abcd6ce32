"""Questions in a word-processor file: its paragraphs as the lines that pasted text has, and one reader for both.

A DOCX file is a ZIP file of XML (ECMA-376), so how much it unpacks to is looked at first, and XML that declares a type,
and with that perhaps entities, is not read. What a line is in a text, a paragraph is here.
"""

import re
from collections.abc import Iterator
from io import BytesIO

from docx import Document
from docx.document import Document as Opened
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.part import Part
from docx.oxml import parse_xml
from lxml import etree

from mesotrain.core.errors import BadContent, Fault
from mesotrain.formats.archives import BEGINS, Archive, Most, Unpackable
from mesotrain.formats.exchange.notes import GUESSED, LOST, Brought, Notes
from mesotrain.formats.exchange.pasted.files import of_rows
from mesotrain.formats.exchange.pasted.keywords import ASKED, folded, label
from mesotrain.formats.exchange.pasted.lines import Row
from mesotrain.formats.exchange.pasted.looks import MARKDOWN, Said, said
from mesotrain.formats.exchange.pasted.word_lists import Lists, W, number, value
from mesotrain.formats.exchange.pasted.word_runs import Runs, Words
from mesotrain.formats.exchange.pictures import Album
from mesotrain.formats.tables import OLD

MOST_XML, MOST_TAGS = 6_000_000, 400_000
MOST = Most(members=2000, total=32_000_000, small=MOST_XML)
"""Bytes of the XML of a file, its tags, and its members."""
DECISION, COMMENTS = "Decision of the reviewer", "Comments"
"""How the rows of the table begin in which a reviewer answers; it holds no question."""

_UNREADABLE = {
    "old": "this is a document of the old form, DOC, or one with a password. Save it as DOCX without a password.",
    "other": "this is no DOCX document. Save it as DOCX, or paste its text.",
    "huge": "unpacked, this document is too large. Save pictures smaller, or split it.",
    "broken": "this document is damaged. Save it again, or paste its text.",
    "type": "a part of this document declares a document type, which Word never does. Save it again.",
}
_DAMAGED = (RuntimeError, OSError, EOFError, LookupError, ValueError, AttributeError, TypeError)
_DAMAGED += (etree.LxmlError, SyntaxError, OpcError)  # type: ignore[assignment]
"""What opening a damaged file raises, in the library and below it."""
_TICK = re.compile(r"[xX\u2713\u2714\u2611\u2612\u221a*]|correct|right|key", re.IGNORECASE)
_HEAD = re.compile(r"(?:option |choice |answer )?(?P<letter>[a-j])")


def read(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a DOCX file, and their pictures. Raises BadContent."""
    _looked_at(content, path)
    try:
        document = _Document(Document(BytesIO(content)))
        brought = of_rows(document.rows(), path, prefix)
    except BadContent:
        raise
    except _DAMAGED as error:
        raise _bad(path, "broken") from error
    brought.media = document.album.shown
    for one in brought.questions:
        if one.question.taker.get("stem") and "![picture]" in str(one.question.taker["stem"]):
            one.notes.note(GUESSED, "a picture without a description is called “picture”.")
    return brought


def _bad(path: str, why: str) -> BadContent:
    return BadContent([Fault(path, 1, _UNREADABLE[why], "media")])


def _looked_at(content: bytes, path: str) -> None:
    """Raises BadContent for a file that is no document, or that would unpack to too much."""
    if content.startswith(OLD):
        raise _bad(path, "old")
    if not content.startswith(BEGINS):
        raise _bad(path, "other")
    try:
        package = Archive(content, path, MOST)
        if "word/document.xml" not in package:
            raise _bad(path, "other")
        xml = {name: size for name, size in package.sizes.items() if name.lower().endswith((".xml", ".rels"))}
        if sum(xml.values()) > MOST_XML:
            raise _bad(path, "huge")
        tags = 0
        for name in xml:
            whole = package[name]
            if (tags := tags + whole.count(b"<")) > MOST_TAGS:
                raise _bad(path, "huge")
            begin = whole[:4000]
            if b"<!DOCTYPE" in begin or b"\0" in begin:
                raise _bad(path, "type")
    except Unpackable as error:
        raise _bad(path, {"huge": "huge", "locked": "other"}.get(error.why, "broken")) from error


class _Document:
    """One opened document on its way to lines."""

    def __init__(self, opened: Opened) -> None:
        self.album = Album()
        self._part, self._body = opened.part, opened.element.body
        self._texts = {
            "footnote": self._notes(RELATIONSHIP_TYPE.FOOTNOTES, "footnote"),
            "endnote": self._notes(RELATIONSHIP_TYPE.ENDNOTES, "endnote"),
            "comment": self._notes(RELATIONSHIP_TYPE.COMMENTS, "comment"),
        }
        styles = self._xml(RELATIONSHIP_TYPE.STYLES)
        found = () if styles is None else styles.iterchildren(f"{W}style")
        self._listed = {value(one, "styleId"): one.find(f"{W}pPr/{W}numPr") for one in found}
        self._runs = Runs(styles, self._shown, self._noted, self._linked)
        self._lists = Lists(self._xml(RELATIONSHIP_TYPE.NUMBERING))
        self._place = 0

    def rows(self) -> Iterator[Row]:
        """Its lines, numbered by its paragraphs."""
        yield from self._blocks(self._body)

    def _blocks(self, parent: etree._Element) -> Iterator[Row]:
        for child in parent:
            match etree.QName(child).localname if isinstance(child.tag, str) else "":
                case "p":
                    self._place += 1
                    yield from self._paragraph(child)
                case "tbl":
                    yield from self._table(child)
                case "sdt" | "sdtContent" | "ins" | "customXml":
                    yield from self._blocks(child)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[Row]:
        words = self._runs.read(paragraph)
        before, depth = self._label(paragraph)
        first, *more = words.lines
        if before and first.text.strip() and not first.some() & MARKDOWN:
            first = said(f"{before} ") + first
        yield Row(self._place, first.strip(), 4 * depth, tuple(words.notes.said), whole=True)
        yield from (Row(self._place, line.strip(), 4 * depth) for line in more)

    def _label(self, paragraph: etree._Element) -> tuple[str, int]:
        """What the word processor writes before it, and how deep in its list it stands."""
        listed = paragraph.find(f"{W}pPr/{W}numPr")
        if listed is None:
            listed = self._listed.get(value(paragraph.find(f"{W}pPr/{W}pStyle")))
        if listed is None or not "".join(str(one.text or "") for one in paragraph.iter(f"{W}t")).strip():
            return "", 0
        depth = number(value(listed.find(f"{W}ilvl")))
        return self._lists.label(value(listed.find(f"{W}numId")), depth), depth

    # Tables -----------------------------------------------------------------------------------------------------------

    def _table(self, table: etree._Element) -> Iterator[Row]:
        """A table as lines: of options, of questions, or as it stands."""
        rows = [self._cells(row) for row in table.iterchildren(f"{W}tr")]
        rows = [(place, cells) for place, cells in rows if any(cell.lines[0].text for cell in cells)]
        if not rows:
            return
        first = [cell.lines[0].text.strip() for cell in rows[0][1]]
        if first[0].startswith(DECISION):
            yield from self._decided(rows)
        elif len(rows) > 1 and len(heads := _heads(first)) > 2:
            for place, cells in rows[1:]:
                yield from self._asked(place, cells, heads)
        elif len(first) > 1 and not any(_is_marked(cells) for _, cells in rows):
            yield from self._kept(rows)
        else:
            for place, cells in rows:
                yield from _joined(place, cells)

    def _cells(self, row: etree._Element) -> tuple[int, list[Words]]:
        place, found = self._place + 1, []
        for cell in row.iterchildren(f"{W}tc"):
            whole = Words([])
            for paragraph in cell.iter(f"{W}p"):
                self._place += 1
                words, (before, _) = self._runs.read(paragraph), self._label(paragraph)
                if before and words.lines[0].text.strip():
                    words.lines[0] = said(f"{before} ") + words.lines[0]
                whole.lines += words.lines
                whole.notes.said += words.notes.said
            whole.lines = [line.strip() for line in whole.lines if line.text.strip()] or [said("")]
            found.append(whole)
        return place, found

    def _asked(self, place: int, cells: list[Words], heads: dict[int, str]) -> Iterator[Row]:
        """A row that is a question, under a row that names its columns."""
        told = tuple(one for cell in cells for one in cell.notes.said)
        for at, head in sorted(heads.items(), key=lambda one: (one[1] != "Question:", one[1][1:] == ":", one[0])):
            if at < len(cells) and cells[at].lines[0].text:
                first, *more = cells[at].lines
                yield Row(place, said(f"{head} ") + first, told=told)
                yield from (Row(place, line) for line in more)
                told = ()

    def _kept(self, rows: list[tuple[int, list[Words]]]) -> Iterator[Row]:
        """A table of values, as a bank writes one."""
        width = max(len(cells) for _, cells in rows)
        for at, (place, cells) in enumerate(rows):
            texts = [" ".join(line.markdown() for line in cell.lines).replace("|", "&#124;") for cell in cells]
            texts += [""] * (width - len(texts))
            told = tuple(one for cell in cells for one in cell.notes.said)
            yield Row(place, said(f"| {' | '.join(texts)} |", MARKDOWN), told=told)
            if not at:
                yield Row(place, said("|---" * width + "|", MARKDOWN))
        yield Row(self._place, said(""))

    def _decided(self, rows: list[tuple[int, list[Words]]]) -> Iterator[Row]:
        """What a reviewer wrote, which is told and is no part of a question."""
        answered = [cells[1:] for _, cells in rows if cells[0].lines[0].text.startswith((DECISION, COMMENTS))]
        texts = [" ".join(line.text for line in cell.lines) for cells in answered for cell in cells]
        text = " ".join(one for one in texts if one.strip())
        if "\u2612" in text or re.sub(r"[\u2610\s]|Keep|Change|Take out", "", text):
            yield Row(rows[0][0], said(""), told=((LOST, f"the reviewer said: “{text[:300]}”."),))

    # Parts ------------------------------------------------------------------------------------------------------------

    def _related(self, kind: str) -> Part | None:
        found = (one.target_part for one in self._part.rels.values() if one.reltype == kind and not one.is_external)
        return next(found, None)

    def _xml(self, kind: str) -> etree._Element | None:
        part = self._related(kind)
        return parse_xml(part.blob) if part is not None else None

    def _notes(self, kind: str, name: str) -> dict[str, str]:
        root = self._xml(kind)
        found = () if root is None else root.iterchildren(f"{W}{name}")
        texts = {value(one, "id"): "".join(str(part.text or "") for part in one.iter(f"{W}t")) for one in found}
        return {id_: " ".join(text.split())[:500] for id_, text in texts.items()}

    def _noted(self, kind: str, name: str) -> str:
        return self._texts[kind].get(name, "")

    def _linked(self, name: str) -> str:
        relation = self._part.rels.get(name)
        address = relation.target_ref if relation is not None and relation.is_external else ""
        return address if re.fullmatch(r"(?:https?://|mailto:)[^\s()<>\"]+", address) else ""

    def _shown(self, name: str, notes: Notes) -> str:
        relation = self._part.rels.get(name)
        if relation is None or relation.is_external:
            notes.note(LOST, "a picture is not in the file.")
            return ""
        part = relation.target_part
        path = self.album.keep(str(part.partname).rpartition("/")[2], part.blob)
        if path is None:
            notes.note(LOST, self.album.refused[-1])
        return path or ""


def _heads(cells: list[str]) -> dict[int, str]:
    """What each column of a table of questions holds, as a label; nothing where it is no such table."""
    found: dict[int, str] = {}
    for at, cell in enumerate(cells):
        word = folded(cell)
        if word in ASKED or word in ("stem", "text", "enunciado", "enonce"):
            found[at] = "Question:"
        elif letter := _HEAD.fullmatch(word):
            found[at] = f"{letter['letter'].upper()}."
        elif label(cell):
            found[at] = f"{cell.rstrip(':')}:"
    return found if "Question:" in found.values() and "A." in found.values() else {}


def _is_marked(cells: list[Words]) -> bool:
    """Whether a row begins with a letter, a number, a box or a label, as lines of questions do."""
    text = cells[0].lines[0].text.strip()
    return bool(re.match(r"[(\[]?(?:[A-Ha-h]|[0-9]{1,3})[)\].:]?(?:\s|$)|[\u2610-\u2612]", text)) or bool(
        text and (label(text) or folded(text).split(" ")[0] in ASKED)
    )


def _joined(place: int, cells: list[Words]) -> Iterator[Row]:
    """A row as a line: a letter with what stands beside it, and a mark behind both."""
    told = tuple(one for cell in cells for one in cell.notes.said)
    filled = [cell.lines for cell in cells if cell.lines[0].text]
    first = filled[0][0]
    if len(filled) > 1 and re.fullmatch(r"[(\[]?(?:[A-Ha-h]|[0-9]{1,3})", first.text):
        first = said(f"{first.text}.")
    elif len(filled) > 1 and (label(first.text) or folded(first.text) in ASKED):
        first = said(f"{first.text.rstrip(':')}:")
    tick = len(filled) > 1 and _TICK.fullmatch(filled[-1][0].text.strip())
    texts = filled[1 : -1 if tick else None]
    line = first + Said("", b"")
    for one in texts:
        line = line + said(" ") + one[0]
    yield Row(place, line + said(" \u2713" if tick else ""), told=told)
    for one in texts if texts else filled[:1]:
        yield from (Row(place, more) for more in one[1:])
