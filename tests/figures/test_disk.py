"""The disk is full, for a while or at one write: what was acknowledged stays, nothing is kept by halves."""

import json
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from mesotrain.actions import attempts as actions
from tests.databases import Sqlite
from tests.figures import trace
from tests.figures.promises import Found, control, tell
from tests.figures.test_kill import answers
from tests.served import Served, until
from tests.takers import Row, enrol, log_of, looking, lost, sitting
from tests.world import Browser, Engine, World

SEED = "20270312"
MEGABYTES = 96
"""The size of the filesystem."""

HALVES = """
SELECT (SELECT count(*) FROM attempts a WHERE (SELECT count(*) FROM attempt_slots s WHERE s.attempt_id = a.id) <> 4)
+ (SELECT count(*) FROM attempts a WHERE a.state <> 'open'
   AND (SELECT count(*) FROM evidence e WHERE e.attempt_id = a.id) <> 1)
+ (SELECT count(*) FROM attempts) - (SELECT count(*) FROM events WHERE kind = 'attempt.started')
+ (SELECT count(*) FROM attempts WHERE state <> 'open')
- (SELECT count(*) FROM events WHERE kind = 'attempt.finished')
+ (SELECT count(*) FROM attempts a WHERE a.version <> (a.state <> 'open')
   + (SELECT count(*) FROM answer_log l WHERE l.attempt_id = a.id))
"""
"""How many attempts are without their paper, proof, events or count of answers."""


def whole(connection: Connection) -> bool:
    return connection.execute(text("PRAGMA integrity_check(1)")).scalar() == "ok"


# At every write ------------------------------------------------------------------------------------------------------


class Room:
    """Whether there is room: from the write of this number on there is none, until it is made."""

    def __init__(self) -> None:
        self.full_at, self.writes, self.refused = 0, 0, 0
        trace.listen(lambda _: None, self.refuse)

    def refuse(self, kind: int, name: str) -> bool:
        if kind != trace.WRITE or not name.endswith((".db", ".db-wal")):
            return False
        self.writes += 1
        full = bool(self.full_at) and self.writes >= self.full_at
        self.refused += full
        return full

    def fill(self, after: int) -> None:
        self.full_at, self.writes, self.refused = after, 0, 0


def sit(browser: Browser, told: list[Row]) -> list[int]:
    """Starts, answers twice and hands in, as far as it goes; gives the statuses. Notes what was acknowledged."""
    token = browser.token("/account")
    form = {"csrf_token": token}
    started = browser.client.post("/courses/tiny/basics/attempts", data=form)
    said = [started.status_code]
    if started.status_code != 303:
        return said
    attempt, form["lease"] = map(int, re.findall(r"\d+", started.headers["Location"]))
    for position in (1, 2):
        operation, fields = uuid.uuid4().hex, {"choice": ["x"]}
        body = {"op": operation, "fields": fields, "lease": form["lease"]}
        url = f"/attempts/{attempt}/answers/{position}"
        reply = browser.client.put(url, json=body, headers={"X-CSRFToken": token})
        said.append(reply.status_code)
        if reply.status_code == 200:
            told.append(Row(attempt, operation, position, json.dumps(fields), reply.get_json()["saved"]))
    said.append(browser.client.post(f"/attempts/{attempt}/finish", data=form).status_code)
    return said


def every_write(world: World, room: Room) -> Found:
    """A sitting during which the disk is full from its nth write on, for every n; and one after, with room again."""
    browser, told, number = world.client("trainee"), [], 0
    found = {"disk.lost": 0, "disk.halves": 0, "disk.errors": 0, "disk.unrepaired": 0}
    while True:
        number += 1
        room.fill(number)
        said = sit(browser, told)
        refused, room.full_at = room.refused, 0
        found["disk.errors"] += not set(said) <= {200, 303, 503}
        found["disk.unrepaired"] += sit(browser, told) != [303, 200, 200, 303]
        if not refused:
            break
    with looking(world) as connection:
        found["disk.lost"] += len(lost(log_of(connection), told)) + (not whole(connection))
        found["disk.halves"] += connection.execute(text(HALVES)).scalar()
    return {"disk.writes": number - 1, **found}


@pytest.fixture(scope="module")
def room() -> Room:
    return Room()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_at_whichever_write_the_disk_is_full(world: World, room: Room) -> None:
    world.app.testing = False
    tell(every_write(world, room), "sqlite")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_units_of_work_it_is_seen(world: World, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that keeps its attempt before it keeps the paper leaves some without."""
    world.app.testing = False
    begin = actions.store.begin

    def in_two(session, values, paper):  # type: ignore[no-untyped-def]
        attempt = begin(session, values, paper[:1])
        session.commit()
        return attempt

    monkeypatch.setattr(actions.store, "begin", in_two)
    control(every_write(world, room), "disk.halves")


# A small filesystem --------------------------------------------------------------------------------------------------


@contextmanager
def small(folder: Path) -> Iterator[Path]:
    """A filesystem of `MEGABYTES`; skips where this user or machine may not mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount to make a small filesystem with")
    if made.returncode:
        pytest.skip(f"no small filesystem can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Takes all the room there is."""
    with suppress(OSError), file.open("wb", buffering=0) as room:
        while True:
            room.write(bytes(2**16))


def health(port: int) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/healthz")
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())["status"]
    finally:
        connection.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_disk_that_fills_while_people_sit(engine: Engine, tmp_path: Path) -> None:
    with small(tmp_path / "small") as folder:
        moved = replace(engine, copies=replace(engine.copies, server=Sqlite(folder)))
        world = moved.world()
        world.clock.now = datetime.now(UTC)
        served, filler = Served(world, tmp_path / "serve.log"), folder / "filler"
        try:
            served.start()
            served.wait()
            with sitting(served.port, enrol(world, 20), SEED) as takers:
                answers(served, takers, 200)
                before = health(served.port)
                fill(filler)
                tries = sum(taker.retries for taker in takers)
                until(lambda: sum(taker.retries for taker in takers) > tries + 40, served.log, 120)
                during = health(served.port)
                filler.unlink()
                answers(served, takers, 200)
                after = health(served.port)
            assert {repr(taker.error) for taker in takers} == {"None"}, served.log.read_text()[-3000:]
            assert served.signal(signal.SIGINT) == 0
            told = [row for taker in takers for row in taker.told]
            with looking(world) as connection:
                found = {
                    "full.acknowledged": len(told),
                    "full.lost": len(lost(log_of(connection), told)) + (not whole(connection)),
                    "full.halves": connection.execute(text(HALVES)).scalar(),
                    "full.health": [before, during, after] != [(200, "ok"), (503, "degraded"), (200, "ok")],
                }
        finally:
            served.clear()
            world.close()
    tell({name: int(value) for name, value in found.items()}, "sqlite")
