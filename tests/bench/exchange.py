"""What each format costs to read and to write, beside ``json.loads`` of the same questions."""

import json
import re
import time
from collections.abc import Callable
from statistics import median

from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.notes import Brought, Exchanged
from mesotrain.formats.lines import Report
from mesotrain.web.examples import BANK, PICTURES

ROUNDS, MANY = 5, 60


def exchange_rows() -> list[list[str]]:
    """A row for each format: questions a second read, read into a bank with its check, and written."""
    return [_row(name) for name in FORMATS]


def bank() -> str:
    """Many questions of every type that is examined by a text alone."""
    front, *questions = re.split(r"(?m)^(?=## )", BANK)
    plain = [re.sub(r"^## \S+", "## exm-{:04d}", one.strip()) for one in questions if "(media/" not in one]
    numbered = [plain[at % len(plain)].replace("{:04d}", f"{at + 1:04d}", 1) for at in range(len(plain) * MANY // 4)]
    return "\n\n".join([front.strip(), *numbered]) + "\n"


def _row(name: str) -> list[str]:
    known, source = FORMATS[name], read_bank(bank(), Report(""), PICTURES).questions
    writer = known.write
    if writer is None:
        return [name, "", "", "", "", ""]

    def written() -> bytes:
        return writer(Brought([Exchanged(one) for one in source]), "bench").content

    content = written()
    cost = {"write": _seconds(written) / len(source)}
    many = len(source)
    if known.read:
        reader, path = known.read, f"bench{known.extensions[0]}"
        made = reader(content, path, "exm").questions
        many = len(made)
        said = json.dumps([{"taker": one.question.taker, "key": one.question.key} for one in made])
        bare = _seconds(lambda: json.loads(said)) / many
        cost |= {
            "read": _seconds(lambda: reader(content, path, "exm")) / many,
            "convert": _seconds(lambda: convert(content, path, name, "bank")) / many,
        }
        return [
            name,
            str(many),
            f"{1 / bare:,.0f}",
            *(_cell(cost[what], bare) for what in ("read", "convert", "write")),
        ]
    return [name, str(many), "", "", "", f"{1 / cost['write']:,.0f}"]


def _cell(each: float, bare: float) -> str:
    return f"{1 / each:,.0f} ({each / bare:.0f}x)"


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)
