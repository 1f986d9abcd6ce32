"""Statements that are true or false."""

from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part
from mesotrain.core.questions.true_false import EACH, FALSE, KPRIM, OF_KPRIM, TRUE, TrueFalse
from mesotrain.formats.answers.entries import Rules, Written, option_lines, options_of
from mesotrain.formats.lines import Report

_SAID = {"T": TRUE, "F": FALSE}


def read(written: Written, rules: Rules, report: Report) -> tuple[Part, Part]:
    """One statement, or several judged one by one; four are marked as Kprim unless the author says otherwise."""
    options = options_of(written, report)
    verdicts: Json = {one["id"]: _SAID[entry.mark] for one, entry in zip(options.members, written.entries, strict=True)}
    taker: Part = {"type": TrueFalse.name, "stem": written.stem, "statements": options.shown(shuffle=rules.shuffle)}
    rule = rules.credit or (KPRIM if len(written.entries) == OF_KPRIM else EACH)
    return taker | {"shuffle": rules.shuffle}, {"verdicts": verdicts, "rule": rule, **options.key(written)}


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of."""
    verdicts, reasons, names = (cast(dict[str, str], key.get(name, {})) for name in ("verdicts", "reasons", "names"))
    lines = []
    for one in cast(list[dict[str, str]], taker["statements"]):
        mark = "[T] " if verdicts[one["id"]] == TRUE else "[F] "
        lines += option_lines(mark, one["text"], names.get(one["id"], ""), reasons.get(one["id"], ""))
    return lines
