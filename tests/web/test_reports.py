"""A question reported from its sitting, a result appealed; both answered by somebody who does not learn whose it is."""

from typing import Any

import pytest
from sqlalchemy import event

from mesotrain.actions import reports
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import papers
from mesotrain.store.copies import copy_of
from mesotrain.store.db import db
from mesotrain.store.outbox import Mail
from mesotrain.store.people import Person
from tests.actions.essays import educator
from tests.actions.taking import Taking, sit, start
from tests.actions.test_holds import work
from tests.web.test_holds import text
from tests.world import Browser, World

SAID = "REPORTED-WORDS two are right"
ANSWER = "ANSWER-WORDS we look at it"


def send(browser: Browser, attempt: int, reason: str, place: int = 2, **fields: Any) -> str:
    """Reports a question as a page without script does; gives what the next page says."""
    form = {"then": f"report.{place}", f"report.{place}": reason, **fields}
    page = f"/attempts/{attempt}"
    reply = browser.post(f"{page}/answers", form, page=page)
    assert (reply.status_code, reply.headers["Location"].endswith(f"#q{place}")) == (303, True)
    return text(browser, page)


def report(taking: Taking, place: int | None = 1) -> None:
    world, actor = taking.world, taking.world.actor(taking.who)
    world.do(lambda session: reports.report(session, actor, world.clock(), taking.attempt, place, SAID))


def test_a_question_is_reported_without_leaving_the_sitting_and_no_answer_is_lost(world: World) -> None:
    browser = world.client("trainee")
    attempt = browser.start()
    answer = {"1.seen": "0", "1.flag": "1"}
    assert "Say what is wrong." in send(browser, attempt, " ", **answer)
    with world.session() as session:
        assert papers.slots(session, attempt)[0].fields == {"flag": ["1"]}, "what was answered is kept all the same"
    assert "too long" in send(browser, attempt, "x" * 1001)
    assert "Your report is kept." in send(browser, attempt, SAID)
    assert "waits for an answer" in send(browser, attempt, SAID)
    assert "Your report is kept." in send(browser, attempt, SAID, place=3)
    reply = browser.post(f"/attempts/{attempt}/answers", {"then": "report.9", "report.9": SAID}, page="/")
    assert reply.status_code == 404


def test_an_educator_reads_it_without_a_name_and_the_answer_is_read_with_the_result(world: World) -> None:
    taking = start(world)
    report(taking, 2)
    desk, taker = world.client("educator"), world.client("trainee")
    assert "What takers say" in text(desk, "/")
    assert "1 waits for an answer." in text(desk, "/questions")
    page = text(desk, "/reports")
    assert SAID in page
    assert [word for word in ("Tess", "trainee", "Quay") if word in page] == []
    assert "/questions/tiny/bas-" in desk.get("/reports").get_data(as_text=True), "from there it can be held"
    wrong = desk.post("/reports/1", {"text": " "})
    assert (wrong.status_code, "Write a sentence." in wrong.get_data(as_text=True)) == (422, True)
    assert desk.post("/reports/1", {"text": ANSWER}).status_code == 303
    assert "Nothing waits" in text(desk, "/reports")
    again = desk.post("/reports/1", {"text": ANSWER})
    assert (again.status_code, "meanwhile" in again.get_data(as_text=True)) == (422, True)
    taking.finish()
    page = text(taker, f"/attempts/{taking.attempt}/result")
    assert f"You said of question 2: {SAID}" in page
    assert ANSWER in page
    assert "Edda" not in page
    work(world)
    with world.session() as session:
        kinds = {(one.kind, one.person_id) for one in session.query(Mail)}
        copied = str(copy_of(session, session.get_one(Person, world.ids["trainee"])))
    assert ("answered", world.ids["trainee"]) in kinds
    assert SAID in copied
    assert ANSWER in copied


def test_a_result_is_appealed_once_while_that_waits(world: World) -> None:
    taking = start(world)
    browser, url = world.client("trainee"), f"/attempts/{taking.attempt}"
    early = browser.post(f"{url}/appeal", {"reason": SAID})
    assert (early.status_code, "no result yet" in early.get_data(as_text=True)) == (409, True)
    taking.finish()
    assert "Appeal this result" in text(browser, f"{url}/result")
    assert browser.post(f"{url}/appeal", {"reason": SAID}).status_code == 303
    page = text(browser, f"{url}/result")
    assert f"Your appeal: {SAID}" in page
    assert "Not answered yet." in page
    assert "Appeal this result" not in page
    assert browser.post(f"{url}/appeal", {"reason": SAID}).status_code == 409
    desk = world.client("educator")
    page = text(desk, "/reports")
    assert "Appeal of a result: The basics" in page
    assert "0%" in page
    assert desk.get("/reports").get_data(as_text=True).count("/questions/tiny/bas-") == 4
    assert desk.post("/reports/1", {"text": ANSWER}).status_code == 303
    page = text(browser, f"{url}/result")
    assert ANSWER in page
    assert "Appeal this result" in page


def test_nobody_reports_anothers_or_answers_their_own_or_another_organisations(world: World) -> None:
    taking = sit(world, "trainee", 2)
    other, now = world.actor("colleague"), world.clock()
    for place in (None, 1):
        with pytest.raises(NotFound):
            world.do(lambda session, place=place: reports.report(session, other, now, taking.attempt, place, SAID))
    report(taking)
    for who in (world.actor("trainee"), educator(world, "Nora", "Northlight")):
        with pytest.raises(NotFound):
            world.do(lambda session, who=who: reports.reply(session, who, now, 1, ANSWER))
    with world.session() as session:
        page = str(copy_of(session, session.get_one(Person, world.ids["colleague"])))
    assert SAID not in page
    with pytest.raises(Refused, match="waits for an answer"):
        report(taking)


def test_the_queue_asks_the_database_as_often_however_much_waits(world: World) -> None:
    desk, counts = world.client("educator"), []
    desk.get("/reports")
    for who in ("trainee", "colleague"):
        taking = sit(world, who, 1)
        for place in (None, 1, 2):
            report(taking, place)
        said: list[str] = []
        with world.app.app_context():
            engine = db.engine
        hear = lambda *found, said=said: said.append(found[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", hear)
        assert desk.get("/reports").status_code == 200
        event.remove(engine, "before_cursor_execute", hear)
        counts.append(len(said))
    assert counts[0] == counts[1]
