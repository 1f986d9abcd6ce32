"""A record as people read it: each competency with its status, why, and the evidence; and one's own, to keep."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, flash, json, redirect, render_template
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from sqlalchemy.orm import Session

from mesotrain.actions import privacy as actions
from mesotrain.core.access import Actor
from mesotrain.core.competence import (
    CURRENT,
    EXPIRED,
    IN_GRACE,
    IN_PROGRESS,
    LAPSED,
    NOT_STARTED,
    PASSED,
    RENEWAL_OPEN,
    STATES,
    Span,
    Standing,
    standing,
)
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.grading import percent
from mesotrain.core.privacy import KINDS, kept_until
from mesotrain.store import adjustments, assertions, competence, copies, people, privacy
from mesotrain.store.catalogue import Taught
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.words import day, gettext, sentence

record = Blueprint("record", __name__)

WHAT = {"quiz passed": "Quiz passed", "quiz not passed": "Quiz not passed"}
WHAT_EXAM = {"quiz passed": "Exam passed", "quiz not passed": "Exam not passed"}

WHY = {
    NOT_STARTED: "Nothing is recorded yet. It begins with the module's quiz.",
    IN_PROGRESS: "The quiz was sat and not passed. Passing it gives %(months)s months.",
    CURRENT: "The quiz was passed on %(since)s. A pass holds for %(months)s months, until %(expiry)s.",
    RENEWAL_OPEN: "The last pass ends on %(expiry)s. Passing the quiz again now renews it.",
    IN_GRACE: "The last pass ended on %(expiry)s. It is within its %(grace)s days of grace.",
    EXPIRED: "The last pass ended on %(expiry)s. Passing the quiz again makes it current.",
}
WHY_EXAM = {
    IN_PROGRESS: "“%(title)s” was sat and not passed. Passing it gives %(months)s months.",
    CURRENT: "“%(title)s” was passed on %(since)s. A pass holds for %(months)s months, until %(expiry)s.",
    RENEWAL_OPEN: "The last pass, of “%(title)s”, ends on %(expiry)s. Passing again now renews it.",
    IN_GRACE: "The last pass, of “%(title)s”, ended on %(expiry)s. It is within its %(grace)s days of grace.",
    EXPIRED: "The last pass, of “%(title)s”, ended on %(expiry)s. Passing again makes it current.",
}
"""The same where what decides it is an exam."""


class Piece(NamedTuple):
    """A piece of evidence as people read it."""

    what: str
    day: date
    score: str
    asserted_by: str
    module_title: str
    rests_on: str
    sequence: int


class Stands(NamedTuple):
    """Where somebody stands in a competency as people read it."""

    competency: int
    title: str
    state: str
    label: str
    tone: str
    since: date | None
    until: date | None
    why: str
    evidence: list[Piece]


def standings(
    session: Session, actor: Actor, person: int, now: datetime, learnt: Mapping[int, list[assertions.Said]]
) -> list[Stands]:
    """Where somebody stands in every competency the actor's organisation teaches, why, and what it rests on.

    What they have begun comes first. `learnt` is what they learnt elsewhere, by competency.
    """
    on = day_of(now, actor.organisation_zone)
    found = [
        _standing(one, spans, on, file, learnt.get(one.id, []))
        for one, spans, file in competence.record_of(session, actor.organisation, person, on)
    ]
    return sorted(found, key=lambda one: one.state == NOT_STARTED)


def _standing(
    taught: Taught, spans: list[Span], on: date, file: list[competence.Filed], learnt: list[assertions.Said]
) -> Stands:
    now_ = standing(spans, on)
    state = STATES[now_.state]
    return Stands(
        competency=taught.id,
        title=taught.title,
        state=now_.state,
        label=gettext(state.label),
        tone=state.tone,
        since=now_.since,
        until=None if now_.state in LAPSED else now_.expires,
        why=_why(now_, taught, file),
        evidence=[*map(_evidence, file), *map(_elsewhere, learnt)],
    )


def _why(now_: Standing, taught: Taught, file: list[competence.Filed]) -> str:
    counted = [row for row in file if row.withdrawn is None]
    passes = [row for row in counted if row.kind == PASSED]
    decides = max(passes or counted, key=lambda row: (row.day, row.sequence), default=None)
    why = WHY_EXAM if decides and decides.exam else WHY
    facts = {
        "title": decides.module_title if decides else "",
        "since": day(decides.day) if decides else "",
        "expiry": day(now_.expires) if now_.expires else "",
        "months": taught.valid_months,
        "grace": taught.grace_days,
    }
    return gettext(why[now_.state], **facts)


def _evidence(row: competence.Filed) -> Piece:
    share = percent(Fraction(row.earned), Fraction(row.possible)) if row.earned and row.possible else None
    what = gettext((WHAT_EXAM if row.exam else WHAT)[row.kind])
    return Piece(
        what=gettext("%(what)s, withdrawn: %(why)s", what=what, why=row.withdrawn) if row.withdrawn else what,
        day=row.day,
        asserted_by=row.asserter or gettext("Mesotrain, by marking"),
        module_title=row.module_title or "",
        score=f"{share}%" if share is not None else "",
        rests_on=row.module[:12],
        sequence=row.sequence,
    )


def _elsewhere(one: assertions.Said) -> Piece:
    """What was learnt elsewhere, which counts for clearance alone."""
    what = gettext("Learnt elsewhere, for clearance alone")
    back = gettext("%(what)s, withdrawn: %(why)s", what=what, why=one.retracted_for) if one.until else what
    return Piece(
        what=back,
        day=one.row.start_day,
        asserted_by=one.by,
        module_title=one.row.reason,
        score="",
        rests_on="",
        sequence=one.row.sequence,
    )


@page(record, "/record", may="account")
def own(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _own(session, actor, now, "")


def _own(session: Session, actor: Actor, now: datetime, wrong: str) -> str:
    years = current_app.config["RECORD_YEARS"]
    belonged = privacy.memberships(session, actor.person)
    here, begun = next((row, erasure) for row, erasure in belonged if row.organisation_id == actor.organisation)
    return render_template(
        "record/own.html",
        standings=standings(
            session, actor, actor.person, now, assertions.learnt(session, actor.organisation, actor.person)
        ),
        arranged=adjustments.newest(session, actor.organisation, actor.person),
        left=here.ended_on,
        until=kept_until(here.ended_on, years) if here.ended_on else None,
        begun=begun,
        held=privacy.hold(session, actor.organisation, actor.person) if here.ended_on else None,
        other=privacy.goes_on_as(session, actor.organisation, actor.person),
        suspended=here.suspended,
        still=[one.name for one in people.memberships(session, actor.person)],
        kinds=KINDS,
        years=years,
        wrong=wrong,
    )


def file(content: Any, name: str) -> Response:
    """A copy of a record as a file to keep."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=False)
    headers = {"Content-Disposition": f"attachment; filename={name}.json"}
    return Response(text, mimetype="application/json", headers=headers)


@page(record, "/record.json", may="account", fresh=True)
def copy(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    """All that is kept of oneself, in every organisation."""
    return file(copies.copy_of(session, session.get_one(people.Person, actor.person)), "mesotrain-record")


@act(record, "/record/erase", may="account", fresh=True)
def erase(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    try:
        actions.erase_oneself(session, actor, now, current_app.config["RECORD_YEARS"])
    except Refused as refused:
        return _own(session, actor, now, sentence(refused)), 409
    logout_user()
    cookie.clear()
    flash(gettext("You are erased. What has to be kept of you stays without you being able to sign in."), "good")
    return redirect(url_for("accounts.sign_in"), 303)
