"""What several do at one moment, each in a process of its own, is as if one had come after the other."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import sleep
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.actions import courses, people
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.attempts import FINISHED, LATE, MOVED
from mesotrain.core.questions import Fields
from mesotrain.store.answers import AnswerLog, UnappliedAnswer
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence
from mesotrain.store.db import db, transact
from mesotrain.store.events import Event
from mesotrain.web import create_app
from tests.actions.taking import Taking
from tests.figures.promises import Found, Rounds, control
from tests.figures.without import DEFENCES
from tests.takers import looking
from tests.world import Clock, Engine, World, tiny_course

SEED = "20270312"
RACERS = 4
LIMIT = 2
"""Attempts that may end within 30 days, where none was passed."""

ACTIONS = {
    one.__name__: one for one in (actions.start, actions.save, actions.take_over, actions.finish, actions.finalise)
}


@dataclass(frozen=True)
class Work:
    """An action of `ACTIONS`, what it is given after the session, and seconds it begins after the others."""

    action: str
    given: tuple[Any, ...]
    delay: float = 0.0


def racer(environment: dict[str, str], barrier: Any, pipe: Connection) -> None:
    """A process: does each work it is told when all have been told, and says what it gave, or the error's name."""
    if environment.get("WITHOUT"):
        DEFENCES[environment["WITHOUT"]]()
    app = create_app({name: value for name, value in environment.items() if name != "WITHOUT"}, Clock())
    pipe.send("ready")
    while work := pipe.recv():
        barrier.wait(60)
        sleep(work.delay)
        try:
            with app.app_context():
                # by its name in the module, where a defence may have been taken away
                do = partial(getattr(actions, work.action), db.session(), *work.given)
                pipe.send(transact(db.session(), do))
        except Exception as error:
            pipe.send(type(error).__name__)


@dataclass
class Racers:
    """The processes."""

    pipes: list[Connection]
    races: int = 0

    def together(self, *works: Work) -> list[Any]:
        """What these give, done at one moment."""
        self.races += 1
        assert len(works) == len(self.pipes)
        for pipe, work in zip(self.pipes, works, strict=True):
            pipe.send(work)
        for pipe in self.pipes:
            assert pipe.poll(120), "a racer gave no answer"
        return [pipe.recv() for pipe in self.pipes]


@contextmanager
def racing(world: World, without: str = "") -> Iterator[Racers]:
    spawn = get_context("spawn")
    barrier, pairs = spawn.Barrier(RACERS), [spawn.Pipe() for _ in range(RACERS)]
    settings = {**world.environment, "WITHOUT": without}
    processes = [spawn.Process(target=racer, args=(settings, barrier, there), daemon=True) for _, there in pairs]
    for process in processes:
        process.start()
    made = Racers([here for here, _ in pairs])
    try:
        for pipe in made.pipes:
            assert pipe.poll(120), "a racer did not start"
            pipe.recv()
        yield made
    finally:
        for pipe in made.pipes:
            pipe.send(None)
        for process in processes:
            process.join(20)


