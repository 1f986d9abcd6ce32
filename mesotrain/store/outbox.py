"""What is to be sent, and who is sending: mails that events call for, and the worker's lease."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Row,
    Select,
    UniqueConstraint,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.store.db import Base, Moment, engine_name, insert_or
from mesotrain.store.events import Event
from mesotrain.store.people import Person

LEASE = "worker"
"""The name of the lease under which a worker works."""
IN_DOUBT = timedelta(minutes=5)
"""A mail that has been leaving for so long has left or not: the worker ended while it sent it."""

WAITING, SENDING, SENT, REFUSED, DROPPED = STATES = "waiting", "sending", "sent", "refused", "dropped"


class Mail(Base):
    """A mail an event calls for, written by the worker when it reads the event; one per event, person and kind.

    The event commits with what it records, so no mail is forgotten; that it leaves commits right before its text does,
    so none leaves twice. `changed_at` is when it came to its state; of one that waits, from when on it may leave, which
    is to come where the mail server put it off.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("event_position", "person_id", "kind"),
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_position: Mapped[int] = mapped_column(ForeignKey(Event.position))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class MailHold(Base):
    """A row holds all mail back: the database was restored, and what waits in it may have left before."""

    __tablename__ = "mail_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    held_at: Mapped[datetime] = mapped_column(Moment)


_HELD = exists(MailHold.id)


class Lease(Base):
    """Who leads, until when, and up to which event the leader has read."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime] = mapped_column(Moment)
    position: Mapped[int]


def lead(session: Session, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Takes or renews the lease; False while somebody else holds it.

    Called in the transaction of the work it allows, so that a leader whose lease was taken over can commit nothing.
    """
    claim = insert_or(engine_name(session), Lease).values(name=name, holder=holder, until=until, position=0)
    free = (Lease.until <= now) | (Lease.holder == holder)
    renewed = {"holder": claim.excluded.holder, "until": claim.excluded.until}
    taken = claim.on_conflict_do_update(index_elements=["name"], set_=renewed, where=free).returning(Lease.name)
    return session.connection().execute(taken).scalar() is not None


def release(session: Session, name: str, holder: str, now: datetime) -> None:
    """Gives the lease up, so that the next worker need not wait for its end."""
    session.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=now))


def unread(session: Session, name: str, kinds: Sequence[str], most: int) -> Sequence[Event]:
    """Events of these kinds the leader has not read yet, in order."""
    read = select(Lease.position).where(Lease.name == name).scalar_subquery()
    return session.scalars(
        select(Event)
        .where(Event.position > func.coalesce(read, 0), Event.kind.in_(kinds))
        .order_by(Event.position)
        .limit(most)
    ).all()


def read_to(session: Session, name: str, position: int) -> None:
    session.execute(update(Lease).where(Lease.name == name).values(position=position))


def read_everything(session: Session, name: str, now: datetime) -> None:
    """What is in the log so far calls for no mail any more."""
    lead(session, name, "", now, now)
    read_to(session, name, session.scalar(select(func.max(Event.position))) or 0)


def mark(session: Session, mail: int, state: str, now: datetime) -> None:
    session.execute(update(Mail).where(Mail.id == mail).values(state=state, changed_at=now))


def enqueue(session: Session, event: Event, kind: str, now: datetime) -> None:
    """Writes the mail an event calls for; it goes to the person it is about, if it is about one we know."""
    person = session.scalar(select(Person.id).where(Person.commitment == event.subject))
    session.add(Mail(event_position=event.position, person_id=person, kind=kind, state=WAITING, changed_at=now))


class Leaving(NamedTuple):
    """A mail that is about to leave: what it is, to whom, and the event that called for it, its kind and its facts.

    No two mails have number and moment alike, after a restore neither: then a number may be given again.
    """

    mail: int
    kind: str
    person: int | None
    event: int
    at: datetime
    said: str
    facts: dict[str, Any]


def waiting(session: Session, now: datetime) -> bool:
    """Whether any mail waits to leave, and may."""
    return session.scalar(select(Mail.id).where(*_may_leave(now)).limit(1)) is not None


def held_since(session: Session) -> datetime | None:
    """Since when mail is held back; None while it is not."""
    return session.scalar(select(func.min(MailHold.held_at)))


def let_go(session: Session) -> None:
    """Mail leaves again."""
    session.execute(delete(MailHold))


def drop_waiting(session: Session, name: str, now: datetime) -> None:
    """Neither what waits leaves, nor what the log so far still calls for."""
    session.execute(update(Mail).where(Mail.state == WAITING).values(state=DROPPED, changed_at=now))
    read_everything(session, name, now)


def first(session: Session, now: datetime) -> Leaving | None:
    """The oldest waiting mail that may leave."""
    row = session.execute(_LEAVING.where(*_may_leave(now)).order_by(Mail.id).limit(1)).one_or_none()
    return None if row is None else _leaving(row)


def leaves(session: Session, mail: int, now: datetime) -> bool:
    """Marks a mail that waits as leaving; False for one that waits no more."""
    waits = update(Mail).where(Mail.id == mail, Mail.state == WAITING).values(state=SENDING, changed_at=now)
    return session.execute(waits.returning(Mail.id)).scalar() is not None


def waits(session: Session, mail: int) -> bool:
    """Whether nothing of a mail has left."""
    return session.scalar(select(Mail.state).where(Mail.id == mail)) == WAITING


def _may_leave(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Mail.state == WAITING, Mail.changed_at <= literal(now, Moment), ~_HELD


def newest(session: Session, most: int) -> list[Leaving]:
    """The mails written last, whether they have left or not."""
    return list(map(_leaving, session.execute(_LEAVING.order_by(Mail.id.desc()).limit(most))))


_TOLD = Event.position, Event.recorded_at, Event.kind.label("said"), Event.body
_COLUMNS: tuple[Any, ...] = (Mail.id, Mail.kind, Mail.person_id, *_TOLD)
_LEAVING: Select[Any] = select(*_COLUMNS).join(Event, Event.position == Mail.event_position)


def _leaving(row: Row[Any]) -> Leaving:
    return Leaving._make((*row[:-1], json.loads(row.body)["facts"]))
