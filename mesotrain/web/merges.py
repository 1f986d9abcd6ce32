"""For administrators: one person with two accounts."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import merges as actions
from mesotrain.core.access import Actor
from mesotrain.core.errors import Ended, Refused
from mesotrain.store import merges as store
from mesotrain.store import people
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

merges = Blueprint("merges", __name__)

AT_ONCE = 25


@page(merges, "/people/<id:person>/merge", may="administer")
def alike(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    """Who may be the same person; at first those of the same name."""
    people.member(session, actor, person)
    who = session.get_one(people.Person, person)
    asked = request.args.get("q", who.name).strip()[:120]
    found = store.alike(session, actor, person, asked, AT_ONCE) if asked else []
    return render_template("merges/alike.html", person=who, asked=asked, found=found, most=AT_ONCE)


@page(merges, "/people/<id:person>/merge/<id:other>", may="administer", fresh=True)
def plan(session: Session, actor: Actor, now: datetime, person: int, other: int) -> ResponseReturnValue:
    try:
        actions.mergeable(session, actor, person, other)
    except Ended:
        raise
    except Refused as refused:
        return _plan(session, actor, person, other, sentence(refused)), 409
    return _plan(session, actor, person, other, "")


def _plan(session: Session, actor: Actor, person: int, other: int, wrong: str) -> str:
    held = people.roles_held(session, actor.organisation, [person, other])
    return render_template(
        "merges/plan.html",
        person=session.get_one(people.Person, person),
        other=session.get_one(people.Person, other),
        evidence=len(store.standing_evidence(session, actor.organisation, other)),
        roles=[one for one in held[other] if one not in held[person]],
        wrong=wrong,
    )


@act(merges, "/people/<id:person>/merge/<id:other>", may="administer", fresh=True)
def merge(session: Session, actor: Actor, now: datetime, person: int, other: int) -> ResponseReturnValue:
    actions.merge(session, actor, now, person, other)
    flash(gettext("The two are one now. They sign in with the account that is left."), "good")
    return redirect(url_for("people.member", person=person), 303)
