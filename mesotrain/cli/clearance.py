"""`mesotrain clearance`: whether somebody may perform a procedure, where and on which day, and why."""

import json

import click

from mesotrain.cli.check import FORM
from mesotrain.cli.person import at_address
from mesotrain.cli.serve import reading
from mesotrain.core.errors import Refused
from mesotrain.store import people, privacy
from mesotrain.store.db import db
from mesotrain.web import create_app
from mesotrain.web.answers import Answer, Question, answers, day, moment


@click.command()
@click.argument("person")
@click.argument("procedure")
@click.option("--clinic", metavar="NAME", default="", help="At this clinic; at every one they ever worked at, else.")
@click.option("--at", "on", metavar="DAY", default="", help="On this day, such as 2027-03-12; today unless said.")
@click.option("--known-at", metavar="TIME", default="", help="As recorded by then, such as 2027-03-12T09:30:00Z.")
@FORM
def clearance(person: str, procedure: str, clinic: str, on: str, known_at: str, form: str) -> None:
    """Says whether the PERSON at this address may perform a PROCEDURE, by its name in a scheme, why, and what now.

    A past answer never changes by what is recorded later, as long as `--known-at` is said: the evidence, the rules and
    what named people said are taken as they were recorded by then.
    """
    app, question = create_app(), Question(procedure, clinic, day(on), moment(known_at))

    def ask() -> list[Answer]:
        who = at_address(db.session(), person)
        belonged = people.organisations_of(db.session(), who.id)
        places = [one for one in belonged if not privacy.is_erased(db.session(), one.id, who.id)]
        return list(answers(db.session(), places, who, question, app.extensions["clock"]()))

    found = reading(app, ask)
    if not found:
        raise Refused("%(person)s never worked at such a clinic.", person=person)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if form == "json" else "\n".join(map(_said, found)))


def _said(answer: Answer) -> str:
    until = f", until before {answer['until']}" if answer["until"] else ""
    lines = [f"{answer['clinic']}, {answer['organisation']}, on {answer['on']}: {answer['answer']}{until}"]
    if answer["then"]:
        asked = "; ".join(one["says"] for one in answer["then"])
        lines.append(f"  then the rule of {answer['until']} asks for: {asked}")
    for one in answer["reasons"]:
        condition = f" ({one['condition']})" if one["condition"] else ""
        lines.append(f"  {one['answer']}: {one['says']}{condition}")
        lines += [f"    until before {one['until']}"] if one["until"] else []
        lines += [f"    {piece['says']}" for piece in one["evidence"]]
    way = answer["way"] or {"acts": [], "bars": []}
    if way["acts"]:
        lines += [f"  what now: {way['says']}", *(f"    {one['whose']}: {one['says']}" for one in way["acts"])]
    if way["bars"]:
        lines.append(f"  what now: nothing they learn or show helps as long as this is so: {', '.join(way['bars'])}")
    return "\n".join(lines)
