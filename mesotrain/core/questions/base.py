"""What every question type promises.

A published question is stored as two things: the *taker* part, all that may travel to a taker, and the *key*.
A type is made from the taker part alone to be asked and read; only with the key can it be marked.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import ClassVar, TypeAlias

from mesotrain.core.canonical import Json

Part: TypeAlias = dict[str, Json]
Fields: TypeAlias = Mapping[str, Sequence[str]]
"""Raw form values as they arrived: field name to the values given for it."""

MARKING_RULES = 1
"""Version of the marking rules; stored with each score, raised when any rule changes its result."""


@dataclass(frozen=True)
class Asked:
    """What one taker is shown: option ids in the order of this paper."""

    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What raw fields say: an answer, nothing (unanswered), or a problem the taker is told about."""

    answer: tuple[str, ...] | Fraction | None = None
    problem: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def unanswered(self) -> bool:
        return self.answer is None and self.problem is None


class QuestionType(ABC):
    """One question of one type. Subclasses are pure values: the same input gives the same output for ever."""

    name: ClassVar[str]

    def __init__(self, taker: Part, key: Part | None = None) -> None:
        self.taker = taker
        self._key = key

    @property
    def key(self) -> Part:
        """The key. Raises LookupError where the question was loaded as a taker may see it."""
        if self._key is None:
            raise LookupError("this question was loaded without its key")
        return self._key

    @abstractmethod
    def problems(self) -> list[str]:
        """What the author got wrong, each a sentence."""

    @abstractmethod
    def ask(self, seed: str) -> Asked:
        """What the taker with this seed is shown."""

    @abstractmethod
    def read(self, raw: Fields) -> Reading:
        """What the fields say. Never raises for anything a browser can send."""

    @abstractmethod
    def mark(self, reading: Reading) -> Fraction:
        """The exact credit, 1 for a full answer; an unanswered or unreadable one gets 0."""

    @abstractmethod
    def examples(self) -> list[tuple[Fields, Fraction]]:
        """Raw answers with the credit each must get."""


def option_id(text: str) -> str:
    """A neutral id for an option: it says nothing of the option's place or credit."""
    return sha256(text.encode()).hexdigest()[:10]
