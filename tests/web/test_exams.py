"""An exam by browser without script: its page, one question after another, what stays, and where its keys are shown."""

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Text, select, type_coerce

from mesotrain.actions import reading
from mesotrain.store.courses import ModuleVersion, QuestionKey, QuestionVersion
from tests.actions import test_safety as safety
from tests.actions.examining import PLAN, begin, publish
from tests.actions.taking import start
from tests.world import Browser, World

EXAM = "/courses/tiny/final"


def text(browser: Browser, path: str) -> str:
    reply = browser.get(path, follow_redirects=True)
    assert reply.status_code == 200
    return reply.get_data(as_text=True)


def numbers(page: str) -> list[int]:
    """The questions that a page asks."""
    return [int(one) for one in re.findall(r'data-slot="(\d+)"', page)]


def press(browser: Browser, attempt: int, then: str, at: int = 0, **fields: Any) -> str:
    """Presses a button of the sitting; gives where it leads."""
    page = f"/attempts/{attempt}" + (f"?at={at}" if at else "")
    seen = re.findall(r'name="(\d+\.seen)" value="(\d+)"', text(browser, page))
    reply = browser.post(f"/attempts/{attempt}/answers", {"then": then, "at": at, **dict(seen), **fields}, page=page)
    assert reply.status_code == 303, reply.get_data(as_text=True)
    return str(reply.headers["Location"])


def form(world: World, attempt: int, position: int) -> dict[str, Any]:
    return {f"{position}.{name}": values for name, values in world.right_answers(attempt)[position].items()}


def test_an_exam_says_its_rules_before_it_begins_and_its_trial_is_kept_nowhere(world: World) -> None:
    publish(world, closes="2027-03-12 12:00", closing="ends attempts", certainty=True, attempts=2, within_days=30)
    browser = world.client("trainee")
    page = text(browser, EXAM)
    for said in (
        *("3 questions", "20 minutes", "pass mark 66%", "Take <strong>your time</strong>.", "Basics: ", "Extras: "),
        *("It closes at 12 Mar 2027, 12:00 GMT.", "Whatever is open then is handed in."),
        *("at most 2 attempts in 30 days", "how sure you are", "Start the exam"),
    ):
        assert said in page, said
    assert "Right" not in re.sub("<[^>]*>", "", page)
    assert "Right</span>" in text(browser, f"{EXAM}?trial=tuesday")
    assert "Not right</span>" in text(browser, f"{EXAM}?trial=noon")
    assert "checked" not in text(browser, f"{EXAM}?trial=anything")
    assert "The final exam" in text(browser, "/courses/tiny")
    assert "The final exam" in text(browser, "/")
    attempt = browser.hold(browser.post(f"{EXAM}/attempts"))
    assert "How sure are you?" in text(browser, f"/attempts/{attempt}")
    assert "Go on with your exam" in text(browser, EXAM)


def test_an_exam_that_is_shut_says_when_it_opens_or_closed(world: World) -> None:
    publish(world, opens="2027-03-12 10:00", closes="2027-03-12 12:00", closing="ends attempts")
    browser = world.client("trainee")
    page = text(browser, EXAM)
    assert "It opens at 12 Mar 2027, 10:00 GMT." in page
    assert "Start the exam" not in page
    reply = browser.post(f"{EXAM}/attempts")
    assert (reply.status_code, "It opens at 12 Mar 2027, 10:00 GMT." in reply.get_data(as_text=True)) == (409, True)
    world.clock.forward(hours=3)
    assert "It closed at 12 Mar 2027, 12:00 GMT, and can no longer be begun." in text(browser, EXAM)


def test_one_question_on_a_page_is_saved_by_each_of_its_buttons(world: World) -> None:
    publish(world, pages="one question")
    browser, attempt = world.client("trainee"), begin(world).attempt
    assert [numbers(text(browser, f"/attempts/{attempt}?at={at}")) for at in (0, 2, 3, 9)] == [[1], [2], [3], [1]]
    assert press(browser, attempt, "go.2", 1, **form(world, attempt, 1)).endswith("at=2")
    assert press(browser, attempt, "go.1", 2, **form(world, attempt, 2)).endswith("at=1")
    assert press(browser, attempt, "stay", 3, **form(world, attempt, 3)).endswith("at=3")
    page = text(browser, f"/attempts/{attempt}?at=3")
    assert page.count(" data-answered") >= 3
    assert "Previous" in page
    assert press(browser, attempt, "finish", 3).endswith(f"/attempts/{attempt}/finish?lease=0")
    browser.post(f"/attempts/{attempt}/finish")
    assert "You passed The final exam" in text(browser, f"/attempts/{attempt}/result")


