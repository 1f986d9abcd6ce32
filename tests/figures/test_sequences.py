"""Two clients of one person, over a network that loses replies, doubles and reorders: as a model of one page says."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.core.attempts import LATE, MOVED
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.questions import Fields
from mesotrain.store.answers import Answer
from mesotrain.store.attempts import Attempt
from tests.actions.taking import MINUTES, Taking
from tests.figures.promises import SOAK, control, tell
from tests.figures.test_races import newcomers
from tests.figures.without import known_operations, one_window
from tests.world import Engine, World

STEPS = 50
GUESSES: list[Fields] = [{"choice": ["?"]}, {"number": ["0.731"]}, {"number": ["1"]}, {"choice": []}]


class Model:
    """What the service has to do, on one page."""

    def __init__(self, minutes: int) -> None:
        self.length, self.open, self.deadline = timedelta(minutes=minutes), False, None
        self.log: dict[str, tuple[int, int, Fields]] = {}
        self.lease = 0

    def start(self, now: Any) -> None:
        if not self.open or now >= self.deadline:
            self.open, self.deadline, self.log, self.lease = True, now + self.length, {}, 0

    def take_over(self, now: Any) -> int | str:
        if not self.open or now >= self.deadline:
            return Ended.__name__
        self.lease += 1
        return self.lease

    def save(self, now: Any, lease: int, operation: str, position: int, fields: Fields) -> tuple[int, str]:
        if operation in self.log:
            return self.log[operation][0], ""
        if not self.open or now >= self.deadline:
            return (0, LATE)
        if lease != self.lease:
            return (0, MOVED)
        self.log[operation] = (len(self.log) + 1, position, fields)
        return len(self.log), ""

    def end(self, now: Any, swept: bool) -> None:
        if not swept or now >= self.deadline:
            self.open = False

    def answers(self) -> dict[int, Fields]:
        return {position: fields for _, position, fields in self.log.values()}


def machine(world: World, count: list[int]) -> type[RuleBasedStateMachine]:
    """The state machine on this world; it counts its steps."""

    class Clients(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            [self.actor] = newcomers(world, 1, world.actor("trainee"))
            self.model, self.attempt = Model(MINUTES), 0  # there is one from `begin` on
            self.flying: list[tuple[int, int, str, int, Fields]] = []
            self.leases = {1: 0, 2: 0}

        def do(self, work: Callable[[Session], Any]) -> Any:
            count[0] += 1
            try:
                return world.do(work)
            except (Ended, NotFound, Refused) as error:
                return type(error).__name__

        @initialize()
        def begin(self) -> None:
            self.start(1)

        @rule(client=st.integers(1, 2))
        def start(self, client: int) -> None:
            now = world.clock()
            given = self.do(lambda s: actions.start(s, self.actor, now, f"{client}{now}", "tiny", "basics"))
            if not self.model.open or now >= self.model.deadline:
                assert given != self.attempt
                self.flying, self.leases = [], {1: 0, 2: 0}
            self.model.start(now)
            self.attempt = given

        @rule(client=st.integers(1, 2))
        def take_over(self, client: int) -> None:
            """A client goes on here."""
            now, attempt = world.clock(), self.attempt
            given = self.do(lambda s: actions.take_over(s, self.actor, now, attempt))
            assert given == self.model.take_over(now)
            if isinstance(given, int):
                self.leases[client] = given

        @rule(
            client=st.integers(1, 2),
            position=st.integers(1, 4),
            fields=st.sampled_from(GUESSES),
            comes=st.sampled_from(["late", "at once", "twice"]),
        )
        def send(self, client: int, position: int, fields: Fields, comes: str) -> None:
            """A client sends a save; it arrives at once, or the network has it now."""
            self.flying.append((self.attempt, self.leases[client], uuid.uuid4().hex, position, fields))
            if comes != "late":
                self.arrive(len(self.flying) - 1, comes == "twice")

        @rule(which=st.integers(0, 99), again=st.booleans())
        @precondition(lambda self: self.flying)
        def arrive(self, which: int, again: bool) -> None:
            """Any message that flies arrives; where its reply is lost it is sent `again`."""
            one = self.flying[which % len(self.flying)]
            if not again:
                self.flying.remove(one)
            now, (attempt, lease, operation, position, fields) = world.clock(), one
            done = self.do(lambda s: actions.save(s, self.actor, now, attempt, lease, position, operation, fields))
            assert (done.sequence, done.why) == self.model.save(now, lease, operation, position, fields)

        @rule(swept=st.booleans())
        def end(self, swept: bool) -> None:
            """A client hands in, or the sweep comes by."""
            now, attempt = world.clock(), self.attempt
            if not swept:
                self.do(lambda s: actions.finish(s, self.actor, now, attempt))
            elif self.model.deadline <= now:
                self.do(lambda s: actions.finalise(s, now, attempt))
            self.model.end(now, swept)

        @rule(minutes=st.sampled_from([0, 1, 7, 19.99, 20, 30]))
        def wait(self, minutes: float) -> None:
            world.clock.forward(minutes=minutes)

        def teardown(self) -> None:
            taking = Taking(world, "", self.attempt)
            row = taking.row()
            assert (row.state == "open") == self.model.open
            assert row.version == len(self.model.log) + (not self.model.open)
            with world.session() as session:
                kept = {
                    one.position: one.fields for one in session.scalars(select(Answer).filter_by(attempt_id=row.id))
                }
                ids = session.scalars(select(Attempt.id).filter_by(person_id=self.actor.person, state="open")).all()
            assert kept == self.model.answers()
            assert len(ids) == self.model.open
            if not self.model.open:
                assert row.score == taking.expected(self.model.answers())

    return Clients


def run(world: World, examples: int) -> dict[str, int]:
    count, wrong = [0], 0
    quick = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        run_state_machine_as_test(machine(world, count), settings=quick)
    except (AssertionError, ExceptionGroup) as error:
        print(error)  # noqa: T201 (which steps they were)
        wrong = 1
    return {"sequences.steps": count[0], "sequences.wrong": wrong}


def test_two_clients_see_what_the_model_says(world: World, engine: Engine) -> None:
    tell(run(world, 1100 if SOAK else 220), engine.name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("take_away", [known_operations, one_window])
def test_without_its_defence_it_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, take_away: Callable[[], None]
) -> None:
    monkeypatch.setattr(actions, "append", actions.append)  # given back after
    take_away()
    control(run(world, 200), "sequences.wrong")
