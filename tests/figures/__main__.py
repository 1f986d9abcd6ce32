"""Writes the promises, and what was last seen of each, between the two marks of README.md."""

import json
from collections.abc import Iterable

from mesotrain.config import ROOT
from tests.figures.promises import ENGINES, FIGURES, PROMISES, promise_of

README = ROOT / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
HEADING = ["| Promised | Goal | Seen |", "|---|---|---|"]


def table(lines: Iterable[str]) -> str:
    """The block, of lines of figures.jsonl; of each figure the last counts."""
    seen: dict[str, dict[str, str]] = {}
    for line in lines:
        figure = json.loads(line)
        promise, engine = promise_of(figure["name"])
        words = f"{figure['value']:,}" + ("" if figure["ok"] else " **FAIL**")
        goal = figure["goal"]
        seen.setdefault(promise, {})[engine] = f"{ENGINES[engine]} {words}" if engine else words
        seen[promise]["goal"] = goal
    rows = [
        f"| {promised.says} (`{promise}`) | {told['goal']} | "
        + ", ".join(told[engine] for engine in ("", *ENGINES) if engine in told)
        + " |"
        for promise, promised in PROMISES.items()
        if (told := seen.get(promise))
    ]
    return "\n".join([BEGIN, "", *HEADING, *rows, "", END])


def rewritten(readme: str, block: str) -> str:
    """The text with this block in the place of the one it has."""
    before, _, rest = readme.partition(BEGIN)
    return before + block + rest.partition(END)[2]


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(), table(FIGURES.read_text().splitlines())))
