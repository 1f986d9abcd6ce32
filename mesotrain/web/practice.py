"""Three questions a day, and the questions a reader checks themselves by: they count for nothing but learning."""

import re
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mesotrain.actions import practice as actions
from mesotrain.core.access import Actor
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.grading import mark
from mesotrain.core.practice import ASKED, ROUND, seed_of
from mesotrain.core.questions import FIELD_NAME, Fields
from mesotrain.store import catalogue, search
from mesotrain.store import practice as store
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.reading import section_url, words_of
from mesotrain.web.slots import Asked, Reviewed, asked, reviewed, signed
from mesotrain.web.words import lang, sentence

practice = Blueprint("practice", __name__)

FIELD = re.compile(rf"[0-9]{{1,4}}\.({FIELD_NAME})")


def _given(values: MultiDict[str, str]) -> Fields:
    """The answer to the one question of a page."""
    return signed({found[1]: given for name, given in values.lists() if (found := FIELD.fullmatch(name))})


@page(practice, "/practice", may="practise")
def ask(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    found, done = actions.next_question(session, actor, now)
    if found is None:
        return render_template("practice/done.html", done=done)
    today = day_of(now, actor.organisation_zone)
    return _page(found, done, {ASKED: [f"{found.version.version[:12]} {today}"]})


def _page(found: store.Practised, done: int, fields: Fields, wrong: str = "") -> str:
    return render_template(
        "practice/question.html",
        slot=_asked(found, fields),
        version=found.version.id,
        place=done % ROUND + 1,
        total=ROUND,
        wrong=wrong,
    )


def _asked(found: store.Practised, fields: Fields) -> Asked:
    seed = seed_of(found.version.version, fields)
    return asked(1, seed, lang(found.language), _lesson(found), found.version.shown, fields)


def _lesson(found: store.Practised) -> str:
    """The page that lists what a question cites."""
    return next(
        (url_for("reading.lesson", course=found.course, module=name.partition("#")[0]) for name in found.key.sections),
        url_for("learning.course", course=found.course),
    )


@act(practice, "/practice", may="practise")
def answer(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    version = request.form.get("question", type=int)
    if version is None or not 0 < version < 2**31:
        raise NotFound
    try:
        log = actions.answer(session, actor, now, version, _given(request.form))
    except Refused as refusal:
        done = actions.next_question(session, actor, now)[1]
        return _page(store.question(session, version), done, _given(request.form), sentence(refusal)), 422
    return redirect(url_for("practice.answered", log_id=log), 303)


@page(practice, "/practice/<id:log_id>", may="practise")
def answered(session: Session, actor: Actor, now: datetime, log_id: int) -> ResponseReturnValue:
    log = store.own(session, actor, log_id)
    found = store.question(session, log.question_version_id)
    place = (store.place_of(session, log) - 1) % ROUND + 1
    return render_template("practice/answer.html", slot=_reviewed(session, found, log), place=place, total=ROUND)


def _reviewed(session: Session, found: store.Practised, log: store.PracticeLog) -> Reviewed:
    titles = search.titles(session, found.version.course_id)
    known = [name.partition("#")[2] for name in found.key.sections]
    links = [(titles[one], section_url(found.course, one, f"practice.{log.id}")) for one in known if one in titles]
    view = _asked(found, log.fields)
    return _judged(view, found.key.key, found.key.shown, links)


def _judged(view: Asked, key: Any, key_shown: Mapping[str, Any], links: list[tuple[str, str]]) -> Reviewed:
    kind = view.keyed(key)
    return reviewed(view, key, key_shown, mark(kind, kind.read(view.fields), Fraction(1)), links)


@page(practice, "/courses/<course>/<module>/checks/<id:number>", may="learn")
def check(session: Session, actor: Actor, now: datetime, course: str, module: str, number: int) -> ResponseReturnValue:
    """A question of a lesson, with its key once an answer was given."""
    live = catalogue.live_module(session, actor, course, module)
    words = words_of(session, live, str(get_locale()))
    if not 1 <= number <= len(words.checks):
        raise NotFound
    shown = request.args.get("v", "")
    place = next((at for at, one in enumerate(words.checks, 1) if one.version.startswith(shown) and shown), number)
    number, one, fields = place, words.checks[place - 1], _given(request.args)
    if shown and not one.version.startswith(shown):
        fields = {}  # it was answered as it stood before; it is asked again as it is now
    lesson = url_for("reading.lesson", course=course, module=module)
    view = asked(number, seed_of(one.version, fields), lang(live.publication.language), lesson, one.shown, fields)
    if view.answered and one.question in store.sitting(session, actor):
        raise Refused("This question stands in a quiz of yours that has no result yet. Hand it in first, or wait.")
    review = _judged(view, one.key, one.key_shown, []) if view.answered else None
    return render_template(
        "practice/check.html",
        title=one.title,
        lesson=live.version.title,
        slot=view,
        review=review,
        total=len(words.checks),
        action=url_for("practice.check", course=course, module=module, number=number),
        version=one.version[:12],
        back=f"{lesson}#{one.section}",
    )
