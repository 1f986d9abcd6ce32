"""Keeping the clinics of an organisation. None is taken out: records say where they were made."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core import names
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.errors import Refused
from mesotrain.store import clinics as store
from mesotrain.store.events import Said, record
from mesotrain.store.people import Clinic


def add(session: Session, actor: Actor, now: datetime, name: str) -> int:
    """A new clinic; gives its id. Raises Refused for a name that another has."""
    name = _free(session, actor, name)
    row = Clinic(organisation_id=actor.organisation, name=name)
    session.add(row)
    session.flush()
    record(session, now, Said("clinic.added", actor.organisation, actor.commitment, "", {"clinic": row.id}))
    return row.id


def rename(session: Session, actor: Actor, now: datetime, number: int, name: str) -> None:
    """Gives a clinic another name. Raises Refused for one that another clinic has."""
    row = store.clinic(session, actor, number)
    name = _free(session, actor, name, number)
    if row.name != name:
        facts: dict[str, Json] = {"clinic": row.id, "was": row.name}
        row.name = name
        record(session, now, Said("clinic.renamed", actor.organisation, actor.commitment, "", facts))


def _free(session: Session, actor: Actor, name: str, but: int | None = None) -> str:
    """The name, tidied. Raises Refused for what is no name of a clinic, and where another clinic is called so."""
    name = names.of_clinic(name)
    for number, known in store.names(session, actor).items():
        if number != but and names.alike(known) == names.alike(name):
            raise Refused("There is a clinic called %(name)s already.", name=known)
    return name
