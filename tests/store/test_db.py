"""The database itself: what its columns take, what it refuses to run with, and the one place that commits."""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, insert, select, text, update
from sqlalchemy import Engine as AnyEngine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

import mesotrain
from mesotrain.core.errors import Refused
from mesotrain.store.db import (
    ATTEMPTS,
    Canonical,
    Collision,
    Moment,
    check,
    collided,
    for_reading,
    open_engine,
    read,
    transact,
    url_of,
)
from mesotrain.store.events import Event
from mesotrain.store.people import Organisation
from tests.actions.taking import together
from tests.databases import postgresql_address
from tests.store.filling import empty_database
from tests.world import Engine, World

NOON = datetime(2027, 3, 12, 12, tzinfo=UTC)


@contextmanager
def opened(address: str) -> Iterator[AnyEngine]:
    engine = open_engine(address)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def one_column(engine: Engine, kind: Any) -> Iterator[Callable[[Any], Any]]:
    """A function that stores a value in a column of this type and gives what is read back."""
    table = Table("kept", MetaData(), Column("id", Integer, primary_key=True), Column("value", kind))
    with empty_database(engine) as address, opened(address) as made:
        with made.begin() as connection:
            table.create(connection)

        def through(value: Any) -> Any:
            with made.begin() as connection:
                key = connection.execute(insert(table).values(value=value)).inserted_primary_key
                return connection.execute(select(table.c.value).where(table.c.id == key[0])).scalar_one()

        yield through


