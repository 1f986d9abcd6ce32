"""Ways to use a page: with a mouse, or with nothing but the keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 120


def _offered(select: Locator, words: str) -> str:
    """What a list offers that ends in these words."""
    return next(one for one in select.locator("option").all_inner_texts() if one.endswith(words))


@dataclass
class Mouse:
    """Clicks and types."""

    page: Page

    def follow(self, link: Locator) -> None:
        link.click()

    def press(self, button: Locator) -> None:
        button.click()

    def choose(self, question: Locator, options: Sequence[str]) -> None:
        for name in options:
            question.get_by_label(name, exact=True).check()

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def pick(self, select: Locator, words: str) -> None:
        select.select_option(label=_offered(select, words))

    def back(self) -> None:
        self.page.go_back()


@dataclass
class Keyboard:
    """Tab, Space, Enter and the arrows only, as somebody who never touches a mouse."""

    page: Page

    def reach(self, target: Locator) -> None:
        """Tabs until the target has the focus."""
        expect(target).to_be_visible()
        there = target.element_handle()
        for _ in range(MOST_STOPS):
            if there and there.evaluate("it => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def follow(self, link: Locator) -> None:
        self.reach(link)
        self.page.keyboard.press("Enter")

    def pick(self, select: Locator, words: str) -> None:
        self.reach(select)
        wanted = _offered(select, words)
        while select.evaluate("it => it.selectedOptions[0].label") != wanted:
            self.page.keyboard.press("ArrowDown")

    def press(self, button: Locator) -> None:
        self.reach(button)
        self.page.keyboard.press("Space")

    def choose(self, question: Locator, options: Sequence[str]) -> None:
        radios = question.get_by_role("radio")
        for name in options:
            wanted = question.get_by_label(name, exact=True)
            if not radios.count():
                self.reach(wanted)
                self.page.keyboard.press("Space")
                continue
            checked = question.get_by_role("radio", checked=True)
            self.reach(checked.first if checked.count() else radios.first)
            self.page.keyboard.press("Space")
            for _ in range(radios.count()):
                if wanted.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        for name in options:
            expect(question.get_by_label(name, exact=True)).to_be_checked()

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.type(text)

    def back(self) -> None:
        self.page.go_back()  # Alt and an arrow, which a Chromium without a window does not know
