"""People who prove who they are in every way there is, and an administrator who has all to do."""

import re
from datetime import datetime, timedelta
from hashlib import sha256

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mesotrain.actions import (
    accounts,
    assignments,
    clinics,
    invitations,
    merges,
    people,
    privacy,
    reminders,
    waiting,
)
from mesotrain.core.access import EDUCATOR, TRAINEE, Actor, Held
from mesotrain.core.accounts import GUESSES, RECOVERY_CODES
from mesotrain.store.accounts import TOTP, Authenticator, Link, know
from mesotrain.store.assignments import open_of
from mesotrain.store.competence import StandingSpan, rebuild
from mesotrain.store.events import Said, record
from mesotrain.store.invitations import Invitation
from mesotrain.store.outbox import IN_DOUBT, REFUSED, SENDING, WAITING, Mail
from mesotrain.store.people import Member, Person
from mesotrain.web import keys
from mesotrain.web.proofs import STEP_SECONDS
from tests.world import Browser, World

CODES = [sha256(str(number).encode()).hexdigest() for number in range(RECOVERY_CODES)]


def prove(world: World, who: str = "colleague") -> None:
    """Somebody has a second factor and recovery codes, a known device, a link in the mail, a guess against them."""
    actor, administrator, now = world.actor(who), world.actor("administrator"), world.clock()
    app = Authenticator(person_id=actor.person, kind=TOTP, name="App", secret="sealed", counter=1, added_at=now)

    def work(session: Session) -> None:
        accounts.guess(session, now, [(f"account {who}", GUESSES)])
        know(session, f"device of {who}", actor.person, now)
        assert accounts.add_authenticator(session, actor, now, app, CODES)
        accounts.ask_for_password(session, now, f"{who}@example.org", "nonce")
        invite(session, administrator, now, "ivo@example.org", (EDUCATOR, None))

    world.do(work)
    remind(world)


def remind(world: World) -> None:
    """A course is assigned, due today, and its people are told."""
    manager, now = world.actor("manager"), world.clock()
    day, persons = now.date(), [world.ids["trainee"], world.ids["colleague"]]

    def work(session: Session) -> None:
        session.execute(delete(StandingSpan))  # as if nobody held it any more
        assignments.assign(session, manager, now, "tiny", persons, day)
        reminders.remind(session, now, manager.organisation)
        rebuild(session)

    world.do(work)


def invite(session: Session, administrator: Actor, now: datetime, email: str, role: Held) -> int:
    """Somebody is invited."""
    return invitations.invite(session, administrator, now, email, "Ivo Invited", [role], "nonce")


def administer(world: World) -> None:
    """Everything else that can happen to an account, a role, a clinic and an invitation, once."""
    now, administrator, colleague = world.clock(), world.actor("administrator"), world.actor("colleague")
    person, ids, manager = colleague.person, world.ids, world.actor("manager")
    prove(world)

    def work(session: Session) -> None:
        accounts.use_recovery_code(session, now, person, CODES[0])
        accounts.new_recovery_codes(session, colleague, now, CODES)
        factor = session.scalars(select(Authenticator).filter_by(person_id=person)).one()
        accounts.remove_authenticator(session, colleague, now, factor.id)
        link = session.scalars(select(Link).filter_by(person_id=person, kind="password")).one()
        accounts.choose_password(session, now, link.id, link.nonce, "hash")
        accounts.ask_for_email(session, colleague, now, "colin@example.org", "nonce")
        link = session.scalars(select(Link).filter_by(person_id=person, kind="email")).one()
        accounts.take_email(session, now, link.id, link.nonce)
        accounts.sign_out_everywhere(session, colleague, now, "", "")
        number, *_ = open_of(session, ids["Harbour"], person)[0]
        assignments.withdraw(session, manager, now, number)
        people.change_roles(session, administrator, now, person, [(TRAINEE, ids["Mill"])])
        clinics.rename(session, administrator, now, clinics.add(session, administrator, now, "Dock"), "Pier")
        waiting.refused(session, now, mail(session, now, person, SENDING), 451)
        waiting.refused(session, now, mail(session, now, person, REFUSED), 550)
        waiting.send_again(session, administrator, now, mail(session, now, person, REFUSED))
        waiting.has_arrived(session, administrator, now, mail(session, now - 2 * IN_DOUBT, person, SENDING))
        waiting.drop(session, administrator, now, mail(session, now, person, WAITING))
        people.suspend(session, administrator, now, person)
        people.resume(session, administrator, now, person)
        people.sign_out(session, administrator, now, person)
        people.end(session, administrator, now, person)
        merges.merge(session, administrator, now, ids["trainee"], ids["elsewhere"])
        privacy.hold(session, administrator, now, person, "An inquiry.")
        privacy.copy_for(session, administrator, now, person)
        privacy.lift(session, administrator, now, person)
        privacy.erase(session, now, ids["Harbour"], person, 6, by=administrator.commitment)
        people.join(session, now, ids["Harbour"], session.get_one(Person, person), [(TRAINEE, ids["Mill"])])
        people.end(session, administrator, now, person)
        privacy.erase(session, now, ids["Harbour"], person, 0, by=administrator.commitment)
        refused = invite(session, administrator, now, "no@example.org", (EDUCATOR, None))
        invitations.withdraw(session, administrator, now, refused)
        number = invite(session, administrator, now, "yes@example.org", (TRAINEE, ids["Quay"]))
        row = session.get_one(Invitation, number)
        invitations.join_with_new_account(session, now, number, row.nonce, "Yara Yes", "hash", b"yes")

    world.do(work)


def mail(session: Session, at: datetime, person: int, state: str, kind: str = "reminders") -> int:
    """A mail to a member of Harbour, in this state since then."""
    who = session.get_one(Person, person).commitment
    organisation = session.scalars(select(Member.organisation_id).filter_by(person_id=person)).first()
    (position,) = record(session, at, Said("member.resumed", organisation, "", who, {}))
    row = Mail(event_position=position, person_id=person, kind=kind, state=state, changed_at=at)
    session.add(row)
    session.flush()
    return row.id


def mailed(world: World, kind: str) -> str:
    """The path of the newest link of a kind that was mailed: password, email or join."""
    pages = {"password": "choose-password", "email": "take-address", "join": "join"}
    table = Invitation if kind == "join" else Link
    with world.session() as session:
        found = select(table).order_by(table.id.desc())
        row = session.scalars(found if kind == "join" else found.filter_by(kind=kind)).first()
        assert row, f"nothing of the kind {kind} was mailed"
        return f"/{pages[kind]}/{keys.signed(kind, row.id, row.nonce)}"


def code(secret: str, world: World, steps: int = 0) -> str:
    """What an app with this secret shows now, or so many time steps later."""
    return pyotp.TOTP(secret).at(world.clock() + timedelta(seconds=STEP_SECONDS * steps))


def add_app(world: World, browser: Browser, name: str = "") -> tuple[str, list[str]]:
    """Sets up an app through the pages; gives (its secret, the recovery codes that were shown)."""
    page = browser.get("/account/second-factor/app").get_data(as_text=True)
    sealed = re.search(r'name="secret"[^>]*value="([^"]+)"', page)
    shown = re.search(r'<code class="secret"[^>]*>([^<]+)<', page)
    assert sealed
    assert shown
    secret = shown[1].replace(" ", "")
    form = {"secret": sealed[1], "code": code(secret, world), "name": name}
    reply = browser.post("/account/second-factor/app", form, page="/account")
    assert reply.status_code == 200, reply.get_data(as_text=True)
    return secret, re.findall(r"<li><code>([^<]+)</code>", reply.get_data(as_text=True))
