"""The sitting when things go wrong: what it says is true, and nothing that was answered is lost."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from mesotrain.store.attempts import Attempt
from tests.browser.conftest import BASICS, PATIENCE, House, Visit, on_sqlite
from tests.browser.test_looks import barriers, too_wide
from tests.browser.test_path import WAYS
from tests.world import PASSWORD

pytestmark = on_sqlite

BEST, NUMBER = "CANARY-SHOWN-1", "CANARY-SHOWN-3"
SAVED = "All answers saved"
SAVES = "**/attempts/*/answers/*"


@dataclass
class Sitting:
    """A newcomer in the middle of their quiz; `asked` holds what the browser asked before it left the page."""

    visit: Visit
    house: House
    email: str
    attempt: int
    url: str
    asked: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def state(self) -> Locator:
        return self.page.locator("#save-state")

    def question(self, stem: str) -> Locator:
        return self.page.get_by_role("group").filter(has_text=stem)

    def option(self, name: str) -> Locator:
        return self.question(BEST).get_by_label(name, exact=True)

    @property
    def number(self) -> Locator:
        return self.question(NUMBER).get_by_role("textbox")

    def kept(self, stem: str) -> dict[str, list[str]]:
        """What the service has of a question."""
        position = self.question(stem).get_attribute("data-slot")
        return self.house.kept(self.attempt)[int(position or 0)]

    def value(self, name: str) -> str:
        return self.option(name).get_attribute("value") or ""

    def says_all_is_saved(self) -> None:
        expect(self.state).to_have_text(SAVED)

    def open_again(self) -> None:
        """The page anew; whoever leaves with unsent answers is asked first, and goes."""
        self.page.once("dialog", self._leave)
        self.page.goto(self.url)

    def _leave(self, dialog: Any) -> None:
        self.asked.append(dialog.type)
        dialog.accept()

    def ends_in(self, seconds: float) -> None:
        """The deadline is moved here; it counts from the next time the page is opened."""

        def work(session: Any) -> None:
            session.get_one(Attempt, self.attempt).deadline = datetime.now(UTC) + timedelta(seconds=seconds)

        self.house.world.do(work)


Sit = Callable[..., Sitting]


@pytest.fixture
def sit(visit: Callable[..., Visit], house: House) -> Sit:
    """Begins the tiny quiz as a newcomer."""

    def begin(**options: Any) -> Sitting:
        email = house.newcomer()
        visitor = visit(email, **options)
        page = visitor.page
        page.get_by_role("link", name="Read the module").click()
        page.get_by_role("button", name="Start the quiz").click()
        page.wait_for_url(re.compile(r"/attempts/\d+\?lease=1$"))
        return Sitting(visitor, house, email, int(re.findall(r"/attempts/(\d+)", page.url)[0]), page.url)

    return begin


class Held:
    """What a page asks for, its saves above all, held back until it is let go."""

    def __init__(self, page: Page, what: str | re.Pattern[str] = SAVES) -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route(what, self._hold)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)

    def wait_for(self, number: int) -> None:
        for _ in range(PATIENCE // 50):
            if len(self.routes) >= number:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{len(self.routes)} were asked for, not {number}")

    def let_go(self) -> None:
        routes, self.routes = self.routes, []
        for route in routes:
            route.continue_()


# What the save state says -------------------------------------------------------------------------------------------


MANY_PLACES = """(list) => {
  const place = list.querySelector("li");
  while (list.children.length < 58) list.append(place.cloneNode(true));
}"""


def test_the_places_of_a_long_exam_leave_room_for_its_question_on_a_phone(sit: Sit) -> None:
    sitting = sit()
    sitting.page.set_viewport_size({"width": 390, "height": 800})
    places = sitting.page.locator(".places ol")
    places.evaluate(MANY_PLACES)
    box = places.bounding_box()
    assert box
    assert box["height"] < 220
    assert places.evaluate("(list) => list.scrollHeight > list.clientHeight")
    assert not barriers(sitting.page)
    assert not too_wide(sitting.page)


def test_saved_is_said_only_when_the_server_has_acknowledged(sit: Sit) -> None:
    sitting = sit()
    sitting.says_all_is_saved()
    held = Held(sitting.page)
    sitting.option("Carry on").check()
    held.wait_for(1)
    expect(sitting.state).to_have_text("Saving")
    sitting.page.wait_for_timeout(300)
    expect(sitting.state).to_have_text("Saving")
    held.let_go()
    sitting.says_all_is_saved()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Carry on")]}


def test_a_reply_that_is_not_the_services_own_is_not_taken_for_saved(sit: Sit) -> None:
    sitting = sit()
    friendly = {"status": 200, "content_type": "text/html", "body": "Welcome to the clinic's network"}
    sitting.page.route(SAVES, lambda route: route.fulfill(**friendly), times=1)
    sitting.option("Carry on").check()
    expect(sitting.state).to_have_text(re.compile("^Not saved yet"))
    sitting.says_all_is_saved()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Carry on")]}


# When the service cannot be reached ---------------------------------------------------------------------------------


def test_without_a_connection_answers_are_kept_and_sent_when_it_is_back(sit: Sit) -> None:
    sitting = sit()
    sitting.visit.pardon("ERR_INTERNET_DISCONNECTED")
    sitting.visit.context.set_offline(True)
    sitting.option("Stop and call").check()
    sitting.number.fill("0.731")
    expect(sitting.state).to_have_text("No connection. Your answers are kept in this browser and sent when it is back.")
    sitting.visit.context.set_offline(False)
    sitting.says_all_is_saved()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    assert sitting.kept(NUMBER) == {"number": ["0.731"]}


def test_answers_that_could_not_be_sent_are_there_and_sent_after_the_page_is_opened_again(sit: Sit) -> None:
    sitting = sit()
    sitting.visit.pardon("ERR_FAILED")
    sitting.page.route(SAVES, lambda route: route.abort())
    sitting.option("Stop and call").check()
    sitting.number.fill("0.731")
    sitting.number.blur()
    unsent = "Not saved yet. Your answers are kept in this browser and sent again."
    expect(sitting.state).to_have_text(unsent)
    sitting.open_again()
    assert sitting.asked == ["beforeunload"], "leaving with unsent answers is asked about"
    expect(sitting.option("Stop and call")).to_be_checked()
    expect(sitting.number).to_have_value("0.731")
    expect(sitting.state).to_have_text(unsent)
    sitting.page.unroute_all()
    sitting.open_again()
    sitting.says_all_is_saved()
    expect(sitting.option("Stop and call")).to_be_checked()
    expect(sitting.number).to_have_value("0.731")
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    assert sitting.kept(NUMBER) == {"number": ["0.731"]}
    assert sitting.page.evaluate("localStorage.length") == 0, "what is saved is not kept here any longer"


def test_a_number_typed_just_before_leaving_is_not_lost(sit: Sit) -> None:
    sitting = sit()
    sitting.number.fill("0.731")
    sitting.visit.pardon("net::ERR_ABORTED", perhaps=True)  # leaving may cut the save off, not lose it
    sitting.open_again()
    expect(sitting.number).to_have_value("0.731", timeout=2_000)


@pytest.mark.parametrize("unsent", [False, True], ids=["all was saved", "something was not"])
def test_what_is_answered_before_the_script_has_come_is_saved(sit: Sit, unsent: bool) -> None:
    sitting = sit()
    sitting.says_all_is_saved()
    if unsent:
        sitting.visit.pardon("ERR_FAILED")
        sitting.page.route(SAVES, lambda route: route.abort())
        sitting.option("Carry on").check()
        sitting.number.fill("0.5")
        sitting.number.blur()
        expect(sitting.state).to_have_text(re.compile("^Not saved yet"))
    late = Held(sitting.page, re.compile(r"/sitting\b[^/]*\.js"))
    sitting.page.once("dialog", lambda dialog: dialog.accept())
    sitting.page.goto(sitting.url, wait_until="commit")
    sitting.option("Stop and call").check()
    sitting.number.fill("0.731")
    sitting.page.unroute(SAVES)
    late.wait_for(1)
    late.let_go()
    sitting.says_all_is_saved()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    assert sitting.kept(NUMBER) == {"number": ["0.731"]}


def test_one_answer_that_is_too_long_does_not_end_the_saving_of_the_others(sit: Sit) -> None:
    sitting = sit()
    sitting.visit.pardon("status of 4", perhaps=True)
    sitting.number.focus()
    sitting.page.keyboard.insert_text("1" * 5_000)
    with sitting.page.expect_response(SAVES):
        sitting.number.blur()
    with sitting.page.expect_response(SAVES) as saved:
        sitting.option("Stop and call").check()
    assert saved.value.ok
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}


def test_an_answer_whose_reply_was_lost_is_kept_once(sit: Sit) -> None:
    sitting = sit()
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().json()["saved"])
        route.abort()

    sitting.visit.pardon("ERR_FAILED")
    sitting.page.route(SAVES, lose, times=1)
    with sitting.page.expect_response(SAVES) as again:
        sitting.option("Carry on").check()
    assert [again.value.json()["saved"]] == lost
    sitting.says_all_is_saved()


# The newest answer wins ---------------------------------------------------------------------------------------------


def test_of_quick_changes_the_newest_is_kept(sit: Sit) -> None:
    sitting = sit()
    held = Held(sitting.page)
    sitting.option("Carry on").check()
    held.wait_for(1)
    sitting.option("Think about it").check()
    sitting.option("Stop and call").check()
    expect(sitting.state).to_have_text("Saving")
    held.let_go()
    held.wait_for(1)
    expect(sitting.state).to_have_text("Saving")
    held.let_go()
    sitting.says_all_is_saved()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    sitting.open_again()
    expect(sitting.option("Stop and call")).to_be_checked()


def test_a_number_typed_just_before_handing_in_is_kept(sit: Sit) -> None:
    sitting = sit()
    number = sitting.question(NUMBER).get_attribute("data-slot") or ""
    sitting.number.fill("0.731")
    sitting.page.get_by_role("button", name="Review and hand in").click()
    expect(sitting.page.get_by_role("heading", level=1, name="Hand in your answers?")).to_be_visible()
    assert sitting.house.kept(sitting.attempt)[int(number)] == {"number": ["0.731"]}
    listed = sitting.page.locator("section").filter(has_text="Without an answer").get_by_role("link")
    expect(listed).to_have_count(3)


def test_enter_in_a_number_saves_it_and_hands_nothing_in(sit: Sit) -> None:
    sitting = sit()
    sitting.number.fill("0.731")
    sitting.number.press("Enter")
    sitting.says_all_is_saved()
    assert sitting.kept(NUMBER) == {"number": ["0.731"]}
    assert sitting.page.url == sitting.url


# Signed out in the middle -------------------------------------------------------------------------------------------


def test_signed_out_in_the_middle_nothing_is_lost(sit: Sit) -> None:
    sitting = sit()
    sitting.option("Carry on").check()
    sitting.says_all_is_saved()
    sign_out_elsewhere(sitting)
    sitting.option("Stop and call").check()
    expect(sitting.state).to_contain_text("You are signed out. Your unsaved answers are kept in this browser.")
    sign_in_and_go_on(sitting)
    expect(sitting.option("Stop and call")).to_be_checked()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}


def test_what_is_answered_after_being_signed_out_is_not_lost_either(sit: Sit) -> None:
    sitting = sit()
    sign_out_elsewhere(sitting)
    sitting.option("Stop and call").check()
    expect(sitting.state).to_contain_text("Your unsaved answers are kept in this browser.")
    sitting.number.fill("0.731")
    sitting.number.blur()
    sign_in_and_go_on(sitting)
    expect(sitting.number).to_have_value("0.731")
    assert sitting.kept(NUMBER) == {"number": ["0.731"]}


def sign_out_elsewhere(sitting: Sitting) -> None:
    """Signs out in another tab; from then on this page's saves are refused."""
    other = sitting.visit.context.new_page()
    other.goto(f"{sitting.visit.address}/account")
    other.get_by_role("main").get_by_role("button", name="Sign out", exact=True).click()
    other.get_by_role("heading", name="Sign in").wait_for()
    other.close()
    sitting.visit.pardon("status of 40")


