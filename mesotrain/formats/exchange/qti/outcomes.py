"""What items of QTI make of responses by their own rules, also those that no question of a bank stands for."""

from collections.abc import Mapping
from fractions import Fraction

from lxml import etree

from mesotrain.core.numbers import decimal_text
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import Notes
from mesotrain.formats.exchange.qti.files import ITEM, roots
from mesotrain.formats.exchange.qti.rules import Effort, Rules
from mesotrain.formats.exchange.qti.templates import drawn
from mesotrain.formats.exchange.qti.values import Single, Value, declared
from mesotrain.formats.exchange.qti.xml import said


def items(content: bytes, path: str) -> dict[str, etree._Element]:
    """The items of a file of QTI 2 or 3 by their identifiers. Raises BadContent."""
    _, found = roots(content, path)
    elements = (one.root for one in found)
    return {said(one, "identifier"): one for one in elements if isinstance(one, etree._Element) and one.tag == ITEM}


def outcomes(root: etree._Element, responses: object, seed: str = "") -> dict[str, object]:
    """The outcomes of an item after responses by their variables, each a value or a list as JSON, drawn by `seed`.

    A number is one, or a text where it has no short decimal; what is not set is null. Raises Unfit.
    """
    if not isinstance(responses, Mapping):
        raise Unfit("a response to an item is an object of response variables.")
    effort = Effort()
    item = drawn(root, Notes(), effort, seed)
    variables = {one.name: one for one in map(declared, item.iterchildren("responseDeclaration"))}
    results = {one.name: one for one in map(declared, item.iterchildren("outcomeDeclaration"))}
    for unknown in responses.keys() - variables.keys():
        raise Unfit(f"it has no response variable {unknown[:40]}.")
    given = {name: variables[name].read(_texts(one)) for name, one in responses.items()}
    made = Rules(variables, results, item.find("responseProcessing"), effort).outcome(given)
    return {name: _json(value) for name, value in made.items()}


def _texts(given: object) -> list[str]:
    """A response in JSON as the texts that QTI would write. Raises Unfit."""
    many = given if isinstance(given, list) else [given]
    if not all(one is None or isinstance(one, str | bool | int | float) for one in many):
        raise Unfit("a response is a text, a number, true, false or null, or a list of them.")
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in many if one is not None]


def _json(value: Value) -> object:
    if isinstance(value, list):
        return [_one(one) for one in value]
    return None if value is None else _one(value)


def _one(value: Single) -> object:
    if isinstance(value, Fraction):
        text = decimal_text(value)
        return text if "/" in text else int(value) if value.denominator == 1 else float(value)
    return " ".join(map(_plain, value)) if isinstance(value, tuple) else value


def _plain(one: object) -> str:
    return decimal_text(one) if isinstance(one, Fraction) else str(one)
