"""What somebody has begun in an organisation and not ended, for whoever takes over when they leave."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from mesotrain.core.access import MANAGER, PERMISSIONS, Actor
from mesotrain.core.attempts import FINISHED, MARKING
from mesotrain.core.attempts import OPEN as OPEN_ATTEMPT
from mesotrain.core.dates import day_of
from mesotrain.store import logbook, observations, supervisors
from mesotrain.store.assignments import Due, due_of
from mesotrain.store.attempts import Attempt
from mesotrain.store.clearance import titles
from mesotrain.store.courses import Course, ModuleVersion
from mesotrain.store.drafts import OPEN, Draft
from mesotrain.store.holds import lasting
from mesotrain.store.invitations import Invitation
from mesotrain.store.marking import abandoned
from mesotrain.store.people import Clinic, Member, Role, alone
from mesotrain.store.reports import how_many


class Unfinished(NamedTuple):
    """Titles of the modules whose quiz they sit, or that is being marked; names of the courses they drafted.

    `to_mark` is how many answers would wait with nobody left to mark them, and `reports` how many words of takers with
    nobody left to answer; `invitations` how many people they invited. `holds` are the questions that they hold,
    `assigned` what they have yet to do, and `clinics` those that nobody else manages. `to_sign` is how many cases they
    are asked to sign, `observing` how many forms they began and did not sign, and `supervised` the procedures that
    nobody else may supervise, each with the clinics.
    """

    attempts: Sequence[str]
    marking: Sequence[str]
    to_mark: int
    drafts: Sequence[str]
    invitations: int
    holds: Sequence[str]
    assigned: Sequence[Due]
    clinics: Sequence[str]
    reports: int
    to_sign: int
    observing: int
    supervised: Sequence[tuple[str, Sequence[str]]]


def unfinished(session: Session, actor: Actor, now: datetime, person: int) -> Unfinished:
    """What waits for a member of the actor's organisation."""
    sat = (
        select(ModuleVersion.title, Attempt.state)
        .join(Attempt, Attempt.module_version_id == ModuleVersion.id)
        .where(Attempt.organisation_id == actor.organisation, Attempt.person_id == person, Attempt.state != FINISHED)
    )
    drafted = (
        select(Course.name)
        .join(Draft, Draft.course_id == Course.id)
        .where(Draft.state == OPEN, or_(Draft.made_by == person, Draft.proposed_by == person))
        .where(or_(Course.organisation_id == actor.organisation, Course.kept_by == actor.organisation))
    )
    invited = select(func.count()).where(
        Invitation.organisation_id == actor.organisation,
        Invitation.invited_by == person,
        Invitation.closed_at.is_(None),
    )
    sitting, on = session.execute(sat).all(), day_of(now, actor.organisation_zone)
    return Unfinished(
        [row.title for row in sitting if row.state == OPEN_ATTEMPT],
        [row.title for row in sitting if row.state == MARKING],
        abandoned(session, actor.organisation, person),
        session.scalars(drafted).all(),
        session.scalar(invited) or 0,
        [one.question for one in lasting(session, actor) if one.hold.held_by == person],
        due_of(session, actor.organisation, person, on),
        _unmanaged(session, actor.organisation, person),
        _unanswered(session, actor, person),
        logbook.how_many_to_sign(session, replace(actor, person=person), on),
        len(observations.drafts(session, replace(actor, person=person))),
        _uncovered(session, actor, person, on, now),
    )


def _uncovered(session: Session, actor: Actor, person: int, on: date, now: datetime) -> list[tuple[str, list[str]]]:
    called = titles(session, actor.organisation, now)
    found = supervisors.uncovered(session, actor.organisation, person, on)
    return [(called.get(about, about[1]), places) for about, places in found.items()]


def _unmanaged(session: Session, organisation: int, person: int) -> Sequence[str]:
    """The clinics that somebody manages and nobody else who is not suspended."""
    managing = exists().where(
        Role.organisation_id == Clinic.organisation_id,
        Role.role == MANAGER,
        (Role.clinic_id == Clinic.id) | Role.clinic_id.is_(None),
    )
    another = managing.where(
        Role.person_id != person,
        Member.organisation_id == Role.organisation_id,
        Member.person_id == Role.person_id,
        Member.ended_on.is_(None),
        Member.suspended_at.is_(None),
    )
    theirs = managing.where(Role.person_id == person)
    found = select(Clinic.name).where(Clinic.organisation_id == organisation, theirs, ~another)
    return session.scalars(found.order_by(Clinic.name)).all()


def _unanswered(session: Session, actor: Actor, person: int) -> int:
    """How many reports wait for an answer, where somebody is the only one there who may give it; else 0."""
    if not alone(session, actor.organisation, person, PERMISSIONS["hold"].roles or ()):
        return 0
    return how_many(session, replace(actor, person=person))
