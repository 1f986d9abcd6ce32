"""What the page of a result says: the score, what it proves, and each question with its key."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assessments import proved_by
from mesotrain.core.attempts import seed_of
from mesotrain.core.competence import STATES, Span, standing
from mesotrain.core.dates import day_of
from mesotrain.core.grading import Mark, enough, error, percent
from mesotrain.core.marking import given
from mesotrain.core.numbers import rational
from mesotrain.store import attempts as store
from mesotrain.store import competence, papers
from mesotrain.web.links import url_for
from mesotrain.web.reading import section_url
from mesotrain.web.slots import Reviewed, asked, fraction, reviewed
from mesotrain.web.words import gettext, lang


def standings(
    session: Session, actor: Actor, own: store.Own, slots: list[papers.KeyedSlot], now: datetime
) -> list[dict[str, Any]]:
    """Where the taker stands in what the attempt speaks about; of an exam each with its title."""
    on, codes = day_of(now, actor.organisation_zone), proved_by(own.quiz)
    if own.quiz.get("practice"):
        return []
    if not codes:
        spans = competence.spans_of(session, actor.organisation, [actor.person])
        return [_standing("", spans.get((actor.person, own.competency), []), on)]
    asked = {(slot.competency, slot.competency_title) for slot in slots}
    held = competence.standings(session, actor.organisation, actor.person, on)
    return [_standing(one.title, spans, on) for one, spans in held if (one.code, one.title) in asked]


def _standing(title: str, spans: Sequence[Span], on: date) -> dict[str, Any]:
    mine = standing(spans, on)
    return {
        "title": title,
        "label": gettext(STATES[mine.state].label),
        "tone": STATES[mine.state].tone,
        "until": mine.expires,
    }


def summary(own: store.Own) -> dict[str, Any]:
    attempt, score = own.attempt, own.attempt.score or {}
    earned, possible = Fraction(score["earned"]), Fraction(score["possible"])
    safety: dict[str, int] = score.get("safety", {})
    return {
        "passed": attempt.passed,
        "percent": percent(earned, possible),
        "pass_percent": percent(Fraction(score["pass_mark"]), Fraction(1)),
        "earned": fraction(earned),
        "possible": fraction(possible),
        "finished": attempt.ended_at,
        "ended_by": attempt.ended_by,
        "safety": [(point.replace("-", " ").capitalize(), lacking == 0) for point, lacking in safety.items()],
        "unsafe": not attempt.passed and enough(earned, possible, Fraction(score["pass_mark"])),
        "proof": url_for("receipts.proof", attempt_id=attempt.id),
        "headline": gettext("You passed %(title)s", title=own.title)
        if attempt.passed
        else gettext("Not passed yet: %(title)s", title=own.title),
        "next": {"text": gettext("Back to Today"), "url": url_for("learning.today")}
        if attempt.passed
        else {
            "text": gettext("Back to the exam") if own.quiz.get("exam") else gettext("Read the module again"),
            "url": lesson_of(own),
        },
    }


def lesson_of(own: store.Own) -> str:
    return url_for("reading.lesson", course=own.course, module=own.module)


def marks_of(attempt: store.Attempt) -> list[Mark]:
    """The marks as they were stored."""
    return [
        Mark(rational(row["credit"]), rational(row["points"]), row["verdict"], tuple(map(given, row.get("given", []))))
        for row in (attempt.score or {})["marks"]
    ]


def by_competency(slots: list[papers.KeyedSlot], marks: list[Mark]) -> list[dict[str, Any]]:
    """Points and share of each competency, with its standard error where there are questions enough to say one."""
    rows: dict[str, list[Mark]] = {}
    for slot, mark in zip(slots, marks, strict=True):
        if mark.points:
            rows.setdefault(slot.competency_title or slot.competency, []).append(mark)
    sums = {
        title: (
            sum((one.credit * one.points for one in found), Fraction(0)),
            sum((one.points for one in found), Fraction(0)),
        )
        for title, found in rows.items()
    }
    return [
        {
            "title": title,
            "earned": fraction(earned),
            "possible": fraction(possible),
            "percent": max(percent(earned, possible), 0),
            "error": error(earned, possible, len(rows[title])),
        }
        for title, (earned, possible) in sorted(sums.items())
    ]


def seen_again(own: store.Own, slots: Iterable[tuple[papers.KeyedSlot, Mark]], sections: Any) -> list[Reviewed]:
    written_in = lang(own.language)

    def links(names: Sequence[str], position: int) -> list[tuple[str, str]]:
        """The sections that teach it, wherever they stand now; one that is no longer taught is left out."""
        known = [name.partition("#")[2] for name in names]
        back = f"{own.attempt.id}.{position}"
        return [(sections[one], section_url(own.course, one, back)) for one in known if one in sections]

    return [
        reviewed(
            asked(
                slot.position,
                seed_of(own.attempt.seed, slot.position),
                written_in,
                _taught(own, slot.sections),
                slot.shown,
                slot.fields,
            ),
            slot.key,
            slot.key_shown,
            mark,
            links(slot.sections, slot.position),
        )
        for slot, mark in slots
    ]


def _taught(own: store.Own, sections: Sequence[str]) -> str:
    """The page that lists what a question cites: its module's, of an exam the one that teaches it."""
    module = sections[0].partition("#")[0] if sections and own.quiz.get("exam") else own.module
    return url_for("reading.lesson", course=own.course, module=module)
