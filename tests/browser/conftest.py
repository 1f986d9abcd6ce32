"""A real browser on the real server: what `make run` serves, and pages that fail a test by themselves.

Every console error, page error, violation of the content security policy, failed request and request to another
host fails the test whose page it happened on, unless the test pardoned it beforehand.
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from mesotrain.actions import courses, people
from mesotrain.core.access import TRAINEE
from mesotrain.formats.courses import read_course
from mesotrain.store import papers
from mesotrain.store.folders import read_folder
from mesotrain.store.people import Person
from tests.conftest import missing
from tests.machine import find
from tests.ports import free_port
from tests.world import PASSWORD, TEXTS, Engine, World
from tests.world import Browser as WorldBrowser

PATIENCE = 15_000
"""Milliseconds before a page that does not come is a failure."""

expect.set_options(timeout=PATIENCE)

COMMAND = Path(sys.executable).parent / "mesotrain"
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]

BASICS = """---
bank: basics
title: Basics
language: en
competency: BAS
section: basics#matters
---

"""
"""How a bank of the tiny course begins."""


@contextmanager
def served(environment: dict[str, str], log: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Serves the database of `environment` with the production server; gives its address."""
    port = free_port()
    address = f"http://{host}:{port}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MESOTRAIN_")}
    settings = clean | environment | {"MESOTRAIN_PUBLIC_URL": address}
    with log.open("wb") as said:
        server = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)], env=settings, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(address, server, log)
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
                pytest.fail(f"the server did not stop when asked:\n{log.read_text()}")


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


