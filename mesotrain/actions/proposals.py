"""Proposing to suspend or revoke a certificate; confirming that as a second person, refusing it, taking it back."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.actions import assertions, certificates
from mesotrain.core.access import Actor
from mesotrain.core.assertions import REVOKED
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.proposals import ALONE, CONFIRMED, DAYS, REFUSED, WAITING, WITHDRAWN
from mesotrain.store import merges, people
from mesotrain.store import proposals as store
from mesotrain.store.assertions import By, Concerns
from mesotrain.store.events import Said, record
from mesotrain.store.proposals import Decision, Proposal


def propose(session: Session, actor: Actor, now: datetime, kind: str, concerns: Concerns, reason: str) -> int:
    """Proposes to suspend or to revoke a certificate of a trainee; who can confirm it is told. Gives the proposal.

    Raises Refused without a reason, for words that say who a patient is, for what can not be taken or is proposed
    already, and where the actor would revoke and does not manage every clinic of the trainee.
    """
    assertions.about_trainee(session, actor, concerns.person)
    if kind == REVOKED:
        certificates.all_of_theirs(session, actor, concerns.person)
    merges.locked(session, actor.organisation, [concerns.person or 0])
    certificates.takeable(session, actor, now, kind, concerns)
    words, today = assertions.why_mailed(reason), day_of(now, actor.organisation_zone)
    for one in store.of_person(session, actor.organisation, concerns.person or 0):
        if (one.row.kind, one.row.concerns, one.state(today)) == (kind, concerns, WAITING):
            raise Refused("This is proposed already, and waits for somebody to confirm it.")
    return _propose(session, actor, now, kind, concerns, words, (actor.person, today + DAYS))


def _propose(
    session: Session, actor: Actor, now: datetime, kind: str, concerns: Concerns, words: str, by: tuple[int, date]
) -> int:
    """`by` is who proposes it, and the day on which it lapses."""
    row = Proposal(
        organisation_id=actor.organisation,
        kind=kind,
        person_id=concerns.person,
        course_id=concerns.course,
        about=concerns.about,
        reason=words,
        proposed_by=by[0],
        ends_on=by[1],
    )
    who = session.get_one(people.Person, row.person_id).commitment
    facts: dict[str, Json] = {"kind": kind, "course": row.course_id, "about": row.about}
    (row.sequence,) = record(session, now, Said("proposal.made", actor.organisation, actor.commitment, who, facts))
    session.add(row)
    session.flush()
    for second in store.seconds(session, row):
        _tell(session, actor, now, row, second)
    return row.id


def confirm(session: Session, actor: Actor, now: datetime, number: int, proof: str) -> None:
    """As a second person: from now on it is so. Raises NotFound for whoever is no trainee of a clinic the actor
    manages, Refused for whoever proposed it or is concerned, Ended for what waits no more; and as `propose` does.
    """
    _confirm(session, actor, now, _second(session, actor, now, number), proof)


def _confirm(session: Session, actor: Actor, now: datetime, row: Proposal, proof: str) -> None:
    _decide(session, actor, now, row, CONFIRMED, proof=proof)
    by = By(row.proposed_by, confirmed=actor.person)
    certificates.take(session, actor, now, row.kind, row.concerns, row.reason, by)
    _tell(session, actor, now, row, row.proposed_by)


def refuse(session: Session, actor: Actor, now: datetime, number: int, reason: str, proof: str) -> None:
    """As a second person: it is not to be, for a reason. Raises as `confirm` does."""
    _refuse(session, actor, now, _second(session, actor, now, number), reason, proof)


def _refuse(session: Session, actor: Actor, now: datetime, row: Proposal, reason: str, proof: str) -> None:
    _decide(session, actor, now, row, REFUSED, assertions.why_mailed(reason), proof)
    _tell(session, actor, now, row, row.proposed_by)


def _second(session: Session, actor: Actor, now: datetime, number: int) -> Proposal:
    row = _waiting(session, actor, now, number)
    assertions.about_trainee(session, actor, row.person_id)
    if row.proposed_by == actor.person:
        raise Refused("Who proposed it does not decide it. Another manager of theirs does.")
    return row


def decide_from_outside(
    session: Session, actor: Actor, now: datetime, number: int, proof: str, *, agrees: bool, reason: str
) -> None:
    """The same by somebody who was asked to decide this one and belongs to no clinic here. Raises NotFound where whom
    it is about has left.
    """
    row = _waiting(session, actor, now, number)
    people.member(session, actor, row.person_id)
    if agrees:
        _confirm(session, actor, now, row, proof)
    else:
        _refuse(session, actor, now, row, reason, proof)


def withdraw(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """Takes one's own proposal back. Raises NotFound for another's, and Ended for what waits no more."""
    _decide(session, actor, now, own(session, actor, now, number), WITHDRAWN)


def let_stand(session: Session, actor: Actor, now: datetime, number: int, proof: str) -> None:
    """One's own proposal is so from now on by one's word alone, and every answer says that there was no second person.

    Raises Refused where there is one who can confirm it, and as `withdraw` and `propose` do.
    """
    row = own(session, actor, now, number)
    assertions.about_trainee(session, actor, row.person_id)
    if store.seconds(session, row):
        raise Refused("There is somebody who can confirm this: another manager of theirs.")
    _decide(session, actor, now, row, ALONE, proof=proof)
    by = By(actor.person, alone=True)
    certificates.take(session, actor, now, row.kind, row.concerns, row.reason, by)


def own(session: Session, actor: Actor, now: datetime, number: int) -> Proposal:
    """One's own proposal that waits. Raises NotFound for another's, and Ended for what waits no more."""
    row = _waiting(session, actor, now, number)
    if row.proposed_by != actor.person:
        raise NotFound
    return row


def _waiting(session: Session, actor: Actor, now: datetime, number: int) -> Proposal:
    """A proposal of the actor's organisation that waits, and that nobody else decides meanwhile."""
    row = store.proposal(session, actor.organisation, number).row
    merges.locked(session, actor.organisation, [row.person_id])
    if store.proposal(session, actor.organisation, number).state(day_of(now, actor.organisation_zone)) != WAITING:
        raise Ended("This proposal waits no more.")
    return row


