"""Pausing, extending and voiding: what it does to the clock, to answers, and to what comes of an attempt."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from mesotrain.actions import attempts
from mesotrain.actions import invigilation as actions
from mesotrain.core.attempts import VOID
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.invigilation import EXTEND, PAUSE, RESUME
from mesotrain.store import attempts as store
from mesotrain.store import health, recent
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence
from mesotrain.store.events import Event
from mesotrain.store.invigilation import Intervention, sitters
from mesotrain.store.practice import pool
from tests.actions.examining import begin, publish
from tests.actions.taking import Taking, start, together
from tests.actions.test_adjustments import give, lasts
from tests.world import World

X = {"choice": ["x"]}


def do(taking: Taking, kind: str, minutes: int = 0, reason: str = "", by: str = "manager") -> None:
    world = taking.world
    actor, now = world.actor(by), world.clock()
    world.do(lambda session: actions.one(session, actor, now, taking.attempt, kind, minutes, reason))


def all_of(world: World, module: int, kind: str, minutes: int = 0, by: str = "manager") -> int:
    actor, now = world.actor(by), world.clock()
    done: int = world.do(lambda session: actions.everybody(session, actor, now, module, kind, minutes))
    return done


def due(world: World) -> list[int]:
    with world.session() as session:
        assert health.overdue(session, world.clock()) == len(store.due(session, world.clock(), 9))
        return list(store.due(session, world.clock(), 9))


@pytest.fixture
def taking(world: World) -> Taking:
    publish(world, cool_down=24, attempts=1, within_days=30)
    return begin(world)


def test_a_pause_takes_no_time_and_no_answer(taking: Taking) -> None:
    world = taking.world
    world.clock.forward(minutes=15)
    do(taking, PAUSE)
    world.clock.forward(hours=2)
    assert due(world) == []
    taking.end()
    assert taking.save(1, X) == 1, "what comes meanwhile is kept, and counts"
    do(taking, RESUME)
    assert lasts(taking) == 140
    world.clock.forward(minutes=5, seconds=-1)
    assert taking.save(2, X) == 2
    world.clock.forward(seconds=1)
    assert due(world) == [taking.attempt]
    assert taking.send(3, X) == (0, "late")
    taking.end()
    row = taking.row()
    assert (row.state, row.ended_at, row.paused_at) == ("finished", row.deadline, None)


def test_whoever_is_paused_may_go_on_elsewhere_and_hand_in(taking: Taking) -> None:
    world, now = taking.world, taking.world.clock
    do(taking, PAUSE)
    world.clock.forward(hours=2)
    actor = world.actor("trainee")
    assert begin(world).attempt == taking.attempt
    assert world.do(lambda session: attempts.take_over(session, actor, now(), taking.attempt)) == 1
    taking.finish()
    assert (taking.row().ended_by, taking.row().ended_at) == ("submit", now())
    with pytest.raises(Refused, match="handed in"):
        do(taking, RESUME)


def test_time_is_extended_also_while_it_stands(taking: Taking) -> None:
    do(taking, EXTEND, 10)
    assert lasts(taking) == 30
    do(taking, PAUSE)
    taking.world.clock.forward(hours=1)
    do(taking, EXTEND, 5)
    give(taking.world, 50)
    do(taking, RESUME)
    assert lasts(taking) == 20 + 10 + 60 + 5 + 10
    for minutes in (0, -5, 241):
        with pytest.raises(Refused, match="from 1 to 240"):
            do(taking, EXTEND, minutes)


def test_what_changes_nothing_is_said(taking: Taking) -> None:
    with pytest.raises(Refused, match="not paused"):
        do(taking, RESUME)
    do(taking, PAUSE)
    with pytest.raises(Refused, match="paused already"):
        do(taking, PAUSE)
    do(taking, RESUME)
    taking.world.clock.forward(minutes=20)
    for kind in (PAUSE, EXTEND):
        with pytest.raises(Refused, match="ime is over"):
            do(taking, kind, 5)


def test_a_void_attempt_gives_nothing_and_costs_nothing(taking: Taking) -> None:
    world = taking.world
    taking.save(1, X)
    with pytest.raises(Refused, match="Say why"):
        do(taking, VOID)
    do(taking, PAUSE)
    do(taking, VOID, reason="A fire alarm.")
    row = taking.row()
    assert (row.state, row.score, row.passed, row.ended_by, row.paused_at) == ("void", None, None, "void", None)
    assert taking.send(2, X) == (0, "late")
    taking.end()
    taking.finish()
    assert taking.row().state == "void"
    with pytest.raises(Refused, match="handed in"):
        do(taking, VOID, reason="Again.")
    actor = world.actor("trainee")
    with world.session() as session:
        assert session.scalars(select(Evidence)).all() == []
        assert recent.recent(session, actor, {row.module_id: {"attempts": 1}}) == {row.module_id: []}
        assert pool(session, actor), "its questions are in no paper that is being sat"
    again = begin(world, seed="again")
    assert again.attempt != taking.attempt
    again.finish()
    with pytest.raises(Refused, match="again from"):
        begin(world)


def test_all_of_it_is_recorded(taking: Taking) -> None:
    do(taking, PAUSE)
    do(taking, RESUME)
    do(taking, EXTEND, 5)
    do(taking, VOID, reason="A fire alarm.")
    with taking.world.session() as session:
        rows = session.scalars(select(Intervention).order_by(Intervention.id)).all()
        assert [(row.kind, row.minutes, row.reason) for row in rows] == [
            ("pause", 0, ""), ("resume", 0, ""), ("extend", 5, ""), ("void", 0, "A fire alarm."),
        ]  # fmt: skip
        assert {row.made_by for row in rows} == {taking.world.ids["manager"]}
        kinds = session.scalars(select(Event.kind).where(Event.kind.like("attempt.%")).order_by(Event.position)).all()
    assert kinds == ["attempt.started", "attempt.paused", "attempt.resumed", "attempt.extended", "attempt.voided"]


def test_everybody_is_who_sits_it_in_ones_clinics(taking: Taking) -> None:
    world, module = taking.world, taking.row().module_id
    near, far = begin(world, "colleague"), begin(world, "elsewhere")
    quiz = start(world, "colleague")
    do(near, PAUSE)
    assert all_of(world, module, PAUSE) == 1
    assert all_of(world, module, PAUSE) == 0
    assert all_of(world, module, EXTEND, 5) == 2
    assert all_of(world, module, RESUME, by="other_manager") == 0
    assert all_of(world, module, RESUME) == 2
    assert [lasts(one) for one in (taking, near, far, quiz)] == [25, 25, 20, 20]
    with pytest.raises(NotFound):
        all_of(world, module, VOID)


@pytest.mark.parametrize(("who", "by"), [("elsewhere", "manager"), ("trainee", "other_manager")])
def test_nobody_else_is_found(taking: Taking, who: str, by: str) -> None:
    world = taking.world
    other = taking if who == "trainee" else begin(world, who)
    for kind in (PAUSE, VOID):
        with pytest.raises(NotFound):
            do(other, kind, reason="None.", by=by)
    with pytest.raises(NotFound):
        do(start(world), PAUSE)
    actor, module = world.actor(by), taking.row().module_id
    with world.session() as session:
        found, count = sitters(session, actor, module, 0, 25)
        assert [one.name for one in found] == (["Tess Trainee"] if by == "manager" else [])
        assert count == len(found)


def test_nobody_invigilates_themselves(taking: Taking) -> None:
    world = taking.world
    both = replace(world.actor("trainee"), roles=world.actor("manager").roles)
    with pytest.raises(NotFound):
        world.do(lambda session: actions.one(session, both, world.clock(), taking.attempt, EXTEND, 60))


def test_pausing_meets_saving_handing_in_and_the_sweep(taking: Taking) -> None:
    """Whoever comes first, nothing that was acknowledged is lost, and an attempt that is over is not paused."""
    world, saved = taking.world, 0
    for number in range(8):
        works: list[Any] = [partial(taking.save, 1, {"choice": [str(number)]}), partial(do, taking, PAUSE)]
        given = together(*works)
        assert given[1] is None
        saved += bool(given[0])
        assert together(partial(taking.save, 2, X), partial(do, taking, RESUME))[1] is None
        saved += 1
    assert taking.row().version == saved == 16
    world.clock.now = taking.row().deadline
    ended = together(partial(taking.end), partial(do, taking, EXTEND, 5))
    assert ended[0] is None
    assert isinstance(ended[1], Refused)
    assert taking.row().state == "finished"


def test_a_pause_between_reading_and_ending_is_seen(taking: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    advance, paused = store.advance, list[None]()
    over = taking.row().deadline

    def slowly(session: Any, attempt: Attempt, *more: Any, **values: Any) -> None:
        if not paused:
            session.expunge(attempt)
            session.rollback()
            paused.append(None)
            do(taking, PAUSE)
        advance(session, attempt, *more, **values)

    monkeypatch.setattr(attempts.store, "advance", slowly)
    taking.end(over)
    assert paused
    assert taking.row().state == "open"
