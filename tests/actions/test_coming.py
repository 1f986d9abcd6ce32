"""A rule that is to come, as it is published: from which day, what stands until then, and whose answers turn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mesotrain.actions import assertions, coming, courses
from mesotrain.core.clearance import CLEARED, NOT_CLEARED, UNKNOWN, Procedure
from mesotrain.core.errors import Refused
from mesotrain.core.schemes import Document, Scheme
from mesotrain.store import clearance
from mesotrain.store import coming as store
from mesotrain.store.assertions import Concerns, said
from mesotrain.store.courses import Publication
from tests.actions.clearing import SCHEME, Desk, desk, with_scheme
from tests.actions.taking import sit
from tests.world import World

LIFE_SUPPORT = Document("life-support", "Life support", 12, "Policy.")
(FACE,) = SCHEME.procedures
MORE = replace(
    SCHEME,
    documents=(*SCHEME.documents, LIFE_SUPPORT),
    procedures=(replace(FACE, documents=("register", "life-support")),),
)


@pytest.fixture
def place(world: World) -> Desk:
    """A trainee who is cleared for the face, at a clinic that offers it."""
    found = desk(world)
    sit(world, "trainee", right=4)
    found.document()
    world.clock.forward(days=3)
    return found


def publish(place: Desk, scheme: Scheme, **rule: int) -> None:
    now = place.world.clock()
    place.world.do(lambda s: courses.publish(s, now, with_scheme(scheme, **rule), change="editorial"))


def days(place: Desk, many: int) -> date:
    return place.today + timedelta(days=many)


def test_a_rule_holds_from_its_day_and_the_one_before_until_then(place: Desk) -> None:
    day, before = days(place, 20), place.ask()
    publish(place, replace(MORE, begins=day))
    found = place.ask()
    assert (found.answer, found.reasons, found.until) == (CLEARED, before.reasons, day)
    assert [one.about for one in found.then] == ["life-support"]
    assert place.ask(on=day - timedelta(days=1)).answer == CLEARED
    assert place.ask(on=day).answer == NOT_CLEARED
    moment = place.world.clock()
    place.world.clock.forward(days=20)
    assert place.ask().answer == NOT_CLEARED
    assert place.ask(on=days(place, -1)).answer == CLEARED, "the day before was judged by the rule in force on it"
    assert place.ask(on=moment.date(), known_at=moment) == found, "a past answer never changes"


def test_what_will_be_asked_for_is_shown_before(place: Desk) -> None:
    day = days(place, 20)
    publish(place, replace(MORE, begins=day))
    concerns = Concerns(place.world.ids["trainee"], course=place.course, about="life-support")
    place.say(assertions.see_document, concerns, place.today, None, "Looked up.")
    found = place.ask(on=day)
    assert (found.answer, place.ask().then) == (CLEARED, ())


def test_another_publication_before_its_day_takes_its_place(place: Desk) -> None:
    first, second = days(place, 20), days(place, 30)
    publish(place, replace(MORE, begins=first))
    place.world.clock.forward(days=2)
    publish(place, replace(MORE, begins=second))
    assert place.ask().until == second
    assert place.ask(on=first).answer == CLEARED, "the day was put off"
    publish(place, SCHEME)
    assert place.ask(on=second).answer == CLEARED, "what holds today needs no day, and what was to come is gone"


def test_what_holds_goes_on_when_its_day_stays_in_the_file_or_goes(place: Desk) -> None:
    day = days(place, 5)
    publish(place, replace(MORE, begins=day))
    place.world.clock.forward(days=6)
    publish(place, replace(MORE, begins=day, procedures=(replace(MORE.procedures[0], reason="In other words."),)))
    publish(place, MORE)
    assert place.ask(on=day).answer == NOT_CLEARED


def test_a_competency_that_goes_is_held_until_the_rule_that_asks_for_it_ends(place: Desk) -> None:
    course = with_scheme(replace(SCHEME, procedures=(replace(FACE, competencies=("NEW",)),), begins=days(place, 9)))
    (old,), (module,) = course.competencies, course.modules
    renamed = replace(
        course,
        competencies=(replace(old, code="NEW"),),
        modules=(
            replace(
                module,
                competency="NEW",
                questions=tuple(replace(one, competency="NEW") for one in module.questions),
            ),
        ),
    )
    now = place.world.clock()
    place.world.do(lambda s: courses.publish(s, now, renamed, change="editorial"))
    assert place.ask().answer == CLEARED
    assert place.ask(on=days(place, 9)).answer == NOT_CLEARED


UNDATED: dict[str, tuple[Callable[[Desk], Scheme], str]] = {
    "no day": (lambda _: MORE, r"^scheme.yaml:1: Papules of the face would .* Name a day to come"),
    "today": (
        lambda place: replace(MORE, begins=place.today, line=3),
        r"^scheme.yaml:3: .* 2027-03-15, is not to come",
    ),
    "a day that has passed": (lambda place: replace(MORE, begins=days(place, -1)), "is not to come"),
    "gone without a day": (lambda _: replace(SCHEME, procedures=(replace(FACE, name="other"),)), "Name a day"),
    "no scheme any more": (lambda place: Scheme(), "^scheme.yaml is gone, and clinics offer Papules of the face"),
}


@pytest.mark.parametrize("what", UNDATED)
def test_what_clinics_offer_asks_for_nothing_else_without_a_day_to_come(place: Desk, what: str) -> None:
    scheme, words = UNDATED[what]
    with pytest.raises(Refused, match=words):
        publish(place, scheme(place))
    with place.world.session() as session:
        assert session.scalar(select(Publication.number).order_by(Publication.number.desc()).limit(1)) == 2
    assert place.ask().until != place.today


def test_a_first_scheme_words_and_what_nobody_offers_need_no_day(place: Desk) -> None:
    publish(place, replace(SCHEME, procedures=(replace(FACE, title="The face", reason="In other words."),)))
    with place.world.session() as session:
        (offer,) = [one.row.id for one in said(session, place.world.ids["Harbour"], None) if one.row.kind == "offer"]
        now = place.world.clock()
        first = coming.outlook(session, now, None, MORE)
        assert (first.changes, first.wrong) == ({}, None)
        turned = coming.outlook(session, now, place.course, replace(MORE, begins=days(place, 1)))
        assert (turned.day, turned.changes, turned.wrong) == (days(place, 1), {"The face": 1}, None)
    place.say(assertions.retract, offer, "The room is let.")
    publish(place, MORE)
    publish(place, Scheme())


def test_a_procedure_that_goes_is_unknown_from_its_day(place: Desk) -> None:
    day = days(place, 9)
    scalp = Procedure("scalp", "Papules of the scalp", ("BAS",), (), "Policy.")
    publish(place, Scheme(SCHEME.documents, (replace(scalp, documents=("register",)),), begins=day))
    found = place.ask()
    assert (found.answer, found.until, [one.code for one in found.then]) == (CLEARED, day, ["no rule"])
    assert place.ask(on=day).answer == UNKNOWN


def test_whose_answers_turn_is_known_before(place: Desk) -> None:
    place.document("colleague")
    publish(place, replace(MORE, begins=days(place, 9)))
    actor, now, quay = place.world.actor("manager"), place.world.clock(), place.world.ids["Quay"]

    def look() -> tuple[list[str], list[Any]]:
        with place.world.session() as session:
            asked = clearance.procedures(session, actor.organisation, clearance.when(session, now, None))
            turning = store.turning(asked, {(place.course, "face")})
            assert store.turning(asked, {(place.course, "scalp")}) == []
            found = store.concerned(session, actor, now, quay, turning)
        return [one.procedure.title for one in turning], [(one.name, one.turn.after.answer) for one in found]

    assert look() == (["Papules of the face"], [("Tess Trainee", NOT_CLEARED)]), "the colleague is cleared by neither"
    concerns = Concerns(place.world.ids["trainee"], course=place.course, about="life-support")
    place.say(assertions.see_document, concerns, place.today, None, "Looked up.")
    assert look() == (["Papules of the face"], [])
