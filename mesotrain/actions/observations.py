"""Observing somebody by a form: begun, marked step by step, signed, and never changed; taken back by who signed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.actions.logbook import may_sign
from mesotrain.core import patients
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json, digest
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.observations import DAYS, MOST_WORDS
from mesotrain.core.signs import seen_words
from mesotrain.store import forms, merges, people
from mesotrain.store import observations as store
from mesotrain.store.clearance import when
from mesotrain.store.events import Said, record
from mesotrain.store.observations import Begun, Observation, ObservationDraft, ObservationWithdrawal, Seen

MOST_SAVES = 1000
"""How many saves a draft knows again; older ones are not on their way any more."""


class Chosen(NamedTuple):
    """Whom somebody is about to observe, where, at what and by which form."""

    person: int
    clinic: int
    course: int
    procedure: str
    form: str


class Saved(NamedTuple):
    """As which save of a draft something counts; else what is newer and counts instead."""

    sequence: int
    newer: str | None = None


def begin(session: Session, actor: Actor, now: datetime, chosen: Chosen, key: str) -> None:
    """Begins to observe somebody today.

    Raises NotFound for a form that is none and for who is no trainee there, Refused for who may not supervise it.
    """
    zone, today = actor.organisation_zone, day_of(now, actor.organisation_zone)
    usable = forms.usable(session, actor.organisation, when(session, now, None, today, zone))
    wanted = (chosen.course, chosen.procedure, chosen.form)
    publication = next((one.publication for one in usable if (one.course, one.procedure, one.form.name) == wanted), 0)
    there = {one.person for one in store.candidates(session, actor.organisation, [chosen.clinic])}
    if not publication or chosen.person not in there:
        raise NotFound
    row = ObservationDraft(
        key=key,
        organisation_id=actor.organisation,
        person_id=chosen.person,
        observer_id=actor.person,
        clinic_id=chosen.clinic,
        course_id=chosen.course,
        procedure=chosen.procedure,
        form=chosen.form,
        publication_id=publication,
        day=today,
        said={},
        operations=[],
    )
    may_sign(session, actor.organisation, row, actor.person, today)
    session.add(row)
    session.flush()


def save(
    session: Session,
    actor: Actor,
    now: datetime,
    key: str,
    part: int,
    operation: str,
    value: str,
    seen: int | None = None,
) -> Saved:
    """Says something of a part of the form; what waited in a browser counts unless something newer than `seen` does.

    Raises NotFound for a draft or a part that is none, Ended where it was begun too long ago, and Refused for what
    surely names a patient.
    """
    begun = _open(session, actor, now, key)
    row = begun.row
    if operation in row.operations:
        return Saved(row.saved(part))
    if not begun.form.takes(part, value):
        raise NotFound
    if part == begun.form.parts:
        patients.check(value, nameless=True)
    if seen is not None and row.saved(part) > seen:
        return Saved(row.saved(part), row.value(part))
    _say(row, part, value)
    row.operations = [*row.operations, operation][-MOST_SAVES:]
    return Saved(row.saved(part))


def save_all(
    session: Session, actor: Actor, now: datetime, key: str, said: Mapping[int, tuple[int, str]], note: str
) -> None:
    """Says something of parts as a page has them that was sent whole: (what it had seen, value) by their numbers. The
    note comes last, so that all else is kept where that is refused.

    Raises what `save` does, and Refused for a note that is too long.
    """
    begun = _open(session, actor, now, key)
    form, row = begun.form, begun.row
    for part, (seen, value) in said.items():
        if part < form.parts and form.takes(part, value) and row.saved(part) <= seen and row.value(part) != value:
            _say(row, part, value)
    seen, _ = said.get(form.parts, (0, ""))
    if row.saved(form.parts) <= seen and row.value(form.parts) != note:
        patients.check(_words(note), nameless=True)
        _say(row, form.parts, note)


def _say(row: ObservationDraft, part: int, value: str) -> None:
    latest = max((at for _, at in row.said.values()), default=0)
    row.said = {**row.said, str(part): [value, latest + 1]}


def _open(session: Session, actor: Actor, now: datetime, key: str) -> Begun:
    begun = store.draft(session, actor, key, lock=True)
    if day_of(now, actor.organisation_zone) >= begun.row.day + DAYS:
        raise Ended("It was marked more than a week ago. Observe it again.")
    return begun


def discard(session: Session, actor: Actor, _now: datetime, key: str) -> None:
    """What was marked is not kept. Raises NotFound for what is not the actor's."""
    session.delete(store.draft(session, actor, key, lock=True).row)
    session.flush()


def shown(row: ObservationDraft) -> str:
    """The digest of what a page shows to whoever is about to sign it."""
    return digest(row.said)


