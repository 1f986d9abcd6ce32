"""The clinics of an organisation, as its administrators keep them."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store.events import Event
from mesotrain.store.people import Clinic, Member, Organisation, Role


class Counted(NamedTuple):
    """A clinic, and how many members hold a role in it."""

    id: int
    name: str
    people: int


def counted(session: Session, actor: Actor) -> Sequence[Counted]:
    """The clinics of the actor's organisation, by name."""
    holding = (
        select(Role.clinic_id, func.count(Role.person_id.distinct()).label("people"))
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.organisation_id == actor.organisation, Member.ended_on.is_(None))
        .group_by(Role.clinic_id)
        .subquery()
    )
    found = (
        select(Clinic.id, Clinic.name, func.coalesce(holding.c.people, 0))
        .outerjoin(holding, holding.c.clinic_id == Clinic.id)
        .where(Clinic.organisation_id == actor.organisation)
        .order_by(func.lower(Clinic.name), Clinic.id)
    )
    return [Counted(*row) for row in session.execute(found)]


def clinic(session: Session, actor: Actor, number: int, *, lock: bool = False) -> Clinic:
    """A clinic of the actor's organisation. Raises NotFound for any other. `lock`: no other unit of work has it."""
    named = select(Clinic).where(Clinic.id == number, Clinic.organisation_id == actor.organisation)
    found = session.scalar(named.with_for_update() if lock else named)
    if found is None:
        raise NotFound
    return found


def renamed(session: Session, organisation: int, position: int) -> dict[int, str]:
    """What each clinic of an organisation that has another name now was called at a position of the log."""
    since = select(Event.body).where(
        Event.organisation_id == organisation,
        Event.subject == "",
        Event.kind == "clinic.renamed",
        Event.position > position,
    )
    told = [json.loads(body)["facts"] for body in session.scalars(since.order_by(Event.position.desc()))]
    return {facts["clinic"]: facts["was"] for facts in told if "was" in facts}


def names(session: Session, actor: Actor) -> dict[int, str]:
    """What the clinics are called; whoever would change that meanwhile waits for this unit of work."""
    session.execute(select(Organisation.id).where(Organisation.id == actor.organisation).with_for_update())
    rows = session.execute(select(Clinic.id, Clinic.name).where(Clinic.organisation_id == actor.organisation))
    return {row.id: row.name for row in rows}
