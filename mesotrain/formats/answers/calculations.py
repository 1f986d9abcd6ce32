"""A calculation: a block of code whose first line is ```calc."""

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.expressions import FUNCTIONS, condition, expression
from mesotrain.core.numbers import decimal_text
from mesotrain.core.quantities import Quantity, Unsound, unit
from mesotrain.core.questions import Part
from mesotrain.core.questions.calculated import ANSWER, PLACE, Calculated
from mesotrain.formats.answers.entries import Rules, at_the_margin, headings, item_reason, no_answers
from mesotrain.formats.fields import percent
from mesotrain.formats.lines import Line, Report, joined, shown_line
from mesotrain.formats.markup import render

BEGINS = re.compile(r"[`~]{3,}[ ]*calc\b")
MOST_VALUES = 1_000

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_NAME = r"[a-z][a-z0-9_]{0,19}"
_UNIT = r"[^\s.,\[\]]+"
_LIST = re.compile(rf"(?P<values>{_NUMBER}(?:, {_NUMBER})*)(?: (?P<unit>{_UNIT}))?")
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER})(?: (?P<first>{_UNIT}))? \.\. (?P<high>{_NUMBER})(?: (?P<unit>{_UNIT}))?"
    rf" step (?P<step>{_NUMBER})(?: (?P<last>{_UNIT}))?"
)
_ANSWER = re.compile(rf"(?P<value>.*?)(?: in (?P<unit>{_UNIT}))?")
_SIDE = rf"[+-]{_NUMBER}(?: (?![+-]){_UNIT})?"
_ACCEPT = re.compile(rf"(?P<share>{_NUMBER}%)|{_SIDE}(?: {_SIDE})?")
_ERROR = re.compile(r'(?P<unsafe>unsafe )?(?P<value>[^"]*?)(?: when (?P<when>[^"]*?))? ?"(?P<text>.*)"')
_KINDS = ("where", "accept", "limit", "error")
_WORDS = {*_KINDS, *FUNCTIONS, "unsafe", "when", "in", "step", ANSWER}


