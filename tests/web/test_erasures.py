"""An erasure that is begun: nobody signs in as who is erased, and who joins again ends it, told before and after."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions import people, privacy
from mesotrain.core.access import TRAINEE
from mesotrain.core.accounts import GUESSES
from mesotrain.store import privacy as store
from mesotrain.store.accounts import Link
from mesotrain.store.events import Event
from mesotrain.store.people import Person
from tests.actions.proving import mailed
from tests.world import World

COLLEAGUE = "colleague@example.org"
LEARNER = {"email": COLLEAGUE, "name": "Colin Colleague"}
ENDS = "The erasure ends when they join"
ENDED = "The erasure of your record here has ended"


def leave(world: World, years: int = 6) -> None:
    """The colleague leaves, and their erasure begins."""
    administrator, now, who = world.actor("administrator"), world.clock(), world.ids["colleague"]
    world.do(lambda session: people.end(session, administrator, now, who))
    where = (administrator.organisation, who, years)
    world.do(lambda session: privacy.erase(session, now, *where, by=administrator.commitment))


def both(world: World) -> None:
    """The colleague belongs to Northlight too."""

    def join(session: Session) -> None:
        person = session.get_one(Person, world.ids["colleague"])
        people.join(session, world.clock(), world.ids["Northlight"], person, [(TRAINEE, world.ids["Cork"])])

    world.do(join)


def invite(world: World, who: str = "administrator", **more: str) -> str:
    browser = world.client(who)
    form = LEARNER | {"role": f"trainee.{world.ids['Quay']}"} | more
    reply = browser.post("/people/invite", form, page="/people/invite", follow_redirects=True)
    return reply.get_data(as_text=True)


def erasing(world: World) -> bool:
    with world.session() as session:
        return store.erasure(session, world.ids["Harbour"], world.ids["colleague"]) is not None


@pytest.mark.parametrize(("elsewhere", "links"), [(False, 0), (True, 1)])
def test_who_is_being_erased_everywhere_is_mailed_no_link(world: World, elsewhere: bool, links: int) -> None:
    if elsewhere:
        both(world)
    leave(world)
    nobody = world.client().post("/forgotten", {"email": "nobody@example.org"}, page="/forgotten")
    asked = world.client().post("/forgotten", {"email": COLLEAGUE}, page="/forgotten")
    assert asked.status_code == nobody.status_code == 200
    said = asked.get_data(as_text=True).replace(COLLEAGUE, "nobody@example.org")
    assert said.split("<main")[1] == nobody.get_data(as_text=True).split("<main")[1]
    with world.session() as session:
        assert len(session.scalars(select(Link).filter_by(person_id=world.ids["colleague"])).all()) == links


def test_who_invites_somebody_back_is_told_that_joining_ends_their_erasure(world: World) -> None:
    leave(world)
    page = invite(world)
    assert "is to be erased on 12 Mar 2033. " + ENDS in page
    assert "is invited. The link" not in page
    said = invite(world, ends="y")
    assert "is invited. The link is good for 14 days. " + ENDS in said
    assert erasing(world), "an invitation alone ends nothing"


def test_another_organisation_learns_nothing_of_an_erasure(world: World) -> None:
    leave(world)
    where = world.ids["Northlight"], world.ids["administrator"]

    def there(session: Session) -> None:
        person = session.get_one(Person, where[1])
        people.join(session, world.clock(), where[0], person, [("administrator", None)])

    world.do(there)
    browser = world.client("administrator")
    browser.post("/account/organisation", {"organisation": str(where[0])}, page="/account")
    form = LEARNER | {"role": f"trainee.{world.ids['Cork']}"}
    reply = browser.post("/people/invite", form, page="/people/invite", follow_redirects=True)
    assert "is invited. The link is good for 14 days.</" in reply.get_data(as_text=True)


def test_a_list_says_whose_erasure_ends(world: World) -> None:
    leave(world)
    text = "Name,E-mail address,Role,Clinic\nColin Colleague,colleague@example.org,Trainee,Quay\n"
    browser = world.client("administrator")
    page = browser.post("/people/import", {"text": text}, page="/people/import").get_data(as_text=True)
    assert "Joining ends that erasure." in page


def test_who_joins_again_is_told_that_their_erasure_ends_and_it_is_recorded(world: World) -> None:
    leave(world)
    invite(world, ends="y")
    path, browser = mailed(world, "join"), world.client()
    assert "When you join, that erasure ends" in browser.get(path).get_data(as_text=True)
    form = {"name": "Colin Colleague", "password": "a long sentence of no fame"}
    said = browser.post(path, form, page=path, follow_redirects=True).get_data(as_text=True)
    assert ENDED in said
    assert not erasing(world)
    with world.session() as session:
        assert session.scalars(select(Event).filter_by(kind="erasure.stopped")).one()


def test_who_joins_with_their_account_chooses_only_among_several(world: World) -> None:
    administrator, now, who = world.actor("administrator"), world.clock(), world.ids["colleague"]
    world.do(lambda session: people.end(session, administrator, now, who))
    assert "is invited" in invite(world)
    path, browser = mailed(world, "join"), world.client("colleague")
    reply = browser.post(path, {}, page=path)
    assert reply.headers["Location"] == "/"
    said = browser.get("/").get_data(as_text=True)
    assert "You have joined." in said
    assert "Choose under Settings" not in said


def test_who_works_for_two_keeps_their_account_and_is_told_of_the_end_of_an_erasure(world: World) -> None:
    both(world)
    leave(world)
    invite(world, ends="y")
    path, browser = mailed(world, "join"), world.client("colleague")
    said = browser.post(path, {}, page=path, follow_redirects=True).get_data(as_text=True)
    assert ENDED in said
    assert "Choose under Settings" in said


def test_who_leaves_one_organisation_for_another_works_there(world: World) -> None:
    both(world)
    world.do(lambda session: people.end(session, world.actor("other_manager"), world.clock(), world.ids["colleague"]))
    world.do(lambda session: people.end(session, world.actor("administrator"), world.clock(), world.ids["colleague"]))
    browser = world.client("colleague")
    browser.get("/record")
    invite(world)
    path = mailed(world, "join")
    said = browser.post(path, {}, page=path, follow_redirects=True).get_data(as_text=True)
    assert "You have joined." in said
    assert "at Harbour." in browser.get("/account").get_data(as_text=True)


def test_a_record_that_is_erased_says_its_day_as_other_pages_do(world: World) -> None:
    leave(world, years=0)
    reply = world.client("administrator").get(f"/people/{world.ids['colleague']}/record")
    assert reply.status_code == 410
    assert "erased on 12 Mar 2027. What" in reply.get_data(as_text=True)


def test_after_too_many_tries_the_form_keeps_the_address(world: World) -> None:
    browser = world.client()
    replies = [
        browser.post("/forgotten", {"email": "no@example.org"}, page="/forgotten") for _ in range(GUESSES.most + 1)
    ]
    assert [one.status_code for one in replies] == [200] * GUESSES.most + [429]
    page = replies[-1].get_data(as_text=True)
    assert 'value="no@example.org"' in page
    assert "There were too many tries." in page
