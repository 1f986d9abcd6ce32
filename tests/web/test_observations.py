"""The pages of an observation: begun, marked on a phone or without script, signed, told, and taken back."""

import re
from typing import Any

import pytest
from flask import Flask

from mesotrain.core.clearance import CLEARED, NOT_CLEARED
from mesotrain.core.observations import DONE, NOT_DONE, NOT_SEEN
from mesotrain.store import observations as store
from mesotrain.store.observations import Seen
from tests.actions.clearing import SCHEME, WATCHED, Desk, desk
from tests.actions.taking import sit
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.web.test_logbook import arrived
from tests.web.test_rosters import statements
from tests.world import PASSWORD, Browser, World

NEW = "/observations/new"


@pytest.fixture
def place(world: World) -> Desk:
    """The face asks to be seen setting up a tray, and the colleague may watch that."""
    found = desk(world, WATCHED)
    found.appoint()
    return found


def begun(place: Desk, browser: Browser) -> str:
    """The address of a form that was begun."""
    ids = place.world.ids
    form = {"form": f"{ids['Quay']}/{place.course}/face/tray", "trainee": str(ids["trainee"])}
    reply = browser.post(NEW, form, page=NEW)
    assert reply.status_code == 303
    return str(reply.headers["Location"])


def marks(*said: str, seen: int = 0) -> dict[str, str]:
    values = {f"{part}.said": value for part, value in enumerate(said, 1)}
    return values | {f"{part}.seen": str(seen) for part in range(1, 5)}


def signed(browser: Browser, url: str, **more: str) -> Any:
    page = browser.get(f"{url}/sign").get_data(as_text=True)
    found = re.search(r'name="shown" value="([0-9a-f]+)"', page)
    shown = found[1] if found else ""
    return browser.post(f"{url}/sign", {"shown": shown, "password": PASSWORD} | more, page=url)


def of_trainee(place: Desk) -> list[Seen]:
    with place.world.session() as session:
        return store.of_person(session, place.world.ids["Harbour"], place.world.ids["trainee"])


