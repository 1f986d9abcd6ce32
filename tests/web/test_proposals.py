"""Proposals in the browser: made by one manager, confirmed or refused by another, who signs with what proves it."""

import re

import pytest

from mesotrain.core.assertions import REVOKED
from tests.actions.certifying import certifies, propose, second, stage
from tests.actions.clearing import Desk
from tests.actions.taking import sit
from tests.web.test_clearance import statements
from tests.world import PASSWORD, Browser, World


@pytest.fixture
def place(world: World) -> Desk:
    """The trainee is certified, and the quay has two managers."""
    found = certifies(world)
    sit(world, "trainee", right=4)
    found.document()
    second(found)
    return found


def read(browser: Browser, path: str, status: int = 200) -> str:
    reply = browser.get(path)
    assert reply.status_code == status
    return reply.get_data(as_text=True)


def test_it_is_proposed_confirmed_and_told_from_the_pages_alone(place: Desk) -> None:
    manager, other, person = place.world.client("manager"), place.world.client("educator"), place.world.ids["trainee"]
    here, form = f"/team/{person}/certificates", {"certificate": f"{place.course}/card", "reason": "A complaint."}
    reply = manager.post(f"{here}/suspend", form)
    assert reply.status_code == 303
    where = reply.headers["Location"]
    mine = read(manager, where)
    for words in ("It is proposed.", "Edda Educator", "Waits for a second person", "A complaint.", "stop them"):
        assert words in mine
    assert 'value="confirmed"' not in mine
    assert "Let it stand alone" not in mine
    assert f'href="{where}"' in read(manager, here)
    assert f'href="{where}"' not in read(manager, "/")
    today = read(other, "/")
    assert f'href="{where}"' in today
    assert "Mona Manager proposes it of Tess Trainee. It lapses on 26 Mar 2027." in today
    assert "A complaint." not in read(place.world.client("trainee"), "/record/certificates"), "nothing is so yet"
    assert other.post(where, {}, page=where).status_code == 422
    assert other.post(where, {"answer": "confirmed"}, page=where).status_code == 303
    theirs = read(place.world.client("trainee"), "/record/certificates")
    assert "Mona Manager, Edda Educator said so on" in theirs
    assert "No second person" not in theirs
    clearance = read(place.world.client("trainee"), "/record/clearance")
    assert "By Mona Manager, Edda Educator, on 12 Mar 2027." in clearance
    assert f'href="{where}"' not in read(other, "/")
    ended = read(manager, where)
    assert re.search("Ended on .* by Edda Educator", ended)
    assert "<form method" not in ended.partition("<main")[2]


def test_it_is_signed_with_a_password_by_whoever_did_not_prove_it_just_now(place: Desk) -> None:
    number, other = propose(place, REVOKED), place.world.client("educator")
    where = f"/proposals/{number}"
    place.world.clock.forward(minutes=10)
    for form, wrong in (({}, "it signs"), ({"password": "another"}, "not your password")):
        reply = other.post(where, {"answer": "confirmed", **form}, page=where)
        assert reply.status_code == 422
        assert wrong in reply.get_data(as_text=True)
        assert 'value="confirmed" checked' in reply.get_data(as_text=True)
    assert stage(place).state == "certified"
    assert other.post(where, {"answer": "confirmed", "password": PASSWORD}, page=where).status_code == 303
    assert stage(place).state == "revoked"
    again = other.post(where, {"answer": "confirmed", "password": PASSWORD}, page="/")
    assert (again.status_code, "waits no more" in again.get_data(as_text=True)) == (422, True)


def test_it_is_refused_with_a_reason_and_taken_back_by_whoever_made_it(place: Desk) -> None:
    other, manager = place.world.client("educator"), place.world.client("manager")
    where = f"/proposals/{propose(place)}"
    assert "Say why" in other.post(where, {"answer": "refused"}, page=where).get_data(as_text=True)
    assert other.post(where, {"answer": "refused", "reason": "It was another."}, page=where).status_code == 303
    assert "It was another." in read(manager, f"/team/{place.world.ids['trainee']}/certificates")
    where = f"/proposals/{propose(place)}"
    assert other.post(f"{where}/withdraw", page=where).status_code == 404
    assert manager.post(where, {"answer": "confirmed"}, page=where).status_code == 422
    assert manager.post(where, {"answer": "alone"}, page=where).status_code == 422
    assert manager.post(f"{where}/withdraw", page=where).status_code == 303
    assert "Taken back" in read(manager, where)


def test_it_lapses_and_says_so(place: Desk) -> None:
    where, other = f"/proposals/{propose(place)}", place.world.client("educator")
    place.world.clock.forward(days=14)
    other.sign_in("educator")
    page = read(other, where)
    assert "Lapsed: nobody confirmed it in time" in page
    assert "<form method" not in page.partition("<main")[2]
    assert where not in read(other, "/")


def test_nobody_else_reads_it(place: Desk) -> None:
    where = f"/proposals/{propose(place)}"
    for who, status in (("trainee", 403), ("auditor", 403), ("administrator", 403), ("other_manager", 404)):
        read(place.world.client(who), where, status)
    page = read(place.world.client("auditor"), f"/team/{place.world.ids['trainee']}/certificates")
    assert "A complaint." in page
    assert where not in page


def test_today_takes_as_many_statements_with_more_that_wait(place: Desk) -> None:
    other = place.world.client("educator")

    def many() -> int:
        with statements(place.world) as found:
            read(other, "/")
        return len(found)

    propose(place)
    many()
    few = many()
    propose(place, REVOKED)
    place.world.clock.forward(days=1)
    other.sign_in("educator")
    assert many() == few
