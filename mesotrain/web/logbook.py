"""The logbook of a trainee: their cases, what became of each, and the form for another. Managers read it."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from unicodedata import normalize

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import logbook as actions
from mesotrain.core import logbook as core
from mesotrain.core.access import TRAINEE, Actor, allows
from mesotrain.core.competence import LEVELS, ROLES
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.logbook import CONFIRMED, LAPSED, NOT_REACHED, NOT_SEEN, RETURNED, WAITING, WITHDRAWN
from mesotrain.core.patients import MAY_NAME
from mesotrain.store import clearance, observations, people, privacy, supervisors, team
from mesotrain.store import logbook as store
from mesotrain.store.logbook import Entry
from mesotrain.web import gate, keys, observed
from mesotrain.web.answers import PARTS
from mesotrain.web.forms import chosen, day, which
from mesotrain.web.forms import number as number_of
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

logbook = Blueprint("logbook", __name__)

FACES = {
    WAITING: ("Waits for a signature", "due"),
    CONFIRMED: ("Signed", "good"),
    NOT_SEEN: ("Not seen", "stop"),
    NOT_REACHED: ("Level not reached", "stop"),
    RETURNED: ("Returned", "soon"),
    LAPSED: ("Lapsed", "none"),
    WITHDRAWN: ("Taken back", "none"),
}
"""What each state of a request is called, and its tone."""


def face(state: str) -> tuple[str, str]:
    """(label, tone) of what a request has come to."""
    label, tone = FACES[state]
    return gettext(label), tone


def told(entry: Entry, called: Mapping[tuple[int, str], str]) -> dict[str, Any]:
    """A case as a page shows it."""
    case = entry.case
    return {
        "id": case.id,
        "title": called.get((case.course_id, case.procedure), case.procedure),
        "part": gettext(PARTS[case.role]),
        "day": case.day,
        "clinic": entry.clinic,
        "trainee": entry.trainee,
        "site": case.site,
        "learnt": case.learnt,
        "numbered": bool(case.number),
    }


def _rows(
    session: Session, actor: Actor, person: int, now: datetime, clinics: Container[int] | None = None
) -> list[dict[str, Any]]:
    """The cases of somebody at these clinics, or at all, the newest first, each with all who were asked to sign it."""
    called, today = clearance.titles(session, actor.organisation, now), day_of(now, actor.organisation_zone)
    found = store.of_person(session, actor.organisation, person)
    entries = [one for one in found if clinics is None or one.case.clinic_id in clinics]
    return [_row(list(found), called, today) for _, found in groupby(entries, key=lambda one: one.case.id)]


def _row(entries: Sequence[Entry], called: Mapping[tuple[int, str], str], today: Any) -> dict[str, Any]:
    states = [one.state(today) for one in entries]
    best = next((one for one in (NOT_REACHED, CONFIRMED, WAITING) if one in states), states[0])
    return told(entries[0], called) | {
        "face": face(best),
        "asks": best not in (WAITING, NOT_REACHED) and not any(one.returned for one in entries),
        "again": any(one.returned for one in entries),
        "signed": best == CONFIRMED,
        "asked": [_asked(one, state) for one, state in zip(entries, states, strict=True)],
    }


def _asked(entry: Entry, state: str) -> dict[str, Any]:
    signed, back = entry.signature, entry.withdrawal
    return {
        "id": entry.request.id,
        "face": face(state),
        "waits": state == WAITING,
        "supervisor": entry.supervisor,
        "ends": entry.request.ends_on,
        "level": (signed.level, gettext(LEVELS[signed.level])) if signed and signed.level else None,
        "words": signed.words if signed else "",
        "back": back.reason if back else "",
    }


@page(logbook, "/record/logbook", may="account")
def own(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _own(session, actor, now)


def _own(session: Session, actor: Actor, now: datetime, wrong: str = "") -> str:
    return render_template(
        "logbook/own.html",
        wrong=wrong,
        cases=_rows(session, actor, actor.person, now),
        observed=observed.rows(session, actor, now, observations.of_person(session, actor.organisation, actor.person)),
        to_sign=store.how_many_to_sign(session, actor, day_of(now, actor.organisation_zone)),
        supervisors=_supervisors(session, actor) if allows("log", actor) else None,
    )


@page(logbook, "/team/<id:person>/logbook", may="team")
def of(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    privacy.not_erased(session, actor.organisation, person)
    who, _ = team.trainee_ever(session, actor, person)
    seen, _ = team.choices(session, actor, people.SEEING)
    theirs = (one for one in observations.of_person(session, actor.organisation, person) if one.row.clinic_id in seen)
    return render_template(
        "logbook/person.html",
        who=who,
        cases=_rows(session, actor, person, now, seen),
        observed=observed.rows(session, actor, now, theirs),
    )


@page(logbook, "/record/logbook/new", may="log")
def new(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _new(session, actor, now)


def _said(session: Session, actor: Actor) -> Mapping[str, object]:
    """What the form says; at first what the address does, or a case of their own that is logged again."""
    again = number_of(request.args.get("again", ""))
    asked = not request.form and again
    found = store.of_person(session, actor.organisation, actor.person) if asked else []
    case = next((one.case for one in found if one.case.id == again), None)
    if case is None:
        return request.form or request.args
    said = {name: str(getattr(case, name)) for name in ("role", "day", "site", "learnt")}
    return said | {"procedure": f"{case.course_id}/{case.procedure}", "clinic": str(case.clinic_id)}


def _new(session: Session, actor: Actor, now: datetime, wrong: str = "", doubtful: bool = False) -> str:
    here = actor.roles[TRAINEE]
    return render_template(
        "logbook/new.html",
        wrong=wrong,
        doubtful=doubtful,
        said=_said(session, actor),
        today=day_of(now, actor.organisation_zone),
        procedures=[
            (f"{course}/{name}", title)
            for (course, name), title in clearance.titles(session, actor.organisation, now).items()
        ],
        clinics=[(one.id, one.name) for one in people.clinics(session, actor.organisation) if one.id in here],
        roles=[(name, gettext(words)) for name, words in ROLES.items()],
        supervisors=_supervisors(session, actor),
        most=core,
    )


def _supervisors(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Who may be asked; whether they may sign a case of that day and place is found when they are."""
    since = day_of(gate.now(), actor.organisation_zone) - core.OLDEST
    found = supervisors.supervisors(session, actor.organisation).items()
    return [who for who, said in found if who[0] != actor.person and supervisors.asked_still(said, since)]


