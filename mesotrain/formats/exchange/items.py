"""What Moodle calls a question, apart from how a file writes it."""

from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

from mesotrain.core.questions.essay import MOST_POINTS
from mesotrain.formats.exchange.texts import HTML

TRUE_OR_FALSE = "True or false?"
"""The stem of a single statement: Moodle has the statement alone."""
WHOLE = {"text": "The whole answer", "points": str(MOST_POINTS)}
"""The one criterion of an essay that has no rubric."""
TAG = "mesotrain"
"""Begins the tags in which a file keeps what Moodle has no place for: ``mesotrain: competency=EMG``."""


class Unfit(Exception):
    """A question cannot be taken; the sentence says why."""


class Words(NamedTuple):
    """A text and how it is written."""

    text: str = ""
    kind: str = HTML


_UNSAID = Words()


class Answer(NamedTuple):
    """One answer, the share of the mark it earns, and what is said to it; for a number how far off it may be."""

    said: Words
    fraction: Fraction = Fraction(0)
    feedback: Words = _UNSAID
    tolerance: Fraction = Fraction(0)


@dataclass
class Item:
    """A question of Moodle. `pairs` are things to be matched; `parts` the gaps of `kind` multianswer, with weights.

    `stem` has a gap where ``parts`` say ``[[1]]``. `remarks` are those to any right, partly right and wrong answer.
    `told` is what whoever marks an essay is told; `kept` the question as `keep` wrote it beside what Moodle can hold.
    """

    kind: str
    line: int
    name: str = ""
    stem: Words = _UNSAID
    reason: Words = _UNSAID
    told: Words = _UNSAID
    answers: list[Answer] = field(default_factory=list)
    pairs: list[tuple[Words, Words]] = field(default_factory=list)
    parts: list[tuple[Fraction, "Item"]] = field(default_factory=list)
    single: bool = True
    exact_case: bool = False
    shuffle: bool = True
    rule: str = ""
    unit: str = ""
    points: Fraction = Fraction(1)
    penalty: Fraction | None = None
    remarks: list[Words] = field(default_factory=list)
    named: str = ""
    tags: list[str] = field(default_factory=list)
    category: str = ""
    kept: str = ""

    @property
    def digest(self) -> str:
        """Changes with everything of it that is read."""
        said = (
            self.kind,
            self.stem,
            self.reason,
            self.told,
            self.answers,
            self.pairs,
            self.single,
            self.exact_case,
            self.rule,
        )
        parts = [(weight, part.digest) for weight, part in self.parts]
        return sha256(repr((said, self.rule, self.shuffle, self.unit, parts)).encode(errors="replace")).hexdigest()
