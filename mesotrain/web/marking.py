"""Marking by people: what waits, one answer with its rubric, and how far markers agree. No taker is named here."""

from datetime import datetime
from fractions import Fraction
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import marking as actions
from mesotrain.core.access import Actor
from mesotrain.core.attempts import FINISHED, seed_of
from mesotrain.core.errors import Refused
from mesotrain.core.grading import percent
from mesotrain.core.marking import LONGEST_COMMENT, Agreement, agreement, scale
from mesotrain.core.questions import question
from mesotrain.core.questions.essay import Essay
from mesotrain.store import marking as store
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.pages import pages, wanted
from mesotrain.web.slots import Reviewed, asked, fraction, opening, with_key
from mesotrain.web.words import gettext, html, lang, sentence, short

marking = Blueprint("marking", __name__)

AT_ONCE, NEWEST = 25, 10


@page(marking, "/marking", may="mark")
def to_mark(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    count = store.how_many(session, actor)
    number = wanted(count, AT_ONCE)
    found = store.waiting(session, actor, (number - 1) * AT_ONCE, AT_ONCE)
    return render_template(
        "marking/to_mark.html",
        count=count,
        others=store.for_others(session, actor),
        essays=[_line(one) for one in found],
        pages=pages("marking.to_mark", number, count, AT_ONCE),
    )


def _line(one: store.Waits) -> dict[str, Any]:
    return {
        "stem": opening(one.shown["stem"]),
        "module": one.module,
        "since": one.since,
        "place": gettext("mark %(n)s of %(needed)s", n=one.marks + 1, needed=one.needed),
        "url": url_for("marking.essay", attempt_id=one.attempt, position=one.position),
    }


@page(marking, "/marking/<id:attempt_id>/<id:position>", may="mark")
def essay(session: Session, actor: Actor, now: datetime, attempt_id: int, position: int) -> ResponseReturnValue:
    return _page(store.essay(session, actor, attempt_id, position), {}, "", [])


@act(marking, "/marking/<id:attempt_id>/<id:position>", may="mark")
def mark(session: Session, actor: Actor, now: datetime, attempt_id: int, position: int) -> ResponseReturnValue:
    found = store.essay(session, actor, attempt_id, position)
    criteria = _question(found).criteria
    given = {at: request.form.get(f"criterion.{at}", "") for at in range(len(criteria))}
    comment = request.form.get("comment", "").replace("\r\n", "\n").strip()
    points = [_points(given[at], most) for at, (_, most) in enumerate(criteria)]
    faults = [
        (gettext("Give criterion %(n)s its points.", n=at + 1), f"criterion-{at}")
        for at, one in enumerate(points)
        if one is None
    ]
    if not faults or found.mine or found.attempt.state == FINISHED:
        try:
            actions.mark(session, actor, now, attempt_id, position, cast(list[Fraction], points), comment)
        except Refused as refused:
            faults = [(sentence(refused), "comment")]
        else:
            flash(gettext("Your marks are kept."), "good")
            return redirect(url_for("marking.to_mark"), 303)
    return _page(found, given, comment, faults), 422


def _points(text: str, most: Fraction) -> Fraction | None:
    """The points a radio button stands for; None for what no button does."""
    return next((one for one in scale(most) if str(one) == text), None)


def _question(found: store.Marked) -> Essay:
    return cast(Essay, question(found.question.taker, found.key.key))


def _page(found: store.Marked, given: dict[int, str], comment: str, faults: list[tuple[str, str]]) -> str:
    lesson = url_for("reading.lesson", course=found.course, module=found.folder)
    seed = seed_of(found.attempt.seed, found.essay.position)
    view = asked(1, seed, lang(found.language), lesson, found.question.shown, found.fields)
    key = with_key(view, found.key.key, found.key.shown, Fraction(found.question.points))
    return render_template(
        "marking/essay.html",
        slot=view,
        key=key,
        criteria=[
            {"scale": [(str(one), fraction(one)) for one in scale(most)], "given": given.get(at, ""), "shown": shown}
            for at, ((_, most), shown) in enumerate(zip(_question(found).criteria, key.rubric, strict=True))
        ],
        comment=comment,
        faults=faults,
        longest=LONGEST_COMMENT,
        module=found.module,
        since=found.attempt.ended_at,
        mine=found.mine,
        done=found.attempt.state == FINISHED,
        compared=_compared(found, key),
    )


def _compared(found: store.Marked, key: Reviewed) -> list[dict[str, Any]]:
    """Once all marks are in: each criterion with what each marker gave, and how far the first two differ."""
    rows = zip(key.rubric, zip(*(one.points for one in found.given), strict=True), strict=False)
    return [
        {
            "text": criterion.text,
            "given": [fraction(one) for one in points],
            "agree": _differ(abs(points[0] - points[1])) if len(points) > 1 else "",
        }
        for criterion, points in rows
    ]


def _differ(apart: Fraction) -> str:
    return gettext("differ by %(points)s", points=fraction(apart)) if apart else gettext("same")


@page(marking, "/marking/agreement", may="mark")
def agreed(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return render_template(
        "marking/agreement.html", questions=[_question_row(one) for one in store.compared(session, actor)]
    )


def _question_row(one: store.Compared) -> dict[str, Any]:
    asked_ = cast(Essay, question(one.question.taker, one.key.key))
    texts = [html(row["text"]) for row in one.key.shown["criteria"]]
    by_criterion = [
        [(first.points[at], second.points[at]) for first, second in one.pairs] for at in range(len(asked_.criteria))
    ]
    return {
        "stem": opening(one.question.shown["stem"]),
        "name": one.name,
        "module": one.module,
        "answers": len(one.pairs),
        "newest": [
            url_for("marking.essay", attempt_id=attempt, position=position)
            for attempt, position in one.answers[:NEWEST]
        ],
        "all": _agreement(agreement([pair for pairs in by_criterion for pair in pairs])),
        "criteria": [
            (text, fraction(most), _agreement(agreement(pairs)))
            for text, (_, most), pairs in zip(texts, asked_.criteria, by_criterion, strict=True)
        ],
    }


def _agreement(found: Agreement | None) -> dict[str, Any]:
    """In whole per cent and points, as people read them."""
    if found is None:
        return {}
    return {
        "same": percent(found.same, Fraction(1)),
        "apart": short(found.apart),
        "points": 1 if found.apart == 1 else 2,
    }
