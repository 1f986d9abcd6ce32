"""What each format costs to read and to write, beside ``json.loads`` of the same questions."""

import json
import re
import time
from collections.abc import Callable
from statistics import median

from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.bundles import packed
from mesotrain.formats.exchange.notes import Brought, Exchanged
from mesotrain.formats.lines import Report
from mesotrain.web.examples import BANK, PICTURES

ROUNDS, MANY = 5, 60
AIKEN = b"Where is it given?\nA. Into the thigh\nB. Into the arm\nC. Under the skin\nANSWER: A\n\n"


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
    known, writes = FORMATS[name], ""
    content = packed({"exm.md": bank().encode()}) if name == "bank-zip" else AIKEN * 150
    if writer := known.write:
        source = read_bank(bank(), Report(""), PICTURES).questions

        def written() -> bytes:
            return writer(Brought([Exchanged(one) for one in source]), "bench").content

        content, writes = written(), f"{len(source) / _seconds(written):,.0f}"
    made = known.read(content, f"bench{known.ending}", "exm").questions if known.read and name != "docx" else []
    if not known.read or not made:
        return [name, "", "", "", "", writes]
    reader, path = known.read, f"bench{known.ending}"
    said = json.dumps([{"taker": one.question.taker, "key": one.question.key} for one in made])
    bare, read, whole = (
        _seconds(work) / len(made)
        for work in (
            lambda: json.loads(said),
            lambda: reader(content, path, "exm"),
            lambda: convert(content, path, name, "bank"),
        )
    )
    return [name, str(len(made)), f"{1 / bare:,.0f}", _cell(read, bare), _cell(whole, bare), writes]


def _cell(each: float, bare: float) -> str:
    return f"{1 / each:,.0f} ({each / bare:.0f}x)"


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)
