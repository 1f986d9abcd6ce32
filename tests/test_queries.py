"""Counts that must not grow with the data. `make bench` prints them too, and what everything costs."""

from collections.abc import Iterator

import pytest

from tests.bench.cold import visit
from tests.bench.stage import MOST_COLD, MOST_QUERIES, MOST_QUERIES_FINISHING, Stage
from tests.world import Engine

MOST_OF_A_SCHEMA = 3
"""Whether there is a revision (PostgreSQL asks), which, and whether the people are the demo's."""


@pytest.fixture(scope="module")
def stage(engine: Engine) -> Iterator[Stage]:
    world = engine.world()
    yield Stage(world)
    world.close()


def test_a_first_visit_fetches_little_and_nothing_from_elsewhere(stage: Stage) -> None:
    for page in stage.pages():
        _, cold, elsewhere = visit(stage.browsers[page.who], page.url)
        assert not elsewhere, page.name
        assert cold <= MOST_COLD, page.name


def test_queries_are_few_and_do_not_grow_with_the_data(stage: Stage) -> None:
    few = stage.counts()
    stage.grow(200, 2)
    assert stage.counts() == few
    assert few.pop("finish") <= MOST_QUERIES_FINISHING
    assert {name: count for name, count in few.items() if count > MOST_QUERIES} == {}


def test_the_first_visit_of_a_process_asks_of_its_schema_and_of_the_demo_and_nothing_more(stage: Stage) -> None:
    today = stage.pages()[0]
    stage.count(today)
    (later,) = stage.count(today).values()
    stage.world.app.extensions.pop("schema_ready")
    (first,) = stage.count(today).values()
    assert later < first <= later + MOST_OF_A_SCHEMA
