"""The manager's table of any day, past or to come: who holds what then, as it was recorded by any moment, and why."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.clearance import sources
from mesotrain.core.competence import LAPSED, STATES, standing
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.store import clearance as store
from mesotrain.store import people, team
from mesotrain.store.clearance import Known
from mesotrain.store.team import Trainee, Wanted
from mesotrain.web.answers import named
from mesotrain.web.clearance import when
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages
from mesotrain.web.team import PEOPLE_A_PAGE
from mesotrain.web.team import named as places
from mesotrain.web.words import day as day_in_words
from mesotrain.web.words import gettext, sentence

statuses = Blueprint("statuses", __name__)


@page(statuses, "/team/statuses", may="team")
def table(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    """A day's statuses of the people of today and, of a past day, of those who have left since."""
    clinics, _ = team.choices(session, actor, people.SEEING)
    today = day_of(now, actor.organisation_zone)
    chosen = {name: request.args.get(name) for name in ("q", "competency", "on", "known")}
    clinic = request.args.get("clinic", type=int)
    wanted = Wanted([one for one in clinics if clinic in (None, one)], [], list(clinics), (chosen["q"] or "")[:100])
    shown: dict[str, Any] = {"on": today, "fault": "", "rows": [], "titles": [], "count": 0, "every": {}}
    number = max(request.args.get("page", 1, type=int), 1)
    try:
        on, known_at = when(actor, today)
        at = store.when(session, now, known_at, on, actor.organisation_zone)
        found = team.page(session, actor, min(on, today), wanted, number, PEOPLE_A_PAGE)
        known = store.known(session, actor.organisation, actor.organisation_zone, [one.id for one in found.people], at)
        titles = next((one.titles for one in known.values()), {})
        every = {f"{course}/{code}": title for (course, code), title in titles.items()}
        wished = [which for which, name in zip(titles, every, strict=True) if chosen["competency"] in (None, "", name)]
        shown |= {
            "on": on,
            "every": every,
            "titles": [titles[which] for which in wished],
            "rows": [_row(one, known[one.id], wished, clinics, on) for one in found.people],
            "count": found.count,
        }
        number = found.number
    except Refused as refused:
        shown["fault"] = sentence(refused)
    return render_template(
        "team/statuses.html",
        **shown,
        chosen=chosen,
        clinic=clinic,
        clinics=clinics,
        pages=pages("statuses.table", number, shown["count"], PEOPLE_A_PAGE, clinic=clinic, **chosen),
    )


def _row(
    one: Trainee, known: Known, wished: Iterable[tuple[int, str]], clinics: Mapping[int, str], on: date
) -> dict[str, Any]:
    return {
        "name": one.name,
        "url": url_for("clearance.of", person=one.id, on=request.args.get("on"), known=request.args.get("known")),
        "clinics": places(clinics, one.places),
        "cells": [_cell(known, which, on) for which in wished],
    }


def _cell(known: Known, which: tuple[int, str], on: date) -> dict[str, Any]:
    """What a status was on a day, and the evidence it rested on."""
    now_ = standing(known.standings[which], on)
    history, rule = known.histories[which]
    rests_on = rule.rests_on([piece for piece in history if piece.day <= on])
    return {
        "label": gettext(STATES[now_.state].label),
        "tone": STATES[now_.state].tone,
        "expires": now_.expires,
        "lapsed": now_.state in LAPSED,
        "why": [named(piece, gettext, day_in_words) for piece in sources(rests_on, known.named)],
    }
