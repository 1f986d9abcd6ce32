"""What a pasted question wants put in order or matched, told by its key or by arrows."""

import re
from collections.abc import Sequence

from mesotrain.formats.exchange.pasted.found import Found
from mesotrain.formats.exchange.pasted.keywords import asks_for_matches, asks_for_order
from mesotrain.formats.exchange.pasted.lines import pairs
from mesotrain.formats.exchange.pasted.looks import Said

_PREMISE = re.compile(r"[(\[]?(?P<number>[0-9]{1,2})[.)\]:]{1,2}\s+(?=\S)")
_ARROW = re.compile(r"\s*(?:[-=\u2013\u2014]{1,2}>|[\u2192\u21d2\u27a1\u2794])\s*")
_BETWEEN = re.compile(r"\t+| {3,}|\s+(?:=|:|[-\u2013\u2014])\s+")
_EACH = re.compile(r"[(\[]?(?P<label>[A-Za-z]|[0-9]{1,2})[)\].]?(?:\s*(?:[,;<>/\u2192\u2013\u2014-]|->|=>)\s*|\s+|$)")
_RUN = re.compile(r"[A-Z]{3,12}|[a-z]{3,12}")

Pair = tuple[Said, Said]
"""What is asked, or nothing, and its answer."""


def premises(stem: Sequence[Said]) -> list[tuple[int, Said]]:
    """The last lines of a stem, if they are numbered from 1: where each stands in it, and its text."""
    found: list[tuple[int, Said]] = []
    expected = 0
    for at in range(len(stem) - 1, -1, -1):
        mark = _PREMISE.match(stem[at].text)
        if stem[at].text and (not mark or (expected and int(mark["number"]) != expected)):
            break
        if mark:
            found.insert(0, (at, stem[at][mark.end() :]))
            expected = int(mark["number"]) - 1
            if not expected:
                return found if len(found) > 1 else []
    return []


def matched_by(found: Found, key: str) -> dict[int, str]:
    """The letter of the answer to each thing that is asked, by its number, if a key says it of all of them."""
    said = {int(number): value.upper() for number, value in pairs(key)}
    letters = {one.label.upper() for one in found.options}
    known = len(said) > 1 and said.keys() == set(range(1, len(premises(found.stem)) + 1))
    return said if known and set(said.values()) <= letters else {}


def matches(found: Found) -> tuple[list[Said], list[Pair], str] | None:
    """The stem, what is matched with what, and what says so; None where nothing does."""
    keys = [text for _, text in found.keys if text]
    if len(keys) == 1 and (said := matched_by(found, keys[0])):
        asked, texts = premises(found.stem), {one.label.upper(): one.text[0] for one in found.options}
        made = [(text, texts[said[number]]) for number, (_, text) in enumerate(asked, 1)]
        rest = [(Said("", b""), text) for label, text in texts.items() if label not in said.values()]
        return found.stem[: asked[0][0]], made + rest, "its key pairs numbers with letters: these are matched."
    if keys or found.listed or any(one.ticked or len(one.text) > 1 for one in found.options):
        return None
    lines = [one.text[0] for one in found.options] or [one for one in found.stem if one.text][1:]
    asks = asks_for_matches(" ".join(one.text for one in found.stem))
    for mark in (_ARROW, _BETWEEN) if asks else (_ARROW,):
        cut = [_cut(one, mark) for one in lines]
        first = 0 if found.options else next((at for at, one in enumerate(cut) if one), len(cut))
        parts = [one for one in cut[first:] if one]
        if len(parts) == len(cut[first:]) > 1 and any(asked.text for asked, _ in parts):
            stem = found.stem if found.options else found.stem[: found.stem.index(lines[first])]
            return stem, parts, "its lines have two parts each: these are matched."
    return None


def _cut(line: Said, mark: re.Pattern[str]) -> Pair | None:
    """Both parts of a line with one such mark."""
    found = list(mark.finditer(line.text))
    if len(found) != 1 or found[0].end() == len(line.text):
        return None
    return line[: found[0].start()], line[found[0].end() :]


def order(found: Found) -> list[int] | None:
    """The places of the options in the order that a key gives them, if it names each of them once."""
    keys = {text.strip() for _, text in [*found.keys, *found.listed] if text.strip()}
    asks, many = asks_for_order(" ".join(one.text for one in found.stem)), len(found.options)
    if len(keys) != 1 or many < 2 or any(one.ticked for one in found.options):
        return None
    text = keys.pop().rstrip(".")
    given = list(text) if _RUN.fullmatch(text) else _labels(text)
    labels = [one.label.upper() for one in found.options]
    if asks and not any(map(str.isalnum, labels)):
        labels = [str(place) for place in range(1, many + 1)]
    places = [labels.index(one.upper()) for one in given if one.upper() in labels]
    if not len(places) == len(given) == len(set(places)) == many:
        return None
    return places if asks or (many > 2 and places != sorted(places)) else None


def _labels(text: str) -> list[str]:
    """Letters or numbers one after the other; nothing where there is anything else."""
    found, at = [], 0
    while at < len(text):
        one = _EACH.match(text, at)
        if not one:
            return []
        found.append(one["label"])
        at = one.end()
    return found
