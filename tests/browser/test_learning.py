"""Reading with everything that helps it, three questions standing up, and a change published by two people."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mesotrain.actions import courses
from tests.actions.drafting import NUMBER, kept_by, take, tiny
from tests.browser.conftest import House, Visit, Visitor, on_sqlite, signed_in
from tests.browser.hands import Keyboard
from tests.world import PASSWORD, tiny_course

pytestmark = on_sqlite

LESSON = "/courses/tiny/basics"
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


@pytest.fixture
def reader(visit: Callable[..., Visit], house: House) -> Callable[..., Page]:
    """A newcomer's browser, signed in."""

    def open_one(script: bool = True) -> Page:
        return visit(house.newcomer(), java_script_enabled=script).page

    return open_one


def test_from_signing_in_to_the_first_question_takes_at_most_three_clicks(
    visit: Callable[..., Visit], house: House
) -> None:
    """The first click signs in; both ways are counted."""
    for ways in (["Answer three questions"], ["Read the module", "Start the quiz"]):
        page = visit().go("/sign-in")
        page.get_by_label("E-mail address").fill(house.newcomer())
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        for name in ways:
            page.locator("main").get_by_text(name, exact=True).first.click()
        expect(page.get_by_role("group").first).to_contain_text("CANARY-SHOWN")
        assert 1 + len(ways) <= 3


@SCRIPT
def test_a_question_in_a_lesson_is_answered_where_it_stands(
    reader: Callable[..., Page], house: House, script: bool
) -> None:
    page = reader(script)
    page.goto(house.address + LESSON)
    check = page.locator("[data-check]")
    expect(check.get_by_role("heading", name="Which comes first?")).to_be_visible()
    check.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Choose or write an answer first.")).to_be_visible()
    assert "CANARY-REASON" not in page.content()
    page.locator("[data-check]").get_by_label("The last").check()
    page.locator("[data-check]").get_by_role("button", name="Check").click()
    review = page.locator(".review")
    expect(review.get_by_text("Not right").first).to_be_visible()
    expect(review.get_by_text("CANARY-REASON-14")).to_be_visible()
    expect(page.get_by_role("heading", name="Which comes first?")).to_be_visible()
    expect(review.get_by_text("CANARY-ITEM-2")).to_be_visible()
    if script:
        assert page.url.endswith(LESSON)
        expect(review).to_be_focused()
        review.get_by_role("button", name="Try again").click()
        expect(page.locator("[data-check]").get_by_label("The last")).not_to_be_checked()
    else:
        page.get_by_role("link", name="Back to the lesson").click()
        assert page.url.endswith(f"{LESSON}#matters")


@SCRIPT
def test_marks_and_notes_are_kept_without_losing_the_place(
    reader: Callable[..., Page], house: House, script: bool
) -> None:
    page = reader(script)
    page.goto(house.address + LESSON)
    own = page.locator("#own-matters")
    own.get_by_role("button", name="Mark as read").click()
    expect(own.get_by_text("Read", exact=True)).to_be_visible()
    own.get_by_text("Add a note").click()
    own.get_by_label("Your note").fill("Ask Mona <b>about</b> it.")
    own.get_by_role("button", name="Save note").click()
    expect(own.get_by_text("Your note", exact=True)).to_be_visible()
    page.goto(house.address + LESSON)
    expect(page.locator("#own-matters").get_by_label("Your note")).to_have_value("Ask Mona <b>about</b> it.")
    side = page.get_by_role("navigation", name="Contents").filter(visible=True)
    expect(side.get_by_role("link", name="What matters read")).to_be_visible()
    page.goto(f"{house.address}/courses/tiny")
    expect(page.get_by_text("You have read 1 of 2 sections.")).to_be_visible()
    page.goto(house.address + LESSON)
    page.locator("#own-matters").get_by_role("button", name="Not yet").click()
    expect(page.locator("#own-matters").get_by_role("button", name="Mark as read")).to_be_visible()


def test_a_note_that_is_being_typed_outlives_what_is_pressed_beside_it(
    reader: Callable[..., Page], house: House
) -> None:
    page = reader()
    page.goto(house.address + LESSON)
    own = page.locator("#own-matters")
    own.get_by_text("Add a note").click()
    own.get_by_label("Your note").fill("Not saved yet.")
    own.get_by_role("button", name="Mark as read").click()
    expect(own.get_by_text("Read", exact=True)).to_be_visible()
    expect(own.get_by_label("Your note")).to_have_value("Not saved yet.")
    own.get_by_role("button", name="Save note").click()
    expect(own.get_by_text("Your note is saved.")).to_be_visible()


