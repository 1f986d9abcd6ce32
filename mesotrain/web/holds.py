"""Questions that may be wrong, for educators: holding one, what waits for it, and how that ends."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import holds as actions
from mesotrain.core.access import Actor
from mesotrain.core.assessments import cells_of
from mesotrain.core.courses import LEVELS
from mesotrain.core.errors import Refused
from mesotrain.core.holds import ENDINGS, LONGEST_REASON
from mesotrain.core.plans import thin
from mesotrain.store import attempts, catalogue, pools, practice
from mesotrain.store import holds as store
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.slots import asked, with_key
from mesotrain.web.words import gettext, lang, sentence

holds = Blueprint("holds", __name__)


@act(holds, "/questions/<course>/<name>/hold", may="hold")
def hold(session: Session, actor: Actor, now: datetime, course: str, name: str) -> ResponseReturnValue:
    made = actions.hold(session, actor, now, course, name, request.form.get("reason", ""))
    flash(gettext("It is held: nobody new is asked it, and no result that rests on it goes out."), "good")
    return redirect(url_for("holds.held", hold_id=made), 303)


@page(holds, "/holds/<id:hold_id>", may="hold")
def held(session: Session, actor: Actor, now: datetime, hold_id: int) -> ResponseReturnValue:
    return _page(session, actor, hold_id, "")


@act(holds, "/holds/<id:hold_id>/lift", may="hold")
def lift(session: Session, actor: Actor, now: datetime, hold_id: int) -> ResponseReturnValue:
    try:
        actions.lift(session, actor, now, hold_id, request.form.get("ending", ""), request.form.get("reason", ""))
    except Refused as refused:
        return _page(session, actor, hold_id, sentence(refused)), 422
    flash(gettext("It is held no more. Results that waited for it go out within a minute."), "good")
    return redirect(url_for("holds.held", hold_id=hold_id), 303)


def _page(session: Session, actor: Actor, hold: int, wrong: str) -> str:
    told = store.told(session, actor, hold)
    found = practice.question(session, told.hold.question_version_id)
    lesson = url_for("learning.course", course=found.course)
    view = asked(1, found.version.version, lang(found.language), lesson, found.version.shown, {})
    return render_template(
        "holds/held.html",
        told=told,
        endings={ending: gettext(words) for ending, words in ENDINGS.items()},
        waiting=attempts.waiting_for(session, told.hold),
        review=with_key(view, found.key.key, found.key.shown, Fraction(found.version.points)),
        wrong=wrong,
        longest=LONGEST_REASON,
        said=request.form,
    )


def short(session: Session, actor: Actor, course: str, version: str) -> list[str]:
    """What can no longer be begun where this version is asked of nobody new, in sentences."""
    modules = catalogue.live_course(session, actor, course)
    found = pools.banks(session, actor.organisation, modules[0].publication.id, *(live.version for live in modules))
    others = [one for one in found if not one.out and one.version != version]
    titles = catalogue.rule_titles(session, modules[0].publication.id)
    said = []
    for live in modules:
        draws_it = version in pools.pool(live.version, found)
        cells = cells_of(live.version.quiz)
        for cell, there in thin(cells, pools.pool(live.version, others)) if draws_it else []:
            facts: dict[str, object] = {"title": live.version.title, "needs": cell.draws, "there": there}
            level = gettext(LEVELS[cell.level]) if cell.level else ""
            facts["of"] = ", ".join(filter(None, [cell.safety, titles.get(cell.competency, ""), level]))
            said.append(
                gettext("%(title)s needs %(needs)s questions of %(of)s and has %(there)s without this one.", **facts)
                if facts["of"]
                else gettext("%(title)s needs %(needs)s questions and has %(there)s without this one.", **facts)
            )
    return said


def state(session: Session, actor: Actor, keyed: catalogue.Keyed) -> dict[str, Any]:
    """What the page of a question says of its holds."""
    known = store.of_question(session, actor, keyed.version.question_id)
    return {
        "held": next((one for one in known if one.lift is None), None),
        "left_out": next((one for one in known if one.covers(keyed.version.id)), None),
        "before": [one for one in known if one.lift],
        "short": short(session, actor, keyed.course, keyed.version.version),
        "longest": LONGEST_REASON,
    }
