"""The document for a reviewer: everything is in it, readable by anybody, and its choices come back as they were."""

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Opened
from docx.oxml.ns import qn

from mesotrain.core.courses import Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, convert, format_of
from mesotrain.formats.exchange.notes import Brought, Exchanged
from mesotrain.formats.exchange.pasted.documents import DECISION
from mesotrain.formats.lines import Report
from mesotrain.web.examples import BANK, PICTURES
from tests.formats.exchange.test_documents import PNG, saved

CHOICES = """---
bank: b
title: B
language: en
competency: EMG
---

## emg-0001
cites: I01, J02
points: 2

> "I can't *breathe*," she says.

What do you do **first**?

- (x) Give adrenaline
  Why: it is first.
- ( ) Wait, [as here](https://a.org)
- (50%) Call for help

Why: if in doubt, treat.

Then call.

## emg-0002

Which may be shared?

- [x] A sharps container
- [x] A room
- [ ] A needle \\*

## emg-0003

Judge each.

- [T] Adrenaline is given
- [F] Waiting helps
"""


def written(questions: list[Question], media: dict[str, bytes] | None = None) -> tuple[bytes, list[Exchanged]]:
    writer = FORMATS["review-docx"].write
    assert writer
    out = [Exchanged(one) for one in questions]
    return writer(Brought(out, media=media or {}), "first-minutes").content, out


def read(text: str, pictures: dict[str, list[str]] | None = None) -> list[Question]:
    bank = read_bank(text, report := Report("b"), pictures)
    assert report.faults == []
    return list(bank.questions)


def again(content: bytes) -> Brought:
    reader = FORMATS["docx"].read
    assert reader
    return reader(content, "x.docx", "abc")


def test_choices_come_back_with_stem_options_and_key() -> None:
    questions = read(CHOICES)
    content, _ = written(questions)
    made = again(content)
    assert made.refused == []
    assert [one.question.name for one in made.questions] == [one.name for one in questions]
    for one, before in zip([one.question for one in made.questions], questions, strict=True):
        assert one.taker["type"] == before.taker["type"]
        assert shown(one) == shown(before)
    first, second = made.questions[0].question, made.questions[1].question
    assert first.taker["stem"] == '"I can\'t *breathe*," she says.\n\nWhat do you do **first**?'
    assert first.key["reason"] == "if in doubt, treat.\n\nThen call."
    assert list(first.key["reasons"].values()) == ["it is first."]  # type: ignore[union-attr]
    assert second.taker["stem"] == questions[1].taker["stem"]
    assert [one.notes.status for one in made.questions] == ["lost", "guessed", "guessed"]


def shown(one: Question) -> dict[str, Any]:
    """Each option or statement with what the key says of it in full."""
    members: Any = one.taker.get("options") or one.taker["statements"]
    key: Any = one.key.get("verdicts") or {name: share for name, share in one.key["credit"].items() if share == "1"}  # type: ignore
    return {re.sub(r"\[(.*)\]\(.*\)", r"\1", part["text"]): key.get(part["id"]) for part in members}


def test_everything_of_every_type_is_in_it() -> None:
    questions = read(BANK, PICTURES)
    content, out = written(questions)
    document = Document(BytesIO(content))
    text = "\n".join(one.text for one in document.paragraphs)
    assert f"Review of first-minutes\n{len(questions)} questions, version " in text
    assert "holds the keys" in text
    for one in questions:
        assert f"\n{one.name}\n" in text
    tables = [
        [cell.text for cell in table.columns[1].cells] for table in document.tables if DECISION in table.cell(0, 0).text
    ]
    assert len(tables) == len(questions)
    assert all("\u2610 Keep" in cells[0] and "competency EMG" in cells[2] for cells in tables)
    assert "partial credit" in str(tables)
    assert {one.notes.status for one in out} <= {"kept", "changed", "lost"}


def test_it_can_be_read_by_those_who_do_not_see_it() -> None:
    bank = CHOICES.replace("Which may be shared?", "![A room, empty](media/room.png)\n\nWhich may be shared?")
    document = Document(BytesIO(written(read(bank), {"media/room.png": PNG})[0]))
    body = document.element.body
    assert [one.get("descr") for one in body.iter(qn("wp:docPr"))] == ["A room, empty"]
    assert {one.style.name for one in document.paragraphs if one.text.startswith("emg-")} == {"Heading 1"}  # type: ignore[union-attr]
    assert document.styles["Normal"].element.find(f"{qn('w:rPr')}/{qn('w:lang')}").get(qn("w:val")) == "en"
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in document.tables)
    options = [one for one in document.paragraphs if one.text.endswith("(correct)")]
    assert len(options) == 3
    assert all(run.bold for one in options for run in one.runs)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="9" height="9"/></svg>'


def test_a_drawing_is_in_it_and_comes_back() -> None:
    bank = CHOICES.replace("Which may be shared?", "![A room, empty](media/room.svg)\n\nWhich may be shared?")
    content, out = written(read(bank), {"media/room.svg": SVG})
    (shape,) = Document(BytesIO(content)).inline_shapes
    assert shape.width == 2 * shape.height
    assert shape._inline.docPr.get("descr") == "A room, empty"
    with ZipFile(BytesIO(content)) as parts:
        assert [parts.read(name) for name in parts.namelist() if name.endswith(".svg")] == [SVG]
    assert [one.notes.status for one in out] == ["kept", "changed", "kept"]
    assert [*again(content).media.values()] == [SVG]
    broken, out = written(read(bank), {"media/room.svg": SVG.replace(b"viewBox", b"view")})
    assert not Document(BytesIO(broken)).inline_shapes
    assert [one.notes.status for one in out] == ["kept", "lost", "kept"]


def test_it_says_that_nobody_signed_it_and_no_date_but_the_reviewers() -> None:
    document = Document(BytesIO(written(read(CHOICES))[0]))
    assert any("demonstration content" in one.text for one in document.paragraphs)
    assert (document.core_properties.created, document.core_properties.author) == (None, "Mesotrain")


@pytest.mark.parametrize("answer", ["tick", "comment"])
def test_what_a_reviewer_said_is_told(answer: str) -> None:
    document: Opened = Document(BytesIO(written(read(CHOICES))[0]))
    cells = document.tables[1].columns[1].cells
    if answer == "tick":
        cells[0].text = cells[0].text.replace("\u2610 Change", "\u2612 Change")
    else:
        cells[1].text = "Say which room."
    made = again(saved(document))
    told = [" ".join(one.notes.sentences) for one in made.questions]
    assert ["the reviewer said" in one for one in told] == [False, True, False]
    assert ("\u2612 Change" if answer == "tick" else "Say which room.") in told[1]


def test_a_document_is_named_by_its_ending() -> None:
    assert (format_of("a.docx"), format_of("a.docx", "", b"PK")) == ("review-docx", "docx")
    made = convert(CHOICES.encode(), "b.md", "bank", "review-docx")
    assert made.sent
    assert made.status == 0
