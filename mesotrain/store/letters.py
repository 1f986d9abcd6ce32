"""What the mails say: to whom each kind goes, and its facts as they are when it leaves."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mesotrain.core.access import DUTIES
from mesotrain.core.dates import day_of
from mesotrain.core.logbook import WAITING as UNANSWERED
from mesotrain.core.proposals import CONFIRMED
from mesotrain.core.proposals import REFUSED as NOT_AGREED
from mesotrain.core.proposals import WAITING as OPEN
from mesotrain.store import logbook, observations, outsiders, proposals, stops
from mesotrain.store.accounts import Link
from mesotrain.store.assertions import Assertion, Retraction, both
from mesotrain.store.attempts import Attempt
from mesotrain.store.clearance import certificate_titles, titles
from mesotrain.store.courses import ModuleVersion
from mesotrain.store.events import Event
from mesotrain.store.invitations import Invitation
from mesotrain.store.logbook import SignatureRequest
from mesotrain.store.outbox import DROPPED, REFUSED, WAITING, Leaving, Mail
from mesotrain.store.outsiders import Outsider
from mesotrain.store.people import Organisation, Person
from mesotrain.store.reminders import past, told_by


class Letter(NamedTuple):
    """Whom a mail goes to, in which language and zone, and what it tells."""

    email: str
    name: str
    locale: str
    zone: str
    facts: dict[str, Any]


def letter(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """The letter of a mail; None where nobody is to have it any more."""
    return _LETTERS[leaving.kind](session, leaving, now)


def _to(session: Session, person: int | None, /, **facts: Any) -> Letter | None:
    found = session.get(Person, person) if person else None
    return Letter(found.email, found.name, found.locale, found.zone, facts) if found else None


def _result(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """Nobody is written to about the result of an attempt that proves nothing."""
    told = _answered(session, leaving, now)
    return told if told and told.facts["proves"] else None


def _answered(session: Session, leaving: Leaving, _now: datetime) -> Letter | None:
    attempt = leaving.facts["attempt"]
    row = session.execute(
        select(ModuleVersion.title, ModuleVersion.quiz, Attempt.passed)
        .join(Attempt, Attempt.module_version_id == ModuleVersion.id)
        .where(Attempt.id == attempt)
    ).one()
    proves = not row.quiz.get("practice")
    return _to(session, leaving.person, attempt=attempt, title=row.title, passed=row.passed, proves=proves)


def _link(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """A link to choose a password or an address goes to the address it was asked for, while it is good."""
    link = session.get(Link, leaving.facts["link"])
    if link is None or not link.good(now):
        return None
    told = _to(session, link.person_id, link=link.id, nonce=link.nonce, kind=link.kind, ends_at=link.ends_at)
    return told._replace(email=link.email) if told else None


def _notice(session: Session, leaving: Leaving, _now: datetime) -> Letter | None:
    return _to(session, leaving.person, **leaving.facts)


def _factor(session: Session, leaving: Leaving, _now: datetime) -> Letter | None:
    return _to(session, leaving.person, added=leaving.said == "second-factor.added")


def _moved(session: Session, leaving: Leaving, _now: datetime) -> Letter | None:
    """That somebody took another address is told at the one they had."""
    link = session.get(Link, leaving.facts["link"])
    told = _to(session, leaving.person)
    return told._replace(email=link.was) if told and link else None


def _invitation(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """A link is mailed once: the mail that was called for before it was made anew leaves no more."""
    row = session.get(Invitation, leaving.facts["invitation"])
    if row is None or not row.good(now) or leaving.at < row.sent_at:
        return None
    place = session.get_one(Organisation, row.organisation_id)
    by = session.get(Person, row.invited_by) if row.invited_by else None
    facts = {"invitation": row.id, "nonce": row.nonce, "place": place.name, "by": by.name if by else place.name}
    facts |= {"ends_at": row.ends_at, "duties": list(dict.fromkeys(DUTIES[role] for role, _ in row.roles))}
    return Letter(row.email, row.name, row.locale, place.zone, facts)


def _reminders(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    told = told_by(session, leaving.event)
    today = now.date()
    own = [one for one in told if one[4] == leaving.person]
    over = [one for one in told if one not in own and past(one[1], one[3], today)]
    ahead = [one for one in told if one not in own and one not in over]
    return _to(session, leaving.person, own=own, over=over, ahead=ahead, today=today)


def _stop(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    row = session.get_one(Assertion, leaving.facts["assertion"])
    over = session.get(Retraction, row.id) if leaving.facts["over"] else None
    by = session.get_one(Person, over.retracted_by if over else row.asserted_by).name
    parts = [
        one
        for one in stops.parts(session, row.organisation_id, row.sequence)
        if over is None or session.get(Retraction, one.id) is not None
    ]
    places = stops.places(session, parts) or [session.get_one(Organisation, row.organisation_id).name]
    called = titles(session, row.organisation_id, now)
    facts = {
        "stop": row.sequence,
        "who": session.get_one(Person, row.person_id).name if row.person_id else "",
        "oneself": row.person_id == leaving.person,
        "title": called.get((row.course_id or 0, row.about), row.about),
        "product": row.product,
        "lot": row.lot,
        "place": ", ".join(places),
        "by": by,
        "over": over is not None,
        "reason": over.reason if over else row.reason,
    }
    return _to(session, leaving.person, **facts)


def _certificate(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """What somebody said of a certificate is told while it is so, and its end once."""
    row = session.get_one(Assertion, leaving.facts["assertion"])
    over = session.get(Retraction, row.id)
    if (over is not None) != leaving.facts["over"]:
        return None
    said = [over.retracted_by] if over else [row.asserted_by, row.confirmed_by]
    names = [session.get_one(Person, one).name for one in said if one]
    called = certificate_titles(session, row.organisation_id, now)
    facts = {
        "kind": row.kind,
        "title": called.get((row.course_id or 0, row.about), row.about),
        "place": session.get_one(Organisation, row.organisation_id).name,
        "until": row.end_day,
        "by": both(*names),
        "alone": row.alone and not over,
        "over": over is not None,
        "reason": over.reason if over else row.reason,
    }
    return _to(session, leaving.person, **facts)


def _proposal(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """Who can confirm it is told while it waits, and who made it how it ended."""
    one = proposals.by_number(session, leaving.facts["proposal"])
    row, place = one.row, session.get_one(Organisation, one.row.organisation_id)
    own = leaving.person == row.proposed_by
    if own != (one.state(day_of(now, place.zone)) in (CONFIRMED, NOT_AGREED)):
        return None
    called = certificate_titles(session, row.organisation_id, now)
    facts = {
        "proposal": row.id,
        "kind": row.kind,
        "title": called.get((row.course_id, row.about), row.about),
        "person": one.person,
        "place": place.name,
        "by": one.by,
        "reason": row.reason,
        "ends": row.ends_on,
        "decision": one.decision.decision if one.decision else "",
        "decided_by": one.decided_by,
        "words": one.decision.words if one.decision else "",
    }
    return _to(session, leaving.person, **facts)


def _outsider(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """Somebody from outside gets a link to what they are asked to decide, while that waits and nobody else is asked."""
    row = session.get_one(Outsider, leaving.facts["outsider"])
    one, place = proposals.by_number(session, row.proposal_id), session.get_one(Organisation, row.organisation_id)
    if outsiders.asked(session, row.proposal_id) is not row or one.state(day_of(now, place.zone)) != OPEN:
        return None
    locale = session.get_one(Person, row.asked_by).locale
    facts = {"outsider": row.id, "nonce": row.nonce, "by": one.by, "place": place.name, "ends": one.row.ends_on}
    return Letter(row.email, "", locale, place.zone, facts) if row.email else None


def _signature(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    """Who is asked to sign gets a link to the case, while nobody has answered or taken the request back."""
    number = session.scalar(select(SignatureRequest.id).where(SignatureRequest.sequence == leaving.event))
    return _case(session, leaving, now, number or 0, asked=True)


def _signed(session: Session, leaving: Leaving, now: datetime) -> Letter | None:
    told = _case(session, leaving, now, leaving.facts["request"], asked=False)
    return told if told and leaving.person == told.facts["person"] else None


def _case(session: Session, leaving: Leaving, now: datetime, request: int, *, asked: bool) -> Letter | None:
    one = logbook.by_number(session, request)
    case, place = one.case, session.get_one(Organisation, one.case.organisation_id)
    if asked and one.state(day_of(now, place.zone)) != UNANSWERED:
        return None
    facts = {
        "title": titles(session, case.organisation_id, now).get((case.course_id, case.procedure), case.procedure),
        "person": case.person_id,
        "trainee": one.trainee,
        "by": one.supervisor,
        "day": case.day,
        "place": one.clinic,
        "ends": one.request.ends_on,
        "request": one.request.id,
        "nonce": one.request.nonce,
        "answered": one.signature is not None,
        "withdrawn": one.withdrawal is not None,
    }
    return _to(session, leaving.person, **facts)


def _observed(session: Session, leaving: Leaving, _now: datetime) -> Letter | None:
    """Who was observed is told that it was signed, or taken back."""
    signed = leaving.said == "observation.signed"
    found = observations.any_of(
        session,
        observations.Observation.sequence == leaving.event
        if signed
        else observations.Observation.id == leaving.facts["observation"],
    )
    if leaving.person != found.row.person_id:
        return None
    facts = {"title": found.form.title, "by": found.observer, "day": found.row.day, "place": found.clinic}
    return _to(session, leaving.person, **facts, withdrawn=not signed)


_LETTERS: dict[str, Callable[[Session, Leaving, datetime], Letter | None]] = {
    "result": _result,
    "answered": _answered,
    "invitation": _invitation,
    "reminders": _reminders,
    "link": _link,
    "password-changed": _notice,
    "email-changed": _moved,
    "second-factor": _factor,
    "recovery-code": _notice,
    "stop": _stop,
    "certificate": _certificate,
    "proposal": _proposal,
    "outsider": _outsider,
    "signature": _signature,
    "signed": _signed,
    "observed": _observed,
}


def drop_unwanted(session: Session, organisation: int | None, now: datetime) -> None:
    """Drops the mails whose link is good no more, and of the others of one link all but the last.

    They are those of an organisation's invitations or, where it is none, of links that people asked for. What is
    leaving or has left stays.
    """
    table: Any = Invitation if organisation else Link
    kind = "invitation" if organisation else "link"
    undone = Mail.kind == kind, Mail.state.in_([WAITING, REFUSED])
    rows = session.execute(
        select(Mail.id, Event.body)
        .join(Event, Event.position == Mail.event_position)
        .where(*undone, Event.organisation_id == organisation)
        .order_by(Mail.id)
    ).all()
    about = {row.id: json.loads(row.body)["facts"][kind] for row in rows}
    known = session.scalars(select(table).where(table.id.in_(about.values())))
    good = {one.id for one in known if one.good(now)}
    last = {number: mail for mail, number in about.items() if number in good}
    gone = [mail for mail, number in about.items() if last.get(number) != mail]
    session.execute(update(Mail).where(Mail.id.in_(gone), *undone).values(state=DROPPED, changed_at=now))
