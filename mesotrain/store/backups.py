"""Everything that is kept, read at one moment from either engine and put into an empty database of either.

Tables are taken as the database has them, so that a database of any revision can be read and made again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    collate,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import Connection

from mesotrain.core.errors import Refused
from mesotrain.formats import backups as form
from mesotrain.store import outbox, schema
from mesotrain.store.db import Moment

AT_ONCE = 500


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is committed meanwhile; nobody waits for it."""
    options: dict[str, Any] = {"writes": False}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def tables(connection: Connection) -> list[Table]:
    """The tables that hold what is kept, by name: not Alembic's own, nor what an engine makes for its search."""
    found = inspect(connection)
    names = set(found.get_table_names()) - {"alembic_version"}
    if connection.dialect.name == "sqlite":
        plain = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        names &= set(connection.execute(text(plain)).scalars())
    keys = {name: one["constrained_columns"] for (_, name), one in found.get_multi_pk_constraint().items()}
    columns = {name: those for (_, name), those in found.get_multi_columns().items()}
    return [
        Table(name, MetaData(), *(_column(one, keys[name]) for one in columns[name] if "computed" not in one))
        for name in sorted(names)
    ]


def _column(found: Any, keys: Sequence[str]) -> "Column[Any]":
    name, kind = found["name"], found["type"]
    return Column(name, Moment() if isinstance(kind, DateTime) else kind, primary_key=name in keys)


def contents(connection: Connection) -> Iterator[form.Table]:
    """Every table with its rows, in an order that both engines give alike."""
    for table in tables(connection):
        yield form.Table(table.name, [column.name for column in table.columns], _rows(connection, table))


def _rows(connection: Connection, table: Table) -> Iterator[form.Row]:
    bytewise = connection.dialect.name == "postgresql"
    order = [collate(one, "C") if bytewise and isinstance(one.type, String) else one for one in table.primary_key]
    found = connection.execute(select(table).order_by(*order), execution_options={"yield_per": AT_ONCE})
    return map(tuple, found)


def restore(
    engine: Engine, now: datetime, whole: form.Contents, given: Iterable[form.Table], last: Callable[[], None]
) -> None:
    """Makes a backup's tables and rows again in an empty database, and brings them to the newest revision.

    All in one transaction, with `last` done before it is kept. Raises Refused for a database that is not empty, for a
    backup of a newer program, and where what was kept does not read back as it was written. Mail is held back.
    """
    with engine.connect() as connection:
        schema.unchecked(connection)
        with connection.begin():
            _empty(connection, whole.about["schema"])
            remake(connection, whole, given)
            schema.upgrade(connection, "head")
            schema.nothing_dangles(connection)
            connection.execute(insert(outbox.MailHold).values(held_at=now))
            if connection.dialect.name == "postgresql":
                connection.execute(text("ANALYZE"))  # it would plan by guesses until it has counted by itself
            last()


def remake(connection: Connection, whole: form.Contents, given: Iterable[form.Table]) -> None:
    """Makes a backup's tables and rows again, at its own revision. Raises Refused where they do not read back."""
    schema.upgrade(connection, whole.about["schema"])
    with _any_order(connection):
        _fill(connection, given)
    if {one.name: _tally(one).model() for one in contents(connection)} != whole.tables:
        raise Refused("What was restored does not read back as it was written, so none of it was kept.")
    if connection.dialect.name == "postgresql":
        _continue_numbers(connection)


def _empty(connection: Connection, revision: str) -> None:
    """Raises Refused where a backup of this revision would meet something."""
    for table in tables(connection):
        if connection.execute(select(table).limit(1)).first():
            raise Refused(
                "This database is not empty: there is something in %(table)s. Restore into an empty one.",
                table=table.name,
            )
    if schema.revision(connection) not in {None, revision}:
        raise Refused("This database has the tables of another revision; make it anew and restore again.")
    if revision not in schema.revisions():
        raise Refused(
            "This backup was made by a newer Mesotrain (revision %(revision)s). Install that one or a newer one.",
            revision=revision,
        )


def _fill(connection: Connection, given: Iterable[form.Table]) -> None:
    made = {table.name: table for table in tables(connection)}
    for one in given:
        table = made[one.name]
        reads = [_reader(table.columns[name].type) for name in one.columns]
        left = iter(one.rows)
        while some := list(islice(left, AT_ONCE)):
            rows = [
                {
                    name: value if value is None else read(value)
                    for name, read, value in zip(one.columns, reads, row, strict=True)
                }
                for row in some
            ]
            connection.execute(insert(table), rows)


def _reader(kind: Any) -> Callable[[Any], Any]:
    return form.READ.get(datetime if isinstance(kind, Moment) else kind.python_type, lambda value: value)


def _tally(table: form.Table) -> form.Tally:
    tally = form.Tally()
    for row in table.rows:
        tally.line(row)
    return tally


@contextmanager
def _any_order(connection: Connection) -> Iterator[None]:
    """PostgreSQL looks at references when all rows are there; SQLite was told not to look."""
    if connection.dialect.name == "sqlite":
        yield
        return
    quote = connection.dialect.identifier_preparer.quote
    alter = [
        f"ALTER TABLE {quote(table)} ALTER CONSTRAINT {quote(str(key['name']))}"
        for (_, table), keys in inspect(connection).get_multi_foreign_keys().items()
        for key in keys
    ]
    for one in alter:
        connection.exec_driver_sql(f"{one} DEFERRABLE INITIALLY DEFERRED")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for one in alter:
        connection.exec_driver_sql(f"{one} NOT DEFERRABLE")


def _continue_numbers(connection: Connection) -> None:
    """PostgreSQL counts on from the rows that are there."""
    for table in tables(connection):
        for column in (one for one in table.primary_key if isinstance(one.type, Integer)):
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = func.max(column)
            connection.execute(select(func.setval(sequence, last)).having(last.is_not(None)))
