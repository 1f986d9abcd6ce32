"""Signing in and out, and the links that are mailed to who cannot."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from mesotrain.actions import accounts as actions
from mesotrain.core import names
from mesotrain.core.access import Actor
from mesotrain.core.accounts import LONGEST, SECOND_STEP, least
from mesotrain.core.errors import Refused, TooMany
from mesotrain.store import accounts as store
from mesotrain.store import people
from mesotrain.store.db import for_reading
from mesotrain.web import gate, keys, passkeys, passwords, proofs
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.signed_in import digest_of
from mesotrain.web.words import gettext, sentence

accounts = Blueprint("accounts", __name__)

YOURS = lazy_gettext("Enter your e-mail address.")
LONG = lazy_gettext("This is longer than it can be.")
HALF_DONE = "half done"
"""Where the cookie keeps who showed a password and has yet to show a second factor, and what had ended before."""


def stripped(text: str | None) -> str:
    return (text or "").strip()


def email_field(label: Any, none: Any = YOURS) -> EmailField:
    """A field that takes an address; `none` says that there is none."""
    needed = InputRequired(none)
    return EmailField(label, [needed, Length(max=254, message=LONG)], filters=[stripped])


def tidied(text: str | None) -> str:
    return names.tidy(text or "")


class Named:
    """That what is typed can be the name of something."""

    field_flags: ClassVar = {"maxlength": names.LONGEST}

    def __call__(self, form: Any, field: Any) -> None:
        try:
            names.check(field.data)
        except Refused as refused:
            raise ValidationError(sentence(refused)) from None


def name_field() -> StringField:
    """A field that takes the name of a person or a clinic."""
    needed = DataRequired(lazy_gettext("Enter a name."))
    return StringField(lazy_gettext("Name"), [needed, Named()], filters=[tidied])


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Who says they are who."""

    email = email_field(lazy_gettext("E-mail address"))
    password = PasswordField(
        lazy_gettext("Password"), [InputRequired(lazy_gettext("Enter your password.")), Length(max=1024, message=LONG)]
    )
    shared = BooleanField(lazy_gettext("Others use this device too"))


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The second factor."""

    code = StringField(
        lazy_gettext("Code"),
        [InputRequired(lazy_gettext("Enter the code your app shows now.")), Length(max=64, message=LONG)],
    )


class AddressForm(FlaskForm):  # type: ignore[misc]
    """Whose password is forgotten."""

    email = email_field(lazy_gettext("E-mail address"))


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A password somebody chooses; it may be pasted, and is asked for once."""

    password = PasswordField(
        lazy_gettext("New password"),
        [InputRequired(lazy_gettext("Choose a password.")), Length(max=LONGEST, message=LONG)],
    )

    def fits(self, *, second: bool, about: list[str]) -> bool:
        """Whether what was sent is a password that may be chosen; else the form says why not."""
        if not self.validate():
            return False
        fault = passwords.fault(self.password.data or "", second, about)
        self.password.errors = [fault] if fault else []
        return fault is None


