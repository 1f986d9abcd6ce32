"""Places on a picture: marked with a finger, by keyboard alone and without script, and reviewed; axe finds nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BASICS, House, Visit, on_sqlite
from tests.browser.hands import Keyboard, Mouse
from tests.browser.test_looks import LAPTOP, PHONE, barriers, resize, too_wide

pytestmark = on_sqlite

BANK = (
    BASICS
    + """## bas-9001

Mark the ring.

![A ring, and words under it](media/ring.svg)

```zones grid=8x4
ring circle 360,80 r 70 right "WHY-RING"
word polygon 260,160 460,160 460,200 260,200 unsafe "WHY-WORD"
```

Why: WHY-ALL
"""
)
RING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 200"><circle cx="360" cy="80" r="60"/></svg>'


MORE = '\nleft polygon 0,0 90,0 90,200 0,200 right "WHY-LEFT"\nend polygon 600,0 720,0 720,200 600,200 right 1\nword'
SEVERAL = BANK.replace("8x4", "8x4 marks=2").replace("right", "right 1").replace("\nword", MORE)


@pytest.fixture
def several(one_question: Callable[..., Callable[..., Visit]]) -> Callable[..., Visit]:
    """The same, in whose picture two places may be marked."""
    return one_question(SEVERAL, ring=RING)


@pytest.fixture
def sitting(one_question: Callable[..., Callable[..., Visit]]) -> Callable[..., Visit]:
    """A newcomer who sits a quiz of one picture."""
    return one_question(BANK, ring=RING)


def kept(house: House, page: Page) -> dict[str, list[str]]:
    """What the service has of the answer."""
    return house.kept(int(re.findall(r"/attempts/(\d+)", page.url)[0]))[1]


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_have_text("All answers saved")


def tap(page: Page, x: float, y: float) -> None:
    """Taps a point that is told in the picture's own coordinates."""
    box = page.locator("[data-spot]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * x / 720, box["y"] + box["height"] * y / 200)


def near(fields: dict[str, list[str]], x: float, y: float) -> bool:
    return fields.keys() == {"x", "y"} and abs(float(fields["x"][0]) - x) < 2 and abs(float(fields["y"][0]) - y) < 2


def cell(page: Page) -> Locator:
    return page.get_by_label("Or name a cell of the grid:")


def hand_in(page: Page, hand: Any) -> Locator:
    hand.press(page.get_by_role("button", name="Review and hand in"))
    expect(page.get_by_role("heading", level=1, name="Hand in your answers?")).to_be_visible()
    hand.press(page.get_by_role("button", name="Hand in"))
    article = page.get_by_role("article")
    expect(article).to_contain_text("WHY-ALL")
    return article


def test_a_tap_marks_the_place_and_the_mark_can_be_moved(sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting(has_touch=True, viewport={"width": 390, "height": 800}).page
    marker, grid = page.locator(".spot-marker"), page.locator(".spot-grid")
    expect(marker).to_be_hidden()
    expect(grid).to_be_hidden()
    tap(page, 300, 180)
    saved(page)
    assert near(kept(quizzes, page), 300, 180)
    page.reload()
    expect(marker).to_be_visible()
    box, drawn = page.locator(".spot-marker .reach").bounding_box(), page.locator("[data-spot]").bounding_box()
    assert box
    assert drawn
    assert min(box["width"], box["height"]) >= 44
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(drawn["x"] + drawn["width"] / 2, drawn["y"] + 10)
    page.mouse.move(drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] * 0.4)
    assert near(kept(quizzes, page), 300, 180), "only letting go counts"
    page.mouse.up()
    expect(page.locator('[name="1.x"]')).to_have_value(re.compile(r"^3[56]\d"))
    saved(page)
    assert near(kept(quizzes, page), 360, 80)
    page.mouse.move(drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(drawn["x"] + drawn["width"] * 0.4, drawn["y"] - 60)
    page.mouse.up()
    saved(page)
    assert near(kept(quizzes, page), 288, 0), "let go beside the picture it stays at its edge"
    tap(page, 360, 180)
    saved(page)
    review = hand_in(page, Mouse(page))
    expect(review).to_contain_text("Unsafe")
    chosen = review.locator("li.chosen")
    expect(chosen).to_contain_text("2. Word")
    expect(chosen).to_contain_text("Your answer")
    expect(chosen).to_contain_text("WHY-WORD")


def test_a_cell_and_a_point_take_turns(sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting().page
    cell(page).select_option("D2")
    saved(page)
    expect(page.locator(".spot-grid")).to_be_visible()
    expect(page.locator(".spot-chosen")).to_be_visible()
    assert kept(quizzes, page) == {"cell": ["D2"]}
    tap(page, 100, 100)
    saved(page)
    expect(page.locator(".spot-chosen")).to_be_hidden()
    assert near(kept(quizzes, page), 100, 100)
    cell(page).select_option("E2")
    saved(page)
    expect(page.locator(".spot-marker")).to_be_hidden()
    assert kept(quizzes, page) == {"cell": ["E2"]}
    page.reload()
    frame, drawn = page.locator(".spot-chosen").bounding_box(), page.locator("[data-spot]").bounding_box()
    assert frame
    assert drawn
    assert abs(frame["x"] - drawn["x"] - drawn["width"] / 2) < 4


def test_an_answer_that_waited_in_the_browser_is_shown_again(sitting: Callable[..., Visit]) -> None:
    visit = sitting()
    visit.pardon("ERR_FAILED")
    page = visit.page
    page.route("**/attempts/*/answers/*", lambda route: route.abort())
    tap(page, 360, 80)
    expect(page.locator("#save-state")).to_have_text(re.compile("^Not saved yet"))
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator(".spot-marker")).to_be_visible()
    page.unroute_all()


def looked_at(page: Page) -> None:
    assert too_wide(page) == []
    for width in (PHONE, LAPTOP):
        resize(page, width)
        assert barriers(page) == [], f"{width} px wide"


def test_by_keyboard_alone(sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting().page
    hand = Keyboard(page)
    grid = page.locator(".spot-grid")
    expect(grid).to_be_hidden()
    hand.reach(cell(page))
    expect(grid).to_be_visible()
    looked_at(page)
    hand.reach(cell(page))
    page.keyboard.type("D2")
    page.keyboard.press("Tab")
    saved(page)
    assert kept(quizzes, page) == {"cell": ["D2"]}
    looked_at(page)
    review = hand_in(page, hand)
    expect(review.locator("li.chosen")).to_contain_text("1. Ring")
    expect(review).to_contain_text("WHY-RING")
    expect(page.get_by_text("1 of 1 point")).to_be_visible()
    looked_at(page)


def test_without_script(sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting(java_script_enabled=False).page
    expect(page.locator(".spot-grid")).to_be_visible()
    expect(page.get_by_text("Tap the place on the picture.")).to_be_hidden()
    expect(page.get_by_text("A cell counts as the area of the key that covers most of it")).to_be_visible()
    cell(page).select_option("A4")
    page.get_by_role("button", name="Save answers").click()
    assert kept(quizzes, page) == {"cell": ["A4"]}
    expect(cell(page)).to_have_value("A4")
    expect(page.locator(".spot-chosen")).to_be_visible()
    review = hand_in(page, Mouse(page))
    expect(review.locator("li.chosen")).to_contain_text("Elsewhere on the picture")


def test_a_finger_moves_the_mark_and_not_the_page(sitting: Callable[..., Visit], quizzes: House) -> None:
    page = sitting(has_touch=True, viewport={"width": 390, "height": 400}).page
    page.locator("[data-spot]").scroll_into_view_if_needed()
    tap(page, 300, 60)
    saved(page)
    top = page.evaluate("scrollY")
    box = page.locator(".spot-marker .reach").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        moved = [{"x": x + step * 5, "y": y + step * 4}]
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": moved})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    saved(page)
    scale = page.locator("[data-spot]").evaluate("it => 720 / it.getBoundingClientRect().width")
    page.wait_for_timeout(1500)
    assert near(kept(quizzes, page), 300 + 50 * scale, 60 + 40 * scale)
    assert page.evaluate("scrollY") == top


def places(fields: dict[str, list[str]]) -> list[tuple[int, int]]:
    """The points that were marked, to ten units."""
    found = [fields[f"{at}.{name}"][0] for at in (1, 2) for name in "xy" if f"{at}.x" in fields]
    return [(round(float(x), -1), round(float(y), -1)) for x, y in zip(found[::2], found[1::2], strict=True)]  # type: ignore[misc]


def test_several_places_are_tapped_moved_and_taken_away(several: Callable[..., Visit], quizzes: House) -> None:
    page = several(has_touch=True, viewport={"width": 390, "height": 800}).page
    expect(page.get_by_text("Mark up to 2 places.")).to_be_visible()
    marks = page.locator(".spot-marker:visible")
    tap(page, 40, 100)
    saved(page)
    tap(page, 360, 80)
    saved(page)
    assert places(kept(quizzes, page)) == [(40, 100), (360, 80)]
    tap(page, 420, 120)
    saved(page)
    assert places(kept(quizzes, page)) == [(40, 100), (420, 120)], "with none left the nearest moves"
    page.get_by_role("button", name="Take the last mark away").click()
    saved(page)
    expect(marks).to_have_count(1)
    assert places(kept(quizzes, page)) == [(40, 100)]
    tap(page, 60, 110)
    saved(page)
    assert len(places(kept(quizzes, page))) == 2, "a tap on a mark is a tap, and moves nothing"
    page.reload()
    expect(marks).to_have_count(2)
    box, drawn = marks.nth(1).locator(".reach").bounding_box(), page.locator("[data-spot]").bounding_box()
    assert box
    assert drawn
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] * 0.4)
    page.mouse.up()
    saved(page)
    assert places(kept(quizzes, page)) == [(40, 100), (360, 80)]
    looked_at(page)
    review = hand_in(page, Mouse(page))
    assert [one.split(".")[0] for one in review.locator("li.chosen").all_inner_texts()] == ["1", "2"]
    expect(review.locator("li", has_text="1. Ring")).to_contain_text("or 3 instead")
    expect(review.locator("li", has_text="3. End")).to_contain_text("or 1 instead")
    expect(page.get_by_text("1 of 1 point")).to_be_visible()
    looked_at(page)


def test_several_places_by_keyboard_alone(several: Callable[..., Visit], quizzes: House) -> None:
    page = several().page
    hand = Keyboard(page)
    for number, name in ((1, "D2"), (2, "A4")):
        hand.reach(page.get_by_label(f"Or name a cell for place {number}:"))
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        saved(page)
    assert kept(quizzes, page) == {"1.cell": ["D2"], "2.cell": ["A4"]}
    expect(page.locator(".spot-chosen:visible")).to_have_count(2)
    looked_at(page)
    hand_in(page, hand)
    expect(page.get_by_text("1 of 1 point")).to_be_visible()


def test_several_places_without_script(several: Callable[..., Visit], quizzes: House) -> None:
    page = several(java_script_enabled=False).page
    expect(page.get_by_text("Mark up to 2 places.")).to_be_visible()
    expect(page.get_by_text("Tap them on the picture.")).to_be_hidden()
    expect(page.get_by_role("button", name="Take the last mark away")).to_be_hidden()
    page.get_by_label("Or name a cell for place 1:").select_option("D2")
    page.get_by_label("Or name a cell for place 2:").select_option("F1")
    page.get_by_role("button", name="Save answers").click()
    assert kept(quizzes, page) == {"1.cell": ["D2"], "2.cell": ["F1"]}
    expect(page.get_by_label("Or name a cell for place 2:")).to_have_value("F1")
    review = hand_in(page, Mouse(page))
    expect(review).to_contain_text("Elsewhere on the picture")
    expect(review).to_contain_text("WHY-RING")