def test_a_moment_comes_back_in_utc_to_the_microsecond(engine: Engine) -> None:
    moments = [
        NOON,
        NOON.replace(microsecond=123456),
        datetime(2027, 7, 1, 12, tzinfo=ZoneInfo("Europe/London")),
        datetime(2027, 10, 31, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London")),
        datetime(1999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
    ]
    with one_column(engine, Moment) as through:
        for moment in moments:
            back = through(moment)
            assert back == moment.astimezone(UTC)
            assert back.tzinfo is UTC
        assert through(None) is None


def test_a_moment_without_its_zone_is_refused(engine: Engine) -> None:
    with one_column(engine, Moment) as through, pytest.raises(StatementError, match="a moment needs its zone"):
        through(NOON.replace(tzinfo=None))


def test_canonical_comes_back_as_it_was(engine: Engine) -> None:
    values = [
        {},
        [],
        "",
        {"b": [1, None, True], "a": "Grüße 你好"},
        2**53 - 1,
        "\x00\u2028",
        False,
    ]
    with one_column(engine, Canonical) as through:
        for value in values:
            assert through(value) == value
        assert through(None) is None
        for wrong in (1.5, {"a": 0.1}, {1: "a"}, 2**53, NOON):
            with pytest.raises(StatementError):
                through(wrong)


def test_canonical_is_kept_as_the_one_spelling(world: World) -> None:
    with world.session() as session:
        kept = session.execute(text("SELECT quiz FROM module_versions")).scalars().all()
    assert kept == ['{"feedback":"after submit","minutes":20,"pass_mark":"3/4","questions":4}']


UNSAFE = {
    "synchronous": ("PRAGMA synchronous=OFF", "synchronous=0"),
    "synchronous normal": ("PRAGMA synchronous=NORMAL", "synchronous=1"),
    "foreign keys": ("PRAGMA foreign_keys=OFF", "foreign_keys=0"),
    "journal": ("PRAGMA journal_mode=DELETE", "journal_mode=delete"),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_sqlite_is_refused_where_it_could_lose_answers(tmp_path: Path, what: str) -> None:
    statement, named = UNSAFE[what]
    with opened(f"sqlite:///{tmp_path}/unsafe.db") as engine:
        check(engine)
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute(statement).fetchall())
        with pytest.raises(Refused, match=re.escape(named)):
            check(engine)


@pytest.mark.parametrize("setting", ["synchronous_commit"])
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_postgresql_is_refused_where_it_could_lose_answers(engine: Engine, setting: str) -> None:
    with empty_database(engine) as address, opened(address) as made:
        check(made)
        made.dispose()
        with psycopg.connect(address, autocommit=True) as connection:
            name = address.rsplit("/", 1)[1]
            connection.execute(f"ALTER DATABASE {name} SET {setting} = off")  # type: ignore[call-overload]
        with pytest.raises(Refused, match=f"Set {setting}=on in postgresql.conf"):
            check(made)


def test_any_other_database_is_refused() -> None:
    for address in ("mysql://root@127.0.0.1/x", "mssql://x/y", "sqlserver://x"):
        with pytest.raises(Refused, match="is not a database Mesotrain runs on"):
            url_of(address)


UNREACHABLE = {
    "nobody listens": "postgresql://nobody:hush@127.0.0.1:9/none",
    "no such database": postgresql_address().rsplit("/", 1)[0] + "/mesotrain_of_nobody",
    "a folder is in its place": "sqlite:///{folder}",
    "there is no such folder": "sqlite:///{folder}/missing/x.db",
}


@pytest.mark.parametrize("why", UNREACHABLE)
def test_a_database_that_cannot_be_opened_is_a_sentence(tmp_path: Path, why: str) -> None:
    address = UNREACHABLE[why].format(folder=tmp_path)
    with opened(address) as unreachable, pytest.raises(Refused, match=r"cannot be opened: .+") as refused:
        check(unreachable)
    assert "hush" not in str(refused.value)


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    with opened(f"sqlite:///{tmp_path}/letter.db") as engine, pytest.raises(Refused, match="cannot be opened"):
        check(engine)


def test_reading_is_only_reading(world: World, engine: Engine, request: pytest.FixtureRequest) -> None:
    with world.session() as session:
        for_reading(session)
        assert session.scalar(select(Organisation.name).limit(1))
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
            session.execute(update(Organisation).values(name="changed"))
        session.rollback()


def test_a_unit_of_work_after_reading_writes_again(world: World) -> None:
    """What reading declares ends with its transaction, on the same connection."""
    with world.session() as session:
        for_reading(session)
        session.scalar(select(Organisation.name).limit(1))
        session.rollback()
        transact(session, lambda: session.execute(update(Organisation).values(zone="Europe/Paris")))
    with world.session() as session:
        assert set(session.scalars(select(Organisation.zone))) == {"Europe/Paris"}


def test_what_only_read_leaves_postgresql_what_it_has_prepared(world: World, engine: Engine) -> None:
    def prepared(session: Any) -> bool:
        return session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) > 0

    if engine.name != "postgresql":
        pytest.skip("SQLite keeps its own")
    with world.session() as session:
        for _ in range(9):
            read(session, lambda: session.scalar(select(Organisation.name).limit(1)))
        assert read(session, lambda: prepared(session))
        for_reading(session)
        session.scalar(select(Organisation.name).limit(1))
        transact(session, lambda: session.execute(update(Organisation).values(zone="Europe/Paris")))
        assert read(session, lambda: prepared(session)), "a unit of work that follows on reading keeps them, too"


def test_a_unit_of_work_keeps_nothing_of_what_was_written_before_it(world: World) -> None:
    with world.session() as session:
        session.execute(update(Organisation).values(zone="Europe/Rome"))
        transact(session, lambda: None)
    with world.session() as session:
        assert "Europe/Rome" not in set(session.scalars(select(Organisation.zone)))


def names(world: World) -> list[str]:
    with world.session() as session:
        return sorted(session.scalars(select(Organisation.name)))


def test_a_collision_is_tried_again_from_the_start(world: World) -> None:
    tries = []

    def work(session: Any) -> str:
        session.add(Organisation(name=f"try {len(tries)}", zone="Europe/London"))
        session.flush()
        tries.append(1)
        if len(tries) < ATTEMPTS:
            raise Collision
        return "done"

    assert world.do(work) == "done"
    assert len(tries) == ATTEMPTS == 5
    assert names(world) == ["Harbour", "Northlight", "try 4"]


def test_after_five_collisions_it_gives_up(world: World) -> None:
    tries = []

    def work(session: Any) -> None:
        session.add(Organisation(name="never", zone="Europe/London"))
        session.flush()
        tries.append(1)
        raise Collision

    with pytest.raises(Collision):
        world.do(work)
    assert len(tries) == 5
    assert names(world) == ["Harbour", "Northlight"]


ERRORS = {
    "expected": lambda _: (_ for _ in ()).throw(Refused("no")),
    "a bug": lambda _: 1 / 0,
    "interrupted": lambda _: (_ for _ in ()).throw(KeyboardInterrupt),
    "the database's": lambda session: session.execute(insert(Event).values(kind=None)),
}


@pytest.mark.parametrize("what", ERRORS)
def test_any_error_undoes_the_unit_of_work_and_is_not_tried_again(world: World, what: str) -> None:
    tries = []

    def work(session: Any) -> None:
        session.add(Organisation(name="never", zone="Europe/London"))
        session.flush()
        tries.append(1)
        ERRORS[what](session)

    with pytest.raises((Refused, ZeroDivisionError, KeyboardInterrupt, IntegrityError)):
        world.do(work)
    assert len(tries) == 1
    assert names(world) == ["Harbour", "Northlight"]


def test_a_real_deadlock_is_tried_again(world: World, engine: Engine) -> None:
    """Two units lock two rows in opposite orders; SQLite has one writer, so there they only follow each other."""
    both, tries = Barrier(2), []

    def work(first: str, second: str) -> Callable[[Any], None]:
        def swap(session: Any) -> None:
            tries.append(first)
            session.execute(update(Organisation).where(Organisation.name == first).values(zone="Europe/Paris"))
            if engine.name == "postgresql" and len(tries) <= 2:
                both.wait(10)
            session.execute(update(Organisation).where(Organisation.name == second).values(zone="Europe/Rome"))

        return swap

    works = [work("Harbour", "Northlight"), work("Northlight", "Harbour")]
    assert together(*(lambda one=one: world.do(one) for one in works)) == [None, None]
    assert len(tries) > 2 if engine.name == "postgresql" else len(tries) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_lock_that_others_hold_for_too_long_is_a_collision(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is met where a transaction begins, before any statement."""
    monkeypatch.setattr(mesotrain.store.db, "PRAGMAS", ("busy_timeout=1",))
    holder, waiter = (open_engine(world.environment["MESOTRAIN_DATABASE_URL"]) for _ in range(2))
    with holder.connect() as holds:
        holds.execute(text("SELECT 1"))
        with waiter.connect() as waits, pytest.raises(OperationalError, match="locked") as caught:
            waits.execute(text("SELECT 1"))
    assert collided(caught.value)
    for one in (holder, waiter):
        one.dispose()


def test_one_place_commits() -> None:
    """Nothing else in the package calls commit, however it is spelt."""
    package = Path(mesotrain.__file__).parent
    found = []
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                found.append((path.relative_to(package).as_posix(), node.lineno))
            if isinstance(node, ast.Constant) and str(node.value).strip().rstrip(";").upper() == "COMMIT":
                found.append((path.relative_to(package).as_posix(), node.lineno))
            if isinstance(node, ast.keyword) and node.arg == "isolation_level" and "AUTOCOMMIT" in ast.dump(node):
                found.append((path.relative_to(package).as_posix(), node.value.lineno))
    assert [path for path, _ in found] == ["store/db.py"], found
