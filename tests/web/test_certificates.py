"""Certificates in the browser: what one holds, its sheet, and what a manager says of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from mesotrain.actions import courses, people
from mesotrain.core.access import TRAINEE
from tests.actions.certifying import certifies, stage, suspend, with_card
from tests.actions.clearing import BY_QUIZ, CARD, Desk, desk, with_scheme
from tests.actions.taking import sit
from tests.web.test_clearance import statements
from tests.world import World


@pytest.fixture
def place(world: World) -> Desk:
    """The trainee is certified."""
    found = certifies(world)
    sit(world, "trainee", right=4)
    found.document()
    return found


def read(place: Desk, who: str, path: str, status: int = 200) -> str:
    reply = place.world.client(who).get(path)
    assert reply.status_code == status
    return reply.get_data(as_text=True)


def theirs(place: Desk, who: str = "trainee") -> str:
    return f"/team/{place.world.ids[who]}/certificates"


def test_what_one_holds_is_said_with_what_it_rests_on_and_a_sheet_to_print(place: Desk) -> None:
    assert 'href="/record/certificates"' in read(place, "trainee", "/record")
    page = read(place, "trainee", "/record/certificates")
    for words in ("Certificate in injecting", "Certified", "good until before 12 Mar 2029", "renewed from 12 Dec 2028"):
        assert words in page
    assert "By the quiz" in page
    assert "No course here certifies" not in page
    address = f"/record/certificates/{place.course}/card/sheet"
    assert f'href="{address}"' in page
    sheet = read(place, "trainee", address)
    for words in (
        "Tess Trainee", "Harbour", "12 Mar 2027", "12 Mar 2029", "Basics", "Professional registration",
        "confers no authority to practise", "no clinician has signed off",
    ):  # fmt: skip
        assert words in sheet
    manager = read(place, "manager", theirs(place))
    assert f"{theirs(place)}/{place.course}/card/sheet" in manager
    assert "Tess Trainee" in read(place, "manager", f"{theirs(place)}/{place.course}/card/sheet")
    assert theirs(place) in read(place, "manager", f"/team/{place.world.ids['trainee']}")


def test_what_is_missing_is_named_and_there_is_no_sheet_of_what_is_not_held(place: Desk) -> None:
    page = read(place, "colleague", "/record/certificates")
    assert "Not started" in page
    assert page.count("Missing") == 3
    assert 'href="/courses/tiny/basics">Go there' in page
    assert "Go there" not in read(place, "manager", theirs(place, "colleague")), "a manager sits it for nobody"
    assert "Passed in the last 6 months: The basics" in page
    read(place, "colleague", f"/record/certificates/{place.course}/card/sheet", 404)
    read(place, "trainee", f"/record/certificates/{place.course}/missing/sheet", 404)


def test_what_it_asks_for_is_that_of_today_and_not_of_a_rule_to_come(place: Desk) -> None:
    later = replace(CARD, paths=(replace(BY_QUIZ, documents=()),))
    text = with_scheme(replace(with_card(later), begins=place.today + timedelta(days=90)))
    place.world.do(lambda session: courses.publish(session, place.world.clock(), text, change="editorial"))
    assert "Seen: Professional registration" in read(place, "colleague", "/record/certificates")
    place.world.clock.forward(days=90)
    assert "Seen: Professional registration" not in read(place, "colleague", "/record/certificates")


def test_where_no_course_certifies_anything_it_says_so(world: World) -> None:
    assert "No course here certifies" in read(desk(world), "trainee", "/record/certificates")


def test_it_is_suspended_lifted_revoked_and_given_for_a_time_from_the_page_alone(place: Desk) -> None:
    manager, here = place.world.client("manager"), theirs(place)
    form = {"certificate": f"{place.course}/card", "reason": ""}
    refused = manager.post(f"{here}/suspend", data=form)
    assert refused.status_code == 422
    assert "Say why" in refused.get_data(as_text=True)
    form["reason"] = "A complaint."
    _stands(place, manager.post(f"{here}/suspend", data=form))
    page = read(place, "manager", here)
    (number,) = {part.partition("/lift")[0] for part in page.split(f'action="{here}/')[1:] if "/lift" in part[:20]}
    mine = read(place, "trainee", "/record/certificates")
    assert "Suspended" in mine
    assert "A complaint." in mine
    assert "Mona Manager said so on" in mine
    assert "No second person" in mine
    assert "/lift" not in mine
    clearance = read(place, "trainee", "/record/clearance")
    assert "The certificate was suspended." in clearance
    assert "By Mona Manager, on 12 Mar 2027. No second person confirmed it." in clearance
    clearance = read(place, "manager", f"/team/{place.world.ids['trainee']}/clearance")
    assert "Certificate suspended: Certificate in injecting" in clearance
    assert f"/clearance/{number}/retract" not in clearance, "it is lifted where certificates are"
    assert manager.post(f"{here}/{number}/lift", data={"reason": " "}).status_code == 422
    assert manager.post(f"{here}/{number}/lift", data={"reason": "Unfounded."}).status_code == 303
    assert "Unfounded." in read(place, "trainee", "/record/certificates")
    _stands(place, manager.post(f"{here}/revoke", data=form))
    assert "Revoked" in read(place, "trainee", "/record/certificates")
    other, until = theirs(place, "colleague"), (place.today + timedelta(days=9)).isoformat()
    assert manager.post(f"{other}/lend", data=form | {"until": "soon"}).status_code == 422
    assert manager.post(f"{other}/lend", data=form | {"until": until}).status_code == 303
    assert "For a time" in read(place, "colleague", "/record/certificates")
    sheet = read(place, "colleague", f"/record/certificates/{place.course}/card/sheet")
    assert "It was given for a time" in sheet
    assert "Mona Manager" in sheet


def _stands(place: Desk, reply: TestResponse) -> None:
    """What the only manager proposed stands by their word alone."""
    assert reply.status_code == 303
    where, manager = reply.headers["Location"], place.world.client("manager")
    assert "Nobody else manages a clinic of theirs" in manager.get(where).get_data(as_text=True)
    assert manager.post(where, {"answer": "alone"}, page=where).status_code == 303


def test_who_is_not_certified_is_told_the_shortest_way_to_it(place: Desk) -> None:
    page = read(place, "colleague", "/record/clearance")
    assert "Certificate in injecting: Not started" in page
    assert "Pass “The basics”" in page
    assert 'href="/courses/tiny/basics"' in page
    assert "sees it: Professional registration." in page
    place.world.clock.forward(days=740)
    place.document()
    page = read(place, "trainee", "/record/clearance")
    assert "Certificate in injecting: In grace" in page
    assert "1 document seen" not in page
    suspend(place)
    assert "Nothing they learn or show makes it green" in read(place, "trainee", "/record/clearance")


def test_who_may_not_decide_is_shown_no_form(place: Desk) -> None:
    number = suspend(place)
    assert "<form method" not in read(place, "auditor", theirs(place)).partition("<main")[2]
    assert place.world.client("manager").post(f"{theirs(place, 'colleague')}/{number}/lift").status_code == 404
    assert place.world.client("other_manager").post(f"{theirs(place)}/{number}/lift").status_code == 404
    both = [(TRAINEE, place.world.ids["Quay"]), (TRAINEE, place.world.ids["Mill"])]
    place.say(people.change_roles, place.world.ids["trainee"], both, by="administrator")
    page = read(place, "manager", theirs(place))
    assert "Only who manages all clinics they work at" in page
    assert "/suspend" in page
    assert "/lift" not in page
    assert stage(place).state == "suspended"


def test_whoever_has_left_keeps_their_certificates_and_nobody_says_anything_of_them(place: Desk) -> None:
    place.say(people.end, place.world.ids["trainee"], by="administrator")
    page = read(place, "trainee", "/record/certificates")
    assert "Certified" in page
    assert "What it asks for" not in page
    assert "Tess Trainee" in read(place, "trainee", f"/record/certificates/{place.course}/card/sheet")
    page = read(place, "manager", theirs(place))
    assert "They have left" in page
    assert "/suspend" not in page
    form = {"certificate": f"{place.course}/card", "reason": "A complaint."}
    assert place.world.client("manager").post(f"{theirs(place)}/suspend", data=form).status_code == 404


def test_a_page_takes_as_many_statements_with_ten_times_the_record(place: Desk) -> None:
    browser = place.world.client("manager")

    def many() -> int:
        with statements(place.world) as found:
            assert browser.get(theirs(place)).status_code == 200
        return len(found)

    many()
    few = many()
    for _ in range(3):
        place.document()
        sit(place.world, "trainee", right=4)
    suspend(place)
    assert many() == few <= 22
