"""Signing in and out, and changing what proves who one is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.accounts import LINKS, LINKS_WITHIN, MOST_LINKS, RECOVERY_CODES, Limit
from mesotrain.core.errors import Ended, NotFound, Refused, TooMany
from mesotrain.store import accounts as store
from mesotrain.store import people
from mesotrain.store.accounts import Authenticator, Link, SignIn
from mesotrain.store.events import Said, record

WRONG = "That e-mail address and password do not belong together. Check both and try again."
SLOWLY = "There were too many tries. Nothing is locked: wait a minute, then try again."
TOO_SHORT = (
    "Without a second factor a password needs at least %(least)s characters, and this one has fewer. "
    "We have mailed you a link to choose another."
)
NO_CODE = "This is not the code of this moment, nor an unused recovery code. Wait for the next code and try again."
USED_LINK = (
    "This link has been used, was replaced by a later one, or is too old. If you have just used it, it worked; "
    "otherwise ask for a new one."
)


def guess(session: Session, now: datetime, about: Sequence[tuple[str, Limit]]) -> list[int]:
    """Counts a try at a secret before it is made, about each of these; to be forgiven when it was right.

    Raises TooMany, counting nothing, where one of them has had its number of tries.
    """
    for one, limit in sorted(about):
        if store.guesses(session, one, now - limit.within) >= limit.most:
            raise TooMany(SLOWLY)
    return store.guess(session, [one for one, _ in about], now)


def sign_in(
    session: Session, now: datetime, person: int, token_digest: str, hours: int, factors: int = 1, browser: str = ""
) -> None:
    """Opens a sign-in for a person who proved who they are, where they worked last if they still may.

    Raises Refused for a member of nowhere.
    """
    organisations = people.organisations_of(session, person, store.worked_last(session, person))
    if not organisations:
        raise Refused("Your account belongs to no organisation. Ask whoever invited you.")
    organisation = organisations[0].id
    session.add(
        SignIn(
            token_digest=token_digest,
            organisation_id=organisation,
            person_id=person,
            opened_at=now,
            ends_at=now + timedelta(hours=hours),
            proved_at=now,
            factors=factors,
            browser=browser,
        )
    )
    who = session.get_one(people.Person, person).commitment
    record(session, now, Said("sign-in.opened", organisation, who, who, {}))


def prove(session: Session, actor: Actor, now: datetime, old_digest: str, new_digest: str, factors: int) -> None:
    """The actor proved again who they are: the sign-in goes on under another token."""
    store.prove_sign_in(session, old_digest, new_digest, now, max(factors, actor.factors))


def sign_out(session: Session, actor: Actor, now: datetime, token_digest: str) -> None:
    """Closes this sign-in for good, whoever still holds its cookie."""
    store.close_sign_in(session, token_digest, now)
    record(session, now, Said("sign-in.closed", actor.organisation, actor.commitment, actor.commitment, {}))


def sign_out_everywhere(session: Session, actor: Actor, now: datetime, token_digest: str, device: str) -> None:
    """Closes every other sign-in and forgets every other device; no address that was asked for is taken any more."""
    store.close_sign_ins(session, actor.person, now, but=token_digest)
    store.close_links(session, actor.person, "email", now)
    store.forget_devices(session, actor.person, but=device)
    _say(session, actor, now, "sign-in.closed-elsewhere")


def change_organisation(session: Session, actor: Actor, token_digest: str, organisation: int) -> None:
    """Goes on in another of the actor's organisations. Raises NotFound for one that is not."""
    if organisation not in {one.id for one in people.memberships(session, actor.person)}:
        raise NotFound
    store.move_sign_in(session, token_digest, organisation)


def ask_for_password(session: Session, now: datetime, email: str, nonce: str) -> None:
    """Mails somebody who forgot their password a link; nobody learns from it whether there is such an account.

    Whom an erasure left none to forget gets no link.
    """
    person = people.by_email(session, email)
    if person is not None and person.password_hash:
        _link(session, now, person, "password", person.email, nonce)


def ask_for_email(session: Session, actor: Actor, now: datetime, email: str, nonce: str) -> None:
    """Mails a link to the address the actor would take. Who already has it learns that somebody asked, nobody else."""
    person = session.get_one(people.Person, actor.person)
    store.close_links(session, person.id, "email", now)
    _link(session, now, person, "email", email.strip().lower(), nonce)


