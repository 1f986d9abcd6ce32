"""Proving who one is: tries are counted, second factors shown, links used once, and what proves it changed safely."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from mesotrain.core.accounts import CODES, GUESSES, LINKS, SHARED_HOURS
from mesotrain.store.accounts import Authenticator, Device, Link, SignIn
from mesotrain.store.people import Person
from mesotrain.web import passwords
from tests.actions.proving import add_app, code, mailed
from tests.world import PASSWORD, Browser, World

NEW = "seven quiet lanterns drift"


def sign_in(browser: Browser, who: str = "trainee", password: str = PASSWORD, **more: str) -> TestResponse:
    form = {"email": f"{who}@example.org", "password": password, **more}
    return browser.post("/sign-in", form, page="/sign-in")


def stranger(world: World, address: str = "198.51.100.7") -> Browser:
    """A browser nobody has signed in with, at an address of its own."""
    client = world.app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Browser(client)


def inside(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


# Tries ---------------------------------------------------------------------------------------------------------------


def guesses(browser: Browser, who: str = "trainee", tries: int = 2 * GUESSES.most) -> list[int]:
    return [sign_in(browser, who, "wrong").status_code for _ in range(tries)]


def test_ten_guesses_a_minute_and_no_more(world: World) -> None:
    assert guesses(stranger(world)) == [422] * GUESSES.most + [429] * GUESSES.most
    assert sign_in(stranger(world, "203.0.113.9")).status_code == 429, "the account has had its tries, from wherever"
    world.clock.forward(seconds=GUESSES.within.total_seconds() - 1)
    assert sign_in(stranger(world)).status_code == 429
    world.clock.forward(seconds=1)
    assert sign_in(stranger(world)).status_code == 303


def test_one_place_has_its_tries_however_many_accounts_it_tries(world: World) -> None:
    browser = stranger(world)
    found = [sign_in(browser, f"nobody{number}", "wrong").status_code for number in range(12)]
    assert found == [422] * 10 + [429] * 2
    assert sign_in(stranger(world, "203.0.113.9"), "colleague").status_code == 303


@pytest.mark.parametrize(("one", "other"), [("2001:db8:1:2::5", "2001:db8:1:2:ffff::9"), ("192.0.2.1", "192.0.2.1")])
def test_a_place_is_an_address_or_the_network_of_one_customer(world: World, one: str, other: str) -> None:
    assert guesses(stranger(world, one), "missing")[-1] == 429
    assert sign_in(stranger(world, other), "colleague").status_code == 429
    assert sign_in(stranger(world, "2001:db8:1:3::5"), "colleague").status_code == 303


def test_tries_at_the_same_moment_are_counted_too(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: sign_in(stranger(world, f"10.0.0.{number}"), password="x"), range(24)))
    assert sorted(reply.status_code for reply in found) == [422] * GUESSES.most + [429] * 14


def test_the_owner_signs_in_on_their_own_device_whatever_is_tried_elsewhere(world: World) -> None:
    owner = stranger(world, "192.0.2.1")
    assert sign_in(owner).status_code == 303
    owner.post("/sign-out")
    assert guesses(stranger(world, "192.0.2.1"))[-1] == 429
    assert sign_in(owner).status_code == 303
    owner.post("/sign-out")
    assert guesses(owner)[-1] == 429, "what is tried on the device counts there"


def test_a_device_is_known_for_its_owner_alone(world: World) -> None:
    owner = stranger(world)
    assert sign_in(owner).status_code == 303
    owner.post("/sign-out")
    assert guesses(owner, "colleague")[-1] == 429
    assert sign_in(stranger(world, "203.0.113.9"), "colleague").status_code == 429


def test_a_right_password_uses_up_no_try(world: World) -> None:
    browser = stranger(world)
    for _ in range(3 * GUESSES.most):
        assert sign_in(browser, "trainee", shared="y").status_code == 303
        browser.post("/sign-out")


def test_the_refusal_of_a_known_and_an_unknown_account_are_the_same(world: World) -> None:
    """The words too: nobody learns by guessing whether there is an account."""
    pages = []
    for number, who in enumerate(("trainee", "missing")):
        browser = stranger(world, f"10.1.1.{number}")
        guesses(browser, who)
        page = sign_in(browser, who, "wrong").get_data(as_text=True)
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page).replace(who, "them"))
    assert pages[0] == pages[1]
    assert "Nothing is locked" in pages[0]


# Where ---------------------------------------------------------------------------------------------------------------


def test_a_shared_device_is_not_remembered_and_is_signed_out_sooner(world: World) -> None:
    browser = stranger(world)
    assert sign_in(browser, shared="y").status_code == 303
    with world.session() as session:
        assert session.scalars(select(Device)).all() == []
    assert browser.client.get_cookie("mesotrain-device") is None
    world.clock.forward(seconds=-1)
    for _ in range(SHARED_HOURS):
        world.clock.forward(hours=1)
        assert inside(browser)
    world.clock.forward(seconds=1)
    assert not inside(browser)


def test_the_cookies_are_kept_from_scripts_and_other_sites(world: World) -> None:
    cookies = sign_in(stranger(world)).headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for one in cookies:
        assert "HttpOnly" in one
        assert "SameSite=Lax" in one


def test_signing_out_everywhere_leaves_only_here(world: World) -> None:
    here, there, other = stranger(world), stranger(world), stranger(world)
    for browser in (here, there):
        sign_in(browser)
    sign_in(other, "colleague")
    page = here.get("/account").get_data(as_text=True)
    assert page.count("since ") == 2
    assert here.post("/account/sign-out-everywhere", page="/account").status_code == 303
    assert (inside(here), inside(there), inside(other)) == (True, False, True)
    with world.session() as session:
        assert len(session.scalars(select(Device).filter_by(person_id=world.ids["trainee"])).all()) == 1


# Second factors ------------------------------------------------------------------------------------------------------


@pytest.fixture
def armed(world: World) -> tuple[World, str, list[str]]:
    """The trainee has an app; (world, its secret, recovery codes)."""
    secret, codes = add_app(world, world.client("trainee"), "Phone")
    world.clock.forward(minutes=1)
    return world, secret, codes


def test_a_second_factor_is_asked_for_once_there_is_one(armed: tuple[World, str, list[str]]) -> None:
    world, secret, _ = armed
    browser = stranger(world)
    reply = sign_in(browser)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/sign-in/second")
    assert not inside(browser)
    assert browser.post("/sign-in/second", {"code": "000000"}, page="/sign-in/second").status_code == 422
    right = code(secret, world)
    spaced = f" {right[:3]} {right[3:]} "
    assert browser.post("/sign-in/second", {"code": spaced}, page="/sign-in/second").status_code == 303
    assert inside(browser)


def test_the_settings_name_the_second_factors(armed: tuple[World, str, list[str]]) -> None:
    page = armed[0].client("trainee").get("/account").get_data(as_text=True)
    assert "<dt>Second factor</dt><dd>Phone</dd>" in page


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_code_may_be_one_step_early_or_late(armed: tuple[World, str, list[str]], steps: int, status: int) -> None:
    world, secret, _ = armed
    browser = stranger(world)
    sign_in(browser)
    said = {"code": code(secret, world, steps)}
    assert browser.post("/sign-in/second", said, page="/sign-in/second").status_code == status


def test_a_code_is_good_once(armed: tuple[World, str, list[str]]) -> None:
    world, secret, _ = armed
    for status in (303, 422):
        browser = stranger(world)
        sign_in(browser)
        reply = browser.post("/sign-in/second", {"code": code(secret, world)}, page="/sign-in/second")
        assert reply.status_code == status


def test_a_code_sent_twice_at_once_signs_in_once(armed: tuple[World, str, list[str]]) -> None:
    world, secret, _ = armed
    browsers = [stranger(world) for _ in range(4)]
    for browser in browsers:
        sign_in(browser)
    said = {"code": code(secret, world)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: one.post("/sign-in/second", said, page="/sign-in/second"), browsers))
    assert sorted(reply.status_code for reply in found) == [303, 422, 422, 422]


def test_a_recovery_code_is_good_once_and_its_use_is_mailed(armed: tuple[World, str, list[str]]) -> None:
    world, _, codes = armed
    assert len(codes) == len(set(codes)) == 10
    for status in (303, 422):
        browser = stranger(world)
        sign_in(browser)
        said = {"code": codes[3].lower()}
        assert browser.post("/sign-in/second", said, page="/sign-in/second").status_code == status
    other = stranger(world)
    add_app(world, world.client("colleague"))
    sign_in(other, "colleague")
    assert other.post("/sign-in/second", {"code": codes[4]}, page="/sign-in/second").status_code == 422


def test_codes_are_guessed_ten_times_a_minute_and_sixty_a_day(armed: tuple[World, str, list[str]]) -> None:
    world, secret, _ = armed
    found: list[int] = []
    for _ in range(8):
        browser = stranger(world)
        sign_in(browser)
        token = browser.token("/sign-in/second")
        for _ in range(11):
            said = {"csrf_token": token, "code": "000000"}
            found.append(browser.client.post("/sign-in/second", data=said).status_code)
        world.clock.forward(minutes=1)
    assert found.count(422) == CODES.most
    assert found[:11] == [422] * 10 + [429]
    browser = stranger(world)
    sign_in(browser)
    said = {"code": code(secret, world)}
    assert browser.post("/sign-in/second", said, page="/sign-in/second").status_code == 429
    world.clock.forward(seconds=CODES.within.total_seconds())
    sign_in(browser)
    assert browser.post("/sign-in/second", {"code": code(secret, world)}, page="/sign-in/second").status_code == 303


def test_the_second_step_needs_the_first_and_does_not_wait_for_ever(armed: tuple[World, str, list[str]]) -> None:
    world, secret, _ = armed
    browser = stranger(world)
    assert browser.get("/sign-in/second").headers["Location"] == "/sign-in"
    assert browser.post("/sign-in/second", {"code": code(secret, world)}).headers["Location"] == "/sign-in"
    sign_in(browser)
    world.clock.forward(minutes=10)
    assert browser.get("/sign-in/second").headers["Location"] == "/sign-in"


def change_password(world: World) -> None:
    assert world.client("trainee").post("/account/password", {"password": NEW}, page="/account").status_code == 303


def choose_password(world: World) -> None:
    ask(world)
    path = mailed(world, "password")
    assert stranger(world).post(path, {"password": NEW}, page=path).status_code == 303


def sign_out_everywhere(world: World) -> None:
    assert world.client("trainee").post("/account/sign-out-everywhere", page="/account").status_code == 303


def sign_out_by_an_administrator(world: World) -> None:
    path = f"/people/{world.ids['trainee']}/sign-out"
    assert world.client("administrator").post(path, page="/people").status_code == 303


def end_access(world: World) -> None:
    path = f"/people/{world.ids['trainee']}/end"
    assert world.client("administrator").post(path, page="/people").status_code == 303


ENDS = [change_password, choose_password, sign_out_everywhere, sign_out_by_an_administrator, end_access]
"""What ends every other sign-in of the trainee."""


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("shown", ["app", "recovery code"])
def test_what_ends_sign_ins_ends_one_that_is_half_done(
    armed: tuple[World, str, list[str]], end: Callable[[World], None], shown: str
) -> None:
    world, secret, codes = armed
    browser = stranger(world)
    assert sign_in(browser).headers["Location"] == "/sign-in/second"
    token = browser.token("/sign-in/second")
    end(world)
    said = {"csrf_token": token, "code": code(secret, world) if shown == "app" else codes[0]}
    reply = browser.client.post("/sign-in/second", data=said)
    assert (reply.status_code, reply.headers["Location"], inside(browser)) == (303, "/sign-in", False)
    assert browser.get("/sign-in/second").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("end", ENDS[:-1])
def test_what_ends_sign_ins_ends_an_address_that_was_asked_for(world: World, end: Callable[[World], None]) -> None:
    """Whoever was signed in might have asked for one of their own, to have a password mailed to it."""
    thief = world.client("trainee")
    thief.post("/account/email", {"email": "thief@example.org"}, page="/account")
    path = mailed(world, "email")
    end(world)
    assert stranger(world).post(path, page="/sign-in").status_code == 410


def test_whose_access_ends_is_signed_out_there_and_may_sign_in_to_their_record(world: World) -> None:
    browser = world.client("trainee")
    end_access(world)
    assert browser.get("/record").headers["Location"] == "/sign-in?next=/record"
    sign_in(browser)
    assert "You left on" in browser.get("/record").get_data(as_text=True)


@pytest.mark.parametrize("end", [sign_out_everywhere, sign_out_by_an_administrator, end_access])
def test_another_persons_sign_in_goes_on(armed: tuple[World, str, list[str]], end: Callable[[World], None]) -> None:
    world, _, _ = armed
    secret, _ = add_app(world, world.client("colleague"))
    world.clock.forward(minutes=1)
    browser = stranger(world)
    sign_in(browser, "colleague")
    end(world)
    assert browser.post("/sign-in/second", {"code": code(secret, world)}, page="/sign-in/second").status_code == 303


@pytest.mark.parametrize("who", ["manager", "educator", "auditor", "administrator"])
def test_a_role_sleeps_until_a_second_factor_is_shown(world: World, who: str) -> None:
    browser = stranger(world)
    assert sign_in(browser, who).status_code == 303
    for path in ("/", "/team", "/questions", "/people", "/courses/tiny"):
        assert browser.get(path).headers.get("Location") == "/account/second-factor", path
    assert "needs a second factor" in browser.get("/account/second-factor").get_data(as_text=True)
    add_app(world, browser)
    assert inside(browser)
    page = browser.get("/account/second-factor").get_data(as_text=True)
    assert "add the new one first" in page
    assert "/remove" not in page, "what would be refused is not offered"
    reply = browser.post("/account/second-factor/1/remove", page="/account")
    assert reply.status_code == 409
    assert "Your role needs a second factor" in reply.get_data(as_text=True)


def test_a_trainee_may_take_the_second_factor_away_again(armed: tuple[World, str, list[str]]) -> None:
    world, _, codes = armed
    browser = world.client("trainee")
    assert "/remove" in browser.get("/account/second-factor").get_data(as_text=True)
    assert browser.post("/account/second-factor/1/remove", page="/account").status_code == 303
    assert sign_in(stranger(world)).headers["Location"] == "/"
    assert world.client("colleague").post("/account/second-factor/1/remove", page="/account").status_code == 404
    assert codes


def test_the_secret_of_an_app_is_sealed_in_the_database(armed: tuple[World, str, list[str]]) -> None:
    world, secret, codes = armed
    with world.session() as session:
        kept = repr([vars(one) for one in session.scalars(select(Authenticator))])
    assert secret not in kept
    assert codes[0].replace("-", "") not in kept


# Proof that is fresh -------------------------------------------------------------------------------------------------

GUARDED = ("/account/password", "/account/email", "/account/second-factor", "/account/second-factor/app")


@pytest.mark.parametrize("path", GUARDED)
def test_what_proves_who_one_is_changes_only_on_fresh_proof(world: World, path: str) -> None:
    browser = world.client("trainee")
    assert browser.get(path).status_code == 200
    world.clock.forward(minutes=15)
    assert browser.get(path).headers["Location"] == f"/account/confirm?next={path}"
    if path != "/account/second-factor":
        assert browser.post(path, page="/account").headers["Location"] == "/account/confirm"
        sent = {"Referer": f"http://localhost{path}"}
        assert browser.post(path, page="/account", headers=sent).headers["Location"] == f"/account/confirm?next={path}"
    confirm = f"/account/confirm?next={path}"
    assert browser.post(confirm, {"password": "wrong"}, page="/account").status_code == 422
    before = browser.client.get_cookie("mesotrain")
    assert browser.post(confirm, {"password": PASSWORD}, page="/account").headers["Location"] == path
    assert browser.client.get_cookie("mesotrain") != before
    assert browser.get(path).status_code == 200


def test_a_password_that_is_asked_for_again_has_the_tries_of_signing_in(world: World) -> None:
    browser = world.client("trainee")

    def confirm(password: str, times: int) -> list[int]:
        sent = {"password": password}
        return [browser.post("/account/confirm", sent, page="/account").status_code for _ in range(times)]

    assert confirm(PASSWORD, GUESSES.most + 1) == [303] * (GUESSES.most + 1), "a right one uses up no try"
    assert confirm("wrong", GUESSES.most + 1) == [422] * GUESSES.most + [429]
    assert confirm(PASSWORD, 1) == [429]
    assert sign_in(stranger(world)).status_code == 429, "they are the same tries"


def test_after_proving_again_the_old_token_is_worth_nothing(world: World) -> None:
    browser = world.client("trainee")
    stolen = browser.client.get_cookie("mesotrain")
    assert stolen
    browser.post("/account/confirm", {"password": PASSWORD}, page="/account")
    thief = stranger(world)
    thief.client.set_cookie("mesotrain", stolen.value)
    assert (inside(thief), inside(browser)) == (False, True)


# Passwords -----------------------------------------------------------------------------------------------------------

CHOICES: dict[str, tuple[bool, bool]] = {
    # (fits alone, fits beside a second factor)
    NEW: (True, True),
    "x7$kQ2!pzz": (False, True),
    "x7$kQ2!": (False, False),
    "password": (False, False),
    "passwordpassword": (False, False),
    "qwertyuiopasdfghjkl": (False, False),
    "aaaaaaaaaaaaaaaaaaaaaa": (False, False),
    "iloveyou12345678": (False, False),
    "mesotherapymesotherapy": (False, False),
    "trainee@example.org": (False, False),
    "Tess Trainee": (False, False),
    "mesotrain mesotrain": (False, False),
    "mesotherapy mesotrain": (False, False),
    "Mesotrain Mesotherapy 1": (False, False),
    "tesstrainee1234": (False, False),
    "trainee of quiet lanterns": (True, True),
    "пять тихих фонарей плывут": (True, True),
    "x" * 257: (False, False),
}


@pytest.mark.parametrize("password", CHOICES)
@pytest.mark.parametrize("second", [False, True])
def test_which_passwords_may_be_chosen(world: World, password: str, second: bool) -> None:
    with world.app.test_request_context():
        fault = passwords.fault(password, second, ["Tess Trainee", "trainee@example.org"])
    assert (fault is None) == CHOICES[password][second]


LONG = "  Blanks, CASE and every sign of a long one count: 🔑 " + "x" * 150


@pytest.mark.parametrize("typed", [LONG.strip(), LONG.lower(), LONG[:72], LONG[:-1], LONG + "x"])
def test_a_password_counts_as_it_was_typed(world: World, typed: str) -> None:
    with world.app.app_context():
        hashed = world.app.extensions["passwords"].hash(LONG)
    trainee = update(Person).where(Person.id == world.ids["trainee"])
    world.do(lambda session: session.execute(trainee.values(password_hash=hashed)))
    assert sign_in(stranger(world), password=typed).status_code == 422
    assert sign_in(stranger(world), password=LONG).status_code == 303


def test_a_password_stays_good(world: World) -> None:
    world.clock.forward(days=5 * 365)
    assert sign_in(stranger(world)).status_code == 303


def test_a_password_is_masked_and_nothing_keeps_it_from_being_pasted(world: World) -> None:
    page = stranger(world).get("/sign-in").get_data(as_text=True)
    (field,) = re.findall(r'<input[^>]*autocomplete="current-password"[^>]*>', page)
    assert 'type="password"' in field
    scripts = Path(passwords.__file__).parent / "static"
    assert [one.name for one in scripts.glob("*.js") if "paste" in one.read_text()] == []


def test_every_page_lets_one_sign_out(world: World) -> None:
    for who, pages in {"trainee": ("/", "/record", "/account", "/search"), "administrator": ("/people",)}.items():
        browser = world.client(who)
        for page in pages:
            assert 'action="/sign-out"' in browser.get(page).get_data(as_text=True), page


@pytest.mark.parametrize(
    "chosen",
    ["Harbour Quay Mill 2027", "harbour-quay-harbour-1", PASSWORD, "correcthorsebatterystaple", f"{PASSWORD}1"],
)
def test_what_everybody_there_knows_is_no_password(world: World, chosen: str) -> None:
    reply = world.client("trainee").post("/account/password", {"password": chosen}, page="/account")
    assert reply.status_code == 422


def test_changing_the_password_ends_every_other_sign_in(world: World) -> None:
    here, there = stranger(world), stranger(world)
    for browser in (here, there):
        sign_in(browser)
    assert here.post("/account/password", {"password": "short"}, page="/account").status_code == 422
    assert here.post("/account/password", {"password": NEW}, page="/account").status_code == 303
    assert (inside(here), inside(there)) == (True, False)
    assert sign_in(stranger(world)).status_code == 422
    assert sign_in(stranger(world), password=NEW).status_code == 303


# Links that are mailed -----------------------------------------------------------------------------------------------


def ask(world: World, who: str = "trainee") -> TestResponse:
    return stranger(world).post("/forgotten", {"email": f"{who}@example.org"}, page="/forgotten")


def test_nobody_learns_from_a_forgotten_password_who_has_an_account(world: World) -> None:
    pages = [ask(world, who).get_data(as_text=True).replace(who, "them") for who in ("trainee", "missing")]
    token = r'name="csrf_token" value="[^"]*"'
    assert re.sub(token, "", pages[0]) == re.sub(token, "", pages[1])


def test_a_link_that_is_only_opened_changes_nothing(world: World) -> None:
    """Mail scanners open links, some more than once, and follow what is on the page."""
    ask(world)
    path = mailed(world, "password")
    scanner = stranger(world)
    for _ in range(3):
        assert scanner.get(path).status_code == 200
        assert scanner.client.head(path).status_code == 200
    assert sign_in(stranger(world)).status_code == 303
    owner = stranger(world)
    assert owner.post(path, {"password": NEW}, page=path).status_code == 303
    assert sign_in(stranger(world), password=NEW).status_code == 303


def test_a_link_is_good_once_and_ends_what_was_signed_in(world: World) -> None:
    thief = stranger(world)
    sign_in(thief)
    ask(world)
    path = mailed(world, "password")
    owner = stranger(world)
    assert owner.post(path, {"password": "short"}, page=path).status_code == 422
    assert owner.post(path, {"password": NEW}, page=path).status_code == 303
    assert not inside(thief)
    assert owner.get(path).status_code == 410
    assert owner.post(path, {"password": PASSWORD}, page="/sign-in").status_code == 410


def test_a_link_used_twice_at_once_is_used_once(world: World) -> None:
    ask(world)
    path = mailed(world, "password")
    browsers = [stranger(world) for _ in range(4)]

    def use(number: int) -> int:
        return browsers[number].post(path, {"password": f"{NEW} {number}"}, page="/sign-in").status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [303, 410, 410, 410]


def test_a_link_is_good_for_an_hour(world: World) -> None:
    ask(world)
    path = mailed(world, "password")
    world.clock.forward(seconds=LINKS["password"].total_seconds() - 1)
    assert stranger(world).get(path).status_code == 200
    world.clock.forward(seconds=1)
    assert stranger(world).get(path).status_code == 410


@pytest.mark.parametrize("wrong", ["x", "", "WzEsIjEiXQ.x", "purpose"])
def test_a_link_nobody_signed_leads_nowhere(world: World, wrong: str) -> None:
    ask(world)
    path = mailed(world, "password").replace("choose-password", "take-address")
    assert stranger(world).get(path if wrong == "purpose" else f"/choose-password/{wrong}").status_code in {404, 410}


def test_a_new_password_does_not_pass_the_second_factor_by(armed: tuple[World, str, list[str]]) -> None:
    world, _, _ = armed
    ask(world)
    path, owner = mailed(world, "password"), stranger(world)
    owner.post(path, {"password": NEW}, page=path)
    assert sign_in(owner, password=NEW).headers["Location"] == "/sign-in/second"


def test_only_so_many_links_are_mailed(world: World) -> None:
    for number in range(9):
        browser = stranger(world, f"10.9.9.{number}")
        browser.post("/forgotten", {"email": "trainee@example.org"}, page="/forgotten")
    with world.session() as session:
        assert len(session.scalars(select(Link)).all()) == 5


def test_an_address_is_taken_by_the_link_that_was_mailed_to_it(world: World) -> None:
    browser = world.client("trainee")
    browser.post("/account/email", {"email": " Tess@New.example.org "}, page="/account")
    path = mailed(world, "email")
    assert sign_in(stranger(world)).status_code == 303
    assert "tess@new.example.org" in stranger(world).get(path).get_data(as_text=True)
    assert browser.post(path, page=path).status_code == 303
    assert sign_in(stranger(world)).status_code == 422
    form = {"email": "tess@new.example.org", "password": PASSWORD}
    assert stranger(world).post("/sign-in", form, page="/sign-in").status_code == 303


def test_an_address_somebody_has_is_not_taken(world: World) -> None:
    browser = world.client("trainee")
    browser.post("/account/email", {"email": "colleague@example.org"}, page="/account")
    path = mailed(world, "email")
    assert browser.post(path, page=path).status_code == 409
    with world.session() as session:
        assert session.get_one(Person, world.ids["trainee"]).email == "trainee@example.org"


def test_no_token_or_password_is_kept_as_it_is(world: World) -> None:
    browser: Any = stranger(world)
    sign_in(browser)
    device = browser.client.get_cookie("mesotrain-device").value
    with world.session() as session:
        kept = repr([session.scalars(select(table.token_digest)).all() for table in (SignIn, Device)])
        assert device not in kept
        assert PASSWORD not in repr(session.scalars(select(Person.password_hash)).all())
