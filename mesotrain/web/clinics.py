"""The clinics of an organisation, for its administrators."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from mesotrain.actions import clinics as actions
from mesotrain.core.access import Actor
from mesotrain.core.errors import Refused
from mesotrain.store import clinics as store
from mesotrain.web import gate
from mesotrain.web.accounts import name_field
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

clinics = Blueprint("clinics", __name__)


class ClinicForm(FlaskForm):  # type: ignore[misc]
    """What a clinic is called."""

    name = name_field()


@page(clinics, "/clinics", may="administer")
def kept(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _kept(session, actor, ClinicForm())


def _kept(session: Session, actor: Actor, form: ClinicForm) -> str:
    return render_template("clinics/kept.html", form=form, clinics=store.counted(session, actor))


@act(clinics, "/clinics", may="administer")
def add(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = ClinicForm()
    if form.validate():
        try:
            actions.add(session, actor, gate.now(), form.name.data or "")
        except Refused as refused:
            form.name.errors = [sentence(refused)]
        else:
            flash(gettext("%(name)s is added.", name=form.name.data), "good")
            return redirect(url_for("clinics.kept"), 303)
    return _kept(session, actor, form), 422


@page(clinics, "/clinics/<id:number>", may="administer")
def clinic(session: Session, actor: Actor, now: object, number: int) -> ResponseReturnValue:
    return _clinic(session, actor, number, ClinicForm(data={"name": store.clinic(session, actor, number).name}))


def _clinic(session: Session, actor: Actor, number: int, form: ClinicForm) -> str:
    return render_template("clinics/clinic.html", form=form, name=store.clinic(session, actor, number).name)


@act(clinics, "/clinics/<id:number>", may="administer")
def rename(session: Session, actor: Actor, now: object, number: int) -> ResponseReturnValue:
    form = ClinicForm()
    store.clinic(session, actor, number)
    if form.validate():
        try:
            actions.rename(session, actor, gate.now(), number, form.name.data or "")
        except Refused as refused:
            form.name.errors = [sentence(refused)]
        else:
            flash(gettext("It is called %(name)s now, in everything that names it.", name=form.name.data), "good")
            return redirect(url_for("clinics.kept"), 303)
    return _clinic(session, actor, number, form), 422
