"""Takers answer over HTTP while the server is killed again and again: nothing acknowledged is lost or doubled."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Connection

from mesotrain.core.grading import mark, score
from mesotrain.store import events as stored
from mesotrain.store.answers import rebuild_answers
from mesotrain.store.competence import Evidence
from mesotrain.store.db import open_engine
from mesotrain.store.papers import paper
from tests.ports import free_port
from tests.world import PASSWORD, Engine, World, question_of

KILLS = 10
"""On each engine; one in five falls into the start itself."""

SEED = int(os.environ.get("KILL_SEED", "20270312"))
TAKERS = ("trainee", "colleague", "elsewhere", "other_trainee")
SAVES = 50
"""Answers of an attempt before it is handed in and another begun."""

WORKER = b"\0worker\0"
COMMAND = Path(sys.executable).with_name("mesotrain")
PATIENCE = 40.0
GUESSES = ["", "1", "0.731", "0.7777", "Grüße, 你好"]


@dataclass(frozen=True)
class Row:
    """An answer as a taker was told it is kept, or as the log has it."""

    attempt: int
    operation: str
    position: int
    fields: str
    sequence: int


class Served:
    """`mesotrain serve` in a process group of its own."""

    def __init__(self, world: World, log: Path) -> None:
        self.port = free_port()
        self.log = log
        self.address = world.environment["MESOTRAIN_DATABASE_URL"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MESOTRAIN_")}
        public = {"MESOTRAIN_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        self.environment = {**kept, **world.environment, **public}

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Until it serves."""
        until(self.healthy, self.log)

    def healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def signal(self, number: int) -> int:
        """Sends a signal to the whole group, as a terminal or a failing machine would; gives the exit status."""
        os.killpg(self.process.pid, number)
        return self.process.wait(PATIENCE)

    def processes(self, word: bytes = b"mesotrain") -> list[int]:
        """Every process set to our database, this one apart, with this word in its command."""
        mine = f"MESOTRAIN_DATABASE_URL={self.address}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = mine in (folder / "environ").read_bytes().split(b"\0")
                if ours and word in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def clear(self) -> None:
        """Leaves nothing of ours running, whatever the test found."""
        for process in self.processes():
            os.kill(process, signal.SIGKILL)


def until(true: Callable[[], bool], otherwise: str | Path, seconds: float = PATIENCE) -> None:
    """Waits; `otherwise` is what went wrong, or the log that says it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise if isinstance(otherwise, str) else otherwise.read_text()[-3000:]
        time.sleep(0.02)


@dataclass
class Taker:
    """A scripted taker: signs in, sits, hands in, sits again; asks again, in the same words, until it is answered."""

    who: str
    port: int
    chance: random.Random
    stop: Event
    told: list[Row] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    retries: int = 0
    cookie: str = ""
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            self.sign_in()
            while not self.stop.is_set():
                self.sit()
        except BaseException as error:
            self.error = error
        finally:
            self.connection.close()

    def sign_in(self) -> None:
        form = {"email": f"{self.who}@example.org", "password": PASSWORD, "csrf_token": self.read_token("/sign-in")}
        self.post("/sign-in", form)
        self.token = self.read_token("/account")

    def read_token(self, page: str) -> str:
        _, _, text = self.ask("GET", page, {200})
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found, text
        return found[1]

    def sit(self) -> None:
        location = self.post("/courses/tiny/basics/attempts", {"csrf_token": self.token})
        attempt, self.lease = map(int, re.findall(r"\d+", location))
        for _ in range(SAVES):
            if self.stop.is_set():
                return
            self.save(attempt)
        self.post(f"/attempts/{attempt}/finish", {"csrf_token": self.token, "lease": str(self.lease)})
        self.finished.append(attempt)

    def save(self, attempt: int) -> None:
        operation, position = uuid.UUID(int=self.chance.getrandbits(128)).hex, self.chance.randint(1, 4)
        fields = {self.chance.choice(["choice", "number"]): [self.chance.choice(GUESSES)]}
        body = json.dumps({"op": operation, "fields": fields, "lease": self.lease})
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token}
        _, _, text = self.ask("PUT", f"/attempts/{attempt}/answers/{position}", {200}, body, headers)
        self.told.append(Row(attempt, operation, position, json.dumps(fields), json.loads(text)["saved"]))

    def post(self, path: str, form: dict[str, str]) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, location, text = self.ask("POST", path, {303}, urlencode(form), headers)
        assert location, text
        return location

    def ask(
        self, method: str, path: str, expected: set[int], body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """(status, Location, text) once there is an answer."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.connection.request(method, path, body, {**(headers or {}), "Cookie": self.cookie})
                reply = self.connection.getresponse()
                read = reply.read().decode()
            except (OSError, HTTPException):
                assert time.monotonic() < end, f"{method} {path} was not answered for {PATIENCE} s"
                self.retries += 1
                self.connection.close()
                time.sleep(0.05)
                continue
            for cookie in reply.headers.get_all("Set-Cookie") or ():
                if cookie.startswith("mesotrain="):  # that of the device changes nothing here
                    self.cookie = cookie.split(";")[0]
            assert reply.status in expected, f"{method} {path}: {reply.status} {read[:500]}"
            return reply.status, reply.getheader("Location") or "", read


