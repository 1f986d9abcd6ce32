"""What proves who somebody is: sign-ins, known devices, second factors, links that are mailed, and guesses."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import ADMINISTRATOR, Actor
from mesotrain.core.accounts import LINKS
from mesotrain.store.db import Base, Moment, engine_name, insert_or
from mesotrain.store.events import Event
from mesotrain.store.people import Member, Organisation, Person, Role

TOTP, PASSKEY = "totp", "passkey"


class SignIn(Base):
    """A browser that is signed in. The cookie holds the token, this row only its digest.

    `factors` is how many kinds of proof were given, the last of them at `proved_at`; `browser` is what it calls itself.
    """

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
    proved_at: Mapped[datetime | None] = mapped_column(Moment)
    factors: Mapped[int] = mapped_column(server_default="1")
    browser: Mapped[str] = mapped_column(server_default="")


class Device(Base):
    """A browser in which a person once signed in, known by a cookie that only it keeps; guesses elsewhere spare it."""

    __tablename__ = "devices"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Authenticator(Base):
    """A second factor: an app that counts codes (TOTP, its `secret` sealed) or a passkey (a public key).

    `counter` is the last time step of a code, or what the passkey last counted: neither is taken twice.
    """

    __tablename__ = "authenticators"
    __table_args__ = (
        CheckConstraint(f"kind IN ('{TOTP}', '{PASSKEY}')", name="kind"),
        CheckConstraint("(kind = 'totp') = (secret IS NOT NULL)", name="secret"),
        CheckConstraint("(kind = 'passkey') = (credential IS NOT NULL AND public_key IS NOT NULL)", name="credential"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    secret: Mapped[str | None]
    credential: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    counter: Mapped[int] = mapped_column(BigInteger, server_default="0")
    added_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """A code for the day the second factor is lost; good once."""

    __tablename__ = "recovery_codes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Link(Base):
    """A link that was asked for and mailed to `email`, good once: to choose a password, or to take this address.

    `was` is the person's address until then. What is mailed is the id and `nonce`, signed: nobody makes a link of the
    database alone.
    """

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in LINKS)), name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    email: Mapped[str]
    was: Mapped[str]
    nonce: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    def good(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.closed_at is None and self.ends_at > now


class Guess(Base):
    """A try at a secret that is not known to have been right. `about` is a keyed digest of whose, or from where."""

    __tablename__ = "guesses"
    __table_args__ = (Index("ix_guesses_about", "about", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment, index=True)


_SIGNED_IN = (
    select(
        Person.id, Person.name, Person.commitment, Person.zone, Person.locale, SignIn.organisation_id,
        Organisation.name.label("place"), Organisation.zone.label("place_zone"), Role.role, Role.clinic_id,
        SignIn.factors, SignIn.proved_at,
    )
    .select_from(SignIn)
    .join(Person, Person.id == SignIn.person_id)
    .join(Organisation, Organisation.id == SignIn.organisation_id)
    .join(Member, (Member.organisation_id == SignIn.organisation_id) & (Member.person_id == SignIn.person_id))
    .outerjoin(
        Role,
        (Role.organisation_id == Member.organisation_id)
        & (Role.person_id == Member.person_id)
        & Member.ended_on.is_(None)
        & Member.suspended_at.is_(None),
    )
    .where(
        SignIn.token_digest == bindparam("token_digest"),
        SignIn.closed_at.is_(None),
        SignIn.ends_at > bindparam("now"),
    )
)  # fmt: skip


def signed_in(session: Session, token_digest: str, now: datetime) -> Actor | None:
    """The actor of an open sign-in, in one statement. Who has left, or is suspended, has no roles."""
    rows = session.connection().execute(_SIGNED_IN, {"token_digest": token_digest, "now": now}).all()
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
        factors=first.factors,
        proved_at=first.proved_at,
    )


def close_sign_in(session: Session, token_digest: str, now: datetime) -> None:
    session.execute(
        update(SignIn).where(SignIn.token_digest == token_digest, SignIn.closed_at.is_(None)).values(closed_at=now)
    )


def close_sign_ins(
    session: Session, person: int, now: datetime, *, but: str = "", organisation: int | None = None
) -> None:
    """Closes every sign-in of a person, or those in one organisation, but the one of this token digest."""
    theirs = [SignIn.person_id == person, SignIn.token_digest != but, SignIn.closed_at.is_(None)]
    if organisation is not None:
        theirs.append(SignIn.organisation_id == organisation)
    session.execute(update(SignIn).where(*theirs).values(closed_at=now))


ENDS = ("password.changed", "sign-in.closed-elsewhere", "sign-in.ended", "member.ended")
"""What ends the sign-ins of a person, and one that is half done with them."""


def last_end(session: Session, person: int) -> int:
    """The position of the last event that ended sign-ins of a person; 0 where there is none."""
    theirs = select(Person.commitment).where(Person.id == person).scalar_subquery()
    return session.scalar(select(func.max(Event.position)).where(Event.subject == theirs, Event.kind.in_(ENDS))) or 0


def move_sign_in(session: Session, token_digest: str, organisation: int) -> None:
    """The sign-in goes on in another organisation of the same person."""
    session.execute(update(SignIn).where(SignIn.token_digest == token_digest).values(organisation_id=organisation))


def prove_sign_in(session: Session, old_digest: str, new_digest: str, now: datetime, factors: int) -> None:
    """Who is signed in has proved again who they are, by so many factors in all, and goes on with another token."""
    proved = update(SignIn).where(SignIn.token_digest == old_digest, SignIn.closed_at.is_(None))
    session.execute(proved.values(token_digest=new_digest, proved_at=now, factors=factors))


def worked_last(session: Session, person: int) -> int:
    """The organisation in which the newest sign-in of a person is or ended, however long ago; 0 before the first."""
    newest = select(SignIn.organisation_id).where(SignIn.person_id == person).order_by(SignIn.opened_at.desc())
    return session.scalar(newest.limit(1)) or 0


def open_sign_ins(session: Session, person: int, now: datetime) -> Sequence[SignIn]:
    """Where a person is signed in, the newest first."""
    theirs = (SignIn.person_id == person, SignIn.closed_at.is_(None), SignIn.ends_at > now)
    return session.scalars(select(SignIn).where(*theirs).order_by(SignIn.opened_at.desc())).all()


def knows(session: Session, token_digest: str, person: int) -> bool:
    """Whether the person has signed in on this device before."""
    return session.get(Device, (token_digest, person)) is not None


def know(session: Session, token_digest: str, person: int, now: datetime) -> None:
    """The person has signed in on this device."""
    row = insert_or(engine_name(session), Device).values(token_digest=token_digest, person_id=person, seen_at=now)
    session.execute(row.on_conflict_do_update(index_elements=["token_digest", "person_id"], set_={"seen_at": now}))


def forget_devices(session: Session, person: int, *, but: str = "") -> None:
    session.execute(delete(Device).where(Device.person_id == person, Device.token_digest != but))


def guesses(session: Session, about: str, since: datetime) -> int:
    """How many guesses there were since; whoever asks of the same meanwhile waits for this unit of work."""
    if engine_name(session) == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(about))))
    return session.scalar(select(func.count()).where(Guess.about == about, Guess.at > since)) or 0


def guess(session: Session, about: Sequence[str], now: datetime) -> list[int]:
    """Counts a guess about each of these; gives the rows, to be taken back if it was right."""
    rows = [Guess(about=one, at=now) for one in about]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def forgive(session: Session, rows: Sequence[int]) -> None:
    session.execute(delete(Guess).where(Guess.id.in_(rows)))


def forget_guesses(session: Session, before: datetime) -> None:
    session.execute(delete(Guess).where(Guess.at <= before))


def authenticators(session: Session, person: int) -> Sequence[Authenticator]:
    """The second factors of a person, the oldest first."""
    return session.scalars(
        select(Authenticator).where(Authenticator.person_id == person).order_by(Authenticator.id)
    ).all()


def without_second(session: Session, persons: Sequence[int]) -> set[int]:
    """Those of these people who have no second factor."""
    have = session.scalars(select(Authenticator.person_id).where(Authenticator.person_id.in_(persons)))
    return {*persons} - set(have)


def administrators(session: Session, organisation: int) -> set[int]:
    """Who can administer an organisation today, which takes a second factor.

    Whoever changes that meanwhile waits for this unit of work.
    """
    rows = session.scalars(
        select(Role.person_id)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.organisation_id == organisation, Role.role == ADMINISTRATOR)
        .where(Member.ended_on.is_(None), Member.suspended_at.is_(None))
        .where(exists().where(Authenticator.person_id == Role.person_id))
        .with_for_update()
    )
    return set(rows)


def apps(session: Session) -> list[tuple[str, str, str]]:
    """(name, address, sealed secret) of everybody who has an app that counts codes."""
    found = select(Person.name, Person.email, Authenticator.secret).join(
        Authenticator, Authenticator.person_id == Person.id
    )
    rows = session.execute(found.where(Authenticator.kind == TOTP).order_by(Person.id))
    return [(row.name, row.email, row.secret) for row in rows]


def authenticator_of(session: Session, credential: bytes) -> Authenticator | None:
    """The passkey of this credential id."""
    return session.scalar(select(Authenticator).where(Authenticator.credential == credential))


def advance(session: Session, authenticator: int, counter: int, now: datetime) -> bool:
    """Moves what an authenticator last counted forward; False when it was there already, as in a replay."""
    moved = (
        update(Authenticator)
        .where(Authenticator.id == authenticator, Authenticator.counter < counter)
        .values(counter=counter, used_at=now)
        .returning(Authenticator.id)
    )
    return session.execute(moved).scalar() is not None


def set_recovery_codes(session: Session, person: int, digests: Sequence[str]) -> None:
    """The person's recovery codes are these and no others."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
    if digests:
        session.execute(insert(RecoveryCode), [{"digest": one, "person_id": person} for one in digests])


