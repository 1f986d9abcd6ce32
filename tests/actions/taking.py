"""What the tests of attempts do over and over, straight through the actions."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.core.grading import mark, score
from mesotrain.core.questions import Fields
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence
from mesotrain.store.events import Event
from mesotrain.store.papers import paper
from tests.world import World, question_of

MINUTES = 20
"""What the tiny quiz takes."""


@dataclass(frozen=True)
class Taking:
    """Somebody's attempt at the tiny quiz."""

    world: World
    who: str
    attempt: int

    def save(self, position: int, fields: Fields, operation: str | None = None) -> int:
        """The answer's sequence; 0 where it does not count."""
        return self.send(position, fields, operation)[0]

    def send(self, position: int, fields: Fields, operation: str | None = None, lease: int = 0) -> tuple[int, str]:
        """Its sequence, and why it does not count."""
        operation, now = operation or uuid.uuid4().hex, self.world.clock()
        actor = self.world.actor(self.who)
        done: actions.Saved = self.world.do(
            lambda session: actions.save(session, actor, now, self.attempt, lease, position, operation, fields)
        )
        return done.sequence, done.why

    def finish(self, now: datetime | None = None) -> None:
        actor, now = self.world.actor(self.who), now or self.world.clock()
        self.world.do(lambda session: actions.finish(session, actor, now, self.attempt))

    def end(self, now: datetime | None = None) -> None:
        """As the sweep does."""
        now = now or self.world.clock()
        self.world.do(lambda session: actions.finalise(session, now, self.attempt))

    def answer(self, right: int) -> None:
        """Answers the first `right` slots right and leaves the others."""
        for position, fields in list(self.world.right_answers(self.attempt).items())[:right]:
            self.save(position, fields)

    def row(self) -> Attempt:
        with self.world.session() as session:
            return session.get_one(Attempt, self.attempt)

    def expected(self, answers: dict[int, Fields]) -> Any:
        """The score that these answers, and nothing else, earn."""
        with self.world.session() as session:
            scored = paper(session, self.attempt)
            marks = []
            for slot in scored.slots:
                asked = question_of(slot)
                reading = asked.read(answers.get(slot.position, {}))
                marks.append(mark(asked, reading, Fraction(slot.points)))
            return score(marks, Fraction(scored.module.quiz["pass_mark"])).model()


def start(world: World, who: str = "trainee", seed: str = "seed", module: str = "basics") -> Taking:
    actor, now = world.actor(who), world.clock()
    attempt = world.do(lambda session: actions.start(session, actor, now, seed, "tiny", module))
    return Taking(world, who, attempt)


def sit(world: World, who: str, right: int = 4) -> Taking:
    """A whole attempt, a minute long."""
    taking = start(world, who)
    taking.answer(right)
    world.clock.now += timedelta(minutes=1)
    taking.finish()
    return taking


def together(*works: Callable[[], Any]) -> list[Any]:
    """What these give, or raise, when they are all let go at once, each in a thread with its own connection."""
    barrier, given = Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            given[place] = work()
        except Exception as error:
            given[place] = error

    threads = [Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return given


def records(session: Session) -> tuple[Counter[int | None], Counter[str]]:
    """(evidence by attempt, events by kind) there are."""
    return Counter(session.scalars(select(Evidence.attempt_id))), Counter(session.scalars(select(Event.kind)))
