"""The record of what happened: canonical bytes, with people only as commitments that can be forgotten."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from mesotrain.core.canonical import Json, canonical

SCHEMA = 1


@dataclass(frozen=True)
class Kind:
    """What an event of this kind says, and the names of its facts. Facts never hold personal data."""

    says: str
    facts: frozenset[str]


def _facts(*names: str) -> frozenset[str]:
    return frozenset(names)


KINDS = {
    "person.joined": Kind("A person became a member of the organisation", _facts()),
    "role.given": Kind("A person was given a role", _facts("role", "clinic")),
    "sign-in.opened": Kind("A person signed in", _facts()),
    "sign-in.closed": Kind("A person signed out", _facts()),
    "course.published": Kind("A course was published", _facts("course", "publication", "changes")),
    "draft.made": Kind("A text was taken in as a course's draft", _facts("course", "draft")),
    "draft.proposed": Kind(
        "A person asked another to agree that changes are less than they seem", _facts("course", "draft", "classes")
    ),
    "draft.discarded": Kind("A draft was put away", _facts("course", "draft")),
    "attempt.started": Kind("A person began an assessment", _facts("attempt", "module")),
    "attempt.finished": Kind(
        "An attempt ended and was scored", _facts("attempt", "by", "earned", "possible", "passed")
    ),
    "evidence.recorded": Kind("Evidence for a competency was recorded", _facts("attempt", "competency", "kind")),
}


def commitment(salt: bytes, person: int) -> str:
    """How an event names a person: SHA-256 of their own salt and id. Erasing the salt unlinks every event for good."""
    return sha256(salt + b"\x00" + str(person).encode()).hexdigest()


def body(kind: str, at: datetime, organisation: int | None, actor: str, subject: str, facts: dict[str, Json]) -> bytes:
    """The bytes of an event. Raises ValueError when the facts are not those its kind declares."""
    if set(facts) != KINDS[kind].facts:
        raise ValueError(f"{kind} says {sorted(KINDS[kind].facts)}, not {sorted(facts)}")
    return canonical(
        {
            "schema": SCHEMA,
            "kind": kind,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "organisation": organisation,
            "actor": actor,
            "subject": subject,
            "facts": facts,
        }
    )
