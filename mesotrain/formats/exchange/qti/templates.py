"""An item of QTI whose values are drawn by a template, as the item that one draw makes: its values put in for good."""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from fractions import Fraction

from lxml import etree

from mesotrain.core.chance import number
from mesotrain.core.numbers import decimal_text
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import LOST, Notes
from mesotrain.formats.exchange.qti.expressions import truth_of
from mesotrain.formats.exchange.qti.rules import Effort, Exit, Rules, Run
from mesotrain.formats.exchange.qti.values import SINGLE, Declared, Single, Value, declared
from mesotrain.formats.exchange.qti.xml import name_of, said, shown

DECLARATION, PROCESSING = "templateDeclaration", "templateProcessing"
TRIES = 100
"""Draws until one keeps the constraints."""
_NAMED = frozenset({"figures", "n", "min", "max", "step", "tolerance", "numberRepeats"})
"""The attributes that may name a variable where a number stands else."""
_SHOWN = ("templateBlock", "templateInline", "simpleChoice", "inlineChoice", "simpleAssociableChoice", "gapText")
_FORMAT = re.compile(r"%[-+ 0#]*[0-9]{0,2}(?:\.(?P<places>[0-9]))?(?P<kind>[diefg])")


class Again(Exception):
    """A constraint does not hold."""


class Draw(Run):
    """One draw of a template: its variables stand as outcomes, right and usual responses as they are set."""

    def __init__(self, rules: Rules, seed: str) -> None:
        super().__init__(rules, {})
        self.seed, self.drawn, self.right = seed, 0, dict[str, Value]()

    def chance(self, count: int) -> int:
        """A draw out of so many, the same for the same seed."""
        self.drawn += count > 1
        return number(self.seed, str(self.drawn)) % count

    def statements(self, these: Iterable[etree._Element]) -> None:
        for one in these:
            self.effort.spend()
            rule = _STATEMENTS.get(name_of(one))
            if rule is None:
                raise Unfit(f"its template uses {shown(one)}, which is not supported.")
            rule(self, one)

    def _set(self, element: etree._Element) -> None:
        self.outcomes[said(element, "identifier")] = self._of(element)

    def _set_right(self, element: etree._Element) -> None:
        self.right[said(element, "identifier")] = self._of(element)

    def _pass(self, element: etree._Element) -> None:
        """What stands in a response before anybody answers is not asked."""

    def _of(self, element: etree._Element) -> Value:
        if not len(element):
            raise Unfit(f"{shown(element)} says no value.")
        return self.value(_with_values(deepcopy(element[0]), self.outcomes, self.rules.outcomes))

    def _choose(self, element: etree._Element) -> None:
        for branch in element:
            if branch.tag == "templateElse":
                return self.statements(branch)
            if len(branch) and truth_of(self.value(branch[0])):
                return self.statements(list(branch)[1:])
        return None

    def _keep(self, element: etree._Element) -> None:
        if len(element) and not truth_of(self.value(element[0])):
            raise Again

    def _exit(self, element: etree._Element) -> None:
        raise Exit


_STATEMENTS: dict[str, Callable[[Draw, etree._Element], None]] = {
    "setTemplateValue": Draw._set,
    "setCorrectResponse": Draw._set_right,
    "setDefaultValue": Draw._pass,
    "templateCondition": Draw._choose,
    "templateConstraint": Draw._keep,
    "exitTemplate": Draw._exit,
}


def drawn(root: etree._Element, notes: Notes, effort: Effort, seed: str = "") -> etree._Element:
    """The item that the draw of `seed` makes of one with a template; any other as it is. Raises Unfit.

    Without a seed the draw is that of the item's own name.
    """
    variables = {one.name: one for one in map(declared, root.iterchildren(DECLARATION))}
    processing = root.find(PROCESSING)
    if not variables and processing is None:
        return root
    rules = Rules({one.name: one for one in map(declared, root.iterchildren("responseDeclaration"))}, variables, None)
    rules.effort = effort
    draw = _draw(rules, processing, seed or said(root, "identifier"))
    if draw.drawn:
        told = [f"{name} {written(value)}" for name, value in draw.outcomes.items() if value is not None]
        notes.note(LOST, f"each taker gets values of their own there, and here one draw: {', '.join(told)[:200]}.")
    made = deepcopy(root)
    for gone in [*made.iterchildren(DECLARATION, PROCESSING)]:
        made.remove(gone)
    _chosen(made, draw.outcomes)
    _printed(made, draw.outcomes, variables)
    for one in made.iterchildren("responseProcessing"):
        _with_values(one, draw.outcomes, variables)
    for one in made.iterchildren("responseDeclaration"):
        if said(one, "identifier") in draw.right:
            _set_right(one, draw.right[said(one, "identifier")])
    return made


