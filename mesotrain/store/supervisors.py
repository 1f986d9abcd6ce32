"""Who may supervise what, where and when, by what was said of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from mesotrain.core.assertions import STOP, SUPERVISE, in_force
from mesotrain.store.assertions import Asserted, Assertion, Retraction, periods
from mesotrain.store.people import Member, Person, clinics


def supervisors(session: Session, organisation: int) -> dict[tuple[int, str], list[Asserted]]:
    """(person, name) of each member whom somebody said may supervise, with all that was said of them."""
    appointed = aliased(Assertion)
    said = exists().where(
        appointed.organisation_id == Member.organisation_id,
        appointed.person_id == Member.person_id,
        appointed.kind == SUPERVISE,
    )
    rows = session.execute(
        select(Person.id, Person.name, Assertion, Retraction.end_day)
        .join(Member, Member.person_id == Person.id)
        .join(
            Assertion,
            (Assertion.organisation_id == Member.organisation_id)
            & ((Assertion.person_id == Person.id) | Assertion.person_id.is_(None)),
        )
        .outerjoin(Retraction, Retraction.assertion_id == Assertion.id)
        .where(Member.organisation_id == organisation, Member.ended_on.is_(None), Member.suspended_at.is_(None), said)
        .order_by(Person.folded, Person.id)
    )
    found: dict[tuple[int, str], list[Asserted]] = {}
    for person, name, row, taken_back in rows:
        found.setdefault((person, name), []).append((row, taken_back))
    return found


def asked_still(asserted: Sequence[Asserted], since: date) -> bool:
    """Whether somebody may still be asked about cases from a day on: an appointment of theirs lasted until then."""
    appointed = [(row, taken_back or row.end_day) for row, taken_back in asserted if row.kind == SUPERVISE]
    return any(end is not None and row.start_day < end and since < end for row, end in appointed)


def may_supervise(asserted: Sequence[Asserted], clinic: int, about: tuple[int, str], on: date) -> bool:
    """Whether somebody of whom this was said may supervise a procedure at a clinic on a day, and is not stopped."""
    right = periods(asserted, SUPERVISE, clinic=clinic, about=about)
    return in_force(right, on) and not stopped(asserted, clinic, about, on)


def stopped(asserted: Sequence[Asserted], clinic: int, about: tuple[int, str], on: date) -> bool:
    """Whether somebody of whom this was said is stopped there on a day."""
    return in_force(periods(asserted, STOP, clinic=clinic, about=about), on)


def uncovered(session: Session, organisation: int, person: int, on: date) -> dict[tuple[int, str], list[str]]:
    """What only this person may supervise on a day: by (course, procedure) the names of the clinics."""
    everybody = {who: said for (who, _), said in supervisors(session, organisation).items()}
    theirs, places = everybody.pop(person, []), clinics(session, organisation)
    found: dict[tuple[int, str], list[str]] = {}
    for about in sorted({(row.course_id or 0, row.about) for row, _ in theirs if row.kind == SUPERVISE}):
        for place in places:
            if may_supervise(theirs, place.id, about, on) and not any(
                may_supervise(said, place.id, about, on) for said in everybody.values()
            ):
                found.setdefault(about, []).append(place.name)
    return found


_ENDED = aliased(Retraction)


def held_right(of: Any, by: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """That whoever signed something of a procedure held the right to at its clinic on its day, as was known by the
    `position` that is bound."""
    return exists().where(
        Assertion.organisation_id == of.organisation_id,
        Assertion.person_id == by,
        Assertion.kind == SUPERVISE,
        Assertion.course_id == of.course_id,
        Assertion.about == of.procedure,
        Assertion.clinic_id.is_(None) | (Assertion.clinic_id == of.clinic_id),
        Assertion.start_day <= of.day,
        Assertion.end_day > of.day,
        Assertion.sequence <= bindparam("position"),
        ~exists().where(
            _ENDED.assertion_id == Assertion.id, _ENDED.end_day <= of.day, _ENDED.sequence <= bindparam("position")
        ),
    )
