"""The logbook's pages: a case is logged, asked for by mail, signed by its link or in the queue, and clears somebody."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from mesotrain.actions import assertions, logbook, people
from mesotrain.cli.worker import Worker
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.clearance import CONDITIONAL, Meaning
from mesotrain.core.competence import Cases
from mesotrain.store.assertions import Assertion
from mesotrain.store.logbook import Case, Signature
from mesotrain.store.people import set_roles
from tests.actions.clearing import CONDITION, SCHEME, Desk, desk
from tests.actions.taking import sit
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.web.test_rosters import statements
from tests.world import PASSWORD, Browser, World

NEW = "/record/logbook/new"


@pytest.fixture
def place(world: World) -> Desk:
    """The face asks for two supervised cases, and the colleague may sign them."""
    (face,) = SCHEME.procedures
    asked = replace(face, practice=(Cases("supervised", 2),), unpractised=Meaning(CONDITIONAL, CONDITION, "Policy."))
    found = desk(world, replace(SCHEME, procedures=(asked,)))
    found.appoint()
    return found


def logged(place: Desk, browser: Browser, **told: str) -> TestResponse:
    ids = place.world.ids
    form = {"procedure": f"{place.course}/face", "role": "supervised", "day": str(place.today), "site": "Cheeks"}
    form |= {"clinic": str(ids["Quay"]), "supervisor": str(ids["colleague"])}
    return browser.post(NEW, form | told, page=NEW)


def arrived(posting: Flask, world: World, inbox: Inbox) -> list[tuple[str, str, str]]:  # noqa: F811
    worker = Worker(posting, world.clock)
    worker.work()
    worker.release()
    found = [(one["To"].partition("@")[0], one["Subject"], one.get_content()) for one in inbox.mails]
    inbox.mails.clear()
    return sorted(found)


def test_from_a_case_to_a_clearance_by_the_mailed_link(place: Desk, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    world = place.world
    sit(world, "trainee", right=4)
    place.document()
    arrived(posting, world, inbox)
    assert place.ask().answer == CONDITIONAL
    page = world.client("manager").get(f"/team/{world.ids['trainee']}/clearance").get_data(as_text=True)
    assert "Supervised: 0 of 2 cases signed" in page
    trainee = world.client("trainee")
    for site in ("Cheeks", "Chin"):
        assert logged(place, trainee, site=site, number="A 17").status_code == (303 if site == "Cheeks" else 422)
    assert logged(place, trainee, site="Chin").status_code == 303
    assert "Waits for a signature" in trainee.get("/record/logbook").get_data(as_text=True)
    mails = arrived(posting, world, inbox)
    assert [(to, subject) for to, subject, _ in mails] == [("colleague", "A case to sign: Tess Trainee")] * 2
    links = [re.search(r"http\S+(/sign/\S+)", text)[1] for _, _, text in mails]  # type: ignore[index]
    stranger = world.client()
    for link in links:
        page = stranger.get(link).get_data(as_text=True)
        assert "Tess Trainee" in page
        assert "Papules of the face" in page
        assert stranger.get(link).status_code == 200, "opening a link changes nothing"
        form = {"answer": "confirmed", "level": "3"}
        assert stranger.post(link, form, page=link).status_code == 422, "nobody signs without a password"
        wrong = stranger.post(link, form | {"password": "wrong but long enough"}, page=link)
        assert "This is not your password." in wrong.get_data(as_text=True)
        assert stranger.post(link, form | {"password": PASSWORD}, page=link).status_code == 303
        after = stranger.get(link).get_data(as_text=True)
        assert "Nothing is asked of you here any more." in after
        assert "Tess Trainee" not in after
        again = stranger.post(link, {"answer": "not seen", "password": PASSWORD}, page="/sign-in")
        assert again.status_code == 422, "a link answers once"
    assert [to for to, _, _ in arrived(posting, world, inbox)] == ["trainee", "trainee"]
    assert place.ask().answer == "cleared"
    page = trainee.get("/record/logbook").get_data(as_text=True)
    assert page.count("Signed") == 2
    assert "Tess" not in stranger.get("/sign/nothing").get_data(as_text=True)


def test_who_logged_a_case_is_told_when_the_supervisor_has_left(place: Desk, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    world = place.world
    place.say(logbook.take_back, place.log(site="Chin"), by="trainee")
    place.log()
    arrived(posting, world, inbox)
    world.client("administrator").post(f"/people/{world.ids['colleague']}/end")
    ((to, subject, text),) = arrived(posting, world, inbox)
    assert (to, subject) == ("trainee", "Your case: Papules of the face"), "and nobody of what they took back"
    assert "Colin Colleague has left and signs no more cases. Ask somebody else" in text


def test_several_are_signed_at_once_or_none(place: Desk) -> None:
    world = place.world
    requests = [str(place.log(site=site)) for site in ("Cheeks", "Chin", "Neck")]
    colleague = world.client("colleague")
    world.clock.forward(minutes=5)
    form = {"case": [*requests[:2], "99"], "level": "3", "password": PASSWORD}
    assert colleague.post("/supervision", form, page="/supervision").status_code == 404, "one is not theirs"
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Signature)) == 0
    done = colleague.post("/supervision", form | {"case": requests[:2]}, page="/supervision", follow_redirects=True)
    assert "2 cases are signed." in done.get_data(as_text=True)
    with world.session() as session:
        assert {one.proof for one in session.scalars(select(Signature))} == {"password"}


def test_who_proved_just_now_who_they_are_signs_without_a_password(place: Desk) -> None:
    request = place.log()
    colleague, page = place.world.client("colleague"), f"/supervision/{request}"
    place.world.clock.forward(minutes=2)
    form = {"answer": "confirmed", "level": "2"}
    assert colleague.post(page, form, page=page).status_code == 422
    confirm = f"/account/confirm?next={page}"
    assert colleague.post(confirm, {"password": PASSWORD}, page=confirm).headers["Location"] == page
    assert "so the button signs" in colleague.get(page).get_data(as_text=True)
    assert colleague.post(page, form, page=page).status_code == 303


def test_guesses_at_a_password_are_counted_here_too(place: Desk) -> None:
    request = place.log()
    colleague, page = place.world.client("colleague"), f"/supervision/{request}"
    form = {"answer": "confirmed", "level": "2", "password": "wrong but long enough"}
    for _ in range(10):
        assert "This is not your password." in colleague.post(page, form, page=page).get_data(as_text=True)
    assert "This is not your password." not in colleague.post(page, form, page=page).get_data(as_text=True)


def test_a_number_is_compared_and_never_shown(place: Desk) -> None:
    world = place.world
    assert logged(place, world.client("trainee"), number="a-17 b").status_code == 303
    with world.session() as session:
        (case,) = session.scalars(select(Case)).all()
    assert len(case.number) == 64
    colleague = world.client("colleague")
    page = "/supervision/1"
    for number, says in (("\uff21-17B", "It is the same"), ("A-18", "It is another"), ("", "It is another")):
        found = colleague.post(page, {"match": "y", "number": number}, page=page).get_data(as_text=True)
        assert says in found
        assert case.number not in found
    replies = [colleague.post(page, {"match": "y", "number": f"A-{n}"}, page=page) for n in range(20, 25)]
    assert [one.status_code for one in replies] == [200, 200, 200, 422, 422], "nobody finds it by trying them all"
    assert "compared often enough for today" in replies[-1].get_data(as_text=True)
    world.clock.forward(days=1)
    again = world.client("colleague").post(page, {"match": "y", "number": "a17b"}, page=page)
    assert "It is the same" in again.get_data(as_text=True)


def test_what_is_not_chosen_is_asked_for_and_nothing_is_lost(place: Desk) -> None:
    for missing in ("procedure", "clinic", "supervisor"):
        reply = logged(place, place.world.client("trainee"), learnt="Slow down.", **{missing: ""})
        assert reply.status_code == 422
        page = reply.get_data(as_text=True)
        assert "Choose one in each list." in page
        assert "Slow down." in page


def test_a_case_that_was_returned_is_logged_again_as_it_was(place: Desk) -> None:
    request = place.log(site="Crown")
    place.sign(request, "returned", words="Was it the Monday?")
    trainee = place.world.client("trainee")
    again = re.search(r'href="(/record/logbook/new\?again=\d+)"', trainee.get("/record/logbook").get_data(as_text=True))
    assert again
    page = trainee.get(again[1]).get_data(as_text=True)
    assert 'value="Crown"' in page
    assert "Less is more." in page
    assert "Crown" not in place.world.client("colleague").get(again[1]).get_data(as_text=True), "a case of another"


def test_who_was_never_fit_to_supervise_is_not_offered(place: Desk) -> None:
    trainee = place.world.client("trainee")
    assert "Colin Colleague" in trainee.get(NEW).get_data(as_text=True)
    with place.world.session() as session:
        number = session.scalars(select(Assertion.id).where(Assertion.kind == "supervise")).one()
    place.say(assertions.retract, number, "A slip.")
    assert "Nobody may sign yet" in trainee.get(NEW).get_data(as_text=True)


def test_a_manager_reads_the_cases_of_their_clinics(place: Desk) -> None:
    world = place.world
    url = f"/team/{world.ids['trainee']}/logbook"
    place.log(site="Crown")
    assert "Crown" in world.client("manager").get(url).get_data(as_text=True)
    held = [(TRAINEE, world.ids["Quay"]), (TRAINEE, world.ids["Mill"])]
    world.do(lambda session: set_roles(session, world.ids["Harbour"], world.ids["trainee"], held))
    world.do(lambda s: set_roles(s, world.ids["Harbour"], world.ids["manager"], [(MANAGER, world.ids["Mill"])]))
    page = world.client("manager").get(url)
    assert (page.status_code, "Crown" in page.get_data(as_text=True)) == (200, False)


def test_words_of_a_supervisor_that_may_name_somebody_are_asked_back(place: Desk) -> None:
    request = place.log()
    colleague, page = place.world.client("colleague"), f"/supervision/{request}"
    form = {"answer": "not seen", "words": "It was Sarah Jones.", "password": PASSWORD}
    reply = colleague.post(page, form, page=page)
    assert (reply.status_code, "I looked: it names no patient" in reply.get_data(as_text=True)) == (422, True)
    assert colleague.post(page, form | {"nameless": "y"}, page=page).status_code == 303
    back, reason = f"{page}/withdraw", {"reason": "Sarah Jones again."}
    reply = colleague.post(back, reason, page="/supervision")
    text = reply.get_data(as_text=True)
    assert (reply.status_code, "I looked: it names no patient" in text, "Sarah Jones again." in text) == (
        422,
        True,
        True,
    )
    assert colleague.post(back, reason | {"nameless": "y"}, page="/supervision").status_code == 303


def test_what_was_typed_stays_when_something_is_wrong(place: Desk) -> None:
    trainee = place.world.client("trainee")
    reply = logged(place, trainee, learnt="A talk with Mrs Bell first.", site="Left cheek", number="A 17")
    assert reply.status_code == 422
    page = reply.get_data(as_text=True)
    for kept in ("A talk with Mrs Bell first.", 'value="Left cheek"', 'value="A 17"', "I looked: it names no patient"):
        assert kept in page
    assert logged(place, trainee, learnt="A talk with Mrs Bell first.", nameless="y").status_code == 303


def test_nobody_may_be_asked_where_nobody_was_appointed(world: World) -> None:
    desk(world)
    page = world.client("trainee").get(NEW).get_data(as_text=True)
    assert "Nobody may sign yet" in page


def test_a_manager_appoints_and_ends_it(place: Desk) -> None:
    world = place.world
    manager, page = world.client("manager"), f"/team/{world.ids['trainee']}/clearance"
    form = {"procedure": f"{place.course}/face", "clinic": str(world.ids["Quay"]), "reason": "Ten years of it."}
    until = {"until": str(place.today + timedelta(days=90))}
    assert manager.post(f"{page}/supervise", form, page=page).status_code == 422
    assert manager.post(f"{page}/supervise", form | until, page=page).status_code == 303
    assert "May supervise: Papules of the face" in manager.get(page).get_data(as_text=True)
    assert "Tess Trainee" in world.client("colleague").get(NEW).get_data(as_text=True)


def test_whoever_has_left_reads_their_logbook_and_clearance_and_changes_neither(place: Desk) -> None:
    place.log()
    world, browser = place.world, place.world.client("trainee")
    assert "Log a case" in browser.get("/record/logbook").get_data(as_text=True)
    assert "What now" in browser.get("/record/clearance").get_data(as_text=True)
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: people.end(session, administrator, now, world.ids["trainee"]))
    browser = world.client("trainee")
    assert "/record/logbook" in browser.get("/record").get_data(as_text=True)
    cases, clearance = (browser.get(path).get_data(as_text=True) for path in ("/record/logbook", "/record/clearance"))
    assert "Papules of the face" in cases
    assert not re.findall("Log a case|Take the request back|Ask them", cases)
    assert "Papules of the face" in clearance
    assert "What now" not in clearance
    assert logged(place, browser).status_code == 403


def test_a_page_of_cases_asks_the_database_as_often_as_a_page_of_one(place: Desk) -> None:
    for number in range(2):
        place.log(site=f"Cheeks {number}")
    world = place.world
    paths = {
        "trainee": "/record/logbook",
        "colleague": "/supervision",
        "manager": f"/team/{world.ids['trainee']}/logbook",
    }
    browsers = {who: world.client(who) for who in paths}

    def asked() -> list[int]:
        counts = []
        for who, path in paths.items():
            with statements(world) as said:
                assert browsers[who].get(path).status_code == 200
            counts.append(len(said))
        return counts

    asked()
    few = asked()
    for number in range(2, 12):
        place.log(site=f"Cheeks {number}")
    assert asked() == few


def test_today_begins_with_the_cases_that_wait_for_an_answer(place: Desk) -> None:
    colleague = place.world.client("colleague")
    assert "Cases to sign" not in colleague.get("/").get_data(as_text=True)
    request = place.log()
    page = colleague.get("/").get_data(as_text=True)
    assert "1 case waits for your answer." in page
    place.sign(request)
    assert "Cases to sign" not in colleague.get("/").get_data(as_text=True)
