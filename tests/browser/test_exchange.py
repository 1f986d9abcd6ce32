"""Questions brought in, as an educator does it: a file looked at, chosen from, put into a draft; a bank taken out."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mesotrain.store.drafts import OPEN, Draft
from tests.actions.drafting import PLAIN, discard, kept_by, take, tiny
from tests.browser.conftest import House, Visitor, on_sqlite
from tests.browser.test_looks import FINGER, SMALL, barriers, too_wide
from tests.web.test_exchange import GIFT, XML

MANY = "".join(f"What is the meaning of word number {at} in list {at * at}?{{=a{at} ~b}}\n\n" for at in range(1000))


def looks(page: Page, width: int) -> None:
    """That a page is as it should be at this width, in light and dark."""
    if width < 400:
        assert page.evaluate(SMALL, FINGER) == []
        return
    assert too_wide(page) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert barriers(page, scheme) == []


@on_sqlite
@pytest.mark.parametrize("width", [390, 1280])
def test_a_file_is_sent_looked_at_chosen_from_and_waits_in_a_draft(
    visit: Visitor, house: House, width: int, tmp_path: Path
) -> None:
    kept_by(house.world, "Harbour")
    take(house.world, tiny(PLAIN), "educator")
    visitor = visit("educator", viewport={"width": width, "height": 900}, java_script_enabled=width > 400)
    page = visitor.go("/questions")
    page.get_by_role("link", name="Bring in questions").click()
    if width > 400:
        looks(page, width)
    page.get_by_label("File").set_input_files({"name": "words.gift", "mimeType": "", "buffer": GIFT.encode()})
    page.get_by_role("button", name="Look at the questions").click()
    expect(page.get_by_role("heading", name="Questions of a file")).to_be_visible()
    expect(page.get_by_role("article", name="Essay")).to_contain_text("Guessed")
    expect(page.get_by_text("one of the braces")).to_be_visible()
    if width > 400:
        looks(page, width)
    expect(page.get_by_text("3 of 5 ticked")).to_be_visible()
    page.get_by_role("article", name="Essay").get_by_label("Take this question").uncheck()
    expect(page.get_by_text(f"{2 if width > 400 else 3} of 5 ticked")).to_be_visible()
    page.get_by_role("button", name="To be mended").click()
    expect(page.get_by_role("article", name="Keyless")).to_be_visible()
    expect(page.get_by_text("2 of 5 ticked")).to_be_visible()
    visitor.pardon("status of 422")
    page.get_by_role("button", name="Put them into a draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the bank")
    looks(page, width)
    page.get_by_label("Into the bank of").select_option(label="The basics · A tiny course")
    page.get_by_role("button", name="Put them into a draft").click()
    expect(page.get_by_text("2 questions wait in this draft.")).to_be_visible()
    expect(page.get_by_text("bas-0007")).not_to_have_count(0)
    with house.world.session() as session:
        draft = session.scalars(select(Draft).filter_by(state=OPEN)).one().id
    discard(house.world, "educator", draft)


@on_sqlite
@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_shown_of_pictures_of_very_many_and_of_nothing(visit: Visitor, house: House, width: int) -> None:
    visitor = visit("educator", viewport={"width": width, "height": 900})
    for name, content, said in (
        ("face.xml", XML, "A face."),
        ("many.gift", MANY, "Page 1 of 40"),
        ("none.gift", "No {", "one of the braces"),
        ("empty.gift", "", "There is nothing in empty.gift"),
    ):
        page = visitor.go("/bring")
        page.get_by_label("File").set_input_files({"name": name, "mimeType": "", "buffer": content.encode()})
        if name in ("none.gift", "empty.gift"):
            visitor.pardon("status of 422")
        page.get_by_role("button", name="Look at the questions").click()
        expect(page.get_by_text(said).first).to_be_visible()
        if name == "face.xml":
            assert page.get_by_role("img", name="A face").first.evaluate(
                "image => image.complete && image.naturalWidth >= 0"
            )
        looks(page, width)


@on_sqlite
@pytest.mark.parametrize("width", [390, 1280])
def test_a_bank_is_taken_elsewhere(visit: Visitor, width: int) -> None:
    page = visit("educator", viewport={"width": width, "height": 900}).go("/questions")
    page.get_by_role("link", name="Take this bank elsewhere").first.click()
    looks(page, width)
    page.get_by_role("link", name="GIFT").click()
    expect(page.get_by_role("heading", name="What GIFT cannot say")).to_be_visible()
    looks(page, width)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it all the same").click()
    assert "CANARY-SHOWN-1" in Path(download.value.path()).read_text()
