"""What is promised of sitting, each with its goal; how a figure is told, and how runs add up.

`make figures` takes the sizes of the suite, `make soak` those of the soak.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mesotrain.config import ROOT

SOAK = os.environ.get("SOAK") == "1"
FIGURES, RUNS = ROOT / "figures.jsonl", ROOT / "soak.jsonl"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
Value = int | float
Found = Mapping[str, Value]


class Promise(NamedTuple):
    """A figure that is seen has to be at least, at most or exactly its goal; one of the soak may be another."""

    says: str
    sign: str
    suite: Value
    soak: Value | None = None

    @property
    def goal(self) -> Value:
        return self.suite if self.soak is None or not SOAK else self.soak

    @property
    def written(self) -> str:
        return f"{self.sign} {self.goal:,}"

    def holds(self, value: Value) -> bool:
        return {"≥": value >= self.goal, "≤": value <= self.goal, "=": value == self.goal}[self.sign]


AT_LEAST, AT_MOST, EXACTLY = "≥", "≤", "="

PROMISES = {
    "kill.times": Promise("200 takers sit while the server's processes are killed, so often", AT_LEAST, 50, 500),
    "kill.acknowledged": Promise("answers acknowledged meanwhile", AT_LEAST, 1_000, 250_000),
    "kill.lost": Promise("acknowledged answers lost", EXACTLY, 0),
    "kill.doubled": Promise("answers kept twice, or that nobody was told of", EXACTLY, 0),
    "kill.gaps": Promise("numbers missing from attempts and events", EXACTLY, 0),
    "kill.misscored": Promise("attempts not scored, once, as acknowledged", EXACTLY, 0),
    "kill.back": Promise("seconds from a kill to an answer, as far as it has the processors", AT_MOST, 5),
    "restarts.times": Promise("a PostgreSQL under them is stopped as the power does, so often", AT_LEAST, 20, 100),
    "restarts.acknowledged": Promise("answers acknowledged meanwhile", AT_LEAST, 500, 20_000),
    "restarts.lost": Promise("acknowledged answers lost", EXACTLY, 0),
    "restarts.doubled": Promise("answers kept twice, or that nobody was told of", EXACTLY, 0),
    "restarts.gaps": Promise("numbers missing from attempts and events", EXACTLY, 0),
    "restarts.misscored": Promise("attempts not scored, once, as acknowledged", EXACTLY, 0),
    "restarts.back": Promise("seconds from its start to an answer, as far as it has the processors", AT_MOST, 5),
    "power.cuts": Promise("the power is cut while SQLite writes, with torn sectors, so often", AT_LEAST, 500, 10_000),
    "power.lost": Promise("acknowledged answers lost", EXACTLY, 0),
    "power.corrupt": Promise("databases damaged", EXACTLY, 0),
    "power.refused": Promise("settings of PostgreSQL that lose answers, refused at the start", EXACTLY, 3),
    "races.races": Promise("actions of four processes let go at one moment, so often", AT_LEAST, 1000, 10_000),
    "races.attempts": Promise("starts that did not all give the same attempt", EXACTLY, 0),
    "races.answers": Promise("answers lost, kept twice or out of order", EXACTLY, 0),
    "races.leases": Promise("windows that take over and do not hold the attempt alone", EXACTLY, 0),
    "races.ends": Promise("attempts not ended and proved exactly once", EXACTLY, 0),
    "races.scores": Promise("scores that are not of what was acknowledged", EXACTLY, 0),
    "races.limit": Promise("attempts beyond the limit", EXACTLY, 0),
    "sequences.steps": Promise(
        "steps of two clients whose messages are lost, doubled and late", AT_LEAST, 5_000, 20_000
    ),
    "sequences.wrong": Promise("steps after which service and model differ", EXACTLY, 0),
    "time.attempts": Promise(
        "attempts across changed clocks, a leap day and the year's end in six zones", AT_LEAST, 250
    ),
    "time.early": Promise("ended early", EXACTLY, 0),
    "time.late": Promise("answers taken late, or ends at another moment than the deadline", EXACTLY, 0),
    "time.clients": Promise("saves whose fate the taker's clock changed", EXACTLY, 0),
    "time.finalised": Promise("seconds from a deadline to the end, with nobody there", AT_MOST, 5),
    "outage.times": Promise(
        "networks fail under a browser that sits, for ten seconds to half an hour of faked clocks, so often",
        AT_LEAST,
        50,
        500,
    ),
    "outage.lost": Promise("answers lost, or no longer shown", EXACTLY, 0),
    "outage.doubled": Promise("answers kept twice", EXACTLY, 0),
    "outage.told": Promise("seconds of its clock until the page says so", AT_MOST, 2),
    "outage.synced": Promise("seconds of its clock from the return until all is saved", AT_MOST, 5),
    "outage.saved": Promise(
        "seconds of its clock from a change to its durable record, where nothing fails", AT_MOST, 2
    ),
    "disk.writes": Promise("writes of a sitting, each of which finds the disk full", AT_LEAST, 15),
    "disk.lost": Promise("acknowledged answers lost, or databases damaged", EXACTLY, 0),
    "disk.halves": Promise("attempts kept by halves", EXACTLY, 0),
    "disk.errors": Promise("sittings told anything but to try again", EXACTLY, 0),
    "disk.unrepaired": Promise("sittings after it, with room again, that did not go well", EXACTLY, 0),
    "full.acknowledged": Promise("answers acknowledged around a filesystem that fills and empties", AT_LEAST, 200),
    "full.lost": Promise("acknowledged answers lost, or databases damaged", EXACTLY, 0),
    "full.halves": Promise("attempts kept by halves", EXACTLY, 0),
    "full.health": Promise("/healthz not degraded meanwhile, or not well before and after", EXACTLY, 0),
    "leaks.canaries": Promise("words, weights, notes and ways to write them that stand in keys alone", AT_LEAST, 100),
    "leaks.seen": Promise("of them in pages before release, in logs, exports or mails", EXACTLY, 0),
    "leaks.seeds": Promise("seeds by which four options are put in order", AT_LEAST, 100_000),
    "leaks.position": Promise("chi-square of where the key stands (p = 0.001)", AT_MOST, 16.27),
    "leaks.lengths": Promise("replies to a save whose length tells right from wrong", EXACTLY, 0),
    "leaks.marking": Promise("times that saves reach marking or the table of keys", EXACTLY, 0),
    "exam.cpu": Promise(
        "milliseconds of processor time of an exam of 60, 14 requests; a tuned Moodle needs 760", AT_MOST, 25.3
    ),
    "exam.queries": Promise("statements by which an attempt of 60 ends", AT_MOST, 10),
    "day.saves": Promise(
        "changes by 500 takers of 60 questions who come and go within a minute", AT_LEAST, 1000, 50_000
    ),
    "day.errors": Promise("requests that were not answered, or not as they ought to be", EXACTLY, 0),
    "day.save95": Promise("milliseconds within which 95 of 100 saves are answered", AT_MOST, 50),
    "day.save99": Promise("milliseconds within which 99 of 100 saves are answered", AT_MOST, 150),
    "day.start95": Promise("milliseconds within which 95 of 100 exams are started", AT_MOST, 1000),
    "day.grown": Promise("per cent by which the server's memory grows once all have come", AT_MOST, 5),
    "crowd.saves": Promise("changes by 2,000 takers, in a soak", AT_LEAST, 4_000, 200_000),
    "crowd.errors": Promise("requests that were not answered, or not as they ought to be", EXACTLY, 0),
    "crowd.save99": Promise("milliseconds within which 99 of 100 saves are answered", AT_MOST, 500),
}
"""A figure is a part's name, a point and its own; one seen on an engine has that as its last word. What has to be at
least its goal is a size: a part goes on until it is reached."""


def promise_of(name: str) -> tuple[str, str]:
    """(promise, engine or nothing) of a figure's name."""
    promise, _, engine = name.rpartition(".")
    return (promise, engine) if engine in ENGINES else (name, "")


