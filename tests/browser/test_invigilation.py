"""An invigilator and a taker in two browsers: a pause, more time and a void reach the taker's page by themselves."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.actions.examining import publish
from tests.browser.conftest import House, Visit, on_sqlite, signed_in

pytestmark = on_sqlite

SAVED = "All answers saved"
WITHIN = 30_000
"""Milliseconds in which a page that asks every ten seconds has learnt of something, however busy the machine is."""


@pytest.fixture
def both(other_house: House, visitors: Callable[..., Visit]) -> tuple[Visit, Visit]:
    """(a manager, and a newcomer who has begun the exam)."""
    publish(other_house.world)
    app, address = other_house.world.app, other_house.address
    manager = visitors(address, storage_state=signed_in(app, "manager@example.org"))
    taker = visitors(address, storage_state=signed_in(app, other_house.newcomer()))
    taker.go("/courses/tiny/final").get_by_role("button", name="Start the exam").click()
    taker.page.wait_for_url(re.compile(r"/attempts/\d+\?lease=1$"))
    return manager, taker


def answer(page: Page, number: int) -> None:
    """Answers a question, whatever it is."""
    question = page.locator(f'[data-slot="{number}"]')
    if (option := question.locator("label.option").first).count():
        option.click()
    else:
        question.get_by_role("textbox").first.fill("7")


def left(page: Page) -> int:
    """Seconds that a taker's clock shows."""
    hours, minutes, seconds = f"0:{page.locator('#clock [data-left]').inner_text()}".split(":")[-3:]
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def sound(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_what_an_invigilator_does_reaches_the_taker_and_nothing_is_lost(both: tuple[Visit, Visit]) -> None:
    manager, taker = both[0], both[1].page
    desk, news, state = manager.go("/invigilation"), taker.locator("#time-news"), taker.locator("#save-state")
    sound(desk)
    desk.get_by_role("link", name="Who sits “The final exam”").click()
    row = desk.get_by_role("row").filter(has_text="Nora Newcomer")
    expect(row).to_contain_text("Sitting")
    expect(row).to_contain_text("0 of 3")
    sound(desk)

    answer(taker, 1)
    expect(state).to_have_text(SAVED)
    expect(row).to_contain_text("1 of 3", timeout=WITHIN)

    desk.get_by_role("button", name="Pause everybody").click()
    expect(row).to_contain_text("Paused")
    expect(news).to_have_text(re.compile("^Paused by your invigilator since .* Your answers are kept"), timeout=WITHIN)
    standing = left(taker)
    sound(taker)
    answer(taker, 2)
    expect(state).to_have_text(SAVED)
    expect(row).to_contain_text("2 of 3", timeout=WITHIN)
    assert left(taker) == standing, "the clock stands"

    row.get_by_role("link").click()
    desk.get_by_role("button", name="Let Nora Newcomer").click()
    expect(news).to_have_text(re.compile("^Your time has changed."), timeout=WITHIN)
    expect(taker.locator("#clock time")).to_be_visible()
    desk.get_by_label("Minutes more").fill("30")
    desk.get_by_role("button", name=re.compile("^Give Nora .* more time$")).click()
    expect(taker.locator("#clock [data-left]")).to_have_text(re.compile(r"^(4|5)\d:"), timeout=WITHIN)
    assert standing < left(taker) <= standing + 30 * 60
    sound(desk)

    desk.get_by_label("Why it is void").fill("A fire alarm.")
    desk.get_by_role("button", name=re.compile("^Make the exam of Nora .* void$")).click()
    expect(desk.get_by_text("Made void: A fire alarm.")).to_be_visible()
    taker.wait_for_url("**/result**", timeout=WITHIN)
    expect(taker.get_by_role("heading", level=1, name="This attempt is void")).to_be_visible()
    expect(taker.get_by_text("A fire alarm.")).to_be_visible()
    sound(taker)


def test_the_table_renews_itself_and_leaves_its_reader_where_they_are(both: tuple[Visit, Visit]) -> None:
    manager, taker = both[0], both[1].page
    desk = manager.go("/invigilation")
    desk.get_by_role("link", name="Who sits “The final exam”").click()
    minutes = desk.get_by_label("Minutes more")
    minutes.fill("12")
    answer(taker, 1)
    row = desk.get_by_role("row").filter(has_text="Nora Newcomer")
    expect(row).to_contain_text("1 of 3", timeout=WITHIN)
    expect(minutes).to_have_value("12")
    expect(minutes).to_be_focused()
    name = row.get_by_role("link")
    name.focus()
    answer(taker, 2)
    expect(row).to_contain_text("2 of 3", timeout=WITHIN)
    expect(name).to_be_focused()
    manager.pardon("ERR_INTERNET_DISCONNECTED")
    manager.context.set_offline(True)
    expect(desk.get_by_text("The service cannot be reached, so this is not current.")).to_be_visible(timeout=WITHIN)
    manager.context.set_offline(False)
    expect(desk.get_by_text("The service cannot be reached, so this is not current.")).to_have_count(0, timeout=WITHIN)
