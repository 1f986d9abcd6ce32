"""Things to be matched with answers of one list."""

from fractions import Fraction
from typing import cast

from mesotrain.core.questions.base import ALL_OR_NOTHING, Fields, QuestionType, Reading, read_parts, reordered


class Matching(QuestionType):
    """Premises, each with its answer among options that several may share: credit is right premises / premises.

    Where the key has the `rule` *all-or-nothing*: 1 where each is right, else 0.
    """

    name = "matching"
    parts = "premises"

    @property
    def premises(self) -> list[str]:
        """Their ids, in their order."""
        return [one["id"] for one in cast(list[dict[str, str]], self.taker["premises"])]

    @property
    def options(self) -> list[str]:
        """The ids of what can be answered, in the order shown."""
        return [one["id"] for one in cast(list[dict[str, str]], self.taker["options"])]

    @property
    def answers(self) -> dict[str, str]:
        """The option of each premise."""
        return cast(dict[str, str], self.key["answers"])

    def problems(self) -> list[str]:
        found = []
        if not cast(str, self.taker["stem"]).strip():
            found.append("the question has no stem; write it between the keys and the answers.")
        if len(set(self.premises)) < len(self.premises):
            found.append("two premises have the same text; make them different or remove one.")
        if len(set(self.options)) < len(self.options):
            found.append("two options have the same text; make them different or remove one.")
        if len(set(self.options)) < 2:
            found.append("it needs at least two different answers.")
        return found

    def ask(self, seed: str) -> QuestionType:
        return type(self)(reordered(self.taker, "options", seed), self._key) if self.taker["shuffle"] else self

    @property
    def rules(self) -> list[str]:
        return [cast(str, self.key.get("rule", "each"))] if len(self.premises) > 1 else []

    def read(self, raw: Fields) -> Reading:
        return read_parts(raw, self.premises, set(self.options), "Choose one of the answers of the list for each.")

    def mark(self, reading: Reading) -> Fraction:
        if not isinstance(reading.answer, dict):
            return Fraction(0)
        right = sum(reading.answer.get(name) == option for name, option in self.answers.items())
        if self.key.get("rule") == ALL_OR_NOTHING:
            return Fraction(right == len(self.premises))
        return Fraction(right, len(self.premises))

    def examples(self) -> list[tuple[Fields, Fraction]]:
        right = {name: [option] for name, option in self.answers.items()}
        first = self.premises[0]
        other = next(name for name in self.options if name != self.answers[first])
        less = Fraction(0) if self.key.get("rule") == ALL_OR_NOTHING else Fraction(len(right) - 1, len(right))
        return [
            (right, Fraction(1)),
            ({**right, first: [other]}, less),
            ({**right, first: [""]}, less),
            ({}, Fraction(0)),
            ({**right, first: ["?"]}, Fraction(0)),
        ]


class ExtendedMatching(Matching):
    """Stories, each with its answer in one long list of options; credit is by story."""

    name = "extended-matching"