def sign_in_and_go_on(sitting: Sitting) -> None:
    """Follows the link of the save state, and comes back to the same attempt."""
    sitting.state.get_by_role("link", name="Sign in and go on").click()
    sitting.visit.sign_in(sitting.email, PASSWORD)
    sitting.page.wait_for_url(sitting.url)
    sitting.says_all_is_saved()


# Two windows --------------------------------------------------------------------------------------------------------

MOVED = "You went on in another window or on another device. Nothing more is saved here."


def go_on_in(sitting: Sitting, page: Page) -> None:
    """Takes the attempt over in another window."""
    page.goto(f"{sitting.visit.address}/attempts/{sitting.attempt}")
    page.get_by_role("button", name="Continue here").click()
    page.wait_for_url(re.compile(r"\?lease=\d+$"))


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_whoever_goes_on_elsewhere_and_comes_back_loses_nothing(
    sit: Sit, visit: Callable[..., Visit], script: bool
) -> None:
    sitting = sit()
    elsewhere = visit(sitting.email, java_script_enabled=script)
    go_on_in(sitting, elsewhere.page)
    sitting.visit.pardon("status of 409")
    sitting.option("Stop and call").check()
    expect(sitting.state).to_contain_text(MOVED)
    sitting.number.fill("0.731")
    assert not any(sitting.house.kept(sitting.attempt).values())
    sitting.state.get_by_role("button", name="Continue here").click()
    sitting.page.wait_for_url(re.compile(r"\?lease=3$"))
    sitting.says_all_is_saved()
    expect(sitting.option("Stop and call")).to_be_checked()
    expect(sitting.number).to_have_value("0.731")
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    assert sitting.kept(NUMBER) == {"number": ["0.731"]}
    elsewhere.pardon("status of 409", perhaps=True)
    elsewhere.page.get_by_role("button", name="Review and hand in").click()
    elsewhere.page.get_by_role("heading", name="Continue here?").wait_for()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}


