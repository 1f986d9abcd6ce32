"""Bringing together what is kept of one person under two accounts."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.actions import assertions, logbook, observations, proposals
from mesotrain.actions.people import change_roles
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import competence, people, privacy
from mesotrain.store import merges as store
from mesotrain.store.events import Said, record
from mesotrain.store.people import Merge


def mergeable(session: Session, actor: Actor, person: int, other: int) -> None:
    """Raises Refused where `other` may not become `person`, and NotFound for anybody of another organisation."""
    for one in (person, other):
        privacy.member_or_leaver(session, actor, one)
    people.member(session, actor, person)
    if person == other:
        raise NotFound
    if other == actor.person:
        raise Refused("That is your own account. Sign in with the other one, or ask another administrator.")
    if privacy.goes_on_as(session, actor.organisation, other):
        raise Refused("They were made one with another account before.")
    if session.get_one(people.Member, (actor.organisation, other)).suspended:
        raise Refused("They are suspended. Let them in again or end their access first, so that nothing wakes unseen.")
    if privacy.hold(session, actor.organisation, other):
        raise Refused("The record is held, so nothing of it is moved.")
    if privacy.erasure(session, actor.organisation, other):
        raise Refused("They are to be erased, so nothing of theirs is moved.")
    if store.sits(session, actor.organisation, other):
        raise Refused("They are sitting a quiz. Wait until it has ended.")


def merge(session: Session, actor: Actor, now: datetime, person: int, other: int) -> None:
    """All that the organisation keeps of `other` goes on under `person`, and `other` has no access any more.

    Evidence is not edited: it is withdrawn of the one and recorded of the other, at the same place in the log, so the
    past stays what was known of it. Where they are one already, nothing changes.

    Raises Refused and NotFound as `mergeable` does.
    """
    rows = store.locked(session, actor.organisation, [person, other])
    known = privacy.goes_on_as(session, actor.organisation, other)
    if known and known.id == person:
        return
    mergeable(session, actor, person, other)
    into, gone = (session.get_one(people.Person, one) for one in (person, other))
    facts: dict[str, Json] = {"into": into.commitment}
    record(session, now, Said("member.merged", actor.organisation, actor.commitment, gone.commitment, facts))
    _restate(session, actor, now, into, other)
    assertions.move(session, actor, now, other, person)
    logbook.move(session, actor, now, other, person)
    observations.move(session, actor, now, other, person)
    proposals.move(session, actor, now, other, person)
    store.move(session, actor.organisation, other, person)
    held, more = (set(people.held(session, actor.organisation, one)) for one in (person, other))
    if rows[other].ended_on is None:
        if more - held:
            change_roles(session, actor, now, person, sorted(held | more, key=str))
        rows[other].ended_on = day_of(now, actor.organisation_zone)
    session.add(
        Merge(
            organisation_id=actor.organisation,
            person_id=other,
            into_id=person,
            merged_by=actor.person,
            merged_at=now,
        )
    )


def _restate(session: Session, actor: Actor, now: datetime, into: people.Person, other: int) -> None:
    evidence = store.standing_evidence(session, actor.organisation, other)
    for row in evidence:
        facts: dict[str, Json] = {"attempt": row.attempt_id, "competency": row.competency_id, "kind": row.kind}
        said = Said("evidence.moved", actor.organisation, actor.commitment, into.commitment, facts)
        (sequence,) = record(session, now, said)
        store.restate(session, row, into.id, sequence, actor.person, "It is recorded under another account.")
    rules = competence.newest_rules(session)
    for competency in {row.competency_id for row in evidence}:
        for one in (into.id, other):
            competence.project(session, actor.organisation, one, {competency: rules[competency]})
