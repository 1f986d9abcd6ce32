"""The second person from outside: asked by whoever made a proposal, and answering by the link that was mailed."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import outsiders as actions
from mesotrain.actions.assertions import MOST_WORDS
from mesotrain.core.access import Actor
from mesotrain.core.accounts import is_address
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.names import LONGEST
from mesotrain.core.proposals import CONFIRMED, REFUSED, WAITING
from mesotrain.store import outsiders as store
from mesotrain.store import proposals
from mesotrain.store.clearance import certificate_titles
from mesotrain.store.people import Organisation
from mesotrain.web import gate, keys
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.proposals import one_page, seen, told
from mesotrain.web.words import gettext, sentence

outsiders = Blueprint("outsiders", __name__)


@act(outsiders, "/proposals/<id:number>/outsider", may="clear")
def ask(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    seen(session, actor, number)
    try:
        actions.ask(session, actor, now, number, _address(), keys.new_nonce())
    except Refused as refused:
        return one_page(session, actor, now, number, sentence(refused)), 422
    flash(gettext("They are asked by mail. Their link answers once."), "good")
    return redirect(url_for("proposals.one", number=number), 303)


def _address() -> str:
    email = request.form.get("email", "").strip()
    if not is_address(email):
        raise Refused("Enter an e-mail address such as name@example.org.")
    return email


@page(outsiders, "/second/<token>", may="public")
def by_link(session: Session, actor: Actor | None, now: datetime, token: str) -> ResponseReturnValue:
    """What somebody from outside is asked to decide. Opening it changes nothing; once decided it tells nothing."""
    return _asked(session, now, token)


def _asked(session: Session, now: datetime, token: str, wrong: str = "") -> str:
    row = store.by_link(session, *keys.read("second", token))
    found, place = proposals.by_number(session, row.proposal_id), session.get_one(Organisation, row.organisation_id)
    return render_template(
        "outsiders/asked.html",
        proposal=told(found, certificate_titles(session, place.id, now), now, place.zone),
        place=place.name,
        waits=found.state(day_of(now, place.zone)) == WAITING,
        wrong=wrong,
        said=request.form,
        most=MOST_WORDS,
        longest=LONGEST,
    )


@step(outsiders, "/second/<token>", may="public")
def answer(session: Session, actor: Actor | None, now: datetime, token: str) -> ResponseReturnValue:
    """Confirms or refuses it, under the name that is given."""
    link, salt = keys.read("second", token), keys.new_nonce().encode()
    try:
        gate.unit(lambda: _answer(session, now, link, salt))
    except Refused as refused:
        wrong = sentence(refused)
        return gate.unit(lambda: _asked(session, now, token, wrong)), 422
    flash(gettext("Your answer is signed and kept."), "good")
    return redirect(url_for("outsiders.by_link", token=token), 303)


def _answer(session: Session, now: datetime, link: tuple[int, str], salt: bytes) -> None:
    said = request.form.get("answer")
    if said not in (CONFIRMED, REFUSED):
        raise Refused("Choose what you answer.")
    who = request.form.get("name", ""), salt
    actions.answer(session, now, *link, *who, agrees=said == CONFIRMED, reason=request.form.get("reason", ""))
