"""What an administrator sees of jobs and mail: the worker, and the mails of one organisation, never what they say."""

import json
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, update
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store import attempts
from mesotrain.store.attempts import Attempt
from mesotrain.store.db import Collision, Moment
from mesotrain.store.events import Event
from mesotrain.store.invitations import Invitation
from mesotrain.store.outbox import DROPPED, IN_DOUBT, LEASE, SENDING, SENT, WAITING, Lease, Mail, MailHold
from mesotrain.store.people import Person

FAILED, DOUBTED, HELD, PUT_OFF = "refused", "doubted", "held", "put-off"
STATES = DOUBTED, FAILED, HELD, PUT_OFF, WAITING, SENDING, SENT, DROPPED
"""As `Mail` has them; but one that has been leaving for too long is in doubt, one that may not leave is held, and one
that may leave only later was put off by the mail server."""
UNDONE = STATES[:6]
"""Those of a mail that has not come to its end."""
OWN = ("link", "password-changed", "email-changed", "second-factor", "recovery-code")
"""Kinds of mail about an account itself: no administrator sees them, nor keeps them from leaving."""


class Worker(NamedTuple):
    """Until when a worker leads; of an organisation, what it has yet to do.

    `unread` are events that call for a mail, `overdue` open attempts past their deadline.
    """

    until: datetime | None
    unread: int
    overdue: int
    held_since: datetime | None


def worker(session: Session, actor: Actor, now: datetime, kinds: Sequence[str]) -> Worker:
    """What the worker did last, for events of these kinds that call for a mail."""
    read = func.coalesce(select(Lease.position).where(Lease.name == LEASE).scalar_subquery(), 0)
    unread = select(func.count()).where(
        Event.organisation_id == actor.organisation, Event.kind.in_(kinds), Event.position > read
    )
    overdue = select(func.count()).where(Attempt.organisation_id == actor.organisation, attempts.overdue(now))
    row = session.execute(
        select(
            select(Lease.until).where(Lease.name == LEASE).scalar_subquery(),
            unread.scalar_subquery(),
            overdue.scalar_subquery(),
            select(func.min(MailHold.held_at)).scalar_subquery(),
        )
    ).one()
    return Worker._make(row)


class Waiting(NamedTuple):
    """A mail as an administrator sees it: its state as in STATES and since when (put off: until when), and whose it is.

    `ends_at` is until when the invitation in it is good.
    """

    id: int
    kind: str
    state: str
    since: datetime
    organisation: int | None
    subject: str
    name: str | None
    email: str | None
    stored: str
    ends_at: datetime | None = None


def _state(now: datetime) -> ColumnElement[str]:
    leaving = Mail.state == SENDING
    return case(
        (and_(leaving, Mail.changed_at <= literal(now - IN_DOUBT, Moment)), DOUBTED),
        (and_(Mail.state == WAITING, select(MailHold.id).exists()), HELD),
        (and_(Mail.state == WAITING, Mail.changed_at > literal(now, Moment)), PUT_OFF),
        else_=Mail.state,
    )


def _mails(now: datetime) -> Select[Any]:
    state, stored = _state(now).label("state"), Mail.state.label("stored")
    columns: list[Any] = [Mail.id, Mail.kind, state, Mail.changed_at, stored, Event.organisation_id, Event.subject]
    return (
        select(*columns, Person.name, Person.email, Event.body)
        .join(Event, Event.position == Mail.event_position)
        .outerjoin(Person, Person.id == Mail.person_id)
    )


def counts(session: Session, actor: Actor, now: datetime, today: datetime) -> dict[str, int]:
    """How many mails of the organisation there are in each state, of those that have left only today's."""
    state = _state(now).label("state")
    rows = session.execute(
        select(state, func.count())
        .join(Event, Event.position == Mail.event_position)
        .where(_theirs(actor), _recent(today))
        .group_by(state)
    )
    return {row[0]: row[1] for row in rows}


