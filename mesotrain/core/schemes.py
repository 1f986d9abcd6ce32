"""A scheme: what each procedure asks for and what a status does to clearance. It is a course's policy, as data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from mesotrain.core.canonical import Json
from mesotrain.core.clearance import Meaning, Procedure
from mesotrain.core.competence import Cases


@dataclass(frozen=True)
class Document:
    """What somebody shows, such as a registration. It counts for `months` from the day it was seen, if it is good."""

    name: str
    title: str
    months: int
    reason: str


@dataclass(frozen=True)
class Scheme:
    """What may be asked about. A status without a meaning is not cleared, unless the competency is held in it."""

    documents: tuple[Document, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    meanings: Mapping[str, Meaning] = field(default_factory=dict)

    def model(self) -> dict[str, Json]:
        """What a publication keeps of it; empty where it says nothing."""
        parts: dict[str, dict[str, Json]] = {
            "documents": {one.name: _values(one) for one in self.documents},
            "procedures": {one.name: _values(one) for one in self.procedures},
            "statuses": {status: _values(one) for status, one in self.meanings.items()},
        }
        return {name: dict(part) for name, part in parts.items() if part}


def _values(one: Document | Procedure | Meaning) -> Json:
    kept = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(one).items()
        if name != "name"
    }
    if isinstance(one, Procedure):
        del kept["practised_from"]
        if not one.practice:
            del kept["practice"], kept["unpractised"]
        if one.practised_from:
            kept["practised_from"] = one.practised_from.isoformat()
    return kept


def scheme_of(model: Mapping[str, Any]) -> Scheme:
    """The scheme a publication kept."""
    return Scheme(
        tuple(Document(name, **one) for name, one in model.get("documents", {}).items()),
        tuple(_procedure(name, one) for name, one in model.get("procedures", {}).items()),
        {status: Meaning(**one) for status, one in model.get("statuses", {}).items()},
    )


def _procedure(name: str, kept: Mapping[str, Any]) -> Procedure:
    several = {key: tuple(kept[key]) for key in ("competencies", "documents")}
    asked = {"practice": tuple(Cases(**one) for one in kept.get("practice", ()))}
    means = {"unpractised": Meaning(**kept["unpractised"])} if "unpractised" in kept else {}
    begins = {"practised_from": date.fromisoformat(kept["practised_from"])} if "practised_from" in kept else {}
    return Procedure(name, **{**kept, **several, **asked, **means, **begins})
