"""The README's security table names tests that there are, and every item of the chapters it covers."""

import re
from pathlib import Path

from mesotrain.config import ROOT

TABLE = (ROOT / "README.md").read_text().split("## Security")[1].split("## Decisions")[0]
ITEMS = {"6.1": 3, "6.2": 11, "6.3": 3, "6.4": 4, "6.5": 5, "7.1": 2, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2} | {
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
}
"""Section of ASVS 5.0 -> how many of its items, counted from 1, are of levels 1 and 2 and apply here."""


def shown() -> set[str]:
    return {
        name
        for path in Path(ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def items(table: str) -> set[str]:
    found = set()
    for first, last in re.findall(r"(\d\.\d\.\d+)(?: to (\d\.\d\.\d+))?", table):
        section, _, number = first.rpartition(".")
        found |= {f"{section}.{one}" for one in range(int(number), int((last or first).rpartition(".")[2]) + 1)}
    return found


def test_every_test_of_the_table_is_one() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert len(named) > 30
    assert named - shown() == set()


def test_every_item_is_in_the_table() -> None:
    wanted = {f"{section}.{number}" for section, most in ITEMS.items() for number in range(1, most + 1)}
    assert wanted - items(TABLE) == set()
    assert items(TABLE.replace("| 7.4.5 |", "| |")) != items(TABLE)


def test_every_line_has_a_test() -> None:
    lines = [line for line in TABLE.splitlines() if re.match(r"\| \d", line)]
    assert [line for line in lines if "`test_" not in line] == []
