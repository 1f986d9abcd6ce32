"""The pages of whoever marks, and what a taker sees while and after people mark."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from mesotrain.actions import people
from mesotrain.core.access import EDUCATOR, TRAINEE
from mesotrain.store.db import db
from mesotrain.store.papers import slots
from tests.actions.essays import LESSON, ONE_OF_THEM, TWO_OF_THEM, Written, educator, publish, write
from tests.world import Browser, World

TAKER = ("Tess", "trainee@", "Quay")
ALL_OF_IT = {"criterion.0": "2", "criterion.1": "2"}


@pytest.fixture
def written(world: World) -> Iterator[Written]:
    """A trainee's attempt with both essays, handed in."""
    publish(world)
    return write(world)


def text(browser: Browser, url: str) -> str:
    reply = browser.get(url)
    assert reply.status_code == 200, url
    return re.sub(r"\s+", " ", reply.get_data(as_text=True))


def page_of(written: Written, stem: str) -> str:
    return f"/marking/{written.attempt}/{written.places[stem]}"


def test_an_educator_finds_the_oldest_first_and_never_a_name(world: World, written: Written) -> None:
    browser = world.client("educator")
    world.clock.forward(hours=1)
    write(world, "colleague", stems=[ONE_OF_THEM])
    assert "3 answers wait for somebody to mark them" in text(browser, "/")
    listed = text(browser, "/marking")
    assert "3 answers wait for you" in listed
    assert [int(one) for one in re.findall(r'href="/marking/(\d+)/', listed)] == [written.attempt] * 2 + [
        written.attempt + 1
    ]
    pages = [listed, *(text(browser, page_of(written, stem)) for stem in written.places)]
    assert [word for word in (*TAKER, "Colin") for page in pages if word in page] == []
    one = text(browser, page_of(written, ONE_OF_THEM))
    for said in (
        "SHOWN-ONE",
        "1, 2, 3, 4.",
        "RUBRIC-A",
        "RUBRIC-WHY-A",
        "RUBRIC-B",
        "RUBRIC-WHY",
        "Criterion 2, at most 2",
    ):
        assert said in one, said
    assert len(re.findall(r'type="radio" name="criterion\.0"', one)) == 5, "0 to 2 in halves"


def test_marks_end_the_attempt_and_its_taker_sees_points_and_comments_and_nobodys_name(
    world: World, written: Written
) -> None:
    browser, taker = world.client("educator"), world.client("trainee")
    assert "Being marked: Written" in text(taker, f"/attempts/{written.attempt}/result")
    reply = browser.post(page_of(written, ONE_OF_THEM), {**ALL_OF_IT, "criterion.1": "3/2", "comment": "Say\r\nmore."})
    assert reply.headers["Location"] == "/marking"
    written.mark(world.actor("educator"), TWO_OF_THEM, 3, 1)
    assert "Being marked" in text(taker, f"/attempts/{written.attempt}/result")
    written.mark(educator(world, "Second Sight"), TWO_OF_THEM, 2.5, 1)
    result = text(taker, f"/attempts/{written.attempt}/result")
    for said in ("You passed Written", "Points: 1.5 of 2", "Points: 2.75 of 3", "Say more.", "RUBRIC-WHY-A"):
        assert said in result, said
    assert [name for name in ("Edda", "Second Sight") if name in result] == []
    done = text(browser, page_of(written, TWO_OF_THEM))
    for said in ("Marker 1: 3", "Marker 2: 2.5", "differ by 0.5", "same"):
        assert said in done, said
    agreed = text(browser, "/marking/agreement")
    assert "50% the same; on average 0.25 points apart" in agreed
    assert f'href="{page_of(written, TWO_OF_THEM)}"' in agreed
    assert [name for name in TAKER if name in done + agreed] == []


def test_a_second_marker_sees_nothing_of_the_first(world: World, written: Written) -> None:
    educator(world, "Second Sight", email="second@example.org")
    first, second = world.client("educator"), world.client("second")
    page = page_of(written, TWO_OF_THEM)
    before = text(second, page)
    first.post(page, {"criterion.0": "5/2", "criterion.1": "1/2", "comment": "FIRST-COMMENT"})
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    assert token.sub("", text(second, page)) == token.sub("", before), "not even that there is one"
    assert "You have marked this answer" in text(first, page)
    assert "FIRST-COMMENT" not in text(first, page)


