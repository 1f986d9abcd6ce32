"""Inviting people, and joining by the link that was mailed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.actions import people as joining
from mesotrain.core import names
from mesotrain.core.access import ADMINISTRATOR, Actor, Held
from mesotrain.core.accounts import INVITATION, SENT_AGAIN
from mesotrain.core.errors import Ended, Refused
from mesotrain.store import invitations as store
from mesotrain.store import people, privacy
from mesotrain.store.db import Collision
from mesotrain.store.events import Said, record
from mesotrain.store.invitations import OPEN, WITHDRAWN, Invitation

ERASED = "The record of %(email)s here was erased, so that address cannot come back. Invite another address of theirs."
USED = (
    "This invitation has been used, withdrawn or replaced, or is too old. If you have just joined by it, sign in; "
    "otherwise ask whoever invited you for another."
)


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
    erasure = privacy.erasures_of(session, actor.organisation, [email]).get(email)
    if erasure and erasure.done_at:
        raise Refused(ERASED, email=email)
    joining.check_roles(session, actor.organisation, roles)
    earlier = [one.id for one in store.invitations_to(session, actor.organisation, [email])]
    return invite_all(session, actor, now, [opened(now, actor, email, name, roles, nonce)], earlier)[0]


def invite_all(
    session: Session, actor: Actor, now: datetime, rows: Sequence[dict[str, Any]], earlier: Sequence[int]
) -> Sequence[int]:
    """Invites people by what `opened` gave, and gives the invitations; the `earlier` ones are good no more.

    Raises Collision where somebody else invited one of them, or one of them joined, since `earlier` was read.
    """
    gone = store.withdraw_all(session, earlier, now)
    made = store.add_all(session, rows)
    if (len(gone), len(made)) != (len(earlier), len(rows)):
        raise Collision
    told = [("invitation.withdrawn", sorted(gone)), ("person.invited", sorted(made))]
    events = [
        Said(kind, actor.organisation, actor.commitment, "", {"invitation": number})
        for kind, numbers in told
        for number in numbers
    ]
    if events:
        record(session, now, *events)
    return made


def found(session: Session, now: datetime, organisation: int, email: str, name: str, locale: str, nonce: str) -> int:
    """Invites the first administrator of an organisation, by whoever runs the installation; gives the invitation."""
    facts = {"organisation_id": organisation, "locale": locale, "invited_by": None}
    row = Invitation(**_open(now, email.strip().lower(), names.check(name), [(ADMINISTRATOR, None)], nonce), **facts)
    session.add(row)
    session.flush()
    return row.id


def opened(now: datetime, actor: Actor, email: str, name: str, roles: Sequence[Held], nonce: str) -> dict[str, Any]:
    """The columns of an invitation by the actor."""
    facts = {"organisation_id": actor.organisation, "locale": actor.locale, "invited_by": actor.person}
    return _open(now, email, name, roles, nonce) | facts


def _open(now: datetime, email: str, name: str, roles: Sequence[Held], nonce: str) -> dict[str, Any]:
    until = now + INVITATION
    known = {"email": email, "name": name, "roles": store.as_kept(roles), "nonce": nonce}
    return known | {"made_at": now, "ends_at": until, "state": OPEN}


def send_again(session: Session, actor: Actor, now: datetime, number: int, nonce: str) -> bool:
    """Mails an invitation once more; the link mailed before is good no more. False where it has just been sent."""
    row = store.invited(session, actor, number)
    if now - row.sent_at < SENT_AGAIN:
        return False
    row.nonce, row.ends_at = nonce, now + INVITATION
    record(session, now, Said("person.invited", actor.organisation, actor.commitment, "", {"invitation": row.id}))
    return True


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
    """Makes the account of somebody who is invited and has none, or none they can sign in to since an erasure began.

    Joins, and gives the person.
    """
    row = invitation(session, now, number, nonce)
    person = people.by_email(session, row.email)
    if person and not person.password_hash:
        person.name, person.password_hash = name, password_hash
    else:
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
