"""An upgraded database is, to the letter, what the models make of an empty one."""

import difflib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy import Engine as AnyEngine
from sqlalchemy import event, text

from mesotrain.store.db import Base, open_engine
from mesotrain.store.schema import behind, head
from mesotrain.web import create_app
from tests.conftest import missing
from tests.store.filling import empty_database, fill_every_table, rows
from tests.world import Clock, Engine, World, environment

CHANGES = {
    "a check": {
        "sqlite": ("state IN ('open', 'marking', 'finished', 'void')", "state IN ('open', 'finished')"),
        "postgresql": ("state IN ('open', 'marking', 'finished', 'void')", "state IN ('open', 'finished')"),
    },
    "the predicate of a partial index": {
        "sqlite": ("module_id) WHERE state = 'open'", "module_id) WHERE state <> 'open'"),
        "postgresql": ("module_id) WHERE state = 'open'", "module_id) WHERE state <> 'open'"),
    },
    "a trigger": {
        "sqlite": ("BEFORE DELETE ON evidence ", "AFTER DELETE ON evidence "),
        "postgresql": ("BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence ", "BEFORE UPDATE OR DELETE ON evidence "),
    },
    "what a trigger does": {
        "sqlite": ("RAISE(ABORT, 'evidence is append-only')", "RAISE(IGNORE)"),
        "postgresql": ("coalesce(last.position, 0) + 1", "coalesce(NEW.position, 1)"),
    },
}
"""What Alembic's own comparison does not see: for each engine (as it is, as it is changed)."""


def schema(engine: Engine, address: str) -> list[str]:
    """The schema of a database in comparable lines, Alembic's own table left out."""
    return _sqlite(address) if engine.name == "sqlite" else _postgresql(address)


def _sqlite(address: str) -> list[str]:
    connection = sqlite3.connect(f"file:{address.removeprefix('sqlite:///')}?mode=ro", uri=True)
    found = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY type, name"
    ).fetchall()
    connection.close()
    return [line for kind, name, table, sql in found for line in (f"{kind} {name} ON {table}", *_parts(sql or ""))]


def _parts(sql: str) -> list[str]:
    """A statement, one line for each column or constraint; columns in their order, then constraints by name."""
    plain = re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split()))
    depth, lines = 0, [""]
    for char in plain:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 1:
            lines.append("")
        else:
            lines[-1] += char
    lines = [line.removesuffix(")") if line is lines[-1] else line for line in lines]
    head_, *rest = [part for line in lines for part in _apart(line)]
    return [head_, *sorted(rest, key=lambda line: line if line.startswith("CONSTRAINT ") else "")]


def _apart(line: str) -> list[str]:
    """A reference that was added with its column, as it is written when the table is made with both."""
    found = re.fullmatch(r"((\w+) INTEGER) (CONSTRAINT \w+) (REFERENCES .*)", line)
    return [found[1], f"{found[3]} FOREIGN KEY({found[2]}){found[4]}"] if found else [line]


def _postgresql(address: str) -> list[str]:
    if not shutil.which("pg_dump"):
        missing("pg_dump is not installed (Debian: postgresql-client): PostgreSQL schemas cannot be compared")
    command = ["pg_dump", "--schema-only", "--no-owner", "--no-privileges", "--exclude-table=alembic_version", address]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line for line in dump.splitlines() if line.strip() and not line.startswith(("--", "\\", "SET ", "SELECT "))]


def make(address: str, change: tuple[str, str] | None = None) -> None:
    """Makes every table of the models in an empty database, with a change to what is said to it."""
    engine, changed = open_engine(address), []

    def said(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        if change and change[0] in statement:
            changed.append(statement)
            statement = statement.replace(*change)
        return statement, parameters

    event.listen(engine, "before_cursor_execute", said, retval=True)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
    engine.dispose()
    assert bool(changed) == bool(change)


def difference(one: list[str], other: list[str]) -> list[str]:
    return list(difflib.unified_diff(one, other, "upgraded", "fresh", lineterm="", n=0))


def test_upgraded_equals_fresh(engine: Engine, world: World) -> None:
    upgraded = schema(engine, world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    with empty_database(engine) as address:
        make(address)
        assert difference(upgraded, schema(engine, address)) == []
    named = " ".join(upgraded)
    assert [table for table in Base.metadata.tables if table not in named] == []
    assert "uq_attempts_open" in named
    assert "evidence_keeps" in named


@pytest.mark.parametrize("what", CHANGES)
def test_the_control_a_changed_schema_is_seen(engine: Engine, what: str) -> None:
    with empty_database(engine) as address, empty_database(engine) as other:
        make(address)
        make(other, CHANGES[what][engine.name])
        assert difference(schema(engine, address), schema(engine, other)) != []


def on_empty(engine: Engine, work: Callable[[str], None]) -> None:
    """Upgrades an empty database in an application of its own and does something with it."""
    with empty_database(engine) as address:
        app = create_app(environment(address, engine.folder), Clock())
        with app.app_context():
            upgrade()
            work(address)
            from mesotrain.store.db import db  # noqa: PLC0415

            db.session.remove()
            db.engine.dispose()


def test_upgrading_again_does_nothing(engine: Engine, world: World) -> None:
    fill_every_table(world)
    address = world.environment["MESOTRAIN_OWNER_DATABASE_URL"]
    with world.session() as session:
        before = rows(session), schema(engine, address)
    with world.app.app_context():
        upgrade()
        upgrade()
    with world.session() as session:
        assert (rows(session), schema(engine, address)) == before


def test_an_empty_database_is_behind_until_it_is_upgraded(engine: Engine) -> None:
    def look(address: str) -> None:
        opened = open_engine(address)
        with opened.connect() as connection:
            assert not behind(connection, head())
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [head()]
        opened.dispose()

    with empty_database(engine) as address:
        opened = open_engine(address)
        with opened.connect() as connection:
            assert behind(connection, head())
        opened.dispose()
    on_empty(engine, look)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_does_not_enforce_foreign_keys_while_tables_are_remade(engine: Engine) -> None:
    """Enforcement on, dropping a table to make it again deletes, or is refused for, the rows that point to it."""
    enforced = []

    def watch(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "CREATE TABLE attempts" in statement:
            enforced.append(cursor.connection.execute("PRAGMA foreign_keys").fetchone()[0])

    event.listen(AnyEngine, "before_cursor_execute", watch)
    try:
        on_empty(engine, lambda _: None)
    finally:
        event.remove(AnyEngine, "before_cursor_execute", watch)
    assert set(enforced) == {0}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_application_role_is_given_its_rights_by_the_upgrade(world: World) -> None:
    with psycopg.connect(world.environment["MESOTRAIN_DATABASE_URL"]) as connection:
        rights = connection.execute(
            "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
            "FROM information_schema.role_table_grants WHERE grantee = current_user GROUP BY 1"
        ).fetchall()
    granted = dict(rights)
    assert granted["events"] == granted["answer_log"] == "INSERT SELECT"
    assert granted["attempts"] == "DELETE INSERT SELECT UPDATE"
    assert granted["alembic_version"] == "SELECT"
    assert set(granted) == {*Base.metadata.tables, "alembic_version"}
    assert os.environ.get("PGUSER", "") != "mesotrain_test_application"
