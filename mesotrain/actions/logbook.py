"""Logging a case, asking somebody to sign it, and answering: signed, bound to what was signed, and never changed."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.core import logbook as core
from mesotrain.core import patients
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.canonical import Json
from mesotrain.core.competence import LEVELS, ROLES
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.logbook import ANSWERS, CONFIRMED, DAYS, NOT_REACHED, RETURNED, WAITING
from mesotrain.core.signs import seen_words
from mesotrain.store import logbook as store
from mesotrain.store import merges, people, supervisors
from mesotrain.store.events import Said, record
from mesotrain.store.logbook import Case, Entry, Signature, SignatureRequest, SignatureWithdrawal
from mesotrain.store.observations import ObservationDraft


@dataclass(frozen=True)
class Told:
    """What somebody says of a case they log. `number` is a keyed digest of the clinic's own number, or empty.

    `nameless` says that they looked for names and found none.
    """

    clinic: int
    course: int
    procedure: str
    role: str
    day: date
    site: str
    learnt: str
    number: str = ""
    nameless: bool = False


def log(session: Session, actor: Actor, now: datetime, told: Told, supervisor: int, nonce: str) -> int:
    """Logs a case of the actor's own and asks somebody to sign it; gives the request.

    Raises Refused without a part or a place, for a day that has not come or is too long ago, for what may name a
    patient, and for a case that was logged already; NotFound for a clinic the actor does not work at, and as `ask`.
    """
    today = day_of(now, actor.organisation_zone)
    if told.clinic not in actor.roles.get(TRAINEE, frozenset()):
        raise NotFound
    if told.role not in ROLES:
        raise Refused("Choose your part in it.")
    if not today - core.OLDEST <= told.day <= today:
        raise Refused("Log a case within a year of its day, and not before it.")
    row = Case(
        organisation_id=actor.organisation,
        person_id=actor.person,
        clinic_id=told.clinic,
        course_id=told.course,
        procedure=told.procedure,
        role=told.role,
        day=told.day,
        site=_words(told.site, core.MOST_SITE),
        learnt=_words(told.learnt, core.MOST_WORDS),
        number=told.number,
    )
    if not row.site:
        raise Refused("Say where on the body it was.")
    patients.check(f"{row.site}. {row.learnt}", told.nameless)
    merges.locked(session, actor.organisation, [actor.person])
    if store.alike(session, row, actor.person):
        raise Refused("You logged this case already, or another of this number and procedure.")
    may_sign(session, actor.organisation, row, supervisor, today)
    facts: dict[str, Json] = {
        "clinic": row.clinic_id, "course": row.course_id, "procedure": row.procedure, "role": row.role
    }  # fmt: skip
    said = Said("case.logged", actor.organisation, actor.commitment, actor.commitment, facts)
    (row.sequence,) = record(session, now, said)
    session.add(row)
    session.flush()
    return _ask(session, actor, now, row, supervisor, nonce)


def ask(session: Session, actor: Actor, now: datetime, number: int, supervisor: int, nonce: str) -> int:
    """Asks somebody, or somebody else, to sign a case of the actor's own; gives the request.

    Raises Refused where one waits, where they answered already, where it was logged again meanwhile, and for who may
    not supervise it; NotFound for a case of somebody else.
    """
    merges.locked(session, actor.organisation, [actor.person])
    entries = [one for one in store.of_person(session, actor.organisation, actor.person) if one.case.id == number]
    if not entries:
        raise NotFound
    today = day_of(now, actor.organisation_zone)
    if any(one.state(today) == WAITING for one in entries):
        raise Refused("Somebody is asked to sign this case. Wait for their answer, or take the request back.")
    if any(one.returned for one in entries):
        raise Refused("This case was returned with a question. Log it again as it was.")
    if any(one.answer == NOT_REACHED for one in entries):
        raise Refused("This case did not reach the level, as somebody signed who was there. It stays so.")
    if any(one.request.supervisor_id == supervisor and one.answer for one in entries):
        raise Refused("They answered for this case already. Ask somebody else who was there.")
    if store.alike(session, entries[0].case, actor.person):
        raise Refused("You logged this case again meanwhile. Ask for the signature there.")
    may_sign(session, actor.organisation, entries[0].case, supervisor, today)
    return _ask(session, actor, now, entries[0].case, supervisor, nonce)


def _ask(session: Session, actor: Actor, now: datetime, row: Case, supervisor: int, nonce: str) -> int:
    who = session.get_one(people.Person, supervisor).commitment
    said = Said("signature.asked", actor.organisation, actor.commitment, who, {"case": row.id})
    (sequence,) = record(session, now, said)
    request = SignatureRequest(
        organisation_id=actor.organisation,
        case_id=row.id,
        supervisor_id=supervisor,
        nonce=nonce,
        ends_on=day_of(now, actor.organisation_zone) + DAYS,
        sequence=sequence,
    )
    session.add(request)
    session.flush()
    return request.id


@dataclass(frozen=True)
class Answer:
    """What somebody answers who was asked: one of ANSWERS, the level if confirmed, and why or what they ask.

    `nameless` says that they looked for names and found none.
    """

    answer: str
    level: int = 0
    words: str = ""
    nameless: bool = False


def sign(session: Session, now: datetime, entry: Entry, zone: str, answer: Answer, proof: str) -> None:
    """Answers a request in the name of whom it was sent to, who has just proved who they are.

    `zone` is that of the organisation. Raises Ended for a request that waits no more, and Refused where a level, or a
    question, is missing or they may not supervise this.
    """
    organisation, request = entry.case.organisation_id, entry.request
    merges.locked(session, organisation, [request.supervisor_id])
    today = day_of(now, zone)
    if store.entry(session, organisation, request.id).state(today) != WAITING:
        raise Ended("This request waits no more.")
    if answer.answer not in ANSWERS:
        raise Refused("Choose what you answer.")
    level = answer.level if answer.answer == CONFIRMED else 0
    if answer.answer == CONFIRMED and level not in LEVELS:
        raise Refused("Choose how far you trust them with it.")
    words = _words(answer.words, core.MOST_WORDS)
    if answer.answer == RETURNED and not words:
        raise Refused("Write what you ask.")
    patients.check(words, answer.nameless)
    may_sign(session, organisation, entry.case, request.supervisor_id, today)
    signer, trainee = (
        session.get_one(people.Person, one).commitment for one in (request.supervisor_id, entry.case.person_id)
    )
    row = Signature(
        request_id=request.id,
        organisation_id=organisation,
        answer=answer.answer,
        level=level,
        words=words,
        proof=proof,
    )
    row.record = store.bound_to(signer, trainee, entry.case, row)
    facts: dict[str, Json] = {"request": request.id, "answer": answer.answer, "record": row.record}
    (row.sequence,) = record(session, now, Said("signature.given", organisation, signer, trainee, facts))
    session.add(row)
    session.flush()


def take_back(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """Takes back one's own request. Raises NotFound for another's, and Ended for one that waits no more."""
    entry = _locked(session, actor, number)
    if entry.case.person_id != actor.person:
        raise NotFound
    if entry.state(day_of(now, actor.organisation_zone)) != WAITING:
        raise Ended("This request waits no more.")
    _withdraw(session, actor, now, entry, "", tell=entry.request.supervisor_id)


def withdraw(
    session: Session, actor: Actor, now: datetime, number: int, reason: str, *, nameless: bool = False
) -> None:
    """Takes back one's own signature, so that the case may be asked about again.

    Raises NotFound for another's, Refused without a reason or for one that may name a patient, Ended where it was.
    """
    entry = _locked(session, actor, number)
    if entry.request.supervisor_id != actor.person or not entry.signature:
        raise NotFound
    if entry.withdrawal:
        raise Ended("This was taken back already.")
    words = _words(reason, core.MOST_WORDS)
    if not words:
        raise Refused("Say why. It stays in the record, with your name.")
    patients.check(words, nameless)
    _withdraw(session, actor, now, entry, words, tell=entry.case.person_id)


def _locked(session: Session, actor: Actor, number: int) -> Entry:
    """A request that nobody else answers or takes back meanwhile."""
    entry = store.entry(session, actor.organisation, number)
    merges.locked(session, actor.organisation, [entry.request.supervisor_id])
    return store.entry(session, actor.organisation, number)


def _withdraw(session: Session, actor: Actor, now: datetime, entry: Entry, reason: str, tell: int) -> None:
    """`tell` is who else it concerns; a trainee has a mail of it."""
    told = session.get_one(people.Person, tell).commitment
    said = Said("signature.withdrawn", actor.organisation, actor.commitment, told, {"request": entry.request.id})
    (sequence,) = record(session, now, said)
    session.add(
        SignatureWithdrawal(
            request_id=entry.request.id,
            organisation_id=actor.organisation,
            reason=reason,
            withdrawn_by=actor.person,
            sequence=sequence,
        )
    )
    session.flush()


def release(session: Session, actor: Actor, now: datetime, supervisor: int) -> None:
    """What waits for somebody who leaves is asked of them no more, and whoever asked is told to ask another."""
    for one in store.to_sign(session, replace(actor, person=supervisor), day_of(now, actor.organisation_zone)):
        _withdraw(session, actor, now, one, "They left before they answered.", tell=one.case.person_id)


def move(session: Session, actor: Actor, now: datetime, person: int, into: int) -> None:
    """The logbook of one account goes on under another of the same person, and so does what they are asked to sign and
    have signed; nobody's own signature does."""
    moved: dict[int, int] = {}
    for one in reversed(store.of_person(session, actor.organisation, person)):
        if _void(session, actor, now, one) and one.request.supervisor_id != into:
            case = moved.get(one.case.id) or _restate_case(session, actor, now, one.case, into)
            moved[one.case.id] = case
            _restate(session, actor, now, one, into, case, one.request.supervisor_id)
    for one in store.asked_of(session, actor.organisation, person):
        if _void(session, actor, now, one) and one.case.person_id != into:
            _restate(session, actor, now, one, into, one.case.id, into)


