"""What the other tests rest on: a database that is used again is as it was at first."""

import psycopg
import pytest

from mesotrain.store.db import open_engine
from tests.store.filling import fill_every_table, rows
from tests.world import Engine, World


def standing(owner: str) -> object:
    """Where the sequences of a database stand."""
    with psycopg.connect(owner) as connection:
        return connection.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1").fetchall()


def owner_of(world: World) -> str:
    return world.environment["MESOTRAIN_OWNER_DATABASE_URL"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_database_is_used_again_as_it_was(engine: Engine) -> None:
    first = engine.world()
    with first.session() as session:
        untouched, sequences = rows(session), standing(owner_of(first))
    fill_every_table(first)
    with first.session() as session:
        assert all(rows(session).values())
    assert standing(owner_of(first)) != sequences
    first.close()
    again = engine.world()
    with again.session() as session:
        assert rows(session) == untouched
    assert (owner_of(again), standing(owner_of(again))) == (owner_of(first), sequences)
    again.close()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "CREATE INDEX more ON people (name)",
        "REVOKE SELECT ON events FROM mesotrain_test_application",
        "ALTER TABLE people ADD COLUMN more int",
    ],
)
def test_one_whose_schema_was_changed_is_not_used_again(engine: Engine, change: str) -> None:
    changed = engine.world()
    opened = open_engine(owner_of(changed))
    with opened.begin() as connection:
        connection.exec_driver_sql(change)
    opened.dispose()
    changed.close()
    other = engine.world()
    assert owner_of(other) != owner_of(changed)
    other.close()
