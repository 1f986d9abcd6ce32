"""Asking somebody from outside to be the second person of one proposal, and what they answer by the mailed link."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.actions import people as joining
from mesotrain.actions import proposals
from mesotrain.core import names
from mesotrain.core.access import Actor
from mesotrain.core.accounts import LINK
from mesotrain.core.errors import Refused
from mesotrain.store import outsiders as store
from mesotrain.store import people
from mesotrain.store import proposals as proposed
from mesotrain.store.events import Said, record
from mesotrain.store.outsiders import Outsider


def ask(session: Session, actor: Actor, now: datetime, number: int, email: str, nonce: str) -> int:
    """Mails somebody a link by which they decide one's own proposal; who was asked before decides it no more.

    Raises Refused where somebody here can confirm it, and for the address of whom it is about or who made it; and as
    `proposals.withdraw` does.
    """
    row, email = proposals.own(session, actor, now, number), email.strip().lower()
    if proposed.seconds(session, row):
        raise Refused("There is somebody who can confirm this: another manager of theirs.")
    known = people.by_email(session, email)
    if known and known.id in (row.person_id, row.proposed_by):
        raise Refused("Ask somebody else: neither whoever proposed it nor whom it is about confirms it.")
    asked = Outsider(
        organisation_id=actor.organisation,
        proposal_id=row.id,
        email=email,
        nonce=nonce,
        asked_by=actor.person,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    record(session, now, Said("outsider.asked", actor.organisation, actor.commitment, "", {"outsider": asked.id}))
    return asked.id


def answer(
    session: Session, now: datetime, number: int, nonce: str, name: str, salt: bytes, *, agrees: bool, reason: str = ""
) -> None:
    """Whoever was asked says who they are, and confirms or refuses what was proposed; the link answers once.

    Raises NotFound for another link, Ended for what waits no more, Refused without a name and as `proposals.confirm`
    and `proposals.refuse` do.
    """
    row = store.by_link(session, number, nonce)
    place = session.get_one(people.Organisation, row.organisation_id)
    locale = session.get_one(people.Person, row.asked_by).locale
    said = names.check(name), f"outsider-{row.id}", "", salt, locale, place.zone
    person = people.by_email(session, said[1]) or joining.create_person(session, *said)
    row.person_id = person.id
    actor = Actor(
        person.id, place.id, place.name, place.zone, person.name, person.commitment, place.zone, person.locale
    )
    proposals.decide_from_outside(session, actor, now, row.proposal_id, LINK, agrees=agrees, reason=reason)
