"""Stops: what is stopped where and why, who has read it, and what one is asked to acknowledge."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import assertions as actions
from mesotrain.actions import stops as reading
from mesotrain.core.access import Actor, allows
from mesotrain.core.errors import Refused
from mesotrain.core.names import LONGEST
from mesotrain.store import clearance, people
from mesotrain.store import stops as store
from mesotrain.store.assertions import Concerns
from mesotrain.store.people import Person
from mesotrain.store.stops import Stop
from mesotrain.store.team import choices
from mesotrain.web.forms import EVERY, ticked, which
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

stops = Blueprint("stops", __name__)

ENDED = 50
"""How many stops that are over the list shows."""


def told(session: Session, actor: Actor, now: datetime, found: Sequence[Stop]) -> list[dict[str, Any]]:
    """Stops as people read them."""
    called = (
        clearance.titles(session, actor.organisation, now) if any(one.parts[0].row.course_id for one in found) else {}
    )
    clinics = {one.id: one.name for one in people.clinics(session, actor.organisation)}
    unread = set(store.unread(session, actor))
    return [_told(session, actor, one, called, clinics) | {"asks": one.number in unread} for one in found]


def to_read(session: Session, actor: Actor, now: datetime, most: int) -> list[tuple[int, str, str]]:
    """(number, title, reason) of the stops that somebody has yet to acknowledge, the newest first."""
    numbers = store.unread(session, actor)[:most]
    found = told(session, actor, now, [store.stop(session, actor, number) for number in numbers]) if numbers else []
    return [(one["number"], one["title"], one["reason"]) for one in found]


def _told(
    session: Session, actor: Actor, one: Stop, called: Mapping[tuple[int, str], str], clinics: Mapping[int, str]
) -> dict[str, Any]:
    first = one.parts[0]
    row = first.row
    title = (
        session.get_one(Person, row.person_id).name if row.person_id else called.get((row.course_id or 0, row.about))
    )
    return {
        "number": one.number,
        "title": title or row.about,
        "lot": row.lot,
        "what": gettext("Product") if row.product else gettext("Person") if row.person_id else gettext("Procedure"),
        "reason": row.reason,
        "by": first.by,
        "at": first.at,
        "lasts": one.lasts,
        "read": one.read if store.sees(actor, one) else None,
        "told": one.told,
        "places": [
            {
                "clinic": clinics.get(part.row.clinic_id or 0, gettext("Every clinic")),
                "value": part.row.clinic_id or EVERY,
                "until": part.until,
                "by": part.retracted_by,
                "why": part.retracted_for,
            }
            for part in one.parts
        ],
    }


@page(stops, "/stops", may="learn")
def listed(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _listed(session, actor, now)


def _listed(session: Session, actor: Actor, now: datetime, wrong: str = "") -> str:
    mine = store.notices(session, actor)
    every = [one for one in store.stops(session, actor) if store.sees(actor, one) or one.number in mine]
    last = sum(one.lasts for one in every)
    managed = choices(session, actor, people.MANAGING)[0] if allows("clear", actor) else {}
    asked = clearance.procedures(session, actor.organisation, clearance.when(session, now, None)) if managed else []
    return render_template(
        "stops/listed.html",
        stops=told(session, actor, now, every[: last + ENDED]),
        wrong=wrong,
        said=request.form,
        ticked=request.form.getlist("clinic"),
        managed=managed,
        everywhere=people.managed(actor, people.MANAGING)[0],
        procedures=[(f"{one.course}/{one.procedure.name}", one.procedure.title) for one in asked],
        products=sorted({product for one in asked for product in one.procedure.products}),
        most=actions.MOST_WORDS,
        longest=LONGEST,
        longest_lot=actions.LONGEST_LOT,
    )


@act(stops, "/stops/product", may="clear")
def product(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    what = Concerns(about=request.form.get("product", ""), lot=request.form.get("lot", ""))
    return _stopping(session, actor, now, what)


@act(stops, "/stops/procedure", may="clear")
def procedure(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    course, about = which("procedure")
    return _stopping(session, actor, now, Concerns(course=course, about=about))


def _stopping(session: Session, actor: Actor, now: datetime, what: Concerns) -> ResponseReturnValue:
    try:
        actions.stop(session, actor, now, what, ticked(), request.form.get("reason", ""))
    except Refused as refused:
        return _listed(session, actor, now, sentence(refused)), 422
    flash(gettext("It is stopped from now on, and those it concerns are told."), "good")
    return redirect(url_for("stops.listed"), 303)


@page(stops, "/stops/<id:number>", may="learn")
def one(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    return _one(session, actor, now, number)


def _one(session: Session, actor: Actor, now: datetime, number: int, wrong: str = "") -> str:
    found = store.stop(session, actor, number)
    (shown,) = told(session, actor, now, [found])
    sees = store.sees(actor, found)
    managed = choices(session, actor, people.MANAGING)[0] if allows("clear", actor) else {}
    places: set[int | str] = {*managed, *([EVERY] if people.managed(actor, people.MANAGING)[0] else [])}
    return render_template(
        "stops/one.html",
        stop=shown,
        wrong=wrong,
        people=store.told(session, actor.organisation, number, store.seen_in(actor, found)) if sees else None,
        lifts=[place for place in shown["places"] if not place["until"] and place["value"] in places],
        most=actions.MOST_WORDS,
    )


@act(stops, "/stops/<id:number>/acknowledge", may="learn")
def acknowledge(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    reading.acknowledge(session, actor, now, number)
    flash(gettext("It is recorded that you have read it."), "good")
    return redirect(url_for("learning.today"), 303)


@act(stops, "/stops/<id:number>/lift", may="clear")
def lift(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    store.stop(session, actor, number)
    try:
        actions.lift(session, actor, now, number, ticked(), request.form.get("reason", ""))
    except Refused as refused:
        return _one(session, actor, now, number, sentence(refused)), 422
    flash(gettext("It is lifted there. The record keeps both."), "good")
    return redirect(url_for("stops.one", number=number), 303)
