"""An exam in parts, a question on a page, with a safety point that is missed and then met: each way, and looked at."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mesotrain.core.questions import DECIMAL
from tests.actions import test_safety as safety
from tests.browser.conftest import House, Visitor, on_sqlite, served, signed_in
from tests.browser.test_marking import look
from tests.browser.test_path import WAYS
from tests.world import Engine

pytestmark = on_sqlite


@pytest.fixture(scope="module")
def exam_house(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The exam with a safety point in two parts, served."""
    world = engine.world()
    parts = ("What you know", "What you know", "What must not go wrong")
    plan = tuple(cell._replace(section=part) for cell, part in zip(safety.PLAN, parts, strict=True))
    safety.publish(world, plan=plan, pages="one question")
    with served(world.environment, tmp_path_factory.mktemp("exam") / "server.log") as address:
        yield House(world, address)
    world.close()


def answer(page: Page, hand: Any, right: dict[str, list[str]]) -> None:
    """Gives the answer to the question on the page."""
    for name, values in right.items():
        for value in values if name != DECIMAL else ():
            control = page.locator(f'[name$=".{name}"]')
            if control.first.get_attribute("type") == "text":
                hand.write(control, value)
                continue
            wanted = page.locator(f'[name$=".{name}"][value="{value}"]')
            labels = page.locator("label").filter(has=wanted)
            hand.choose(page.locator("fieldset.question"), [labels.inner_text().strip()])


@pytest.mark.parametrize("way", WAYS)
def test_a_missed_safety_point_is_asked_once_more_and_met(exam_house: House, visitors: Visitor, way: str) -> None:
    use, options = WAYS[way]
    script, house = options.get("java_script_enabled", True), exam_house
    visit = visitors(house.address, storage_state=signed_in(house.world.app, house.newcomer()), **options)
    page, hand = visit.go("/courses/tiny/final"), use(visit.page)
    look(page, "exam-opening", script=script)
    hand.press(page.get_by_role("button", name="Start the exam"))
    page.wait_for_url(re.compile(r"/attempts/\d+\?lease=1"))
    attempt = int(re.findall(r"/attempts/(\d+)", page.url)[0])
    right = house.world.right_answers(attempt)
    for place in range(1, 5):
        expect(page.get_by_text(f"Question {place} of 4")).to_be_visible()
        part = "What you know" if place < 3 else "What must not go wrong"
        expect(page.get_by_role("heading", level=2, name=part)).to_be_visible()
        if place == 3:
            look(page, "exam-part", script=script)
        else:
            answer(page, hand, right[place])
        hand.press(page.get_by_role("button", name="Next" if place < 4 else "Review and hand in"))
    expect(page.get_by_role("heading", name="Without an answer")).to_be_visible()
    hand.press(page.get_by_role("button", name="Hand in", exact=True))
    expect(page.get_by_text("Question 5 of 5")).to_be_visible()
    look(page, "exam-again", script=script)
    answer(page, hand, house.world.right_answers(attempt)[5])
    hand.press(page.get_by_role("button", name="Review and hand in"))
    hand.press(page.get_by_role("button", name="Hand in", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("You passed The final exam")
    expect(page.get_by_role("listitem").filter(has_text="Stop now")).to_contain_text("Met")
    look(page, "exam-result", script=script)
