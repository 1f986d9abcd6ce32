"""What an educator sees: each question as a taker does, as it was written, and with its key."""

import re
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.courses import LEVELS
from mesotrain.core.grading import Mark
from mesotrain.store import catalogue
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.slots import asked, reviewed
from mesotrain.web.words import gettext, lang

questions = Blueprint("questions", __name__)

TYPES = {"single": "Single best answer", "multiple": "Multiple response", "numeric": "Number"}
OPENING = 110


@page(questions, "/questions", may="questions")
def bank_list(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    found = catalogue.live_questions(session, actor)
    banks = [
        {"title": module.title, "questions": [_line(keyed) for keyed in bank]}
        for module, bank in groupby(found, key=lambda keyed: keyed.module)
    ]
    return render_template("questions/bank_list.html", banks=banks)


def _line(keyed: catalogue.Keyed) -> dict[str, object]:
    words = re.sub(r"\s+", " ", Markup(keyed.version.shown["stem"]).striptags())  # noqa: S704 (tags are taken off)
    return {
        "name": keyed.name,
        "type": gettext(TYPES[keyed.version.shown["type"]]),
        "level": gettext(LEVELS[keyed.key.level]) if keyed.key.level else "",
        "safety": keyed.key.safety,
        "practice": keyed.version.practice,
        "stem": words if len(words) <= OPENING else words[:OPENING].rsplit(" ", 1)[0] + " …",
        "url": url_for("questions.question", course=keyed.course, name=keyed.name),
    }


def _lesson(keyed: catalogue.Keyed) -> str:
    return url_for("reading.lesson", course=keyed.course, module=keyed.folder)


@page(questions, "/questions/<course>/<name>", may="questions")
def question(session: Session, actor: Actor, now: datetime, course: str, name: str) -> ResponseReturnValue:
    keyed = catalogue.live_question(session, actor, course, name)
    version, key = keyed.version, keyed.key
    view = asked(1, version.version, lang(keyed.language), _lesson(keyed), version.shown, {})
    full = Mark(Fraction(1), Fraction(version.points), "right")
    keyed_view = reviewed(view, version.shown, key.key, key.shown, full, [])
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
