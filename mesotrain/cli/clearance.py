"""`mesotrain clearance`: whether somebody may perform a procedure, where and on which day, and why."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from mesotrain.cli.check import FORM
from mesotrain.cli.person import at_address
from mesotrain.cli.serve import reading
from mesotrain.core import clearance as core
from mesotrain.core.clearance import REASONS, STOPPED, TRANSITIONAL, Reason
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import clearance as store
from mesotrain.store import people
from mesotrain.store.db import db
from mesotrain.web import create_app

Day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("person")
@click.argument("procedure")
@click.option("--clinic", metavar="NAME", help="Only at this clinic; every one they ever worked at unless said.")
@click.option("--at", "on", type=Day, metavar="DAY", help="On this day, such as 2027-03-12; today unless said.")
@click.option("--known-at", metavar="TIME", help="As recorded by this moment, such as 2027-03-12T09:30:00Z.")
@FORM
def clearance(
    person: str, procedure: str, clinic: str | None, on: datetime | None, known_at: str | None, form: str
) -> None:
    """Says whether the PERSON at this address may perform a PROCEDURE, by its name in a scheme, and why.

    A past answer never changes by what is recorded later, as long as `--known-at` is said: the evidence, the rules and
    what named people said are taken as they were recorded by then.
    """
    app = create_app()
    moment, now = _moment(known_at), app.extensions["clock"]()
    day = on.date() if on else None
    answers = reading(app, lambda: list(_answers(db.session(), person, procedure, clinic, day, moment, now)))
    if not answers:
        raise Refused("%(person)s never worked at such a clinic.", person=person)
    click.echo(json.dumps(answers, ensure_ascii=False, indent=2) if form == "json" else "\n".join(map(_said, answers)))


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("“%(text)s” is no moment; write one such as 2027-03-12T09:30:00Z.", text=text or "") from error
    if found and found.tzinfo is None:
        raise Refused("Say in which zone that is: 2027-03-12T09:30:00Z is in UTC.")
    return found


Answer = dict[str, Any]


def _answers(
    session: Session,
    address: str,
    procedure: str,
    clinic: str | None,
    on: date | None,
    known_at: datetime | None,
    now: datetime,
) -> Iterator[Answer]:
    """The answer at each clinic, by organisation and name."""
    who, at = at_address(session, address), store.when(session, now, known_at)
    unknown = True
    for organisation in people.organisations_of(session, who.id):
        day = on or day_of(known_at or now, organisation.zone)
        asked = [one for one in store.procedures(session, organisation.id, at) if one.procedure.name == procedure]
        unknown = unknown and not asked
        known = store.known(session, organisation.id, organisation.zone, [who.id], at)[who.id]
        for place in people.clinics(session, organisation.id):
            if place.name != clinic if clinic else place.id not in known.worked:
                continue
            for one in asked:
                found, called = core.clearance(known.facts(one, place.id), day), known.called(one)
                yield {
                    "person": who.email,
                    "procedure": f"{one.course_name}/{procedure}",
                    "organisation": organisation.name,
                    "clinic": place.name,
                    "on": day.isoformat(),
                    "known_at": known_at.astimezone(UTC).isoformat() if known_at else None,
                    "answer": found.answer,
                    "until": found.until.isoformat() if found.until else None,
                    "conditions": list(found.conditions),
                    "reasons": [asdict(reason) | {"says": _says(reason, called)} for reason in found.reasons],
                }
    if unknown:
        raise NotFound("No scheme speaks of a procedure called %(name)s.", name=procedure)


def _says(reason: Reason, called: Mapping[str, str]) -> str:
    sentence = REASONS.get(reason.code, f"The status is: {reason.code}.")
    if reason.code in (STOPPED, TRANSITIONAL):
        return f"{sentence} {reason.about}"
    return f"{called.get(reason.about, reason.about)}: {sentence}" if reason.about else sentence


def _said(answer: Answer) -> str:
    until = f", until {answer['until']}" if answer["until"] else ""
    lines = [f"{answer['clinic']}, {answer['organisation']}, on {answer['on']}: {answer['answer']}{until}"]
    for one in answer["reasons"]:
        condition = f" ({one['condition']})" if one["condition"] else ""
        lines.append(f"  {one['answer']}: {one['says']}{condition}")
    return "\n".join(lines)
