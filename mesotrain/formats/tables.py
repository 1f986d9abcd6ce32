"""A table that somebody sends, as CSV, as XLSX or pasted from a spreadsheet, read to lines of cells.

It is read as it stands: no formula is worked out and no macro is run. An XLSX file is a ZIP file of XML (ECMA-376), so
how much it unpacks to is looked at first, and XML that could declare entities is not read.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from io import StringIO
from posixpath import join, normpath
from types import MappingProxyType
from typing import NamedTuple

from lxml import etree

from mesotrain.core.names import tidy
from mesotrain.formats.archives import Archive, Most, Unpackable
from mesotrain.formats.sheets import neutral

MOST_LINES, MOST_COLUMNS = 2000, 50
MOST_BROKEN = 20
"""Lines of a text that cannot be read, until no more is read."""
MOST_UNPACKED = 4 * 2**20
"""Bytes of an XLSX file's members together; five hundred people are a hundredth of it."""

UNREADABLE = {
    "nothing": "There is nothing in it.",
    "neither": "This is neither CSV nor XLSX. Save the list in one of these forms.",
    "old": "This is a workbook of the old form, XLS. Save it as XLSX or as CSV.",
    "other": "This is a ZIP file, and no XLSX workbook. Save the list as XLSX or as CSV.",
    "binary": "This is a binary workbook, XLSB. Save it as XLSX or as CSV.",
    "password": "It opens with a password only. Save it without one.",
    "macros": "This workbook holds macros. Save it as XLSX, which holds none.",
    "huge": "Unpacked, this workbook is larger than %(most)s MB. Copy the list alone into a new one.",
    "broken": "This workbook is damaged. Save it again, or save it as CSV.",
    "encoding": "A sign here is not UTF-8, so it was read as Windows writes it. Look at it, or save as “CSV UTF-8”.",
    "lost": "A sign was lost when this was saved; it shows as “\ufffd”. Save the list anew as “CSV UTF-8”.",
    "quotes": "A quotation mark here does not open or close a cell as it should. This line was not read.",
    "long": "A cell here holds more than %(most)s signs. This line was not read.",
    "many": "There are more lines like those above. Nothing below was read.",
    "wide": "A line here has more than %(most)s cells. Nothing below it was read.",
    "lines": "A list has at most %(most)s lines. Nothing from here on was read.",
}

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an OLE file begins: an old workbook, or one that a password locks."""
PARTED_BY = "\t;,"
LOST = "\ufffd"
ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class Limits(NamedTuple):
    """How large a table may be: lines, columns of a workbook, bytes that one unpacks to, cells of a line of text.

    `taken` is how the text of a cell is taken.
    """

    lines: int = MOST_LINES
    columns: int = MOST_COLUMNS
    unpacked: int = MOST_UNPACKED
    taken: Callable[[str], str] = tidy
    cells: int = 10_000


LIST = Limits()


class Wrong(NamedTuple):
    """What is wrong with a list, at a line that counts from 1 (0: the whole of it) and in a column, if in one."""

    line: int
    column: str
    sentence: str
    facts: Mapping[str, object] = MappingProxyType({})


class Line(NamedTuple):
    """A line as it is numbered where it was written, and its cells; a formula begins with “=”, a text never."""

    number: int
    cells: list[str]


class Table(NamedTuple):
    """The lines that hold anything, what could not be read, and all of it as text that can be corrected."""

    lines: list[Line]
    wrong: list[Wrong]
    text: str = ""


class _Unreadable(Exception):
    """The file cannot be read at all."""

    def __init__(self, why: str, line: int = 0, **facts: object) -> None:
        super().__init__(why)
        self.wrong = Wrong(line, "", UNREADABLE[why], facts)


def read(content: bytes, limits: Limits = LIST) -> Table:
    """The table in a file, whatever its name says it is."""
    if content.startswith(OLD):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        return Table([], [Wrong(0, "", UNREADABLE["password" if locked else "old"])])
    try:
        if content.startswith(b"PK"):
            return _workbook(content, limits)
        text, wrong = _decoded(content)
        table = of_text(text, limits)
        return table._replace(wrong=wrong + table.wrong)
    except _Unreadable as unreadable:
        return Table([], [unreadable.wrong])


def written(rows: Iterable[Iterable[str]]) -> str:
    """Rows as the text they are read from again."""
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


# CSV ------------------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> tuple[str, list[Wrong]]:
    """The text; where it is not in UTF-8, as a spreadsheet on Windows writes it in the west of Europe."""
    encoding = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), "utf-8")
    if encoding != "utf-16" and b"\x00" in content:
        raise _Unreadable("neither")
    try:
        return content.decode(encoding), []
    except UnicodeDecodeError as error:
        if sum(byte < 32 and byte not in b"\t\r\n" for byte in content):
            raise _Unreadable("neither") from error
        wrong = Wrong(content[: error.start].count(b"\n") + 1, "", UNREADABLE["encoding"])
        return content.decode("cp1252", "replace"), [wrong]


def of_text(text: str, limits: Limits = LIST) -> Table:
    """The table in a text. What parts its cells is seen from its first line: commas, semicolons or tabs."""
    text = text.removeprefix("\ufeff").replace("\x00", LOST)
    if not text.strip():
        return Table([], [Wrong(0, "", UNREADABLE["nothing"])], text)
    first = next(line for line in text.splitlines() if line.strip())
    said = first.strip()[4:5] if first.lower().startswith("sep=") else ""
    parted = said or sorted(PARTED_BY, key=first.count)[-1]
    lines: list[Line] = []
    wrong: list[Wrong] = []
    for one in _records(text, parted, limits):
        (lines if isinstance(one, Line) else wrong).append(one)  # type: ignore[arg-type]
    return Table(_filled(lines[1:] if said else lines, limits), wrong + _lost(lines), text)


def _records(text: str, parted: str, limits: Limits) -> Iterator[Line | Wrong]:
    """Each line of a text, or what is wrong with it; where one cannot be read, the next is tried."""
    physical, begins = list(StringIO(text, newline="")), 1
    for _ in range(MOST_BROKEN):
        before = begins - 1
        rows = csv.reader(physical[before:], delimiter=parted, skipinitialspace=parted != "\t", strict=True)
        try:
            for cells in rows:
                if begins > limits.lines or len(cells) > limits.cells:
                    why, most = ("lines", limits.lines) if begins > limits.lines else ("wide", limits.cells)
                    yield Wrong(begins, "", UNREADABLE[why], {"most": most})
                    return
                yield Line(begins, cells)
                begins = before + rows.line_num + 1  # a cell between quotation marks may go over several
        except csv.Error as error:
            why = "long" if "field larger" in str(error) else "quotes"
            yield Wrong(begins, "", UNREADABLE[why], {"most": csv.field_size_limit()})
            begins += 1
        else:
            return
    yield Wrong(begins, "", UNREADABLE["many"])


def _lost(lines: list[Line]) -> list[Wrong]:
    return [Wrong(one.number, "", UNREADABLE["lost"]) for one in lines if LOST in "".join(one.cells)]


def _filled(lines: list[Line], limits: Limits) -> list[Line]:
    tidied = (Line(number, list(map(limits.taken, cells))) for number, cells in lines)
    return [line for line in tidied if any(line.cells)]


# XLSX -----------------------------------------------------------------------------------------------------------------

UNPACKED = {"huge": "huge", "locked": "password"}
ESCAPED = re.compile("_x([0-9A-F]{4})_")
PLACE = re.compile("([A-Z]{1,3})[0-9]+")


def _workbook(content: bytes, limits: Limits) -> Table:
    try:
        sheet, strings = _opened(Archive(content, "", Most(total=limits.unpacked, small=limits.unpacked)))
        lines = [Line(number, cells) for number, cells in _rows(sheet, strings, limits)]
    except Unpackable as error:
        raise _Unreadable(UNPACKED.get(error.why, "broken"), most=limits.unpacked // 2**20) from error
    except (LookupError, ValueError, etree.LxmlError, SyntaxError) as error:
        raise _Unreadable("broken") from error
    if not (filled := _filled(lines, limits)):
        raise _Unreadable("nothing")
    wrong = []
    if filled[-1].number > limits.lines:
        wrong = [Wrong(filled.pop().number, "", UNREADABLE["lines"], {"most": limits.lines})]
    known = dict(filled)
    text = written(_cut(known.get(number, [])) for number in range(1, max(known, default=0) + 1))
    return Table(filled, wrong + _lost(filled), text)


def _cut(cells: list[str]) -> list[str]:
    """The cells up to the last that holds anything."""
    return cells[: max((at for at, cell in enumerate(cells, 1) if cell), default=0)]


def _opened(package: Archive) -> tuple[bytes, list[str]]:
    """(the first sheet that is shown, the texts its cells point at). Raises _Unreadable for what is no such file."""
    if any("vbaproject" in name.lower() for name in package.names):
        raise _Unreadable("macros")
    if "_rels/.rels" not in package:
        raise _Unreadable("other")
    book = next((target for kind, target in _related(package, "").values() if kind == "officeDocument"), "")
    if book.endswith(".bin"):
        raise _Unreadable("binary")
    if not book.startswith("xl/"):
        raise _Unreadable("other")
    related = _related(package, book)
    shown = (one for one in _xml(package[book]).iter("{*}sheet") if one.get("state", "visible") == "visible")
    parts = (related[str(value)] for one in shown for name, value in one.items() if str(name).endswith("}id"))
    if (sheet := next((target for kind, target in parts if kind == "worksheet"), None)) is None:
        raise _Unreadable("nothing")
    texts = next((target for kind, target in related.values() if kind == "sharedStrings"), None)
    return package[sheet], [_said(one) for one in _xml(package[texts]).iter("{*}si")] if texts else []


def _related(package: Archive, part: str) -> dict[str, tuple[str, str]]:
    """What a part of the package points at: id -> (kind, part)."""
    folder, _, name = part.rpartition("/")
    said = _xml(package[f"{folder}/_rels/{name}.rels".lstrip("/")])
    found = {}
    for one in said.iter("{*}Relationship"):
        target = normpath(join("/", folder, one.get("Target", "")))[1:]
        found[one.get("Id", "")] = one.get("Type", "").rpartition("/")[2], target
    return found


def _xml(content: bytes) -> etree._Element:
    """The root of a part. Raises ValueError where it declares a type, and with that perhaps entities."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise ValueError("it declares a type")
    return root


