"""Extra time on the pages: who sets it, who reads it, and what of it a taker is told."""

from datetime import timedelta

from tests.actions.examining import begin, publish
from tests.actions.taking import start
from tests.actions.test_adjustments import give
from tests.world import World


def test_a_manager_sets_it_and_both_read_it(world: World) -> None:
    manager, path = world.client("manager"), f"/team/{world.ids['trainee']}"
    assert "Nothing was set yet" in manager.get(f"{path}/adjustments").get_data(as_text=True)
    assert "What is arranged" not in world.client("trainee").get("/record").get_data(as_text=True)
    said = {"extra": "25", "note": "May pause for\nten minutes"}
    reply = manager.post(f"{path}/adjustments", said, follow_redirects=True)
    page = reply.get_data(as_text=True)
    for words in ("It counts from now on", "Extra time: 25 %", "May pause for ten minutes", "by Mona Manager"):
        assert words in page, words
    for browser, where in ((manager, path), (world.client("trainee"), "/record")):
        assert "Extra time: 25 %. May pause for ten minutes" in browser.get(where).get_data(as_text=True)
    assert "Extra time" not in world.client("auditor").get(path).get_data(as_text=True)


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world: World) -> None:
    manager, path = world.client("manager"), f"/team/{world.ids['trainee']}/adjustments"
    for extra in ("", "lots", "2.5", "-1", "301"):
        reply = manager.post(path, {"extra": extra, "note": "May pause."})
        page = reply.get_data(as_text=True)
        assert (reply.status_code, "from 0 to 300" in page, "May pause." in page) == (422, True, True), extra
        assert f'value="{extra}"' in page


def test_the_page_of_an_exam_says_how_long_it_lasts_for_its_reader(world: World) -> None:
    publish(world)
    give(world, 25)
    page = world.client("trainee").get("/courses/tiny/final").get_data(as_text=True)
    assert "Your extra time of 25 % is in it." in page
    assert "25 minutes" in page
    assert "extra time" not in world.client("colleague").get("/courses/tiny/final").get_data(as_text=True)


def test_an_open_page_learns_of_its_new_end(world: World) -> None:
    trainee = world.client("trainee")
    attempt = trainee.start()
    told = trainee.post(f"/attempts/{attempt}/pulse").get_json()
    assert (told["ended"], told["deadline"]) == (False, (world.clock() + timedelta(minutes=20)).isoformat())
    give(world, 25)
    told = trainee.post(f"/attempts/{attempt}/pulse").get_json()
    assert told["deadline"] == (world.clock() + timedelta(minutes=25)).isoformat()
    assert told["moved"] == "Your time has changed. It ends at 12 Mar 2027, 09:55 GMT now."
    world.clock.forward(minutes=25)
    assert trainee.post(f"/attempts/{attempt}/pulse").get_json()["ended"] is True


def test_keys_wait_after_closing_for_whoever_has_more_time(world: World) -> None:
    publish(world, closes="2027-03-12 09:50", closing="ends attempts", feedback="after close")
    give(world, 25, "colleague")
    mine, other = begin(world), begin(world, "colleague")
    mine.finish()
    world.clock.forward(minutes=21)
    trainee, path = world.client("trainee"), f"/attempts/{mine.attempt}/result"
    assert 'class="review"' not in trainee.get(path).get_data(as_text=True)
    other.finish()
    assert trainee.get(path).get_data(as_text=True).count('class="review"') == 3


def test_a_quiz_that_is_begun_has_it_too(world: World) -> None:
    give(world, 100)
    row = start(world).row()
    assert row.deadline - row.started_at == timedelta(minutes=40)
