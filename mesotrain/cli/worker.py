"""The worker: whatever belongs to no request. Any number may run; one leads."""

import logging
import os
import secrets
import signal
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast
from urllib.parse import unquote, urlsplit

import click
from flask import Flask
from sqlalchemy.orm import Session

from mesotrain.actions import attempts as actions
from mesotrain.actions import endings, observations, privacy, reminders, waiting
from mesotrain.core.accounts import CODES
from mesotrain.store import accounts, attempts, letters, marking, outbox
from mesotrain.store import privacy as erasures
from mesotrain.store.db import Collision, db, transact
from mesotrain.store.outbox import LEASE
from mesotrain.web import create_app
from mesotrain.web.letters import ENDING, MAILED, compose

LEASE_SECONDS = 30
REST_SECONDS = 1.0
AT_ONCE = 50
NOT_AVAILABLE = 421
"""What a mail server that goes away says (RFC 5321), or would have."""
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
        def look(now: datetime) -> tuple[list[int], list[int], bool]:
            accounts.forget_guesses(db.session(), now - CODES.within)
            due, settled = attempts.due(db.session(), now, AT_ONCE), marking.settled(db.session(), AT_ONCE)
            return list(due), list(settled), bool(erasures.due(db.session(), now))

        due, settled, erasing = self._leading(look)
        ended = sum(self._end(actions.finalise, attempt) for attempt in due)
        ended += sum(self._end(endings.settle, attempt) for attempt in settled)
        return ended + (self._leading(lambda now: privacy.finish_due(db.session(), now)) if erasing else 0)

    def _end(self, end: Callable[[Session, datetime, int], None], attempt: int) -> bool:
        """Ends one attempt; one that cannot be ended keeps none of the others waiting."""
        try:
            self._leading(lambda now: end(db.session(), now, attempt))
        except (NotLeading, Collision):
            raise
        except Exception:
            log.exception("attempt %s could not be ended", attempt)
            return False
        return True

    def _remind(self) -> int:
        waiting = self._leading(lambda now: reminders.waiting(db.session(), now))
        return sum(self._leading(partial(self._day, one)) for one in waiting)

    def _day(self, organisation: int, now: datetime) -> int:
        """What is done once a day for an organisation."""
        for place in (organisation, None):
            letters.drop_unwanted(db.session(), place, now)
        privacy.forget_invited(db.session(), now, organisation)
        observations.forget_old(db.session(), now, organisation)
        return reminders.remind(db.session(), now, organisation)

    def _write_mails(self) -> int:
        def write(now: datetime) -> int:
            events = outbox.unread(db.session(), LEASE, [*MAILED, *ENDING], AT_ONCE)
            for event in events:
                if event.kind in MAILED:
                    outbox.enqueue(db.session(), event, MAILED[event.kind], now)
            for organisation in {one.organisation_id for one in events if one.kind in ENDING}:
                letters.drop_unwanted(db.session(), organisation, now)
            if events:
                outbox.read_to(db.session(), LEASE, events[-1].position)
            return len(events)

        return self._leading(write)

    def _send_mails(self) -> int:
        address = self.app.config["SMTP_URL"]
        if not address or not self._leading(lambda now: outbox.waiting(db.session(), now)):
            return 0
        sent = 0
        with connect(address) as server:
            while leaving := self._leading(lambda now: outbox.first(db.session(), now)):
                server.leaves = partial(self._leading, partial(self._leaves, leaving.mail))
                try:
                    state, code = self._send(server, leaving)
                except (NotLeading, Collision):
                    raise
                except Exception:
                    self._leading(partial(self._broke, leaving.mail))
                    raise
                self._leading(partial(self._mark, leaving.mail, state, code))
                sent += 1
                if server.sock is None:  # it said so and went; what waits leaves by the next connection
                    break
        return sent

    def _leaves(self, mail: int, now: datetime) -> None:
        if not outbox.leaves(db.session(), mail, now):
            raise NotLeading

    def _broke(self, mail: int, now: datetime) -> None:
        """Puts a mail off whose text had not left; of any other nobody here knows whether it arrived."""
        if outbox.waits(db.session(), mail):
            waiting.refused(db.session(), now, mail, NOT_AVAILABLE)

    def _send(self, server: "Plain | Secure", leaving: outbox.Leaving) -> tuple[str, int]:
        """Sends one mail; gives its state and the code it was refused with. One whose fate is unknown raises."""
        letter = self._leading(lambda now: letters.letter(db.session(), leaving, now))
        if letter is None:
            return outbox.DROPPED, 0
        try:
            server.send_message(compose(self.app, leaving, letter, self.clock()))
        except smtplib.SMTPRecipientsRefused as refused:
            return outbox.REFUSED, next(iter(refused.recipients.values()))[0]
        except smtplib.SMTPSenderRefused as refused:
            return outbox.REFUSED, refused.smtp_code
        except smtplib.SMTPDataError as refused:
            with suppress(smtplib.SMTPServerDisconnected):
                server.rset()  # else the next mail is one too many for a server that refused to take the text of this
            return outbox.REFUSED, refused.smtp_code
        return outbox.SENT, 0

    def _mark(self, mail: int, state: str, code: int, now: datetime) -> None:
        if state != outbox.REFUSED:
            outbox.mark(db.session(), mail, state, now)
        elif again := waiting.refused(db.session(), now, mail, code):
            log.warning("mail %s was put off: %s, and is tried again at %s UTC", mail, code, f"{again:%H:%M:%S}")
        else:
            log.warning("mail %s was refused: %s", mail, code)


class _Leaving:
    """Says that a mail leaves right before its text does: whoever dies earlier has sent nothing of it."""

    leaves: Callable[[], None]

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.leaves()
        return cast(tuple[int, bytes], super().data(msg))  # type: ignore[misc]


class Plain(_Leaving, smtplib.SMTP):
    """A connection that is not secure from the start."""


class Secure(_Leaving, smtplib.SMTP_SSL):
    """One that is."""


def connect(address: str) -> Plain | Secure:
    """A connection to the mail server, which has spoken. Raises OSError."""
    parts = urlsplit(address)
    host, port, trusted = parts.hostname or "", parts.port or 0, ssl.create_default_context()
    server = (
        Secure(host, port, timeout=20, context=trusted) if parts.scheme == "smtps" else Plain(host, port, timeout=20)
    )
    if parts.username:
        if parts.scheme == "smtp":
            server.starttls(context=trusted)
        server.login(unquote(parts.username), unquote(parts.password or ""))
    server.ehlo_or_helo_if_needed()  # a server that does not speak is found out before a mail is taken
    return server


def work_until_stopped(app: Flask, parent: int | None) -> None:
    """Works until SIGTERM or SIGINT, or until its parent, where that is given as a process id, is gone."""
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # waited for below, so that neither comes in the middle of a mail
    worker, did = Worker(app, app.extensions["clock"]), 1
    while not signal.sigtimedwait(stops, 0 if did else REST_SECONDS):
        if parent is not None and os.getppid() != parent:
            log.warning("the worker ends with its server, process %s, which is gone", parent)
            break
        try:
            did = worker.work()
        except (NotLeading, Collision):
            did = 0
        except Exception:
            log.exception("the worker failed and goes on")
            did = 0
    worker.release()


@click.command()
@click.option("--parent", type=int, hidden=True, help="The process it ends with.")
def worker(parent: int | None) -> None:
    """Does what belongs to no request, until stopped: ends overdue attempts, sends mail.

    It goes on when the shell that started it ends.
    """
    work_until_stopped(create_app(), parent)
