"""A scheme: what each procedure and certificate asks for, and what a status does to clearance: a course's policy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from mesotrain.core.canonical import Json
from mesotrain.core.certificates import Certificate, Exam, Path, Practice
from mesotrain.core.clearance import Meaning, Procedure
from mesotrain.core.competence import Cases, Observations
from mesotrain.core.observations import Form, form_of


@dataclass(frozen=True)
class Document:
    """What somebody shows, such as a registration. It counts for `months` from the day it was seen, if it is good."""

    name: str
    title: str
    months: int
    reason: str


@dataclass(frozen=True)
class Prior:
    """A competency, by code, for which what was learnt elsewhere counts, for `months` from the day it was learnt."""

    code: str
    months: int
    reason: str


@dataclass(frozen=True)
class Scheme:
    """What may be asked about. A status without a meaning is not cleared, unless the competency is held in it.

    `begins` is the first day of what it asks for otherwise than the one before it, said in this `line` of its file.
    """

    documents: tuple[Document, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    forms: tuple[Form, ...] = ()
    begins: date | None = None
    prior: tuple[Prior, ...] = ()
    line: int = field(default=1, compare=False)

    def model(self) -> dict[str, Json]:
        """What a publication keeps of it; empty where it says nothing."""
        parts: dict[str, dict[str, Json]] = {
            "documents": {one.name: _values(one) for one in self.documents},
            "procedures": {one.name: _values(one) for one in self.procedures},
            "statuses": {status: _values(one) for status, one in self.meanings.items()},
            "certificates": {one.name: _certified(one) for one in self.certificates},
            "forms": {one.name: one.model() for one in self.forms},
            "prior": {one.code: {"months": one.months, "reason": one.reason} for one in self.prior},
        }
        begins: dict[str, Json] = {"from": self.begins.isoformat()} if self.begins else {}
        return begins | {name: dict(part) for name, part in parts.items() if part}


def _values(one: Document | Procedure | Meaning) -> Json:
    kept: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(one).items()
        if name != "name"
    }
    if isinstance(one, Procedure):
        if not one.products:
            del kept["products"]
        for needs, means, begins in _PARTS:
            day = kept.pop(begins)
            if not kept[needs]:
                del kept[needs], kept[means]
            elif day:
                kept[begins] = day.isoformat()
        if not one.certificate:
            del kept["certificate"]
    return kept


_PARTS = (("practice", "unpractised", "practised_from"), ("observations", "unobserved", "observed_from"))
"""What a procedure may leave out: what has to be done, what it means where it is not, and from when that is asked."""


def _certified(one: Certificate) -> Json:
    return {
        "title": one.title,
        "months": one.months,
        "opens": one.opens,
        "grace": one.grace,
        "paths": {path.name: _path(path) for path in one.paths},
        "renewal": _path(one.renewal),
        "states": {state: _values(meaning) for state, meaning in one.meanings.items()},
        "reason": one.reason,
    }


def _path(one: Path) -> Json:
    """What a path asks for, without what it leaves out."""
    parts: dict[str, Json] = {
        "title": one.title,
        "competencies": list(one.competencies),
        "documents": list(one.documents),
        "exams": {exam.name: {"months": exam.months, "points": list(exam.points)} for exam in one.exams},
        "practice": [{"procedure": asked.procedure, **asdict(asked.cases)} for asked in one.practice],
        "certificates": list(one.certificates),
        "reason": one.reason,
    }
    return {name: part for name, part in parts.items() if part}


def scheme_of(model: Mapping[str, Any]) -> Scheme:
    """The scheme a publication kept."""
    return Scheme(
        tuple(Document(name, **one) for name, one in model.get("documents", {}).items()),
        tuple(_procedure(name, one) for name, one in model.get("procedures", {}).items()),
        {status: Meaning(**one) for status, one in model.get("statuses", {}).items()},
        tuple(_certificate(name, one) for name, one in model.get("certificates", {}).items()),
        tuple(form_of(name, one) for name, one in model.get("forms", {}).items()),
        date.fromisoformat(model["from"]) if "from" in model else None,
        tuple(Prior(code, **one) for code, one in model.get("prior", {}).items()),
    )


def _certificate(name: str, kept: Mapping[str, Any]) -> Certificate:
    return Certificate(
        name,
        kept["title"],
        kept["months"],
        kept["opens"],
        kept["grace"],
        tuple(_way(called, one) for called, one in kept["paths"].items()),
        _way("", kept["renewal"]),
        {state: Meaning(**one) for state, one in kept["states"].items()},
        kept["reason"],
    )


def _way(name: str, kept: Mapping[str, Any]) -> Path:
    def cases(procedure: str, **asked: Any) -> Practice:
        return Practice(procedure, Cases(**asked))

    return Path(
        name,
        kept.get("title", ""),
        tuple(kept.get("competencies", ())),
        tuple(kept.get("documents", ())),
        tuple(Exam(exam, one["months"], tuple(one["points"])) for exam, one in kept.get("exams", {}).items()),
        tuple(cases(**one) for one in kept.get("practice", ())),
        tuple(kept.get("certificates", ())),
        kept.get("reason", ""),
    )


def _procedure(name: str, kept: Mapping[str, Any]) -> Procedure:
    read: dict[str, Any] = {key: tuple(kept[key]) for key in ("competencies", "documents", "products") if key in kept}
    for (needs, means, begins), need in zip(_PARTS, (Cases, Observations), strict=True):
        read[needs] = tuple(need(**one) for one in kept.get(needs, ()))
        read |= {means: Meaning(**kept[means])} if means in kept else {}
        read |= {begins: date.fromisoformat(kept[begins])} if begins in kept else {}
    return Procedure(name, **{**kept, **read})
