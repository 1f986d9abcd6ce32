"""Saying, as a named person, what clearance rests on: documents seen, what clinics offer and rely on, stops."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.actions import stops
from mesotrain.core import names, patients
from mesotrain.core.access import Actor
from mesotrain.core.assertions import (
    DOCUMENT,
    LEARNT,
    OF_CERTIFICATES,
    OFFER,
    PROOFS,
    STOP,
    SUPERVISE,
    TAKING,
    TRANSITION,
    USE,
)
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of, months_after
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.signs import seen_words
from mesotrain.store import assertions as store
from mesotrain.store import clearance, clinics, people
from mesotrain.store import stops as noticed
from mesotrain.store.assertions import Assertion, By, Concerns, Retraction
from mesotrain.store.events import Said, record

MOST_WORDS = 500
"""Characters of a reason."""
LONGEST_LOT = 60
LONGEST_TRANSITION = 12
"""Months for which somebody may go on by what they did before: a policy of ours, so that it ends."""
LONGEST_APPOINTMENT = 24
"""Months for which somebody is appointed to supervise: a policy of ours, so that it is looked at again."""


def see_document(
    session: Session, actor: Actor, now: datetime, concerns: Concerns, seen: date, good_until: date | None, note: str
) -> int:
    """A document of a trainee was seen on a day. Raises Refused for a day to come and for one that has run out."""
    about_trainee(session, actor, concerns.person)
    if not any(concerns.about in one.documents for one in _asked(session, actor, now, concerns.course)):
        raise NotFound
    if seen > day_of(now, actor.organisation_zone):
        raise Refused("A document is seen on a day that has come.")
    if good_until is not None and good_until <= seen:
        raise Refused("The document had run out when it was seen.")
    return say(session, actor, now, DOCUMENT, concerns, (seen, good_until), _short(note))


def recognise(
    session: Session, actor: Actor, now: datetime, concerns: Concerns, learnt: date, seen: str, where: str
) -> int:
    """A trainee learnt a competency elsewhere, on a day, as somebody saw by what was `seen`.

    Raises Refused for a day to come, where that was too long ago for the scheme, where it is not said what was seen and
    where it was learnt, and for words that say who a patient is.
    """
    about_trainee(session, actor, concerns.person)
    asked = _asked(session, actor, now, concerns.course)
    months = max((one.months for of in asked for one in of.prior if one.code == concerns.about), default=0)
    if not months:
        raise NotFound
    today = day_of(now, actor.organisation_zone)
    if learnt > today:
        raise Refused("What was learnt was learnt on a day that has come.")
    if months_after(learnt, months) <= today:
        raise Refused("That was learnt too long ago: it counts for %(months)s months.", months=months)
    if not seen_words(seen) or not seen_words(where):
        raise Refused("Say what you saw, and where it was learnt.")
    words = why_mailed(f"{seen_words(seen)}; {seen_words(where)}")
    return say(session, actor, now, LEARNT, concerns, (learnt, None), words)


def use(session: Session, actor: Actor, now: datetime, clinic: int, day: date) -> int:
    """A clinic relies on clearance from a day on, instead of from another that was said before.

    Raises Refused for a later day where it has relied on it: what it was told then would be told no more.
    """
    _clinic(session, actor, clinic)
    concerns, today = Concerns(clinic=clinic), day_of(now, actor.organisation_zone)
    for row in store.open_of(session, actor.organisation, USE, concerns, today):
        if row.start_day < min(today, day):
            raise Refused(
                "The clinic has relied on it since %(day)s, and that stays so.", day=row.start_day.isoformat()
            )
        take_back(session, actor, now, row, row.start_day, "Another day was set.")
    return say(session, actor, now, USE, concerns, (day, None), "")


def offer(session: Session, actor: Actor, now: datetime, concerns: Concerns) -> int:
    """A clinic offers a procedure from today on. Raises Refused where it does."""
    _clinic(session, actor, concerns.clinic)
    _procedure(session, actor, now, concerns)
    day = day_of(now, actor.organisation_zone)
    if store.open_of(session, actor.organisation, OFFER, concerns, day):
        raise Refused("This clinic offers the procedure already.")
    return say(session, actor, now, OFFER, concerns, (day, None), "")


def stop(
    session: Session, actor: Actor, now: datetime, what: Concerns, clinics: Sequence[int | None], reason: str
) -> int:
    """From now on a person does no procedure, nobody does this one, or nobody uses this product, at each of these
    clinics or, with None among them, at every one.

    Raises Refused without a clinic or a reason, for words that say who a patient is, and where the actor does not
    manage every clinic that it concerns.
    """
    what = _stoppable(session, actor, now, what)
    if not clinics:
        raise Refused("Choose a clinic.")
    chosen = [None] if None in clinics else sorted(set(filter(None, clinics)))
    for clinic in chosen:
        _place(session, actor, clinic)
    words = why_mailed(reason)
    facts: dict[str, Json] = {"clinics": [*chosen], "course": what.course, "about": what.about if what.course else ""}
    said = Said("stop.made", actor.organisation, actor.commitment, _named(session, what.person), facts)
    (sequence,) = record(session, now, said)
    days = day_of(now, actor.organisation_zone), None
    rows = [
        _keep(session, actor, STOP, replace(what, clinic=clinic), days, words, By(actor.person), sequence)
        for clinic in chosen
    ]
    stops.begun(session, actor, now, rows)
    return rows[0].id


def _stoppable(session: Session, actor: Actor, now: datetime, what: Concerns) -> Concerns:
    """A person, a procedure or a product, whose words are tidied. Raises NotFound for none and for two of them."""
    if (what.person is None) == (not what.about):
        raise NotFound
    if what.person is not None:
        about_trainee(session, actor, what.person)
    elif what.course is not None:
        _procedure(session, actor, now, what)
    else:
        name, lot = names.check(what.about), seen_words(what.lot)
        patients.check(name, nameless=True)  # a lot looks like anybody's number
        if len(lot) > LONGEST_LOT:
            raise Refused("Shorten the lot to %(most)s characters.", most=LONGEST_LOT)
        return Concerns(about=name, lot=lot)
    return what


def let_go_on(session: Session, actor: Actor, now: datetime, concerns: Concerns, until: date, reason: str) -> int:
    """A trainee goes on with a procedure at a clinic until before a day, by what they did before.

    Raises Refused without a reason, and for a day that has come or is more than `LONGEST_TRANSITION` months away.
    """
    about_trainee(session, actor, concerns.person)
    _procedure(session, actor, now, concerns)
    _clinic(session, actor, concerns.clinic)
    days = ending(actor, now, until, LONGEST_TRANSITION)
    return say(session, actor, now, TRANSITION, concerns, days, _why(reason))


def appoint(session: Session, actor: Actor, now: datetime, concerns: Concerns, until: date, reason: str) -> int:
    """A clinician may supervise a procedure until before a day, and sign the cases of others.

    They do so at a clinic or, with none named, at every one. The reason is what it rests on. Raises Refused without
    one, and for a day that has come or is more than `LONGEST_APPOINTMENT` months away.
    """
    about_trainee(session, actor, concerns.person)
    _procedure(session, actor, now, concerns)
    _place(session, actor, concerns.clinic)
    days = ending(actor, now, until, LONGEST_APPOINTMENT)
    return say(session, actor, now, SUPERVISE, concerns, days, _why(reason))


def ending(actor: Actor, now: datetime, until: date, months: int) -> tuple[date, date]:
    """From today until before a day. Raises Refused for one that has come or is more than so many months away."""
    today = day_of(now, actor.organisation_zone)
    if not today < until <= months_after(today, months):
        raise Refused("It ends on a day that is to come, within %(months)s months.", months=months)
    return today, until


def retract(session: Session, actor: Actor, now: datetime, number: int, reason: str) -> None:
    """From today on it is so no more; a document was never seen. Raises NotFound for what is not the actor's."""
    row = _retract(session, actor, now, number, reason)
    if row.kind == STOP:
        stops.ended(session, actor, now, row)


