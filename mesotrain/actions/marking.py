"""Marking what people have to mark."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import cast

from sqlalchemy.orm import Session

from mesotrain.actions.endings import settle
from mesotrain.core.access import Actor
from mesotrain.core.attempts import MARKING
from mesotrain.core.canonical import Json
from mesotrain.core.errors import Refused
from mesotrain.core.marking import LONGEST_COMMENT, Given, needed, scale
from mesotrain.core.questions import question
from mesotrain.core.questions.essay import Essay
from mesotrain.store import marking as store
from mesotrain.store.events import Said, record

MARKED = "You have marked this answer. What you gave it stays."
ENOUGH = "Others have marked this answer meanwhile, and it needs no further mark. What you gave it is not kept."


def mark(
    session: Session, actor: Actor, now: datetime, attempt: int, position: int, points: Sequence[Fraction], comment: str
) -> None:
    """Keeps what the actor gives an essay; the last mark that an attempt needs ends it.

    Raises NotFound for one that is not theirs to mark, Refused where they have, where no mark is needed any more, or
    for points that there are not.
    """
    store.lock(session, actor, attempt)
    found = store.essay(session, actor, attempt, position)
    if found.mine:
        raise Refused(MARKED)
    if found.attempt.state != MARKING or found.marks >= found.essay.needed:
        raise Refused(ENOUGH)
    asked = cast(Essay, question(found.question.taker, found.key.key))
    if len(points) != len(asked.criteria) or any(
        one not in scale(most) for one, (_, most) in zip(points, asked.criteria, strict=False)
    ):
        raise Refused("Give each criterion points that it has.")
    if len(comment) > LONGEST_COMMENT:
        raise Refused("This comment is too long. Shorten it to %(most)s characters.", most=LONGEST_COMMENT)
    store.keep(session, actor, now, attempt, position, Given(tuple(points), comment))
    facts: dict[str, Json] = {"attempt": attempt, "position": position}
    record(session, now, Said("essay.marked", actor.organisation, actor.commitment, "", facts))
    totals = [one.total for one in store.marks(session, attempt)[position]]
    markers = cast(int, found.key.key["markers"])
    if (wanted := needed(markers, totals, asked.possible)) != found.essay.needed:
        store.need(session, attempt, position, wanted)
    if not store.unmarked(session, attempt):
        settle(session, now, attempt)
