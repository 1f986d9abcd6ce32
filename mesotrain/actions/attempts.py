"""Sitting a quiz: start, answer, hand in; and the one way an attempt ends."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.actions.competence import record_evidence
from mesotrain.core.access import Actor
from mesotrain.core.attempts import ENDED, OPEN, ending, timing
from mesotrain.core.canonical import Json
from mesotrain.core.chance import drawn
from mesotrain.core.errors import Ended, Refused
from mesotrain.core.grading import Score, mark, score
from mesotrain.core.questions import Fields, question
from mesotrain.store import attempts as store
from mesotrain.store import catalogue, papers
from mesotrain.store.answers import answer_at, append
from mesotrain.store.db import Collision
from mesotrain.store.events import Said, record

LONGEST_ANSWER = 4000
"""Characters of raw form values one answer may hold, each value counting one more."""


def start(session: Session, actor: Actor, now: datetime, seed: str, course: str, module: str) -> int:
    """Begins an attempt, or gives the one that is open; its paper is pinned for good. Gives the attempt's id.

    Questions its taker was not asked before come first into the paper.
    """
    live = catalogue.live_module(session, actor, course, module)
    quiz = live.version.quiz
    store.one_at_a_time(session, actor)
    last = store.recent(session, actor, {live.module.id: quiz})[live.module.id]
    if last and last[0].state == OPEN:
        if not last[0].timing.over(now):
            return last[0].id
        finalise(session, now, last[0].id)
        last = store.recent(session, actor, {live.module.id: quiz})[live.module.id]
    again = store.again(last, quiz)
    if again and now < again:
        raise Refused("You can sit this quiz again from %(moment)s. Read the module until then.", moment=again)
    bank = {version: rest for version, *rest in catalogue.bank(session, live.publication.id, live.version.id)}
    met = store.met(session, actor, live.module.id)
    seen = {version for version, (_, question) in bank.items() if question in met}
    paper = [bank[version][0] for version in drawn(seed, bank, quiz["questions"], last=seen)]
    times = timing(now, quiz["minutes"])
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


def save(
    session: Session, actor: Actor, now: datetime, attempt: int, position: int, operation: str, fields: Fields
) -> int:
    """Keeps an answer; gives its sequence. The same operation again gives the same.

    Raises NotFound for somebody else's attempt, Ended once it has, Refused for an answer that is too long, and for a
    known operation with another answer.
    """
    kept: Json = {name: list(values) for name, values in fields.items()}
    if sum(len(value) + 1 for values in fields.values() for value in values) > LONGEST_ANSWER:
        raise Refused("This answer is too long. Shorten it to %(most)s characters.", most=LONGEST_ANSWER)
    sequence = append(session, actor, attempt, position, operation, kept, now)
    if sequence is None:
        store.own(session, actor, attempt)
        raise Ended(ENDED)
    return sequence


class Posted(NamedTuple):
    """One slot of a page that was sent whole: its fields, and the sequence of the answer it showed, 0 for none."""

    seen: int
    fields: Fields


def save_all(
    session: Session, actor: Actor, now: datetime, attempt: int, operation: str, answers: Mapping[int, Posted]
) -> None:
    """Keeps what was changed on a page that shows many answers; doing it twice changes nothing more.

    A slot that is not on the page stays as it is, and so does whatever of a newer answer was not touched there:
    another window gave it.
    """
    store.own(session, actor, attempt)
    for slot in papers.slots(session, attempt):
        posted, current = answers.get(slot.position), _said(slot.fields)
        if posted is None or (given := _said(posted.fields)) == current:
            continue
        newest = posted.seen == slot.sequence
        shown = current if newest else _said(answer_at(session, attempt, slot.position, posted.seen))
        merged = {
            name: (current if given.get(name) == shown.get(name) else given).get(name, [])
            for name in {**shown, **given, **current}
        }
        if _said(merged) != current:
            save(session, actor, now, attempt, slot.position, f"{operation}.{slot.position}", merged)


def _said(fields: Fields | None) -> dict[str, list[str]]:
    """The fields without those that say nothing."""
    return {name: list(values) for name, values in (fields or {}).items() if any(values)}


def finish(session: Session, actor: Actor, now: datetime, attempt: int) -> None:
    """Hands in the actor's attempt. Handing in what has ended changes nothing."""
    finalise(session, now, attempt, actor)


def finalise(session: Session, now: datetime, attempt: int, actor: Actor | None = None) -> None:
    """Ends an attempt, whoever calls: its taker, who must be `actor` then, or the service once its time is over.

    Score, evidence, standing and events are one transaction. Every slot is in the denominator.
    """
    paper = papers.paper(session, attempt, actor)
    if paper.attempt.state != OPEN:
        return
    event, at = ending(paper.attempt.timing, now)
    result = _score(paper)
    store.advance(
        session,
        paper.attempt,
        event,
        paper.attempt.version,
        ended_at=at,
        passed=result.passed,
        score=result.model(),
    )
    facts: dict[str, Json] = {
        "attempt": attempt,
        "by": event,
        "earned": str(result.earned),
        "possible": str(result.possible),
        "passed": result.passed,
    }
    who = paper.commitment
    ended = Said("attempt.finished", paper.attempt.organisation_id, actor.commitment if actor else "", who, facts)
    record_evidence(session, now, paper, at, result.passed, ended)


def _score(paper: papers.Paper) -> Score:
    marks = []
    for slot in paper.slots:
        asked = question(slot.taker, slot.key)
        marks.append(mark(asked, asked.read(slot.fields or {}), Fraction(slot.points)))
    return score(marks, Fraction(paper.module.quiz["pass_mark"]))
