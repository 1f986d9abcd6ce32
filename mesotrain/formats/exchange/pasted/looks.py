"""A text with the looks of its letters, as a word processor shows them, and the Markdown it stands for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, pairwise
from operator import or_

from mesotrain.formats.exchange.texts import marked

BOLD, ITALIC, UNDERLINED, HIGHLIGHTED, COLOURED, STRUCK, MARKDOWN = (1 << place for place in range(7))
"""What a letter may look like. `MARKDOWN` says that it is already written as a bank writes it."""
DISTINCT = {HIGHLIGHTED: "highlighted", COLOURED: "coloured", BOLD: "bold", UNDERLINED: "underlined"}
"""The looks by which people show a key, and their names; the first that tells one option from the others counts."""

_LISTED = re.compile(r"[0-9]{1,2}(?:\\\.|[.)])\s|[ivx]{1,4}[.)]\s|\\?[-+]\s|&#[0-9]+;\s|!\[|\|")
_WIDE = re.compile(r"\s{5,}")
_BOLD = re.compile(r"\*\*([^*\s](?:[^*\n]{0,2000}[^*\s])?)\*\*")


@dataclass(frozen=True)
class Said:
    """A text on one line, and a look for each of its characters."""

    text: str
    looks: bytes

    def __getitem__(self, part: slice) -> "Said":
        return Said(self.text[part], self.looks[part])

    def __add__(self, other: "Said") -> "Said":
        return Said(self.text + other.text, self.looks + other.looks)

    def strip(self) -> "Said":
        """Without blanks at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(len(self.text.rstrip()), start)]

    def close(self) -> "Said":
        """With no more than a few blanks between two words."""
        made, at = said(""), 0
        for wide in _WIDE.finditer(self.text):
            made, at = made + self[at : wide.start()] + said("    "), wide.end()
        return made + self[at:] if at else self

    def has(self, look: int) -> bool:
        """Whether every letter and digit of it looks so."""
        if not self.some() & look:
            return False
        counted = [seen for char, seen in zip(self.text, self.looks, strict=True) if char.isalnum()]
        return bool(counted) and all(seen & look for seen in counted)

    def some(self) -> int:
        """Every look that any of it has."""
        return reduce(or_, set(self.looks), 0)

    def without(self, look: int) -> "Said":
        """The same where nothing looks so."""
        return Said(self.text, bytes(seen & ~look for seen in self.looks))

    def markdown(self) -> str:
        """What it means in a bank: bold and italic are kept, and what is no Markdown yet is made plain."""
        if not self.some() & (BOLD | ITALIC | MARKDOWN):
            return marked([(self.text, "", False)])
        runs = []
        kept = (seen & (BOLD | ITALIC | MARKDOWN) for seen in self.looks)
        for seen, group in groupby(zip(self.text, kept, strict=True), key=lambda one: one[1]):
            text = "".join(char for char, _ in group)
            marks = "" if seen & MARKDOWN else ("**" if seen & BOLD else "") + ("_" if seen & ITALIC else "")
            runs.append((text, marks, bool(seen & MARKDOWN)))
        return marked(runs)


def said(text: str, look: int = 0) -> Said:
    """A text that looks the same all over."""
    return Said(text, bytes([look]) * len(text))


def written(text: str) -> Said:
    """A line as it is typed, where ``**`` stands round what is bold."""
    found, at = said(""), 0
    for bold in _BOLD.finditer(text):
        found = found + said(text[at : bold.start()]) + said(bold[1], BOLD)
        at = bold.end()
    return found + said(text[at:])


def paragraphs(lines: Sequence[Said]) -> str:
    """Lines as Markdown: those of a paragraph run on, and an empty one or the mark of a list parts two."""
    if lines and all(one.some() & MARKDOWN or not one.text for one in lines):
        return "\n".join(one.text for one in lines).strip("\n")
    texts = ["" if not one.text else one.markdown() for one in lines]
    text = ""
    for before, one in pairwise(["", *texts]):
        listed = _LISTED.match(before) or _LISTED.match(one)
        cells = before.startswith("|") and one.startswith("|")
        parted = not before or (listed and not cells)
        text += one if not text or not one else f"\n\n{one}" if parted else f"\n{one}"
    return text


def all_bold(lines: Sequence[Said]) -> bool:
    """Whether a text is bold from its first letter to its last."""
    return bool(lines) and all(one.has(BOLD) for one in lines if one.text)
