"""What the rules of a QTI item make of a response: its outcomes, worked out exactly, as the specification says."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from lxml import etree

from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.expressions import EXPRESSIONS, truth_of
from mesotrain.formats.exchange.qti.values import NUMBERS, ORDERED, SINGLE, Declared, Value, same
from mesotrain.formats.exchange.qti.xml import name_of, said, shown

NOTHING = "match_nothing"
TEMPLATES = ("match_correct", "map_response", "map_response_point", NOTHING)
EACH = "each"
"""No template of QTI: the sum of what each response earns by its map, or by being right."""
SCORE = "SCORE"


class Exit(Exception):
    """The rules end here."""


@dataclass
class Effort:
    """How many steps a file may still take."""

    left: int = 350_000

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Unfit("how it is marked takes too long to work out.")


@dataclass
class Rules:
    """The variables of an item and the rules between them."""

    responses: Mapping[str, Declared]
    outcomes: Mapping[str, Declared]
    processing: etree._Element | None
    effort: Effort = field(default_factory=Effort)
    template: str = ""

    def __post_init__(self) -> None:
        if self.processing is not None and not len(self.processing):
            address = said(self.processing, "template") or said(self.processing, "templateLocation")
            name = address.rstrip("/").rpartition("/")[2].removesuffix(".xml").removeprefix("CC2_")
            if address and name not in TEMPLATES:
                raise Unfit(f"its marking is the template “{address[:80]}”, which is not known.")
            self.template = name

    def outcome(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """The values of all outcomes after this response. Raises Unfit for rules that are not known."""
        run = Run(self, dict(given))
        if self.template:
            self._by_template(run)
        elif self.processing is not None:
            with suppress(Exit):
                run.statements(self.processing)
        return run.outcomes

    def _by_template(self, run: "Run") -> None:
        if self.template == EACH:
            run.outcomes[SCORE] = sum(map(run.own, self.responses.values()), Fraction(0))
            return
        one = self.responses.get("RESPONSE")
        if one is None:
            raise Unfit("its template marks RESPONSE, which is not declared.")
        value = run.responses.get(one.name)
        self.effort.spend()
        if self.template == "match_correct":
            right = same(value, one.correct, one.cardinality)
            run.outcomes[SCORE] = Fraction(bool(right))
        elif self.template == NOTHING:
            run.outcomes[SCORE] = Fraction(value is None)
        else:
            run.outcomes[SCORE] = run.mapped(one, points=self.template == "map_response_point")


class Run:
    """One response on its way through the rules."""

    def __init__(self, rules: Rules, responses: dict[str, Value]) -> None:
        self.rules, self.responses, self.effort = rules, responses, rules.effort
        self.outcomes = {name: _before(one) for name, one in rules.outcomes.items()}

    def variable(self, name: str) -> Value:
        if name in self.outcomes:
            return self.outcomes[name]
        if name in self.rules.responses:
            return self.responses.get(name)
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        raise Unfit(f"its marking speaks of {name[:40]}, which is not declared.")

    def declared(self, name: str) -> Declared:
        found = self.rules.responses.get(name) or self.rules.outcomes.get(name)
        if found is None:
            raise Unfit(f"its marking speaks of {name[:40]}, which is not declared.")
        return found

    def cardinality(self, element: etree._Element) -> str:
        """That of what an expression gives."""
        match element.tag:
            case "variable" | "correct" | "default":
                name = said(element, "identifier")
                found = self.rules.responses.get(name) or self.rules.outcomes.get(name)
                return found.cardinality if found else SINGLE
            case "ordered" | "multiple":
                return str(element.tag)
            case "repeat":
                return ORDERED
            case "delete":
                return self.cardinality(element[-1]) if len(element) else SINGLE
        return SINGLE

    def mapped(self, of: Declared, *, points: bool) -> Fraction:
        """What the map of a response makes of it; an empty response is worth nothing."""
        by = of.areas if points else of.map
        if by is None:
            raise Unfit(f"its marking maps {of.name[:40]}, which has no map.")
        value = self.responses.get(of.name)
        if value is None:
            return by.within(Fraction(0))
        values = value if isinstance(value, list) else [value]
        for _ in by.areas or by.entries:
            self.effort.spend()
        if points:
            return by.within(by.point([one for one in values if _is_point(one)]))  # type: ignore[misc]
        return by.within(sum((by.value(one) for one in dict.fromkeys(values)), Fraction(0)))

    def own(self, one: Declared) -> Fraction:
        """What a response earns by what is declared of it alone."""
        self.effort.spend()
        if one.map or one.areas:
            return self.mapped(one, points=not one.map)
        return Fraction(bool(same(self.responses.get(one.name), one.correct, one.cardinality)))

    def chance(self, count: int) -> int:
        """A draw out of so many. Raises Unfit: an answer is marked the same each time."""
        raise Unfit("its marking draws by chance.")

    def value(self, element: etree._Element) -> Value:
        """What an expression gives. Raises Unfit."""
        self.effort.spend()
        found = EXPRESSIONS.get(name_of(element))
        if found is None:
            raise Unfit(f"its marking uses {shown(element)}, which is not supported.")
        return found(self, element)

    def statements(self, these: Iterable[etree._Element]) -> None:
        """Does what these rules say, one after another. Raises Unfit."""
        for one in these:
            self.effort.spend()
            rule = _STATEMENTS.get(name_of(one))
            if rule is None:
                raise Unfit(f"its marking uses {shown(one)}, which is not supported.")
            rule(self, one)

    def _condition(self, element: etree._Element) -> None:
        for branch in element:
            kind = name_of(branch)
            if kind in _CONDITIONS and len(branch):
                if truth_of(self.value(branch[0])):
                    return self.statements(list(branch)[1:])
            elif kind in ("responseElse", "outcomeElse"):
                return self.statements(branch)
            else:
                raise Unfit(f"its marking uses {shown(branch)}, which is not supported.")
        return None

    def _set(self, element: etree._Element) -> None:
        name = said(element, "identifier")
        if not len(element):
            raise Unfit(f"{shown(element)} says no value.")
        value = self.value(element[0])
        if name in self.rules.responses and name not in self.outcomes:
            self.responses[name] = value
            return
        known = self.rules.outcomes.get(name)
        if known and known.cardinality != SINGLE and value is not None and not isinstance(value, list):
            value = [value]
        self.outcomes[name] = value

    def _look_up(self, element: etree._Element) -> None:
        name = said(element, "identifier")
        table = self.declared(name).table
        given = self.value(element[0]) if len(element) else None
        if table is None:
            raise Unfit(f"the value of {name[:40]} is looked up in a table that is not there.")
        self.outcomes[name] = table(given if isinstance(given, Fraction) else None)

    def _default(self, element: etree._Element) -> None:
        name = said(element, "identifier")
        target = self.responses if name in self.rules.responses else self.outcomes
        target[name] = self.declared(name).default

    def _exit(self, element: etree._Element) -> None:
        raise Exit


def _before(one: Declared) -> Value:
    """The value of an outcome before anything is marked: of a number 0, unless another is declared."""
    return Fraction(0) if one.default is None and one.base in NUMBERS and one.cardinality == SINGLE else one.default


def _is_point(one: object) -> bool:
    return isinstance(one, tuple) and isinstance(one[0], Fraction)


_BUILT_IN: dict[str, Value] = {"numAttempts": Fraction(1), "duration": Fraction(1), "completionStatus": "completed"}
"""What every item has, as a first and only attempt leaves it."""
_CONDITIONS = ("responseIf", "responseElseIf", "outcomeIf", "outcomeElseIf")
_STATEMENTS: dict[str, Callable[[Run, etree._Element], None]] = {
    "responseCondition": Run._condition,
    "outcomeCondition": Run._condition,
    "setOutcomeValue": Run._set,
    "setResponseValue": Run._set,
    "setDefaultValue": Run._default,
    "lookupOutcomeValue": Run._look_up,
    "responseProcessingFragment": Run.statements,
    "exitResponse": Run._exit,
}
