"""YAML read value by value: every scalar is the text its author typed, and every fault has its line."""

import re
from collections.abc import Container, Iterator
from datetime import date
from fractions import Fraction

import yaml

from mesotrain.core.courses import UNSIGNED, sign_off
from mesotrain.core.signs import UNSEEN
from mesotrain.formats import lines
from mesotrain.formats.lines import QUOTED, Report, shown_line
from mesotrain.formats.slips import slips

SLUG = re.compile(lines.SLUG)
TITLE, LINE = 120, 500
"""Characters of a title, and of any other value."""
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")

_PERCENT = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]{1,6})?)[ ]?%")
_DASHES = re.compile(r"[-\u2010-\u2015\u2212_=*~]{2,}|[\u2012-\u2015\u2212]")
"""What a word processor or a hand makes of ---."""
_UNREADABLE = (
    "lines of “name: value” are expected here; put the value of this line, or the one above, in straight quotes."
)


class _Loader(yaml.SafeLoader):
    """A YAML reader without aliases, so that a text is as long as it looks."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="anchors and aliases are not used here", problem_mark=mark)
        return super().compose_node(parent, index)


class Table:
    """A YAML mapping. What is wrong with a value is reported, and an empty value of the right type comes back."""

    def __init__(self, report: Report, node: yaml.MappingNode | None, first: int, label: str = "") -> None:
        self._report, self._first, self._label = report, first, label
        self.readable = node is not None
        self.start = _line(node, first) if node else first
        self._keys: dict[str, yaml.Node] = {}
        self._values: dict[str, yaml.Node] = {}
        for key, value in node.value if node else ():
            self._add(key, value)

    def _add(self, key: yaml.Node, value: yaml.Node) -> None:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if not name or UNSEEN.search(name):
            self._report.say("key", _line(key, self._first), "a name on the left of a colon is one plain word.")
        elif name in self._values:
            self._report.say("twice", _line(key, self._first), f"“{shown_line(name)}” is given twice; keep one.")
        else:
            self._keys[name], self._values[name] = key, value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def line(self, name: str) -> int:
        """Where `name` stands, or where the mapping begins when it is missing."""
        return _line(self._keys[name], self._first) if name in self._keys else self.start

    def say(self, code: str, name: str, sentence: str) -> None:
        self._report.say(code, self.line(name), f"{self._label}{shown_line(name)} {sentence}")

    def only(self, *known: str) -> None:
        """Reports every name that is not among `known`."""
        for name in self._values:
            if name not in known:
                self.say("unknown-key", name, "is not known here; known are " + ", ".join(known) + ".")

    def _node(self, name: str, *, optional: bool = False) -> yaml.Node | None:
        node = self._values.get(name)
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            if not optional and self.readable:
                self.say("missing" if node is None else "empty", name, "is missing." if node is None else "is empty.")
            return None
        return node

    def _scalar(self, name: str, node: yaml.Node, longest: int = LINE) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.say("one-line", name, "is one line of text, not a list or a table.")
            return ""
        if UNSEEN.search(node.value):
            self.say("invisible", name, "holds an invisible character; type the line again.")
            return ""
        text = " ".join(node.value.split())
        if not text:
            self.say("empty", name, "is empty.")
        if len(text) > longest:
            self.say("long", name, f"has {len(text):,} characters; write at most {longest}.")
            return ""
        return text

    def text(self, name: str, *, optional: bool = False, longest: int = LINE) -> str:
        """Its text on one line; empty when missing or faulty."""
        node = self._node(name, optional=optional)
        return self._scalar(name, node, longest) if node else ""

    def shaped(self, name: str, shape: re.Pattern[str], like: str, *, optional: bool = False) -> str:
        text = self.text(name, optional=optional)
        if text and not shape.fullmatch(text):
            self.say("shape", name, f"should look like {like}, not “{shown_line(text)}”.")
            return ""
        return text

    def choice(self, name: str, among: Container[str], listed: str, *, optional: bool = False) -> str:
        text = self.text(name, optional=optional)
        if text and text not in among:
            self.say("choice", name, f"is “{shown_line(text)}”; choose among {listed}.")
            return ""
        return text

    def count(self, name: str, unit: str, least: int, most: int) -> int:
        """A whole number of `unit`, written with its unit unless `unit` is empty; `least` when faulty."""
        text = self.text(name)
        if not text:
            return least
        like = f"{max(least, 20)} {unit}s" if unit else "20"
        found = re.fullmatch(rf"([0-9]+)(?: {unit}s?)?" if unit else r"([0-9]+)", text)
        if unit and re.fullmatch(r"[0-9]+ ?[^\W\d_]+", text) and not found:
            self.say("number", name, f"is counted in {unit}s, such as {like}, not “{shown_line(text)}”.")
            return least
        if not found or (unit and text.isdigit()):
            self.say("number", name, f"is a whole number, such as {like}, not “{shown_line(text)}”.")
            return least
        if not least <= int(found[1]) <= most:
            self.say("range", name, f"lies between {least} and {most}, so {shown_line(found[1])} cannot be.")
            return least
        return int(found[1])

    def percent(self, name: str) -> Fraction:
        """Above 0 and at most 1; 1 when faulty."""
        text = self.text(name)
        value = percent(text)
        if text and (value is None or not 0 < value <= 1):
            self.say(
                "percentage", name, f"is a percentage above 0% and at most 100%, such as 80%, not “{shown_line(text)}”."
            )
            return Fraction(1)
        return value if value is not None else Fraction(1)

    def day(self, name: str) -> date | None:
        """A day such as 2027-03-12; none when missing or faulty."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.say("shape", name, f"should look like 2027-03-12, not “{shown_line(text)}”.")
            return None

    def sign_off(self, name: str) -> str:
        """Who signed a text and when, or that nobody has, as it is written; nobody when faulty."""
        text = self.text(name) or UNSIGNED
        try:
            sign_off(text)
        except ValueError:
            like = "Jane Ames, 2027-03-12, 0123456789ab"
            self.say("sign-off", name, f"is {UNSIGNED}, or a name, a day and a version, such as {like}.")
            return UNSIGNED
        return text

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        node = self._node(name, optional=optional)
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.say("list", name, "is a list: one line for each, beginning with a dash.")
            return ()
        if not node.value and not optional:
            self.say("empty", name, "is empty.")
        return tuple(text for item in node.value if (text := self._scalar(name, item)))

    def table(self, name: str, *, optional: bool = False) -> "Table":
        node = self._node(name, optional=optional)
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.say("table", name, "is a table: lines of “name: value”, indented under it.")
            node = None
        table = Table(self._report, node, self._first, f"{self._label}{shown_line(name)}: ")
        table.start = self.line(name)
        return table


