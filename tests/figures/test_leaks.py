"""Nothing tells a key before its time: no page, log, mail or export, no place, no length, and no save that marks."""

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.actions import courses
from mesotrain.cli.worker import Worker
from mesotrain.core.attempts import seed_of
from mesotrain.core.questions import question
from mesotrain.core.questions.choice import Choice
from mesotrain.store import papers
from tests.cli.test_commands import invoke
from tests.cli.test_worker import Inbox
from tests.figures.promises import Found, control, tell
from tests.ports import free_port
from tests.test_canaries import (
    BEFORE_RELEASE,
    KEYS,
    NUMBERS,
    SPELLINGS,
    TYPED,
    Crawl,
    canary_course,
    chi_square,
    everything,
    finish,
    mischief,
    start,
    statements,
)
from tests.web.leaks import beside
from tests.world import Browser, Engine, World, question_of

CANARIES = [*KEYS, *NUMBERS, *SPELLINGS, *TYPED]
SEEDS = 100_000
CHOICE = "cnry-7001"


@pytest.fixture
def cage(engine: Engine) -> Iterator[World]:
    """The course of canaries, served as in production."""
    world = engine.world()
    world.app.testing = False
    world.do(lambda session: courses.publish(session, world.clock(), canary_course()))
    yield world
    world.close()


# What is said anywhere -----------------------------------------------------------------------------------------------


class Said(logging.Handler):
    """All that is logged, by whomever."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args}")


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile, at every level."""
    said, root = Said(), logging.getLogger()
    names = ["", *(name for name in logging.root.manager.loggerDict if name.startswith(("mesotrain", "flask")))]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(said)
    try:
        yield said.lines
    finally:
        root.removeHandler(said)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def heard(world: World) -> dict[str, str]:
    """What is said of an attempt, by where: on the way, at its end, and to others."""
    taker, manager = world.client("trainee"), world.client("manager")
    inbox = Inbox(free_port())
    server = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    server.start()
    try:
        with logged() as lines, beside(world, LOG_LEVEL="DEBUG") as seen:
            taker.client = seen.app.test_client()
            taker.sign_in("trainee")
            attempt = start(taker)
            for place in range(1, 16):
                taker.save(attempt, place, {"choice": ["x"], "answer": ["x"], "number": ["1,500"]})
            crawl = Crawl(taker, BEFORE_RELEASE).run("/", f"/attempts/{attempt}")
            exports = [
                everything(taker.get("/record.json")),
                invoke(world, "person", "export", "trainee@example.org").output,
            ]
            exports += [everything(manager.get(page)) for page in ("/team.csv", "/team.xlsx")]
            assert start(taker) == attempt, "the crawl has gone on with it in a window of its own"
            list(mischief(seen, taker, attempt))
            finish(taker, attempt)
        settings = {"SMTP_URL": f"smtp://127.0.0.1:{inbox.port}"}
        with beside(world, **settings) as mailing:
            world.clock.now += timedelta(seconds=1)
            worker = Worker(mailing.app, world.clock)
            while worker.work():
                pass
    finally:
        server.stop()
    pages = "\n".join(text for what, text in crawl.heard if "/static/" not in what)
    logs = re.sub('"ms": [0-9.]+', "", "\n".join(lines))  # a duration may be any number
    return {"pages": pages, "exports": "\n".join(exports), "logs": logs, "mails": "\n".join(map(str, inbox.mails))}


def seen(world: World) -> Found:
    said = heard(world)
    assert "SHOWN-STEM-1" in said["pages"], "the crawl never came to the questions"
    assert "attempts.save" in said["logs"], "nothing was logged"
    assert all(said.values()), {where: len(text) for where, text in said.items()}
    found = [(where, word) for where, text in said.items() for word in CANARIES if word in text]
    print(*found[:10])  # noqa: T201 (which, where)
    return {"leaks.canaries": len(CANARIES), "leaks.seen": len(found)}


