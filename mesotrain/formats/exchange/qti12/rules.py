"""How an item of QTI 1.2 is marked: its ``respcondition`` rules, worked out for a response that is tried.

A rule that sets the score ends the rules unless it says ``continue="Yes"``, as the standard has it; one that adds to it
does not, because everybody who writes sums leaves that out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.moodle.questions import number
from mesotrain.formats.exchange.qti.rules import Effort

MOST_RULES = 1_000
"""Of one question."""
SET, ADD, SUBTRACT = "set", "add", "subtract"
_EQUAL = ("varequal", "varsubset")
_BOUNDS = ("vargt", "vargte", "varlt", "varlte")
_KNOWN = {*_EQUAL, *_BOUNDS, "and", "or", "not", "other", "unanswered"}
Given = Mapping[str, str | frozenset[str]]
"""What is tried for each response: a text, or the names of what is ticked."""


@dataclass(frozen=True)
class Rule:
    """One rule: when it holds, what it does to the score, and which feedback it shows."""

    condition: etree._Element
    steps: tuple[tuple[str, Fraction], ...]
    shows: tuple[str, ...]
    goes_on: bool

    @cached_property
    def size(self) -> int:
        """How many steps it takes to work it out."""
        return 4 * len([*self.condition.iter()])

    @cached_property
    def equals(self) -> list[tuple[str, str, bool]]:
        """The response, the value and whether case counts, of all that is asked to be so and not negated."""
        found = [one for one in self.condition.iter(*_EQUAL) if not any(up.tag == "not" for up in one.iterancestors())]
        return [(respident(one), text_of(one), one.get("case", "No").lower() == "yes") for one in found]

    @property
    def worth(self) -> Fraction:
        """What it does to the score, all in all."""
        return sum((-worth if action == SUBTRACT else worth for action, worth in self.steps), Fraction(0))

    def about(self, answer: str) -> bool:
        """Whether it asks for this answer to be given."""
        return any(said == answer for _, said, _ in self.equals)

    def asks(self, response: str) -> bool:
        """Whether it asks for this response."""
        return any(one == response for one, _, _ in self.equals)

    @property
    def alone(self) -> bool:
        """Whether one thing is asked to be so, and no more."""
        return len([*self.condition.iterdescendants(etree.Element)]) == 1


@dataclass
class Rules:
    """All rules of an item, and between which bounds its score lies."""

    rules: list[Rule]
    low: Fraction | None
    high: Fraction | None
    effort: Effort

    @property
    def scoring(self) -> list[Rule]:
        """Those that add to the score or set it."""
        return [one for one in self.rules if any(worth for _, worth in one.steps)]

    def most(self, response: str) -> Fraction:
        """The most that a rule gives for this response."""
        return max((one.worth for one in self.scoring if one.asks(response)), default=Fraction(0))

    def score(self, given: Given) -> Fraction:
        """What a response earns, in points of its own scale. Raises Unfit where that takes too long."""
        self.effort.spend(sum(rule.size for rule in self.rules))
        total, met = Fraction(0), False
        for rule in self.rules:
            if not _all(rule.condition, given, met=met):
                continue
            for action, worth in rule.steps:
                total = worth if action == SET else total + worth if action == ADD else total - worth
            met = met or bool(rule.steps)
            if not rule.goes_on and any(action == SET for action, _ in rule.steps):
                break
        total = total if self.low is None else max(total, self.low)
        return total if self.high is None else min(total, self.high)


def rules_of(item: etree._Element, effort: Effort) -> Rules:
    """The rules of an item. Raises Unfit for what they ask that is not known, or where there are too many."""
    found = []
    for one in item.iter("respcondition"):
        condition = one.find("conditionvar")
        if condition is None:
            continue
        for asked in condition.iterdescendants(etree.Element):
            if asked.tag not in _KNOWN:
                raise Unfit(f"its marking asks for <{str(asked.tag)[:40]}>, which is not known.")
        steps = tuple(_step(each) for each in one.iterfind("setvar"))
        shows = tuple(str(each.get("linkrefid", "")) for each in one.iterfind("displayfeedback"))
        found.append(Rule(condition, steps, shows, one.get("continue", "No").lower() == "yes"))
    if len(found) > MOST_RULES:
        raise Unfit(f"at most {MOST_RULES} rules of marking are read; this has {len(found):,}.")
    declared = item.find(".//decvar")
    low, high = (None if declared is None else _bound(declared.get(name)) for name in ("minvalue", "maxvalue"))
    return Rules(found, low, high, effort)


def _bound(text: str | None) -> Fraction | None:
    return number(text) if text and text.strip() else None


def _step(one: etree._Element) -> tuple[str, Fraction]:
    action = str(one.get("action", "Set")).lower()
    if action not in (SET, ADD, SUBTRACT):
        raise Unfit(f"its marking can {action[:20]} a score, which is not known.")
    return action, number(text_of(one))


def text_of(one: etree._Element) -> str:
    """What stands in an element, without the blanks round it."""
    return "".join(map(str, one.itertext())).strip()


def respident(one: etree._Element) -> str:
    """The response that a condition is about."""
    return str(one.get("respident", "")).strip()


def _all(condition: etree._Element, given: Given, *, met: bool) -> bool:
    return all(_holds(one, given, met=met) for one in condition.iterchildren(etree.Element))


def _holds(one: etree._Element, given: Given, *, met: bool) -> bool:
    """Whether a condition holds; `met` where a rule before this one has set the score."""
    if one.tag in ("and", "not"):
        return _all(one, given, met=met) == (one.tag == "and")
    if one.tag == "or":
        return any(_holds(child, given, met=met) for child in one.iterchildren(etree.Element))
    if one.tag in ("other", "unanswered"):
        return not met if one.tag == "other" else not given.get(respident(one))
    return _asked(one, given.get(respident(one), ""))


def _asked(one: etree._Element, value: str | frozenset[str]) -> bool:
    wanted = text_of(one)
    if isinstance(value, frozenset):
        return wanted in value
    if one.tag in _BOUNDS:
        return _compared(str(one.tag), value, wanted)
    return value == wanted if one.get("case", "No").lower() == "yes" else value.casefold() == wanted.casefold()


_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "vargt": lambda one, other: one > other,
    "vargte": lambda one, other: one >= other,
    "varlt": lambda one, other: one < other,
    "varlte": lambda one, other: one <= other,
}


def _compared(tag: str, value: str, bound: str) -> bool:
    try:
        return _COMPARE[tag](number(value), number(bound))
    except Unfit:
        return False


class Range(NamedTuple):
    """The right number, the lowest and the highest that are accepted, and whether these are beside it."""

    value: Fraction
    low: Fraction
    high: Fraction
    beside: bool


def ranges_of(condition: etree._Element) -> list[Range]:
    """The numbers that a condition accepts. Raises Unfit where it asks for something else.

    A number beside a range that holds it is the right one of that range.
    """
    either = condition.find("or")
    groups = [[one] for one in either.iterchildren(etree.Element)] if either is not None else [[*condition]]
    if either is not None and len(condition) > 1:
        raise Unfit(_UNKNOWN)
    found = [_range([*one[0].iterchildren(etree.Element)] if one[0].tag == "and" else one) for one in groups if one]
    points = {one.value: one for one in found if one.low == one.high}
    wide = [one for one in found if one.low != one.high]
    inside = {value for value in points if any(one.low <= value <= one.high for one in wide)}
    around = [
        one._replace(value=next((value for value in inside if one.low <= value <= one.high), one.value)) for one in wide
    ]
    return around + [one for value, one in points.items() if value not in inside]


_UNKNOWN = "a number that is only below or above another, or not another, is not supported."


def _range(asked: list[etree._Element]) -> Range:
    said = {str(one.tag): number(text_of(one)) for one in asked if one.tag in ("varequal", *_BOUNDS)}
    if len(said) < len(asked) or not said:
        raise Unfit(_UNKNOWN)
    if "varequal" in said and len(said) == 1:
        return Range(said["varequal"], said["varequal"], said["varequal"], beside=False)
    low, high = said.get("vargte", said.get("vargt")), said.get("varlte", said.get("varlt"))
    if low is None or high is None or len(said) > 2:
        raise Unfit(_UNKNOWN)
    return Range((low + high) / 2, low, high, bool({"vargt", "varlt"} & said.keys()))
