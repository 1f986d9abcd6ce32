"""Word-processor files: what their author sees is what is read, and what is not is said."""

from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.document import Document as Opened
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import RGBColor
from docx.text.paragraph import Paragraph

from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.notes import Brought
from tests.formats.exchange.test_hostile import soon
from tests.formats.exchange.test_pasted import right

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def saved(document: Opened) -> bytes:
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def brought(document: Opened) -> Brought:
    reader = FORMATS["docx"].read
    assert reader
    return reader(saved(document), "x.docx", "abc")


def lists(document: Opened, *levels: tuple[str, str]) -> int:
    """The number of a new list whose levels have these forms and texts."""
    root = document.part.numbering_part.element
    name = 900 + len(root)
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{name}">{inner}</w:abstractNum>'))
    given = f'<w:num {nsdecls("w")} w:numId="{name}"><w:abstractNumId w:val="{name}"/></w:num>'
    root.append(parse_xml(given))
    return name


def item(document: Opened, text: str, name: int, depth: int = 0) -> Paragraph:
    """A paragraph that the word processor numbers."""
    paragraph = document.add_paragraph()
    paragraph.add_run(text)
    listed = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    listed.get_or_add_ilvl().val = depth
    listed.get_or_add_numId().val = name
    return paragraph


LOOKS: dict[str, Callable[[Paragraph], object]] = {
    "bold": lambda one: setattr(one.runs[0], "bold", True),
    "underlined": lambda one: setattr(one.runs[0], "underline", True),
    "coloured": lambda one: setattr(one.runs[0].font.color, "rgb", RGBColor(255, 0, 0)),
    "highlighted": lambda one: setattr(one.runs[0].font, "highlight_color", WD_COLOR_INDEX.YELLOW),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("levels", [("decimal", "%1."), ("lowerLetter", "%2)")], ids=["numbered", "lettered"])
def test_automatic_numbers_and_letters_are_read_and_the_key_by_its_look(look: str, levels: tuple[str, str]) -> None:
    document = Document()
    name = lists(document, ("decimal", "%1."), ("upperLetter", "%2.") if levels[0] == "decimal" else levels)
    for question in ("Where is it?", "Which is deepest?"):
        item(document, question, name)
        for text in ("skin", "fat", "muscle"):
            one = item(document, text, name, 1)
            if text == "muscle":
                LOOKS[look](one)
    found = brought(document).questions
    assert [one.question.taker["stem"] for one in found] == ["Where is it?", "Which is deepest?"]
    assert [right(one) for one in found] == [{"muscle"}] * 2
    assert [one.question.line for one in found] == [1, 5]
    assert found[0].notes.sentences == [f"guessed: option C alone is {look}, and is taken as right."]


def test_a_look_that_tells_none_apart_is_no_key() -> None:
    for bold in (("skin", "fat"), ("skin", "fat", "muscle")):
        document = Document()
        document.add_paragraph("1. Where?").runs[0].bold = True
        for letter, text in zip("ABC", ("skin", "fat", "muscle"), strict=True):
            document.add_paragraph(f"{letter}. ").add_run(text).bold = text in bold
        (found,) = brought(document).questions
        assert right(found) == set()
        assert found.question.taker["stem"] == "Where?"
        assert "no key was found" in " ".join(found.notes.sentences)


def test_two_options_each_with_a_look_of_its_own_are_no_key() -> None:
    document = Document()
    document.add_paragraph("1. Where?")
    for text, look in (("A. skin", "bold"), ("B. fat", "highlighted"), ("C. muscle", "")):
        one = document.add_paragraph(text)
        LOOKS.get(look, lambda one: one)(one)
    (found,) = brought(document).questions
    assert right(found) == set()
    assert "each in its own way; none of them counts" in " ".join(found.notes.sentences)


def table(document: Opened, *rows: tuple[str, ...]) -> None:
    made = document.add_table(0, len(rows[0]))
    for row in rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text


def test_tables_hold_questions_options_or_values() -> None:
    document = Document()
    table(document, ("Question", "A", "B", "Answer"), ("Where?", "skin", "fat", "B"), ("Who?", "I", "you", "A"))
    assert [right(one) for one in brought(document).questions] == [{"fat"}, {"I"}]
    document = Document()
    document.add_paragraph("1. Where?")
    table(document, ("A", "skin", ""), ("B", "fat", "\u2713"), ("Answer", "B", ""))
    document.add_paragraph("2. What is high?")
    table(document, ("Blood", "Value"), ("Sodium", "150"))
    document.add_paragraph("A. sodium")
    document.add_paragraph("B. blood")
    document.add_paragraph("Answer: A")
    first, second = brought(document).questions
    assert (right(first), first.notes.sentences) == ({"fat"}, [])
    stem = "What is high?\n\n| Blood | Value |\n|---|---|\n| Sodium | 150 |"
    assert (second.question.taker["stem"], right(second)) == (stem, {"sodium"})


def test_what_is_no_text_comes_along_or_is_said() -> None:
    document = Document()
    stem = document.add_paragraph("1. What is ")
    stem.add_run("H")
    stem.add_run("2").font.subscript = True
    stem.add_run("O at 10")
    stem.add_run("-3").font.superscript = True
    stem.add_run(" and ")
    stem.add_run("this").italic = True
    stem.add_run("?").add_break()
    stem.add_run().add_picture(BytesIO(PNG))
    stem._p.iter(qn("wp:docPr")).__next__().set("descr", "A drop of it")
    stem._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>new</w:t></w:r></w:ins>"))
    stem._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>old</w:delText></w:r></w:del>"))
    stem._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
    document.add_comment(stem.runs[0], "Is this so?")
    for text in ("A. water", "B. ice", "Answer: A"):
        document.add_paragraph(text)
    made = convert(saved(document), "x.docx", "docx", "bank")
    (found,) = made.questions
    assert made.sent
    (picture,) = made.sent.media
    assert made.sent.media[picture] == PNG
    stem_said = f"What is H\u2082O at 10\u207b\u00b3 and *this*?\n\n![A drop of it]({picture})\n\nnew"
    assert found.question.taker["stem"] == stem_said
    assert found.notes.sentences == [
        "lost: a comment, “Is this so?”, is left out.",
        "changed: text that was marked as inserted is taken.",
        "changed: text that was marked as deleted is left out.",
        "lost: a footnote, “”, is left out.",
    ]
    assert "old" not in made.sent.content.decode()


# Hostile -------------------------------------------------------------------------------------------------------------


def sample() -> bytes:
    document = Document()
    name = lists(document, ("decimal", "%1."), ("lowerLetter", "(%2)"))
    item(document, "Where?", name)
    for text in ("skin", "fat"):
        item(document, text, name, 1)
    table(document, ("Answer", "B"), ("Points", "2"))
    return saved(document)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The file with one of its members replaced."""
    made = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, part if one == name else old.read(one))
        if name not in old.namelist():
            new.writestr(name, part)
    return made.getvalue()


MAIN = "word/document.xml"
HEAD = f"<w:document {nsdecls('w')}><w:body>".encode()
TAIL = b"</w:body></w:document>"
STYLE = b'<w:style w:styleId="a"><w:basedOn w:val="a"/></w:style>'
RUN = b"<w:p><w:r><w:t>1. "
PARTS = {
    "entities": (MAIN, b'<!DOCTYPE d [<!ENTITY a "aa">]>' + HEAD + RUN + b"&a;</w:t></w:r></w:p>" + TAIL),
    "utf-16": (MAIN, '<?xml version="1.0" encoding="utf-16"?><d/>'.encode("utf-16")),
    "depth": (MAIN, HEAD + b"<w:sdt>" * 100_000),
    "nothing": (MAIN, b""),
    "a bomb": ("word/media/x.png", b"\0" * 400_000_000),
    "a long text": (MAIN, HEAD + RUN + b"a" * 5_000_000 + b"</w:t></w:r></w:p>" + TAIL),
    "many paragraphs": (MAIN, HEAD + (RUN + b"a</w:t></w:r></w:p>") * 150_000 + TAIL),
    "many cells": (MAIN, HEAD + b"<w:tbl><w:tr>" + b"<w:tc><w:p/></w:tc>" * 300_000 + b"</w:tr></w:tbl>" + TAIL),
    "empty paragraphs": (MAIN, HEAD + b"<w:p/>" * 900_000 + TAIL),
    "many empty paragraphs": (MAIN, HEAD + b"<w:p/>" * 700_000 + TAIL),
    "many styles": ("word/styles.xml", f"<w:styles {nsdecls('w')}>".encode() + STYLE * 80_000 + b"</w:styles>"),
    "no numbering": ("word/numbering.xml", b"<a/>"),
}


SAID = {
    **dict.fromkeys(("entities", "utf-16"), "declares a document type"),
    **dict.fromkeys(
        ("a bomb", "many cells", "many paragraphs", "empty paragraphs", "many empty paragraphs"), "too large"
    ),
    **dict.fromkeys(("depth", "nothing"), "damaged"),
    "a long text": "at most 100,000 characters",
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_that_is_too_much_or_none_ends_soon(kind: str) -> None:
    content = with_part(sample(), *PARTS[kind])
    soon(content, "docx")
    if kind in SAID:
        (refused,) = convert(content, "x.docx", "docx", "bank").refused
        assert SAID[kind] in refused.sentence


def test_a_document_cut_anywhere_is_read_or_refused() -> None:
    whole = sample()
    for at in [*range(0, len(whole), 97), *range(len(whole) - 60, len(whole) + 1)]:
        soon(whole[:at], "docx")
    with ZipFile(BytesIO(whole)) as package:
        main = package.read(MAIN)
    for at in range(0, len(main), 61):
        soon(with_part(whole, MAIN, main[:at]), "docx")


def test_what_is_no_document_says_what_to_do() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    for content in (b"PK\x03\x04", b"", old, b"text", with_part(sample(), MAIN, b"x")):
        found = convert(content, "x.docx", "docx", "bank")
        assert found.status == 1
        assert "ave it" in found.refused[0].sentence