def read_lines(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    """The parts of a question with one such block; `heading` is its line."""
    headings(at_the_margin(lines, report), report)
    begin = next(place for place, line in enumerate(lines) if BEGINS.match(line.text))
    no_answers(lines[:begin], "a calculation", report)
    fence = lines[begin].text.partition("calc")[0].rstrip()
    after = (place for place, line in enumerate(lines) if place > begin and line.text.rstrip() == fence)
    end = next(after, len(lines))
    rest = [line for line in lines[end + 1 :] if not line.blank]
    if rest and not rest[0].text.startswith("Why:"):
        report.say("after-answers", rest[0].number, "only Why: may stand after a calculation.")
        return None
    block = _Block(report, lines[begin].number)
    for line in lines[begin + 1 : end]:
        block.read(line.number, " ".join(line.text.split()))
    stem = joined(lines[:begin])
    block.judge(lines[:begin], rest)
    reason = item_reason(lines[lines.index(rest[0]) :] if rest else [], report)
    return {"type": Calculated.name, "stem": stem, **block.taker}, {**block.key, "reason": reason}


class _Block:
    """What the lines of a block say, and where."""

    def __init__(self, report: Report, line: int) -> None:
        self._report, self._line, self._faulty, self._works = report, line, False, True
        self._variables: dict[str, tuple[int, str, list[str]]] = {}
        self._names = set[str]()
        self._answer = ("", line)
        self._unit = ""
        self._accept: dict[str, str] | None = None
        self._limit = ("", line)
        self._where: list[tuple[str, int]] = []
        self._errors: list[tuple[re.Match[str], int]] = []

    def _say(self, line: int, sentence: str) -> None:
        self._faulty = True
        self._report.say("calc", line, sentence)

    def read(self, line: int, text: str) -> None:
        """One line of the block; the answer has to stand above what is accepted."""
        kind, _, rest = text.partition(" ")
        if kind in _KINDS:
            getattr(self, f"_read_{kind}")(line, rest)
        elif found := re.fullmatch(rf"(?P<name>{_NAME}) = (?P<value>.+)", text):
            self._assign(line, found["name"], found["value"])
        elif text:
            like = "weight = 45 kg .. 95 kg step 5 kg, answer = ..., " + ", ".join(_KINDS)
            self._say(line, f"“{shown_line(text)}” has no meaning here; lines of a calculation are {like}.")

    def _assign(self, line: int, name: str, value: str) -> None:
        if (name == ANSWER and self._answer[0]) or name in self._names:
            self._say(line, f"{name} is given twice; keep one.")
        elif name == ANSWER:
            found = _ANSWER.fullmatch(value)
            self._answer, self._unit = (found["value"] if found else "", line), (found and found["unit"]) or ""
            self._sound(line, partial(unit, self._unit))
        elif name in _WORDS:
            self._say(line, f"{name} has a meaning of its own; give the value another name.")
        else:
            self._names.add(name)
            if values := self._values(line, value):
                self._variables[name] = (line, *values)

    def _values(self, line: int, text: str) -> tuple[str, list[str]] | None:
        listed, ranged = _LIST.fullmatch(text), _RANGE.fullmatch(text)
        found = listed or ranged
        if not found:
            like = "45 kg .. 95 kg step 5 kg, or as 1, 2, 5 mL"
            self._say(line, f"“{shown_line(text)}” are no values; write them as {like}.")
            return None
        named = found["unit"] or ""
        values = [Fraction(one) for one in listed["values"].split(", ")] if listed else []
        if ranged:
            if any(ranged[part] not in (None, named) for part in ("first", "last")):
                self._say(line, "a range has one unit; write the same each time.")
            values = self._stepped(line, *(Fraction(ranged[part]) for part in ("low", "high", "step")))
        if len(set(values)) < len(values):
            self._say(line, "a value stands there twice.")
        return (named, [str(one) for one in values]) if values and self._sound(line, partial(unit, named)) else None

    def _stepped(self, line: int, low: Fraction, high: Fraction, step: Fraction) -> list[Fraction]:
        count = (high - low) / step + 1 if step else Fraction(0)
        if count < 1 or count > MOST_VALUES or count.denominator > 1:
            said = f"in steps, at most {MOST_VALUES:,}, a range goes up from its first value and ends at its last."
            self._say(line, said)
            return []
        return [low + step * place for place in range(int(count))]

    def _read_where(self, line: int, text: str) -> None:
        self._where.append((text, line))

    def _read_limit(self, line: int, text: str) -> None:
        self._limit = (text, line)

    def _read_accept(self, line: int, text: str) -> None:
        found = _ACCEPT.fullmatch(text)
        sides = [one[0] for one in re.finditer(_SIDE, text)] if found and not found["share"] else []
        signs = [side[0] for side in sides]
        if not found or len(set(signs)) < len(signs) or self._accept is not None or not self._answer[0]:
            self._say(line, "what is accepted stands once, under the answer: accept -1 mg +0 mg, or accept 2%.")
        elif found["share"]:
            self._accept = {"share": str(percent(found["share"]) or 0)}
        else:
            self._accept = {"below": "0", "above": "0"}
            for side in sides:
                value, _, named = side[1:].partition(" ")
                if self._sound(line, partial(self._same, named)):
                    share = unit(named or self._unit).value / unit(self._unit).value
                    self._accept["below" if side[0] == "-" else "above"] = str(Fraction(value) * share)

    def _same(self, named: str) -> None:
        unit(named or self._unit).same(unit(self._unit), "the same, and the answer is in " + self._unit)

    def _read_error(self, line: int, text: str) -> None:
        if found := _ERROR.fullmatch(text):
            self._errors.append((found, line))
        else:
            self._say(line, 'write an error as error unsafe answer * 10 when weight > 60 [kg] "What went wrong."')

    def _sound(self, line: int, work: Callable[[], object]) -> bool:
        try:
            work()
        except Unsound as unsound:
            self._say(line, str(unsound))
            return False
        return True

    def judge(self, stem: Sequence[Line], reason: Sequence[Line]) -> None:
        """Reports what of the block cannot be worked out with the first values, and texts that name no value."""
        if not self._answer[0]:
            self._say(self._line, "the calculation has no answer; write answer = ... in mg.")
        else:
            self._judge_values()
        for line in stem:
            self._places(line, self._names)
        for line in reason:
            self._places(line, self._names | {ANSWER})
        self._shown(joined(stem))

    def _judge_values(self) -> None:
        """Where a line cannot be read, nothing is worked out, but every expression is read and its names looked up."""
        self._works = not self._faulty
        rows = self._variables.items() if self._works else ()
        first = {name: unit(named).times(_bare(values[0])) for name, (_, named, values) in rows}
        for text, line in self._where:
            self._work(line, text, self._names, partial(_holds, text, first))
        self._work(self._answer[1], self._answer[0], self._names, partial(self._worked, self._answer[0], first))
        self._works = not self._faulty
        if self._works:
            first[ANSWER] = expression(self._answer[0]).work(first)
        self._judge_errors(self._names | {ANSWER}, first)

    def _judge_errors(self, names: set[str], first: dict[str, Quantity]) -> None:
        if self._limit[0]:
            self._work(self._limit[1], self._limit[0], names - {ANSWER}, partial(self._worked, self._limit[0], first))
        for found, line in self._errors:
            value, when = found["value"], found["when"]
            self._work(line, value, names, partial(self._worked, value, first))
            if when is not None:
                self._work(line, when, names, partial(_holds, when, first))
            self._places(Line(line, found["text"], ""), names)

    def _worked(self, text: str, values: dict[str, Quantity]) -> None:
        expression(text).work(values).same(unit(self._unit), f"the same, and the answer is in {self._unit or 'none'}")

    def _work(self, line: int, text: str, names: set[str], work: Callable[[], object]) -> None:
        def known() -> None:
            read = condition(text) if re.search("[<>=]", text) else expression(text)
            if unknown := sorted(read.names - names):
                raise Unsound(f"{unknown[0]} is no value here; there are {', '.join(sorted(names)) or 'none'}.")
            if self._works:
                work()

        self._sound(line, known)

    def _places(self, line: Line, names: set[str]) -> None:
        for found in PLACE.finditer(line.text):
            if found[1] not in names:
                known = ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
                self._say(line.number, f"{found[0]} is no value that stands here; there are {known}.")

    def _shown(self, stem: str) -> None:
        """A taker has to see each value; Markdown takes {these} for its own behind a mark, or alone on a last line."""
        seen = set(PLACE.findall(render(stem)))
        for name, (line, *_) in self._variables.items():
            if name not in seen:
                self._say(line, f"write {{{name}}} into the stem, with a blank before it, for a taker has to see it.")

    @property
    def taker(self) -> Part:
        variables = [
            {"name": name, "unit": named, "values": values} for name, (_, named, values) in self._variables.items()
        ]
        where = [text for text, _ in self._where]
        return {"unit": self._unit, "variables": cast(Json, variables), "where": cast(Json, where)}

    @property
    def key(self) -> Part:
        errors = [
            {"value": found["value"], "when": found["when"] or "", "unsafe": bool(found["unsafe"])}
            for found, _ in self._errors
        ]
        reasons = {str(place): found["text"] for place, (found, _) in enumerate(self._errors)}
        accept = self._accept or {"share": "0"}
        return {
            "answer": self._answer[0],
            "accept": cast(Json, accept),
            "limit": self._limit[0],
            "errors": cast(Json, errors),
            "reasons": cast(Json, reasons),
        }


def _holds(text: str, values: dict[str, Quantity]) -> bool:
    return condition(text).holds(values)


def _bare(value: str) -> Quantity:
    return Quantity(Fraction(value))


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read_lines` makes these parts of."""
    return ["```calc", *_lines(taker, key), "```"]


def _lines(taker: Part, key: Part) -> Iterator[str]:
    named = cast(str, taker["unit"])
    for row in cast(list[dict[str, str]], taker["variables"]):
        yield f"{row['name']} = {_written(cast(list[str], row['values']), row['unit'])}"
    yield from (f"where {text}" for text in cast(list[str], taker["where"]))
    yield f"answer = {key['answer']}" + (f" in {named}" if named else "")
    accept = {name: Fraction(value) for name, value in cast(dict[str, str], key["accept"]).items()}
    if "share" not in accept:
        sides = {sign: decimal_text(accept[side]) for sign, side in (("-", "below"), ("+", "above"))}
        yield "accept " + " ".join(f"{sign}{side} {named}".rstrip() for sign, side in sides.items())
    elif accept["share"]:
        yield f"accept {decimal_text(accept['share'] * 100)}%"
    yield from ([f"limit {key['limit']}"] if key["limit"] else [])
    reasons = cast(dict[str, str], key["reasons"])
    for place, one in enumerate(cast(list[dict[str, str]], key["errors"])):
        unsafe, when = "unsafe " if one["unsafe"] else "", f" when {one['when']}" if one["when"] else ""
        yield f'error {unsafe}{one["value"]}{when} "{reasons[str(place)]}"'


def _written(texts: list[str], named: str) -> str:
    values = [Fraction(text) for text in texts]
    steps = {after - before for before, after in pairwise(values)}
    each = [f"{decimal_text(one)} {named}".rstrip() for one in (values[0], values[-1], *steps)]
    if len(values) > 2 and len(steps) == 1 and min(steps) > 0:
        return f"{each[0]} .. {each[1]} step {each[2]}"
    return f"{', '.join(map(decimal_text, values))} {named}".rstrip()
