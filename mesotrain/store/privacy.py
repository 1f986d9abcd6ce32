"""What belongs to a person, table by table; legal holds; and erasures, begun and done."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Delete,
    ForeignKeyConstraint,
    Index,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core import names
from mesotrain.core.access import Actor
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Ended, NotFound
from mesotrain.store.accounts import Authenticator, Device, Link, RecoveryCode, SignIn
from mesotrain.store.assignments import Assignment
from mesotrain.store.db import Base, Moment
from mesotrain.store.events import Event
from mesotrain.store.invitations import OPEN, WITHDRAWN, Invitation
from mesotrain.store.names import named
from mesotrain.store.outbox import Mail
from mesotrain.store.people import Member, Merge, Organisation, Person, Role, has_address
from mesotrain.store.reading import Reading
from mesotrain.store.reminders import Reminder

TABLES = {
    "adjustments": "record",
    "answer_log": "record",
    "answers": "record",
    "assertions": "record",
    "assignments": "mail",
    "attempt_slots": "record",
    "attempts": "record",
    "authenticators": "account",
    "cases": "record",
    "decisions": "work",
    "devices": "account",
    "drafts": "work",
    "erasures": "record",
    "essay_marks": "record",
    "essays": "record",
    "events": "log",
    "evidence": "record",
    "holds": "work",
    "interventions": "record",
    "invitations": "invitation",
    "legal_holds": "record",
    "lifts": "work",
    "links": "account",
    "mails": "mail",
    "members": "record",
    "merges": "record",
    "observation_drafts": "observing",
    "observation_withdrawals": "work",
    "observations": "record",
    "outsiders": "invitation",
    "people": "record",
    "practice_log": "record",
    "program_keys": "work",
    "proposals": "record",
    "publications": "work",
    "readings": "reading",
    "recovery_codes": "account",
    "reminders": "mail",
    "replies": "work",
    "reports": "record",
    "retractions": "work",
    "roles": "account",
    "sign_ins": "account",
    "signature_requests": "work",
    "signature_withdrawals": "work",
    "standing_spans": "record",
    "stop_notices": "record",
    "unapplied_answers": "record",
    "withdrawals": "work",
}
"""Every table that leads to a person, and the kind of record of `core.privacy` that it holds."""

ERASED = "Erased person"
"""Whom a record is of when its name is gone."""
EARLIEST = "Pacific/Kiritimati"
"""Where a day begins first."""
LIFTED = text("lifted_at IS NULL")


class LegalHold(Base):
    """A reason for which nothing of a member may be erased, until it is lifted."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "placed_by"], ["members.organisation_id", "members.person_id"]),
        Index(
            "uq_legal_holds_open",
            "organisation_id",
            "person_id",
            unique=True,
            sqlite_where=LIFTED,
            postgresql_where=LIFTED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    reason: Mapped[str]
    placed_by: Mapped[int]
    placed_at: Mapped[datetime] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)


class Erasure(Base):
    """An organisation erases somebody who has left it. What it must keep of them stays until `due_on`."""

    __tablename__ = "erasures"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    due_on: Mapped[date] = mapped_column(index=True)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


def member_or_leaver(session: Session, actor: Actor, person: int) -> Member:
    """Who belongs, or belonged, to the actor's organisation. Raises NotFound for others, Ended for who is erased."""
    found = session.get(Member, (actor.organisation, person))
    if found is None:
        raise NotFound
    not_erased(session, actor.organisation, person)
    return found


def recorded(session: Session, organisation: int, email: str) -> Person | None:
    """The person with this address, if the organisation has a record of them."""
    return session.scalar(
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .outerjoin(Erasure, _ERASURE)
        .where(Member.organisation_id == organisation, has_address(email), Erasure.done_at.is_(None))
    )


def is_erased(session: Session, organisation: int, person: int) -> bool:
    """Whether the organisation has erased its record of somebody."""
    found = erasure(session, organisation, person)
    return found is not None and found.done_at is not None


def not_erased(session: Session, organisation: int, person: int) -> None:
    """Raises Ended where the organisation has erased its record of somebody."""
    done = session.execute(
        select(Erasure.done_at, Organisation.zone)
        .join(Organisation, Organisation.id == Erasure.organisation_id)
        .where(Erasure.organisation_id == organisation, Erasure.person_id == person, Erasure.done_at.is_not(None))
    ).one_or_none()
    if done:
        on = day_of(done.done_at, done.zone)
        raise Ended("This record was erased on %(day)s. What it held can no longer be shown.", day=on)


def goes_on_as(session: Session, organisation: int, person: int) -> Person | None:
    """Under whom the record of somebody goes on who had two accounts; None for everybody else."""
    return session.scalar(
        select(Person)
        .join(Merge, Merge.into_id == Person.id)
        .where(Merge.organisation_id == organisation, Merge.person_id == person)
    )


def erasures_of(session: Session, organisation: int, emails: Sequence[str]) -> dict[str, Erasure]:
    """The organisation's erasures, begun or done, of those who have these addresses."""
    rows = session.execute(
        select(Person.email, Erasure)
        .join(Erasure, Erasure.person_id == Person.id)
        .where(Erasure.organisation_id == organisation, Person.email.in_(emails))
    )
    return {email: row for email, row in rows}  # noqa: C416 (rows are no pairs to mypy)


def ends_by_joining(session: Session, organisation: int, email: str) -> date | None:
    """The day somebody's erasure there would be done, which ends when they join again; None where none is begun."""
    found = erasures_of(session, organisation, [email]).get(email)
    return found.due_on if found and found.done_at is None else None


