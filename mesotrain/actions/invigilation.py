"""Pausing, extending and voiding what somebody sits: one way in, for one person or everybody at an exam."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.attempts import OPEN, VOID
from mesotrain.core.canonical import Json
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.invigilation import EXTEND, MOST_MINUTES, PAUSE, RESUME, after
from mesotrain.store import attempts
from mesotrain.store import invigilation as store
from mesotrain.store.attempts import Attempt
from mesotrain.store.events import Said, record

MOST_WORDS = 300
"""Characters of a reason."""
DONE = {PAUSE: "attempt.paused", RESUME: "attempt.resumed", EXTEND: "attempt.extended", VOID: "attempt.voided"}
IN_VAIN = {
    PAUSE: "It is paused already, or its time is over.",
    RESUME: "It is not paused.",
    EXTEND: "Its time is over, so it cannot be given more.",
}
"""Why something changes nothing."""
HANDED_IN = "This exam is handed in, so nothing of it can be changed here."


def one(
    session: Session, actor: Actor, now: datetime, attempt: int, kind: str, minutes: int = 0, reason: str = ""
) -> None:
    """Does one of ``core.invigilation.KINDS`` to somebody's exam. Raises NotFound for whoever is in no clinic the actor
    manages, and Refused where it is handed in, where it would change nothing, and for a void without a reason.
    """
    if kind == VOID and not reason:
        raise Refused("Say why. Its taker reads the reason.")
    if len(reason) > MOST_WORDS:
        raise Refused("Shorten the reason to %(most)s characters.", most=MOST_WORDS)
    found = store.held(session, actor, Attempt.id == attempt)
    if not found:
        raise NotFound
    if found[0][0].state != OPEN:
        raise Refused(HANDED_IN)
    if not _do(session, actor, now, found, kind, minutes, reason):
        raise Refused(IN_VAIN[kind])


def everybody(session: Session, actor: Actor, now: datetime, module: int, kind: str, minutes: int = 0) -> int:
    """Does it to all who sit an exam now and whom it changes anything for; gives how many."""
    if kind == VOID:
        raise NotFound
    sits: ColumnElement[bool] = (Attempt.module_id == module) & (Attempt.state == OPEN)
    return _do(session, actor, now, store.held(session, actor, sits), kind, minutes)


def _do(
    session: Session,
    actor: Actor,
    now: datetime,
    found: Sequence[tuple[Attempt, str]],
    kind: str,
    minutes: int,
    reason: str = "",
) -> int:
    if kind == EXTEND and not 0 < minutes <= MOST_MINUTES:
        raise Refused("Enter whole minutes, from 1 to %(most)s.", most=MOST_MINUTES)
    told = []
    for attempt, taker in found:
        if kind == VOID:
            attempts.advance(session, attempt, VOID, attempt.version, ended_at=now, ended_by=VOID)
        elif times := after(kind, attempt.timing, now, timedelta(minutes=minutes)):
            attempt.deadline, attempt.paused_at = times.deadline, times.paused
        else:
            continue
        done = {"attempt_id": attempt.id, "kind": kind, "minutes": minutes, "reason": reason}
        whose = {"organisation_id": actor.organisation, "made_by": actor.person, "made_at": now}
        session.add(store.Intervention(**done, **whose))
        facts: dict[str, Json] = {"attempt": attempt.id, **({"minutes": minutes} if kind == EXTEND else {})}
        told.append(Said(DONE[kind], actor.organisation, actor.commitment, taker, facts))
    record(session, now, *told)
    return len(told)
