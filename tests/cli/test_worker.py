"""The worker: one leads, each attempt ends once, each mail leaves once, whoever dies on the way."""

import os
import signal
import smtplib
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask
from sqlalchemy import delete, select

from mesotrain.actions import attempts, invitations, people, privacy
from mesotrain.cli.worker import LEASE_SECONDS, NotLeading, Worker
from mesotrain.core.access import EDUCATOR, MANAGER, Held
from mesotrain.core.attempts import DEADLINE
from mesotrain.store.competence import Evidence
from mesotrain.store.db import db
from mesotrain.store.outbox import Lease, Mail
from mesotrain.store.people import Person
from mesotrain.store.privacy import ERASED
from mesotrain.web import create_app, keys
from tests.actions import examining
from tests.actions.proving import add_app
from tests.actions.taking import MINUTES, records, sit, start, together
from tests.ports import free_port
from tests.served import until
from tests.world import World

TAKERS = ("trainee", "colleague", "elsewhere", "other_trainee")


@dataclass
class Inbox:
    """What a real mail server took; `on_mail` happens after a mail is taken and before the sender is told, `on_rcpt`
    before its text is asked for: each with how many mails it is, that with the server besides.

    `says` is what it answers to a command (MAIL, RCPT, DATA) instead of taking it.
    """

    port: int
    refuses: set[str] = field(default_factory=set)
    mails: list[EmailMessage] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    on_mail: Callable[[int], Any] = lambda _: None
    on_rcpt: Callable[[int, Any], Any] = lambda *_: None
    asked: int = 0

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        self.asked += 1
        self.on_rcpt(self.asked, server)
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if "DATA" in self.says:
            return self.says["DATA"]
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.on_mail(len(self.mails))
        return "250 OK"

    def to(self) -> list[str]:
        return sorted(mail["To"] for mail in self.mails)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox(free_port())
    server = Controller(made, hostname="127.0.0.1", port=made.port)
    server.start()
    yield made
    server.stop()


@pytest.fixture
def posting(world: World, inbox: Inbox) -> Iterator[Flask]:
    """The application with a mail server."""
    app = create_app({**world.environment, "MESOTRAIN_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}"}, world.clock)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody has signed, with its key."""
    made = tmp_path / "localhost.pem"
    said = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(made), "-out", str(tmp_path / "signed.pem")]
    subprocess.run(["openssl", "req", *said, *names], check=True, capture_output=True)
    made.write_text(made.read_text() + (tmp_path / "signed.pem").read_text())
    return made


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mail_goes_only_to_a_server_whose_certificate_is_trusted(
    world: World, inbox: Inbox, certificate: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name and password are given to nobody else; who has an authority of one's own names it in SSL_CERT_FILE."""
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secured.load_cert_chain(certificate)
    inbox.port, told = free_port(), []

    def known(*given: Any) -> AuthResult:
        told.append(given[-1].login)
        return AuthResult(success=True)

    options: dict[str, Any] = {"authenticator": known}
    options |= {"ssl_context": secured, "auth_require_tls": False} if scheme == "smtps" else {"tls_context": secured}
    server = Controller(inbox, hostname="localhost", port=inbox.port, **options)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.start()
    address = f"{scheme}://us:secret@localhost:{inbox.port}"
    app = create_app({**world.environment, "MESOTRAIN_SMTP_URL": address}, world.clock)
    sit(world, "trainee")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ssl.SSLCertVerificationError):
        Worker(app, world.clock).work()
    assert (told, inbox.mails) == ([], [])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    world.clock.forward(seconds=LEASE_SECONDS)
    Worker(app, world.clock).work()
    server.stop()
    assert told == [b"us"]
    assert len(inbox.mails) == 1


def states(world: World) -> Counter[str]:
    with world.session() as session:
        return Counter(session.scalars(select(Mail.state)))


def test_one_leads_until_its_lease_ends(world: World) -> None:
    first, second = Worker(world.app, world.clock), Worker(world.app, world.clock)
    first.work()
    for seconds in (0, LEASE_SECONDS - 1):
        world.clock.forward(seconds=seconds)
        with pytest.raises(NotLeading):
            second.work()
    first.work()
    world.clock.forward(seconds=LEASE_SECONDS - 1)
    with pytest.raises(NotLeading):
        second.work()
    world.clock.forward(seconds=1)
    second.work()
    with pytest.raises(NotLeading):
        first.work()


