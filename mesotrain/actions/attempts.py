"""Sitting a quiz: start, answer, hand in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.actions.endings import end_open
from mesotrain.core import plans
from mesotrain.core.access import Actor
from mesotrain.core.assessments import Kept, Window, cells_of, is_done, window
from mesotrain.core.attempts import ENDED, LATE, MOVED, NEWER, OPEN, timing
from mesotrain.core.canonical import Json
from mesotrain.core.errors import Ended, Refused
from mesotrain.core.questions import Fields
from mesotrain.core.questions.essay import MOST
from mesotrain.core.questions.staged import locked
from mesotrain.store import adjustments, catalogue, papers, pools, recent
from mesotrain.store import attempts as store
from mesotrain.store.answers import Logged, answer_at, append, keep, known, newest
from mesotrain.store.db import Collision
from mesotrain.store.events import Said, record

LONGEST_ANSWER = MOST + 2000
"""Characters of raw form values one answer may hold, each value counting one more: an essay and what is beside it."""
TOO_LONG = "This answer is too long. Shorten it to %(most)s characters."
IN_MARKING = "People are marking your last attempt at this. You can sit it again when its result is there."
TOO_FEW = (
    "It cannot be begun now: questions of it may be wrong and are taken out, and too few are left. "
    "Your educators can see this. Come back later."
)
LEFT = "A question that you left, or saw the answer of, stays as you answered it. Reload the page to go on."


def start(session: Session, actor: Actor, now: datetime, seed: str, course: str, module: str) -> int:
    """Begins an attempt, or gives the one that is open; its paper is pinned for good. Gives the attempt's id.

    Questions its taker was not asked before come first into the paper.
    """
    live = catalogue.live_module(session, actor, course, module)
    quiz = live.version.quiz
    store.one_at_a_time(session, actor)
    last = recent.recent(session, actor, {live.module.id: quiz})[live.module.id]
    while last and last[0].state == OPEN:
        if not last[0].timing.over(now):
            return last[0].id
        finalise(session, now, last[0].id)
        last = recent.recent(session, actor, {live.module.id: quiz})[live.module.id]
    when = _may_start(actor, now, last, quiz)
    paper = _paper(session, actor, live, seed)
    extra = adjustments.extra_of(session, actor.organisation, actor.person)
    times = timing(now, quiz["minutes"], when.cuts, extra)
    attempt = store.begin(
        session,
        {
            "organisation_id": actor.organisation,
            "person_id": actor.person,
            "course_id": live.course.id,
            "module_id": live.module.id,
            "publication_id": live.publication.id,
            "module_version_id": live.version.id,
            "state": OPEN,
            "version": 0,
            "seed": seed,
            "started_at": times.started,
            "deadline": times.deadline,
        },
        paper,
    )
    if attempt is None:
        raise Collision
    facts: dict[str, Json] = {"attempt": attempt, "module": live.version.id}
    record(session, now, Said("attempt.started", actor.organisation, actor.commitment, actor.commitment, facts))
    return attempt


def _may_start(actor: Actor, now: datetime, last: Sequence[recent.Recent], quiz: Kept) -> Window:
    """When it may be sat. Raises Refused where now is not such a time, or not yet for somebody with these attempts."""
    when = window(quiz, actor.organisation_zone)
    if when.early(now):
        raise Refused("It opens at %(moment)s. Come back then.", moment=when.opens)
    if when.late(now):
        raise Refused("It closed at %(moment)s, and can no longer be begun.", moment=when.closes)
    if recent.in_marking(last):
        raise Refused(IN_MARKING)
    again = recent.again(last, quiz)
    if again and now < again and quiz.get("exam"):
        raise Refused("You can sit this exam again from %(moment)s.", moment=again)
    if again and now < again:
        raise Refused("You can sit this quiz again from %(moment)s. Read the module until then.", moment=again)
    return when


def _paper(session: Session, actor: Actor, live: catalogue.Live, seed: str) -> list[int]:
    """The question versions this seed draws, in their order. Raises Refused where there are too few."""
    quiz = live.version.quiz
    found, pool, met = pools.open_to(session, actor.organisation, actor.person, live.publication.id, live.version)
    if plans.thin(cells_of(quiz), pool):
        raise Refused(TOO_FEW)
    drawn = plans.paper(seed, cells_of(quiz), pool, met, shuffle=not quiz.get("in_order"))
    return [found[version].id for version in drawn]


def take_over(session: Session, actor: Actor, now: datetime, attempt: int) -> int:
    """Lets the actor go on with their attempt in this window alone; gives its lease.

    Raises NotFound for somebody else's attempt, Ended once it has.
    """
    lease = store.take_over(session, actor, now, attempt)
    if lease is None:
        store.own(session, actor, attempt)
        raise Ended(ENDED)
    if lease > 1:
        facts: dict[str, Json] = {"attempt": attempt, "lease": lease}
        record(session, now, Said("attempt.taken-over", actor.organisation, actor.commitment, actor.commitment, facts))
    return lease


class Saved(NamedTuple):
    """What became of an answer: what the log has of it; None where it was kept without counting, and `why`, as
    ``UNAPPLIED`` says.
    """

    kept: Logged | None
    why: str = ""

    @property
    def sequence(self) -> int:
        """Its place in the log; 0 where it has none."""
        return self.kept.sequence if self.kept else 0


def save(
    session: Session,
    actor: Actor,
    now: datetime,
    attempt: int,
    lease: int,
    position: int,
    operation: str,
    fields: Fields,
    seen: int | None = None,
) -> Saved:
    """Keeps an answer that a window with this lease sends. The same operation again gives the same.

    One that waited in a browser names the sequence it has `seen` at its place, and counts while that is the newest.
    Raises NotFound for somebody else's attempt, Refused for an answer that is too long, and for a known operation with
    another answer or one that changes a stage which was left.
    """
    raw: Json = {name: list(values) for name, values in fields.items()}
    if too_long(fields):
        raise Refused(TOO_LONG, most=LONGEST_ANSWER)
    if seen is not None and seen != newest(session, attempt, position):
        store.own(session, actor, attempt)
        if kept := known(session, actor, attempt, position, operation, raw):
            return Saved(kept)
        keep(session, actor, attempt, position, operation, fields, now, NEWER)
        return Saved(None, NEWER)
    appended = append(session, actor, attempt, lease, position, operation, raw, now)
    if appended is None:
        own = store.own(session, actor, attempt)
        why = LATE if position <= own.attempt.handed_in else _unapplied(own, lease, now)
        keep(session, actor, attempt, position, operation, fields, now, why)
        return Saved(None, why)
    kept, before, skipped = appended
    if is_done(before) and _said(before) != _said(fields):
        raise Refused(LEFT)
    # Where there was an answer before, every question in front of it had been left by then, and stays so.
    if before is None and skipped:
        raise Refused(LEFT)
    if before and _said(locked(before, fields)) != _said(fields):
        raise Refused("A stage that you left stays as you answered it. Reload the page to go on.")
    return Saved(kept)


def _unapplied(own: store.Own, lease: int, now: datetime) -> str:
    """Why no answer of a window with this lease counts any more; empty where it does."""
    if own.attempt.state != OPEN or own.attempt.timing.over(now):
        return LATE
    return MOVED if own.attempt.lease != lease else ""


def too_long(fields: Fields) -> bool:
    """Whether an answer has more than may be kept."""
    return sum(len(value) + 1 for values in fields.values() for value in values) > LONGEST_ANSWER


class Posted(NamedTuple):
    """One slot of a page that was sent whole: its fields, and the sequence of the answer it showed, 0 for none."""

    seen: int
    fields: Fields


def save_all(
    session: Session,
    actor: Actor,
    now: datetime,
    attempt: int,
    lease: int,
    operation: str,
    answers: Mapping[int, Posted],
    *,
    carried: bool = False,
) -> str:
    """Keeps what was changed on a page that shows many answers; doing it twice changes nothing more.

    A slot that is not on the page stays as it is, and so does whatever of a newer answer was not touched there:
    another window gave it. Where nothing of this page counts any more it is kept aside, and why is given back. A page
    that was left and is `carried` along changes no slot that has a newer answer.
    """
    own = store.own(session, actor, attempt)
    held = _unapplied(own, lease, now)
    for slot in papers.slots(session, attempt):
        posted, current = answers.get(slot.position), _said(slot.fields)
        if (
            posted is None
            or slot.position <= own.attempt.handed_in
            or is_done(slot.fields)
            or (given := _said(posted.fields)) == current
        ):
            continue
        is_newest = posted.seen == (slot.sequence or 0)
        shown = current if is_newest else _said(answer_at(session, attempt, slot.position, posted.seen))
        merged = {
            name: (current if given.get(name) == shown.get(name) else given).get(name, [])
            for name in {**shown, **given, **current}
        }
        merged = dict(locked(current, merged))
        if _said(merged) == current:
            continue
        name = f"{operation}.{slot.position}"
        if why := held or (NEWER if carried and not is_newest else ""):
            keep(session, actor, attempt, slot.position, name, merged, now, why)
        else:
            held = save(session, actor, now, attempt, lease, slot.position, name, merged).why
    return held


def _said(fields: Fields | None) -> dict[str, list[str]]:
    """The fields without those that say nothing."""
    return {name: list(values) for name, values in (fields or {}).items() if any(values)}


def finish(
    session: Session,
    actor: Actor,
    now: datetime,
    attempt: int,
    lease: int | None = None,
    before: int | None = None,
) -> str:
    """Hands in the actor's attempt. Handing in what has ended changes nothing.

    Gives the state it has now: OPEN where it goes on, with questions in the place of safety questions that were missed.
    Or MOVED, where a window with another `lease` holds it and nothing is handed in. `before` is how many places were
    handed in when it was asked for: a button that is pressed twice does not hand in what is asked again.
    """
    paper = papers.paper(session, attempt, actor)
    if paper.attempt.state != OPEN:
        return paper.attempt.state
    if not paper.attempt.timing.over(now):
        if lease not in (None, paper.attempt.lease):
            return MOVED
        if before not in (None, paper.attempt.handed_in):
            return OPEN
    return end_open(session, now, paper, actor)


def finalise(session: Session, now: datetime, attempt: int) -> None:
    """Ends an attempt in the name of the service, once its time is over: it may have been moved meanwhile."""
    paper = papers.paper(session, attempt)
    if paper.attempt.state == OPEN and paper.attempt.timing.over(now):
        end_open(session, now, paper)
