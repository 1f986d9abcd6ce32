"""Signing in and out, and one's own settings."""

from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale
from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import EmailField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired, Length

from mesotrain.actions import people as actions
from mesotrain.core.access import Actor
from mesotrain.store import people
from mesotrain.store.db import for_reading
from mesotrain.web import gate
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.signed_in import SignedIn, digest_of, new_token
from mesotrain.web.words import gettext

accounts = Blueprint("accounts", __name__)


ZONES = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
LONG = lazy_gettext("This is longer than it can be.")
CHOOSE = lazy_gettext("Choose one of the list.")


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Who says they are who."""

    email = EmailField(
        lazy_gettext("E-mail address"),
        [InputRequired(lazy_gettext("Enter your e-mail address.")), Length(max=254, message=LONG)],
        filters=[lambda text: (text or "").strip()],
    )
    password = PasswordField(
        lazy_gettext("Password"), [InputRequired(lazy_gettext("Enter your password.")), Length(max=1024, message=LONG)]
    )


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """Language and time zone of one person."""

    locale = SelectField(lazy_gettext("Language"), validate_choice=False)
    zone = SelectField(
        lazy_gettext("Time zone"),
        [AnyOf(ZONES, CHOOSE)],
        choices=[SelectChoice(zone) for zone in ZONES],
        validate_choice=False,
    )


@page(accounts, "/sign-in", may="public")
def sign_in(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    return redirect(url_for("learning.today")) if actor else render_template("accounts/sign_in.html", form=SignInForm())


@step(accounts, "/sign-in", may="public")
def sign_in_now(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    session.rollback()
    for_reading(session)
    person = people.by_email(session, form.email.data or "")
    known, password_hash = (person.id, person.password_hash) if person else (0, None)
    session.rollback()
    if not current_app.extensions["passwords"].fits(password_hash, form.password.data):
        form.email.errors = [gettext(actions.WRONG)]
        return render_template("accounts/sign_in.html", form=form), 422
    token = new_token()
    hours = current_app.config["SIGN_IN_HOURS"]
    gate.unit(lambda: actions.sign_in(session, gate.now(), known, digest_of(token), hours))
    cookie.clear()
    login_user(SignedIn(token))
    return redirect(_local(request.args.get("next")) or url_for("learning.today"), 303)


@act(accounts, "/sign-out", may="account")
def sign_out(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    actions.sign_out(session, actor, gate.now(), digest_of(current_user.id))
    logout_user()
    cookie.clear()
    return redirect(url_for("accounts.sign_in"), 303)


def _settings_form(actor: Actor) -> SettingsForm:
    form = SettingsForm(locale=actor.locale, zone=actor.zone)
    form.locale.choices = [
        SelectChoice(code, Locale.parse(code).get_display_name(code)) for code in current_app.config["LOCALES"]
    ]
    form.locale.validators = [AnyOf(current_app.config["LOCALES"], CHOOSE)]
    return form


@page(accounts, "/account", may="account")
def settings(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _settings_page(session, actor, _settings_form(actor))


def _settings_page(session: Session, actor: Actor, form: SettingsForm) -> str:
    mine = [(one.id, one.name, one.id == actor.organisation) for one in people.organisations_of(session, actor.person)]
    return render_template("accounts/settings.html", form=form, organisations=mine)


@act(accounts, "/account", may="account")
def save_settings(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = _settings_form(actor)
    if not form.validate():
        return _settings_page(session, actor, form), 422
    actions.set_language_and_zone(session, actor, form.locale.data, form.zone.data)
    flash(gettext("Your settings are saved."), "good")
    return redirect(url_for("accounts.settings"), 303)


@act(accounts, "/account/organisation", may="account")
def organisation(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    chosen = request.form.get("organisation", type=int) or 0
    actions.change_organisation(session, actor, digest_of(current_user.id), chosen)
    return redirect(url_for("learning.today"), 303)


def _local(path: str | None) -> str | None:
    """`path` when it is a page of this service."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(char) < 33 for char in path):
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc else path
