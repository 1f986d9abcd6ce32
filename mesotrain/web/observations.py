"""Observing others by a form: whom and by which, the form itself on a phone, and what somebody signs of it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import observations as actions
from mesotrain.core import observations as core
from mesotrain.core.access import Actor
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Ended, NotFound, Refused, TooMany
from mesotrain.core.observations import MARKS, MEANINGS
from mesotrain.core.patients import MAY_NAME
from mesotrain.store import forms, people, supervisors
from mesotrain.store import observations as store
from mesotrain.store.clearance import when
from mesotrain.store.observations import Begun
from mesotrain.web import gate, keys, proofs
from mesotrain.web.errors import STATUS
from mesotrain.web.forms import is_text, number
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.observed import FACES, MARKED, WHERE, rows, steps
from mesotrain.web.supervision import RECENT, signing
from mesotrain.web.words import gettext, sentence

observations = Blueprint("observations", __name__)

SAID = "said"
"""The one field that each part of a form has."""
NEWER = "Another window said something else here since. It is shown now."


@page(observations, "/observations", may="log")
def desk(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _desk(session, actor, now)


def _desk(session: Session, actor: Actor, now: datetime, refused: Refused | None = None, back: int = 0) -> str:
    """What the actor observed; `back` is the one that was not taken back, for it was `refused`."""
    return render_template(
        "observations/desk.html",
        wrong=sentence(refused) if refused else "",
        doubtful=refused is not None and refused.sentence == MAY_NAME,
        back=back,
        said=request.form,
        begun=[_begun(one) for one in store.drafts(session, actor)],
        observed=rows(session, actor, now, store.by_observer(session, actor.organisation, actor.person, RECENT)),
        most=core.MOST_WORDS,
    )


def _begun(one: Begun) -> dict[str, Any]:
    row = one.row
    return {"key": row.key, "title": one.form.title, "trainee": one.trainee, "day": row.day, "clinic": one.clinic}


@page(observations, "/observations/new", may="log")
def new(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _new(session, actor, now)


def _new(session: Session, actor: Actor, now: datetime, wrong: str = "") -> str:
    places, choices = (
        {one.id: one.name for one in people.clinics(session, actor.organisation)},
        _choices(session, actor, now),
    )
    found = store.candidates(session, actor.organisation, {clinic for clinic, _ in choices})
    return render_template(
        "observations/new.html",
        wrong=wrong,
        said=request.form,
        forms=[
            (
                f"{clinic}/{one.course}/{one.procedure}/{one.form.name}",
                gettext(
                    "%(form)s: %(procedure)s, %(clinic)s",
                    form=one.form.title,
                    procedure=one.title,
                    clinic=places[clinic],
                ),
            )
            for clinic, one in choices
        ],
        trainees=[
            (one.person, gettext("%(name)s, %(clinic)s", name=one.name, clinic=places[one.clinic]))
            for one in found
            if one.person != actor.person
        ],
    )


def _choices(session: Session, actor: Actor, now: datetime) -> list[tuple[int, forms.Usable]]:
    """(clinic, form) of what the actor may observe today."""
    today = day_of(now, actor.organisation_zone)
    said = {who: said for (who, _), said in supervisors.supervisors(session, actor.organisation).items()}
    usable = forms.usable(session, actor.organisation, when(session, now, None, today, actor.organisation_zone))
    return [
        (place.id, one)
        for place in people.clinics(session, actor.organisation)
        for one in usable
        if supervisors.may_supervise(said.get(actor.person, ()), place.id, (one.course, one.procedure), today)
    ]


@act(observations, "/observations/new", may="log")
def begin(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    key = keys.new_nonce()
    try:
        actions.begin(session, actor, now, _chosen(), key)
    except Refused as refused:
        return _new(session, actor, now, sentence(refused)), 422
    return redirect(url_for("observations.mark", key=key), 303)


def _chosen() -> actions.Chosen:
    """What the form says. Raises Refused where nothing is chosen, and NotFound for what is none."""
    said, who = request.form.get("form", ""), request.form.get("trainee", "")
    if not said or not who:
        raise Refused("Choose one in each list.")
    clinic, course, procedure, form = (said.split("/") + [""] * 4)[:4]
    numbers = [number(one) for one in (who, clinic, course)]
    person, place, of = (one or 0 for one in numbers)
    return actions.Chosen(person, place, of, procedure, form)


@page(observations, "/observations/drafts/<key>", may="log")
def mark(session: Session, actor: Actor, now: datetime, key: str) -> ResponseReturnValue:
    found = _draft(session, actor, key)
    return _mark(found) if found else redirect(url_for("observations.desk"), 303)


def _draft(session: Session, actor: Actor, key: str) -> Begun | None:
    """A draft of the actor's; None where it was signed. Raises NotFound for any other."""
    try:
        return store.draft(session, actor, key)
    except NotFound:
        if store.signed_from(session, actor, key):
            return None
        raise


def _mark(begun: Begun, wrong: str = "", note: str | None = None) -> str:
    """The form; `note` is one that was refused, as it was written."""
    row, form = begun.row, begun.form
    return render_template(
        "observations/mark.html",
        wrong=wrong,
        draft=_begun(begun),
        where=gettext(WHERE[form.where]),
        steps=[(part, one, row.value(part)) for part, one in enumerate(form.steps, 1)],
        marks=[(one, gettext(MARKED[one])) for one in MARKS],
        ratings=list(enumerate(form.ratings, 1)),
        rated=row.value(form.parts - 1),
        words=row.value(form.parts) if note is None else note,
        parts=form.parts,
        seen={part: row.saved(part) for part in range(1, form.parts + 1)},
        most=core.MOST_WORDS,
    )


