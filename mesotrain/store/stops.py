"""Whom a stop concerns, who of them has acknowledged it, and what is stopped where. Nothing of it is ever changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, ForeignKeyConstraint, exists, func, insert, or_, select, true
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import MANAGER, TRAINEE, Actor
from mesotrain.core.clearance import NOT_CLEARED
from mesotrain.core.clearance import clearance as answer
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound
from mesotrain.store import assertions, clearance
from mesotrain.store.assertions import Assertion, Concerns, Retraction, Said
from mesotrain.store.db import Base
from mesotrain.store.events import Event
from mesotrain.store.people import SEEING, Clinic, Member, Person, Role, managed


class StopNotice(Base):
    """Somebody whom a stop concerns, and who is asked to acknowledge it; `stop` is its place in the event log.

    What was stopped at several clinics in one go is one stop: its assertions have one place in the log.
    """

    __tablename__ = "stop_notices"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int] = mapped_column(ForeignKey(Event.position), primary_key=True)


class Acknowledgement(Base):
    """Somebody says that they have read of a stop; `sequence` is the place in the log at which they did."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "person_id", "stop"],
            ["stop_notices.organisation_id", "stop_notices.person_id", "stop_notices.stop"],
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


_STILL = exists().where(
    Assertion.sequence == StopNotice.stop,
    ~exists().where(Retraction.assertion_id == Assertion.id),
)
"""That a stop lasts, at some clinic at least."""
_READ = (Acknowledgement.stop == StopNotice.stop) & (Acknowledgement.person_id == StopNotice.person_id)
_UNREAD = ~exists().where(_READ)
_BELONGS = (Member.organisation_id == StopNotice.organisation_id) & (Member.person_id == StopNotice.person_id)


class Stop(NamedTuple):
    """A stop: what was said of it at each clinic, and how many of those it concerns have acknowledged it."""

    parts: Sequence[Said]
    told: int
    read: int

    @property
    def number(self) -> int:
        """Its place in the log, by which it is called."""
        return self.parts[0].row.sequence

    @property
    def lasts(self) -> bool:
        return any(one.until is None for one in self.parts)


class Told(NamedTuple):
    """Somebody whom a stop concerns, when they acknowledged it, and when they left, if they did."""

    person: int
    name: str
    at: datetime | None
    left: date | None


def affected(session: Session, actor: Actor, now: datetime, what: Concerns, places: Sequence[int]) -> dict[int, str]:
    """(person, commitment) of all whom a stop at these clinics concerns, but for the actor.

    They are the managers, and the one who is stopped or, of a procedure or a product, the clinicians who work there,
    unless it is known that they do nothing of the kind.
    """
    who = _with_role(session, actor.organisation, MANAGER, places)
    if what.person is not None:
        who[what.person] = session.get_one(Person, what.person).commitment
    else:
        clinicians = _with_role(session, actor.organisation, TRAINEE, places)
        who |= {one: clinicians[one] for one in _doing(session, actor, now, what, places, clinicians)}
    return {one: name for one, name in sorted(who.items()) if one != actor.person}


def _with_role(session: Session, organisation: int, role: str, places: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(Person.id, Person.commitment)
        .join(Role, Role.person_id == Person.id)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(
            Role.organisation_id == organisation,
            Role.role == role,
            or_(Role.clinic_id.is_(None), Role.clinic_id.in_(places)),
            Member.ended_on.is_(None),
        )
    )
    return {row.id: row.commitment for row in rows}


