"""Clearance as a manager asks it and says what it rests on: every page, every form, and whom it is not for."""

import re
import sys
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from mesotrain.actions import assertions, courses, people
from mesotrain.core.access import TRAINEE
from mesotrain.core.clearance import CLEARED, CONDITIONAL, Meaning
from mesotrain.core.competence import SUPERVISED, Cases
from mesotrain.store.events import Event
from tests.actions.clearing import CONDITION, SCHEME, Desk, desk, with_scheme
from tests.actions.taking import sit
from tests.web.test_rosters import statements
from tests.world import Browser, World


@pytest.fixture
def place(world: World) -> Desk:
    return desk(world)


def asked(place: Desk, query: str = "", who: str = "trainee", by: str = "manager") -> str:
    return place.world.client(by).get(f"/team/{place.world.ids[who]}/clearance{query}").get_data(as_text=True)


def sent(place: Desk, what: str, by: str = "manager", who: str = "trainee", **form: object) -> TestResponse:
    browser: Browser = place.world.client(by)
    return browser.post(f"/team/{place.world.ids[who]}/clearance/{what}", data=form)


def test_a_manager_clears_somebody_from_the_pages_alone(world: World) -> None:
    place = desk(world)
    sit(world, "trainee", right=4)
    assert "Professional registration: The document was not seen." in asked(place)
    done = sent(place, "document", document=f"{place.course}/register", seen=place.today, note="Looked up.")
    assert done.status_code == 303
    page = asked(place)
    assert '<span class="state good">Cleared</span>' in page
    assert "Basics: Current" in page
    assert "Looked up." in page
    assert "Document seen on 12 Mar 2027, said by Mona Manager, entry" in page
    assert re.search(r"Quiz or exam passed on 12 Mar 2027, marked by Mesotrain, entry \d+ of the log, on text", page)
    assert re.search(r"Current\s*<span class=\"aside\">until before <time[^>]*>12\sMar\s2029", page)
    done = sent(place, "stop", clinic=world.ids["Quay"], reason="A complaint.")
    assert done.status_code == 303
    page = asked(place)
    assert '<span class="state stop">Not cleared</span>' in page
    assert "It was stopped. A complaint." in page


def test_a_transitional_clearance_is_always_shown_as_such(place: Desk) -> None:
    place.document()
    until, clinic = place.today + timedelta(days=30), place.world.ids["Quay"]
    form = {"procedure": f"{place.course}/face", "clinic": clinic, "until": until, "reason": "Ten years of it."}
    assert sent(place, "go-on", **form).status_code == 303
    page = asked(place)
    assert '<span class="state good">Cleared for a time</span>' in page
    assert "Ten years of it. By Mona Manager, on 12 Mar 2027." in page
    table = place.world.client("manager").get(f"/clearance/{clinic}/people").get_data(as_text=True)
    assert '<span class="state good">Cleared for a time</span>' in table


