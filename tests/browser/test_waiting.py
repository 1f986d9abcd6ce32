"""The administrator's job: find the mail that has not arrived, and do something about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from mesotrain.store.outbox import REFUSED, SENDING, WAITING
from tests.actions.proving import mail
from tests.browser.conftest import House, Visit
from tests.browser.test_team import WAYS, clear


@pytest.mark.parametrize("way", WAYS)
def test_an_administrator_settles_what_has_not_arrived(way: str, visit: Callable[..., Visit], house: House) -> None:
    use, options = WAYS[way]
    names, now = [], datetime.now(UTC)
    for state, minutes in ((REFUSED, 0), (SENDING, 9), (WAITING, 0)):
        person = house.person(house.newcomer(f"Mila {state}"))
        house.world.do(
            lambda session, at=(person.id, state, minutes): mail(session, now - timedelta(minutes=at[2]), at[0], at[1])
        )
        names.append(person.name)
    administrator = visit("administrator", **options)
    page, hand = administrator.page, use(administrator.page)
    administrator.go("/people")
    hand.follow(page.get_by_role("link", name="Jobs and mail"))
    expect(page.get_by_role("heading", level=1, name="Jobs and mail")).to_be_visible()
    clear(page, options)
    for name, button, said in zip(
        names,
        ("Send again", "It has arrived", "Drop it"),
        ("It is sent again within seconds.", "It counts as sent.", "It will not leave. Its entry stays."),
        strict=True,
    ):
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
        hand.press(row.get_by_role("button", name=button))
        expect(page.get_by_role("status").first).to_contain_text(said)
        clear(page, options)
    hand.follow(page.get_by_role("link", name="Dropped today"))
    expect(page.get_by_role("rowheader", name=names[2])).to_be_visible()
    clear(page, options)
