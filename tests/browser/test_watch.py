"""Controls: what goes wrong on a page is noticed, so that a page nobody complained about was a good one."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visit, on_sqlite

pytestmark = on_sqlite

ELSEWHERE = "http://localhost:9/"

WRONGS = {
    "an error in the console": ("console.error('broken')", ["broken"]),
    "a warning in the console": ("console.warn('doubtful')", ["doubtful"]),
    "an error nobody catches": ("setTimeout(() => { throw new Error('thrown') })", ["page error: thrown"]),
    "a script in the page": (
        "document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))",
        ["Content Security Policy"],
    ),
    "a style in the page": ("document.body.setAttribute('style', 'color: red')", ["Content Security Policy"]),
    "an address that is not there": ("fetch('/nowhere')", ["status of 404"]),
    "another host": (f"location = '{ELSEWHERE}'", [f"asked another host: {ELSEWHERE}", "ERR_"]),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_what_goes_wrong_on_a_page_is_noticed_control(wrong: str, visit: Callable[..., Visit]) -> None:
    script, words = WRONGS[wrong]
    there = visit()
    page = there.go("/sign-in")
    there.pardon(*words)
    page.evaluate(f"setTimeout(() => {{ {script} }})")
    for _ in range(100):
        if there.used == set(words):
            break
        page.wait_for_timeout(50)
    assert there.used == set(words)
    assert there.faults == []


def test_a_pardon_that_nothing_needs_is_a_fault_control(visit: Callable[..., Visit]) -> None:
    there = visit()
    there.go("/sign-in")
    there.pardon("status of 404")
    assert there.judge() == ["pardoned, but never came: status of 404"]