def test_nothing_that_was_chosen_or_typed_is_lost_where_a_mark_is_refused(world: World, written: Written) -> None:
    browser, page = world.client("educator"), page_of(written, ONE_OF_THEM)
    for given, said in (
        ({"criterion.0": "3/2"}, "Give criterion 2 its points."),
        ({"criterion.0": "3/2", "criterion.1": "99"}, "Give criterion 2 its points."),
        ({"criterion.0": "3/2", "criterion.1": "1", "comment": "x" * 2001}, "comment is too long"),
    ):
        reply = browser.post(page, {"comment": "Kept &amp; typed", **given})
        shown = reply.get_data(as_text=True)
        assert (reply.status_code, said in shown) == (422, True)
        assert 'name="criterion.0" value="3/2" checked' in shown
        assert "Kept &amp;amp; typed" in shown or "x" * 2001 in shown
    written.mark(educator(world, "Second Sight"), ONE_OF_THEM, 1, 1)
    reply = browser.post(page, {**ALL_OF_IT, "comment": "Kept too"})
    assert (reply.status_code, "Kept too" in reply.get_data(as_text=True)) == (422, True)
    assert "needs no further mark" in reply.get_data(as_text=True)


def test_an_educator_who_sits_a_quiz_never_meets_their_own_answers(world: World) -> None:
    publish(world)
    both = [(EDUCATOR, None), (TRAINEE, world.ids["Quay"])]
    administrator = world.actor("administrator")
    person = world.ids["trainee"]
    world.do(lambda session: people.change_roles(session, administrator, world.clock(), person, both))
    written = write(world)
    browser = world.client("trainee")
    assert "Nothing waits for you" in text(browser, "/marking")
    for reply in (browser.get(page_of(written, ONE_OF_THEM)), browser.post(page_of(written, ONE_OF_THEM), ALL_OF_IT)):
        assert reply.status_code == 404


def test_what_waits_is_told_wherever_the_taker_looks(world: World, written: Written) -> None:
    taker = world.client("trainee")
    said = "people are marking it"
    for url in ("/", "/courses/essays", "/courses/essays/written"):
        assert said in text(taker, url), url
        assert "did not pass" not in text(taker, url)
    reply = taker.post("/courses/essays/written/attempts")
    assert (reply.status_code, "marking your last attempt" in reply.get_data(as_text=True)) == (409, True)
    assert taker.get(f"/attempts/{written.attempt}").status_code == 303
    written.mark(world.actor("educator"), ONE_OF_THEM, 0, 0)
    written.mark(world.actor("educator"), TWO_OF_THEM, 0, 0)
    written.mark(educator(world, "Second Sight"), TWO_OF_THEM, 0, 0)
    assert "Not passed yet" in text(taker, "/")
    assert "people are marking it" not in text(taker, "/courses/essays/written")


def test_before_handing_in_the_taker_is_told_that_people_mark_it(world: World) -> None:
    publish(world)
    written = write(world, finish=False)
    assert "the result comes later" in text(world.client("trainee"), f"/attempts/{written.attempt}/finish")
    other = write(world, "colleague", stems=[], finish=False)
    assert "the result comes later" not in text(world.client("colleague"), f"/attempts/{other.attempt}/finish")


def test_a_quiz_that_never_shows_its_answers_shows_no_rubric_after_marking(world: World) -> None:
    publish(world, LESSON.replace("after submit", "never"))
    written = write(world, stems=[ONE_OF_THEM])
    written.mark(world.actor("educator"), ONE_OF_THEM, 2, 2, comment="COMMENT")
    result = text(world.client("trainee"), f"/attempts/{written.attempt}/result")
    assert [word for word in ("RUBRIC", "COMMENT") if word in result] == []
    assert "You see your score, and no answers." in result


