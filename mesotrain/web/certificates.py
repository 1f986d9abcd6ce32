"""Certificates: those of a person with their states, what each was issued for, and a sheet to print; what managers
say of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import certificates as actions
from mesotrain.actions import proposals as proposing
from mesotrain.actions.assertions import MOST_WORDS
from mesotrain.core.access import Actor, allows
from mesotrain.core.assertions import OF_CERTIFICATES, REVOKED, SUSPENDED
from mesotrain.core.certificates import CASES, COMPETENCY, DOCUMENT, EXAM, SAFETY, Gate, Path
from mesotrain.core.certification import CERTIFIED, GOOD, STATES, Certification, Issue, Stage, stage_on
from mesotrain.core.certification import ways as open_ways
from mesotrain.core.competence import EXPIRED, IN_GRACE, IN_PROGRESS, NOT_STARTED, RENEWAL_OPEN
from mesotrain.core.dates import day_of, months_after
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.proposals import ALONE, CONFIRMED
from mesotrain.core.ways import Assessment
from mesotrain.store import assertions as said
from mesotrain.store import clearance, people, privacy, proposals, team, ways
from mesotrain.store.assertions import Concerns
from mesotrain.store.clearance import Asked, Known
from mesotrain.web.answers import practice
from mesotrain.web.clearance import spoken
from mesotrain.web.forms import day, which
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.proposals import told
from mesotrain.web.words import day as day_in_words
from mesotrain.web.words import gettext, sentence

certificates = Blueprint("certificates", __name__)

WHY = {
    CERTIFIED: "It is good until before %(end)s. It can be renewed from %(opens)s on.",
    RENEWAL_OPEN: "It is good until before %(end)s, and can be renewed now.",
    IN_GRACE: "It ended on %(end)s. It can still be renewed, until before %(lapses)s.",
    EXPIRED: "It ended on %(end)s. It is earned anew, as at first.",
    NOT_STARTED: "Nothing was done for it yet.",
    IN_PROGRESS: "Not everything that it asks for is there yet.",
    SUSPENDED: "It does not count until that is lifted.",
    REVOKED: "What was done for it before counts no more.",
}
GATES = {
    COMPETENCY: "Held: %(title)s",
    DOCUMENT: "Seen: %(title)s",
    EXAM: "Passed in the last %(months)s months: %(title)s",
    SAFETY: "The safety points met in it: %(title)s",
    CASES: "%(title)s: %(status)s",
}


@dataclass(frozen=True)
class _Of:
    """What is recorded of the certificates of a person, and what things are called by course and name."""

    person: int
    on: date
    known: Known
    asked: Sequence[Asked]
    exams: dict[tuple[int, str], Assessment]

    def named(self, course: int, gate: Gate) -> str:
        """What a gate asks for is called."""
        return self._titles(course, gate.kind).get(gate.about, gate.about)

    def _titles(self, course: int, kind: str) -> dict[str, str]:
        here = [one for one in self.asked if one.course == course]
        if kind == COMPETENCY:
            return {code: title for (of, code), title in self.known.titles.items() if of == course}
        if kind == DOCUMENT:
            return {one.name: one.title for asked in here for one in asked.scheme.documents}
        if kind in (EXAM, SAFETY):
            return {module: one.title for (of, module), one in self.exams.items() if of == course}
        if kind == CASES:
            return {one.procedure.name: one.procedure.title for one in here}
        return {name: one.newest.title for (of, name), one in self.known.certified.items() if of == course}

    def shown(self) -> Iterator[dict[str, Any]]:
        """Each certificate as a page shows it, by title."""
        for (course, name), one in sorted(self.known.certified.items(), key=lambda each: each[1].newest.title):
            stage = stage_on(one.stages, self.on)
            yield {
                "value": f"{course}/{name}",
                "course": course,
                "name": name,
                "title": one.newest.title,
                "face": (gettext(STATES[stage.state].label), STATES[stage.state].tone),
                "temporary": stage.temporary,
                "why": why(stage),
                "said": stage.said,
                "held": stage.state in GOOD,
                "issued": [self.issued(each) for each in reversed(one.issued) if each.start <= self.on],
                "ways": [self._way(course, *each) for each in self._open(one, stage)],
            }

    def _open(self, one: Certification, stage: Stage) -> list[tuple[Path, list[Gate]]]:
        """The ways to it, where anything can be done for it now."""
        shut = stage.state in (CERTIFIED, SUSPENDED, REVOKED) and not stage.temporary
        asked = one.asked_on(self.on)
        return [] if shut or not asked else open_ways(asked, one.shown, stage, self.on)

    def issued(self, one: Issue) -> dict[str, Any]:
        return {
            "start": one.start,
            "rests": one.rests,
            "end": one.end,
            "title": gettext("Renewal") if one.renews else one.path.title,
        }

    def _way(self, course: int, path: Path, gates: Sequence[Gate]) -> dict[str, Any]:
        months = {one.name: one.months for one in path.exams}
        return {
            "title": path.title or gettext("Renewal"),
            "gates": [(self._gate(course, one, months), one.met, self._where(course, one)) for one in gates],
        }

    def _where(self, course: int, gate: Gate) -> str:
        """Where what is missing is done, if that is an exam."""
        exam = self.exams.get((course, gate.about)) if gate.kind == EXAM and not gate.met else None
        return url_for("reading.lesson", course=exam.course, module=exam.module) if exam else ""

    def _gate(self, course: int, one: Gate, months: dict[str, int]) -> str:
        title = self.named(course, one)
        there = ", ".join(gettext(words, **facts) for words, facts in practice(one.progress)) if one.progress else ""
        return gettext(GATES.get(one.kind, GATES[COMPETENCY]), title=title, months=months.get(one.about), status=there)


def why(stage: Stage) -> str:
    """What a state means and until when it lasts."""
    if stage.temporary and stage.said and stage.said.end:
        return gettext("It was given for a time, until before %(day)s.", day=day_in_words(stage.said.end))
    one = stage.issue
    days = {"end": one.end, "opens": one.opens, "lapses": one.lapses} if one else {}
    return gettext(WHY[stage.state], **{name: day_in_words(value) for name, value in days.items()})


def _of(session: Session, actor: Actor, now: datetime, person: int) -> _Of:
    organisation, zone = actor.organisation, actor.organisation_zone
    at = clearance.when(session, now, None)
    known = clearance.known(session, organisation, zone, [person], at)[person]
    asked = clearance.procedures(session, organisation, at)
    tests = ways.assessments(session, organisation, zone, [person], now) if known.certified else {}
    exams = {(course, one.module): one for (_, course), found in tests.items() for one in found}
    return _Of(person, day_of(now, zone), known, asked, exams)


@page(certificates, "/record/certificates", may="account")
def own(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    found = _of(session, actor, now, actor.person)
    rows = _spoken(session, actor, found)
    return render_template("certificates/own.html", certificates=list(found.shown()), spoken=rows)


@page(certificates, "/team/<id:person>/certificates", may="team")
def of(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _page(session, actor, now, person)


def _page(session: Session, actor: Actor, now: datetime, person: int, wrong: str = "") -> str:
    """The certificates of a person, with what is wrong of what was just said."""
    privacy.not_erased(session, actor.organisation, person)
    who, left = team.trainee_ever(session, actor, person)
    found = _of(session, actor, now, person)
    speaks = allows("clear", actor) and left is None and person != actor.person
    speaks = speaks and person in people.trainees(session, actor, [person])
    decides = speaks and actions.decides(session, actor, person)

    def lifts(number: int) -> str:
        return url_for("certificates.lift", person=person, number=number)

    return render_template(
        "certificates/person.html",
        who=who,
        left=left,
        wrong=wrong,
        said=request.form,
        certificates=list(found.shown()),
        spoken=_spoken(session, actor, found, open_=decides),
        backs=lifts if decides else None,
        proposed=_proposed(session, actor, now, found) if person != actor.person else [],
        speaks=speaks,
        everywhere=decides,
        latest=months_after(found.on, actions.LONGEST_LOAN),
        most=MOST_WORDS,
    )


def _proposed(session: Session, actor: Actor, now: datetime, found: _Of) -> list[dict[str, Any]]:
    """What was proposed about them, but for what was confirmed, which stands among what was said."""
    called = {which: one.newest.title for which, one in found.known.certified.items()}
    rows = proposals.of_person(session, actor.organisation, found.person)
    ended = [one for one in rows if not (one.decision and one.decision.decision in (CONFIRMED, ALONE))]
    return [told(one, called, now, actor.organisation_zone) for one in ended]


def _spoken(session: Session, actor: Actor, found: _Of, *, open_: bool = False) -> list[dict[str, Any]]:
    """What was said of the certificates, the newest first; `open_` where whoever looks may take it back."""
    called = {which: one.newest.title for which, one in found.known.certified.items()}
    rows = [one for one in said.said(session, actor.organisation, found.person) if one.row.kind in OF_CERTIFICATES]
    ended = {one.row.id for one in rows if one.until or (one.row.end_day and one.row.end_day <= found.on)}
    told = spoken(rows, {}, dict.fromkeys(OF_CERTIFICATES, called))
    return [one | {"open": open_ and one["id"] not in ended} for one in told]


# To print -------------------------------------------------------------------------------------------------------------


@page(certificates, "/record/certificates/<id:course>/<name>/sheet", may="account")
def own_sheet(session: Session, actor: Actor, now: datetime, course: int, name: str) -> ResponseReturnValue:
    return _sheet(session, actor, now, actor.person, course, name)


@page(certificates, "/team/<id:person>/certificates/<id:course>/<name>/sheet", may="team")
def sheet(session: Session, actor: Actor, now: datetime, person: int, course: int, name: str) -> ResponseReturnValue:
    privacy.not_erased(session, actor.organisation, person)
    team.trainee_ever(session, actor, person)
    return _sheet(session, actor, now, person, course, name)


def _sheet(session: Session, actor: Actor, now: datetime, person: int, course: int, name: str) -> str:
    """A certificate that is held. Raises NotFound for any other."""
    found = _of(session, actor, now, person)
    one = found.known.certified.get((course, name))
    stage = stage_on(one.stages, found.on) if one else None
    if one is None or stage is None or stage.state not in GOOD:
        raise NotFound
    return render_template(
        "certificates/sheet.html",
        who=session.get_one(people.Person, person).name,
        title=(stage.issue.by if stage.issue else one.newest).title,
        face=(gettext(STATES[stage.state].label), STATES[stage.state].tone),
        issue=found.issued(stage.issue) if stage.issue else None,
        said=stage.said,
        asked=[_met(each.kind, found.named(course, each)) for each in _shown(stage.issue)] if stage.issue else [],
        on=found.on,
        back=url_for("certificates.own") if person == actor.person else url_for("certificates.of", person=person),
    )


def _met(kind: str, title: str) -> str:
    return gettext(GATES[SAFETY], title=title) if kind == SAFETY else title


def _shown(issue: Issue) -> Iterator[Gate]:
    """What the path of an issue asked for, each once."""
    path = issue.path
    parts = {
        EXAM: [one.name for one in path.exams],
        SAFETY: [one.name for one in path.exams if one.points],
        CASES: [one.procedure for one in path.practice],
        COMPETENCY: path.competencies,
        DOCUMENT: path.documents,
        "": path.certificates,
    }
    for kind, names in parts.items():
        yield from (Gate(kind, name, met=True) for name in dict.fromkeys(names))


# What is said of one --------------------------------------------------------------------------------------------------


def _saying(
    session: Session, actor: Actor, now: datetime, person: int, work: Callable[[Concerns], object], done: str
) -> ResponseReturnValue:
    """Does it and goes back to the person, or says what is wrong."""
    people.trainee(session, actor, person, people.MANAGING)
    try:
        course, name = which("certificate")
        work(Concerns(person, course=course, about=name))
    except Refused as refused:
        return _page(session, actor, now, person, sentence(refused)), 422
    flash(done, "good")
    return redirect(url_for("certificates.of", person=person), 303)


def _reason() -> str:
    return request.form.get("reason", "")


@act(certificates, "/team/<id:person>/certificates/suspend", may="clear")
def suspend(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _proposing(session, actor, now, person, SUSPENDED)


@act(certificates, "/team/<id:person>/certificates/revoke", may="clear")
def revoke(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _proposing(session, actor, now, person, REVOKED)


def _proposing(session: Session, actor: Actor, now: datetime, person: int, kind: str) -> ResponseReturnValue:
    """Proposes it and goes to the proposal, or says what is wrong."""
    people.trainee(session, actor, person, people.MANAGING)
    try:
        course, name = which("certificate")
        number = proposing.propose(session, actor, now, kind, Concerns(person, course=course, about=name), _reason())
    except Refused as refused:
        return _page(session, actor, now, person, sentence(refused)), 422
    flash(gettext("It is proposed. It counts once a second person confirms it."), "good")
    return redirect(url_for("proposals.one", number=number), 303)


@act(certificates, "/team/<id:person>/certificates/lend", may="clear")
def lend(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    def work(concerns: Concerns) -> None:
        actions.lend(session, actor, now, concerns, day("until"), _reason())

    return _saying(session, actor, now, person, work, gettext("They have it until that day, and are told."))


@act(certificates, "/team/<id:person>/certificates/<id:number>/lift", may="clear")
def lift(session: Session, actor: Actor, now: datetime, person: int, number: int) -> ResponseReturnValue:
    people.trainee(session, actor, person, people.MANAGING)
    if said.assertion(session, actor, number).person_id != person:
        raise NotFound
    try:
        actions.lift(session, actor, now, number, _reason())
    except Refused as refused:
        return _page(session, actor, now, person, sentence(refused)), 422
    flash(gettext("It is taken back, and they are told. The record keeps both."), "good")
    return redirect(url_for("certificates.of", person=person), 303)
