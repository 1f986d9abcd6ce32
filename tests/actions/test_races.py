"""What two do at the same moment, over connections of their own, is as if one had come after the other."""

import random
from datetime import timedelta
from functools import partial
from time import sleep

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mesotrain.actions import accounts, invitations, privacy
from mesotrain.core.access import TRAINEE
from mesotrain.core.attempts import DEADLINE, FINISHED, SUBMIT
from mesotrain.core.errors import Refused
from mesotrain.core.questions import Fields
from mesotrain.store.accounts import TOTP, Authenticator
from mesotrain.store.answers import Answer
from mesotrain.store.attempts import Attempt
from tests.actions.taking import Taking, records, start, together
from tests.world import World

ROUNDS = 24


def test_two_starts_at_once_give_one_attempt_to_both(world: World) -> None:
    for number in range(1, ROUNDS // 3):
        started = together(*(partial(start, world, "trainee", seed) for seed in ("a", "b", "c")))
        assert len({taking.attempt for taking in started}) == 1, started
        assert _attempts(world) == number
        started[0].finish()
    with world.session() as session:
        assert records(session)[1]["attempt.started"] == number


def _attempts(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(Attempt)) or 0


def test_no_acknowledged_answer_is_missing_from_a_score(world: World) -> None:
    """One thread answers, right and wrong in turn, until it is refused; another hands in at any moment."""
    chance, overlapped = random.Random(20270312), 0
    for _ in range(ROUNDS):
        taking = start(world)
        right = world.right_answers(taking.attempt)
        told: dict[int, Fields] = {}

        def answer(taking: Taking = taking, right: dict[int, Fields] = right, told: dict[int, Fields] = told) -> int:
            for number in range(60):
                position = number % 4 + 1
                fields: Fields = right[position] if (number // 4) % 2 == 0 else {"choice": ["?"]}
                if not taking.save(position, fields):
                    return number
                told[position] = fields
            return 60

        answered, finished = together(answer, partial(_hand_in, taking, chance.uniform(0, 0.04)))
        assert isinstance(answered, int), answered
        assert finished is None, finished
        assert taking.row().score == taking.expected(told)
        with world.session() as session:
            newest = {
                row.position: row.fields for row in session.scalars(select(Answer).filter_by(attempt_id=taking.attempt))
            }
        assert newest == told
        overlapped += 0 < answered < 60
    assert overlapped > ROUNDS // 3, "the two hardly ever met: the test says little"


def _hand_in(taking: Taking, delay: float) -> None:
    """Hands in after a delay, in seconds: once, however many answers come meanwhile."""
    sleep(delay)
    taking.finish()


@pytest.mark.parametrize("other", ["finish", "sweep"])
def test_an_attempt_ends_once(world: World, other: str) -> None:
    rounds = ROUNDS // 3
    for _ in range(rounds):
        taking = start(world)
        taking.save(1, world.right_answers(taking.attempt)[1])
        deadline = taking.row().deadline
        late, early = deadline + timedelta(seconds=2), deadline - timedelta(seconds=2)
        second = (taking.finish, early) if other == "finish" else (taking.end, late)
        ended = together(partial(taking.finish, early), partial(*second))
        assert ended == [None, None]
        row = taking.row()
        assert (row.state, row.version) == (FINISHED, 2)
        assert (row.ended_by, row.ended_at) in {(SUBMIT, early), (DEADLINE, deadline)}
        world.clock.now = late
    with world.session() as session:
        evidence, events = records(session)
    assert list(evidence.values()) == [1] * rounds
    assert events["attempt.finished"] == events["evidence.recorded"] == rounds


def test_the_same_save_at_once_is_kept_once(world: World) -> None:
    for round_ in range(ROUNDS // 3):
        taking = start(world)
        before = taking.row().version
        save = partial(taking.save, 1, {"choice": ["x"]}, f"operation-{round_}")
        given = together(save, save, save)
        assert given == [before + 1] * 3
        assert taking.row().version == before + 1


def kinds(given: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in given)


def test_two_who_take_away_both_second_factors_leave_one(world: World) -> None:
    manager = world.actor("manager")

    def add(session: Session) -> list[int]:
        facts = {"person_id": manager.person, "kind": TOTP, "secret": "sealed", "added_at": world.clock()}
        rows = [Authenticator(name=name, **facts) for name in ("one", "other")]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    for _ in range(ROUNDS // 4):
        numbers = world.do(add)
        works = [
            partial(accounts.remove_authenticator, actor=manager, now=world.clock(), number=one) for one in numbers
        ]
        assert kinds(together(*(partial(world.do, work) for work in works))) == ["NoneType", "Refused"]
        world.do(lambda session: session.execute(delete(Authenticator)))


def test_of_those_who_join_by_one_invitation_at_once_one_does(world: World) -> None:
    administrator, role = world.actor("administrator"), (TRAINEE, world.ids["Quay"])
    for number in range(ROUNDS // 4):
        to = f"new{number}@example.org"
        invite = partial(invitations.invite, actor=administrator, now=world.clock(), email=to, name="New")
        made = world.do(partial(invite, roles=[role], nonce="nonce"))
        facts = {"now": world.clock(), "number": made, "nonce": "nonce", "name": "New", "password_hash": "h"}
        works = [partial(invitations.join_with_new_account, **facts, salt=salt) for salt in (b"a", b"b", b"c")]
        given = together(*(partial(world.do, work) for work in works))
        assert sum(isinstance(one, int) for one in given) == 1, given
        assert all(isinstance(one, (int, Refused)) for one in given), given


def test_a_record_is_held_once(world: World) -> None:
    administrator, person = world.actor("administrator"), world.ids["trainee"]
    facts = {"actor": administrator, "now": world.clock(), "person": person, "reason": "An inquiry."}
    works = [partial(world.do, partial(privacy.hold, **facts)) for _ in range(4)]
    assert kinds(together(*works)) == ["NoneType", *["Refused"] * 3]