def test_a_newer_answer_elsewhere_is_not_taken_away(sit: Sit, visit: Callable[..., Visit]) -> None:
    """The one who comes back had no connection meanwhile, and answered the same question."""
    sitting = sit()
    sitting.says_all_is_saved()
    sitting.visit.pardon("ERR_FAILED")
    sitting.page.route(SAVES, lambda route: route.abort())
    sitting.option("Carry on").check()
    sitting.number.fill("0.5")
    sitting.number.blur()
    expect(sitting.state).to_have_text(re.compile("^Not saved yet"))
    other = visit(sitting.email).page
    go_on_in(sitting, other)
    there = other.get_by_role("group").filter(has_text=BEST)
    there.get_by_label("Stop and call", exact=True).check()
    expect(other.locator("#save-state")).to_have_text(SAVED)
    sitting.page.unroute(SAVES)
    sitting.visit.pardon("status of 409")
    sitting.visit.pardon("net::ERR_ABORTED", perhaps=True)  # leaving may cut a save off
    sitting.page.once("dialog", lambda dialog: dialog.accept())
    go_on_in(sitting, sitting.page)
    sitting.says_all_is_saved()
    expect(sitting.option("Stop and call")).to_be_checked()
    expect(sitting.number).to_have_value("0.5")
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    assert sitting.kept(NUMBER) == {"number": ["0.5"]}
    assert sitting.page.evaluate("localStorage.length") == 0


