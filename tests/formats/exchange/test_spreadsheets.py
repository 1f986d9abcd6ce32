"""Banks as spreadsheets: written by hand, with every fault named by its column, and safe on the way out."""

import csv
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from mesotrain.formats import sheets
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.notes import Brought, Exchanged
from mesotrain.formats.exchange.sheets.columns import HEADS, column_of
from mesotrain.formats.lines import Report
from tests.formats.exchange.test_hostile import HUGE, soon
from tests.formats.exchange.test_pasted import answers, right

GUIDE = (Path(__file__).parents[3] / "courses" / "README.md").read_text("utf-8")


def table(*rows: tuple[str, ...]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def brought(content: bytes, name: str = "csv") -> Brought:
    reader = FORMATS[name].read
    assert reader
    return reader(content, f"x.{name}", "abc")


BY_HAND = {
    (("Question", "A", "B", "C", "Answer"), ("Where?", "skin", "fat", "muscle", "C")): ("single", {"muscle"}),
    (("Stem", "Option 1", "Option 2", "Correct answer"), ("Where?", "skin", "fat", "2")): ("single", {"fat"}),
    (("Question Text", "Option A", "Option B", "Correct"), ("Where?", "skin", "fat", "fat")): ("single", {"fat"}),
    (("question", "opa", "opb", "cop", "exp"), ("Where?", "skin", "fat", "b", "so")): ("single", {"fat"}),
    (("Frage", "a", "b", "Richtige Antwort"), ("Wo?", "Haut", "Fett", "b")): ("single", {"Fett"}),
    (("Question", "Correct answer", "Wrong 1", "Wrong 2"), ("Where?", "fat", "skin", "bone")): ("single", {"fat"}),
    (("type", "stem", "option a", "option b", "key"), ("MCQ", "Where?", "a", "b", "A 100%, b 50%")): (
        "single",
        {"a", "b"},
    ),
    (("type", "stem", "a", "b", "c", "key"), ("MR", "Where?", "a", "b", "c", "A; C")): ("multiple", {"a", "c"}),
}


@pytest.mark.parametrize("rows", BY_HAND)
def test_a_sheet_that_somebody_wrote_is_read(rows: tuple[tuple[str, ...], ...]) -> None:
    made = brought(table(*rows))
    assert made.refused == []
    (one,) = made.questions
    assert (one.question.taker["type"], right(one)) == BY_HAND[rows]
    assert one.question.line == 2


TYPES = {
    ("true-false", "Judge.", "One", "Two", "T, F"): ("- [T] One", "- [F] Two"),
    ("ordering", "Order.", "One", "Two", "2 1"): ("- (1) Two", "- (2) One"),
    ("matching", "Match.", "One => 1", "Two => 2", ""): ("- One => 1", "- Two => 2"),
    ("essay", "Write.", "Says why", "Says how", "2 1"): ("### rubric", "", "- (2) Says why", "- (1) Says how"),
    ("numeric", "How much?", "", "", "0.5 mL\n0.5 +0.1 -0.1 mL (50%)"): ("= 0.5 mL", "= 0.5 +0.1 -0.1 mL (50%)"),
    ("text", "Which?", "", "", "adrenaline | epinephrine"): ("= adrenaline | epinephrine",),
    ("", "Bone is hard.", "", "", "True"): ("- [T] Bone is hard.",),
    ("", "How much?", "", "", "2 mL"): ("= 2 mL",),
    ("", "Write.", "", "", ""): ("### rubric", "", "- (5) The whole answer"),
}


@pytest.mark.parametrize("row", TYPES)
def test_each_type_has_its_cells(row: tuple[str, ...]) -> None:
    made = brought(table(("type", "stem", "option A", "option B", "key"), row))
    assert made.refused == []
    (one,) = made.questions
    assert sorted(answers(one).split("\n")) == sorted(TYPES[row])
    assert (one.notes.status == "guessed") == (row[0] == "" and row[4] != "True")


def test_every_fault_of_every_row_is_told_with_its_column() -> None:
    head = ("id", "type", "stem", "option A", "option B", "key", "level", "points", "bank")
    rows = [
        ("abc-0001", "essai", "Q", "a", "b", "A", "", "", ""),
        ("abc-0002", "single", "Q", "a", "b", "C", "", "", ""),
        ("abc-0003", "single", "Q", "a", "b", "A", "high", "", ""),
        ("abc-0004", "single", "Q", "a", "b", "A", "", "none", ""),
        ("abc-0005", "true-false", "Q", "a", "b", "T", "", "", ""),
        ("abc-0006", "numeric", "Q", "", "", "0,5 mL", "", "", ""),
        ("abc-0007", "single", "=1+1", "a", "#REF!", "A", "", "", ""),
        ("abc-0008", "cloze", "A [[1]]", "", "", "", "", "", ""),
        ("abc-0009", "", "", "", "", "", "", "", "nothing"),
        ("", "", "", "", "", "", "", "", ""),
        ("abc-0011", "single", "Q", "a", "b", "A", "", "", ""),
    ]
    made = brought(table(head, *rows))
    told = [(one.line, one.sentence.split(":")[0]) for one in made.refused]
    assert told == [
        (2, "column type"),
        (3, "column key"),
        (4, "column level"),
        (5, "column points"),
        (6, "column key"),
        (7, "column key"),
        (8, "column stem"),
        (8, "column option B"),
        (9, "column bank"),
        (10, "column bank"),
    ]
    assert [one.question.name for one in made.questions] == ["abc-0011"]


def test_marks_that_mean_something_are_kept_or_made_plain() -> None:
    head = ("stem", "A", "B", "key", "colour")
    rows = [("**Where?**\n\n- one\n- two", "skin", "fat", "B", ""), ("Where?\n- (x) here", "skin", "fat", "B", "red")]
    first, second = brought(table(head, *rows)).questions
    assert first.question.taker["stem"] == "**Where?**\n\n- one\n- two"
    assert first.notes.sentences == []
    assert second.question.taker["stem"] != rows[1][0]
    assert second.notes.sentences == [
        "lost: “colour: red” has no place here.",
        "changed: marks in it that would mean something else in a bank are shown as they are written.",
    ]
    found = convert(table(head, *rows), "x.csv", "csv", "bank")
    assert "to be mended" not in str(found.report())


BANK = """---
bank: b
title: B
language: en
competency: EMG
---

## emg-0001
level: judge

@home, =5+5 or "-1"?

- (x) =1+1
- (50%) '=quoted {#hop}
  Why: +1
- ( ) @SUM(1)

## emg-0002

A [[= 5 mL]] gap.
"""


def questions() -> list[Exchanged]:
    return [Exchanged(one) for one in read_bank(BANK, Report("b")).questions]


def written(name: str) -> bytes:
    writer = FORMATS[name].write
    assert writer
    return writer(Brought(questions()), "b").content


def test_no_cell_is_a_formula_and_the_apostrophe_comes_off() -> None:
    cells = [cell for row in csv.reader(StringIO(written("csv").decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if cell.startswith(sheets.BEGINS_A_FORMULA)] == []
    for row in load_workbook(BytesIO(written("xlsx"))).active.iter_rows():  # type: ignore[union-attr]
        assert {cell.data_type for cell in row} <= {"s", "n"}
        assert [cell.value for cell in row if cell.data_type == "n" and cell.value is not None] == []
    for name in ("csv", "xlsx"):
        back = brought(written(name), name).questions
        assert [one.question.taker for one in back] == [one.question.taker for one in questions()]
        assert [one.question.version for one in back] == [one.question.version for one in questions()]


def test_an_edited_row_is_read_as_it_was_edited() -> None:
    edited = written("csv").replace(b"A [[1]] gap.", b"Another")
    assert edited != written("csv")
    made = brought(edited)
    assert [one.question.name for one in made.questions] == ["emg-0001"]
    assert made.refused[0].sentence.startswith("column bank: a question of the type cloze is written in this column")
    book = load_workbook(BytesIO(written("xlsx")))
    sheet = book.active
    assert sheet
    head = [cell.value for cell in sheet[1]]
    sheet.cell(2, head.index("option C") + 1).value = "Other"
    content = BytesIO()
    book.save(content)
    (first, *_) = brought(content.getvalue(), "xlsx").questions
    assert "Other" in str(first.question.taker)


def test_the_guide_names_every_column() -> None:
    for name in (*HEADS, "option A", "feedback A"):
        assert f"`{name}`" in GUIDE, name
        assert column_of(name) == name


# Hostile -------------------------------------------------------------------------------------------------------------


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, content = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(content)
    return content.getvalue()


HOSTILE = {
    "a million columns": b"stem,key\n" + b"," * 1_000_000,
    "a million heads": b"stem," * 1_000_000,
    "a long line": b"stem\n" + b"a" * HUGE,
    "long cells": b"stem\n" + (b'"' + b"a" * 100_000 + b'"\n') * 90,
    "lines": b"\n" * HUGE,
    "rows": b"stem,a,b,key\n" + b"Q,x,y,A\n" * 50_000,
    "quotes": b'stem\n"' + b'""' * 1_000_000,
    "letters": b"stem,a,b,key\nQ,x,y," + b"A " * 60_000,
    "nothing": b"\0" * 1000,
    "bidi": "stem,a,b,key\nQ\u202e,x\u2066,y,A\n".encode(),
    "surrogates": "stem,a,b,key\nQ\ud800,x,y,A\n".encode("utf-8", "surrogatepass"),
    "latin": "stem,a,b,key\nQ\u00e9,x,y,A\n".encode("cp1252"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_far_too_much_ends_soon(kind: str) -> None:
    soon(HOSTILE[kind], "csv")


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_a_sheet_cut_anywhere_is_read_or_refused(name: str) -> None:
    whole = written(name)
    for at in range(0, len(whole) + 1, 1 if name == "csv" else 7):
        soon(whole[:at], name)


def test_cells_of_all_kinds_end_in_sentences() -> None:
    soon(workbook(("stem", "A", "B", "key"), (1, 2.5, True, "A"), ("=1+1", None, "b", "#REF!")), "xlsx")


PIECES = st.sampled_from([
    "stem", "key", "option A", "B", "type", "bank", "single", "text", "A", "=1", "-", "T", "\n", "'", "5 mL", "essay",
    "## abc-0001\n\nQ\n\n- (x) a\n- ( ) b", "A 50%", "<!-- 0123456789abcdef -->", "\u202e", "0", "matching", "a => b",
])  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.lists(PIECES, max_size=6), max_size=5), st.sampled_from(["bank", "gift", "xlsx"]))
def test_any_cells_end_in_questions_or_sentences(rows: list[list[str]], target: str) -> None:
    soon(table(*map(tuple, rows)), "csv", target)
