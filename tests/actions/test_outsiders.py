"""Where nobody else can confirm a proposal somebody from outside is asked to, for that one decision."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from mesotrain.actions import merges, people, privacy, proposals
from mesotrain.actions import outsiders as actions
from mesotrain.core.accounts import LINK
from mesotrain.core.assertions import SUSPENDED
from mesotrain.core.certification import CERTIFIED
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.privacy import IN_VAIN
from mesotrain.core.proposals import CONFIRMED, DAYS, REFUSED
from mesotrain.store import outsiders
from mesotrain.store import proposals as store
from mesotrain.store.outsiders import Outsider
from mesotrain.store.people import Member, Person
from mesotrain.store.privacy import ERASED
from tests.actions.certifying import certifies, propose, second, stage
from tests.actions.clearing import Desk
from tests.actions.taking import sit, together
from tests.actions.test_races import kinds
from tests.world import World

JUDGE = "Dr Jo Judge, Northlight"


@pytest.fixture
def place(world: World) -> Desk:
    """The trainee is certified; one manager alone has the quay."""
    found = certifies(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def ask(place: Desk, number: int, email: str = "Judge@example.net", nonce: str = "nonce") -> int:
    asked: int = place.say(actions.ask, number, email, nonce)
    return asked


def answer(place: Desk, asked: int, nonce: str = "nonce", name: str = JUDGE, **said: Any) -> None:
    facts = {"now": place.world.clock(), "number": asked, "nonce": nonce, "name": name, "salt": b"judge"}
    place.world.do(partial(actions.answer, **facts, **({"agrees": True} | said)))


def decision(place: Desk, number: int) -> Any:
    with place.world.session() as session:
        return store.by_number(session, number)


def test_somebody_from_outside_confirms_it_under_the_name_they_give_and_every_answer_tells_it(place: Desk) -> None:
    number = propose(place)
    asked = ask(place, number)
    assert stage(place).state == CERTIFIED, "to be asked changes nothing"
    answer(place, asked)
    (reason,) = (one for one in place.ask().reasons if one.code == SUSPENDED)
    assert reason.said
    assert (reason.said.by, reason.said.alone) == (f"Mona Manager, {JUDGE}", False)
    found = decision(place, number)
    assert (found.state(place.today), found.decided_by, found.decision.proof) == (CONFIRMED, JUDGE, LINK)
    with pytest.raises(Ended):
        answer(place, asked)
    with place.world.session() as session:
        person = session.scalars(select(Person).filter_by(name=JUDGE)).one()
        assert (person.password_hash, "@" in person.email) == ("", False), "it is a name, and no account"
        assert session.scalar(select(func.count()).where(Member.person_id == person.id)) == 0


def test_or_refuses_it_with_a_reason(place: Desk) -> None:
    number = propose(place)
    asked = ask(place, number)
    for said, match in (({"reason": " "}, "Say why"), ({"name": " ", "reason": "No."}, "no name")):
        with pytest.raises(Refused, match=match):
            answer(place, asked, agrees=False, **said)
    answer(place, asked, agrees=False, reason="It was another.")
    assert decision(place, number).state(place.today) == REFUSED
    assert stage(place).state == CERTIFIED


def test_they_are_asked_by_whoever_made_it_where_nobody_here_can_confirm_it(place: Desk) -> None:
    number = propose(place)
    for email in ("trainee@example.org", "MANAGER@example.org "):
        with pytest.raises(Refused, match="Ask somebody else"):
            ask(place, number, email)
    with pytest.raises(NotFound):
        place.say(actions.ask, number, "judge@example.net", "nonce", by="other_manager")
    second(place)
    with pytest.raises(Refused, match="There is somebody"):
        ask(place, number)


def test_of_those_who_were_asked_the_last_alone_decides_and_nobody_by_another_link(place: Desk) -> None:
    number = propose(place)
    first, last = ask(place, number), ask(place, number, "other@example.net", "another")
    for asked, nonce in ((first, "nonce"), (last, "nonce"), (last + 1, "another")):
        with pytest.raises(NotFound):
            answer(place, asked, nonce)
    answer(place, last, "another")
    assert stage(place).state == SUSPENDED


def test_what_waits_no_more_is_not_decided(place: Desk) -> None:
    number = propose(place)
    asked = ask(place, number)
    place.say(proposals.withdraw, number)
    with pytest.raises(Ended):
        answer(place, asked)
    late = ask(place, propose(place))
    place.world.clock.forward(days=DAYS.days)
    with pytest.raises(Ended):
        answer(place, late)
    gone = ask(place, propose(place))
    place.say(people.end, place.world.ids["trainee"], by="administrator")
    with pytest.raises(NotFound):
        answer(place, gone)


def test_a_link_that_is_followed_twice_at_once_answers_once(place: Desk) -> None:
    asked = ask(place, propose(place))
    facts = {"now": place.world.clock(), "number": asked, "nonce": "nonce", "name": JUDGE, "agrees": True}
    works = [partial(actions.answer, **facts, salt=salt) for salt in (b"a", b"b", b"c")]
    assert kinds(together(*(partial(place.world.do, work) for work in works))) == ["Ended", "Ended", "NoneType"]
    with place.world.session() as session:
        assert session.scalar(select(func.count()).where(Person.name == JUDGE)) == 1


def test_their_address_goes_after_a_time_and_their_name_with_the_record_it_stands_in(place: Desk) -> None:
    number = propose(place)
    answer(place, ask(place, number))
    harbour, trainee, now = place.world.ids["Harbour"], place.world.ids["trainee"], place.world.clock()

    def address() -> str:
        with place.world.session() as session:
            return session.scalars(select(Outsider.email)).one()

    place.world.do(
        lambda session: privacy.forget_invited(session, now + DAYS + IN_VAIN - timedelta(seconds=1), harbour)
    )
    assert address() == "judge@example.net"
    place.world.do(lambda session: privacy.forget_invited(session, now + DAYS + IN_VAIN, harbour))
    assert address() == ""
    place.say(people.end, trainee, by="administrator")
    place.world.do(lambda session: privacy.erase(session, now, harbour, trainee, 6, by=""))
    assert decision(place, number).decided_by == JUDGE, "it is kept as long as the record is"
    place.world.do(lambda session: privacy.finish_due(session, now + timedelta(days=366 * 6)))
    assert decision(place, number).decided_by == ERASED


def test_it_stays_told_under_the_account_that_goes_on(place: Desk) -> None:
    place.world.clock.forward(days=1)
    answer(place, ask(place, propose(place)))
    place.say(merges.merge, place.world.ids["colleague"], place.world.ids["trainee"], by="administrator")
    (reason,) = (one for one in place.ask(who="colleague").reasons if one.code == SUSPENDED)
    assert reason.said
    assert reason.said.by == f"Mona Manager, {JUDGE}"
    with place.world.session() as session:
        assert outsiders.only_of(session, place.world.ids["trainee"]), "and goes with the record of either"
