"""The administrator's list of people."""

import re
from typing import Any

import pytest
from sqlalchemy import event, select

from mesotrain.actions import invitations, people
from mesotrain.core.access import ADMINISTRATOR, EDUCATOR, TRAINEE
from mesotrain.store import invitations as invited
from mesotrain.store import people as store
from mesotrain.store.accounts import TOTP, Authenticator
from mesotrain.store.db import db
from mesotrain.store.events import Event
from tests.actions.proving import invite, mailed
from tests.world import World


def test_the_list_asks_as_much_of_one_invitation_as_of_many(world: World) -> None:
    administrator, now, browser = world.actor("administrator"), world.clock(), world.client("administrator")
    said: list[str] = []
    with world.app.app_context():
        engine = db.engine
    counts = []
    for number in range(12):
        email = f"ivo{number}@example.org"
        world.do(lambda session, email=email: invite(session, administrator, now, email, (EDUCATOR, None)))
        said.clear()

        def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", listen)
        assert email in browser.get("/people").get_data(as_text=True)
        event.remove(engine, "before_cursor_execute", listen)
        counts.append(len(said))
    assert len(set(counts[1:])) == 1, counts
    assert counts[-1] <= 6


def test_whose_roles_wait_for_a_second_factor_is_seen(world: World) -> None:
    def waiting() -> set[str]:
        page = world.client("administrator").get("/people").get_data(as_text=True)
        rows = re.findall(r'<tr role="row">.*?</tr>', page, re.DOTALL)
        return {
            who for who in ("trainee", "educator", "manager") for row in rows if f"{who}@" in row and "Waits" in row
        }

    assert waiting() == {"educator", "manager"}
    given = {"kind": TOTP, "name": "Phone", "secret": "sealed", "counter": 0, "added_at": world.clock()}
    world.do(lambda session: session.add(Authenticator(person_id=world.ids["manager"], **given)))
    assert waiting() == {"educator"}


def test_a_name_of_blanks_is_no_name(world: World) -> None:
    browser = world.client("administrator")
    form = {"email": "ivo@example.org", "name": "  ", "role": "educator."}
    reply = browser.post("/people/invite", form, page="/people/invite")
    assert reply.status_code == 422
    assert "Enter a name." in reply.get_data(as_text=True)


def test_it_is_said_that_not_every_invitation_is_shown(world: World) -> None:
    administrator, now, browser = world.actor("administrator"), world.clock(), world.client("administrator")

    def more(count: int, start: int) -> None:
        for at in range(start, start + count):
            email = f"ivo{at}@example.org"
            world.do(lambda session, email=email: invite(session, administrator, now, email, (EDUCATOR, None)))

    more(25, 0)
    assert "A name or an address shows the others." not in browser.get("/people").get_data(as_text=True)
    more(1, 25)
    assert "The first 25 of 26, by name." in browser.get("/people").get_data(as_text=True)
    assert "ivo1@example.org" not in browser.get("/people?page=2").get_data(as_text=True)


def test_what_is_no_address_is_not_invited(world: World) -> None:
    browser = world.client("administrator")
    for email in (
        "Ivo <ivo@example.org>",
        "ivo@example",
        "ivo",
        ".a@example.org",
        "a..b@example.org",
        "a.@example.org",
    ):
        form = {"email": email, "name": "Ivo", "role": "educator."}
        reply = browser.post("/people/invite", form, page="/people/invite")
        assert reply.status_code == 422
        assert "This is not an e-mail address." in reply.get_data(as_text=True)


