"""A bank as CSV or XLSX, a question in each row, and back.

What no column can say stands in the last one, ``bank``, as the bank writes it; that counts as long as nobody has edited
the other columns of the row, which its last line, a comment, tells.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.courses import Question
from mesotrain.core.errors import BadContent, Fault
from mesotrain.core.questions import Part
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import Text
from mesotrain.formats import sheets, tables
from mesotrain.formats.answers import KINDS, Rules
from mesotrain.formats.answers.entries import Entry, Written
from mesotrain.formats.bank import KEYS, read_bank
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import (
    CHANGED,
    LOST,
    MOST_ANSWERS,
    MOST_CHARACTERS,
    Brought,
    Exchanged,
    Names,
    Notes,
    Refusal,
    Sent,
    too_long,
)
from mesotrain.formats.exchange.pasted import guessed
from mesotrain.formats.exchange.pasted.found import Choice, Found
from mesotrain.formats.exchange.pasted.keywords import verdict
from mesotrain.formats.exchange.pasted.looks import MARKDOWN, Said, said
from mesotrain.formats.exchange.sheets.columns import (
    FACTS,
    OFFERED,
    TAIL,
    cells_of,
    column_of,
    digest,
    name_of,
    type_of,
)
from mesotrain.formats.exchange.sheets.keys import MARKS, Wrong
from mesotrain.formats.exchange.texts import plain
from mesotrain.formats.lines import FIGURE, Line, Report, cleaned
from mesotrain.formats.printed import write_question

MOST_BYTES, MOST_ROWS = 8_000_000, 3000
MOST_IN_A_CELL = 32_767
"""Characters, in XLSX; in CSV a program that opens it cuts there."""


def _cell(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text).strip()


_LIMITS = tables.Limits(MOST_ROWS, 2 * MOST_ANSWERS + 40, 8 * 2**20, _cell, 2 * MOST_ANSWERS + 40)
_FRONT = "---\nbank: kept\ntitle: Kept\nlanguage: en\ncompetency: {}\n---\n\n"
_SEAL = re.compile(
    r"\s*<!-- (?P<of>[0-9a-f]{16})(?: (?P<path>media/[^\s<>]{1,200})(?P<box>(?: [0-9.-]{1,20}){4}))? -->\Z"
)
"""Ends what the column ``bank`` says: a digest of the others, and the box of the picture that zones lie on."""
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")


# In -------------------------------------------------------------------------------------------------------------------


def read(content: bytes, path: str, prefix: str) -> Brought:
    """The questions of a spreadsheet, and every fault of every row. Raises BadContent."""
    if len(content) > MOST_BYTES:
        large = f"this file has {len(content):,} bytes; of a spreadsheet at most {MOST_BYTES:,} are read."
        raise BadContent([Fault(path, 1, large, "large")])
    table = tables.read(content, _LIMITS)
    refused = [Refusal(max(one.line, 1), one.sentence % one.facts) for one in table.wrong]
    if not table.lines and not refused:
        refused = [Refusal(1, tables.UNREADABLE["nothing"])]
    if not table.lines:
        raise BadContent([Fault(path, one.line, one.sentence, "table") for one in refused])
    head, *lines = table.lines
    columns = {at: column_of(cell) for at, cell in enumerate(map(sheets.plain, head.cells)) if cell}
    if "stem" not in columns.values() and "bank" not in columns.values():
        said_so = (
            "the first row names the columns, and none of them is the stem: id, type, stem, option A, key, reason."
        )
        raise BadContent([Fault(path, head.number, said_so, "table")])
    brought, names = Brought(refused=refused), Names(prefix)
    for at, column in columns.items():
        if column and list(columns.values()).index(column) != list(columns).index(at):
            refused.append(Refusal(head.number, f"two columns are called {column}; the last one counts."))
    for line in lines:
        _taken(line, columns, head.cells, names, brought)
    return brought


def _taken(line: tables.Line, columns: Mapping[int, str], heads: list[str], names: Names, brought: Brought) -> None:
    """Reads a row; with anything wrong in it, each fault is a refusal that names the column."""
    cells: dict[str, str] = {}
    notes, wrong = Notes(), []
    for at, text in enumerate(line.cells):
        column = columns.get(at, "")
        if text.startswith("=") or _ERROR.fullmatch(text):
            wrong.append(
                (column or f"number {at + 1}", "this cell holds a formula or its error; put in what it shows.")
            )
        elif not column and text:
            head = heads[at] if at < len(heads) else ""
            notes.note(LOST, f"“{head[:40] or f'column {at + 1}'}: {sheets.plain(text)[:60]}” has no place here.")
        elif text:
            cells[column] = _seen(sheets.plain(text), notes)
    if not wrong and not (set(cells) - {"id", "type", *FACTS}):
        return
    if (many := sum(map(len, cells.values()))) > MOST_CHARACTERS * 2:
        wrong.append(("stem", too_long(many)))
    if not wrong:
        try:
            brought.questions.append(_question(cells, line.number, names, notes))
        except Wrong as fault:
            wrong.append((fault.column, str(fault)))
        except Unfit as unfit:
            wrong.append(("stem", str(unfit)))
        except BadContent as bad:
            wrong += [("key" if fault.code != "bank" else "bank", fault.message) for fault in bad.faults]
    brought.refused += [Refusal(line.number, f"column {column}: {sentence}") for column, sentence in wrong]


def _seen(text: str, notes: Notes) -> str:
    clean = cleaned(text, report := Report(""))
    if report.faults:
        notes.note(CHANGED, "characters that nobody sees are left out.")
    return clean


def _question(cells: dict[str, str], line: int, names: Names, notes: Notes) -> Exchanged:
    kept = cells.pop("bank", "")
    seal = _SEAL.search(kept)
    edited = bool(seal) and bool(kept) and seal["of"] != digest(cells)  # type: ignore[index]
    made = None
    if kept and (not edited or not cells.get("stem")):
        made = _kept(kept, line, {seal["path"]: seal["box"].split()} if seal and seal["path"] else {})
    elif kept:
        notes.note(CHANGED, "its columns were edited; what the column bank alone said is left out.")
    facts = _facts(cells, line)
    name = names.next(cells.get("id", ""))
    if cells.get("id") and cells["id"] != name:
        notes.note(CHANGED, f"its id, “{cells['id'][:40]}”, is none here or is taken.")
    one = made or _by_columns(cells, line, notes)
    one.notes.said[:0] = notes.said
    points = facts.points if cells.get("points") else one.question.points
    one.question = replace(facts, name=name, taker=one.question.taker, key=one.question.key, points=points, line=line)
    return one


def _kept(text: str, line: int, pictures: dict[str, list[str]]) -> Exchanged:
    """The question that the column ``bank`` says. Raises BadContent."""
    report = Report("")
    bank = read_bank(cleaned(_FRONT.format("ANY") + text, report), report, pictures)
    if len(bank.questions) != 1 or report.faults:
        first = report.faults[0].message if report.faults else "it holds one question, as a bank writes it."
        raise BadContent([Fault("", line, first, "bank")])
    return Exchanged(bank.questions[0])


def _facts(cells: Mapping[str, str], line: int) -> Question:
    """What the columns say beside the question, as a bank reads it. Raises Wrong."""
    if not any(cells.get(name) for name in FACTS):
        return replace(_blank(line, {}, {}), competency="")
    told = {name: " ".join(cells[name].split()) for name in FACTS if cells.get(name) and name in KEYS}
    told["level"] = told.get("level", "").lower()
    if verdict(told.get("practice", "")) is not None or told.get("practice", "").lower() in ("yes", "no", "x"):
        told["practice"] = "no" if told["practice"].lower() in ("no", "false", "f") else "yes"
    said_so = "".join(f"{name}: {text}\n" for name, text in told.items() if text)
    report = Report("")
    bank = read_bank(f"{_FRONT.format('ANY')}## abc-0001\n{said_so}\nQ\n\n- (x) a\n- ( ) b\n", report)
    if report.faults:
        message = report.faults[0].message.partition(": ")[2]
        named = next((name for name in told if message.startswith(name)), next(iter(told), "key"))
        raise Wrong(named, message)
    found = bank.questions[0]
    return found if told.get("competency") else replace(found, competency="")


# A question by its columns --------------------------------------------------------------------------------------------


def _by_columns(cells: Mapping[str, str], line: int, notes: Notes) -> Exchanged:
    """The question that the columns say; as they are Markdown, or where that would mean another one, as plain text."""
    kind = type_of(cells.get("type", ""))
    if kind is None:
        raise Wrong("type", f"“{cells['type'][:40]}” is no type; known are {', '.join(KINDS)}.")
    if kind and kind not in (*OFFERED, Numeric.name, Text.name):
        raise Wrong("bank", f"a question of the type {kind} is written in this column alone, as a bank writes it.")
    if len([name for name in cells if name.startswith("option ")]) > MOST_ANSWERS:
        raise Wrong("key", f"a question has at most {MOST_ANSWERS} answers.")
    told = kind and (cells.get("key") or kind == Matching.name)
    wrongs = any(name.startswith("wrong ") for name in cells)
    for look in (MARKDOWN, 0):
        made = _made(kind, cells, line, look) if told and not wrongs else _guessed(cells, line, look)
        if not look or _is_plain(cells) or _holds(made.question):
            break
    if not look:
        notes.note(CHANGED, "marks in it that would mean something else in a bank are shown as they are written.")
    return made


def _is_plain(cells: Mapping[str, str]) -> bool:
    """Whether nothing in any text of a row could mean more than it says."""
    texts = (text for name, text in cells.items() if name not in (*FACTS, "key", "id", "type"))
    return all("\n" not in text and plain(text) == text for text in texts)


def _holds(one: Question) -> bool:
    """Whether a bank that is made of it says the same."""
    again = _again(one)
    draft = not one.key.get("credit", True)
    return draft or (again is not None and (again.taker, again.key) == (one.taker, one.key))


def _again(one: Question) -> Question | None:
    report = Report("")
    bank = read_bank(_FRONT.format("ANY") + write_question(replace(one, name="abc-0001", practice=False)), report)
    return bank.questions[0] if len(bank.questions) == 1 and not report.faults else None


def _guessed(cells: Mapping[str, str], line: int, look: int) -> Exchanged:
    """By the rules for what is pasted, where the type or the key is not said."""
    options = list(_options(cells))
    found = Found(line, stem=[said(one, look) for one in cells.get("stem", "").split("\n")])
    found.options = [
        Choice(line, letter, [said(part, look) for part in text.split("\n")], reason=_lines(why, look))
        for letter, text, why in options
    ]
    found.keys = [(line, cells["key"])] if cells.get("key") else []
    wrong = [text for name, text in cells.items() if name.startswith("wrong ")]
    if wrong and found.keys and not options:
        found.options = [
            Choice(line, name_of(at), [said(text, look)]) for at, text in enumerate([cells["key"], *wrong])
        ]
        found.keys = [(line, "A")]
    found.reason = _lines(cells.get("reason", ""), look)
    return guessed.exchanged(found, "abc-0001")


def _lines(text: str, look: int) -> list[Said]:
    return [said(one, look) for one in text.split("\n")] if text else []


def _options(cells: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Letter, text and reason of each option that has a text, in their order."""
    letters = [name.removeprefix("option ") for name, text in cells.items() if text and name.startswith("option ")]
    for letter in sorted(letters, key=lambda one: (one.isdigit(), one.zfill(4))):
        yield letter, cells[f"option {letter}"], cells.get(f"feedback {letter}", "")


