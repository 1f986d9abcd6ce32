"""The database itself: column types, the two engines' settings, and the one place that commits."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pysqlite3.dbapi2 as sqlite
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, Select, Text, TypeDecorator, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import URL, Connection, Dialect
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from mesotrain.core.canonical import canonical
from mesotrain.core.errors import Refused

SQLITE_AT_LEAST = (3, 51, 3)
POSTGRESQL_AT_LEAST = 15
BUSY_SECONDS = 10
ATTEMPTS = 5
LONGEST_UNIT = timedelta(minutes=1)
"""How long one try of a unit of work may take until it commits."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # else INSERT OR REPLACE would pass the append-only triggers by
    f"busy_timeout={BUSY_SECONDS}000",
)
RETRIED = {"40001", "40P01", "55P03", "23505"}
"""PostgreSQL: serialisation failure, deadlock, lock not available; and a row that another made at the same moment."""

T = TypeVar("T")


class Base(DeclarativeBase):
    """Every table is a subclass; constraints are named so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class Collision(Exception):
    """Another unit of work changed what this one had read; `transact` runs it again.

    `lock` selects the row they met at; the next try begins by locking it, so it meets nobody there.
    """

    def __init__(self, lock: Select[Any] | None = None) -> None:
        super().__init__("two units of work met")
        self.lock = lock


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs its zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Canonical(TypeDecorator[Any]):
    """A JSON value kept as its canonical text, so that what is read is byte for byte what was written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


@lru_cache(maxsize=4096)
def _published(text: str) -> Any:
    return json.loads(text)


class Published(Canonical):
    """One of a version that never changes, so it is decoded once; nobody who reads it may change it either."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else _published(value)


def engine_name(session: Session) -> str:
    """Which of the two engines it is: sqlite or postgresql."""
    return session.get_bind().dialect.name


def insert_or(engine: str, table: type[Base]) -> Insert:
    """An insert that goes on to say what happens instead where its row is there already, in this engine's words."""
    return insert_sqlite(table) if engine == "sqlite" else insert_postgresql(table)  # type: ignore[return-value]


def url_of(address: str) -> URL:
    """The SQLAlchemy URL of a database address. Raises Refused for an engine that is neither of the two."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise Refused("The database address cannot be read; write sqlite:///PATH or postgresql://...") from error
    match url.get_backend_name():
        case "sqlite":
            return url.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise Refused(
                "“%(name)s” is not a database Mesotrain runs on; use sqlite:/// or postgresql://.", name=other
            )


def engine_options(address: str, pool_size: int) -> dict[str, Any]:
    """Options for the engine of this address."""
    if url_of(address).get_backend_name() == "sqlite":
        more: dict[str, Any] = {"module": sqlite, "connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
    else:
        more = {"pool_size": pool_size, "max_overflow": 0, "pool_pre_ping": True}
    return {**more, "hide_parameters": True}  # an error that is logged names nobody


def prepare(engine: Engine) -> None:
    """Gives every new SQLite connection its settings, and each transaction the kind it declared.

    A file that is not there yet is made for its owner alone, and with it those that SQLite puts beside it.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "do_connect")
    def _private(*_: object) -> None:
        file = engine.url.database
        if file and file != ":memory:":
            with suppress(OSError):  # it is there already, or SQLite says what is wrong
                Path(file).touch(0o600, exist_ok=False)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for setting in PRAGMAS:
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        raw: Any = connection.connection.dbapi_connection
        if connection.info.get("writes") != writes:  # setting it makes SQLite compile every statement anew
            raw.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
            connection.info["writes"] = writes
        begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        try:
            raw.execute(begin)
        except sqlite.OperationalError as error:  # nobody else makes it one of those that `transact` knows
            raise OperationalError(begin, None, error) from error


def open_engine(address: str) -> Engine:
    """An engine of one connection, outside any application: for the command line and the tests."""
    engine = create_engine(url_of(address), **engine_options(address, 1))
    prepare(engine)
    return engine