def percent(text: str) -> Fraction | None:
    """`66.5%` exactly, or None where the text is no percentage."""
    found = _PERCENT.fullmatch(text)
    return Fraction(found[1]) / 100 if found else None


def read_yaml(text: str, report: Report, first: int = 1) -> Table:
    """The mapping that `text`, which begins on line `first` of its file, holds."""
    before = len(report.faults)
    slips(text, report, first)
    if len(report.faults) > before:
        return Table(report, None, first)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        report.say("yaml", first + (mark.line if mark else 0), _UNREADABLE)
        return Table(report, None, first)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        report.say("yaml", first, _UNREADABLE)
        return Table(report, None, first)
    if not isinstance(node, yaml.MappingNode):
        report.say("yaml", first, "lines of “name: value” are expected here.")
        return Table(report, None, first)
    return Table(report, node, first)


def front_matter(text: str, report: Report) -> tuple[Table, str, int]:
    """The front matter, the text after it, and the line on which that text begins.

    Where a line --- is missing or nearly one, what was meant is read all the same.
    """
    rows = text.split("\n")
    begin = next((place for place, line in enumerate(rows) if line.strip()), 0)
    opening, start = rows[begin].rstrip(" "), begin + bool(_DASHES.fullmatch(rows[begin].strip(" ")))
    stops = (place for place in range(start, len(rows)) if _stops(rows[place]))
    end = next(stops, len(rows))
    closing = "" if end == len(rows) or rows[end].startswith("##") else rows[end].rstrip(" ")
    if start == begin and not closing:
        sentence = "the file begins with its front matter: a line ---, lines of “name: value”, and a line ---."
        report.say("front-matter", 1, sentence)
        return Table(report, None, 1), text, 1
    if start == begin or opening != "---":
        report.say("front-matter", begin + 1, "above the first “name: value” stands a line of three dashes: ---")
    elif begin:
        report.say("front-matter", 1, "nothing stands before the first line ---; delete the empty lines.")
    rest = end + bool(closing)
    while not closing and end > start and not rows[end - 1].strip():
        end -= 1
    if closing != "---":
        instead = f"closed by such a line, not by “{closing[:QUOTED]}”" if closing else "not closed; write that here"
        sentence = f"the front matter that begins on line {begin + 1} with a line of three dashes, ---, is {instead}."
        report.say("front-matter", end + 1, sentence)
    return read_yaml("\n".join(rows[start:end]), report, start + 1), "\n".join(rows[rest:]), rest + 1


def _stops(line: str) -> bool:
    return line.startswith("##") or bool(_DASHES.fullmatch(line.strip(" ")))


def _line(node: yaml.Node, first: int) -> int:
    return first + (node.start_mark.line if node.start_mark else 0)
