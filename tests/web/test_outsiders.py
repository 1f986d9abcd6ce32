"""The second person from outside, in the browser: asked on the proposal's page, answering by link, not signed in."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.actions.certifying import certifies, propose, stage
from tests.actions.clearing import Desk
from tests.actions.taking import sit
from tests.cli.test_certificates import arrived
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    found = certifies(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def test_they_follow_the_mailed_link_say_who_they_are_and_decide(
    place: Desk,
    posting: Flask,  # noqa: F811
    inbox: Inbox,  # noqa: F811
) -> None:
    world, manager = place.world, place.world.client("manager")
    where = f"/proposals/{propose(place)}"
    arrived(posting, inbox, world)
    assert manager.post(f"{where}/outsider", {"email": "nobody"}, page=where).status_code == 422
    assert manager.post(f"{where}/outsider", {"email": "judge@example.net"}, page=where).status_code == 303
    assert "judge@example.net" in manager.get(where).get_data(as_text=True)
    ((to, subject, text),) = arrived(posting, inbox, world)
    assert (to, subject) == ("judge", "Mona Manager asks you for a decision")
    assert "Tess" not in text, "whom it is about stands on the page alone"
    link = urlsplit(next(line for line in text.splitlines() if "/second/" in line)).path
    stranger = world.client()
    page = stranger.get(link).get_data(as_text=True)
    for words in ("Tess Trainee", "To be suspended: Certificate in injecting", "A complaint.", "by Mona Manager"):
        assert words in page
    assert stage(place).state == "certified", "to open it changes nothing"
    for form, wrong in (({}, "Choose what you answer"), ({"answer": "confirmed"}, "There is no name")):
        reply = stranger.post(link, form, page=link)
        assert (reply.status_code, wrong in reply.get_data(as_text=True)) == (422, True)
    assert stranger.post(link, {"answer": "confirmed", "name": "Dr Jo Judge"}, page=link).status_code == 303
    assert "Mona Manager, Dr Jo Judge said so on" in world.client("trainee").get("/record/certificates").get_data(
        as_text=True
    )
    after = stranger.get(link).get_data(as_text=True)
    assert "Nothing is asked of you here any more" in after
    assert "Tess" not in after
    again = stranger.post(link, {"answer": "refused", "name": "Dr Jo Judge", "reason": "No."}, page="/sign-in")
    assert again.status_code == 422
    assert stage(place).state == "suspended"


def test_a_mail_that_waits_until_it_is_decided_does_not_leave(
    place: Desk,
    posting: Flask,  # noqa: F811
    inbox: Inbox,  # noqa: F811
) -> None:
    manager, where = place.world.client("manager"), f"/proposals/{propose(place)}"
    arrived(posting, inbox, place.world)
    for who in ("one", "other"):
        manager.post(f"{where}/outsider", {"email": f"{who}@example.net"}, page=where)
    assert [to for to, _, _ in arrived(posting, inbox, place.world)] == ["other"]
    manager.post(f"{where}/outsider", {"email": "third@example.net"}, page=where)
    manager.post(f"{where}/withdraw", page=where)
    assert arrived(posting, inbox, place.world) == []