def test_from_a_form_to_a_clearance(place: Desk, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    world = place.world
    sit(world, "trainee", right=4)
    place.document()
    arrived(posting, world, inbox)
    assert place.ask().answer == NOT_CLEARED
    trainee, manager = world.client("trainee"), world.client("manager")
    assert "Observed by the form, and passed: Setting up a tray." in trainee.get("/record/clearance").text
    browser = world.client("colleague")
    assert "Observe somebody by a form" in browser.get("/record/logbook").text
    form = browser.get(NEW).text
    assert "Setting up a tray: Papules of the face, Quay" in form
    assert "Tess Trainee" in form
    assert "Colin Colleague, Quay" not in form, "nobody observes themselves"
    url = begun(place, browser)
    page = browser.get(url).text
    assert "Cleans the hands." in page
    assert page.count("Critical.") == 1
    reply = browser.post(url, marks(DONE, NOT_SEEN, "2", "Calm and exact."), page=url)
    assert (reply.status_code, reply.headers["Location"]) == (303, f"{url}/sign")
    look = browser.get(f"{url}/sign").text
    for words in ("Passed", "Calm and exact.", "Safe alone", "by the form it is passed"):
        assert words in look
    assert signed(browser, url).status_code == 303
    assert "Tess Trainee: Setting up a tray" in browser.get("/observations").text
    assert place.ask().answer == CLEARED
    mails = arrived(posting, world, inbox)
    assert [(to, subject) for to, subject, _ in mails] == [("trainee", "You were observed: Setting up a tray")]
    assert "/record/logbook" in mails[0][2]
    own = trainee.get("/record/logbook").text
    for words in ("Observed by a form", "Colin Colleague rates the whole: Safe alone", "Calm and exact.", "Not seen"):
        assert words in own
    assert "Calm and exact." in manager.get(f"/team/{world.ids['trainee']}/logbook").text
    assert "Observation passed on" in manager.get(f"/team/{world.ids['trainee']}/clearance").text


def test_what_is_missing_is_asked_for_and_nothing_is_lost(place: Desk) -> None:
    browser = place.world.client("colleague")
    empty = browser.post(NEW, {"form": "", "trainee": ""}, page=NEW)
    assert (empty.status_code, "Choose one in each list" in empty.text) == (422, True)
    for form in ("1", "x/y/z/q", "1/1/face/other", "999/1/face/tray"):
        trainee = str(place.world.ids["trainee"])
        assert browser.post(NEW, {"form": form, "trainee": trainee}, page=NEW).status_code == 404
    url = begun(place, browser)
    browser.post(url, marks(NOT_DONE), page=url)
    look = browser.get(f"{url}/sign").text
    assert "Not marked: Reads the label aloud." in look
    assert "The whole is not rated." in look
    assert "password" not in look
    assert "You began to observe Tess Trainee" in browser.get("/").text
    refused = browser.post(url, marks(NOT_DONE, DONE, "1", "Born 3/4/1980.", seen=9), page=url)
    assert refused.status_code == 422
    assert "may identify a patient" in refused.text
    assert "Born 3/4/1980." in refused.text
    browser.post(url, marks(NOT_DONE, DONE, "1", "Mrs Miller was calm.", seen=9), page=url)
    look = browser.get(f"{url}/sign").text
    assert "Critical and not done: Cleans the hands." in look
    assert "Rated “Needs help”; “Safe alone” at least is needed." in look
    place.world.clock.forward(minutes=5)
    doubted = signed(browser, url)
    assert (doubted.status_code, "I looked: it names no patient" in doubted.text) == (422, True)
    assert "Your password signs" in signed(browser, url, password="").text
    assert signed(browser, url, password="wrong").status_code == 422
    assert of_trainee(place) == []
    assert signed(browser, url, nameless="y").status_code == 303
    assert [one.row.words for one in of_trainee(place)] == ["Mrs Miller was calm."]
    for again in (browser.get(url), browser.get(f"{url}/sign"), signed(browser, url), browser.post(url, marks())):
        assert (again.status_code, again.headers["Location"]) == (303, "/observations")
    assert len(of_trainee(place)) == 1


def test_each_part_is_saved_as_it_is_marked(place: Desk) -> None:
    browser = place.world.client("colleague")
    url = begun(place, browser)

    def put(part: int, said: list[Any], op: str, **more: Any) -> tuple[int, Any]:
        reply = browser.put(f"{url}/parts/{part}", {"op": op, "fields": {"said": said}, **more}, page=url)
        return reply.status_code, reply.json

    assert put(1, [DONE], "operation 1") == (200, {"saved": 1, "note": None})
    assert put(1, [NOT_DONE], "operation 2", lease=0) == (200, {"saved": 2, "note": None})
    assert put(1, [DONE], "operation 1")[1]["saved"] == 2, "it is known, and counts no more"
    status, told = put(1, [DONE], "operation 3", seen=1)
    assert (status, told["newer"], told["fields"]) == (409, 2, {"said": [NOT_DONE]})
    status, told = put(4, ["See patient no. 77312"], "operation 4")
    assert (status, "may identify" in told["error"]) == (409, True)
    assert put(2, [], "operation 5")[0] == 200
    for part, said, op in ((9, [DONE], "operation 6"), (1, ["perhaps"], "operation 7")):
        assert put(part, said, op) == (410, {})
    for said, op in (([DONE], "short"), ([3], "operation 8"), (["a\0"], "operation 9"), (["\ud800"], "operation 10")):
        assert put(4, said, op)[0] == 409
    assert browser.put(f"{url}/parts/1", ["what"], page=url).status_code == 409
    browser.post(f"{url}/discard", page=url)
    assert browser.put(f"{url}/parts/1", {"op": "operation 11", "fields": {"said": [DONE]}}).status_code == 410
    assert browser.get(url).status_code == 404


def test_it_is_taken_back_with_a_reason_and_both_stay(place: Desk, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    number = place.observe()
    arrived(posting, place.world, inbox)
    browser = place.world.client("colleague")
    without = browser.post(f"/observations/{number}/withdraw", {"reason": ""}, page="/observations")
    assert (without.status_code, "Say why" in without.text) == (422, True)
    doubted = browser.post(f"/observations/{number}/withdraw", {"reason": "Mrs Miller."}, page="/observations")
    assert "I looked: it names no patient" in doubted.text
    assert 'value="Mrs Miller."' in doubted.text
    browser.post(f"/observations/{number}/withdraw", {"reason": "It was another."}, page="/observations")
    assert "Taken back: It was another." in place.world.client("trainee").get("/record/logbook").text
    ((to, _, words),) = arrived(posting, place.world, inbox)
    assert (to, "took back what was signed of you" in words) == ("trainee", True)


def test_the_worker_forgets_what_was_marked_too_long_ago(
    place: Desk,
    posting: Flask,  # noqa: F811
    inbox: Inbox,  # noqa: F811
) -> None:
    browser = place.world.client("colleague")
    url = f"/observations/drafts/{place.begin(key='begun')}"
    for days, status in ((6, 200), (1, 404)):
        place.world.clock.forward(days=days)
        arrived(posting, place.world, inbox)
        browser.sign_in("colleague")
        assert browser.get(url).status_code == status


def test_who_may_not_supervise_today_is_offered_no_form(place: Desk) -> None:
    world = place.world
    for who in ("trainee", "elsewhere"):
        assert "No form for you today" in world.client(who).get(NEW).text
    place.stop(person=world.ids["colleague"])
    assert "No form for you today" in world.client("colleague").get(NEW).text


def test_a_scheme_without_forms_offers_none(world: World) -> None:
    place = desk(world, SCHEME)
    place.appoint()
    assert "No form for you today" in world.client("colleague").get(NEW).text


def test_a_page_of_observations_asks_the_database_as_often_as_a_page_of_one(place: Desk) -> None:
    place.observe(key="first")
    browser = place.world.client("colleague")

    def asked() -> int:
        with statements(place.world) as said:
            assert browser.get("/observations").status_code == 200
        return len(said)

    asked()
    one = asked()
    for number in range(5):
        place.observe(key=f"more {number}")
    assert asked() == one
