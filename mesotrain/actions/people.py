"""Joining, and one's own settings."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.actions import logbook
from mesotrain.core import names
from mesotrain.core.access import ADMINISTRATOR, EVERYWHERE, IN_A_CLINIC, Actor, Held
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.events import commitment
from mesotrain.store import merges, observations, privacy
from mesotrain.store import people as store
from mesotrain.store.accounts import administrators, close_links, close_sign_ins
from mesotrain.store.events import Said, record


def create_organisation(session: Session, name: str, zone: str, clinics: list[str]) -> tuple[int, dict[str, int]]:
    """A new organisation with its clinics; gives its id and the clinics' ids by name."""
    organisation = store.Organisation(name=names.check(name), zone=zone)
    session.add(organisation)
    session.flush()
    rows = [store.Clinic(organisation_id=organisation.id, name=names.of_clinic(clinic)) for clinic in clinics]
    session.add_all(rows)
    session.flush()
    return organisation.id, {row.name: row.id for row in rows}


def create_person(
    session: Session, name: str, email: str, password_hash: str, salt: bytes, locale: str, zone: str
) -> store.Person:
    """A new account. Raises Refused where the address has one."""
    if store.by_email(session, email):
        raise Refused("There is already an account for %(email)s.", email=email)
    person = store.Person(
        name=name,
        email=email.strip().lower(),
        password_hash=password_hash,
        locale=locale,
        zone=zone,
        salt=salt,
        commitment="",
    )
    person.commitment = salt.hex()
    session.add(person)
    session.flush()
    person.commitment = commitment(salt, person.id)
    return person


def join(session: Session, now: datetime, organisation: int, person: store.Person, roles: Sequence[Held]) -> None:
    """The person becomes a member, or one again, with these roles. Raises Ended where their record was erased."""
    zone = session.get_one(store.Organisation, organisation).zone
    again = session.get(store.Member, (organisation, person.id))
    if again:
        _keep_after_all(session, now, organisation, person)
        merges.part(session, organisation, person.id)
        again.ended_on = again.suspended_at = None
    else:
        session.add(store.Member(organisation_id=organisation, person_id=person.id, joined_on=day_of(now, zone)))
    session.flush()
    store.set_roles(session, organisation, person.id, roles)
    who = person.commitment
    given = [Said("role.given", organisation, "", who, {"role": role, "clinic": clinic}) for role, clinic in roles]
    record(session, now, Said("person.joined", organisation, "", who, {}), *given)


def _keep_after_all(session: Session, now: datetime, organisation: int, person: store.Person) -> None:
    """Who comes back before the end of their erasure keeps the record that is left."""
    privacy.not_erased(session, organisation, person.id)
    begun = privacy.erasure(session, organisation, person.id)
    if begun:
        session.delete(begun)
        record(session, now, Said("erasure.stopped", organisation, person.commitment, person.commitment, {}))


def set_language_and_zone(session: Session, actor: Actor, locale: str, zone: str) -> None:
    person = session.get_one(store.Person, actor.person)
    person.locale, person.zone = locale, zone


def check_roles(session: Session, organisation: int, roles: Sequence[Held]) -> None:
    """Raises Refused for no role, and for one that cannot be held there."""
    if not roles or not fit({one.id for one in store.clinics(session, organisation)}, roles):
        raise Refused("Choose at least one role, and for a trainee the clinic.")


def fit(clinics: Set[int], roles: Iterable[Held]) -> bool:
    """Whether each role can be held where it is to be, in an organisation of these clinics."""
    return all(clinic in clinics and role in IN_A_CLINIC if clinic else role in EVERYWHERE for role, clinic in roles)


def change_roles(session: Session, actor: Actor, now: datetime, person: int, roles: Sequence[Held]) -> None:
    """The member holds these roles and no others. Raises Refused where nobody would be administrator."""
    row = store.member(session, actor, person, lock=True)
    check_roles(session, actor.organisation, roles)
    held = set(store.held(session, actor.organisation, person))
    if (ADMINISTRATOR, None) in held - set(roles):
        _another_administrator(session, actor, person)
    who = session.get_one(store.Person, person).commitment
    said = [("role.taken", one) for one in sorted(held - set(roles), key=str)]
    said += [("role.given", one) for one in sorted(set(roles) - held, key=str)]
    store.set_roles(session, row.organisation_id, person, sorted(set(roles), key=str))
    given = [
        Said(kind, actor.organisation, actor.commitment, who, {"role": role, "clinic": clinic})
        for kind, (role, clinic) in said
    ]
    if given:
        record(session, now, *given)


def suspend(session: Session, actor: Actor, now: datetime, person: int) -> None:
    """The member may do nothing in the organisation until they are let in again; their record stays."""
    row = store.member(session, actor, person, lock=True)
    _another_administrator(session, actor, person)
    if row.suspended_at is None:
        row.suspended_at = now
        _say(session, actor, now, "member.suspended", person)


def sign_out(session: Session, actor: Actor, now: datetime, person: int) -> None:
    """The member is signed out of the organisation on every device; they may sign in again."""
    store.member(session, actor, person, lock=True)
    close_sign_ins(session, person, now, organisation=actor.organisation)
    close_links(session, person, "email", now)
    _say(session, actor, now, "sign-in.ended", person)


def resume(session: Session, actor: Actor, now: datetime, person: int) -> None:
    """The member may work again."""
    row = store.member(session, actor, person, lock=True)
    if row.suspended_at is not None:
        row.suspended_at = None
        _say(session, actor, now, "member.resumed", person)


def end(session: Session, actor: Actor, now: datetime, person: int) -> None:
    """The member leaves the organisation: their access ends now. They keep their account and their record.

    Of somebody who has left already, nothing changes.
    """
    row = privacy.member_or_leaver(session, actor, person)
    session.refresh(row, with_for_update=True)
    if row.ended_on is not None:
        return
    _another_administrator(session, actor, person)
    logbook.release(session, actor, now, person)
    observations.forget(session, actor.organisation, person)
    row.ended_on = day_of(now, actor.organisation_zone)
    close_sign_ins(session, person, now, organisation=actor.organisation)
    _say(session, actor, now, "member.ended", person)


def _another_administrator(session: Session, actor: Actor, person: int) -> None:
    if administrators(session, actor.organisation) == {person}:
        raise Refused("Nobody else could administer then. First make somebody an administrator with a second factor.")


def _say(session: Session, actor: Actor, now: datetime, kind: str, person: int) -> None:
    who = session.get_one(store.Person, person).commitment
    record(session, now, Said(kind, actor.organisation, actor.commitment, who, {}))
