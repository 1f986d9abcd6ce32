"""Observations: who may observe whom, what is marked, what a signature is bound to, and what it does to clearance."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mesotrain.actions import assertions, courses, merges, observations, people, privacy
from mesotrain.core.access import MANAGER
from mesotrain.core.assertions import SUPERVISE
from mesotrain.core.clearance import CLEARED, NOT_CLEARED, UNWATCHED
from mesotrain.core.clearance import WATCHED as SEEN
from mesotrain.core.errors import Ended, NotFound, Refused
from mesotrain.core.observations import DAYS, DONE, NOT_DONE, NOT_PASSED, NOT_SEEN, OPEN, PASSED
from mesotrain.store import logbook
from mesotrain.store import observations as store
from mesotrain.store.assertions import Assertion
from mesotrain.store.clearance import EVER, titles
from mesotrain.store.copies import copy_of
from mesotrain.store.events import Event
from mesotrain.store.observations import Observation, ObservationDraft, Seen
from mesotrain.store.people import Person
from tests.actions.clearing import TRAY, WATCHED, Desk, desk, with_scheme
from tests.actions.proving import prove
from tests.actions.taking import sit, together
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """A clinic at which the colleague may observe whoever does the face."""
    found = desk(world, WATCHED)
    found.appoint()
    return found


def seen(place: Desk, number: int) -> Seen:
    with place.world.session() as session:
        return store.by_number(session, place.world.ids["Harbour"], number)


def counted(place: Desk, who: str = "trainee", later: int = EVER) -> list[tuple[str, int]]:
    """(kind, observer) of what speaks for or against somebody."""
    with place.world.session() as session:
        found = store.observed(session, place.world.ids["Harbour"], [place.world.ids[who]], later)
    return [(one.kind, one.by) for pieces in found.values() for of in pieces.values() for one in of]


def drafts(place: Desk) -> list[str]:
    with place.world.session() as session:
        return list(session.scalars(select(ObservationDraft.key).order_by(ObservationDraft.key)))


def appoint_another(place: Desk) -> None:
    """Somebody of the mill may observe at the quay, too."""
    everywhere = replace(place.world.actor("manager"), roles={MANAGER: frozenset()})
    concerns = place.concerns(person=place.world.ids["elsewhere"], clinic=place.world.ids["Quay"])
    ends, now = place.today + timedelta(days=9), place.world.clock()
    place.world.do(lambda session: assertions.appoint(session, everywhere, now, concerns, ends, "For a week."))


@pytest.mark.parametrize(
    ("said", "outcome", "counts"),
    [
        ((DONE, DONE, "2"), PASSED, ["observation passed"]),
        ((DONE, NOT_SEEN, "2", "Calm."), PASSED, ["observation passed"]),
        ((DONE, DONE, "1"), NOT_PASSED, ["observation not passed"]),
        ((NOT_DONE, DONE, "2"), NOT_PASSED, ["observation not passed"]),
        ((NOT_SEEN, DONE, "2"), OPEN, []),
    ],
)
def test_what_was_seen_counts_as_the_form_says(
    place: Desk, said: tuple[str, ...], outcome: str, counts: list[str]
) -> None:
    number = place.observe(*said)
    found = seen(place, number)
    assert (found.row.outcome, found.row.words) == (outcome, "".join(said[3:]))
    assert [kind for kind, _ in counted(place)] == counts
    assert found.form == TRAY
    assert (found.trainee, found.observer, found.clinic) == ("Tess Trainee", "Colin Colleague", "Quay")


def test_an_observation_that_is_passed_clears_and_one_taken_back_does_not(place: Desk) -> None:
    place.document()
    sit(place.world, "trainee")
    missing = place.ask()
    assert [(one.code, one.answer) for one in missing.reasons if one.answer != CLEARED] == [(UNWATCHED, NOT_CLEARED)]
    number = place.observe()
    whole = place.ask()
    assert whole.answer == CLEARED
    (source,) = next(one.evidence for one in whole.reasons if one.code == SEEN)
    row = seen(place, number).row
    assert (source.kind, source.sequence, source.by) == ("observation passed", row.sequence, "Colin Colleague")
    assert source.version == row.version
    signed_at = place.world.clock()
    place.world.clock.forward(minutes=5)
    place.say(observations.withdraw, number, "It was somebody else.", by="colleague", nameless=True)
    assert place.ask().answer == NOT_CLEARED
    assert place.ask(known_at=signed_at).answer == CLEARED, "a past answer stays"


def test_a_signature_is_bound_to_all_it_says(place: Desk) -> None:
    number = place.observe(DONE, NOT_DONE, "2", "Steady hands.")
    row = seen(place, number).row

    def bound(session: Any, **other: Any) -> str:
        names = [session.get_one(Person, one).commitment for one in (row.observer_id, row.person_id)]
        copy = Observation(**{one.name: getattr(row, one.name) for one in Observation.__table__.columns} | other)
        return store.bound_to(*names, copy)

    with place.world.session() as session:
        assert bound(session) == row.record
        said = session.scalars(select(Event).where(Event.position == row.sequence)).one()
        assert row.record.encode() in said.body
        for name, other in (
            ("day", row.day - timedelta(days=1)),
            ("marks", {"hands": DONE, "vial": DONE}),
            ("rating", 1),
            ("words", ""),
            ("outcome", OPEN),
            ("form", "other"),
            ("version", "other"),
            ("clinic_id", 2),
            ("course_id", 2),
            ("procedure", "scalp"),
        ):
            assert bound(session, **{name: other}) != row.record, name


def test_nobody_observes_themselves_nor_without_the_right(place: Desk) -> None:
    ids = place.world.ids
    with pytest.raises(Refused, match="for themselves"):
        place.begin("colleague", "colleague")
    for by in ("trainee", "manager"):
        with pytest.raises(Refused, match="may not supervise"):
            place.begin("colleague", by)
    for chosen in (
        {"person": ids["elsewhere"]},
        {"person": ids["manager"]},
        {"person": ids["other_trainee"]},
        {"clinic": ids["Cork"]},
        {"form": "other"},
        {"procedure": "scalp"},
        {"course": 99},
    ):
        with pytest.raises(NotFound):
            place.begin(**chosen)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="may not supervise"):
        place.begin("elsewhere", clinic=ids["Mill"])
    assert drafts(place) == []


def test_who_is_stopped_or_whose_right_was_taken_back_signs_nothing(place: Desk) -> None:
    key = place.begin()
    place.mark(key, DONE, DONE, "2")
    stop = place.stop(person=place.world.ids["colleague"])
    with pytest.raises(Refused, match="may not supervise"):
        place.sign_form(key)
    place.say(assertions.retract, stop, "It was looked into.")
    place.world.clock.forward(days=1)
    place.world.clock.forward(hours=1)
    place.sign_form(key)
    assert len(counted(place)) == 1


def test_what_somebody_saw_who_never_had_the_right_to_counts_no_more(place: Desk) -> None:
    place.observe()
    assert counted(place)
    with place.world.session() as session:
        (appointment,) = session.scalars(select(Assertion.id).filter_by(kind=SUPERVISE))
    before = place.world.clock()
    place.world.clock.forward(minutes=5)
    place.say(assertions.retract, appointment, "It was a slip.")
    assert counted(place) == []
    place.document()
    sit(place.world, "trainee")
    assert UNWATCHED in {one.code for one in place.ask().reasons}
    assert SEEN in {one.code for one in place.ask(known_at=before).reasons}, "as recorded on that moment it stays"


def test_a_form_that_a_rule_to_come_asks_for_can_be_used_before_its_day(world: World) -> None:
    place = desk(world)
    place.appoint()
    with pytest.raises(NotFound):
        place.begin()
    later = replace(WATCHED, begins=place.today + timedelta(days=30))
    world.do(lambda session: courses.publish(session, world.clock(), with_scheme(later), change="editorial"))
    place.observe()
    world.clock.forward(days=30)
    assert SEEN in {one.code for one in place.ask().reasons}


def test_only_the_whole_and_what_was_shown_is_signed(place: Desk) -> None:
    key = place.begin()
    place.mark(key, DONE)
    with pytest.raises(Refused, match="Mark each step"):
        place.sign_form(key)
    place.mark(key, DONE, NOT_SEEN, "2")
    with pytest.raises(Refused, match="meanwhile"):
        place.say(observations.sign, key, "another digest", "password", False, by="colleague")
    number = place.sign_form(key)
    assert seen(place, number).row.marks == {"hands": DONE, "vial": NOT_SEEN}
    assert drafts(place) == []
    with pytest.raises(NotFound):
        place.mark(key, NOT_DONE)


def test_a_draft_is_the_observers_alone(place: Desk) -> None:
    appoint_another(place)
    key = place.begin()
    for by in ("trainee", "elsewhere", "manager", "other_trainee"):
        for action, *what in (
            (observations.save, key, 1, "operation", DONE),
            (observations.save_all, key, {1: (0, DONE)}, ""),
            (observations.discard, key),
            (observations.sign, key, "", "password", False),
        ):
            with pytest.raises(NotFound):
                place.say(action, *what, by=by)
    place.say(observations.discard, key, by="colleague")
    assert drafts(place) == []


def test_a_save_counts_once_and_what_waited_gives_way_to_what_is_newer(place: Desk) -> None:
    key = place.begin()

    def save(operation: str, value: str, seen: int | None = None, part: int = 1) -> observations.Saved:
        found: observations.Saved = place.say(observations.save, key, part, operation, value, seen, by="colleague")
        return found

    first = save("one", DONE)
    second = save("two", NOT_DONE)
    assert save("one", DONE) == second, "it was known"
    assert save("late", DONE, first.sequence) == (second.sequence, NOT_DONE)
    assert save("later", NOT_SEEN, second.sequence).sequence > second.sequence
    for part, value in ((0, DONE), (1, "perhaps"), (3, "3"), (3, "0"), (5, DONE), (4, "x" * 1001)):
        with pytest.raises(NotFound):
            save(f"{part} {value[:9]}", value, part=part)
    place.say(observations.save_all, key, {1: (0, DONE), 2: (0, DONE), 3: (0, "2")}, "Calm.", by="colleague")
    with place.world.session() as session:
        row = store.draft(session, place.world.actor("colleague"), key).row
    assert [row.value(part) for part in range(1, 5)] == [NOT_SEEN, DONE, "2", "Calm."], "the first was newer there"


def test_a_note_names_no_patient(place: Desk) -> None:
    key = place.begin()
    place.mark(key, DONE, DONE, "2")
    for words in ("Born 3/4/1980.", "See patient no. 77312"):
        with pytest.raises(Refused, match="may identify a patient"):
            place.mark(key, DONE, DONE, "2", words)
        with pytest.raises(Refused, match="may identify a patient"):
            place.say(observations.save_all, key, {}, words, by="colleague")
    place.mark(key, DONE, DONE, "2", "Mrs Miller was calm.")
    with pytest.raises(Refused, match="may be somebody's name"):
        place.sign_form(key)
    number = place.sign_form(key, nameless=True)
    with pytest.raises(Refused, match="may be somebody's name"):
        place.say(observations.withdraw, number, "Mrs Miller said so.", by="colleague", nameless=False)


def test_who_signed_takes_it_back_once_and_with_a_reason(place: Desk) -> None:
    number = place.observe()
    for by in ("trainee", "manager", "other_trainee"):
        with pytest.raises(NotFound):
            place.say(observations.withdraw, number, "No.", by=by, nameless=True)
    with pytest.raises(Refused, match="Say why"):
        place.say(observations.withdraw, number, "  ", by="colleague", nameless=True)
    place.say(observations.withdraw, number, "It was somebody else.", by="colleague", nameless=True)
    with pytest.raises(Ended):
        place.say(observations.withdraw, number, "Again.", by="colleague", nameless=True)
    found = seen(place, number)
    assert found.withdrawal
    assert found.withdrawal.reason == "It was somebody else."
    assert counted(place) == []
    assert counted(place, later=found.withdrawal.sequence - 1) != []


def test_what_was_marked_may_be_signed_for_a_week_and_is_then_not_kept(place: Desk) -> None:
    key = place.begin()
    place.mark(key, DONE, DONE, "2")
    place.world.clock.forward(days=DAYS.days - 1)
    place.mark(key, DONE, NOT_SEEN)
    harbour, world = place.world.ids["Harbour"], place.world
    world.do(lambda session: observations.forget_old(session, world.clock(), harbour))
    assert drafts(place) == [key]
    world.clock.forward(days=1)
    with pytest.raises(Ended, match="more than a week"):
        place.sign_form(key)
    world.do(lambda session: observations.forget_old(session, world.clock(), harbour))
    assert drafts(place) == []


def test_signed_twice_at_the_same_moment_it_stands_once(place: Desk) -> None:
    key = place.begin()
    place.mark(key, DONE, DONE, "2")
    together(*[lambda: place.sign_form(key)] * 2)
    assert len(counted(place)) == 1


def test_two_accounts_of_one_person_are_one_trainee_and_one_observer(place: Desk) -> None:
    world, ids = place.world, place.world.ids
    appoint_another(place)
    place.observe(who="trainee", by="colleague", key="one")
    place.observe(who="trainee", by="elsewhere", key="two")
    place.observe(who="colleague", by="elsewhere", key="three")
    place.begin(who="colleague", by="elsewhere", key="four")
    place.begin(who="trainee", by="elsewhere", key="five")
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: merges.merge(session, administrator, now, ids["colleague"], ids["elsewhere"]))
    assert counted(place, "colleague") == [], "nobody saw themselves"
    assert counted(place) == [("observation passed", ids["colleague"])] * 2
    assert drafts(place) == ["five"]
    world.do(lambda session: merges.merge(session, administrator, now, ids["manager"], ids["trainee"]))
    assert counted(place) == []
    assert len(counted(place, "manager")) == 2


def test_who_leaves_leaves_nothing_unsigned_and_what_they_signed_stands(place: Desk) -> None:
    place.observe(key="signed")
    place.begin(key="begun")
    world, administrator = place.world, place.world.actor("administrator")
    world.do(lambda session: people.end(session, administrator, world.clock(), world.ids["colleague"]))
    assert drafts(place) == []
    assert len(counted(place)) == 1


def test_a_copy_of_a_record_holds_what_was_observed(place: Desk) -> None:
    prove(place.world)
    place.observe(DONE, NOT_DONE, "2", "Calm.", key="signed")
    place.mark(place.begin(key="begun"), DONE)
    with place.world.session() as session:
        person = session.get_one(Person, place.world.ids["trainee"])
        copied: Any = copy_of(session, person, place.world.ids["Harbour"])["organisations"]
        assert titles(session, place.world.ids["Harbour"], place.world.clock())
    (row,) = copied[0]["observed"]
    assert (row["marks"], row["words"], row["outcome"]) == ({"hands": DONE, "vial": NOT_DONE}, "Calm.", PASSED)
    assert [one["said"] for one in copied[0]["observed, not signed"]] == [{"1": [DONE, 1]}]


def test_after_an_erasure_what_was_signed_is_not_taken_for_altered(place: Desk) -> None:
    place.sign(place.log())
    place.observe()
    world, now = place.world, place.world.clock()
    administrator, trainee = world.actor("administrator"), world.ids["trainee"]
    world.do(lambda session: people.end(session, administrator, now, trainee))
    world.do(lambda session: privacy.erase(session, now, administrator.organisation, trainee, 0, by=""))
    with world.session() as session:
        assert session.get_one(Person, trainee).erased_at
        assert (logbook.altered(session), store.altered(session)) == (0, 0)