def test_a_lease_given_up_is_free_at_once(world: World) -> None:
    first, second = Worker(world.app, world.clock), Worker(world.app, world.clock)
    first.work()
    second.release()
    with pytest.raises(NotLeading):
        second.work()
    first.release()
    second.work()
    with world.session() as session:
        assert session.scalars(select(Lease.holder)).all() == [second.holder]


def test_a_deposed_leader_commits_nothing(world: World) -> None:
    first, second = Worker(world.app, world.clock), Worker(world.app, world.clock)
    first.work()
    world.clock.forward(seconds=LEASE_SECONDS)
    second.work()
    taking = start(world)
    world.clock.forward(minutes=MINUTES)
    second.release()
    third = Worker(world.app, world.clock)
    with world.app.app_context():
        third._leading(lambda now: None)
    with pytest.raises(NotLeading):
        first.work()
    assert taking.row().state == "open"
    third.work()
    assert (taking.row().ended_by, taking.row().ended_at) == (DEADLINE, taking.row().deadline)


def test_many_workers_end_each_attempt_once(world: World) -> None:
    takings = [start(world, who) for who in TAKERS]
    for taking in takings:
        taking.answer(3)
    world.clock.forward(minutes=MINUTES)
    workers = [Worker(world.app, world.clock) for _ in range(3)]
    done = together(*(worker.work for worker in workers))
    assert sorted(type(one).__name__ for one in done) == ["NotLeading", "NotLeading", "int"]
    with world.session() as session:
        evidence, events = records(session)
    assert evidence == {taking.attempt: 1 for taking in takings}
    assert events["attempt.finished"] == events["evidence.recorded"] == len(TAKERS)
    assert {taking.row().passed for taking in takings} == {True}


def test_each_event_is_mailed_once(world: World, posting: Flask, inbox: Inbox) -> None:
    for who in TAKERS:
        sit(world, who, 4 if who == "trainee" else 1)
    first, second = Worker(posting, world.clock), Worker(posting, world.clock)
    first.work()
    assert inbox.to() == sorted(f"{who}@example.org" for who in TAKERS)
    assert states(world) == {"sent": 4}
    first.work()
    world.clock.forward(seconds=LEASE_SECONDS)
    second.work()
    assert len(inbox.mails) == 4
    sit(world, "trainee")
    second.work()
    assert Counter(inbox.to())["trainee@example.org"] == 2
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 5


def test_a_mail_says_what_happened_and_where_to_look(world: World, posting: Flask, inbox: Inbox) -> None:
    taking = sit(world, "trainee")
    Worker(posting, world.clock).work()
    (mail,) = inbox.mails
    assert mail["Subject"] == "Your result: The basics"
    text = mail.get_content()
    assert text.startswith("Dear Tess Trainee,")
    assert "You passed “The basics”" in text
    assert f"http://localhost/attempts/{taking.attempt}/result" in text
    assert "CANARY" not in text


def test_an_exam_that_proves_several_things_calls_for_one_mail(world: World, posting: Flask, inbox: Inbox) -> None:
    examining.publish(world)
    taking = examining.begin(world)
    world.do(lambda session: attempts.finish(session, world.actor("trainee"), world.clock(), taking.attempt))
    with world.session() as session:
        assert session.query(Evidence).filter_by(attempt_id=taking.attempt).count() == 2
    Worker(posting, world.clock).work()
    (mail,) = inbox.mails
    assert "You sat “The final exam” and have not passed it yet." in mail.get_content()


def invited(world: World, *roles: Held) -> int:
    """Somebody is invited in these roles; gives the invitation."""
    told = ("ivo@example.org", "Ivo Invited", roles, "first")
    number: int = world.do(
        lambda session: invitations.invite(session, world.actor("administrator"), world.clock(), *told)
    )
    return number


def sent_again(world: World, number: int, nonce: str) -> bool:
    told = (number, nonce)
    again: bool = world.do(
        lambda session: invitations.send_again(session, world.actor("administrator"), world.clock(), *told)
    )
    return again


