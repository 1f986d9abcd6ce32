"""People, the organisations they work in, and their sign-ins."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import EDUCATOR, MANAGER, ROLES, TRAINEE, Actor
from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Moment


class Organisation(Base):
    """A tenant: who employs, asserts and manages. `zone` is an IANA name; its calendar decides every date."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str]


class Clinic(Base):
    """A place of an organisation."""

    __tablename__ = "clinics"
    __table_args__ = (UniqueConstraint("organisation_id", "id"), UniqueConstraint("organisation_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    name: Mapped[str]


class Person(Base):
    """One account, whatever the organisations. `salt` makes `commitment`, the only name events know."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str]
    zone: Mapped[str]
    salt: Mapped[bytes]
    commitment: Mapped[str] = mapped_column(unique=True)


class Member(Base):
    """A person's belonging to an organisation; it ends, the record stays."""

    __tablename__ = "members"

    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    joined_on: Mapped[date]
    ended_on: Mapped[date | None]


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


class SignIn(Base):
    """A browser that is signed in. The cookie holds the token, this row only its digest."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
    )

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


_SIGNED_IN = (
    select(
        Person.id, Person.name, Person.commitment, Person.zone, Person.locale, SignIn.organisation_id,
        Organisation.name.label("place"), Organisation.zone.label("place_zone"), Role.role, Role.clinic_id,
    )
    .select_from(SignIn)
    .join(Person, Person.id == SignIn.person_id)
    .join(Organisation, Organisation.id == SignIn.organisation_id)
    .join(Member, (Member.organisation_id == SignIn.organisation_id) & (Member.person_id == SignIn.person_id))
    .outerjoin(Role, (Role.organisation_id == SignIn.organisation_id) & (Role.person_id == SignIn.person_id))
    .where(
        SignIn.token_digest == bindparam("token_digest"),
        SignIn.closed_at.is_(None),
        SignIn.ends_at > bindparam("now"),
        Member.ended_on.is_(None),
    )
)  # fmt: skip


def signed_in(session: Session, token_digest: str, now: datetime) -> Actor | None:
    """The actor of an open sign-in, in one statement."""
    rows = session.execute(_SIGNED_IN, {"token_digest": token_digest, "now": now}).all()
    if not rows:
        return None
    first = rows[0]
    held: dict[str, set[int | None]] = {}
    for row in rows:
        if row.role:
            held.setdefault(row.role, set()).add(row.clinic_id)
    return Actor(
        person=first.id,
        organisation=first.organisation_id,
        organisation_name=first.place,
        organisation_zone=first.place_zone,
        name=first.name,
        commitment=first.commitment,
        zone=first.zone,
        locale=first.locale,
        roles={
            role: frozenset() if None in clinics else frozenset(filter(None, clinics)) for role, clinics in held.items()
        },
    )


def anybody(session: Session) -> bool:
    """Whether there is any account yet."""
    return session.scalar(select(Person.id).limit(1)) is not None


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


def organisation_named(session: Session, name: str) -> Organisation:
    """The organisation of this name. Raises NotFound where there is none."""
    found = session.scalar(select(Organisation).where(Organisation.name == name))
    if found is None:
        raise NotFound("There is no organisation called %(name)s.", name=name)
    return found


def close_sign_in(session: Session, token_digest: str, now: datetime) -> None:
    session.execute(
        update(SignIn).where(SignIn.token_digest == token_digest, SignIn.closed_at.is_(None)).values(closed_at=now)
    )


def organisations_of(session: Session, person: int) -> Sequence[Organisation]:
    """Where the person is a member today, by name."""
    return session.scalars(
        select(Organisation)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(Member.person_id == person, Member.ended_on.is_(None))
        .order_by(Organisation.name)
    ).all()


def move_sign_in(session: Session, token_digest: str, organisation: int) -> None:
    """The sign-in goes on in another organisation of the same person."""
    session.execute(update(SignIn).where(SignIn.token_digest == token_digest).values(organisation_id=organisation))


def _managed(actor: Actor) -> Select[int]:
    """Ids of the clinics this manager manages."""
    query = select(Clinic.id).where(Clinic.organisation_id == actor.organisation)
    clinics = actor.roles[MANAGER]
    return query.where(Clinic.id.in_(clinics)) if clinics else query


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


def roles_of(session: Session, actor: Actor, people: Sequence[int]) -> dict[int, list[tuple[str, str | None]]]:
    """(role, clinic name) pairs these people hold in the clinics the actor manages, or in the whole organisation."""
    rows = session.execute(
        select(Role.person_id, Role.role, Clinic.name)
        .outerjoin(Clinic, Clinic.id == Role.clinic_id)
        .where(Role.organisation_id == actor.organisation, Role.person_id.in_(people))
        .where(or_(Role.clinic_id.is_(None), Role.clinic_id.in_(_managed(actor))))
        .order_by(Role.role, Clinic.name)
    )
    found: dict[int, list[tuple[str, str | None]]] = {person: [] for person in people}
    for person, role, clinic in rows:
        found[person].append((role, clinic))
    return found
