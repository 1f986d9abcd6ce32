"""One's days as a calendar that other programs read: what is due, and when a status ends."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound
from mesotrain.formats.calendar import Entry, feed
from mesotrain.store import assignments, competence, people
from mesotrain.web import keys
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext

calendar = Blueprint("calendar", __name__)


def address(person: people.Person) -> str | None:
    """Where a person's calendar is read, while they have one: whoever knows it may read it."""
    if person.calendar_nonce is None:
        return None
    token = keys.signed("calendar", person.id, person.calendar_nonce)
    return f"{current_app.config['PUBLIC_URL']}{url_for('calendar.read', token=token)}"


@page(calendar, "/calendar/<token>.ics", may="public")
def read(session: Session, actor: Actor | None, now: datetime, token: str) -> ResponseReturnValue:
    number, nonce = keys.read("calendar", token)
    person = session.get(people.Person, number)
    if person is None or not nonce or person.calendar_nonce != nonce:
        raise NotFound
    with force_locale(person.locale):
        return Response(feed("Mesotrain", _entries(session, person, now), now), mimetype="text/calendar")


def _entries(session: Session, person: people.Person, now: datetime) -> list[Entry]:
    """Everything ahead of a person, in every organisation they belong to."""
    found, here = [], urlsplit(_home()).hostname
    for place in people.memberships(session, person.id):
        on = day_of(now, place.zone)
        found += [
            Entry(f"due-{one.id}@{here}", one.due_on, gettext("Due: %(title)s", title=one.title), _home())
            for one in assignments.due_of(session, place.id, person.id, on)
        ]
        found += [
            Entry(f"ends-{place.id}-{number}@{here}", day, gettext("Status ends: %(title)s", title=title), _home())
            for number, title, day in competence.endings(session, place.id, person.id, on)
        ]
    return found


def _home() -> str:
    return str(current_app.config["PUBLIC_URL"])


@act(calendar, "/account/calendar", may="account")
def make(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    """A new address; the one before is good no more."""
    session.get_one(people.Person, actor.person).calendar_nonce = keys.new_nonce()
    return redirect(url_for("settings.account"), 303)


@act(calendar, "/account/calendar/end", may="account")
def end(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    session.get_one(people.Person, actor.person).calendar_nonce = None
    return redirect(url_for("settings.account"), 303)
