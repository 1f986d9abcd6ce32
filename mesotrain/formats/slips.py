"""Slips in lines of “name: value”, found before the YAML library is asked: it names another line, in its own words."""

import re
from dataclasses import dataclass, field

from mesotrain.formats.lines import Report, shown_line

_KEY = re.compile(
    r"(?P<name>[^\s\"'\[\]{}#&*!|>%@`,?:-][^\s:]*|[^\W\d_][\w ,-]*(?=:$)|\"[^\"]*\"|'[^']*')[ ]*:(?P<after>.*)"
)
"""A name is one word, or several with nothing beside them, such as a status or the title of a part of an exam."""
_ITEM = re.compile(r"-(?:[ ]+(?P<text>.*))?")
_COMMENT = re.compile(r"(?:^|[ ]{2,})#(?:[ ].*)?$")
"""A comment is a line, or two spaces behind a value; nearer, it may be a part of the value that YAML would cut off."""
_BLOCK = re.compile(r"[|>][0-9+-]{0,2}")
_ODD = re.compile(r"[%@`&*!|>,\]}#]|[-?:](?:\s|$)")
"""How no plain value begins."""
_QUOTES = {'"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL), "'": re.compile(r"'(?:[^']|'')*'")}
_BRACKETS = {"[": "]", "{": "}"}
_OTHER = tuple("[{?%.")
"""How lines begin that are no “name: value” and that YAML may know all the same."""


@dataclass
class _Named:
    """A line `name: value`. `empty` until its value is seen, below it where it has none beside it."""

    number: int
    name: str
    empty: bool
    items: int | None = None
    text: tuple[int, int] | None = None


@dataclass
class _Level:
    """The names that begin at the same place; `left` is the deeper level that the last of them ended."""

    indent: int
    names: list[_Named] = field(default_factory=list)
    left: "_Level | None" = None

    @property
    def last(self) -> _Named:
        return self.names[-1]


