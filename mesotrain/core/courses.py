"""A course as values: what its text says, before anything is remembered of it.

Every dataclass that is versioned gives its canonical model; ``core.canonical.version_of`` makes the version's name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple, cast

from mesotrain.core.assessments import Rules
from mesotrain.core.canonical import Json, version_of
from mesotrain.core.plans import Pool, Sort
from mesotrain.core.questions import Part, QuestionType, question
from mesotrain.core.questions.essay import Essay
from mesotrain.core.schemes import Scheme

SCHEMA = 1
"""Version of the models below; part of every content version's name."""


@dataclass(frozen=True)
class Competency:
    """What a certified clinician can do, and for how long a proof of it holds."""

    code: str
    title: str
    can: str
    valid_months: int
    renewal_days: int
    grace_days: int

    def model(self) -> dict[str, Json]:
        """Words and rule together."""
        return {"title": self.title, "can": self.can, **self.rule()}

    def rule(self) -> dict[str, Json]:
        """The part standing depends on; its digest is the rule version."""
        return {
            "competency": self.code,
            "valid_months": self.valid_months,
            "renewal_days": self.renewal_days,
            "grace_days": self.grace_days,
        }


@dataclass(frozen=True)
class Source:
    """A publication as it was seen."""

    key: str
    text: str
    url: str
    seen: str


@dataclass(frozen=True)
class Reference:
    """A numbered fact that lessons and questions cite; `kind` is one of EVIDENCE_KINDS."""

    code: str
    kind: str
    sources: tuple[Source, ...]
    note: str = ""

    def model(self) -> dict[str, Json]:
        """What a publication keeps of it."""
        sources: list[Json] = [{"text": one.text, "url": one.url, "seen": one.seen} for one in self.sources]
        return {"code": self.code, "kind": self.kind, "note": self.note, "sources": sources}


@dataclass(frozen=True)
class Section:
    """A part of a lesson with the permanent id its author gave it.

    `text` is its Markdown under the heading; `abbreviations` the lesson's that occur in it; `media` the digest of each
    file it shows, by its path in the module's folder.
    """

    name: str
    title: str
    text: str
    abbreviations: dict[str, str] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def version(self) -> str:
        model: Json = {
            "name": self.name,
            "title": self.title,
            "text": self.text,
            "abbreviations": cast(Json, self.abbreviations),
        }
        return version_of("section", SCHEMA, model, self.media)


@dataclass(frozen=True)
class Waiver:
    """A rule of good writing that a question may break: `code` is the rule's id, `by` who answers for it."""

    code: str
    reason: str
    by: str


@dataclass(frozen=True)
class Question:
    """A question as its author wrote it.

    `practice` keeps it out of every quiz; `source` is the text of it, `line` where it begins in its file. What is
    `waived` is for authors, and no part of its version.
    """

    name: str
    competency: str
    level: str
    sections: tuple[str, ...]
    safety: str
    cites: tuple[str, ...]
    points: Fraction
    taker: Part
    key: Part
    practice: bool = False
    source: str = ""
    line: int = 0
    media: dict[str, str] = field(default_factory=dict)
    waived: tuple[Waiver, ...] = ()

    @property
    def version(self) -> str:
        model: dict[str, Json] = {
            "name": self.name,
            "competency": self.competency,
            "level": self.level,
            "sections": list(self.sections),
            "safety": self.safety,
            "cites": list(self.cites),
            "points": str(self.points),
            "taker": cast(Json, self.taker),
            "key": cast(Json, self.key),
        }
        if self.practice:
            model["practice"] = True
        return version_of("question", SCHEMA, model, self.media)

    def marked(self) -> QuestionType:
        """The question with its key."""
        return question(self.taker, self.key)


UNSIGNED = "none"


class SignOff(NamedTuple):
    """Who answers for a text, since which day, and for which `text_version` of it."""

    name: str
    day: date
    version: str


_SIGNED = re.compile(r"(?P<name>.+), (?P<day>\d{4}-\d\d-\d\d)(?:, (?P<version>[0-9a-f]{12}))?", re.ASCII)


def sign_off(said: str) -> SignOff | None:
    """What a module says of its signature; None where nobody has signed it. Raises ValueError for anything else."""
    if said == UNSIGNED:
        return None
    found = _SIGNED.fullmatch(said)
    if not found:
        raise ValueError(said)
    return SignOff(found["name"], date.fromisoformat(found["day"]), found["version"] or "")


@dataclass(frozen=True)
class Module:
    """A lesson, its quiz and the bank it draws on; or an exam, which has no lesson and draws on the banks of others."""

    name: str
    title: str
    summary: str
    competency: str
    minutes: int
    outcomes: tuple[str, ...]
    quiz: Rules
    sign_off: str
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]

    def front(self) -> dict[str, Json]:
        """What stands before its sections."""
        return {
            "title": self.title,
            "summary": self.summary,
            "competency": self.competency,
            "minutes": self.minutes,
            "outcomes": list(self.outcomes),
            "quiz": self.quiz.model(),
            "sign_off": self.sign_off,
        }

    @property
    def text_version(self) -> str:
        """What a clinician signs: all of it but the signature, its questions too; 12 hexadecimal digits."""
        front: dict[str, Json] = {name: value for name, value in self.front().items() if name != "sign_off"}
        sections: list[Json] = [section.version for section in self.sections]
        questions: list[Json] = [question.version for question in self.questions]
        model: dict[str, Json] = {"name": self.name, **front, "sections": sections, "questions": questions}
        return version_of("signed text", SCHEMA, model, {})[:12]

    @property
    def version(self) -> str:
        """Names the lesson and its rules; questions are versioned one by one."""
        sections: list[Json] = [section.version for section in self.sections]
        return version_of("module", SCHEMA, {"name": self.name, **self.front(), "sections": sections}, {})


@dataclass(frozen=True)
class Medium:
    """A file that figures show; `digest` is the SHA-256 of its content, `kind` its media type."""

    digest: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Course:
    """Everything a course folder says."""

    name: str
    title: str
    language: str
    status: str
    competencies: tuple[Competency, ...]
    references: tuple[Reference, ...]
    modules: tuple[Module, ...]
    media: tuple[Medium, ...] = ()
    scheme: Scheme = field(default_factory=Scheme)


def pool(modules: Iterable[Module], module: Module) -> Pool:
    """What an assessment may draw: of its own bank and of those it draws on, what is not for practice alone.

    One that is itself practice draws no essay, which nobody would mark.
    """
    return {
        one.name: Sort(one.competency, one.level, one.safety)
        for other in modules
        if other.name in (module.name, *module.quiz.draws_on)
        for one in other.questions
        if not one.practice and not (module.quiz.practice and one.taker["type"] == Essay.name)
    }


EVIDENCE_KINDS = {
    "SR": "Systematic review or meta-analysis",
    "RCT": "Randomised controlled trial",
    "CT": "Controlled trial, randomisation not shown",
    "OBS": "Observational study or outbreak report",
    "CR": "Case report",
    "CONS": "Consensus of experts",
    "REG": "Regulator, law or official guidance",
    "LAB": "Product labelling",
    "BENCH": "Laboratory work",
    "REF": "Narrative review or reference work",
    "CALC": "Arithmetic",
    "GK": "General medical knowledge, no source seen",
    "PROP": "Policy of the provider, and no fact",
}
"""The tags of the reference pack and what each is called for a reader."""

LEVELS = {"recall": "Recall", "apply": "Apply", "judge": "Judge"}
CHANGE_CLASSES = ("editorial", "clarifying", "substantive", "safety")
"""How a publication changed a section that was there before."""
