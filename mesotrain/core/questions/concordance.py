"""Script concordance: a judgement beside those of a panel."""

from fractions import Fraction
from typing import cast

from mesotrain.core.questions.base import QuestionType
from mesotrain.core.questions.choice import Single


class Concordance(Single):
    """One judgement on a scale, which stays in its author's order; credit says how the panel stands to it.

    Credit is the members of the panel who chose it / the members who chose what most of them did, so 1 for that. It is
    the aggregate scoring of Norman, G. R. (1985), in Neufeld and Norman (eds), Assessing clinical competence, as
    Charlin, B. et al. (2000), The Script Concordance test, Teaching and Learning in Medicine 12(4), 189-195, use it.
    It shows how experts weigh what is uncertain, and examines nobody.
    """

    name = "concordance"

    @property
    def panel(self) -> dict[str, int]:
        """How many of the panel chose each option, by its id."""
        return cast(dict[str, int], self.key["panel"])

    @property
    def credit(self) -> dict[str, Fraction]:
        most = max(self.panel.values())
        return {name: Fraction(count, most) for name, count in self.panel.items() if count}

    @property
    def rules(self) -> list[str]:
        return ["panel"]

    def ask(self, seed: str) -> QuestionType:
        return self

    def problems(self) -> list[str]:
        found = super(Single, self).problems()
        if not any(self.panel.values()):
            found.append("nobody of the panel chose anything.")
        return found
