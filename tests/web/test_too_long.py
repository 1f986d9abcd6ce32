"""What is longer than can be kept is not lost: the page comes back with it, and the rest is saved."""

from mesotrain.actions.attempts import LONGEST_ANSWER
from mesotrain.store.papers import slots
from tests.actions.taking import start
from tests.world import World


def test_the_page_comes_back_with_what_was_written_and_the_rest_is_saved(world: World) -> None:
    attempt = start(world).attempt
    browser, (right, *_) = world.client("trainee"), world.right_answers(attempt).values()
    fields = {f"1.{name}": values for name, values in right.items()}
    long = "word " * LONGEST_ANSWER
    sent = {**fields, "1.seen": "0", "2.seen": "0", "2.answer": long}
    reply = browser.post(f"/attempts/{attempt}/answers", page=f"/attempts/{attempt}", data=sent)
    text = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert f"Shorten it to {LONGEST_ANSWER} characters." in text
    assert "It is not saved yet." in text
    assert "data-unsaved" in text
    with world.session() as session:
        first, second, *_ = slots(session, attempt)
    assert first.fields == {name: list(values) for name, values in right.items()}
    assert not second.fields
