"""A real browser sits an exam over a network that fails: nothing is lost or doubled, and it says how it is."""

import math
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select
from werkzeug.serving import make_server

from mesotrain.actions import courses
from mesotrain.store.answers import AnswerLog
from tests.browser.conftest import chromium, on_sqlite, signed_in
from tests.figures.promises import SOAK, Found, Rounds, control
from tests.figures.proxy import FAULTS, SIGNED_OUT, Proxy, between
from tests.world import Engine, World, tiny_course

__all__ = ["chromium"]

pytestmark = on_sqlite
OFFLINE = "offline"
SHORTEST, LONGEST = 10, 1800
"""Seconds of an outage."""

AWAKE = 40
"""Seconds of it that the page lives through; then the lid is closed."""

A_ROUND = 25 if SOAK else 10
PATIENCE = 60
"""Seconds of the page's own clock after which it will say nothing new any more."""

SAID = "document.getElementById('save-state').dataset.state"
TROUBLED = ("unsent", "offline", "signedout")
CHOSEN = """
[...document.querySelectorAll("input[type=radio]:checked")].map((it) => [it.name.split(".")[0], it.value])
"""
CLOCK = """
let now, last = 0;
const timers = new Map();
Date.now = () => (now ??= Date.parse(document.getElementById("answers").dataset.now));
performance.getEntriesByType = () => [{ responseStart: Date.now() - performance.timeOrigin }];
window.setTimeout = (work, ms = 0) => timers.set(++last, { work, at: Date.now() + ms }) && last;
window.clearTimeout = (number) => timers.delete(number);
window.forward = (ms) => {
  now = Date.now() + ms;
  const due = [...timers].filter(([, { at }]) => at <= now).sort(([, one], [, other]) => one.at - other.at);
  for (const [number, { work }] of due) if (timers.delete(number)) work();
};
"""
"""A clock of the page's own, which begins with the server's and goes when it is told to."""


@dataclass
class Sitting:
    """Somebody in a quiz, on clocks that go when they are told to; what they chose, by the number of its question."""

    world: World
    proxy: Proxy
    page: Page
    url: str
    attempt: int
    chosen: dict[str, str] = field(default_factory=dict)
    changes: int = 0

    def forward(self, seconds: float) -> None:
        """What is due meanwhile is done at the end, as by a machine whose lid was closed."""
        self.page.evaluate("(ms) => forward(ms)", seconds * 1000)
        self.world.clock.now += timedelta(seconds=seconds)

    def until(self, *states: str) -> float:
        """Seconds of the page's clock until it says so; what is on its way has time to arrive between two ticks."""
        for tick in range(PATIENCE * 10):
            self.page.wait_for_timeout(20)
            while self.proxy.passing:
                self.page.wait_for_timeout(5)
            if self.page.evaluate(SAID) in states:
                return tick / 10
            self.forward(0.1)
        return float(PATIENCE)

    def answer(self, chance: random.Random) -> None:
        """Chooses another option of one of the questions with options."""
        radios = self.page.locator("input[type=radio]:not(:checked)")
        one = radios.nth(chance.randrange(radios.count()))
        name, value = one.get_attribute("name") or "", one.get_attribute("value") or ""
        one.evaluate("it => it.click()")
        self.chosen[name.partition(".")[0]] = value
        self.changes += 1

    def write(self) -> None:
        """Writes another number into the question that asks for one."""
        self.changes += 1
        self.page.locator("input[inputmode=decimal]").first.fill(str(self.changes))

    def open_again(self) -> None:
        self.page.goto(self.url)

    def shown(self) -> dict[str, str]:
        """What the page shows as chosen."""
        return dict(self.page.evaluate(CHOSEN))

    def kept(self) -> tuple[dict[str, str], int]:
        """What the service has of each question, and how many answers it ever kept."""
        with self.world.session() as session:
            log = select(AnswerLog.position, AnswerLog.fields).where(AnswerLog.attempt_id == self.attempt)
            rows = session.execute(log.order_by(AnswerLog.sequence)).all()
            count = session.scalar(select(func.count()).where(AnswerLog.attempt_id == self.attempt))
        return {str(row.position): row.fields["choice"][0] for row in rows if row.fields.get("choice")}, count or 0


