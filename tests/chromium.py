"""Finds a Chromium for the browser tests; run as a script it installs one: Debian's as root, else Playwright's.

`make test` runs it first. It says nothing when all is well, and one sentence when no Chromium can be had.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "chromium")


def find() -> Path | None:
    """The first Chromium here that starts: the system's, else one that Playwright keeps."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    yield from sorted(kept.glob("chromium-*/chrome-*/chrome"), reverse=True)


def _starts(path: Path) -> bool:
    """Whether it runs at all; on Ubuntu the command may only be a hint to install a snap."""
    return _run(str(path), "--version", seconds=30)


def _run(*command: str, seconds: float = 900) -> bool:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        done = subprocess.run(
            command, **quiet, timeout=seconds, check=False, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install() -> None:
    """Tries Debian's package as root, then Playwright's installer. Whether it worked is for `find` to say."""
    root = os.geteuid() == 0
    if root and _debian() and shutil.which("apt-get"):
        _run(*APT, "update")
        _run(*APT, "install", "--yes", "--no-install-recommends", "chromium")
        if find():
            return
    if not (root and _run(*PLAYWRIGHT, "--with-deps")):
        _run(*PLAYWRIGHT)


def _debian() -> bool:
    """Ubuntu's package of the same name is a snap, which needs more than a container has."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()


def main() -> None:
    if not find():
        print("Installing Chromium for the browser tests ...", file=sys.stderr)  # noqa: T201
        install()
        if not find():
            print("No Chromium could be installed, so the browser tests are left out.", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
