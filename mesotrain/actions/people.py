"""Joining, signing in and out, and one's own settings."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.events import commitment
from mesotrain.store import people as store
from mesotrain.store.events import Said, record


def create_organisation(session: Session, name: str, zone: str, clinics: list[str]) -> tuple[int, dict[str, int]]:
    """A new organisation with its clinics; gives its id and the clinics' ids by name."""
    organisation = store.Organisation(name=name, zone=zone)
    session.add(organisation)
    session.flush()
    rows = [store.Clinic(organisation_id=organisation.id, name=clinic) for clinic in clinics]
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


def join(
    session: Session, now: datetime, organisation: int, person: store.Person, roles: list[tuple[str, int | None]]
) -> None:
    """The person becomes a member with these (role, clinic) pairs."""
    zone = session.get_one(store.Organisation, organisation).zone
    session.add(store.Member(organisation_id=organisation, person_id=person.id, joined_on=day_of(now, zone)))
    session.flush()
    session.add_all(
        store.Role(organisation_id=organisation, person_id=person.id, role=role, clinic_id=clinic)
        for role, clinic in roles
    )
    session.flush()
    who = person.commitment
    given = [Said("role.given", organisation, "", who, {"role": role, "clinic": clinic}) for role, clinic in roles]
    record(session, now, Said("person.joined", organisation, "", who, {}), *given)


WRONG = "That e-mail address and password do not belong together. Check both and try again."


def sign_in(session: Session, now: datetime, person: int, token_digest: str, hours: int) -> None:
    """Opens a sign-in for a person whose password was found right. Raises Refused for a member of nowhere."""
    organisations = store.organisations_of(session, person)
    if not organisations:
        raise Refused("Your account belongs to no organisation now. Ask the manager who invited you.")
    organisation = organisations[0].id
    session.add(
        store.SignIn(
            token_digest=token_digest,
            organisation_id=organisation,
            person_id=person,
            opened_at=now,
            ends_at=now + timedelta(hours=hours),
        )
    )
    who = session.get_one(store.Person, person).commitment
    record(session, now, Said("sign-in.opened", organisation, who, who, {}))


def sign_out(session: Session, actor: Actor, now: datetime, token_digest: str) -> None:
    """Closes this sign-in for good, whoever still holds its cookie."""
    store.close_sign_in(session, token_digest, now)
    record(session, now, Said("sign-in.closed", actor.organisation, actor.commitment, actor.commitment, {}))


def set_language_and_zone(session: Session, actor: Actor, locale: str, zone: str) -> None:
    person = session.get_one(store.Person, actor.person)
    person.locale, person.zone = locale, zone


def change_organisation(session: Session, actor: Actor, token_digest: str, organisation: int) -> None:
    """Goes on in another of the actor's organisations. Raises NotFound for one that is not."""
    if organisation not in {one.id for one in store.organisations_of(session, actor.person)}:
        raise NotFound
    store.move_sign_in(session, token_digest, organisation)
