"""Clearance, asked and shown: of a person or a clinic, on any day, as recorded by any moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import assertions as actions
from mesotrain.core import clearance as core
from mesotrain.core.access import Actor, allows
from mesotrain.core.assertions import (
    DOCUMENT,
    LEARNT,
    OF_CERTIFICATES,
    OFFER,
    PROOFS,
    STOP,
    SUPERVISE,
    TRANSITION,
    USE,
    in_force,
)
from mesotrain.core.clearance import CLEARED, CONDITIONAL, NOT_CLEARED, UNKNOWN
from mesotrain.core.dates import day_of, months_after
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import assertions as said
from mesotrain.store import clearance as store
from mesotrain.store import people, privacy, team
from mesotrain.store.clearance import Asked, Known
from mesotrain.store.coming import turning
from mesotrain.store.team import Wanted, choices
from mesotrain.web.answers import WHAT, conditions, named, says
from mesotrain.web.answers import day as day_said
from mesotrain.web.answers import moment as moment_said
from mesotrain.web.gate import now as moment_of
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages
from mesotrain.web.team import PEOPLE_A_PAGE
from mesotrain.web.ways import Case, Ways, ways
from mesotrain.web.words import day as day_in_words
from mesotrain.web.words import gettext, sentence

clearance = Blueprint("clearance", __name__)

ANSWERS = {
    CLEARED: ("Cleared", "good"),
    CONDITIONAL: ("Conditional", "due"),
    NOT_CLEARED: ("Not cleared", "stop"),
    UNKNOWN: ("Unknown", "none"),
}


def face(answer: str) -> tuple[str, str]:
    """(label, tone) of an answer."""
    label, tone = ANSWERS[answer]
    return gettext(label), tone


def shown(found: core.Clearance) -> tuple[str, str]:
    """The same of a whole answer: a transitional clearance is always shown as such."""
    label, tone = face(found.answer)
    return (gettext("Cleared for a time"), tone) if found.answer == CLEARED and found.transitional else (label, tone)


# One person -----------------------------------------------------------------------------------------------------------


@page(clearance, "/team/<id:person>/clearance", may="team")
def of(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return person_page(session, actor, person)


@page(clearance, "/record/clearance", may="account")
def own(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    """What one may do oneself, at every clinic, and what was said of one; whoever has left sees it, too."""
    clinics = {one.id: one.name for one in people.clinics(session, actor.organisation)}
    asked = _asked(session, actor, actor.person, clinics)
    return render_template("clearance/own.html", **asked.shown(session, actor, actor.person, clinics))


def person_page(session: Session, actor: Actor, person: int, wrong: str = "") -> str:
    """What somebody may do, and what was said of them; with what is wrong of what was just said."""
    privacy.not_erased(session, actor.organisation, person)
    who, left = team.trainee_ever(session, actor, person)
    clinics, _ = choices(session, actor, people.SEEING)
    asked = _asked(session, actor, person, clinics)
    speaks = allows("clear", actor) and person != actor.person and left is None
    managed, _ = choices(session, actor, people.MANAGING) if speaks else ({}, None)

    def backs(number: int) -> str:
        return url_for("assertions.take_back", person=person, number=number)

    return render_template(
        "clearance/person.html",
        **asked.shown(session, actor, person, clinics),
        who=who,
        left=left,
        today=asked.today,
        wrong=wrong,
        procedures=_options(asked.procedures),
        documents=_options(asked.documents),
        prior=_options(asked.prior),
        backs=backs if speaks else None,
        managed=managed,
        everywhere=people.managed(actor, people.MANAGING)[0],
        latest=months_after(asked.today, actions.LONGEST_TRANSITION),
        longest=months_after(asked.today, actions.LONGEST_APPOINTMENT),
        most=actions.MOST_WORDS,
        half=actions.MOST_WORDS // 2 - 1,
    )


@dataclass(frozen=True)
class _Answered:
    """What was asked of a person, and the answers by clinic; none where the question had a `fault`."""

    today: date
    on: date
    asked: Sequence[Asked]
    answers: Sequence[dict[str, Any]]
    titles: Mapping[tuple[int, str], str] = field(default_factory=dict)
    fault: str = ""

    @property
    def procedures(self) -> dict[tuple[int, str], str]:
        return {(one.course, one.procedure.name): one.procedure.title for one in self.asked}

    @property
    def documents(self) -> dict[tuple[int, str], str]:
        """Also those that will be asked for: they are shown before."""
        coming = [(one.course, one.coming.scheme) for one in self.asked if one.coming]
        schemes = [*coming, *((one.course, one.scheme) for one in self.asked)]
        return {(course, of.name): of.title for course, scheme in schemes for of in scheme.documents}

    @property
    def prior(self) -> dict[tuple[int, str], str]:
        """The competencies for which what was learnt elsewhere counts."""
        codes = {(one.course, of.code) for one in self.asked for of in one.prior}
        return {which: self.titles.get(which, which[1]) for which in sorted(codes)}

    @property
    def certificates(self) -> dict[tuple[int, str], str]:
        return {(one.course, of.name): of.title for one in self.asked for of in one.scheme.certificates}

    def shown(self, session: Session, actor: Actor, person: int, clinics: Mapping[int, str]) -> dict[str, Any]:
        """What the page of a person and their own one have in common."""
        rows = said.said(session, actor.organisation, person)
        called = dict.fromkeys((STOP, TRANSITION, SUPERVISE), self.procedures) | {
            DOCUMENT: self.documents,
            LEARNT: self.prior,
        }
        called |= dict.fromkeys(OF_CERTIFICATES, self.certificates)
        told = {"on": self.on, "fault": self.fault, "answers": self.answers}
        return told | {"spoken": spoken(rows, clinics, called)}


def _asked(session: Session, actor: Actor, person: int, clinics: Mapping[int, str]) -> _Answered:
    """What the address asks of a person, answered."""
    today = day_of(moment_of(), actor.organisation_zone)
    try:
        on, known_at = when(actor, today)
        at = store.when(session, moment_of(), known_at, on, actor.organisation_zone)
    except Refused as refused:
        return _Answered(today, today, (), (), fault=sentence(refused))
    asked = store.procedures(session, actor.organisation, at)
    known = store.known(session, actor.organisation, actor.organisation_zone, [person], at)
    open_ = known_at is None and on >= today and allows("learn", actor)
    ahead = ways(session, actor, [person], on, moment_of()) if open_ else None
    answered = list(_answers(person, known[person], asked, clinics, on, ahead))
    return _Answered(today, on, asked, answered, known[person].titles)


def _options(called: Mapping[tuple[int, str], str]) -> list[tuple[str, str]]:
    """(what a form sends, title) of documents or procedures; `_which` reads it."""
    return [(f"{course}/{name}", title) for (course, name), title in called.items()]


def when(actor: Actor, today: date) -> tuple[date, datetime | None]:
    """The day asked about and the moment by which it was recorded. Raises Refused for what is neither."""
    on, known = day_said(request.args.get("on", "")), request.args.get("known", "")
    return on or today, moment_said(known, actor.organisation_zone)


def _answers(
    person: int, known: Known, asked: Sequence[Asked], clinics: Mapping[int, str], on: date, ahead: Ways | None
) -> Iterator[dict[str, Any]]:
    """By clinic in which the person ever worked what they may do there, as far as it is offered."""
    for clinic, name in clinics.items():
        if clinic not in known.worked:
            continue
        facts = [(one, known.facts(one, clinic)) for one in asked]
        offered = [(one, fact) for one, fact in facts if in_force(fact.offered, on)]
        yield {
            "clinic": name,
            "in_use": bool(facts) and facts[0][1].in_use is not None and facts[0][1].in_use <= on,
            "procedures": [
                _answer(
                    _case(person, known, one, clinic),
                    fact,
                    core.clearance(fact, on),
                    ahead,
                )
                for one, fact in offered
            ],
            "not_offered": [one.procedure.title for one, fact in facts if (one, fact) not in offered],
        }


def _case(person: int, known: Known, asked: Asked, clinic: int) -> Case:
    return Case(person, asked, clinic, known.called(asked), known.certificates(asked.course))


def _answer(case: Case, facts: core.Facts, found: core.Clearance, ahead: Ways | None) -> dict[str, Any]:
    return {
        "title": case.asked.procedure.title,
        "rule": case.asked.since,
        "way": ahead.cell(case, facts, found) if ahead else {},
        "face": shown(found),
        "until": found.until,
        "then": [says(one, case.called, gettext, day_in_words) for one in found.then],
        "conditions": conditions(found, gettext),
        "reasons": [
            {
                "face": (gettext("In order"), "good") if one.answer == CLEARED else face(one.answer),
                "says": says(one, case.called, gettext, day_in_words),
                "until": one.until,
                "evidence": [named(piece, gettext, day_in_words) for piece in one.evidence],
            }
            for one in found.reasons
        ],
    }


def spoken(
    rows: Any, clinics: Mapping[int, str], called: Mapping[str, Mapping[tuple[int, str], str]]
) -> list[dict[str, Any]]:
    """What was said, the newest first, for whoever may see it: of another's clinics nothing."""
    return [
        {
            "id": one.row.id,
            "what": gettext(WHAT[one.row.kind]),
            "about": called.get(one.row.kind, {}).get((one.row.course_id, one.row.about), one.row.about),
            "lot": one.row.lot,
            "stop": one.row.sequence if one.row.kind == STOP else 0,
            "clinic": clinics.get(one.row.clinic_id, ""),
            "reason": one.row.reason,
            "start": one.row.start_day,
            "end": one.row.end_day,
            "by": one.by,
            "alone": one.row.alone,
            "at": one.at,
            "until": one.until,
            "never": one.until == one.row.start_day,
            "retracted_by": one.retracted_by,
            "retracted_for": one.retracted_for,
            "open": one.until is None and one.row.kind not in (USE, *OF_CERTIFICATES),
            "of_all": one.row.clinic_id is None and one.row.kind not in PROOFS,
        }
        for one in rows
        if one.row.clinic_id is None or one.row.clinic_id in clinics
    ]