def test_going_back_asks_where_to_go_on(sit: Sit, visit: Callable[..., Visit]) -> None:
    sitting = sit()
    sitting.option("Stop and call").check()
    sitting.says_all_is_saved()
    sitting.visit.go(f"/attempts/{sitting.attempt}/finish?lease=1")
    other = visit(sitting.email).page
    go_on_in(sitting, other)
    expect(other.get_by_role("group").filter(has_text=BEST).get_by_role("radio", checked=True)).to_have_count(1)
    sitting.page.go_back()
    heading = sitting.page.get_by_role("heading", name="Continue here?")
    expect(heading).to_be_visible()


def test_a_window_that_one_comes_back_to_says_that_it_was_left(sit: Sit, visit: Callable[..., Visit]) -> None:
    sitting = sit()
    go_on_in(sitting, visit(sitting.email).page)
    sitting.page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    expect(sitting.state).to_contain_text(MOVED)


def test_a_window_of_the_same_browser_is_told_at_once(sit: Sit) -> None:
    sitting = sit()
    other = sitting.visit.context.new_page()
    go_on_in(sitting, other)
    expect(sitting.state).to_contain_text(MOVED)
    expect(other.locator("#save-state")).to_have_text(SAVED)
    other.close()


def test_two_windows_of_one_address_follow_each_other(sit: Sit) -> None:
    """A flag set in the one that was not looked at sends the whole question, the other window's answer with it."""
    sitting = sit()
    other = sitting.visit.context.new_page()
    other.goto(sitting.url)
    sitting.option("Stop and call").check()
    sitting.says_all_is_saved()
    there = other.get_by_role("group").filter(has_text=BEST)
    expect(there.get_by_label("Stop and call", exact=True)).to_be_checked()
    there.get_by_label("Flag to look at again").check()
    expect(other.locator("#save-state")).to_have_text(SAVED)
    expect(sitting.question(BEST).get_by_label("Flag to look at again")).to_be_checked()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")], "flag": ["1"]}
    other.close()


