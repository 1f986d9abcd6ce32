"""Things to be put in order."""

from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part
from mesotrain.core.questions.ordering import NOWHERE, PAIRS, Ordering
from mesotrain.formats.answers.entries import Rules, Written, option_lines, options_of
from mesotrain.formats.lines import Report


def read(written: Written, rules: Rules, report: Report) -> tuple[Part, Part]:
    """Items and their places; where they stand in the file says nothing of it."""
    options = options_of(written, report)
    pairs = zip(options.members, written.entries, strict=True)
    places: Json = {one["id"]: str(int(entry.mark)) for one, entry in pairs if entry.mark != NOWHERE}
    taker: Part = {"type": Ordering.name, "stem": written.stem, "items": options.shown(shuffle=True)}
    return taker, {"places": places, "rule": rules.credit or PAIRS, **options.key(written)}


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read` makes these parts of, in their right order."""
    places, reasons, names = (cast(dict[str, str], key.get(name, {})) for name in ("places", "reasons", "names"))
    items = cast(list[dict[str, str]], taker["items"])
    lines = []
    for one in sorted(items, key=lambda one: (int(places.get(one["id"], len(items) + 1)), one["id"])):
        mark, name = f"({places.get(one['id'], NOWHERE)}) ", one["id"]
        lines += option_lines(mark, one["text"], names.get(name, ""), reasons.get(name, ""))
    return lines
