"""An item of QTI: what it asks, what it declares, and what it says to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from lxml import etree

from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.notes import GUESSED, MOST_ANSWERS, MOST_CHARACTERS, Notes, too_long
from mesotrain.formats.exchange.qti import templates
from mesotrain.formats.exchange.qti.rules import EACH, SCORE, Effort, Rules
from mesotrain.formats.exchange.qti.texts import INTERACTIONS, feedback
from mesotrain.formats.exchange.qti.values import NUMBERS, SINGLE, Declared, Value, declared, whole
from mesotrain.formats.exchange.qti.xml import line_of, name_of, said, truth

CHOICE, HOTTEXT, INLINE, ENTRY, ESSAY = (
    *("choiceInteraction", "hottextInteraction", "inlineChoiceInteraction", "textEntryInteraction"),
    "extendedTextInteraction",
)
ORDER, MATCH, ASSOCIATE, GAPS = "orderInteraction", "matchInteraction", "associateInteraction", "gapMatchInteraction"
HOTSPOT, POINT, SLIDER = "hotspotInteraction", "selectPointInteraction", "sliderInteraction"
KINDS = (CHOICE, HOTTEXT, INLINE, ENTRY, ESSAY, ORDER, MATCH, ASSOCIATE, GAPS, HOTSPOT, POINT, SLIDER)
"""The interactions that are taken."""
_CHOSEN = frozenset({
    *("simpleChoice", "inlineChoice", "hottext", "simpleAssociableChoice", "gapText", "gapImg", "hotspotChoice"),
})  # fmt: skip

_STEPS = 10
"""What it costs to read the text of a choice, beside a step of a rule."""


@dataclass
class Asked:
    """One interaction, and what can be chosen in it by its identifier."""

    element: etree._Element
    response: Declared
    choices: dict[str, etree._Element] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return name_of(self.element)

    @property
    def many(self) -> bool:
        """Whether several can be chosen."""
        return self.response.cardinality != SINGLE and self.most != 1

    @property
    def most(self) -> int:
        """How many can be chosen; 0: any number."""
        return whole(said(self.element, "maxChoices", "1"), 1)

    def value(self, *names: str) -> Value:
        """The response that these choices make."""
        return self.response.read(list(names))


@dataclass
class QtiItem:
    """An item. `rules` make outcomes of responses, which say what is shown; `score_of` are those that are summed."""

    root: etree._Element
    rules: Rules
    asked: list[Asked]
    notes: Notes
    score_of: tuple[str, ...] = (SCORE,)
    _known: dict[object, dict[str, Value]] = field(default_factory=dict)

    @property
    def line(self) -> int:
        return line_of(self.root)

    @property
    def body(self) -> etree._Element:
        found = self.root.find("itemBody")
        if found is None:
            raise Unfit("it has no body.")
        return found

    @property
    def scored(self) -> bool:
        """Whether it says what any answer is worth."""
        return self.score_of != (SCORE,) or SCORE in self.rules.outcomes or bool(self.rules.template)

    def _outcome(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """What the rules make of a response, worked out once."""
        key = tuple((name, tuple(one) if isinstance(one, list) else (one,)) for name, one in sorted(given.items()))
        if key not in self._known:
            self._known[key] = self.rules.outcome(given)
        return self._known[key]

    def score(self, given: Mapping[str, Value]) -> Fraction:
        """What a response earns. Raises Unfit."""
        outcomes, total = self._outcome(given), Fraction(0)
        for value in map(outcomes.get, self.score_of):
            if value is not None and not isinstance(value, Fraction | bool):
                raise Unfit(f"its {self.score_of[0]} is no number.")
            total += Fraction(value or 0)
        return total

    def told(self, given: Mapping[str, Value]) -> list[etree._Element]:
        """What is said to a response."""
        outcomes, found = self._outcome(given), []
        for one in feedback(self.root):
            value = outcomes.get(said(one, "outcomeIdentifier"))
            named = said(one, "identifier") in (map(str, value) if isinstance(value, list) else [str(value)])
            if named == (said(one, "showHide", "show") == "show"):
                found.append(one)
        return found


def read(root: etree._Element, notes: Notes, effort: Effort) -> QtiItem:
    """The item of this element. Raises Unfit, naming what of it has no place in a bank."""
    effort.spend(sum(_STEPS if name_of(one) in _CHOSEN else 1 for one in root.iter()))
    if (long := sum(len(one) for one in map(str, root.itertext()))) > MOST_CHARACTERS:
        raise Unfit(too_long(long))
    if truth(root, "adaptive"):
        raise Unfit("it is adaptive: it goes on after an answer.")
    root = templates.drawn(root, notes, effort)
    responses = _named(root, "responseDeclaration")
    outcomes = _named(root, "outcomeDeclaration")
    if root.find("outcomeProcessing") is not None:
        notes.said.append(("kept", "outcomes that are worked out of its score are not kept."))
    processing = root.find("responseProcessing")
    asked = [_asked(one, responses) for one in root.iter() if name_of(one).endswith(INTERACTIONS)]
    if not asked:
        raise Unfit("it asks nothing: it has no interaction.")
    rules = Rules(responses, outcomes, processing, effort)
    if processing is None or (not len(processing) and not rules.template):
        rules.template = _guessed(asked, notes)
    return QtiItem(root, rules, asked, notes, _score_of(rules, notes))


def _score_of(rules: Rules, notes: Notes) -> tuple[str, ...]:
    """The outcomes that say what an answer is worth: SCORE, else the only number that is set, or all that is true.

    Raises Unfit where several may be meant.
    """
    if SCORE in rules.outcomes or rules.template or rules.processing is None:
        return (SCORE,)
    named = dict.fromkeys(said(one, "identifier") for one in rules.processing.iter("setOutcomeValue"))
    known = [rules.outcomes[name] for name in named if name in rules.outcomes and name != "MAXSCORE"]
    numbers = [one.name for one in known if one.base in NUMBERS and one.cardinality == SINGLE]
    found = numbers or [one.name for one in known if one.base == "boolean" and one.cardinality == SINGLE]
    if len(numbers) > 1:
        raise Unfit(f"it has no {SCORE}, and several outcomes may be meant: {', '.join(numbers)[:80]}.")
    if found:
        what = found[0] if len(found) == 1 else f"how many of {', '.join(found)[:80]} are true"
        notes.note(GUESSED, f"it has no {SCORE}; {what} is taken for it.")
    return tuple(found) or (SCORE,)


def _named(root: etree._Element, tag: str) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for element in root.iterchildren(tag):
        one = declared(element)
        if one.name in found:
            raise Unfit(f"two variables are called {one.name[:40]}.")
        found[one.name] = one
    return found


def _guessed(asked: list[Asked], notes: Notes) -> str:
    """How an item without rules is marked: by what it declares of its responses, each on its own."""
    if any(one.response.correct is not None or one.response.map or one.response.areas for one in asked):
        notes.note(GUESSED, "it does not say how it is marked; its declared answers are taken for the right ones.")
        return EACH
    return ""


def _asked(element: etree._Element, responses: Mapping[str, Declared]) -> Asked:
    kind, name = name_of(element), said(element, "responseIdentifier")
    if kind not in KINDS:
        raise Unfit(f"a {kind[:40]} is not supported.")
    if name not in responses:
        raise Unfit(f"its {kind} answers {name[:40] or 'nothing'}, which is not declared.")
    found = Asked(element, responses[name])
    for one in element.iter():
        if name_of(one) in _CHOSEN:
            own = said(one, "identifier")
            if not own or own in found.choices:
                raise Unfit(f"two of its choices are called “{own[:40]}”.")
            found.choices[own] = one
    if len(found.choices) > MOST_ANSWERS:
        raise Unfit(f"a question has at most {MOST_ANSWERS} answers; this has {len(found.choices):,}.")
    return found
