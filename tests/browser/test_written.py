"""Questions that are written into: answered by keyboard alone and without script, and reviewed; axe finds nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mesotrain.actions import courses
from mesotrain.formats.courses import read_course
from mesotrain.store.folders import read_folder
from tests.browser.conftest import House, Visit, Visitor, on_sqlite, signed_in
from tests.browser.hands import Keyboard, Mouse
from tests.browser.test_looks import LAPTOP, PHONE, barriers, resize, too_wide

pytestmark = on_sqlite

BANK = """---
bank: kinds
title: Kinds
language: en
competency: KND
section: kinds#all
---

## knd-0001

SHORT: which hormone is injected first?

= adrenaline | epinephrine
  Why: SHORT-WHY-1.
= noradrenaline (0%)
  Why: SHORT-WHY-2.

## knd-0002

DOSE: {weight} at 4.5 mg/kg. How much at most?

```calc
weight = 20 kg .. 60 kg step 10 kg
answer = weight * 4.5 [mg/kg] in mg
accept -1 mg +0 mg
error unsafe answer * 10 "DOSE-WHY-1."
```

Why: DOSE-WHY-2, {answer}.

## knd-0003

GAPS: inject [[= 500 micrograms]] of [[= adrenaline | epinephrine]] into the [[(x) thigh | ( ) arm]].

Why: GAPS-WHY-1.
"""

COURSE = Path(__file__).parent.parent / "texts" / "tiny"


def short(question: Locator, hand: Any) -> None:
    hand.write(question.get_by_label("Your answer, in a word or a few."), " Epinephrine.")


def dose(question: Locator, hand: Any) -> None:
    weight = re.search(r"DOSE: (\d+)\skg", question.inner_text())
    assert weight
    hand.write(question.get_by_label("Your answer, as a number."), f"{int(weight[1]) * 4.5:g} mg")


def gaps(question: Locator, hand: Any) -> None:
    hand.write(question.get_by_label("Gap 1, in micrograms"), "500")
    hand.write(question.get_by_label("Gap 2"), "Adrenaline")
    hand.pick(question.get_by_label("Gap 3"), "thigh")


ANSWERED: dict[str, tuple[Callable[[Locator, Any], None], list[str]]] = {
    "SHORT": (short, ["SHORT-WHY-1", "adrenaline or epinephrine"]),
    "DOSE": (dose, ["DOSE-WHY-1", "DOSE-WHY-2", "Unsafe"]),
    "GAPS": (gaps, ["GAPS-WHY-1", "[1] 500", "[3] thigh"]),
}
"""The stem of each question, how it is answered right, and what its review says."""


@pytest.fixture
def sitting(other_house: House, visitors: Visitor) -> Callable[..., Visit]:
    """A newcomer on the lesson whose quiz asks one question of each kind."""
    files = dict(read_folder(COURSE))
    named = {"course: tiny": "course: kinds", "BAS": "KND", "[basics]": "[kinds]", "questions: 4": "questions: MANY"}
    for old, new in named.items():
        files = {name: text.replace(old, new) if isinstance(text, str) else text for name, text in files.items()}
    front = str(files["basics/lesson.md"]).partition("## What matters")[0].replace("MANY", str(len(ANSWERED)))
    lesson = f"{front}## All {{#all}}\n\nEverything [I01].\n"
    texts = {name: files[name] for name in ("course.yaml", "references.yaml")}
    course = read_course(texts | {"kinds/lesson.md": lesson, "kinds/bank.md": BANK})
    world = other_house.world
    world.do(lambda session: courses.publish(session, world.clock(), course))

    def begin(**options: Any) -> Visit:
        state = signed_in(world.app, other_house.newcomer())
        visit = visitors(other_house.address, storage_state=state, **options)
        visit.go("/courses/kinds/kinds")
        return visit

    return begin


def looked_at(page: Page) -> None:
    assert too_wide(page) == []
    for width in (PHONE, LAPTOP):
        resize(page, width)
        assert barriers(page) == [], f"{width} px wide"


WAYS: dict[str, tuple[Callable[[Page], Any], dict[str, Any]]] = {
    "by keyboard alone": (Keyboard, {}),
    "without script": (Mouse, {"java_script_enabled": False}),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_kind_is_answered_kept_and_reviewed(way: str, sitting: Callable[..., Visit]) -> None:
    use, options = WAYS[way]
    page = sitting(**options).page
    hand = use(page)
    hand.press(page.get_by_role("button", name="Start the quiz"))
    for stem in re.findall(rf"\b({'|'.join(ANSWERED)}):", page.locator("#answers").inner_text()):
        ANSWERED[stem][0](page.get_by_role("group").filter(has_text=f"{stem}:").first, hand)
    if not options:
        expect(page.locator("#save-state")).to_have_text("All answers saved")
        looked_at(page)
    else:
        hand.press(page.get_by_role("button", name="Save answers"))
    page.reload()
    places = page.get_by_role("navigation", name="Questions")
    expect(places.get_by_role("link", name=re.compile(r"\d ?, answered$"))).to_have_count(len(ANSWERED))
    hand.press(page.get_by_role("button", name="Review and hand in"))
    expect(page.get_by_role("heading", level=1, name="Hand in your answers?")).to_be_visible()
    hand.press(page.get_by_role("button", name="Hand in"))
    expect(page.get_by_text(f"{len(ANSWERED)} of {len(ANSWERED)} point")).to_be_visible()
    for stem, (_, words) in ANSWERED.items():
        article = page.get_by_role("article").filter(has_text=f"{stem}:")
        for word in words:
            expect(article).to_contain_text(word)
    if not options:
        looked_at(page)
