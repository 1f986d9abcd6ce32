"""The log: gap-free in commit order, its clock never runs backwards, and it names nobody."""

import json
import random
import time
from datetime import timedelta
from functools import partial
from threading import Event as Flag
from threading import Thread

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from mesotrain.actions import accounts, adjustments, invigilation, people, reports
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.canonical import canonical
from mesotrain.core.errors import Refused
from mesotrain.core.events import KINDS, body, commitment
from mesotrain.store import db
from mesotrain.store.events import SETTLED, Event, Said, position_at, record
from mesotrain.store.people import Person
from mesotrain.store.reports import Report
from tests.actions import essays
from tests.actions import test_safety as safety
from tests.actions.clearing import cleared
from tests.actions.drafting import NUMBER, discard, kept_by, offer, take, tiny
from tests.actions.proving import administer
from tests.actions.taking import Taking, sit, start, together
from tests.store.filling import held, history
from tests.world import World

WRITERS, TURNS = 4, 12


class Changed(Exception):
    """A writer changes its mind."""


def said(subject: str = "") -> Said:
    return Said("sign-in.opened", None, "", subject, {})


def write(world: World, chance: random.Random, subject: str) -> int:
    """Writes one to three events a turn, and takes every third turn back; gives how many it kept."""
    kept = 0
    for turn in range(TURNS):
        count = chance.randint(1, 3)

        def work(session, turn=turn, count=count):  # type: ignore[no-untyped-def]
            given = record(session, world.clock(), *[said(subject)] * count)
            assert given == list(range(given[0], given[0] + count))
            if turn % 3 == 2:
                raise Changed

        try:
            world.do(work)
            kept += count
        except Changed:
            continue
    return kept


def test_positions_have_no_gap_and_grow_in_commit_order(world: World) -> None:
    """A reader beside the writers sees a log without gaps at every moment."""
    gaps, stop = [], Flag()

    def read() -> None:
        while not stop.is_set():
            with world.session() as session:
                session.connection(execution_options={"writes": False})
                last, count = session.execute(select(func.max(Event.position), func.count())).one()
                if last != count:
                    gaps.append((last, count))

    with world.session() as session:
        before = session.scalar(select(func.count()).select_from(Event))
    reader = Thread(target=read)
    reader.start()
    kept = together(*(partial(write, world, random.Random(number), str(number)) for number in range(WRITERS)))
    stop.set()
    reader.join()
    assert gaps == []
    with world.session() as session:
        positions = session.scalars(select(Event.position).order_by(Event.position)).all()
    assert positions == list(range(1, before + sum(kept) + 1))


def test_what_is_taken_back_leaves_no_gap(world: World) -> None:
    (first,) = world.do(lambda session: record(session, world.clock(), said()))

    def work(session):  # type: ignore[no-untyped-def]
        record(session, world.clock(), said(), said())
        raise Changed

    with pytest.raises(Changed):
        world.do(work)
    assert world.do(lambda session: record(session, world.clock(), said(), said())) == [first + 1, first + 2]


def test_recorded_time_never_runs_backwards(world: World) -> None:
    began = world.clock()
    for seconds in (10, -3600, 5, 20, -86400, 30):
        world.clock.now = began + timedelta(seconds=seconds)
        world.do(lambda session: record(session, world.clock(), said(), said()))
    with world.session() as session:
        events = session.scalars(select(Event).order_by(Event.position)).all()
    times = [one.recorded_at for one in events]
    assert times == sorted(times)
    after = [(one.recorded_at - began).total_seconds() for one in events[-12::2]]
    assert after == [10, 10, 10, 20, 20, 30]
    told = [json.loads(one.body)["at"] for one in events[-12::2]]
    assert told[1] < told[0], "the body keeps what the clock said"


def test_a_moment_names_the_last_position_recorded_by_then(world: World) -> None:
    began = world.clock()
    positions = {}
    for seconds in (10, 20, 30):
        world.clock.now = began + timedelta(seconds=seconds)
        (positions[seconds],) = world.do(lambda session: record(session, world.clock(), said()))
    named = {5: positions[10] - 1, 10: positions[10], 19: positions[10], 20: positions[20], 99: positions[30]}
    later = began + timedelta(days=1)
    with world.session() as session:
        assert {at: position_at(session, began + timedelta(seconds=at), later) for at in named} == named
        assert position_at(session, began - timedelta(days=1), later) == 0
    world.clock.now = began
    world.do(lambda session: record(session, world.clock(), said()))
    with world.session() as session:
        unmoved = {at: position_at(session, began + timedelta(seconds=at), later) for at in named if at < 30}
    assert unmoved == {at: position for at, position in named.items() if at < 30}


