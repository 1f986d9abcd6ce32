"""What a clinic manager sees: who holds what, and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from mesotrain.core.access import AUDITOR, ROLES, Actor, allows
from mesotrain.core.attempts import UNAPPLIED
from mesotrain.core.competence import (
    LAPSED,
    NOT_STARTED,
    STATES,
    Standing,
)
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound
from mesotrain.formats import sheets
from mesotrain.store import answers, assertions, people
from mesotrain.store import team as store
from mesotrain.store.assignments import due_of
from mesotrain.store.team import SOON, Trainee, Wanted
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.record import standings
from mesotrain.web.words import gettext, page_language

team = Blueprint("team", __name__)

PEOPLE_A_PAGE = 25
MOST_UNAPPLIED = 50
"""Answers that do not count which the page of a person shows: a window can send any number."""
WEAKEST = "weakest"
NOTHING = Standing(NOT_STARTED)

HEADS = ("%(title)s: status", "%(title)s: since", "%(title)s: expires")


@dataclass(frozen=True)
class Asked:
    """What an address of the table asks for. What there is not, or is not this manager's, finds nobody."""

    clinics: Mapping[int, str]
    competencies: Mapping[int, str]
    q: str | None
    clinic: int | None
    competency: int | None
    state: str | None
    expiring: int | None
    sort: str | None

    @cached_property
    def chosen(self) -> dict[int, str]:
        """The competencies that are shown."""
        return {one: title for one, title in self.competencies.items() if self.competency in (None, one)}

    @property
    def sorts(self) -> dict[str, str]:
        """Every order there is: by name, by what is weakest, by one competency."""
        by = {str(one): gettext("%(title)s, weakest first", title=title) for one, title in self.chosen.items()}
        return {"": gettext("Name"), WEAKEST: gettext("Weakest first"), **by}

    @property
    def state_label(self) -> str:
        return gettext(STATES[self.state].label) if self.state else ""

    @property
    def column(self) -> int | None:
        """The place of the column the table is sorted by."""
        return [None, *map(str, self.chosen)].index(self.sort) if self.sort != WEAKEST else None

    def wanted(self) -> Wanted:
        shown = list(self.chosen)
        return Wanted(
            clinics=[one for one in self.clinics if self.clinic in (None, one)],
            competencies=shown,
            managed=list(self.clinics),
            name=self.q or "",
            state=self.state or "",
            within=self.expiring or 0,
            weakest=shown if self.sort == WEAKEST else [int(self.sort)] if self.sort else [],
        )

    @cached_property
    def _said(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("q", "clinic", "competency", "state", "expiring", "sort")}

    def link(self, endpoint: str = "team.table", **changes: str | int | None) -> str:
        return url_for(endpoint, **self._said | changes)


def asked_for(session: Session, actor: Actor, roles: Sequence[str] = people.SEEING) -> Asked:
    """What this address asks for, of the clinics in which the actor has one of these roles."""
    args = request.args
    state, expiring = args.get("state", ""), args.get("expiring", type=int)
    clinics, competencies = store.choices(session, actor, roles)
    asked = Asked(
        clinics=clinics,
        competencies=competencies,
        q=args.get("q", "").strip()[:100] or None,
        clinic=args.get("clinic", type=int),
        competency=args.get("competency", type=int),
        state=state if state in STATES else None,
        expiring=expiring if expiring in SOON else None,
        sort=None,
    )
    sort = args.get("sort")
    return replace(asked, sort=sort) if sort in [WEAKEST, *map(str, asked.chosen)] else asked


