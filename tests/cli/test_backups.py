"""A backup is whole or refused, is what was kept at one moment, and goes into an empty database of either engine."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text
from sqlalchemy.engine import Connection

from mesotrain import config
from mesotrain.cli.worker import LEASE_SECONDS, Worker
from mesotrain.core.canonical import Json
from mesotrain.core.errors import Refused
from mesotrain.formats import backups as form
from mesotrain.store import backups as store
from mesotrain.store.db import open_engine
from mesotrain.web import create_app
from tests.actions.taking import MINUTES, sit, start
from tests.cli.test_commands import invoke
from tests.cli.test_worker import Inbox, states
from tests.databases import Sqlite
from tests.ports import free_port
from tests.served import Served, until
from tests.store.filling import empty_database, fill_every_table, rows
from tests.store.test_schema import difference, schema
from tests.takers import Row, cookie_of, log_of, newest, projection, sitting
from tests.world import Clock, Engine, World, close, environment

HOT, DAMAGED = 20, 200
SEED = "a copy"
TAKERS = ("trainee", "colleague", "elsewhere", "other_trainee")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox(free_port())
    server = Controller(made, hostname="127.0.0.1", port=made.port)
    server.start()
    yield made
    server.stop()


@contextmanager
def machine(engine: Engine, instance: Path, **more: str) -> Iterator[World]:
    """An empty machine: settings, two roles where there are roles, and a database with nothing in it."""
    instance.mkdir(mode=0o700, exist_ok=True)
    with empty_database(engine) as owner:
        settings = {**environment(owner, instance), **more}
        made = World(None, Clock(), settings, {})  # type: ignore[arg-type]
        yield made
        if made.app:
            close(made.app)


def restored(engine: World, there: World, file: Path) -> World:
    """The machine once the backup is in it."""
    said = invoke(there, "restore", str(file))
    assert said.exit_code == 0, said.output
    there.app, there.ids = create_app(there.environment, there.clock), engine.ids
    there.clock.now = engine.clock.now
    return there


def kept(world: World) -> dict[str, list[Any]]:
    with world.session() as session:
        return {name: found for name, found in rows(session).items() if name != "mail_holds"}


def digests(file: Path) -> dict[str, Json]:
    with file.open("rb") as given:
        return {name: one for name, one in form.verify(given, "").tables.items() if name != "mail_holds"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mesotrain.backup"


def test_what_is_restored_is_what_was_kept_and_goes_on(
    engine: Engine, world: World, file: Path, tmp_path: Path
) -> None:
    fill_every_table(world)
    said = invoke(world, "backup", str(file)).output
    assert f"{file} is whole: " in said
    assert "It holds people's records, and not the signing keys, which were set elsewhere: keep it as safe" in said
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.glob(".mesotrain*")) == [], "the file in the making is left"
    with machine(engine, tmp_path / "there") as there:
        restored(world, there, file)
        assert kept(there) == kept(world)
        if engine.name == "sqlite":
            database = Path(there.environment["MESOTRAIN_DATABASE_URL"].removeprefix("sqlite:///"))
            assert database.stat().st_mode & 0o777 == 0o600
        addresses = [one.environment["MESOTRAIN_OWNER_DATABASE_URL"] for one in (world, there)]
        assert difference(*(schema(engine, one) for one in addresses)) == []
        sit(there, "elsewhere")  # new numbers, positions and rights, as the application
        again = tmp_path / "again.backup"
        invoke(there, "backup", str(again))
        assert digests(again)["evidence"] != digests(file)["evidence"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_backup_goes_from_one_engine_to_the_other_and_back(
    engine: Engine, world: World, file: Path, tmp_path: Path
) -> None:
    fill_every_table(world)
    invoke(world, "backup", str(file))
    other, second, third = replace(engine, databases=Sqlite(engine.folder)), tmp_path / "second", tmp_path / "third"
    with machine(other, tmp_path / "a") as there, machine(engine, tmp_path / "b") as back:
        restored(world, there, file)
        assert kept(there) == kept(world)
        invoke(there, "backup", str(second))
        restored(there, back, second)
        with back.session() as session:
            assert session.scalar(text("SELECT count(*) FROM pg_stats WHERE schemaname = 'public'")), "it was counted"
        invoke(back, "backup", str(third))
        found = there.client("trainee").get("/search?q=matters").get_data(as_text=True)
        assert "One thing" in found, "what is searched is made again"
    assert digests(file) == digests(second) == digests(third)


# Damage -------------------------------------------------------------------------------------------------------------


def damaged(whole: bytes) -> Iterator[bytes]:
    """Copies with one byte changed anywhere, and some cut short or longer."""
    chance = random.Random(SEED)
    for _ in range(DAMAGED):
        place = chance.randrange(len(whole))
        yield whole[:place] + bytes([whole[place] ^ chance.randint(1, 255)]) + whole[place + 1 :]
    for length in (
        0,
        1,
        9,
        form.FIRST_LINE,
        form.FIRST_LINE + 1,
        *chance.sample(range(len(whole)), 20),
        len(whole) - 1,
    ):
        yield whole[:length]
    yield whole + b"\0"
    yield whole + whole


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_damaged_copy_is_refused_and_changes_nothing(
    engine: Engine, world: World, file: Path, tmp_path: Path
) -> None:
    fill_every_table(world)
    invoke(world, "backup", str(file))
    copy, refused = tmp_path / "copy", Counter[str]()
    with machine(engine, tmp_path / "there", MESOTRAIN_SECRET_KEYS="") as there:
        for text_ in damaged(file.read_bytes()):
            copy.write_bytes(text_)
            for command in ("verify", "restore"):
                with pytest.raises(Refused, match=r"is damaged|is not a backup"):
                    invoke(there, command, str(copy))
                refused[command] += 1
        assert list((tmp_path / "there").iterdir()) == []
        assert not Path(there.environment["MESOTRAIN_DATABASE_URL"].removeprefix("sqlite:///")).exists()
    assert set(refused.values()) == {DAMAGED + 28}


def rewritten(file: Path, change: Any) -> None:
    """Makes a backup again, whole, with other rows in it or something else said of it."""
    with file.open("rb") as given:
        whole = form.verify(given, "")
        tables = [form.Table(one.name, one.columns, list(one.rows)) for one in form.read(given)]
    about, tables = change(whole.about, tables)
    made = BytesIO()
    form.write(made, about, tables)
    file.write_bytes(made.getvalue())


def _newer(about: dict[str, Any], tables: list[form.Table]) -> Any:
    return about | {"schema": "9999"}, tables


def _otherwise_signed(about: dict[str, Any], tables: list[form.Table]) -> Any:
    return about | {"keys": ["0" * 16]}, tables


def _dangling(about: dict[str, Any], tables: list[form.Table]) -> Any:
    return about, [replace(one, rows=[]) if one.name == "people" else one for one in tables]


def _gap(about: dict[str, Any], tables: list[form.Table]) -> Any:
    return about, [replace(one, rows=list(one.rows)[1:]) if one.name == "events" else one for one in tables]


@pytest.mark.parametrize("change", [_newer, _otherwise_signed, _dangling, _gap])
def test_a_whole_backup_that_cannot_be_kept_leaves_an_empty_database(
    engine: Engine, world: World, file: Path, tmp_path: Path, change: Any
) -> None:
    fill_every_table(world)
    invoke(world, "backup", str(file))
    rewritten(file, change)
    with machine(engine, tmp_path / "there") as there:
        with pytest.raises(Exception, match=r"(?i)newer|own keys|nowhere|foreign|read back|gives positions"):
            invoke(there, "restore", str(file))
        opened = open_engine(there.environment["MESOTRAIN_OWNER_DATABASE_URL"])
        with opened.connect() as connection:
            assert store.tables(connection) == []
        opened.dispose()


def test_only_an_empty_database_takes_a_backup(engine: Engine, world: World, file: Path) -> None:
    invoke(world, "backup", str(file))
    before = kept(world)
    with pytest.raises(Refused, match="This database is not empty"):
        invoke(world, "restore", str(file))
    assert kept(world) == before
    with pytest.raises(Refused, match="is there already"):
        invoke(world, "backup", str(file))


# Keys ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_key_that_the_instance_keeps_is_in_the_file_and_is_kept_there_again(
    engine: Engine, world: World, file: Path, tmp_path: Path
) -> None:
    unset = {"MESOTRAIN_SECRET_KEYS": ""}
    here, there = tmp_path / "here", tmp_path / "there"
    world.environment |= unset | {"MESOTRAIN_INSTANCE": str(here)}
    said = invoke(world, "backup", str(file)).output
    key = (here / config.KEY_FILE).read_text()
    assert "It holds the signing key and people's records: keep it as safe as the database." in said
    assert key not in said
    with machine(engine, there, **unset) as machine_:
        restored(world, machine_, file)
        assert (there / config.KEY_FILE).read_text() == key
        assert (there / config.KEY_FILE).stat().st_mode & 0o777 == 0o600
    with machine(engine, there) as machine_, pytest.raises(Refused, match="opens only with its own keys"):
        invoke(machine_, "restore", str(file))


# While it serves ----------------------------------------------------------------------------------------------------


def test_hot_backups_hold_what_was_acknowledged_and_nothing_torn(
    engine: Engine,
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [tmp_path / f"{number}.backup" for number in range(HOT)]
    told: list[set[Row]] = []
    served = Served(world, tmp_path / "serve.log")
    served.start()
    served.wait()
    cookies = [cookie_of(world.client(who)) for who in TAKERS]
    with sitting(served.port, cookies, SEED) as takers:
        until(lambda: all(taker.told for taker in takers), served.log)
        for one in files:
            told.append({row for taker in takers for row in taker.told})
            invoke(world, "backup", str(one))
    assert [taker.error for taker in takers] == [None] * len(takers)
    served.clear()
    final = _log(world)
    found = []
    for number, one in enumerate(files):
        with machine(engine, tmp_path / "there") as there:
            assert invoke(there, "restore", str(one)).exit_code == 0
            log = _log(there)
            assert told[number] <= log, "what was acknowledged before the backup began is in it"
            assert log <= final
            _nothing_torn(there, world, log, final)
            found.append(_state(there) == digests(one))
    figure = f"equal={sum(found)} of {HOT} saves={len(told[0])}..{len(told[-1])}"
    with capsys.disabled():
        print(f"\nfigure backup.{engine.name} {figure}")  # noqa: T201 (a figure)
    assert found == [True] * HOT
    assert len(told[-1]) > len(told[0]), "nobody wrote meanwhile"


def _log(world: World) -> set[Row]:
    with _connected(world) as connection:
        return set(log_of(connection))


def _state(world: World) -> dict[str, Json]:
    with _connected(world) as connection:
        found = form.write(BytesIO(), {}, store.contents(connection)).tables
    return {name: one for name, one in found.items() if name != "mail_holds"}


@contextmanager
def _connected(world: World) -> Iterator[Connection]:
    opened = open_engine(world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    with opened.connect() as connection:
        yield connection
    opened.dispose()


SEEN = text("SELECT position, body FROM events WHERE position <= :last ORDER BY position")
ATTEMPTS = text("SELECT id, version, state FROM attempts")
ENDS = text("SELECT count(*) FROM events WHERE kind = 'attempt.finished'")


def _nothing_torn(there: World, world: World, log: set[Row], final: set[Row]) -> None:
    """Each unit of work is there whole: an attempt counts its saves and its end, and an end has its event."""
    with _connected(there) as connection, _connected(world) as now:
        last = connection.scalar(text("SELECT max(position) FROM events"))
        events = connection.execute(SEEN, {"last": last}).all()
        assert [one.position for one in events] == list(range(1, last + 1))
        assert [bytes(one.body) for one in events] == [bytes(one.body) for one in now.execute(SEEN, {"last": last})]
        attempts = connection.execute(ATTEMPTS).all()
        assert connection.scalar(ENDS) == sum(one.state == "finished" for one in attempts)
        saves = {one.id: one.version - (one.state == "finished") for one in attempts}
        assert log == {row for row in final if row.sequence <= saves.get(row.attempt, 0)}
        assert Counter(row.attempt for row in log) == Counter(saves)
        assert projection(connection) == newest(list(log))


# The file in the making ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_backup_that_finds_no_room_leaves_nothing(world: World, file: Path) -> None:
    command = f"ulimit -f 2; exec {Path(sys.executable).with_name('mesotrain')} backup {file}"
    settings = world.environment | {"PYTHONDONTWRITEBYTECODE": "1"}  # else what it compiles finds no room either
    assert world.client().get("/sign-in").status_code == 200  # it is served: SQLite's own files are there
    done = subprocess.run(["bash", "-c", command], env=settings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{file} cannot be written: File too large." in done.stderr
    assert list(file.parent.iterdir()) == []


# Mail ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop", [False, True])
def test_after_a_restore_no_mail_leaves_until_it_is_released(
    engine: Engine,
    world: World,
    inbox: Inbox,
    file: Path,
    tmp_path: Path,
    drop: bool,
) -> None:
    sit(world, "trainee")
    Worker(world.app, world.clock).work()
    sit(world, "colleague")
    open_ = start(world, "elsewhere")
    assert states(world) == {"waiting": 1}
    invoke(world, "backup", str(file))
    mailing = {"MESOTRAIN_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}"}
    with machine(engine, tmp_path / "there", **mailing) as there:
        restored(world, there, file)
        there.clock.forward(minutes=MINUTES)
        worker = Worker(there.app, there.clock)
        for _ in range(3):
            there.clock.forward(seconds=LEASE_SECONDS)
            worker.work()
        assert inbox.mails == []
        assert states(there) == {"waiting": 3}
        assert replace(open_, world=there).row().state == "finished", "deadlines go on"
        said = invoke(there, "mail", "release", *(["--drop"] if drop else []))
        assert "mail leaves again" in said.output.lower()
        sit(there, "other_trainee")
        worker.work()
        first = [] if drop else ["colleague@example.org", "elsewhere@example.org"]
        assert inbox.to() == [*first, "other_trainee@example.org", *([] if drop else ["trainee@example.org"])]
        assert states(there) == ({"dropped": 3, "sent": 1} if drop else {"sent": 4}), "what is dropped keeps its row"
        assert "Mail is not held back." in invoke(there, "mail", "release").output
