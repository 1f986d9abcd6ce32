"""The power fails while answers are saved: what the service wrote and synced is replayed up to a random moment.

What was not synced then is there, is not there, or is there in sectors.
"""

import random
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

import pytest
from sqlalchemy import Engine as Connected
from sqlalchemy import text

from mesotrain.core.errors import Refused
from mesotrain.store.db import check, open_engine
from tests.cluster import cluster
from tests.conftest import missing
from tests.figures.promises import Found, Rounds, control, tell
from tests.figures.trace import CUT, SYNC, WRITE, Happened, traced
from tests.served import Served, until
from tests.takers import Row, enrol, sitting
from tests.world import Engine

SEED = "20270312"
CUTS = 250
TAKERS, ANSWERS = 20, 500
SECTOR = 512
LOSING = ("fsync", "full_page_writes", "synchronous_commit")


def moment(one: Happened) -> int:
    """When it begins to matter: what was written at once, a sync once it is done."""
    return one.ended if one.kind == SYNC else one.began


class Disk:
    """The database and its log: what is on the disk for sure, and what is on the way there."""

    def __init__(self, database: bytes) -> None:
        self.sure, self.waiting = [bytearray(database), bytearray()], ([], [])

    def happens(self, one: Happened) -> None:
        waiting: list[Happened] = self.waiting[one.log]
        if one.kind != SYNC:
            waiting.append(one)
            return
        for done in [other for other in waiting if other.ended <= one.began]:
            put(self.sure[one.log], done)
            waiting.remove(done)

    def after(self, chance: random.Random) -> list[bytearray]:
        """Both files as they may be once the power is back."""
        files = [bytearray(one) for one in self.sure]
        for file, waiting in zip(files, self.waiting, strict=True):
            written, torn = chance.choice([0, 0.5, 0.9, 1]), chance.random() < 0.5
            for one in waiting:
                if torn and one.kind == WRITE:
                    for part in sectors(one):
                        if chance.random() < written:
                            put(file, part)
                elif chance.random() < written:
                    put(file, one)
        return files


def sectors(one: Happened) -> Iterator[Happened]:
    """A write in parts, none of which crosses the border of a sector."""
    begin, end = one.offset, one.offset + len(one.data)
    while begin < end:
        after = min(end, (begin // SECTOR + 1) * SECTOR)
        yield one._replace(offset=begin, data=one.data[begin - one.offset : after - one.offset])
        begin = after


def put(file: bytearray, one: Happened) -> None:
    if one.kind == CUT:
        del file[one.offset :]
    end = one.offset + len(one.data)
    file.extend(bytes(max(0, end - len(file))))
    file[one.offset : end] = one.data


def a_round(engine: Engine, folder: Path, seed: str, cuts: int = CUTS, without: str = "") -> Found:
    """What is found after so many cuts of one sitting."""
    world, chance = engine.world(), random.Random(seed)
    world.clock.now = datetime.now(UTC)
    cookies = enrol(world, TAKERS)
    file, into, again = Path(world.environment["MESOTRAIN_DATABASE_URL"][10:]), folder / "trace", folder / "again.db"
    into.mkdir()
    with world.app.app_context():
        world.app.extensions["sqlalchemy"].engine.dispose()  # the last to leave empties the log
    assert not file.with_name(f"{file.name}-wal").exists()
    disk, served = Disk(file.read_bytes()), Served(world, folder / "serve.log", without=without, trace=str(into))
    try:
        served.start()
        with sitting(served.port, cookies, seed) as takers:
            until(
                lambda: sum(len(one.told) for one in takers) >= ANSWERS or any(one.error for one in takers),
                served.log,
                120,
            )
        assert {repr(taker.error) for taker in takers} == {"None"}, served.log.read_text()[-6000:]
    finally:
        served.clear()
        world.close()
    told = [pair for one in takers for pair in zip(one.heard, one.told, strict=True)]
    told.sort(key=itemgetter(0))
    happened = sorted(traced(into), key=moment)
    first = bisect_left(happened, told[0][0], key=moment)
    chosen, found = sorted(chance.choices(range(first, len(happened)), k=cuts)), {"power.lost": 0, "power.corrupt": 0}
    for number, one in enumerate(happened):
        for _ in range(chosen.count(number)):
            for name, kept in zip((again, Path(f"{again}-wal")), disk.after(chance), strict=True):
                name.write_bytes(kept)
            acknowledged = {row for _, row in told[: bisect_left(told, moment(one), key=itemgetter(0))]}
            opened = open_engine(f"sqlite:///{again}")
            whole, log = look(opened)
            opened.dispose()
            found["power.corrupt"] += not whole
            found["power.lost"] += whole and not {key(row) for row in acknowledged} <= log
        disk.happens(one)
    return {"power.cuts": cuts, **found}


def key(row: Row) -> tuple[int, str, int, int]:
    return row.attempt, row.operation, row.position, row.sequence


def look(opened: Connected) -> tuple[bool, set[tuple[int, str, int, int]]]:
    """(whether the database is whole, its log of answers)."""
    try:
        with opened.connect() as connection:
            whole = connection.execute(text("PRAGMA integrity_check(1)")).scalar() == "ok"
            whole = whole and not connection.execute(text("PRAGMA foreign_key_check")).all()
            rows = connection.execute(text("SELECT attempt_id, operation, position, sequence FROM answer_log"))
            return whole, {(row[0], row[1], row[2], row[3]) for row in rows}
    except Exception as error:
        print(error)  # noqa: T201 (how it is damaged)
        return False, set()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nothing_acknowledged_is_lost_when_the_power_is_cut(engine: Engine, tmp_path: Path) -> None:
    rounds = Rounds("power", engine.name)
    while rounds.go_on():
        folder = tmp_path / str(rounds.number)
        folder.mkdir()
        rounds.add(a_round(engine, folder, f"{SEED} {rounds.number}"))
    rounds.tell()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_its_defence_it_is_seen(engine: Engine, tmp_path: Path) -> None:
    control(a_round(engine, tmp_path, SEED, 60, without="synchronous_full"), "power.lost")


def test_a_postgresql_that_loses_answers_is_refused() -> None:
    with cluster() as made:
        if made is None:
            missing("PostgreSQL's own programs (initdb, pg_ctl) are not installed")
            return
        refused = 0
        for setting in LOSING:
            made.stop()
            made.start(**{setting: "off"})
            with pytest.raises(Refused) as caught:
                check(open_engine(made.address))
            refused += caught.value.facts["setting"] == setting
        made.stop()
        made.start()
        check(open_engine(made.address))
    tell({"power.refused": refused}, "postgresql")
