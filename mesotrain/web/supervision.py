"""Signing cases of others: the queue of whoever is asked, and one case by a mailed link, signed in or not."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import logbook as actions
from mesotrain.actions.accounts import guess
from mesotrain.core import logbook as core
from mesotrain.core.access import Actor
from mesotrain.core.competence import LEVELS
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused, TooMany
from mesotrain.core.logbook import CONFIRMED, WAITING
from mesotrain.core.patients import MAY_NAME
from mesotrain.store import logbook as store
from mesotrain.store import people
from mesotrain.store.clearance import titles
from mesotrain.store.logbook import Entry
from mesotrain.web import gate, keys, proofs
from mesotrain.web.forms import number
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.logbook import face, told
from mesotrain.web.logbook import number as number_of
from mesotrain.web.words import gettext, ngettext, sentence

supervision = Blueprint("supervision", __name__)

RECENT = 50
"""How many of one's own answers the queue lists."""

ANSWERS = {
    CONFIRMED: "Confirmed: it took place like this, at the level I choose",
    core.NOT_SEEN: "I did not see this",
    core.NOT_REACHED: "Level not reached: I saw it, and it does not count",
    core.RETURNED: "Return it with a question: the part or the day is wrong, or something is missing",
}


@page(supervision, "/supervision", may="log")
def queue(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _queue(session, actor, now)


def _queue(
    session: Session, actor: Actor, now: datetime, wrong: str = "", back: int = 0, doubtful: bool = False
) -> str:
    """The queue; `back` is the request whose signature was not taken back, for something is `wrong`."""
    called = titles(session, actor.organisation, now)
    today = day_of(now, actor.organisation_zone)
    waiting = store.to_sign(session, actor, today)
    return render_template(
        "supervision/queue.html",
        wrong=wrong,
        back=back,
        doubtful=doubtful,
        said=request.form,
        ticked=request.form.getlist("case"),
        waiting=[
            told(one, called)
            | {"request": one.request.id, "ends": one.request.ends_on}
            | {"meaning": gettext(core.meaning(CONFIRMED, one.case.role))}
            for one in waiting
        ],
        answered=[
            told(one, called) | {"request": one.request.id, "face": face(one.state(today)), "open": not one.withdrawal}
            for one in store.signed_by(session, actor, RECENT)
        ],
        **signing(actor, now),
    )


def signing(actor: Actor | None, now: datetime) -> dict[str, Any]:
    """What a form that signs shows: levels, and whether a password is asked for."""
    return {
        "levels": [(level, gettext(words)) for level, words in LEVELS.items()],
        "most": core,
    } | proofs.asked(actor, now)


@step(supervision, "/supervision", may="log")
def sign_several(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    """Confirms each case that is ticked, at one level, by one proof; all of them or none."""
    try:
        numbers = _ticked()
        proof = proofs.signing(session, actor, actor.person, now)
        gate.unit(lambda: _sign_each(session, actor, now, numbers, proof))
    except (Refused, TooMany) as refused:
        wrong = sentence(refused)
        return gate.unit(lambda: _queue(session, actor, now, wrong)), 422
    flash(ngettext("%(n)s case is signed.", "%(n)s cases are signed.", len(numbers), n=len(numbers)), "good")
    return redirect(url_for("supervision.queue"), 303)


def _ticked() -> list[int]:
    """The requests that are ticked. Raises Refused where none is."""
    found = {one for one in map(number, request.form.getlist("case")) if one is not None}
    if not found:
        raise Refused("Tick the cases you sign.")
    return sorted(found)


def _sign_each(session: Session, actor: Actor, now: datetime, numbers: list[int], proof: str) -> None:
    answer = actions.Answer(CONFIRMED, number(request.form.get("level", "")) or 0)
    for one in numbers:
        entry = store.entry(session, actor.organisation, one)
        _mine(entry, actor)
        actions.sign(session, now, entry, actor.organisation_zone, answer, proof)


def _mine(entry: Entry, actor: Actor) -> None:
    if entry.request.supervisor_id != actor.person:
        raise NotFound


@page(supervision, "/supervision/<id:request_id>", may="log")
def one(session: Session, actor: Actor, now: datetime, request_id: int) -> ResponseReturnValue:
    entry = store.entry(session, actor.organisation, request_id)
    _mine(entry, actor)
    return _case(session, entry, actor, now)


@step(supervision, "/supervision/<id:request_id>", may="log")
def answer(session: Session, actor: Actor, now: datetime, request_id: int) -> ResponseReturnValue:
    def found() -> Entry:
        entry = store.entry(session, actor.organisation, request_id)
        _mine(entry, actor)
        return entry

    return _answer(session, found, actor, now, url_for("supervision.queue"))


@page(supervision, "/sign/<token>", may="public")
def by_link(session: Session, actor: Actor | None, now: datetime, token: str) -> ResponseReturnValue:
    """One case for whom the link was mailed to. Opening it changes nothing; it answers nothing once it is answered."""
    entry = store.by_link(session, *keys.read("sign", token))
    return _case(session, entry, _same(actor, entry), now)


@step(supervision, "/sign/<token>", may="public")
def answer_by_link(session: Session, actor: Actor | None, now: datetime, token: str) -> ResponseReturnValue:
    def found() -> Entry:
        return store.by_link(session, *keys.read("sign", token))

    entry = gate.unit(found)
    return _answer(session, found, _same(actor, entry), now, url_for("supervision.by_link", token=token))


def _same(actor: Actor | None, entry: Entry) -> Actor | None:
    """Who is signed in, if it is who was asked."""
    return actor if actor and actor.person == entry.request.supervisor_id else None


def _zone(session: Session, entry: Entry) -> str:
    return session.get_one(people.Organisation, entry.case.organisation_id).zone


def _case(
    session: Session,
    entry: Entry,
    actor: Actor | None,
    now: datetime,
    matches: bool | None = None,
    refused: Refused | TooMany | None = None,
) -> str:
    state = entry.state(day_of(now, _zone(session, entry)))
    return render_template(
        "supervision/case.html",
        wrong=sentence(refused) if refused else "",
        doubtful=refused is not None and refused.sentence == MAY_NAME,
        matches=matches,
        said=request.form,
        case=told(entry, titles(session, entry.case.organisation_id, now)),
        ends=entry.request.ends_on,
        waits=state == WAITING,
        shown=state == WAITING or actor is not None,  # a link that was answered tells nothing any more
        face=face(state),
        answers=[
            (name, gettext(words), gettext(core.meaning(name, entry.case.role))) for name, words in ANSWERS.items()
        ],
        **signing(actor, now),
    )


def _answer(
    session: Session, found: Callable[[], Entry], actor: Actor | None, now: datetime, onward: str
) -> ResponseReturnValue:
    """Signs what is answered; or says only whether a number of theirs is the one the case was logged with."""
    wrong, matches = None, None
    try:
        if "match" in request.form:
            given = number_of(request.form.get("number", ""))
            matches = bool(given) and gate.unit(lambda: _matches(session, now, found(), given))
        else:
            _sign(session, found, actor, now)
            flash(gettext("Your answer is signed and kept."), "good")
            return redirect(onward, 303)
    except (Refused, TooMany) as refused:
        wrong = refused
    return gate.unit(lambda: _case(session, found(), actor, now, matches, wrong)), 422 if wrong else 200


def _matches(session: Session, now: datetime, entry: Entry, given: str) -> bool:
    """Whether a case has this number. Raises TooMany where that was asked too often."""
    about = keys.digest("guess", f"case {entry.case.id}")
    try:
        guess(session, now, [(about, core.MATCHES)])
    except TooMany:
        raise TooMany("This number was compared often enough for today. Answer by what you remember.") from None
    return entry.case.number == given


def _sign(session: Session, found: Callable[[], Entry], actor: Actor | None, now: datetime) -> None:
    form, (signer, zone) = request.form, gate.unit(lambda: _signer(session, found()))
    level = number(form.get("level", "")) or 0
    given = actions.Answer(form.get("answer", ""), level, form.get("words", ""), "nameless" in form)
    proof = proofs.signing(session, actor, signer, now)
    gate.unit(lambda: actions.sign(session, now, found(), zone, given, proof))


def _signer(session: Session, entry: Entry) -> tuple[int, str]:
    return entry.request.supervisor_id, _zone(session, entry)


@act(supervision, "/supervision/<id:request_id>/withdraw", may="log")
def withdraw(session: Session, actor: Actor, now: datetime, request_id: int) -> ResponseReturnValue:
    """Takes a signature of one's own back."""
    try:
        nameless = "nameless" in request.form
        actions.withdraw(session, actor, now, request_id, request.form.get("reason", ""), nameless=nameless)
    except Refused as refused:
        doubtful = refused.sentence == MAY_NAME
        return _queue(session, actor, now, sentence(refused), request_id, doubtful), 422
    flash(gettext("It is taken back. The record keeps both."), "good")
    return redirect(url_for("supervision.queue"), 303)
