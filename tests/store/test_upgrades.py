"""A database of any revision that landed upgrades with all it holds; an upgrade that is killed is old or new."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine as AnyEngine
from sqlalchemy import event

from mesotrain.formats import backups as form
from mesotrain.store import backups as store
from mesotrain.store.db import db, open_engine
from mesotrain.store.schema import head, revision, revisions, unchecked
from mesotrain.web import create_app
from tests.store.filling import copied, empty_database
from tests.store.landing import LANDED
from tests.store.test_schema import difference, make, schema
from tests.world import Clock, Engine, World, environment

REVISIONS = revisions()[::-1]
PASSING = frozenset({"0004", "0012"})
"""Revisions that landed together with the next one: no database ever stood there."""

SEED = "an upgrade"
BETWEEN, ANYWHERE = 10, 6
"""Kills between two statements of an upgrade, and at any instant of it."""

Data = dict[str, tuple[list[str], list[Any]]]
"""Each table's columns and rows."""


def test_every_revision_that_landed_is_recorded() -> None:
    recorded = {path.stem for path in LANDED.glob("*.backup")}
    missing = set(REVISIONS) - {head()} - PASSING - recorded
    assert not missing, f"without the newest migration, run: python -m tests.store.landing  (for {missing})"


def settings(engine: Engine, owner: str) -> dict[str, str]:
    return environment(owner, engine.folder)


@contextmanager
def application(engine: Engine, owner: str) -> Iterator[Flask]:
    app = create_app(settings(engine, owner), Clock())
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def build(engine: Engine, owner: str, at: str) -> None:
    """A database at a revision, with what was recorded at the last one before it that landed."""
    recorded = max(path for path in LANDED.glob("*.backup") if REVISIONS.index(path.stem) <= REVISIONS.index(at))
    opened = open_engine(owner)
    with application(engine, owner), recorded.open("rb") as file, opened.connect() as connection:
        whole = form.verify(file, recorded.name)
        unchecked(connection)
        with connection.begin():
            store.remake(connection, whole, form.read(file))
        upgrade(revision=at)
    opened.dispose()


def data(owner: str) -> tuple[str | None, Data]:
    """Where a database stands and what is in it."""
    opened = open_engine(owner)
    with store.snapshot(opened) as connection:
        found = {one.name: (one.columns, list(one.rows)) for one in store.contents(connection)}
        at = revision(connection)
    opened.dispose()
    return at, found


def kept(before: Data, after: Data) -> list[str]:
    """Tables in which something that was there is not there any more, or otherwise."""
    lost = []
    for name, (columns, rows) in before.items():
        now, there = after.get(name, ([], []))
        if not set(columns) <= set(now) or [
            tuple(row[now.index(column)] for column in columns) for row in there[: len(rows)]
        ] != list(map(tuple, rows)):
            lost.append(name)
    return lost


@pytest.mark.parametrize("at", REVISIONS)
def test_a_database_of_any_revision_upgrades_with_all_it_holds(engine: Engine, at: str) -> None:
    with empty_database(engine) as owner, empty_database(engine) as fresh:
        build(engine, owner, at)
        was, before = data(owner)
        assert was == at
        assert sum(len(rows) for _, rows in before.values()) > 100
        with application(engine, owner) as app:
            upgrade()
        now, after = data(owner)
        assert now == head()
        assert kept(before, after) == []
        make(fresh)
        assert difference(schema(engine, owner), schema(engine, fresh)) == []
        world = World(app, app.extensions["clock"], settings(engine, owner), engine.ids)
        page = world.client("trainee").get("/courses/tiny/basics").get_data(as_text=True)
        assert "One thing matters most" in page
        before["people"][1][0] = ("changed",)
        assert kept(before, after) == ["people"], "the control: a changed row is seen"


# Killed -------------------------------------------------------------------------------------------------------------


def run_upgrade(values: dict[str, str], last: int, to: str, said: Any) -> None:
    """Upgrades in a process of its own, which kills itself before statement `last` or the commit after it."""
    count = 0

    def step(*_: Any) -> None:
        nonlocal count
        count += 1
        said.value = count
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    app = create_app(values)
    event.listen(AnyEngine, "before_cursor_execute", step)
    event.listen(AnyEngine, "commit", step)
    with app.app_context():
        upgrade(revision=to)


class Upgrades:
    """Copies of one old database, and processes that upgrade them."""

    def __init__(self, engine: Engine, old: str) -> None:
        self.engine, self.old = engine, old
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["mesotrain.web", "flask_migrate", __name__])
        self.said = self.context.Value("i", 0)

    def start(self, address: str, last: int = 0, to: str = "head") -> BaseProcess:
        process = self.context.Process(target=run_upgrade, args=(settings(self.engine, address), last, to, self.said))
        process.start()
        return process

    def ran(self, address: str, last: int = 0, to: str = "head") -> int | None:
        """The exit status of an upgrade."""
        process = self.start(address, last, to)
        process.join(60)
        return process.exitcode

    def state(self, address: str) -> Any:
        """All that can be told of a database."""
        return schema(self.engine, address), data(address)


@pytest.fixture
def upgrades(engine: Engine) -> Iterator[Upgrades]:
    with empty_database(engine) as old:
        build(engine, old, REVISIONS[0])
        made = Upgrades(engine, old)
        yield made


def kills(upgrades: Upgrades, statements: int, seconds: float) -> Iterator[Callable[[str], None]]:
    chance = random.Random(SEED)
    points = {1, 2, statements - 1, statements, *chance.sample(range(3, statements - 1), BETWEEN - 4)}
    for point in sorted(points):

        def between(address: str, point: int = point) -> None:
            assert upgrades.ran(address, point) == -signal.SIGKILL

        yield between
    for _ in range(ANYWHERE):

        def anywhere(address: str) -> None:
            process = upgrades.start(address)
            time.sleep(chance.uniform(0.3, 1.3) * seconds)
            process.kill()
            process.join(60)

        yield anywhere


def test_an_upgrade_that_is_killed_is_old_or_new_and_ends_when_it_is_run_again(
    upgrades: Upgrades, capsys: pytest.CaptureFixture[str]
) -> None:
    old = upgrades.state(upgrades.old)
    with copied(upgrades.engine, upgrades.old) as address:
        upgrades.ran(address, 1)  # the first process loads what the others find
        began = time.monotonic()
        assert upgrades.ran(address) == 0
        seconds, statements = time.monotonic() - began, upgrades.said.value
        new = upgrades.state(address)
    assert old != new
    found = []
    for kill in kills(upgrades, statements, seconds):
        with copied(upgrades.engine, upgrades.old) as address:
            kill(address)
            found.append({repr(old): "old", repr(new): "new"}.get(repr(upgrades.state(address)), "between"))
            assert upgrades.ran(address) == 0
            assert upgrades.state(address) == new
    with capsys.disabled():
        print(f"\nfigure upgrade.{upgrades.engine.name} statements={statements} killed={len(found)} {found}")  # noqa: T201 (a figure)
    assert set(found) <= {"old", "new"}
    assert "old" in found


def test_the_control_a_database_between_old_and_new_is_seen(upgrades: Upgrades) -> None:
    with copied(upgrades.engine, upgrades.old) as between, copied(upgrades.engine, upgrades.old) as address:
        assert upgrades.ran(between, to=REVISIONS[1]) == upgrades.ran(address) == 0
        assert upgrades.state(between) not in [upgrades.state(upgrades.old), upgrades.state(address)]
