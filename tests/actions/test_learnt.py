"""What was learnt elsewhere: who saw it, for how long it counts, and that it is taken back with a reason."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mesotrain.actions import assertions, courses, merges
from mesotrain.core.clearance import CLEARED, ELSEWHERE, NOT_CLEARED
from mesotrain.core.dates import months_after
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.schemes import Prior
from mesotrain.store import people
from mesotrain.store.assertions import Concerns, said
from mesotrain.store.copies import copy_of
from tests.actions.clearing import SCHEME, Desk, desk, with_scheme
from tests.actions.taking import sit
from tests.cli.test_commands import invoke
from tests.web.test_api import ask, key
from tests.world import World

MONTHS = 12
WITH_PRIOR = replace(SCHEME, prior=(Prior("BAS", MONTHS, "Policy. What is not used fades."),))
SAW, WHERE = "The certificate of the course", "St Anne, Lyon"


@pytest.fixture
def place(world: World) -> Desk:
    """A trainee whose document was seen, where what was learnt elsewhere counts."""
    found = desk(world, WITH_PRIOR)
    found.document()
    return found


def recognise(place: Desk, learnt: date | None = None, who: str = "trainee", **told: Any) -> int:
    concerns = Concerns(place.world.ids[who], course=place.course, about=told.pop("about", "BAS"))
    saw, where = told.pop("saw", SAW), told.pop("where", WHERE)
    number: int = place.say(assertions.recognise, concerns, learnt or place.today, saw, where, **told)
    return number


def codes(place: Desk, **asked: Any) -> set[str]:
    return {one.code for one in place.ask(**asked).reasons}


def test_it_counts_from_the_day_it_was_learnt_until_it_is_too_old(place: Desk) -> None:
    assert place.ask().answer == NOT_CLEARED
    learnt = place.today - timedelta(days=100)
    recognise(place, learnt)
    found, ends = place.ask(), months_after(learnt, MONTHS)
    assert (found.answer, found.until) == (CLEARED, ends)
    (reason,) = (one for one in found.reasons if one.code == ELSEWHERE)
    assert reason.until == ends
    assert [(one.kind, one.day, one.by) for one in reason.evidence] == [("prior learning", learnt, "Mona Manager")]
    assert "not started" in codes(place, on=ends)
    assert "not started" in codes(place, who="colleague"), "it is nobody else's"


def test_what_is_proved_here_outweighs_it(place: Desk) -> None:
    recognise(place)
    sit(place.world, "trainee", right=4)
    assert codes(place) == {"document seen", "current"}


def test_what_was_taken_back_was_never_seen_and_the_record_says_both(place: Desk) -> None:
    number, day, moment = recognise(place), place.today, place.world.clock()
    place.world.clock.forward(days=2)
    place.say(assertions.retract, number, "The paper was another's.")
    assert place.ask(on=day).answer == NOT_CLEARED
    assert place.ask(on=day, known_at=moment).answer == CLEARED
    with place.world.session() as session:
        one, _ = said(session, place.world.ids["Harbour"], place.world.ids["trainee"])
    assert (one.row.reason, one.by) == (f"{SAW}; {WHERE}", "Mona Manager")
    assert (one.retracted_by, one.retracted_for) == ("Mona Manager", "The paper was another's.")


def test_a_scheme_that_accepts_it_no_more_says_from_which_day(place: Desk) -> None:
    recognise(place)
    now, day = place.world.clock(), place.today + timedelta(days=9)
    with pytest.raises(Refused, match="Name a day to come"):
        place.world.do(lambda s: courses.publish(s, now, with_scheme(), change="editorial"))
    later = with_scheme(replace(SCHEME, begins=day))
    place.world.do(lambda s: courses.publish(s, now, later, change="editorial"))
    found = place.ask()
    assert (found.answer, found.until, [one.code for one in found.then]) == (CLEARED, day, ["not started"])
    assert place.ask(on=day).answer == NOT_CLEARED


def test_it_goes_along_when_two_accounts_are_one_and_stands_in_the_copy_of_the_record(place: Desk) -> None:
    recognise(place, who="colleague")
    place.say(merges.merge, place.world.ids["trainee"], place.world.ids["colleague"], by="administrator")
    assert ELSEWHERE in codes(place)
    with place.world.session() as session:
        copy: Any = copy_of(session, session.get_one(people.Person, place.world.ids["trainee"]))
    (kept,) = (one for one in copy["organisations"][0]["said of clearance"] if one["kind"] == "prior learning")
    assert (kept["about"], kept["start_day"], kept["reason"]) == ("BAS", str(place.today), f"{SAW}; {WHERE}")


REFUSED: dict[str, tuple[Callable[[Desk], Any], type[Exception], str | None]] = {
    "a day to come": (lambda place: recognise(place, place.today + timedelta(days=1)), Refused, "a day that has come"),
    "too long ago": (
        lambda place: recognise(place, months_after(place.today, -MONTHS)),
        Refused,
        "too long ago: .* 12 mo",
    ),
    "nothing seen": (lambda place: recognise(place, saw=" "), Refused, "Say what you saw"),
    "learnt nowhere": (lambda place: recognise(place, where=""), Refused, "where it was learnt"),
    "a patient": (lambda place: recognise(place, saw="A case of NHS 943 476 5919"), Refused, "may identify a patient"),
    "what the scheme does not accept": (lambda place: recognise(place, about="ASP"), NotFound, None),
    "oneself": (lambda place: recognise(place, who="manager"), NotFound, None),
    "another organisation's": (lambda place: recognise(place, who="other_trainee"), NotFound, None),
    "by a trainee": (lambda place: recognise(place, by="colleague"), NotFound, None),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_be_said_is_refused(place: Desk, what: str) -> None:
    attempt, error, words = REFUSED[what]
    with pytest.raises(error, match=words):
        attempt(place)
    assert place.ask().answer == NOT_CLEARED


def test_the_pages_record_it_show_it_and_take_it_back(place: Desk) -> None:
    manager, url = place.world.client("manager"), f"/team/{place.world.ids['trainee']}/clearance"
    assert "They learnt it elsewhere" in manager.get(url).text
    form = {"competency": f"{place.course}/BAS", "on": "2027-01-04", "saw": SAW, "where": WHERE}
    refused = manager.post(f"{url}/learnt", data=form | {"saw": ""})
    assert refused.status_code == 422
    assert "Say what you saw, and where it was learnt." in refused.text
    assert manager.post(f"{url}/learnt", data=form).status_code == 303
    page = manager.get(url).text
    assert "Basics: It was learnt elsewhere, and somebody saw that." in page
    assert re.search(r"Learnt elsewhere on 4.Jan.2027, said by Mona Manager, entry \d+ of the log", page)
    assert f"{SAW}; {WHERE}" in page
    assert "Learnt elsewhere: Basics" in page
    own = place.world.client("trainee").get("/record/clearance").text
    assert f"{SAW}; {WHERE}" in own
    for who, path in (("trainee", "/record"), ("manager", f"/team/{place.world.ids['trainee']}")):
        page = re.sub(r"<[^>]*>|\s+", " ", place.world.client(who).get(path).text)
        assert re.search(rf"Learnt elsewhere, for clearance alone +{SAW}; {WHERE}", page)
    assert "They learnt it elsewhere" not in place.world.client("auditor").get(url).text
    told = ask(place, key(place)).get_json()
    (reason,) = (one for one in told["reasons"] if one["code"] == ELSEWHERE)
    assert (reason["until"], reason["says"]) == (
        "2028-01-04",
        "Basics: It was learnt elsewhere, and somebody saw that.",
    )
    text = invoke(place.world, "clearance", "trainee@example.org", "face", f"--at={place.today}").output
    assert "  cleared: Basics: It was learnt elsewhere, and somebody saw that.\n    until before 2028-01-04\n" in text
    with place.world.session() as session:
        number = max(one.row.id for one in said(session, place.world.ids["Harbour"], place.world.ids["trainee"]))
    assert manager.post(f"{url}/{number}/retract", data={"reason": "Another's."}).status_code == 303
    assert "It was learnt elsewhere" not in manager.get(url).text
    assert (
        "Learnt elsewhere, for clearance alone, withdrawn: Another" in place.world.client("trainee").get("/record").text
    )


def test_the_way_asks_for_it_where_nothing_here_proves_the_competency(place: Desk) -> None:
    url = f"/clearance/{place.world.ids['Quay']}/people?q=tess"
    assert "4 questions" in place.world.client("manager").get(url).text
    assert "elsewhere" not in place.world.client("manager").get(url).text
    course = with_scheme(WITH_PRIOR)
    unproved = replace(course.competencies[0], code="NEW", title="News")
    scheme = replace(
        WITH_PRIOR,
        procedures=(replace(SCHEME.procedures[0], name="neck", competencies=("NEW",)), *SCHEME.procedures),
        prior=(Prior("NEW", 6, "Policy."), *WITH_PRIOR.prior),
    )
    more = replace(course, scheme=scheme, competencies=(*course.competencies, unproved))
    now = place.world.clock()
    place.world.do(lambda s: courses.publish(s, now, more, change="editorial"))
    place.say(assertions.offer, replace(place.concerns(clinic=place.world.ids["Quay"]), about="neck"))
    page = place.world.client("manager").get(url).text
    assert "1 proof from elsewhere" in page
    assert "Somebody who manages the clinic sees that it was learnt elsewhere: News." in page
    (to,) = re.findall(r'href="([^"]*learnt=[^"]*NEW[^"]*)"', page)
    form = place.world.client("manager").get(to.replace("&amp;", "&")).text
    assert re.search(rf'<option value="{place.course}/NEW" selected>', form)
