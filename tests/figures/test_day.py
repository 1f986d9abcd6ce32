"""The day of an exam: hundreds arrive within a minute, change their answers, and all hand in within the last."""

import asyncio
import random
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from mesotrain.actions import courses
from mesotrain.config import ROOT
from mesotrain.core.assessments import ALL_QUESTIONS
from mesotrain.core.courses import Course
from mesotrain.core.plans import Cell
from mesotrain.formats.courses import read_course
from mesotrain.store.folders import read_folder
from tests.figures.promises import SOAK, Found, control, tell
from tests.served import WORKER, Served
from tests.takers import BROKEN, TOKEN, Line, at_work, enrol
from tests.world import Engine

ITEMS, TAKERS, MANY = 60, 500, 2000
SECONDS = 1800 if SOAK else 120
RUSH = 60
"""Seconds within which all arrive, and all hand in."""

BETWEEN = (8, 20)
"""Seconds from a change to the next."""


EXAM = "/courses/mesotherapy/final-exam"
PLAN = tuple(
    Cell(competency, level, draws)
    for competency in ("EMG", "ASP", "CON")
    for level, draws in (("apply", 12), ("judge", 6), ("recall", 2))
)


@cache
def course() -> Course:
    """The real course, whose exam asks `ITEMS` questions on one page."""
    text = read_course(read_folder(ROOT / "courses" / "mesotherapy"))
    *lessons, exam = text.modules
    quiz = replace(exam.quiz, questions=ITEMS, minutes=90, pages=ALL_QUESTIONS, plan=PLAN)
    return replace(text, modules=(*lessons, replace(exam, quiz=quiz)))


@dataclass
class Day:
    """What the takers of a day met: milliseconds by what they asked, and what went wrong."""

    began: float
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    async def ask(self, kind: str, status: int, asking) -> bytes:  # type: ignore[no-untyped-def]
        """The reply; it is an error where there is none, or another than was to come."""
        began = time.monotonic()
        try:
            reply = await asking
        except BROKEN as error:
            self.errors.append(f"{kind}: {error!r}")
            return b""
        self.took[kind].append((time.monotonic() - began) * 1000)
        if reply.status != status:
            self.errors.append(f"{kind}: {reply.status} {reply.body[:200]!r}")
        return reply.location.encode() or reply.body

    def slowest(self, kind: str, share: float, per_cent: int) -> float:
        """The milliseconds within which so many of a hundred were answered, as far as the server had the processors."""
        times = sorted(self.took[kind])
        return round(times[min(len(times) - 1, len(times) * per_cent // 100)] * share, 1) if times else 0.0


async def begin(day: Day, line: Line) -> str:
    """Opens the page of the exam, starts it and opens its sitting; gives the attempt's address."""
    token = TOKEN.search(await day.ask("page", 200, line.ask("GET", EXAM)))
    line.token = token[1].decode() if token else ""
    location = (await day.ask("start", 303, line.post(f"{EXAM}/attempts"))).decode()
    await day.ask("sitting", 200, line.ask("GET", location))
    attempt, _, lease = location.partition("?lease=")
    line.lease = int(lease or 0)
    return attempt


async def change(day: Day, line: Line, attempt: str, chance: random.Random) -> None:
    """Answers one of the questions, or answers it anew."""
    number, fields = int(attempt.rpartition("/")[2] or 0), chance.choice([{"choice": ["x"]}, {"number": ["1.5"]}])
    await day.ask("save", 200, line.save(number, chance.randint(1, ITEMS), uuid.uuid4().hex, fields))


async def hand_in(day: Day, line: Line, attempt: str) -> None:
    """Looks through it once more, hands it in and sees the result."""
    await day.ask("look", 200, line.ask("GET", f"{attempt}/finish?lease={line.lease}"))
    await day.ask("finish", 303, line.post(f"{attempt}/finish"))
    await day.ask("result", 200, line.ask("GET", f"{attempt}/result"))
    line.close()


async def sit(day: Day, line: Line, chance: random.Random) -> None:
    """One taker's exam."""
    line.patience = 60
    await asyncio.sleep(max(0, day.began + chance.uniform(0, RUSH) - time.monotonic()))
    attempt = await begin(day, line)
    end = day.began + SECONDS - RUSH + chance.uniform(0, RUSH)
    while (wait := chance.uniform(*BETWEEN)) + time.monotonic() < end:
        await asyncio.sleep(wait)
        await change(day, line, attempt, chance)
    await asyncio.sleep(max(0, end - time.monotonic()))
    await hand_in(day, line, attempt)


def memory(served: Served) -> int:
    """KB of the server's processes, the worker apart."""
    found = 0
    for process in set(served.processes()) - set(served.processes(WORKER)):
        status = Path(f"/proc/{process}/status").read_text()
        found += int(status.partition("VmRSS:")[2].split()[0])
    return found


def a_day(engine: Engine, folder: Path, takers: int, part: str, without: str = "") -> Found:
    world = engine.world()
    world.clock.now = datetime.now(UTC)
    world.do(lambda session: courses.publish(session, world.clock(), course()))
    served = Served(world, folder / "serve.log", without=without)
    try:
        served.start()
        served.wait()
        lines = [Line(served.port, cookie) for cookie in enrol(world, takers)]
        day = Day(time.monotonic())
        with at_work([sit(day, line, random.Random(number)) for number, line in enumerate(lines)], SECONDS + 120):
            time.sleep(RUSH)
            at_first = memory(served)
            time.sleep(SECONDS - RUSH + 1)
            share, at_last = served.share(), memory(served)
        asked = {kind: len(times) for kind, times in day.took.items()}
        print(*day.errors[:5], f"{part}: {asked} share={share:.2f}", sep="\n")  # noqa: T201 (what else was seen)
        return {
            f"{part}.saves": len(day.took["save"]),
            f"{part}.errors": len(day.errors),
            f"{part}.save95": day.slowest("save", share, 95),
            f"{part}.save99": day.slowest("save", share, 99),
            f"{part}.start95": day.slowest("start", share, 95),
            f"{part}.grown": round((at_last / at_first - 1) * 100, 1),
        }
    finally:
        served.clear()
        world.close()


def test_five_hundred_take_an_exam(engine: Engine, tmp_path: Path) -> None:
    tell(a_day(engine, tmp_path, TAKERS, "day"), engine.name)


@pytest.mark.skipif(not SOAK, reason="two thousand takers are of the soak")
def test_two_thousand_take_an_exam(engine: Engine, tmp_path: Path) -> None:
    found = a_day(engine, tmp_path, MANY, "crowd")
    tell({name: found[name] for name in ("crowd.saves", "crowd.errors", "crowd.save99")}, engine.name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_server_that_rests_at_each_save_is_seen(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.figures.test_day.SECONDS", 30)
    monkeypatch.setattr("tests.figures.test_day.RUSH", 10)
    monkeypatch.setattr("tests.figures.test_day.BETWEEN", (1, 3))
    control(a_day(engine, tmp_path, 60, "day", "quick_saves"), "day.save95")
