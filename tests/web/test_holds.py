"""A question that may be wrong, by pages: what an educator is told before, and what takers read meanwhile."""

import re
import sys

import pytest

from mesotrain.core.holds import OUT, RIGHT
from tests.actions import essays, examining
from tests.actions.taking import sit, start
from tests.actions.test_holds import hold, lift, sat_whole, work
from tests.actions.test_release import publish
from tests.world import Browser, World


def text(browser: Browser, path: str, status: int = 200) -> str:
    """A page's words, its tags and breaks taken off."""
    reply = browser.get(path)
    assert reply.status_code == status, path
    return " ".join(re.sub("<[^>]*>", " ", reply.get_data(as_text=True)).split())


def test_an_educator_holds_a_question_from_its_page_and_says_how_that_ends(world: World) -> None:
    publish(world, questions=3)
    browser, taking = world.client("educator"), start(world)
    assert "nobody new is asked it" in text(browser, "/questions/tiny/bas-0002")
    refused = browser.post("/questions/tiny/bas-0002/hold", {"reason": " "})
    assert (refused.status_code, "Say why." in refused.get_data(as_text=True)) == (409, True)
    reply = browser.post("/questions/tiny/bas-0002/hold", {"reason": "Two are right."})
    page = reply.headers["Location"]
    assert (reply.status_code, bool(re.fullmatch(r"/holds/\d+", page))) == (303, True)
    taking.finish()
    said = text(browser, page)
    assert "by Edda Educator : Two are right." in said.replace("Educator:", "Educator :")
    assert "result waits for it." in said or "0 results wait for it." in said
    assert "Held since" in text(browser, "/questions/tiny/bas-0002")
    assert "Two are right." in text(browser, "/questions"), "it stands on top of the list"
    again = browser.post("/questions/tiny/bas-0002/hold", {"reason": "Again."})
    assert (again.status_code, "held already" in again.get_data(as_text=True)) == (409, True)
    for fields, fault in (({"reason": "Seen."}, "Choose how it ends."), ({"ending": OUT}, "Say why.")):
        wrong = browser.post(f"{page}/lift", fields)
        assert (wrong.status_code, fault in wrong.get_data(as_text=True)) == (422, True)
    assert browser.post(f"{page}/lift", {"ending": OUT, "reason": "It has two keys."}).status_code == 303
    said = text(browser, page)
    assert "It has two keys." in said
    assert "Held no more" in said
    assert "left out as it stands" in text(browser, "/questions/tiny/bas-0002")
    assert "Held now" not in text(browser, "/questions")


def test_its_author_reads_beforehand_what_could_not_be_begun_without_it(world: World) -> None:
    examining.publish(world)
    browser = world.client("educator")
    page = text(browser, "/questions/tiny/bas-0003")
    assert "The final exam needs 1 questions of Extras, Apply and has 0 without this one." in page
    assert "The basics needs 4 questions and has 3 without this one." in page
    assert "without this one" not in text(browser, "/questions/tiny/bas-0005"), "no quiz draws a practice question"
    hold(world, "bas-0003")
    assert "The final exam needs 1 questions of Extras, Apply and has 0" in text(browser, "/questions/tiny/bas-0003")
    taker = world.client("trainee")
    reply = taker.post("/courses/tiny/final/attempts")
    assert (reply.status_code, "too few are left" in reply.get_data(as_text=True)) == (409, True)


def test_a_taker_whose_result_waits_reads_why_and_may_begin_again(world: World) -> None:
    taking = sat_whole(world)
    number = hold(world)
    taking.answer(4)
    taking.finish()
    browser, result = world.client("trainee"), f"/attempts/{taking.attempt}/result"
    page = text(browser, result)
    assert "One question of this quiz is being looked at. Your result comes when that is done." in page
    assert "People mark" not in page
    assert "bas-0002" not in page
    assert "Two are right" not in page
    assert "A question of it is being looked at" in text(browser, "/")
    lesson = text(browser, "/courses/tiny/basics")
    assert "A question of it is being looked at" in lesson
    assert "Start the quiz" in lesson
    assert "did not pass" not in lesson
    lift(world, number, OUT)
    assert "Your result is being worked out" in text(browser, result)
    work(world)
    page = text(browser, result)
    assert "3 of 3 points" in page
    assert "1 question was found wrong and left out: the score is that of the others." in page
    assert "CANARY-REASON" in page
    assert page.count("Question 2 of") <= 1


def test_a_result_goes_out_as_it_is_where_the_question_was_right(world: World) -> None:
    taking = start(world)
    number = hold(world)
    taking.answer(3)
    taking.finish()
    lift(world, number, RIGHT)
    work(world)
    page = text(world.client("trainee"), f"/attempts/{taking.attempt}/result")
    assert "3 of 4 points" in page
    assert "left out" not in page


def test_each_share_is_said_with_its_standard_error_and_one_question_says_little(world: World) -> None:
    examining.publish(world)
    taking = sit(world, "trainee", 3)
    page = text(world.client("trainee"), f"/attempts/{taking.attempt}/result")
    assert re.search(r"Basics 2 of 3 66% ± 34 |Basics 3 of 3 100% ", page)
    assert re.search(r"Extras [01] of 1 (0|100)% One question says little\.", page)
    assert "Small numbers of questions say little." in page


DOUBTED = (
    "1 question of it is held now because it may be wrong, or was found wrong since. This result stays as it went out. "
)


def test_a_released_result_says_what_it_said_and_that_a_question_of_it_is_in_doubt(world: World) -> None:
    taking = sit(world, "trainee", 3)
    browser, url = world.client("trainee"), f"/attempts/{taking.attempt}/result"
    before = text(browser, url)
    number = hold(world)
    held = text(browser, url)
    assert DOUBTED in held
    assert held.replace(DOUBTED, "") == before
    lift(world, number, OUT)
    work(world)
    assert text(browser, url) == held


def test_a_question_that_was_right_is_in_doubt_no_more(world: World) -> None:
    taking = sit(world, "trainee", 3)
    lift(world, hold(world), RIGHT)
    assert DOUBTED not in text(world.client("trainee"), f"/attempts/{taking.attempt}/result")


def test_many_questions_are_shown_a_bank_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    essays.publish(world)
    browser = world.client("educator")
    assert browser.get("/questions").get_data(as_text=True).count('<h2 id="bank-') == 2
    monkeypatch.setattr(sys.modules["mesotrain.web.questions"], "AT_ONCE", 3)
    first = browser.get("/questions").get_data(as_text=True)
    assert first.count('<h2 id="bank-') == 1
    others = re.findall(r'href="(/questions\?bank=\d+)"', first)
    shown = {re.findall(r'<h2 id="bank-1">([^<]+)', browser.get(url).get_data(as_text=True))[0] for url in others}
    assert len(shown) == len(others) == 2
    assert browser.get("/questions?bank=99999").status_code == 200
