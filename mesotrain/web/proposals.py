"""Proposals to suspend or revoke a certificate: one on its page, for whoever can confirm it and whoever made it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import proposals as actions
from mesotrain.actions.assertions import MOST_WORDS
from mesotrain.core.access import Actor, allows
from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused, TooMany
from mesotrain.core.proposals import ALONE, CONFIRMED, LAPSED, REFUSED, WAITING, WITHDRAWN
from mesotrain.store import people
from mesotrain.store import proposals as store
from mesotrain.store.clearance import certificate_titles
from mesotrain.store.outsiders import asked
from mesotrain.store.proposals import Entry
from mesotrain.web import gate, proofs
from mesotrain.web.gate import act, page, step
from mesotrain.web.links import url_for
from mesotrain.web.words import day, gettext, sentence

proposals = Blueprint("proposals", __name__)

WHAT = {SUSPENDED: "To be suspended: %(title)s", REVOKED: "To be revoked: %(title)s"}
FACES = {
    WAITING: ("Waits for a second person", "due"),
    CONFIRMED: ("Confirmed", "stop"),
    ALONE: ("No second person", "due"),
    REFUSED: ("Refused", "none"),
    WITHDRAWN: ("Taken back", "none"),
    LAPSED: ("Lapsed: nobody confirmed it in time", "none"),
}
"""What each state of a proposal is called, and its tone."""
DONE = {
    CONFIRMED: "It is confirmed and counts from now on, and they are told.",
    REFUSED: "It is refused, and who proposed it is told.",
    ALONE: "It counts from now on, and every answer says that there was no second person.",
}


def told(one: Entry, called: Mapping[tuple[int, str], str], now: datetime, zone: str) -> dict[str, Any]:
    """A proposal as a page shows it."""
    row, ended = one.row, one.decision
    label, tone = FACES[one.state(day_of(now, zone))]
    title = called.get((row.course_id, row.about), row.about)
    return {
        "id": row.id,
        "person": one.person,
        "title": gettext(WHAT[row.kind], title=title),
        "face": (gettext(label), tone),
        "reason": row.reason,
        "by": one.by,
        "at": one.at,
        "ends": row.ends_on,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "words": ended.words if ended else "",
    }


def to_confirm(session: Session, actor: Actor, now: datetime) -> list[tuple[str, str, str]]:
    """(what, why, where) of each proposal that waits for a second person, who can be the actor."""
    if not allows("clear", actor):
        return []
    found = store.waiting_for(session, actor, day_of(now, actor.organisation_zone))
    called = certificate_titles(session, actor.organisation, now) if found else {}
    return [
        (
            told(one, called, now, actor.organisation_zone)["title"],
            gettext(
                "%(name)s proposes it of %(person)s. It lapses on %(day)s.",
                name=one.by, person=one.person, day=day(one.row.ends_on),
            ),
            url_for("proposals.one", number=one.row.id),
        )
        for one in found
    ]  # fmt: skip


@page(proposals, "/proposals/<id:number>", may="clear")
def one(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    return one_page(session, actor, now, number)


def seen(session: Session, actor: Actor, number: int) -> Entry:
    """A proposal about another who is a trainee of a clinic the actor manages. Raises NotFound for any other."""
    found = store.proposal(session, actor.organisation, number)
    about = found.row.person_id
    if about == actor.person or about not in people.trainees(session, actor, [about]):
        raise NotFound
    return found


def one_page(session: Session, actor: Actor, now: datetime, number: int, wrong: str = "") -> str:
    """A proposal for whoever made it or can confirm it, with what is wrong of what was just said."""
    found = seen(session, actor, number)
    row, waits = found.row, found.state(day_of(now, actor.organisation_zone)) == WAITING
    return render_template(
        "proposals/one.html",
        proposal=told(found, certificate_titles(session, actor.organisation, now), now, actor.organisation_zone),
        person=row.person_id,
        wrong=wrong,
        said=request.form,
        waits=waits,
        mine=row.proposed_by == actor.person,
        asked=asked(session, number) if waits else None,
        seconds=[session.get_one(people.Person, one).name for one in store.seconds(session, row)] if waits else [],
        most=MOST_WORDS,
        **proofs.asked(actor, now),
    )


@step(proposals, "/proposals/<id:number>", may="clear")
def answer(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    """Confirms or refuses it, or lets one's own stand alone, signed."""
    gate.unit(lambda: seen(session, actor, number))
    try:
        proof = proofs.signing(session, actor, actor.person, now)
        gate.unit(lambda: _answer(session, actor, now, number, proof))
    except (Refused, TooMany) as refused:
        wrong = sentence(refused)
        return gate.unit(lambda: one_page(session, actor, now, number, wrong)), 422
    flash(gettext(DONE[request.form["answer"]]), "good")
    return redirect(url_for("proposals.one", number=number), 303)


def _answer(session: Session, actor: Actor, now: datetime, number: int, proof: str) -> None:
    match request.form.get("answer"):
        case "confirmed":
            actions.confirm(session, actor, now, number, proof)
        case "refused":
            actions.refuse(session, actor, now, number, request.form.get("reason", ""), proof)
        case "alone":
            actions.let_stand(session, actor, now, number, proof)
        case _:
            raise Refused("Choose what you answer.")


@act(proposals, "/proposals/<id:number>/withdraw", may="clear")
def withdraw(session: Session, actor: Actor, now: datetime, number: int) -> ResponseReturnValue:
    seen(session, actor, number)
    actions.withdraw(session, actor, now, number)
    flash(gettext("It is taken back. The record keeps both."), "good")
    return redirect(url_for("proposals.one", number=number), 303)
