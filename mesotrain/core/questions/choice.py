"""Single best answer and multiple response."""

from fractions import Fraction
from functools import cached_property
from typing import cast

from mesotrain.core.numbers import rational
from mesotrain.core.questions.base import Fields, QuestionType, Reading, alike, costly, reordered

FIELD = "choice"
PARTIAL = "partial"
SUM = "sum"
SHARES = "the credits above 0 make {} of a full answer, not all of it; a third is written 1/3."


class Choice(QuestionType):
    """Options of which the taker ticks some."""

    @property
    def options(self) -> list[str]:
        """Option ids, in their order."""
        return [option["id"] for option in cast(list[dict[str, str]], self.taker["options"])]

    @cached_property
    def credit(self) -> dict[str, Fraction]:
        """Credit per option id; options without any are left out."""
        return {name: rational(value) for name, value in cast(dict[str, str], self.key["credit"]).items()}

    def ask(self, seed: str) -> QuestionType:
        return type(self)(reordered(self.taker, "options", seed), self._key) if self.taker["shuffle"] else self

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it between the keys and the options.")
        options = self.options
        if len(options) < 2:
            found.append("it needs at least two options.")
        if alike(cast(list[dict[str, str]], self.taker["options"])):
            found.append("two options have the same text or id; make them different or remove one.")
        return found


class Single(Choice):
    """Single best answer: credit is that of the option chosen, 1 for the key."""

    name = "single"

    def problems(self) -> list[str]:
        found = super().problems()
        others = [credit for credit in self.credit.values() if credit != 1]
        if (full := len(self.credit) - len(others)) != 1:
            found.append(f"mark one option (x) as the best answer; {full} are marked.")
        if any(not -1 <= credit <= 1 for credit in others):
            found.append("an option's credit lies between -100% and 100%.")
        return found

    @property
    def rules(self) -> list[str]:
        return costly(self.credit.values())

    def read(self, raw: Fields) -> Reading:
        chosen = [value for value in raw.get(FIELD, ()) if value]
        if not chosen:
            return Reading()
        if len(chosen) > 1 or chosen[0] not in self.options:
            return Reading(problem="Choose one of the options shown.")
        return Reading(tuple(chosen))

    def mark(self, reading: Reading) -> Fraction:
        if not isinstance(reading.answer, tuple):
            return Fraction(0)
        return self.credit.get(reading.answer[0], Fraction(0))

    def examples(self) -> list[tuple[Fields, Fraction]]:
        given: list[tuple[Fields, Fraction]] = [
            ({FIELD: [name]}, self.credit.get(name, Fraction(0))) for name in self.options
        ]
        return [*given, ({}, Fraction(0)), ({FIELD: ["?"]}, Fraction(0)), ({FIELD: self.options}, Fraction(0))]


class Multiple(Choice):
    """Multiple response: every right option and no wrong one, or by the partial rule where the author asks for it.

    *partial*: (right options ticked - wrong options ticked) / right options, never below 0. It is the
    "right minus wrong" rule of Lord, F. M. (1975), Formula scoring and number-right scoring,
    Journal of Educational Measurement 12(1), 7-11, cut at zero.
    *sum*: where options carry credits of their own, which may be below 0, those of the ticked ones, from 0 to 1.
    """

    name = "multiple"

    def problems(self) -> list[str]:
        found = super().problems()
        right = len(self.credit)
        if self.key["rule"] == SUM:
            return found + self._credits()
        if not right:
            found.append("tick at least one right option with [x].")
        elif right == len(set(self.options)):
            found.append("every option is ticked as right; at least one must be wrong.")
        return found

    def _credits(self) -> list[str]:
        positive = sum((credit for credit in self.credit.values() if credit > 0), Fraction(0))
        if positive != 1:
            return [SHARES.format(positive)]
        return []

    @property
    def rules(self) -> list[str]:
        return [cast(str, self.key["rule"])]

    def read(self, raw: Fields) -> Reading:
        chosen = {value for value in raw.get(FIELD, ()) if value}
        if not chosen <= set(self.options):
            return Reading(problem="Choose among the options shown.")
        return Reading(tuple(sorted(chosen)) or None)

    def mark(self, reading: Reading) -> Fraction:
        if not isinstance(reading.answer, tuple):
            return Fraction(0)
        if self.key["rule"] == SUM:
            total = sum((self.credit.get(name, Fraction(0)) for name in reading.answer), Fraction(0))
            return min(max(total, Fraction(0)), Fraction(1))
        chosen, right = set(reading.answer), set(self.credit)
        if self.key["rule"] == PARTIAL:
            return max(Fraction(len(chosen & right) - len(chosen - right), len(right)), Fraction(0))
        return Fraction(chosen == right)

    def examples(self) -> list[tuple[Fields, Fraction]]:
        if self.key["rule"] == SUM:
            best = sorted(name for name, credit in self.credit.items() if credit > 0)
            alone = [({FIELD: [name]}, max(self.credit.get(name, Fraction(0)), Fraction(0))) for name in self.options]
            return [({FIELD: best}, Fraction(1)), *alone, ({}, Fraction(0)), ({FIELD: ["?"]}, Fraction(0))]
        right = sorted(self.credit)
        wrong = sorted(set(self.options) - set(right))
        partial = self.key["rule"] == PARTIAL
        spoilt = Fraction(len(right) - 1, len(right)) if partial else Fraction(0)
        return [
            ({FIELD: right}, Fraction(1)),
            ({FIELD: wrong}, Fraction(0)),
            ({FIELD: [*right, wrong[0]]}, spoilt),
            ({FIELD: right[1:]}, spoilt),
            ({}, Fraction(0)),
            ({FIELD: ["?"]}, Fraction(0)),
        ]