def test_a_sign_that_nobody_sees_is_in_no_name_that_is_typed(world: World) -> None:
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: invite(session, administrator, now, "ivo@example.org", (EDUCATOR, None)))
    join, hidden = mailed(world, "join"), "Qu\u200bay\u202e"
    known = {"email": "una@example.org", "role": "educator.", "password": "seven quiet lanterns drift"}
    for who, path in (
        ("administrator", "/people/invite"),
        ("administrator", "/clinics"),
        ("administrator", f"/clinics/{world.ids['Mill']}"),
        (None, join),
        ("trainee", "/account/second-factor/app"),
    ):
        browser = world.client(who)
        form = known | {"name": hidden, "code": "123456"}
        found = re.search(r'name="secret"[^>]*value="([^"]+)"', browser.get(path).get_data(as_text=True))
        reply = browser.post(path, form | ({"secret": found[1]} if found else {}), page=path)
        assert reply.status_code == 422, path
        assert "This name holds a sign that cannot be seen: U+200B, zero width space." in reply.get_data(as_text=True)


@pytest.mark.parametrize("act", ["again", "withdraw"])
def test_what_is_done_to_an_invitation_leads_back_to_what_was_searched_for(world: World, act: str) -> None:
    administrator, now, browser = world.actor("administrator"), world.clock(), world.client("administrator")
    world.do(lambda session: invite(session, administrator, now, "ivo@example.org", (EDUCATOR, None)))
    page = browser.get("/people?q=ivo").get_data(as_text=True)
    address = re.search(rf'action="([^"]*/{act}[^"]*)"', page)
    assert address
    reply = browser.post(address[1], {}, page="/people?q=ivo")
    assert (reply.status_code, reply.location) == (303, "/people?q=ivo")


def test_whoever_else_is_signed_in_is_asked_to_sign_out_before_somebody_joins(world: World) -> None:
    administrator, now = world.actor("administrator"), world.clock()
    known = {"name": "Ivo Invited", "password": "seven quiet lanterns drift"}
    for email, other in (("ivo@example.org", "administrator"), ("other_trainee@example.org", "colleague")):
        world.do(lambda session, email=email: invite(session, administrator, now, email, (EDUCATOR, None)))
        path, browser = mailed(world, "join"), world.client(other)
        page = browser.get(path).get_data(as_text=True)
        assert f"{other}@example.org" in page
        assert 'type="password"' not in page
        assert browser.post(path, known, page=path).status_code == 409
        assert browser.get("/people").status_code == (200 if other == "administrator" else 403)
        out = re.search(r'action="(/sign-out\?next=[^"]+)"', page)
        assert out
        reply = browser.post(out[1], page=path)
        assert (reply.status_code, reply.location) == (303, path)
        assert "You are signed in as" not in browser.get(path).get_data(as_text=True)
    with world.session() as session:
        assert not store.by_email(session, "ivo@example.org")


def test_a_first_administrator_is_told_that_a_role_in_a_clinic_needs_one(world: World) -> None:
    assert "there is none yet" not in world.client("administrator").get("/people/invite").get_data(as_text=True)

    def work(session: Any) -> None:
        organisation, _ = people.create_organisation(session, "Bare", "UTC", [])
        person = people.create_person(session, "Bea Bare", "bare@example.org", "", b"bare", "en", "UTC")
        people.join(session, world.clock(), organisation, person, [(ADMINISTRATOR, None)])

    world.do(work)
    page = world.client("bare").get("/people/invite").get_data(as_text=True)
    assert "It is held in a clinic, and there is none yet." in page
    assert 'href="/clinics"' in page


def test_who_has_left_leaves_once(world: World) -> None:
    browser, person = world.client("administrator"), world.ids["elsewhere"]
    for _ in range(2):
        reply = browser.post(f"/people/{person}/end", page="/people")
        assert (reply.status_code, reply.location) == (303, "/people/left?q=elsewhere@example.org")
    with world.session() as session:
        kinds = list(session.scalars(select(Event.kind).where(Event.kind == "member.ended")))
    assert kinds == ["member.ended"]


NAMED = {
    "Élodie Ünal-Çelik": ["Élodie", "élodie", "ÉLODIE", "ünal-çelik", "ÇELIK  élo", "E\u0301lodie", "lodie person1@"],
    "ELENA ÖZGÜR": ["özgür", "Özgür Elena", "ÖZGÜR"],
    "Γιώργος Σ. Ωραίος": ["ΓΙΏΡΓΟΣ", "ωραίος γιώργος", "ωραίοσ"],
    "Юлия Ёлкина": ["юлия", "ёлкина ЮЛИЯ"],
    "İpek Straße_1": ["İpek", "straße", "ße_1"],
}
"""Name -> what it is looked for by."""


