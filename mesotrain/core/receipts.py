"""Receipts: what the service says of each answer it kept, in bytes that can be signed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mesotrain.core.canonical import Json, canonical, digest

SCHEMA = 1


@dataclass(frozen=True)
class Receipt:
    """That an answer was kept: `sequence` counts the changes of its attempt; `answer` is the digest of its fields."""

    attempt: int
    position: int
    operation: str
    sequence: int
    received_at: str
    answer: str

    def model(self) -> dict[str, Json]:
        """What a receipt says, as it is shown."""
        return {
            "attempt": self.attempt,
            "position": self.position,
            "operation": self.operation,
            "sequence": self.sequence,
            "received_at": self.received_at,
            "answer": self.answer,
        }

    def signed_bytes(self) -> bytes:
        """The canonical bytes that are signed."""
        return canonical({"schema": SCHEMA, **self.model()})


def receipt(attempt: int, position: int, operation: str, sequence: int, at: datetime, fields: Json) -> Receipt:
    """Of an answer as it is stored: `at` is when it was received, `fields` are its raw form values."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return Receipt(attempt, position, operation, sequence, moment, digest(fields))