def tell(found: Found, engine: str = "") -> None:
    """Prints and keeps each figure. Raises AssertionError where a promise is broken."""
    broken = []
    for promise, value in found.items():
        name, promised = f"{promise}.{engine}" if engine else promise, PROMISES[promise]
        ok = promised.holds(value)
        said = f"figure {name}={value} goal={promised.written.replace(' ', '')} {'PASS' if ok else 'FAIL'}"
        print(said, flush=True)  # noqa: T201 (a figure)
        with FIGURES.open("a") as file:
            file.write(json.dumps({"name": name, "value": value, "goal": promised.written, "ok": ok}) + "\n")
        broken += [] if ok else [said]
    assert not broken, broken


def control(found: Found, *promises: str) -> None:
    """What was found with a defence taken away has to break each of these promises."""
    for promise in promises:
        assert not PROMISES[promise].holds(found[promise]), f"without its defence {promise}={found[promise]} holds"
        print(f"control {promise}={found[promise]} fails, as it must", flush=True)  # noqa: T201


def commit() -> str:
    """The commit that is tested, or nothing where a file differs from it."""
    asked = {"cwd": ROOT, "capture_output": True, "text": True}
    changed = subprocess.run(["git", "status", "--porcelain"], check=True, **asked).stdout  # type: ignore[call-overload]
    return "" if changed else subprocess.run(["git", "rev-parse", "HEAD"], check=True, **asked).stdout.strip()  # type: ignore[call-overload]


@dataclass
class Rounds:
    """The rounds of a part, as many as its sizes ask for; in a soak those of earlier runs at this commit count too.

    Counts add up, of what has to be at most so much the worst is kept.
    """

    part: str
    engine: str = ""
    found: dict[str, Value] = field(default_factory=dict)
    number: int = 0
    """How many rounds there were: a seed for the next."""

    def __post_init__(self) -> None:
        self.name, self.commit = f"{self.part}.{self.engine}".rstrip("."), commit() if SOAK else ""
        if self.commit and RUNS.exists():
            for line in RUNS.read_text().splitlines():
                run = json.loads(line)
                if (run["commit"], run["rounds"]) == (self.commit, self.name):
                    self._count(run["found"])

    def _count(self, found: Found) -> None:
        self.number += 1
        for promise, value in found.items():
            before = self.found.get(promise, 0)
            self.found[promise] = max(before, value) if PROMISES[promise].sign == AT_MOST else before + value

    def add(self, found: Found) -> None:
        """Counts a round."""
        self._count(found)
        if self.commit:
            with RUNS.open("a") as file:
                file.write(json.dumps({"commit": self.commit, "rounds": self.name, "found": dict(found)}) + "\n")

    def go_on(self) -> bool:
        """Whether a size is not reached and nothing is broken."""
        sizes = [(one, PROMISES[one]) for one in PROMISES if one.startswith(f"{self.part}.")]
        short = [
            one for one, promise in sizes if promise.sign == AT_LEAST and not promise.holds(self.found.get(one, 0))
        ]
        broken = [
            one for one in self.found if PROMISES[one].sign != AT_LEAST and not PROMISES[one].holds(self.found[one])
        ]
        return bool(short) and not broken

    def tell(self) -> None:
        tell(self.found, self.engine)