def test_how_long_an_essay_is_is_told_and_all_of_it_kept(world: World) -> None:
    publish(world)
    written = write(world, stems=[], finish=False)
    taker, place = world.client("trainee"), written.places[TWO_OF_THEM]
    for words, said in ((2, "Words: 2. Fewer than asked for."), (3, "Words: 3.<"), (51, "Words: 51. More than asked")):
        answer = " ".join(["\u00e9t\u00e9"] * words)
        assert taker.save(written.attempt, place, {"answer": [answer]}).status_code == 200
        page = text(taker, f"/attempts/{written.attempt}").replace(" </p>", "</p>")
        assert said in page, said
        assert answer in page
    assert taker.save(written.attempt, place, {"answer": ["x" * 10_000], "flag": ["1"]}).status_code == 200
    reply = taker.save(written.attempt, place, {"answer": ["x" * 12_001]})
    assert (reply.status_code, "Shorten it" in reply.get_data(as_text=True)) == (409, True)


def test_line_ends_of_a_form_are_no_change_and_overwrite_nothing(world: World) -> None:
    """A browser sends a text it was shown with other line ends than a script does."""
    publish(world)
    written = write(world, stems=[], finish=False)
    taker, place = world.client("trainee"), written.places[ONE_OF_THEM]
    old = taker.save(written.attempt, place, {"answer": ["one\n\ntwo"]}).get_json()["saved"]
    taker.save(written.attempt, place, {"answer": ["another window\nsays this"]})
    stale = {f"{place}.seen": str(old), f"{place}.answer": "one\r\n\r\ntwo"}
    assert taker.post(f"/attempts/{written.attempt}/answers", stale).status_code == 303
    with world.session() as session:
        kept = next(one.fields for one in slots(session, written.attempt) if one.position == place)
    assert kept == {"answer": ["another window\nsays this"]}


def count(world: World, browser: Browser, url: str) -> int:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            heard.append(statement)

    with world.app.app_context():
        engine: Any = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        assert browser.get(url).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return len(heard)


def test_queries_are_few_and_do_not_grow_with_what_waits(world: World, written: Written) -> None:
    browser, taker, one = world.client("educator"), world.client("trainee"), world.actor("educator")
    written.mark(one, TWO_OF_THEM, 3, 1)
    urls = ["/", "/marking", "/marking/agreement", page_of(written, ONE_OF_THEM)]
    mine = ["/", "/courses/essays", f"/attempts/{written.attempt}/result"]

    def counts() -> list[int]:
        return [count(world, browser, url) for url in urls] + [count(world, taker, url) for url in mine]

    counts()  # the first visit of a process asks of its schema too
    few = counts()
    other = educator(world, "Second Sight")
    for who in ("colleague", "elsewhere"):
        for _ in range(3):
            more = write(world, who)
            more.mark(one, ONE_OF_THEM, 0, 0)
            more.mark(one, TWO_OF_THEM, 0, 0)
            more.mark(other, TWO_OF_THEM, 0, 0)
        write(world, who)
    assert counts() == few
    assert max(few) <= 6, few


def test_who_has_marked_is_told_that_another_must(world: World, written: Written) -> None:
    browser, told = world.client("educator"), "1 answer that you have marked waits for another educator"
    assert told not in text(browser, "/marking")
    browser.post(page_of(written, TWO_OF_THEM), {"criterion.0": "3", "criterion.1": "1"})
    assert told in text(browser, "/marking")
    educator(world, "Second Sight", email="second@example.org")
    other = world.client("second")
    other.post(page_of(written, TWO_OF_THEM), {"criterion.0": "0", "criterion.1": "0"})
    assert told in text(browser, "/marking"), "they lie apart, so a third is needed"
    assert told in text(other, "/marking")


def test_the_comment_of_a_mark_that_does_not_count_is_not_told(world: World, written: Written) -> None:
    written.mark(world.actor("educator"), ONE_OF_THEM, 2, 2)
    given = {"First Sight": (3, 1, "COUNTS"), "Second Sight": (0, 0, "STRAYS"), "Third Sight": (3, 0.5, "ALSO")}
    for name, (one, other, comment) in given.items():
        marker = educator(world, name, email=f"{name[:3]}@example.org")
        written.mark(marker, TWO_OF_THEM, one, other, comment=comment)
    result = text(world.client("trainee"), f"/attempts/{written.attempt}/result")
    assert [comment for _, _, comment in given.values() if comment in result] == ["COUNTS", "ALSO"]
