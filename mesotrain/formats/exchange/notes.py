"""What is said of a question that was brought in or taken out: the model, and what happened to it on the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mesotrain.core.courses import Question
from mesotrain.formats.lines import NAME

KEPT, CHANGED, GUESSED, LOST = "kept", "changed", "guessed", "lost"
STATUSES = (KEPT, CHANGED, GUESSED, LOST)
"""From the best to the worst."""

MEND = "to be mended: "
"""Begins what the check of a bank will say of a question."""

DESCRIPTION = "description"
"""What other systems call a question and a bank has not: between two of them it is carried, its taker part a stem."""


@dataclass
class Notes:
    """What happened to one question, each a status and a sentence."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def note(self, status: str, sentence: str) -> None:
        if (status, sentence) not in self.said:
            self.said.append((status, sentence))

    @property
    def sentences(self) -> list[str]:
        """What was said, each with its status unless it was kept."""
        return [sentence if status == KEPT else f"{status}: {sentence}" for status, sentence in self.said]

    @property
    def to_mend(self) -> list[str]:
        """What the check of a bank will say."""
        return [sentence.removeprefix(MEND) for _, sentence in self.said if sentence.startswith(MEND)]

    @property
    def status(self) -> str:
        """The worst of what was said."""
        return max((status for status, _ in self.said), key=STATUSES.index, default=KEPT)


@dataclass
class Exchanged:
    """A question on its way; `title` is its name where it came from, which a bank keeps as a comment.

    It is `plain` where it is known to be, by `formats.plain`.
    """

    question: Question
    title: str = ""
    category: str = ""
    notes: Notes = field(default_factory=Notes)
    plain: bool = False


class Names:
    """Ids, each once: the question's own where it has one, else the next of this prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._last, self._taken = prefix, 0, set[str]()

    def next(self, own: str) -> str:
        """The id of the next question, which calls itself `own`."""
        name = own if own and re.fullmatch(NAME, own) and own not in self._taken else ""
        while not name:
            self._last += 1
            made = f"{self._prefix}-{self._last:04d}"
            name = "" if made in self._taken else made
        self._taken.add(name)
        return name


MOST_CHARACTERS, MOST_ANSWERS, MOST_QUESTIONS = 100_000, 200, 5_000
"""Of a question as it is written, of one question, and of one file; what is more is refused."""


def too_long(characters: int) -> str:
    """Why a question of so many characters is refused."""
    return f"a question has at most {MOST_CHARACTERS:,} characters; this has {characters:,}."


@dataclass(frozen=True)
class Refusal:
    """A question that was not taken: where it begins, and why."""

    line: int
    sentence: str


@dataclass
class Brought:
    """What a file holds. `media` are its pictures by their path, such as ``media/face.png``."""

    questions: list[Exchanged] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """A file as it is written, and the pictures that go beside it."""

    content: bytes
    media: Mapping[str, bytes] = field(default_factory=dict)