@act(logbook, "/record/logbook/new", may="log")
def log(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    try:
        case = _told(session, actor, now)
        actions.log(session, actor, now, case, chosen("supervisor"), keys.new_nonce())
    except Refused as refused:
        return _new(session, actor, now, sentence(refused), refused.sentence == MAY_NAME), 422
    flash(gettext("It is logged, and a mail asks for the signature."), "good")
    return redirect(url_for("logbook.own"), 303)


def _told(session: Session, actor: Actor, now: datetime) -> actions.Told:
    """What the form says. Raises NotFound for a procedure nobody offers, and Refused for a day that is none, and where
    nothing is chosen."""
    form = request.form
    if not all(form.get(name) for name in ("procedure", "clinic", "supervisor")):
        raise Refused("Choose one in each list.")
    course, procedure = which("procedure")
    if (course, procedure) not in clearance.titles(session, actor.organisation, now):
        raise NotFound
    return actions.Told(
        chosen("clinic"),
        course,
        procedure,
        form.get("role", ""),
        day("day"),
        form.get("site", ""),
        form.get("learnt", ""),
        number(form.get("number", "")),
        "nameless" in form,
    )


def number(said: str) -> str:
    """What the record knows a clinic's own number of a case by; nobody without the service's key can look for it."""
    plain = "".join(one for one in normalize("NFKC", said).upper() if one.isalnum())
    if len(plain) > core.MOST_NUMBER:
        raise Refused("Shorten this to %(most)s characters.", most=core.MOST_NUMBER)
    return keys.digest("case", plain) if plain else ""


@act(logbook, "/record/logbook/<id:case>/ask", may="log")
def ask(session: Session, actor: Actor, now: datetime, case: int) -> ResponseReturnValue:
    try:
        actions.ask(session, actor, now, case, chosen("supervisor"), keys.new_nonce())
    except Refused as refused:
        return _own(session, actor, now, sentence(refused)), 422
    flash(gettext("A mail asks for the signature."), "good")
    return redirect(url_for("logbook.own"), 303)


@act(logbook, "/record/logbook/requests/<id:request_id>/take-back", may="log")
def take_back(session: Session, actor: Actor, now: datetime, request_id: int) -> ResponseReturnValue:
    try:
        actions.take_back(session, actor, now, request_id)
    except Refused as refused:
        return _own(session, actor, now, sentence(refused)), 422
    flash(gettext("It is taken back. The record keeps both."), "good")
    return redirect(url_for("logbook.own"), 303)
