"""People and the organisations they work in."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    cast,
    delete,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core import names
from mesotrain.core.access import AUDITOR, EDUCATOR, MANAGER, ROLES, TRAINEE, Actor, Held, needs_second
from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Moment
from mesotrain.store.names import Named, named


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


class Person(Named, Base):
    """One account, whatever the organisations. `salt` makes `commitment`, the only name events know.

    `calendar_nonce` stands in the address of their calendar, while they have one. Who was erased has no name left.
    """

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_by_name", "folded", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str]
    zone: Mapped[str]
    salt: Mapped[bytes]
    commitment: Mapped[str] = mapped_column(unique=True)
    calendar_nonce: Mapped[str | None]
    erased_at: Mapped[datetime | None] = mapped_column(Moment)


ENDED = text("ended_on IS NOT NULL")


class Member(Base):
    """A person's belonging to an organisation; it ends, or is suspended for a time, and the record stays."""

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_ended", "organisation_id", "person_id", sqlite_where=ENDED, postgresql_where=ENDED),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    joined_on: Mapped[date]
    ended_on: Mapped[date | None]
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def suspended(self) -> datetime | None:
        """Since when they are suspended; who has left is not, whatever they were when they left."""
        return self.suspended_at if self.ended_on is None else None


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


class Merge(Base):
    """A member who turned out to be another one: what an organisation keeps of them goes on under `into_id`."""

    __tablename__ = "merges"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "into_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "merged_by"], ["members.organisation_id", "members.person_id"]),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    into_id: Mapped[int]
    merged_by: Mapped[int]
    merged_at: Mapped[datetime] = mapped_column(Moment)


def anybody(session: Session) -> bool:
    """Whether there is any account yet."""
    return session.scalar(select(Person.id).limit(1)) is not None


def any_organisation(session: Session) -> bool:
    """Whether there is any organisation yet."""
    return session.scalar(select(Organisation.id).limit(1)) is not None


def has_address(email: str) -> ColumnElement[bool]:
    """That somebody has this address, in any letter case."""
    return Person.email == email.strip().lower()


def by_email(session: Session, email: str) -> Person | None:
    """The person with this address."""
    return session.scalar(select(Person).where(has_address(email)))


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
    found = organisation_called(session, name)
    if found is None:
        raise NotFound("There is no organisation called %(name)s.", name=name)
    return found


def organisation_called(session: Session, name: str) -> Organisation | None:
    """The organisation of this name, whatever its capitals, if there is one; there are few."""
    wanted = names.alike(name)
    found = {one.name: one for one in session.scalars(select(Organisation)) if names.alike(one.name) == wanted}
    return found.get(name) or next(iter(found.values()), None)


def memberships(session: Session, person: int) -> Sequence[Organisation]:
    """Where the person belongs today, suspended or not, by name."""
    return session.scalars(
        select(Organisation)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(Member.person_id == person, Member.ended_on.is_(None))
        .order_by(Organisation.name)
    ).all()


def organisations_of(session: Session, person: int, first: int = 0) -> Sequence[Organisation]:
    """Where the person has a record, by name; first those where they may work today, and `first` among those."""
    return session.scalars(
        select(Organisation)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(Member.person_id == person)
        .order_by(
            Member.ended_on.is_not(None), Member.suspended_at.is_not(None), Organisation.id != first, Organisation.name
        )
    ).all()


def clinics(session: Session, organisation: int, called: str | None = None) -> Sequence[Clinic]:
    """The clinics of an organisation, by name, or the one that is called so."""
    which = select(Clinic).where(Clinic.organisation_id == organisation).order_by(Clinic.name)
    return session.scalars(which if called is None else which.where(Clinic.name == called)).all()


def member(session: Session, actor: Actor, person: int, *, lock: bool = False) -> Member:
    """A member of the actor's organisation, suspended or not. Raises NotFound for anybody else.

    `lock`: the row stays as it is until the unit of work ends.
    """
    found = session.get(Member, (actor.organisation, person), with_for_update=lock, populate_existing=lock)
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


def alone(session: Session, organisation: int, person: int, roles: Iterable[str]) -> bool:
    """Whether somebody is the only one there who has one of these roles and is not suspended."""
    others = (
        select(Role.person_id)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.organisation_id == organisation, Role.role.in_(list(roles)))
        .where(Member.ended_on.is_(None), Member.suspended_at.is_(None))
    )
    return set(session.scalars(others)) == {person}


IN_ORGANISATION = Clinic.organisation_id == bindparam("organisation")
IN_CLINICS = IN_ORGANISATION & Clinic.id.in_(bindparam("clinics", expanding=True))
_TRAINEES = select(Role.person_id).where(Role.organisation_id == bindparam("organisation"), Role.role == TRAINEE)
THEIRS = {
    every: _TRAINEES.where(Role.clinic_id.in_(select(Clinic.id).where(IN_ORGANISATION if every else IN_CLINICS)))
    for every in (True, False)
}
"""The trainees of somebody's clinics, as `managed` says those: of every clinic, or of the ones that are named."""
PLACES = select(func.aggregate_strings(cast(Role.clinic_id, String), " ")).where(
    Role.organisation_id == bindparam("organisation"), Role.role == TRAINEE
)
"""The clinics somebody is a trainee of, in one text; of whom, whoever asks adds."""


