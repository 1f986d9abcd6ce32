"""Takers answer over HTTP while the server is killed again and again: nothing acknowledged is lost or doubled."""

import json
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from mesotrain.core.attempts import FINISHED
from mesotrain.core.questions import Fields
from mesotrain.store.answers import rebuild_answers
from mesotrain.store.attempts import Attempt
from tests.actions.taking import Taking, records
from tests.cluster import Cluster, cluster
from tests.conftest import missing
from tests.figures.promises import SOAK, Found, Rounds, control
from tests.served import Served, until
from tests.takers import Row, Taker, doubled, enrol, gaps, log_of, looking, lost, newest, projection, sitting
from tests.world import Engine, World, postgresql_engine

SEED = "20270312"
TAKERS = 200
KILLS = 50
"""In a round; one in five falls into the start itself."""

RESTARTS = 20
ANSWERS = 1300 if SOAK else 250
"""At most so many are given between two kills."""

LONG = 180.0
"""Seconds after which a server that answers nobody never will."""


def answers(served: Served, takers: list[Taker], more: int) -> None:
    """Until the takers have so many more."""
    enough = sum(taker.replies for taker in takers) + more

    def there() -> bool:
        return sum(taker.replies for taker in takers) >= enough or any(taker.error for taker in takers)

    until(there, served.log, LONG)


def kill(served: Served, takers: list[Taker], chance: random.Random, kills: int) -> float:
    """Kills the server at random instants, starting it again each time; it serves at the end.

    Gives how many seconds it took at most until it served again.
    """
    longest = 0.0
    for number in range(kills + 1):
        began = time.monotonic()
        served.start()
        into_the_start = number % 5 == 4 and number < kills
        if not into_the_start:
            answers(served, takers, 1)
            longest = max(longest, (time.monotonic() - began) * served.share())
            answers(served, takers, chance.randint(1, ANSWERS))
        if number < kills:
            time.sleep(chance.uniform(0, 1.5 if into_the_start else 0.05))
            assert served.signal(signal.SIGKILL) == -signal.SIGKILL
    return longest


def restart(cluster: Cluster, served: Served, takers: list[Taker], chance: random.Random, times: int) -> float:
    """Stops PostgreSQL at random instants, as if the power had gone. Gives how long nobody was answered at most."""
    longest = 0.0
    served.start()
    for number in range(times + 1):
        answers(served, takers, chance.randint(1, ANSWERS))
        if number < times:
            cluster.stop()
            began = time.monotonic()
            cluster.start()
            answers(served, takers, 1)
            longest = max(longest, (time.monotonic() - began) * served.share())
    return longest


Trouble = Callable[[Served, list[Taker], random.Random, int], float]


def a_round(
    engine: Engine,
    folder: Path,
    seed: str,
    times: int,
    trouble: Trouble = kill,
    part: str = "kill",
    without: str = "",
) -> Found:
    """What is found once the server had this trouble so often, and was stopped."""
    world = engine.world()
    world.clock.now = datetime.now(UTC)
    served = Served(world, folder / f"{seed}.log", without=without)
    try:
        with sitting(served.port, enrol(world, TAKERS), seed) as takers:
            longest = trouble(served, takers, random.Random(seed), times)
        assert {repr(taker.error) for taker in takers} == {"None"}, served.log.read_text()[-6000:]
        assert served.signal(signal.SIGINT) == 0, served.log.read_text()[-2000:]
        until(lambda: served.processes() == [], "a process lives on after a normal stop", 8)
        told = [row for taker in takers for row in taker.told]
        finished = [attempt for taker in takers for attempt in taker.finished]
        with looking(world) as connection:
            log, kept = log_of(connection), projection(connection)
            found = {
                f"{part}.times": times,
                f"{part}.acknowledged": len(told),
                f"{part}.lost": len(lost(log, told)) + len(newest(told).items() - kept.items()),
                f"{part}.doubled": doubled(log, told),
                f"{part}.gaps": gaps(connection, log),
                f"{part}.back": round(longest, 1),
            }
        if without:
            return found
        world.do(rebuild_answers)
        with looking(world) as connection:
            assert projection(connection) == kept
        return found | {f"{part}.misscored": misscored(world, finished, told)}
    finally:
        served.clear()
        world.close()


def misscored(world: World, finished: list[int], told: list[Row]) -> int:
    """How many attempts that were handed in have not the score of what was acknowledged, or not one proof of it."""
    given: dict[int, dict[int, Fields]] = {attempt: {} for attempt in finished}
    for (attempt, position), (_, fields) in newest(told).items():
        if attempt in given:
            given[attempt][position] = json.loads(fields)
    with world.session() as session:
        proofs, kinds = records(session)
        scores = {one.id: one.score for one in session.scalars(select(Attempt).where(Attempt.state == FINISHED))}
    assert kinds["attempt.finished"] == kinds["evidence.recorded"] == sum(proofs.values())
    assert finished
    return sum(
        scores.get(attempt) != Taking(world, "", attempt).expected(answers) or proofs[attempt] != 1
        for attempt, answers in given.items()
    )


def test_nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed(engine: Engine, tmp_path: Path) -> None:
    rounds = Rounds("kill", engine.name)
    while rounds.go_on():
        rounds.add(a_round(engine, tmp_path, f"{SEED} {engine.name} {rounds.number}", KILLS))
    rounds.tell()


def test_nothing_is_when_its_postgresql_is_stopped_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster() as made:
        if made is None:
            missing("PostgreSQL's own programs (initdb, pg_ctl) are not installed")
            return
        monkeypatch.setenv("TEST_DATABASE_URL", made.address)
        engine, rounds = postgresql_engine(tmp_path), Rounds("restarts")
        while rounds.go_on():
            seed = f"{SEED} restarts {rounds.number}"
            rounds.add(a_round(engine, tmp_path, seed, RESTARTS, partial(restart, made), "restarts"))
        rounds.tell()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("without", "promise"),
    [("durable_before_acknowledged", "kill.lost"), ("known_operations", "kill.doubled")],
)
def test_without_its_defence_it_is_seen(engine: Engine, tmp_path: Path, without: str, promise: str) -> None:
    control(a_round(engine, tmp_path, SEED, 6, without=without), promise)
