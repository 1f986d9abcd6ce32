"""The keys of other programs, for administrators: made, shown once, ended."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from mesotrain.actions import programs as actions
from mesotrain.core.access import Actor
from mesotrain.core.errors import Refused
from mesotrain.store import programs as store
from mesotrain.web import keys
from mesotrain.web.accounts import name_field
from mesotrain.web.api import key_of
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

programs = Blueprint("programs", __name__)


class ProgramForm(FlaskForm):  # type: ignore[misc]
    """What a program is called."""

    name = name_field()


def _kept(session: Session, actor: Actor, form: ProgramForm, key: str = "") -> str:
    return render_template("programs/kept.html", form=form, rows=store.kept(session, actor), key=key)


@page(programs, "/people/programs", may="administer")
def kept(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _kept(session, actor, ProgramForm())


@act(programs, "/people/programs", may="administer", fresh=True)
def make(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    form, nonce = ProgramForm(), keys.new_nonce()
    if form.validate():
        try:
            number = actions.make(session, actor, now, form.name.data or "", nonce)
        except Refused as refused:
            form.name.errors = [sentence(refused)]
        else:
            return _kept(session, actor, ProgramForm(formdata=None), key_of(number, nonce))
    return _kept(session, actor, form), 422


@act(programs, "/people/programs/<id:number>/end", may="administer")
def end(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    actions.end(session, actor, now, number)
    flash(gettext("The key is good no more."), "good")
    return redirect(url_for("programs.kept"), 303)
