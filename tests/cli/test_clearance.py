"""`mesotrain clearance`: the same answer as everywhere, for people and for programs."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from mesotrain.actions import people
from mesotrain.core.errors import Expected
from mesotrain.store.people import Person
from tests.actions.certifying import certifies, suspend
from tests.actions.clearing import Desk, desk
from tests.actions.taking import sit
from tests.cli.test_commands import invoke
from tests.world import World


def address(world: World, who: str) -> str:
    with world.session() as session:
        return session.scalars(select(Person.email).filter_by(id=world.ids[who])).one()


def asked(place: Desk, *words: str) -> list[dict[str, object]]:
    done = invoke(place.world, "clearance", address(place.world, "trainee"), "face", "--format=json", *words)
    assert done.exit_code == 0
    answers: list[dict[str, object]] = json.loads(done.output)
    return answers


def test_the_answer_is_that_of_the_rule_with_its_reasons(world: World) -> None:
    place = desk(world)
    sit(world, "trainee", right=4)
    place.document()
    place.stop(person=world.ids["trainee"])
    (answer,) = asked(place, f"--at={place.today}")
    found = place.ask()
    assert (answer["answer"], answer["clinic"], answer["procedure"]) == (found.answer, "Quay", "tiny/face")
    assert [one["code"] for one in answer["reasons"]] == [one.code for one in found.reasons]  # type: ignore[index,attr-defined]
    text = invoke(world, "clearance", address(world, "trainee"), "face", f"--at={place.today}").output
    (stop,), (seen,), (passed,) = (one.evidence for one in found.reasons)
    assert text == (
        f"Quay, Harbour, on {place.today}: not cleared\n"
        f"  not cleared: It was stopped. A complaint. By Mona Manager, on {place.today}.\n"
        f"    Stopped on {place.today}, said by Mona Manager, entry {stop.sequence} of the log\n"
        "  cleared: Professional registration: The document was seen.\n"
        "    until before 2028-03-12\n"
        f"    Document seen on {place.today}, said by Mona Manager, entry {seen.sequence} of the log\n"
        "  cleared: Basics: Current\n"
        "    until before 2029-03-12\n"
        f"    Quiz or exam passed on {place.today}, marked by Mesotrain, entry {passed.sequence} of the log,"
        f" on text {passed.version[:12]}\n"
        "  what now: nothing they learn or show helps as long as this is so: stopped\n"
    )
    assert passed.version
    assert answer["way"]["bars"] == ["stopped"]  # type: ignore[index]


def test_a_certificate_is_judged_with_its_state_its_end_and_the_way_to_it(world: World) -> None:
    place = certifies(world)
    at = f"--at={place.today}"
    (answer,) = asked(place, at)
    acts = [(one["kind"], one["about"]) for one in answer["way"]["acts"]]  # type: ignore[index]
    assert acts == [("pass", "basics"), ("see", "register")]
    sit(world, "trainee", right=4)
    place.document()
    text = invoke(world, "clearance", address(world, "trainee"), "face", at).output
    assert "  cleared: Certificate in injecting: Certified\n    until before 2029-03-12\n    Quiz or exam" in text
    suspend(place)
    (answer,) = asked(place, at)
    assert answer["way"]["bars"] == ["suspended"]  # type: ignore[index]


def test_what_now_is_said_and_whose_act_it_is(world: World) -> None:
    place = desk(world)
    text = invoke(world, "clearance", address(world, "trainee"), "face", f"--at={place.today}").output
    assert text.endswith(
        "  what now: 1 document seen and 4 questions (about 6 minutes)\n"
        "    trainee: Pass “The basics”: 4 questions (about 6 minutes).\n"
        "    manager: Somebody who manages the clinic sees it: Professional registration.\n"
    )


def test_each_clinic_somebody_ever_worked_at_has_its_answer_and_another_when_it_is_named(world: World) -> None:
    place = desk(world)
    both = [("trainee", world.ids["Quay"]), ("trainee", world.ids["Mill"])]
    place.say(people.change_roles, world.ids["trainee"], both, by="administrator")
    on = f"--at={place.today}"
    assert [one["clinic"] for one in asked(place, on)] == ["Mill", "Quay"]
    assert [one["clinic"] for one in asked(place, on, "--clinic=Mill")] == ["Mill"]


def test_what_was_recorded_by_a_moment_is_what_counts(world: World) -> None:
    place = desk(world)
    sit(world, "trainee", right=4)
    place.document()
    moment = world.clock()
    world.clock.forward(days=1)
    place.stop(person=world.ids["trainee"])
    on = f"--at={place.today}"
    (now,) = asked(place, on)
    assert now["answer"] == "not cleared"
    assert place.ask(on=place.today, known_at=moment).answer == "cleared"


REFUSED = {
    "no procedure": (["{trainee}", "scalp"], "No scheme speaks of a procedure called scalp."),
    "nobody": (["nobody@example.org", "face"], "Nobody has the address nobody@example.org"),
    "no clinic": (["{trainee}", "face", "--clinic=Moon"], "never worked at such a clinic"),
    "no moment": (["{trainee}", "face", "--known-at=yesterday"], "“yesterday” is no moment"),
    "no zone": (["{trainee}", "face", "--known-at=2027-03-12T09:30"], "in which zone"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_answered_is_said(world: World, what: str) -> None:
    desk(world)
    words, sentence = REFUSED[what]
    with pytest.raises(Expected, match=sentence):
        invoke(world, "clearance", *(word.format(trainee=address(world, "trainee")) for word in words))


def test_a_moment_that_is_not_settled_is_not_answered(world: World) -> None:
    place = desk(world)
    later = (place.world.clock() + timedelta(days=3650)).isoformat()
    with pytest.raises(Expected, match="still being written"):
        invoke(world, "clearance", address(world, "trainee"), "face", f"--known-at={later}")
