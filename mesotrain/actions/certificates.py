"""Suspending, revoking and giving certificates for a time, as a named person, who says why; their holders are told."""

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
from mesotrain.store.assertions import Assertion, Concerns
from mesotrain.store.events import Said, record

LONGEST_LOAN = 3
"""Months for which a certificate is given without what it asks for: a policy of ours, so that it is earned."""


def suspend(session: Session, actor: Actor, now: datetime, concerns: Concerns, reason: str) -> int:
    """A certificate of a trainee does not count from now on, until somebody lifts that.

    Raises Refused without a reason, for words that say who a patient is, and for what is not held.
    """
    if _certified(session, actor, now, concerns) not in (*GOOD, IN_GRACE):
        raise Refused("Only a certificate that is held, or in grace, can be suspended.")
    return _of_certificate(session, actor, now, SUSPENDED, concerns, None, reason)


def revoke(session: Session, actor: Actor, now: datetime, concerns: Concerns, reason: str) -> int:
    """A certificate is taken away, and what was done for it so far counts no more, whatever is said later.

    Raises Refused as `suspend` does, and where the actor does not manage every clinic of the trainee.
    """
    _all_of_theirs(session, actor, concerns.person)
    if _certified(session, actor, now, concerns) not in (*GOOD, IN_GRACE, SUSPENDED):
        raise Refused("Only a certificate that is held, suspended or in grace can be revoked.")
    return _of_certificate(session, actor, now, REVOKED, concerns, None, reason)


def lend(session: Session, actor: Actor, now: datetime, concerns: Concerns, until: date, reason: str) -> int:
    """A trainee has a certificate until before a day, without what it asks for.

    Raises Refused without a reason, for words that say who a patient is, where it is held, suspended or revoked, where
    the actor does not manage every clinic of the trainee, and for a day that has come or is more than `LONGEST_LOAN`
    months away.
    """
    _all_of_theirs(session, actor, concerns.person)
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
    _all_of_theirs(session, actor, row.person_id)
    day = max(row.start_day, today)
    assertions.take_back(session, actor, now, row, day, assertions.why_mailed(reason))
    _told(session, actor, now, row, over=True)


def _certified(session: Session, actor: Actor, now: datetime, concerns: Concerns) -> str:
    """The state of a trainee's certificate today. Raises NotFound for one that the course does not have."""
    assertions.about_trainee(session, actor, concerns.person)
    at = clearance.when(session, now, None)
    person = concerns.person or 0
    known = clearance.known(session, actor.organisation, actor.organisation_zone, [person], at)[person]
    if not (found := known.certified.get((concerns.course or 0, concerns.about))):
        raise NotFound
    return stage_on(found.stages, day_of(now, actor.organisation_zone)).state


def _of_certificate(
    session: Session, actor: Actor, now: datetime, kind: str, concerns: Concerns, end: date | None, reason: str
) -> int:
    days = day_of(now, actor.organisation_zone), end
    number = assertions.say(session, actor, now, kind, concerns, days, assertions.why_mailed(reason))
    _told(session, actor, now, session.get_one(Assertion, number))
    return number


def decides(session: Session, actor: Actor, person: int) -> bool:
    """Whether the actor manages every clinic in which somebody is a trainee."""
    every, managed = people.managed(actor, people.MANAGING)
    held = people.held(session, actor.organisation, person)
    return every or {clinic for role, clinic in held if role == TRAINEE} <= {*managed}


def _all_of_theirs(session: Session, actor: Actor, person: int | None) -> None:
    """Raises Refused unless the actor manages every clinic in which somebody is a trainee."""
    assertions.about_trainee(session, actor, person)
    if not decides(session, actor, person or 0):
        raise Refused("They work at clinics you do not manage: only who manages all of them decides that.")


def _told(session: Session, actor: Actor, now: datetime, row: Assertion, *, over: bool = False) -> None:
    """Whom this was said of is told of it, or that it is over."""
    facts: dict[str, Json] = {"assertion": row.id, "over": over}
    who = session.get_one(people.Person, row.person_id).commitment
    record(session, now, Said("certificate.told", actor.organisation, actor.commitment, who, facts))