def test_no_link_to_join_by_leaves_twice(world: World, posting: Flask, inbox: Inbox) -> None:
    """Also where it was made anew while the mail that was called for before waits behind another."""
    sit(world, "trainee")
    number, worker = invited(world, (EDUCATOR, None)), Worker(posting, world.clock)
    world.clock.forward(seconds=59)
    assert not sent_again(world, number, "second"), "presses of one minute are one"
    world.clock.forward(seconds=1)
    inbox.on_mail = lambda count: sent_again(world, number, "second") if count == 1 else None
    worker.work()
    worker.work()
    assert states(world) == {"dropped": 1, "sent": 2}
    with world.app.app_context():
        assert keys.signed("join", number, "second") in inbox.mails[1].get_content()


def test_an_invitation_says_what_the_role_is_for(world: World, posting: Flask, inbox: Inbox) -> None:
    invited(world, (EDUCATOR, None), (MANAGER, world.ids["Quay"]), (MANAGER, world.ids["Mill"]))
    Worker(posting, world.clock).work()
    (mail,) = inbox.mails
    said = mail.get_content().replace("\r\n", "\n")
    assert "Ada Administrator invites you to join Harbour" in said
    assert "You would:\n\n- write and publish courses, mark" in said
    assert said.count("\n- see who of a clinic is competent for what, assign courses") == 1
    assert "logbook" not in said


def test_a_second_factor_is_told_as_added_or_removed(world: World, posting: Flask, inbox: Inbox) -> None:
    browser, worker = world.client("trainee"), Worker(posting, world.clock)
    add_app(world, browser)
    worker.work()
    assert browser.post("/account/second-factor/1/remove", page="/account").status_code == 303
    worker.work()
    for mail, done in zip(inbox.mails, ("added to", "removed from"), strict=True):
        assert mail["Subject"] == f"A second factor was {done} your account"
        assert f"A second factor was {done} your account." in mail.get_content()


def test_without_a_mail_server_mails_wait_for_one(world: World, posting: Flask, inbox: Inbox) -> None:
    sit(world, "trainee")
    Worker(world.app, world.clock).work()
    assert states(world) == {"waiting": 1}
    world.clock.forward(seconds=LEASE_SECONDS)
    Worker(posting, world.clock).work()
    assert (inbox.to(), states(world)) == (["trainee@example.org"], {"sent": 1})


def test_who_takes_over_in_the_middle_sends_nothing_again(world: World, posting: Flask, inbox: Inbox) -> None:
    """The leader is so slow with its second mail that another takes over; its mark comes too late."""
    for who in TAKERS:
        sit(world, who)
    first, second = Worker(posting, world.clock), Worker(world.app, world.clock)

    def slow(number: int) -> None:
        if number == 2:
            world.clock.forward(seconds=LEASE_SECONDS)
            second.work()

    inbox.on_mail = slow
    with pytest.raises(NotLeading):
        first.work()
    world.clock.forward(seconds=LEASE_SECONDS)
    first.work()
    assert Counter(inbox.to()).most_common(1)[0][1] == 1


def die(world: World, posting: Flask, inbox: Inbox, when: str) -> None:
    """A real worker is killed at its second mail of four: when that is taken and not yet marked, or before its text was
    asked for. Another takes over.
    """
    for who in TAKERS:
        sit(world, who)
    settings = {**world.environment, "MESOTRAIN_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MESOTRAIN_")}
    process = subprocess.Popen([Path(sys.executable).with_name("mesotrain"), "worker"], env={**kept, **settings})
    setattr(inbox, when, lambda number, *_: os.kill(process.pid, signal.SIGKILL) if number == 2 else None)
    assert process.wait(40) == -signal.SIGKILL
    other = Worker(posting, world.clock)
    for _ in range(3):
        world.clock.forward(minutes=10)
        other.work()


def test_a_worker_that_dies_between_sending_and_marking_sends_nothing_twice(
    world: World, posting: Flask, inbox: Inbox
) -> None:
    die(world, posting, inbox, "on_mail")
    assert Counter(inbox.to()).most_common(1)[0][1] == 1
    assert len(inbox.mails) >= 2


def test_the_mails_behind_one_that_was_in_doubt_still_leave(world: World, posting: Flask, inbox: Inbox) -> None:
    die(world, posting, inbox, "on_mail")
    assert inbox.to() == sorted(f"{who}@example.org" for who in TAKERS)


def test_a_mail_whose_text_had_not_left_when_its_worker_died_leaves_once(
    world: World, posting: Flask, inbox: Inbox
) -> None:
    die(world, posting, inbox, "on_rcpt")
    assert inbox.to() == sorted(f"{who}@example.org" for who in TAKERS)
    assert states(world) == {"sent": len(TAKERS)}