def sign(session: Session, actor: Actor, now: datetime, key: str, as_shown: str, proof: str, nameless: bool) -> int:
    """Signs what the actor saw, who has just proved who they are; gives the observation.

    Raises Refused where something was said meanwhile that they were not shown, where a mark is missing, for a note that
    may name a patient, and for who may not supervise it; else as `save`.
    """
    row = store.draft(session, actor, key).row
    merges.locked(session, actor.organisation, sorted([row.person_id, actor.person]))
    begun = _open(session, actor, now, key)
    row, form, said = begun.row, begun.form, begun.form.marked(begun.row.value)
    if shown(row) != as_shown:
        raise Refused("Something was marked meanwhile. Look at it again, then sign.")
    result = form.result(said.marks, said.rating)
    if not result.whole:
        raise Refused("Mark each step, and rate the whole.")
    patients.check(said.words, nameless)
    may_sign(session, actor.organisation, row, actor.person, day_of(now, actor.organisation_zone))
    copied = ("organisation_id", "person_id", "observer_id", "clinic_id", "course_id", "procedure", "form")
    made = Observation(
        **{name: getattr(row, name) for name in (*copied, "publication_id", "day")},
        version=digest(form.model()),
        marks=dict(said.marks),
        rating=said.rating,
        words=_words(said.words),
        outcome=result.outcome,
        proof=proof,
        draft=key,
    )
    of = session.get_one(people.Person, row.person_id).commitment
    made.record = store.bound_to(actor.commitment, of, made)
    facts: dict[str, Json] = {"clinic": made.clinic_id, "course": made.course_id, "procedure": made.procedure}
    facts |= {"form": made.form, "outcome": made.outcome, "record": made.record}
    said_so = Said("observation.signed", actor.organisation, actor.commitment, of, facts)
    (made.sequence,) = record(session, now, said_so)
    session.add(made)
    session.delete(row)
    session.flush()
    return made.id


def withdraw(session: Session, actor: Actor, now: datetime, number: int, reason: str, *, nameless: bool) -> None:
    """Takes back what the actor signed.

    Raises NotFound for another's, Refused without a reason or for one that may name a patient, Ended where it was.
    """
    merges.locked(session, actor.organisation, [actor.person])
    found = store.by_number(session, actor.organisation, number)
    if found.row.observer_id != actor.person:
        raise NotFound
    if found.withdrawal:
        raise Ended("This was taken back already.")
    words = _words(reason)
    if not words:
        raise Refused("Say why. It stays in the record, with your name.")
    patients.check(words, nameless)
    _withdraw(session, actor, now, found, words, tell=found.row.person_id)


def _withdraw(session: Session, actor: Actor, now: datetime, found: Seen, reason: str, tell: int) -> None:
    """`tell` is who else it concerns; a trainee has a mail of it."""
    told = session.get_one(people.Person, tell).commitment
    facts: dict[str, Json] = {"observation": found.row.id}
    said = Said("observation.withdrawn", actor.organisation, actor.commitment, told, facts)
    (sequence,) = record(session, now, said)
    session.add(
        ObservationWithdrawal(
            observation_id=found.row.id,
            organisation_id=actor.organisation,
            reason=reason,
            withdrawn_by=actor.person,
            sequence=sequence,
        )
    )
    session.flush()


def forget_old(session: Session, now: datetime, organisation: int) -> None:
    """What was marked too long ago to be signed is not kept."""
    zone = session.get_one(people.Organisation, organisation).zone
    store.forget_before(session, organisation, day_of(now, zone) - DAYS + date.resolution)


def move(session: Session, actor: Actor, now: datetime, person: int, into: int) -> None:
    """What was seen of one account goes on under another of the same person, and so does what they saw of others;
    nobody saw themselves."""
    for found in store.of_person(session, actor.organisation, person):
        _restate(session, actor, now, found, person_id=into, observer_id=found.row.observer_id)
    for found in store.by_observer(session, actor.organisation, person):
        _restate(session, actor, now, found, person_id=found.row.person_id, observer_id=into)
    store.move_drafts(session, actor.organisation, person, into)


def _restate(session: Session, actor: Actor, now: datetime, found: Seen, **whose: int) -> None:
    """Takes back what stands under an account that goes on as another, and records it again there."""
    if found.withdrawal:
        return
    _withdraw(session, actor, now, found, "It is recorded under another account.", tell=found.row.observer_id)
    if whose["person_id"] == whose["observer_id"]:
        return
    who = session.get_one(people.Person, whose["person_id"]).commitment
    facts: dict[str, Json] = {"observation": found.row.id}
    (sequence,) = record(session, now, Said("observation.moved", actor.organisation, actor.commitment, who, facts))
    store.again(session, found.row, **whose, sequence=sequence)


def _words(text: str) -> str:
    words = seen_words(text)
    if len(words) > MOST_WORDS:
        raise Refused("Shorten this to %(most)s characters.", most=MOST_WORDS)
    return words
