"""A mail that the mail server will not take now waits and is tried again; one it will never take does not."""

# ruff: noqa: F811 (fixtures are named twice)

from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import select

from mesotrain.cli.worker import Worker
from mesotrain.store.outbox import REFUSED, SENT, WAITING, Mail
from mesotrain.web import create_app
from tests.actions.taking import sit
from tests.cli.test_worker import Inbox, inbox, posting, states  # noqa: F401 (fixtures)
from tests.ports import free_port
from tests.web.test_waiting import do, kinds, rows
from tests.world import World

LATER = "451 4.7.1 try again later"


def works(world: World, posting: Flask, minutes: float = 0) -> None:
    """A worker is at work so many minutes later."""
    world.clock.forward(minutes=minutes)
    worker = Worker(posting, world.clock)
    worker.work()
    worker.release()


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_mail_that_is_put_off_leaves_when_the_server_takes_it(
    world: World,
    posting: Flask,
    inbox: Inbox,
    command: str,
) -> None:
    inbox.says = {command: LATER}
    sit(world, "trainee")
    works(world, posting)
    assert states(world) == {WAITING: 1}
    inbox.says = {}
    works(world, posting, 0.9)
    assert (inbox.mails, states(world)) == ([], {WAITING: 1})
    works(world, posting, 0.1)
    assert (inbox.to(), states(world)) == (["trainee@example.org"], {SENT: 1})
    assert kinds(world) == ["mail.put-off"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_what_the_server_will_never_take_is_refused_at_once(
    world: World,
    posting: Flask,
    inbox: Inbox,
    command: str,
) -> None:
    inbox.says = {command: "554 5.7.1 never"}
    sit(world, "trainee")
    works(world, posting)
    assert (states(world), kinds(world)) == ({REFUSED: 1}, ["mail.refused"])


def test_it_is_tried_ever_more_rarely_for_two_days_and_recorded_twice(
    world: World,
    posting: Flask,
    inbox: Inbox,
) -> None:
    inbox.says = {"RCPT": LATER}
    sit(world, "trainee")
    began, rests = world.clock(), []
    works(world, posting)
    while states(world) == {WAITING: 1}:
        with world.session() as session:
            due = session.scalars(select(Mail.changed_at)).one()
        rests.append((due - world.clock()) / timedelta(minutes=1))
        works(world, posting, rests[-1])
    assert rests[:6] == [1, 5, 15, 60, 60, 60]
    assert {*rests[6:]} == {60}
    assert timedelta(days=2) <= world.clock() - began < timedelta(days=2, hours=1)
    assert (states(world), kinds(world)) == ({REFUSED: 1}, ["mail.put-off", "mail.refused"])
    assert "The mail server refused it with code 451." in rows(world)[0]
    (number,) = _numbers(world)
    do(world, number, "again")
    works(world, posting)
    assert states(world) == {WAITING: 1}, "whoever has it sent again gives it two days more"


def test_an_administrator_sees_that_it_waits_and_may_have_it_tried_now_or_never(
    world: World,
    posting: Flask,
    inbox: Inbox,
) -> None:
    inbox.says = {"RCPT": LATER}
    sit(world, "trainee")
    works(world, posting)
    works(world, posting, 1)
    (row,) = rows(world)
    assert "Put off" in row
    assert "It waits: the mail server said to try later, with code 451. The next try is at" in row
    assert "First tried at" in row
    (number,) = _numbers(world)
    inbox.says = {}
    do(world, number, "again")
    works(world, posting)
    assert (inbox.to(), states(world)) == (["trainee@example.org"], {SENT: 1})
    inbox.says = {"RCPT": LATER}
    sit(world, "colleague")
    works(world, posting)
    do(world, _numbers(world)[-1], "drop")
    inbox.says = {}
    works(world, posting, 60)
    assert inbox.to() == ["trainee@example.org"]


def test_a_server_that_goes_with_its_no_puts_off_that_mail_alone(
    world: World,
    posting: Flask,
    inbox: Inbox,
) -> None:
    """Code 421 closes the connection; the mails behind it are not taken to it, nor left in doubt."""
    for who in ("trainee", "colleague"):
        sit(world, who)
    inbox.says = {"RCPT": "421 4.3.2 going"}
    works(world, posting)
    assert states(world) == {WAITING: 2}
    inbox.says = {}
    works(world, posting)
    assert (len(inbox.mails), states(world)) == (1, {WAITING: 1, SENT: 1})
    works(world, posting, 1)
    assert states(world) == {SENT: 2}


def test_a_text_that_is_not_asked_for_does_not_spoil_the_mails_behind_it(world: World, inbox: Inbox) -> None:
    class Shy(SMTP):
        async def smtp_DATA(self, arg: str) -> None:
            if inbox.says:
                await self.push(inbox.says.popitem()[1])
            else:
                await super().smtp_DATA(arg)

    class Server(Controller):
        def factory(self) -> Any:
            return Shy(inbox)

    for who in ("trainee", "colleague"):
        sit(world, who)
    port = free_port()
    server = Server(inbox, hostname="127.0.0.1", port=port)
    server.start()
    inbox.says = {"DATA": LATER}
    works(world, create_app({**world.environment, "MESOTRAIN_SMTP_URL": f"smtp://127.0.0.1:{port}"}, world.clock))
    server.stop()
    assert states(world) == {WAITING: 1, SENT: 1}


def _numbers(world: World) -> list[int]:
    with world.session() as session:
        return list(session.scalars(select(Mail.id).order_by(Mail.id)))
