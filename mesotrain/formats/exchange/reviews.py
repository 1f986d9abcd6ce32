"""A bank as a document for a reviewer who never signs in: each question with its key, and room for a decision."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from typing import cast

from docx import Document
from docx.document import Document as Opened
from docx.enum.text import WD_BREAK
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.text.paragraph import Paragraph
from lxml import etree, html

from mesotrain.core.courses import Question
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TRUE, TrueFalse
from mesotrain.core.signs import UNSEEN
from mesotrain.formats.answers import KINDS
from mesotrain.formats.exchange.notes import CHANGED, LOST, Brought, Exchanged, Sent
from mesotrain.formats.exchange.pasted.documents import COMMENTS, DECISION
from mesotrain.formats.exchange.sheets.columns import cells_of, name_of
from mesotrain.formats.lines import FIGURE
from mesotrain.formats.markup import render
from mesotrain.formats.media import boxes

_CHOICES = "\u2610 Keep    \u2610 Change    \u2610 Take out"
_UNSIGNED = "Until a named clinician has signed it off, this is demonstration content: nobody is to be treated by it."
_DRAWN = (".png", ".jpg")
"""Pictures that a word processor shows without more."""
_BROKEN = (InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError)
_WIDE, _HIGH = Cm(12), Cm(16)
_BLANK = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da63f8"
    "cf000002010100a11e5c750000000049454e44ae426082"
)
"""A PNG of one clear point, for programs that do not draw SVG."""
_SVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
_SVG_NAME, _SVG_KIND = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}", "image/svg+xml"
"""How Office Open XML names a drawing beside its picture."""
_ABOUT = ("type", "points", "competency", "level", "section", "safety", "cites", "practice", "credit")


def write(brought: Brought, name: str) -> Sent:
    """The document; what no reader of one could make a bank of again is said to be for reading alone."""
    document = Document()
    written = [one for one in brought.questions if str(one.question.taker["type"]) in KINDS]
    _titled(document, name, [one.question for one in written])
    for one in brought.questions:
        if one not in written:
            one.notes.note(LOST, "a text that stands alone is left out.")
            continue
        _Page(document, one, brought.media).written()
    content = BytesIO()
    document.save(content)
    return Sent(content.getvalue())


def _titled(document: Opened, name: str, questions: list[Question]) -> None:
    """What stands before the questions: which they are, and what a reviewer is asked to do."""
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en")
    document.styles["Normal"].element.get_or_add_rPr().append(language)
    about = document.core_properties
    about.language, about.title, about.author, about.comments = "en", f"Review of {name}", "Mesotrain", ""
    for date in about._element.xpath("dcterms:created | dcterms:modified"):
        about._element.remove(date)  # they are those of an empty document
    versions = sha256("".join(one.version for one in questions).encode()).hexdigest()[:16]
    document.add_heading(f"Review of {name}", 0)
    document.add_paragraph(f"{len(questions)} questions, version {versions}.")
    keep = "This document holds the keys. Keep it from whoever will be asked these questions."
    document.add_paragraph(keep, "Intense Quote")
    document.add_paragraph(_UNSIGNED)
    document.add_paragraph("Below each question, tick one box and write what should change.")
    document.add_paragraph("A right option is in bold, and says in words that it is right.")
    document.add_paragraph("Reviewer: ______________________    Date: ______________")
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


class _Page:
    """One question on its way into the document."""

    def __init__(self, document: Opened, one: Exchanged, media: Mapping[str, bytes]) -> None:
        self._document, self._one, self._notes, self._media = document, one.question, one.notes, media
        self._kind = str(one.question.taker["type"])

    def written(self) -> None:
        """The question, its key and reasons, and the table in which the reviewer answers."""
        self._document.add_heading(self._one.name, 1)
        if self._kind not in (Single.name, Multiple.name, TrueFalse.name):
            self._notes.note(CHANGED, "it is written for people; taken in again it would be another question.")
        self._text(self._stem())
        if self._kind in (Single.name, Multiple.name):
            self._options()
        elif self._kind == TrueFalse.name:
            self._statements()
        else:
            self._answers()
        if reason := str(self._one.key["reason"]):
            self._text(reason, "Explanation: ")
        self._decision()

    def _stem(self) -> str:
        write_stem = KINDS[self._kind].write_stem
        return write_stem(self._one.taker, self._one.key) if write_stem else str(self._one.taker["stem"])

    def _options(self) -> None:
        credit = {name: Fraction(share) for name, share in self._texts("credit").items()}
        own = self._one.key.get("rule") == "sum"
        right = {name for name, share in credit.items() if (share > 0 if own else share == 1)}
        options = cast(list[dict[str, str]], self._one.taker["options"])
        for place, option in enumerate(options):
            said_so = " (correct)" if option["id"] in right else ""
            self._text(option["text"], f"{name_of(place)}. ", said_so, bold=bool(said_so))
        letters = [name_of(place) for place, option in enumerate(options) if option["id"] in right]
        self._document.add_paragraph(f"Key: {', '.join(letters) or 'none yet'}")
        self._reasons(options)

    def _statements(self) -> None:
        verdicts = self._texts("verdicts")
        statements = cast(list[dict[str, str]], self._one.taker["statements"])
        for place, one in enumerate(statements):
            verdict = "True" if verdicts[one["id"]] == TRUE else "False"
            if len(statements) == 1:
                self._text(one["text"])
                self._document.add_paragraph(f"Key: {verdict}")
            else:
                self._text(one["text"], f"{name_of(place)}. ", f" ({verdict})")
        self._reasons(statements)

    def _texts(self, name: str) -> dict[str, str]:
        return cast(dict[str, str], self._one.key.get(name, {}))

    def _reasons(self, options: list[dict[str, str]]) -> None:
        for place, option in enumerate(options):
            if reason := self._texts("reasons").get(option["id"], ""):
                self._text(reason, f"Reason for {name_of(place)}: ")

    def _answers(self) -> None:
        """The answers of other types, as a bank writes them, without its marks where words do."""
        write_lines = KINDS[self._kind].write
        label = "Answer: " if self._kind in (Numeric.name, Text.name) else ""
        for line in write_lines(self._one.taker, self._one.key) if write_lines else ():
            plain = re.sub(r"^(?:- |= |#+ )", "", line.strip()).replace(" => ", " \u2192 ")
            if plain:
                begins = label if line.startswith("= ") else ""
                self._document.add_paragraph(UNSEEN.sub("", begins + plain))

    def _decision(self) -> None:
        """The table that a reviewer fills in; its first row is its head."""
        cells = cells_of(self._one)
        about = "; ".join(f"{name} {' '.join(cells[name].split())}" for name in _ABOUT if cells.get(name))
        shares = [share for share in re.split(", ", cells.get("key", "")) if share.endswith("%")]
        if shares and self._kind in (Single.name, Multiple.name):
            about += f"; partial credit {', '.join(shares)}"
        table = self._document.add_table(0, 2, "Table Grid")
        for head, text in ((DECISION, _CHOICES), (COMMENTS, "\n\n"), ("About it", about)):
            row = table.add_row()
            row.cells[0].text, row.cells[1].text = head, _seen(text)
            row.cells[0].width, row.cells[1].width = Cm(4.5), _WIDE
        properties = table.rows[0]._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:tblHeader"))
        self._document.add_paragraph()

    # Markdown ---------------------------------------------------------------------------------------------------------

    def _text(self, text: str, before: str = "", after: str = "", *, bold: bool = False) -> None:
        """A text of the bank as paragraphs, the first behind `before`, the last before `after`."""
        drawn: list[str] = []
        rest: list[str] = []
        for line in _seen(text).split("\n"):
            (drawn if FIGURE.fullmatch(line.strip()) else rest).append(line.strip() or line)
        blocks = list(_blocks(html.fromstring(f"<div>{render(chr(10).join(rest))}</div>"))) or [html.fromstring("<p/>")]
        for place, block in enumerate(blocks):
            paragraph = self._document.add_paragraph(style="List Bullet" if block.tag == "li" and not before else None)
            if not place and before:
                paragraph.add_run(before).bold = bold
            self._runs(paragraph, block, bold=bold, italic=False)
            if place == len(blocks) - 1 and after:
                paragraph.add_run(after).bold = bold
        for found in filter(None, map(FIGURE.fullmatch, drawn)):
            self._picture(self._document.add_paragraph(), found["path"], found["alt"])

    def _runs(self, paragraph: Paragraph, element: etree._Element, *, bold: bool, italic: bool) -> None:
        bold, italic = bold or element.tag in ("strong", "b", "th"), italic or element.tag in ("em", "i")
        for text, child in ((element.text, None), *((one.tail, one) for one in element)):
            if child is not None and child.tag not in ("p", "ul", "ol", "table", "blockquote", "li"):
                if child.tag in ("td", "th") and child.getprevious() is not None:
                    paragraph.add_run("\t")
                self._runs(paragraph, child, bold=bold, italic=italic)
            if text and text.strip("\n"):
                run = paragraph.add_run(" ".join(re.split(r"\s*\n\s*", text)))
                run.bold, run.italic = bold or None, italic or None

    def _picture(self, paragraph: Paragraph, path: str, alt: str) -> None:
        """A picture with its description; one that a word processor does not show is described alone."""
        content, box = self._media.get(path), boxes(self._media).get(path)
        try:
            if content is not None and path.endswith(_DRAWN):
                shape = paragraph.add_run().add_picture(BytesIO(content), width=_WIDE)
                shape._inline.docPr.set("descr", alt)
                return
            if content is not None and path.endswith(".svg") and box:
                self._drawing(paragraph, content, Fraction(box[2]) / Fraction(box[3]), alt)
                self._notes.note(CHANGED, f"the picture {path[:60]} is shown by programs that draw SVG.")
            else:
                self._notes.note(LOST, f"the picture {path[:60]} is not shown here; its description stands for it.")
        except (ValueError, LookupError, OSError, ZeroDivisionError, *_BROKEN):
            self._notes.note(LOST, f"the picture {path[:60]} cannot be drawn; its description stands for it.")
        paragraph.add_run(f"[Picture: {alt}]")

    def _drawing(self, paragraph: Paragraph, content: bytes, shape: Fraction, alt: str) -> None:
        """An SVG this many times as wide as high, over a clear picture."""
        wide = min(int(_WIDE), int(_HIGH * shape))
        inline = paragraph.add_run().add_picture(BytesIO(_BLANK), width=wide, height=int(wide / shape))._inline
        inline.docPr.set("descr", alt)
        whole = self._document.part
        part = Part(whole.package.next_partname("/word/media/drawing%d.svg"), _SVG_KIND, content, whole.package)
        (blip,) = inline.xpath(".//a:blip")
        extension = etree.SubElement(etree.SubElement(blip, qn("a:extLst")), qn("a:ext"), uri=_SVG_NAME)
        drawn = etree.SubElement(extension, f"{{{_SVG}}}svgBlip", nsmap={"asvg": _SVG})
        drawn.set(qn("r:embed"), whole.relate_to(part, RELATIONSHIP_TYPE.IMAGE))
        paragraph.add_run().add_break()


def _seen(text: str) -> str:
    """A text as XML can hold it."""
    return "\n".join(UNSEEN.sub("", line) for line in text.split("\n"))


def _blocks(element: etree._Element) -> Iterable[etree._Element]:
    """The paragraphs, items and rows of a text, each a block of its own."""
    for child in element:
        holds = child.tag in ("ul", "ol", "table", "thead", "tbody", "blockquote", "div", "figure")
        if holds or (child.tag == "li" and next(child.iterchildren("p"), None) is not None):
            yield from _blocks(child)
        else:
            yield child
