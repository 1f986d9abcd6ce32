"""Inviting from a list, as an administrator does: a file with faults, corrected, looked at, confirmed."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mesotrain.formats import sheets
from mesotrain.store.invitations import OPEN, Invitation
from tests.browser.conftest import House, Visitor, on_sqlite
from tests.browser.test_looks import FINGER, SMALL, barriers, too_wide

HEAD = ["Name", "E-mail address", "Role", "Clinic"]


def invited(house: House) -> set[str]:
    with house.world.session() as session:
        return set(session.scalars(select(Invitation.email).filter_by(state=OPEN)))


@on_sqlite
@pytest.mark.parametrize("width", [390, 1280])
def test_a_list_is_sent_corrected_looked_at_and_confirmed(visit: Visitor, house: House, width: int) -> None:
    visitor = visit("administrator", viewport={"width": width, "height": 900}, java_script_enabled=width > 400)
    ann, bob = f"ann{width}@example.org", f"bob{width}@example.org"
    rows = [HEAD, ["Ann Lee", ann, "trainee", "Quai"], ["Bob Ray", bob.replace("@", " at "), "educator", None]]
    page = visitor.go("/people")
    page.get_by_role("link", name="Invite from a list").click()
    page.get_by_label("File").set_input_files({"name": "us.xlsx", "mimeType": "", "buffer": sheets.xlsx(rows)})
    visitor.pardon("status of 422")
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("heading", name="2 things to correct")).to_be_visible()
    faults = page.get_by_role("listitem")
    expect(faults.filter(has=page.get_by_role("heading", name="Line 2"))).to_contain_text("There is no clinic “Quai”")
    expect(faults.filter(has=page.get_by_role("heading", name="Line 3"))).to_contain_text("not an e-mail address")
    text = page.get_by_label("Or the list as text")
    text.fill(text.input_value().replace("Quai", "Quay").replace(" at ", "@"))
    if width > 400:
        assert barriers(page) == []
        assert too_wide(page) == []
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("heading", name="Who would be invited")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Ann Lee")).to_contain_text("Trainee clinician, Quay")
    assert {ann, bob}.isdisjoint(invited(house))
    if width > 400:
        assert barriers(page) == []
    else:
        assert page.evaluate(SMALL, FINGER) == []
    page.get_by_role("button", name="Invite 2 people").click()
    expect(page.get_by_text(re.compile("2 people are invited"))).to_be_visible()
    assert {ann, bob} <= invited(house)


@on_sqlite
def test_a_file_that_is_too_large_is_told_and_not_lost_on_the_way(visit: Visitor) -> None:
    visitor = visit("administrator")
    page = visitor.go("/people/import")
    visitor.pardon("status of 413")
    large = {"name": "us.csv", "mimeType": "text/csv", "buffer": b"x" * 5_000_000}
    page.get_by_label("File").set_input_files(large)
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_text("larger than 256 KB")).to_be_visible()


@on_sqlite
def test_a_clinic_is_added_and_renamed(visit: Visitor) -> None:
    page = visit("administrator").go("/people")
    page.get_by_role("link", name="Clinics").click()
    page.get_by_label("Name").fill("Dock")
    page.get_by_role("button", name="Add the clinic").click()
    expect(page.get_by_role("row").filter(has_text="Dock")).to_contain_text("Nobody")
    page.get_by_role("link", name="Dock").click()
    page.get_by_label("Name").fill("Pier")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("link", name="Pier")).to_be_visible()
    expect(page.get_by_role("link", name="Dock")).to_have_count(0)
