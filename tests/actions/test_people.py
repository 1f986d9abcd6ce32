"""Who may do what in an organisation changes, and somebody is always left to administer it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from mesotrain.actions import accounts, people, privacy
from mesotrain.core.access import ADMINISTRATOR, EDUCATOR
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store.accounts import TOTP, Authenticator, administrators
from mesotrain.store.people import Person
from tests.actions.taking import records, together
from tests.world import World

LOSES: dict[str, Callable[..., None]] = {
    "role": lambda session, actor, now, person: people.change_roles(session, actor, now, person, [(EDUCATOR, None)]),
    "suspended": people.suspend,
    "left": people.end,
}


def do(world: World, what: Callable[..., Any], who: str, *more: Any, by: str = "administrator") -> None:
    world.do(lambda session: what(session, world.actor(by), world.clock(), world.ids[who], *more))


def show_factor(world: World, who: str) -> None:
    def work(session: Session) -> None:
        actor, now = world.actor(who), world.clock()
        app = Authenticator(person_id=actor.person, kind=TOTP, name="App", secret="sealed", counter=1, added_at=now)
        accounts.add_authenticator(session, actor, now, app, [])

    world.do(work)


def make_administrator(world: World, who: str) -> None:
    do(world, people.change_roles, who, [(ADMINISTRATOR, None)])


def acting(world: World) -> set[str]:
    with world.session() as session:
        found = administrators(session, world.ids["Harbour"])
    return {who for who, number in world.ids.items() if number in found and who[0].islower()}


@pytest.mark.parametrize("loses", LOSES)
def test_an_administrator_without_a_second_factor_is_not_counted(world: World, loses: str) -> None:
    show_factor(world, "administrator")
    make_administrator(world, "educator")
    assert acting(world) == {"administrator"}, "nobody else could do anything"
    with pytest.raises(Refused, match="Nobody else could administer"):
        do(world, LOSES[loses], "administrator")
    show_factor(world, "educator")
    do(world, LOSES[loses], "administrator")
    assert acting(world) == {"educator"}


@pytest.mark.parametrize("loses", LOSES)
def test_one_who_cannot_act_may_lose_it(world: World, loses: str) -> None:
    show_factor(world, "administrator")
    make_administrator(world, "educator")
    do(world, LOSES[loses], "educator")
    assert acting(world) == {"administrator"}


@pytest.mark.parametrize("loses", [*LOSES, "erased"])
def test_who_is_suspended_or_erased_or_has_left_is_not_counted(world: World, loses: str) -> None:
    for who in ("administrator", "educator"):
        show_factor(world, who)
    make_administrator(world, "educator")
    do(world, LOSES.get(loses, people.end), "educator")
    if loses == "erased":
        where = (world.ids["Harbour"], world.ids["educator"], 0)
        world.do(lambda session: privacy.erase(session, world.clock(), *where, by=""))
    with pytest.raises(Refused):
        do(world, people.end, "administrator")
    assert acting(world) == {"administrator"}


def test_two_who_end_each_others_access_at_once_leave_one(world: World) -> None:
    both = ("administrator", "educator")
    for who in both:
        show_factor(world, who)
    actors = {who: world.actor(who) for who in both}

    def end(by: str, who: str) -> None:
        world.do(lambda session: people.end(session, actors[by], world.clock(), world.ids[who]))

    def join(session: Session) -> None:
        for who in both:
            person = session.get_one(Person, world.ids[who])
            people.join(session, world.clock(), world.ids["Harbour"], person, [(ADMINISTRATOR, None)])

    for _ in range(12):
        world.do(join)
        done = together(partial(end, *both), partial(end, *reversed(both)))
        assert {type(one) for one in done} == {Refused, type(None)}, done
        assert len(acting(world)) == 1


@pytest.mark.parametrize(("done", "said"), [(people.end, "member.ended"), (people.suspend, "member.suspended")])
def test_what_is_done_to_a_member_at_once_is_recorded_once(world: World, done: Callable[..., None], said: str) -> None:
    work = partial(do, world, done, "trainee")

    def twice() -> object:
        try:
            return work()
        except NotFound as gone:
            return gone

    together(*[twice] * 4)
    with world.session() as session:
        assert records(session)[1][said] == 1
