"""Saying what is wrong with a question or a result; and answering that without knowing who said it."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.attempts import FINISHED
from mesotrain.core.canonical import Json
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.reports import LONGEST_REPLY, LONGEST_REPORT
from mesotrain.store import attempts, marking, papers
from mesotrain.store import reports as store
from mesotrain.store.events import Said, record
from mesotrain.store.reports import Reply, Report


def report(session: Session, actor: Actor, now: datetime, attempt: int, position: int | None, reason: str) -> None:
    """Keeps what the actor says of a question of their attempt or, without a position, of its result.

    Raises NotFound for somebody else's attempt or a place it has not; Refused without a reason or a result, and while
    what they said of the same before waits for an answer.
    """
    own = attempts.own(session, actor, attempt).attempt
    if position is None and own.state != FINISHED:
        raise Refused("There is no result yet. You can appeal it once it is there.")
    if position is not None and papers.shown_at(session, attempt, position) is None:
        raise NotFound
    said = _words(reason, LONGEST_REPORT)
    if not said:
        raise Refused("Say what is wrong.")
    marking.lock(session, actor, attempt)
    if not store.answered(store.of_attempt(session, attempt), position):
        raise Refused("What you said of this before waits for an answer. Wait for that first.")
    where = {"organisation_id": actor.organisation, "attempt_id": attempt, "position": position}
    row = Report(**where, reason=said, made_at=now)
    session.add(row)
    session.flush()
    facts: dict[str, Json] = {"attempt": attempt, "report": row.id}
    kind = "result.appealed" if position is None else "question.reported"
    record(session, now, Said(kind, actor.organisation, actor.commitment, actor.commitment, facts))


def reply(session: Session, actor: Actor, now: datetime, number: int, text: str) -> None:
    """Answers a report; who asked reads it with their result, and gets a mail.

    Raises NotFound for one that is not the actor's to answer, Refused where it is answered, or without a sentence.
    """
    found, whom, answered = store.locked(session, actor, number)
    if answered:
        raise Refused("Somebody has answered this meanwhile. What you wrote is not kept.")
    said = _words(text, LONGEST_REPLY)
    if not said:
        raise Refused("Write a sentence.")
    where = {"organisation_id": actor.organisation, "replied_by": actor.person, "replied_at": now}
    session.add(Reply(report_id=number, **where, text=said))
    session.flush()
    facts: dict[str, Json] = {"attempt": found.attempt_id, "report": number}
    record(session, now, Said("report.answered", actor.organisation, actor.commitment, whom, facts))


def _words(text: str, most: int) -> str:
    said = text.replace("\r\n", "\n").strip()
    if len(said) > most:
        raise Refused("This is too long. Shorten it to %(most)s characters.", most=most)
    return said
