"""People and the organisations they work in."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import ADMINISTRATOR, AUDITOR, EDUCATOR, MANAGER, ROLES, TRAINEE, Actor, Held, needs_second
from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Moment


class Organisation(Base):
    """A tenant: who employs, asserts and manages. `zone` is an IANA name; its calendar decides every date.

    `reminded_on` is the last day on which its people were reminded.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str]
    reminded_on: Mapped[date | None]


class Clinic(Base):
    """A place of an organisation."""

    __tablename__ = "clinics"
    __table_args__ = (UniqueConstraint("organisation_id", "id"), UniqueConstraint("organisation_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    name: Mapped[str]


class Person(Base):
    """One account, whatever the organisations. `salt` makes `commitment`, the only name events know.

    `calendar_nonce` stands in the address of their calendar, while they have one.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str]
    zone: Mapped[str]
    salt: Mapped[bytes]
    commitment: Mapped[str] = mapped_column(unique=True)
    calendar_nonce: Mapped[str | None]


class Member(Base):
    """A person's belonging to an organisation; it ends, or is suspended for a time, and the record stays."""

    __tablename__ = "members"

    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    joined_on: Mapped[date]
    ended_on: Mapped[date | None]
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)


class Role(Base):
    """A role a member holds, at one clinic or, with none named, in the whole organisation."""

    __tablename__ = "roles"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "clinic_id"], ["clinics.organisation_id", "clinics.id"]),
        UniqueConstraint("organisation_id", "person_id", "role", "clinic_id"),
        CheckConstraint("role IN ({})".format(", ".join(f"'{role}'" for role in ROLES)), name="known"),
        Index("ix_roles_clinic", "organisation_id", "role", "clinic_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    role: Mapped[str]
    clinic_id: Mapped[int | None]


def anybody(session: Session) -> bool:
    """Whether there is any account yet."""
    return session.scalar(select(Person.id).limit(1)) is not None


def any_organisation(session: Session) -> bool:
    """Whether there is any organisation yet."""
    return session.scalar(select(Organisation.id).limit(1)) is not None


def by_email(session: Session, email: str) -> Person | None:
    """The person with this address, in any letter case."""
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def teaches(session: Session, person: int, organisation: int | None) -> bool:
    """Whether somebody is an educator of an organisation, or, with none named, of any."""
    found = (
        select(Role.id)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.person_id == person, Role.role == EDUCATOR, Member.ended_on.is_(None))
    )
    return (
        session.scalar(found if organisation is None else found.where(Role.organisation_id == organisation)) is not None
    )


def needs_second_anywhere(session: Session, person: int) -> bool:
    """Whether a role that needs a second factor is held in any organisation."""
    held = session.scalars(
        select(Role.role)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.person_id == person, Member.ended_on.is_(None))
    )
    return needs_second(held)


def organisation_named(session: Session, name: str) -> Organisation:
    """The organisation of this name. Raises NotFound where there is none."""
    found = session.scalar(select(Organisation).where(Organisation.name == name))
    if found is None:
        raise NotFound("There is no organisation called %(name)s.", name=name)
    return found


def memberships(session: Session, person: int) -> Sequence[Organisation]:
    """Where the person belongs today, suspended or not, by name."""
    return session.scalars(
        select(Organisation)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(Member.person_id == person, Member.ended_on.is_(None))
        .order_by(Organisation.name)
    ).all()


def organisations_of(session: Session, person: int) -> Sequence[Organisation]:
    """Where the person has a record, by name; first those where they may work today."""
    return session.scalars(
        select(Organisation)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(Member.person_id == person)
        .order_by(Member.ended_on.is_not(None), Member.suspended_at.is_not(None), Organisation.name)
    ).all()


def clinics(session: Session, organisation: int) -> Sequence[Clinic]:
    """The clinics of an organisation, by name."""
    return session.scalars(select(Clinic).where(Clinic.organisation_id == organisation).order_by(Clinic.name)).all()


def member(session: Session, actor: Actor, person: int) -> Member:
    """A member of the actor's organisation, suspended or not. Raises NotFound for anybody else."""
    found = session.get(Member, (actor.organisation, person))
    if found is None or found.ended_on is not None:
        raise NotFound
    return found


def held(session: Session, organisation: int, person: int) -> Sequence[Held]:
    """The roles of a member."""
    found = select(Role.role, Role.clinic_id).where(Role.organisation_id == organisation, Role.person_id == person)
    return [(row.role, row.clinic_id) for row in session.execute(found)]


def set_roles(session: Session, organisation: int, person: int, roles: Sequence[Held]) -> None:
    """The member holds these and no others."""
    session.execute(delete(Role).where(Role.organisation_id == organisation, Role.person_id == person))
    session.add_all(
        Role(organisation_id=organisation, person_id=person, role=role, clinic_id=clinic) for role, clinic in roles
    )
    session.flush()


def administrators(session: Session, organisation: int) -> set[int]:
    """Who may administer an organisation today; whoever changes that meanwhile waits for this unit of work."""
    rows = session.scalars(
        select(Role.person_id)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.organisation_id == organisation, Role.role == ADMINISTRATOR)
        .where(Member.ended_on.is_(None), Member.suspended_at.is_(None))
        .with_for_update()
    )
    return set(rows)


def _managed(actor: Actor) -> Select[int]:
    """Ids of the clinics this manager manages, or this auditor audits."""
    query = select(Clinic.id).where(Clinic.organisation_id == actor.organisation)
    places = [actor.roles[role] for role in (MANAGER, AUDITOR) if role in actor.roles]
    return query.where(Clinic.id.in_(frozenset().union(*places))) if all(places) else query


