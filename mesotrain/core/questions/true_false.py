"""Statements, each true or false."""

from fractions import Fraction
from typing import cast

from mesotrain.core.questions.base import Fields, QuestionType, Reading, alike, read_parts, reordered

TRUE, FALSE = "true", "false"
EACH, KPRIM = "each", "kprim"
OF_KPRIM = 4


class TrueFalse(QuestionType):
    """One statement or several; a statement that is not answered is not right.

    *each*: right statements / statements. *kprim*, where there are four: 1 for four right, 1/2 for three, else 0, after
    Krebs, R. (1997), The Swiss way to score multiple true-false items: theoretical and empirical evidence, in Advances
    in Medical Education, 158-161. *all-or-nothing*: 1 where each is right, else 0.
    """

    name = "true-false"
    parts = "statements"

    @property
    def statements(self) -> list[str]:
        """Their ids, in their order."""
        return [one["id"] for one in cast(list[dict[str, str]], self.taker["statements"])]

    @property
    def verdicts(self) -> dict[str, str]:
        """Which of them is true and which false."""
        return cast(dict[str, str], self.key["verdicts"])

    def problems(self) -> list[str]:
        found = []
        if alike(cast(list[dict[str, str]], self.taker["statements"])):
            found.append("two statements have the same text or id; make them different or remove one.")
        if len(self.statements) == 1 and not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it between the keys and the statement.")
        if self.key["rule"] == KPRIM and len(self.statements) != OF_KPRIM:
            found.append("this rule needs four statements.")
        return found

    def ask(self, seed: str) -> QuestionType:
        return type(self)(reordered(self.taker, "statements", seed), self._key) if self.taker["shuffle"] else self

    @property
    def rules(self) -> list[str]:
        return [cast(str, self.key["rule"])] if len(self.statements) > 1 else []

    def read(self, raw: Fields) -> Reading:
        return read_parts(raw, self.statements, {TRUE, FALSE}, "Choose true or false for each statement.")

    def mark(self, reading: Reading) -> Fraction:
        if not isinstance(reading.answer, dict):
            return Fraction(0)
        right = sum(reading.answer.get(name) == said for name, said in self.verdicts.items())
        if self.key["rule"] == EACH:
            return Fraction(right, len(self.statements))
        if self.key["rule"] == KPRIM and right == OF_KPRIM - 1:
            return Fraction(1, 2)
        return Fraction(right == len(self.statements))

    def examples(self) -> list[tuple[Fields, Fraction]]:
        right = {name: [said] for name, said in self.verdicts.items()}
        wrong = {name: [FALSE if said == TRUE else TRUE] for name, said in self.verdicts.items()}
        first = self.statements[0]
        one_less = {EACH: Fraction(len(right) - 1, len(right)), KPRIM: Fraction(1, 2)}.get(
            cast(str, self.key["rule"]), Fraction(0)
        )
        return [
            (right, Fraction(1)),
            (wrong, Fraction(0)),
            ({**right, first: wrong[first]}, one_less),
            ({**right, first: []}, one_less),
            ({}, Fraction(0)),
            ({**right, first: ["maybe"]}, Fraction(0)),
        ]
