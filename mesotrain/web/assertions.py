"""Saying what clearance rests on: the forms of a person and of a clinic, for whoever manages them."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import assertions as actions
from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import assertions as said
from mesotrain.store import people
from mesotrain.store.assertions import Concerns
from mesotrain.web.clearance import clinic_page, person_page
from mesotrain.web.forms import chosen, day, ticked, which
from mesotrain.web.gate import act
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

assertions = Blueprint("assertions", __name__)


# Of a person ----------------------------------------------------------------------------------------------------------


def _saying(session: Session, actor: Actor, person: int, work: Callable[[], object], done: str) -> ResponseReturnValue:
    """Does it and goes back to the person, or says what is wrong."""
    people.trainee(session, actor, person, people.MANAGING)
    back = url_for("clearance.of", person=person)
    return _said(work, done, back, lambda wrong: person_page(session, actor, person, wrong))


def _said(work: Callable[[], object], done: str, back: str, again: Callable[[str], str]) -> ResponseReturnValue:
    """Does it and goes back, or shows the page again with what is wrong."""
    try:
        work()
    except Refused as refused:
        return again(sentence(refused)), 422
    flash(done, "good")
    return redirect(back, 303)


@act(assertions, "/team/<id:person>/clearance/document", may="clear")
def document(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    def work() -> None:
        course, about = which("document")
        until = day("until") if request.form.get("until") else None
        concerns = Concerns(person, course=course, about=about)
        actions.see_document(session, actor, now, concerns, day("seen"), until, request.form.get("note", ""))

    return _saying(session, actor, person, work, gettext("It is recorded that you saw it."))


@act(assertions, "/team/<id:person>/clearance/learnt", may="clear")
def learnt(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    def work() -> None:
        course, about = which("competency")
        concerns = Concerns(person, course=course, about=about)
        said_of = request.form.get("saw", ""), request.form.get("where", "")
        actions.recognise(session, actor, now, concerns, day("on"), *said_of)

    return _saying(session, actor, person, work, gettext("It is recorded that they learnt it elsewhere."))


@act(assertions, "/team/<id:person>/clearance/stop", may="clear")
def stop(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    clinics = ticked()
    return _saying(
        session,
        actor,
        person,
        lambda: actions.stop(session, actor, now, Concerns(person), clinics, request.form.get("reason", "")),
        gettext("They are stopped from now on."),
    )


@act(assertions, "/team/<id:person>/clearance/go-on", may="clear")
def go_on(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    def work() -> None:
        course, about = which("procedure")
        concerns = Concerns(person, _place(), course, about)
        actions.let_go_on(session, actor, now, concerns, day("until"), request.form.get("reason", ""))

    return _saying(session, actor, person, work, gettext("They go on until that day, and every answer says so."))


@act(assertions, "/team/<id:person>/clearance/supervise", may="clear")
def supervise(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    def work() -> None:
        course, about = which("procedure")
        concerns = Concerns(person, _place(), course, about)
        actions.appoint(session, actor, now, concerns, day("until"), request.form.get("reason", ""))

    return _saying(session, actor, person, work, gettext("They may supervise it, and sign the cases of others."))


@act(assertions, "/team/<id:person>/clearance/<id:number>/retract", may="clear")
def take_back(session: Session, actor: Actor, now: datetime, person: int, number: int) -> ResponseReturnValue:
    _of(session, actor, number, person)
    return _saying(
        session,
        actor,
        person,
        lambda: actions.retract(session, actor, now, number, request.form.get("reason", "")),
        gettext("It is taken back. The record keeps both."),
    )


def _of(session: Session, actor: Actor, number: int, person: int | None, clinic: int | None = None) -> None:
    """Raises NotFound where an assertion is not of whom or of where the address says."""
    row = said.assertion(session, actor, number)
    if row.person_id != person or (clinic is not None and row.clinic_id not in (None, clinic)):
        raise NotFound


def _place() -> int | None:
    """The clinic that is chosen; None for every one. Raises NotFound for what is none."""
    return chosen("clinic") if request.form.get("clinic") else None


# Of a clinic ----------------------------------------------------------------------------------------------------------


def _at_clinic(
    session: Session, actor: Actor, clinic: int, work: Callable[[], object], done: str
) -> ResponseReturnValue:
    back = url_for("clearance.at", clinic=clinic)
    return _said(work, done, back, lambda wrong: clinic_page(session, actor, clinic, wrong))


@act(assertions, "/clearance/<id:clinic>/use", may="clear")
def use(session: Session, actor: Actor, now: datetime, clinic: int) -> ResponseReturnValue:
    def work() -> None:
        actions.use(session, actor, now, clinic, day("from"))

    return _at_clinic(session, actor, clinic, work, gettext("The day is set."))


@act(assertions, "/clearance/<id:clinic>/offer", may="clear")
def offer(session: Session, actor: Actor, now: datetime, clinic: int) -> ResponseReturnValue:
    course, about = which("procedure")
    concerns = Concerns(clinic=clinic, course=course, about=about)
    return _at_clinic(
        session,
        actor,
        clinic,
        lambda: actions.offer(session, actor, now, concerns),
        gettext("It is offered from today on."),
    )


@act(assertions, "/clearance/<id:clinic>/stop", may="clear")
def stop_procedure(session: Session, actor: Actor, now: datetime, clinic: int) -> ResponseReturnValue:
    course, about = which("procedure")
    concerns = Concerns(course=course, about=about)
    return _at_clinic(
        session,
        actor,
        clinic,
        lambda: actions.stop(session, actor, now, concerns, [clinic], request.form.get("reason", "")),
        gettext("Nobody does it here from now on."),
    )


@act(assertions, "/clearance/<id:clinic>/<id:number>/retract", may="clear")
def end(session: Session, actor: Actor, now: datetime, clinic: int, number: int) -> ResponseReturnValue:
    _of(session, actor, number, None, clinic)
    return _at_clinic(
        session,
        actor,
        clinic,
        lambda: actions.retract(session, actor, now, number, request.form.get("reason", "")),
        gettext("It is taken back. The record keeps both."),
    )
