"""Inviting everybody of a list: it is sent, shown with all that is wrong with it, and confirmed.

Looking at a list writes nothing. The page that shows it carries it on as text, which is read and checked anew.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import FileField, TextAreaField

from mesotrain.actions import rosters as actions
from mesotrain.actions.rosters import ALREADY, ANEW, Planned
from mesotrain.core import names
from mesotrain.core.access import ADMINISTRATOR, AUDITOR, EDUCATOR, MANAGER, ROLES, TRAINEE, Actor
from mesotrain.core.accounts import INVITATION
from mesotrain.core.errors import NotFound
from mesotrain.formats import rosters as formats
from mesotrain.formats import sheets
from mesotrain.formats.rosters import COLUMNS, MOST_PEOPLE, WHOLE, Roster, place
from mesotrain.formats.tables import Wrong
from mesotrain.store import people
from mesotrain.web import gate, keys
from mesotrain.web.gate import page, step
from mesotrain.web.links import url_for
from mesotrain.web.team import FILES
from mesotrain.web.words import gettext, ngettext

rosters = Blueprint("rosters", __name__)

LARGE = "The list is larger than can be confirmed at once. Send it in parts."
BESIDE = 4096
"""Bytes of a form beside its text."""


class RosterForm(FlaskForm):  # type: ignore[misc]
    """A list as a file, or as text; the file goes first."""

    file = FileField(lazy_gettext("File"))
    text = TextAreaField(lazy_gettext("Or the list as text"))


@page(rosters, "/people/import", may="administer")
def choose(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    return _choose(RosterForm(), ())


def _choose(form: RosterForm, faults: Sequence[dict[str, Any]]) -> str:
    limits = {"most": MOST_PEOPLE, "kilobytes": current_app.config["BODY_KILOBYTES"]}
    roles, count = [gettext(title) for title in ROLES.values()], sum(len(one["wrong"]) for one in faults)
    return render_template("people/import.html", form=form, faults=faults, count=count, roles=roles, **limits)


@step(rosters, "/people/import", may="administer")
def look(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form, file = RosterForm(), request.files.get("file")
    sent = file.read() if file and file.filename else form.text.data or ""
    if not sent and not (file and file.filename):
        form.file.errors = [gettext("Choose a file, or paste a list.")]
        return _choose(form, ()), 422
    roster = formats.read(sent, _words())
    planned, wrong = actions.plan(session, actor, gate.now(), roster.rows)
    text = formats.roster(roster.rows, gettext(names.WHOLE))
    if len(text.encode()) > current_app.config["MAX_FORM_MEMORY_SIZE"] - BESIDE:
        wrong = [Wrong(0, "", LARGE), *wrong]
    if roster.wrong or wrong:
        return _faulty(form, roster, wrong)
    clinics = {one.id: one.name for one in people.clinics(session, actor.organisation)}
    return render_template(
        "people/roster.html",
        text=text,
        going=[_shown(one, clinics) for one in planned if one.what != ALREADY],
        already=[_shown(one, clinics) for one in planned if one.what == ALREADY],
    )


def _words() -> dict[str, str]:
    """What columns, roles and the whole organisation are called in the reader's language."""
    known = {**COLUMNS, **ROLES, WHOLE: names.WHOLE}
    return {names.bare(gettext(words)): meaning for meaning, words in known.items()}


def _shown(one: Planned, clinics: dict[int, str]) -> dict[str, Any]:
    roles = [(role, clinics[clinic] if clinic else gettext(names.WHOLE)) for role, clinic in one.roles]
    return {"name": one.name, "email": one.email, "roles": roles, "anew": one.what == ANEW, "due": one.due}


def _faulty(form: RosterForm, roster: Roster, wrong: Iterable[Wrong]) -> ResponseReturnValue:
    """All that is wrong, with the list as text to be corrected."""
    form.text.data = roster.table.text
    said = {line.number: " · ".join(cell for cell in line.cells if cell)[:100] for line in roster.table.lines}
    faults: dict[int, list[tuple[str, str]]] = {}
    for one in sorted([*roster.wrong, *wrong], key=place):
        column = gettext(COLUMNS[one.column]) if one.column else ""
        faults.setdefault(one.line, []).append((column, gettext(one.sentence, **one.facts)))
    listed = [{"line": line, "said": said.get(line, ""), "wrong": found} for line, found in faults.items()]
    return _choose(form, listed), 422


@step(rosters, "/people/import/invite", may="administer")
def invite(session: Session, actor: Actor, now: object) -> ResponseReturnValue:
    form = RosterForm()
    roster = formats.read(form.text.data or "", _words())
    told = (session, actor, gate.now(), roster.rows)
    if roster.wrong:
        return _faulty(form, roster, actions.plan(*told)[1])
    planned, wrong = gate.unit(lambda: actions.invite(*told, keys.new_nonce))
    if wrong:
        return _faulty(form, roster, wrong)
    count = sum(one.what != ALREADY for one in planned)
    if count:
        said = ngettext("%(count)s person is invited.", "%(count)s people are invited.", count, count=count)
        said += " " + gettext("A link is good for %(days)s days.", days=INVITATION.days)
    else:
        said = gettext("All of them are invited already, with the same roles. No further mail is sent.")
    flash(said, "good")
    return redirect(url_for("people.members"), 303)


@page(rosters, "/people/import.<kind>", may="administer")
def template(session: Session, actor: Actor, now: object, kind: str) -> ResponseReturnValue:
    """A list to fill in: a line for each clinic, and one for each role that is held in the whole organisation."""
    if kind not in FILES:
        raise NotFound
    mimetype, written = FILES[kind]
    rows: list[sheets.Row] = [[gettext(title) for title in COLUMNS.values()]]
    rows += [["", "", gettext(ROLES[TRAINEE]), one.name] for one in people.clinics(session, actor.organisation)]
    rows += [
        ["", "", gettext(ROLES[role]), gettext(names.WHOLE)] for role in (MANAGER, AUDITOR, EDUCATOR, ADMINISTRATOR)
    ]
    name = f"attachment; filename=people.{kind}"
    return Response(written(rows), mimetype=mimetype, headers={"Content-Disposition": name})
