"""A zip archive that may be hostile: nothing of it is unpacked to a disk, and no more is read than is looked at."""

import zipfile
import zlib
from io import BytesIO
from itertools import pairwise
from typing import NoReturn

from mesotrain.core.errors import BadContent, Fault

BEGINS = b"PK\x03\x04"
MOST_MEMBERS, MOST_TOTAL, MOST_BYTES, MOST_RATIO = 10_000, 100_000_000, 16_000_000, 200
"""Files in it; bytes of all of them; bytes of one that is read, and how far it may have been pressed together."""
_LARGE = 1_000_000
"""Below this many bytes it may have been pressed together as far as it likes."""
_HEADER = 30


class Archive:
    """The files of an archive by their names. Raises BadContent for an archive that no honest program makes."""

    def __init__(self, content: bytes, path: str) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, IndexError):
            self._refuse("this is no whole zip file; make it again.")
        if len(members) > MOST_MEMBERS:
            self._refuse(f"this zip file holds {len(members):,} files; at most {MOST_MEMBERS:,} are read.")
        if (total := sum(one.file_size for one in members)) > MOST_TOTAL:
            self._refuse(f"this zip file unpacks to {total:,} bytes; at most {MOST_TOTAL:,} are read.")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for one in members:
            self._looked_at(one)
        self._apart(content, members)

    def _refuse(self, sentence: str) -> NoReturn:
        raise BadContent([Fault(self._path, 1, sentence, "zip")])

    def _looked_at(self, one: zipfile.ZipInfo) -> None:
        name = one.orig_filename
        parts = name.rstrip("/").split("/")
        if "\\" in name or "\0" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
            self._refuse(f"a file in this zip file is called “{name[:60]!r}”, which leads out of it.")
        if one.flag_bits & 1:
            self._refuse("this zip file is locked by a password.")
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._refuse("this zip file is pressed together in a way that is not read; make it again.")
        if one.file_size > _LARGE and one.file_size > MOST_RATIO * one.compress_size:
            self._refuse(f"{name[:60]} in this zip file was pressed together too far to be honest.")
        if one.is_dir():
            return
        if name in self._members:
            self._refuse(f"two files in this zip file are called {name[:60]}.")
        self._members[name] = one

    def _apart(self, content: bytes, members: list[zipfile.ZipInfo]) -> None:
        """No two files share a part of the archive."""
        spans = []
        for one in members:
            at = one.header_offset
            lengths = (int.from_bytes(content[at + place : at + place + 2], "little") for place in (26, 28))
            spans.append((at, at + _HEADER + sum(lengths) + one.compress_size))
        if any(end > begin for (_, end), (begin, _) in pairwise(sorted(spans))):
            self._refuse("files in this zip file lie over one another.")

    @property
    def names(self) -> list[str]:
        """The names of its files, in their order."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes | None:
        """What is in a file; None where there is none. Raises BadContent for one that is damaged or too large."""
        found = self._members.get(name)
        if found is None:
            return None
        if found.file_size > MOST_BYTES:
            self._refuse(
                f"{name[:60]} in this zip file has {found.file_size:,} bytes; at most {MOST_BYTES:,} are read."
            )
        try:
            with self._zip.open(found) as member:
                return member.read(MOST_BYTES)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError, EOFError, RuntimeError):
            self._refuse(f"{name[:60]} in this zip file is damaged.")
