"""Signing in and out, how long it lasts, where it leads, and for which organisation."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from mesotrain.actions import people
from mesotrain.store.accounts import Link
from mesotrain.store.people import Member, Person
from tests.web.leaks import beside
from tests.world import PASSWORD, Browser, World

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def sign_in(browser: Browser, email: str, password: str = PASSWORD, url: str = "/sign-in") -> TestResponse:
    return browser.post(url, {"email": email, "password": password}, page="/sign-in")


def signed_in(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


def add(world: World, who: str, *organisations: str) -> int:
    """A person with the cast's password who is a trainee of these organisations."""

    def work(session: Any) -> int:
        known = session.get_one(Person, world.ids["trainee"]).password_hash
        person = people.create_person(
            session, who.title(), f"{who}@example.org", known, who.encode(), "en", "Europe/London"
        )
        for organisation in organisations:
            people.join(session, world.clock(), world.ids[organisation], person, [("trainee", None)])
        return person.id

    world.ids[who] = world.do(work)
    return world.ids[who]


def end(world: World, who: str, organisation: str) -> None:
    """Ends a membership."""

    def work(session: Any) -> None:
        session.get_one(Member, (world.ids[organisation], world.ids[who])).ended_on = date(2027, 3, 12)

    world.do(work)


# Who they say they are -----------------------------------------------------------------------------------------------


class Counting:
    """A password hasher that counts."""

    def __init__(self, hasher: Any) -> None:
        self.hasher, self.asked = hasher, 0

    def verify(self, *given: str) -> bool:
        self.asked += 1
        return bool(self.hasher.verify(*given))


STRANGERS = {
    "a wrong password": ("trainee@example.org", "wrong"),
    "nobody": ("nobody@example.org", PASSWORD),
    "no address": ("trainee", PASSWORD),
    "somebody else's password, nearly": ("trainee@example.org", PASSWORD + " "),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_is_told_the_same_and_takes_as_long(
    served: World, monkeypatch: pytest.MonkeyPatch, stranger: str
) -> None:
    passwords = served.app.extensions["passwords"]
    counting = Counting(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", counting)
    reply = sign_in(served.client(), *STRANGERS[stranger])
    page = TOKEN.sub("", reply.get_data(as_text=True)).replace(STRANGERS[stranger][0], "them")
    assert (reply.status_code, counting.asked) == (422, 1)
    assert "That e-mail address and password do not belong together. Check both and try again." in page
    other = sign_in(served.client(), "another@example.org", "x")
    assert TOKEN.sub("", other.get_data(as_text=True)).replace("another@example.org", "them") == page
    assert counting.asked == 2


@pytest.mark.parametrize("where", ["email", "password", "more"])
def test_a_form_with_a_nul_cannot_be_read(served: World, where: str) -> None:
    form = {"email": "trainee@example.org", "password": PASSWORD, where: "x\x00"}
    assert served.client().post("/sign-in", form, page="/sign-in").status_code == 400


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("trainee@example.org", ""),
        ("", PASSWORD),
        ("x" * 255, PASSWORD),
        ("trainee@example.org", "x" * 1025),
        ("' OR 1=1 --", "x"),
    ],
    ids=repr,
)
def test_an_odd_sign_in_is_corrected(served: World, email: str, password: str) -> None:
    reply = sign_in(served.client(), email, password)
    assert reply.status_code == 422
    assert 'class="wrong' in reply.get_data(as_text=True)


@pytest.mark.parametrize("email", ["TRAINEE@Example.ORG", "  trainee@example.org "])
def test_an_address_may_be_written_in_any_case(served: World, email: str) -> None:
    assert sign_in(served.client(), email).status_code == 303


def test_a_short_password_opens_nothing_by_itself_and_a_link_to_another_is_mailed(world: World) -> None:
    """However it came to stand alone: the second factor was removed, or a role that needs one was taken away."""
    short = "kZ7vqp!x"
    hashed = world.app.extensions["passwords"].hash(short)

    def work(session: Any) -> None:
        for who in ("trainee", "manager"):
            session.get_one(Person, world.ids[who]).password_hash = hashed

    world.do(work)
    browser = world.client()
    reply = sign_in(browser, "trainee@example.org", short)
    assert reply.status_code == 422
    assert "a password needs at least 15 characters" in reply.get_data(as_text=True)
    assert not signed_in(browser)
    with world.session() as session:
        assert session.scalars(select(Link.person_id)).all() == [world.ids["trainee"]]
    assert sign_in(world.client(), "manager@example.org", short).status_code == 303, "to add the second factor"


def test_signing_in_again_replaces_the_sign_in(served: World) -> None:
    browser = served.client("trainee")
    assert sign_in(browser, "colleague@example.org").status_code == 303
    assert "Colin Colleague" in browser.get("/").get_data(as_text=True)


def test_each_sign_in_has_a_cookie_of_its_own(served: World) -> None:
    browser = served.client()
    browser.get("/sign-in")
    found = []
    for _ in range(2):
        sign_in(browser, "trainee@example.org")
        with browser.client.session_transaction() as cookie:
            found.append(cookie["_user_id"])
    assert found[0] != found[1]