@page(accounts, "/sign-in", may="public")
def sign_in(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    if actor:
        return redirect(url_for("learning.today"))
    return render_template("accounts/sign_in.html", form=SignInForm(), passkeys=passkeys.place())


@step(accounts, "/sign-in", may="public")
def sign_in_now(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _sign_in_again(form)
    try:
        person = proofs.has_password(session, form.email.data or "", form.password.data or "")
    except TooMany as slowly:
        form.email.errors = [sentence(slowly)]
        return _sign_in_again(form, 429)
    if not person:
        form.email.errors = [gettext(actions.WRONG)]
        return _sign_in_again(form)
    landing = local(request.args.get("next")) or url_for("learning.today")
    if gate.unit(lambda: bool(store.authenticators(session, person))):
        cookie.clear()
        ended = gate.unit(lambda: store.last_end(session, person))
        cookie[HALF_DONE] = [person, gate.now().timestamp(), form.shared.data, landing, ended]
        return redirect(url_for("accounts.second"), 303)
    short = len(form.password.data or "") < least(second=False)
    if short and not gate.unit(lambda: people.needs_second_anywhere(session, person)):
        gate.unit(lambda: actions.ask_for_password(session, gate.now(), form.email.data or "", keys.new_nonce()))
        form.password.errors = [gettext(actions.TOO_SHORT, least=least(second=False))]
        return _sign_in_again(form)
    return proofs.open_sign_in(person, 1, shared=form.shared.data, landing=redirect(landing, 303))


def _sign_in_again(form: SignInForm, status: int = 422) -> ResponseReturnValue:
    return render_template("accounts/sign_in.html", form=form, passkeys=passkeys.place()), status


def _waiting(session: Session) -> tuple[int, bool, str] | None:
    """(person, whether the device is shared, where they go) of who showed their password here of late.

    None where something ended their sign-ins since.
    """
    person, at, shared, landing, ended = cookie.get(HALF_DONE, (0, 0, False, "", 0))
    late = gate.now().timestamp() - at >= SECOND_STEP.total_seconds()
    return None if late or store.last_end(session, person) != ended else (person, shared, landing)


@page(accounts, "/sign-in/second", may="public")
def second(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    if not _waiting(session):
        return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/second.html", form=CodeForm(), passkeys=passkeys.place())


@step(accounts, "/sign-in/second", may="public")
def second_now(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    waiting, form = gate.unit(lambda: _waiting(session)), CodeForm()
    if not waiting:
        return redirect(url_for("accounts.sign_in"), 303)
    person, shared, landing = waiting
    if form.validate():
        try:
            tries = gate.unit(lambda: proofs.tried_code(session, gate.now(), person))
        except TooMany as slowly:
            form.code.errors = [sentence(slowly)]
            return render_template("accounts/second.html", form=form, passkeys=passkeys.place()), 429
        if gate.unit(lambda: proofs.code_fits(session, gate.now(), person, form.code.data or "")):
            gate.unit(lambda: store.forgive(session, tries))
            return proofs.open_sign_in(person, 2, shared=shared, landing=redirect(landing, 303))
        form.code.errors = [gettext(actions.NO_CODE)]
    return render_template("accounts/second.html", form=form, passkeys=passkeys.place()), 422


@step(accounts, "/sign-in/passkey/options", may="public")
def passkey_options(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    return passkeys.authentication()


@step(accounts, "/sign-in/passkey", may="public")
def passkey(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    """Signs in by a passkey alone, or as the second factor of who showed their password."""
    waiting, sent, challenge = gate.unit(lambda: _waiting(session)), passkeys.sent(), passkeys.challenge()
    person = gate.unit(lambda: passkeys.shown(session, sent, challenge))
    if waiting:
        passkeys.must_be(waiting[0], person)
    shared = waiting[1] if waiting else "shared" in request.form
    landing = waiting[2] if waiting else local(request.args.get("next")) or url_for("learning.today")
    return proofs.open_sign_in(person, 2, shared=shared, landing=redirect(landing, 303))


@act(accounts, "/sign-out", may="account")
def sign_out(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    actions.sign_out(session, actor, gate.now(), digest_of(current_user.id))
    logout_user()
    cookie.clear()
    return redirect(local(request.args.get("next")) or url_for("accounts.sign_in"), 303)


@page(accounts, "/forgotten", may="public")
def forgotten(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    return render_template("accounts/forgotten.html", form=AddressForm())


@act(accounts, "/forgotten", may="public")
def forgotten_now(session: Session, actor: Actor | None, now: object) -> ResponseReturnValue:
    form = AddressForm()
    if not form.validate():
        return render_template("accounts/forgotten.html", form=form), 422
    email = form.email.data or ""
    try:
        proofs.tried(session, gate.now(), email, 0)
    except TooMany as slowly:
        form.email.errors = [sentence(slowly)]
        return render_template("accounts/forgotten.html", form=form), 429
    actions.ask_for_password(session, gate.now(), email, keys.new_nonce())
    return render_template("accounts/mailed.html", email=email)


@page(accounts, "/choose-password/<token>", may="public")
def choose_password(session: Session, actor: Actor | None, now: object, token: str) -> ResponseReturnValue:
    return _choose_password(session, token, NewPasswordForm())


@step(accounts, "/choose-password/<token>", may="public")
def choose_password_now(session: Session, actor: Actor | None, now: object, token: str) -> ResponseReturnValue:
    form, (number, nonce) = NewPasswordForm(), keys.read("password", token)
    person = gate.unit(lambda: actions.link(session, gate.now(), "password", number, nonce).person_id)
    for_reading(session)
    second, about = demands(session, person)
    session.rollback()
    if not form.fits(second=second, about=about):
        for_reading(session)
        return _choose_password(session, token, form), 422
    hashed = current_app.extensions["passwords"].hash(form.password.data)
    gate.unit(lambda: actions.choose_password(session, gate.now(), number, nonce, hashed))
    logout_user()
    cookie.clear()
    flash(gettext("Your password is changed. Sign in with it."), "good")
    return redirect(url_for("accounts.sign_in"), 303)


def _choose_password(session: Session, token: str, form: NewPasswordForm) -> str:
    found = actions.link(session, gate.now(), "password", *keys.read("password", token))
    second, _ = demands(session, found.person_id)
    return render_template("accounts/choose_password.html", form=form, email=found.email, least=least(second))


def demands(session: Session, person: int) -> tuple[bool, list[str]]:
    """Whether the person's password stands beside a second factor, and what others know of them."""
    row = session.get_one(people.Person, person)
    second = bool(store.authenticators(session, person)) or people.needs_second_anywhere(session, person)
    places = people.organisations_of(session, person)
    clinics = [one.name for place in places for one in people.clinics(session, place.id)]
    return second, [row.name, row.email, *(place.name for place in places), *clinics]


@page(accounts, "/take-address/<token>", may="public")
def take_email(session: Session, actor: Actor | None, now: object, token: str) -> ResponseReturnValue:
    found = actions.link(session, gate.now(), "email", *keys.read("email", token))
    return render_template("accounts/take_email.html", email=found.email)


@act(accounts, "/take-address/<token>", may="public")
def take_email_now(session: Session, actor: Actor | None, now: object, token: str) -> ResponseReturnValue:
    email = actions.take_email(session, gate.now(), *keys.read("email", token))
    flash(gettext("Your address is now %(email)s.", email=email), "good")
    return redirect(url_for("settings.account" if actor else "accounts.sign_in"), 303)


def local(path: str | None) -> str | None:
    """`path` when it is a page of this service."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(char) < 33 for char in path):
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc else path
