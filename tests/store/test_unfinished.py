"""What waits for who leaves: their courses, the clinics only they manage, and what only they may answer."""

import pytest

from mesotrain.actions import people, reports
from mesotrain.core.access import EDUCATOR, MANAGER, TRAINEE
from mesotrain.store.people import set_roles
from mesotrain.store.unfinished import Unfinished, unfinished
from tests.actions.clearing import WATCHED, desk
from tests.actions.taking import sit
from tests.actions.test_reminders import assign
from tests.world import World


def waits(world: World, who: str) -> Unfinished:
    administrator = world.actor("administrator")
    with world.session() as session:
        found: Unfinished = unfinished(session, administrator, world.clock(), world.ids[who])
    return found


def give(world: World, who: str, *roles: tuple[str, str | None]) -> None:
    held = [(role, world.ids[clinic] if clinic else None) for role, clinic in roles]
    world.do(lambda session: set_roles(session, world.ids["Harbour"], world.ids[who], held))


def suspend(world: World, who: str) -> None:
    administrator = world.actor("administrator")
    world.do(lambda session: people.suspend(session, administrator, world.clock(), world.ids[who]))


def page(world: World, who: str) -> str:
    said: str = world.client("administrator").get(f"/people/{world.ids[who]}").get_data(as_text=True)
    return said


@pytest.mark.parametrize("suspended", [False, True])
def test_a_course_that_is_assigned_waits_until_it_is_done(world: World, suspended: bool) -> None:
    assign(world, days=10)
    assign(world, who="colleague")
    sit(world, "colleague")
    if suspended:
        suspend(world, "trainee")
    assert [(one.title, str(one.due_on)) for one in waits(world, "trainee").assigned] == [
        ("A tiny course", "2027-03-22")
    ]
    assert waits(world, "colleague").assigned == []
    assert "A course assigned to them and not done, due on" in page(world, "trainee")
    assert "Nothing waits for them." in page(world, "colleague")
    courses = world.client("manager").get(f"/team/{world.ids['trainee']}/courses").get_data(as_text=True)
    assert "Assigned" in courses, "that they are suspended makes no course done"


def test_what_they_marked_and_did_not_sign_goes_with_them(world: World) -> None:
    place = desk(world, WATCHED)
    place.appoint()
    place.begin()
    assert waits(world, "colleague").observing == 1
    assert "1 observation they did not sign; what they marked goes with them" in page(world, "colleague")
    assert waits(world, "trainee").observing == 0


def test_cases_to_sign_wait_and_a_procedure_that_nobody_else_may_supervise(world: World) -> None:
    place = desk(world)
    place.appoint()
    place.log()
    found = waits(world, "colleague")
    assert (found.to_sign, found.supervised) == (1, [("Papules of the face", ["Quay"])])
    said = page(world, "colleague")
    assert "1 case to sign; who logged it is told to ask another" in said
    assert "A procedure that nobody else may supervise:" in said
    give(world, "elsewhere", (TRAINEE, "Quay"))
    place.appoint("elsewhere")
    assert waits(world, "colleague").supervised == []
    assert waits(world, "trainee").to_sign == 0


def test_a_clinic_waits_that_nobody_else_manages(world: World) -> None:
    give(world, "manager", (MANAGER, "Quay"))
    assert waits(world, "manager").clinics == ["Quay"]
    assert waits(world, "auditor").clinics == waits(world, "trainee").clinics == []
    assert "A clinic that nobody else manages:" in page(world, "manager")
    give(world, "educator", (MANAGER, None))
    assert waits(world, "manager").clinics == [], "another manages every clinic"
    assert waits(world, "educator").clinics == ["Mill"]
    suspend(world, "educator")
    assert waits(world, "manager").clinics == ["Quay"]
    give(world, "manager", (MANAGER, None))
    assert waits(world, "manager").clinics == ["Mill", "Quay"]
    assert "Cork" not in page(world, "manager")


def test_a_report_waits_that_nobody_else_may_answer(world: World) -> None:
    taking = sit(world, "trainee")
    trainee, now = world.actor("trainee"), world.clock()
    world.do(lambda session: reports.report(session, trainee, now, taking.attempt, 1, "Two answers are right."))
    assert (waits(world, "educator").reports, waits(world, "manager").reports) == (1, 0)
    assert "1 report to answer, and nobody else here is an educator" in page(world, "educator")
    give(world, "colleague", (TRAINEE, "Quay"), (EDUCATOR, None))
    assert (waits(world, "educator").reports, waits(world, "colleague").reports) == (0, 0)
