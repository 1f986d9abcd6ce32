"""Extra time: set once for a person, counted in everything they sit, also in what they are sitting."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from mesotrain.actions import adjustments as actions
from mesotrain.actions import attempts
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import adjustments as store
from mesotrain.store.adjustments import Adjustment
from mesotrain.store.events import Event
from tests.actions.examining import begin, publish
from tests.actions.taking import Taking, start, together
from tests.actions.test_merges import KEPT, OTHER, merge
from tests.world import World


def give(world: World, extra: int, who: str = "trainee", by: str = "manager", note: str = "") -> None:
    actor, now = world.actor(by), world.clock()
    world.do(lambda session: actions.adjust(session, actor, now, world.ids[who], extra, note))


def lasts(taking: Taking) -> float:
    """In minutes."""
    row = taking.row()
    return (row.deadline - row.started_at) / timedelta(minutes=1)


def test_an_attempt_has_the_extra_time_that_was_set_last(world: World) -> None:
    give(world, 100)
    give(world, 25)
    assert lasts(start(world)) == 25
    assert lasts(start(world, "colleague")) == 20
    with world.session() as session:
        rows = session.scalars(select(Adjustment).order_by(Adjustment.id)).all()
        assert [(row.person_id, row.set_by, row.extra) for row in rows] == [
            (world.ids["trainee"], world.ids["manager"], extra) for extra in (100, 25)
        ]
        assert session.scalar(select(func.count()).where(Event.kind == "time.adjusted")) == 2


def test_it_counts_at_once_in_what_is_being_sat(world: World) -> None:
    taking, other = start(world), start(world, "colleague")
    world.clock.forward(minutes=5)
    give(world, 25)
    assert (lasts(taking), lasts(other)) == (25, 20)
    give(world, 50)
    assert lasts(taking) == 30
    world.clock.forward(minutes=19)
    give(world, 0)
    assert lasts(taking) == 24, "it ends at once, and no sooner"
    taking.end()
    assert taking.row().state == "finished"


def test_it_comes_too_late_for_an_attempt_whose_time_is_over(world: World) -> None:
    taking = start(world)
    world.clock.forward(minutes=20)
    give(world, 100)
    assert lasts(taking) == 20


def test_it_goes_on_past_the_closing_of_an_exam(world: World) -> None:
    publish(world, closes="2027-03-12 09:40", closing="ends attempts")
    give(world, 50)
    taking = begin(world)
    assert lasts(taking) == 15
    give(world, 100)
    assert lasts(taking) == 20
    world.clock.forward(minutes=19)
    assert taking.save(1, {"choice": ["x"]})


@pytest.mark.parametrize("who", ["elsewhere", "other_trainee", "manager"])
def test_nobody_else_is_found(world: World, who: str) -> None:
    with pytest.raises(NotFound):
        give(world, 25, who)


@pytest.mark.parametrize("extra", [-1, 301])
def test_there_is_only_so_much_to_give(world: World, extra: int) -> None:
    with pytest.raises(Refused, match="from 0 to 300"):
        give(world, extra)
    with pytest.raises(Refused, match="Shorten"):
        give(world, 0, note="x" * 201)


def test_whoever_begins_while_it_is_set_has_it(world: World) -> None:
    """Whichever comes first, the attempt ends with the extra time in it."""
    for number in range(6):
        who, extra = ("trainee", "colleague")[number % 2], 10 * (number + 1)
        starting, giving = together(partial(start, world, who), partial(give, world, extra, who))
        assert giving is None
        assert isinstance(starting, Taking), starting
        assert lasts(starting) == 20 + extra / 5
        starting.finish()


def test_an_attempt_is_not_ended_by_a_deadline_that_has_just_moved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading that the time is over and ending it, the time is moved: the attempt goes on."""
    taking, due = start(world), world.clock() + timedelta(minutes=20)
    advance, moved = attempts.store.advance, []

    def slowly(session, attempt, *more, **values):  # type: ignore[no-untyped-def]
        if not moved:
            moved.append(attempt.id)
            session.expunge(attempt)  # it stays as it was read
            session.rollback()
            give(world, 25)
        advance(session, attempt, *more, **values)

    monkeypatch.setattr(attempts.store, "advance", slowly)
    taking.end(due)
    assert moved
    assert (taking.row().state, taking.row().deadline) == ("open", due + timedelta(minutes=5))


def test_it_goes_on_under_the_account_that_stays(world: World) -> None:
    give(world, 25, OTHER, note="May pause.")
    merge(world)
    with world.session() as session:
        kept = store.newest(session, world.ids["Harbour"], world.ids[KEPT])
        assert kept is not None
        assert (kept.extra, kept.note) == (25, "May pause.")