def _made(kind: str, cells: Mapping[str, str], line: int, look: int) -> Exchanged:
    """By the type that is said. Raises Wrong, BadContent."""

    def text(of: str) -> str:
        return of if look else "\n".join(said(one).markdown() for one in of.split("\n"))

    report = Report("")
    stem, reason = text(cells.get("stem", "")), text(cells.get("reason", ""))
    if kind in (Numeric.name, Text.name):
        keys = [one.strip() for one in cells["key"].split("\n") if one.strip()]
        whys = [cells.get(f"feedback {name_of(at)}", "") for at in range(len(keys))]
        entries = [_entry(line, kind, "=", *pair) for pair in zip(keys, whys, strict=True)]
    else:
        options = list(_options(cells))
        marks = MARKS[kind](cells.get("key", ""), options)
        entries = [
            _entry(line, kind, mark, text(one), text(why)) for mark, (_, one, why) in zip(marks, options, strict=True)
        ]
        if kind == Essay.name:
            return Exchanged(_blank(line, *_essay(stem, reason, entries)))
    shuffle = cells.get("shuffle", "").lower() not in ("no", "false", "0", "n")
    credit, known = cells.get("credit", ""), KINDS[kind]
    if credit and credit not in known.credit:
        raise Wrong("credit", f"“{credit[:40]}” is no rule for the type {kind}.")
    if known.read is None or not entries:
        raise Wrong("option A", f"a question of the type {kind} needs options.")
    parts = known.read(Written(stem, entries, reason), Rules(shuffle, credit), report)
    question = _blank(line, *parts)
    if not report.faults:
        sentences = question.marked().problems()
        report.faults.extend(Fault("", line, one, "key") for one in sentences)
    if report.faults:
        raise BadContent(report.faults)
    return Exchanged(question)


