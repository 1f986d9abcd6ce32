"""For administrators: who has left, a copy of somebody's record, holds on it, and its erasure."""

from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import privacy as actions
from mesotrain.core.access import Actor
from mesotrain.core.errors import Ended, Refused
from mesotrain.core.privacy import KINDS, kept_until
from mesotrain.store import people
from mesotrain.store import privacy as store
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages
from mesotrain.web.record import file
from mesotrain.web.words import gettext, sentence

privacy = Blueprint("privacy", __name__)

AT_ONCE = 25
MOST_WORDS = 500
"""Characters of a hold's reason."""


@page(privacy, "/people/left", may="administer")
def left(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    asked = request.args.get("q", "").strip()[:100]
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    found, total = store.leavers(session, actor, asked, (number - 1) * AT_ONCE, AT_ONCE)
    shown = pages("privacy.left", number, total, AT_ONCE, q=asked or None)
    return render_template("privacy/left.html", asked=asked, leavers=found, total=total, pages=shown)


@page(privacy, "/people/<id:person>/record", may="administer", fresh=True)
def person(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _person(session, actor, person, "")


def _person(session: Session, actor: Actor, person: int, wrong: str) -> str:
    row, years = store.member_or_leaver(session, actor, person), current_app.config["RECORD_YEARS"]
    return render_template(
        "privacy/person.html",
        person=session.get_one(people.Person, person),
        member=row,
        held=store.hold(session, actor.organisation, person),
        other=store.goes_on_as(session, actor.organisation, person),
        begun=store.erasure(session, actor.organisation, person),
        until=kept_until(row.ended_on, years) if row.ended_on else None,
        kinds=KINDS,
        years=years,
        wrong=wrong,
        most=MOST_WORDS,
        said=request.form.get("reason", ""),
    )


@act(privacy, "/people/<id:person>/record/copy", may="administer", fresh=True)
def copy(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return file(actions.copy_for(session, actor, now, person), f"record-{person}")


@act(privacy, "/people/<id:person>/record/hold", may="administer", fresh=True)
def hold(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    try:
        actions.hold(session, actor, now, person, request.form.get("reason", "")[:MOST_WORDS])
    except Ended:
        raise
    except Refused as refused:
        return _person(session, actor, person, sentence(refused)), 422
    flash(gettext("The record is held: nothing of it is erased until you lift that."), "good")
    return redirect(url_for("privacy.person", person=person), 303)


@act(privacy, "/people/<id:person>/record/lift", may="administer", fresh=True)
def lift(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    actions.lift(session, actor, now, person)
    flash(gettext("The record is not held any more."), "good")
    return redirect(url_for("privacy.person", person=person), 303)


@act(privacy, "/people/<id:person>/record/erase", may="administer", fresh=True)
def erase(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    store.member_or_leaver(session, actor, person)
    try:
        years = current_app.config["RECORD_YEARS"]
        done = actions.erase(session, now, actor.organisation, person, years, by=actor.commitment)
    except Ended:
        raise
    except Refused as refused:
        return _person(session, actor, person, sentence(refused)), 409
    if done.done_at:
        flash(gettext("They are erased."), "good")
    else:
        flash(gettext("What may go is erased. The rest loses its name by itself on the day shown."), "good")
    return redirect(url_for("privacy.left"), 303)