def use_recovery_code(session: Session, person: int, digest: str, now: datetime) -> bool:
    """Uses a code up; False where there is none such left."""
    used = (
        update(RecoveryCode)
        .where(RecoveryCode.digest == digest, RecoveryCode.person_id == person, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.digest)
    )
    return session.execute(used).scalar() is not None


def recovery_codes_left(session: Session, person: int) -> int:
    left = select(func.count()).where(RecoveryCode.person_id == person, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def link(session: Session, number: int, nonce: str, now: datetime) -> Link | None:
    """The link of these, while it is good."""
    found = session.get(Link, number)
    return found if found and found.nonce == nonce and found.closed_at is None and found.ends_at > now else None


def use_link(session: Session, number: int, now: datetime) -> bool:
    """Uses a link up; False where somebody was quicker."""
    used = update(Link).where(Link.id == number, Link.closed_at.is_(None)).values(closed_at=now).returning(Link.id)
    return session.execute(used).scalar() is not None


def links_since(session: Session, person: int, since: datetime) -> int:
    """How many links were made for a person since."""
    return session.scalar(select(func.count()).where(Link.person_id == person, Link.made_at > since)) or 0


def close_links(session: Session, person: int, kind: str, now: datetime) -> None:
    """No link of this kind that was mailed to the person is good any more."""
    theirs = (Link.person_id == person, Link.kind == kind, Link.closed_at.is_(None))
    session.execute(update(Link).where(*theirs).values(closed_at=now))