def lift(
    session: Session, actor: Actor, now: datetime, number: int, clinics: Sequence[int | None], reason: str
) -> None:
    """A stop is over at each of these clinics where it lasts; None is what was stopped at every one of them.

    Raises Refused where that is none of them, and without a reason.
    """
    rows = [row for row in store.open_parts(session, actor, number) if row.clinic_id in clinics]
    if not rows:
        raise Refused("Choose a clinic where it is stopped.")
    for row in rows:
        _retract(session, actor, now, row.id, reason)
    stops.ended(session, actor, now, rows[0])


def _retract(session: Session, actor: Actor, now: datetime, number: int, reason: str) -> Assertion:
    row = store.assertion(session, actor, number)
    if row.kind in (USE, *OF_CERTIFICATES):
        raise NotFound
    if row.person_id is not None:
        about_trainee(session, actor, row.person_id)
    if row.kind not in PROOFS:
        _place(session, actor, row.clinic_id)
    today = day_of(now, actor.organisation_zone)
    day = row.start_day if row.kind in PROOFS else max(row.start_day, today)
    take_back(session, actor, now, row, day, (why_mailed if row.kind == STOP else _why)(reason))
    return row


def move(session: Session, actor: Actor, now: datetime, person: int, into: int) -> None:
    """What was said of one account is said of another of the same person, by whoever said it.

    Nobody's own word speaks for them then; what takes something away counts on whichever days it held.
    """
    again: dict[int, int] = {}
    for one in store.said(session, actor.organisation, person):
        row, taking = one.row, one.row.kind in TAKING
        if one.until is None:
            take_back(session, actor, now, row, row.start_day, "It is recorded under another account.")
        if (taking and one.until != row.start_day) or (one.until is None and row.asserted_by != into):
            days = (row.start_day, one.until or row.end_day)
            concerns = Concerns(into, row.clinic_id, row.course_id, row.about)
            sequence = again.get(row.sequence) or _recorded(session, actor, now, row.kind, concerns)
            again |= {row.sequence: sequence} if row.kind == STOP else {}
            by = By(row.asserted_by, row.confirmed_by, row.alone)
            _keep(session, actor, row.kind, concerns, days, row.reason, by, sequence)
    noticed.carry(session, actor.organisation, person, into, again)