def test_a_note_written_in_two_windows_keeps_both_texts(reader: Callable[..., Page], house: House) -> None:
    page = reader()
    other = page.context.new_page()
    windows = [(one, one.locator("#own-matters")) for one in (page, other)]
    for one, own in windows:
        one.goto(house.address + LESSON)
        own.get_by_text("Add a note").click()
    for (_, own), note in zip(windows, ("Alpha", "Beta"), strict=True):
        own.get_by_label("Your note").fill(note)
        own.get_by_role("button", name="Save note").click()
        expect(own.get_by_role("status")).not_to_be_empty()
    own = windows[1][1]
    expect(own.get_by_label("Your note")).to_have_value("Alpha\n\nBeta")
    expect(own.get_by_role("status")).to_contain_text("Another window had changed this note.")
    own.get_by_label("Your note").fill("Both")
    own.get_by_role("button", name="Save note").click()
    expect(own.get_by_role("status")).to_have_text("Your note is saved.")


def test_a_note_outlives_a_sign_out_and_a_lost_connection(visit: Callable[..., Visit], house: House) -> None:
    """The page stays as it is, says why nothing was saved, and saves when its reader has signed in again."""
    email = house.newcomer()
    visitor = visit(email)
    visitor.pardon("status of 400", "ERR_INTERNET_DISCONNECTED")
    page = visitor.go(LESSON)
    own = page.locator("#own-matters")
    own.get_by_text("Add a note").click()
    own.get_by_label("Your note").fill("Typed for long.")

    def save(said: str, name: str = "Save note") -> None:
        own.get_by_role("button", name=name).click()
        expect(own.get_by_role("status")).to_contain_text(said)
        expect(own.get_by_label("Your note")).to_have_value("Typed for long.")

    visitor.context.set_offline(True)
    save("No connection, so nothing was saved.")
    visitor.context.set_offline(False)
    other = visitor.context.new_page()
    other.goto(house.address)
    other.get_by_role("button", name="Sign out").click()
    save("You are signed out, so nothing was saved.", "Mark as read")
    with visitor.context.expect_page() as opened:
        own.get_by_role("link", name="Sign in in a new window").click()
    other = opened.value
    for who, said in ((house.newcomer(), "You are signed out"), (email, "Your note is saved.")):
        other.get_by_label("E-mail address").fill(who)
        other.get_by_label("Password").fill(PASSWORD)
        other.get_by_role("button", name="Sign in").click()
        expect(other.get_by_role("button", name="Sign out")).to_be_visible()
        save(said)
        if who != email:
            other.get_by_role("button", name="Sign out").click()


def test_the_contents_are_reached_first_and_follow_in_a_low_window(reader: Callable[..., Page], house: House) -> None:
    """The list scrolls to the part the reader is in; what is left to read stays in view below it."""
    page = reader()
    page.set_viewport_size({"width": 1280, "height": 310})
    page.goto(house.address + LESSON)
    keyboard = Keyboard(page)
    keyboard.reach(page.get_by_role("link", name="Skip to the content"))
    page.keyboard.press("Enter")
    expect(page.locator("article#lesson")).to_be_focused()
    page.goto(house.address + LESSON)  # without the part, from which the keyboard would go on
    side = page.locator(".contents-side")
    for _ in range(12):
        page.keyboard.press("Tab")
        if side.locator(":focus").count():
            break
    expect(side.get_by_role("link", name="What matters")).to_be_focused()
    page.locator("#references").evaluate("it => it.scrollIntoView()")
    expect(side.locator("a[aria-current]")).to_have_text("References")
    expect(side.locator("a[aria-current]")).to_be_in_viewport(ratio=0.9)
    expect(side.locator("[data-left]")).to_be_in_viewport(ratio=1)


def test_without_script_there_is_no_button_that_does_nothing(reader: Callable[..., Page], house: House) -> None:
    for script in (False, True):
        page = reader(script)
        page.goto(house.address + LESSON)
        expect(page.get_by_text("Print", exact=True)).to_be_visible(visible=script)


def test_a_lesson_leads_to_its_quiz_from_the_top(reader: Callable[..., Page], house: House) -> None:
    page = reader()
    page.goto(house.address + LESSON)
    page.get_by_role("link", name="To the quiz").click()
    expect(page.get_by_role("button", name="Start the quiz")).to_be_in_viewport()


def test_a_long_word_pushes_no_page_sideways(visitors: Visitor, other_house: House) -> None:
    world, course, word = other_house.world, tiny_course(), "Hyaluronidase" * 14
    (module,) = course.modules
    sections = tuple(replace(one, title=word) for one in module.sections)
    text = replace(course, title=word, modules=(replace(module, title=word, sections=sections),))
    world.do(lambda session: courses.publish(session, world.clock(), text))
    reader = visitors(other_house.address, storage_state=signed_in(world.app, "trainee@example.org"))
    reader.page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/", "/courses/tiny", LESSON):
        page = reader.go(path)
        page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path


