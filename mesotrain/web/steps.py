"""A paper with one question on a page: where its taker is, where a button leads, and an answer seen with its key."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assessments import (
    AFTER_CLOSE,
    AFTER_EACH,
    DONE,
    FORWARD,
    ONE_QUESTION,
    Kept,
    cells_of,
    current,
    is_done,
    window,
)
from mesotrain.core.attempts import released
from mesotrain.core.grading import mark
from mesotrain.core.plans import sections_of
from mesotrain.core.questions import Fields
from mesotrain.store import attempts as store
from mesotrain.store import papers, practice
from mesotrain.web.slots import EMPTY, IN_PART, UNREAD, Asked, Reviewed, reviewed, sent

STEP = re.compile(r"(go|left|seen)\.([0-9]{1,4})(?:\.([a-z]+))?")
"""Buttons: to another question; on from this one, which then stays; to the answer of this one, which then stays too.
What is said behind it, its answer may lack.
"""
ASKED_BACK = {"left": (EMPTY, UNREAD, IN_PART), "seen": (EMPTY, UNREAD)}
"""What of its answer keeps such a button from being followed."""


def paged(quiz: Kept) -> bool:
    return quiz.get("pages") == ONE_QUESTION


def forward(quiz: Kept) -> bool:
    return quiz.get("navigation") == FORWARD


def place(quiz: Kept, slots: Sequence[Asked], wanted: int) -> int:
    """The question to show, 0 for all of them; one beyond the last where there is none to show any more."""
    if not paged(quiz):
        return 0
    here = current(is_done(one.fields) for one in slots)
    if forward(quiz):
        return here
    return wanted if 1 <= wanted <= len(slots) else min(here, len(slots))


def sections(quiz: Kept) -> dict[int, str]:
    """The title of the part in which each place of a paper stands."""
    parts = sections_of(cells_of(quiz)).items()
    return dict(enumerate((title for title, count in parts for _ in range(count)), 1))


def take(session: Session, attempt: int, then: str, fields: Mapping[int, dict[str, list[str]]]) -> tuple[int, bool]:
    """Marks the question that a button leaves or asks the answer of.

    Gives the place to show next, 0 for none, and whether it is the same because what is left for good lacks something.
    """
    if not (found := STEP.fullmatch(then)):
        return 0, False
    kind, number, though = found[1], int(found[2]), found[3]
    given = fields.get(number)
    if kind == "go" or given is None:
        return number, False
    lacks = lack(session, attempt, number, given, whole=kind == "left")
    if lacks in ASKED_BACK[kind] and lacks != though:
        return number, kind == "left"
    given[DONE] = ["1"]
    return number + (kind != "seen"), False


def lack(session: Session, attempt: int, number: int, fields: Fields, *, whole: bool = False) -> str:
    """What an answer lacks at a place of the paper, as ``Asked.lack`` says; unless `whole`, of what is open there."""
    shown = papers.shown_at(session, attempt, number)
    given = sent(shown, fields) if shown else None
    return (given if whole else given.open).lack if given else EMPTY


def key_of(session: Session, actor: Actor, own: store.Own, slot: Asked) -> Reviewed | None:
    """A question of an open paper with its key; None where it may not be seen yet, or another paper asks it too."""
    if own.feedback != AFTER_EACH or not is_done(slot.fields):
        return None
    keyed = next(one for one in papers.keyed_slots(session, own.attempt.id) if one.position == slot.number)
    if keyed.question in practice.sitting(session, actor, but=own.attempt.id):
        return None
    asked = slot.keyed(keyed.key)
    got = mark(asked, asked.read(slot.fields), Fraction(keyed.points))
    return reviewed(slot, keyed.key, keyed.key_shown, got, [])


def shown_keys(session: Session, own: store.Own, now: datetime, zone: str) -> bool:
    """Whether an ended attempt shows its keys; one that shows them after closing waits for the later of two rules, and
    for whoever has more time.
    """
    ends = [window(quiz, zone).ends for quiz in (own.quiz, own.rules) if quiz]
    closed = all(now >= end for end in ends if end)
    if closed and own.feedback == AFTER_CLOSE:
        closed = not store.anybody_sits(session, own.attempt)
    return released(own.feedback, bool(own.attempt.passed), closed)


def said(quiz: Kept) -> dict[str, Any]:
    """What the page of a sitting has to know of its rules."""
    return {
        "paged": paged(quiz),
        "forward": forward(quiz),
        "each": quiz["feedback"] == AFTER_EACH,
        "certainty": bool(quiz.get("certainty")),
    }
