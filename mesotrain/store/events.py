"""The event log. The database gives each event its position while it holds the write lock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FetchedValue, ForeignKey, LargeBinary, bindparam, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.canonical import Json
from mesotrain.core.errors import Refused
from mesotrain.core.events import body
from mesotrain.store.db import LONGEST_UNIT, Base, Moment, engine_name
from mesotrain.store.people import Organisation


class Event(Base):
    """One thing that happened.

    `position` is gap-free and grows in commit order: on SQLite the one writer takes the next row number, on
    PostgreSQL a trigger takes it under an advisory lock held to the end of the transaction. `recorded_at` never
    runs backwards, so that a moment names one position for ever. `body` is canonical and names people only by
    commitment.
    """

    __tablename__ = "events"

    position: Mapped[int] = mapped_column(FetchedValue(), primary_key=True, autoincrement=False)
    kind: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    subject: Mapped[str] = mapped_column(index=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment, index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Said:
    """An event about to be recorded; `actor` and `subject` are commitments, empty for the service itself."""

    kind: str
    organisation: int | None
    actor: str
    subject: str
    facts: dict[str, Json]


_NOW = bindparam("now", type_=Moment)
_LATEST = select(Event.recorded_at).order_by(Event.position.desc()).limit(1).scalar_subquery()
_RECORDED_AT = {"sqlite": func.max(_NOW, func.coalesce(_LATEST, _NOW), type_=Moment), "postgresql": _NOW}
_APPEND = {
    engine: insert(Event.__table__).values(recorded_at=moment).returning(Event.position)  # type: ignore[arg-type]
    for engine, moment in _RECORDED_AT.items()
}


def record(session: Session, now: datetime, *events: Said) -> list[int]:
    """Appends the events in order and gives their positions."""
    rows = [
        {
            "kind": said.kind,
            "organisation_id": said.organisation,
            "subject": said.subject,
            "now": now,
            "body": body(said.kind, now, said.organisation, said.actor, said.subject, said.facts),
        }
        for said in events
    ]
    return sorted(session.connection().execute(_APPEND[engine_name(session)], rows).scalars()) if rows else []


SETTLED = 2 * LONGEST_UNIT
"""After so long no unit of work that began before a moment can still commit."""


def position_at(session: Session, moment: datetime, now: datetime) -> int:
    """The last position recorded by `moment`: what "as recorded on" means. 0 where there is none.

    Raises Refused for a moment that is not settled at `now`: an event that was on its way may still fall before it.
    """
    if now - moment < SETTLED:
        raise Refused(
            "The record is still being written for that moment. Ask again in %(seconds)s seconds.",
            seconds=int(SETTLED.total_seconds()),
        )
    return session.scalar(select(func.max(Event.position)).where(Event.recorded_at <= moment)) or 0