def _doing(
    session: Session, actor: Actor, now: datetime, what: Concerns, places: Sequence[int], people: Iterable[int]
) -> Iterable[int]:
    """Who of these may do there what is stopped, as far as is known, or has done it."""
    at, on = clearance.when(session, now, None), day_of(now, actor.organisation_zone)
    asked = [
        one
        for one in clearance.procedures(session, actor.organisation, at)
        if what.course is None or (one.course, one.procedure.name) == (what.course, what.about)
    ]
    known = clearance.known(session, actor.organisation, actor.organisation_zone, people, at)
    for person, one in known.items():
        done = any(one.cases.get((each.course, each.procedure.name)) for each in asked)
        facts = (one.facts(each, place) for place in places if place in one.worked for each in asked)
        if done or any(answer(replace(fact, stops=(), products=()), on).answer != NOT_CLEARED for fact in facts):
            yield person


def tell(session: Session, organisation: int, stop: int, people: Iterable[int]) -> None:
    """Asks each of these people to acknowledge a stop."""
    rows = [{"stop": stop, "person_id": one, "organisation_id": organisation} for one in people]
    if rows:
        session.execute(insert(StopNotice), rows)


def told(session: Session, organisation: int, stop: int, among: Sequence[int] | None = None) -> Sequence[Told]:
    """Whom a stop concerns, with a role in a clinic `among` some or anywhere: first who has yet to acknowledge it."""
    here = exists().where(
        Role.organisation_id == StopNotice.organisation_id,
        Role.person_id == StopNotice.person_id,
        Role.clinic_id.in_(among or ()),
    )
    rows = session.execute(
        select(Person.id, Person.name, Event.recorded_at, Member.ended_on)
        .join(StopNotice, StopNotice.person_id == Person.id)
        .join(Member, _BELONGS)
        .outerjoin(Acknowledgement, _READ)
        .outerjoin(Event, Event.position == Acknowledgement.sequence)
        .where(StopNotice.organisation_id == organisation, StopNotice.stop == stop, true() if among is None else here)
        .order_by(Event.position.is_not(None), Person.folded, Person.id)
    )
    return [Told._make(row) for row in rows]


def waits(session: Session, organisation: int, person: int, stop: int) -> bool:
    """Whether a stop that lasts has yet to be acknowledged by somebody."""
    which = StopNotice.organisation_id == organisation, StopNotice.person_id == person, StopNotice.stop == stop
    return session.scalar(select(StopNotice.stop).where(*which, _UNREAD, _STILL)) is not None


def is_told(session: Session, actor: Actor, stop: int) -> bool:
    """Whether the actor is one of those whom a stop concerns."""
    which = StopNotice.organisation_id == actor.organisation, StopNotice.person_id == actor.person
    return session.scalar(select(StopNotice.stop).where(StopNotice.stop == stop, *which)) is not None


def notices(session: Session, actor: Actor) -> set[int]:
    """The stops that the actor was ever told of."""
    theirs = StopNotice.organisation_id == actor.organisation, StopNotice.person_id == actor.person
    return set(session.scalars(select(StopNotice.stop).where(*theirs)))


def unread(session: Session, actor: Actor) -> Sequence[int]:
    """The stops that last and that the actor has yet to acknowledge, the newest first."""
    theirs = StopNotice.organisation_id == actor.organisation, StopNotice.person_id == actor.person
    return session.scalars(
        select(StopNotice.stop).where(*theirs, _UNREAD, _STILL).order_by(StopNotice.stop.desc())
    ).all()


