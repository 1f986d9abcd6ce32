"""The engines and the world, for every test that asks."""

import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from tests.databases import postgresql_address
from tests.world import Engine, World, postgresql_engine, sqlite_engine

settings.register_profile("noisy machines", deadline=None)
settings.load_profile("noisy machines")


def pytest_collection_finish() -> None:
    """All the tests that were found stay to the end, so no collection of garbage looks at them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


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
    made.copies.drop()


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """The cast and the tiny course, fresh."""
    made = engine.world()
    yield made
    made.close()


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    """Payloads that others published against sanitisers and Markdown renderers."""
    folder = Path(__file__).parents[2] / "shared" / "corpora" / "hostile"
    if not folder.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the hostile corpora are not in {folder}")
    texts: list[str] = json.loads((folder / "blns/blns.json").read_text("utf-8"))
    texts += json.loads((folder / "owasp-cheatsheets/xss_payloads.json").read_text("utf-8"))
    texts += [row["payload"] for row in json.loads((folder / "dompurify/expect.json").read_text("utf-8"))]
    texts += [row["markdown"] for row in json.loads((folder / "commonmark/commonmark.json").read_text("utf-8"))]
    return texts
