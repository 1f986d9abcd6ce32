"""The four jobs from beginning to end; each page of them is looked at by axe and for its width, narrow and wide."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.actions.drafting import NUMBER, kept_by, take, tiny
from tests.browser.conftest import House, Visit, Visitor, on_sqlite, signed_in
from tests.browser.test_looks import LAPTOP, PHONE, barriers, resize, too_wide
from tests.world import PASSWORD

pytestmark = on_sqlite


class Desk:
    """Somebody at work: every page they come to is looked at."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page

    def look(self, title: str) -> None:
        """The page has this first heading, and nothing is wrong with it."""
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()
        assert too_wide(self.page) == [], title
        for width in (PHONE, LAPTOP):
            resize(self.page, width)
            assert barriers(self.page) == [], f"{title}, {width} px wide"

    def follow(self, link: str, title: str) -> None:
        self.page.get_by_role("link", name=link).first.click()
        self.look(title)

    def press(self, button: str, title: str) -> None:
        self.page.get_by_role("button", name=button).first.click()
        self.look(title)


@pytest.fixture
def desk(visitors: Visitor, other_house: House) -> Callable[[str], Desk]:
    def open_one(who: str) -> Desk:
        state = signed_in(other_house.world.app, f"{who}@example.org")
        return Desk(visitors(other_house.address, storage_state=state))

    return open_one


def test_a_trainee_learns_sits_and_keeps_a_record(visitors: Visitor, other_house: House) -> None:
    desk = Desk(visitors(other_house.address))
    desk.visit.go("/")
    desk.look("Sign in")
    desk.visit.sign_in(other_house.newcomer(), PASSWORD)
    desk.look("Today")
    desk.follow("A tiny course", "A tiny course")
    desk.follow("The basics", "The basics")
    desk.press("Start the quiz", "The basics")
    for group in desk.page.get_by_role("group").filter(has=desk.page.get_by_role("radio")).all():
        group.get_by_role("radio").first.check()
    desk.press("Review and hand in", "Hand in your answers?")
    desk.press("Hand in", "The basics")
    desk.follow("Record", "Your record")
    desk.follow("Search", "Search")
    desk.page.get_by_role("searchbox").fill("matters")
    desk.press("Search", "Search")
    desk.follow("Today", "Today")
    desk.follow("Answer three questions", "Three questions")
    desk.page.get_by_role("link", name=re.compile("^Settings of")).click()
    desk.look("Settings")
    for link, title in (("Change the password", "Password"), ("Change the address", "E-mail address")):
        desk.follow(link, title)
        desk.page.go_back()
    desk.follow("Second factor", "Second factor")
    desk.press("Sign out", "Sign in")


def test_a_manager_sees_who_may_and_assigns(desk: Callable[[str], Desk]) -> None:
    manager = desk("manager")
    manager.visit.go("/")
    manager.look("Today")
    manager.follow("Team", "Team")
    manager.page.get_by_label("Name").fill("Tess")
    manager.press("Show", "Team")
    manager.follow("Tess Trainee", "Tess Trainee")
    manager.follow("Assign a course", "Tess Trainee")
    manager.page.get_by_label("Course").select_option("tiny")
    manager.page.get_by_label("Due").fill("2030-01-01")
    manager.press("Assign", "Tess Trainee")
    manager.follow("Team", "Team")
    manager.page.get_by_role("link", name=re.compile("^Assign a course to")).click()
    manager.look("Assign a course")


def test_an_educator_publishes_a_change_and_sees_the_questions(desk: Callable[[str], Desk], other_house: House) -> None:
    kept_by(other_house.world, "Harbour")
    take(other_house.world, tiny(NUMBER), "educator")
    educator = desk("educator")
    educator.visit.go("/")
    educator.look("Today")
    educator.follow("Drafts", "Drafts")
    educator.follow("See what it changes", "Draft")
    educator.press("Publish A tiny course", "Drafts")
    educator.follow("Questions", "Questions")
    educator.page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
    educator.look("bas-0001")


def test_an_administrator_keeps_the_people(desk: Callable[[str], Desk], other_house: House) -> None:
    email = other_house.newcomer()
    person, ada = other_house.person(email), desk("administrator")
    ada.visit.go("/people")
    ada.look("People")
    ada.follow("Invite somebody", "Invite somebody")
    for link, title in (("Invite from a list", "Invite"), ("Clinics", "Clinics"), ("Jobs and mail", "Jobs and mail")):
        ada.page.get_by_role("link", name="People", exact=True).first.click()
        ada.follow(link, title)
    ada.visit.go(f"/people?q={email}")
    ada.follow(person.name, person.name)
    ada.press("Suspend", person.name)
    ada.press("Let", person.name)
    ada.press("out everywhere", person.name)
    ada.follow("They have another account", person.name)
    ada.visit.go(f"/people/{person.id}")
    ada.page.get_by_text("End their access").click()
    ada.press("End the access of", "Who has left")
    ada.page.get_by_role("link", name=person.name).click()
    ada.look(person.name)
    ada.page.get_by_label("Why it is held").fill("An inquiry.")
    ada.press("Hold the record", person.name)
    ada.press("Lift the hold", person.name)
    ada.press("Erase", "Who has left")
