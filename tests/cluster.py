"""A PostgreSQL of the test's own, which runs as a user without rights and may be stopped as if the power had gone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port

NOBODY = "nobody"


def binaries() -> Path | None:
    """Where PostgreSQL's programs are, the newest of them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[4]))
    on_the_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_the_path).resolve().parent if on_the_path else None


@dataclass(frozen=True)
class Cluster:
    """A cluster in a folder."""

    programs: Path
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *words: str) -> None:
        who: dict[str, Any] = {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}
        with (self.folder / "said").open("ab") as said:
            subprocess.run(
                [self.programs / program, *words],
                check=True,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=120,
                **(who if os.geteuid() == 0 else {}),
            )

    def make(self) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", f"--pgdata={self.folder}/data")

    def start(self, **settings: str) -> None:
        given = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": str(self.folder)}
        options = " ".join(f"-c {name}={value}" for name, value in (given | settings).items())
        self._run("pg_ctl", "-w", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        """At once: nothing is written that was not."""
        self._run("pg_ctl", "-w", "-D", f"{self.folder}/data", "-m", "immediate", "stop")


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """One that runs; None where PostgreSQL's programs are not installed."""
    programs, folder = binaries(), Path(tempfile.mkdtemp(prefix="cluster"))
    if programs is None:
        yield None
        return
    if os.geteuid() == 0:
        shutil.chown(folder, NOBODY)
    made = Cluster(programs, folder, free_port())
    try:
        made.make()
        made.start()
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.stop()
        shutil.rmtree(folder)