@dataclass
class Life:
    """Somebody new who fails `LIMIT` attempts, everything at once, and tries to begin another."""

    world: World
    racers: Racers
    actor: Actor
    chance: random.Random
    now: datetime
    told: dict[tuple[int, str], tuple[int, Fields]] = field(default_factory=dict)
    """(attempt, operation) -> (sequence, fields) of what was acknowledged."""

    positions: dict[tuple[int, str], int] = field(default_factory=dict)
    lease: int = 0
    """Of the window that holds the attempt."""

    aside: int = 0
    """Answers that were kept without counting."""

    wrong: Counter[str] = field(default_factory=Counter)

    def live(self) -> None:
        for number in range(LIMIT):
            attempt = self.start()
            if attempt is None:
                return
            right, self.lease = self.world.right_answers(attempt), 0
            for _ in range(self.chance.randint(1, 2)):
                self.answer(attempt, right)
            if self.chance.random() < 0.5:
                self.move(attempt, right)
            self.end(attempt, right, last=number == LIMIT - 1)
        given = self.racers.together(*(self.starting() for _ in range(RACERS)))
        self.wrong["races.limit"] += sum(one != "Refused" for one in given)

    def soon(self) -> float:
        return self.chance.choice([0, 0, self.chance.uniform(0, 0.01)])

    def starting(self) -> Work:
        return Work("start", (self.actor, self.now, uuid.uuid4().hex, "tiny", "basics"), self.soon())

    def saving(self, attempt: int, position: int, fields: Fields, lease: int | None = None) -> Work:
        """An answer of the window that has this lease, or holds the attempt."""
        operation, lease = uuid.UUID(int=self.chance.getrandbits(128)).hex, self.lease if lease is None else lease
        self.positions[attempt, operation] = position
        return Work("save", (self.actor, self.now, attempt, lease, position, operation, fields), self.soon())

    def hear(self, works: list[Work], given: list[Any], why: str) -> None:
        """Notes what was acknowledged, or kept aside for this reason alone.

        The same operation has to have the same sequence each time.
        """
        for work, one in zip(works, given, strict=True):
            if work.action == "save" and isinstance(one, actions.Saved) and one.sequence:
                _, _, attempt, _, _, operation, fields = work.given
                before = self.told.setdefault((attempt, operation), (one.sequence, fields))
                self.wrong["races.answers"] += before != (one.sequence, fields)
            elif work.action == "save":
                self.aside += 1
                self.wrong["races.answers"] += one != actions.Saved(None, why)

    def start(self) -> int | None:
        given = self.racers.together(*(self.starting() for _ in range(RACERS)))
        self.wrong["races.attempts"] += len(set(given)) - 1 + sum(not isinstance(one, int) for one in given)
        begun = [one for one in given if isinstance(one, int)]
        return begun[0] if begun else None

    def guess(self, right: dict[int, Fields]) -> tuple[int, Fields]:
        """A slot and an answer, of which too few are right for a pass."""
        position = self.chance.randint(1, 4)
        return position, right[position] if position < 3 and self.chance.random() < 0.5 else {"choice": ["?"]}

    def answer(self, attempt: int, right: dict[int, Fields]) -> None:
        twice = self.saving(attempt, *self.guess(right))
        works = [twice, twice, *(self.saving(attempt, *self.guess(right)) for _ in range(RACERS - 2))]
        self.hear(works, self.racers.together(*works), why="")

    def move(self, attempt: int, right: dict[int, Fields]) -> None:
        """Two windows take over while the first still answers; the one that was last holds it, alone."""
        taking = [Work("take_over", (self.actor, self.now, attempt), self.soon()) for _ in range(2)]
        works = [*taking, *(self.saving(attempt, *self.guess(right)) for _ in range(2))]
        given, first = self.racers.together(*works), self.lease
        self.hear(works, given, MOVED)
        self.wrong["races.leases"] += {*given[:2]} != {first + 1, first + 2}
        self.lease = first + 2
        works = [self.saving(attempt, *self.guess(right), lease) for lease in (first, first + 1, *2 * [self.lease])]
        given = self.racers.together(*works)
        self.hear(works, given, MOVED)
        self.wrong["races.leases"] += [one.why for one in given] != [MOVED, MOVED, "", ""]

    def end(self, attempt: int, right: dict[int, Fields], last: bool) -> None:
        """Handed in while it is answered, and again or by the sweep, or while another is begun."""
        late = self.now + timedelta(hours=1)
        second = Work("finalise", (late, attempt), self.soon())
        if self.chance.random() < 0.5:
            second = Work("finish", (self.actor, self.now, attempt), self.soon())
        works = [
            Work("finish", (self.actor, self.now, attempt), self.soon()),
            second,
            self.saving(attempt, *self.guess(right)),
            self.starting() if last and self.chance.random() < 0.5 else self.saving(attempt, *self.guess(right)),
        ]
        given = self.racers.together(*works)
        self.hear(works, given, LATE)
        self.wrong["races.ends"] += sum(one not in (None, FINISHED) for one in given[:2])
        if works[3].action == "start":  # it is open still, or the limit is reached
            self.wrong["races.limit"] += given[3] not in {attempt, "Refused"}
        self.now = late

    def found(self) -> Counter[str]:
        """What is wrong in the database, and what was on the way."""
        wrong, ended = Counter(self.wrong), []
        with self.world.session() as session:
            mine = list(session.scalars(select(Attempt).filter_by(person_id=self.actor.person)))
            for attempt in mine:
                rows = list(session.scalars(select(AnswerLog).filter_by(attempt_id=attempt.id)))
                kept = {(attempt.id, row.operation): (row.sequence, row.fields) for row in rows}
                told = {key: value for key, value in self.told.items() if key[0] == attempt.id}
                wrong["races.answers"] += (kept != told) + (len(kept) != len(rows))
                wrong["races.answers"] += sorted(row.sequence for row in rows) != list(range(1, len(rows) + 1))
                last = sorted(told.items(), key=lambda one: one[1][0])
                ended.append((attempt, {self.positions[key]: fields for key, (_, fields) in last}))
                proofs = session.scalar(select(func.count()).where(Evidence.attempt_id == attempt.id))
                wrong["races.ends"] += proofs != 1 or attempt.version != len(rows) + 1
            ends = select(func.count()).where(Event.kind == "attempt.finished", Event.subject == self.actor.commitment)
            wrong["races.ends"] += session.scalar(ends) != len(mine)
            aside = select(func.count()).where(UnappliedAnswer.attempt_id.in_([one.id for one in mine]))
            wrong["races.answers"] += session.scalar(aside) != self.aside
        for attempt, answers in ended:
            wrong["races.scores"] += attempt.score != Taking(self.world, "", attempt.id).expected(answers)
        wrong["races.limit"] += max(0, len(mine) - LIMIT)
        return wrong