class _Slips:
    """One walk over the lines of a text."""

    def __init__(self, text: str, report: Report, first: int) -> None:
        self._lines = text.split("\n")
        self._report, self._first = report, first
        self._levels: list[_Level] = []
        self._place = 0

    def walk(self) -> None:
        while self._place < len(self._lines):
            line, number = self._lines[self._place], self._first + self._place
            self._place += 1
            lead = line[: len(line) - len(line.lstrip())]
            body = _COMMENT.sub("", line[len(lead) :]).rstrip()
            if not body or (number == self._first and body == "---"):
                continue
            if strange := lead.strip(" "):
                kind = "a tab" if "\t" in strange else "a space that is no plain one"
                self._say(number, f"{kind} stands before this line; indent with plain spaces.")
            elif self._levels and len(lead) > self._levels[-1].indent and self._goes_on(number, len(lead), body):
                continue
            elif (found := _KEY.fullmatch(body)) and (found["after"][:2] != "//"):
                self._name(number, len(lead), found["name"], found["after"])
            elif found := _ITEM.fullmatch(body):
                self._item(number, len(lead), (found["text"] or "").strip())
            elif not body.startswith(_OTHER) and ": " not in body and body[-1] != ":":
                self._no_name(number, body)

    def _say(self, number: int, sentence: str) -> None:
        self._report.say("yaml", number, sentence)

    def _no_name(self, number: int, body: str) -> None:
        self._say(number, f"“{shown_line(body)}” is no “name: value”: a plain colon and a space follow the name.")

    def _goes_on(self, number: int, indent: int, body: str) -> bool:
        """Whether this line only carries on the value above it, or is the value of the name above it."""
        last = self._levels[-1].last
        key, item = _KEY.fullmatch(body), _ITEM.fullmatch(body)
        if item or (key and (not key["after"] or key["after"][0] == " " or last.empty)):
            return False
        if last.empty and last.items is None:
            if body[0] not in "\"'[{" and not _BLOCK.fullmatch(body):
                last.text = number, indent
            last.empty = False
        if last.text is None or last.text[0] != number:
            self._plain("", number, body)
        return True

    def _name(self, number: int, indent: int, name: str, after: str) -> None:
        value = after.strip()
        named = _Named(number, name, not value)
        self._stands(number, indent, named)
        if after and after[0] != " ":
            self._say(number, f"leave one plain space after the colon: {name}: {shown_line(value)}")
        elif value:
            self._value(f"{name}: ", number, indent, value)

    def _stands(self, number: int, indent: int, named: _Named) -> None:
        """Puts `named` on its level, and says which line begins at the wrong place when there is none."""
        left = None
        while self._levels and self._levels[-1].indent > indent:
            left = self._levels.pop()
        top = self._levels[-1] if self._levels else None
        if top is None and left:
            self._say(left.names[0].number, f"begin this line where “{named.name}” on line {number} begins.")
            left.indent = indent
            self._levels.append(left)
        elif top is None or (top.indent < indent and not left and top.last.empty):
            self._levels.append(_Level(indent))
        elif top.indent == indent:
            top.left = left
        elif left:
            self._say(number, _under(left.names[0], left.indent))
            self._levels.append(left)
        else:
            self._levels.append(self._too_deep(number, indent, top))
        self._levels[-1].names.append(named)

    def _too_deep(self, number: int, indent: int, top: _Level) -> _Level:
        """The level that a line was meant for that is deeper than the one above it, though that has a value."""
        last = top.last
        if last.text and last.text[1] == indent:
            self._no_name(last.text[0], self._lines[last.text[0] - self._first].strip())
        elif top.left and top.left.indent == indent:
            self._say(last.number, _under(top.left.names[0], indent))
            return top.left
        elif len(top.names) > 1 and top.names[-2].empty and top.names[-2].items is None:
            self._say(last.number, f"indent this line by {indent} spaces: it belongs to “{top.names[-2].name}”.")
        else:
            self._say(number, _under(last, top.indent))
            self._levels.pop()
            return top
        return _Level(indent)

    def _item(self, number: int, indent: int, text: str) -> None:
        while len(self._levels) > 1 and self._levels[-1].indent > indent:
            self._levels.pop()
        if not self._levels or not (last := self._levels[-1].last).empty:
            return
        last.items = indent if last.items is None else last.items
        if last.items != indent:
            self._say(number, f"begin this dash where the dash of the item above it begins, after {last.items} spaces.")
        if text:
            self._value("- ", number, indent, text)

    def _value(self, before: str, number: int, indent: int, value: str) -> None:
        if _BLOCK.fullmatch(value):
            while self._place < len(self._lines) and re.match(rf"\s*$|[ ]{{{indent + 1}}}", self._lines[self._place]):
                self._place += 1
        elif value[0] in _BRACKETS or value[0] in _QUOTES:
            self._enclosed(before, number, indent, value)
        else:
            self._plain(before, number, value)

    def _plain(self, before: str, number: int, value: str) -> None:
        wrong = ""
        if _ODD.match(value):
            wrong = f"a value that begins with {value[0]} stands in straight quotes"
        elif ": " in value or value.endswith(":"):
            wrong = "a value with a colon stands in straight quotes"
        elif re.search(r"\s#", value):
            wrong = "a space and # begin a comment, which nobody reads; a value with them stands in straight quotes"
        if wrong:
            self._say(number, f"{wrong}: {before}{_quoted(value)}")

    def _enclosed(self, before: str, number: int, indent: int, value: str) -> None:
        """A value in quotes or brackets, which may end on a later line."""
        stop = re.compile(rf"[ ]{{0,{indent}}}[^\s:\"'\[\]{{}}]+:(?:[ ]|$)")
        places = range(self._place, len(self._lines))
        until = next((place for place in places if stop.match(self._lines[place])), len(self._lines))
        chunk = "\n".join([value, *self._lines[self._place : until]])
        end = _ends(chunk)
        mark = value[0]
        if end is None:
            close = _BRACKETS.get(mark, mark)
            instead = f", or put all of it in straight quotes: {before}{_quoted(value)}" if mark == "'" else "."
            sentence = f"the {mark} that opens in this line is never closed; write {close} where its value ends"
            self._say(number, sentence + instead)
            self._place = until
            return
        self._place += chunk.count("\n", 0, end)
        behind = chunk[end:].partition("\n")[0]
        if behind.strip() and not _COMMENT.fullmatch(behind):
            whole = value if "\n" not in chunk[:end] else chunk[:end] + behind
            self._say(
                number,
                f"the value ends before “{shown_line(behind)}”; put all of it in quotes: {before}{_quoted(whole)}",
            )


def _under(named: _Named, indent: int) -> str:
    where = f"after {indent} spaces" if indent else "at the left margin"
    return f"begin this line {where}, where “{named.name}” on line {named.number} begins."


def _quoted(value: str) -> str:
    """How to write `value`; a long one is shortened."""
    value = shown_line(value)
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def _ends(chunk: str) -> int | None:
    """Where the quote or bracket that `chunk` begins with is closed."""
    if quote := _QUOTES.get(chunk[0]):
        found = quote.match(chunk)
        return found.end() if found else None
    closers, place = [_BRACKETS[chunk[0]]], 1
    while place < len(chunk):
        mark = chunk[place]
        if mark in _QUOTES and re.search(r"[\[{,:]\s*$", chunk[max(0, place - 20) : place]):
            if not (found := _QUOTES[mark].match(chunk, place)):
                return None
            place = found.end()
            continue
        if mark in _BRACKETS:
            closers.append(_BRACKETS[mark])
        elif mark in _BRACKETS.values() and closers.pop() != mark:
            return None
        place += 1
        if not closers:
            return place
    return None


def slips(text: str, report: Report, first: int) -> None:
    """Reports the slips of a text that begins on line `first` of its file."""
    _Slips(text, report, first).walk()
