"""Holding a question that may be wrong, at once; and saying how that ends."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.errors import Refused
from mesotrain.core.holds import ENDINGS, LONGEST_REASON
from mesotrain.store import catalogue
from mesotrain.store import holds as store
from mesotrain.store.events import Said, record
from mesotrain.store.holds import Hold, Lift


def hold(session: Session, actor: Actor, now: datetime, course: str, name: str, reason: str) -> int:
    """From now on nobody new is asked a live question, and no result that rests on it goes out; gives the hold's id.

    Raises NotFound for a question the actor cannot see, Refused where it is held or left out, or without a reason.
    """
    version = catalogue.live_question(session, actor, course, name).version
    said = _reason(reason)
    store.lock(session, version.question_id)
    known = store.of_question(session, actor, version.question_id)
    if any(one.lift is None for one in known):
        raise Refused("This question is held already.")
    if any(one.covers(version.id) for one in known):
        raise Refused("This question is left out as it stands. Change its text and publish it, and it is asked again.")
    row = Hold(
        organisation_id=actor.organisation,
        question_id=version.question_id,
        question_version_id=version.id,
        held_by=actor.person,
        held_at=now,
        reason=said,
    )
    session.add(row)
    session.flush()
    facts: dict[str, Json] = {"hold": row.id, "question": version.version}
    record(session, now, Said("question.held", actor.organisation, actor.commitment, "", facts))
    return row.id


def lift(session: Session, actor: Actor, now: datetime, hold: int, ending: str, reason: str) -> None:
    """Ends a hold as one of ``core.holds.ENDINGS``. The worker then ends what waited for it, one attempt at a time.

    Raises NotFound for a hold of another organisation, Refused where it has ended, or without an ending or a reason.
    """
    store.lock(session, store.told(session, actor, hold).hold.question_id)
    if store.told(session, actor, hold).lift:
        raise Refused("Somebody has said how this ends.")
    if ending not in ENDINGS:
        raise Refused("Choose how it ends.")
    where = {"organisation_id": actor.organisation, "hold_id": hold, "lifted_by": actor.person, "lifted_at": now}
    session.add(Lift(**where, ending=ending, reason=_reason(reason)))
    session.flush()
    facts: dict[str, Json] = {"hold": hold, "ending": ending}
    record(session, now, Said("question.lifted", actor.organisation, actor.commitment, "", facts))


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise Refused("Say why.")
    if len(said) > LONGEST_REASON:
        raise Refused("This reason is too long. Shorten it to %(most)s characters.", most=LONGEST_REASON)
    return said
