"""Copies of a record, legal holds on it, and its erasure."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.privacy import IN_VAIN, kept_until
from mesotrain.core.proposals import DAYS
from mesotrain.store import copies, merges, outsiders, people
from mesotrain.store import privacy as store
from mesotrain.store.events import Said, record
from mesotrain.store.privacy import Erasure, LegalHold


def copy_for(session: Session, actor: Actor, now: datetime, person: int) -> dict[str, Json]:
    """What the actor's organisation keeps of a member or a leaver. Raises NotFound for anybody else."""
    who = _whose(session, actor, person)
    record(session, now, Said("record.copied", actor.organisation, actor.commitment, who.commitment, {}))
    return copies.copy_of(session, who, actor.organisation)


def hold(session: Session, actor: Actor, now: datetime, person: int, reason: str) -> None:
    """Nothing of a member or leaver is erased until it is lifted. Raises Refused where it is held already."""
    who = _whose(session, actor, person)
    if not reason.strip():
        raise Refused("Say why the record is held.")
    if store.hold(session, actor.organisation, person):
        raise Refused("The record is held already.")
    session.add(
        LegalHold(
            organisation_id=actor.organisation,
            person_id=person,
            reason=reason.strip(),
            placed_by=actor.person,
            placed_at=now,
        )
    )
    session.flush()
    record(session, now, Said("record.held", actor.organisation, actor.commitment, who.commitment, {}))


def lift(session: Session, actor: Actor, now: datetime, person: int) -> None:
    """The hold counts no more; an erasure it kept waiting goes on."""
    who = _whose(session, actor, person)
    row = store.hold(session, actor.organisation, person)
    if row is None:
        raise Refused("The record is not held.")
    row.lifted_at = now
    record(session, now, Said("record.hold-lifted", actor.organisation, actor.commitment, who.commitment, {}))


def _whose(session: Session, actor: Actor, person: int) -> people.Person:
    """A member or leaver of the actor's organisation. Raises NotFound for anybody else, Ended for who is erased.

    Raises Refused for whose record goes on under another account.
    """
    store.member_or_leaver(session, actor, person)
    _goes_on(session, actor.organisation, person)
    return session.get_one(people.Person, person)


def _goes_on(session: Session, organisation: int, person: int) -> None:
    other = store.goes_on_as(session, organisation, person)
    if other:
        raise Refused("This record goes on under the account of %(email)s. Look there.", email=other.email)


def erase(session: Session, now: datetime, organisation: int, person: int, years: int, *, by: str) -> Erasure:
    """An organisation erases somebody who has left it; what it must keep stays `years` after they left.

    `by` is the commitment of who asks, empty for the operator. Accounts that were made one with theirs go with it.
    When no organisation has them as a member and each erases them, nobody signs in as them any more. Raises what
    `erasable` does, with nothing done.
    """
    due_on = kept_until(erasable(session, organisation, person), years)
    everybody = [person, *merges.merged(session, organisation, person)]
    begun = [_begin(session, now, organisation, one, due_on, by) for one in everybody]
    if begun[0].due_on <= day_of(now, session.get_one(people.Organisation, organisation).zone):
        _finish(session, now, begun[0])
    return begun[0]


def _begin(session: Session, now: datetime, organisation: int, person: int, due_on: date, by: str) -> Erasure:
    who = session.get_one(people.Person, person)
    found = store.erasure(session, organisation, person)
    if found is None:
        found = Erasure(organisation_id=organisation, person_id=person, begun_at=now, due_on=due_on)
        session.add(found)
        session.flush()
        record(session, now, Said("erasure.begun", organisation, by, who.commitment, {"due": due_on.isoformat()}))
    store.forget_here(session, now, organisation, who)
    if all(member.ended_on and erasure for member, erasure in store.memberships(session, person)):
        store.forget_account(session, who)
    return found


def erasable(session: Session, organisation: int, person: int) -> date:
    """The day somebody left whom an organisation may erase. Raises Refused for others, Ended for who is erased."""
    row = session.get_one(people.Member, (organisation, person))
    if row.ended_on is None:
        name = session.get_one(people.Organisation, organisation).name
        raise Refused("%(organisation)s has not ended this access; that comes first.", organisation=name)
    _goes_on(session, organisation, person)
    if any(store.hold(session, organisation, one) for one in (person, *merges.merged(session, organisation, person))):
        raise Refused("The record is held, so nothing of it is erased.")
    store.not_erased(session, organisation, person)
    return row.ended_on


def erase_oneself(session: Session, actor: Actor, now: datetime, years: int) -> None:
    """Who belongs nowhere any more is erased everywhere. Raises Refused, with nothing done, where one place may not."""
    places = [
        member.organisation_id
        for member, erasure in store.memberships(session, actor.person)
        if not (erasure and erasure.done_at) and not store.goes_on_as(session, member.organisation_id, actor.person)
    ]
    for place in places:
        erasable(session, place, actor.person)
    for place in places:
        erase(session, now, place, actor.person, years, by=actor.commitment)


def forget_invited(session: Session, now: datetime, organisation: int) -> None:
    """Whom an organisation invited in vain, or asked from outside, is forgotten when their time is over."""
    store.forget_invited(session, organisation, now - IN_VAIN)
    outsiders.forget(session, organisation, now - DAYS - IN_VAIN)


def finish_due(session: Session, now: datetime) -> int:
    """Ends the erasures whose record has had its years; gives how many."""
    due = store.due(session, now)
    for one in due:
        _finish(session, now, one)
    return len(due)


def _finish(session: Session, now: datetime, row: Erasure) -> None:
    """The organisation has nothing of them any more, under none of their accounts there."""
    for one in (row.person_id, *merges.merged(session, row.organisation_id, row.person_id)):
        begun = store.erasure(session, row.organisation_id, one)
        if begun and begun.done_at is None:
            _forget(session, now, begun)


def _forget(session: Session, now: datetime, row: Erasure) -> None:
    """With the last organisation that keeps anything of them goes the name."""
    who = session.get_one(people.Person, row.person_id)
    store.forget_here(session, now, row.organisation_id, who)
    row.done_at = now
    session.flush()
    record(session, now, Said("erasure.done", row.organisation_id, "", who.commitment, {}))
    if all(erasure and erasure.done_at for _, erasure in store.memberships(session, who.id)):
        store.forget_account(session, who)
        for one in (who, *outsiders.only_of(session, who.id)):
            store.forget_name(session, one, now)
