"""The clinics, as an administrator keeps them."""

import pytest
from sqlalchemy import event, select

from mesotrain.actions import clinics, people
from mesotrain.core.errors import Refused
from mesotrain.store.db import db
from mesotrain.store.events import Event
from mesotrain.store.people import Clinic
from tests.actions.taking import together
from tests.world import World


def names(world: World, organisation: str = "Harbour") -> list[str]:
    with world.session() as session:
        found = select(Clinic.name).where(Clinic.organisation_id == world.ids[organisation])
        return sorted(session.scalars(found))


def test_a_clinic_is_added_and_renamed_and_both_are_recorded(world: World) -> None:
    browser = world.client("administrator")
    assert browser.post("/clinics", {"name": "  Dock   Road "}, page="/clinics").status_code == 303
    assert names(world) == ["Dock Road", "Mill", "Quay"]
    quay = f"/clinics/{world.ids['Quay']}"
    assert browser.post(quay, {"name": "Pier"}, page=quay).status_code == 303
    assert browser.post(quay, {"name": "Pier"}, page=quay).status_code == 303
    assert names(world) == ["Dock Road", "Mill", "Pier"]
    assert "Pier" in world.client("manager").get("/team").get_data(as_text=True)
    with world.session() as session:
        said = session.scalars(select(Event).where(Event.kind.startswith("clinic.")).order_by(Event.position)).all()
        assert [one.kind for one in said] == ["clinic.added", "clinic.renamed"]
        assert b"Pier" not in said[1].body


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "quay", " QUAY ", "Whole organisation"])
def test_a_name_is_there_fits_and_is_free(world: World, name: str) -> None:
    browser = world.client("administrator")
    for path in ("/clinics", f"/clinics/{world.ids['Mill']}"):
        assert browser.post(path, {"name": name}, page=path).status_code == 422
    assert names(world) == ["Mill", "Quay"]


def test_no_way_leads_to_a_name_with_a_sign_nobody_sees(world: World) -> None:
    actor, now = world.actor("administrator"), world.clock()
    for name in ("Quay\u200b", "\u3164"):
        with pytest.raises(Refused, match="cannot be seen"):
            world.do(lambda session, name=name: clinics.add(session, actor, now, name))


def test_the_case_of_a_name_may_change_and_another_organisation_does_not_matter(world: World) -> None:
    browser, cork = world.client("administrator"), world.ids["Cork"]
    quay = f"/clinics/{world.ids['Quay']}"
    assert browser.post(quay, {"name": "QUAY"}, page=quay).status_code == 303
    assert browser.post("/clinics", {"name": "Cork"}, page="/clinics").status_code == 303
    assert browser.post(f"/clinics/{cork}", {"name": "Mine"}, page="/clinics").status_code == 404
    assert browser.get(f"/clinics/{cork}").status_code == 404
    assert (names(world), names(world, "Northlight")) == (["Cork", "Mill", "QUAY"], ["Cork"])


def test_the_same_name_at_once_is_taken_once(world: World) -> None:
    actor, now = world.actor("administrator"), world.clock()
    for turn in range(6):
        said = [
            lambda name=name: world.do(lambda session: clinics.add(session, actor, now, name))
            for name in (f"Dock {turn}", f"DOCK {turn}", f"dock {turn}")
        ]
        done = together(*said)
        assert sum(isinstance(one, Refused) for one in done) == 2, done
    assert len(names(world)) == 2 + 6


def test_people_are_counted_once_and_only_while_they_belong(world: World) -> None:
    actor, now, ids = world.actor("administrator"), world.clock(), world.ids
    roles = [("trainee", ids["Quay"]), ("auditor", ids["Quay"])]
    world.do(lambda session: people.change_roles(session, actor, now, ids["trainee"], roles))
    world.do(lambda session: people.end(session, actor, now, ids["colleague"]))
    with world.session() as session:
        found = {one.name: one.people for one in clinics.store.counted(session, actor)}
    assert found == {"Mill": 1, "Quay": 3}


def test_many_clinics_ask_as_much_as_few(world: World) -> None:
    browser, counts = world.client("administrator"), []
    with world.app.app_context():
        engine = db.engine
    for _ in range(3):
        said: list[str] = []

        def listen(_connection: object, _cursor: object, statement: str, *_: object, said: list[str] = said) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", listen)
        assert browser.get("/clinics").status_code == 200
        event.remove(engine, "before_cursor_execute", listen)
        counts.append(len(said))
        more = [Clinic(organisation_id=world.ids["Harbour"], name=f"Clinic {len(counts)} {at}") for at in range(20)]
        world.do(lambda session, more=more: session.add_all(more))
    assert len(set(counts[1:])) == 1, counts
    assert counts[-1] <= 4
