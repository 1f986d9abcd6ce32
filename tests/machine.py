"""What the tests need of the machine: a Chromium, and Hunspell with British English and medical words.

Run as a script it installs what is missing: Debian's packages as root, a Chromium else by Playwright. `make test` runs
it first. It says nothing when all is well, and a sentence of what cannot be had.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SHELL = "chromium-headless-shell"
"""The same Chromium without its window, whose parts take two thirds of the time of a test."""
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
SPELLING = ("hunspell", "-d", "en_GB,en_med_glut", "-i", "utf-8", "-l")
"""Gives those of the words in its input that neither the dictionary nor the medical word list has."""
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


def spells() -> bool:
    """Whether there is a spelling checker with its dictionaries."""
    return _run(*SPELLING, seconds=30)


def _packages(*names: str) -> bool:
    """Installs packages, as root on Debian: Ubuntu's Chromium is a snap, which needs more than a container has."""
    release = Path("/etc/os-release")
    debian = release.exists() and "ID=debian" in release.read_text().splitlines()
    if os.geteuid() != 0 or not debian or not shutil.which("apt-get"):
        return False
    _run(*APT, "update")
    return _run(*APT, "install", "--yes", "--no-install-recommends", *names)


def _chromium() -> None:
    """Tries Debian's package as root, then Playwright's installer. Whether it worked is for `find` to say."""
    if _packages("chromium") and find():
        return
    if not (os.geteuid() == 0 and _run(*PLAYWRIGHT, "--with-deps")):
        _run(*PLAYWRIGHT)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201


def main() -> None:
    if not shutil.which(SHELL):
        _packages(SHELL)
    if not find():
        _say("Installing Chromium for the browser tests ...")
        _chromium()
        if not find():
            _say("No Chromium could be installed, so the browser tests are left out.")
    if not spells() and not (_packages("hunspell", "hunspell-en-gb", "hunspell-en-med") and spells()):
        _say("No spelling checker could be installed, so the spelling of the courses is not looked at.")


if __name__ == "__main__":
    main()
