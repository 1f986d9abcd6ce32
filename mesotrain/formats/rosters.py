"""A roster: people to invite, a line for each role, under a line that names the columns.

What can be said without the organisation is said here, all of it at once; `actions.rosters` says the rest.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mesotrain.core import names
from mesotrain.core.access import ADMINISTRATOR, AUDITOR, EDUCATOR, EVERYWHERE, IN_A_CLINIC, MANAGER, ROLES, TRAINEE
from mesotrain.core.accounts import is_address
from mesotrain.core.errors import Refused
from mesotrain.core.names import alike, bare
from mesotrain.formats import tables
from mesotrain.formats.sheets import neutral, plain
from mesotrain.formats.tables import Line, Table, Wrong, written

MOST_PEOPLE = 500
LONGEST_EMAIL = 254
WHOLE = "whole"
"""What stands for the whole organisation among the words of a reader."""

COLUMNS = {"name": "Name", "email": "E-mail address", "role": "Role", "clinic": "Clinic"}
WORDS = {
    "name": {"name", "full name", "person", "member", "staff name", "display name", "employee"},
    "email": {"email", "e mail", "email address", "e mail address", "mail", "mail address"},
    "role": {"role", "roles", "function", "job role"},
    "clinic": {"clinic", "clinics", "clinic name", "site", "place", "location", "branch"},
    TRAINEE: {"trainee", "trainee clinician", "learner"},
    EDUCATOR: {"educator", "teacher", "trainer"},
    MANAGER: {"manager", "clinic manager"},
    AUDITOR: {"auditor"},
    ADMINISTRATOR: {"administrator", "admin"},
    WHOLE: names.EVERYWHERE,
}
"""What each column and each role may be called, in any letter case; translations are added to it by the caller."""

WRONG = {
    "columns": "The first line names the columns: Name, E-mail address, Role, Clinic. This one names none of them.",
    "missing column": "This column is missing. Add it to the first line.",
    "unknown column": "“%(column)s” is none of the columns Name, E-mail address, Role, Clinic. Take it out.",
    "unnamed column": "Column %(number)s has no name, and there is something in it. Name it, or take it out.",
    "double column": "There are two of this column. Take one out.",
    "nobody": "There is nobody in this list.",
    "cells": "There are more cells than columns. Put quotation marks round a cell that holds a comma or a semicolon.",
    "formula": "This cell holds a formula. Put in what it shows.",
    "error": "This cell holds “%(text)s”, an error of the spreadsheet. Put in what it should show.",
    "no name": names.NONE,
    "long name": names.LONG,
    "signs": names.UNSEEN,
    "no address": "There is no address.",
    "address": "“%(email)s” is not an e-mail address.",
    "long address": "An address has at most %(most)s characters; this one has %(count)s.",
    "other name": "%(email)s has another name in line %(line)s: %(name)s.",
    "twice": "The same person stands with the same role in line %(line)s. Take one out.",
    "no role": "There is no role.",
    "role": "“%(role)s” is not a role. The roles are in the template.",
    "no clinic": "A trainee clinician is one of a clinic. Name it.",
    "whole": "A trainee clinician is one of a clinic, not of the whole organisation. Name it.",
    "where": "Name the clinic, or write: Whole organisation.",
    "not there": "This role is held in the whole organisation, not in one clinic. Leave the clinic out.",
    "people": "A list has at most %(most)s people; here begins the next. Send the rest as a list of its own.",
}


ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")


class Row(NamedTuple):
    """Somebody and one of their roles; no clinic means the whole organisation. What is wrong is left empty."""

    line: int
    name: str
    email: str
    role: str
    clinic: str | None


class Roster(NamedTuple):
    """The rows that could be read, everything that is wrong, and the table as it was sent."""

    rows: list[Row]
    wrong: list[Wrong]
    table: Table


Words = Mapping[str, str]
"""A word as `bare` -> the column, the role or WHOLE it stands for."""


ENGLISH: Words = {word: meaning for meaning, words in WORDS.items() for word in words}


def read(sent: bytes | str, more: Words | None = None) -> Roster:
    """The roster in a file, or in a text; `more` are words of the reader's language."""
    table = tables.read(sent) if isinstance(sent, bytes) else tables.of_text(sent)
    if not table.lines:
        return Roster([], table.wrong, table)
    words = {**ENGLISH, **(more or {})}
    heads, wrong = _heads(table.lines, words)
    reading = _Reading(heads, words, len(table.lines[0].cells))
    if heads:
        for line in table.lines[1:]:
            reading.line(line)
        if not (reading.met or reading.wrong or wrong or table.wrong):
            wrong.append(Wrong(0, "", WRONG["nobody"]))
    return Roster(reading.rows, sorted([*table.wrong, *wrong, *reading.wrong], key=place), table)


def place(one: Wrong) -> tuple[int, int]:
    """Where something is wrong, in the order of lines and columns."""
    return one.line, [*COLUMNS, one.column].index(one.column)


