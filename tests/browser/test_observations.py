"""Observing somebody on a phone: with a finger, by keyboard alone, without script, and without a connection."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mesotrain.store import observations as store
from mesotrain.store.observations import Seen
from tests.actions.clearing import WATCHED, desk
from tests.browser.conftest import House, Visit, on_sqlite, signed_in
from tests.browser.hands import Keyboard, Mouse
from tests.browser.test_logbook import looked_at
from tests.browser.test_looks import FINGER, PHONE, SMALL, keep, resize
from tests.browser.test_path import WAYS
from tests.world import PASSWORD

pytestmark = on_sqlite

HANDS, VIAL, WHOLE = "Cleans the hands.", "Reads the label aloud.", "How do you rate the whole"
SAVED, OFFLINE = "All marks saved", "No connection. What you mark is kept in this browser"
Open = Callable[..., Visit]


@pytest.fixture
def opens(visitors: Callable[..., Visit], other_house: House) -> Open:
    """A window of somebody of a clinic where the colleague may watch the face."""
    world = other_house.world
    world.clock.now = datetime.now(UTC) - timedelta(minutes=5)  # the server's own time, and no fresh proof
    desk(world, WATCHED).appoint()

    def visit(who: str, **options: Any) -> Visit:
        state = signed_in(world.app, f"{who}@example.org")
        found = visitors(other_house.address, storage_state=state, **options)
        found.pardon("status of 422", perhaps=True)
        found.go("/record/logbook")
        resize(found.page, PHONE)
        return found

    return visit


def part(page: Page, words: str) -> Locator:
    return page.locator("fieldset").filter(has_text=words)


def begin(page: Page, hand: Any) -> None:
    hand.follow(page.get_by_role("link", name="Observe somebody by a form"))
    hand.follow(page.get_by_role("link", name="Observe somebody"))
    hand.pick(page.get_by_label("What you watch"), "Setting up a tray: Papules of the face, Quay")
    hand.pick(page.get_by_label("Whom you watch"), "Tess Trainee, Quay")
    hand.press(page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", name="Tess Trainee: Setting up a tray")).to_be_visible()


def signed(house: House) -> list[Seen]:
    with house.world.session() as session:
        return store.of_person(session, house.world.ids["Harbour"], house.world.ids["trainee"])


@pytest.mark.parametrize("way", WAYS)
def test_somebody_is_observed_and_reads_what_was_seen(way: str, opens: Open, other_house: House) -> None:
    use, options = WAYS[way]
    page = opens("colleague", **options).page
    hand = use(page)
    begin(page, hand)
    hand.choose(part(page, HANDS), ["Done"])
    hand.press(page.get_by_role("button", name="See what it comes to"))
    expect(page.get_by_text(f"Not marked: {VIAL}")).to_be_visible()
    hand.follow(page.get_by_role("link", name="Back to the form"))
    expect(part(page, VIAL)).to_be_visible()
    hand.choose(part(page, VIAL), ["Not seen"])
    hand.choose(part(page, WHOLE), ["Safe alone"])
    hand.write(page.get_by_label("A note, if you like"), "Calm and exact.")
    if use is Keyboard:
        looked_at(page)
        resize(page, PHONE)
        assert page.evaluate(SMALL, FINGER) == []
        keep(page, "observation", "mark", PHONE)
    hand.press(page.get_by_role("button", name="See what it comes to"))
    expect(page.get_by_text("by the form it is passed")).to_be_visible()
    hand.press(page.get_by_role("button", name="Sign what I saw"))
    expect(page.get_by_role("alert")).to_contain_text("it signs")
    if use is Keyboard:
        looked_at(page)
        keep(page, "observation", "sign", PHONE)
    hand.write(page.get_by_label("Your password signs"), PASSWORD)
    hand.press(page.get_by_role("button", name="Sign what I saw"))
    expect(page.get_by_text("It is signed and kept")).to_be_visible()
    (one,) = signed(other_house)
    assert (one.row.marks, one.row.rating) == ({"hands": "done", "vial": "not seen"}, 2)
    if use is Keyboard:
        looked_at(page)
        keep(page, "observation", "desk", PHONE)
    trainee = opens("trainee", **options).page
    expect(trainee.get_by_role("heading", name="Setting up a tray")).to_be_visible()
    expect(trainee.get_by_text("Colin Colleague rates the whole: Safe alone")).to_be_visible()
    if use is Keyboard:
        looked_at(trainee)
        keep(trainee, "observation", "own", PHONE)


def test_what_is_marked_without_a_connection_is_sent_when_it_is_back(opens: Open, other_house: House) -> None:
    visit = opens("colleague")
    page, hand = visit.page, Mouse(visit.page)
    begin(page, hand)
    state = page.locator("#save-state")
    hand.choose(part(page, HANDS), ["Not done"])
    expect(state).to_have_text(SAVED)
    visit.pardon("Failed to load resource", "ERR_INTERNET_DISCONNECTED", perhaps=True)
    visit.context.set_offline(True)
    hand.choose(part(page, HANDS), ["Done"])
    hand.choose(part(page, VIAL), ["Done"])
    hand.choose(part(page, WHOLE), ["Safe alone"])
    expect(state).to_contain_text(OFFLINE)
    with other_house.world.session() as session:
        (draft,) = store.drafts(session, other_house.world.actor("colleague"))
    assert [draft.row.value(number) for number in range(1, 4)] == ["not done", "", ""]
    visit.context.set_offline(False)
    expect(state).to_have_text(SAVED)
    with other_house.world.session() as session:
        (draft,) = store.drafts(session, other_house.world.actor("colleague"))
    assert [draft.row.value(number) for number in range(1, 4)] == ["done", "done", "2"]


def test_what_waits_in_a_browser_is_there_when_the_page_is_opened_again(opens: Open) -> None:
    visit = opens("colleague")
    page, hand = visit.page, Mouse(visit.page)
    begin(page, hand)
    visit.pardon("Failed to load resource", "ERR_FAILED", perhaps=True)
    page.route("**/parts/*", lambda route: route.abort())
    hand.choose(part(page, HANDS), ["Done"])
    expect(page.locator("#save-state")).to_contain_text("Not saved yet")
    page.unroute("**/parts/*")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(part(page, HANDS).get_by_label("Done", exact=True)).to_be_checked()
    expect(page.locator("#save-state")).to_have_text(SAVED)
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(part(page, HANDS).get_by_label("Done", exact=True)).to_be_checked()


def test_a_note_that_names_a_patient_is_refused_where_it_is_written(opens: Open) -> None:
    visit = opens("colleague")
    page = visit.page
    begin(page, Mouse(page))
    visit.pardon("status of 409")
    page.get_by_label("A note, if you like").fill("See patient no. 77312")
    expect(page.locator(".slot-note").last).to_contain_text("may identify a patient")
    expect(page.locator("#save-state")).to_contain_text("Something is not saved")
    page.get_by_label("A note, if you like").fill("Calm.")
    expect(page.locator("#save-state")).to_have_text(SAVED)
