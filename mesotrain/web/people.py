"""Joining by an invitation; and, for administrators, who belongs to the organisation and what they may do."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import BooleanField, EmailField
from wtforms.validators import ValidationError

from mesotrain.actions import invitations as inviting
from mesotrain.actions import people as actions
from mesotrain.actions.accounts import change_organisation
from mesotrain.core.access import EVERYWHERE, IN_A_CLINIC, ROLES, Actor, Held, needs_second
from mesotrain.core.accounts import is_address, least
from mesotrain.core.canonical import digest
from mesotrain.core.errors import Expected, NotFound
from mesotrain.core.names import WHOLE
from mesotrain.store import accounts, privacy
from mesotrain.store import invitations as invited
from mesotrain.store import people as store
from mesotrain.store.unfinished import unfinished
from mesotrain.web import gate, keys, proofs
from mesotrain.web.accounts import NewPasswordForm, email_field, name_field
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages
from mesotrain.web.signed_in import digest_of
from mesotrain.web.words import day, gettext, sentence

people = Blueprint("people", __name__)

AT_ONCE = 25
ENDS = "The erasure ends when they join: what is left of their record is kept."
ENDED = "The erasure of your record here has ended with it: what is left of the record is kept."


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite."""

    email = email_field(lazy_gettext("E-mail address"), lazy_gettext("Enter an e-mail address."))
    name = name_field()
    ends = BooleanField(lazy_gettext("Invite them all the same"))

    def validate_email(self, field: EmailField) -> None:
        if not is_address(field.data or ""):
            raise ValidationError(gettext("This is not an e-mail address."))


class JoinForm(NewPasswordForm):
    """A new account."""

    name = name_field()


# Joining --------------------------------------------------------------------------------------------------------------


@page(people, "/join/<token>", may="public")
def join(session: Session, actor: Actor | None, now: object, token: str) -> ResponseReturnValue:
    return _join(session, actor, token, JoinForm())


def _join(session: Session, actor: Actor | None, token: str, form: JoinForm) -> str:
    row = inviting.invitation(session, gate.now(), *keys.read("join", token))
    person, here = _account(session, row), session.get_one(store.Person, actor.person) if actor else None
    if not form.is_submitted():
        form.name.data = row.name
    return render_template(
        "people/join.html",
        form=form,
        place=session.get_one(store.Organisation, row.organisation_id).name,
        roles=_named(_clinics(session, row.organisation_id), row.roles),
        email=row.email,
        account=person is not None,
        mine=person is not None and person is here,
        somebody_else=here if here is not person else None,
        due=privacy.ends_by_joining(session, row.organisation_id, row.email),
        least=_least(row),
    )


def _account(session: Session, row: invited.Invitation) -> store.Person | None:
    """Who signs in with the address that is invited."""
    person = store.by_email(session, row.email)
    return person if person and person.password_hash else None


def _least(row: invited.Invitation) -> int:
    return least(needs_second(role for role, _ in row.roles))


@step(people, "/join/<token>", may="public")
def join_now(session: Session, actor: Actor | None, now: object, token: str) -> ResponseReturnValue:
    number, nonce = keys.read("join", token)

    def look() -> tuple[bool, list[str], store.Person | None, bool]:
        row = inviting.invitation(session, gate.now(), number, nonce)
        place = session.get_one(store.Organisation, row.organisation_id)
        about = [row.email, place.name, *_clinics(session, place.id).values()]
        ends = privacy.ends_by_joining(session, place.id, row.email) is not None
        return needs_second(role for role, _ in row.roles), about, _account(session, row), ends

    second, about, account, ends = gate.unit(look)
    if actor and not (account and account.id == actor.person):
        return gate.unit(lambda: _join(session, actor, token, JoinForm())), 409
    if account:
        if actor is None:
            return redirect(url_for("accounts.sign_in", next=request.path), 303)
        return _joined(session, actor, number, nonce, ends=ends)
    form = JoinForm()
    if not form.fits(second=second, about=[*about, form.name.data or ""]):
        return gate.unit(lambda: _join(session, actor, token, form)), 422
    hashed, salt = current_app.extensions["passwords"].hash(form.password.data), secrets.token_bytes(16)
    made = (number, nonce, form.name.data or "", hashed, salt)
    person = gate.unit(lambda: inviting.join_with_new_account(session, gate.now(), *made))
    signed_in = proofs.open_sign_in(person, 1, shared=False, landing=redirect(url_for("learning.today"), 303))
    if ends:
        flash(gettext(ENDED), "good")
    return signed_in