# One clinic -----------------------------------------------------------------------------------------------------------


@page(clearance, "/clearance", may="team")
def clinics(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    seen, _ = choices(session, actor, people.SEEING)
    on, rows = day_of(now, actor.organisation_zone), said.said(session, actor.organisation, None)
    open_ = [one.row for one in rows if one.until is None]
    used = {row.clinic_id: row.start_day for row in open_ if row.kind == USE}
    offered = [row.clinic_id for row in open_ if row.kind == OFFER]
    return render_template(
        "clearance/clinics.html",
        on=on,
        clinics=[(number, name, used.get(number), offered.count(number)) for number, name in seen.items()],
    )


@page(clearance, "/clearance/<id:clinic>", may="team")
def at(session: Session, actor: Actor, now: datetime, clinic: int) -> ResponseReturnValue:
    return clinic_page(session, actor, clinic)


def clinic_page(session: Session, actor: Actor, clinic: int, wrong: str = "") -> str:
    """What a clinic offers and relies on, and what was said of it."""
    seen, _ = choices(session, actor, people.SEEING)
    if clinic not in seen:
        raise NotFound
    today = day_of(moment_of(), actor.organisation_zone)
    at = store.when(session, moment_of(), None)
    asked = store.procedures(session, actor.organisation, at)
    titles = store.competencies(session, actor.organisation, at)
    rows = [one for one in said.said(session, actor.organisation, None) if one.row.clinic_id in (None, clinic)]
    open_ = [one.row for one in rows if one.until is None]
    by = {kind: {(row.course_id, row.about): row for row in open_ if row.kind == kind} for kind in (OFFER, STOP)}
    called = {(one.course, one.procedure.name): one.procedure.title for one in asked}
    managed, _ = choices(session, actor, people.MANAGING) if allows("clear", actor) else ({}, None)
    turns = [one.coming.day for one in turning(asked, by[OFFER]) if one.coming]

    def backs(number: int) -> str:
        return url_for("assertions.end", clinic=clinic, number=number)

    return render_template(
        "clearance/clinic.html",
        clinic={"id": clinic, "name": seen[clinic]},
        today=today,
        wrong=wrong,
        turns=min(turns, default=None),
        used=next((row.start_day for row in open_ if row.kind == USE), None),
        procedures=[
            (
                one,
                by[OFFER].get((one.course, one.procedure.name)),
                by[STOP].get((one.course, one.procedure.name)),
                [titles.get((one.course, code), code) for code in one.procedure.competencies],
                [of.title for of in one.scheme.documents if of.name in one.procedure.documents],
            )
            for one in asked
        ],
        manages=clinic in managed,
        everywhere=people.managed(actor, people.MANAGING)[0],
        backs=backs if clinic in managed else None,
        spoken=spoken(rows, seen, {OFFER: called, STOP: called}),
        most=actions.MOST_WORDS,
    )


@page(clearance, "/clearance/<id:clinic>/people", may="team")
def table(session: Session, actor: Actor, now: datetime, clinic: int) -> ResponseReturnValue:
    """Who of a clinic may do what there: its people by the page, and every procedure it offers on that day.

    Of a past day they are the people of today and those who have left since.
    """
    seen, _ = choices(session, actor, people.SEEING)
    if clinic not in seen:
        raise NotFound
    today, looked_for = day_of(now, actor.organisation_zone), request.args.get("q", "")[:100]
    chosen = {name: request.args.get(name) for name in ("q", "on", "known")}
    on, fault, rows, offered, count, number = today, "", [], list[Asked](), 0, 1
    try:
        on, known_at = when(actor, today)
        at = store.when(session, now, known_at, on, actor.organisation_zone)
        number = max(request.args.get("page", 1, type=int), 1)
        found = team.page(
            session, actor, min(on, today), Wanted([clinic], [], [clinic], looked_for), number, PEOPLE_A_PAGE
        )
        shown_of = [one.id for one in found.people]
        known = store.known(session, actor.organisation, actor.organisation_zone, shown_of, at, [clinic])
        asked, count, number = store.procedures(session, actor.organisation, at), found.count, found.number
        ahead = ways(session, actor, shown_of, on, now) if known_at is None and on >= today else None
        rows = [(one, list(_cells(one.id, known[one.id], asked, clinic, on, ahead))) for one in found.people]
        offered = [cell["asked"] for cell in rows[0][1]] if rows else []
    except Refused as refused:
        fault = sentence(refused)
    return render_template(
        "clearance/table.html",
        clinic={"id": clinic, "name": seen[clinic]},
        on=on,
        fault=fault,
        rows=rows,
        offered=offered,
        count=count,
        chosen=chosen,
        pages=pages("clearance.table", number, count, PEOPLE_A_PAGE, clinic=clinic, **chosen),
    )


def _cells(
    person: int, known: Known, asked: list[Asked], clinic: int, on: date, ahead: Ways | None
) -> Iterator[dict[str, Any]]:
    """The answer about each procedure that the clinic offers on that day."""
    for one in asked:
        facts = known.facts(one, clinic)
        if in_force(facts.offered, on):
            found, case = (
                core.clearance(facts, on),
                _case(person, known, one, clinic),
            )
            way = ahead.cell(case, facts, found) if ahead else {}
            told = {"answer": found, "conditions": conditions(found, gettext)}
            yield {"asked": one, "face": shown(found), "way": way, **told}
