"""What questions in GIFT cost on their whole way: read by a process apart, and into a draft in the database."""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from sqlalchemy.orm import Session

from mesotrain import apart
from mesotrain.actions import drafts
from mesotrain.actions import exchange as actions
from mesotrain.actions.exchange import Ahead
from mesotrain.formats.exchange import Conversion, convert
from mesotrain.formats.exchange.parcels import packed, unpacked
from mesotrain.store import drafts as store
from mesotrain.store.db import for_reading
from tests.actions.drafting import kept_by, tiny
from tests.bench.gift import gift
from tests.world import World

MANY, ROUNDS = 2_000, 9
MOODLE, TIMES = 243, 40
"""Questions a second that Moodle 4.5 imported on such a machine, and how many times as many are wanted."""


def import_row(world: World) -> list[str]:
    """Questions a second: of `json.loads` and of each step by processor time, and of all of it, that by the clock too.

    A step, or all of it, is the median of its rounds, in which they take turns.
    """
    kept_by(world, "Harbour")
    content, taken = gift(MANY), list[dict[str, float]]()
    for _ in range(ROUNDS):
        cost = _parts(world, content)
        begun = time.perf_counter()
        _entered(world, {}, apart.converted(content, "x.gift", "gift", ""))
        taken.append(cost | {"all": sum(cost.values()) - cost["json"], "clock": time.perf_counter() - begun})
    each = {name: median(one[name] for one in taken) / MANY for name in taken[0]}
    bare, goal = each.pop("json"), MOODLE * TIMES
    well = "PASS" if 1 / each["all"] >= goal else "FAIL"
    return [f"{1 / bare:,.0f}", *(f"{1 / one:,.0f} ({one / bare:.0f}x)" for one in each.values()), f"{well} ≥ {goal:,}"]


def _parts(world: World, content: bytes) -> dict[str, float]:
    """Processor time of each step."""
    cost = dict[str, float]()
    found = _timed(cost, "read", lambda: convert(content, "x.gift", "gift", ""))
    made = _timed(cost, "handed over", lambda: unpacked(b"".join(packed(found))))
    _entered(world, cost, made)
    said = json.dumps([{"taker": one.question.taker, "key": one.question.key} for one in made.questions])
    _timed(cost, "json", lambda: json.loads(said))
    return cost


def _entered(world: World, cost: dict[str, float], made: Conversion) -> None:
    """These questions looked at and stored; the draft is then discarded."""
    actor = world.actor("educator")

    def look(session: Session) -> Ahead:
        for_reading(session)
        kept = store.kept(session, actor)[0]
        return actions.look(session, actor, kept, "basics", made.questions, {}, lambda name: tiny())

    with world.session() as session:
        ahead = _timed(cost, "looked at", lambda: look(session))
    _timed(cost, "stored", lambda: world.do(lambda session: actions.bring(session, actor, world.clock(), ahead)))
    world.do(lambda session: drafts.discard(session, actor, world.clock(), store.kept(session, actor)[0]))


def _timed(cost: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    begun = time.process_time()
    done = work()
    cost[name] = time.process_time() - begun
    return done