def managed_clinics(session: Session, actor: Actor) -> Sequence[Clinic]:
    """The clinics this manager manages, by name."""
    query = select(Clinic).where(Clinic.id.in_(_managed(actor))).order_by(Clinic.name)
    return session.scalars(query).all()


def team_page(
    session: Session,
    actor: Actor,
    clinics: Sequence[int],
    *,
    name: str = "",
    among: ColumnElement[bool] | None = None,
    skip: int = 0,
    most: int = 25,
) -> tuple[list[tuple[int, str]], int]:
    """((id, name) of trainees of these clinics by name, how many there are in all), in one statement."""
    query = (
        select(Person.id, Person.name, func.count().over())
        .join(Member, Member.person_id == Person.id)
        .where(
            Member.organisation_id == actor.organisation,
            Member.ended_on.is_(None),
            Person.id.in_(_trainees_of(actor, clinics)),
        )
        .order_by(func.lower(Person.name), Person.id)
        .offset(skip)
        .limit(most)
    )
    if name:
        query = query.where(func.lower(Person.name).contains(name.lower(), autoescape=True))
    if among is not None:
        query = query.where(among)
    rows = session.execute(query).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def _trainees_of(actor: Actor, clinics: Sequence[int] | Select[int]) -> Select[int]:
    return select(Role.person_id).where(
        Role.organisation_id == actor.organisation, Role.role == TRAINEE, Role.clinic_id.in_(clinics)
    )


def trainees(session: Session, actor: Actor, persons: Sequence[int]) -> dict[int, str]:
    """The commitment of each of these people who is a trainee of a clinic the actor manages."""
    rows = session.execute(
        select(Person.id, Person.commitment).where(Person.id.in_(persons), Person.id.in_(trainees_managed(actor)))
    )
    return {row.id: row.commitment for row in rows}


def trainees_managed(actor: Actor) -> Select[int]:
    """Ids of the trainees of the clinics the actor manages."""
    return _trainees_of(actor, _managed(actor))


def managers_of(session: Session, organisation: int, persons: Iterable[int]) -> dict[int, set[int]]:
    """Who manages a clinic in which each of these people is a trainee."""
    theirs, managing, member = aliased(Role), aliased(Role), aliased(Member)
    rows = session.execute(
        select(theirs.person_id, managing.person_id)
        .join(
            managing,
            (managing.organisation_id == theirs.organisation_id)
            & ((managing.clinic_id == theirs.clinic_id) | managing.clinic_id.is_(None)),
        )
        .join(member, (member.organisation_id == managing.organisation_id) & (member.person_id == managing.person_id))
        .where(
            theirs.organisation_id == organisation,
            theirs.role == TRAINEE,
            theirs.person_id.in_(list(persons)),
            managing.role == MANAGER,
            member.ended_on.is_(None),
            member.suspended_at.is_(None),
        )
    )
    found: dict[int, set[int]] = {}
    for person, manager in rows:
        found.setdefault(person, set()).add(manager)
    return found


def trainee(session: Session, actor: Actor, person: int) -> Person:
    """A trainee of a clinic the actor manages, fetched and authorised at once. Raises NotFound for anybody else."""
    found = session.scalar(
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(
            Person.id == person,
            Member.organisation_id == actor.organisation,
            Member.ended_on.is_(None),
            Person.id.in_(_trainees_of(actor, _managed(actor))),
        )
    )
    if found is None:
        raise NotFound
    return found


class Listed(NamedTuple):
    """A member as an administrator sees them."""

    person: int
    name: str
    email: str
    suspended_at: datetime | None


def members(session: Session, actor: Actor, name: str, skip: int, most: int) -> tuple[list[Listed], int]:
    """(members of the actor's organisation whose name or address holds `name`, in order; how many in all)."""
    query = (
        select(Person.id, Person.name, Person.email, Member.suspended_at, func.count().over())
        .join(Member, Member.person_id == Person.id)
        .where(Member.organisation_id == actor.organisation, Member.ended_on.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    if name:
        words = name.lower()
        named = func.lower(Person.name).contains(words, autoescape=True)
        query = query.where(or_(named, Person.email.contains(words, autoescape=True)))
    rows = session.execute(query.offset(skip).limit(most)).all()
    return [Listed(*row[:4]) for row in rows], rows[0][4] if rows else 0


def roles_held(session: Session, organisation: int, people: Sequence[int]) -> dict[int, list[tuple[str, str | None]]]:
    """(role, clinic name) pairs of each of these members."""
    return _roles(session, people, Role.organisation_id == organisation)


def roles_of(session: Session, actor: Actor, people: Sequence[int]) -> dict[int, list[tuple[str, str | None]]]:
    """The same in the clinics the actor manages, or in the whole organisation."""
    seen = or_(Role.clinic_id.is_(None), Role.clinic_id.in_(_managed(actor)))
    return _roles(session, people, Role.organisation_id == actor.organisation, seen)


def _roles(
    session: Session, people: Sequence[int], *which: ColumnElement[bool]
) -> dict[int, list[tuple[str, str | None]]]:
    rows = session.execute(
        select(Role.person_id, Role.role, Clinic.name)
        .outerjoin(Clinic, Clinic.id == Role.clinic_id)
        .where(Role.person_id.in_(people), *which)
        .order_by(Role.role, Clinic.name)
    )
    found: dict[int, list[tuple[str, str | None]]] = {person: [] for person in people}
    for person, role, clinic in rows:
        found[person].append((role, clinic))
    return found
