"""Educators mark what a trainee wrote, by mouse, by keyboard alone and without script; then its result is there."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.actions.essays import ONE_OF_THEM, TWO_OF_THEM, educator, publish
from tests.browser.conftest import House, Visit, Visitor, on_sqlite, served, signed_in
from tests.browser.test_looks import LAPTOP, PHONE, barriers, keep, resize, too_wide
from tests.browser.test_path import WAYS
from tests.world import Engine

pytestmark = on_sqlite


@pytest.fixture(scope="module")
def written_house(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The written quiz, served, and a second educator."""
    world = engine.world()
    publish(world)
    educator(world, "Second Sight", email="second@example.org")
    with served(world.environment, tmp_path_factory.mktemp("written") / "server.log") as address:
        yield House(world, address)
    world.close()


def look(page: Page, name: str, *, script: bool) -> None:
    """Nothing is too wide and axe finds nothing: on a phone and a laptop, light and dark."""
    assert not script or too_wide(page) == [], name
    for scheme, width in product(("light", "dark"), (PHONE, LAPTOP)) if script else ():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        resize(page, width)
        assert barriers(page, scheme) == [], f"{name}, {width} px wide, {scheme}"
        keep(page, name, width, scheme)


@pytest.mark.parametrize("way", WAYS)
def test_a_trainee_writes_two_people_mark_and_the_result_is_there(
    written_house: House, visitors: Visitor, way: str
) -> None:
    use, options = WAYS[way]
    script = options.get("java_script_enabled", True)

    def visit(who: str) -> Visit:
        state = signed_in(written_house.world.app, who)
        made = visitors(written_house.address, storage_state=state, **options)
        made.go("/")
        return made

    trainee = visit(written_house.newcomer())
    trainee.go("/courses/essays/written")
    write_it(trainee.page, use(trainee.page), script=script)
    for who, stems in (("educator@example.org", (ONE_OF_THEM, TWO_OF_THEM)), ("second@example.org", (TWO_OF_THEM,))):
        marker = visit(who)
        marker.pardon("422")
        page, hand = marker.page, use(marker.page)
        hand.follow(page.get_by_role("link", name="To mark").first)
        for stem in stems:
            look(page, "to-mark", script=script)
            hand.follow(page.get_by_role("link", name=stem))
            mark_it(page, hand, script=script)
    hand.follow(page.get_by_role("link", name="How far markers agree"))
    expect(page.get_by_text("100% the same").first).to_be_visible()
    look(page, "agreement", script=script)

    page = trainee.page
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not passed yet: Written")
    expect(page.get_by_text("Say why.")).to_have_count(3)
    expect(page.get_by_text("Points: 1 of 2")).to_have_count(1)
    for name in ("Edda", "Second Sight"):
        expect(page.get_by_text(name)).to_have_count(0)
    look(page, "result", script=script)


def write_it(page: Page, hand: Any, *, script: bool) -> None:
    """Writes both essays and hands in."""
    hand.press(page.get_by_role("button", name="Start the quiz"))
    for stem in (ONE_OF_THEM, TWO_OF_THEM):
        asked = page.locator("fieldset.question").filter(has_text=stem)
        hand.write(asked.get_by_role("textbox"), "It is weak.")
        if script:
            expect(asked.get_by_text("Words: 3.")).to_be_visible()
    look(page, "sitting", script=script)
    if script:
        expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    hand.press(page.get_by_role("button", name="Review and hand in"))
    expect(page.get_by_text("the result comes later")).to_be_visible()
    hand.press(page.get_by_role("button", name="Hand in", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Being marked: Written")
    look(page, "being-marked", script=script)


def mark_it(page: Page, hand: Any, *, script: bool) -> None:
    """Marks an essay: first not all of it, so that it is asked back; nothing of that is lost, nor by loading again."""
    expect(page.get_by_text("It is weak.", exact=True)).to_be_visible()
    expect(page.get_by_text("newcomer", exact=False)).to_have_count(0)
    first, second = page.get_by_role("group").all()
    hand.choose(first, ["2"])
    hand.write(page.get_by_role("textbox"), "Say why.")
    if script:
        page.reload()
        expect(first.get_by_label("2", exact=True)).to_be_checked()
        expect(page.get_by_role("textbox")).to_have_value("Say why.")
    hand.press(page.get_by_role("button", name="Give these marks"))
    expect(page.get_by_role("alert")).to_contain_text("Give criterion 2 its points.")
    expect(first.get_by_label("2", exact=True)).to_be_checked()
    look(page, "marking", script=script)
    hand.choose(second, ["1"])
    hand.press(page.get_by_role("button", name="Give these marks"))
    expect(page.get_by_role("status")).to_contain_text("Your marks are kept.")


def test_an_answer_that_is_too_long_to_keep_is_said_to_be_before_and_never_called_saved(
    written_house: House, visitors: Visitor
) -> None:
    state = signed_in(written_house.world.app, written_house.newcomer())
    visit = visitors(written_house.address, storage_state=state)
    page = visit.go("/courses/essays/written")
    page.get_by_role("button", name="Start the quiz").click()
    asked = page.locator("fieldset.question").filter(has_text=TWO_OF_THEM)
    box = asked.get_by_role("textbox")
    box.fill("word " * 1900)
    expect(asked.get_by_text("Characters left: 500.")).to_be_visible()
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    visit.pardon("409")
    box.fill("word " * 3000)
    expect(asked.get_by_text("Longer than can be kept.")).to_be_visible()
    expect(asked.get_by_text("Shorten it to 12000 characters")).to_be_visible()
    expect(page.locator("#save-state")).to_have_attribute("data-state", "refused")
    box.fill("word " * 30)
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