@page(team, "/team", may="team")
def table(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    on = day_of(now, actor.organisation_zone)
    asked = asked_for(session, actor)
    number = max(request.args.get("page", 1, type=int), 1)
    found = store.page(session, actor, on, asked.wanted(), number, PEOPLE_A_PAGE)
    titles, language = [(one, str(escape(title))) for one, title in asked.chosen.items()], page_language()
    return render_template(
        "team/table.html",
        asked=asked,
        on=on,
        people=Markup("\n".join([_row(asked, titles, one, language) for one in found.people])),  # noqa: S704
        states={value: gettext(one.label) for value, one in STATES.items()},
        soon=found.soon,
        expiring={days: asked.link(expiring=days, q=None, state=None) for days in SOON},
        pages={
            "current": found.number,
            "total": found.of,
            "previous": asked.link(page=found.number - 1) if found.number > 1 else None,
            "next": asked.link(page=found.number + 1) if found.number < found.of else None,
        },
        count=found.count,
        all_managed=AUDITOR not in actor.roles,
    )


def _row(asked: Asked, titles: Iterable[tuple[int, str]], one: Trainee, language: str) -> str:
    """A row, as ui.head and ui.cell make it. Written here: a template escapes each part again, a fifth of the page."""
    url = str(escape(url_for("team.person", person_id=one.id)))
    cells = [
        f'<td role="cell"><span class="column">{title}</span>'
        f'<a href="{url}#competency-{competency}">{_face(now_.state, now_.expires, language)}</a></td>'
        for competency, title in titles
        for now_ in [one.standings.get(competency, NOTHING)]
    ]
    who = (
        f'<a href="{url}">{escape(one.name)}</a> <span class="aside">{escape(named(asked.clinics, one.places))}</span>'
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{who}</th>{"".join(cells)}</tr>'


@lru_cache(maxsize=4096)
def _face(state: str, expires: date | None, _language: str) -> str:
    """What a cell says, as HTML, rendered once: a table has few different ones, and each costs as much as a query."""
    face = current_app.jinja_env.get_template("team/face.html").module.face(  # type: ignore[attr-defined]
        gettext(STATES[state].label), STATES[state].tone, expires, state in LAPSED
    )
    return str(face)


def named(clinics: Mapping[int, str], places: Sequence[int]) -> str:
    """Those of the clinics that are among somebody's places, by their names."""
    return ", ".join(name for clinic, name in clinics.items() if clinic in places)


FILES: dict[str, tuple[str, Callable[[Iterable[sheets.Row]], bytes]]] = {
    "csv": ("text/csv", sheets.csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheets.xlsx),
}


@page(team, "/team.<kind>", may="team")
def export(session: Session, actor: Actor, now: datetime, kind: str) -> ResponseReturnValue:
    """Everybody the filters find, as a file."""
    if kind not in FILES:
        raise NotFound
    on = day_of(now, actor.organisation_zone)
    asked = asked_for(session, actor)
    mimetype, written = FILES[kind]
    found = store.people(session, actor, on, asked.wanted())
    content = written(_lines(asked, found))
    name = f"attachment; filename=team-{on}.{kind}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": name})


def _lines(asked: Asked, found: Iterable[Trainee]) -> Iterator[sheets.Row]:
    heads = [gettext(head) for head in HEADS]
    titles = [head % {"title": title} for title in asked.chosen.values() for head in heads]
    yield [gettext("Name"), gettext("Clinics"), *titles]
    states = {value: gettext(one.label) for value, one in STATES.items()}
    for one in found:
        standings = (one.standings.get(competency, NOTHING) for competency in asked.chosen)
        cells = (cell for now_ in standings for cell in (states[now_.state], now_.since, now_.expires))
        yield [one.name, named(asked.clinics, one.places), *cells]


@page(team, "/team/<id:person_id>", may="team")
def person(session: Session, actor: Actor, now: datetime, person_id: int) -> ResponseReturnValue:
    who, arranged, uncounted, assigned, learnt = store.about(session, actor, person_id)
    managed, on = _managed(session, actor, who.id), day_of(now, actor.organisation_zone)
    return render_template(
        "team/person.html",
        person={
            "id": who.id,
            "name": who.name,
            "clinics": sorted({place for _, place in who.roles if place}),
            "courses": url_for("assignments.courses", person=who.id) if managed else None,
            "roles": [gettext(ROLES[role]) for role in sorted({role for role, _ in who.roles})],
        },
        arranged=arranged if managed else None,
        due=[(one, one.due_on < on) for one in (due_of(session, actor.organisation, who.id, on) if assigned else ())],
        standings=standings(
            session, actor, who.id, now, assertions.learnt(session, actor.organisation, who.id) if learnt else {}
        ),
        unapplied=[
            (one, gettext(UNAPPLIED[one.why]))
            for one in (answers.unapplied(session, actor, who.id, MOST_UNAPPLIED) if uncounted else ())
        ],
        most=MOST_UNAPPLIED,
    )


def _managed(session: Session, actor: Actor, person: int) -> bool:
    """Whether the actor decides what somebody is to learn, whom they see; who audits as well may not."""
    return allows("assign", actor) and (AUDITOR not in actor.roles or bool(people.trainees(session, actor, [person])))
