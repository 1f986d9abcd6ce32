"""Stops in the browser: whom they concern sees them on Today and says so with one button; a manager sees who has."""

import pytest

from tests.actions.clearing import Desk, desk
from tests.actions.taking import sit
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """The trainee is cleared for the face."""
    found = desk(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def read(place: Desk, who: str, path: str) -> str:
    return place.world.client(who).get(path).get_data(as_text=True)


def test_a_product_is_stopped_read_and_lifted_from_the_pages_alone(place: Desk) -> None:
    manager, quay = place.world.client("manager"), place.world.ids["Quay"]
    form = {"product": "Lipo-X", "lot": "12B", "clinic": quay, "reason": ""}
    refused = manager.post("/stops/product", data=form)
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "Say why" in page
    assert 'value="Lipo-X"' in page, "what was typed stays"
    assert manager.post("/stops/product", data=form | {"reason": "Swelling."}).status_code == 303
    assert "Read by 0 of the 1 it concerns" in read(place, "manager", "/stops")
    today = read(place, "trainee", "/")
    assert "Stopped: Lipo-X" in today
    (number,) = {part.partition('"')[0] for part in today.split('href="/stops/')[1:]}
    assert "not with Lipo-X, lot 12B" in read(place, "trainee", "/record/clearance")
    assert "I have read it" in read(place, "trainee", f"/stops/{number}")
    assert "Not yet" in read(place, "manager", f"/stops/{number}")
    assert place.world.client("trainee").post(f"/stops/{number}/acknowledge").status_code == 303
    assert "Stopped: Lipo-X" not in read(place, "trainee", "/")
    page = read(place, "trainee", f"/stops/{number}")
    assert "I have read it" not in page
    assert "Who has read it" not in page, "a clinician does not see who has not"
    assert "Not yet" not in read(place, "manager", f"/stops/{number}")
    wrong = manager.post(f"/stops/{number}/lift", data={"reason": "It was tested."})
    assert "Choose a clinic where it is stopped" in wrong.get_data(as_text=True)
    done = manager.post(f"/stops/{number}/lift", data={"reason": "It was tested.", "clinic": quay})
    assert done.status_code == 303
    assert "Lifted on" in read(place, "trainee", f"/stops/{number}")
    assert "not with" not in read(place, "trainee", "/record/clearance")


def test_a_procedure_is_stopped_at_the_clinics_that_are_ticked(place: Desk) -> None:
    manager, world = place.world.client("manager"), place.world
    form = {"procedure": f"{place.course}/face", "reason": "A recall."}
    assert manager.post("/stops/procedure", data=form | {"clinic": world.ids["Mill"]}).status_code == 404
    assert manager.post("/stops/procedure", data=form | {"clinic": "x"}).status_code == 404
    refused = manager.post("/stops/procedure", data=form | {"clinic": "all"})
    assert "only who manages all of them" in refused.get_data(as_text=True)
    assert manager.post("/stops/procedure", data=form | {"clinic": world.ids["Quay"]}).status_code == 303
    assert "Stopped: Papules of the face" in read(place, "trainee", "/")


def test_a_stop_is_read_by_whom_it_concerns_and_who_sees_its_clinic_alone(place: Desk) -> None:
    number = place.number(place.stop(course=place.course, about="face"))
    seen = {who: place.world.client(who).get(f"/stops/{number}").status_code for who in
            ("trainee", "colleague", "elsewhere", "manager", "auditor", "educator", "other_manager")}  # fmt: skip
    assert {who for who, status in seen.items() if status == 200} == {"trainee", "manager", "auditor"}
    assert "Lift it" not in read(place, "auditor", f"/stops/{number}")
    assert "Papules" not in read(place, "elsewhere", "/stops")
    assert "Nothing is stopped" in read(place, "other_manager", "/stops")
    lift = place.world.client("other_manager").post(f"/stops/{number}/lift", data={"reason": "So."})
    assert lift.status_code == 404
