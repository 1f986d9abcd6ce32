"""What named people say is so from a day on: documents seen, what clinics offer, stops. None is ever changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.assertions import KINDS, LEARNT, STOP, Period, Product
from mesotrain.core.errors import NotFound
from mesotrain.store.courses import Competency, Course
from mesotrain.store.db import Base
from mesotrain.store.events import Event
from mesotrain.store.people import Person


class Assertion(Base):
    """Somebody says that something is so from `start_day` until before `end_day`, or for good.

    `kind` is one of `core.assertions.KINDS`, `about` the document or the procedure of the course it concerns. One that
    names no person, clinic or procedure holds for each of them. What a second person has to confirm was `confirmed_by`
    one, or stands `alone`. Of a stopped product, which is of no course, `about` is
    its name and `lot` its lot, empty for all of it. `sequence` is its place in the event log, which it shares with what
    was said in one go.
    """

    __tablename__ = "assertions"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "clinic_id"], ["clinics.organisation_id", "clinics.id"]),
        ForeignKeyConstraint(["organisation_id", "asserted_by"], ["members.organisation_id", "members.person_id"]),
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS)), name="kind"),
        Index("ix_assertions_person", "organisation_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    kind: Mapped[str]
    person_id: Mapped[int | None]
    clinic_id: Mapped[int | None]
    course_id: Mapped[int | None] = mapped_column(ForeignKey(Course.id))
    about: Mapped[str]
    start_day: Mapped[date]
    end_day: Mapped[date | None]
    reason: Mapped[str]
    asserted_by: Mapped[int]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))
    lot: Mapped[str] = mapped_column(server_default="")
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    alone: Mapped[bool] = mapped_column(server_default=false())

    @property
    def product(self) -> str:
        """The product that is stopped, if it is one."""
        return self.about if self.kind == STOP and self.course_id is None else ""


class Retraction(Base):
    """Somebody says that an assertion holds no more from a day on; from its first day, that it never did."""

    __tablename__ = "retractions"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "assertion_id"], ["assertions.organisation_id", "assertions.id"]),
        ForeignKeyConstraint(["organisation_id", "retracted_by"], ["members.organisation_id", "members.person_id"]),
    )

    assertion_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    end_day: Mapped[date]
    reason: Mapped[str]
    retracted_by: Mapped[int]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


Asserted = tuple[Assertion, date | None]
"""An assertion, and the day from which it was taken back, if it was."""


def periods(
    asserted: Iterable[Asserted],
    kind: str,
    *,
    clinic: int | None = None,
    about: tuple[int, str] | None = None,
    named: Mapping[int, str] = MappingProxyType({}),
) -> Iterator[Period]:
    """When what was said of this kind holds, of all that concerns the clinic and the document or procedure.

    What was taken back from its first day on never did; of a stop it is told all the same. `named` has the names of
    those who said so.
    """
    for row, taken_back in asserted:
        where, what = row.clinic_id in (None, clinic), (row.course_id, row.about) in ((None, ""), about)
        end = _end(row, taken_back)
        if row.kind == kind and where and what and (end != row.start_day or kind == STOP):
            yield Period(row.start_day, end, row.reason, _by(row, named), row.sequence, row.alone)


def products(asserted: Iterable[Asserted], clinic: int, named: Mapping[int, str]) -> Iterator[Product]:
    """The same of the products that are stopped at a clinic."""
    for row, taken_back in asserted:
        if row.product and row.clinic_id in (None, clinic):
            by, end = _by(row, named), _end(row, taken_back)
            yield Product(row.start_day, end, row.reason, by, row.sequence, name=row.product, lot=row.lot)


def _by(row: Assertion, named: Mapping[int, str]) -> str:
    return both(named.get(row.asserted_by), named.get(row.confirmed_by or 0))


def both(by: str | None, confirmed_by: str | None = None) -> str:
    """The names of who said something and of who confirmed it, if somebody did."""
    return ", ".join(filter(None, (by, confirmed_by)))


def _end(row: Assertion, taken_back: date | None) -> date | None:
    return min((day for day in (row.end_day, taken_back) if day is not None), default=None)


@dataclass(frozen=True)
class By:
    """Who says something and who confirmed it; it stands `alone` where there was nobody to."""

    person: int
    confirmed: int | None = None
    alone: bool = False


@dataclass(frozen=True)
class Concerns:
    """What an assertion is about; None is every one there is."""

    person: int | None = None
    clinic: int | None = None
    course: int | None = None
    about: str = ""
    lot: str = ""


class Said(NamedTuple):
    """An assertion as people read it: who said and confirmed it, and when; who took it back, from when on and why."""

    row: Assertion
    by: str
    at: datetime
    until: date | None
    retracted_by: str | None
    retracted_for: str | None


_BY, _CONFIRMED, _BACK = aliased(Person), aliased(Person), aliased(Person)


def said(session: Session, organisation: int, person: int | None) -> Sequence[Said]:
    """What was said of a person, or, of nobody, what concerns no one person; the newest first."""
    return _said(session, organisation, Assertion.person_id == person)


def learnt(session: Session, organisation: int, person: int) -> dict[int, list[Said]]:
    """What somebody learnt elsewhere, by the competency it stands in for; the newest first."""
    rows = _said(session, organisation, Assertion.person_id == person, Assertion.kind == LEARNT)
    if not rows:
        return {}
    courses = {one.row.course_id for one in rows}
    named = select(Competency.course_id, Competency.code, Competency.id).where(Competency.course_id.in_(courses))
    found: dict[int, list[Said]] = {}
    for course, code, number in session.execute(named):
        if those := [one for one in rows if (one.row.course_id, one.row.about) == (course, code)]:
            found[number] = those
    return found


def stops(session: Session, organisation: int, which: int | None) -> Sequence[Said]:
    """All that was ever stopped, or what was in one go, by its place in the log; the newest first."""
    place = true() if which is None else Assertion.sequence == which
    return _said(session, organisation, Assertion.kind == STOP, place)


def _said(session: Session, organisation: int, *which: ColumnElement[bool]) -> Sequence[Said]:
    rows = session.execute(
        select(
            Assertion, _BY.name, _CONFIRMED.name, Event.recorded_at, Retraction.end_day, _BACK.name, Retraction.reason
        )
        .join(_BY, _BY.id == Assertion.asserted_by)
        .outerjoin(_CONFIRMED, _CONFIRMED.id == Assertion.confirmed_by)
        .join(Event, Event.position == Assertion.sequence)
        .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
        .outerjoin(_BACK, _BACK.id == Retraction.retracted_by)
        .where(Assertion.organisation_id == organisation, *which)
        .order_by(Assertion.id.desc())
    )
    return [Said(row[0], both(row[1], row[2]), *row[3:]) for row in rows]


def assertion(session: Session, actor: Actor, number: int) -> Assertion:
    """An assertion of the actor's organisation that nobody took back. Raises NotFound for any other."""
    found = session.scalar(
        select(Assertion)
        .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
        .where(
            Assertion.organisation_id == actor.organisation, Assertion.id == number, Retraction.assertion_id.is_(None)
        )
    )
    if found is None:
        raise NotFound
    return found


def open_parts(session: Session, actor: Actor, stop: int) -> Sequence[Assertion]:
    """What was stopped in one go in the actor's organisation, by its place in the log, as far as it lasts."""
    return [one.row for one in stops(session, actor.organisation, stop) if one.until is None]


def open_of(session: Session, organisation: int, kind: str, concerns: Concerns, on: date) -> Sequence[Assertion]:
    """Assertions of this kind about exactly this that hold on a day or later, and nobody took back."""
    rows = session.scalars(
        select(Assertion)
        .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
        .where(
            Assertion.organisation_id == organisation,
            Assertion.kind == kind,
            Assertion.person_id == concerns.person,
            Assertion.clinic_id == concerns.clinic,
            Assertion.course_id == concerns.course,
            Assertion.about == concerns.about,
            Retraction.assertion_id.is_(None),
            or_(Assertion.end_day.is_(None), Assertion.end_day > on),
        )
        .order_by(Assertion.id)
    )
    return rows.all()
