"""What an exam of 60 questions costs the server, alone: `make bench` asks. It is a measure, and has no control."""

import asyncio
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from mesotrain.actions import courses
from tests.figures.promises import tell
from tests.figures.test_day import EXAM, Day, begin, change, course, hand_in
from tests.served import Served
from tests.takers import Line, enrol
from tests.test_canaries import statements
from tests.world import Engine

SAVES = 8
"""With the page of the exam, its start, the sitting, the look before handing in, that and the result: 14 requests."""


async def alone(port: int, cookies: list[str], day: Day) -> None:
    """Exams of 14 requests, one after the other."""
    for number, cookie in enumerate(cookies):
        line, chance = Line(port, cookie), random.Random(number)
        attempt = await begin(day, line)
        for _ in range(SAVES):
            await change(day, line, attempt, chance)
        await hand_in(day, line, attempt)


def test_what_an_exam_costs(engine: Engine, tmp_path: Path) -> None:
    world, takers = engine.world(), 30
    world.clock.now = datetime.now(UTC)
    world.do(lambda session: courses.publish(session, world.clock(), course()))
    served = Served(world, tmp_path / "serve.log")
    try:
        served.start()
        served.wait()
        cookies, day = enrol(world, 2 * takers), Day(time.monotonic())
        asyncio.run(alone(served.port, cookies[:takers], day))  # every process has met every page
        before = served.used()
        asyncio.run(alone(served.port, cookies[takers:], day))
        spent = (served.used() - before) * 1000 / takers
        assert not day.errors, day.errors
        taker = world.client("trainee")
        attempt = taker.hold(taker.post(f"{EXAM}/attempts"))
        form = {"csrf_token": taker.token("/account"), "lease": taker.lease}
        with statements(world) as heard:
            assert taker.client.post(f"/attempts/{attempt}/finish", data=form).status_code == 303
        queries = [one for one in heard if not one.startswith(("BEGIN", "PRAGMA"))]
        tell({"exam.cpu": round(spent, 1), "exam.queries": len(queries)}, engine.name)
    finally:
        served.clear()
        world.close()
