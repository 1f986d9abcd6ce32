"""A form that was opened for one organisation changes nothing in another."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mesotrain.actions import people
from mesotrain.core.access import ADMINISTRATOR, TRAINEE
from mesotrain.store.invitations import Invitation
from mesotrain.store.people import Clinic, Member, Person
from tests.world import Browser, World

SENTENCE = "This form was opened for Harbour, and you work for Northlight now. Nothing was changed in either."
IVO: dict[str, Any] = {"email": "ivo@example.org", "name": "Ivo <Invited>", "role": ["administrator.", "educator."]}


def work_for(browser: Browser, world: World, organisation: str) -> None:
    reply = browser.post("/account/organisation", {"organisation": world.ids[organisation]}, page="/account")
    assert (reply.status_code, reply.location) == (303, "/")


@pytest.fixture
def both(world: World) -> Browser:
    """An administrator of Harbour and of Northlight, who works for Harbour."""

    def join(session: Session) -> None:
        person = session.get_one(Person, world.ids["administrator"])
        people.join(session, world.clock(), world.ids["Northlight"], person, [(ADMINISTRATOR, None)])

    world.do(join)
    return world.client("administrator")


def invited(world: World) -> list[tuple[int, str, list[Any]]]:
    with world.session() as session:
        return [(one.organisation_id, one.name, one.roles) for one in session.scalars(select(Invitation))]


def send(browser: Browser, path: str, token: str, form: dict[str, Any]) -> TestResponse:
    return browser.client.post(path, data={"csrf_token": token, **form})


def the_way(reply: TestResponse) -> tuple[str, dict[str, list[str]]]:
    """The address and the fields of the form that a refusal offers."""
    (form,) = re.findall(
        r'<form method="post" action="(/account/organisation[^"]*)">(.*?)</form>', page(reply), re.DOTALL
    )
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]):
        fields.setdefault(name, []).append(unescape(value))
    return unescape(form[0]), fields


def page(reply: TestResponse) -> str:
    return str(reply.get_data(as_text=True))


def test_an_invitation_typed_for_one_organisation_is_not_sent_by_another_and_is_kept(
    both: Browser, world: World
) -> None:
    token = both.token("/people/invite")
    work_for(both, world, "Northlight")
    reply = send(both, "/people/invite", token, IVO | {"password": "CANARY of a password"})
    assert "CANARY" not in page(reply)
    assert (reply.status_code, SENTENCE in page(reply), invited(world)) == (409, True, [])
    address, fields = the_way(reply)
    back = both.client.post(address, data=fields)
    assert (back.status_code, back.location) == (307, "/people/invite")
    sent_on = both.client.post(back.location, data=fields)  # what a browser does by itself
    assert (sent_on.status_code, sent_on.location) == (303, "/people")
    assert 'Ada Administrator<span class="where">, Harbour' in page(both.get("/people"))
    roles = [["administrator", None], ["educator", None]]
    assert [(one[0], one[1], sorted(one[2])) for one in invited(world)] == [(world.ids["Harbour"], IVO["name"], roles)]


def test_a_list_confirmed_late_invites_nobody(both: Browser, world: World) -> None:
    token = both.token("/people/import")
    text = "Name,Address,Role,Clinic\nIvo,ivo@example.org,Educator,Whole organisation\n"
    work_for(both, world, "Northlight")
    for path in ("/people/import", "/people/import/invite"):
        assert send(both, path, token, {"text": text}).status_code == 409
    assert invited(world) == []


def test_whoever_changes_back_goes_on_with_the_same_form(both: Browser, world: World) -> None:
    token = both.token("/clinics")
    work_for(both, world, "Northlight")
    assert send(both, "/clinics", token, {"name": "Dock"}).status_code == 409
    work_for(both, world, "Harbour")
    assert send(both, "/clinics", token, {"name": "Dock"}).status_code == 303
    with world.session() as session:
        assert session.scalars(select(Clinic.organisation_id).filter_by(name="Dock")).all() == [world.ids["Harbour"]]


def test_what_is_ones_own_is_done_from_whichever_page(both: Browser, world: World) -> None:
    token = both.token("/account")
    work_for(both, world, "Northlight")
    assert send(both, "/account", token, {"locale": "en", "zone": "UTC"}).status_code == 303
    assert send(both, "/account/sign-out-everywhere", token, {}).status_code == 303
    assert send(both, "/sign-out", token, {}).status_code == 303
    assert both.get("/").location == "/sign-in?next=/"


def test_no_form_names_an_organisation_that_is_not_ones_own(world: World) -> None:
    browser = world.client("trainee")
    _, _, token = browser.token("/").rpartition(":")
    reply = send(browser, "/courses/tiny/basics/attempts", f"{world.ids['Northlight']}:{token}", {})
    assert reply.status_code == 409
    assert "Northlight" not in page(reply)
    assert "where you have no access now" in page(reply)


def test_an_answer_of_another_organisation_is_told_so_and_counts_after_changing_back(world: World) -> None:
    def join(session: Session) -> None:
        person = session.get_one(Person, world.ids["trainee"])
        people.join(session, world.clock(), world.ids["Northlight"], person, [(TRAINEE, world.ids["Cork"])])

    world.do(join)
    browser = world.client("trainee")
    attempt = browser.start()
    token = {"X-CSRFToken": browser.token(f"/attempts/{attempt}")}
    body = {"op": "x" * 32, "fields": {"flag": ["1"]}, "lease": browser.lease}
    work_for(browser, world, "Northlight")
    reply = browser.client.put(f"/attempts/{attempt}/answers/1", json=body, headers=token)
    assert (reply.status_code, (reply.get_json() or {}).get("elsewhere")) == (409, True)
    work_for(browser, world, "Harbour")
    assert browser.client.put(f"/attempts/{attempt}/answers/1", json=body, headers=token).status_code == 200


def test_the_next_sign_in_goes_on_where_the_last_one_worked_while_they_may_work_there(
    both: Browser, world: World
) -> None:
    def place() -> str:
        return world.client("administrator").get("/account").get_data(as_text=True).split("at ")[1].split(".")[0]

    assert place() == "Harbour"
    world.clock.forward(minutes=1)
    work_for(world.client("administrator"), world, "Northlight")
    world.clock.forward(minutes=1)
    assert place() == "Northlight"
    key = (world.ids["Northlight"], world.ids["administrator"])
    world.do(lambda session: setattr(session.get_one(Member, key), "suspended_at", world.clock()))
    assert place() == "Harbour"
