"""What is kept of a person: every table that leads to one says so, and after an erasure nothing does."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from mesotrain.actions import invitations, people, privacy
from mesotrain.cli.worker import Worker
from mesotrain.core.access import EDUCATOR
from mesotrain.core.errors import Ended, Refused
from mesotrain.core.privacy import AT_ONCE, IN_VAIN, KINDS, kept_until
from mesotrain.store import privacy as store
from mesotrain.store.copies import copy_of
from mesotrain.store.db import Base
from mesotrain.store.events import Event
from mesotrain.store.invitations import ACCEPTED, WITHDRAWN, Invitation
from mesotrain.store.outbox import SENT, Mail
from mesotrain.store.people import Person, by_email
from mesotrain.store.privacy import TABLES
from mesotrain.web import keys
from tests.store.filling import fill_every_table, rows
from tests.world import World

YEARS = 6
THROUGH = {"attempts", "members", "people"}
"""Tables whose rows are a person, or whose every row belongs to one."""


def leads_to_somebody(table: Table) -> bool:
    return any(key.column.table.name in THROUGH | {"attempt_slots", "answer_log"} for key in table.foreign_keys)


def test_every_table_that_leads_to_a_person_says_what_it_keeps() -> None:
    found = {table.name for table in Base.metadata.sorted_tables if leads_to_somebody(table)}
    assert found | {"events", "people"} == set(TABLES)
    assert set(TABLES.values()) == set(KINDS)


def leave(world: World, who: str = "colleague") -> Person:
    """Somebody of whom there is a row in every table leaves; gives the person as they were."""
    fill_every_table(world)
    administrator = world.actor("administrator")

    def end(session: Session) -> None:
        event = session.query(Event).filter_by(organisation_id=administrator.organisation).first()
        assert event
        told = {"event_position": event.position, "kind": "result", "state": SENT, "changed_at": world.clock()}
        session.add(Mail(person_id=world.ids[who], **told))
        people.end(session, administrator, world.clock(), world.ids[who])

    world.do(end)
    with world.session() as session:
        return session.get_one(Person, world.ids[who])


def erase(world: World, who: str = "colleague", years: int = YEARS) -> date:
    """The day the record is kept until."""
    where = (world.ids["Harbour"], world.ids[who], years)
    day: date = world.do(lambda session: privacy.erase(session, world.clock(), *where, by="").due_on)
    return day


def of(world: World, person: int, kind: str) -> list[str]:
    """Tables of a kind in which there is a row of somebody."""
    found = []
    with world.session() as session:
        for name in (name for name, held in TABLES.items() if held == kind):
            table = Base.metadata.tables[name]
            if "person_id" in table.columns and session.execute(select(table).filter_by(person_id=person)).first():
                found.append(name)
    return found


def test_an_erasure_takes_at_once_what_need_not_be_kept(world: World) -> None:
    person = leave(world)
    kinds = [kind for kind, one in KINDS.items() if one.goes == AT_ONCE]
    before = {name for kind in kinds for name in of(world, person.id, kind)}
    assert before >= {"authenticators", "devices", "links", "recovery_codes", "roles", "mails", "reminders"}
    assert erase(world) == date(2033, 3, 12)
    assert {name for kind in kinds for name in of(world, person.id, kind)} == set()
    assert set(of(world, person.id, "record")) >= {"attempts", "evidence", "standing_spans"}
    with world.session() as session:
        kept = by_email(session, "colleague@example.org")
        assert kept
        assert kept.password_hash == ""


def test_on_its_day_the_record_loses_its_name_and_nothing_leads_to_anybody(world: World) -> None:
    person = leave(world)
    told = (person.name, person.folded, person.email, person.commitment, repr(person.salt))
    erase(world)
    for day, done in ((date(2033, 3, 11), 0), (date(2033, 3, 12), 1), (date(2033, 3, 13), 0)):
        world.clock.now = world.clock.now.replace(year=day.year, month=day.month, day=day.day)
        assert world.do(lambda session: privacy.finish_due(session, world.clock())) == done
    administrator = world.actor("administrator")
    with world.session() as session:
        everything = rows(session)
        events = str(everything.pop("events"))
        assert [word for word in told if word in str(everything)] == []
        assert person.commitment in events, "the log stays, and leads to nobody"
        assert person.name not in events
        with pytest.raises(Ended, match="erased on 2033-03-12"):
            store.member_or_leaver(session, administrator, person.id)


def test_what_is_held_is_not_erased(world: World) -> None:
    leave(world)
    administrator, colleague = world.actor("administrator"), world.ids["colleague"]
    browser = world.client("colleague")
    assert "Erase me" in browser.get("/record").get_data(as_text=True)
    world.do(lambda session: privacy.hold(session, administrator, world.clock(), colleague, "An inquiry"))
    own = browser.get("/record").get_data(as_text=True)
    assert "Your record is held for now" in own
    assert "Erase me" not in own
    with world.session() as session:
        before = rows(session)
    with pytest.raises(Refused, match="held"):
        erase(world)
    with world.session() as session:
        assert rows(session) == before
    world.do(lambda session: privacy.lift(session, administrator, world.clock(), colleague))
    erase(world)
    world.do(lambda session: privacy.hold(session, administrator, world.clock(), colleague, "Another"))
    world.clock.forward(days=366 * YEARS)
    assert world.do(lambda session: privacy.finish_due(session, world.clock())) == 0
    world.do(lambda session: privacy.lift(session, administrator, world.clock(), colleague))
    assert world.do(lambda session: privacy.finish_due(session, world.clock())) == 1


def test_who_is_a_member_still_is_not_erased(world: World) -> None:
    with pytest.raises(Refused, match="ended"):
        erase(world, "trainee")


def test_who_belongs_elsewhere_keeps_their_account(world: World) -> None:
    person = leave(world, "colleague")
    cork = [("trainee", world.ids["Cork"])]

    def join(session: Any) -> None:
        people.join(session, world.clock(), world.ids["Northlight"], session.get_one(Person, person.id), cork)

    world.do(join)
    erase(world, years=0)
    administrator = world.actor("administrator")
    with world.session() as session:
        kept = session.get_one(Person, person.id)
        assert (kept.name, kept.password_hash, kept.erased_at) == (person.name, person.password_hash, None)
        with pytest.raises(Ended):
            store.member_or_leaver(session, administrator, person.id)
    quay = [("trainee", world.ids["Quay"])]
    with pytest.raises(Ended):
        world.do(
            lambda session: people.join(
                session, world.clock(), world.ids["Harbour"], session.get_one(Person, person.id), quay
            )
        )


def test_who_comes_back_in_time_keeps_what_is_left(world: World) -> None:
    person = leave(world)
    erase(world)
    quay = [("trainee", world.ids["Quay"])]
    world.do(
        lambda session: people.join(
            session, world.clock(), world.ids["Harbour"], session.get_one(Person, person.id), quay
        )
    )
    world.clock.forward(days=366 * YEARS)
    assert world.do(lambda session: privacy.finish_due(session, world.clock())) == 0
    assert of(world, person.id, "record")


def test_a_copy_holds_everything_and_no_secret(world: World) -> None:
    person = leave(world, "trainee")
    with world.session() as session:
        copied = copy_of(session, person)
    (harbour,) = copied["organisations"]  # type: ignore[misc]
    empty = [part for part, found in harbour.items() if found == []]  # type: ignore[union-attr]
    assert empty == ["marks", "statuses", "marked", "observed, not signed", "invitations", "merged", "legal_holds"]
    text = json.dumps(copied)
    secret = (person.password_hash, person.commitment, "sealed", "CANARY", "right", "nonce")
    assert [word for word in secret if word in text] == []
    assert "mine" in text, "their note"


def test_a_copy_for_an_organisation_holds_nothing_of_another(world: World) -> None:
    leave(world)
    person = world.ids["other_trainee"]
    with world.session() as session:
        copied = copy_of(session, session.get_one(Person, person), world.ids["Harbour"])
    assert copied["organisations"] == []
    assert "signed_in" not in copied


@pytest.mark.parametrize(("left", "years", "until"), [("2024-02-29", 6, "2030-02-28"), ("2026-11-25", 0, "2026-11-25")])
def test_a_record_stays_its_years(left: str, years: int, until: str) -> None:
    assert kept_until(date.fromisoformat(left), years) == date.fromisoformat(until)


def invite(world: World, who: str, organisation: str = "Harbour", email: str = "") -> int:
    actor, now = world.actor({"Harbour": "administrator", "Northlight": "other_manager"}[organisation]), world.clock()
    told = (email or f"{who}@example.org", f"{who} Invited", [(EDUCATOR, None)], "nonce")
    number: int = world.do(lambda session: invitations.invite(session, actor, now, *told))
    return number


def withdraw(world: World, number: int) -> None:
    administrator = world.actor("administrator")
    world.do(lambda session: invitations.withdraw(session, administrator, world.clock(), number))


def invited(world: World, days: float) -> set[str]:
    """What is known so many days later of those who were invited, after the worker was at work."""
    world.clock.forward(days=days)
    Worker(world.app, world.clock).work()
    with world.session() as session:
        everything = str(rows(session))
    return {who for who in ("typo", "late", "joined", "theirs") if f"{who}@" in everything or f"{who} " in everything}


def test_who_was_invited_in_vain_is_forgotten_thirty_days_after(world: World) -> None:
    assert f"{IN_VAIN.days} days" in KINDS["invitation"].says
    withdraw(world, invite(world, "typo"))
    invite(world, "late")
    invite(world, "theirs", "Northlight")
    accepted = (invite(world, "joined"), "nonce", "Josef", "hash", b"joined")
    world.do(lambda session: invitations.join_with_new_account(session, world.clock(), *accepted))
    assert invited(world, 29) == {"typo", "late", "joined", "theirs"}
    assert invited(world, 1) == {"late", "joined", "theirs"}
    assert invited(world, 13) == {"late", "joined", "theirs"}
    assert invited(world, 1) == {"joined"}
    with world.session() as session:
        assert session.scalars(select(Invitation.state).order_by(Invitation.id)).all() == [WITHDRAWN] * 3 + [ACCEPTED]
    assert invite(world, "typo"), "and may be invited again"


def test_an_invitation_to_somebody_who_is_held_is_not_forgotten(world: World) -> None:
    administrator, typo = world.actor("administrator"), invite(world, "typo")
    withdraw(world, typo)
    joins = (invite(world, "typo"), "nonce", "Tina Typo", "hash", b"typo")
    person = world.do(lambda session: invitations.join_with_new_account(session, world.clock(), *joins))
    world.do(lambda session: privacy.hold(session, administrator, world.clock(), person, "An inquiry"))
    invited(world, 31)
    with world.session() as session:
        assert session.get_one(Invitation, typo).email == "typo@example.org"
    world.do(lambda session: privacy.lift(session, administrator, world.clock(), person))
    invited(world, 1)
    with world.session() as session:
        assert session.get_one(Invitation, typo).email == ""


def test_an_organisation_forgets_its_own_invitations_alone(world: World) -> None:
    invite(world, "typo")
    invite(world, "theirs", "Northlight")
    world.clock.forward(days=60)
    world.do(lambda session: privacy.forget_invited(session, world.clock(), world.ids["Harbour"]))
    with world.session() as session:
        assert session.scalars(select(Invitation.email).order_by(Invitation.id)).all() == ["", "theirs@example.org"]


def test_who_is_erased_leaves_the_numbers_of_their_invitations(world: World) -> None:
    """The log names an invitation by its number, so none is given twice."""
    person = leave(world)
    actor, now = world.actor("administrator"), world.clock()
    told = (person.email, person.name, [(EDUCATOR, None)], "nonce")
    number = world.do(lambda session: invitations.invite(session, actor, now, *told))
    erase(world)
    with world.session() as session:
        gone = session.get_one(Invitation, number)
        assert (gone.name, gone.email, gone.state) == ("", "", WITHDRAWN)


def test_who_cannot_sign_in_since_an_erasure_began_joins_again_by_the_link_alone(world: World) -> None:
    person = leave(world)
    erase(world)
    token = invite(world, "colleague", email=person.email)
    with world.app.app_context():
        link = f"/join/{keys.signed('join', token, 'nonce')}"
    browser = world.client()
    assert "new-password" in browser.get(link).get_data(as_text=True)
    form = {"name": "Colette", "password": "three grey herons wade", "repeat": "three grey herons wade"}
    assert browser.post(link, form, page=link).status_code == 303
    with world.session() as session:
        back = session.get_one(Person, person.id)
        assert (back.name, bool(back.password_hash)) == ("Colette", True)
