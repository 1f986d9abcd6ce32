"""What an educator sees: each question as a taker does, as it was written, and with its key."""

from datetime import datetime
from fractions import Fraction
from itertools import groupby

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.courses import LEVELS
from mesotrain.store import catalogue, reports
from mesotrain.store.holds import lasting
from mesotrain.web import holds
from mesotrain.web.gate import page
from mesotrain.web.links import url_for
from mesotrain.web.slots import asked, opening, with_key
from mesotrain.web.words import gettext, lang

questions = Blueprint("questions", __name__)

TYPES = {
    "single": "Single best answer",
    "multiple": "Multiple response",
    "true-false": "True or false",
    "ordering": "Ordering",
    "matching": "Matching",
    "extended-matching": "Extended matching",
    "numeric": "Number",
    "text": "Short text",
    "calculated": "Calculation",
    "cloze": "Text with gaps",
    "hotspot": "Place on a picture",
    "staged": "Case in stages",
    "concordance": "Script concordance",
    "essay": "Essay, marked by people",
}


AT_ONCE = 150
"""Questions on a page; where there are more, one bank is shown at a time."""


@page(questions, "/questions", may="questions")
def bank_list(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    found = catalogue.live_questions(session, actor)
    banks = [list(bank) for _, bank in groupby(found, key=lambda keyed: keyed.module)]
    asked = request.args.get("bank", type=int)
    chosen = next((bank for bank in banks if bank[0].module.id == asked), banks[0] if banks else [])
    return render_template(
        "questions/bank_list.html",
        all_banks=[(one[0].module.id, one[0].module.title, len(one), one is chosen) for one in banks],
        banks=[_bank(one) for one in banks if len(found) <= AT_ONCE or one is chosen],
        held=lasting(session, actor),
        reports=reports.how_many(session, actor),
    )


def _bank(found: list[catalogue.Keyed]) -> dict[str, object]:
    first = found[0]
    return {
        "title": first.module.title,
        "out": url_for("exchange.out", course=first.course, module=first.folder),
        "questions": [_line(keyed) for keyed in found],
    }


def _line(keyed: catalogue.Keyed) -> dict[str, object]:
    return {
        "name": keyed.name,
        "type": gettext(TYPES[keyed.version.shown["type"]]),
        "level": gettext(LEVELS[keyed.key.level]) if keyed.key.level else "",
        "safety": keyed.key.safety,
        "practice": keyed.version.practice,
        "stem": opening(keyed.version.shown["stem"]),
        "url": url_for("questions.question", course=keyed.course, name=keyed.name),
    }


def _lesson(keyed: catalogue.Keyed) -> str:
    return url_for("reading.lesson", course=keyed.course, module=keyed.folder)


@page(questions, "/questions/<course>/<name>", may="questions")
def question(session: Session, actor: Actor, now: datetime, course: str, name: str) -> ResponseReturnValue:
    keyed = catalogue.live_question(session, actor, course, name)
    version, key = keyed.version, keyed.key
    view = asked(1, version.version, lang(keyed.language), _lesson(keyed), version.shown, {})
    return render_template(
        "questions/question.html",
        hold=holds.state(session, actor, keyed),
        question=_line(keyed)
        | {
            "version": version.version[:12],
            "sections": key.sections,
            "cites": key.cites,
            "points": version.points,
            "source": key.source,
        },
        slot=view,
        review=with_key(view, key.key, key.shown, Fraction(version.points)),
    )
