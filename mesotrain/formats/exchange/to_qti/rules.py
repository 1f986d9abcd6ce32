"""How an item is marked, as QTI writes it. Elements have the names of QTI 2, in no namespace."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from lxml import etree
from lxml.etree import SubElement, _Element

from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions.text import Form
from mesotrain.formats.exchange.to_qti.text import NO_XML

SCORE, FEEDBACK = "SCORE", "FEEDBACK"
"""The outcomes of an item."""
MATCH, MAP, POINT = "match_correct", "map_response", "map_response_point"
"""The rules that are known everywhere by a name of their own."""


def make(tag: str, *inside: _Element | str, **attributes: str) -> _Element:
    """An element with these in it."""
    found = etree.Element(tag, {name: NO_XML.sub("", said) for name, said in attributes.items()})
    for one in inside:
        if isinstance(one, str):
            found.text = NO_XML.sub("", one)
        else:
            found.append(one)
    return found


def variable(name: str) -> _Element:
    """What a variable holds."""
    return make("variable", identifier=name)


def value(text: str, kind: str) -> _Element:
    """A fixed value."""
    return make("baseValue", text, baseType=kind)


def either(conditions: Sequence[_Element]) -> _Element:
    """One of these, at least."""
    return conditions[0] if len(conditions) == 1 else make("or", *conditions)


def written(number: Fraction) -> str:
    """A number as QTI writes it: exact where it has an end."""
    text = decimal_text(number)
    return text if "/" not in text else repr(float(number))


@dataclass
class Marking:
    """The rules of an item as they come together.

    Numbers that are worth something wait in `_worth`: where one has no end, such as 1/3, all are written so many times
    as great, and the sum is divided at last.
    """

    rules: list[_Element] = field(default_factory=list)
    told: list[_Element] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    _worth: list[tuple[_Element, str, Fraction]] = field(default_factory=list)

    def worth(self, element: _Element, attribute: str, number: Fraction) -> _Element:
        """`element`, whose attribute, or text where that is empty, will be this number of points."""
        self._worth.append((element, attribute, number))
        return element

    def points(self, number: Fraction) -> _Element:
        """So many points."""
        return self.worth(value("", "float"), "", number)

    def earn(self, expression: _Element) -> _Element:
        """The rule that adds this to the score."""
        return make("setOutcomeValue", make("sum", variable(SCORE), expression), identifier=SCORE)

    def add(self, rule: _Element, template: str = "") -> None:
        """One more rule; `template` is the name of what it amounts to where it stands alone."""
        self.rules.append(rule)
        self.named.append(template)

    def first(self, cases: Iterable[tuple[_Element, Fraction, str]]) -> None:
        """Of these cases, each a condition, what it earns and the feedback it is told, the first that holds."""
        branches: list[_Element] = []
        for condition, credit, feedback in cases:
            branch = make("responseElseIf" if branches else "responseIf", condition)
            if credit:
                branch.append(self.earn(self.points(credit)))
            if feedback:
                more = make("multiple", variable(FEEDBACK), value(feedback, "identifier"))
                branch.append(make("setOutcomeValue", more, identifier=FEEDBACK))
            branches.append(branch)
        self.add(make("responseCondition", *branches))

    def not_below(self) -> None:
        """What is less than nothing is nothing."""
        below = make("lt", variable(SCORE), value("0", "float"))
        nothing = make("setOutcomeValue", value("0", "float"), identifier=SCORE)
        self.add(make("responseCondition", make("responseIf", below, nothing)))

    def all_or_nothing(self, most: Fraction, worth: Fraction) -> None:
        """A score of `most`, made of whole numbers, is worth this; any less is nothing."""
        full = make("gte", variable(SCORE), self.points(most))
        earned = make("setOutcomeValue", self.points(worth), identifier=SCORE)
        nothing = make("setOutcomeValue", value("0", "float"), identifier=SCORE)
        self.add(make("responseCondition", make("responseIf", full, earned), make("responseElse", nothing)))

    def processing(self) -> _Element:
        """All rules; by the name of a template where that says the same."""
        scale = self._scale()
        for element, attribute, number in self._worth:
            text = written(number * scale)
            if attribute:
                element.set(attribute, text)
            else:
                element.text = text
        if len(self.rules) == 1 and self.named[0] and scale == 1 and not self.told:
            return make("responseProcessing", template=self.named[0])
        rules = [*self.rules]
        if scale != 1:
            share = make("divide", variable(SCORE), value(str(scale), "float"))
            rules.append(make("setOutcomeValue", share, identifier=SCORE))
        if self.told:
            rules.append(make("setOutcomeValue", make("multiple", variable(FEEDBACK), *self.told), identifier=FEEDBACK))
        return make("responseProcessing", *rules)

    def _scale(self) -> int:
        endless = [number for _, _, number in self._worth if "/" in decimal_text(number)]
        return lcm(*(number.denominator for number in endless)) if endless else 1


def declared(name: str, cardinality: str, kind: str, right: Iterable[str] = ()) -> _Element:
    """The declaration of a response, with what is right."""
    found = make("responseDeclaration", identifier=name, cardinality=cardinality, baseType=kind)
    if values := [make("value", one) for one in right]:
        found.append(make("correctResponse", *values))
    return found


def mapped(
    marking: Marking, declaration: _Element, entries: Iterable[tuple[dict[str, str], Fraction]], tag: str = "mapping"
) -> _Element:
    """Gives a declaration the map of what each answer earns."""
    entry = {"mapping": "mapEntry", "areaMapping": "areaMapEntry"}[tag]
    found = SubElement(declaration, tag, defaultValue="0")
    for attributes, credit in entries:
        found.append(marking.worth(make(entry, **attributes), "mappedValue", credit))
    return found


def pattern(form: Form, *, case: bool) -> str:
    """A form with wildcards as a regular expression of XML Schema, which fits a whole text."""
    return ".*".join("".join(_either_case(char, case=case) for char in piece) for piece in form)


def _either_case(char: str, *, case: bool) -> str:
    low, high = char.lower(), char.upper()
    if not case and low != high and len(low) == len(high) == 1:
        return f"[{low}{high}]"
    return "[$]" if char == "$" else re.sub(r"[\\.?*+{}()\[\]|^-]", r"\\\g<0>", char)
