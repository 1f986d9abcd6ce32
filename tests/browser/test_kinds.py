"""Every type of question, answered in a browser: by mouse, by keyboard alone, without script; and what comes of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from mesotrain.actions import courses, marking
from mesotrain.config import ROOT
from mesotrain.core.questions import TYPES
from mesotrain.formats.courses import read_course
from mesotrain.store import marking as store
from mesotrain.web.examples import BANK, as_asked
from tests.browser.conftest import House, Visitor, on_sqlite, served, signed_in
from tests.browser.test_looks import barriers
from tests.browser.test_path import WAYS
from tests.test_canaries import LESSON
from tests.world import Engine, World

COURSE = """
course: kinds
title: Every kind
language: en
status: demonstration
competencies:
  EMG: {title: Kinds, can: answer, valid: 24 months, renewal: 60 days, grace: 0 days}
modules: [kinds]
"""
ADRENALINE = "Intramuscular adrenaline into the thigh"
PICKED = {
    "Put the first actions in order.": {
        "Stop the injection and call for help": "1",
        "Lie the patient flat": "1",
        "Give intramuscular adrenaline": "2",
        "Give an oral antihistamine": "does not belong",
    },
    "Match each finding to what it speaks for.": {
        "A slow pulse, pale and sweating": "A faint",
        "Wheeze and a swollen tongue": "Anaphylaxis",
    },
    "What is the likeliest cause?": {
        "Six weeks on": "Non-tuberculous mycobacterial infection",
        "Itching papules": "Contact allergy",
    },
}
JUDGED = {
    "Adrenaline is given into a muscle": "True",
    "A slow pulse rules anaphylaxis out": "False",
    "Help is called at once": "True",
    "Sitting up is always safe": "False",
}


@pytest.fixture(scope="module")
def kinds(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A course whose one quiz asks a question of each type."""
    world = engine.world()
    bank = BANK.replace("bank: examples", "bank: kinds")
    asked = bank.count("\n## ") - bank.count("\npractice: yes")
    lesson = LESSON.replace("CAN", "EMG").replace("MANY", str(asked)).replace(" [I01]", "")
    texts = {
        "course.yaml": COURSE,
        "kinds/lesson.md": lesson,
        "kinds/bank.md": bank,
        "references.yaml": "facts: {}\nsources: {}\n",
        "kinds/media/figure.svg": (ROOT / "mesotrain" / "web" / "static" / "figure.svg").read_bytes(),
    }
    world.do(lambda session: courses.publish(session, world.clock(), read_course(texts)))
    with served(world.environment, tmp_path_factory.mktemp("kinds") / "server.log") as address:
        yield House(world, address)
    world.close()


def asked_in(page: Page, words: str) -> Any:
    return page.locator("fieldset.question").filter(has_text=words)


def answer(page: Page, hand: Any) -> None:
    hand.choose(asked_in(page, "What do you do first?"), [ADRENALINE])
    hand.choose(asked_in(page, "Which of these can be signs"), ["Swelling of the tongue", "Sudden hoarseness"])
    for statement, said in JUDGED.items():
        hand.choose(page.get_by_role("radiogroup", name=statement), [said])
    for stem, parts in PICKED.items():
        for part, words in parts.items():
            hand.pick(asked_in(page, stem).get_by_label(part), words)
    hand.write(asked_in(page, "How much of a 1 mg/mL ampoule").get_by_role("textbox"), "0.5")
    hand.write(asked_in(page, "Which hormone is injected first").get_by_role("textbox"), "epinephrine")
    dose = asked_in(page, "limit for plain lidocaine")
    weight = re.search(r"weighs (\d+)\skg", dose.inner_text())
    assert weight
    hand.write(dose.get_by_role("textbox"), str(min(int(int(weight[1]) * 4.5), 300)))
    gaps = asked_in(page, "In anaphylaxis")
    hand.write(gaps.get_by_label("Gap 1"), "500")
    hand.write(gaps.get_by_label("Gap 2"), "adrenaline")
    hand.pick(gaps.get_by_label("Gap 3"), "anterolateral thigh")
    hand.pick(asked_in(page, "Where is adrenaline injected").get_by_label("Or name a cell of the grid:"), "E4")
    thighs = asked_in(page, "Mark the outer thigh on both sides")
    for number, cell in (("1", "E4"), ("2", "I4")):
        hand.pick(thighs.get_by_label(f"Or name a cell for place {number}:"), cell)
    case = asked_in(page, "Two minutes after the last point")
    hand.choose(case, ["Anaphylaxis"])
    hand.press(case.get_by_role("button", name="Lock this answer and go on"))
    second = case.get_by_role("group", name="Stage 2 of 2")
    hand.choose(second, ["A second dose of adrenaline", "Oxygen"])
    hand.write(asked_in(page, "mesotherapy melts fat").get_by_role("textbox"), "Nobody knows: few trials were done.")


