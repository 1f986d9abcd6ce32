"""Signing in as people do: with an app, with a passkey, with a recovery code; and joining by a mailed link."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.actions.proving import mailed
from tests.browser.conftest import House, Visit, Visitor, on_sqlite, served
from tests.browser.test_looks import barriers
from tests.world import Engine

WORDS = "seven quiet lanterns drift"


@pytest.fixture(scope="module")
def named(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The cast, served under a name: browsers keep no passkey for a number."""
    world = engine.world()
    log = tmp_path_factory.mktemp("named") / "server.log"
    with served(world.environment, log, host="localhost") as address:
        yield House(world, address)
    world.close()


def clean(page: Page) -> None:
    assert barriers(page) == []


def authenticator(visit: Visit) -> None:
    """The visitor's device can keep passkeys, and its owner unlocks it."""
    devtools = visit.context.new_cdp_session(visit.page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@on_sqlite
def test_a_manager_sets_up_an_app_and_signs_in_with_it(visitors: Visitor, named: House) -> None:
    visit = visitors(named.address)
    page = visit.go("/sign-in")
    visit.sign_in("manager@example.org")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    expect(page.get_by_text("Set one up to go on")).to_be_visible()
    clean(page)
    page.get_by_role("link", name="Add an app").click()
    clean(page)
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    clean(page)
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Team", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    visit.sign_in("manager@example.org")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    clean(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Team", exact=True)).to_be_visible()


@on_sqlite
def test_a_passkey_is_made_and_signs_in_alone(visitors: Visitor, named: House) -> None:
    visit = visitors(named.address)
    authenticator(visit)
    page = visit.go("/sign-in")
    visit.sign_in("educator@example.org")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Questions", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("link", name="Questions", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    visit.sign_in("educator@example.org")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Questions", exact=True)).to_be_visible()


@on_sqlite
def test_a_passkey_of_nobody_here_does_not_sign_in(visitors: Visitor, named: House) -> None:
    visit = visitors(named.address)
    authenticator(visit)
    visit.pardon("NotAllowedError", perhaps=True)
    page = visit.go("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That did not work. Try again, or go another way.")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@on_sqlite
def test_an_administrator_invites_and_the_invited_joins(visit: Visitor, house: House, visitors: Visitor) -> None:
    page = visit("administrator").go("/people")
    clean(page)
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("ivo.invited@example.org")
    page.get_by_label("Name").fill("Ivo Invited")
    page.get_by_role("group", name="Trainee clinician").get_by_label("Quay").check()
    clean(page)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("Ivo Invited is invited")).to_be_visible()
    visitor = visitors(house.address)
    newcomer = visitor.go(mailed(house.world, "join"))
    expect(newcomer.get_by_label("Name")).to_have_value("Ivo Invited")
    clean(newcomer)
    newcomer.get_by_label("New password").fill(WORDS)
    newcomer.get_by_role("button", name=re.compile("Join Harbour")).click()
    expect(newcomer.get_by_role("heading", name="Today")).to_be_visible()
    page.reload()
    page.get_by_role("link", name="Ivo Invited").click()
    clean(page)
    page.get_by_role("button", name="Suspend Ivo Invited").click()
    expect(page.get_by_text("Their record stays").first).to_be_visible()
    newcomer.reload()
    expect(newcomer.get_by_role("heading", name="Your record")).to_be_visible()
    expect(newcomer.get_by_text("You are suspended here.")).to_be_visible()


@on_sqlite
def test_a_double_click_does_a_thing_once(visit: Visitor, house: House, visitors: Visitor) -> None:
    page = visit("administrator").go("/clinics")
    page.get_by_label("Name").fill("Twice Road")
    page.get_by_role("button", name=re.compile("Add")).dblclick(delay=40)
    expect(page.get_by_text("Twice Road is added.")).to_be_visible()
    page.goto(f"{house.address}/people/invite")
    page.get_by_label("E-mail address").fill("dora.double@example.org")
    page.get_by_label("Name").fill("Dora Double")
    page.get_by_role("group", name="Trainee clinician").get_by_label("Quay").check()
    page.get_by_role("button", name="Send the invitation").dblclick(delay=40)
    expect(page.get_by_text("Dora Double is invited")).to_be_visible()
    newcomer = visitors(house.address).go(mailed(house.world, "join"))
    newcomer.get_by_label("New password").fill(WORDS)
    newcomer.get_by_role("button", name=re.compile("Join Harbour")).dblclick(delay=40)
    expect(newcomer.get_by_role("heading", name="Today")).to_be_visible()
