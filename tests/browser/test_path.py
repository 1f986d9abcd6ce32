"""The main job from end to end: read a module, sit its quiz, hold the competency, be seen by the manager."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from babel.dates import format_date
from playwright.sync_api import Page, expect

from mesotrain.core.dates import day_of, months_after
from tests.browser.conftest import House, Visit
from tests.browser.hands import Keyboard, Mouse
from tests.world import PASSWORD, TEXTS

QUESTIONS = [f"CANARY-SHOWN-{number}" for number in (1, 2, 3, 4)]
CHOSEN = {QUESTIONS[0]: ["Stop and call"], QUESTIONS[1]: ["Help", "More help"]}
WRITTEN, LEFT = QUESTIONS[2:]

WAYS: dict[str, tuple[Callable[[Page], Any], dict[str, Any]]] = {
    "with a mouse": (Mouse, {}),
    "without script": (Mouse, {"java_script_enabled": False}),
    "by keyboard alone": (Keyboard, {}),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[Callable[[Page], Any], dict[str, Any]]:
    """How the page is used, and with what browser."""
    return WAYS[request.param]


def heading(page: Page, words: str) -> None:
    """The page is the one with this first heading."""
    expect(page.get_by_role("heading", level=1, name=words, exact=True)).to_be_visible()


def question(page: Page, stem: str) -> Any:
    return page.get_by_role("group").filter(has_text=stem)


def test_a_trainee_reads_sits_and_holds_the_competency_and_only_their_own_manager_sees_it(
    way: tuple[Callable[[Page], Any], dict[str, Any]], visit: Callable[..., Visit], house: House
) -> None:
    use, options = way
    email = house.newcomer()
    trainee = visit(**options)
    page, hand = trainee.page, use(trainee.page)

    trainee.go("/")
    heading(page, "Sign in")
    hand.write(page.get_by_label("E-mail address"), email)
    hand.write(page.get_by_label("Password"), PASSWORD)
    hand.press(page.get_by_role("button", name="Sign in"))

    heading(page, "Today")
    expect(page.get_by_text("Read it, then sit its quiz.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Basics").get_by_text("Not started")).to_be_visible()
    hand.follow(page.get_by_role("link", name="Read the module"))

    heading(page, "The basics")
    expect(page.get_by_text("One thing matters most")).to_be_visible()
    hand.press(page.get_by_role("button", name="Start the quiz"))

    number = answer_all_but_one(page, hand, script=options.get("java_script_enabled", True))
    page.reload()
    the_answers_are_there(page, number)

    hand.press(page.get_by_role("button", name="Review and hand in"))
    heading(page, "Hand in your answers?")
    for title in ("Without an answer", "Flagged to look at again"):
        listed = page.locator("section").filter(has=page.get_by_role("heading", name=title))
        expect(listed.get_by_role("link")).to_have_text([re.compile(rf"Question\s+{number}")])
    hand.press(page.get_by_role("button", name="Hand in"))

    heading(page, "You passed The basics")
    expires = format_date(months_after(day_of(datetime.now(UTC), "Europe/London"), 24), "d MMM y", "en")
    expect(page.get_by_text("3 of 4 points; the pass mark is 75%")).to_be_visible()
    expect(page.get_by_text(f"until {expires}")).to_be_visible()
    the_review_gives_reasons_and_leads_to_the_section_and_back(page, hand)
    the_manager_sees_why(visit("manager", **options).page, use, house.person(email).name, expires)
    nobody_elsewhere_does(visit("other_manager", **options), house.person(email).id)


def answer_all_but_one(page: Page, hand: Any, *, script: bool) -> str:
    """Answers three questions and flags the fourth; gives its number."""
    left = question(page, LEFT)
    for stem in re.findall("CANARY-SHOWN-.", page.locator("#answers").inner_text()):
        if stem in CHOSEN:
            hand.choose(question(page, stem), CHOSEN[stem])
        elif stem == WRITTEN:
            hand.write(question(page, stem).get_by_role("textbox"), "0.731")
        else:
            hand.choose(left, ["Flag to look at again"])
    if script:
        expect(page.locator("#save-state")).to_have_text("All answers saved")
    else:
        hand.press(page.get_by_role("button", name="Save answers"))
    number = left.get_attribute("data-slot")
    assert number
    return number


def the_answers_are_there(page: Page, left: str) -> None:
    for stem, names in CHOSEN.items():
        for name in names:
            expect(question(page, stem).get_by_label(name, exact=True)).to_be_checked()
    expect(question(page, WRITTEN).get_by_role("textbox")).to_have_value("0.731")
    expect(question(page, LEFT).get_by_label("Flag to look at again")).to_be_checked()
    places = page.get_by_role("navigation", name="Questions")
    expect(places.get_by_role("link", name=re.compile(rf"{left} ?, not answered, flagged"))).to_be_visible()
    expect(places.get_by_role("link", name=re.compile(r"\d ?, answered$"))).to_have_count(3)


def the_review_gives_reasons_and_leads_to_the_section_and_back(page: Page, hand: Any) -> None:
    first = page.get_by_role("article").filter(has_text=QUESTIONS[0])
    for number in (1, 2, 3):
        expect(first.get_by_text(f"CANARY-REASON-{number} ")).to_be_visible()
    expect(first.get_by_text("CANARY-ITEM-1")).to_be_visible()
    expect(first.get_by_role("listitem").filter(has_text="Stop and call").get_by_text("Your answer")).to_be_visible()
    expect(page.get_by_role("article").filter(has_text=LEFT).get_by_text("Not answered")).to_be_visible()
    hand.follow(first.get_by_role("link", name="What matters"))
    heading(page, "The basics")
    assert re.search(r"/courses/tiny/basics\?review=\d+\.\d+#matters$", page.url)
    expect(page.get_by_role("heading", name="What matters")).to_be_in_viewport()
    hand.follow(page.get_by_role("link", name=re.compile("Back to question [1-4] of your result")))
    heading(page, "You passed The basics")
    expect(first).to_be_in_viewport()


def the_manager_sees_why(page: Page, use: Callable[[Page], Any], name: str, expires: str) -> None:
    hand = use(page)
    hand.follow(page.get_by_role("navigation", name="Main").get_by_role("link", name="Team"))
    heading(page, "Team")
    hand.write(page.get_by_label("Name"), name)
    hand.press(page.get_by_role("button", name="Show"))
    cell = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name)).get_by_role("cell")
    expect(cell).to_contain_text(["Current"])
    expect(cell).to_contain_text([f"until {expires}"])
    hand.follow(cell.get_by_role("link"))
    heading(page, name)
    expect(page.get_by_text(re.compile(rf"The quiz was passed on .* until {expires}\."))).to_be_visible()
    evidence = page.get_by_role("region", name="Evidence for Basics").get_by_role("row").nth(1)
    expect(evidence).to_contain_text("Quiz passed")
    expect(evidence).to_contain_text("75%")


def nobody_elsewhere_does(stranger: Visit, person: int) -> None:
    stranger.go("/team")
    expect(stranger.page.get_by_text("Newcomer")).to_have_count(0)
    stranger.pardon("status of 404")
    stranger.go(f"/team/{person}")
    heading(stranger.page, "Not found")
    expect(stranger.page.get_by_text("There is no such page, or it is not yours to see.")).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["with script", "without script"])
def test_an_educator_sees_each_question_as_a_taker_does_and_as_it_was_written(
    visit: Callable[..., Visit], options: dict[str, Any]
) -> None:
    page = visit("educator", **options).page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions").click()
    source = (TEXTS / "tiny" / "basics" / "bank.md").read_text()
    for number, stem in enumerate(QUESTIONS, 1):
        page.get_by_role("link", name=stem).click()
        heading(page, f"bas-000{number}")
        taker = page.get_by_role("region", name="As a taker sees it")
        expect(taker.get_by_role("group")).to_contain_text(stem)
        expect(taker).not_to_contain_text("CANARY-REASON")
        written = page.get_by_role("region", name="As written").locator("pre").inner_text().strip()
        assert written in source
        assert stem in written
        assert "Why: CANARY-REASON" in written
        expect(page.get_by_role("region", name="With its key")).to_contain_text("CANARY-REASON")
        page.get_by_role("link", name="Back to the questions").click()
