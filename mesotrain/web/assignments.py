"""The courses a manager assigns to one of their trainees, with the day each is due."""

from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import assignments as actions
from mesotrain.core.access import Actor
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.store import assignments as store
from mesotrain.store import catalogue, people
from mesotrain.web import gate
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import day, gettext, sentence

assignments = Blueprint("assignments", __name__)


@page(assignments, "/team/<id:person>/courses", may="assign")
def courses(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _courses(session, actor, person, "")


def _courses(session: Session, actor: Actor, person: int, wrong: str) -> str:
    who, on = people.trainee(session, actor, person), day_of(gate.now(), actor.organisation_zone)
    titles = {live.course.name: live.publication.title for live in catalogue.live_modules(session, actor)}
    due = {one.id: one.left for one in store.due_of(session, actor.organisation, person, on)}
    rows = [
        {"id": number, "title": titles.get(name, name), "due": until, "left": due.get(number, 0), "late": until < on}
        for number, name, until in store.open_of(session, actor.organisation, person)
    ]
    said = {"course": request.form.get("course", ""), "due": request.form.get("due", "")}
    return render_template("assignments/courses.html", who=who, titles=titles, rows=rows, wrong=wrong, said=said, on=on)


@act(assignments, "/team/<id:person>/courses", may="assign")
def assign(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    try:
        due = date.fromisoformat(request.form.get("due", ""))
    except ValueError:
        return _courses(session, actor, person, gettext("Enter the day it is due, such as 2027-03-31.")), 422
    try:
        actions.assign(session, actor, now, request.form.get("course", ""), [person], due)
    except Refused as refused:
        return _courses(session, actor, person, sentence(refused)), 422
    flash(
        gettext("It is due on %(day)s. They are reminded two weeks, three days and on the day.", day=day(due)), "good"
    )
    return redirect(url_for("assignments.courses", person=person), 303)


@act(assignments, "/team/<id:person>/courses/<id:number>/withdraw", may="assign")
def withdraw(session: Session, actor: Actor, now: datetime, person: int, number: int) -> ResponseReturnValue:
    people.trainee(session, actor, person)
    actions.withdraw(session, actor, now, number)
    flash(gettext("It is not asked of them any more."), "good")
    return redirect(url_for("assignments.courses", person=person), 303)