@contextmanager
def sitting(world: World, browser: Browser, changed: dict[bytes, bytes]) -> Iterator[Sitting]:
    """The service in this process, a proxy before it, and a page that sits the quiz behind both."""
    text = tiny_course()
    [module] = text.modules
    long = replace(text, modules=(replace(module, quiz=replace(module.quiz, minutes=24 * 60)),))
    world.do(lambda session: courses.publish(session, world.clock(), long))
    server = make_server("127.0.0.1", 0, world.app)
    Thread(target=server.serve_forever, daemon=True).start()
    trainee = world.client("trainee")
    url = trainee.post("/courses/tiny/basics/attempts").headers["Location"]
    with between(server.server_port) as proxy:
        proxy.changed = changed
        context = browser.new_context(storage_state=signed_in(world.app, "trainee@example.org"))  # type: ignore[arg-type]
        page = context.new_page()
        page.add_init_script(CLOCK)
        page.on("dialog", lambda dialog: dialog.accept())  # whoever leaves with unsent answers is asked first, and goes
        try:
            page.goto(f"{proxy.address}{url}")
            yield Sitting(world, proxy, page, f"{proxy.address}{url}", int(re.findall(r"\d+", url)[0]))
        finally:
            context.close()
            server.shutdown()


def while_it_works(one: Sitting, chance: random.Random) -> float:
    """Seconds of the page's clock from a change to its durable record, where nothing fails."""
    longest = 0.0
    for change in (partial(one.answer, chance), one.write):
        _, before = one.kept()
        change()
        longest = max(longest, one.until("saved"))
        _, after = one.kept()
        longest = longest if after == before + 1 else float(PATIENCE)
    return longest


def an_outage(one: Sitting, kind: str, chance: random.Random) -> tuple[float, float]:
    """(seconds until the page says that something is wrong, seconds until it is in sync once it is over)."""
    one.page.context.set_offline(kind == OFFLINE)
    one.proxy.breaks("" if kind == OFFLINE else kind)
    one.answer(chance)
    told = one.until(*TROUBLED)
    for _ in range(chance.randint(0, 2)):
        one.answer(chance)
    seconds = math.exp(chance.uniform(math.log(SHORTEST), math.log(LONGEST)))
    for _ in range(int(min(seconds, AWAKE))):
        one.forward(1)
        one.page.wait_for_timeout(20)
    one.forward(max(0, seconds - AWAKE))
    one.page.wait_for_timeout(50)
    one.page.context.set_offline(False)
    one.proxy.heals()
    if kind == SIGNED_OUT or chance.random() < 0.4:
        one.open_again()
    return told, one.until("saved")


def a_round(world: World, browser: Browser, seed: str, changed: dict[bytes, bytes] | None = None) -> Found:
    """What is found after some outages of every kind."""
    chance, kinds = random.Random(seed), [OFFLINE, *FAULTS]
    told, synced, saved, lost = [0.0], [0.0], [0.0], 0
    with sitting(world, browser, changed or {}) as one:
        one.until("saved")
        for number in range(A_ROUND):
            saved.append(while_it_works(one, chance))
            banner, sync = an_outage(one, kinds[number % len(kinds)], chance)
            told.append(banner)
            synced.append(sync)
            kept, count = one.kept()
            lost += len(one.chosen.items() - kept.items()) + len(one.chosen.items() - one.shown().items())
            one.chosen = kept
        return {
            "outage.times": A_ROUND,
            "outage.lost": lost,
            "outage.doubled": max(0, count - one.changes),
            "outage.told": max(told),
            "outage.synced": max(synced),
            "outage.saved": max(saved),
        }


def test_nothing_is_lost_or_doubled_when_the_network_fails(engine: Engine, chromium: Browser) -> None:
    rounds = Rounds("outage")
    while rounds.go_on():
        world = engine.world()
        try:
            rounds.add(a_round(world, chromium, f"outage {rounds.number}"))
        finally:
            world.close()
    rounds.tell()


WITHOUT = {
    "outage.lost": {b"localStorage.setItem(prefix + op": b"void (prefix + op"},
    "outage.doubled": {b"body: JSON.stringify({ op, ": b"body: JSON.stringify({ op: crypto.randomUUID(), "},
    "outage.told": {b"const LATE = 1500": b"const LATE = 50_000"},
    "outage.synced": {b"const LONGEST_WAIT = 4_000": b"const LONGEST_WAIT = 15_000"},
    "outage.saved": {b"const PAUSE = 800": b"const PAUSE = 5_000"},
}
"""What keeps each promise in the page's script, and what stands there without it."""


@pytest.mark.parametrize("promise", WITHOUT)
def test_without_its_defence_it_is_seen(world: World, chromium: Browser, promise: str) -> None:
    control(a_round(world, chromium, "outage 0", WITHOUT[promise]), promise)
