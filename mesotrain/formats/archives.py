"""A zip archive that may be hostile: nothing of it is unpacked to a disk, and no more is read than is looked at."""

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from itertools import pairwise
from typing import NamedTuple, NoReturn

from mesotrain.core.errors import BadContent, Fault

BEGINS = b"PK\x03\x04"


class Most(NamedTuple):
    """How large an archive may be: files in it, bytes of all of them, bytes of one that is read.

    A file of more than `small` bytes may have been pressed together to one byte in 200, and no further.
    """

    members: int = 10_000
    total: int = 100_000_000
    one: int = 16_000_000
    small: int = 1_000_000


PACKAGE = Most()
MOST_RATIO, _HEADER = 200, 30
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OSError, EOFError, LookupError)
"""What opening or reading a damaged archive raises."""


class Unpackable(BadContent):
    """An archive that no honest program makes, or is too large; `why` is "broken", "huge", "locked" or "hostile"."""

    def __init__(self, path: str, why: str, sentence: str) -> None:
        super().__init__([Fault(path, 1, sentence, "zip")])
        self.why = why


class Archive:
    """The files of an archive by their names. Raises Unpackable."""

    def __init__(self, content: bytes, path: str, most: Most = PACKAGE) -> None:
        self._path, self._most = path, most
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
            members = self._zip.infolist()
        except _BROKEN:
            self._refuse("broken", "this is no whole zip file; make it again.")
        if len(members) > most.members:
            self._refuse("huge", f"this zip file holds {len(members):,} files; at most {most.members:,} are read.")
        if (total := sum(one.file_size for one in members)) > most.total:
            self._refuse("huge", f"this zip file unpacks to {total:,} bytes; at most {most.total:,} are read.")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for one in members:
            self._looked_at(one)
        self._apart(content, members)

    def _refuse(self, why: str, sentence: str) -> NoReturn:
        raise Unpackable(self._path, why, sentence)

    def _looked_at(self, one: zipfile.ZipInfo) -> None:
        name = one.orig_filename
        parts = name.rstrip("/").split("/")
        if "\\" in name or "\0" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
            self._refuse("hostile", f"a file in this zip file is called “{name[:60]!r}”, which leads out of it.")
        if one.flag_bits & 1:
            self._refuse("locked", "this zip file is locked by a password.")
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._refuse("hostile", "this zip file is pressed together in a way that is not read; make it again.")
        if one.file_size > max(self._most.small, MOST_RATIO * one.compress_size):
            self._refuse("huge", f"{name[:60]} in this zip file was pressed together too far to be honest.")
        if one.is_dir():
            return
        if name in self._members:
            self._refuse("hostile", f"two files in this zip file are called {name[:60]}.")
        self._members[name] = one

    def _apart(self, content: bytes, members: list[zipfile.ZipInfo]) -> None:
        """No two files share a part of the archive."""
        spans = []
        for one in members:
            at = one.header_offset
            lengths = (int.from_bytes(content[at + place : at + place + 2], "little") for place in (26, 28))
            spans.append((at, at + _HEADER + sum(lengths) + one.compress_size))
        if any(end > begin for (_, end), (begin, _) in pairwise(sorted(spans))):
            self._refuse("hostile", "files in this zip file lie over one another.")

    @property
    def names(self) -> list[str]:
        """The names of its files, in their order."""
        return list(self._members)

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many bytes each of them unpacks to."""
        return {name: one.file_size for name, one in self._members.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __getitem__(self, name: str) -> bytes:
        """What is in a file. Raises KeyError where there is none, Unpackable for one that is damaged or too large."""
        found = self._members[name]
        if found.file_size > self._most.one:
            said = f"{name[:60]} in this zip file has {found.file_size:,} bytes; at most {self._most.one:,} are read."
            self._refuse("huge", said)
        try:
            with self._zip.open(found) as member:
                return member.read(self._most.one)
        except _BROKEN:
            self._refuse("broken", f"{name[:60]} in this zip file is damaged.")

    def read(self, name: str) -> bytes | None:
        """The same, None where there is none."""
        try:
            return self[name]
        except KeyError:
            return None
