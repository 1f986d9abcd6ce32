"""The manager's job: find who needs something, see why, and take the list along."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mesotrain.actions import assignments
from tests.browser.conftest import House, Visit
from tests.browser.hands import Keyboard, Mouse
from tests.browser.test_looks import NEXT_YEAR, barriers

WAYS = {
    "mouse, phone": (Mouse, {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"}),
    "keyboard, laptop": (Keyboard, {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}),
    "keyboard, phone, dark": (Keyboard, {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}),
    "mouse, laptop, no script": (Mouse, {"viewport": {"width": 1280, "height": 800}, "java_script_enabled": False}),
}


def clear(page: Page, options: dict[str, Any]) -> None:
    """Axe finds nothing here; it needs script itself."""
    if options.get("java_script_enabled", True):
        assert barriers(page, options.get("color_scheme", "light")) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_manager_finds_somebody_sees_why_and_takes_the_list_along(
    way: str, visit: Callable[..., Visit], house: House
) -> None:
    use, options = WAYS[way]
    who = house.person(house.newcomer("Petra Filter")).name
    manager = visit("manager", **options)
    page, hand = manager.page, use(manager.page)
    manager.go("/team")
    clear(page, options)

    hand.write(page.get_by_role("searchbox", name="Name"), who)
    page.get_by_label("Status").select_option(label="Not started")
    page.get_by_label("Sorted by").select_option(label="Weakest first")
    hand.press(page.get_by_role("button", name="Show"))
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_label("Status")).to_have_value("not started")
    clear(page, options)

    with page.expect_download() as download:
        hand.follow(page.get_by_role("link", name="Download as CSV"))
    assert who in download.value.path().read_text("utf-8-sig")

    hand.follow(page.get_by_role("cell").get_by_role("link", name="Not started").first)
    expect(page.get_by_role("heading", level=1, name=who)).to_be_visible()
    expect(page.get_by_text("Nothing is recorded yet.")).to_be_visible()
    clear(page, options)
    hand.back()
    expect(page.get_by_label("Sorted by")).to_have_value("weakest")

    hand.follow(page.get_by_role("link", name="Expires within 30 days"))
    expect(page.get_by_role("heading", name="Nothing expires that soon")).to_be_visible()
    clear(page, options)
    hand.follow(page.get_by_role("link", name="Show everybody"))
    expect(page.get_by_role("rowheader").nth(1)).to_be_visible()


STUCK = """() => {
  const box = (it) => it.getBoundingClientRect(), team = document.querySelector(".team");
  team.scrollTo(120, 200);
  const place = box(team), head = box(team.querySelector("thead th:nth-child(2)"));
  const names = [...team.querySelectorAll("tbody th")].map(box).filter((it) => it.bottom > place.top + head.height);
  return {
    scrolled: [team.scrollLeft, team.scrollTop],
    head: Math.round(head.top - place.top),
    name: Math.round(names[0].left - place.left),
  };
}"""


@pytest.mark.parametrize("width", [768, 1280, 1440])
def test_names_and_competencies_stay_in_view(width: int, visit: Callable[..., Visit], house: House) -> None:
    for _ in range(26):
        house.newcomer()
    manager = visit("manager", viewport={"width": width, "height": 700})
    page = manager.go("/team")
    page.evaluate("document.querySelector('.team table').style.width = '2000px'")
    found = page.evaluate(STUCK)
    assert min(found["scrolled"]) > 0, "it does not scroll, so nothing is tested"
    assert (abs(found["head"] - 1) <= 1, found["name"]) == (True, 0), found


def test_on_a_phone_the_name_stays_over_its_competencies(visit: Callable[..., Visit]) -> None:
    page = visit("manager", viewport={"width": 390, "height": 500}).go("/team")
    card = page.get_by_role("row").filter(has=page.get_by_role("rowheader")).first
    top = card.evaluate("it => { scrollBy(0, it.getBoundingClientRect().top + 30); return 0; }")
    assert top == 0
    expect(page.get_by_role("rowheader").first).to_be_in_viewport()
    assert page.get_by_role("rowheader").first.evaluate("it => Math.round(it.getBoundingClientRect().top)") == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_manager_finds_what_is_overdue_from_today_on(way: str, visit: Callable[..., Visit], house: House) -> None:
    use, options = WAYS[way]
    late, soon = (house.person(house.newcomer(f"{name} {way}")) for name in ("Late", "Soon"))
    actor, now = house.world.actor("manager"), datetime.now(UTC)
    then = now - timedelta(days=30)
    for who, days in ((late, -2), (soon, 5)):
        what = ("tiny", [who.id], now.date() + timedelta(days=days))
        house.world.do(lambda session, what=what: assignments.assign(session, actor, then, *what))
    manager = visit("manager", **options)
    page, hand = manager.page, use(manager.page)
    hand.follow(page.get_by_role("link", name="See the assignments"))
    expect(page.get_by_role("heading", level=1, name="Open assignments")).to_be_visible()
    clear(page, options)
    page.get_by_role("combobox", name="Due").select_option(label="Overdue")
    hand.press(page.get_by_role("button", name="Show"))
    expect(page.get_by_role("rowheader").filter(has_text=late.name)).to_have_count(1)
    expect(page.get_by_role("rowheader").filter(has_text=soon.name)).to_have_count(0)
    clear(page, options)
    page.get_by_role("combobox", name="Due").select_option(label="Due later")
    hand.press(page.get_by_role("button", name="Show"))
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    clear(page, options)
    hand.follow(page.get_by_role("link", name="Show all"))
    hand.follow(page.get_by_role("link", name=late.name))
    assigned = page.get_by_role("region", name="Open assignments")
    expect(assigned).to_contain_text("Overdue")
    clear(page, options)
    hand.follow(page.get_by_role("link", name="All open assignments"))
    expect(page.get_by_role("rowheader").filter(has_text=soon.name)).to_have_count(1)


@pytest.mark.parametrize("way", WAYS)
def test_a_manager_assigns_a_course_to_all_a_filter_finds(way: str, visit: Callable[..., Visit], house: House) -> None:
    use, options = WAYS[way]
    first, _ = emails = [house.newcomer(f"Ines {way}") for _ in range(2)]
    manager = visit("manager", **options)
    page, hand = manager.page, use(manager.page)
    manager.go("/team")
    hand.write(page.get_by_role("searchbox", name="Name"), f"Ines {way}")
    hand.press(page.get_by_role("button", name="Show"))
    hand.follow(page.get_by_role("link", name="Assign a course to these 2 people"))
    expect(page.get_by_role("heading", level=1, name="Assign a course")).to_be_visible()
    clear(page, options)
    manager.pardon("status of 422")
    hand.press(page.get_by_role("button", name="Go on"))
    expect(page.get_by_role("alert")).to_have_text("Enter the day it is due, such as 2027-03-31.")
    page.get_by_label("Due on").fill(f"{NEXT_YEAR}-03-31")
    hand.press(page.get_by_role("button", name="Go on"))
    expect(page.get_by_text(f"2 people get the course, due on 31 Mar {NEXT_YEAR}.")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    clear(page, options)
    hand.press(page.get_by_role("button", name="Assign the course"))
    expect(page.get_by_role("status").first).to_contain_text(
        f"2 people have the course now, due on 31 Mar {NEXT_YEAR}."
    )
    expect(page.get_by_role("searchbox", name="Name")).to_have_value(f"Ines {way}")

    for email in emails:
        trainee = visit(email, **options)
        reason = trainee.page.get_by_text(f"Assigned by your clinic manager, due 31 Mar {NEXT_YEAR}.")
        expect(reason.first).to_be_visible()
        clear(trainee.page, options)
    hand.follow(page.get_by_role("link", name="Assign a course to these 2 people"))
    page.get_by_label("Due on").fill(f"{NEXT_YEAR}-04-30")
    hand.press(page.get_by_role("button", name="Go on"))
    others = page.get_by_role("group", name="2 people have it already, due on another day")
    expect(others).to_be_visible()
    hand.choose(others, [f"It is due on 30 Apr {NEXT_YEAR} for them too"])
    clear(page, options)
    hand.press(page.get_by_role("button", name="Assign the course"))
    expect(page.get_by_text("For 2 people the day moved.")).to_be_visible()
    again = visit(first, **options)
    expect(again.page.get_by_text(f"due 30 Apr {NEXT_YEAR}.").first).to_be_visible()
