"""`mesotrain person`: a copy of what is kept of somebody, and their erasure."""

import json

import pytest

from mesotrain.actions import people
from mesotrain.core.errors import NotFound, Refused
from tests.actions.taking import sit
from tests.cli.test_commands import invoke
from tests.world import World


def test_a_copy_is_printed(world: World) -> None:
    sit(world, "trainee")
    copied = json.loads(invoke(world, "person", "export", "trainee@example.org").output)
    (harbour,) = copied["organisations"]
    assert harbour["organisation"] == "Harbour"
    assert harbour["evidence"][0]["kind"] == "quiz passed"
    assert len(harbour["answers"]) >= 4
    assert {one["state"] for one in harbour["statuses"]} >= {"current", "expired"}


def test_an_erasure_says_first_what_goes_and_what_stays(world: World) -> None:
    with pytest.raises(Refused, match="Harbour has not ended this access"):
        invoke(world, "person", "erase", "trainee@example.org")
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids["trainee"]))
    asked = invoke(world, "person", "erase", "trainee@example.org", "--organisation", "Harbour")
    assert "stays until 2033-03-12: Name and address" in asked.output
    assert "goes at once: Where one stopped reading" in asked.output
    assert (
        "the record stays until 2033-03-12" in invoke(world, "person", "erase", "trainee@example.org", "--yes").output
    )
    world.environment["MESOTRAIN_RECORD_YEARS"] = "0"
    with pytest.raises(NotFound, match="Nobody has the address"):
        invoke(world, "person", "export", "nobody@example.org")