def _blank(line: int, taker: Part, key: Part) -> Question:
    return Question("abc-0001", "ANY", "", (), "", (), Fraction(1), taker, key, line=line)


def _entry(line: int, kind: str, mark: str, text: str, why: str) -> Entry:
    lines = [Line(line, one, one) for one in text.split("\n")]
    return Entry(line, kind, mark, lines, [Line(line, one, one) for one in why.split("\n")] if why else None)


def _essay(stem: str, reason: str, entries: list[Entry]) -> tuple[Part, Part]:
    criteria = [{"text": "\n".join(one.text for one in entry.text), "points": entry.mark} for entry in entries]
    reasons = {str(at): "\n".join(one.text for one in entry.why) for at, entry in enumerate(entries) if entry.why}
    key: Part = {"criteria": cast(Json, criteria), "markers": 1, "reasons": cast(Json, reasons), "reason": reason}
    return {"type": Essay.name, "stem": stem, "words": []}, key


# Out ------------------------------------------------------------------------------------------------------------------


def write_csv(brought: Brought, name: str) -> Sent:
    """The bank as CSV, safe from formulas."""
    return Sent(sheets.csv(_rows(brought)), brought.media)


def write_xlsx(brought: Brought, name: str) -> Sent:
    """The bank as XLSX, of which no cell is a formula."""
    return Sent(sheets.xlsx(_rows(brought)), brought.media)