# Where it leads ------------------------------------------------------------------------------------------------------

HERE = ["/account", "/courses/tiny/basics?from=mail", "/team?clinic=1&page=2", "/attempts/1#q3"]
ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "https://evil.example", "http:evil.example", "https:/evil",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example",
    "/\n/evil.example", "/\r\nSet-Cookie: x=1", "javascript:alert(1)", "data:text/html,x", "evil.example", "?x", "",
    "/ /evil.example", "//localhost@evil.example", "/\x0b//evil.example",
]  # fmt: skip
"""Places that are not here, and what is no place."""


def visited(location: str) -> str | None:
    """The host a browser goes to: WHATWG URL drops tabs and lines, and reads a backslash as a slash."""
    read = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return urlsplit(urljoin("http://localhost/sign-in", read)).hostname


@pytest.mark.parametrize("place", HERE, ids=repr)
def test_signing_in_leads_on_to_where_one_was_going(served: World, place: str) -> None:
    browser = served.client()
    page = browser.client.get("/sign-in", query_string={"next": place})
    assert page.status_code == 200
    token = TOKEN.search(page.get_data(as_text=True))
    assert token
    data = {"csrf_token": token[0].split('"')[3], "email": "manager@example.org", "password": PASSWORD}
    reply = browser.client.post("/sign-in", query_string={"next": place}, data=data)
    assert (reply.status_code, reply.headers["Location"]) == (303, place)


def test_signing_in_leads_nowhere_else(served: World) -> None:
    browser = served.client()
    for place in ELSEWHERE:
        browser.client.delete_cookie("mesotrain")
        token = browser.token("/sign-in")
        data = {"csrf_token": token, "email": "manager@example.org", "password": PASSWORD}
        reply = browser.client.post("/sign-in", query_string={"next": place}, data=data)
        assert (place, reply.status_code, reply.headers["Location"]) == (place, 303, "/")
    assert {visited(place) for place in ("//evil.example", "/\\evil.example", "/\t/evil.example")} == {"evil.example"}


@pytest.mark.parametrize(
    "place", ["/..//evil.example", "/.//evil.example", "/%2f/evil.example", "/@evil.example", "/\uff0fevil.example"]
)
def test_what_looks_like_elsewhere_stays_here(served: World, place: str) -> None:
    data = {"email": "manager@example.org", "password": PASSWORD}
    browser = served.client()
    token = browser.token("/sign-in")
    reply = browser.client.post("/sign-in", query_string={"next": place}, data={"csrf_token": token, **data})
    assert visited(reply.headers["Location"]) == "localhost"


@pytest.mark.parametrize("going", ["/team?clinic=1&page=2", "/courses/tiny/basics"])
def test_whoever_must_sign_in_first_goes_on_afterwards(served: World, going: str) -> None:
    browser = served.client()
    asked = browser.get(going)
    assert asked.status_code == 303
    reply = sign_in(browser, "manager@example.org", url=asked.headers["Location"])
    assert reply.headers["Location"] == going


def test_whoever_was_sending_something_goes_to_today(served: World) -> None:
    browser = served.client()
    assert browser.post("/attempts/1/finish", page="/sign-in").headers["Location"] == "/sign-in"


# How long it lasts ---------------------------------------------------------------------------------------------------


def test_signing_out_is_for_good_whoever_holds_the_cookie(served: World) -> None:
    browser, other = served.client("trainee"), served.client("trainee")
    cookie = browser.client.get_cookie("mesotrain")
    assert cookie
    assert browser.post("/sign-out", page="/sign-in").status_code == 303
    assert not signed_in(browser)
    browser.client.set_cookie("mesotrain", cookie.value)
    assert not signed_in(browser)
    assert signed_in(other)


@pytest.fixture
def timed(served: World) -> Iterator[World]:
    """The world, whose clock may go forward and is set back."""
    before = served.clock.now
    yield served
    served.clock.now = before


def test_a_sign_in_ends_after_its_hours(timed: World) -> None:
    browser = timed.client("trainee")
    timed.clock.forward(hours=timed.app.config["SIGN_IN_HOURS"], seconds=-1)
    assert signed_in(browser)
    timed.clock.forward(seconds=1)
    assert not signed_in(browser)
    assert browser.get("/").headers["Location"] == "/sign-in?next=/"


def test_a_sign_in_that_rests_an_hour_is_over(timed: World) -> None:
    browser = timed.client()
    browser.post("/sign-in", {"email": "trainee@example.org", "password": PASSWORD}, page="/sign-in")
    for _ in range(2):
        timed.clock.forward(minutes=60)
        assert signed_in(browser), "every page begins the hour anew"
    timed.clock.forward(minutes=60, seconds=1)
    assert not signed_in(browser)
    timed.clock.forward(minutes=-60)
    assert signed_in(browser), "it was over for its rest alone"


