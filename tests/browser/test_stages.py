"""A case in stages in the browser: one after another, never back, and reviewed; axe finds nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BASICS, House, Visit, on_sqlite
from tests.browser.hands import Keyboard
from tests.browser.test_looks import LAPTOP, PHONE, barriers, resize, too_wide
from tests.browser.test_path import WAYS

pytestmark = on_sqlite

BANK = (
    BASICS
    + """## bas-9001

It begins.

### stage first

FIRST: which?

- (x) Help
- ( ) Wait
  Why: WHY-WAIT

### stage second

SECOND: how much?

= 2 mL

Why: WHY-SECOND

### stage third

THIRD: which then?

- [x] Rest
- [ ] Run
"""
)
LOCK = "Lock this answer and go on"


@pytest.fixture
def sitting(one_question: Callable[..., Callable[..., Visit]]) -> Callable[..., Visit]:
    """A newcomer who sits a quiz of one case."""
    return one_question(BANK)


def stage(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Stage {number} of 3")


def looked_at(page: Page) -> None:
    assert too_wide(page) == []
    for width in (PHONE, LAPTOP):
        resize(page, width)
        assert barriers(page) == [], f"{width} px wide"


@pytest.mark.parametrize("way", WAYS)
def test_one_stage_after_another(way: str, sitting: Callable[..., Visit]) -> None:
    use, options = WAYS[way]
    page = sitting(**options).page
    hand, places = use(page), page.get_by_role("navigation", name="Questions")
    expect(page.get_by_text("SECOND")).to_have_count(0)
    expect(places.get_by_role("link", name=re.compile("1 ?, not answered"))).to_be_visible()
    hand.choose(stage(page, 1), ["Wait"])
    if options.get("java_script_enabled", True):
        expect(places.get_by_role("link", name=re.compile("1 ?, answered in part"))).to_be_visible()
    hand.press(page.get_by_role("button", name=LOCK))
    expect(stage(page, 2)).to_be_in_viewport()
    expect(page.get_by_text("THIRD")).to_have_count(0)
    first = stage(page, 1).get_by_label("Wait", exact=True)
    expect(first).to_be_checked()
    expect(first).to_be_disabled()
    expect(places.get_by_role("link", name=re.compile("1 ?, answered in part"))).to_be_visible()
    hand.write(stage(page, 2).get_by_role("textbox"), "2")
    hand.press(page.get_by_role("button", name=LOCK))
    expect(stage(page, 3)).to_be_in_viewport()
    hand.press(page.get_by_role("button", name="Review and hand in"))
    expect(page.locator("section").filter(has_text="Answered in part").get_by_role("link")).to_have_text(["Question 1"])
    hand.follow(page.get_by_role("link", name="Back to the questions"))
    expect(page.get_by_role("button", name=LOCK)).to_have_count(0)
    hand.choose(stage(page, 3), ["Rest"])
    if use is Keyboard:
        expect(page.locator("#save-state")).to_have_text("All answers saved")
        expect(places.get_by_role("link", name=re.compile("1 ?, answered$"))).to_be_visible()
        looked_at(page)
    hand.press(page.get_by_role("button", name="Review and hand in"))
    hand.press(page.get_by_role("button", name="Hand in", exact=True))
    article = page.get_by_role("article")
    expect(article).to_contain_text("Points: 2/3 of 1")
    expect(article.get_by_role("group", name="Stage 1 of 3")).to_contain_text("WHY-WAIT")
    expect(article.get_by_role("group", name="Stage 2 of 3")).to_contain_text("WHY-SECOND")
    if use is Keyboard:
        looked_at(page)


def test_a_window_that_stayed_behind_changes_nothing(sitting: Callable[..., Visit], quizzes: House) -> None:
    visit = sitting()
    visit.pardon("status of 409")
    old = visit.page
    new = visit.context.new_page()
    new.goto(old.url)
    new.get_by_label("Help", exact=True).check()
    new.get_by_role("button", name=LOCK).click()
    expect(stage(new, 2)).to_be_visible()
    old.get_by_label("Wait", exact=True).check()
    expect(old.get_by_text("A stage that you left stays as you answered it. Reload the page to go on.")).to_be_visible()
    fields = quizzes.kept(int(re.findall(r"/attempts/(\d+)", old.url)[0]))[1]
    assert fields["stage"] == ["2"]
    old.reload()
    expect(old.get_by_label("Help", exact=True)).to_be_checked()


@pytest.mark.parametrize("way", ["with a mouse", "without script"])
def test_a_stage_without_an_answer_is_asked_back_once(way: str, sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting(**WAYS[way][1]).page
    page.get_by_role("button", name=LOCK).click()
    expect(page.get_by_text("This stage has no answer. Locked like this, it earns nothing.")).to_be_visible()
    expect(stage(page, 2)).to_have_count(0)
    if way != "without script":
        assert barriers(page) == []
    page.get_by_role("button", name="Lock it without an answer").click()
    expect(stage(page, 2)).to_be_visible()
    expect(stage(page, 1).get_by_label("Help", exact=True)).to_be_disabled()


UNREAD = "This answer cannot be read. Locked like this, it earns nothing."


@pytest.mark.parametrize("way", WAYS)
def test_a_number_that_may_be_two_is_asked_back_before_its_stage_is_locked(
    way: str, sitting: Callable[..., Visit], quizzes: House
) -> None:
    use, options = WAYS[way]
    page = sitting(**options).page
    hand, script = use(page), options.get("java_script_enabled", True)
    hand.choose(stage(page, 1), ["Help"])
    hand.press(page.get_by_role("button", name=LOCK))
    number = stage(page, 2).get_by_role("textbox")
    hand.write(number, "1,500")
    hand.press(page.get_by_role("button", name=LOCK))
    expect(page.get_by_text(UNREAD)).to_be_visible()
    expect(page.get_by_text("“1,500” may mean two things. Write 1500 or 1.5.")).to_have_count(1)
    expect(stage(page, 3)).to_have_count(0)
    if script:
        looked_at(page)
    hand.write(number, "2.500")
    if script:
        expect(page.get_by_text(UNREAD)).to_be_hidden()
    hand.press(page.get_by_role("button", name=LOCK))
    expect(stage(page, 3)).to_be_visible()
    hand.choose(stage(page, 3), ["Rest"])
    hand.press(page.get_by_role("button", name="Review and hand in"))
    expect(page.get_by_text("Every question has an answer.")).to_be_visible()
    fields = quizzes.kept(int(re.findall(r"/attempts/(\d+)", page.url)[0]))[1]
    assert (fields["2.number"], fields["2.decimal"]) == (["2.500"], ["."]), "it is read as it was when it was locked"


@pytest.mark.parametrize("way", ["with a mouse", "without script"])
def test_who_locks_what_cannot_be_read_is_told_once(way: str, sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting(**WAYS[way][1]).page
    page.get_by_label("Help", exact=True).check()
    page.get_by_role("button", name=LOCK).click()
    stage(page, 2).get_by_role("textbox").fill("1,500")
    page.get_by_role("button", name=LOCK).click()
    page.get_by_role("button", name="Lock it as it is").click()
    expect(stage(page, 2).get_by_role("textbox")).to_be_disabled()
    expect(page.get_by_text("may mean two things. Write")).to_have_count(0)
    page.get_by_label("Rest", exact=True).check()
    page.get_by_role("button", name="Review and hand in").click()
    expect(page.get_by_role("heading", name="Not readable as a number")).to_have_count(0)
    expect(page.get_by_role("heading", name="Answered in part")).to_be_visible()


@pytest.mark.parametrize("way", ["with a mouse", "without script"])
def test_a_stage_that_is_answered_in_part_is_asked_back(way: str, one_question: Callable[..., Any]) -> None:
    parted = "- [T] True one\n- [F] False one\n\n### stage second"
    page = one_question(re.sub(r"(?s)- \(x\) Help.*?### stage second", parted, BANK))(**WAYS[way][1]).page
    page.get_by_role("radiogroup", name="True one").get_by_label("True", exact=True).check()
    page.get_by_role("button", name=LOCK).click()
    expect(page.get_by_text("This stage is not answered to its end. What is left open earns nothing.")).to_be_visible()
    expect(stage(page, 2)).to_have_count(0)
    page.get_by_role("button", name="Lock it as it is").click()
    expect(stage(page, 2)).to_be_visible()


@pytest.mark.parametrize("way", ["with a mouse", "without script"])
def test_enter_locks_no_stage(way: str, sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting(**WAYS[way][1]).page
    page.get_by_label("Help", exact=True).check()
    page.keyboard.press("Enter")
    page.get_by_label("Flag to look at again").check()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Flag to look at again")).to_be_checked()
    page.get_by_role("button", name="Save answers").click()
    expect(page.get_by_label("Help", exact=True)).to_be_checked()
    expect(page.get_by_role("group", name="Stage 1 of 3")).to_be_enabled()
    expect(stage(page, 2)).to_have_count(0)


def test_a_number_that_was_left_is_read_as_it_was_whatever_language_the_browser_speaks_then(
    sitting: Callable[..., Visit], quizzes: House
) -> None:
    """In English 2.000 is 2; a browser that would rather speak German does not tell which it is."""
    visit = sitting()
    page = visit.page
    page.get_by_label("Help", exact=True).check()
    page.get_by_role("button", name=LOCK).click()
    stage(page, 2).get_by_role("textbox").fill("2.000")
    page.get_by_role("button", name=LOCK).click()
    expect(stage(page, 3)).to_be_visible()
    visit.context.set_extra_http_headers({"Accept-Language": "de"})
    page.reload()
    page.get_by_label("Rest", exact=True).check()
    expect(page.locator("#save-state")).to_have_text("All answers saved")
    fields = quizzes.kept(int(re.findall(r"/attempts/(\d+)", page.url)[0]))[1]
    assert (fields["2.number"], fields["2.decimal"]) == (["2.000"], ["."])
    page.get_by_role("button", name="Review and hand in").click()
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("Points: 1 of 1")
