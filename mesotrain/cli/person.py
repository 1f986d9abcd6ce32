"""What is kept of a person, by terminal: a copy of it, and its erasure."""

import json
from collections.abc import Callable

import click
from flask import Flask
from sqlalchemy.orm import Session

from mesotrain.actions import privacy as actions
from mesotrain.cli.serve import reading, within
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.privacy import AT_ONCE, KINDS, LATER, NAMELESS, kept_until
from mesotrain.store import copies, people
from mesotrain.store import privacy as store
from mesotrain.store.db import db
from mesotrain.web import create_app


@click.group()
def person() -> None:
    """What is kept of a person."""


@person.command()
@click.argument("address")
def export(address: str) -> None:
    """Prints all that is kept of the person at ADDRESS, as JSON."""
    copied = reading(create_app(), lambda: copies.copy_of(db.session(), at_address(db.session(), address)))
    click.echo(json.dumps(copied, ensure_ascii=False, indent=2))


@person.command()
@click.argument("address")
@click.option("--organisation", metavar="NAME", help="Only the record of this organisation; every one unless said.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(address: str, organisation: str | None, yes: bool) -> None:
    """Erases the person at ADDRESS, who has left: what must be kept stays until its day and is named first."""
    app = create_app()
    click.echo(reading(app, lambda: _plan(app, address, organisation)))
    if yes or click.confirm("Erase them?"):
        click.echo(within(app, _erasing(app, address, organisation)))


def at_address(session: Session, address: str) -> people.Person:
    """The person with this address. Raises NotFound where there is none."""
    found = people.by_email(session, address)
    if found is None:
        raise NotFound("Nobody has the address %(address)s; who was erased has none.", address=address)
    return found


def _places(session: Session, address: str, organisation: str | None) -> list[tuple[people.Member, str]]:
    """Where somebody's record is to be erased, with the names of the organisations."""
    only = people.organisation_named(session, organisation).id if organisation else None
    found = [
        (member, session.get_one(people.Organisation, member.organisation_id).name)
        for member, erasure in store.memberships(session, at_address(session, address).id)
        if not (erasure and erasure.done_at) and only in (None, member.organisation_id)
    ]
    if not found:
        raise Refused("%(address)s has no record there.", address=address)
    return found


def _plan(app: Flask, address: str, organisation: str | None) -> str:
    session, lines = db.session(), []
    for member, name in _places(session, address, organisation):
        day = actions.erasable(session, member.organisation_id, member.person_id)
        until = kept_until(day, app.config["RECORD_YEARS"])
        goes = {AT_ONCE: "goes at once", LATER: f"stays until {until}", NAMELESS: "stays, without a name"}
        lines += [f"{name}, left on {day}:", *(f"  {goes[one.goes]}: {one.says}. {one.why}." for one in KINDS.values())]
    return "\n".join(lines)


def _erasing(app: Flask, address: str, organisation: str | None) -> Callable[[], str]:
    def work() -> str:
        session, now, said = db.session(), app.extensions["clock"](), []
        for member, name in _places(session, address, organisation):
            where = (member.organisation_id, member.person_id, app.config["RECORD_YEARS"])
            done = actions.erase(session, now, *where, by="")
            said.append(f"{name}: erased." if done.done_at else f"{name}: the record stays until {done.due_on}.")
        return "\n".join(said)

    return work
