"""Scripted takers over HTTP, hundreds in one thread, and what the log of answers has to say of what they were told."""

import asyncio
import json
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from mesotrain.actions import accounts, people
from mesotrain.core.access import TRAINEE
from mesotrain.store.db import open_engine
from mesotrain.web.signed_in import digest_of, new_token
from tests.served import PATIENCE
from tests.world import Browser, World

SAVES = 12
"""At most so many answers of an attempt before it is handed in and another begun."""

TRIES = 300.0
"""Seconds that a taker goes on asking: between two kills few of hundreds are answered."""

GUESSES = ["", "1", "0.731", "0.7777", "Grüße, 你好"]
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
LOCATION = re.compile(rb"\r\nlocation: (\S+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: (mesotrain=[^;]+)", re.IGNORECASE)
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
BROKEN = (OSError, EOFError, TimeoutError)
"""What a request raises whose reply did not come; the server may have done what it asked."""


@dataclass(frozen=True)
class Row:
    """An answer as a taker was told it is kept, or as the log has it."""

    attempt: int
    operation: str
    position: int
    fields: str
    sequence: int


class Reply(NamedTuple):
    """What came back."""

    status: int
    location: str
    body: bytes


@dataclass
class Line:
    """One connection of somebody who is signed in, opened anew whenever it broke."""

    port: int
    cookie: str
    token: str = ""
    lease: int = 0
    patience: float = 10.0
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "text/plain") -> Reply:
        """Raises one of `BROKEN`."""
        try:
            return await asyncio.wait_for(self._ask(method, path, body, kind), self.patience)
        except BROKEN:
            self.close()
            raise

    async def _ask(self, method: str, path: str, body: bytes, kind: str) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\nX-CSRFToken: {self.token}\r\n"
        writer.write(f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        told = await reader.readuntil(b"\r\n\r\n")
        length, location = LENGTH.search(told), LOCATION.search(told)
        got = await reader.readexactly(int(length[1])) if length else b""
        if changed := COOKIE.search(told):
            self.cookie = changed[1].decode()
        return Reply(int(told[9:12]), location[1].decode() if location else "", got)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def save(self, attempt: int, position: int, operation: str, fields: dict[str, list[str]]) -> Reply:
        body = json.dumps({"op": operation, "fields": fields, "lease": self.lease}).encode()
        return await self.ask("PUT", f"/attempts/{attempt}/answers/{position}", body, "application/json")

    async def post(self, path: str) -> Reply:
        form = urlencode({"csrf_token": self.token, "lease": self.lease}).encode()
        return await self.ask("POST", path, form, "application/x-www-form-urlencoded")


@dataclass
class Taker:
    """Sits, hands in, sits again; asks again, in the same words, until it is answered."""

    line: Line
    chance: random.Random
    told: list[Row] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    """When each was, in ns."""

    finished: list[int] = field(default_factory=list)
    replies: int = 0
    retries: int = 0
    stopped: bool = False
    error: BaseException | None = None

    async def run(self) -> None:
        try:
            page = await self.insist(200, "ask", "GET", "/account")
            found = TOKEN.search(page.body)
            assert found, page
            self.line.token = found[1].decode()
            while not self.stopped:
                await self.sit()
        except Exception as error:
            self.error = error
        finally:
            self.line.close()

    async def sit(self) -> None:
        started = await self.insist(303, "post", "/courses/tiny/basics/attempts")
        attempt, self.line.lease = map(int, re.findall(r"\d+", started.location))
        for _ in range(self.chance.randint(1, SAVES)):
            if self.stopped:
                return
            await self.save(attempt)
        await self.insist(303, "post", f"/attempts/{attempt}/finish")
        self.finished.append(attempt)

    async def save(self, attempt: int) -> None:
        operation, position = uuid.UUID(int=self.chance.getrandbits(128)).hex, self.chance.randint(1, 4)
        fields = {self.chance.choice(["choice", "number"]): [self.chance.choice(GUESSES)]}
        reply = await self.insist(200, "save", attempt, position, operation, fields)
        self.told.append(Row(attempt, operation, position, json.dumps(fields), json.loads(reply.body)["saved"]))
        self.heard.append(time.monotonic_ns())

    async def insist(self, expected: int, how: str, *what: Any) -> Reply:
        """The reply, once there is one; 503 says that there is none yet."""
        end = time.monotonic() + TRIES
        while True:
            try:
                reply: Reply = await getattr(self.line, how)(*what)
            except BROKEN:
                reply = Reply(503, "", b"")
            if reply.status != 503:
                self.replies += 1
                assert reply.status == expected, f"{what}: {reply.status} {reply.body[:500]!r}"
                return reply
            assert time.monotonic() < end, f"{what} was not answered for {TRIES} s"
            self.retries += 1
            await asyncio.sleep(self.chance.uniform(0.2, 0.8))


@contextmanager
def at_work(works: Iterable[Coroutine[Any, Any, None]], seconds: float = 2 * PATIENCE) -> Iterator[Thread]:
    """These run in a thread of their own; they are waited for at the end."""

    async def all_of_them() -> None:
        await asyncio.gather(*works)

    thread = Thread(target=asyncio.run, args=(all_of_them(),))
    thread.start()
    try:
        yield thread
    finally:
        thread.join(seconds)


@contextmanager
def sitting(port: int, cookies: list[str], seed: str) -> Iterator[list[Taker]]:
    """A taker for each sign-in at work; they stop at the end, each once its last answer is acknowledged."""
    takers = [Taker(Line(port, cookie), random.Random(f"{seed} {number}")) for number, cookie in enumerate(cookies)]
    with at_work([taker.run() for taker in takers]):
        try:
            yield takers
        finally:
            for taker in takers:
                taker.stopped = True


def cookie_of(browser: Browser) -> str:
    """The sign-in of a browser, as it is sent."""
    cookie = browser.client.get_cookie("mesotrain")
    assert cookie
    return f"mesotrain={cookie.value}"


def enrol(world: World, number: int) -> list[str]:
    """The cookies of so many new trainees of the clinic Quay, each signed in."""
    now, ids, hours = world.clock(), world.ids, world.app.config["SIGN_IN_HOURS"]
    tokens = [new_token() for _ in range(number)]

    def work(session: Session) -> None:
        for token in tokens:
            email = f"{digest_of(token)}@example.org"
            person = people.create_person(session, "Nora Newcomer", email, "", email.encode(), "en", "UTC")
            people.join(session, now, ids["Harbour"], person, [(TRAINEE, ids["Quay"])])
            accounts.sign_in(session, now, person.id, digest_of(token), hours, 2)

    world.do(work)
    cookies = []
    for token in tokens:
        browser = world.client()
        with browser.client.session_transaction() as cookie:
            cookie["_user_id"] = token
        cookies.append(cookie_of(browser))
    return cookies


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


def doubled(log: list[Row], told: list[Row]) -> int:
    """How many rows of the log are there beside one for each answer that was acknowledged."""
    return len(log) - len(
        {(row.attempt, row.operation) for row in told} & {(row.attempt, row.operation) for row in log}
    )


def newest(told: list[Row]) -> dict[tuple[int, int], tuple[int, str]]:
    """(sequence, fields) of the last answer acknowledged of each slot."""
    ordered = sorted(told, key=lambda row: row.sequence)
    return {(row.attempt, row.position): (row.sequence, row.fields) for row in ordered}


def gaps(connection: Connection, log: list[Row]) -> int:
    """Numbers missing from the sequences of attempts, from their versions and from the positions of events."""
    ended = dict(connection.execute(text("SELECT id, CASE state WHEN 'open' THEN 0 ELSE 1 END FROM attempts")).all())
    versions = dict(connection.execute(text("SELECT id, version FROM attempts")).all())
    saved, found = Counter(row.attempt for row in log), 0
    latest = {row.attempt: row.sequence for row in sorted(log, key=lambda row: row.sequence)}
    for attempt, end in ended.items():
        found += latest.get(attempt, 0) - saved[attempt] + abs(versions[attempt] - end - saved[attempt])
    count, last = connection.execute(text("SELECT count(*), coalesce(max(position), 0) FROM events")).one()
    return int(found + last - count)
