"""What an exam of 60 questions costs the server, alone: `make bench` asks. It is a measure, and has no control."""

import asyncio
import random
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from mesotrain.actions import courses
from tests.figures.promises import tell
from tests.figures.test_day import ITEMS, Day, exam
from tests.served import Served
from tests.takers import TOKEN, Line, enrol
from tests.test_canaries import statements
from tests.world import Engine


async def alone(port: int, cookies: list[str], day: Day, module: str) -> None:
    """Exams of 14 requests, one after the other."""
    for number, cookie in enumerate(cookies):
        line, chance = Line(port, cookie), random.Random(number)
        token = TOKEN.search(await day.ask("page", 200, line.ask("GET", f"/courses/mesotherapy/{module}")))
        assert token
        line.token = token[1].decode()
        location = await day.ask("start", 303, line.post(f"/courses/mesotherapy/{module}/attempts"))
        attempt = int(location.rpartition(b"/")[2])
        await day.ask("sitting", 200, line.ask("GET", f"/attempts/{attempt}"))
        for _ in range(8):
            fields = chance.choice([{"choice": ["x"]}, {"number": ["1.5"]}])
            await day.ask("save", 200, line.save(attempt, chance.randint(1, ITEMS), uuid.uuid4().hex, fields))
        await day.ask("look", 200, line.ask("GET", f"/attempts/{attempt}/finish"))
        await day.ask("finish", 303, line.post(f"/attempts/{attempt}/finish"))
        await day.ask("result", 200, line.ask("GET", f"/attempts/{attempt}/result"))
        line.close()


def test_what_an_exam_costs(engine: Engine, tmp_path: Path) -> None:
    world, takers = engine.world(), 30
    world.clock.now = datetime.now(UTC)
    world.do(lambda session: courses.publish(session, world.clock(), exam()))
    served, module = Served(world, tmp_path / "serve.log"), exam().modules[0].name
    try:
        served.start()
        served.wait()
        cookies, day = enrol(world, 2 * takers), Day(time.monotonic())
        asyncio.run(alone(served.port, cookies[:takers], day, module))  # every process has met every page
        before = served.used()
        asyncio.run(alone(served.port, cookies[takers:], day, module))
        spent = (served.used() - before) * 1000 / takers
        assert not day.errors, day.errors
        taker = world.client("trainee")
        token = {"csrf_token": taker.token("/account")}
        begun = taker.client.post(f"/courses/mesotherapy/{module}/attempts", data=token)
        with statements(world) as heard:
            assert taker.client.post(f"{begun.headers['Location']}/finish", data=token).status_code == 303
        queries = [one for one in heard if not one.startswith(("BEGIN", "PRAGMA"))]
        tell({"exam.cpu": round(spent, 1), "exam.queries": len(queries)}, engine.name)
    finally:
        served.clear()
        world.close()