def move(session: Session, actor: Actor, now: datetime, person: int, into: int) -> None:
    """What waits about one account, or was proposed by it, waits under another of the same person; but nobody's own."""
    for one in store.undecided(session, actor.organisation, person):
        row = one.row
        if one.state(day_of(now, actor.organisation_zone)) != WAITING:
            continue
        _decide(session, actor, now, row, WITHDRAWN, "It is recorded under another account.")
        about, by = (into if one == person else one for one in (row.person_id, row.proposed_by))
        if about != by:
            concerns = Concerns(about, course=row.course_id, about=row.about)
            _propose(session, actor, now, row.kind, concerns, row.reason, (by, row.ends_on))


def _decide(
    session: Session, actor: Actor, now: datetime, row: Proposal, decision: str, words: str = "", proof: str = ""
) -> None:
    who = session.get_one(people.Person, row.person_id).commitment
    said = Said(
        "proposal.decided", actor.organisation, actor.commitment, who, {"proposal": row.id, "decision": decision}
    )
    (sequence,) = record(session, now, said)
    session.add(
        Decision(
            proposal_id=row.id,
            organisation_id=actor.organisation,
            decision=decision,
            words=words,
            decided_by=actor.person,
            proof=proof,
            sequence=sequence,
        )
    )
    session.flush()


def _tell(session: Session, actor: Actor, now: datetime, row: Proposal, person: int) -> None:
    """Somebody has a mail of a proposal: who can confirm it, or who made it and learns how it ended."""
    told = session.get_one(people.Person, person).commitment
    record(session, now, Said("proposal.told", actor.organisation, actor.commitment, told, {"proposal": row.id}))