def _said(node: etree._Element) -> str:
    """The text of a cell, without how it is pronounced."""
    runs = (one.text or "" for one in node.iter("{*}t") if etree.QName(one.getparent()).localname != "rPh")
    return ESCAPED.sub(_sign, "".join(runs))


def _sign(escaped: re.Match[str]) -> str:
    code = int(escaped[1], 16)
    return LOST if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


def _rows(sheet: bytes, strings: list[str], limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of each row, and of one more than there may be."""
    number = 0
    for row in _xml(sheet).iter("{*}row"):
        number = max(number + 1, int(row.get("r", 0)))  # whatever it says, each row is one more
        cells: dict[int, str] = {}
        at = -1
        for cell in row.iterchildren("{*}c"):
            placed = PLACE.fullmatch(cell.get("r", ""))
            at = reduce(lambda sum_, sign: sum_ * 26 + ord(sign) - 64, placed[1], 0) - 1 if placed else at + 1
            if at < limits.columns:
                cells[at] = _text(cell, strings)
        if any(cells.values()):
            yield number, [cells.get(at, "") for at in range(limits.columns)]
        if number > limits.lines:
            return


def _text(cell: etree._Element, strings: list[str]) -> str:
    if (formula := cell.find("{*}f")) is not None:
        return f"={formula.text or ''}"
    value = cell.findtext("{*}v") or ""
    match cell.get("t", "n"):
        case "s":
            return neutral(strings[int(value)]) if value else ""
        case "inlineStr":
            return neutral(_said(cell))
        case "e":
            return value
        case _:
            return neutral(value)
