"""What a manager arranges for one of their trainees: extra time, and what whoever invigilates has to know."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import adjustments as actions
from mesotrain.core.access import Actor
from mesotrain.core.attempts import MOST_EXTRA
from mesotrain.core.errors import Refused
from mesotrain.store import adjustments as store
from mesotrain.store import people
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

adjustments = Blueprint("adjustments", __name__)

MOST_SHOWN = 25
"""How many earlier arrangements the page shows."""


@page(adjustments, "/team/<id:person>/adjustments", may="adjust")
def arranged(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _arranged(session, actor, person, "")


def _arranged(session: Session, actor: Actor, person: int, wrong: str) -> str:
    who = people.trainee(session, actor, person, people.MANAGING)
    rows = store.before(session, actor.organisation, person, MOST_SHOWN)
    said = {"extra": rows[0][0].extra, "note": rows[0][0].note} if rows else {"extra": 0, "note": ""}
    return render_template(
        "adjustments/person.html",
        who=who,
        rows=rows,
        said=request.form if wrong else said,
        wrong=wrong,
        most=MOST_EXTRA,
        most_words=actions.MOST_WORDS,
        mine=person == actor.person,
    )


@act(adjustments, "/team/<id:person>/adjustments", may="adjust")
def adjust(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    try:
        extra = request.form.get("extra", -1, type=int)
        actions.adjust(session, actor, now, person, extra, " ".join(request.form.get("note", "").split()))
    except Refused as refused:
        return _arranged(session, actor, person, sentence(refused)), 422
    flash(gettext("It counts from now on, in everything they sit."), "good")
    return redirect(url_for("adjustments.arranged", person=person), 303)