def test_an_administrator_signs_somebody_out_on_every_device(served: World) -> None:
    """Of their own organisation: where they work for another they stay."""
    person = add(served, "twofold", "Harbour", "Northlight")
    here, there, elsewhere = (served.client("twofold") for _ in range(3))
    assert change(elsewhere, served, "Northlight").status_code == 303
    served.client("administrator").post(f"/people/{person}/sign-out", page="/people")
    assert [signed_in(one) for one in (here, there, elsewhere)] == [False, False, True]
    assert signed_in(served.client("twofold"))


def test_a_save_after_the_sign_in_has_ended_is_told_so(timed: World) -> None:
    browser = timed.client("trainee")
    attempt, token = browser.start(), browser.token("/sign-in")
    timed.clock.forward(hours=timed.app.config["SIGN_IN_HOURS"])
    body = {"op": "x" * 32, "fields": {"flag": ["1"]}, "lease": 1}
    reply = browser.client.put(f"/attempts/{attempt}/answers/1", json=body, headers={"X-CSRFToken": token})
    assert (reply.status_code, reply.get_json()) == (401, {"error": "signed out"})


def test_whoever_belongs_no_more_loses_access_at_once_and_keeps_the_account(served: World) -> None:
    add(served, "leaver", "Harbour")
    browser = served.client("leaver")
    assert signed_in(browser)
    end(served, "leaver", "Harbour")
    assert browser.get("/").headers["Location"] == "/record"
    again = served.client()
    assert sign_in(again, "leaver@example.org").status_code == 303
    assert again.get("/courses/tiny").status_code == 403
    assert again.get("/account").status_code == 200
    assert "You left on" in again.get("/record").get_data(as_text=True)


def test_who_was_never_a_member_cannot_sign_in(served: World) -> None:
    add(served, "nowhere")
    reply = sign_in(served.client(), "nowhere@example.org")
    assert reply.status_code == 409
    assert "belongs to no organisation" in reply.get_data(as_text=True)


# For which organisation ----------------------------------------------------------------------------------------------


def change(browser: Browser, world: World, organisation: str | int) -> TestResponse:
    chosen = world.ids.get(str(organisation), organisation)
    return browser.post("/account/organisation", {"organisation": chosen}, page="/sign-in")


def test_one_changes_to_ones_own_organisations_only(served: World) -> None:
    add(served, "both", "Harbour", "Northlight")
    browser = served.client("both")
    assert "Both, Harbour" in re.sub(r"<[^>]*>", "", browser.get("/").get_data(as_text=True))
    assert change(browser, served, "Northlight").status_code == 303
    assert "Both, Northlight" in re.sub(r"<[^>]*>", "", browser.get("/").get_data(as_text=True))
    one = served.client("trainee")
    for foreign in ("Northlight", 999_999, 0, -1, "x", "", "99999999999999999999"):
        assert (foreign, change(one, served, foreign).status_code) == (foreign, 404)
    assert "Harbour" in one.get("/").get_data(as_text=True)


def test_what_one_did_for_another_organisation_stays_there(served: World) -> None:
    add(served, "double", "Harbour", "Northlight")
    browser = served.client("double")
    attempt = browser.start()
    change(browser, served, "Northlight")
    for page in ("", "/finish", "/result"):
        assert browser.get(f"/attempts/{attempt}{page}").status_code == 404
    assert browser.save(attempt, 1, {"flag": ["1"]}).status_code == 404
    assert browser.start() != attempt
    change(browser, served, "Harbour")
    assert browser.start() == attempt


def test_one_does_not_change_to_where_one_belongs_no_more(served: World) -> None:
    add(served, "former", "Harbour", "Northlight")
    end(served, "former", "Northlight")
    assert change(served.client("former"), served, "Northlight").status_code == 404


# Settings of one's own -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "zone", "status"),
    [
        ("en", "Europe/Dublin", 303),
        ("xx", "Europe/Dublin", 422),
        ("en", "Europe/Atlantis", 422),
        ("", "", 422),
        ("\x00", "x", 400),
    ],
)
def test_language_and_zone_are_those_offered(served: World, locale: str, zone: str, status: int) -> None:
    browser = served.client("elsewhere")
    assert browser.post("/account", {"locale": locale, "zone": zone}, page="/sign-in").status_code == status


@pytest.mark.parametrize("public", ["http://127.0.0.1:8000", "http://localhost:8000"])
def test_passkeys_are_offered_by_name_and_a_number_says_where(world: World, public: str) -> None:
    with beside(world, PUBLIC_URL=public) as there:
        pages = {
            host: there.app.test_client().get("/sign-in", base_url=f"http://{host}:8000").get_data(as_text=True)
            for host in ("127.0.0.1", "localhost")
        }
    assert "Sign in with a passkey" in pages["localhost"]
    assert "Sign in with a passkey" not in pages["127.0.0.1"]
    assert 'to use one, open <a class="onward" href="http://localhost:8000/sign-in">' in pages["127.0.0.1"]
    assert "to use one, open" not in pages["localhost"]
