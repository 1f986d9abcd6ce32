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
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mesotrain.core.questions import Part
from mesotrain.formats.exchange import Conversion, convert
from mesotrain.formats.exchange.notes import Refusal
from mesotrain.formats.exchange.parcels import packed, unpacked
from mesotrain.formats.markup import shown_both

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
    beside: Mapping[str, bytes] | None = None,
    seconds: int = SECONDS,
) -> Conversion:
    """What `formats.exchange.convert` makes of a file, with the pictures `beside` it by their path."""
    pictures = {name: b64encode(one).decode() for name, one in (beside or {}).items()}
    told = {"path": path, "source": source, "target": target, "beside": pictures}
    found = _asked({"convert": told}, content, seconds)
    try:
        return _refused(found) if isinstance(found, str) else unpacked(found)
    except ValueError:
        return _refused(BROKEN)


def rendered(parts: Sequence[tuple[Part, Part]], media: Mapping[str, str]) -> list[tuple[Part, Part]] | None:
    """The taker part and the key of questions as HTML, by `formats.markup.shown`; None where that takes too much."""
    found = _asked({"render": dict(media)}, json.dumps(parts).encode(), SECONDS)
    return None if isinstance(found, str) else [(taker, key) for taker, key in json.loads(found)]


def _asked(what: Mapping[str, object], content: bytes, seconds: int) -> bytes | str:
    """What a process answers, or why there is nothing."""
    head = json.dumps({**what, "seconds": seconds}).encode()
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
        return SLOW.format(seconds)
    if ended.stderr:
        logging.getLogger(__name__).error("a conversion broke:\n%s", ended.stderr.decode(errors="replace"))
    match ended.returncode:
        case 0:
            return ended.stdout
        case 3:
            return LARGE
        case code if -code in (signal.SIGXCPU, signal.SIGKILL):
            return SLOW.format(seconds)
        case _:
            return BROKEN


def _refused(sentence: str) -> Conversion:
    return Conversion(refused=[Refusal(1, sentence)])


def main() -> None:
    """The process: reads what is asked and the file, writes what became of it; ends with 3 where memory does."""
    head = json.loads(sys.stdin.buffer.readline())
    _limit(head["seconds"])
    try:
        sys.stdout.buffer.writelines(_answer(head, sys.stdin.buffer.read()))
    except MemoryError:
        sys.exit(3)
    except Exception as error:
        traceback.print_tb(error.__traceback__)
        sys.stderr.write(type(error).__name__)  # and not what it says, which may be the file's
        sys.exit(2)


def _answer(head: dict[str, Any], content: bytes) -> list[bytes]:
    """In one piece, so that nothing is written before all of it is there."""
    if "convert" in head:
        told: dict[str, Any] = head["convert"]
        beside = {name: b64decode(one) for name, one in told.pop("beside").items()}
        return list(packed(convert(content, **told, beside=beside)))
    parts, media = json.loads(content), head["render"]
    return [json.dumps([shown_both(taker, key, media=media) for taker, key in parts]).encode()]


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
