"""What others wrote to break out of Markdown, in every place where a course's text is shown, in a real browser.

The browser is told to ignore the content security policy, which would stop these scripts too: what is tried here is
the sanitiser alone. A control page shows that a payload that gets through is seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from mesotrain.actions import courses
from mesotrain.core.canonical import Json
from mesotrain.core.courses import Course, Question, Reference, Section, Source
from mesotrain.core.questions import Part, option_id
from mesotrain.store import catalogue, reading
from tests.browser.conftest import on_sqlite, served, signed_in
from tests.world import Engine, World, tiny_course

pytestmark = on_sqlite

FIRED = """
window.fired = [];
for (const name of ["alert", "confirm", "prompt", "print", "XSS", "xss", "open"]) {
  window[name] = (...said) => { window.fired.push(`${name} ${said}`); return null; };
}
"""
CONTROL = "<img src=x onerror=alert(1)><svg onload=alert(2)></svg><a href='javascript:alert(3)'>x</a>"
ACTS = """() => [
  ...window.fired,
  ...[...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
    .filter(({ name, value }) => name.startsWith("on")
      || (name !== "title" && name !== "alt" && name !== "value" && /^\\s*(javascript|data|vbscript):/i.test(value)))
    .map(({ name, value }) => `${name}=${value}`)),
  ...[...document.querySelectorAll("main :is(script, style, iframe, object, embed, base, meta)")]
    .map((element) => element.outerHTML),
]"""
PRACTISED = -20
"""From here on the questions are practised."""
PIECES = 5
"""Payloads a question holds: its stem, two options, a reason of one and its own."""


def hostile_course(payloads: list[str]) -> Course:
    """The tiny course with a payload in each place that an author writes."""
    course, given = tiny_course(), [text.replace("\x00", "") for text in payloads]
    module = course.modules[0]
    sections = [
        Section(f"s{number}", text[:200], f'A. {text}\n\n{text}\n\n!!! note "{text}"\n    {text}', {"A": text})
        for number, text in enumerate(given)
    ]
    rows = [given[at : at + PIECES] for at in range(0, len(given) - PIECES, PIECES)]
    questions = [_question(module.questions[0], number, row) for number, row in enumerate(rows)]
    questions[PRACTISED:] = [replace(one, practice=True) for one in questions[PRACTISED:]]
    sources = tuple(Source(str(number), text, "https://example.org/", text) for number, text in enumerate(given))
    hostile = replace(
        module,
        title=given[0],
        summary=given[-1],
        outcomes=tuple(given),
        sections=tuple(sections),
        questions=tuple(questions),
        quiz=replace(module.quiz, questions=len(questions[:PRACTISED])),
    )
    return replace(course, title=given[0], modules=(hostile,), references=(Reference("I01", "GK", sources, given[1]),))


def _question(like: Question, number: int, row: list[str]) -> Question:
    stem, first, second, reason, why = row
    options: list[Json] = [
        {"id": option_id(f"{number} {place}"), "text": text} for place, text in enumerate((first, second))
    ]
    taker: Part = {"type": "single", "stem": stem, "options": options, "shuffle": True}
    right = option_id(f"{number} 0")
    key: Part = {"credit": {right: "1"}, "reasons": {right: reason}, "reason": why}
    return replace(like, name=f"hst-{number:04}", taker=taker, key=key, points=Fraction(1), source="\n".join(row))


def write_notes(world: World, payloads: list[str]) -> None:
    """A payload as a reader's own note under every section, and some sections read."""
    reader, now = world.actor("trainee"), world.clock()

    def work(session: Session) -> None:
        module = catalogue.live_module(session, reader, "tiny", "basics").module
        for number, text in enumerate(payloads):
            kept = {"note": text.replace("\x00", ""), "read_version": text[:10] if number % 2 else None}
            reading.keep(session, reader, now, module.course_id, module.id, f"s{number}", **kept)

    world.do(work)


@contextmanager
def watched(chromium: Browser, who: str, world: World, address: str) -> Iterator[Page]:
    state = signed_in(world.app, f"{who}@example.org")
    context = chromium.new_context(bypass_csp=True, storage_state=state, base_url=address)  # type: ignore[arg-type]
    context.add_init_script(FIRED)
    yield context.new_page()
    context.close()


def fired(page: Page) -> list[str]:
    """What a page did or would do when it is touched; every element has had the focus and the pointer over it."""
    page.evaluate(
        """() => { for (const element of document.querySelectorAll("main *")) {
          for (const kind of ["mouseover", "mouseenter", "focus", "error", "load", "toggle"]) {
            element.dispatchEvent(new Event(kind)); } } }"""
    )
    page.wait_for_timeout(300)
    found: list[str] = page.evaluate(ACTS)
    return found


def test_no_payload_acts_anywhere(
    engine: Engine, chromium: Browser, hostile: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = engine.world()
    course = hostile_course(hostile)
    world.do(lambda session: courses.publish(session, world.clock(), course, change="safety"))
    write_notes(world, hostile)
    shown: dict[str, int] = {}
    with served(world.environment, tmp_path / "server.log") as address:
        with watched(chromium, "trainee", world, address) as page:
            for path in ("/", "/courses/tiny", "/courses/tiny/basics", "/search?q=alert", "/search?q=a", "/practice"):
                page.goto(path)
                assert fired(page) == [], path
                shown[path] = page.locator("main *").count()
            assert page.get_by_role("group").count()
            for _ in range(3):
                page.goto("/practice")
                page.locator("[type=radio]").first.check()
                page.get_by_role("button", name="Check").click()
                assert page.locator("article.review").count()
                assert fired(page) == []
            page.goto("/courses/tiny/basics")
            page.locator("section.next button").click()
            page.wait_for_url("**/attempts/*?lease=*")
            assert fired(page) == []
            shown["sitting"] = page.locator("fieldset").count()
            page.get_by_role("button", name="Review and hand in").click()
            page.get_by_role("button", name="Hand in").click()
            page.wait_for_url("**/result**")
            assert fired(page) == []
            shown["review"] = page.locator("article.review").count()
            page.set_content(CONTROL)
            page.wait_for_timeout(300)
            control = page.evaluate(ACTS)
        with watched(chromium, "educator", world, address) as page:
            for path in ("/questions", "/questions/tiny/hst-0000", "/questions/tiny/hst-0100"):
                page.goto(path)
                assert fired(page) == [], path
        with watched(chromium, "manager", world, address) as page:
            page.goto(f"/team/{world.ids['trainee']}")
            assert fired(page) == []
    world.close()
    figure = (
        f"payloads={len(hostile)} executions=0 elements={shown['/courses/tiny/basics']} questions={shown['sitting']}"
    )
    with capsys.disabled():
        print(f"\nfigure hostile {figure}")  # noqa: T201 (a figure)
    assert {"alert 1", "alert 2"} <= set(control), "the control did not fire: the test sees nothing"
    assert "href=javascript:alert(3)" in control
    assert shown["sitting"] == shown["review"] == len(course.modules[0].questions[:PRACTISED])
    assert shown["/search?q=a"] > 20
