"""Tables that people send, whole and broken, as CSV and as XLSX that several programs write."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chartsheet import Chartsheet

from mesotrain.formats import sheets, tables
from mesotrain.formats.tables import LIST, MOST_LINES, MOST_UNPACKED, UNREADABLE, Line

ROWS = [["Name", "Clinic"], ["Zoë", "Quay"], ["Ann, with a comma", "Mill; the other"]]
LINES = [Line(number, row) for number, row in enumerate(ROWS, 1)]


def lines(content: bytes) -> list[Line]:
    table = tables.read(content)
    assert not table.wrong, table.wrong
    return [Line(number, tables._cut(cells)) for number, cells in table.lines]


def book(*rows: list[object]) -> Workbook:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    return made


def saved(made: Workbook) -> bytes:
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def changed(content: bytes, member: str, old: str, new: str, *, more: dict[str, bytes] | None = None) -> bytes:
    """The same ZIP file with a part changed, and more parts."""
    made = BytesIO()
    with ZipFile(BytesIO(content)) as given, ZipFile(made, "w", ZIP_DEFLATED) as package:
        for name in given.namelist():
            part = given.read(name)
            if name == member:
                assert old.encode() in part, name
                part = part.replace(old.encode(), new.encode(), 1)
            package.writestr(name, part)
        for name, part in (more or {}).items():
            package.writestr(name, part)
    return made.getvalue()


XLSX = saved(book(*ROWS))
SHEET, BOOK, RELATED = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize("sign", ",;\t")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_is_read_whatever_parts_and_ends_and_encodes_it(sign: str, encoding: str, end: str) -> None:
    text = end.join(sign.join(f'"{cell}"' for cell in row) for row in ROWS)
    assert lines(text.encode(encoding)) == LINES


def test_a_line_keeps_the_number_it_has_where_it_was_written() -> None:
    text = 'Name;Clinic\n\n"Ann\nof two lines";Quay\n;\nBob;Mill\n'
    assert lines(text.encode()) == [
        Line(1, ["Name", "Clinic"]),
        Line(3, ["Ann of two lines", "Quay"]),
        Line(6, ["Bob", "Mill"]),
    ]
    assert lines(b"sep=;\nName;Clinic\n") == [Line(2, ["Name", "Clinic"])]


def test_cells_are_tidied() -> None:
    assert lines("Name,Clinic\n Ann\u00a0 Lee ,Zoe\u0308\n".encode())[1] == Line(2, ["Ann Lee", "Zoë"])


@pytest.mark.parametrize("content", [XLSX, sheets.xlsx(ROWS)], ids=["openpyxl", "xlsxwriter"])
def test_xlsx_is_read(content: bytes) -> None:
    assert lines(content) == LINES


def test_xlsx_is_read_as_other_programs_write_it() -> None:
    cells = (
        '<row><c t="inlineStr"><is><r><t>Na</t></r><r><t>me</t></r><rPh><t>x</t></rPh></is></c><c><v>7</v></c></row>'
    )
    cells += '<row r="4"><c r="B4" t="b"><v>1</v></c><c r="ZZ4"><v>9</v></c></row>'
    inline = changed(sheets.xlsx([]), SHEET, "<sheetData/>", f"<sheetData>{cells}</sheetData>")
    assert lines(inline) == [Line(1, ["Name", "7"]), Line(4, ["", "1"])]
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    transitional = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    assert lines(changed(XLSX, SHEET, transitional, strict)) == LINES
    assert lines(changed(XLSX, RELATED, "/xl/worksheets/", "worksheets/")) == LINES


def test_rows_that_all_say_they_are_the_first_are_counted() -> None:
    row = '<row r="1"><c t="inlineStr"><is><t>Name</t></is></c></row>'
    many = changed(sheets.xlsx([]), SHEET, "<sheetData/>", f"<sheetData>{row * 40_000}</sheetData>")
    table = tables.read(many)
    assert [one.number for one in table.lines] == list(range(1, MOST_LINES + 1))
    assert [(one.line, one.sentence) for one in table.wrong] == [(MOST_LINES + 1, UNREADABLE["lines"])]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    made = book(*ROWS)
    made._sheets.insert(0, Chartsheet(parent=made, title="A chart"))
    hidden = made.create_sheet("Hidden", 0)
    hidden.sheet_state = "hidden"
    hidden.append(["not this"])
    made.active = 2
    assert lines(saved(made)) == LINES


def test_a_formula_begins_with_its_sign_and_a_text_never() -> None:
    made = book(["Name"], ["=1+1"], ["x"], ["-x"])
    made.active["A3"].value, made.active["A3"].data_type = "=1+1", "s"
    assert [cells for _, cells in lines(saved(made))][1:] == [["=1+1"], ["'=1+1"], ["'-x"]]


def test_signs_that_xlsx_escapes_are_read() -> None:
    made = book(["Ann_x000D_"], ["_x0000_"], ["_xD800_"])
    table = tables.read(saved(made))
    assert tables._cut(table.lines[0].cells) == ["Ann"]
    assert [one.line for one in table.wrong] == [2, 3]
    assert {one.sentence for one in table.wrong} == {UNREADABLE["lost"]}
    table.text.encode()


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd"), max_size=5), min_size=1))
)
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    tidied = [[tables.tidy(cell) for cell in row] for row in rows]
    found = tables.of_text(tables.written([["a", "b"], *tidied]))
    assert not found.wrong
    assert [cells for _, cells in found.lines][1:] == [row for row in tidied if any(row)]


@given(st.binary(max_size=200))
def test_nothing_that_is_sent_breaks_it(content: bytes) -> None:
    tables.read(content)
    tables.read(b"PK\x03\x04" + content)


def test_no_broken_workbook_breaks_it() -> None:
    for at in range(0, len(XLSX), 37):
        tables.read(XLSX[:at] + bytes([XLSX[at] ^ 0x55]) + XLSX[at + 1 :])
        tables.read(XLSX[:at])


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
LOCKED = bytearray(XLSX)
LOCKED[LOCKED.index(b"PK\x01\x02") + 8] |= 1
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
PROLOGUE = "<worksheet "

BROKEN: dict[str, tuple[bytes, int, str]] = {
    "nothing at all": (b"", 0, "nothing"),
    "blanks": (b" \n\r\n\t\n", 0, "nothing"),
    "a mark and nothing": (b"\xef\xbb\xbf", 0, "nothing"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 0, "neither"),
    "a document": (b"%PDF-1.7\n\x01\x02\x93", 0, "neither"),
    "Latin-1": (b"Name,Clinic\nAnn,Quay\nZo\xeb,Quay\n", 3, "encoding"),
    "UTF-16 without its mark": ("Name,Clinic\n".encode("utf-16-le"), 0, "neither"),
    "half a UTF-16": ("Name,Clinic\n".encode("utf-16")[:-1], 0, "neither"),
    "a lost letter": ("Name\nAnn\nZo\ufffd\n".encode(), 3, "lost"),
    "a quotation mark that never closes": (b'Name,Clinic\nAnn,Quay\n"Bob,Quay\nCy,Quay\n', 3, "quotes"),
    "a quotation mark that closes too early": (b'Name,Clinic\n"Ann" Lee,Quay\n', 2, "quotes"),
    "too many lines": (b"Name\n" + b"Ann\n" * MOST_LINES, MOST_LINES + 1, "lines"),
    "too many rows": (saved(book(["Name"], *[["Ann"]] * MOST_LINES)), MOST_LINES + 1, "lines"),
    "too many cells": (b"Name\n" + b"," * LIST.cells + b"\n", 2, "wide"),
    "a cell without an end": (b"Name\nAnn\n" + b"x" * 200_000, 3, "long"),
    "an old workbook": (OLE, 0, "old"),
    "a locked workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), 0, "password"),
    "a locked ZIP file": (bytes(LOCKED), 0, "password"),
    "macros": (changed(XLSX, SHEET, "", "", more={"xl/vbaProject.bin": b"x"}), 0, "macros"),
    "a bomb": (changed(XLSX, SHEET, "", "", more={"xl/media/x.bin": bytes(MOST_UNPACKED)}), 0, "huge"),
    "a binary workbook": (changed(XLSX, "_rels/.rels", "xl/workbook.xml", "xl/workbook.bin"), 0, "binary"),
    "another ZIP file": (changed(XLSX, "_rels/.rels", "xl/workbook.xml", "word/document.xml"), 0, "other"),
    "no document": (changed(XLSX, "_rels/.rels", "relationships/officeDocument", "x"), 0, "other"),
    "half a workbook": (XLSX[: len(XLSX) // 2], 0, "broken"),
    "entities": (changed(XLSX, SHEET, PROLOGUE, DOCTYPE + PROLOGUE), 0, "broken"),
    "a sheet that is not there": (changed(XLSX, RELATED, "sheet1.xml", "sheet9.xml"), 0, "broken"),
    "a text that is not there": (changed(sheets.xlsx(ROWS), SHEET, "<v>0</v>", "<v>99</v>"), 0, "broken"),
    "XML that ends too early": (changed(XLSX, SHEET, "</sheetData>", ""), 0, "broken"),
    "an empty sheet": (saved(book()), 0, "nothing"),
    "no sheet": (changed(XLSX, BOOK, 'state="visible"', 'state="hidden"'), 0, "nothing"),
}


@pytest.mark.parametrize(("content", "line", "why"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_said_at_its_line(content: bytes, line: int, why: str) -> None:
    found = tables.read(content).wrong
    assert [(one.line, one.sentence) for one in found] == [(line, UNREADABLE[why])]
    assert one_sentence(found[0])


def one_sentence(wrong: tables.Wrong) -> str:
    """As it is shown; KeyError where it lacks a fact."""
    return wrong.sentence % wrong.facts if wrong.facts else wrong.sentence


def test_every_reason_has_an_example() -> None:
    assert {why for _, _, why in BROKEN.values()} | {"many"} == set(UNREADABLE)


def test_what_windows_wrote_is_read_and_said() -> None:
    found = tables.read(BROKEN["Latin-1"][0])
    assert [one.cells for one in found.lines] == [["Name", "Clinic"], ["Ann", "Quay"], ["Zoë", "Quay"]]
    assert "Zoë" in found.text, "to be corrected, if need be"


def test_what_stands_below_a_line_that_cannot_be_read_is_read() -> None:
    found = tables.read(b'Name,Clinic\n"Ann" Lee,Quay\nBob,Quay\n"Cy,Quay\nDee,"Mill\nRow"\n')
    assert [(one.line, one.sentence) for one in found.wrong] == [(2, UNREADABLE["quotes"]), (4, UNREADABLE["quotes"])]
    assert [(one.number, one.cells[0]) for one in found.lines] == [(1, "Name"), (3, "Bob"), (5, "Dee")]


def test_after_twenty_lines_that_cannot_be_read_no_more_is_tried() -> None:
    found = tables.read(b"Name,Clinic\n" + b'"Ann" Lee,Quay\n' * 21 + b"Bob,Quay\n").wrong
    assert [one.sentence for one in found] == [UNREADABLE["quotes"]] * 20 + [UNREADABLE["many"]]
    assert found[-1].line == 22