def test_forward_only_there_is_no_way_back_by_any_address(world: World) -> None:
    publish(world, pages="one question", navigation="forward")
    browser, attempt = world.client("trainee"), begin(world).attempt
    assert "Previous" not in text(browser, f"/attempts/{attempt}")
    assert numbers(text(browser, f"/attempts/{attempt}?at=3")) == [1]
    press(browser, attempt, "left.1", 1, **form(world, attempt, 1))
    for at in ("", "?at=1", "?at=3"):
        assert numbers(text(browser, f"/attempts/{attempt}{at}")) == [2]
    assert "Previous" not in text(browser, f"/attempts/{attempt}")
    press(browser, attempt, "stay", 2, **{"1.seen": "1", "1.choice": ""})
    assert browser.save(attempt, 1, {"choice": ["z"]}).status_code == 409
    assert browser.save(attempt, 3, {"choice": ["z"]}).status_code == 409
    press(browser, attempt, "left.2.empty", 2)
    press(browser, attempt, "left.3", 3, **form(world, attempt, 3))
    page = text(browser, f"/attempts/{attempt}")
    assert "Hand in your answers?" in page
    assert "Back to the questions" not in page
    assert f'href="/attempts/{attempt}?' not in page
    browser.post(f"/attempts/{attempt}/finish")
    assert "2 of 3 points" in " ".join(text(browser, f"/attempts/{attempt}/result").split())


def test_forward_only_what_an_answer_lacks_is_asked_back_before_it_is_left_for_good(world: World) -> None:
    publish(world, pages="one question", navigation="forward")
    browser, attempt = world.client("trainee"), begin(world).attempt
    (number,) = (at for at, fields in world.right_answers(attempt).items() if "number" in fields)
    for at in range(1, number):
        press(browser, attempt, f"left.{at}.empty", at)
    address = f"/attempts/{attempt}"
    assert "Leave it" not in text(browser, address)
    for fields, lack, said in (
        ({}, "empty", "This question has no answer. Left like this, it earns nothing."),
        ({f"{number}.number": "1,500"}, "unread", "This answer cannot be read."),
    ):
        other = {"empty": "unread", "unread": "empty"}[lack]
        for then in (f"left.{number}", f"left.{number}.{other}", f"left.{number}.part"):
            place = press(browser, attempt, then, number, **fields)
            assert place.endswith(f"at={number}&leaves={number}#q{number}-lack")
        page = text(browser, place.partition("#")[0])
        assert numbers(page) == [number]
        assert said in page
        assert f'value="left.{number}.{lack}"' in page
        assert "1,500" in page or not fields, "what was typed is kept"
        assert said not in text(browser, address), "it is asked back once"
    press(browser, attempt, f"left.{number}.unread", number, **{f"{number}.number": "1,500"})
    assert numbers(text(browser, address)) == ([number + 1] if number < 3 else [])


def test_after_each_an_answer_is_seen_with_its_key_and_stays(world: World) -> None:
    publish(world, pages="one question", feedback="after each", practice=True)
    browser, attempt = world.client("trainee"), begin(world).attempt
    assert press(browser, attempt, "seen.1", 1).endswith("at=1#q1")
    assert numbers(text(browser, f"/attempts/{attempt}?at=1")) == [1]
    assert "review-1" not in text(browser, f"/attempts/{attempt}?at=1")
    assert press(browser, attempt, "seen.1", 1, **form(world, attempt, 1)).endswith("at=1#q1")
    page = text(browser, f"/attempts/{attempt}?at=1")
    assert numbers(page) == []
    assert 'id="review-1"' in page
    assert browser.save(attempt, 1, {"choice": ["z"]}).status_code == 409
    assert numbers(text(browser, f"/attempts/{attempt}")) == [2]
    browser.post(f"/attempts/{attempt}/finish")
    page = text(browser, f"/attempts/{attempt}/result")
    assert "Your status now" not in page
    assert "Extras:" not in page


def test_a_key_waits_as_long_as_another_paper_asks_its_question(world: World) -> None:
    publish(world, {"questions": 4})
    exam = begin(world)
    quiz = start(world)
    quiz.finish()
    browser = world.client("trainee")
    page = text(browser, f"/attempts/{quiz.attempt}/result")
    assert page.count('class="review"') == 1
    assert "Some questions also stand in something you are sitting now." in page
    exam.finish()
    assert text(browser, f"/attempts/{quiz.attempt}/result").count('class="review"') == 4


@pytest.mark.parametrize(("closing", "minutes"), [("ends attempts", 0), ("stops starts", 20)])
def test_after_close_keys_are_shown_once_nobody_sits_it(world: World, closing: str, minutes: int) -> None:
    publish(world, feedback="after close", closes="2027-03-12 10:00", closing=closing)
    exam = begin(world)
    exam.finish()
    browser = world.client("trainee")
    path = f"/attempts/{exam.attempt}/result"
    assert 'class="review"' not in text(browser, path)
    world.clock.forward(minutes=29 + minutes, seconds=59)
    assert 'class="review"' not in text(browser, path)
    world.clock.forward(seconds=1)
    assert text(browser, path).count('class="review"') == 3


def test_the_manager_sees_that_it_was_an_exam(world: World) -> None:
    publish(world)
    exam = begin(world)
    exam.answer(3)
    exam.finish()
    page = text(world.client("trainee"), "/record")
    assert page.count("“The final exam” was passed on 12 Mar 2027.") == 2
    assert page.count("Exam passed") == 2
    page = text(world.client("manager"), f"/team/{world.ids['trainee']}")
    assert page.count("“The final exam” was passed on 12 Mar 2027.") == 2


