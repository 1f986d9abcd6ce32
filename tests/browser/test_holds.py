"""A question is held while people sit: one goes on, another begins without it, a result waits and then goes out."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mesotrain.core.holds import ENDINGS, OUT
from tests.actions.test_release import publish
from tests.browser.conftest import House, Visit, Visitor, on_sqlite, signed_in
from tests.browser.test_marking import look
from tests.browser.test_path import WAYS

pytestmark = on_sqlite
REASON, ANSWER = "Two of its options are right.", "It is looked at."


@pytest.mark.parametrize("way", WAYS)
def test_a_question_is_held_and_left_out_while_people_sit(other_house: House, visitors: Visitor, way: str) -> None:
    use, options = WAYS[way]
    script = options.get("java_script_enabled", True)
    world = other_house.world

    def visit(who: str) -> Visit:
        made = visitors(other_house.address, storage_state=signed_in(world.app, who), **options)
        made.go("/")
        return made

    trainee, other, educator = visit(other_house.newcomer()), visit(other_house.newcomer()), visit("educator")
    page, hand = trainee.go("/courses/tiny/basics"), use(trainee.page)
    hand.press(page.get_by_role("button", name="Start the quiz"))
    expect(page.locator("fieldset.question")).to_have_count(4)
    publish(world, questions=3)
    report_it(page, hand, script=script)
    desk, at = educator.page, use(educator.page)
    educator.go("/reports")
    answer_it(desk, at, script=script)
    educator.go("/questions/tiny/bas-0002")
    look(desk, "question", script=script)
    at.write(desk.get_by_label("Why it may be wrong"), REASON)
    at.press(desk.get_by_role("button", name="Hold this question"))
    expect(desk.get_by_role("status")).to_contain_text("nobody new is asked it")
    look(desk, "held", script=script)

    without = other.go("/courses/tiny/basics")
    use(without).press(without.get_by_role("button", name="Start the quiz"))
    expect(without.locator("fieldset.question")).to_have_count(3)
    expect(without.get_by_text("CANARY-SHOWN-2")).to_have_count(0)

    expect(page.locator("fieldset.question")).to_have_count(4)
    hand.press(page.get_by_role("button", name="Review and hand in"))
    hand.press(page.get_by_role("button", name="Hand in", exact=True))
    waits = page.get_by_text("One question of this quiz is being looked at. Your result comes when that is done.")
    expect(waits).to_be_visible()
    look(page, "waits", script=script)

    desk.reload()
    expect(desk.get_by_text("1 result waits for it.")).to_be_visible()
    at.choose(desk.get_by_role("group", name="How it ends"), [ENDINGS[OUT]])
    at.write(desk.get_by_label("Why", exact=True), "It has two keys.")
    at.press(desk.get_by_role("button", name="Hold it no more"))
    expect(desk.get_by_text("Held no more", exact=True)).to_be_visible()
    look(desk, "lifted", script=script)
    gone_out(page)
    appeal(page, hand, script=script)


def report_it(page: Page, hand: Any, *, script: bool) -> None:
    """Answers the question and says what is wrong with it; the sitting goes on there, and has the answer."""
    reported = page.locator("fieldset.question").filter(has_text="CANARY-SHOWN-2")
    number = (reported.get_attribute("id") or "").removeprefix("q")
    hand.choose(reported, ["Help"])
    hand.press(page.get_by_text(f"Report question {number}"))
    look(page, "reporting", script=script)
    hand.write(page.locator(f"#report-{number}"), REASON)
    hand.press(page.locator(f"button[value='report.{number}']"))
    expect(page.get_by_text("Your report is kept.")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"#q{number}$"))
    expect(reported.get_by_label("Help", exact=True)).to_be_checked()


def answer_it(desk: Page, hand: Any, *, script: bool) -> None:
    """Answers it, without knowing whose it is."""
    expect(desk.get_by_text(REASON)).to_be_visible()
    expect(desk.get_by_text("newcomer", exact=False)).to_have_count(0)
    look(desk, "reports", script=script)
    hand.write(desk.get_by_label("Your answer"), ANSWER)
    hand.press(desk.get_by_role("button", name="Answer"))
    expect(desk.get_by_text("Nothing waits")).to_be_visible()


def appeal(page: Page, hand: Any, *, script: bool) -> None:
    """Reads the answer, and does not agree with the result."""
    expect(page.get_by_text(ANSWER)).to_be_visible()
    hand.press(page.get_by_text("Appeal this result"))
    look(page, "without", script=script)
    hand.write(page.get_by_label("What is wrong with it"), "I pressed the wrong one.")
    hand.press(page.get_by_role("button", name="Send the appeal"))
    expect(page.get_by_text("Not answered yet.")).to_be_visible()


def gone_out(page: Page) -> None:
    """The worker has ended what waited."""
    for _ in range(30):
        page.reload()
        if page.get_by_text("of 3 points").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text("1 question was found wrong and left out")).to_be_visible()
