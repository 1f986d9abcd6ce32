"""One's own account: language, password, address, second factors, where one is signed in."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zoneinfo import available_timezones

import pyotp
import segno
from babel import Locale
from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy.orm import Session
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from mesotrain.actions import accounts as proofs_of
from mesotrain.actions import people as actions
from mesotrain.core.access import Actor
from mesotrain.core.accounts import least
from mesotrain.core.errors import TooMany
from mesotrain.store import accounts as store
from mesotrain.store import people
from mesotrain.store.accounts import Authenticator
from mesotrain.web import gate, keys, passkeys, proofs
from mesotrain.web.accounts import LONG, CodeForm, Named, NewPasswordForm, demands, email_field, local, tidied
from mesotrain.web.calendar import address
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.signed_in import digest_of
from mesotrain.web.words import gettext, sentence

settings = Blueprint("settings", __name__)

ZONES = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
CHOOSE = lazy_gettext("Choose one of the list.")
SET_UP_SECONDS = 3600
SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "CrOS", "Linux")
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "Chrome": "Chrome"} | {
    "CriOS": "Chrome",
    "Safari": "Safari",
}
"""What a browser calls itself -> its name; the first that fits counts, for most call themselves Safari too."""


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """Language and time zone of one person."""

    locale = SelectField(lazy_gettext("Language"), validate_choice=False)
    zone = SelectField(
        lazy_gettext("Time zone"),
        [AnyOf(ZONES, CHOOSE)],
        choices=[SelectChoice(zone) for zone in ZONES],
        validate_choice=False,
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """Proof that it is still the same person."""

    password = PasswordField(
        lazy_gettext("Your password"),
        [InputRequired(lazy_gettext("Enter your password.")), Length(max=1024, message=LONG)],
    )


class EmailForm(FlaskForm):  # type: ignore[misc]
    """Another address of one's own."""

    email = email_field(lazy_gettext("New e-mail address"))


class AppForm(CodeForm):
    """An app that counts codes: what it is called, and that it counts as we do."""

    name = StringField(
        lazy_gettext("What you call it"), [Optional(), Named(), Length(max=60, message=LONG)], filters=[tidied]
    )
    secret = HiddenField()