def test_today_asks_for_an_exam_once_all_is_read_that_it_asks_about(world: World) -> None:
    publish(world)
    browser, said = world.client("trainee"), "You have read what it asks about. Now sit the exam."
    assert said not in text(browser, "/")
    actor, now = world.actor("trainee"), world.clock()
    for section in ("matters", "not"):
        world.do(lambda session, name=section: reading.mark(session, actor, now, "tiny", "basics", name, "yes"))
    assert said in text(browser, "/")
    exam = begin(world)
    assert "You began it and have not handed it in." in text(browser, "/")
    exam.answer(3)
    exam.finish()
    assert said not in text(browser, "/")
    assert "Passed</span>" in text(browser, "/courses/tiny")


def test_what_is_missed_of_a_safety_point_is_asked_once_more_by_pages_without_script(world: World) -> None:
    safety.publish(world)
    browser, taking = world.client("trainee"), begin(world)
    assert "It asks about 1 safety point: every answer on it must be right." in text(browser, EXAM)
    missed, right = safety.safe(world, taking)[0], world.right_answers(taking.attempt)
    for place in [place for place in right if place != missed]:
        taking.save(place, right[place])
    page = text(browser, f"/attempts/{taking.attempt}/finish")
    (hand_in,) = re.findall(r'action="(/attempts/[^"]*finish[^"]*)"', page)
    reply = browser.post(unescape(hand_in))
    assert reply.headers["Location"].endswith(f"/attempts/{taking.attempt}?lease=0")
    page = text(browser, f"/attempts/{taking.attempt}")
    assert numbers(page) == [5]
    assert "Question 5 of 5" in page
    assert "in the place of safety questions" in page
    assert browser.post(unescape(hand_in)).headers["Location"].endswith("?lease=0")  # the same button again
    assert numbers(text(browser, f"/attempts/{taking.attempt}")) == [5]
    assert browser.save(taking.attempt, missed, dict(right[missed])).status_code == 410
    press(browser, taking.attempt, "stay", **form(world, taking.attempt, 5))
    (hand_in,) = re.findall(
        r'action="(/attempts/[^"]*finish[^"]*)"', text(browser, f"/attempts/{taking.attempt}/finish")
    )
    assert browser.post(unescape(hand_in)).headers["Location"].endswith("/result")
    page = text(browser, f"/attempts/{taking.attempt}/result")
    assert "You passed The final exam" in page
    assert re.search(r"Met</span>\s*Stop now", page)
    assert "Asked once more" in page
    assert "3 of 4 points" in " ".join(page.split())


def test_a_safety_point_that_is_not_met_is_why_an_exam_is_not_passed(world: World) -> None:
    safety.publish(world)
    taking = safety.sit(world, 1)
    taking.finish()
    page = text(world.client("trainee"), f"/attempts/{taking.attempt}/result")
    assert "Your points are enough. Not every safety point is met, and each has to be." in page
    assert re.search(r"Not met</span>\s*Stop now", page)


def test_the_parts_of_a_paper_have_their_titles(world: World) -> None:
    plan = tuple(cell._replace(section=title) for cell, title in zip(PLAN, ("First", "First", "Last"), strict=True))
    publish(world, plan=plan)
    browser = world.client("trainee")
    assert re.findall(r"<li[^>]*>(First|Last)</li>", text(browser, EXAM)) == ["First", "Last"]
    page = text(browser, f"/attempts/{begin(world).attempt}")
    assert re.findall(r"<h2[^>]*>(First|Last)</h2>|data-slot=\"(\d)", page) == [
        *(("First", ""), ("", "1"), ("", "2"), ("Last", ""), ("", "3")),
    ]
    publish(world, plan=plan, pages="one question")
    taking = begin(world, "colleague")
    browser = world.client("colleague")
    pages = [text(browser, f"/attempts/{taking.attempt}?at={at}") for at in (1, 2, 3)]
    assert [re.findall(r"<h2[^>]*>(First|Last)</h2>", page) for page in pages] == [["First"], ["First"], ["Last"]]


def test_what_is_decoded_once_stays_as_it_is_kept(world: World) -> None:
    publish(world)
    browser = world.client("trainee")
    attempt = browser.hold(browser.post("/courses/tiny/final/attempts"))
    assert browser.get(f"/attempts/{attempt}?lease={browser.lease}").status_code == 200
    assert browser.post(f"/attempts/{attempt}/finish").status_code == 303
    assert browser.get(f"/attempts/{attempt}/result").status_code == 200
    kept = [
        *(QuestionVersion.taker, QuestionVersion.shown, QuestionKey.key, QuestionKey.shown, QuestionKey.sections),
        *(ModuleVersion.quiz, ModuleVersion.sections),
    ]
    with world.session() as session:
        for column in kept:
            rows = session.execute(select(column.label("read"), type_coerce(column, Text).label("kept"))).all()
            assert rows
            assert [row.read for row in rows] == [json.loads(row.kept) for row in rows], column