def newcomers(world: World, number: int, like: Actor) -> list[Actor]:
    """So many more of somebody's clinic."""

    def work(session: Session) -> list[Actor]:
        made = []
        for _ in range(number):
            email = f"{uuid.uuid4().hex}@example.org"
            row = people.create_person(session, "Nora Newcomer", email, "", email.encode(), like.locale, like.zone)
            people.join(session, world.clock(), like.organisation, row, [(TRAINEE, world.ids["Quay"])])
            made.append(replace(like, person=row.id, commitment=row.commitment))
        return made

    found: list[Actor] = world.do(work)
    return found


KINDS = ("races.attempts", "races.answers", "races.leases", "races.ends", "races.scores", "races.limit")


def a_round(engine: Engine, seed: str, lives: int, without: str = "") -> Found:
    """What is found after so many lives."""
    world = engine.world()
    try:
        course = tiny_course()
        quiz = replace(course.modules[0].quiz, attempts=LIMIT, within_days=30)
        limited = replace(course, modules=(replace(course.modules[0], quiz=quiz),))
        world.do(lambda session: courses.publish(session, world.clock(), limited))
        if without == "one_at_a_time":
            with looking(world) as connection:
                connection.execute(text("DROP INDEX uq_attempts_open"))
                connection.commit()
        wrong: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        with racing(world, without) as racers:
            for number, actor in enumerate(newcomers(world, lives, world.actor("trainee"))):
                life = Life(world, racers, actor, random.Random(f"{seed} {number}"), world.clock())
                life.live()
                wrong.update(life.found())
        return {"races.races": racers.races, **wrong}
    finally:
        world.close()


def test_what_is_done_at_once_is_done_once(engine: Engine) -> None:
    rounds = Rounds("races", engine.name)
    while rounds.go_on():
        rounds.add(a_round(engine, f"{SEED} {rounds.number}", lives=110))
    rounds.tell()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("without", "promise"),
    [
        ("known_operations", "races.answers"),
        ("one_window", "races.leases"),
        ("compare_and_set", "races.scores"),
        ("one_at_a_time", "races.attempts"),
    ],
)
def test_without_its_defence_it_is_seen(engine: Engine, without: str, promise: str) -> None:
    control(a_round(engine, SEED, lives=15, without=without), promise)
