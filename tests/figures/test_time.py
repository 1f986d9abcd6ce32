"""An attempt has its minutes, whatever clocks and calendars do: those of zones, of machines, of the taker."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.core.attempts import DEADLINE, FINISHED, Timing
from mesotrain.store.attempts import Attempt, due
from mesotrain.store.people import Organisation
from tests.actions.taking import MINUTES, Taking
from tests.figures.promises import Found, control, tell
from tests.figures.test_races import newcomers
from tests.served import Served, until
from tests.world import Engine, World

ZONES = (
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",  # half an hour
    "Europe/Dublin",  # winter is what is changed to
    "Africa/Cairo",
)
YEAR = 2028
TICK = timedelta(microseconds=1)
LENGTH = timedelta(minutes=MINUTES)


def changes(zone: ZoneInfo) -> list[datetime]:
    """When its clocks are changed in `YEAR`, in UTC, to the hour or half of it."""
    hours = [datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * number) for number in range(366 * 48)]
    return [
        after
        for before, after in pairwise(hours)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]


def moments(zone: ZoneInfo) -> Iterator[datetime]:
    """Moments at which a day or a clock goes another way than on most days."""
    found = changes(zone)
    assert len(found) == 2, (zone, found)
    yield from found
    for day in ((YEAR, 2, 29), (YEAR, 3, 1), (YEAR + 1, 1, 1)):
        yield datetime(*day, tzinfo=zone).astimezone(UTC)


def seen(world: World, zone: str, began: datetime, jump: timedelta) -> tuple[int, int]:
    """(attempts ended early, answers taken late) of one that began then, and of whose clock jumped on the way."""
    [actor], early, late = newcomers(world, 1, replace(world.actor("trainee"), zone=zone)), 0, 0
    actor = replace(actor, organisation_zone=zone)
    number = world.do(lambda s: actions.start(s, actor, began, f"{began}", "tiny", "basics"))
    taking = Taking(world, "", number)

    def save(now: datetime) -> bool:
        fields = {"choice": [f"{now}"]}
        operation = f"operation-{now.timestamp()}"
        done = world.do(lambda s: actions.save(s, actor, now, number, 0, 1, operation, fields))
        return bool(done.sequence)

    def swept(now: datetime) -> bool:
        with world.session() as session:
            return number in due(session, now, 50)

    end = began + LENGTH
    for now in (began, began + jump, end - TICK):  # a clock that is set back gives nobody less
        early += (now < end and not save(now)) + (now < end and swept(now))
    late += save(end) + save(end + timedelta(hours=1)) + (not swept(end))
    noticed = end + abs(jump)
    world.do(lambda s: actions.finalise(s, noticed, number))
    row = taking.row()
    early += row.ended_at is not None and row.ended_at < end
    late += (row.ended_at, row.ended_by, row.state) != (end, DEADLINE, FINISHED)
    return early, late


def run(world: World, zones: Sequence[str] = ZONES) -> Found:
    count = early = late = 0
    for zone in zones:

        def there(session: Session, zone: str = zone) -> None:
            session.get_one(Organisation, world.ids["Harbour"]).zone = zone

        world.do(there)
        for moment in moments(ZoneInfo(zone)):
            for before in (timedelta(0), LENGTH / 2, LENGTH - TICK):
                for jump in (timedelta(0), timedelta(hours=-1), timedelta(days=1)):
                    one = seen(world, zone, moment - before, jump)
                    count, early, late = count + 1, early + one[0], late + one[1]
    return {"time.attempts": count, "time.early": early, "time.late": late}


def test_nobody_is_ended_early_or_taken_late(world: World, engine: Engine) -> None:
    tell(run(world), engine.name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_deadlines_in_utc_it_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = ZONES[0]

    def by_the_wall(now: datetime, minutes: int, *_: object, **__: object) -> Timing:
        return Timing(now, now.astimezone(ZoneInfo(zone)) + timedelta(minutes=minutes))

    monkeypatch.setattr(actions, "timing", by_the_wall)
    control(run(world, [zone]), "time.early", "time.late")


# The taker's clock ---------------------------------------------------------------------------------------------------


def test_what_the_taker_says_of_the_time_changes_nothing(world: World, engine: Engine) -> None:
    """Of two who differ in their clocks by two days each save has the same fate."""
    browser, wrong = world.client("trainee"), 0
    attempt, token = browser.start(), browser.token("/account")
    for at, status in ((0, 200), (MINUTES - 1, 200), (MINUTES, 410)):
        for days in (-1, 0, 1):
            said = world.clock.now + timedelta(days=days)
            headers = {"X-CSRFToken": token, "Date": said.strftime("%a, %d %b %Y %H:%M:%S GMT")}
            body = {"op": f"operation-{at}-{days}", "fields": {"choice": ["x"]}, "now": said.isoformat()}
            body["lease"] = browser.lease
            wrong += (
                browser.client.put(f"/attempts/{attempt}/answers/1", json=body, headers=headers).status_code != status
            )
        world.clock.forward(minutes=MINUTES - 1 if at == 0 else 1)
    tell({"time.clients": wrong}, engine.name)


# With nobody there ---------------------------------------------------------------------------------------------------

SITTERS, LATE = 20, 12
"""Attempts, and seconds after which one that is still open will stay so."""


def unattended(world: World, folder: Path, without: str = "") -> Found:
    """How long after its deadline an attempt was ended, at most, where nobody came to see."""
    served = Served(world, folder / "serve.log", without=without)
    people = newcomers(world, SITTERS, world.actor("trainee"))
    try:
        served.start()
        served.wait()
        now = datetime.now(UTC)
        for number, actor in enumerate(people):
            began = now - LENGTH + timedelta(seconds=2 + number / 4)
            world.do(lambda s, actor=actor, began=began: actions.start(s, actor, began, "seed", "tiny", "basics"))
        late: dict[int, float] = {}

        def all_ended() -> bool:
            """Notes how late it is when an attempt is first seen to have ended."""
            with world.session() as session:
                ended = session.execute(select(Attempt.id, Attempt.deadline).where(Attempt.state == FINISHED)).all()
            for attempt, deadline in ended:
                late.setdefault(attempt, (datetime.now(UTC) - deadline).total_seconds())
            return len(late) == SITTERS

        end = now + timedelta(seconds=2 + SITTERS / 4 + LATE)
        until(lambda: all_ended() or datetime.now(UTC) > end, served.log)
        return {"time.finalised": round(max(late.values()), 2) if len(late) == SITTERS else LATE}
    finally:
        served.clear()


def test_what_is_over_is_ended_with_nobody_there(world: World, engine: Engine, tmp_path: Path) -> None:
    world.clock.now = datetime.now(UTC)
    tell(unattended(world, tmp_path), engine.name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_the_sweep_it_is_seen(world: World, tmp_path: Path) -> None:
    control(unattended(world, tmp_path, "sweep"), "time.finalised")
