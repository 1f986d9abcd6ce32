"""An item of QTI as it comes together: what is asked, how it is marked, what is told. Names are those of QTI 2."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from lxml.etree import SubElement, _Element

from mesotrain.formats.exchange.notes import Notes
from mesotrain.formats.exchange.to_qti.rules import FEEDBACK, SCORE, Marking, make, value, written
from mesotrain.formats.exchange.to_qti.text import Texts

WHOLE = "WHOLE"
"""The feedback that everybody is told."""


@dataclass
class Asked:
    """The parts of one item. `people` mark it where that is true."""

    texts: Texts
    notes: Notes
    body: _Element = field(default_factory=lambda: make("itemBody"))
    marking: Marking = field(default_factory=Marking)
    declarations: list[_Element] = field(default_factory=list)
    feedback: list[_Element] = field(default_factory=list)
    whole: _Element = field(default_factory=lambda: make("modalFeedback"))
    people: bool = False

    def line(self, tag: str, text: str, **attributes: str) -> _Element:
        """An element with a text in it."""
        found = make(tag, **attributes)
        self.texts.flow(found, text)
        return found

    def tell(self, identifier: str, text: str) -> str:
        """Keeps a feedback for an answer, and gives its name back; an empty one has none."""
        if not text:
            return ""
        self.feedback.append(_feedback(self.line("modalFeedback", text), identifier))
        return identifier

    def explain(self, parts: Iterable[tuple[str, str]], reasons: Mapping[str, str]) -> None:
        """Tells everybody the reasons of single parts, each an id and its text."""
        for name, text in parts:
            if reason := reasons.get(name, ""):
                about = SubElement(self.whole, "div")
                self.texts.blocks(about, text)
                self.texts.blocks(about, reason)

    def root(self, identifier: str, title: str, points: Fraction) -> _Element:
        """The item; what is worth nothing is only read."""
        if len(self.whole) or self.whole.text:
            self.feedback.append(_feedback(self.whole, WHOLE))
            self.marking.told.append(value(WHOLE, "identifier"))
        root = make("assessmentItem", *self.declarations, identifier=identifier, title=title)
        root.set("adaptive", "false")
        root.set("timeDependent", "false")
        if points:
            root.extend(self._outcomes(points))
        root.append(self.body)
        processing = self.marking.processing()
        if len(processing) or processing.get("template"):
            root.append(processing)
        root.extend(self.feedback)
        return root

    def _outcomes(self, points: Fraction) -> list[_Element]:
        most = written(points)
        score = _outcome(SCORE, "0", normalMaximum=most)
        if self.people:
            score.set("externalScored", "human")
        found = [score, _outcome("MAXSCORE", most)]
        if self.feedback:
            found.append(make("outcomeDeclaration", identifier=FEEDBACK, cardinality="multiple", baseType="identifier"))
        return found


def _outcome(name: str, number: str, **attributes: str) -> _Element:
    usual = make("defaultValue", make("value", number))
    return make("outcomeDeclaration", usual, identifier=name, cardinality="single", baseType="float", **attributes)


def _feedback(element: _Element, identifier: str) -> _Element:
    for name, said in (("outcomeIdentifier", FEEDBACK), ("identifier", identifier), ("showHide", "show")):
        element.set(name, said)
    return element