def test_a_connection_that_breaks_before_the_text_puts_off_that_mail_alone(
    world: World, posting: Flask, inbox: Inbox
) -> None:
    for who in TAKERS:
        sit(world, who)
    inbox.on_rcpt = lambda number, server: server.transport.abort() if number == 1 else None
    worker = Worker(posting, world.clock)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        worker.work()
    assert states(world) == {"waiting": len(TAKERS)}
    worker.work()
    assert states(world) == {"sent": len(TAKERS) - 1, "waiting": 1}
    world.clock.forward(minutes=1)
    worker.work()
    assert inbox.to() == sorted(f"{who}@example.org" for who in TAKERS)


def test_mails_wait_while_the_mail_server_is_away(world: World, posting: Flask, inbox: Inbox) -> None:
    sit(world, "trainee")
    away = create_app({**world.environment, "MESOTRAIN_SMTP_URL": f"smtp://127.0.0.1:{free_port()}"}, world.clock)
    worker = Worker(away, world.clock)
    with pytest.raises(OSError, match="refused"):
        worker.work()
    with away.app_context():
        db.engine.dispose()
    worker.release()
    Worker(posting, world.clock).work()
    assert inbox.to() == ["trainee@example.org"]


def test_an_address_that_is_refused_keeps_nobody_else_waiting(world: World, posting: Flask, inbox: Inbox) -> None:
    for who in TAKERS:
        sit(world, who)
    inbox.refuses = {"colleague@example.org"}
    worker = Worker(posting, world.clock)
    for _ in range(3):
        with suppress(Exception):  # as the loop around it does
            worker.work()
    assert inbox.to() == sorted(f"{who}@example.org" for who in TAKERS if who != "colleague")


def test_a_worker_stops_when_told_and_gives_its_lease_up(world: World) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MESOTRAIN_")}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("mesotrain"), "worker"], env={**kept, **world.environment}
    )

    def lease() -> Lease | None:
        with world.session() as session:
            session.connection(execution_options={"writes": False})
            return session.scalar(select(Lease))

    end = time.monotonic() + 40
    while not lease():
        assert time.monotonic() < end
        time.sleep(0.05)
    held = lease()
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    given_up = lease()
    assert held
    assert given_up
    assert given_up.until < held.until


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_worker_outlives_the_shell_that_started_it_and_says_when_it_ends_with_a_server(
    world: World, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MESOTRAIN_")}
    command = Path(sys.executable).with_name("mesotrain")

    def started(more: str, log: Path) -> int:
        """The worker a shell leaves behind at work: it has taken the lease by then."""
        world.do(lambda session: session.execute(delete(Lease)))
        line = f"nohup {command} worker {more} >{log} 2>&1 & echo $!; read end"
        shell = subprocess.Popen(
            ["sh", "-c", line], env={**kept, **world.environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        number = int(shell.stdout.readline())  # type: ignore[union-attr]
        until(lambda: world.do(lambda session: session.scalar(select(Lease.holder))) is not None, log)
        shell.communicate(b"\n", 15)
        return number

    alone = started("", tmp_path / "alone.log")
    try:
        started("--parent $$", log := tmp_path / "with.log")
        until(lambda: "the worker ends with its server" in log.read_text(), log, 15)
    finally:
        os.kill(alone, signal.SIGTERM)  # which raises where it has ended
    assert (tmp_path / "alone.log").read_text().splitlines()[1:] == []


def test_the_worker_ends_an_erasure_on_its_day(world: World) -> None:
    """On the day it is there, not on that of the worker's clock."""
    administrator, now, person = world.actor("administrator"), world.clock(), world.ids["trainee"]
    world.do(lambda session: people.end(session, administrator, now, person))
    world.do(lambda session: privacy.erase(session, now, world.ids["Harbour"], person, 6, by=""))
    worker = Worker(world.app, world.clock)
    for moment, name in (
        (datetime(2033, 3, 11, 23, 59, tzinfo=UTC), "Tess Trainee"),
        (datetime(2033, 3, 12, 0, 0, tzinfo=UTC), ERASED),
    ):
        world.clock.now = moment
        worker.work()
        with world.session() as session:
            assert session.get_one(Person, person).name == name