SEEING, MANAGING = (MANAGER, AUDITOR), (MANAGER,)
"""The roles in which somebody sees the trainees of their clinics, and in which they decide what those are to learn."""


def managed(actor: Actor, roles: Sequence[str]) -> tuple[bool, list[int]]:
    """(whether somebody has one of these roles in every clinic, those in which they have one)."""
    places = [actor.roles[role] for role in roles if role in actor.roles]
    return not all(places), list(frozenset().union(*places))


class Trainee(NamedTuple):
    """A trainee as their manager knows them: with the (role, clinic) pairs held in the manager's clinics or in all."""

    id: int
    name: str
    roles: list[tuple[str, str | None]]


ROLES_EVER = (
    select(Person.name, Role.role, Role.clinic_id, Clinic.name, Member.ended_on)
    .join(Member, Member.person_id == Person.id)
    .join(Role, (Role.organisation_id == Member.organisation_id) & (Role.person_id == Person.id))
    .outerjoin(Clinic, Clinic.id == Role.clinic_id)
    .where(Person.id == bindparam("person"), Member.organisation_id == bindparam("organisation"))
    .order_by(Role.role, Clinic.name)
)
ROLES_OF = ROLES_EVER.where(Member.ended_on.is_(None))
"""Each role of a person of the organisation, with its clinic; ever, of who has left, too."""


def trainee(session: Session, actor: Actor, person: int, roles: Sequence[str] = SEEING) -> Trainee:
    """A trainee of a clinic in which the actor has one of these roles. Raises NotFound for anybody else."""
    which = {"organisation": actor.organisation, "person": person}
    return seen(actor, person, session.connection().execute(ROLES_OF, which), roles)


def seen(actor: Actor, person: int, rows: Iterable[Any], roles: Sequence[str] = SEEING) -> Trainee:
    """The same of rows that are there already and begin with those of `ROLES_OF`."""
    every, clinics = managed(actor, roles)
    theirs = [row for row in rows if every or row.clinic_id is None or row.clinic_id in clinics]
    if not any(row.role == TRAINEE and row.clinic_id is not None for row in theirs):
        raise NotFound
    return Trainee(person, theirs[0][0], [(role, clinic) for _, role, _, clinic, *_ in theirs])


def _commitments(every: bool) -> Select[int, str]:
    asked = Person.id.in_(bindparam("people", expanding=True))
    belong = (Member.organisation_id == bindparam("organisation")) & Member.ended_on.is_(None)
    members = select(Person.id, Person.commitment).join(Member, (Member.person_id == Person.id) & belong)
    place = Role.clinic_id.is_not(None) if every else Role.clinic_id.in_(bindparam("clinics", expanding=True))
    held = (Role.organisation_id == Member.organisation_id) & (Role.person_id == Person.id) & (Role.role == TRAINEE)
    return members.where(asked, exists().where(held, place))


_COMMITMENTS = {every: _commitments(every) for every in (True, False)}


def trainees(session: Session, actor: Actor, persons: Sequence[int]) -> dict[int, str]:
    """The commitment of each of these people who is a trainee of a clinic the actor manages."""
    every, clinics = managed(actor, MANAGING)
    facts = {"organisation": actor.organisation, "clinics": clinics, "people": list(persons)}
    rows = session.connection().execute(_COMMITMENTS[every], facts)
    return {row.id: row.commitment for row in rows}


class Listed(NamedTuple):
    """A member as an administrator sees them."""

    person: int
    name: str
    email: str
    suspended_at: datetime | None


def members(session: Session, actor: Actor, name: str, skip: int, most: int) -> tuple[list[Listed], int]:
    """(members of the actor's organisation whose name or address has each word, in order; how many in all)."""
    query = (
        select(Person.id, Person.name, Person.email, Member.suspended_at, func.count().over())
        .join(Member, Member.person_id == Person.id)
        .where(Member.organisation_id == actor.organisation, Member.ended_on.is_(None))
        .order_by(Person.folded, Person.id)
    )
    if name:
        query = query.where(named(name, Person.folded, Person.email))
    rows = session.execute(query.offset(skip).limit(most)).all()
    return [Listed(*row[:4]) for row in rows], rows[0][4] if rows else 0


def members_among(session: Session, organisation: int, emails: Sequence[str]) -> set[str]:
    """Those of these addresses that a member has, suspended or not."""
    found = (
        select(Person.email)
        .join(Member, Member.person_id == Person.id)
        .where(Member.organisation_id == organisation, Member.ended_on.is_(None), Person.email.in_(emails))
    )
    return set(session.scalars(found))


def roles_held(session: Session, organisation: int, people: Sequence[int]) -> dict[int, list[tuple[str, str | None]]]:
    """(role, clinic name) pairs of each of these members."""
    rows = session.execute(
        select(Role.person_id, Role.role, Clinic.name)
        .outerjoin(Clinic, Clinic.id == Role.clinic_id)
        .where(Role.person_id.in_(people), Role.organisation_id == organisation)
        .order_by(Role.role, Clinic.name)
    )
    found: dict[int, list[tuple[str, str | None]]] = {person: [] for person in people}
    for person, role, clinic in rows:
        found[person].append((role, clinic))
    return found
