"""What takers say of questions and results: said by them, and answered by educators who do not learn whose it is."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import reports as actions
from mesotrain.core.access import Actor
from mesotrain.core.errors import Refused
from mesotrain.core.grading import percent
from mesotrain.core.reports import LONGEST_REPLY
from mesotrain.store import reports as store
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages, wanted
from mesotrain.web.slots import opening
from mesotrain.web.words import gettext, sentence

reports = Blueprint("reports", __name__)

AT_ONCE = 25


@act(reports, "/attempts/<id:attempt_id>/appeal", may="sit")
def appeal(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    actions.report(session, actor, now, attempt_id, None, request.form.get("reason", ""))
    flash(gettext("Your appeal is kept. An educator answers it here, and you get a mail then."), "good")
    return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)


def from_sitting(session: Session, actor: Actor, now: datetime, attempt: int, position: int) -> None:
    """Keeps what a page of a sitting says of a question, and tells what became of it; the answers are kept whatever."""
    try:
        actions.report(session, actor, now, attempt, position, request.form.get(f"report.{position}", ""))
    except Refused as refused:
        flash(sentence(refused), "stop")
    else:
        flash(gettext("Your report is kept. An educator answers it, and you read that with your result."), "good")


@page(reports, "/reports", may="hold")
def waiting(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return _page(session, actor, 0, "")


@act(reports, "/reports/<id:report_id>", may="hold")
def reply(session: Session, actor: Actor, now: datetime, report_id: int) -> ResponseReturnValue:
    try:
        actions.reply(session, actor, now, report_id, request.form.get("text", ""))
    except Refused as refused:
        return _page(session, actor, report_id, sentence(refused)), 422
    flash(gettext("Your answer is kept, and a mail says so."), "good")
    return redirect(url_for("reports.waiting"), 303)


def _page(session: Session, actor: Actor, refused: int, wrong: str) -> str:
    count = store.how_many(session, actor)
    number = wanted(count, AT_ONCE)
    found = store.waiting(session, actor, (number - 1) * AT_ONCE, AT_ONCE)
    papers = store.papers(session, [one.report.attempt_id for one in found if one.report.position is None])
    return render_template(
        "reports/waiting.html",
        count=count,
        reports=[_line(one, papers.get(one.report.attempt_id, [])) for one in found],
        pages=pages("reports.waiting", number, count, AT_ONCE),
        longest=LONGEST_REPLY,
        refused=refused,
        wrong=wrong,
    )


def _line(one: store.Asked, paper: list[tuple[int, str]]) -> dict[str, Any]:
    score = one.score or {}

    def url(name: str) -> str:
        return url_for("questions.question", course=one.course, name=name)

    return {
        "id": one.report.id,
        "reason": one.report.reason,
        "since": one.report.made_at,
        "module": one.module,
        "stem": opening(one.shown["stem"]) if one.shown else "",
        "url": url(one.question) if one.question else "",
        "passed": one.passed,
        "percent": percent(Fraction(score["earned"]), Fraction(score["possible"])) if score else None,
        "paper": [(position, url(name)) for position, name in paper],
    }
