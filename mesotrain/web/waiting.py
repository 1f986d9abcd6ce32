"""What an administrator sees of jobs and mail, and does about a mail that has not arrived."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import waiting as actions
from mesotrain.core.access import Actor
from mesotrain.core.dates import beginning, day_of
from mesotrain.core.errors import Refused
from mesotrain.store import waiting as store
from mesotrain.store.outbox import DROPPED, SENDING, SENT, WAITING
from mesotrain.store.waiting import DOUBTED, FAILED, HELD, PUT_OFF, STATES, UNDONE, Told, Waiting
from mesotrain.web.gate import act, page
from mesotrain.web.letters import MAILED
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages, wanted
from mesotrain.web.words import gettext, sentence

waiting = Blueprint("waiting", __name__)

AT_ONCE = 25

LETTERS = {
    "result": "Result of a quiz",
    "answered": "News of an answer",
    "invitation": "Invitation",
    "reminders": "What is due, and what ends",
    "link": "Link to choose a password or an address",
    "password-changed": "News of another password",
    "email-changed": "News of another address",
    "second-factor": "News of a second factor",
    "recovery-code": "News of a recovery code",
    "stop": "News of a stop",
    "certificate": "News of a certificate",
    "proposal": "Proposal to confirm, or how it ended",
    "outsider": "Request to decide a proposal",
    "signature": "Request to sign a case",
    "signed": "Answer for a case",
    "observed": "News of an observation",
}

FACES = {
    DOUBTED: ("In doubt", "due"),
    FAILED: ("Refused", "stop"),
    HELD: ("Held back", "due"),
    PUT_OFF: ("Put off", "due"),
    WAITING: ("Waiting", "soon"),
    SENDING: ("Being sent", "none"),
    SENT: ("Sent today", "good"),
    DROPPED: ("Dropped today", "none"),
}
"""State -> (what it is called, its tone)."""


@page(waiting, "/waiting", may="administer")
def desk(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    today = beginning(day_of(now, actor.organisation_zone), actor.organisation_zone)
    counts = store.counts(session, actor, now, today)
    asked = request.args.get("state")
    state = asked if asked in STATES else None
    states: Sequence[str] = [state] if state else UNDONE
    count = sum(counts.get(one, 0) for one in states)
    number = wanted(count, AT_ONCE)
    mails = store.mails(session, actor, now, today, states, (number - 1) * AT_ONCE, AT_ONCE)
    told = store.told(session, actor.organisation, mails)
    return render_template(
        "waiting/desk.html",
        worker=store.worker(session, actor, now, list(MAILED)),
        now=now,
        state=state,
        faces=[(one, *FACES[one], counts.get(one, 0)) for one in STATES if counts.get(one) or one == state],
        mails=[_row(one, told.get(one.id, Told())) for one in mails],
        pages=pages("waiting.desk", number, count, AT_ONCE, state=state),
    )


def _row(mail: Waiting, told: Told) -> dict[str, Any]:
    label, tone = FACES[mail.state]
    tried = told.again + (mail.state not in {WAITING, HELD, DROPPED})
    return {
        "what": gettext(LETTERS[mail.kind]),
        "name": mail.name,
        "email": mail.email,
        "label": gettext(label),
        "tone": tone,
        "since": (mail.state == PUT_OFF and told.put_off_at) or mail.since,
        "tried": tried,
        "tried_since": told.put_off_at,
        "next": mail.since if mail.state == PUT_OFF else None,
        "why": _why(mail, told),
        "acts": [(gettext(words), url_for(endpoint, number=mail.id)) for words, endpoint in _ACTS.get(mail.state, [])],
    }


def _why(mail: Waiting, told: Told) -> str:
    if mail.state == PUT_OFF or (mail.state == WAITING and told.put_off_at):
        return gettext("It waits: the mail server said to try later, with code %(code)s.", code=told.code)
    if mail.state == FAILED and told.code:
        return gettext("The mail server refused it with code %(code)s.", code=told.code)
    if mail.state == FAILED:
        return gettext("The mail server refused it.")
    if mail.state == DOUBTED:
        return gettext("The worker ended while it sent this: it has arrived or not. Sent again, it may arrive twice.")
    if mail.state == DROPPED and mail.ends_at and mail.ends_at <= mail.since:
        return gettext("The invitation in it ended before it left. Invite them again.")
    return ""


@act(waiting, "/waiting/<id:number>/again", may="administer")
def send_again(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    return _done(lambda: actions.send_again(session, actor, now, number), gettext("It is sent again within seconds."))


@act(waiting, "/waiting/<id:number>/arrived", may="administer")
def has_arrived(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    return _done(lambda: actions.has_arrived(session, actor, now, number), gettext("It counts as sent."))


@act(waiting, "/waiting/<id:number>/drop", may="administer")
def drop(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    return _done(lambda: actions.drop(session, actor, now, number), gettext("It will not leave. Its entry stays."))


def _done(work: Callable[[], None], said: str) -> ResponseReturnValue:
    try:
        work()
    except Refused as refused:
        flash(sentence(refused), "stop")
    else:
        flash(said, "good")
    return redirect(url_for("waiting.desk"), 303)


_AGAIN = "Send again", "waiting.send_again"
_ARRIVED = "It has arrived", "waiting.has_arrived"
_DROP = "Drop it", "waiting.drop"
_ACTS = {
    FAILED: [_AGAIN],
    DOUBTED: [_ARRIVED, _AGAIN],
    PUT_OFF: [_AGAIN, _DROP],
    WAITING: [_DROP],
    HELD: [_DROP],
}
ACTS = _AGAIN, _ARRIVED, _DROP
"""(what a button says, its endpoint) of all that can be done about a mail."""