def take_back(session: Session, actor: Actor, now: datetime, row: Assertion, day: date, reason: str) -> None:
    who = _named(session, row.person_id)
    facts: dict[str, Json] = {"assertion": row.id, "kind": row.kind}
    (sequence,) = record(session, now, Said("assertion.retracted", actor.organisation, actor.commitment, who, facts))
    session.add(
        Retraction(
            assertion_id=row.id,
            organisation_id=actor.organisation,
            end_day=day,
            reason=reason,
            retracted_by=actor.person,
            sequence=sequence,
        )
    )
    session.flush()


def say(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    concerns: Concerns,
    days: tuple[date, date | None],
    reason: str,
    by: By | None = None,
) -> int:
    """Says so of what it concerns, in the name of the actor unless it is said by others."""
    sequence = _recorded(session, actor, now, kind, concerns)
    return _keep(session, actor, kind, concerns, days, reason, by or By(actor.person), sequence).id


def _recorded(session: Session, actor: Actor, now: datetime, kind: str, concerns: Concerns) -> int:
    who = _named(session, concerns.person)
    facts: dict[str, Json] = {
        "kind": kind, "clinic": concerns.clinic, "course": concerns.course, "about": concerns.about
    }  # fmt: skip
    (sequence,) = record(session, now, Said("assertion.made", actor.organisation, actor.commitment, who, facts))
    return sequence


def _keep(
    session: Session,
    actor: Actor,
    kind: str,
    concerns: Concerns,
    days: tuple[date, date | None],
    reason: str,
    by: By,
    sequence: int,
) -> Assertion:
    row = Assertion(
        organisation_id=actor.organisation,
        kind=kind,
        person_id=concerns.person,
        clinic_id=concerns.clinic,
        course_id=concerns.course,
        about=concerns.about,
        start_day=days[0],
        end_day=days[1],
        reason=reason,
        asserted_by=by.person,
        sequence=sequence,
        lot=concerns.lot,
        confirmed_by=by.confirmed,
        alone=by.alone,
    )
    session.add(row)
    session.flush()
    return row


def _named(session: Session, person: int | None) -> str:
    """The name events give somebody; empty for nobody."""
    return "" if person is None else session.get_one(people.Person, person).commitment


def _why(reason: str) -> str:
    words = _short(reason)
    if not words:
        raise Refused("Say why. It stays in the record, with your name.")
    return words


def why_mailed(reason: str) -> str:
    """The same of what is mailed: it says of no patient who they are."""
    words = _why(reason)
    patients.check(words, nameless=True)
    return words


def _short(words: str) -> str:
    words = seen_words(words)
    if len(words) > MOST_WORDS:
        raise Refused("Shorten the reason to %(most)s characters.", most=MOST_WORDS)
    return words


def about_trainee(session: Session, actor: Actor, person: int | None) -> None:
    """Raises NotFound for whoever is no trainee of a clinic the actor manages, and Refused for oneself."""
    if person not in people.trainees(session, actor, [person or 0]):
        raise NotFound
    if person == actor.person:
        raise Refused("Nobody says this of themselves. Ask another manager.")


def _clinic(session: Session, actor: Actor, clinic: int | None) -> None:
    """Raises NotFound for a clinic the actor does not manage. What is said of one is said one after the other."""
    every, places = people.managed(actor, people.MANAGING)
    if clinics.clinic(session, actor, clinic or 0, lock=True).id not in places and not every:
        raise NotFound


def _place(session: Session, actor: Actor, clinic: int | None) -> None:
    """The same; where it concerns every clinic, raises Refused unless the actor manages each."""
    if clinic is not None:
        _clinic(session, actor, clinic)
    elif not people.managed(actor, people.MANAGING)[0]:
        raise Refused("Choose one of your clinics: only who manages all of them decides for all.")


def _asked(session: Session, actor: Actor, now: datetime, course: int | None) -> list[clearance.Asked]:
    """The procedures of a course. Raises NotFound for a course that has none the organisation may ask about."""
    at = clearance.when(session, now, None)
    found = [one for one in clearance.procedures(session, actor.organisation, at) if one.course == course]
    if not found:
        raise NotFound
    return found


def _procedure(session: Session, actor: Actor, now: datetime, concerns: Concerns) -> None:
    if concerns.about not in {one.procedure.name for one in _asked(session, actor, now, concerns.course)}:
        raise NotFound
