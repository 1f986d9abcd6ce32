"""The engines and the world, for every test that asks."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.world import Engine, World, drops, postgresql_address, postgresql_engine, sqlite_engine


def missing(what: str) -> None:
    """Skips with a sentence; in continuous integration what is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A template database on each engine, from which every test gets a copy of its own."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        yield sqlite_engine(folder)
        return
    try:
        made = postgresql_engine(folder)
    except psycopg.OperationalError as error:
        missing(f"PostgreSQL does not answer at {postgresql_address()} (TEST_DATABASE_URL): {error}")
        return
    yield made
    drops.pop(id(made))()


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """The cast and the tiny course, fresh."""
    made = engine.world()
    yield made
    with made.app.app_context():
        from mesotrain.store.db import db  # noqa: PLC0415

        db.session.remove()
        db.engine.dispose()