def chased(session: Session, organisation: int) -> Sequence[tuple[int, int, datetime]]:
    """(person, stop, when it was said) of all that has yet to be acknowledged by somebody who works there."""
    rows = session.execute(
        select(StopNotice.person_id, StopNotice.stop, Event.recorded_at)
        .join(Event, Event.position == StopNotice.stop)
        .join(Member, _BELONGS)
        .where(StopNotice.organisation_id == organisation, Member.ended_on.is_(None), Member.suspended_at.is_(None))
        .where(_UNREAD, _STILL)
        .order_by(StopNotice.stop, StopNotice.person_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def parts(session: Session, organisation: int, stop: int) -> Sequence[Assertion]:
    """What was said at each clinic when something was stopped."""
    rows = select(Assertion).where(Assertion.organisation_id == organisation, Assertion.sequence == stop)
    return session.scalars(rows.order_by(Assertion.id)).all()


def stops(session: Session, actor: Actor, which: int | None = None) -> list[Stop]:
    """The stops of an organisation, or the one of this number; those that last first, then the newest."""
    found: dict[int, list[Said]] = {}
    for one in assertions.stops(session, actor.organisation, which):
        found.setdefault(one.row.sequence, []).insert(0, one)
    counted = _counted(session, actor.organisation, found)
    made = [Stop(rows, *counted.get(number, (0, 0))) for number, rows in found.items()]
    return sorted(made, key=lambda one: (not one.lasts, -one.number))


def stop(session: Session, actor: Actor, number: int) -> Stop:
    """One stop that the actor was told of, or at one of whose clinics they see who works. Raises NotFound else."""
    found = stops(session, actor, number)
    if not found or not (sees(actor, found[0]) or is_told(session, actor, number)):
        raise NotFound
    return found[0]


def sees(actor: Actor, one: Stop) -> bool:
    """Whether somebody manages or audits a clinic of a stop, and so may see who acknowledged it."""
    every, places = managed(actor, SEEING)
    return every or any(part.row.clinic_id in (None, *places) for part in one.parts if places)


def seen_in(actor: Actor, one: Stop) -> Sequence[int] | None:
    """The clinics in which somebody may see who acknowledged a stop: those they manage or audit, or, where that is each
    of its clinics, any.
    """
    every, places = managed(actor, SEEING)
    whole = every or all(part.row.clinic_id in places for part in one.parts)
    return None if whole else places


def _counted(session: Session, organisation: int, numbers: Iterable[int]) -> dict[int, tuple[int, int]]:
    """How many a stop concerns who are still there, and how many of them acknowledged it."""
    rows = session.execute(
        select(StopNotice.stop, func.count(), func.count(Acknowledgement.person_id))
        .join(Member, _BELONGS)
        .outerjoin(Acknowledgement, _READ)
        .where(StopNotice.organisation_id == organisation, StopNotice.stop.in_(list(numbers)))
        .where(Member.ended_on.is_(None))
        .group_by(StopNotice.stop)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def places(session: Session, rows: Iterable[Assertion]) -> list[str]:
    """The names of the clinics that were named."""
    named = [row.clinic_id for row in rows if row.clinic_id is not None]
    return list(session.scalars(select(Clinic.name).where(Clinic.id.in_(named)).order_by(Clinic.name)))


def carry(session: Session, organisation: int, person: int, into: int, said_again: Mapping[int, int]) -> None:
    """What somebody was asked to acknowledge, and did, is another's too; of each stop that was `said_again`, by its old
    place in the log, whoever was told of the old one was told of the new one.
    """
    notice, other = aliased(StopNotice), aliased(StopNotice)
    theirs = select(notice.stop).where(notice.organisation_id == organisation, notice.person_id == person)
    already = select(other.stop).where(other.organisation_id == organisation, other.person_id == into)
    new = set(session.scalars(theirs)) - set(session.scalars(already)) - set(said_again)
    _copy(session, organisation, {stop: stop for stop in new}, {person: into}, only=True)
    _copy(session, organisation, said_again, {person: into}, only=False)


def _copy(
    session: Session, organisation: int, stops: Mapping[int, int], people: Mapping[int, int], *, only: bool
) -> None:
    for table in (StopNotice, Acknowledgement):
        columns: Any = table.__table__.columns
        rows = session.execute(select(*columns).where(table.organisation_id == organisation, table.stop.in_(stops)))
        found = [dict(row) for row in rows.mappings() if not only or row["person_id"] in people]
        made = {(stops[one["stop"]], people.get(one["person_id"], one["person_id"])): one for one in found}
        if made:
            session.execute(
                insert(table), [one | {"stop": stop, "person_id": person} for (stop, person), one in made.items()]
            )
