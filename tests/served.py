"""`mesotrain serve` as a process of its own, which a test may stop, kill and start again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from mesotrain.config import ROOT
from tests.ports import free_port
from tests.world import World

WORKER = b"\0worker\0"
COMMAND = Path(sys.executable).with_name("mesotrain")
PATIENCE = 40.0
INSIDE = Path(__file__).parent / "figures" / "inside"


class Served:
    """`mesotrain serve` in a process group of its own."""

    def __init__(self, world: World, log: Path, **more: str) -> None:
        """`more` is for `tests/figures/inside`, which its processes start with then."""
        self.port = free_port()
        self.log = log
        self.address = world.environment["MESOTRAIN_DATABASE_URL"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MESOTRAIN_")}
        public = {"MESOTRAIN_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        self.environment = {**kept, **world.environment, **public}
        if any(more.values()):
            inside = {"PYTHONPATH": f"{INSIDE}{os.pathsep}{ROOT}"}
            self.environment |= inside | {name.upper(): value for name, value in more.items()}

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Until it serves."""
        until(self.healthy, self.log)

    def healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def signal(self, number: int) -> int:
        """Sends a signal to the whole group, as a terminal or a failing machine would; gives the exit status."""
        os.killpg(self.process.pid, number)
        return self.process.wait(PATIENCE)

    def processes(self, word: bytes = b"mesotrain") -> list[int]:
        """Every process set to our database, this one apart, with this word in its command."""
        mine = f"MESOTRAIN_DATABASE_URL={self.address}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = mine in (folder / "environ").read_bytes().split(b"\0")
                if ours and word in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def _ran(self) -> tuple[float, float]:
        """Seconds that the server's processes, the worker apart, had a processor, and waited for one."""
        used = waited = 0
        for process in set(self.processes()) - set(self.processes(WORKER)):
            for thread in Path(f"/proc/{process}/task").glob("*"):
                with suppress(OSError, IndexError):  # it ended, or this system does not tell
                    ran, stood, _ = map(int, (thread / "schedstat").read_text().split())
                    used, waited = used + ran, waited + stood
        return used / 1e9, waited / 1e9

    def used(self) -> float:
        """Seconds of processor time so far, the worker's apart."""
        return self._ran()[0]

    def share(self) -> float:
        """How much of the time that it could have used a processor it had one: under 1 where others keep them busy."""
        used, waited = self._ran()
        return used / (used + waited) if used else 1.0

    def clear(self) -> None:
        """Leaves nothing of ours running, whatever the test found."""
        for process in self.processes():
            os.kill(process, signal.SIGKILL)


def until(true: Callable[[], bool], otherwise: str | Path, seconds: float = PATIENCE) -> None:
    """Waits; `otherwise` is what went wrong, or the log that says it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise if isinstance(otherwise, str) else otherwise.read_text()[-3000:]
        time.sleep(0.02)