def signed_in(app: Flask, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """What a browser keeps of somebody who signed in, made without one: the served application has the same keys."""
    client = app.test_client()
    WorldBrowser(client).sign_in(email.removesuffix("@example.org"))
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie, f"{email} could not sign in"
    return {"cookies": [{"name": name, "value": cookie.value, "domain": "127.0.0.1", "path": "/"}]}


@dataclass(frozen=True)
class House:
    """A served world. Tests share it, so each brings a newcomer of its own."""

    world: World
    address: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def newcomer(self, name: str = "Nora Newcomer") -> str:
        """A new trainee of the clinic Quay, nobody else's in these tests; gives their e-mail address."""
        number = next(self.numbers)
        email = f"newcomer{number}@example.org"
        hashed = self.world.app.extensions["passwords"].hash(PASSWORD)
        ids = self.world.ids

        def work(session: Any) -> None:
            person = people.create_person(session, f"{name} {number}", email, hashed, os.urandom(16), "en", "UTC")
            people.join(session, self.world.clock(), ids["Harbour"], person, [(TRAINEE, ids["Quay"])])

        self.world.do(work)
        return email

    def person(self, email: str) -> Person:
        """The account of an address."""
        with self.world.session() as session:
            found = session.query(Person).filter_by(email=email).one()
            session.expunge(found)
        return found

    def kept(self, attempt: int) -> dict[int, dict[str, list[str]]]:
        """What the service has of an attempt: the newest fields of each slot, empty ones left out."""
        with self.world.session() as session:
            slots = [(slot.position, slot.fields or {}) for slot in papers.slots(session, attempt)]
        return {
            position: {name: list(given) for name, given in fields.items() if any(given)} for position, fields in slots
        }


@pytest.fixture(scope="package")
def house(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The cast and the tiny course, served."""
    world = engine.world()
    with served(world.environment, tmp_path_factory.mktemp("served") / "server.log") as address:
        yield House(world, address)
    world.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of this folder."""
    path = find()
    if path is None:
        missing("There is no Chromium here; run `python tests/machine.py` to install one.")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One visitor's browser: a context of its own, and what went wrong in it."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    pardons: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", lambda said: self._fault(said.text) if said.type in {"error", "warning"} else None)
        self.context.on("weberror", lambda error: self._fault(f"page error: {error.error}"))
        self.context.on("request", self._request)
        self.context.on("requestfailed", self._failed)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:")):
            self._fault(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        left = request.failure == "net::ERR_ABORTED" and request.resource_type not in {"fetch", "xhr"}
        if not left:  # whoever leaves a page while its icon is on the way does no harm
            self._fault(f"{request.failure}: {request.url}")

    def _fault(self, words: str) -> None:
        hit = {pardon for pardon in self.pardons if pardon in words}
        self.used |= hit
        if not hit:
            self.faults.append(words)

    def pardon(self, *words: str, perhaps: bool = False) -> None:
        """From now on, what holds any of these words is expected; unless it is a `perhaps`, it has to come, too."""
        self.pardons |= set(words)
        self.used |= set(words if perhaps else ())

    def go(self, path: str) -> Page:
        """Goes to a path of the service."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        """Signs in by the form that is there."""
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        return self.page

    def judge(self) -> list[str]:
        """What went wrong until now; from here on the slate is clean."""
        found = self.faults + [f"pardoned, but never came: {words}" for words in self.pardons - self.used]
        for slate in (self.faults, self.pardons, self.used):
            slate.clear()
        return found


Visitor = Callable[..., Visit]

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="session")
"""For what happens in the browser alone: one engine is enough."""


@pytest.fixture
def visitors(chromium: Browser) -> Iterator[Visitor]:
    """Opens a browser on an address, for as many visitors as a test needs."""
    visits: list[Visit] = []

    def open_one(address: str, **options: Any) -> Visit:
        context = chromium.new_context(**({"reduced_motion": "reduce", "locale": "en-GB"} | options))
        visit = Visit(context, context.new_page(), address)
        visits.append(visit)
        return visit

    yield open_one
    for visit in visits:
        visit.context.close()
    faults = [fault for visit in visits for fault in visit.judge()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def visit(visitors: Visitor, house: House) -> Visitor:
    """A browser on the served world, signed in as somebody of the cast, by an e-mail address, or as nobody."""

    def open_one(who: str | None = None, **options: Any) -> Visit:
        if who is None:
            return visitors(house.address, **options)
        email = who if "@" in who else f"{who}@example.org"
        visit = visitors(house.address, storage_state=signed_in(house.world.app, email), **options)
        visit.go("/")
        return visit

    return open_one


@pytest.fixture
def other_house(engine: Engine, tmp_path: Path) -> Iterator[House]:
    """A house of this test's own: what is published in it stays there."""
    world = engine.world()
    with served(world.environment, tmp_path / "server.log") as address:
        yield House(world, address)
    world.close()


@pytest.fixture(scope="package")
def quizzes(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which each quiz that a test makes is in a course of its own."""
    world = engine.world()
    with served(world.environment, tmp_path_factory.mktemp("quizzes") / "server.log") as address:
        yield House(world, address)
    world.close()


@pytest.fixture
def one_question(quizzes: House, visitors: Visitor) -> Callable[..., Callable[..., Visit]]:
    """Makes the quiz of a course like the tiny one ask what a bank of one question holds; gives what begins it.

    `quiz` is how many questions it asks instead, and what other rules it has. Whoever begins it is a newcomer.
    """
    course = f"quiz{next(quizzes.numbers)}"

    def publish(bank: str, quiz: str = "questions: 1", **media: bytes) -> Callable[..., Visit]:
        files = read_folder(TEXTS / "tiny")
        named = str(files["course.yaml"]).replace("course: tiny", f"course: {course}")
        lesson = str(files["basics/lesson.md"]).replace("questions: 4", quiz)
        lesson = "\n".join(line for line in lesson.split("\n") if "bank.md#" not in line)
        changed: dict[str, str | bytes] = {"course.yaml": named, "basics/bank.md": bank, "basics/lesson.md": lesson}
        changed |= {f"basics/media/{name}.svg": content for name, content in media.items()}
        world = quizzes.world
        world.do(lambda session: courses.publish(session, world.clock(), read_course({**files, **changed})))
        return begin

    def begin(**options: Any) -> Visit:
        state = signed_in(quizzes.world.app, quizzes.newcomer())
        visit = visitors(quizzes.address, storage_state=state, **options)
        visit.go(f"/courses/{course}/basics").get_by_role("button", name="Start the quiz").click()
        visit.page.wait_for_url(re.compile(r"/attempts/\d+\?lease=1$"))
        return visit

    return publish