@contextmanager
def sitting(port: int) -> Iterator[list[Taker]]:
    """The takers at work; they stop at the end, each once its last answer is acknowledged."""
    stop = Event()
    takers = [Taker(who, port, random.Random(f"{SEED} {who}"), stop) for who in TAKERS]
    threads = [Thread(target=taker.run) for taker in takers]
    for thread in threads:
        thread.start()
    try:
        yield takers
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)


@contextmanager
def looking(world: World) -> Iterator[Connection]:
    """A connection of the owner's; whatever is done over it is undone."""
    engine = open_engine(world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def log_of(connection: Connection) -> list[Row]:
    found = connection.execute(text("SELECT attempt_id, operation, position, fields, sequence FROM answer_log"))
    return [Row(*row[:3], json.dumps(json.loads(row[3])), row[4]) for row in found]


def projection(connection: Connection) -> dict[tuple[int, int], tuple[int, str]]:
    found = connection.execute(text("SELECT attempt_id, position, sequence, fields FROM answers"))
    return {(row[0], row[1]): (row[2], json.dumps(json.loads(row[3]))) for row in found}


def lost(log: list[Row], told: list[Row]) -> list[Row]:
    """Answers acknowledged that the log has not, or not so."""
    return sorted(set(told) - set(log), key=repr)


def doubled(log: list[Row]) -> list[tuple[int, str]]:
    """Operations the log has more than once."""
    return [which for which, times in Counter((row.attempt, row.operation) for row in log).items() if times > 1]


def newest(told: list[Row]) -> dict[tuple[int, int], tuple[int, str]]:
    """(sequence, fields) of the last answer acknowledged of each slot."""
    ordered = sorted(told, key=lambda row: row.sequence)
    return {(row.attempt, row.position): (row.sequence, row.fields) for row in ordered}


def kill_again_and_again(served: Served, takers: list[Taker], chance: random.Random) -> int:
    """Kills the server at random instants, starting it again each time; gives how often. It serves at the end."""

    def answers(more: int) -> None:
        enough = sum(len(taker.told) for taker in takers) + more
        served.wait()
        until(
            lambda: sum(len(taker.told) for taker in takers) >= enough or any(taker.error for taker in takers),
            served.log,
        )

    for number in range(KILLS):
        served.start()
        if number % 5 != 4:
            answers(chance.randint(1, 80))
        time.sleep(chance.uniform(0, 0.05 if number % 5 != 4 else 1.5))
        assert served.signal(signal.SIGKILL) == -signal.SIGKILL
    served.start()
    answers(80)
    return KILLS


@pytest.fixture
def served(world: World, tmp_path: Path) -> Iterator[Served]:
    made = Served(world, tmp_path / "serve.log")
    yield made
    made.clear()


def test_nothing_acknowledged_is_lost_or_doubled(
    engine: Engine, world: World, served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    with sitting(served.port) as takers:
        kills = kill_again_and_again(served, takers, random.Random(SEED))
    assert [taker.error for taker in takers] == [None] * len(TAKERS), served.log.read_text()[-6000:]
    assert served.signal(signal.SIGINT) == 0, served.log.read_text()[-2000:]
    until(lambda: served.processes() == [], "a process lives on after a normal stop", 8)
    told = [row for taker in takers for row in taker.told]
    finished = [attempt for taker in takers for attempt in taker.finished]
    with looking(world) as connection:
        log, kept = log_of(connection), projection(connection)
        figure = f"acknowledged={len(told)} lost={len(lost(log, told))} doubled={len(doubled(log))} kills={kills}"
        with capsys.disabled():
            retries = sum(taker.retries for taker in takers)
            print(f"\nfigure kill.{engine.name} {figure} finished={len(finished)} retries={retries} seed={SEED}")  # noqa: T201 (a figure)
        assert lost(log, told) == []
        assert doubled(log) == []
        assert len(log) == len(told), "the log has answers no taker was told of"
        assert len(told) > 20 * KILLS
        assert finished
        assert_sequences_have_no_gap(connection, log)
        assert kept == newest(told)
        assert_the_checker_sees_a_loss_and_a_doubling(connection, told)
    world.do(rebuild_answers)
    with looking(world) as connection:
        assert projection(connection) == kept
    assert_scored_as_acknowledged(world, finished, told)


def assert_sequences_have_no_gap(connection: Connection, log: list[Row]) -> None:
    ended = dict(connection.execute(text("SELECT id, CASE state WHEN 'open' THEN 0 ELSE 1 END FROM attempts")).all())
    versions = dict(connection.execute(text("SELECT id, version FROM attempts")).all())
    for attempt, end in ended.items():
        sequences = sorted(row.sequence for row in log if row.attempt == attempt)
        assert sequences == list(range(1, len(sequences) + 1))
        assert versions[attempt] == len(sequences) + end
    positions = connection.scalars(text("SELECT position FROM events ORDER BY position")).all()
    assert positions == list(range(1, len(positions) + 1))


def assert_the_checker_sees_a_loss_and_a_doubling(connection: Connection, told: list[Row]) -> None:
    """In a log that nothing guards, one row is taken away and another put in twice; both are undone after."""
    gone, twice = told[len(told) // 2], told[0]
    which = "attempt_id = {0.attempt} AND operation = '{0.operation}'"
    for statement in (
        "ALTER TABLE answer_log RENAME TO guarded",
        "CREATE TABLE answer_log AS SELECT * FROM guarded",
        f"DELETE FROM answer_log WHERE {which.format(gone)}",
        f"INSERT INTO answer_log SELECT * FROM answer_log WHERE {which.format(twice)}",
    ):
        connection.exec_driver_sql(statement)
    log = log_of(connection)
    assert lost(log, told) == [gone]
    assert doubled(log) == [(twice.attempt, twice.operation)]


def assert_scored_as_acknowledged(world: World, finished: list[int], told: list[Row]) -> None:
    """Each attempt handed in has the score of what was acknowledged, one piece of evidence and one pair of events."""
    last = newest(told)
    with world.session() as session:
        for attempt in finished:
            scored = paper(session, attempt)
            marks = []
            for slot in scored.slots:
                asked = question_of(slot)
                fields = json.loads(last.get((attempt, slot.position), (0, "{}"))[1])
                marks.append(mark(asked, asked.read(fields), Fraction(slot.points)))
            assert scored.attempt.score == score(marks, Fraction(scored.module.quiz["pass_mark"])).model()
        proofs = Counter(session.scalars(select(Evidence.attempt_id)))
        assert {attempt: proofs[attempt] for attempt in finished} == dict.fromkeys(finished, 1)
        kinds = Counter(session.scalars(select(stored.Event.kind)))
        assert kinds["attempt.finished"] == kinds["evidence.recorded"] == sum(proofs.values())


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_ctrl_c_stops_every_process_within_seconds(served: Served) -> None:
    """A terminal sends SIGINT to the whole group; the server's processes must be told by their parent alone."""
    served.start()
    served.wait()
    until(lambda: len(served.processes()) == 4, "there are not a server, its two processes and a worker")
    inner = [one for one in served.processes() if one != served.process.pid and one not in served.processes(WORKER)]
    for process in inner:
        os.kill(process, signal.SIGINT)
    time.sleep(1)
    assert set(inner) <= set(served.processes())
    began = time.monotonic()
    assert served.signal(signal.SIGINT) == 0
    assert time.monotonic() - began < 8
    assert served.processes() == []


def test_nothing_of_a_killed_server_lives_on(served: Served) -> None:
    """Its processes end too: else they would answer beside the next server, and nobody would sweep deadlines."""
    served.start()
    served.wait()
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait(PATIENCE)
    until(lambda: served.processes() == [], "something lives on without its server", 15)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_host_may_have_a_name_and_one_that_is_not_there_is_refused(served: Served) -> None:
    command = [COMMAND, "serve", "--port", str(served.port), "--host"]
    asked = {"env": served.environment, "capture_output": True, "text": True, "timeout": 60}
    nowhere = subprocess.run([*command, "nowhere.invalid"], check=False, **asked)  # type: ignore[call-overload]
    assert nowhere.returncode == 1
    assert f"nowhere.invalid:{served.port} cannot be served: " in nowhere.stderr
    assert "Traceback" not in nowhere.stderr
    with subprocess.Popen([*command, "localhost"], env=served.environment, stdout=subprocess.DEVNULL) as server:
        try:
            served.wait()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def test_a_port_that_is_taken_is_refused_with_a_sentence(served: Served) -> None:
    served.start()
    served.wait()
    second = subprocess.run(
        [COMMAND, "serve", "--port", str(served.port)],
        env=served.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert f"127.0.0.1:{served.port} cannot be served: Address already in use." in second.stderr
    assert "serves on" not in second.stdout
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_worker_whose_server_was_killed_at_the_start_ends_too(served: Served) -> None:
    """By the time it looks for its parent there is none."""
    served.start()
    until(lambda: served.processes(WORKER) != [], "the server has no worker beside it")
    served.signal(signal.SIGKILL)
    assert served.processes(WORKER) != []
    until(lambda: served.processes() == [], "a worker lives on without its server", 15)
