"""Conversions of files that anybody may have made, each in a short-lived process of its own.

It has little memory, little time, no secrets in its environment, and can write no file. Whatever becomes of it, the
caller gets a conversion, or a sentence. One process that reads no file has the program in it already; it forks for
each of them, which takes a hundredth of the time that a program takes to start.
"""

import atexit
import gc
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import traceback
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from socket import recv_fds, send_fds, socket, socketpair
from threading import Lock
from typing import Any, NoReturn

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
YOUNG = 50_000
"""How many objects come before those that nobody needs are looked for; with the usual 700 that takes a third of it."""
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
    said = HELPER.ask(b"\n".join([head, content]))
    answer, code = said[:-_CODE], int.from_bytes(said[-_CODE:], signed=True) if said else 1
    match code:
        case 0:
            return answer
        case 3:
            return LARGE
        case code if -code in (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL):
            return SLOW.format(seconds)
        case _:
            logging.getLogger(__name__).error("a conversion broke (%s):\n%s", code, answer.decode(errors="replace"))
            return BROKEN


_CODE = 2
"""The last bytes of an answer say how its process ended."""


class _Helper:
    """The process that forks, started when it is first needed; it ends with whoever started it."""

    def __init__(self) -> None:
        self._lock, self._control = Lock(), socket()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, content: bytes) -> bytes:
        """What a process of its own answers, and how it ended; nothing where there is none."""
        (theirs, asked), (answer, said) = os.pipe(), os.pipe()
        with open(asked, "wb") as request, open(answer, "rb") as reply:
            try:
                sent = self._sent([theirs, said])
            finally:
                os.close(theirs)
                os.close(said)
            if not sent:
                return b""
            with suppress(BrokenPipeError), request:
                request.write(content)
            return reply.read()

    def _sent(self, files: Sequence[int]) -> bool:
        """Whether the process took these; one that has gone is started again."""
        for _ in range(2):
            with suppress(OSError), self._lock:
                self._start()
                return send_fds(self._control, [b"x"], files) == 1
        return False

    def start(self) -> None:
        """Has the process ready for what will be asked soon."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        self.close()
        self._control, theirs = socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-m", "mesotrain.apart"],
                stdin=theirs.fileno(),
                cwd=Path(__file__).resolve().parent.parent,
                env={"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
            )

    def close(self) -> None:
        """Ends the process, once it has done what was asked."""
        self._control.close()
        if self._process:
            self._process.wait()


HELPER = _Helper()
atexit.register(HELPER.close)


def _refused(sentence: str) -> Conversion:
    return Conversion(refused=[Refusal(1, sentence)])


def main() -> None:
    """The process that forks: for each file one that works, and one that says how that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(YOUNG)
    with socket(fileno=0) as control:
        while True:
            said, files, *_ = recv_fds(control, 1, 2)
            if not said:
                return
            if not os.fork():
                control.close()
                _watch(*files)
            for one in files:
                os.close(one)


def _watch(asked: int, answer: int) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if not (worker := os.fork()):
        _work(asked, answer)
    os.close(asked)
    ended = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    os.write(answer, ended.to_bytes(_CODE, signed=True))
    os._exit(0)


def _work(asked: int, answer: int) -> NoReturn:
    """Reads what is asked and the file, writes what became of it; ends with 3 where memory does."""
    with open(asked, "rb") as request, open(answer, "wb") as reply:
        try:
            head = json.loads(request.readline())
            _limit(head["seconds"])
            reply.writelines(_answer(head, request.read()))
            reply.flush()
        except MemoryError:
            os._exit(3)
        except Exception as error:
            lines = [*traceback.format_tb(error.__traceback__), type(error).__name__]
            reply.write("".join(lines).encode())  # and not what the error says, which may be the file's
            reply.flush()
            os._exit(2)
    os._exit(0)


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
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE or 0.001)


if __name__ == "__main__":
    main()
