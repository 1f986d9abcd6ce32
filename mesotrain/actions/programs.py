"""Giving other programs a key to ask about clearance, and ending it."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core import names
from mesotrain.core.access import Actor
from mesotrain.store import programs as store
from mesotrain.store.events import Said, record


def make(session: Session, actor: Actor, now: datetime, name: str, nonce: str) -> int:
    """A key for the program of this name; gives its number. Raises Refused for what is no name."""
    row = store.ProgramKey(
        organisation_id=actor.organisation,
        name=names.check(name),
        nonce=nonce,
        made_by=actor.person,
        made_at=now,
    )
    session.add(row)
    session.flush()
    record(session, now, Said("program-key.made", actor.organisation, actor.commitment, "", {"key": row.id}))
    return row.id


def end(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """The key is good no more, from this moment on."""
    row = store.good(session, actor, number)
    row.ended_at, row.ended_by = now, actor.person
    record(session, now, Said("program-key.ended", actor.organisation, actor.commitment, "", {"key": row.id}))
