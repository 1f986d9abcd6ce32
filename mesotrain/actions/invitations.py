"""Inviting people, and joining by the link that was mailed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.actions import people as joining
from mesotrain.core.access import ADMINISTRATOR, Actor, Held
from mesotrain.core.accounts import INVITATION
from mesotrain.core.errors import Ended, Refused
from mesotrain.store import invitations as store
from mesotrain.store import people
from mesotrain.store.events import Said, record
from mesotrain.store.invitations import OPEN, WITHDRAWN, Invitation

USED = "This invitation has been used, withdrawn or replaced, or is too old. Ask whoever invited you for another."


def invite(
    session: Session, actor: Actor, now: datetime, email: str, name: str, roles: Sequence[Held], nonce: str
) -> int:
    """Mails somebody a link by which they join the actor's organisation; gives the invitation.

    An earlier invitation to the same address is good no more. Raises Refused for a member, and for roles that cannot
    be held.
    """
    email = email.strip().lower()
    person = people.by_email(session, email)
    if person and actor.organisation in {one.id for one in people.memberships(session, person.id)}:
        raise Refused("%(email)s belongs to your organisation already. Change their roles instead.", email=email)
    joining.check_roles(session, actor.organisation, roles)
    earlier = store.invitation_to(session, actor.organisation, email)
    if earlier:
        _withdraw(session, actor, now, earlier)
        session.flush()
    row = _invitation(now, actor.organisation, email, name, roles, nonce)
    row.invited_by, row.locale = actor.person, actor.locale
    session.add(row)
    session.flush()
    record(session, now, Said("person.invited", actor.organisation, actor.commitment, "", {"invitation": row.id}))
    return row.id


def found(session: Session, now: datetime, organisation: int, email: str, name: str, locale: str, nonce: str) -> int:
    """Invites the first administrator of an organisation, by whoever runs the installation; gives the invitation."""
    row = _invitation(now, organisation, email.strip().lower(), name, [(ADMINISTRATOR, None)], nonce)
    row.locale = locale
    session.add(row)
    session.flush()
    return row.id


def _invitation(
    now: datetime, organisation: int, email: str, name: str, roles: Sequence[Held], nonce: str
) -> Invitation:
    return Invitation(
        organisation_id=organisation,
        email=email,
        name=name,
        roles=[list(one) for one in sorted(roles, key=str)],
        nonce=nonce,
        made_at=now,
        ends_at=now + INVITATION,
        state=OPEN,
    )


def send_again(session: Session, actor: Actor, now: datetime, number: int, nonce: str) -> None:
    """Mails an invitation once more; the link mailed before is good no more."""
    row = store.invited(session, actor, number)
    row.nonce, row.ends_at = nonce, now + INVITATION
    record(session, now, Said("person.invited", actor.organisation, actor.commitment, "", {"invitation": row.id}))


def withdraw(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """The link that was mailed is good no more."""
    _withdraw(session, actor, now, store.invited(session, actor, number))


def _withdraw(session: Session, actor: Actor, now: datetime, row: Invitation) -> None:
    row.state, row.closed_at = WITHDRAWN, now
    said = Said("invitation.withdrawn", row.organisation_id, actor.commitment, "", {"invitation": row.id})
    record(session, now, said)


def invitation(session: Session, now: datetime, number: int, nonce: str) -> Invitation:
    """The invitation a link leads to. Raises Ended where it is good no more."""
    found = store.invitation(session, number, nonce, now)
    if found is None:
        raise Ended(USED)
    return found


def join_with_new_account(
    session: Session, now: datetime, number: int, nonce: str, name: str, password_hash: str, salt: bytes
) -> int:
    """Makes the account of somebody who is invited and has none, and joins; gives the person."""
    row = invitation(session, now, number, nonce)
    zone = session.get_one(people.Organisation, row.organisation_id).zone
    person = joining.create_person(session, name, row.email, password_hash, salt, row.locale, zone)
    _join(session, now, row, person)
    return person.id


def join(session: Session, actor: Actor, now: datetime, number: int, nonce: str) -> None:
    """Joins with the account one has. Raises Refused where the invitation is to another address."""
    row = invitation(session, now, number, nonce)
    person = session.get_one(people.Person, actor.person)
    if person.email != row.email:
        raise Refused("This invitation is to %(email)s, and you are signed in with another address.", email=row.email)
    _join(session, now, row, person)


def _join(session: Session, now: datetime, row: Invitation, person: people.Person) -> None:
    if not store.use(session, row, person.id, now):
        raise Ended(USED)
    who, roles = person.commitment, [(role, clinic) for role, clinic in row.roles]
    joining.join(session, now, row.organisation_id, person, roles)
    record(session, now, Said("invitation.accepted", row.organisation_id, who, who, {"invitation": row.id}))
