"""Runs the migrations as the owner, all of them in one transaction, and grants the application its rights."""

import logging
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Connection

from mesotrain.store.db import Base, open_engine, url_of
from mesotrain.store.guards import grant
from mesotrain.store.schema import nothing_dangles, unchecked

logging.getLogger("alembic").setLevel(logging.WARNING)


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration outlives our column types: it is written with the library's own."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def run(connection: Connection) -> None:
    """Upgrades over this connection. SQLite checks its foreign keys after, not during, tables being remade."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        render_item=plain,
        transaction_per_migration=False,
        transactional_ddl=True,  # SQLite's too, which Alembic would not believe: it would commit each migration
    )
    with context.begin_transaction():
        context.run_migrations()
        nothing_dangles(connection)
        owner, application = (url_of(current_app.config[name]) for name in ("OWNER_DATABASE_URL", "DATABASE_URL"))
        if not sqlite and application.username and application.username != owner.username:
            grant(connection, application.username)


if (given := context.config.attributes.get("connection")) is not None:  # whoever restores has begun already
    run(given)
else:
    engine = open_engine(current_app.config["OWNER_DATABASE_URL"])
    with engine.connect() as connection:
        unchecked(connection)
        run(connection)
    engine.dispose()
