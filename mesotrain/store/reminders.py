"""What people are reminded of, and what they have been told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core import competence as core
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.assertions import DOCUMENT, LEARNT, RENEWED, Period
from mesotrain.core.certification import Stage, stage_on
from mesotrain.core.dates import beginning, day_of
from mesotrain.core.reminders import DUE, ENDING, LATEST, READING, signing, stage
from mesotrain.store import clearance, stops
from mesotrain.store.assertions import Assertion, Retraction
from mesotrain.store.assignments import due_by
from mesotrain.store.catalogue import taught_titles
from mesotrain.store.certificates import counting
from mesotrain.store.clearance import Asked
from mesotrain.store.competence import StandingSpan, lasts
from mesotrain.store.db import Base
from mesotrain.store.events import Event
from mesotrain.store.logbook import lapsed, waiting
from mesotrain.store.people import Member, Organisation, Person, Role
from mesotrain.store.schemes import When

COURSE, ENDS, EXPIRED, SIGNATURE, STOP, LAPSED = "course", "ends", "expired", "signature", "stop", "lapsed"
KINDS = COURSE, ENDS, EXPIRED, SIGNATURE, STOP, LAPSED, *RENEWED
THEIRS_ALONE = SIGNATURE, LAPSED
"""What no manager is told of."""


class Reminder(Base):
    """Somebody was told, once, of a stage that something has reached: of theirs, or of one of the people they manage.

    `day` is when it is due, ends or expired; `subject` is the assignment, the competency, the certificate, the
    request, the stop or the assertion.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "about"], ["members.organisation_id", "members.person_id"]),
        CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS)), name="kind"),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    event_position: Mapped[int] = mapped_column(ForeignKey(Event.position), index=True)


class News(NamedTuple):
    """A stage that something of a person has reached."""

    about: int
    kind: str
    subject: int
    day: date
    stage: int
    title: str


def organisations(session: Session) -> list[tuple[int, str, date | None]]:
    """(organisation, zone, the day it was last gone through) of each."""
    rows = session.execute(select(Organisation.id, Organisation.zone, Organisation.reminded_on))
    return [(row.id, row.zone, row.reminded_on) for row in rows]


def gone_through(session: Session, organisation: int, on: date) -> None:
    """Nobody of the organisation is reminded again on this day."""
    session.execute(update(Organisation).where(Organisation.id == organisation).values(reminded_on=on))


def news(session: Session, organisation: int, on: date) -> list[News]:
    """Everything in an organisation that has reached a stage, whether it was told or not."""
    found = list(_stops(session, organisation, on))
    found += [
        News(one.person, COURSE, one.id, one.due_on, reached, one.title)
        for one in due_by(session, organisation, on, on + timedelta(days=DUE[0]))
        if (reached := stage(one.due_on, on, DUE)) is not None
    ]
    for request in waiting(session, organisation, on):
        reached = signing(request.ends_on, on)
        if reached is not None:
            found.append(News(request.supervisor_id, SIGNATURE, request.id, request.ends_on, reached, ""))
    for number, trainee, day in lapsed(session, organisation, on - timedelta(days=LATEST), on):
        found.append(News(trainee, LAPSED, number, day, 0, ""))
    zone = session.get_one(Organisation, organisation).zone
    at = clearance.when(session, beginning(on, zone), None, on, zone)
    asked = clearance.procedures(session, organisation, at)
    found += _certificates(session, organisation, asked, at)
    found += _asserted(session, organisation, asked, at)
    titles = taught_titles(session, organisation)
    for person, competency, kind, day in _endings(session, organisation, on):
        reached = stage(day, on, ENDING)
        if reached is not None and competency in titles:
            found.append(News(person, kind, competency, day, reached, titles[competency]))
    return found


def _stops(session: Session, organisation: int, on: date) -> Iterator[News]:
    """The stops that somebody has yet to acknowledge."""
    zone = session.get_one(Organisation, organisation).zone
    for person, number, at in stops.chased(session, organisation):
        day = day_of(at, zone)
        reached = stage(day, on, READING)
        if reached is not None:
            yield News(person, STOP, number, day, reached, "")


def _certificates(session: Session, organisation: int, asked: Sequence[Asked], at: When) -> Iterator[News]:
    """The certificates of trainees that end, are in grace, or have expired of late."""
    if not any(one.scheme.certificates for one in asked):
        return
    on, trainees = at.day, session.scalars(_TRAINEES, {"organisation": organisation})
    known = clearance.known(session, organisation, at.zone, trainees, at)
    for person, one in sorted(known.items()):
        for (course, name), certified in one.certified.items():
            kind, day = _turn(stage_on(certified.stages, on))
            reached = stage(day, on, ENDING) if day else None
            if day and reached is not None:
                yield News(person, kind, _number(course, name), day, reached, certified.newest.title)