def _void(session: Session, actor: Actor, now: datetime, one: Entry) -> bool:
    """Takes a request back that stands under an account which goes on as another; whether it stood."""
    if one.withdrawal or one.state(day_of(now, actor.organisation_zone)) == core.LAPSED:
        return False
    _withdraw(session, actor, now, one, "It is recorded under another account.", tell=one.request.supervisor_id)
    return True


def _restate_case(session: Session, actor: Actor, now: datetime, row: Case, into: int) -> int:
    """The case under the other account; the one it is there already, if both logged it."""
    return store.alike(session, row, into) or store.again(
        session, row, person_id=into, sequence=_moved(session, actor, now, row, into)
    )


def _restate(session: Session, actor: Actor, now: datetime, one: Entry, into: int, case: int, supervisor: int) -> None:
    """Records a request, and what was answered, again: of this case, and by this supervisor."""
    sequence = _moved(session, actor, now, one.case, into)
    request = store.again(session, one.request, case_id=case, supervisor_id=supervisor, sequence=sequence)
    if one.signature:
        store.again(session, one.signature, request_id=request, sequence=sequence)


def _moved(session: Session, actor: Actor, now: datetime, row: Case, into: int) -> int:
    who = session.get_one(people.Person, into).commitment
    (sequence,) = record(session, now, Said("case.moved", actor.organisation, actor.commitment, who, {"case": row.id}))
    return sequence


def may_sign(session: Session, organisation: int, case: Case | ObservationDraft, supervisor: int, today: date) -> None:
    """Raises Refused unless this person may supervise what was done, which is never their own, and is not stopped
    today."""
    if supervisor == case.person_id:
        raise Refused("Nobody signs for themselves. Ask who supervised you.")
    found = {who: said for (who, _), said in supervisors.supervisors(session, organisation).items()}
    asserted, about = found.get(supervisor, ()), (case.course_id, case.procedure)
    if not supervisors.may_supervise(asserted, case.clinic_id, about, case.day):
        raise Refused("They may not supervise this procedure at this clinic on that day.")
    if supervisors.stopped(asserted, case.clinic_id, about, today):
        raise Refused("They are stopped there, so they sign nothing until that is lifted.")


def _words(text: str, most: int) -> str:
    words = seen_words(text)
    if len(words) > most:
        raise Refused("Shorten this to %(most)s characters.", most=most)
    return words