def _draw(rules: Rules, processing: etree._Element | None, seed: str) -> Draw:
    """The first draw that keeps all constraints. Raises Unfit."""
    for at in range(TRIES):
        draw = Draw(rules, f"{seed}/{at}")
        try:
            draw.statements(() if processing is None else processing)
        except Again:
            continue
        except Exit:
            return draw
        return draw
    raise Unfit(f"of {TRIES} draws of its template none keeps its constraints.")


def written(value: Value) -> str:
    """A value as a text shows it."""
    if isinstance(value, list):
        return ", ".join(map(written, value))
    return _text(value) if value is not None else ""


def _text(value: Single) -> str:
    if isinstance(value, Fraction):
        text = decimal_text(value)
        return text if len(text) <= 12 and "/" not in text else f"{float(value):.6g}"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _formatted(value: Value, pattern: str) -> str:
    """A number as a pattern of C says, where that is a plain one."""
    found = _FORMAT.fullmatch(pattern)
    if not found or not isinstance(value, Fraction):
        return written(value)
    if found["kind"] in "di":
        return str(round(value))
    return f"{float(value):.{found['places'] or 6}{found['kind']}}"


def _chosen(root: etree._Element, values: Mapping[str, Value]) -> None:
    """Takes out what a draw does not show."""
    for one in [*root.iter(*_SHOWN)]:
        name, parent = said(one, "templateIdentifier"), one.getparent()
        if name and parent is not None:
            value = values.get(name)
            holds = said(one, "identifier") in {str(each) for each in (value if isinstance(value, list) else [value])}
            if holds != (said(one, "showHide", "show") == "show"):
                _replaced(one, "")
            elif name_of(one) in ("templateBlock", "templateInline"):
                one.tag = "div" if name_of(one) == "templateBlock" else "span"


def _printed(root: etree._Element, values: Mapping[str, Value], variables: Mapping[str, Declared]) -> None:
    """Puts values where a text shows them, in formulas as well."""
    for one in [*root.iter("printedVariable")]:
        if (name := said(one, "identifier")) in variables:
            _replaced(one, _formatted(values.get(name), said(one, "format")))
    for one in root.iter("mi", "ci"):
        name = (one.text or "").strip()
        if name in variables and not len(one):
            one.text = written(values.get(name))


def _replaced(element: etree._Element, text: str) -> None:
    """A text in the place of an element."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    text += element.tail or ""
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
    element.tail = None
    parent.remove(element)


def _with_values(
    root: etree._Element, values: Mapping[str, Value], variables: Mapping[str, Declared]
) -> etree._Element:
    """The same rules with values in the place of variables."""
    for one in [*root.iter(etree.Element)]:
        for name in _NAMED & {*map(str, one.attrib)}:
            words = (written(values[word]) if word in variables else word for word in said(one, name).split())
            one.set(name, " ".join(words))
        if one.tag == "variable" and (name := said(one, "identifier")) in variables:
            _stands_for(one, values.get(name), variables[name])
    return root


def _stands_for(element: etree._Element, value: Value, of: Declared) -> None:
    """Makes a ``variable`` the value that it holds."""
    element.attrib.clear()
    if value is None:
        element.tag = "null"
    elif of.cardinality == SINGLE and not isinstance(value, list):
        element.tag, element.text = "baseValue", _exactly(value)
        element.set("baseType", of.base)
    else:
        element.tag = of.cardinality if of.cardinality != SINGLE else "multiple"
        for one in value if isinstance(value, list) else [value]:
            inner = etree.SubElement(element, "baseValue", baseType=of.base)
            inner.text = _exactly(one)


def _exactly(value: Single) -> str:
    """A value as rules write it; a number with thirty places where it has no end."""
    if isinstance(value, Fraction):
        text = decimal_text(value)
        return text if "/" not in text else decimal_text(Fraction(round(value * 10**30), 10**30))
    return _text(value)


def _set_right(declaration: etree._Element, value: Value) -> None:
    for gone in [*declaration.iterchildren("correctResponse")]:
        declaration.remove(gone)
    right = etree.Element("correctResponse")
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        etree.SubElement(right, "value").text = _exactly(one)
    if len(right):
        declaration.insert(0, right)
