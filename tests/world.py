"""The world the tests live in: a fixed cast, a small course, a clock of its own, on either engine."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mesotrain.actions import accounts, courses, people
from mesotrain.core.access import ADMINISTRATOR, AUDITOR, EDUCATOR, MANAGER, TRAINEE, Actor
from mesotrain.core.attempts import seed_of
from mesotrain.core.courses import Course
from mesotrain.formats.courses import read_course
from mesotrain.store.attempts import Attempt
from mesotrain.store.db import db, transact
from mesotrain.store.folders import read_folder
from mesotrain.store.papers import keyed_slots
from mesotrain.store.people import Person, by_email
from mesotrain.web import create_app
from mesotrain.web.signed_in import digest_of, new_token
from tests.databases import Copies, Postgresql, Sqlite, application

BEGINNING = datetime(2027, 3, 12, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
KEY = "k" * 48
TEXTS = Path(__file__).parent / "texts"

CAST = {
    "trainee": ("Tess Trainee", "Harbour", TRAINEE, "Quay"),
    "colleague": ("Colin Colleague", "Harbour", TRAINEE, "Quay"),
    "elsewhere": ("Ellis Elsewhere", "Harbour", TRAINEE, "Mill"),
    "manager": ("Mona Manager", "Harbour", MANAGER, "Quay"),
    "educator": ("Edda Educator", "Harbour", EDUCATOR, None),
    "other_manager": ("Otto Other", "Northlight", MANAGER, None),
    "other_trainee": ("Olga Other", "Northlight", TRAINEE, "Cork"),
    "auditor": ("Aldo Auditor", "Harbour", AUDITOR, "Quay"),
    "administrator": ("Ada Administrator", "Harbour", ADMINISTRATOR, None),
}
"""Who -> (name, organisation, role, clinic). `manager` and `auditor` see that of `trainee` and `colleague` only."""

ORGANISATIONS = {"Harbour": ("Europe/London", ["Quay", "Mill"]), "Northlight": ("Europe/Dublin", ["Cork"])}


def close(app: Flask) -> None:
    """Gives back an application's connections."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Clock:
    """A clock that goes only when told to."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> None:
        self.now += timedelta(**length)


def tiny_course() -> Course:
    """The course of ``tests/texts/tiny``."""
    return read_course(read_folder(TEXTS / "tiny"))


@dataclass
class World:
    """An application on a database of its own, filled with the cast and the tiny course."""

    app: Flask
    clock: Clock
    environment: dict[str, str]
    ids: dict[str, int]
    back: Callable[[], None] = lambda: None
    cookies: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Gives the database back."""
        close(self.app)
        self.back()

    def client(self, who: str | None = None) -> "Browser":
        """A browser, signed in as somebody of the cast or as nobody."""
        browser = Browser(self.app.test_client())
        if who is not None:
            browser.sign_in(who)
        return browser

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session to look with; nothing done in it is kept."""
        with self.app.app_context():
            yield db.session()

    def do(self, work: Callable[[Session], Any]) -> Any:
        """`work` as one unit of work, kept."""
        with self.app.app_context():
            return transact(db.session(), lambda: work(db.session()))

    def actor(self, who: str) -> Actor:
        """Somebody of the cast as actions know them."""
        name, organisation, role, clinic = CAST[who]
        with self.session() as session:
            person = session.get_one(Person, self.ids[who])
        return Actor(
            person.id,
            self.ids[organisation],
            organisation,
            ORGANISATIONS[organisation][0],
            name,
            person.commitment,
            person.zone,
            person.locale,
            {role: frozenset({self.ids[clinic]} if clinic else ())},
        )

    def right_answers(self, attempt: int) -> dict[int, dict[str, list[str]]]:
        """Fields that earn full credit, by slot, or can; looked up in the keys, which no taker can."""
        with self.session() as session:
            seed = session.get_one(Attempt, attempt).seed
            return {
                slot.position: next(
                    {name: list(values) for name, values in fields.items()}
                    for fields, credit in asked.examples()
                    if credit == 1 or asked.markers(asked.read(fields))
                )
                for slot in keyed_slots(session, attempt)
                for asked in [question_of(slot).ask(seed_of(seed, slot.position))]
            }


def question_of(slot: Any) -> Any:
    """The question of a keyed slot, with its key."""
    from mesotrain.core.questions import question  # noqa: PLC0415

    return question(slot.taker, slot.key)


class Browser:
    """A test client that does what a browser would: keeps cookies, sends the page's CSRF token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.lease = 0

    def get(self, url: str, **more: Any) -> TestResponse:
        """A page; that of a sitting in the window that holds it."""
        if self.lease and re.fullmatch(r"/attempts/\d+(/finish)?", url):
            url += f"?lease={self.lease}"
        return self.client.get(url, **more)

    def token(self, url: str = "/sign-in") -> str:
        """The CSRF token of a page."""
        page = self.client.get(url, follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, f"{url} has no form"
        return found[1]

    def post(self, url: str, data: dict[str, Any] | None = None, *, page: str = "/", **more: Any) -> TestResponse:
        """Posts a form with the token of `page`, and the lease it has of an attempt."""
        held = {"lease": self.lease} if url.startswith("/attempts/") else {}
        return self.client.post(url, data={"csrf_token": self.token(page), **held, **(data or {})}, **more)

    def put(self, url: str, body: Any, *, page: str = "/") -> TestResponse:
        """Sends JSON as the sitting does."""
        return self.client.put(url, json=body, headers={"X-CSRFToken": self.token(page)})

    def sign_in(self, who: str, factors: int = 2) -> None:
        """Signs somebody in as if they had shown so many factors; the forms themselves have tests of their own."""
        app, token = self.client.application, new_token()
        with app.app_context():
            person = by_email(db.session(), f"{who}@example.org")
            assert person, who
            now, proof = app.extensions["clock"](), (person.id, digest_of(token), app.config["SIGN_IN_HOURS"], factors)
            transact(db.session(), lambda: accounts.sign_in(db.session(), now, *proof))
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token

    def start(self) -> int:
        """Starts the tiny quiz; gives the attempt's id."""
        reply = self.post("/courses/tiny/basics/attempts")
        assert reply.status_code == 303, reply.get_data(as_text=True)
        return self.hold(reply)

    def hold(self, reply: TestResponse) -> int:
        """The attempt that a reply leads to, whose lease this browser has from now on."""
        found = re.search(r"/attempts/(\d+)\?lease=(\d+)$", reply.headers["Location"])
        assert found
        attempt, self.lease = map(int, found.groups())
        return attempt

    def save(self, attempt: int, position: int, fields: dict[str, list[str]], op: str | None = None) -> TestResponse:
        return self.put(
            f"/attempts/{attempt}/answers/{position}",
            {"op": op or uuid.uuid4().hex, "fields": fields, "lease": self.lease},
        )


def environment(owner: str, instance: Path) -> dict[str, str]:
    """What an application of the tests is set by."""
    return {
        "MESOTRAIN_DATABASE_URL": application(owner),
        "MESOTRAIN_OWNER_DATABASE_URL": owner,
        "MESOTRAIN_SECRET_KEYS": KEY,
        "MESOTRAIN_PUBLIC_URL": "http://localhost",
        "MESOTRAIN_INSTANCE": str(instance),
    }


def fill(app: Flask, clock: Clock) -> dict[str, int]:
    """Upgrades an empty database, fills it with the cast and the tiny course, and gives their ids by name."""
    hashed = app.extensions["passwords"].hash(PASSWORD)
    ids: dict[str, int] = {}

    def work() -> None:
        session = db.session()
        courses.publish(session, clock(), tiny_course())
        for organisation, (zone, clinics) in ORGANISATIONS.items():
            ids[organisation], places = people.create_organisation(session, organisation, zone, clinics)
            ids.update(places)
        for who, (name, organisation, role, clinic) in CAST.items():
            email, zone = f"{who}@example.org", ORGANISATIONS[organisation][0]
            person = people.create_person(session, name, email, hashed, who.encode(), "en", zone)
            people.join(session, clock(), ids[organisation], person, [(role, ids[clinic] if clinic else None)])
            ids[who] = person.id

    with app.app_context():
        upgrade()
        transact(db.session(), work)
    close(app)
    return ids


class Kept:
    """The application of a copy that is used again, with the settings and extensions it was made with."""

    def __init__(self, app: Flask) -> None:
        self.app, self._config, self._extensions = app, dict(app.config), dict(app.extensions)

    def again(self, clock: Clock) -> Flask:
        """As it was made, with another clock."""
        for now, first in ((self.app.config, self._config), (self.app.extensions, self._extensions)):
            now.clear()
            now.update(first)
        self.app.extensions["clock"] = clock
        return self.app


@dataclass(frozen=True)
class Engine:
    """Makes worlds of one engine, each on a copy of a database that was filled once."""

    databases: Sqlite | Postgresql
    copies: Copies
    ids: dict[str, int]
    folder: Path
    apps: dict[str, Kept] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.databases.name

    def world(self) -> World:
        owner, clock = self.copies.fresh(), Clock()
        settings = environment(owner, self.folder)
        if owner not in self.apps:
            app = create_app(settings, clock)
            app.testing = True
            app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(self.folder))
            self.apps[owner] = Kept(app)
        return World(self.apps[owner].again(clock), clock, settings, self.ids, lambda: self.copies.back(owner))


def sqlite_engine(folder: Path) -> Engine:
    return _engine(Sqlite(folder), folder)


def postgresql_engine(folder: Path) -> Engine:
    """Raises psycopg.OperationalError where there is no server."""
    return _engine(Postgresql(), folder)


def _engine(databases: Sqlite | Postgresql, folder: Path) -> Engine:
    clock, template = Clock(), databases.make()
    ids = fill(create_app(environment(template, folder), clock), clock)
    return Engine(databases, Copies(databases, template), ids, folder)
