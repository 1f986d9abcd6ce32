"""Jobs and mail: what an administrator sees of them, and does, in their own organisation alone."""

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mesotrain.actions import accounts, invitations, waiting
from mesotrain.cli.worker import LEASE_SECONDS, Worker
from mesotrain.core.access import EDUCATOR
from mesotrain.core.accounts import INVITATION, SENT_AGAIN
from mesotrain.core.errors import NotFound, Refused
from mesotrain.store import outbox
from mesotrain.store.db import db
from mesotrain.store.events import Event
from mesotrain.store.invitations import Invitation
from mesotrain.store.outbox import DROPPED, IN_DOUBT, REFUSED, SENDING, SENT, WAITING, Mail, MailHold
from mesotrain.web.letters import MAILED, SUBJECTS
from mesotrain.web.waiting import LETTERS
from tests.actions.proving import invite, mail
from tests.actions.taking import MINUTES, sit, start
from tests.cli.test_worker import Inbox, inbox, posting  # noqa: F401 (fixtures)
from tests.world import World


def page(world: World, query: str = "") -> str:
    return re.sub(r"\s+", " ", unescape(world.client("administrator").get(f"/waiting{query}").get_data(as_text=True)))


def rows(world: World, query: str = "") -> list[str]:
    """The text of each mail listed."""
    found = re.findall(r'<tr role="row"> (<th role="rowheader".*?)</tr>', page(world, query))
    return [" ".join(re.sub("<[^>]*>", " ", one).split()) for one in found]


def put(world: World, state: str, who: str = "trainee", minutes: int = 0) -> int:
    at = world.clock() - timedelta(minutes=minutes)
    return int(world.do(lambda session: mail(session, at, world.ids[who], state)))


def state(world: World, number: int) -> str:
    with world.session() as session:
        return session.get_one(Mail, number).state


def kinds(world: World) -> list[str]:
    with world.session() as session:
        return list(session.scalars(select(Event.kind).where(Event.kind.like("mail.%")).order_by(Event.position)))


def do(world: World, number: int, act: str) -> str:
    browser = world.client("administrator")
    return browser.post(f"/waiting/{number}/{act}", page="/waiting", follow_redirects=True).get_data(as_text=True)


def test_nothing_waits_is_said(world: World) -> None:
    assert "Nothing waits" in page(world)
    assert "No mail is in this state" in page(world, "?state=refused")
    assert 'href="/waiting"' in world.client("administrator").get("/people").get_data(as_text=True)


def test_each_state_is_listed_those_first_that_ask_for_something(world: World) -> None:
    put(world, WAITING)
    put(world, SENDING)
    put(world, REFUSED, "colleague")
    put(world, SENDING, minutes=6)
    put(world, SENT)
    put(world, SENT, minutes=60 * 24)
    found = [re.search(r"State (In doubt|Refused|Waiting|Being sent)", one)[1] for one in rows(world)]  # type: ignore[index]
    assert found == ["In doubt", "Refused", "Waiting", "Being sent"]
    assert 'Sent today <strong class="number">1</strong>' in page(world)
    assert len(rows(world, "?state=sent")) == 1
    assert rows(world, "?state=refused")[0].startswith("Colin Colleague colleague@example.org")
    assert "Not tried yet." in rows(world, "?state=waiting")[0]
    world.do(lambda session: session.add(MailHold(held_at=world.clock())))
    assert "mail is held back since" in page(world)
    assert "Held back" in rows(world, "?state=held")[0]


def test_nothing_of_another_organisation_or_of_an_account_is_seen_or_touched(world: World) -> None:
    theirs = put(world, WAITING, "other_trainee")
    world.do(lambda session: accounts.ask_for_password(session, world.clock(), "trainee@example.org", "nonce"))
    Worker(world.app, world.clock).work()
    with world.session() as session:
        (link,) = session.scalars(select(Mail.id).where(Mail.kind == "link"))
    own = world.do(lambda session: mail(session, world.clock(), world.ids["trainee"], WAITING, "second-factor"))
    assert rows(world) == []
    assert "Waiting <strong" not in page(world), "nor counted"
    administrator = world.actor("administrator")
    for number in (theirs, link, own):
        for act in (waiting.send_again, waiting.has_arrived, waiting.drop):
            with pytest.raises(NotFound):
                world.do(lambda session, act=act, number=number: act(session, administrator, world.clock(), number))
        assert state(world, number) == WAITING


