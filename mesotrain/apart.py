"""Conversions of files that anybody may have made, each in a short-lived process of its own.

It has little memory, little time, no secrets in its environment, and can write no file. Whatever becomes of it, the
caller gets a conversion, or a sentence.
"""

import json
import logging
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from mesotrain.core.questions import Part
from mesotrain.formats.exchange import Conversion, convert
from mesotrain.formats.exchange.notes import Refusal
from mesotrain.formats.exchange.parcels import Parcel, packed, unpacked
from mesotrain.formats.markup import shown

MEBIBYTES, SECONDS = 256, 4
"""What a conversion may hold in memory, its program included, and how long it may work."""
PATIENCE = 2
"""How many times as long it may take where others keep the processors busy."""
MOST_OPEN = 32
SLOW = "this file takes longer than {} s; split it."
LARGE = f"this file takes more than {MEBIBYTES} MiB of memory; split it."
BROKEN = "this file stopped the program that reads it, which is our fault; nothing was taken from it."


def converted(
    content: bytes,
    path: str,
    source: str,
    target: str,
    *,
    prefix: str = "",
    name: str = "",
    show: tuple[int, int] = (0, 0),
    seconds: int = SECONDS,
) -> Parcel:
    """What `formats.exchange.convert` makes of a file, and the questions between two places as people see them."""
    told = {"path": path, "source": source, "target": target, "prefix": prefix, "name": name}
    head = json.dumps({"told": told, "show": show, "seconds": seconds}).encode()
    try:
        ended = subprocess.run(
            [sys.executable, "-B", "-m", "mesotrain.apart"],
            input=b"\n".join([head, content]),
            capture_output=True,
            cwd=Path(__file__).resolve().parent.parent,
            env={"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
            timeout=seconds * PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _refused(SLOW.format(seconds))
    if ended.stderr:
        logging.getLogger(__name__).error("a conversion broke:\n%s", ended.stderr.decode(errors="replace"))
    if ended.returncode:
        slow = ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
        return _refused(SLOW.format(seconds) if slow else BROKEN)
    try:
        return unpacked(ended.stdout)
    except ValueError:
        return _refused(BROKEN)


def _refused(sentence: str) -> Parcel:
    return Parcel(Conversion(refused=[Refusal(1, sentence)]))


def main() -> None:
    """The process: reads what is asked and the file, writes what became of it."""
    head = json.loads(sys.stdin.buffer.readline())
    _limit(head["seconds"])
    try:
        for piece in _answer(head):
            sys.stdout.buffer.write(piece)
    except MemoryError:
        _last_word(LARGE)
    except Exception as error:
        traceback.print_tb(error.__traceback__)
        print(type(error).__name__, file=sys.stderr)  # noqa: T201
        _last_word(BROKEN)


def _answer(head: dict[str, dict[str, str]]) -> Iterator[bytes]:
    """In one go, so that nothing is written before all of it is there."""
    told = head["told"]
    made = convert(sys.stdin.buffer.read(), **told)
    media = dict.fromkeys(made.sent.media, "") if made.sent else {}
    first, last = head["show"]
    looked: dict[int, tuple[Part, Part]] = {
        place: (shown(one.question.taker, media=media), shown(one.question.key, media=media))
        for place, one in enumerate(made.questions[int(first) : int(last)], int(first))
    }
    return iter(list(packed(Parcel(made, looked))))


def _last_word(sentence: str) -> None:
    for piece in packed(_refused(sentence)):
        sys.stdout.buffer.write(piece)


def _limit(seconds: int) -> None:
    """From here on: this much memory in all, this much time, no file written, no core left behind."""
    pages = [int(one) for one in Path("/proc/self/statm").read_text().split()]
    reserved, resident = (pages[at] * resource.getpagesize() for at in (0, 1))
    room = reserved - resident + MEBIBYTES * 2**20
    for what, most in (
        (resource.RLIMIT_AS, room),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MOST_OPEN),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


if __name__ == "__main__":
    main()