@act(observations, "/observations/drafts/<key>/parts/<id:part>", may="log", method="PUT")
def save(session: Session, actor: Actor, now: datetime, key: str, part: int) -> ResponseReturnValue:
    """One part, as soon as it is said; in the words of a sitting's page."""
    match request.get_json(silent=True):
        case {"op": str(operation), "fields": {"said": list(values)}, **rest} if (
            8 <= len(operation) <= 64
            and all(is_text(one) and "\0" not in one for one in values)
            and isinstance(seen := rest.get("seen"), int | None)
        ):
            try:
                done = actions.save(session, actor, now, key, part, operation, "".join(values[:1]), seen)
            except (NotFound, Ended):
                return {}, STATUS[Ended]
            if done.newer is not None:
                fields = {SAID: [done.newer] if done.newer else []}
                return {"newer": done.sequence, "fields": fields, "error": gettext(NEWER)}, STATUS[Refused]
            return {"saved": done.sequence, "note": None}
    raise Refused("Your browser sent a save that could not be read. Reload the page and try again.")


@act(observations, "/observations/drafts/<key>", may="log")
def save_all(session: Session, actor: Actor, now: datetime, key: str) -> ResponseReturnValue:
    """The page as it is sent whole, with script or without; then what it comes to."""
    begun = _draft(session, actor, key)
    if begun is None:
        return redirect(url_for("observations.desk"), 303)
    parts, note = begun.form.parts, request.form.get(f"{begun.form.parts}.{SAID}", "").replace("\r\n", "\n")
    said = {
        part: (number(request.form.get(f"{part}.seen", "")) or 0, request.form.get(f"{part}.{SAID}", ""))
        for part in range(1, parts + 1)
    }
    try:
        actions.save_all(session, actor, now, key, said, note)
    except Refused as refused:
        return _mark(store.draft(session, actor, key), sentence(refused), note), 422
    return redirect(url_for("observations.look", key=key), 303)


@page(observations, "/observations/drafts/<key>/sign", may="log")
def look(session: Session, actor: Actor, now: datetime, key: str) -> ResponseReturnValue:
    found = _draft(session, actor, key)
    return _look(found, actor, now) if found else redirect(url_for("observations.desk"), 303)


def _look(begun: Begun, actor: Actor, now: datetime, refused: Refused | TooMany | None = None) -> str:
    form, said = begun.form, begun.form.marked(begun.row.value)
    result = form.result(said.marks, said.rating)
    return render_template(
        "observations/sign.html",
        wrong=sentence(refused) if refused else "",
        doubtful=refused is not None and refused.sentence == MAY_NAME,
        draft=_begun(begun),
        whole=result.whole,
        face=tuple(map(gettext, FACES[result.outcome])),
        outcome=result.outcome,
        meaning=gettext(MEANINGS[result.outcome]),
        unmarked=[one.words for one in result.unmarked],
        unrated=not said.rating,
        missed=[one.words for one in result.missed],
        unseen=[one.words for one in result.unseen],
        low=0 < said.rating < form.least,
        steps=steps(form, said.marks),
        rating=form.ratings[said.rating - 1] if said.rating else "",
        needed=form.ratings[form.least - 1],
        words=said.words,
        shown=actions.shown(begun.row),
        **signing(actor, now),
    )


@step(observations, "/observations/drafts/<key>/sign", may="log")
def sign(session: Session, actor: Actor, now: datetime, key: str) -> ResponseReturnValue:
    """Signs what stands there, once they proved who they are."""
    found = gate.unit(lambda: _draft(session, actor, key))
    if found is None:
        return redirect(url_for("observations.desk"), 303)
    try:
        proof = proofs.signing(session, actor, actor.person, now)
        shown, nameless = request.form.get("shown", ""), "nameless" in request.form
        gate.unit(lambda: actions.sign(session, actor, now, key, shown, proof, nameless))
    except (Refused, TooMany) as refused:
        why = refused
        return gate.unit(lambda: _look(store.draft(session, actor, key), actor, now, why)), 422
    flash(gettext("It is signed and kept, and a mail tells whom you observed."), "good")
    return redirect(url_for("observations.desk"), 303)


@act(observations, "/observations/drafts/<key>/discard", may="log")
def discard(session: Session, actor: Actor, now: datetime, key: str) -> ResponseReturnValue:
    actions.discard(session, actor, now, key)
    flash(gettext("What was marked is not kept."), "good")
    return redirect(url_for("observations.desk"), 303)


@act(observations, "/observations/<id:observation>/withdraw", may="log")
def withdraw(session: Session, actor: Actor, now: datetime, observation: int) -> ResponseReturnValue:
    """Takes back what the actor signed."""
    try:
        nameless = "nameless" in request.form
        actions.withdraw(session, actor, now, observation, request.form.get("reason", ""), nameless=nameless)
    except Refused as refused:
        return _desk(session, actor, now, refused, observation), 422
    flash(gettext("It is taken back. The record keeps both."), "good")
    return redirect(url_for("observations.desk"), 303)
