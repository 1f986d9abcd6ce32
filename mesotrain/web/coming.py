"""A rule that is to come, as a manager sees it: whose answers change with it, from what to what, and when."""

from collections import Counter
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assertions import OFFER
from mesotrain.core.clearance import CLEARED, Clearance
from mesotrain.core.errors import NotFound
from mesotrain.store import assertions as said
from mesotrain.store import clearance, people
from mesotrain.store import coming as store
from mesotrain.store.team import choices
from mesotrain.web.answers import conditions, says
from mesotrain.web.clearance import shown
from mesotrain.web.gate import page
from mesotrain.web.pages import pages, wanted
from mesotrain.web.team import PEOPLE_A_PAGE
from mesotrain.web.words import day, gettext

coming = Blueprint("coming", __name__)


@page(coming, "/clearance/<id:clinic>/changes", may="team")
def changes(session: Session, actor: Actor, now: datetime, clinic: int) -> ResponseReturnValue:
    seen, _ = choices(session, actor, people.SEEING)
    if clinic not in seen:
        raise NotFound
    asked = clearance.procedures(session, actor.organisation, clearance.when(session, now, None))
    offers = [one.row for one in said.said(session, actor.organisation, None) if one.until is None]
    offered = {(row.course_id, row.about) for row in offers if (row.kind, row.clinic_id) == (OFFER, clinic)}
    turning = store.turning(asked, offered)
    found = store.concerned(session, actor, now, clinic, turning) if turning else []
    many = Counter(one.procedure for one in found)
    number = wanted(len(found), PEOPLE_A_PAGE)
    return render_template(
        "clearance/changes.html",
        clinic={"id": clinic, "name": seen[clinic]},
        rules=[(one, many[one.course, one.procedure.name]) for one in turning],
        rows=[_row(one) for one in found[(number - 1) * PEOPLE_A_PAGE : number * PEOPLE_A_PAGE]],
        pages=pages("coming.changes", number, len(found), PEOPLE_A_PAGE, clinic=clinic),
    )


def _row(one: store.Concerned) -> dict[str, Any]:
    return {
        "id": one.person,
        "name": one.name,
        "asked": one.asked,
        "before": _said(one.turn.before),
        "after": _said(one.turn.after),
        "why": [says(why, one.called, gettext, day) for why in one.turn.after.reasons if why.answer != CLEARED],
    }


def _said(found: Clearance) -> dict[str, Any]:
    return {"face": shown(found), "conditions": conditions(found, gettext)}