def mark(world: World) -> None:
    """Gives every essay that waits all of its points."""
    educator = world.actor("educator")

    def work(session: Session) -> None:
        for one in store.waiting(session, educator, 0, 9):
            most = [Fraction(2), Fraction(1), Fraction(1)]
            marking.mark(session, educator, datetime.now(UTC), one.attempt, one.position, most, "Well said.")

    world.do(work)


@on_sqlite
@pytest.mark.parametrize("way", WAYS)
def test_every_type_is_answered_and_earns_all_of_it(kinds: House, visitors: Visitor, way: str) -> None:
    use, options = WAYS[way]
    state = signed_in(kinds.world.app, kinds.newcomer())
    visit = visitors(kinds.address, storage_state=state, **options)
    page, hand = visit.go("/courses/kinds/kinds"), use(visit.page)
    hand.press(page.get_by_role("button", name="Start the quiz"))
    with kinds.world.app.test_request_context():
        count = len(shown := as_asked()) - 1 - BANK.count("\npractice: yes")
    assert {one.type for one in shown} == set(TYPES)
    expect(page.locator("fieldset.question")).to_have_count(count)
    answer(page, hand)
    script = options.get("java_script_enabled", True)
    if script:
        assert barriers(page) == []
        expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
        expect(page.locator("[data-place][data-answered]")).to_have_count(count)
    hand.press(page.get_by_role("button", name="Review and hand in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Hand in your answers?")
    hand.press(page.get_by_role("button", name="Hand in", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Being marked: The cage")
    mark(kinds.world)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("You passed The cage")
    expect(page.locator("article > header").get_by_text("Points: 1 of 1")).to_have_count(count)
    assert not script or barriers(page) == []


@on_sqlite
@pytest.mark.parametrize("way", WAYS)
def test_a_judgement_is_shown_beside_those_of_the_panel(kinds: House, visitors: Visitor, way: str) -> None:
    use, options = WAYS[way]
    visit = visitors(kinds.address, storage_state=signed_in(kinds.world.app, kinds.newcomer()), **options)
    page, hand = visit.go("/practice"), use(visit.page)
    if page.get_by_text("The first").is_visible():  # that of the other course comes before it
        hand.choose(page.locator("fieldset.question"), ["The first"])
        hand.press(page.get_by_role("button", name="Check"))
        hand.follow(page.get_by_role("link", name="Next question"))
    expect(page.get_by_text("You think of a faint.").first).to_be_visible()
    expect(page.get_by_text("of 11 of the panel")).to_have_count(0)
    hand.choose(page.locator("fieldset.question"), ["less likely"])
    hand.press(page.get_by_role("button", name="Check"))
    expect(page.get_by_text("4 of 11 of the panel")).to_be_visible()
    expect(page.locator("li", has_text="Your answer")).to_contain_text("worth 4/7")
    assert not options.get("java_script_enabled", True) or barriers(page) == []
