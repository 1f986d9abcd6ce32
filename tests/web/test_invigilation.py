"""The invigilator's pages: who is where in words, what is done about it, and what its taker is told."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from mesotrain.actions import people
from mesotrain.core.access import TRAINEE
from mesotrain.store.db import db
from mesotrain.store.people import Person
from tests.actions.examining import begin, publish
from tests.actions.taking import Taking, start
from tests.actions.test_adjustments import give
from tests.world import CAST, Browser, World

X = {"choice": ["x"]}


def words(browser: Browser, path: str) -> str:
    """What a page says, without its tags."""
    reply = browser.get(path)
    assert reply.status_code == 200
    return " ".join(re.sub("<[^>]*>", " ", reply.get_data(as_text=True)).split())


@pytest.fixture
def taking(world: World) -> Taking:
    publish(world)
    return begin(world)


def paths(taking: Taking) -> tuple[str, str]:
    """(the page of the exam, that of its taker)."""
    return f"/invigilation/{taking.row().module_id}", f"/invigilation/attempts/{taking.attempt}"


def test_the_list_says_which_exams_are_open_and_how_many_sit_them(world: World) -> None:
    manager = world.client("manager")
    assert "No exam is open now" in words(manager, "/invigilation")
    publish(world, opens="2027-03-12 10:00", closes="2027-03-12 11:00", closing="stops starts")
    assert "No exam is open now" in words(manager, "/invigilation")
    world.clock.forward(hours=1)
    said = words(manager, "/invigilation")
    assert "The final exam" in said
    assert "Nobody sits it now" in said
    assert "It closes at 12 Mar 2027, 11:00 GMT" in said
    begin(world, "colleague")
    begin(world, "elsewhere")
    start(world)
    assert "1 person sits it" in words(manager, "/invigilation")
    world.clock.forward(hours=1)
    assert "It can no longer be begun" in words(manager, "/invigilation")


def test_a_row_says_where_somebody_is(taking: Taking) -> None:
    world, manager = taking.world, taking.world.client("manager")
    exam, person = paths(taking)
    said = words(manager, exam)
    for part in ("Tess Trainee", "Sitting", "0 of 3", "nothing yet", "Connected: 0 seconds ago", "20 minutes"):
        assert part in said, part
    world.clock.forward(seconds=50)
    taking.save(2, X)
    taking.save(1, {"flag": ["1"]})
    world.clock.forward(seconds=9)
    said = words(manager, exam)
    for part in ("1 of 3", "9 seconds ago , question 1", "Connected: 9 seconds ago"):
        assert part in said, part
    world.clock.forward(seconds=61)
    said = words(manager, exam)
    for part in ("Not heard of", "Not heard of since: 1 minute ago"):
        assert part in said, part
    browser = world.client("trainee")
    browser.hold(browser.post(f"/attempts/{taking.attempt}/continue"))
    browser.hold(browser.post(f"/attempts/{taking.attempt}/continue"))
    assert "went on in another window once" in words(manager, person)
    world.clock.forward(minutes=20)
    assert "Time is over" in words(manager, exam)


def test_an_open_page_is_heard_of_and_written_down_now_and_then(taking: Taking) -> None:
    world, trainee = taking.world, taking.world.client("trainee")
    written = []
    for _ in range(12):
        world.clock.forward(seconds=10)
        assert trainee.post(f"/attempts/{taking.attempt}/pulse").status_code == 200
        written.append(taking.row().heard_at)
    assert written == [world.clock() - timedelta(seconds=10 * (11 - number // 2 * 2)) for number in range(12)]
    assert "Connected: 10 seconds ago" in words(world.client("manager"), paths(taking)[0])
    assert taking.row().version == 0


def test_everything_is_done_by_buttons_and_told_to_its_taker(taking: Taking) -> None:
    world, manager, trainee = taking.world, taking.world.client("manager"), taking.world.client("trainee")
    exam, person = paths(taking)
    sitting = f"/attempts/{taking.attempt}"
    trainee.hold(trainee.post(f"{sitting}/continue"))
    assert "Paused" in manager.post(f"{person}/pause", follow_redirects=True).get_data(as_text=True)
    told = "Paused by your invigilator since 12 Mar 2027, 09:30 GMT. Your answers are kept and saved."
    assert told in words(trainee, sitting)
    assert told in words(trainee, f"{sitting}/finish")
    assert told in words(world.client("trainee"), sitting), "also where it may be continued"
    pulse = trainee.post(f"{sitting}/pulse").get_json()
    assert (pulse["paused"], pulse["paused_at"]) == (told, world.clock().isoformat())
    world.clock.forward(hours=1)
    assert trainee.save(taking.attempt, 1, X).get_json()["saved"] == 1
    form = {"2.seen": "0", "2.choice": "x", "then": "stay"}
    assert trainee.post(f"{sitting}/answers", form).status_code == 303, "without script, too"
    assert "since 12 Mar 2027, 09:30 GMT" in words(manager, exam)
    assert "1 is paused" in words(manager, exam)
    assert manager.post(f"{exam}/resume").status_code == 303
    assert told not in words(trainee, sitting)
    assert manager.post(f"{exam}/extend", {"minutes": "10"}).status_code == 303
    assert "30 minutes" in words(manager, person)
    assert manager.post(f"{person}/void", {"reason": " "}).status_code == 409
    assert manager.post(f"{person}/void", {"reason": "A fire alarm."}).status_code == 303
    said = words(manager, person)
    for part in ("Void", "Paused", "Went on", "10 min more", "Made void: A fire alarm.", "by Mona Manager"):
        assert part in said, part
    assert "Pause Tess" not in said
    pulse = trainee.post(f"{sitting}/pulse").get_json()
    assert (pulse["ended"], "void" in pulse["why"]) == (True, True)
    assert trainee.save(taking.attempt, 1, X).status_code == 410
    said = words(trainee, f"{sitting}/result")
    assert "This attempt is void" in said
    assert "A fire alarm." in said
    assert trainee.get(sitting).headers["Location"].endswith("/result")
    assert "Start the exam" in words(trainee, "/courses/tiny/final")


def test_what_cannot_be_done_is_said(taking: Taking) -> None:
    manager = taking.world.client("manager")
    exam, person = paths(taking)
    assert "not paused" in manager.post(f"{person}/resume").get_data(as_text=True)
    assert "changes nothing" in manager.post(f"{exam}/resume", follow_redirects=True).get_data(as_text=True)
    for minutes in ("", "x", "0", "241", "9" * 30):
        for path in paths(taking):
            reply = manager.post(f"{path}/extend", {"minutes": minutes})
            assert reply.status_code == 409, minutes
            assert "from 1 to 240" in reply.get_data(as_text=True)
    reply = manager.post(f"{person}/void", {"reason": "x" * 301})
    assert "Shorten the reason" in reply.get_data(as_text=True)


def test_who_invigilates_reads_what_is_arranged_and_its_taker_reads_nothing_of_it(taking: Taking) -> None:
    world = taking.world
    give(world, 25, note="May pause for ten minutes.")
    assert "Extra time: 25 %. May pause for ten minutes." in words(world.client("manager"), paths(taking)[1])
    for path in ("/invigilation", *paths(taking)):
        assert world.client("trainee").get(path).status_code == 403


def crowd(world: World, number: int) -> None:
    """So many more trainees of the clinic in the middle of the exam."""
    ids, like = world.ids, world.actor("trainee")

    def work(session) -> None:  # type: ignore[no-untyped-def]
        for one in range(number):
            name = f"Person {one:03} with a name that is as long as the names of some people are"
            row: Person = people.create_person(session, name, f"p{one}@example.org", "", b"%d" % one, "en", like.zone)
            people.join(session, world.clock(), ids["Harbour"], row, [(TRAINEE, ids["Quay"])])
            ids[f"p{one}"] = row.id

    world.do(work)


def test_many_stand_on_pages_in_a_number_of_queries_that_does_not_grow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "ids", dict(world.ids))
    publish(world)
    module, manager = begin(world).row().module_id, world.client("manager")
    path = f"/invigilation/{module}"

    def queries() -> int:
        asked: list[str] = []
        with world.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *more: asked.append(more[2]))
        words(manager, path)
        return len(asked)

    queries()  # the first visit asks of its schema, too
    few = queries()
    crowd(world, 30)
    for number in range(30):
        monkeypatch.setitem(CAST, f"p{number}", ("", "Harbour", TRAINEE, "Quay"))
        begin(world, f"p{number}", seed=str(number))
    assert queries() == few
    first, second = words(manager, path), words(manager, f"{path}?page=2")
    assert "31 people sit it" in first
    assert first.count("with a name that is as long") == 25
    assert second.count("with a name that is as long") == 5
    assert "Page 2 of 2" in second
    assert words(manager, f"{path}?page=999") == second
    assert manager.post(f"{path}/pause").status_code == 303
    assert "31 are paused" in words(manager, path)
