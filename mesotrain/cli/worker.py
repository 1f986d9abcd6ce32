"""The worker: whatever belongs to no request. Any number may run; one leads."""

import logging
import os
import secrets
import signal
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from flask import Flask

from mesotrain.actions import attempts as actions
from mesotrain.actions import reminders
from mesotrain.core.accounts import CODES
from mesotrain.store import accounts, attempts, letters, outbox
from mesotrain.store.db import Collision, db, transact
from mesotrain.web.letters import MAILED, compose

LEASE = "worker"
LEASE_SECONDS = 30
REST_SECONDS = 1.0
AT_ONCE = 50
log = logging.getLogger("mesotrain.worker")
T = TypeVar("T")


class NotLeading(Exception):
    """Another worker holds the lease."""


class Worker:
    """One worker. Each unit of work renews the lease in its own transaction, so a deposed leader commits nothing."""

    def __init__(self, app: Flask, clock: Callable[[], datetime]) -> None:
        self.app = app
        self.clock = clock
        self.holder = secrets.token_hex(8)

    def work(self) -> int:
        """Does all that waits now; gives how much there was. Raises NotLeading when it is another's turn."""
        with self.app.app_context():
            return self._sweep() + self._remind() + self._write_mails() + self._send_mails()

    def release(self) -> None:
        """Gives the lease up."""
        with self.app.app_context():
            transact(db.session(), lambda: outbox.release(db.session(), LEASE, self.holder, self.clock()))

    def _leading(self, work: Callable[[datetime], T]) -> T:
        def leading() -> T:
            now = self.clock()
            if not outbox.lead(db.session(), LEASE, self.holder, now, now + timedelta(seconds=LEASE_SECONDS)):
                raise NotLeading
            return work(now)

        return transact(db.session(), leading)

    def _sweep(self) -> int:
        def look(now: datetime) -> list[int]:
            accounts.forget_guesses(db.session(), now - CODES.within)
            return list(attempts.due(db.session(), now, AT_ONCE))

        due = self._leading(look)
        return sum(self._end(attempt) for attempt in due)

    def _end(self, attempt: int) -> bool:
        """Ends one attempt; one that cannot be ended keeps none of the others waiting."""
        try:
            self._leading(lambda now: actions.finalise(db.session(), now, attempt))
        except (NotLeading, Collision):
            raise
        except Exception:
            log.exception("attempt %s could not be ended", attempt)
            return False
        return True

    def _remind(self) -> int:
        waiting = self._leading(lambda now: reminders.waiting(db.session(), now))
        return sum(self._leading(partial(self._remind_in, one)) for one in waiting)

    def _remind_in(self, organisation: int, now: datetime) -> int:
        return reminders.remind(db.session(), now, organisation)

    def _write_mails(self) -> int:
        def write(now: datetime) -> int:
            events = outbox.unread(db.session(), LEASE, list(MAILED), AT_ONCE)
            for event in events:
                outbox.enqueue(db.session(), event, MAILED[event.kind], now)
            if events:
                outbox.read_to(db.session(), LEASE, events[-1].position)
            return len(events)

        return self._leading(write)

    def _send_mails(self) -> int:
        address = self.app.config["SMTP_URL"]
        if not address or not self._leading(lambda now: outbox.waiting(db.session())):
            return 0
        sent = 0
        with connect(address) as server:
            while leaving := self._leading(lambda now: outbox.claim(db.session(), now)):
                state = self._send(server, leaving)
                self._leading(partial(self._mark, leaving.mail, state))
                sent += 1
        return sent

    def _send(self, server: smtplib.SMTP, leaving: outbox.Leaving) -> str:
        """Sends one mail and gives its state; one whose fate is unknown raises and stays "sending"."""
        letter = self._leading(lambda now: letters.letter(db.session(), leaving, now))
        if letter is None:
            return outbox.DROPPED
        try:
            server.send_message(compose(self.app, leaving, letter, self.clock()))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused):
            log.warning("mail %s was refused", leaving.mail)
            return outbox.REFUSED
        return outbox.SENT

    def _mark(self, mail: int, state: str, now: datetime) -> None:
        outbox.mark(db.session(), mail, state, now)


def connect(address: str) -> smtplib.SMTP:
    """A connection to the mail server, which has spoken. Raises OSError."""
    parts = urlsplit(address)
    host, port, trusted = parts.hostname or "", parts.port or 0, ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=20, context=trusted)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=20)
    )
    if parts.username:
        if parts.scheme == "smtp":
            server.starttls(context=trusted)
        server.login(unquote(parts.username), unquote(parts.password or ""))
    server.ehlo_or_helo_if_needed()  # a server that does not speak is found out before a mail is taken
    return server


def work_until_stopped(app: Flask, parent: int) -> None:
    """Works until SIGTERM or SIGINT, or until its parent process, whose id is `parent`, is gone."""
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # waited for below, so that neither comes in the middle of a mail
    worker, did = Worker(app, app.extensions["clock"]), 1
    while not signal.sigtimedwait(stops, 0 if did else REST_SECONDS) and os.getppid() == parent:
        try:
            did = worker.work()
        except (NotLeading, Collision):
            did = 0
        except Exception:
            log.exception("the worker failed and goes on")
            did = 0
    worker.release()