def test_a_stop_that_was_lifted_the_same_day_is_told_of(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    place.document()
    number = place.stop(person=place.world.ids["trainee"])
    assert sent(place, f"{number}/retract", reason="A slip.").status_code == 303
    page = asked(place)
    assert 'state good">Cleared<' in page
    assert "It was stopped for a part of this day. A complaint. By Mona Manager" in page


def test_who_has_left_is_asked_about_all_the_same(place: Desk) -> None:
    world = place.world
    sit(world, "trainee", right=4)
    place.document()
    began, clinic = place.today, world.ids["Quay"]
    world.clock.forward(days=30)
    world.client("administrator").post(f"/people/{world.ids['trainee']}/end")
    manager = world.client("manager")
    assert "They have left" in asked(place)
    assert 'state good">Cleared<' in asked(place, f"?on={began}")
    assert manager.get(f"/team/{world.ids['trainee']}/logbook").status_code == 200
    assert "Tess Trainee" not in manager.get(f"/clearance/{clinic}/people").get_data(as_text=True)
    past = manager.get(f"/clearance/{clinic}/people?on={began}").get_data(as_text=True)
    assert "Tess Trainee" in past
    assert 'state good">Cleared<' in past
    assert world.client("other_manager").get(f"/team/{world.ids['trainee']}/clearance").status_code == 404
    form = {"document": f"{place.course}/register", "seen": place.today}
    assert sent(place, "document", **form).status_code == 404, "nothing more is said of them"


def test_an_answer_of_another_day_or_moment(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    place.document()
    later = place.today + timedelta(days=400)
    assert "is not good any more" in asked(place, f"?on={later}")
    moment = place.world.clock().replace(tzinfo=None)
    place.world.clock.forward(days=2)
    place.stop(person=place.world.ids["trainee"])
    assert 'state good">Cleared' in asked(place, f"?known={moment.isoformat(timespec='minutes')}&on={place.today}")
    assert 'state good">Cleared' not in asked(place)


def test_a_conditional_answer_says_on_what(world: World) -> None:
    place = desk(world, grace_days=30)
    sit(world, "trainee", right=4)
    world.clock.forward(days=735)
    place.document()
    page = asked(place)
    assert '<span class="state due">Conditional</span>' in page
    assert CONDITION in page


@pytest.mark.parametrize("query", ["?on=tomorrow", "?known=now", "?known=2999-01-01T00:00"])
def test_what_is_no_day_shows_no_answer_at_all(place: Desk, query: str) -> None:
    page = asked(place, query)
    assert "No answer is shown." in page
    assert 'class="state' not in page


def test_a_clinic_is_brought_into_use_from_its_page(world: World) -> None:
    place = desk(world)
    number, browser = world.ids["Quay"], world.client("manager")
    page = browser.get("/clearance").get_data(as_text=True)
    assert "Quay" in page
    assert "Mill" not in page
    page = browser.get(f"/clearance/{number}").get_data(as_text=True)
    assert "Papules of the face" in page
    assert "It asks for these competencies: Basics. And for these documents: Professional registration." in page
    later = place.today + timedelta(days=9)
    assert browser.post(f"/clearance/{number}/use", data={"from": later}).status_code == 303
    assert "until then every answer is “unknown”" in browser.get(f"/clearance/{number}").get_data(as_text=True)
    assert "does not use clearance yet" in asked(place)
    which = {"procedure": f"{place.course}/face"}
    assert browser.post(f"/clearance/{number}/stop", data=which | {"reason": "A recall."}).status_code == 303
    assert '<span class="state stop">Stopped</span>' in browser.get(f"/clearance/{number}").get_data(as_text=True)
    again = browser.post(f"/clearance/{number}/offer", data=which)
    assert again.status_code == 422
    assert "offers the procedure already" in again.get_data(as_text=True)


def test_whoever_it_is_about_sees_the_same_and_who_said_it(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    place.stop(person=place.world.ids["trainee"])
    page = place.world.client("trainee").get("/record/clearance").get_data(as_text=True)
    for words in ("It was stopped. A complaint.", "Mona Manager", "Basics: Current"):
        assert words in page
    assert "Take it back" not in page
    assert "A complaint." not in place.world.client("colleague").get("/record/clearance").get_data(as_text=True)


def test_what_is_taken_back_without_a_reason_is_not(place: Desk) -> None:
    number = place.stop(person=place.world.ids["trainee"])
    retracted = select(func.count()).select_from(Event).where(Event.kind == "assertion.retracted")
    refused = sent(place, f"{number}/retract", reason=" ")
    assert refused.status_code == 422
    assert "Say why." in refused.get_data(as_text=True)
    with place.world.session() as session:
        assert session.scalar(retracted) == 0, "the log says nothing of it either"
    assert sent(place, f"{number}/retract", reason="Unfounded.").status_code == 303
    assert "Unfounded." in asked(place)


def test_a_clinic_shows_who_may_do_what_there(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    place.document()
    browser, url = place.world.client("manager"), f"/clearance/{place.world.ids['Quay']}/people"

    def rows(query: str = "") -> dict[str, list[str]]:
        text = browser.get(url + query).get_data(as_text=True)
        found = re.findall(r'<tr role="row">(.*?)</tr>', text, re.DOTALL)[1:]
        return {
            re.findall(r">([^<]+)</a>", row)[0]: re.findall(r'<span class="state \w+">([^<]*)', row) for row in found
        }

    assert rows() == {"Colin Colleague": ["Not cleared"], "Tess Trainee": ["Cleared"]}
    assert rows("?q=tess") == {"Tess Trainee": ["Cleared"]}
    assert rows(f"?on={place.today + timedelta(days=400)}")["Tess Trainee"] == ["Not cleared"]
    later = browser.get(f"{url}?on={place.today + timedelta(days=1)}").get_data(as_text=True)
    assert re.search(r"On \s*<time[^>]*>13\sMar\s2027", later)
    assert re.search(r"until before <time[^>]*>12\sMar\s2028", later), "the day the document has to be seen again"
    assert not re.search(r"On \s*<time", browser.get(url).get_data(as_text=True))
    assert "It offers no procedure on that day." in browser.get(f"{url}?on=2020-01-01").get_data(as_text=True)
    assert "No answer is shown." in browser.get(f"{url}?known=soon").get_data(as_text=True)
    with statements(place.world) as found:
        browser.get(url)
    for who in ("colleague", "trainee"):
        place.document(who)
    with statements(place.world) as more:
        browser.get(url)
    assert len(found) == len(more) <= 18


CASES = Cases(SUPERVISED, 2, supervisors=2, level=3, last=1)


def practising(world: World, **rule: int) -> Desk:
    """A face that asks for two supervised cases by two people, the last at level 3, beside the rest."""
    (face,) = SCHEME.procedures
    asks = replace(face, practice=(CASES,), unpractised=Meaning(CONDITIONAL, CONDITION, "Policy."))
    return desk(world, replace(SCHEME, procedures=(asks,)), **rule)


def links(page: str) -> dict[str, str]:
    return {words: unescape(to) for to, words in re.findall(r'href="([^"]+)">([^<]+)</a>', page)}


def test_what_now_is_said_and_done_from_where_it_stands(world: World) -> None:
    place = practising(world)
    table = f"/clearance/{world.ids['Quay']}/people?q=tess"
    page = world.client("manager").get(table).text
    summary = "2 signed cases, 1 document seen and 4 questions (about 6 minutes)"
    signed = "Supervised: 2 more cases signed, at level 3 or above, by 2 people at least who have signed none"
    for words in (summary, "Pass “The basics”: 4 questions (about 6 minutes).", signed, "No day is set."):
        assert words in page, words
    assert summary in asked(place)
    to = links(page)
    saw = world.client("manager").get(to["I saw it"])
    assert re.search(rf'<option value="{place.course}/register" selected>', saw.text)
    assert "<details open>" in saw.text
    assert re.search(r'<option value="tiny" selected>', world.client("manager").get(to["Assign it"]).text)
    assert world.client("manager").get(to["Their logbook"]).status_code == 200
    due = place.today + timedelta(days=9)
    assert world.client("manager").post(to["Assign it"], data={"course": "tiny", "due": due}).status_code == 303
    assert re.search("21.Mar.2027, when the course is due.", world.client("manager").get(table).text)
    own = world.client("trainee").get("/record/clearance").text
    assert summary in own
    assert "I saw it" not in own
    place.appoint()
    form = world.client("trainee").get(links(own)["Log a case"]).text
    assert re.search(rf'<option value="{place.course}/face" selected>', form)
    assert re.search(r'value="supervised" checked', form)
    assert world.client("trainee").get(links(own)["Go there"]).status_code == 200


def test_the_way_carried_out_turns_the_cell_green(world: World) -> None:
    place = practising(world)
    place.appoint()
    quay, mill = ((TRAINEE, world.ids[clinic]) for clinic in ("Quay", "Mill"))
    place.say(people.change_roles, world.ids["elsewhere"], [quay, mill], by="administrator")
    place.appoint("elsewhere")
    sit(world, "trainee", right=4)
    place.document()
    assert "2 signed cases" in asked(place)
    for by in ("colleague", "elsewhere"):
        assert place.ask().answer == CONDITIONAL
        place.sign(place.log(by=by, site=by))
    assert place.ask().answer == CLEARED
    assert "What now" not in asked(place)


def test_what_is_green_says_what_to_do_when_its_end_is_near(place: Desk) -> None:
    sit(place.world, "trainee", right=4)
    place.document()
    assert "What now" not in asked(place)
    place.world.clock.forward(days=300)
    page = asked(place)
    assert "1 document seen" in page
    assert re.search(r"Before 12.Mar.2028; from then on it is worse\.", page)


def test_who_must_wait_is_told_until_when_and_what_bars_it_is_told_alone(world: World) -> None:
    course = with_scheme()
    (module,) = course.modules
    cool = replace(course, modules=(replace(module, quiz=replace(module.quiz, cool_down=48)),))
    place = desk(world)
    world.do(lambda session: courses.publish(session, world.clock(), cool, change="editorial"))
    assert "It can be begun from" not in asked(place)
    sit(world, "trainee", right=0)
    assert re.search(r"It can be begun from 14 Mar 2027", asked(place))
    number = place.stop(person=world.ids["trainee"])
    assert "Nothing they learn or show makes it green" in asked(place)
    assert "It can be begun from" not in asked(place)
    place.say(assertions.retract, number, "Unfounded.")
    for query in (f"?on={place.today - timedelta(days=1)}", f"?known={world.clock().isoformat()[:16]}"):
        assert "What now" not in asked(place, query), "of what has passed nobody is told what to do"


def test_whoever_audits_reads_and_says_nothing(place: Desk) -> None:
    place.stop(person=place.world.ids["trainee"])
    page = asked(place, by="auditor")
    assert "It was stopped." in page
    assert "Stop them now" not in page
    assert "Take it back" not in page
    assert "Take it back" in asked(place)
    assert "Assign it" not in asked(place, who="colleague", by="auditor")
    assert "Assign it" in asked(place, who="colleague")
    assert "We offer it" not in place.world.client("auditor").get(f"/clearance/{place.world.ids['Quay']}").text


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("document", {"document": "{course}/register", "seen": "soon"}),
        ("document", {"document": "{course}/register", "seen": "2031-01-01"}),
        ("stop", {"clinic": "{quay}", "reason": ""}),
        ("go-on", {"procedure": "{course}/face", "clinic": "{quay}", "until": "2031-01-01", "reason": "So."}),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(place: Desk, what: str, form: dict[str, str]) -> None:
    names = {"course": place.course, "quay": place.world.ids["Quay"]}
    refused = sent(place, what, **{name: value.format(**names) for name, value in form.items()})
    assert refused.status_code == 422
    assert "Fault: " in refused.get_data(as_text=True)
    assert "Nothing was said yet." in asked(place)


def test_a_long_list_has_its_pages(place: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["mesotrain.web.clearance"], "PEOPLE_A_PAGE", 1)
    browser, url = place.world.client("manager"), f"/clearance/{place.world.ids['Quay']}/people"
    first = browser.get(url).get_data(as_text=True)
    (following,) = re.findall(r'href="([^"]*page=2[^"]*)"', first)
    second = browser.get(following.replace("&amp;", "&")).get_data(as_text=True)
    assert ("Colin Colleague" in first, "Tess Trainee" in second) == (True, True)
    for odd in ("clinic=5", "endpoint=x", "_anchor=x", "count=9"):
        assert browser.get(f"{url}?page=2&{odd}").status_code == 200


@pytest.mark.parametrize("clinic", ["12x", "9" * 30, "²", "-1"])
def test_a_clinic_that_is_none_is_not_every_clinic(place: Desk, clinic: str) -> None:
    assert sent(place, "stop", clinic=clinic, reason="So.").status_code == 404
    form = {"procedure": f"{place.course}/face", "until": place.today + timedelta(days=3), "reason": "So."}
    assert sent(place, "go-on", clinic=clinic, **form).status_code == 404
    assert "Nothing was said yet." in asked(place)


@pytest.mark.parametrize(
    "query", ["on=0001-01-01", "on=9999-12-31", "known=0001-01-01T00:00", "known=2027-03-01T00:00%2B14:00"]
)
def test_an_odd_day_is_answered_or_refused(place: Desk, query: str) -> None:
    reply = place.world.client("manager").get(f"/team/{place.world.ids['trainee']}/clearance?{query}")
    assert reply.status_code == 200
    assert ("No answer is shown." in reply.get_data(as_text=True)) == ("2027" not in query)


def test_a_stop_is_taken_back_where_it_stands(place: Desk) -> None:
    number = place.stop(person=place.world.ids["trainee"])
    assert sent(place, f"{number}/retract", who="colleague", reason="So.").status_code == 404
    clinic = f"/clearance/{place.world.ids['Quay']}"
    assert place.world.client("manager").post(f"{clinic}/{number}/retract", data={"reason": "So."}).status_code == 404


def test_a_note_is_short(place: Desk) -> None:
    form = {"document": f"{place.course}/register", "seen": place.today, "note": "x" * 501}
    assert sent(place, "document", **form).status_code == 422


@pytest.mark.parametrize("form", [{"document": "x"}, {"document": "/register"}, {"document": "999/register"}, {}])
def test_a_document_that_is_none_is_not_found(place: Desk, form: dict[str, str]) -> None:
    assert sent(place, "document", seen=place.today, **form).status_code == 404


def test_a_page_takes_as_many_statements_with_ten_times_the_record(place: Desk) -> None:
    browser, url = place.world.client("manager"), f"/team/{place.world.ids['trainee']}/clearance"

    def many() -> int:
        with statements(place.world) as found:
            assert browser.get(url).status_code == 200
        return len(found)

    many()  # the first visit asks of its schema, too
    few = many()
    for _ in range(3):
        place.document()
        place.say(assertions.retract, place.stop(person=place.world.ids["trainee"]), "Unfounded.")
    sit(place.world, "trainee", right=4)
    assert many() == few <= 21
