"""Where the migrations are, and whether a database has them all."""

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def revisions() -> tuple[str, ...]:
    """Every revision there is, the newest first."""
    return tuple(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    """The newest revision there is."""
    return revisions()[0]


def revision(connection: Connection) -> str | None:
    """Where the database stands; None before its first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def behind(connection: Connection, wanted: str) -> bool:
    """Whether the database is at another revision than `wanted`."""
    return revision(connection) != wanted


def upgrade(connection: Connection, to: str) -> None:
    """Runs the migrations in the transaction of this connection, within an application."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def unchecked(connection: Connection) -> None:
    """Lets SQLite make tables again: it checks no reference until `nothing_dangles` does. Before a transaction."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys=OFF")


def nothing_dangles(connection: Connection) -> None:
    """Raises RuntimeError where `unchecked` let a reference lead nowhere."""
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"references would lead nowhere: {broken[:5]}")
