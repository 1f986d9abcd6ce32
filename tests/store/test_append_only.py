"""What was recorded stays: nobody changes it or takes it away, the owner of the database included."""

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from mesotrain.store.db import Base, open_engine
from mesotrain.store.guards import APPEND_ONLY
from tests.store.filling import fill_every_table, rows
from tests.world import Engine, World

VERBS = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
}


def refusal(connection: Connection, statement: str) -> str:
    """What the database says against a statement; nothing where it obeys."""
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return str(error.orig)
    finally:
        connection.rollback()
    return ""


def attempts_of(world: World, address: str) -> dict[tuple[str, str], str]:
    """What is said to every verb on every append-only table over a connection to this address."""
    engine = open_engine(address)
    verbs = VERBS if engine.dialect.name == "postgresql" else {name: VERBS[name] for name in ("update", "delete")}
    with engine.connect() as connection:
        said = {
            (table, verb): refusal(
                connection, statement.format(table=table, column=next(iter(Base.metadata.tables[table].columns)).name)
            )
            for table in APPEND_ONLY
            for verb, statement in verbs.items()
        }
    engine.dispose()
    return said


def test_what_is_recorded_cannot_be_changed_or_taken_away(world: World) -> None:
    fill_every_table(world)
    with world.session() as session:
        before = rows(session)
        assert [table for table, found in before.items() if not found] == []
    as_owner = attempts_of(world, world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    assert [which for which, said in as_owner.items() if "append-only" not in said] == []
    as_application = attempts_of(world, world.environment["MESOTRAIN_DATABASE_URL"])
    reason = (
        "permission denied" if world.environment["MESOTRAIN_DATABASE_URL"].startswith("postgres") else "append-only"
    )
    assert [which for which, said in as_application.items() if reason not in said] == []
    with world.session() as session:
        assert rows(session) == before


def test_the_control_the_same_statements_pass_where_nothing_guards(world: World) -> None:
    fill_every_table(world)
    engine = open_engine(world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    with engine.connect() as connection:
        said = [refusal(connection, statement.format(table="standing_spans", column="state")) for statement in
                (VERBS["update"], VERBS["delete"])]  # fmt: skip
    engine.dispose()
    assert said == ["", ""]


AGAIN = {
    "update where it is there": "INSERT INTO answer_log SELECT * FROM answer_log WHERE sequence = 1 LIMIT 1 "
    "ON CONFLICT (attempt_id, sequence) DO UPDATE SET operation = 'changed'",
    "replace": "INSERT OR REPLACE INTO answer_log SELECT * FROM answer_log LIMIT 1",
}


@pytest.mark.parametrize("how", AGAIN)
def test_a_row_cannot_be_changed_by_inserting_it_again(
    world: World, engine: Engine, request: pytest.FixtureRequest, how: str
) -> None:
    """SQLite's INSERT OR REPLACE takes the old row away, and asks its trigger only when triggers are recursive."""
    fill_every_table(world)
    opened = open_engine(world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    with opened.connect() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON" if engine.name == "sqlite" else "SELECT 1")
        said = refusal(connection, AGAIN[how])
    opened.dispose()
    assert "append-only" in said or "syntax error" in said


def test_the_database_and_not_the_writer_chooses_a_place_in_the_log(
    world: World, engine: Engine, request: pytest.FixtureRequest
) -> None:
    """Whatever position is asked for, the next one is given; SQLite refuses to be asked."""
    with world.session() as session:
        table = Base.metadata.tables["events"]
        last = session.scalar(select(func.max(table.c.position)))
        for wanted in (None, 1, 1_000_000, -5):
            values = {"position": wanted, "kind": "x", "subject": "", "recorded_at": world.clock(), "body": b"{}"}
            asked = table.insert().values({name: value for name, value in values.items() if value is not None})
            if engine.name == "sqlite" and wanted is not None:
                with pytest.raises(DBAPIError, match=r"positions|UNIQUE"):
                    session.execute(asked)
            else:
                session.execute(asked)
        positions = session.scalars(select(table.c.position).order_by(table.c.position)).all()
        session.rollback()
    assert positions == list(range(1, last + (2 if engine.name == "sqlite" else 5)))


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_application_cannot_take_the_guards_away(world: World) -> None:
    """SQLite has one owner of the file and no roles."""
    engine = open_engine(world.environment["MESOTRAIN_DATABASE_URL"])
    with engine.connect() as connection:
        for statement in (
            "ALTER TABLE events DISABLE TRIGGER ALL",
            "DROP TRIGGER events_keeps ON events",
            "DROP FUNCTION append_only() CASCADE",
            "CREATE OR REPLACE FUNCTION next_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
            "SET session_replication_role = replica",
            "UPDATE alembic_version SET version_num = 'x'",
            "CREATE TABLE mine (id int)",
        ):
            said = refusal(connection, statement)
            assert "permission denied" in said or "must be owner" in said, (statement, said)
        assert connection.execute(text("SELECT count(*) FROM events")).scalar_one() > 0
    engine.dispose()