def check(engine: Engine) -> None:
    """Raises Refused, with what to do, where this database would not keep what it acknowledges."""
    try:
        with engine.connect().execution_options(writes=False) as connection:
            (_check_sqlite if engine.dialect.name == "sqlite" else _check_postgresql)(connection)
    except DBAPIError as error:
        raise Refused(
            "The database at %(url)s cannot be opened: %(why)s",
            url=engine.url.render_as_string(hide_password=True),
            why=str(error.orig).strip(),
        ) from error


def _check_sqlite(connection: Connection) -> None:
    version = tuple(map(int, sqlite.sqlite_version.split(".")))
    if version < SQLITE_AT_LEAST:
        raise Refused(
            "SQLite %(found)s may damage a database in WAL mode; install pysqlite3 with %(least)s or newer.",
            found=sqlite.sqlite_version,
            least=".".join(map(str, SQLITE_AT_LEAST)),
        )
    for setting, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        found = connection.exec_driver_sql(f"PRAGMA {setting}").scalar()
        if found != wanted and not (setting == "journal_mode" and connection.engine.url.database in {None, ":memory:"}):
            raise Refused(
                "SQLite runs with %(setting)s=%(found)s, which can lose answers. Put the database on a local disk.",
                setting=setting,
                found=found,
            )


def _check_postgresql(connection: Connection) -> None:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    if version < POSTGRESQL_AT_LEAST:
        raise Refused(
            "PostgreSQL %(found)s is too old; use %(least)s or newer.", found=version, least=POSTGRESQL_AT_LEAST
        )
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar() == "off":
            raise Refused(
                "PostgreSQL runs with %(setting)s=off, which loses acknowledged answers when the power fails. "
                "Set %(setting)s=on in postgresql.conf and restart it.",
                setting=setting,
            )


def for_reading(session: Session) -> None:
    """Declares that this transaction only reads; call it before the first statement."""
    session.connection(execution_options={"writes": False, "postgresql_readonly": True})


def read(session: Session, work: Callable[[], T]) -> T:
    """Runs `work`, which only reads, in one transaction; what it found stands, though the database goes then."""
    for_reading(session)
    found = work()
    try:
        _end(session)
    except OperationalError:
        let_go(session)
    return found


def _end(session: Session) -> None:
    """Commits; the only place that does.

    Even what only read: at a rollback psycopg forgets what it has prepared, and PostgreSQL plans all of it anew.
    """
    session.commit()


def _leave(session: Session) -> None:
    """Ends what was looked up before a unit of work; of anything else nothing is kept."""
    if session.in_transaction() and not session.connection().get_execution_options().get("writes", True):
        _end(session)
    else:
        session.rollback()


def let_go(session: Session) -> None:
    """Ends what a request left open. Where its connection broke meanwhile, the answer that was made is still good."""
    try:
        session.close()
    except OperationalError:
        session.invalidate()


def transact(session: Session, work: Callable[[], T], longest: timedelta | None = None) -> T:
    """Runs `work` as one unit and commits it.

    When the database says that two units collided, the whole of it runs again, at most five times. `work` must
    therefore have no effect outside the database. Raises Refused for one that took longer than `longest`, which is
    LONGEST_UNIT unless nobody else is there: what is recorded says when, so it may not appear long after.
    """
    lock: Select[Any] | None = None
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(session, work, lock, longest or LONGEST_UNIT)
        except (Collision, DBAPIError) as error:
            session.rollback()
            if attempt == ATTEMPTS or not collided(error):
                raise
            lock = getattr(error, "lock", None)
            time.sleep(0.02 * 2**attempt)
        except BaseException:
            session.rollback()
            raise
    raise AssertionError("unreachable")


def _once(session: Session, work: Callable[[], T], lock: Select[Any] | None, longest: timedelta) -> T:
    _leave(session)
    session.begin()
    began = time.monotonic()
    if lock is not None:
        session.execute(lock)
    done = work()
    if time.monotonic() - began > longest.total_seconds():
        raise Refused("This took too long, so nothing of it was kept. Try again.")
    _end(session)
    return done


def collided(error: Collision | DBAPIError) -> bool:
    """Whether the same unit of work may succeed when it is run again."""
    if isinstance(error, Collision):
        return True
    code = getattr(error.orig, "sqlstate", None)
    return code in RETRIED if code else "database is locked" in str(error.orig)
