"""What an educator publishes: the courses their organisation keeps, what a draft would change, and who agrees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from fractions import Fraction
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from mesotrain.actions import coming
from mesotrain.actions import drafts as actions
from mesotrain.actions.courses import Ready, Signature
from mesotrain.core.access import Actor
from mesotrain.core.canonical import digest
from mesotrain.core.changes import TOUCHES, lowered
from mesotrain.core.courses import CHANGE_CLASSES
from mesotrain.core.drafts import CONFLICTS, KINDS, WHAT, Change, Plan
from mesotrain.core.errors import Refused
from mesotrain.core.schemes import Scheme
from mesotrain.store import drafts as store
from mesotrain.store.db import for_reading
from mesotrain.web.gate import act, page, step, unit
from mesotrain.web.gate import now as moment_of
from mesotrain.web.links import url_for
from mesotrain.web.words import gettext, sentence

drafts = Blueprint("drafts", __name__)

PLANS_KEPT = 16
LONGEST_REASON = 500

CLASSES = {"editorial": "Editorial", "clarifying": "Clarifying", "substantive": "Substantive", "safety": "Safety"}
MEANS = {
    "editorial": "spelling and layout, nothing said otherwise",
    "clarifying": "the same, said better",
    "substantive": "something else is taught now",
    "safety": "what must or must never be done changes",
}
"""What each class of a change is called, and how it is explained to whoever chooses it."""


SHARE = "quiz pass_mark"
QUIZ = {
    "quiz questions": "Questions of a paper",
    SHARE: "Pass mark",
    "quiz minutes": "Minutes to sit it",
    "quiz feedback": "Answers are shown",
    "quiz cool_down": "Hours before it may be sat again",
    "quiz attempts": "Attempts that may end without a pass",
    "quiz within_days": "Within so many days",
    "quiz plan": "Exam plan",
    "quiz pages": "On a page",
    "quiz navigation": "Going back and forth",
    "quiz opens": "Opens",
    "quiz closes": "Closes",
    "quiz closing": "Closing",
    "quiz in_order": "Questions in the order of the bank",
    "quiz practice": "Practice, which proves nothing",
    "quiz certainty": "Asks how sure one is",
    "quiz exam": "Exam",
    "quiz draws_on": "Draws on the banks of",
    "quiz instructions": "Instructions",
}
"""What each line of the rules of a quiz is called; `core.assessments.Rules` has them."""
YES = "yes"


@dataclass(frozen=True)
class Row:
    """A change as it is shown; `before` and `after` are its texts with what differs marked."""

    name: str
    title: str
    place: str
    what: str
    instead: str
    conflict: str
    touches: list[str]
    wants: str
    before: Markup
    after: Markup


@page(drafts, "/drafts", may="publish")
def courses(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return render_template("drafts/courses.html", courses=store.kept(session, actor))


@page(drafts, "/drafts/<id:draft_id>", may="publish")
def draft(session: Session, actor: Actor, now: datetime, draft_id: int) -> ResponseReturnValue:
    return _page(session, actor, store.kept_draft(session, actor, draft_id))


def _page(session: Session, actor: Actor, kept: store.Kept, wrong: str = "") -> str:
    plan, scheme = _plan(session, kept)
    turns = coming.outlook(session, moment_of(), kept.course.id, scheme)
    proposal = kept.draft.proposal if kept.draft else None
    current = proposal if proposal and proposal["publication"] == kept.publication.number else None
    return render_template(
        "drafts/draft.html",
        kept=kept,
        groups=[(gettext(KINDS[kind]), rows) for kind, rows in _rows(plan).items()],
        classes=[(name, gettext(CLASSES[name]), gettext(MEANS[name])) for name in CHANGE_CLASSES],
        chosen=request.form.to_dict() if wrong else {},
        proposal=current,
        proposed=digest(current) if current else "",
        mine=bool(kept.draft and kept.draft.proposed_by == actor.person),
        lowered=_lowered(plan, current["classes"]) if current else [],
        wrong=wrong,
        turns=turns,
        undated=sentence(turns.wrong) if turns.wrong else "",
    )


def _key(_session: Session, kept: store.Kept) -> tuple[object, ...]:
    draft = kept.draft
    made = (draft.version, draft.made_at) if draft else ()
    return (*made, kept.publication.version, kept.publication.published_at)


@cached(LRUCache(maxsize=PLANS_KEPT), key=_key, lock=Lock())
def _plan(session: Session, kept: store.Kept) -> tuple[Plan, Scheme]:
    """What a draft says never changes, and neither does a publication; its scheme is read with it."""
    if kept.draft is None:
        raise AssertionError("a kept draft has one")
    text = actions.text_of(session, kept.draft)
    return actions.plan_of(session, kept.draft, kept.publication, text), text.scheme


def _rows(plan: Plan) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for change in plan.changes:
        found.setdefault(change.piece.kind, []).append(_row(change))
    return found


def _row(change: Change) -> Row:
    texts = [one.text if one else "" for one in (change.before, change.after)]
    prose = change.piece.kind in ("section", "question")
    if change.piece.kind == "module":
        texts = ["\n".join(map(_worded, text.split("\n"))) for text in texts]
    before, after = marked(texts[0], texts[1], "\n\n" if prose else "\n")
    return Row(
        name=change.name,
        title=change.piece.title,
        place=change.piece.place,
        what=gettext(WHAT[change.what]),
        instead=change.instead,
        conflict=gettext(CONFLICTS[change.conflict]) if change.conflict else "",
        touches=[gettext(TOUCHES[kind]) for kind in TOUCHES if kind in change.touches],
        wants=change.wants,
        before=before,
        after=after,
    )


def _worded(line: str) -> str:
    """A line of a module as its reader calls it."""
    name, _, value = line.partition(": ")
    if name not in QUIZ:
        return line
    if name == SHARE:
        value = f"{float(100 * Fraction(value)):g}%"
    return f"{gettext(QUIZ[name])}: {gettext(YES) if value == 'True' else value}"


def _lowered(plan: Plan, classes: dict[str, str]) -> list[tuple[str, str, str]]:
    """(section, what was proposed, what it is called) of each change that is called less."""
    return [
        (one.name, gettext(CLASSES[one.wants]), gettext(CLASSES[classes[one.name]]))
        for one in plan.classed
        if lowered(classes.get(one.name, one.wants), one.wants, one.touches)
    ]


_PIECE = re.compile(r"\s+|\d+(?:[.,:/]\d+)+|\w+|[^\w\s]")
"""A number is one piece: half of 1.5 is no number that anybody wrote."""
_BROKEN_LINE = re.compile(r"(?<=[^\n|])\n(?=[\w(\[“*])(?![\w-]+:|\[\^|\*\[)")
"""Where a line ends only because the text is wrapped."""
LEFT_OUT = "…"


def marked(before: str, after: str, parted: str = "\n\n") -> tuple[Markup, Markup]:
    """Both texts: what only the first has as deleted, what only the second has as inserted.

    Parts that are the same in both are left out; `parted` stands between parts.
    """
    if not before or not after:
        return escape(before), escape(after)
    if parted != "\n":
        before, after = (_BROKEN_LINE.sub(" ", text) for text in (before, after))
    old, new = before.split(parted), after.split(parted)
    left, right = list[Markup](), list[Markup]()
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            left.append(escape(LEFT_OUT))
            right.append(escape(LEFT_OUT))
            continue
        deleted, inserted = _words(parted.join(old[a:b]), parted.join(new[c:d]))
        left += [deleted] if deleted else []
        right += [inserted] if inserted else []
    return escape(parted).join(left), escape(parted).join(right)


def _words(before: str, after: str) -> tuple[Markup, Markup]:
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return Markup("").join(_marks("del", steps, old, 1)), Markup("").join(_marks("ins", steps, new, 3))


def _marks(tag: str, steps: Sequence[Any], pieces: Sequence[str], at: int) -> Iterator[Markup]:
    for one in steps:
        text = "".join(pieces[one[at] : one[at + 1]])
        if text:
            yield escape(text) if one[0] == "equal" else Markup("<{0}>{1}</{0}>").format(Markup(tag), text)  # noqa: S704


@step(drafts, "/drafts/<id:draft_id>", may="publish")
def publish(session: Session, actor: Actor, now: datetime, draft_id: int) -> ResponseReturnValue:
    classes = {name.removeprefix("class:"): value for name, value in request.form.items() if name.startswith("class:")}
    reason = " ".join(request.form.get("reason", "").split())[:LONGEST_REASON]
    by = Signature(actor.person, actor.commitment)
    ready = _ready(session, actor, draft_id)

    def work() -> int | None:
        kept = store.kept_draft(session, actor, draft_id)
        made = actions.offer(session, now, kept, _seen(), classes, reason, by, ready)
        return made.number if made else None

    try:
        number = unit(work)
    except Refused as refusal:
        for_reading(session)
        return _page(session, actor, store.kept_draft(session, actor, draft_id), sentence(refusal)), 422
    if number is None:
        flash(gettext("It waits for a second person: somebody else who publishes must agree to it here."), "soon")
        return redirect(url_for("drafts.draft", draft_id=draft_id), 303)
    flash(gettext("Published as number %(number)s.", number=number), "good")
    return redirect(url_for("drafts.courses"), 303)


def _ready(session: Session, actor: Actor, draft_id: int) -> Ready | None:
    """What publishing takes long for, made while others can still save."""
    session.rollback()
    for_reading(session)
    try:
        return actions.prepare(session, store.kept_draft(session, actor, draft_id))
    finally:
        session.rollback()


def _seen() -> int:
    """The publication that the page compared with."""
    return request.form.get("seen", default=-1, type=int)


def _shown() -> str:
    """Which proposal the page showed."""
    return request.form.get("proposed", "")


@step(drafts, "/drafts/<id:draft_id>/agree", may="publish")
def agree(session: Session, actor: Actor, now: datetime, draft_id: int) -> ResponseReturnValue:
    ready = _ready(session, actor, draft_id)

    def work() -> int:
        kept = store.kept_draft(session, actor, draft_id)
        return actions.agree(session, actor, now, kept, _seen(), _shown(), ready).number

    flash(gettext("Published as number %(number)s.", number=unit(work)), "good")
    return redirect(url_for("drafts.courses"), 303)


@act(drafts, "/drafts/<id:draft_id>/discard", may="publish")
def discard(session: Session, actor: Actor, now: datetime, draft_id: int) -> ResponseReturnValue:
    kept = store.kept_draft(session, actor, draft_id)
    actions.discard(session, actor, now, kept)
    flash(gettext("The draft of %(title)s is discarded.", title=kept.publication.title), "good")
    return redirect(url_for("drafts.courses"), 303)
