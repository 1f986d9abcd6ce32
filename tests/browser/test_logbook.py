"""A case from its logging to its signature in the browser: with a mouse, by keyboard alone, and without script."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from mesotrain.core.logbook import CONFIRMED, RETURNED
from mesotrain.web.supervision import ANSWERS
from tests.actions.clearing import desk
from tests.browser.conftest import House, Visit, on_sqlite, signed_in
from tests.browser.hands import Keyboard
from tests.browser.test_looks import LAPTOP, PHONE, barriers, resize, too_wide
from tests.browser.test_path import WAYS
from tests.world import PASSWORD

pytestmark = on_sqlite


def looked_at(page: Page) -> None:
    for width in (PHONE, LAPTOP):
        resize(page, width)
        assert too_wide(page) == [], f"{width} px wide"
        assert barriers(page) == [], f"{width} px wide"


@pytest.mark.parametrize("way", WAYS)
def test_a_case_is_logged_and_signed(way: str, visitors: Callable[..., Visit], other_house: House) -> None:
    use, options = WAYS[way]
    other_house.world.clock.now = datetime.now(UTC) - timedelta(minutes=5)  # the server's own time, and no fresh proof
    desk(other_house.world).appoint()

    def visit(who: str) -> Page:
        state = signed_in(other_house.world.app, f"{who}@example.org")
        found = visitors(other_house.address, storage_state=state, **options)
        found.pardon("status of 422", perhaps=True)
        found.go("/record")
        return found.page

    page = visit("trainee")
    hand = use(page)
    hand.follow(page.get_by_role("link", name="Your logbook"))
    hand.follow(page.get_by_role("link", name="Log a case"))
    expect(page.get_by_role("group", name="Your part in it")).to_be_visible()
    hand.choose(page.get_by_role("group", name="Your part in it"), ["Observed: somebody else did it"])
    hand.write(page.get_by_label("Where on the body"), "Cheeks")
    hand.write(page.get_by_label("What you take from it"), "I watched Mrs Bell, our nurse.")
    hand.press(page.get_by_role("button", name="Log it and ask for the signature"))
    expect(page.get_by_role("alert")).to_contain_text("“Mrs Bell” may be somebody's name")
    if use is Keyboard:
        looked_at(page)
    hand.choose(page.locator("div.tick"), ["I looked: it names no patient"])
    hand.press(page.get_by_role("button", name="Log it and ask for the signature"))
    expect(page.get_by_text("Waits for a signature")).to_be_visible()
    signer = visit("colleague")
    hand = use(signer)
    hand.follow(signer.get_by_role("link", name="Your logbook"))
    hand.follow(signer.get_by_role("link", name="1 to sign"))
    hand.follow(signer.get_by_role("link", name="Answer this one alone"))
    answers = signer.get_by_role("group", name="Your answer")
    expect(answers).to_be_visible()
    hand.choose(answers, [ANSWERS[RETURNED]])
    hand.write(signer.get_by_label("Your password signs"), PASSWORD)
    hand.press(signer.get_by_role("button", name="Sign this answer"))
    expect(signer.get_by_role("alert")).to_have_text("Write what you ask.")
    if use is Keyboard:
        looked_at(signer)
    hand.choose(answers, [ANSWERS[CONFIRMED]])
    hand.pick(signer.get_by_label("How far you trust them with it"), "Does it alone")
    hand.write(signer.get_by_label("Your password signs"), PASSWORD)
    hand.press(signer.get_by_role("button", name="Sign this answer"))
    expect(signer.get_by_text("Your answer is signed and kept.")).to_be_visible()
    expect(signer.get_by_text("Nothing to sign")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Does it alone")).to_be_visible()
