"""What takes a certificate away is proposed by one person and is so when a second one confirms it."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from mesotrain.actions import certificates, merges, people
from mesotrain.actions import proposals as actions
from mesotrain.core.access import MANAGER, TRAINEE, Actor
from mesotrain.core.accounts import PASSWORD
from mesotrain.core.assertions import REVOKED, SUSPENDED
from mesotrain.core.certification import CERTIFIED
from mesotrain.core.clearance import CLEARED, NOT_CLEARED
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.proposals import CONFIRMED, DAYS, LAPSED, REFUSED, WAITING, WITHDRAWN
from mesotrain.store import proposals as store
from mesotrain.store.assertions import Assertion
from mesotrain.store.events import Event
from tests.actions.certifying import as_, card, certifies, propose, revoke, second, stage, suspend
from tests.actions.clearing import Desk
from tests.actions.taking import sit, together
from tests.actions.test_races import kinds
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """The trainee is certified, and cleared for the face."""
    found = certifies(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


@pytest.fixture
def other(place: Desk) -> Actor:
    """Another manager of the quay."""
    return second(place)


def confirm(place: Desk, actor: Actor, number: int) -> None:
    as_(place, actor, actions.confirm, number, PASSWORD)


def state(place: Desk, number: int) -> str:
    with place.world.session() as session:
        return store.by_number(session, number).state(place.today)


def told(place: Desk, kind: str) -> list[str]:
    """Whom events of this kind are about, in their order."""
    names = {place.world.actor(who).commitment: who for who in ("trainee", "manager", "educator", "colleague")}
    with place.world.session() as session:
        found = session.scalars(select(Event.subject).filter_by(kind=kind).order_by(Event.position))
        return [names[one] for one in found]


def test_it_counts_from_the_moment_a_second_person_confirms_it_and_both_names_are_told(
    place: Desk, other: Actor
) -> None:
    number = propose(place)
    assert (state(place, number), stage(place).state, place.ask().answer) == (WAITING, CERTIFIED, CLEARED)
    assert told(place, "proposal.told") == ["educator"]
    assert told(place, "certificate.told") == []
    place.world.clock.forward(days=2)
    confirm(place, other, number)
    (reason,) = (one for one in place.ask().reasons if one.code == SUSPENDED)
    assert (reason.answer, reason.about) == (NOT_CLEARED, "A complaint.")
    assert reason.said
    assert (reason.said.by, reason.said.alone, reason.said.start) == ("Mona Manager, Edda Educator", False, place.today)
    assert state(place, number) == CONFIRMED
    assert told(place, "certificate.told") == ["trainee"]
    assert told(place, "proposal.told") == ["educator", "manager"]
    with pytest.raises(Ended):
        confirm(place, other, number)


def test_nobody_is_their_own_second_person(place: Desk, other: Actor) -> None:
    quay, number = place.world.ids["Quay"], propose(place)
    with pytest.raises(Refused, match="Who proposed it"):
        place.say(actions.confirm, number, PASSWORD)
    with pytest.raises(Refused, match="Who proposed it"):
        place.say(actions.refuse, number, "No.", PASSWORD)
    place.say(people.change_roles, place.world.ids["trainee"], [(TRAINEE, quay), (MANAGER, quay)], by="administrator")
    with pytest.raises(Refused, match="of themselves"):
        confirm(place, _managing(place, "trainee", "Quay"), number)
    with pytest.raises(NotFound):
        confirm(place, _managing(place, "administrator", "Mill"), number)
    with pytest.raises(NotFound):
        place.say(actions.confirm, number, PASSWORD, by="other_manager")
    assert stage(place).state == CERTIFIED
    with place.world.session() as session:
        assert store.seconds(session, store.by_number(session, number).row) == [other.person]


def _managing(place: Desk, who: str, clinic: str) -> Actor:
    actor = place.world.actor(who)
    return Actor(
        actor.person, actor.organisation, "", actor.organisation_zone, actor.name, actor.commitment, actor.zone, "en",
        {MANAGER: frozenset({place.world.ids[clinic]})},
    )  # fmt: skip


def test_a_second_person_refuses_it_with_a_reason_and_nothing_changes(place: Desk, other: Actor) -> None:
    number = propose(place, REVOKED)
    with pytest.raises(Refused, match="Say why"):
        as_(place, other, actions.refuse, number, " ", PASSWORD)
    as_(place, other, actions.refuse, number, "It was another.", PASSWORD)
    assert (state(place, number), stage(place).state) == (REFUSED, CERTIFIED)
    assert told(place, "proposal.told") == ["educator", "manager"]
    assert told(place, "certificate.told") == []
    for action, *what in ((actions.confirm, PASSWORD), (actions.refuse, "So.", PASSWORD)):
        with pytest.raises(Ended):
            as_(place, other, action, number, *what)


def test_whoever_made_it_takes_it_back_and_nobody_else(place: Desk, other: Actor) -> None:
    number = propose(place)
    with pytest.raises(NotFound):
        as_(place, other, actions.withdraw, number)
    place.say(actions.withdraw, number)
    assert state(place, number) == WITHDRAWN
    with pytest.raises(Ended):
        confirm(place, other, number)


def test_it_lapses_and_may_be_proposed_again(place: Desk, other: Actor) -> None:
    number = propose(place)
    place.world.clock.forward(days=DAYS.days - 1)
    with pytest.raises(Refused, match="proposed already"):
        propose(place)
    assert state(place, number) == WAITING
    place.world.clock.forward(days=1)
    assert state(place, number) == LAPSED
    for action, *what in ((actions.confirm, PASSWORD), (actions.refuse, "So.", PASSWORD)):
        with pytest.raises(Ended):
            as_(place, other, action, number, *what)
    assert stage(place).state == CERTIFIED
    confirm(place, other, propose(place))
    assert stage(place).state == SUSPENDED


def test_what_can_not_be_taken_any_more_is_not_confirmed(place: Desk, other: Actor) -> None:
    suspended, revoked = propose(place), propose(place, REVOKED)
    confirm(place, other, revoked)
    with pytest.raises(Refused, match="Only a certificate that is held"):
        confirm(place, other, suspended)
    assert state(place, suspended) == WAITING, "nothing was done by halves"
    assert stage(place).state == REVOKED


def test_it_stands_alone_only_where_nobody_else_can_confirm_it_and_every_answer_says_so(place: Desk) -> None:
    number = propose(place)
    with pytest.raises(NotFound):
        place.say(actions.let_stand, number, PASSWORD, by="other_manager")
    second(place)
    with pytest.raises(Refused, match="There is somebody"):
        place.say(actions.let_stand, number, PASSWORD)
    place.say(people.suspend, place.world.ids["educator"], by="administrator")
    place.say(actions.let_stand, number, PASSWORD)
    (reason,) = (one for one in place.ask().reasons if one.code == SUSPENDED)
    assert reason.said
    assert (reason.said.by, reason.said.alone) == ("Mona Manager", True)


@pytest.mark.parametrize("rounds", [4])
def test_of_two_who_confirm_at_once_one_does(place: Desk, rounds: int) -> None:
    others = [second(place, who) for who in ("educator", "auditor")]
    for _ in range(rounds):
        number, now = propose(place), place.world.clock()
        works: list[Any] = [partial(actions.confirm, actor=one, now=now, number=number, proof="") for one in others]
        assert kinds(together(*(partial(place.world.do, work) for work in works))) == ["Ended", "NoneType"]
        with place.world.session() as session:
            said = session.scalars(select(Assertion).filter_by(kind=SUSPENDED).order_by(Assertion.id.desc())).all()
        place.say(certificates.lift, said[0].id, "It was looked into.")
    assert len(said) == rounds


def test_of_two_who_propose_the_same_at_once_one_does(place: Desk, other: Actor) -> None:
    now, manager = place.world.clock(), place.world.actor("manager")
    works: list[Any] = [
        partial(actions.propose, actor=one, now=now, kind=SUSPENDED, concerns=card(place), reason="So.")
        for one in (manager, other)
    ]
    given = together(*(partial(place.world.do, work) for work in works))
    assert kinds(given) == ["Refused", "int"], given
    with place.world.session() as session:
        assert session.scalar(select(func.count()).select_from(store.Proposal)) == 1


def test_it_waits_under_the_account_that_goes_on_and_nobody_confirms_their_own(place: Desk, other: Actor) -> None:
    place.world.clock.forward(days=1)
    propose(place)
    into = place.world.ids["colleague"]
    place.say(merges.merge, into, place.world.ids["trainee"], by="administrator")
    with place.world.session() as session:
        (old,) = store.of_person(session, other.organisation, place.world.ids["trainee"])
        (new,) = store.of_person(session, other.organisation, into)
    assert (old.state(place.today), new.state(place.today)) == (WITHDRAWN, WAITING)
    assert (new.row.ends_on, new.row.proposed_by) == (old.row.ends_on, place.world.ids["manager"])
    confirm(place, other, new.row.id)
    assert stage(place, "colleague").state == SUSPENDED


def test_what_a_manager_proposed_goes_on_under_their_other_account(place: Desk, other: Actor) -> None:
    number = propose(place)
    place.say(merges.merge, other.person, place.world.ids["manager"], by="administrator")
    with place.world.session() as session:
        new = store.of_person(session, other.organisation, place.world.ids["trainee"])[0]
    assert state(place, number) == WITHDRAWN
    with pytest.raises(Refused, match="Who proposed it"):
        confirm(place, other, new.row.id)


def test_who_confirmed_what_was_said_stays_told_under_the_account_that_goes_on(place: Desk, other: Actor) -> None:
    place.world.clock.forward(days=1)
    confirm(place, other, propose(place))
    place.say(merges.merge, place.world.ids["colleague"], place.world.ids["trainee"], by="administrator")
    (reason,) = (one for one in place.ask(who="colleague").reasons if one.code == SUSPENDED)
    assert reason.said
    assert reason.said.by == "Mona Manager, Edda Educator"


def test_a_revocation_is_proposed_by_who_manages_all_their_clinics_and_confirmed_by_who_manages_one(
    place: Desk, other: Actor
) -> None:
    both = [(TRAINEE, place.world.ids["Quay"]), (TRAINEE, place.world.ids["Mill"])]
    number = propose(place, REVOKED)
    place.say(people.change_roles, place.world.ids["trainee"], both, by="administrator")
    with pytest.raises(Refused, match="only who manages all of them"):
        propose(place, REVOKED)
    confirm(place, other, number)
    assert stage(place).state == REVOKED


def test_it_is_nothing_to_whoever_has_left(place: Desk, other: Actor) -> None:
    number = propose(place)
    place.say(people.end, place.world.ids["trainee"], by="administrator")
    with pytest.raises(NotFound):
        confirm(place, other, number)


def test_what_stands_alone_is_of_one_certificate_and_lifted_as_any_other(place: Desk) -> None:
    place.say(certificates.lift, suspend(place), "It was looked into.")
    assert stage(place).state == CERTIFIED
    revoke(place)
    assert stage(place).state == REVOKED
