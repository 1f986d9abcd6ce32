"""The numbers and letters that a word processor writes before paragraphs by itself (ECMA-376, 17.9)."""

from collections import defaultdict
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MOST = 500
"""Of what is counted; nobody numbers further."""


@dataclass(frozen=True)
class _Level:
    form: str
    text: str
    start: int


def value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute of an element, if there are both."""
    return "" if element is None else str(element.get(f"{W}{name}", ""))


def number(text: str, otherwise: int = 0) -> int:
    """A number as an attribute says it, within what anybody counts."""
    return min(int(text), _MOST) if text.isdigit() and len(text) < 12 else otherwise


class Lists:
    """The lists of a document, counted on with each paragraph."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[tuple[str, int], int] = defaultdict(int)
        if numbering is None:
            return
        for one in numbering.iterchildren(f"{W}abstractNum"):
            self._levels[value(one, "abstractNumId")] = {
                number(value(level, "ilvl")): _Level(
                    value(level.find(f"{W}numFmt")) or "decimal",
                    value(level.find(f"{W}lvlText")),
                    number(value(level.find(f"{W}start")), 1),
                )
                for level in one.iterchildren(f"{W}lvl")
            }
        for one in numbering.iterchildren(f"{W}num"):
            name = value(one, "numId")
            self._lists[name] = value(one.find(f"{W}abstractNumId"))
            for other in one.iterchildren(f"{W}lvlOverride"):
                if start := value(other.find(f"{W}startOverride")):
                    self._starts[name, number(value(other, "ilvl"))] = number(start, 1)

    def label(self, name: str, depth: int) -> str:
        """What stands before the next paragraph at this depth of a list; nothing where it has no list."""
        abstract = self._lists.get(name, "")
        level = self._levels.get(abstract, {}).get(depth)
        if level is None or level.form == "none":
            return ""
        counted = name if (name, depth) in self._starts else abstract
        start = self._starts.get((name, depth), level.start)
        place = self._counts[counted, depth]
        self._counts[counted, depth] += 1
        for deeper in range(depth + 1, 10):
            self._counts.pop((counted, deeper), None)
            self._counts.pop((abstract, deeper), None)
        if level.form == "bullet":
            return "\u2022"
        written = _counted(min(start + place, _MOST), level.form)
        before, _, after = (level.text or "%1.").rpartition("%")
        opened = before[-1:] if before[-1:] in ("(", "[") else ""
        return f"{opened}{written}{after[1:].strip() or '.'}"


def _counted(count: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        text = ""
        for worth, sign in _ROMAN:
            text += sign * (count // worth)
            count %= worth
        return text.upper() if form == "upperRoman" else text
    return str(count)
