"""Clearance as it is recorded: who says what, from when to when, and what was known at any moment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mesotrain.actions import assertions, courses, merges, people
from mesotrain.core import drafts as core
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.clearance import (
    CLEARED,
    CONDITIONAL,
    NO_RULE,
    NOT_CLEARED,
    NOT_HERE,
    NOT_IN_USE,
    NOT_OFFERED,
    NOT_SEEN,
    RAN_OUT,
    STOPPED,
    TRANSITIONAL,
    UNKNOWN,
    Clearance,
    Procedure,
)
from mesotrain.core.dates import months_after
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.schemes import Document, Scheme
from mesotrain.store import clearance, drafts
from mesotrain.store.assertions import Assertion, Concerns, Retraction, said
from mesotrain.store.courses import Course
from tests.actions.clearing import CONDITION, SCHEME, Desk, desk, with_scheme
from tests.actions.taking import sit
from tests.world import World


def codes(found: Clearance) -> list[str]:
    """Why it is not simply cleared."""
    return [one.code for one in found.reasons if one.answer != CLEARED]


@pytest.fixture
def place(world: World) -> Desk:
    """A clinic at which everything but the trainee's own is in order."""
    return desk(world)


def ready(place: Desk) -> Desk:
    """The trainee has passed and shown the document."""
    sit(place.world, "trainee", right=4)
    place.document()
    return place


def test_what_was_shown_and_passed_clears_until_the_first_of_it_ends(place: Desk) -> None:
    assert codes(place.ask()) == [NOT_SEEN, "not started"]
    ready(place)
    found = place.ask()
    assert (found.answer, found.until) == (CLEARED, months_after(place.today, 12))
    assert codes(place.ask(on=found.until)) == [RAN_OUT]
    assert place.ask(who="colleague").answer == NOT_CLEARED, "it is nobody else's"