def test_the_receipts_of_what_was_saved_can_be_downloaded(sit: Sit, tmp_path: Path) -> None:
    sitting = sit()
    sitting.option("Stop and call").check()
    sitting.says_all_is_saved()
    sitting.page.get_by_text("Download proof").click()
    with sitting.page.expect_download() as saved:
        sitting.page.get_by_role("link", name="Download the receipts so far").click()
    saved.value.save_as(tmp_path / "proof.json")
    receipts = json.loads((tmp_path / "proof.json").read_text())["receipts"]
    assert [one["sequence"] for one in receipts] == [1]


# Time ---------------------------------------------------------------------------------------------------------------


def test_when_time_is_over_the_page_goes_to_the_result(sit: Sit) -> None:
    sitting = sit()
    sitting.option("Stop and call").check()
    sitting.says_all_is_saved()
    sitting.ends_in(4)
    sitting.open_again()
    expect(sitting.state).to_contain_text("This attempt has ended. What was saved in time counts.")
    expect(sitting.state.get_by_role("link", name="See the result")).to_be_visible()
    sitting.page.wait_for_url("**/result**")
    until = time.monotonic() + 30
    while sitting.page.get_by_text("They are being marked").count():  # until the worker comes by
        assert time.monotonic() < until, "the worker never came by"
        sitting.page.reload()
    expect(sitting.page.get_by_role("heading", level=1, name="Not passed yet: The basics")).to_be_visible()
    expect(sitting.page.get_by_text("so the answers saved until then were handed in for you")).to_be_visible()
    expect(sitting.page.get_by_text("1 of 4 points")).to_be_visible()


def test_an_end_that_was_moved_is_learnt_without_a_reload(sit: Sit) -> None:
    sitting = sit()
    before = sitting.page.locator("#clock time").inner_text()
    sitting.ends_in(3600)
    news = sitting.page.locator("#time-news")
    expect(news).to_have_text(re.compile(r"^Your time has changed. It ends at .* now.$"))
    expect(sitting.page.locator("#clock [data-left]")).to_have_text(re.compile(r"^(1:00:00|59:\d\d)$"))
    assert sitting.page.locator("#clock time").inner_text() != before
    assert sitting.page.locator("#clock time").inner_text() in news.inner_text()


def test_a_page_whose_clock_runs_out_asks_whether_there_is_more_time(sit: Sit) -> None:
    """Nothing comes through at the end, which was moved meanwhile: what is not sent yet is neither lost nor late."""
    sitting = sit()
    sitting.ends_in(10)
    sitting.open_again()
    sitting.visit.pardon("ERR_INTERNET_DISCONNECTED")
    sitting.visit.context.set_offline(True)
    sitting.ends_in(3600)
    sitting.option("Stop and call").check()
    expect(sitting.page.locator("#clock [data-left]")).to_have_text("0:00")
    sitting.page.wait_for_timeout(1_500)
    expect(sitting.state).to_have_text("No connection. Your answers are kept in this browser and sent when it is back.")
    sitting.visit.context.set_offline(False)
    sitting.says_all_is_saved()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
    expect(sitting.page.locator("#clock [data-left]")).to_have_text(re.compile(r"^(1:00:00|59:\d\d)$"))


def test_an_answer_after_the_time_is_refused_with_the_way_to_the_result(sit: Sit) -> None:
    sitting = sit()
    sitting.ends_in(0)
    sitting.visit.pardon("status of 410")
    sitting.option("Stop and call").check()
    expect(sitting.state).to_contain_text("This attempt has ended.")
    sitting.state.get_by_role("link", name="See the result").click()
    sitting.page.wait_for_url("**/result**")


