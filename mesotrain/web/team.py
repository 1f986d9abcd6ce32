"""What a clinic manager sees: who holds what, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import ROLES, Actor
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
from mesotrain.core.grading import percent
from mesotrain.store import catalogue, competence, people
from mesotrain.store.courses import CompetencyRule
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.words import day, gettext

team = Blueprint("team", __name__)

PEOPLE_A_PAGE = 25

WHAT = {"quiz passed": "Quiz passed", "quiz not passed": "Quiz not passed"}

WHY = {
    NOT_STARTED: "Nothing is recorded yet. It begins with the module's quiz.",
    IN_PROGRESS: "The quiz was sat and not passed. Passing it gives %(months)s months.",
    CURRENT: "The quiz was passed on %(since)s. A pass holds for %(months)s months, until %(expiry)s.",
    RENEWAL_OPEN: "The last pass ends on %(expiry)s. Passing the quiz again now renews it.",
    IN_GRACE: "The last pass ended on %(expiry)s. It is within its %(grace)s days of grace.",
    EXPIRED: "The last pass ended on %(expiry)s. Passing the quiz again makes it current.",
}


@dataclass(frozen=True)
class Cell:
    """One person in one competency."""

    state: str
    tone: str
    since: date | None
    until: date | None
    url: str


@page(team, "/team", may="team")
def table(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    on = day_of(now, actor.organisation_zone)
    clinics = people.managed_clinics(session, actor)
    clinic = request.args.get("clinic", type=int)
    state = request.args.get("state", "")
    name = request.args.get("q", "").strip()[:100]
    chosen = [one.id for one in clinics if clinic in (None, one.id)]
    current = max(request.args.get("page", 1, type=int), 1)
    found, count = people.team_page(
        session,
        actor,
        chosen,
        name=name,
        among=competence.stands(actor.organisation, on, state) if state in STATES else None,
        skip=(min(current, 10**6) - 1) * PEOPLE_A_PAGE,
        most=PEOPLE_A_PAGE,
    )
    ids = [person for person, _ in found]
    roles = people.roles_of(session, actor, ids)
    competencies = catalogue.live_competencies(session, actor)
    spans = competence.spans_of(session, actor.organisation, ids)
    rows = [
        {
            "name": person_name,
            "url": url_for("team.person", person_id=person),
            "clinics": [place for role, place in roles[person] if role == "trainee" and place],
            "cells": [_cell(person, code, spans.get((person, one), []), on) for one, code, _ in competencies],
        }
        for person, person_name in found
    ]
    return render_template(
        "team/table.html",
        competencies=[(code, rule.title) for _, code, rule in competencies],
        people=rows,
        clinics=[(one.id, one.name, one.id == clinic) for one in clinics],
        states=[(value, gettext(one.label), value == state) for value, one in STATES.items()],
        query=name,
        pages=_pages(current, count),
        count=count,
    )


def _cell(person: int, code: str, spans: list[Span], on: date) -> Cell:
    now_ = standing(spans, on)
    state = STATES[now_.state]
    url = url_for("team.person", person_id=person, _anchor=code)
    lapsed = now_.state in LAPSED
    return Cell(
        gettext(state.label), state.tone, now_.expires if lapsed else None, None if lapsed else now_.expires, url
    )


def _pages(current: int, count: int) -> dict[str, Any]:
    total = max(-(-count // PEOPLE_A_PAGE), 1)
    q, clinic, state = (request.args.get(name) or None for name in ("q", "clinic", "state"))

    def link(number: int) -> str | None:
        return url_for("team.table", page=number, q=q, clinic=clinic, state=state) if 1 <= number <= total else None

    return {"current": current, "total": total, "previous": link(current - 1), "next": link(current + 1)}


@page(team, "/team/<id:person_id>", may="team")
def person(session: Session, actor: Actor, now: datetime, person_id: int) -> ResponseReturnValue:
    who = people.trainee(session, actor, person_id)
    roles = people.roles_of(session, actor, [who.id])[who.id]
    spans = competence.spans_of(session, actor.organisation, [who.id])
    file = competence.file_of(session, actor.organisation, who.id)
    on = day_of(now, actor.organisation_zone)
    return render_template(
        "team/person.html",
        person={
            "name": who.name,
            "clinics": sorted({place for _, place in roles if place}),
            "roles": [gettext(ROLES[role]) for role in sorted({role for role, _ in roles})],
        },
        standings=[
            _standing(
                code, rule, spans.get((who.id, one), []), on, [row for row in file if row.evidence.competency_id == one]
            )
            for one, code, rule in catalogue.live_competencies(session, actor)
        ],
    )


def _standing(
    code: str, rule: CompetencyRule, spans: list[Span], on: date, file: list[competence.Filed]
) -> dict[str, Any]:
    now_ = standing(spans, on)
    state = STATES[now_.state]
    return {
        "competency": code,
        "title": rule.title,
        "label": gettext(state.label),
        "tone": state.tone,
        "since": now_.since,
        "until": None if now_.state in LAPSED else now_.expires,
        "why": _why(now_, rule, file),
        "evidence": [_evidence(row) for row in file],
    }


def _why(now_: Standing, rule: CompetencyRule, file: list[competence.Filed]) -> str:
    passes = [row.evidence.day for row in file if row.evidence.kind == PASSED and row.withdrawn is None]
    facts = {
        "since": day(max(passes)) if passes else "",
        "expiry": day(now_.expires) if now_.expires else "",
        "months": rule.valid_months,
        "grace": rule.grace_days,
    }
    return gettext(WHY[now_.state], **facts)


def _evidence(row: competence.Filed) -> dict[str, Any]:
    one, asserter, module, score, withdrawn = row
    share = percent(Fraction(score["earned"]), Fraction(score["possible"])) if score else None
    what = gettext(WHAT[one.kind])
    return {
        "what": gettext("%(what)s, withdrawn: %(why)s", what=what, why=withdrawn) if withdrawn else what,
        "day": one.day,
        "asserted_by": asserter or gettext("Mesotrain, by marking"),
        "module_title": module or "",
        "score": f"{share}%" if share is not None else "",
        "rests_on": one.rests_on["module"][:12],
        "sequence": one.sequence,
    }
