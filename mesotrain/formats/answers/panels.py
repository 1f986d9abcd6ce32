"""Options with what a panel chose."""

from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part
from mesotrain.core.questions.concordance import Concordance
from mesotrain.formats.answers.entries import Rules, Written, option_lines, options_of
from mesotrain.formats.lines import Report


def read(written: Written, _rules: Rules, report: Report) -> tuple[Part, Part]:
    """A scale, each point with how many of the panel chose it."""
    options = options_of(written, report)
    counts = {
        one["id"]: int(entry.mark.removeprefix("panel"))
        for one, entry in zip(options.members, written.entries, strict=True)
    }
    taker: Part = {"type": Concordance.name, "stem": written.stem, "options": options.shown(shuffle=False)}
    return taker, {"panel": cast(Json, counts), **options.key(written)}


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of."""
    panel = cast(dict[str, int], key["panel"])
    reasons, names = (cast(dict[str, str], key.get(name, {})) for name in ("reasons", "names"))
    return [
        line
        for one in cast(list[dict[str, str]], taker["options"])
        for line in option_lines(
            f"(panel {panel[one['id']]}) ", one["text"], names.get(one["id"], ""), reasons.get(one["id"], "")
        )
    ]