class Left(NamedTuple):
    """Somebody who has left an organisation, as its administrator sees them."""

    person: int
    name: str
    email: str
    ended_on: date
    due_on: date | None
    held: bool


_ERASURE = (Erasure.organisation_id == Member.organisation_id) & (Erasure.person_id == Member.person_id)
_MERGED = exists().where(Merge.organisation_id == Member.organisation_id, Merge.person_id == Member.person_id)
_HELD = exists().where(
    LegalHold.organisation_id == Member.organisation_id,
    LegalHold.person_id == Member.person_id,
    LegalHold.lifted_at.is_(None),
)


def leavers(session: Session, actor: Actor, name: str, skip: int, most: int) -> tuple[list[Left], int]:
    """(who has left the actor's organisation, but for who is erased or merged, by name; how many in all)."""
    query = (
        select(Person.id, Person.name, Person.email, Member.ended_on, Erasure.due_on, _HELD, func.count().over())
        .join(Member, Member.person_id == Person.id)
        .outerjoin(Erasure, _ERASURE)
        .where(
            Member.organisation_id == actor.organisation,
            Member.ended_on.is_not(None),
            Erasure.done_at.is_(None),
            ~_MERGED,
        )
        .order_by(Person.folded, Person.id)
    )
    if name:
        query = query.where(named(name, Person.folded, Person.email))
    rows = session.execute(query.offset(skip).limit(most)).all()
    return [Left._make(row[:6]) for row in rows], rows[0][6] if rows else 0


def hold(session: Session, organisation: int, person: int) -> LegalHold | None:
    """The hold on somebody's record, if there is one."""
    return session.scalar(
        select(LegalHold).where(
            LegalHold.organisation_id == organisation,
            LegalHold.person_id == person,
            LegalHold.lifted_at.is_(None),
        )
    )


def erasure(session: Session, organisation: int, person: int) -> Erasure | None:
    """An organisation's erasure of somebody, begun or done."""
    return session.get(Erasure, (organisation, person))


def due(session: Session, now: datetime) -> list[Erasure]:
    """Erasures whose record has had its years where its organisation is, but for what is held, or goes on elsewhere."""
    rows = session.execute(
        select(Erasure, Organisation.zone)
        .join(Member, _ERASURE)
        .join(Organisation, Organisation.id == Erasure.organisation_id)
        .where(Erasure.done_at.is_(None), Erasure.due_on <= day_of(now, EARLIEST), ~_HELD, ~_MERGED)
    )
    return [row for row, zone in rows if row.due_on <= day_of(now, zone)]


def memberships(session: Session, person: int) -> Sequence[tuple[Member, Erasure | None]]:
    """Each organisation somebody belongs or belonged to, with its erasure of them."""
    rows = session.execute(
        select(Member, Erasure)
        .outerjoin(Erasure, _ERASURE)
        .where(Member.person_id == person)
        .order_by(Member.organisation_id)
    )
    return [(row[0], row[1]) for row in rows]


def forget_here(session: Session, now: datetime, organisation: int, person: Person) -> None:
    """An organisation need not keep this of somebody who has left it. An invitation's row stays, without its words."""
    told = select(Event.position).where(Event.organisation_id == organisation)
    theirs: tuple[Any, ...] = (SignIn, Role, Reading, Assignment)
    gone: list[Delete] = [
        delete(one).where(one.organisation_id == organisation, one.person_id == person.id) for one in theirs
    ]
    gone += [
        delete(Mail).where(Mail.person_id == person.id, Mail.event_position.in_(told)),
        delete(Reminder).where(
            Reminder.organisation_id == organisation,
            or_(Reminder.person_id == person.id, Reminder.about == person.id),
        ),
    ]
    for statement in gone:
        session.execute(statement)
    invited = update(Invitation).where(
        Invitation.organisation_id == organisation,
        or_(Invitation.person_id == person.id, Invitation.email == person.email),
    )
    closed = case((Invitation.state == OPEN, WITHDRAWN), else_=Invitation.state)
    ended = func.coalesce(Invitation.closed_at, literal(now, Moment))
    session.execute(invited.values(name="", folded="", email="", state=closed, closed_at=ended))


def forget_invited(session: Session, organisation: int, before: datetime) -> None:
    """An organisation's invitations that ran out or were withdrawn before lose name and address, but for who is held.

    The row stays: the log names it by its number.
    """
    held = exists().where(
        LegalHold.organisation_id == organisation,
        LegalHold.lifted_at.is_(None),
        LegalHold.person_id == Person.id,
        Person.email == Invitation.email,
    )
    ended = case((Invitation.state == OPEN, Invitation.ends_at), else_=Invitation.closed_at)
    known = (Invitation.organisation_id == organisation, Invitation.state.in_([OPEN, WITHDRAWN]))
    gone = update(Invitation).where(*known, Invitation.email != "", ended <= literal(before, Moment), ~held)
    session.execute(gone.values(name="", folded="", email="", state=WITHDRAWN, closed_at=ended))


def forget_account(session: Session, person: Person) -> None:
    """Nobody signs in as this person any more."""
    for one in (Device, Authenticator, RecoveryCode, Link, Mail):
        session.execute(delete(one).where(one.person_id == person.id))
    person.password_hash, person.calendar_nonce = "", None


def forget_name(session: Session, person: Person, now: datetime) -> None:
    """Nothing leads from what is kept to this person any more: name, address and the salt of their commitment go."""
    session.execute(delete(LegalHold).where(LegalHold.person_id == person.id))
    session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(
            name=ERASED,
            folded=names.folded(ERASED),
            email=f"erased-{person.id}",
            salt=b"",
            commitment=f"erased-{person.id}",
            locale="",
            zone="UTC",
            erased_at=now,
        )
    )
