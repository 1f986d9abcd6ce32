"""The one way an attempt ends: what is asked again first, then its score, its evidence and what it waits for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from mesotrain.actions.competence import record_evidence
from mesotrain.core import plans
from mesotrain.core.access import Actor
from mesotrain.core.assessments import cells_of
from mesotrain.core.attempts import FINISHED, MARKED, MARKING, OPEN, ending, seed_of, timing
from mesotrain.core.canonical import Json
from mesotrain.core.grading import LEFT_OUT, Mark, Score, mark, missing, score
from mesotrain.core.marking import Given
from mesotrain.core.numbers import rational
from mesotrain.core.questions import QuestionType, Reading, question
from mesotrain.store import adjustments, marking, papers, pools
from mesotrain.store import attempts as store
from mesotrain.store.events import Said, record


def end_open(session: Session, now: datetime, paper: papers.Paper, actor: Actor | None = None) -> str:
    """The one way an attempt ends; gives its state.

    While people mark an answer of it, or hold a question, it waits without a score.
    """
    event, at = ending(paper.attempt.timing, now)
    read = list(_read(paper))
    needed = {
        slot.position: count for slot, asked, reading in read if not slot.left_out and (count := asked.markers(reading))
    }
    result = _score(paper, read, {})
    if (result.reached or needed) and _asked_again(session, now, paper, event, at, result, actor):
        return OPEN
    if not needed and not paper.held:
        _end(session, now, paper, event, at, result, actor)
        return FINISHED
    store.advance(session, paper.attempt, event, paper.attempt.version, waits=True, ended_at=at, ended_by=event)
    if needed:
        marking.put_up(session, paper.attempt, needed)
    record(session, now, _said("attempt.handed-in", paper, event, actor))
    return MARKING


def _asked_again(
    session: Session,
    now: datetime,
    paper: papers.Paper,
    event: str,
    at: datetime,
    result: Score,
    actor: Actor | None,
) -> bool:
    """Adds questions to a paper, once, that take the place of the safety questions missed on it; not without any."""
    attempt = paper.attempt
    if attempt.handed_in or not any(result.safety.values()):
        return False
    who = (attempt.organisation_id, attempt.person_id)
    found, pool, met = pools.open_to(session, *who, attempt.publication_id, paper.module)
    drawn = plans.again(attempt.seed, result.safety, pool, {slot.version for slot in paper.slots}, met)
    if not drawn:
        return False
    extra = adjustments.extra_of(session, *who)
    ends = timing(at, plans.AGAIN * len(drawn), extra=extra).deadline
    store.go_on(session, attempt, attempt.version, [found[version].id for version in drawn], len(paper.slots), ends)
    record(session, now, _said("attempt.asked-again", paper, event, actor, questions=len(drawn)))
    return True


def settle(session: Session, now: datetime, attempt: int) -> None:
    """Ends an attempt that waits and is marked, as of the moment it was handed in; not while a question is held."""
    paper = papers.paper(session, attempt)
    at = paper.attempt.ended_at
    if paper.attempt.state == MARKING and at and not paper.held:
        _end(session, now, paper, MARKED, at, _score(paper, _read(paper), marking.marks(session, attempt)))


def _end(
    session: Session,
    now: datetime,
    paper: papers.Paper,
    event: str,
    at: datetime,
    result: Score,
    actor: Actor | None = None,
) -> None:
    """Score, evidence, standing and events in one transaction."""
    store.advance(
        session,
        paper.attempt,
        event,
        paper.attempt.version,
        ended_at=at,
        ended_by=paper.attempt.ended_by or event,
        passed=result.passed,
        score=result.model(),
    )
    earned, possible = str(result.earned), str(result.possible)
    ended = _said("attempt.finished", paper, event, actor, earned=earned, possible=possible, passed=result.passed)
    record_evidence(session, now, paper, at, result.passed, ended)


def _said(kind: str, paper: papers.Paper, event: str, actor: Actor | None, **facts: Json) -> Said:
    """What is recorded of an attempt, in the name of whoever hands it in or of nobody."""
    by, told = actor.commitment if actor else "", {"attempt": paper.attempt.id, "by": event, **facts}
    return Said(kind, paper.attempt.organisation_id, by, paper.commitment, told)


Read = tuple[papers.KeyedSlot, QuestionType, Reading]
"""A slot, the question as it was asked there, and what was answered."""


def _score(paper: papers.Paper, read: Iterable[Read], given: Mapping[int, Sequence[Given]]) -> Score:
    """Every slot is in the denominator, but for what was found wrong; `given` is what people gave, by position.

    What is asked again carries no points: it is for its safety point alone.
    """
    once, quiz = paper.attempt.handed_in or len(paper.slots), paper.module.quiz

    def marked(slot: papers.KeyedSlot, asked: QuestionType, reading: Reading) -> Mark:
        points = rational(slot.points) if slot.position <= once else Fraction(0)
        return LEFT_OUT if slot.left_out else mark(asked, reading, points, given.get(slot.position, ()))

    marks = [marked(*one) for one in read]
    safety = missing(plans.safety_of(cells_of(quiz)), zip((slot.safety for slot in paper.slots), marks, strict=True))
    return score(marks, Fraction(quiz["pass_mark"]), safety)


def _read(paper: papers.Paper) -> Iterator[Read]:
    for slot in paper.slots:
        asked = question(slot.taker, slot.key).ask(seed_of(paper.attempt.seed, slot.position))
        yield slot, asked, asked.read(slot.fields or {})
