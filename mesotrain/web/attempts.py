"""Sitting a quiz and seeing its result."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.core.access import Actor
from mesotrain.core.attempts import MARKING, OPEN, released, seed_of
from mesotrain.core.competence import STATES, standing
from mesotrain.core.courses import FEEDBACK
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.grading import Mark, percent
from mesotrain.core.marking import given
from mesotrain.core.questions import FIELD_NAME, FLAG, SEEN, Fields, fields_of
from mesotrain.core.questions.choice import FIELD as CHOICE
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.staged import STAGE
from mesotrain.store import attempts as store
from mesotrain.store import competence, papers, search
from mesotrain.web import retakes
from mesotrain.web.gate import act, page
from mesotrain.web.links import url_for
from mesotrain.web.reading import section_url
from mesotrain.web.slots import Asked, Reviewed, asked, fraction, note, reviewed, signed
from mesotrain.web.words import gettext, lang

attempts = Blueprint("attempts", __name__)

OPERATION = re.compile(r"[\w.-]{8,64}")
FIELD = re.compile(rf"([0-9]{{1,4}})\.({FIELD_NAME})")
OPENS = re.compile(r"([0-9]{1,4})\.([0-9]{1,2})(\.empty)?")
"""A button that opens a stage of a slot, though the one before has no answer where it says so."""
MOST_FIELDS = 100
"""Fields that one answer may have."""
SEQUENCE = re.compile(r"[0-9]{1,9}")
LATE = "Your browser sent a save that could not be read. Reload the page and try again."


@act(attempts, "/courses/<course>/<module>/attempts", may="sit")
def start(session: Session, actor: Actor, now: datetime, course: str, module: str) -> ResponseReturnValue:
    attempt = actions.start(session, actor, now, secrets.token_hex(16), course, module)
    return redirect(url_for("attempts.sit", attempt_id=attempt), 303)


@page(attempts, "/attempts/<id:attempt_id>", may="sit")
def sit(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    own = store.own(session, actor, attempt_id)
    if _ended(own.attempt, now):
        return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)
    return _sitting(session, own, now, {})


def _sitting(session: Session, own: store.Own, now: datetime, long: Mapping[int, Fields]) -> str:
    """The page; `long` are answers as they were sent that are longer than can be kept."""
    slots, empty = _asked(session, own), request.args.get("empty", 0, type=int)
    for at, one in enumerate(slots):
        if one.number in long:
            slots[at] = replace(one, fields=long[int(one.number)], unsaved=True)
        elif one.number == empty:
            slots[at] = replace(one, asked_back=True)
    return render_template(
        "attempts/sitting.html",
        attempt=_attempt(own, now, len(slots)),
        slots=slots,
        long=list(long),
        wrong=gettext(actions.TOO_LONG, most=actions.LONGEST_ANSWER),
    )


def _ended(attempt: store.Attempt, now: datetime) -> bool:
    return attempt.state != OPEN or attempt.timing.over(now)


def _attempt(own: store.Own, now: datetime, total: int) -> dict[str, Any]:
    return {
        "id": own.attempt.id,
        "title": own.title,
        "deadline": own.attempt.deadline,
        "deadline_iso": own.attempt.deadline.isoformat(),
        "now_iso": now.isoformat(),
        "minutes_left": -(-int(own.attempt.timing.left(now).total_seconds()) // 60),
        "total": total,
    }


def _asked(session: Session, own: store.Own) -> list[Asked]:
    written_in, lesson = lang(own.language), _lesson(own)
    return [
        asked(
            slot.position,
            seed_of(own.attempt.seed, slot.position),
            written_in,
            lesson,
            slot.shown,
            slot.fields,
            slot.sequence or 0,
        )
        for slot in papers.slots(session, own.attempt.id)
    ]


@act(attempts, "/attempts/<id:attempt_id>/answers/<id:position>", may="sit", method="PUT")
def save(session: Session, actor: Actor, now: datetime, attempt_id: int, position: int) -> ResponseReturnValue:
    match _body():
        case {"op": str(operation), "fields": dict(fields)} if OPERATION.fullmatch(operation) and _raw(fields):
            fields = signed(fields)
            sequence = actions.save(session, actor, now, attempt_id, position, operation, fields)
            typed = any(any(values) for name, values in fields.items() if name not in (CHOICE, FLAG))
            told = note(papers.shown_at(session, attempt_id, position), fields) if typed else None
            return {"saved": sequence, "note": told}
    raise Refused(LATE)


def _body() -> object:
    """The JSON that was sent, or None where it is none."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _raw(fields: dict[Any, Any]) -> bool:
    """Whether these are fields a form could have sent, in text a database takes."""
    return (
        all(
            isinstance(name, str)
            and re.fullmatch(FIELD_NAME, name)
            and isinstance(values, list)
            and all(map(_text, values))
            for name, values in fields.items()
        )
        and len(fields) <= MOST_FIELDS
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


@act(attempts, "/attempts/<id:attempt_id>/answers", may="sit")
def save_all(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    fields: dict[int, dict[str, list[str]]] = {}
    for field, values in request.form.lists():
        if found := FIELD.fullmatch(field):
            fields.setdefault(int(found[1]), {})[found[2]] = [one.replace("\r\n", "\n") for one in values]
    then = request.form.get("then", "")
    opens = OPENS.fullmatch(then)
    empty = opens and not opens[3] and _empty(fields.get(int(opens[1]), {}), int(opens[2]) - 1)
    if opens and not empty:
        fields.get(int(opens[1]), {})[STAGE] = [opens[2]]
    answers = {
        position: actions.Posted(int(seen[0]), signed(given))
        for position, given in fields.items()
        if (seen := given.pop(SEEN, None)) and SEQUENCE.fullmatch(seen[0])
    }
    long = {position: one.fields for position, one in answers.items() if actions.too_long(one.fields)}
    kept = {position: one for position, one in answers.items() if position not in long}
    actions.save_all(session, actor, now, attempt_id, secrets.token_hex(16), kept)
    if long:
        return _sitting(session, store.own(session, actor, attempt_id), now, long), 422
    goes_to, asks = "attempts.hand_in" if then == "finish" else "attempts.sit", opens[1] if opens and empty else None
    anchor = f"q{opens[1]}" if opens else None
    return redirect(url_for(goes_to, attempt_id=attempt_id, empty=asks, _anchor=anchor), 303)


def _empty(fields: Fields, stage: int) -> bool:
    """Whether nothing is answered in a stage."""
    return not any(value.strip() for values in fields_of(fields, str(stage)).values() for value in values)


@page(attempts, "/attempts/<id:attempt_id>/finish", may="sit")
def hand_in(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    own = store.own(session, actor, attempt_id)
    if _ended(own.attempt, now):
        return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)
    slots, rules = _asked(session, own), own.rules or {}
    return render_template(
        "attempts/finish.html",
        rule=retakes.rule(rules),
        which=retakes.which(_mine(session, actor, own), rules, now),
        attempt=_attempt(own, now, len(slots)),
        unanswered=[slot.number for slot in slots if not slot.answered and not slot.note],
        in_part=[slot.number for slot in slots if slot.in_part],
        flagged=[slot.number for slot in slots if slot.flagged],
        by_people=any(slot.answered and slot.type == Essay.name for slot in slots),
        unreadable=[(slot.number, slot.note) for slot in slots if slot.note],
    )


@act(attempts, "/attempts/<id:attempt_id>/finish", may="sit")
def finish(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    actions.finish(session, actor, now, attempt_id)
    return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)


@page(attempts, "/attempts/<id:attempt_id>/result", may="sit")
def result(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    own = store.own(session, actor, attempt_id)
    if own.attempt.state == OPEN:
        if not own.attempt.timing.over(now):
            return redirect(url_for("attempts.sit", attempt_id=attempt_id), 303)
        return render_template("attempts/ending.html", attempt_id=attempt_id)
    if own.attempt.state == MARKING:
        return render_template("attempts/marking.html", title=own.title, attempt=own.attempt)
    slots, marks = papers.keyed_slots(session, attempt_id), _marks(own.attempt)
    shown = released(own.feedback, bool(own.attempt.passed))
    spans = competence.spans_of(session, actor.organisation, [actor.person])
    mine = standing(spans.get((actor.person, own.competency), []), day_of(now, actor.organisation_zone))
    later = "" if own.attempt.passed else retakes.later(_mine(session, actor, own), own.rules or {}, now)
    sections = search.titles(session, own.attempt.course_id)
    return render_template(
        "attempts/result.html",
        result=_result(own) | {"standing": _standing(mine), "later": later},
        competencies=_by_competency(slots, marks),
        slots=_reviewed(own, slots, marks, sections) if shown else [],
        kept="" if shown else gettext(FEEDBACK[own.feedback]),
    )


def _mine(session: Session, actor: Actor, own: store.Own) -> list[store.Recent]:
    """The actor's attempts at the module of one."""
    module = own.attempt.module_id
    return store.recent(session, actor, {module: own.rules or {}})[module]


def _standing(mine: Any) -> dict[str, Any]:
    state = STATES[mine.state]
    return {"label": gettext(state.label), "tone": state.tone, "until": mine.expires}


def _result(own: store.Own) -> dict[str, Any]:
    attempt, score = own.attempt, own.attempt.score or {}
    earned, possible = Fraction(score["earned"]), Fraction(score["possible"])
    return {
        "passed": attempt.passed,
        "percent": percent(earned, possible),
        "pass_percent": percent(Fraction(score["pass_mark"]), Fraction(1)),
        "earned": fraction(earned),
        "possible": fraction(possible),
        "finished": attempt.ended_at,
        "ended_by": attempt.ended_by,
        "headline": gettext("You passed %(title)s", title=own.title)
        if attempt.passed
        else gettext("Not passed yet: %(title)s", title=own.title),
        "next": {"text": gettext("Back to Today"), "url": url_for("learning.today")}
        if attempt.passed
        else {"text": gettext("Read the module again"), "url": _lesson(own)},
    }


def _lesson(own: store.Own) -> str:
    return url_for("reading.lesson", course=own.course, module=own.module)


def _marks(attempt: store.Attempt) -> list[Mark]:
    """The marks as they were stored."""
    return [
        Mark(Fraction(row["credit"]), Fraction(row["points"]), row["verdict"], tuple(map(given, row.get("given", []))))
        for row in (attempt.score or {})["marks"]
    ]


def _by_competency(slots: list[papers.KeyedSlot], marks: list[Mark]) -> list[dict[str, Any]]:
    rows: dict[str, list[Fraction]] = {}
    for slot, mark in zip(slots, marks, strict=True):
        sums = rows.setdefault(slot.competency_title or slot.competency, [Fraction(0), Fraction(0)])
        sums[0] += mark.credit * mark.points
        sums[1] += mark.points
    return [
        {
            "title": title,
            "earned": fraction(earned),
            "possible": fraction(possible),
            "percent": max(percent(earned, possible), 0),
        }
        for title, (earned, possible) in sorted(rows.items())
    ]


def _reviewed(own: store.Own, slots: list[papers.KeyedSlot], marks: list[Mark], sections: Any) -> list[Reviewed]:
    lesson, written_in = _lesson(own), lang(own.language)

    def links(names: Sequence[str], position: int) -> list[tuple[str, str]]:
        """The sections that teach it, wherever they stand now; one that is no longer taught is left out."""
        known = [name.partition("#")[2] for name in names]
        back = f"{own.attempt.id}.{position}"
        return [(sections[one], section_url(own.course, one, back)) for one in known if one in sections]

    return [
        reviewed(
            asked(slot.position, seed_of(own.attempt.seed, slot.position), written_in, lesson, slot.shown, slot.fields),
            slot.key,
            slot.key_shown,
            mark,
            links(slot.sections, slot.position),
        )
        for slot, mark in zip(slots, marks, strict=True)
    ]