def _asserted(session: Session, organisation: int, asked: Sequence[Asked], at: When) -> Iterator[News]:
    """What was said of people who are there, and ends: of what was said again, the last to end."""
    if not asked:
        return
    months = {(DOCUMENT, one.course, of.name): of.months for one in asked for of in one.scheme.documents}
    months |= {(LEARNT, one.course, of.code): of.months for one in asked for of in one.scheme.prior}
    titles = {(one.course, one.procedure.name): one.procedure.title for one in asked}
    titles |= {(one.course, of.name): of.title for one in asked for of in one.scheme.documents}
    titles |= clearance.competencies(session, organisation, at)
    last: dict[Any, tuple[date, Assertion]] = {}
    for row in session.scalars(_ENDING, {"organisation": organisation}):
        period, counts = Period(row.start_day, row.end_day), months.get((row.kind, row.course_id or 0, row.about))
        end = counting(period, counts).end if counts else period.end
        which = (row.person_id, row.kind, row.course_id, row.about, row.clinic_id)
        if end and (which not in last or end > last[which][0]):
            last[which] = (end, row)
    for end, row in last.values():
        title, reached = titles.get((row.course_id or 0, row.about)), stage(end, at.day, ENDING)
        if title and reached is not None:
            yield News(row.person_id or 0, row.kind, row.id, end, reached, title)


_ENDING = (
    select(Assertion)
    .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
    .join(Member, (Member.organisation_id == Assertion.organisation_id) & (Member.person_id == Assertion.person_id))
    .where(Assertion.organisation_id == bindparam("organisation"), Assertion.kind.in_(RENEWED))
    .where(Retraction.assertion_id.is_(None), Member.ended_on.is_(None), Member.suspended_at.is_(None))
    .order_by(Assertion.id)
)
_TRAINEES = (
    select(Role.person_id)
    .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
    .where(Role.organisation_id == bindparam("organisation"), Role.role == TRAINEE)
    .where(Member.ended_on.is_(None), Member.suspended_at.is_(None))
    .distinct()
)


def _turn(stage: Stage) -> tuple[str, date | None]:
    """What the day of a certificate is called here that it turns on, if there is one."""
    if stage.state == core.EXPIRED:
        return EXPIRED, stage.start
    if stage.temporary and stage.said:
        return ENDS, stage.said.end
    return ENDS, stage.issue.end if stage.issue else None


def _number(course: int, name: str) -> int:
    """By which a certificate is told from others and from competencies, whose numbers are small."""
    return 2**30 + int.from_bytes(sha256(f"{course}/{name}".encode()).digest()[:4]) % 2**30


def _endings(session: Session, organisation: int, on: date) -> list[tuple[int, int, str, date]]:
    """(person, competency, kind, day) of members whose status is in its last days, or has ended of late."""
    rows = session.execute(
        select(
            StandingSpan.person_id,
            StandingSpan.competency_id,
            StandingSpan.state,
            StandingSpan.start_day,
            StandingSpan.end_day,
        )
        .join(
            Member,
            (Member.organisation_id == StandingSpan.organisation_id) & (Member.person_id == StandingSpan.person_id),
        )
        .where(
            StandingSpan.organisation_id == organisation,
            StandingSpan.state.in_(_LAST),
            lasts(on),
            Member.ended_on.is_(None),
            Member.suspended_at.is_(None),
        )
        .order_by(StandingSpan.person_id, StandingSpan.competency_id)
    )
    return [(row.person_id, row.competency_id, *_LAST[row.state](row)) for row in rows]


_LAST: dict[str, Callable[[Any], tuple[str, date]]] = {
    core.RENEWAL_OPEN: lambda row: (ENDS, row.end_day),
    core.IN_GRACE: lambda row: (ENDS, row.start_day),
    core.EXPIRED: lambda row: (EXPIRED, row.start_day),
}
"""What each of the last states is called here, and the day it turns on."""


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


def untold(session: Session, organisation: int, found: Sequence[News], on: date) -> dict[int, list[News]]:
    """Who is to be told what of it: everybody of their own, and whoever manages them of theirs; nothing twice.

    What somebody is asked to sign, and what lapsed of what they asked for, is told to them alone.
    """
    rows = session.execute(
        select(*(getattr(Reminder, name) for name in _SAME)).where(
            Reminder.organisation_id == organisation, Reminder.day > on - timedelta(days=2 * LATEST)
        )
    )
    told = set(map(tuple, rows))
    managers = managers_of(session, organisation, {one.about for one in found})
    fresh: dict[int, list[News]] = {}
    for one in found:
        for person in {one.about} | (managers.get(one.about, set()) if one.kind not in THEIRS_ALONE else set()):
            if (person, *one[:5]) not in told:
                fresh.setdefault(person, []).append(one)
    return fresh


_SAME = ("person_id", "about", "kind", "subject", "day", "stage")


def tell(session: Session, organisation: int, person: int, found: Sequence[News], event: int) -> None:
    """Keeps that an event told a person of these."""
    same = {"organisation_id": organisation, "person_id": person, "event_position": event}
    session.execute(insert(Reminder), [same | one._asdict() for one in found])


def told_by(session: Session, event: int) -> Sequence[tuple[str, str, str, date, int]]:
    """(name of whom it is about, kind, title, day, their id) of all that an event told, by person and day."""
    rows = session.execute(
        select(Person.name, Reminder.kind, Reminder.title, Reminder.day, Reminder.about)
        .join(Person, Person.id == Reminder.about)
        .where(Reminder.event_position == event)
        .order_by(Person.folded, Person.id, Reminder.day, Reminder.kind, Reminder.subject)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def past(kind: str, day: date, on: date) -> bool:
    """Whether what is told of is overdue or has ended `on` a date; a course may be done on its day."""
    return kind == EXPIRED or day < on or (day == on and kind != COURSE)
