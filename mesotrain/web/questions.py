"""What an educator sees: each question as a taker does, as it was written, and with its key."""

import re
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.courses import LEVELS
from mesotrain.core.grading import Mark
from mesotrain.store import courses
from mesotrain.web.gate import page
from mesotrain.web.slots import asked, reviewed

questions = Blueprint("questions", __name__)

TYPES = {"single": "Single best answer", "multiple": "Multiple response", "numeric": "Number"}
OPENING = 110


@page(questions, "/questions", may="questions")
def bank_list(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    found = courses.live_questions(session, actor)
    banks = [
        {"title": module.title, "questions": [_line(keyed) for keyed in bank]}
        for module, bank in groupby(found, key=lambda keyed: keyed.live.version)
    ]
    return render_template("questions/bank_list.html", banks=banks)


def _line(keyed: courses.Keyed) -> dict[str, object]:
    words = re.sub(r"\s+", " ", Markup(keyed.version.shown["stem"]).striptags())  # noqa: S704 (tags are taken off)
    return {
        "name": keyed.question.name,
        "type": gettext(TYPES[keyed.version.taker["type"]]),
        "level": gettext(LEVELS[keyed.key.level]) if keyed.key.level else "",
        "safety": keyed.key.safety,
        "stem": words if len(words) <= OPENING else words[:OPENING].rsplit(" ", 1)[0] + " …",
        "url": url_for("questions.question", course=keyed.live.course.name, name=keyed.question.name),
    }


@page(questions, "/questions/<course>/<name>", may="questions")
def question(session: Session, actor: Actor, now: datetime, course: str, name: str) -> ResponseReturnValue:
    keyed = courses.live_question(session, actor, course, name)
    version, key = keyed.version, keyed.key
    view = asked(1, version.version, version.taker, version.shown, {})
    full = Mark(Fraction(1), Fraction(version.points), "right")
    keyed_view = reviewed(view, version.taker, key.key, key.shown, full, [])
    return render_template(
        "questions/question.html",
        question=_line(keyed)
        | {
            "version": version.version[:12],
            "sections": key.sections,
            "cites": key.cites,
            "points": version.points,
            "source": key.source,
        },
        slot=view,
        review=replace(keyed_view, verdict="key", verdict_label=gettext("The key")),
    )