def test_no_canary_is_seen_anywhere(cage: World, engine: Engine) -> None:
    tell(seen(cage), engine.name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_key_that_is_logged_is_seen(cage: World, monkeypatch: pytest.MonkeyPatch) -> None:
    save = actions.save

    def telling(session: Session, actor: Any, now: Any, attempt: int, *rest: Any) -> int:
        logging.getLogger("mesotrain.requests").debug("%s", papers.keyed_slots(session, attempt))
        return save(session, actor, now, attempt, *rest)

    monkeypatch.setattr(actions, "save", telling)
    control(seen(cage), "leaks.seen")


# Where it stands -----------------------------------------------------------------------------------------------------


def places(order: Callable[[Choice, str], list[str]]) -> Found:
    """How unevenly the key stands over all seeds."""
    text = next(one for one in canary_course().modules[0].questions if one.name == CHOICE)
    kind = question(text.taker, text.key)
    right = next(option for option, credit in text.key["credit"].items() if credit == "1")
    found = Counter(order(kind, seed_of(f"{number}", 1)).index(right) for number in range(SEEDS))
    return {"leaks.seeds": SEEDS, "leaks.position": round(chi_square(found, len(kind.options)), 2)}


def test_the_key_stands_anywhere_with_equal_chance() -> None:
    tell(places(lambda kind, seed: kind.ask(seed).options))


def test_an_order_that_favours_a_place_is_seen() -> None:
    """As one that leaves one question in a hundred as it was written."""
    control(places(lambda kind, seed: kind.options if "00/" in seed else kind.ask(seed).options), "leaks.position")


# What a save tells, and where it comes -------------------------------------------------------------------------------


def lengths(world: World, right: bool) -> list[int]:
    """The lengths of the replies to a save of each place, answered right or not, headers included."""
    taker = world.client("trainee" if right else "colleague")
    attempt = start(taker)
    with world.session() as session:
        slots = {
            slot.version: (
                slot.position,
                question_of(slot).ask(seed_of("s", 1)),
            )
            for slot in papers.keyed_slots(session, attempt)
        }
    found = []
    for _, (place, asked) in sorted(slots.items()):
        examples = [(fields, credit) for fields, credit in asked.examples() if asked.read(fields).answer is not None]
        fields = (max if right else min)(examples, key=lambda one: one[1])[0]
        reply = taker.save(attempt, place, {name: list(given) for name, given in fields.items() if name != "stage"})
        assert reply.status_code == 200
        found.append(
            len(reply.data) + sum(len(name) + len(value) for name, value in reply.headers if name != "Set-Cookie")
        )
    return found


def test_no_reply_is_longer_for_a_right_answer(cage: World, engine: Engine) -> None:
    right, wrong = (lengths(cage, one) for one in (True, False))
    assert len(right) == len(wrong) == 15
    tell({"leaks.lengths": sum(one != other for one, other in zip(right, wrong, strict=True))}, engine.name)


def reached(world: World, do: Callable[[Browser, int], Any]) -> int:
    """How often marking, or the table of keys, is reached by what a taker does."""
    taker, calls = world.client("trainee"), Counter[str]()
    attempt = start(taker)
    taker.token("/account")

    def look(frame: Any, what: str, _: object) -> None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if what == "call" and "/mesotrain/" in file:
            marks = file.endswith(("core/grading.py", "core/marking.py")) or (
                "core/questions/" in file and name == "mark"
            )
            calls["marking" if marks else "else"] += 1

    with statements(world) as heard_:
        sys.setprofile(look)
        try:
            do(taker, attempt)
        finally:
            sys.setprofile(None)
    assert calls["else"], "nothing was seen"
    return calls["marking"] + sum("question_keys" in one for one in heard_)


def every_save(taker: Browser, attempt: int) -> None:
    for place in range(1, 16):
        taker.save(attempt, place, {"choice": ["x"], "answer": ["x"], "number": ["1,500"]})
    taker.post(f"/attempts/{attempt}/answers", {"2.seen": "0", "2.flag": "1"}, page="/sign-in")


def test_a_save_never_reaches_marking(cage: World, engine: Engine) -> None:
    tell({"leaks.marking": reached(cage, every_save)}, engine.name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_handing_in_does(cage: World) -> None:
    found = reached(cage, lambda taker, attempt: taker.post(f"/attempts/{attempt}/finish", page="/sign-in"))
    control({"leaks.marking": found}, "leaks.marking")