def roster(rows: Iterable[Row], whole: str) -> str:
    """Rows as a text that `read` reads the same rows from; `whole` is a word for the whole organisation."""
    lines = ([neutral(one.name), one.email, one.role, neutral(one.clinic or whole)] for one in rows)
    return written([list(COLUMNS), *lines])


def _heads(lines: list[Line], words: Words) -> tuple[dict[int, str], list[Wrong]]:
    """(place -> column, what is wrong with the first line)."""
    number, cells = lines[0]
    heads: dict[int, str] = {}
    wrong = []
    for at, cell in enumerate(cells):
        column = words.get(bare(cell), "")
        if column in heads.values():
            wrong.append(Wrong(number, column, WRONG["double column"]))
        elif column in COLUMNS:
            heads[at] = column
        elif cell:
            wrong.append(Wrong(number, "", WRONG["unknown column"], {"column": _short(cell)}))
        elif any(line.cells[at : at + 1] not in ([], [""]) for line in lines[1:]):
            wrong.append(Wrong(number, "", WRONG["unnamed column"], {"number": at + 1}))
    if not heads:
        return {}, [Wrong(number, "", WRONG["columns"])]
    wrong += [Wrong(number, one, WRONG["missing column"]) for one in COLUMNS if one not in heads.values()]
    return heads, wrong


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


class _Reading:
    """What was met so far, while the lines are read one after the other."""

    def __init__(self, heads: Mapping[int, str], words: Words, width: int) -> None:
        self.heads, self.words, self.width = heads, words, width
        self.rows: list[Row] = []
        self.wrong: list[Wrong] = []
        self.met: dict[str, tuple[int, str]] = {}
        self.held: dict[tuple[str, str, str], int] = {}

    def say(self, number: int, column: str, what: str, /, **facts: object) -> None:
        self.wrong.append(Wrong(number, column, WRONG[what], facts))

    def line(self, line: Line) -> None:
        """Reads one; one with neither a name nor an address is passed over."""
        raw = {column: line.cells[at] if at < len(line.cells) else "" for at, column in self.heads.items()}
        if not raw.get("name") and not raw.get("email"):
            return
        before, number = len(self.wrong), line.number
        if any(line.cells[self.width :]):  # what stands where is not known
            self.say(number, "", "cells")
            return
        cells = {column: plain(cell) for column, cell in raw.items() if self.is_text(number, column, cell)}
        name = self.name(number, cells["name"]) if "name" in cells else ""
        email = self.email(number, cells["email"].lower(), name) if "email" in cells else ""
        role = self.role(number, cells["role"]) if "role" in cells else ""
        clinic = self.clinic(number, role, cells["clinic"]) if "clinic" in cells else None
        if len(self.wrong) == before:
            self.once(number, email, role, clinic)
        self.rows.append(Row(number, name, email, role, clinic))

    def is_text(self, line: int, column: str, cell: str) -> bool:
        if cell.startswith("="):
            self.say(line, column, "formula")
        elif ERROR.fullmatch(cell):
            self.say(line, column, "error", text=cell)
        else:
            return True
        return False

    def name(self, line: int, name: str) -> str:
        try:
            names.check(name)
        except Refused as refused:
            self.wrong.append(Wrong(line, "name", refused.sentence, refused.facts))
        return name

    def email(self, line: int, email: str, name: str) -> str:
        if not email:
            self.say(line, "email", "no address")
        elif len(email) > LONGEST_EMAIL:
            self.say(line, "email", "long address", most=LONGEST_EMAIL, count=len(email))
        elif not is_address(email):
            self.say(line, "email", "address", email=_short(email))
        else:
            self.meet(line, email, name)
            return email
        return ""

    def meet(self, line: int, email: str, name: str) -> None:
        first, known = self.met.setdefault(email, (line, name))
        if first == line and len(self.met) == MOST_PEOPLE + 1:
            self.say(line, "", "people", most=MOST_PEOPLE)
        elif name and known and name != known:
            self.say(line, "name", "other name", email=email, line=first, name=_short(known))

    def role(self, line: int, cell: str) -> str:
        role = self.words.get(bare(cell), "")
        if not cell:
            self.say(line, "role", "no role")
        elif role not in ROLES:
            self.say(line, "role", "role", role=_short(cell))
        return role if role in ROLES else ""

    def clinic(self, line: int, role: str, cell: str) -> str | None:
        whole = self.words.get(bare(cell)) == WHOLE
        if role and role not in IN_A_CLINIC:
            if cell and not whole:
                self.say(line, "clinic", "not there")
            return None
        if role and role not in EVERYWHERE and (whole or not cell):
            self.say(line, "clinic", "whole" if whole else "no clinic")
        elif role and not cell:
            self.say(line, "clinic", "where")
        return None if whole else cell or None

    def once(self, line: int, email: str, role: str, clinic: str | None) -> None:
        """Says where this person has been met with this role before."""
        first = self.held.setdefault((email, role, alike(clinic or "")), line)
        if first != line:
            self.say(line, "", "twice", line=first)
