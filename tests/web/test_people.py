"""The administrator's list of people."""

from typing import Any

from sqlalchemy import event

from mesotrain.core.access import EDUCATOR
from mesotrain.store.db import db
from tests.actions.proving import invite
from tests.world import World


def test_the_list_asks_as_much_of_one_invitation_as_of_many(world: World) -> None:
    administrator, now, browser = world.actor("administrator"), world.clock(), world.client("administrator")
    said: list[str] = []
    with world.app.app_context():
        engine = db.engine
    counts = []
    for number in range(12):
        email = f"ivo{number}@example.org"
        world.do(lambda session, email=email: invite(session, administrator, now, email, (EDUCATOR, None)))
        said.clear()

        def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", listen)
        assert email in browser.get("/people").get_data(as_text=True)
        event.remove(engine, "before_cursor_execute", listen)
        counts.append(len(said))
    assert len(set(counts[1:])) == 1, counts
    assert counts[-1] <= 6
