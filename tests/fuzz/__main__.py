"""Fuzzes every format that is read, one after the other, and prints how many cases ran; ends with 1 where one broke."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from mesotrain.formats.exchange import FORMATS
from tests.fuzz.cases import Cases

MOST_BYTES, MOST_SECONDS, MOST_MEGABYTES = 20_000, 5, 1024
LIMITS = [f"-max_len={MOST_BYTES}", f"-timeout={MOST_SECONDS}", f"-rss_limit_mb={MOST_MEGABYTES}"]


def fuzz(name: str, seconds: int) -> bool:
    """Whether every case of one format ended as it should."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, content in enumerate(Cases(name).edited()):
            (corpus / str(number)).write_bytes(content)
        options = [f"-max_total_time={seconds}", "-print_final_stats=1", f"-artifact_prefix={folder}/", *LIMITS]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.target", name, *options, str(corpus)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        cases = re.search(r"number_of_executed_units: ([0-9]+)", ended.stdout)
        reached = re.findall(r"cov: ([0-9]+)", ended.stdout)
        click.echo(
            f"{name:12} {int(cases[1]) if cases else 0:>10,} cases, {reached[-1] if reached else 0:>6} places reached"
        )
        if ended.returncode:
            click.echo(
                "\n".join(line for line in ended.stdout.splitlines() if not line.startswith(("#", "INFO", "stat")))
            )
            broke = [path for path in Path(folder).iterdir() if path.is_file()]
            click.echo("\n".join(f"{path.name}: {path.read_bytes()!r}" for path in broke))
        return ended.returncode == 0


if __name__ == "__main__":
    only = sys.argv[2:] or [name for name, one in FORMATS.items() if one.read]
    well = [fuzz(name, int(sys.argv[1])) for name in only]
    sys.exit(0 if all(well) else 1)