def _rows(brought: Brought) -> list[list[str]]:
    rows = []
    for one in brought.questions:
        if one.question.taker["type"] not in KINDS:
            one.notes.note(LOST, "a spreadsheet has no text that stands alone; it is left out.")
            continue
        cells = {column: sheets.plain(text.strip()) for column, text in cells_of(one.question).items()}
        if not _same(cells, one.question):
            cells["bank"] = f"{write_question(one.question)}\n\n<!-- {digest(cells)}{_boxed(one.question)} -->"
        if (longest := max(map(len, cells.values()))) > MOST_IN_A_CELL:
            one.notes.note(
                LOST, f"a cell holds {MOST_IN_A_CELL:,} characters, and it needs {longest:,}; it is left out."
            )
            continue
        if one.question.waived and "bank" not in cells:
            one.notes.note(CHANGED, "the rules of good writing it may break are left out.")
        rows.append(cells)
    count = max((at for at in range(MOST_ANSWERS + 1) for cells in rows if f"option {name_of(at)}" in cells), default=3)
    letters = [name_of(at) for at in range(max(count, 3) + 1)]
    head = ["id", "type", "stem", *(f"option {one}" for one in letters), "key"]
    head += [*(f"feedback {one}" for one in letters), *TAIL]
    return [head, *([cells.get(column, "") for column in head] for cells in rows)]


def _boxed(one: Question) -> str:
    """The picture of a question with zones, and its box."""
    found = FIGURE.search(cast(dict[str, str], one.taker.get("picture", {})).get("stem", ""))
    return f" {found['path']} {' '.join(cast(list[str], one.taker['box']))}" if found else ""


def _same(cells: Mapping[str, str], one: Question) -> bool:
    """Whether the columns alone say the same question again."""
    try:
        seen = {column: sheets.plain(sheets.neutral(text)) for column, text in cells.items()}
        again = _by_columns(seen, one.line, Notes()).question
    except (Wrong, BadContent, Unfit):
        return False
    return (again.taker, again.key) == (one.taker, one.key)
