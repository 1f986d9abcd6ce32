"""Sitting a quiz and seeing its result."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.core.access import Actor
from mesotrain.core.assessments import FEEDBACK
from mesotrain.core.attempts import ANSWERED, ELSEWHERE, ENDED, LATE, MARKING, MOVED, OPEN, VOID, VOIDED, seed_of
from mesotrain.core.errors import Ended, Refused
from mesotrain.core.grading import LEFT_OUT
from mesotrain.core.questions import FIELD_NAME, FLAG, SEEN, Fields
from mesotrain.core.questions.choice import FIELD as CHOICE
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.staged import STAGE
from mesotrain.core.reports import LONGEST_REPORT
from mesotrain.store import attempts as store
from mesotrain.store import invigilation, marking, papers, practice, recent, search
from mesotrain.store.answers import answer_at, newest
from mesotrain.store.reports import answered, own_and_said
from mesotrain.web import results, retakes, steps
from mesotrain.web.errors import STATUS, reply
from mesotrain.web.forms import is_text
from mesotrain.web.gate import LARGEST_ID, act, beat, page, unit
from mesotrain.web.links import url_for
from mesotrain.web.receipts import signed as signed_receipt
from mesotrain.web.reports import from_sitting
from mesotrain.web.slots import EMPTY, IN_PART, Asked, asked, sent, signed
from mesotrain.web.words import gettext, lang, moment

attempts = Blueprint("attempts", __name__)

OPERATION = re.compile(r"[\w.-]{8,64}")
FIELD = re.compile(rf"([0-9]{{1,4}})\.({FIELD_NAME})")
OPENS = re.compile(r"([0-9]{1,4})\.([0-9]{1,2})(?:\.([a-z]+))?")
"""A button that opens a stage of a slot, though the answer to the one before lacks what it says."""
REPORT = re.compile(r"report\.([0-9]{1,4})")
"""A button that sends what is wrong with a slot, and saves the page with it."""
MOST_FIELDS = 100
"""Fields that one answer may have."""
SEQUENCE = re.compile(r"[0-9]{1,9}")
UNREADABLE = "Your browser sent a save that could not be read. Reload the page and try again."


@act(attempts, "/courses/<course>/<module>/attempts", may="sit")
def start(session: Session, actor: Actor, now: datetime, course: str, module: str) -> ResponseReturnValue:
    attempt = actions.start(session, actor, now, secrets.token_hex(16), course, module)
    return go_on(session, actor, now, attempt)


def go_on(session: Session, actor: Actor, now: datetime, attempt: int) -> ResponseReturnValue:
    lease = actions.take_over(session, actor, now, attempt)
    return redirect(url_for("attempts.sit", attempt_id=attempt, lease=lease), 303)


@act(attempts, "/attempts/<id:attempt_id>/continue", may="sit")
def take_over(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    """What a window that was left had not saved comes along, and counts where nothing newer was answered."""
    lease = actions.take_over(session, actor, now, attempt_id)
    answers = {position: one for position, one in _posted(_fields()).items() if not actions.too_long(one.fields)}
    actions.save_all(session, actor, now, attempt_id, lease, secrets.token_hex(16), answers, carried=True)
    return redirect(url_for("attempts.sit", attempt_id=attempt_id, lease=lease), 303)


@page(attempts, "/attempts/<id:attempt_id>", may="sit")
def sit(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    own = store.own(session, actor, attempt_id)
    if _ended(own.attempt, now):
        return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)
    if _lease() != own.attempt.lease:
        return _elsewhere(own, now)
    return _sitting(session, actor, own, now, {})


def _lease() -> int:
    """Of the window that asks; 0 where it has none."""
    return request.values.get("lease", 0, type=int)


def _elsewhere(own: store.Own, now: datetime, carried: Sequence[tuple[str, str]] = ()) -> str:
    """The page of a window that does not hold the attempt; `carried` are fields it had not saved."""
    return render_template("attempts/elsewhere.html", attempt=_attempt(own, now, 0), carried=carried)


def _sitting(
    session: Session, actor: Actor, own: store.Own, now: datetime, long: Mapping[int, Fields]
) -> ResponseReturnValue:
    """The page; `long` are answers as they were sent that are longer than can be kept."""
    slots, asks = _asked(session, own), request.args.get("asks", 0, type=int)
    here = 0 if own.attempt.handed_in else steps.place(own.quiz, slots, request.values.get("at", 0, type=int))
    if here > len(slots):
        return redirect(url_for("attempts.hand_in", attempt_id=own.attempt.id, lease=_lease()), 303)
    for at, one in enumerate(slots):
        if one.number in long:
            slots[at] = replace(one, fields=long[int(one.number)], unsaved=True)
        elif one.number == asks:
            slots[at] = replace(one, asked_back=True)
    return render_template(
        "attempts/sitting.html",
        attempt=_attempt(own, now, len(slots)),
        slots=slots,
        shown=[slots[here - 1]] if here else slots,
        at=here,
        sections={} if own.attempt.handed_in else steps.sections(own.quiz),
        moved=gettext(ELSEWHERE),
        key=steps.key_of(session, actor, own, slots[here - 1]) if here else None,
        lack=slots[here - 1].lack if here and here == request.args.get("leaves", 0, type=int) else "",
        long=list(long),
        longest=LONGEST_REPORT,
        wrong=gettext(actions.TOO_LONG, most=actions.LONGEST_ANSWER),
    )


def _ended(attempt: store.Attempt, now: datetime) -> bool:
    return attempt.state != OPEN or attempt.timing.over(now)


def _attempt(own: store.Own, now: datetime, total: int) -> dict[str, Any]:
    return {
        "id": own.attempt.id,
        "lease": own.attempt.lease,
        "title": own.title,
        "deadline": own.attempt.deadline,
        "deadline_iso": own.attempt.deadline.isoformat(),
        "now_iso": now.isoformat(),
        "paused_iso": own.attempt.paused_at.isoformat() if own.attempt.paused_at else "",
        "paused": _paused(own.attempt),
        "minutes_left": -(-int(own.attempt.timing.left(now).total_seconds()) // 60),
        "total": own.attempt.handed_in + total,
        "handed_in": own.attempt.handed_in,
        **steps.said(own.quiz),
    }


def _asked(session: Session, own: store.Own) -> list[Asked]:
    written_in, lesson = lang(own.language), results.lesson_of(own)
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
        if slot.position > own.attempt.handed_in
    ]


@beat(attempts, "/attempts/<id:attempt_id>/pulse", may="sit")
def pulse(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    """When an attempt ends, for a page of it that is open meanwhile; that it is, is written down now and then.

    What was handed in `before` is all that such a page has.
    """
    attempt = store.own(session, actor, attempt_id).attempt
    ends = moment(attempt.deadline)
    told = {
        "ended": _ended(attempt, now) or attempt.handed_in > request.args.get("before", 0, type=int),
        "why": gettext(VOIDED) if attempt.state == VOID else "",
        "deadline": attempt.deadline.isoformat(),
        "ends": ends,
        "moved": gettext("Your time has changed. It ends at %(moment)s now.", moment=ends),
        "paused_at": attempt.paused_at.isoformat() if attempt.paused_at else "",
        "paused": _paused(attempt),
    }
    if attempt.state == OPEN and (attempt.heard_at is None or now - attempt.heard_at >= store.HEARD):
        unit(lambda: store.heard(session, attempt_id, now))
    return told


def _paused(attempt: store.Attempt) -> str:
    if attempt.paused_at is None:
        return ""
    since = moment(attempt.paused_at)
    return gettext("Paused by your invigilator since %(moment)s. Your answers are kept and saved.", moment=since)


@act(attempts, "/attempts/<id:attempt_id>/answers/<id:position>", may="sit", method="PUT")
def save(session: Session, actor: Actor, now: datetime, attempt_id: int, position: int) -> ResponseReturnValue:
    match _body():
        case {"op": str(operation), "fields": dict(fields), "lease": int(lease), **rest} if (
            OPERATION.fullmatch(operation)
            and _raw(fields)
            and 0 <= lease <= LARGEST_ID
            and isinstance(seen := rest.get("seen"), int | None)
        ):
            fields = signed(fields)
            done = actions.save(session, actor, now, attempt_id, lease, position, operation, fields, seen)
            if done.kept is None:
                return _unapplied(session, attempt_id, position, done.why)
            typed = any(any(values) for name, values in fields.items() if name not in (CHOICE, FLAG))
            told = sent(papers.shown_at(session, attempt_id, position), fields).note if typed else None
            return {"saved": done.sequence, "note": told, **signed_receipt(attempt_id, done.kept)}
    raise Refused(UNREADABLE)


def _unapplied(session: Session, attempt: int, position: int, why: str) -> ResponseReturnValue:
    """What a window is told whose answer does not count: where to go on, or what counts instead."""
    if why == LATE:
        return reply(STATUS[Ended], gettext(ENDED))
    if why == MOVED:
        return {"moved": True, "error": gettext(ELSEWHERE)}, STATUS[Refused]
    sequence = newest(session, attempt, position)
    fields = answer_at(session, attempt, position, sequence) or {}
    return {"newer": sequence, "fields": fields, "error": gettext(ANSWERED)}, STATUS[Refused]


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
            and all(map(is_text, values))
            for name, values in fields.items()
        )
        and len(fields) <= MOST_FIELDS
    )


@act(attempts, "/attempts/<id:attempt_id>/answers", may="sit")
def save_all(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    fields = _fields()
    then = request.form.get("then", "")
    opens = OPENS.fullmatch(then)
    left = fields.get(int(opens[1]), {}) if opens else {}
    asks = opens and steps.lack(session, attempt_id, int(opens[1]), left) not in ("", opens[3])
    if opens and not asks:
        left[STAGE] = [opens[2]]
    at, lacks = steps.take(session, attempt_id, then, fields)
    answers = _posted(fields)
    long = {position: one.fields for position, one in answers.items() if actions.too_long(one.fields)}
    kept = {position: one for position, one in answers.items() if position not in long}
    why = actions.save_all(session, actor, now, attempt_id, _lease(), secrets.token_hex(16), kept)
    if why == LATE:
        return reply(STATUS[Ended], gettext(ENDED))
    if why:
        carried = [(name, value) for name, value in request.form.items(multi=True) if FIELD.fullmatch(name)]
        return _elsewhere(store.own(session, actor, attempt_id), now, carried), STATUS[Refused]
    if long:
        page = _sitting(session, actor, store.own(session, actor, attempt_id), now, long)
        return (page, 422) if isinstance(page, str) else page
    if reported := REPORT.fullmatch(then):
        from_sitting(session, actor, now, attempt_id, int(reported[1]))
    goes_to, here = "attempts.hand_in" if then == "finish" else "attempts.sit", request.form.get("at", 0, type=int)
    place = opens[1] if opens else reported[1] if reported else here if at == here else 0
    return redirect(
        url_for(
            goes_to,
            attempt_id=attempt_id,
            lease=_lease(),
            at=(then != "finish" and (at or here)) or None,
            asks=opens[1] if opens and asks else None,
            leaves=at if lacks else None,
            _anchor=f"q{place}-lack" if lacks else f"q{place}" if place else None,
        ),
        303,
    )


def _fields() -> dict[int, dict[str, list[str]]]:
    """The fields of each slot that a page sent whole."""
    fields: dict[int, dict[str, list[str]]] = {}
    for field, values in request.form.lists():
        if found := FIELD.fullmatch(field):
            fields.setdefault(int(found[1]), {})[found[2]] = [one.replace("\r\n", "\n") for one in values]
    return fields


def _posted(fields: dict[int, dict[str, list[str]]]) -> dict[int, actions.Posted]:
    return {
        position: actions.Posted(int(seen[0]), signed(given))
        for position, given in fields.items()
        if (seen := given.pop(SEEN, None)) and SEQUENCE.fullmatch(seen[0])
    }


@page(attempts, "/attempts/<id:attempt_id>/finish", may="sit")
def hand_in(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    own = store.own(session, actor, attempt_id)
    if _ended(own.attempt, now):
        return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)
    if _lease() != own.attempt.lease:
        return _elsewhere(own, now)
    slots, rules = _asked(session, own), own.rules or {}
    return render_template(
        "attempts/finish.html",
        rule=retakes.rule(rules),
        which=retakes.which(_mine(session, actor, own), rules, now),
        attempt=_attempt(own, now, len(slots)),
        back=not steps.forward(own.quiz),
        unanswered=[slot.number for slot in slots if slot.lack == EMPTY],
        in_part=[slot.number for slot in slots if slot.lack == IN_PART],
        flagged=[slot.number for slot in slots if slot.flagged],
        by_people=any(slot.answered and slot.type == Essay.name for slot in slots),
        unreadable=[(slot.number, slot.note) for slot in slots if slot.note],
    )


@act(attempts, "/attempts/<id:attempt_id>/finish", may="sit")
def finish(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    before = request.args.get("before", 0, type=int)
    state = actions.finish(session, actor, now, attempt_id, _lease(), before)
    if state == MOVED:
        return _elsewhere(store.own(session, actor, attempt_id), now), STATUS[Refused]
    if state == OPEN:
        return redirect(url_for("attempts.sit", attempt_id=attempt_id, lease=_lease()), 303)
    return redirect(url_for("attempts.result", attempt_id=attempt_id), 303)


@page(attempts, "/attempts/<id:attempt_id>/result", may="sit")
def result(session: Session, actor: Actor, now: datetime, attempt_id: int) -> ResponseReturnValue:
    own, said = own_and_said(session, actor, attempt_id)
    if own.attempt.state == OPEN:
        if not own.attempt.timing.over(now):
            return redirect(url_for("attempts.sit", attempt_id=attempt_id, lease=_lease()), 303)
        return render_template("attempts/ending.html", attempt_id=attempt_id, lease=_lease())
    if own.attempt.state == VOID:
        voided, url = invigilation.voided(session, attempt_id), results.lesson_of(own)
        return render_template("attempts/void.html", title=own.title, voided=voided, url=url)
    if own.attempt.state == MARKING:
        return render_template(
            "attempts/marking.html",
            title=own.title,
            attempt=own.attempt,
            exam=own.quiz.get("exam"),
            awaits=marking.awaits(session, attempt_id),
            said=said,
        )
    slots, marks = papers.keyed_slots(session, attempt_id), results.marks_of(own.attempt)
    shown = steps.shown_keys(session, own, now, actor.organisation_zone)
    counted = [pair for pair in zip(slots, marks, strict=True) if pair[1].verdict != LEFT_OUT.verdict]
    seen = counted if shown else []
    asked_now = practice.sitting(session, actor) if shown else set()
    later = "" if own.attempt.passed else retakes.later(_mine(session, actor, own), own.rules or {}, now)
    sections = search.titles(session, own.attempt.course_id)
    return render_template(
        "attempts/result.html",
        result=results.summary(own) | {"standings": results.standings(session, actor, own, slots, now), "later": later},
        competencies=results.by_competency(slots, marks),
        slots=results.seen_again(own, [pair for pair in seen if pair[0].question not in asked_now], sections),
        left_out=len(marks) - len(counted),
        doubted=sum(slot.held or slot.left_out for slot, _ in counted),
        total=len(marks),
        said=said,
        appeal=url_for("reports.appeal", attempt_id=attempt_id) if answered(said, None) else "",
        longest=LONGEST_REPORT,
        withheld=any(slot.question in asked_now for slot in slots),
        kept="" if shown else gettext(FEEDBACK[own.feedback]),
    )


def _mine(session: Session, actor: Actor, own: store.Own) -> list[recent.Recent]:
    """The actor's attempts at the module of one."""
    module = own.attempt.module_id
    return recent.recent(session, actor, {module: own.rules or {}})[module]
