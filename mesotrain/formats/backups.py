"""A backup as a file: it says what it is of, and whether it is whole.

The first line is `MAGIC` and the SHA-256 of every byte after it. Those are gzipped lines of JSON: what the backup is
of; then each table as its name and columns, with its rows by primary key below; at last how many rows each table has,
and their SHA-256. Nothing in it belongs to one engine. By hand: ``tail -n +2 FILE | zcat``.
"""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, BinaryIO

from mesotrain.core.canonical import Json, canonical
from mesotrain.core.errors import Refused

MAGIC = b"Mesotrain backup 1 "
FIRST_LINE = len(MAGIC) + 64 + 1
CHUNK = 2**20

DAMAGED = (
    "%(file)s is damaged: it is not what was written. Nothing of it was used; take another copy or an older backup."
)

Row = Sequence[Any]
READ: dict[type, Callable[[Any], Any]] = {
    bytes: b64decode,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}
"""How a value is read again, by the type it has in Python; any other is as JSON has it."""


@dataclass(frozen=True)
class Table:
    """A table on its way; `rows` can be gone through once."""

    name: str
    columns: list[str]
    rows: Iterable[Row]


@dataclass
class Tally:
    """How many rows went by, and the digest of their canonical lines."""

    rows: int = 0
    digest: Any = field(default_factory=sha256)

    def line(self, row: Row) -> bytes:
        """The row's line, counted."""
        said = canonical([_plain(value) for value in row]) + b"\n"
        self.rows += 1
        self.digest.update(said)
        return said

    def model(self) -> Json:
        return [self.rows, self.digest.hexdigest()]


@dataclass(frozen=True)
class Contents:
    """What a whole backup says of itself; `tables` holds [rows, SHA-256] by name."""

    about: dict[str, Any]
    tables: dict[str, Any]


class _Hashing:
    """Writes to a file and remembers the digest of what went by."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


def write(file: BinaryIO, about: dict[str, Json], tables: Iterable[Table]) -> Contents:
    """Writes a backup into an empty file that can be sought in."""
    tallies: dict[str, Json] = {}
    file.write(bytes(FIRST_LINE))
    hashing = _Hashing(file)
    with gzip.GzipFile("", "wb", 6, hashing, mtime=0) as lines:
        lines.write(canonical(about) + b"\n")
        for table in tables:
            tally = Tally()
            columns: list[Json] = list(table.columns)
            lines.write(canonical({"table": table.name, "columns": columns}) + b"\n")
            lines.writelines(map(tally.line, table.rows))
            tallies[table.name] = tally.model()
        lines.write(canonical({"tables": tallies}) + b"\n")
    file.seek(0)
    file.write(_first_line(hashing.digest.hexdigest()))
    return Contents(about, tallies)


def verify(file: BinaryIO, name: str) -> Contents:
    """What the backup holds, once every byte of it was seen to be as it was written. Raises Refused otherwise."""
    first, digest = file.read(FIRST_LINE), sha256()
    if not first.startswith(MAGIC[:9]):
        raise Refused("%(file)s is not a backup that Mesotrain made.", file=name)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    if first != _first_line(digest.hexdigest()):
        raise Refused(DAMAGED, file=name)
    tallies: dict[str, Tally] = {}
    about: dict[str, Any] = {}
    closing: dict[str, Any] = {}
    for one in _parts(file):
        match one:
            case Table():
                tallies[one.name] = tally = Tally()
                for row in one.rows:
                    tally.line(row)
            case {"tables": dict(closing)}:
                pass
            case about:
                pass
    if closing != {table: tally.model() for table, tally in tallies.items()}:
        raise Refused(DAMAGED, file=name)
    return Contents(about, closing)


def read(file: BinaryIO) -> Iterator[Table]:
    """The tables of a backup that was verified; each must be gone through before the next."""
    return (one for one in _parts(file) if isinstance(one, Table))


def _parts(file: BinaryIO) -> Iterator[Table | dict[str, Any]]:
    file.seek(FIRST_LINE)
    with gzip.GzipFile(fileobj=file) as packed:
        lines = map(json.loads, packed)
        line = next(lines, None)

        def rows() -> Iterator[Row]:
            nonlocal line
            while isinstance(line := next(lines, None), list):
                yield line

        while line is not None:
            if "table" in line:
                yield Table(line["table"], line["columns"], rows())
            else:
                yield line
                line = next(lines, None)


def _first_line(digest: str) -> bytes:
    return MAGIC + digest.encode() + b"\n"


def _plain(value: Any) -> Json:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return b64encode(value).decode()
    plain: Json = value
    return plain
