"""The main pages over the real course, with a quiz of 20, a team of 25 and a database that can grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import count, cycle
from typing import Any
from uuid import uuid4

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from mesotrain.actions import accounts, assignments, attempts, courses, people
from mesotrain.config import ROOT
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.courses import Course
from mesotrain.formats.courses import read_course
from mesotrain.store.db import db
from mesotrain.store.folders import read_folder
from mesotrain.store.people import Person
from mesotrain.web.reading import words_of
from mesotrain.web.signed_in import digest_of, new_token
from tests.world import Browser, World

ITEMS = 20
PEOPLE = 25
COURSE, MODULE = "mesotherapy", "first-minutes"
MOST_QUERIES = 7
MOST_QUERIES_FINISHING = 8
MOST_COLD = 120_000


@cache
def course() -> Course:
    """The real course, its quizzes asking 20."""
    text = read_course(read_folder(ROOT / "courses" / COURSE))
    modules = (replace(one, quiz=replace(one.quiz, questions=ITEMS)) for one in text.modules)
    return replace(text, modules=tuple(modules))


SECTIONS = 300


@cache
def library() -> Course:
    """A course of many sections: the texts of the real ones over and over, so that words are as common as they are."""
    text = course()
    found = cycle([section for module in text.modules for section in module.sections])
    sections = [replace(next(found), name=f"part-{number}", media={}) for number in range(SECTIONS)]
    modules = [
        replace(text.modules[0], name=f"shelf-{at}", sections=tuple(sections[at : at + 20]), questions=())
        for at in range(0, SECTIONS, 20)
    ]
    return replace(text, name="library", modules=tuple(modules))


@dataclass(frozen=True)
class Page:
    """A page, who looks at it, and how many bare pages its CPU may be (none: no goal)."""

    name: str
    who: str
    url: str
    goal: float | None = None
    bare: str = "/page"


class Stage:
    """A world where the trainee has handed in one quiz and sits the next, among people who have handed in one each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = [world.actor("trainee"), world.actor("colleague")]
        self.numbers = count(2)
        world.do(lambda session: courses.publish(session, world.clock(), course()))
        world.do(lambda session: courses.publish(session, world.clock(), library(), world.ids["Northlight"]))
        who = ("trainee", "colleague", "manager", "educator", "other_trainee")
        self.browsers = {one: world.client(one) for one in who}
        self.grow(PEOPLE, 1)

    def grow(self, people: int, attempts_each: int) -> None:
        """Fills the trainee's clinic up to `people`; the first of them hand in so many more quizzes."""
        while len(self.people) < people:
            self.people.append(self.newcomer())
        self.assign()
        for _ in range(attempts_each):
            self.handed_in, *_ = [self.sit(actor, finish=True) for actor in self.people[:PEOPLE]]
        self.open = self.sit(self.people[0])

    def assign(self) -> None:
        """A course to everybody, due soon; whoever has it already keeps their day."""
        manager, now = self.world.actor("manager"), self.world.clock()
        persons, due = [one.person for one in self.people], now.date() + timedelta(days=9)
        self.world.do(lambda session: assignments.assign(session, manager, now, "tiny", persons, due))

    def newcomer(self) -> Actor:
        """Somebody new in the trainee's clinic."""
        number = next(self.numbers)
        actor: Actor = self.world.do(lambda session: self._join(session, number))
        return actor

    def _join(self, session: Session, number: int) -> Actor:
        like, ids, email = self.people[0], self.world.ids, f"person{number}@example.org"
        name = f"Person {number:04}"
        row = people.create_person(session, name, email, "", email.encode(), like.locale, like.zone)
        people.join(session, self.world.clock(), ids["Harbour"], row, [(TRAINEE, ids["Quay"])])
        return replace(like, person=row.id, name=name, commitment=row.commitment)

    def sit(self, actor: Actor, module: str = MODULE, *, finish: bool = False, right: bool = True) -> int:
        """An attempt of theirs with every question answered, all of them right or none."""
        world, now = self.world, self.world.clock()
        seed = f"{actor.name} {now}"
        attempt: int = world.do(lambda session: attempts.start(session, actor, now, seed, COURSE, module))
        answers = world.right_answers(attempt)

        def work(session: Session) -> None:
            for position, fields in answers.items():
                given = fields if right else {"choice": ["none of these"]}
                attempts.save(session, actor, now, attempt, 0, position, uuid4().hex, given)
            if finish:
                attempts.finish(session, actor, now, attempt)

        world.do(work)
        return attempt

    def pages(self) -> list[Page]:
        """The main pages as they are now."""
        sitting = f"/attempts/{self.open}"
        return [
            Page("today", "trainee", "/"),
            Page("lesson", "trainee", f"/courses/{COURSE}/{MODULE}", 2),
            Page(f"search of {SECTIONS}", "other_trainee", "/search?q=adrenaline+dose", 2),
            Page("course", "trainee", f"/courses/{COURSE}"),
            Page("practice", "trainee", "/practice"),
            Page("drafts", "educator", "/drafts"),
            Page(f"sitting of {ITEMS}", "trainee", sitting, 3),
            Page("hand in", "trainee", f"{sitting}/finish"),
            Page(f"result of {ITEMS}", "trainee", f"/attempts/{self.handed_in}/result"),
            Page(f"team of {PEOPLE}", "manager", "/team"),
            Page("person", "manager", f"/team/{self.people[0].person}"),
            Page("assignments", "manager", "/team/assignments"),
            Page("questions", "educator", "/questions"),
        ]

    def manager_pages(self) -> list[Page]:
        """What has a goal among many people: the table, and a person who sat five quizzes."""
        with self.world.session() as session:
            person = session.scalars(select(func.min(Person.id)).where(Person.name.like("Person _____"))).one()
        return [
            Page("team", "manager", "/team", 1.5, "/team"),
            Page("person", "manager", f"/team/{person}", 2, f"/team/{person}"),
        ]

    def manager_views(self) -> list[Page]:
        """Ways to look at the table that read everybody's row, and the files of everybody."""
        urls = {
            "team, last page": "/team?page=999999",
            "team, expired": "/team?state=expired",
            "team, expiring": "/team?expiring=30",
            "team, weakest": "/team?sort=weakest",
            "team, a name": "/team?q=son+0012",
            "csv": "/team.csv",
            "xlsx": "/team.xlsx",
        }
        return [Page(name, "manager", url, bare="/team") for name, url in urls.items()]

    @contextmanager
    def queries(self) -> Iterator[list[str]]:
        """The statements that are run meanwhile, without those that begin a transaction."""
        found: list[str] = []

        def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                found.append(statement)

        with self.world.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", listen)
        try:
            yield found
        finally:
            event.remove(engine, "before_cursor_execute", listen)

    def count(self, page: Page) -> dict[str, int]:
        with self.queries() as said:
            assert self.browsers[page.who].get(page.url).status_code == 200, page
        return {page.name: len(said)}

    def asked(self, url: str, key: str) -> int:
        """How many statements a question of another program is."""
        with self.queries() as said:
            reply = self.world.app.test_client().get(url, headers={"Authorization": f"Bearer {key}"})
        assert reply.status_code == 200, reply.text
        return len(said)

    def counts(self) -> dict[str, int]:
        """How many statements each page, a save and handing in `ITEMS` answers are."""
        found = {}
        self.browsers["trainee"].get("/")  # a process looks once whether the database is up to date
        for page in self.pages():
            words_of.cache.clear()  # what the first reader of a lesson makes the service do
            found |= self.count(page)
        mine, theirs = self.browsers["trainee"], self.browsers["colleague"]
        body = {"op": f"counted-{len(self.people)}", "fields": {"choice": ["x"]}, "lease": 0}
        headers = {"X-CSRFToken": mine.token("/account")}
        with self.queries() as said:
            assert mine.client.put(f"/attempts/{self.open}/answers/1", json=body, headers=headers).status_code == 200
        found["save"] = len(said)
        attempt = self.sit(self.people[1])
        headers = {"X-CSRFToken": theirs.token("/account")}
        with self.queries() as said:
            assert theirs.client.post(f"/attempts/{attempt}/finish", headers=headers).status_code == 303
        found["finish"] = len(said)
        return found

    def browser_of(self, actor: Actor) -> Browser:
        """A browser of anybody on the stage, signed in without the cost of a password."""
        token, browser = new_token(), self.world.client()
        hours = self.world.app.config["SIGN_IN_HOURS"]
        self.world.do(
            lambda session: accounts.sign_in(session, self.world.clock(), actor.person, digest_of(token), hours, 2)
        )
        with browser.client.session_transaction() as cookie:
            cookie["_user_id"] = token
        return browser
