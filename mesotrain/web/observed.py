"""Observations as the pages of a logbook show them, and the names of what is said on a form."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.core import observations as core
from mesotrain.core.access import Actor
from mesotrain.core.observations import Form
from mesotrain.store.clearance import titles
from mesotrain.store.observations import Seen
from mesotrain.web.words import gettext

FACES = {
    core.PASSED: ("Passed", "good"),
    core.NOT_PASSED: ("Not passed", "stop"),
    core.OPEN: ("Not all seen", "none"),
}
"""What each outcome is called, and its tone."""
MARKED = {core.DONE: "Done", core.NOT_DONE: "Not done", core.NOT_SEEN: "Not seen"}
WHERE = {core.STATION: "At a station", core.WITH_PATIENT: "With a patient"}


def rows(session: Session, actor: Actor, now: datetime, found: Iterable[Seen]) -> list[dict[str, Any]]:
    """Observations as pages show them."""
    called = titles(session, actor.organisation, now)
    return [_row(one, called) for one in found]


def _row(one: Seen, called: Mapping[tuple[int, str], str]) -> dict[str, Any]:
    row, form = one.row, one.form
    label, tone = ("Taken back", "none") if one.withdrawal else FACES[row.outcome]
    return {
        "id": row.id,
        "title": form.title,
        "procedure": called.get((row.course_id, row.procedure), row.procedure),
        "where": gettext(WHERE[form.where]),
        "face": (gettext(label), tone),
        "day": row.day,
        "clinic": one.clinic,
        "trainee": one.trainee,
        "observer": one.observer,
        "steps": steps(form, row.marks),
        "rating": form.ratings[row.rating - 1],
        "words": row.words,
        "back": one.withdrawal.reason if one.withdrawal else "",
    }


def steps(form: Form, marks: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each step with what it was marked, if it was."""
    return [
        {
            "words": one.words,
            "critical": one.critical,
            "mark": gettext(MARKED[marks[one.id]]) if one.id in marks else "",
        }
        for one in form.steps
    ]