def _link(session: Session, now: datetime, person: people.Person, kind: str, email: str, nonce: str) -> None:
    if store.links_since(session, person.id, now - LINKS_WITHIN) >= MOST_LINKS:
        return
    ends_at = now + LINKS[kind]
    row = Link(kind=kind, person_id=person.id, email=email, was=person.email, nonce=nonce, made_at=now, ends_at=ends_at)
    session.add(row)
    session.flush()
    record(session, now, Said("link.asked", None, "", person.commitment, {"link": row.id, "kind": kind}))


def link(session: Session, now: datetime, kind: str, number: int, nonce: str) -> Link:
    """The link that was mailed, while it is good. Raises Ended for any other."""
    found = store.link(session, number, nonce, now)
    if found is None or found.kind != kind:
        raise Ended(USED_LINK)
    return found


def _use(session: Session, now: datetime, kind: str, number: int, nonce: str) -> Link:
    found = link(session, now, kind, number, nonce)
    if not store.use_link(session, number, now):
        raise Ended(USED_LINK)
    return found


def choose_password(session: Session, now: datetime, number: int, nonce: str, password_hash: str) -> None:
    """Takes a new password by a mailed link. Whoever was signed in with the old one is so no more."""
    found = _use(session, now, "password", number, nonce)
    _set_password(session, now, session.get_one(people.Person, found.person_id), password_hash)
    store.close_sign_ins(session, found.person_id, now)
    store.forget_devices(session, found.person_id)


def change_password(session: Session, actor: Actor, now: datetime, password_hash: str, token_digest: str) -> None:
    """Takes a new password; every other sign-in ends."""
    _set_password(session, now, session.get_one(people.Person, actor.person), password_hash)
    store.close_sign_ins(session, actor.person, now, but=token_digest)


def _set_password(session: Session, now: datetime, person: people.Person, password_hash: str) -> None:
    person.password_hash = password_hash
    for kind in LINKS:
        store.close_links(session, person.id, kind, now)
    record(session, now, Said("password.changed", None, person.commitment, person.commitment, {}))


def take_email(session: Session, now: datetime, number: int, nonce: str) -> str:
    """Takes the address a link was mailed to; gives it. Raises Refused where somebody has it by now."""
    found = _use(session, now, "email", number, nonce)
    person = session.get_one(people.Person, found.person_id)
    if people.by_email(session, found.email) not in {None, person}:
        raise Refused("Somebody else has an account with this address now, so yours stays as it was.")
    person.email = found.email
    for kind in LINKS:
        store.close_links(session, person.id, kind, now)
    record(session, now, Said("email.changed", None, person.commitment, person.commitment, {"link": found.id}))
    return found.email


def add_authenticator(session: Session, actor: Actor, now: datetime, row: Authenticator, codes: Sequence[str]) -> bool:
    """A further second factor; with the first come recovery codes, of which these are the digests: then True."""
    first = not store.authenticators(session, actor.person)
    if row.credential and store.authenticator_of(session, row.credential):
        raise Refused("This passkey is kept already.")
    session.add(row)
    session.flush()
    if first:
        store.set_recovery_codes(session, actor.person, codes)
    _say(session, actor, now, "second-factor.added", kind=row.kind)
    return first


def remove_authenticator(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """Takes a second factor away; not the last of somebody whose roles need one. Raises NotFound for another's."""
    session.get_one(people.Person, actor.person, with_for_update=True)  # two at once do not leave none
    mine = {one.id: one for one in store.authenticators(session, actor.person)}
    if number not in mine:
        raise NotFound
    if len(mine) == 1 and people.needs_second_anywhere(session, actor.person):
        raise Refused("Your role needs a second factor. Add another before you remove this one.")
    session.delete(mine[number])
    if len(mine) == 1:
        store.set_recovery_codes(session, actor.person, [])
    _say(session, actor, now, "second-factor.removed", kind=mine[number].kind)


def new_recovery_codes(session: Session, actor: Actor, now: datetime, digests: Sequence[str]) -> None:
    """The old codes are good no more."""
    if len(digests) != RECOVERY_CODES or not store.authenticators(session, actor.person):
        raise Refused("Recovery codes stand in for a second factor. Add one first.")
    store.set_recovery_codes(session, actor.person, digests)
    _say(session, actor, now, "recovery-codes.made")


def use_recovery_code(session: Session, now: datetime, person: int, digest: str) -> bool:
    """Uses a recovery code up; False where there is none such."""
    used = store.use_recovery_code(session, person, digest, now)
    if used:
        who = session.get_one(people.Person, person).commitment
        record(session, now, Said("recovery-code.used", None, who, who, {}))
    return used


def _say(session: Session, actor: Actor, now: datetime, event: str, **facts: str) -> None:
    record(session, now, Said(event, actor.organisation, actor.commitment, actor.commitment, dict(facts)))
