"""The courses a manager assigns, with the day each is due: to one of their trainees, or to all a filter finds.

And which of them are not done yet, for whoever sees those trainees.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import assignments as actions
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json, digest
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.reminders import DUE, LATER, OVERDUE, SOON, near
from mesotrain.store import assignments as store
from mesotrain.store import catalogue, people
from mesotrain.store import team as found
from mesotrain.web import gate
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages, wanted
from mesotrain.web.team import PEOPLE_A_PAGE, Asked, asked_for, named
from mesotrain.web.words import day, gettext, ngettext, sentence

assignments = Blueprint("assignments", __name__)


def _titles(session: Session, actor: Actor) -> dict[str, str]:
    """The title of every course there is to assign, by name."""
    return {live.course.name: live.publication.title for live in catalogue.live_modules(session, actor)}


def _day(said: Mapping[str, str]) -> date:
    """Raises Refused for what is no day."""
    try:
        return date.fromisoformat(said.get("due", ""))
    except ValueError:
        raise Refused("Enter the day it is due, such as 2027-03-31.") from None


# All that is outstanding ----------------------------------------------------------------------------------------------


@page(assignments, "/team/assignments", may="team")
def outstanding(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    on, states = day_of(now, actor.organisation_zone), _states()
    clinic, state = request.args.get("clinic", type=int), request.args.get("state", "")
    asked = store.Theirs(actor, on, clinic, state if state in states else "")
    count, overdue, _ = store.how_many(session, asked)
    number = wanted(count, PEOPLE_A_PAGE)
    rows = store.outstanding(session, asked, (number - 1) * PEOPLE_A_PAGE, PEOPLE_A_PAGE)
    clinics, _ = found.choices(session, actor, people.SEEING)
    return render_template(
        "assignments/outstanding.html",
        asked=asked,
        states=states,
        clinics=clinics,
        count=count,
        overdue=overdue,
        rows=[_row(one, near(on), clinics) for one in rows],
        pages=pages("assignments.outstanding", number, count, PEOPLE_A_PAGE, clinic=clinic, state=asked.state or None),
    )


def _states() -> dict[str, tuple[str, str]]:
    """(label, tone) of how near a course can be due, the most urgent first."""
    return {
        OVERDUE: (gettext("Overdue"), "stop"),
        SOON: (gettext("Due within %(days)s days", days=DUE[0]), "soon"),
        LATER: (gettext("Due later"), "none"),
    }


def _row(one: store.Outstanding, days: Mapping[str, tuple[date, date]], clinics: Mapping[int, str]) -> dict[str, Any]:
    return {
        "url": url_for("team.person", person_id=one.person),
        "name": one.name,
        "clinics": named(clinics, one.clinics),
        "title": one.title,
        "due": one.due_on,
        "state": next(state for state, (first, last) in days.items() if first <= one.due_on <= last),
    }


# One person -----------------------------------------------------------------------------------------------------------


@page(assignments, "/team/<id:person>/courses", may="assign")
def courses(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    return _courses(session, actor, person, "")


def _courses(session: Session, actor: Actor, person: int, wrong: str) -> str:
    who = people.trainee(session, actor, person, people.MANAGING)
    on, titles = day_of(gate.now(), actor.organisation_zone), _titles(session, actor)
    due = {one.id: one.left for one in store.due_of(session, actor.organisation, person, on)}
    rows = [
        {"id": number, "title": titles.get(name, name), "due": until, "left": due.get(number, 0), "late": until < on}
        for number, name, until in store.open_of(session, actor.organisation, person)
    ]
    return render_template(
        "assignments/courses.html",
        who=who,
        titles=titles,
        rows=rows,
        wrong=wrong,
        said=request.form or request.args,
        on=on,
        latest=actions.latest(on),
    )


@act(assignments, "/team/<id:person>/courses", may="assign")
def assign(session: Session, actor: Actor, now: datetime, person: int) -> ResponseReturnValue:
    try:
        due = _day(request.form)
        actions.assign(session, actor, now, request.form.get("course", ""), [person], due)
    except Refused as refused:
        return _courses(session, actor, person, sentence(refused)), 422
    flash(
        gettext("It is due on %(day)s. They are reminded two weeks, three days and on the day.", day=day(due)), "good"
    )
    return redirect(url_for("assignments.courses", person=person), 303)


@act(assignments, "/team/<id:person>/courses/<id:number>/withdraw", may="assign")
def withdraw(session: Session, actor: Actor, now: datetime, person: int, number: int) -> ResponseReturnValue:
    people.trainee(session, actor, person, people.MANAGING)
    actions.withdraw(session, actor, now, number)
    flash(gettext("It is not asked of them any more."), "good")
    return redirect(url_for("assignments.courses", person=person), 303)


# All a filter finds ---------------------------------------------------------------------------------------------------


class Plan(NamedTuple):
    """What assigning would do: names of the people found, in order, and the day each who has the course has it by."""

    course: str
    title: str
    due: date
    names: dict[int, str]
    days: dict[int, date]

    def seen(self) -> str:
        """What a manager agrees to, in short: who is found, and who has it by when."""
        people: list[Json] = [[one, str(self.days.get(one, ""))] for one in sorted(self.names)]
        return digest({"people": people})

    def done(self, move: bool) -> actions.Assigned | None:
        """What assigning did, where it is done already: a form may be sent twice."""
        due = sum(until == self.due for until in self.days.values())
        others = len(self.days) - due
        done = self.days and len(self.days) == len(self.names) and not (move and others)
        return actions.Assigned(due, 0, others) if done else None

    def rows(self, on_page: int) -> list[dict[str, Any]]:
        """The people of a page; those who have it come first."""
        order = sorted(self.names, key=lambda one: one not in self.days)
        shown = order[(on_page - 1) * PEOPLE_A_PAGE : on_page * PEOPLE_A_PAGE]
        return [{"id": one, "name": self.names[one], "has": self.days.get(one)} for one in shown]


@page(assignments, "/team/assign", may="assign")
def choose(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    asked, names = _wanted(session, actor, now)
    return _choose(session, actor, asked, names, "")


def _wanted(session: Session, actor: Actor, now: datetime) -> tuple[Asked, dict[int, str]]:
    """What an address asks for, and whom that finds among those the actor manages."""
    asked, on = asked_for(session, actor, people.MANAGING), day_of(now, actor.organisation_zone)
    return asked, found.names(session, actor, on, asked.wanted())


def _choose(session: Session, actor: Actor, asked: Asked, names: dict[int, str], wrong: str) -> str:
    on, titles = day_of(gate.now(), actor.organisation_zone), _titles(session, actor)
    return render_template(
        "assignments/choose.html",
        asked=asked,
        titles=titles,
        count=len(names),
        wrong=wrong,
        said=request.args,
        on=on,
        latest=actions.latest(on),
    )


def _plan(session: Session, actor: Actor, now: datetime, asked: Asked, names: dict[int, str]) -> Plan:
    """Raises Refused for a day nothing can be due on, and NotFound for a course there is not."""
    due = _day(request.args)
    actions.check_day(actor, now, due)
    live = catalogue.live_course(session, actor, request.args.get("course", ""))[0]
    days = store.days_of(session, actor.organisation, live.course.id)
    theirs = {one: until for one, until in days.items() if one in names}
    return Plan(live.course.name, live.publication.title, due, names, theirs)


@page(assignments, "/team/assign/confirm", may="assign")
def confirm(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _confirm(session, actor, now, "")


def _confirm(session: Session, actor: Actor, now: datetime, wrong: str) -> ResponseReturnValue:
    asked, names = _wanted(session, actor, now)
    try:
        plan = _plan(session, actor, now, asked, names)
    except Refused as refused:
        return _choose(session, actor, asked, names, sentence(refused)), 422
    number = max(request.args.get("page", 1, type=int), 1)
    told = {"course": plan.course, "due": plan.due.isoformat()}
    filters = {name: getattr(asked, name) for name in ("q", "clinic", "competency", "state", "expiring")}
    html = render_template(
        "assignments/confirm.html",
        asked=asked,
        plan=plan,
        told=told,
        title=plan.title,
        new=len(names) - len(plan.days),
        same=sum(until == plan.due for until in plan.days.values()),
        rows=plan.rows(number),
        pages=pages("assignments.confirm", number, len(names), PEOPLE_A_PAGE, **filters, **told),
        wrong=wrong,
    )
    return html, 409 if wrong else 200


@act(assignments, "/team/assign/confirm", may="assign")
def assign_all(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    asked, names = _wanted(session, actor, now)
    try:
        plan = _plan(session, actor, now, asked, names)
    except Refused as refused:
        return _choose(session, actor, asked, names, sentence(refused)), 422
    move = request.form.get("others") == "move"
    if done := plan.done(move):
        flash(_done(done, plan.due), "good")
        return redirect(asked.link(), 303)
    if not names or request.form.get("seen") != plan.seen():
        return _confirm(session, actor, now, gettext("These people are not the same any more. Look at them again."))
    done = actions.assign(session, actor, now, plan.course, list(names), plan.due, move=move)
    flash(_done(done, plan.due), "good")
    return redirect(asked.link(), 303)


def _done(done: actions.Assigned, due: date) -> str:
    said = [
        ngettext(
            "%(n)s person has the course now, due on %(day)s.",
            "%(n)s people have the course now, due on %(day)s.",
            done.new,
            n=done.new,
            day=day(due),
        )
    ]
    if done.moved:
        said.append(
            ngettext("For %(n)s person the day moved.", "For %(n)s people the day moved.", done.moved, n=done.moved)
        )
    if done.kept:
        said.append(
            ngettext(
                "%(n)s person had it already and keeps their day.",
                "%(n)s people had it already and keep their day.",
                done.kept,
                n=done.kept,
            )
        )
    return " ".join(said)