def test_an_invitation_names_whom_it_goes_to_and_never_its_link(world: World) -> None:
    administrator, now = world.actor("administrator"), world.clock()
    world.do(lambda session: invite(session, administrator, now, "ivo@example.org", (EDUCATOR, None)))
    worker = Worker(world.app, world.clock)
    worker.work()
    with world.session() as session:
        (number,) = session.scalars(select(Invitation.id))
    later = now + SENT_AGAIN
    world.do(lambda session: invitations.send_again(session, administrator, later, number, "another"))
    worker.work()
    assert len(rows(world)) == 1
    assert all(one.startswith("Ivo Invited ivo@example.org What Invitation") for one in rows(world))
    assert "/join/" not in page(world)
    assert "nonce" not in page(world).replace("CSP", "")


def test_a_refused_mail_says_why_leaves_again_and_counts_its_tries(world: World, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    inbox.refuses.add("trainee@example.org")
    sit(world, "trainee")
    worker = Worker(posting, world.clock)
    worker.work()
    (row,) = rows(world)
    assert "The mail server refused it with code 550." in row
    assert "Tried 1 time." in row
    with world.session() as session:
        (number,) = session.scalars(select(Mail.id))
    do(world, number, "again")
    worker.work()
    assert "Tried 2 times." in rows(world)[0]
    inbox.refuses.clear()
    assert "It is sent again within seconds." in do(world, number, "again")
    worker.work()
    assert (inbox.to(), state(world, number), rows(world)) == (["trainee@example.org"], SENT, [])
    assert kinds(world) == ["mail.refused", "mail.sent-again", "mail.refused", "mail.sent-again"]


def test_a_mail_in_doubt_is_settled_by_whoever_knows(world: World, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    arrived, lost = put(world, SENDING, minutes=6), put(world, SENDING, "colleague", minutes=6)
    assert "Sent again, it may arrive twice." in rows(world)[0]
    do(world, arrived, "arrived")
    do(world, lost, "again")
    Worker(posting, world.clock).work()
    assert (inbox.to(), state(world, arrived), state(world, lost)) == (["colleague@example.org"], SENT, SENT)
    assert kinds(world) == ["mail.settled", "mail.sent-again"]


def test_a_mail_that_is_being_sent_is_left_alone(world: World) -> None:
    number = put(world, SENDING)
    for act in ("again", "arrived", "drop"):
        assert "not as you saw it any more" in do(world, number, act)
    assert (state(world, number), kinds(world)) == (SENDING, [])
    world.clock.forward(seconds=IN_DOUBT.total_seconds())
    do(world, number, "arrived")
    assert state(world, number) == SENT
    administrator = world.actor("administrator")
    with pytest.raises(Refused):
        world.do(lambda session: waiting.send_again(session, administrator, world.clock(), number))


def test_a_dropped_mail_never_leaves_and_its_row_stays(world: World, posting: Flask, inbox: Inbox) -> None:  # noqa: F811
    number = put(world, WAITING)
    do(world, number, "drop")
    Worker(posting, world.clock).work()
    assert (inbox.mails, state(world, number), kinds(world)) == ([], "dropped", ["mail.dropped"])
    assert "Dropped today" in rows(world, "?state=dropped")[0]


def test_the_worker_is_at_work_or_away_and_what_it_has_yet_to_do_is_counted(world: World) -> None:
    assert "Away" in page(world)
    Worker(world.app, world.clock).work()
    assert "At work" in page(world)
    sit(world, "trainee")
    sit(world, "other_trainee")
    start(world, "colleague")
    start(world, "other_trainee")
    world.clock.forward(minutes=MINUTES + 1)
    said = re.sub("<[^>]*>", " ", page(world))
    assert re.search(r"Mails to write\s+1\s", said), "one of its own, not that of another organisation"
    assert re.search(r"Quizzes to end\s+1\s", said)
    Worker(world.app, world.clock).work()
    world.clock.forward(seconds=LEASE_SECONDS)
    said = re.sub("<[^>]*>", " ", page(world))
    assert "Away" in said
    assert re.search(r"Mails to write\s+0\s", said)
    assert re.search(r"Quizzes to end\s+0\s", said)


def test_many_are_paged_and_cost_no_more_statements(world: World) -> None:
    administrator, browser = world.actor("administrator"), world.client("administrator")
    said: list[str] = []
    with world.app.app_context():
        engine = db.engine

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    counts = []
    for _ in range(30):
        put(world, WAITING)
        email = f"ivo{len(counts)}@example.org"
        world.do(lambda session, email=email: invite(session, administrator, world.clock(), email, (EDUCATOR, None)))
        browser.get("/waiting")
        said.clear()
        event.listen(engine, "before_cursor_execute", listen)
        browser.get("/waiting")
        event.remove(engine, "before_cursor_execute", listen)
        counts.append(len(said))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 6
    assert (len(rows(world)), len(rows(world, "?page=2")), len(rows(world, "?page=99"))) == (25, 5, 5)


def invited(world: World, who: str) -> int:
    """Somebody is invited, and the mail to them written; gives the number that both have."""
    administrator, now = world.actor("administrator"), world.clock()
    number = world.do(lambda session: invite(session, administrator, now, f"{who}@example.org", (EDUCATOR, None)))
    Worker(world.app, world.clock).work()
    world.clock.forward(seconds=LEASE_SECONDS)
    return int(number)


def undone(world: World) -> Counter[str]:
    """The states of all mails, after the worker was at work."""
    Worker(world.app, world.clock).work()
    with world.session() as session:
        return Counter(session.scalars(select(Mail.state)))


@pytest.mark.parametrize("state", [WAITING, REFUSED])
def test_a_mail_to_an_invitation_that_is_withdrawn_is_dropped(world: World, state: str) -> None:
    """Also with no mail server to find it out, and before the mail is written."""
    gone, administrator, now = invited(world, "gone"), world.actor("administrator"), world.clock()
    invited(world, "stays")

    def work(session: Session) -> None:
        outbox.mark(session, gone, state, now)
        invitations.withdraw(session, administrator, now, gone)
        at_once = invite(session, administrator, now, "at-once@example.org", (EDUCATOR, None))
        invitations.withdraw(session, administrator, now, at_once)

    world.do(work)
    assert undone(world) == {DROPPED: 2, WAITING: 1}
    assert [one.split()[2] for one in rows(world)] == ["stays@example.org"]


def test_a_mail_to_an_invitation_that_is_used_or_ran_out_is_dropped(world: World) -> None:
    used = (invited(world, "used"), "nonce", "Ute", "hash", b"used")
    invited(world, "late")
    world.do(lambda session: invitations.join_with_new_account(session, world.clock(), *used))
    assert undone(world) == {DROPPED: 1, WAITING: 1}
    world.clock.forward(days=INVITATION.days)
    assert undone(world) == {DROPPED: 2}
    late, *others = [one for one in rows(world, "?state=dropped") if "late@example.org" in one]
    assert "The invitation in it ended before it left. Invite them again." in late
    assert not others


def test_a_mail_with_a_link_that_ran_out_is_dropped(world: World) -> None:
    """Also with no mail server to find it out; one that is good waits."""

    def asked() -> Counter[str]:
        email = "trainee@example.org"
        world.clock.forward(seconds=LEASE_SECONDS)
        world.do(lambda session: accounts.ask_for_password(session, world.clock(), email, "nonce"))
        return undone(world)

    assert asked() == {WAITING: 1}
    world.clock.forward(days=1)
    assert undone(world) == {DROPPED: 1}
    assert asked() == {DROPPED: 1, WAITING: 1}


def test_a_mail_in_doubt_is_not_dropped_with_its_invitation(world: World) -> None:
    number, administrator = invited(world, "doubt"), world.actor("administrator")
    world.do(lambda session: outbox.mark(session, number, SENDING, world.clock()))
    world.do(lambda session: invitations.withdraw(session, administrator, world.clock(), number))
    assert undone(world) == {SENDING: 1}


def test_an_invitation_that_is_sent_again_leaves_as_one_mail(world: World) -> None:
    number, administrator = invited(world, "again"), world.actor("administrator")
    for nonce in ("second", "third"):
        world.clock.forward(minutes=1)
        world.do(
            lambda session, nonce=nonce: invitations.send_again(session, administrator, world.clock(), number, nonce)
        )
    assert undone(world) == {DROPPED: 2, WAITING: 1}


def test_every_kind_of_mail_has_a_name_for_the_desk_and_a_subject() -> None:
    assert set(LETTERS) == set(MAILED.values()) == set(SUBJECTS)
