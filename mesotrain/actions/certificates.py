"""Suspending and revoking certificates, once it was decided, and giving them for a time; their holders are told why."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.actions import assertions
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.assertions import OF_CERTIFICATES, REVOKED, SUSPENDED, TEMPORARY
from mesotrain.core.canonical import Json
from mesotrain.core.certification import GOOD, stage_on
from mesotrain.core.competence import IN_GRACE
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import assertions as store
from mesotrain.store import clearance, people
from mesotrain.store.assertions import Assertion, By, Concerns
from mesotrain.store.events import Said, record

LONGEST_LOAN = 3
"""Months for which a certificate is given without what it asks for: a policy of ours, so that it is earned."""


TAKEN_FROM = {
    SUSPENDED: ((*GOOD, IN_GRACE), "Only a certificate that is held, or in grace, can be suspended."),
    REVOKED: ((*GOOD, IN_GRACE, SUSPENDED), "Only a certificate that is held, suspended or in grace can be revoked."),
}
"""Of each that takes one away: the states in which it can, and what is said in any other."""


def takeable(session: Session, actor: Actor, now: datetime, kind: str, concerns: Concerns) -> None:
    """Raises Refused for what cannot be taken today in that way, and NotFound for what the course does not have."""
    states, otherwise = TAKEN_FROM[kind]
    if _certified(session, actor, now, concerns) not in states:
        raise Refused(otherwise)


def take(session: Session, actor: Actor, now: datetime, kind: str, concerns: Concerns, reason: str, by: By) -> None:
    """A certificate does not count from now on, until somebody lifts that, or is taken away: then what was done for it
    so far counts no more, whatever is said later. Raises as `takeable` does.
    """
    takeable(session, actor, now, kind, concerns)
    _of_certificate(session, actor, now, kind, concerns, None, reason, by)


def lend(session: Session, actor: Actor, now: datetime, concerns: Concerns, until: date, reason: str) -> int:
    """A trainee has a certificate until before a day, without what it asks for.

    Raises Refused without a reason, for words that say who a patient is, where it is held, suspended or revoked, where
    the actor does not manage every clinic of the trainee, and for a day that has come or is more than `LONGEST_LOAN`
    months away.
    """
    all_of_theirs(session, actor, concerns.person)
    if _certified(session, actor, now, concerns) in (*GOOD, SUSPENDED, REVOKED):
        raise Refused("What is held, suspended or revoked is not given for a time.")
    days = assertions.ending(actor, now, until, LONGEST_LOAN)
    return _of_certificate(session, actor, now, TEMPORARY, concerns, days[1], reason)


def lift(session: Session, actor: Actor, now: datetime, number: int, reason: str) -> None:
    """What was said of a certificate is so no more from today on; said today, it never was.

    What was done before a revocation counts no more. Raises NotFound for what was said of no certificate or has ended,
    and Refused without a reason, for words that say who a patient is, and where the actor does not manage every clinic
    of the trainee.
    """
    row = store.assertion(session, actor, number)
    today = day_of(now, actor.organisation_zone)
    if row.kind not in OF_CERTIFICATES or (row.end_day and row.end_day <= today):
        raise NotFound
    all_of_theirs(session, actor, row.person_id)
    day = max(row.start_day, today)
    assertions.take_back(session, actor, now, row, day, assertions.why_mailed(reason))
    _told(session, actor, now, row, over=True)


def _certified(session: Session, actor: Actor, now: datetime, concerns: Concerns) -> str:
    """The state of somebody's certificate today. Raises NotFound for one that the course does not have."""
    at = clearance.when(session, now, None)
    person = concerns.person or 0
    known = clearance.known(session, actor.organisation, actor.organisation_zone, [person], at)[person]
    if not (found := known.certified.get((concerns.course or 0, concerns.about))):
        raise NotFound
    return stage_on(found.stages, day_of(now, actor.organisation_zone)).state


def _of_certificate(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    concerns: Concerns,
    end: date | None,
    reason: str,
    by: By | None = None,
) -> int:
    days = day_of(now, actor.organisation_zone), end
    number = assertions.say(session, actor, now, kind, concerns, days, assertions.why_mailed(reason), by)
    _told(session, actor, now, session.get_one(Assertion, number))
    return number


def decides(session: Session, actor: Actor, person: int) -> bool:
    """Whether the actor manages every clinic in which somebody is a trainee."""
    every, managed = people.managed(actor, people.MANAGING)
    held = people.held(session, actor.organisation, person)
    return every or {clinic for role, clinic in held if role == TRAINEE} <= {*managed}


def all_of_theirs(session: Session, actor: Actor, person: int | None) -> None:
    """Raises Refused unless the actor manages every clinic in which somebody is a trainee."""
    assertions.about_trainee(session, actor, person)
    if not decides(session, actor, person or 0):
        raise Refused("They work at clinics you do not manage: only who manages all of them decides that.")


def _told(session: Session, actor: Actor, now: datetime, row: Assertion, *, over: bool = False) -> None:
    """Whom this was said of is told of it, or that it is over."""
    facts: dict[str, Json] = {"assertion": row.id, "over": over}
    who = session.get_one(people.Person, row.person_id).commitment
    record(session, now, Said("certificate.told", actor.organisation, actor.commitment, who, facts))