def _theirs(actor: Actor) -> ColumnElement[bool]:
    """That a mail is the organisation's to look after."""
    return and_(Event.organisation_id == actor.organisation, Mail.kind.not_in(OWN))


def _recent(today: datetime) -> ColumnElement[bool]:
    return or_(Mail.state.not_in([SENT, DROPPED]), Mail.changed_at >= literal(today, Moment))


def mails(
    session: Session, actor: Actor, now: datetime, today: datetime, states: Sequence[str], skip: int, most: int
) -> list[Waiting]:
    """The mails of the organisation in these states, those first that ask for something, then the oldest."""
    state = _state(now)
    asks = case({one: place for place, one in enumerate(STATES)}, value=state)
    rows = session.execute(
        _mails(now)
        .where(_theirs(actor), state.in_(states), _recent(today))
        .order_by(asks, Mail.id)
        .offset(skip)
        .limit(most)
    ).all()
    invited = {row.id: json.loads(row.body)["facts"]["invitation"] for row in rows if row.kind == "invitation"}
    named = _invited(session, actor, set(invited.values()))
    return [_made(row, *named.get(invited.get(row.id), (row.name, row.email, None))) for row in rows]


def _invited(session: Session, actor: Actor, invitations: Set[int]) -> dict[int | None, tuple[str, str, datetime]]:
    """(name, address, until when it is good) of each of these invitations of the organisation."""
    rows = session.execute(
        select(Invitation.id, Invitation.name, Invitation.email, Invitation.ends_at).where(
            Invitation.id.in_(invitations), Invitation.organisation_id == actor.organisation
        )
    )
    return {row.id: (row.name, row.email, row.ends_at) for row in rows}


def _made(row: Any, name: str | None, email: str | None, ends_at: datetime | None = None) -> Waiting:
    said = row.id, row.kind, row.state, row.changed_at, row.organisation_id, row.subject, name, email, row.stored
    return Waiting(*said, ends_at)


def mail(session: Session, number: int, now: datetime) -> Waiting:
    """A mail, whose ever it is."""
    row = session.execute(_mails(now).where(Mail.id == number)).one()
    return _made(row, row.name, row.email)


def waiting(session: Session, actor: Actor, now: datetime, number: int) -> Waiting:
    """A mail of the actor's organisation. Raises NotFound for any other."""
    query = _mails(now).where(Mail.id == number, _theirs(actor))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _made(row, row.name, row.email)


def change(session: Session, mail: Waiting, state: str, now: datetime) -> None:
    """Moves a mail on. Raises Collision where it is not as it was seen."""
    seen = update(Mail).where(Mail.id == mail.id, Mail.state == mail.stored, Mail.changed_at == mail.since)
    if session.connection().execute(seen.values(state=state, changed_at=now)).rowcount != 1:
        raise Collision


class Told(NamedTuple):
    """What the log says of a mail: how often it was sent again, and the code it was last put off or refused with.

    `put_off_at` is when it was first put off since somebody had it sent, if it was.
    """

    again: int = 0
    code: int = 0
    put_off_at: datetime | None = None


def told(session: Session, organisation: int | None, mails: Sequence[Waiting]) -> dict[int, Told]:
    """The same of each of these mails of the organisation, or of none."""
    rows = session.execute(
        select(Event.kind, Event.recorded_at, Event.body)
        .where(
            Event.organisation_id == organisation,
            Event.subject.in_({one.subject for one in mails}),
            Event.kind.in_(["mail.put-off", "mail.refused", "mail.sent-again"]),
        )
        .order_by(Event.position)
    )
    found: dict[int, Told] = {}
    for kind, at, body in rows:
        facts = json.loads(body)["facts"]
        before = found.get(facts["mail"], Told())
        after = before._replace(code=facts.get("code", before.code))
        if kind == "mail.sent-again":
            after = before._replace(again=before.again + 1, put_off_at=None)
        elif kind == "mail.put-off":
            after = after._replace(put_off_at=at)
        found[facts["mail"]] = after
    return found
