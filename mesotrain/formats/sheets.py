"""Rows as a file for a spreadsheet, of which no cell is a formula.

In CSV a text that a spreadsheet would take for one is neutralised as OWASP says (CSV Injection,
https://owasp.org/www-community/attacks/CSV_Injection); in XLSX every text is stored as text.
"""

from collections.abc import Iterable, Sequence
from csv import QUOTE_ALL, writer
from datetime import date
from io import BytesIO, StringIO

from xlsxwriter import Workbook

Cell = str | date | None
Row = Sequence[Cell]

BEGINS_A_FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001
BEGINS_A_CELL = ("\t", "\r", "\n")


def neutral(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would read more into it than text."""
    risky = text.startswith(BEGINS_A_CELL) or text.lstrip().startswith(BEGINS_A_FORMULA)
    return f"'{text}" if risky else text


def plain(cell: str) -> str:
    """The text that `neutral` made this of."""
    return cell[1:] if cell.startswith("'") and neutral(cell[1:]) == cell else cell


def csv(rows: Iterable[Row]) -> bytes:
    """UTF-8 with a mark, without which Excel takes it for another encoding; days as 2027-03-12."""
    text = StringIO(newline="")
    lines = writer(text, quoting=QUOTE_ALL)
    lines.writerows([neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx(rows: Iterable[Row]) -> bytes:
    """One sheet, its first row and column kept in view; days are days."""
    content = BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day, head = book.add_format({"num_format": "d mmm yyyy"}), book.add_format({"bold": True})
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, cell, day)
                elif cell is not None:
                    sheet.write_string(at, column, cell, None if at else head)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 1, 32)
        sheet.set_column(2, 100, 16)
    return content.getvalue()
