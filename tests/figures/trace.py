"""What SQLite writes and syncs, as it does: the library of this process asks here first.

Its table of file methods is changed in place, so it is the application's own SQLite, and nothing has to be compiled.
"""

import ctypes
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pysqlite3._sqlite3 as library

WRITE, CUT, SYNC = range(3)
"""Kinds of what happens to a file: bytes are written, it is cut to a length, it is synced."""

FULL = 13
"""SQLITE_FULL: what a disk without room answers a write with."""

METHODS, WRITES, CUTS, SYNCS = 22, 3, 4, 5
"""Words of sqlite3_io_methods, the first its version, and where the methods stand that change a file."""

OPENS = 5
"""Which word of sqlite3_vfs, whose two leading numbers share the first, opens a file."""

HEAD = struct.Struct("<BBqqqq")
"""kind, whether it is the log, when it began and ended in ns, offset or length, bytes that follow."""

_int64, _pointer, _int = ctypes.c_int64, ctypes.c_void_p, ctypes.c_int
_OPEN = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, _pointer)
_WRITE = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _int64)
_CUT = ctypes.CFUNCTYPE(_int, _pointer, _int64)
_SYNC = ctypes.CFUNCTYPE(_int, _pointer, _int)


class Happened(NamedTuple):
    """What happened to a file: `data` of a write at `offset`, or the length it was cut to."""

    kind: int
    log: bool
    began: int
    ended: int
    offset: int
    data: bytes


_kept: list[Any] = []
"""What the library points to from now on."""


def listen(tell: Callable[[Happened], None], refuse: Callable[[int, str], bool] = lambda *_: False) -> None:
    """Tells of everything that happens to databases and their logs, once it did.

    What is to be refused, by its kind and the file's name, does not happen: there is no room for it.
    """
    sqlite = ctypes.CDLL(library.__file__)
    sqlite.sqlite3_vfs_find.restype = _pointer
    vfs = ctypes.cast(sqlite.sqlite3_vfs_find(None), ctypes.POINTER(_pointer))
    opens = _OPEN(vfs[OPENS])
    names: dict[int, str] = {}
    tables: dict[int, Any] = {}

    def opened(system: int, name: int | None, file: int, flags: int, out: int) -> int:
        status = opens(system, name, file, flags, out)
        first = ctypes.cast(file, ctypes.POINTER(_pointer))
        if status == 0 and name and first[0]:
            names[file] = ctypes.string_at(name).decode()
            if first[0] not in tables:
                tables[first[0]] = _changed(first[0], names, tell, refuse)
            first[0] = ctypes.addressof(tables[first[0]])
        return status

    vfs[OPENS] = ctypes.cast(changed := _OPEN(opened), _pointer).value
    _kept.extend([opens, changed, names, tables])


def _changed(
    methods: int, names: dict[int, str], tell: Callable[[Happened], None], refuse: Callable[[int, str], bool]
) -> Any:
    """A copy of these file methods that tells."""
    table = (_pointer * METHODS).from_buffer_copy((_pointer * METHODS).from_address(methods))
    write, cut, sync = _WRITE(table[WRITES]), _CUT(table[CUTS]), _SYNC(table[SYNCS])

    def did(kind: int, file: int, do: Callable[[], int], offset: int = 0, data: bytes = b"") -> int:
        name = names[file]
        if refuse(kind, name):
            return FULL
        began, status = time.monotonic_ns(), do()
        if status == 0 and name.endswith((".db", ".db-wal")):
            tell(Happened(kind, name.endswith("-wal"), began, time.monotonic_ns(), offset, data))
        return int(status)

    def writes(file: int, data: int, size: int, offset: int) -> int:
        return did(WRITE, file, lambda: write(file, data, size, offset), offset, ctypes.string_at(data, size))

    def cuts(file: int, size: int) -> int:
        return did(CUT, file, lambda: cut(file, size), size)

    def syncs(file: int, flags: int) -> int:
        return did(SYNC, file, lambda: sync(file, flags))

    made = (_WRITE(writes), _CUT(cuts), _SYNC(syncs))
    _kept.extend([write, cut, sync, made])
    for place, one in zip((WRITES, CUTS, SYNCS), made, strict=True):
        table[place] = ctypes.cast(one, _pointer).value
    return table


def trace(folder: str) -> None:
    """Writes all that happens from now on in this process, and in those forked from it, into files of a folder."""
    opened: dict[int, int] = {}

    def tell(one: Happened) -> None:
        process = os.getpid()
        if process not in opened:
            opened[process] = os.open(f"{folder}/{process}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(opened[process], HEAD.pack(*one[:5], len(one.data)) + one.data)

    listen(tell)


def traced(folder: Path) -> list[Happened]:
    """All that happened, in the order in which it began."""
    found = []
    for file in folder.iterdir():
        text, at = file.read_bytes(), 0
        while at + HEAD.size <= len(text):
            *told, size = HEAD.unpack_from(text, at)
            at += HEAD.size
            found.append(Happened(told[0], bool(told[1]), *told[2:], text[at : at + size]))
            at += size
    return sorted(found, key=lambda one: one.began)