def test_reading_goes_on_where_it_stopped(reader: Callable[..., Page], house: House) -> None:
    page = reader()
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(house.address + LESSON)
    expect(page.locator("[data-left]").last).to_have_text("3")
    expect(page.get_by_text("You stopped at")).to_have_count(0)
    with page.expect_request("**/place") as sent:
        page.locator("#not").evaluate("section => section.scrollIntoView()")
    assert sent.value.method == "POST"
    assert int(page.locator("[data-left]").last.inner_text()) < 3
    for _ in range(20):
        page.goto(house.address + LESSON)
        if page.get_by_text("You stopped at “What does not”").count():
            break
        time.sleep(0.1)
    page.get_by_role("link", name="Go on there").click()
    expect(page.get_by_role("heading", name="What does not")).to_be_in_viewport()


def test_three_questions_one_after_the_other(visit: Callable[..., Visit], house: House) -> None:
    """There is one practice question; a quiz that was handed in brings its own."""
    trainee = visit(house.newcomer())
    trainee.pardon("status of 422")
    page = trainee.go("/")
    page.get_by_role("link", name="Answer three questions").click()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Choose or write an answer first.")).to_be_visible()
    page.get_by_label("The first").check()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Right", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Next question").click()
    expect(page.get_by_role("heading", name="That was all for today")).to_be_visible()
    page.goto(house.address + LESSON)
    page.get_by_role("button", name="Start the quiz").click()
    page.get_by_role("button", name="Review and hand in").click()
    page.get_by_role("button", name="Hand in").click()
    page.goto(f"{house.address}/practice")
    expect(page.get_by_text("Question 2 of 3")).to_be_visible()


def test_words_are_found_and_lead_to_their_section(reader: Callable[..., Page], house: House) -> None:
    page = reader()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
    page.get_by_label("Words in the lessons").fill("calling help")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_role("link", name="What matters").click()
    assert page.url.endswith(f"{LESSON}#matters")


def test_a_link_to_a_section_leads_to_it_wherever_it_stands(reader: Callable[..., Page], house: House) -> None:
    page = reader()
    page.goto(f"{house.address}/courses/tiny/sections/not")
    assert page.url.endswith(f"{LESSON}#not")


def test_a_bookmark_of_a_section_that_moved_leads_to_where_it_stands(visitors: Visitor, other_house: House) -> None:
    """The old lesson does not hold it any more; the page asks the service where it went."""
    world, course = other_house.world, tiny_course()
    (module,) = course.modules
    staying, moving = module.sections
    later = replace(module, name="later", title="Later", sections=(moving,), questions=())
    text = replace(course, modules=(replace(module, sections=(staying,)), later))
    world.do(lambda session: courses.publish(session, world.clock(), text))
    reader = visitors(other_house.address, storage_state=signed_in(world.app, "trainee@example.org"))
    page = reader.go(f"{LESSON}#not")
    page.wait_for_url("**/courses/tiny/later#not")
    expect(page.get_by_role("heading", name="What does not")).to_be_in_viewport()


def test_a_change_is_called_less_by_two_people_only(visitors: Visitor, other_house: House) -> None:
    """The second educator is somebody else; the lesson changes when they agree, not before."""
    world = other_house.world
    kept_by(world, "Harbour")
    draft = take(world, tiny(NUMBER), "educator")

    def visit(who: str) -> Visit:
        return visitors(other_house.address, storage_state=signed_in(world.app, who))

    educator = visit("educator@example.org")
    educator.pardon("status of 422")
    first = educator.go(f"/drafts/{draft}")
    expect(first.get_by_text("touches a number", exact=True)).to_be_visible()
    expect(first.locator("del").first).to_have_text("One")
    first.get_by_label("This change is").select_option("editorial")
    _publish(first)
    expect(first.get_by_role("alert")).to_contain_text("Say why the change is less than it seems")
    first.get_by_label("Reason").fill("A slip of the pen.")
    _publish(first)
    expect(first.get_by_text("It waits for a second person")).to_be_visible()
    expect(first.get_by_role("button", name="I agree")).to_have_count(0)
    reader = visit("trainee@example.org").go(LESSON)
    expect(reader.get_by_text("One thing matters most")).to_be_visible()
    other = visit(_educator(other_house)).go("/drafts")
    expect(other.get_by_text("A second person must agree")).to_be_visible()
    other.get_by_role("link", name="See what it changes").click()
    expect(other.get_by_text("Editorial, not Substantive")).to_be_visible()
    other.get_by_role("button", name="I agree: publish it so").click()
    expect(other.get_by_text("Published as number 2.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("Two things matter most")).to_be_visible()


def _publish(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Publish A tiny course")).click()


def _educator(house: House) -> str:
    from mesotrain.actions import people  # noqa: PLC0415

    email, hashed = "second@example.org", house.world.app.extensions["passwords"].hash(PASSWORD)

    def work(session: Any) -> None:
        person = people.create_person(session, "Sylvie Second", email, hashed, b"second", "en", "UTC")
        people.join(session, house.world.clock(), house.world.ids["Harbour"], person, [("educator", None)])

    house.world.do(work)
    return email