def test_people_are_found_by_the_words_of_a_name_in_any_case_and_order(world: World) -> None:
    administrator, now = world.actor("administrator"), world.clock()

    def work(session: Any) -> None:
        for number, name in enumerate(NAMED, 1):
            email, waiting = f"person{number}@example.org", f"ivo{number}@example.org"
            person = people.create_person(session, name, email, "", email.encode(), "en", "UTC")
            people.join(session, now, world.ids["Harbour"], person, [(TRAINEE, world.ids["Quay"])])
            invitations.invite(session, administrator, now, waiting, name, [(EDUCATOR, None)], "nonce")

    world.do(work)
    with world.session() as session:
        for name, said in NAMED.items():
            for asked in said:
                found, count = store.members(session, administrator, asked, 0, 9)
                assert ([one.name for one in found], count) == ([name], 1), asked
                if "@" not in asked:
                    waiting, _ = invited.invitations(session, administrator, asked, 0, 9)
                    assert [one.name for one in waiting] == [name], asked
        for asked in ("%", "_2", "élodie elena", "elena/"):
            assert store.members(session, administrator, asked, 0, 9) == ([], 0), asked
        assert store.members(session, administrator, "  ", 0, 99)[1] == 12


def test_a_form_of_roles_that_others_changed_meanwhile_takes_none_away(world: World) -> None:
    browser, person = world.client("administrator"), world.ids["colleague"]
    path, quay, mill = f"/people/{person}", f"trainee.{world.ids['Quay']}", f"manager.{world.ids['Mill']}"

    def seen() -> str:
        found = re.search(r'name="seen" value="([^"]+)"', browser.get(path).get_data(as_text=True))
        assert found
        return found[1]

    early = seen()
    for _ in range(2):  # a double click is done once
        assert browser.post(path, {"seen": early, "role": [quay, mill]}, page=path).status_code == 303
    reply = browser.post(path, {"seen": early, "role": [quay, "educator."]}, page=path)
    assert reply.status_code == 409
    assert "The roles were changed meanwhile" in reply.get_data(as_text=True)
    with world.session() as session:
        held = set(store.held(session, world.ids["Harbour"], person))
    assert held == {(TRAINEE, world.ids["Quay"]), ("manager", world.ids["Mill"])}
    assert browser.post(path, {"seen": seen(), "role": [quay, mill, "educator."]}, page=path).status_code == 303


def test_whose_address_is_wanted_is_said(world: World) -> None:
    page = world.client("administrator").post("/people/invite", {"name": "Ivo"}, page="/people").get_data(as_text=True)
    assert "Enter an e-mail address." in page
    assert "Enter your e-mail address." in world.client().post("/forgotten", page="/forgotten").get_data(as_text=True)


def test_who_ended_an_access_lands_where_the_leaver_is_listed(world: World) -> None:
    browser, who = world.client("administrator"), world.ids["colleague"]
    reply = browser.post(f"/people/{who}/end", page=f"/people/{who}")
    assert reply.headers["Location"] == "/people/left?q=colleague@example.org"
    page = browser.get(reply.headers["Location"]).get_data(as_text=True)
    assert "Colin Colleague has left, and keeps their account and their record." in page
    assert f'href="/people/{who}/record"' in page


@pytest.mark.parametrize(
    ("who", "path", "marked"),
    [
        ("trainee", "/record/clearance", ["Record"]),
        ("manager", "/record/clearance", []),
        ("manager", "/team", ["Team"]),
    ],
)
def test_the_menu_marks_no_room_of_others_for_what_is_ones_own(
    world: World, who: str, path: str, marked: list[str]
) -> None:
    menu = world.client(who).get(path).get_data(as_text=True).split("</nav>")[0]
    assert re.findall(r'aria-current="\w+">(\w+)</a>', menu) == marked