@page(settings, "/account", may="account")
def account(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _account(session, actor, _settings_form(actor))


def _settings_form(actor: Actor) -> SettingsForm:
    form = SettingsForm(locale=actor.locale, zone=actor.zone)
    form.locale.choices = [
        SelectChoice(code, Locale.parse(code).get_display_name(code)) for code in current_app.config["LOCALES"]
    ]
    form.locale.validators = [AnyOf(current_app.config["LOCALES"], CHOOSE)]
    return form


def _account(session: Session, actor: Actor, form: SettingsForm) -> str:
    mine = [(one.id, one.name, one.id == actor.organisation) for one in people.memberships(session, actor.person)]
    here, person = digest_of(current_user.id), session.get_one(people.Person, actor.person)
    browsers = [
        {"browser": browser_name(one.browser), "since": one.opened_at, "here": one.token_digest == here}
        for one in store.open_sign_ins(session, actor.person, gate.now())
    ]
    return render_template(
        "settings/account.html",
        form=form,
        organisations=mine,
        email=person.email,
        calendar=address(person),
        factors=[one.name for one in store.authenticators(session, actor.person)],
        browsers=browsers,
    )


def browser_name(said: str) -> str:
    """A browser as people know it, such as "Firefox, Windows"."""
    names = [name for word, name in BROWSERS.items() if f"{word}/" in said][:1]
    return ", ".join([*names, *[system for system in SYSTEMS if system in said][:1]]) or gettext("A browser")


@act(settings, "/account", may="account")
def save(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = _settings_form(actor)
    if not form.validate():
        return _account(session, actor, form), 422
    actions.set_language_and_zone(session, actor, form.locale.data, form.zone.data)
    flash(gettext("Your settings are saved."), "good")
    return redirect(url_for("settings.account"), 303)


@act(settings, "/account/organisation", may="account")
def organisation(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    chosen = request.form.get("organisation", type=int) or 0
    proofs_of.change_organisation(session, actor, digest_of(current_user.id), chosen)
    send = local(request.args.get("send"))  # what was made for that organisation, and comes along
    return redirect(send, 307) if send else redirect(url_for("learning.today"), 303)


@act(settings, "/account/sign-out-everywhere", may="account")
def sign_out_everywhere(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    here = digest_of(current_user.id)
    proofs_of.sign_out_everywhere(session, actor, gate.now(), here, proofs.device_digest())
    flash(gettext("You are signed out everywhere but here."), "good")
    return redirect(url_for("settings.account"), 303)


@page(settings, "/account/confirm", may="account")
def confirm(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return render_template("settings/confirm.html", form=ConfirmForm(), passkeys=passkeys.place())


@step(settings, "/account/confirm", may="account")
def confirm_now(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = ConfirmForm()
    if form.validate():
        email = gate.unit(lambda: session.get_one(people.Person, actor.person).email)
        try:
            right = proofs.has_password(session, email, form.password.data or "")
        except TooMany as slowly:
            form.password.errors = [sentence(slowly)]
            return render_template("settings/confirm.html", form=form, passkeys=passkeys.place()), 429
        if right:
            proofs.prove_again(actor, 1)
            return redirect(local(request.args.get("next")) or url_for("settings.account"), 303)
        form.password.errors = [gettext("This is not your password.")]
    return render_template("settings/confirm.html", form=form, passkeys=passkeys.place()), 422


@step(settings, "/account/confirm/passkey", may="account")
def confirm_passkey(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    sent, challenge = passkeys.sent(), passkeys.challenge()
    shown = gate.unit(lambda: passkeys.shown(session, sent, challenge))
    passkeys.must_be(actor.person, shown)
    proofs.prove_again(actor, 2)
    return redirect(local(request.args.get("next")) or url_for("settings.account"), 303)


@page(settings, "/account/password", may="account", fresh=True)
def password(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _password(session, actor, NewPasswordForm())


def _password(session: Session, actor: Actor, form: NewPasswordForm) -> str:
    second, (_, email, *_) = demands(session, actor.person)
    return render_template("settings/password.html", form=form, email=email, least=least(second))


@step(settings, "/account/password", may="account", fresh=True)
def change_password(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = NewPasswordForm()
    second, about = gate.unit(lambda: demands(session, actor.person))
    if not form.fits(second=second, about=about):
        return gate.unit(lambda: _password(session, actor, form)), 422
    hashed, here = current_app.extensions["passwords"].hash(form.password.data), digest_of(current_user.id)
    gate.unit(lambda: proofs_of.change_password(session, actor, gate.now(), hashed, here))
    flash(gettext("Your password is changed. You are signed out everywhere else."), "good")
    return redirect(url_for("settings.account"), 303)


@page(settings, "/account/email", may="account", fresh=True)
def email(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return render_template("settings/email.html", form=EmailForm())


@act(settings, "/account/email", may="account", fresh=True)
def change_email(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = EmailForm()
    if not form.validate():
        return render_template("settings/email.html", form=form), 422
    proofs_of.ask_for_email(session, actor, gate.now(), form.email.data or "", keys.new_nonce())
    return render_template("accounts/mailed.html", email=form.email.data)


@page(settings, "/account/second-factor", may="account", fresh=True)
def second(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    mine = store.authenticators(session, actor.person)
    left = store.recovery_codes_left(session, actor.person)
    needed = len(mine) == 1 and people.needs_second_anywhere(session, actor.person)
    told = {"mine": mine, "needed": needed, "left": left, "passkeys": passkeys.place(), "least": least(second=False)}
    return render_template("settings/second.html", **told)


@page(settings, "/account/second-factor/app", may="account", fresh=True)
def app(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _app(session, actor, AppForm(formdata=None, secret=keys.sealed(pyotp.random_base32())))


def _app(session: Session, actor: Actor, form: AppForm) -> str:
    secret = keys.unsealed(form.secret.data or "", SET_UP_SECONDS) or ""
    email = session.get_one(people.Person, actor.person).email
    address = pyotp.TOTP(secret, name=email, issuer="Mesotrain").provisioning_uri()
    drawn = BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", xmldecl=False, light="#fff", omitsize=True)
    parts = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    code = Markup(drawn.getvalue().decode())  # noqa: S704 (of our own making)
    return render_template("settings/app.html", form=form, code=code, secret=parts, address=address)


@step(settings, "/account/second-factor/app", may="account", fresh=True)
def add_app(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = AppForm()
    secret = keys.unsealed(form.secret.data or "", SET_UP_SECONDS)
    if not secret:
        return redirect(url_for("settings.app"), 303)
    if not form.validate():
        return gate.unit(lambda: _app(session, actor, form)), 422
    tries = gate.unit(lambda: proofs.tried_code(session, gate.now(), actor.person))
    code_step = proofs.step_of(secret, "".join((form.code.data or "").split()), gate.now())
    if not code_step:
        form.code.errors = [gettext("This is not the code the app shows now. Check the time of both devices.")]
        return gate.unit(lambda: _app(session, actor, form)), 422
    name = form.name.data or gettext("Authenticator app")
    gate.unit(lambda: store.forgive(session, tries))
    return _added(session, actor, lambda: proofs.new_app(actor.person, name, secret, gate.now(), code_step))


def _added(session: Session, actor: Actor, made: Callable[[], Authenticator]) -> str:
    """Keeps a second factor, and shows the recovery codes that come with the first: this once."""
    shown, digests = proofs.new_recovery_codes()
    first = gate.unit(lambda: proofs_of.add_authenticator(session, actor, gate.now(), made(), digests))
    proofs.prove_again(actor, 2)
    return render_template("settings/added.html", codes=shown if first else [])


@step(settings, "/account/second-factor/passkey/options", may="account", fresh=True)
def passkey_options(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    def work() -> dict[str, Any]:
        return passkeys.registration(session, actor, session.get_one(people.Person, actor.person).email)

    return gate.unit(work)


@step(settings, "/account/second-factor/passkey", may="account", fresh=True)
def add_passkey(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    sent, challenge = passkeys.sent(), passkeys.challenge()
    name = browser_name(request.headers.get("User-Agent", ""))
    return _added(session, actor, lambda: passkeys.registered(actor, name, sent, challenge))


@act(settings, "/account/second-factor/<id:number>/remove", may="account", fresh=True)
def remove(session: Session, actor: Actor, now: object, number: int) -> ResponseReturnValue:
    proofs_of.remove_authenticator(session, actor, gate.now(), number)
    flash(gettext("It is removed and proves nothing any more."), "good")
    return redirect(url_for("settings.second"), 303)


@step(settings, "/account/second-factor/codes", may="account", fresh=True)
def new_codes(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    shown, digests = proofs.new_recovery_codes()
    gate.unit(lambda: proofs_of.new_recovery_codes(session, actor, gate.now(), digests))
    return render_template("settings/added.html", codes=shown)