def test_a_document_counts_no_longer_than_it_is_good(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    ends = place.today + timedelta(days=9)
    place.document(until=ends)
    assert place.ask().until == ends
    assert codes(place.ask(on=ends)) == [RAN_OUT]
    assert place.ask(on=ends - timedelta(days=1)).answer == CLEARED


def test_a_document_seen_by_mistake_was_never_seen_and_the_record_says_both(place: Desk) -> None:
    ready(place)
    before = place.world.clock()
    place.world.clock.forward(days=1)
    place.say(
        assertions.retract,
        place.world.do(lambda session: session.scalar(select(func.max(Assertion.id)))),
        "Not theirs.",
    )
    assert codes(place.ask()) == [NOT_SEEN]
    assert codes(place.ask(on=before.date())) == [NOT_SEEN], "it never was so"
    assert place.ask(on=before.date(), known_at=before).answer == CLEARED, "but it was recorded so"


def test_a_clinic_answers_from_the_day_it_set_and_of_what_it_offers(place: Desk) -> None:
    ready(place)
    mill = place.ask(who="elsewhere", clinic="Mill")
    assert (mill.answer, codes(mill)) == (UNKNOWN, [NOT_IN_USE])
    assert place.ask(on=place.today - timedelta(days=1)).answer == UNKNOWN
    later = place.today + timedelta(days=3)
    place.say(assertions.use, place.world.ids["Quay"], later)
    assert (place.ask().answer, place.ask(on=later).answer) == (UNKNOWN, CLEARED), "the newest day counts"
    place.say(assertions.use, place.world.ids["Quay"], place.today)
    assert place.ask().answer == CLEARED
    with pytest.raises(Refused, match="offers the procedure already"):
        place.say(assertions.offer, place.concerns(clinic=place.world.ids["Quay"]))
    with place.world.session() as session:
        (offer,) = [one.row.id for one in said(session, place.world.ids["Harbour"], None) if one.row.kind == "offer"]
    place.say(assertions.retract, offer, "The room is let.")
    assert codes(place.ask()) == [NOT_OFFERED]
    assert codes(place.ask(on=place.today - timedelta(days=1))) == [NOT_IN_USE]


def test_a_stop_of_a_person_bars_them_at_once_and_until_somebody_lifts_it(place: Desk) -> None:
    ready(place)
    number = place.stop(person=place.world.ids["trainee"])
    found = place.ask()
    assert (found.answer, found.reasons[0].code, found.reasons[0].about) == (NOT_CLEARED, STOPPED, "A complaint.")
    assert place.ask(who="colleague").reasons[0].code != STOPPED
    place.world.clock.forward(days=2)
    assert codes(place.ask()) == [STOPPED]
    place.say(assertions.retract, number, "Unfounded.")
    assert place.ask().answer == CLEARED
    assert codes(place.ask(on=place.today - timedelta(days=1))) == [STOPPED], "the days it held stay"


def test_a_stop_of_a_procedure_bars_everybody_there(place: Desk) -> None:
    ready(place)
    place.stop(course=place.course, about="face")
    assert codes(place.ask()) == [STOPPED]
    assert place.ask(who="colleague").reasons[0].code == STOPPED


def test_somebody_goes_on_for_a_time_by_what_they_did_before(place: Desk) -> None:
    place.document()
    until = place.today + timedelta(days=30)
    concerns = place.concerns(person=place.world.ids["trainee"], clinic=place.world.ids["Quay"])
    place.say(assertions.let_go_on, concerns, until, "Ten years of it elsewhere.")
    found = place.ask()
    assert (found.answer, found.until) == (CLEARED, until)
    assert TRANSITIONAL in [one.code for one in found.reasons], "always shown as such"
    assert place.ask(on=until).answer == NOT_CLEARED
    for late in (place.today, months_after(place.today, 12) + timedelta(days=1)):
        with pytest.raises(Refused, match="within 12 months"):
            place.say(assertions.let_go_on, concerns, late, "Still.")


def test_grace_is_what_the_scheme_says_it_is(world: World) -> None:
    place = ready(desk(world, grace_days=30))
    ends = months_after(place.today, 24)
    place.document(seen=place.today)
    world.clock.forward(days=(ends - place.today).days)
    place.document()
    found = place.ask()
    assert (found.answer, found.conditions) == (CONDITIONAL, (CONDITION,))
    assert found.until == ends + timedelta(days=30)


def test_who_does_not_work_there_is_not_cleared(place: Desk) -> None:
    ready(place)
    world, trainee, harbour = place.world, place.world.ids["trainee"], place.world.ids["Harbour"]
    days = [place.today]
    for change in (people.suspend, people.resume, people.end):
        world.clock.forward(days=2)
        place.say(change, trainee, by="administrator")
        days.append(place.today)
    assert [place.ask(on=day).answer for day in days] == [CLEARED, NOT_CLEARED, CLEARED, NOT_CLEARED]
    assert codes(place.ask()) == [NOT_HERE]
    world.clock.forward(days=2)
    back = [(TRAINEE, world.ids["Mill"])]
    world.do(lambda s: people.join(s, world.clock(), harbour, s.get_one(people.store.Person, trainee), back))
    assert codes(place.ask()) == [NOT_HERE], "they came back to another clinic"
    place.say(people.change_roles, trainee, [(TRAINEE, world.ids["Quay"])], by="administrator")
    assert place.ask().answer == CLEARED


def test_a_stop_is_told_where_clearance_is_not_in_use_and_where_no_scheme_speaks(place: Desk) -> None:
    place.say(assertions.use, place.world.ids["Quay"], place.today + timedelta(days=9))
    place.stop(person=place.world.ids["trainee"])
    assert codes(place.ask()) == [STOPPED, NOT_IN_USE]
    assert place.ask().answer == NOT_CLEARED, "the worst decides"


def test_the_day_a_clinic_relies_on_it_is_changed_and_not_taken_back(place: Desk) -> None:
    ready(place)
    with place.world.session() as session:
        (use,) = [one.row.id for one in said(session, place.world.ids["Harbour"], None) if one.row.kind == "use"]
    with pytest.raises(NotFound):
        place.say(assertions.retract, use, "We changed our minds.")
    assert place.ask().answer == CLEARED


def test_who_joins_again_works_where_they_joined_and_nowhere_else(place: Desk) -> None:
    ready(place)
    world, trainee, harbour = place.world, place.world.ids["trainee"], place.world.ids["Harbour"]
    world.clock.forward(days=2)
    there = [(TRAINEE, world.ids["Mill"])]
    world.do(lambda s: people.join(s, world.clock(), harbour, s.get_one(people.store.Person, trainee), there))
    assert codes(place.ask()) == [NOT_HERE]


@pytest.fixture
def both(place: Desk) -> Desk:
    """The manager is a clinician of the clinic as well."""
    held = [(MANAGER, place.world.ids["Quay"]), (TRAINEE, place.world.ids["Quay"])]
    place.say(people.change_roles, place.world.ids["manager"], held, by="administrator")
    return place


def test_nobody_says_it_of_themselves_nor_by_a_merge(both: Desk) -> None:
    manager, colleague = (both.world.ids[who] for who in ("manager", "colleague"))
    with pytest.raises(Refused, match="Nobody says this of themselves"):
        both.document("manager")
    both.document("colleague")
    both.stop(person=colleague)
    both.say(merges.merge, manager, colleague, by="administrator")
    assert NOT_SEEN in codes(both.ask(who="manager")), "it was their own word"
    assert STOPPED in codes(both.ask(who="manager")), "a stop comes along whoever said it"


def test_a_stop_that_is_over_stays_on_its_days_after_a_merge(place: Desk) -> None:
    number = place.stop(person=place.world.ids["colleague"])
    day = place.today
    place.world.clock.forward(days=2)
    place.say(assertions.retract, number, "It was looked into.")
    place.say(merges.merge, place.world.ids["trainee"], place.world.ids["colleague"], by="administrator")
    assert STOPPED in codes(place.ask(on=day))
    assert STOPPED not in codes(place.ask())


@pytest.mark.parametrize("clinic", [None, "Mill"])
def test_who_manages_one_clinic_takes_back_nothing_of_another(place: Desk, clinic: str | None) -> None:
    world = place.world
    everywhere = replace(world.actor("administrator"), roles={MANAGER: frozenset[int]()})
    concerns, where = Concerns(course=place.course, about="face"), [world.ids[clinic] if clinic else None]
    now = world.clock()
    number = world.do(lambda session: assertions.stop(session, everywhere, now, concerns, where, "A recall."))
    with pytest.raises(NotFound if clinic else Refused, match=None if clinic else "Choose one of your clinics"):
        place.say(assertions.retract, number, "It is over here.")


def test_another_organisations_scheme_speaks_of_nothing_here(place: Desk) -> None:
    ready(place)
    theirs = replace(with_scheme(), name="theirs")
    northlight = place.world.ids["Northlight"]
    place.world.do(lambda s: courses.publish(s, place.world.clock(), theirs, northlight, "editorial"))
    with place.world.session() as session:
        at = clearance.when(session, place.world.clock(), None)
        found = {one.course_name for one in clearance.procedures(session, place.world.ids["Harbour"], at)}
        elsewhere = {one.course_name for one in clearance.procedures(session, northlight, at)}
    assert (found, elsewhere) == ({"tiny"}, {"tiny", "theirs"})


def test_a_past_answer_stays_whatever_is_recorded_since(place: Desk) -> None:
    world, asked = place.world, []

    def look() -> None:
        asked.append((world.clock(), place.ask()))
        world.clock.forward(days=3)

    look()
    sit(world, "trainee", right=4)
    look()
    place.document()
    look()
    place.stop(person=world.ids["trainee"])
    look()
    face, tomorrow = Procedure("face", "Papules of the face", ("BAS",), (), "Policy."), place.today + timedelta(days=1)
    without = Scheme((), (face,), begins=tomorrow)
    world.do(lambda s: courses.publish(s, world.clock(), with_scheme(without, valid_months=1), change="editorial"))
    look()
    place.say(people.suspend, world.ids["trainee"], by="administrator")
    look()
    with world.session() as session:
        (offer,) = [one.row.id for one in said(session, world.ids["Harbour"], None) if one.row.kind == "offer"]
    place.say(assertions.retract, offer, "The room is let.")
    world.do(lambda s: courses.publish(s, world.clock(), with_scheme(Scheme()), change="editorial"))
    look()
    assert len({one for _, one in asked}) == len(asked), "each recording changed the answer"
    assert codes(asked[-1][1]) == [NO_RULE]
    for moment, answer in asked:
        assert place.ask(on=moment.date(), known_at=moment) == answer


def test_a_clinic_that_relied_on_it_goes_on(place: Desk) -> None:
    quay, began = place.world.ids["Quay"], place.today
    place.world.clock.forward(days=9)
    with pytest.raises(Refused, match=f"relied on it since {began}"):
        place.say(assertions.use, quay, place.today)
    place.say(assertions.use, quay, began - timedelta(days=1))


def test_the_reason_of_a_stop_names_no_patient(place: Desk) -> None:
    with pytest.raises(Refused, match="may identify a patient"):
        place.stop("A complaint of NHS 943 476 5919.", person=place.world.ids["trainee"])
    number = place.stop("A complaint.", person=place.world.ids["trainee"])
    with pytest.raises(Refused, match="may identify a patient"):
        place.say(assertions.retract, number, "It was about 12/03/1980.")


def test_a_day_is_judged_by_the_rule_that_was_in_force_on_it(place: Desk) -> None:
    world = place.world
    ready(place)
    before = place.today
    world.clock.forward(days=10)
    more = replace(SCHEME, procedures=(replace(SCHEME.procedures[0], documents=("register", "life-support")),))
    more = replace(more, documents=(*SCHEME.documents, Document("life-support", "Life support", 12, "Policy.")))
    more = replace(more, begins=place.today + timedelta(days=1))
    world.do(lambda s: courses.publish(s, world.clock(), with_scheme(more), change="editorial"))
    world.clock.forward(days=1)
    assert place.ask().answer == NOT_CLEARED, "the new rule asks for more"
    assert place.ask(on=before + timedelta(days=9)).answer == CLEARED, "the day before it was judged by the old one"
    assert place.ask(on=before - timedelta(days=1)).reasons[0].code == NOT_IN_USE, "before any, by the first there was"


REFUSED = {
    "oneself": (lambda place: place.document("manager", by="manager"), NotFound, None),
    "a trainee of another clinic": (lambda place: place.document("elsewhere"), NotFound, None),
    "another organisation's": (lambda place: place.document("other_trainee"), NotFound, None),
    "by a trainee": (lambda place: place.document(by="colleague"), NotFound, None),
    "a day to come": (
        lambda place: place.document(seen=place.today + timedelta(days=1)),
        Refused,
        "on a day that has come",
    ),
    "one that had run out": (lambda place: place.document(until=place.today), Refused, "had run out when it was seen"),
    "no such document": (
        lambda place: place.say(
            assertions.see_document,
            Concerns(place.world.ids["trainee"], course=place.course, about="diploma"),
            place.today,
            None,
            "",
        ),
        NotFound,
        None,
    ),
    "no such procedure": (lambda place: place.stop(course=place.course, about="scalp"), NotFound, None),
    "a stop of nothing": (lambda place: place.stop(), NotFound, None),
    "a stop of both": (
        lambda place: place.stop(person=place.world.ids["trainee"], course=place.course, about="face"),
        NotFound,
        None,
    ),
    "a stop without a reason": (lambda place: place.stop(" ", person=place.world.ids["trainee"]), Refused, "Say why"),
    "a stop with too long a reason": (
        lambda place: place.stop("x" * 501, person=place.world.ids["trainee"]),
        Refused,
        "500 characters",
    ),
    "a stop everywhere by who manages one clinic": (
        lambda place: place.stop(person=place.world.ids["trainee"], clinic=None),
        Refused,
        "Choose one of your clinics",
    ),
    "a clinic one does not manage": (
        lambda place: place.say(assertions.use, place.world.ids["Mill"], place.today),
        NotFound,
        None,
    ),
    "another organisation's clinic": (
        lambda place: place.say(assertions.use, place.world.ids["Cork"], place.today),
        NotFound,
        None,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_be_said_is_refused_and_leaves_nothing(place: Desk, what: str) -> None:
    attempt, error, words = REFUSED[what]

    def many() -> tuple[int, ...]:
        with place.world.session() as session:
            return tuple(session.scalar(select(func.count()).select_from(one)) or 0 for one in (Assertion, Retraction))

    before = many()
    with pytest.raises(error, match=words):
        attempt(place)
    assert many() == before


def test_only_who_may_say_it_takes_it_back_and_once(place: Desk) -> None:
    number = place.stop(person=place.world.ids["trainee"])
    for who in ("other_manager", "educator", "auditor"):
        with pytest.raises(NotFound):
            place.say(assertions.retract, number, "It is over.", by=who)
    with pytest.raises(Refused, match="Say why"):
        place.say(assertions.retract, number, "")
    place.say(assertions.retract, number, "It is over.")
    with pytest.raises(NotFound):
        place.say(assertions.retract, number, "It is over.")
    with place.world.session() as session:
        (one,) = said(session, place.world.ids["Harbour"], place.world.ids["trainee"])
    assert (one.by, one.row.reason, one.retracted_by, one.retracted_for) == (
        "Mona Manager",
        "A complaint.",
        "Mona Manager",
        "It is over.",
    )


def test_what_was_said_of_one_account_goes_on_under_the_other(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    place.document("colleague")
    place.stop(person=place.world.ids["colleague"])
    trainee, colleague = (place.world.ids[who] for who in ("trainee", "colleague"))
    place.say(merges.merge, trainee, colleague, by="administrator")
    assert codes(place.ask()) == [STOPPED], "the document came along, and so did the stop"
    assert codes(place.ask(who="colleague"))[0] == NOT_HERE


def test_a_plan_says_what_changes_of_a_scheme_and_what_undoes_a_change(place: Desk) -> None:
    scalp, tomorrow = Procedure("scalp", "Of the scalp", ("BAS",), (), "Policy."), place.today + timedelta(days=1)
    changed = Scheme(SCHEME.documents, (*SCHEME.procedures, scalp), begins=tomorrow)

    def plan(scheme: Scheme) -> list[tuple[str, str, str, str]]:
        with place.world.session() as session:
            ready = courses.make_ready(session, with_scheme(scheme), None)
        return [(one.what, one.piece.kind, one.name, one.conflict) for one in ready.plan.changes]

    assert plan(SCHEME) == []
    parts = [("rules", "from"), ("procedure", "scalp")]
    assert plan(changed) == [*(("added", *part, "") for part in parts), ("retired", "status", "in grace", "")]
    place.world.do(lambda s: courses.publish(s, place.world.clock(), with_scheme(changed), change="editorial"))
    assert plan(changed) == []
    later = replace(changed, begins=tomorrow + timedelta(days=1))
    assert plan(later) == [("changed", "rules", "from", "")], "the day alone is a change"
    with place.world.session() as session:
        course = session.scalars(select(Course).filter_by(name="tiny")).one().id
        once = drafts.once_published(session, course)
        live = drafts.live_pieces(session, drafts.newest(session, course))
    undone = core.plan(live, core.pieces(with_scheme(SCHEME)), once)
    assert {(one.name, one.conflict) for one in undone.conflicts} == {
        ("in grace", "retired"),
        ("scalp", "newer"),
        ("from", "newer"),
    }
