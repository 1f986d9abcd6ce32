"""Two windows on one paper: what was answered in one is never undone by the other, which only showed it before."""

import uuid

from mesotrain.actions import attempts as actions
from mesotrain.actions.attempts import Posted
from mesotrain.store.papers import slots
from tests.actions.taking import Taking, start
from tests.world import World

X, Y, NONE = {"choice": ["x"]}, {"choice": ["y"]}, {}


def send(taking: Taking, answers: dict[int, Posted]) -> None:
    actor, now = taking.world.actor(taking.who), taking.world.clock()
    taking.world.do(lambda session: actions.save_all(session, actor, now, taking.attempt, 0, uuid.uuid4().hex, answers))


def kept(taking: Taking, position: int = 1) -> object:
    with taking.world.session() as session:
        return slots(session, taking.attempt)[position - 1].fields


def test_a_page_that_shows_less_than_is_kept_takes_nothing_away(world: World) -> None:
    taking = start(world)
    taking.save(1, X)
    send(taking, {position: Posted(0, NONE) for position in (1, 2, 3, 4)})
    assert kept(taking) == X
    assert taking.row().version == 1, "an untouched page added to the log"


def test_a_slot_that_is_not_on_the_page_stays(world: World) -> None:
    taking = start(world)
    taking.save(1, X)
    send(taking, {})
    send(taking, {2: Posted(0, Y)})
    assert (kept(taking, 1), kept(taking, 2)) == (X, Y)


def test_an_older_answer_that_was_not_touched_gives_way_to_a_newer_one(world: World) -> None:
    taking = start(world)
    first = taking.save(1, X)
    taking.save(1, Y)
    send(taking, {1: Posted(first, X)})
    assert kept(taking) == Y


def test_what_was_changed_on_the_page_is_kept_whatever_it_showed(world: World) -> None:
    taking = start(world)
    first = taking.save(1, X)
    send(taking, {1: Posted(first, NONE), 2: Posted(0, Y)})
    assert (kept(taking, 1), kept(taking, 2)) == ({"choice": []}, Y)
    taking.save(1, X)
    send(taking, {1: Posted(0, Y)})
    assert kept(taking) == Y


def test_a_flag_set_in_one_window_leaves_the_answer_of_the_other(world: World) -> None:
    taking = start(world)
    taking.save(1, X)
    send(taking, {1: Posted(0, {"flag": ["1"]})})
    assert kept(taking) == {"choice": ["x"], "flag": ["1"]}
    sequence = taking.row().version
    taking.save(1, {"choice": ["y"], "flag": ["1"]})
    send(taking, {1: Posted(sequence, {"choice": ["x"]})})
    assert kept(taking) == {"choice": ["y"], "flag": []}


def test_a_script_and_a_form_say_the_same_answer_in_other_words(world: World) -> None:
    taking = start(world)
    sequence = taking.save(1, {"choice": ["x"], "number": [""], "flag": []})
    send(taking, {1: Posted(sequence, X)})
    assert taking.row().version == 1


def test_a_page_of_the_form_is_read_with_what_it_showed(world: World) -> None:
    browser = world.client("trainee")
    attempt = browser.start()
    browser.save(attempt, 1, X)
    stale = {f"{position}.seen": "0" for position in (1, 2, 3, 4)} | {"2.choice": "y", "then": "finish"}
    assert browser.post(f"/attempts/{attempt}/answers", stale).status_code == 303
    assert browser.post(f"/attempts/{attempt}/answers", {"then": "finish"}).status_code == 303
    odd = {"1.seen": "-1", "2.seen": "x", "3.seen": "9" * 40, "4.seen": "", "1.choice": "z", "9999.seen": "0"}
    assert browser.post(f"/attempts/{attempt}/answers", odd).status_code == 303
    taking = Taking(world, "trainee", attempt)
    assert (kept(taking, 1), kept(taking, 2)) == (X, Y)


def test_the_server_says_at_once_what_it_cannot_read(world: World) -> None:
    browser = world.client("trainee")
    attempt = browser.start()
    with world.session() as session:
        number = next(one.position for one in slots(session, attempt) if one.shown["type"] == "numeric")
    assert "may mean two things" in browser.save(attempt, number, {"number": ["1,500"]}).get_json()["note"]
    assert "is not a number" in browser.save(attempt, number, {"number": ["1e"]}).get_json()["note"]
    assert browser.save(attempt, number, {"number": ["1.5"]}).get_json()["note"] is None
    assert browser.save(attempt, number, {"number": ["1.125"]}).get_json()["note"] is None, "in English"
    with world.session() as session:
        assert slots(session, attempt)[number - 1].fields == {"number": ["1.125"], "decimal": ["."]}
    assert browser.save(attempt, number, {"number": [""]}).get_json()["note"] is None
