"""Where the migrations are, and whether a database has them all."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def head() -> str:
    """The newest revision there is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_current_head())


def behind(connection: Connection, wanted: str) -> bool:
    """Whether the database is at another revision than `wanted`."""
    return MigrationContext.configure(connection).get_current_revision() != wanted
