"""Stops of a person, a procedure or a product, at several clinics in one go; whom they concern, and who has read it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mesotrain.actions import assertions, merges, people, stops
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.clearance import CLEARED, CONDITIONAL, NEEDED, NOT_CLEARED
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import stops as store
from mesotrain.store.assertions import Concerns
from mesotrain.store.copies import copy_of
from mesotrain.store.people import Person
from tests.actions.clearing import SCHEME, Desk, desk
from tests.actions.taking import sit
from tests.actions.test_reminders import told as reminded
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """A clinic at which the trainee is cleared for the face, and the colleague is not."""
    found = desk(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def told(place: Desk, number: int) -> list[tuple[str, bool]]:
    """(name, whether they have read it) of whom a stop concerns."""
    with place.world.session() as session:
        rows = store.told(session, place.world.ids["Harbour"], place.number(number))
    return sorted((one.name.split()[0], one.at is not None) for one in rows)


def unread(place: Desk, who: str) -> Sequence[int]:
    actor = place.world.actor(who)
    with place.world.session() as session:
        return store.unread(session, actor)


def read(place: Desk, number: int, who: str = "trainee") -> None:
    place.say(stops.acknowledge, place.number(number), by=who)


def test_a_product_is_stopped_by_lot_and_whoever_may_use_it_is_told(place: Desk) -> None:
    number = place.stop("Swelling.", about=" Lipo-X ", lot="12B")
    found = place.ask()
    assert (found.answer, found.conditions) == (CONDITIONAL, ("not with Lipo-X, lot 12B",))
    assert told(place, number) == [("Tess", False)], "nobody who is not cleared, nobody elsewhere, not who says it"
    place.world.clock.forward(days=1)
    place.say(assertions.lift, place.number(number), [place.world.ids["Quay"]], "It was tested.")
    assert place.ask().conditions == ()
    assert place.ask(on=place.today - timedelta(days=1)).conditions == found.conditions, "the days it held stay"


def test_a_procedure_that_needs_a_product_is_not_cleared_without_it(world: World) -> None:
    needs = replace(SCHEME, procedures=(replace(SCHEME.procedures[0], products=("Lipo-X",)),))
    place = desk(world, needs)
    sit(world, "trainee", right=4)
    place.document()
    place.stop(about="lipo-x", lot="1")
    assert place.ask().answer == CONDITIONAL, "another lot may be used"
    number = place.stop(about="lipo-x")
    assert (place.ask().answer, place.ask().reasons[0].code) == (NOT_CLEARED, NEEDED)
    assert told(place, number) == [("Tess", False)], "who may do it but for the stops"


def test_several_clinics_are_one_stop_that_is_lifted_clinic_by_clinic(place: Desk) -> None:
    world, boss = place.world, replace(place.world.actor("administrator"), roles={MANAGER: frozenset[int]()})
    quay, mill, now = world.ids["Quay"], world.ids["Mill"], world.clock()

    def by_boss(action: object, *what: object) -> int:
        return world.do(lambda session: action(session, boss, now, *what))  # type: ignore[operator,no-any-return]

    what = Concerns(course=place.course, about="face")
    number = place.number(by_boss(assertions.stop, what, [mill, quay, quay], "A recall."))
    with world.session() as session:
        (one,) = store.stops(session, boss)
    assert [part.row.clinic_id for part in one.parts] == sorted([quay, mill])
    assert told(place, one.parts[0].row.id) == [("Ellis", False), ("Mona", False), ("Tess", False)]
    assert unread(place, "elsewhere"), "of the mill nothing is known, so whoever works there may do it"
    by_boss(assertions.lift, number, [mill], "Nothing was found.")
    assert (place.ask().answer, unread(place, "trainee")) == (NOT_CLEARED, [number])
    by_boss(assertions.lift, number, [quay], "Nor here.")
    assert (place.ask().answer, unread(place, "trainee")) == (CLEARED, []), "what is over asks for nothing"
    with pytest.raises(Refused, match="Choose a clinic where it is stopped"):
        by_boss(assertions.lift, number, [quay], "Again.")
    every = place.number(by_boss(assertions.stop, what, [None, quay], "A recall."))
    with world.session() as session:
        assert [part.row.clinic_id for part in store.stop(session, boss, every).parts] == [None]
    with pytest.raises(Refused, match="Choose a clinic where"):
        place.say(assertions.lift, every, [quay], "Not ours.")


def test_the_managers_of_somebody_who_is_stopped_are_told(place: Desk) -> None:
    place.say(people.change_roles, place.world.ids["educator"], [(MANAGER, None)], by="administrator")
    number = place.stop(person=place.world.ids["trainee"])
    assert told(place, number) == [("Edda", False), ("Tess", False)]

    def rename(session: Session) -> None:
        session.get_one(Person, place.world.ids["trainee"]).name = "Éva Trainee"
        session.get_one(Person, place.world.ids["educator"]).name = "Frank Educator"

    place.world.do(rename)
    with place.world.session() as session:
        rows = store.told(session, place.world.ids["Harbour"], place.number(number))
    assert [one.name for one in rows] == ["Éva Trainee", "Frank Educator"], "by name, whatever its accents"


def test_who_has_read_a_stop_says_so_once_and_their_manager_sees_it(place: Desk) -> None:
    number = place.stop(person=place.world.ids["trainee"])
    assert unread(place, "trainee") == [place.number(number)]
    read(place, number)
    read(place, number)
    assert (unread(place, "trainee"), told(place, number)) == ([], [("Tess", True)])
    for stranger in ("colleague", "other_trainee", "manager"):
        with pytest.raises(NotFound):
            read(place, number, stranger)
    with place.world.session() as session:
        copied = copy_of(session, session.get_one(Person, place.world.ids["trainee"]))
    (copy,) = copied["organisations"]  # type: ignore[misc]
    assert [one["reason"] for one in copy["told of stops"] if one["acknowledged_at"]] == ["A complaint."]  # type: ignore[index,call-overload]


def test_whoever_has_not_read_a_stop_is_reminded_and_so_is_their_manager(place: Desk) -> None:
    reminded(place.world)
    number = place.stop(course=place.course, about="face")
    place.world.clock.forward(days=1)
    assert reminded(place.world) == {"trainee": [("trainee", "stop", -1)], "manager": [("trainee", "stop", -1)]}
    place.world.clock.forward(days=1)
    assert reminded(place.world) == {}
    place.world.clock.forward(days=1)
    assert reminded(place.world)["trainee"] == [("trainee", "stop", -3)]
    read(place, number)
    place.world.clock.forward(days=4)
    assert reminded(place.world) == {}


def test_only_who_is_there_is_told(place: Desk) -> None:
    place.document("colleague")
    sit(place.world, "colleague", right=4)
    place.say(people.end, place.world.ids["colleague"], by="administrator")
    assert told(place, place.stop(course=place.course, about="face")) == [("Tess", False)]


def test_what_was_read_and_what_was_not_come_along_in_a_merge(place: Desk) -> None:
    procedure = place.stop(course=place.course, about="face")
    person = place.stop(person=place.world.ids["trainee"])
    read(place, procedure)
    into = place.world.ids["colleague"]
    place.say(people.change_roles, into, [(TRAINEE, place.world.ids["Quay"])], by="administrator")
    place.say(merges.merge, into, place.world.ids["trainee"], by="administrator")
    assert told(place, procedure) == [("Colin", True), ("Tess", True)]
    (number,) = unread(place, "colleague")
    assert number != place.number(person), "it is said of the other account"
    read_of = world_told(place, number)
    assert read_of == [("Colin", False)]


def world_told(place: Desk, number: int) -> list[tuple[str, bool]]:
    with place.world.session() as session:
        rows = store.told(session, place.world.ids["Harbour"], number)
    return [(one.name.split()[0], one.at is not None) for one in rows]


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        ({"about": "x" * 121}, Refused, "at most 120 characters"),
        ({"about": "Lipo-X", "lot": "1" * 61}, Refused, "Shorten the lot"),
        ({"about": "Lipo-X", "person": 1}, NotFound, None),
        ({"about": "Lipo-X", "clinics": []}, Refused, "Choose a clinic"),
        ({"about": "Lipo-X", "clinics": [None]}, Refused, "only who manages all"),
        ({"about": "Call 0049 170 5551234"}, Refused, "may identify a patient"),
    ],
)
def test_what_cannot_be_stopped(
    place: Desk, what: dict[str, object], error: type[Exception], words: str | None
) -> None:
    with pytest.raises(error, match=words):
        place.stop(**what)