def _joined(session: Session, actor: Actor, number: int, nonce: str, *, ends: bool) -> ResponseReturnValue:
    """Joins with the account one has: who belongs to one organisation then works there, and others choose."""

    def work() -> bool:
        inviting.join(session, actor, gate.now(), number, nonce)
        places = store.memberships(session, actor.person)
        if len(places) == 1:
            change_organisation(session, actor, digest_of(current_user.id), places[0].id)
        return len(places) > 1

    several = gate.unit(work)
    said = [gettext("You have joined.")]
    said += [gettext(ENDED)] if ends else []
    said += [gettext("Choose under Settings for which organisation you work.")] if several else []
    flash(" ".join(said), "good")
    return redirect(url_for("settings.account" if several else "learning.today"), 303)


# Administering --------------------------------------------------------------------------------------------------------


@page(people, "/people", may="administer")
def members(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    asked = _asked()
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    found, total = store.members(session, actor, asked, (number - 1) * AT_ONCE, AT_ONCE)
    waiting, open_ = invited.invitations(session, actor, asked, 0, AT_ONCE)
    roles = store.roles_held(session, actor.organisation, [one.person for one in found])
    alone = accounts.without_second(session, list(roles))
    asleep = {person for person in alone if needs_second(role for role, _ in roles[person])}
    clinics = _clinics(session, actor.organisation)
    return render_template(
        "people/members.html",
        asked=asked,
        total=total,
        members=[{"row": one, "roles": roles[one.person], "asleep": one.person in asleep} for one in found],
        waiting=open_,
        invitations=[{"row": one, "roles": _named(clinics, one.roles)} for one in waiting],
        pages=pages("people.members", number, total, AT_ONCE, q=asked or None),
    )


def _asked() -> str:
    return request.args.get("q", "").strip()[:100]


def _clinics(session: Session, organisation: int) -> dict[int, str]:
    return {one.id: one.name for one in store.clinics(session, organisation)}


def _named(clinics: dict[int, str], roles: Sequence[Any]) -> list[tuple[str, str | None]]:
    """(role, name of the clinic) of each."""
    return [(role, clinics.get(clinic)) for role, clinic in roles]


@page(people, "/people/invite", may="administer")
def invite(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return render_template("people/invite.html", form=InviteForm(), choices=_choices(session, actor, ()))


def _choices(session: Session, actor: Actor, held: Sequence[Held]) -> list[dict[str, Any]]:
    """Every role with the places it can be held in, and whether it is."""
    clinics = store.clinics(session, actor.organisation)
    found = []
    for role, title in ROLES.items():
        places: list[tuple[int | None, str]] = [(None, gettext(WHOLE))] if role in EVERYWHERE else []
        places += [(one.id, one.name) for one in clinics] if role in IN_A_CLINIC else []
        boxes = [(f"{role}.{clinic or ''}", name, (role, clinic) in held) for clinic, name in places]
        found.append({"title": gettext(title), "places": boxes})
    return found


def _chosen() -> list[Held]:
    """The roles that were ticked."""
    found: list[Held] = []
    for said in request.form.getlist("role"):
        role, _, clinic = said.partition(".")
        found.append((role, int(clinic) if clinic.isascii() and clinic.isdigit() else None))
    return found


@act(people, "/people/invite", may="administer")
def invite_now(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form, roles = InviteForm(), _chosen()
    due = privacy.ends_by_joining(session, actor.organisation, (form.email.data or "").lower())
    if form.validate() and _knows(form, due):
        told = (form.email.data or "", form.name.data or "", roles)
        try:
            inviting.invite(session, actor, gate.now(), *told, keys.new_nonce())
        except Expected as refused:
            form.form_errors.append(sentence(refused))
        else:
            said = gettext("%(name)s is invited. The link is good for 14 days.", name=form.name.data)
            flash(f"{said} {gettext(ENDS)}" if due else said, "good")
            return redirect(url_for("people.members"), 303)
    return render_template("people/invite.html", form=form, choices=_choices(session, actor, roles)), 422


def _knows(form: InviteForm, due: date | None) -> bool:
    """Whether it was said that joining ends an erasure that is begun, if one is; else the form says so."""
    if due and not form.ends.data:
        told = gettext("The record of %(email)s is to be erased on %(day)s.", email=form.email.data, day=day(due))
        form.ends.errors = [f"{told} {gettext(ENDS)}"]
    return not form.ends.errors


@act(people, "/people/invitations/<id:number>/again", may="administer")
def invite_again(session: Session, actor: Actor, now: object, number: int) -> ResponseReturnValue:
    if inviting.send_again(session, actor, gate.now(), number, keys.new_nonce()):
        flash(gettext("The invitation is sent again. The earlier link is good no more."), "good")
    else:
        flash(
            gettext("The invitation was sent a moment ago, and its link is good. Give it a minute to arrive."), "soon"
        )
    return redirect(url_for("people.members", q=_asked() or None), 303)


@act(people, "/people/invitations/<id:number>/withdraw", may="administer")
def withdraw(session: Session, actor: Actor, now: object, number: int) -> ResponseReturnValue:
    inviting.withdraw(session, actor, gate.now(), number)
    flash(gettext("The invitation is withdrawn."), "good")
    return redirect(url_for("people.members", q=_asked() or None), 303)


@page(people, "/people/<id:person>", may="administer")
def member(session: Session, actor: Actor, now: object, person: int) -> ResponseReturnValue:
    return _member(session, actor, person, store.held(session, actor.organisation, person), "")


def _member(session: Session, actor: Actor, person: int, roles: Sequence[Held], wrong: str) -> str:
    row = store.member(session, actor, person)
    return render_template(
        "people/member.html",
        person=session.get_one(store.Person, person),
        member=row,
        choices=_choices(session, actor, roles),
        seen=_seen(store.held(session, actor.organisation, person)),
        wrong=wrong,
        waits=unfinished(session, actor, gate.now(), person),
    )


def _seen(roles: Sequence[Held]) -> str:
    """The roles that were looked at, in short."""
    return digest({"roles": [[role, clinic] for role, clinic in sorted(roles, key=str)]})


@act(people, "/people/<id:person>", may="administer")
def change_roles(session: Session, actor: Actor, now: object, person: int) -> ResponseReturnValue:
    store.member(session, actor, person, lock=True)
    held = store.held(session, actor.organisation, person)
    if request.form.get("seen") != _seen(held) and set(held) != set(_chosen()):
        wrong = gettext("The roles were changed meanwhile: these are those of now. Look at them again.")
        return _member(session, actor, person, held, wrong), 409
    try:
        actions.change_roles(session, actor, gate.now(), person, _chosen())
    except NotFound:
        raise
    except Expected as refused:
        return _member(session, actor, person, _chosen(), sentence(refused)), 422
    flash(gettext("The roles are changed, from their next click on."), "good")
    return redirect(url_for("people.member", person=person), 303)


@act(people, "/people/<id:person>/suspend", may="administer")
def suspend(session: Session, actor: Actor, now: object, person: int) -> ResponseReturnValue:
    actions.suspend(session, actor, gate.now(), person)
    flash(gettext("They may do nothing here until you let them in again. Their record stays."), "good")
    return redirect(url_for("people.member", person=person), 303)


@act(people, "/people/<id:person>/resume", may="administer")
def resume(session: Session, actor: Actor, now: object, person: int) -> ResponseReturnValue:
    actions.resume(session, actor, gate.now(), person)
    flash(gettext("They may work here again."), "good")
    return redirect(url_for("people.member", person=person), 303)


@act(people, "/people/<id:person>/sign-out", may="administer")
def sign_out(session: Session, actor: Actor, now: object, person: int) -> ResponseReturnValue:
    actions.sign_out(session, actor, gate.now(), person)
    flash(gettext("They are signed out here on every device. They may sign in again."), "good")
    return redirect(url_for("people.member", person=person), 303)


@act(people, "/people/<id:person>/end", may="administer")
def end(session: Session, actor: Actor, now: object, person: int) -> ResponseReturnValue:
    actions.end(session, actor, gate.now(), person)
    who = session.get_one(store.Person, person)
    flash(gettext("%(name)s has left, and keeps their account and their record.", name=who.name), "good")
    return redirect(url_for("privacy.left", q=who.email), 303)