def test_the_last_five_minutes_are_called(sit: Sit) -> None:
    sitting = sit()
    sitting.ends_in(302)
    sitting.open_again()
    expect(sitting.page.locator("#time-call")).to_have_text("Five minutes left.")
    expect(sitting.page.locator("#clock [data-left]")).to_have_text(re.compile(r"^[45]:\d\d$"))


# Numbers that may mean two things -----------------------------------------------------------------------------------


def test_an_ambiguous_number_is_asked_back_while_sitting(sit: Sit) -> None:
    sitting = sit()
    sitting.number.fill("1,500")
    sitting.number.blur()
    expect(sitting.question(NUMBER).get_by_text("may mean two things").locator("visible=true")).to_have_count(1)
    expect(sitting.number).to_have_attribute("aria-invalid", "true")
    sitting.says_all_is_saved()
    sitting.number.fill("1500")
    sitting.number.blur()
    sitting.says_all_is_saved()
    expect(sitting.question(NUMBER).get_by_text("may mean two things").locator("visible=true")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_ambiguous_number_is_asked_back_before_handing_in(sit: Sit, script: bool) -> None:
    sitting = sit(java_script_enabled=script)
    words = "“1,500” may mean two things. Write 1500 or 1.5."
    sitting.number.fill("1,500")
    sitting.page.get_by_role("button", name="Save answers").click()
    expect(sitting.number).to_have_value("1,500")
    expect(sitting.question(NUMBER).get_by_text(words)).to_be_visible()
    sitting.page.get_by_role("button", name="Review and hand in").click()
    unclear = sitting.page.locator("section").filter(has_text="Not readable as a number")
    expect(unclear.get_by_text(words)).to_be_visible()
    unclear.get_by_role("link", name="Question").click()
    expect(sitting.number).to_be_in_viewport()


UNITS = (
    BASICS
    + """## bas-9001

How many units are in the vial?

= 1500 units

## bas-9002

How many units are in two vials?

= 3000 units
"""
)
FORWARD = "questions: 2\n  pages: one question\n  navigation: forward"


@pytest.mark.parametrize("way", WAYS)
def test_an_ambiguous_number_is_asked_back_before_it_is_left_for_good(
    way: str, one_question: Callable[..., Callable[..., Visit]]
) -> None:
    use, options = WAYS[way]
    page = one_question(UNITS, FORWARD)(**options).page
    hand, number = use(page), page.get_by_role("textbox", name="Your answer, as a number.")
    for at, button in ((1, "Next"), (2, "Review and hand in")):
        expect(page.get_by_text(f"Question {at} of 2")).to_be_visible()
        hand.press(page.get_by_role("button", name=button))
        expect(page.get_by_text("This question has no answer. Left like this, it earns nothing.")).to_be_in_viewport()
        expect(page.get_by_role("button", name="Leave it without an answer")).to_be_in_viewport()
        hand.write(number, "1,500")
        hand.press(page.get_by_role("button", name=button))
        expect(page.get_by_text("This answer cannot be read. What cannot be read earns nothing.")).to_be_visible()
        expect(page.get_by_text("“1,500” may mean two things. Write 1500 or 1.5.")).to_be_in_viewport()
        expect(number).to_have_value("1,500")
        if options.get("java_script_enabled", True):
            assert too_wide(page) == barriers(page) == []
        if at == 1:
            hand.write(number, "1500")
            hand.press(page.get_by_role("button", name=button))
    hand.press(page.get_by_role("button", name="Leave it as it is"))
    unclear = page.locator("section").filter(has_text="Not readable as a number")
    expect(unclear.get_by_text("Question 2: “1,500” may mean two things.")).to_be_visible()
    expect(unclear.get_by_role("link")).to_have_count(0)


def test_without_script_answers_are_saved_by_a_button_and_the_page_says_so(sit: Sit) -> None:
    sitting = sit(java_script_enabled=False)
    assert "Answers are saved when you press Save answers." in sitting.state.inner_text()
    sitting.option("Stop and call").check()
    sitting.page.get_by_role("button", name="Save answers").click()
    expect(sitting.option("Stop and call")).to_be_checked()
    assert sitting.kept(BEST) == {"choice": [sitting.value("Stop and call")]}
