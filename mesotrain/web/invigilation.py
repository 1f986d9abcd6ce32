"""Exams as they are being sat, for whoever invigilates: who is where, and what can be done from outside."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import invigilation as actions
from mesotrain.core.access import Actor
from mesotrain.core.assessments import Kept, window
from mesotrain.core.attempts import OPEN, VOID
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.invigilation import (
    EXTEND,
    FACES,
    KINDS,
    MOST_MINUTES,
    PAUSE,
    PAUSED,
    RESUME,
    SILENCE,
    answered,
    stands,
)
from mesotrain.store import adjustments, catalogue
from mesotrain.store import invigilation as store
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages, wanted
from mesotrain.web.words import gettext, ngettext, sentence

invigilation = Blueprint("invigilation", __name__)

AT_ONCE = 25
NONE_SIT = store.Busy("", 0, 0)
DID = {PAUSE: "Paused", RESUME: "Went on", EXTEND: "%(minutes)s min more", VOID: "Made void"}
"""What was done, in words."""
DONE = {
    PAUSE: "The clock stands.",
    RESUME: "The clock goes on.",
    EXTEND: "There is more time now.",
    VOID: "It is void.",
}
"""What is said of what was just done."""


@page(invigilation, "/invigilation", may="invigilate")
def exams(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    found = _exams(session, actor, now)
    return render_template("invigilation/exams.html", exams=[one for one in found if one["open"] or one["sitting"]])


def _exams(session: Session, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The exams there are, and those that are taught no longer and still being sat."""
    busy = store.busy(session, actor)
    live = {one.module.id: one for one in catalogue.live_modules(session, actor) if one.version.quiz.get("exam")}
    rows = [
        _exam(module, one.version.title, busy.get(module, NONE_SIT), one.publication.title)
        | _open(one.version.quiz, now, actor.organisation_zone)
        for module, one in live.items()
    ]
    return rows + [_exam(module, one.title, one) for module, one in busy.items() if module not in live]


def _exam(module: int, title: str, busy: store.Busy, course: str = "") -> dict[str, Any]:
    counts = {"sitting": busy.sitting, "paused": busy.paused}
    return {"id": module, "title": title, "course": course, "open": False, "closes": None} | counts


def _open(quiz: Kept, now: datetime, zone: str) -> dict[str, Any]:
    when = window(quiz, zone)
    return {"open": not when.early(now) and not when.late(now), "closes": when.closes}


@page(invigilation, "/invigilation/<id:module_id>", may="invigilate")
def exam(session: Session, actor: Actor, now: datetime, module_id: int) -> ResponseReturnValue:
    return _one_exam(session, actor, now, module_id, "")


def _named(session: Session, actor: Actor, now: datetime, module: int) -> dict[str, Any]:
    """One of `_exams`. Raises NotFound where there is none."""
    for one in _exams(session, actor, now):
        if one["id"] == module:
            return one
    raise NotFound


def _one_exam(session: Session, actor: Actor, now: datetime, module: int, wrong: str) -> str:
    found = _named(session, actor, now, module)
    number = wanted(found["sitting"], AT_ONCE)
    rows, count = store.sitters(session, actor, module, (number - 1) * AT_ONCE, AT_ONCE)
    return render_template(
        "invigilation/exam.html",
        exam=found,
        rows=[_row(one, now) for one in rows],
        now=now,
        pages=pages("invigilation.exam", number, count, AT_ONCE, module_id=module),
        wrong=wrong,
        most=MOST_MINUTES,
    )


def _row(one: store.Sitter, now: datetime) -> dict[str, Any]:
    state = stands(one.state, one.timing, one.heard, now)
    label, tone = FACES[state]
    return {
        "url": url_for("invigilation.sitter", attempt_id=one.attempt),
        "name": one.name,
        "state": gettext(label),
        "tone": tone,
        "paused": one.paused_at if state == PAUSED else None,
        "answered": answered(one.answers),
        "total": one.total,
        "place": one.place,
        "saved": _ago(now - one.saved_at) if one.saved_at else gettext("nothing yet"),
        "heard": _ago(now - one.heard),
        "silent": now - one.heard > SILENCE,
        "minutes": -(-int(one.timing.left(now).total_seconds()) // 60),
        "ends": one.deadline,
        "overtaken": max(one.lease - 1, 0),
    }


def _ago(length: timedelta) -> str:
    seconds = max(int(length.total_seconds()), 0)
    if seconds < SILENCE.total_seconds():
        return ngettext("%(n)s second ago", "%(n)s seconds ago", seconds, n=seconds)
    return ngettext("%(n)s minute ago", "%(n)s minutes ago", seconds // 60, n=seconds // 60)


@page(invigilation, "/invigilation/attempts/<id:attempt_id>", may="invigilate")
def sitter(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    return _sitter(session, actor, now, attempt_id, "")


def _sitter(session: Session, actor: Actor, now: datetime, attempt: int, wrong: str) -> str:
    one = store.sitter(session, actor, attempt)
    return render_template(
        "invigilation/sitter.html",
        one=_row(one, now),
        attempt=attempt,
        exam={"id": one.module, "title": one.title},
        arranged=adjustments.newest(session, actor.organisation, one.person),
        now=now,
        open=one.state == OPEN,
        done=[
            (gettext(DID[row.kind], minutes=row.minutes), row.reason, row.made_at, name)
            for row, name in store.interventions(session, attempt)
        ],
        wrong=wrong,
        said=request.form,
        most=MOST_MINUTES,
        most_words=actions.MOST_WORDS,
    )


@act(invigilation, "/invigilation/attempts/<id:attempt_id>/<kind>", may="invigilate")
def intervene(session: Session, actor: Actor, now: datetime, attempt_id: int, kind: str) -> ResponseReturnValue:
    _known(kind)
    reason = " ".join(request.form.get("reason", "").split())
    try:
        actions.one(session, actor, now, attempt_id, kind, _minutes(), reason)
    except Refused as refused:
        return _sitter(session, actor, now, attempt_id, sentence(refused)), 409
    flash(gettext(DONE[kind]), "good")
    return redirect(url_for("invigilation.sitter", attempt_id=attempt_id), 303)


@act(invigilation, "/invigilation/<id:module_id>/<kind>", may="invigilate")
def intervene_all(session: Session, actor: Actor, now: datetime, module_id: int, kind: str) -> ResponseReturnValue:
    _known(kind)
    _named(session, actor, now, module_id)
    try:
        count = actions.everybody(session, actor, now, module_id, kind, _minutes())
    except Refused as refused:
        return _one_exam(session, actor, now, module_id, sentence(refused)), 409
    flash(gettext(DONE[kind]) if count else gettext("It changes nothing for anybody."), "good" if count else "soon")
    return redirect(url_for("invigilation.exam", module_id=module_id), 303)


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound


def _minutes() -> int:
    return request.form.get("minutes", 0, type=int)