def test_a_moment_that_was_asked_about_never_names_another_position(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit of work that read its clock before a moment either commits before anybody may ask about it, or never."""
    moment = world.clock()
    with world.session() as session:
        for seconds in (-5, 0, SETTLED.total_seconds() - 0.1):
            with pytest.raises(Refused, match="still being written"):
                position_at(session, moment, moment + timedelta(seconds=seconds))
        assert position_at(session, moment, moment + SETTLED) > 0
    monkeypatch.setattr(db, "LONGEST_UNIT", timedelta(seconds=0.1))

    def slow(session: Session) -> None:
        record(session, world.clock(), said("slow"))
        time.sleep(0.15)

    with pytest.raises(Refused, match="took too long"):
        world.do(slow)
    with world.session() as session:
        assert session.scalar(select(func.count()).where(Event.subject == "slow")) == 0


def examined(world: World) -> None:
    """An exam is sat under somebody's eye: it is asked again, paused, extended and void; and a result is appealed."""
    manager, taker, educator = (world.actor(who) for who in ("manager", "trainee", "educator"))
    safety.publish(world)
    appealed, exam, now = sit(world, "trainee").attempt, safety.sit(world, 1).attempt, world.clock()

    def work(session: Session) -> None:
        adjustments.adjust(session, manager, now, taker.person, 25, "")
        for kind, minutes, reason in (("pause", 0, ""), ("resume", 0, ""), ("extend", 5, ""), ("void", 0, "A fire.")):
            invigilation.one(session, manager, now, exam, kind, minutes, reason)
        reports.report(session, taker, now, appealed, 1, "Two of them are right.")
        reports.reply(session, educator, now, session.scalars(select(Report.id)).one(), "One is.")
        reports.report(session, taker, now, appealed, None, "I was right.")

    world.do(work)


def test_events_are_canonical_and_say_the_facts_their_kind_declares(world: World) -> None:
    history(world, "events", 12)
    sitting, window = start(world), world.client("trainee")
    for _ in range(2):
        window.hold(window.post(f"/attempts/{sitting.attempt}/continue"))
    window.post("/sign-out")
    essays.publish(world)
    written = essays.write(world, "other_trainee", stems=[essays.ONE_OF_THEM])
    written.mark(essays.educator(world, "stranger", "Northlight"), essays.ONE_OF_THEM, 2, 2)
    kept_by(world, "Harbour")
    draft = take(world, tiny(NUMBER))
    assert offer(world, "educator", draft, {"basics#matters": "editorial"}, "a slip of the pen") is None
    discard(world, "educator", draft)
    held(world)
    examined(world)
    cleared(world)
    with world.session() as session:
        known = {""} | set(session.scalars(select(Person.commitment)))
    administer(world)  # which erases somebody
    with world.session() as session:
        events = session.scalars(select(Event).order_by(Event.position)).all()
        known |= set(session.scalars(select(Person.commitment)))
    assert set(KINDS) - {one.kind for one in events} == set(), "the history leaves a kind of event out"
    for event in events:
        model = json.loads(event.body)
        assert canonical(model) == event.body
        assert set(model) == {"schema", "kind", "at", "organisation", "actor", "subject", "facts"}
        assert (model["kind"], model["organisation"], model["subject"]) == (
            event.kind,
            event.organisation_id,
            event.subject,
        )
        assert set(model["facts"]) == KINDS[event.kind].facts
        assert {model["actor"], model["subject"]} <= known


def test_events_name_people_only_by_commitment(world: World) -> None:
    """Somebody whose id, name and address occur nowhere else: none of them is in the log."""
    number, salt = 987_654_321, b"0123456789abcdef"
    who = commitment(salt, number)
    personal = {"id": number, "name": "Zebedee Quartermaine", "email": "zebedee.quartermaine@example.org"}
    more = {"password_hash": "x", "locale": "en", "zone": "Europe/Paris", "salt": salt, "commitment": who}
    harbour = world.ids["Harbour"]

    def join(session):  # type: ignore[no-untyped-def]
        session.execute(insert(Person).values(**personal, **more))
        person = session.get_one(Person, number)
        people.join(session, world.clock(), harbour, person, [(TRAINEE, world.ids["Quay"])])
        accounts.sign_in(session, world.clock(), number, "digest", 12)

    world.do(join)
    actor = Actor(number, harbour, "Harbour", "Europe/London", personal["name"], who, "Europe/Paris", "en")
    from mesotrain.actions import attempts  # noqa: PLC0415

    attempt = world.do(lambda session: attempts.start(session, actor, world.clock(), "seed", "tiny", "basics"))
    taking = Taking(world, "trainee", attempt)
    fields = world.right_answers(attempt)[1]
    world.do(lambda session: attempts.save(session, actor, world.clock(), attempt, 0, 1, "operation-1", fields))
    world.do(lambda session: attempts.finish(session, actor, world.clock(), taking.attempt))
    world.do(lambda session: accounts.sign_out(session, actor, world.clock(), "digest"))
    with world.session() as session:
        events = session.scalars(select(Event)).all()
    theirs = [one for one in events if one.subject == who]
    assert len(theirs) == 7
    text = b"\n".join(one.body + one.subject.encode() for one in events).decode().lower()
    assert text.count(who) >= 2 * len(theirs)
    for secret in (str(number), "zebedee", "quartermaine", salt.hex(), "paris"):
        assert secret not in text


def test_facts_that_are_not_declared_are_refused(world: World) -> None:
    for facts in ({}, {"role": "trainee"}, {"role": "trainee", "clinic": 1, "name": "Tess"}):
        with pytest.raises(ValueError, match=r"role\.given says"):
            body("role.given", world.clock(), 1, "", "", facts)
