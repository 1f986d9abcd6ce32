"""Observations: what an assessor watches by a form, at a station or with a patient, and what becomes of it.

A form is a course's policy, as data. What was seen is marked step by step; the result follows by the rule of the form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mesotrain.core.canonical import Json

STATION, WITH_PATIENT = PLACES = "station", "with a patient"
"""Where a form is used: a case that is played, or the work itself."""
DONE, NOT_DONE, NOT_SEEN = MARKS = "done", "not done", "not seen"
PASSED, NOT_PASSED, OPEN = OUTCOMES = "passed", "not passed", "not all seen"

MEANINGS = {
    PASSED: "I watched this myself. Each step is marked as I saw it, the rating is mine, and by the form it is passed.",
    NOT_PASSED: "I watched this myself. Each step is marked as I saw it, the rating is mine, and by the form it is not "
    "passed.",
    OPEN: "I watched this myself. Each step is marked as I saw it, the rating is mine, and a critical step I did not "
    "see, so it speaks neither for them nor against them.",
}
"""What somebody says with their signature, word for word as they read it."""
MOST_WORDS = 1000
"""Characters of a note."""
DAYS = timedelta(days=7)
"""How long what was marked may be signed: a policy of ours, so that what is signed is still remembered."""


@dataclass(frozen=True)
class Step:
    """What is watched for. `id` is permanent, `safety` the safety point that it shows in practice."""

    id: str
    words: str
    critical: bool = False
    safety: str = ""
    cites: tuple[str, ...] = ()

    def model(self) -> dict[str, Json]:
        """What a publication keeps of it."""
        return {"words": self.words, "critical": self.critical, "safety": self.safety, "cites": list(self.cites)}


@dataclass(frozen=True)
class Form:
    """What is watched, in order, and how it is rated as a whole: by the words of `ratings`, the lowest first.

    It is passed with every critical step done and a rating of `least` at least; `reason` says why so.
    """

    name: str
    title: str
    where: str
    steps: tuple[Step, ...]
    ratings: tuple[str, ...]
    least: int
    reason: str = ""

    def model(self) -> dict[str, Json]:
        """What a publication keeps of it."""
        return {
            "title": self.title,
            "where": self.where,
            "order": [one.id for one in self.steps],
            "steps": {one.id: one.model() for one in self.steps},
            "ratings": list(self.ratings),
            "least": self.least,
            "reason": self.reason,
        }

    @property
    def parts(self) -> int:
        """How many parts it has that something is said of: the steps in their order, the rating, and the note."""
        return len(self.steps) + 2

    def takes(self, part: int, value: str) -> bool:
        """Whether this can be said of a part, or it has not been; empty is nothing."""
        if part < self.parts - 1:
            return part > 0 and value in ("", *MARKS)
        ratings = ("", *map(str, range(1, len(self.ratings) + 1)))
        return value in ratings if part < self.parts else part == self.parts and len(value) <= MOST_WORDS

    def marked(self, said: Callable[[int], str]) -> "Marked":
        """What is said of its parts, by their numbers."""
        marks = {one.id: said(place) for place, one in enumerate(self.steps, 1) if said(place)}
        return Marked(marks, int(said(self.parts - 1) or 0), said(self.parts))

    def result(self, marks: Mapping[str, str], rating: int) -> "Result":
        """What these marks, by the ids of steps, and this rating come to; a rating of 0 is none."""

        def marked(*which: str) -> tuple[Step, ...]:
            return tuple(one for one in self.steps if one.critical and marks.get(one.id) in which)

        unmarked = tuple(one for one in self.steps if marks.get(one.id) not in MARKS)
        return Result(marked(NOT_DONE), marked(NOT_SEEN), unmarked, rating, self.least)


def form_of(name: str, kept: Mapping[str, Any]) -> Form:
    """The form a publication kept."""
    steps = (Step(one, **kept["steps"][one]) for one in kept["order"])
    whole = tuple(Step(one.id, one.words, one.critical, one.safety, tuple(one.cites)) for one in steps)
    return Form(name, kept["title"], kept["where"], whole, tuple(kept["ratings"]), kept["least"], kept["reason"])


@dataclass(frozen=True)
class Marked:
    """What somebody marked: each step by its id, how they rate the whole, 0 where they have not, and a note."""

    marks: Mapping[str, str]
    rating: int
    words: str


@dataclass(frozen=True)
class Result:
    """What was seen: the critical steps `missed` and those `unseen`, and what is not marked yet."""

    missed: tuple[Step, ...]
    unseen: tuple[Step, ...]
    unmarked: tuple[Step, ...]
    rating: int
    least: int

    @property
    def whole(self) -> bool:
        """Whether every step is marked, and the whole rated."""
        return not self.unmarked and self.rating > 0

    @property
    def outcome(self) -> str:
        """One of OUTCOMES. What was seen to be missing decides before what was not seen."""
        if self.missed or self.rating < self.least:
            return NOT_PASSED
        return OPEN if self.unseen else PASSED
