"""The expected ways of saying no. Anything else that is raised is a bug and stays loud.

A sentence is written for its reader, is translated where it is shown, and may hold ``%(name)s`` facts.
"""

from dataclasses import dataclass


class Expected(Exception):
    """An expected "no", with a sentence for the reader."""

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence % facts if facts else sentence)
        self.sentence = sentence
        self.facts = facts


class Refused(Expected):
    """The rules forbid it now; the sentence says why and what to do."""


class Ended(Refused):
    """It is over for good; trying again will not help."""


class TooMany(Expected):
    """It was tried too often; it may be tried again soon."""


class NotAllowed(Expected):
    """This person may not do this."""


class NotFound(Expected):
    """There is no such thing, or none that this person may know of."""

    def __init__(self, sentence: str = "There is no such page, or it is not yours to see.", **facts: object) -> None:
        super().__init__(sentence, **facts)


@dataclass(frozen=True, order=True)
class Fault:
    """What an author got wrong. ``line`` counts from 1; ``code`` is the same for the same kind of fault."""

    path: str
    line: int
    message: str
    code: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class BadContent(Expected):
    """A text cannot be taken; ``faults`` holds every reason at once."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))
