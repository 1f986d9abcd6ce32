"""What a taker keeps of their answers: a signed receipt of each that was saved."""

import json
from datetime import datetime

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.receipts import Receipt, receipt
from mesotrain.store import answers
from mesotrain.store.attempts import own
from mesotrain.web.gate import page
from mesotrain.web.keys import sign, signs_with

receipts = Blueprint("receipts", __name__)


def signed(attempt: int, kept: answers.Logged) -> dict[str, str]:
    """When an answer was received, and the signature of its receipt."""
    one = _of(attempt, kept)
    return {"at": one.received_at, "signature": sign(one.signed_bytes())}


def kept_as(session: Session, attempt: int, sequence: int) -> Receipt | None:
    """The receipt of an answer as it is kept; None where there is none."""
    kept = answers.logged(session, attempt, sequence)
    return _of(attempt, kept) if kept else None


def _of(attempt: int, kept: answers.Logged) -> Receipt:
    return receipt(attempt, kept.position, kept.operation, kept.sequence, kept.received_at, kept.fields)


@page(receipts, "/attempts/<id:attempt_id>/proof", may="sit")
def proof(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    """A file of every receipt; ``mesotrain proof`` tells whether they are ours and whether what they say is kept."""
    attempt = own(session, actor, attempt_id)
    made = [_of(attempt_id, kept) for kept in answers.log_of(session, attempt_id)]
    said = {
        "service": current_app.config["PUBLIC_URL"],
        "title": attempt.title,
        "taken_at": now.isoformat(),
        "key": signs_with(),
        "receipts": [{**one.model(), "signature": sign(one.signed_bytes())} for one in made],
    }
    reply = Response(json.dumps(said, indent=1, ensure_ascii=False) + "\n", mimetype="application/json")
    reply.headers.set("Content-Disposition", "attachment", filename=f"proof-{attempt_id}.json")
    return reply
