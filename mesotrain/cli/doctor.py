"""`mesotrain doctor`: looks at everything an installation stands on, changes nothing, and says what is wrong."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mesotrain import config
from mesotrain.cli.findings import AREAS, Finding, finding
from mesotrain.cli.worker import LEASE_SECONDS, connect
from mesotrain.core.errors import Refused
from mesotrain.store import accounts, health, logbook, observations, outbox, schema
from mesotrain.store.db import check, for_reading, open_engine, url_of
from mesotrain.web import clock, keys

FREE_MEGABYTES = 1024
WAITS, OVERDUE = timedelta(minutes=15), timedelta(minutes=2)
RECENT, UNMARKED, PAUSED = timedelta(days=7), timedelta(days=14), timedelta(days=1)
APART, AHEAD = timedelta(seconds=5), timedelta(minutes=1)
PATIENCE_SECONDS = 20
FEW = 10
"""Different characters of a key that was not made by chance."""
NO_KEY = "there-is-no-key-and-this-is-not-one"

UNREADABLE = {
    "settings-refused",
    "database-away",
    "database-unsafe",
    "database-damaged",
    "schema-missing",
    "schema-behind",
    "schema-newer",
}
"""Where one of these is found, what is in the database is not looked at."""


@click.command()
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), show_default=True)
def doctor(form: str) -> None:
    """Says what is wrong with settings, database, mail, disk, clock, keys and jobs, and what to do about it."""
    found = patiently(lambda: examine(os.environ, clock), PATIENCE_SECONDS)
    if form == "json":
        click.echo(json.dumps({"findings": [asdict(one) for one in found]}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_told(found)))
    if found:
        sys.exit(1)


def patiently(look: Callable[[], list[Finding]], seconds: float) -> list[Finding]:
    """What is found; for a worker that has just been started, and does not lead yet, it is looked so long again."""
    until, found = time.monotonic() + seconds, look()
    while time.monotonic() < until and "worker-away" in {one.code for one in found}:
        time.sleep(1)
        found = look()
    return found


def _told(found: list[Finding]) -> Iterator[str]:
    codes, unseen = {one.code for one in found}, dict[str, str]()
    if codes & UNREADABLE:
        unseen = dict.fromkeys(("clock", "keys", "jobs"), "not seen, for the database")
    if "settings-refused" in codes:
        unseen = dict.fromkeys(AREAS, "not seen, for the settings")
    for area in AREAS:
        here = [one for one in found if one.about == area]
        yield f"{area}: {'wrong' if here else unseen.get(area, 'well')}"
        for one in here:
            yield f"  - {one.what}\n    {one.why}\n    {one.do}"


def examine(environment: Mapping[str, str], now: Callable[[], datetime], enough: int = FREE_MEGABYTES) -> list[Finding]:
    """Everything that is wrong, by area; `enough` megabytes must be free."""
    try:
        values = _load(environment)
    except Refused as error:
        return [finding("settings-refused", why=str(error).removeprefix("Settings: "))]
    url = url_of(values["DATABASE_URL"])
    looks = (_settings(values), _database(values, url, now), _mail(values), _disk(values, url, enough), _keys(values))
    found = [one for look in looks for one in look]
    return sorted(found, key=lambda one: AREAS.index(one.about))


def _load(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings, without making a key where there is none."""
    none = {"MESOTRAIN_SECRET_KEYS": environment.get("MESOTRAIN_SECRET_KEYS") or NO_KEY}
    values = config.load({**environment, **none})
    return config.load(environment) if (values["INSTANCE"] / config.KEY_FILE).exists() else values


def _settings(values: dict[str, Any]) -> Iterator[Finding]:
    public = urlsplit(values["PUBLIC_URL"])
    if public.hostname in config.LOOPBACK:
        yield finding("address-local", url=values["PUBLIC_URL"])
    elif not values["TRUSTED_PROXIES"]:
        yield finding("proxy-unknown")


# The database -------------------------------------------------------------------------------------------------------


def _database(values: dict[str, Any], url: URL, now: Callable[[], datetime]) -> Iterator[Finding]:
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield finding("database-away", url=shown, why="there is no such file")
        return
    engine = open_engine(values["DATABASE_URL"])
    try:
        with engine.connect():
            pass
        check(engine)
        with Session(engine) as session:
            for_reading(session)
            yield from _inside(session, now, values["SECRET_KEYS"])
    except DBAPIError as error:
        yield finding("database-away", url=shown, why=str(error.orig).strip().rstrip("."))
    except Refused as error:
        yield finding("database-unsafe", why=str(error))
    finally:
        engine.dispose()


def _inside(session: Session, now: Callable[[], datetime], ring: Sequence[str]) -> Iterator[Finding]:
    if why := health.damage(session):
        yield finding("database-damaged", why=why)
        return
    found, head = schema.revision(session.connection()), schema.head()
    if found not in {None, *schema.revisions()}:
        yield finding("schema-newer", found=found)
    elif found is None:
        yield finding("schema-missing")
    elif found != head:
        yield finding("schema-behind", found=found, head=head)
    else:
        yield from _record(session)
        yield from _outgoing(session, now())
        yield from _clock(session, now)
        yield from _sealed(session, ring)
        yield from _jobs(session, now())


def _record(session: Session) -> Iterator[Finding]:
    missing, excess = health.rights(session)
    for code, names in (
        ("guards-missing", health.missing_guards(session)),
        ("rights-missing", missing),
        ("rights-too-many", excess),
        ("references-off", health.unchecked_references(session)),
        ("statistics-missing", health.uncounted(session)),
    ):
        if names:
            yield finding(code, names=", ".join(names))
    if missing:
        return
    if names := health.broken_references(session):
        yield finding("references-broken", names=", ".join(names))
    if count := logbook.altered(session):
        yield finding("signatures-altered", count=count)
    if count := observations.altered(session):
        yield finding("observations-altered", count=count)


def _outgoing(session: Session, now: datetime) -> Iterator[Finding]:
    waiting, _ = health.mails(session, outbox.WAITING, now)
    later = health.put_off(session, now)
    if (since := outbox.held_since(session)) is not None:
        yield finding("mail-held", since=_moment(since), count=waiting + later)
    else:
        late, since = health.mails(session, outbox.WAITING, now - WAITS)
        if late:
            yield finding("mail-waits", count=late, since=_moment(since))
        if later:
            yield finding("mail-put-off", count=later)
    refused, _ = health.mails(session, outbox.REFUSED, now, RECENT)
    if refused:
        yield finding("mail-refused", count=refused, days=RECENT.days)
    doubtful, _ = health.mails(session, outbox.SENDING, now - outbox.IN_DOUBT, RECENT)
    if doubtful:
        yield finding("mail-in-doubt", count=doubtful, days=RECENT.days)


def _clock(session: Session, now: Callable[[], datetime]) -> Iterator[Finding]:
    ours, theirs = now(), health.clock(session)
    if theirs is not None and abs(theirs - ours) > APART:
        yield finding("clock-apart", seconds=round(abs(theirs - ours).total_seconds()))
    last = health.last_event(session)
    if last is not None and last > ours + AHEAD:
        yield finding("event-ahead", moment=_moment(last))


def _sealed(session: Session, ring: Sequence[str]) -> Iterator[Finding]:
    secrets = [secret for *_, secret in accounts.apps(session)]
    shut = sum(keys.opened(ring, one) is None for one in secrets)
    if shut and ring != [NO_KEY]:
        yield finding("key-wrong", count=shut, all=len(secrets), file=config.KEY_FILE)


def _jobs(session: Session, now: datetime) -> Iterator[Finding]:
    until = health.leads_until(session, outbox.LEASE)
    if until is None or until <= now:
        yield finding("worker-away", since="" if until is None else f" since {_moment(until)} UTC")
    elif until > now + timedelta(seconds=LEASE_SECONDS) + AHEAD:
        yield finding("lease-ahead", moment=_moment(until))
    if count := health.overdue(session, now - OVERDUE):
        yield finding("attempts-overdue", count=count)
    if count := health.paused(session, now - PAUSED):
        yield finding("attempts-paused", count=count)
    if count := health.unmarked(session, now - UNMARKED):
        yield finding("attempts-unmarked", count=count, days=UNMARKED.days)


# Around it ----------------------------------------------------------------------------------------------------------


def _mail(values: dict[str, Any]) -> Iterator[Finding]:
    if not values["SMTP_URL"]:
        yield finding("mail-unset")
        return
    try:
        with connect(values["SMTP_URL"]):
            pass
    except OSError as error:
        yield finding("mail-away", why=str(error))
    domain = parseaddr(values["MAIL_FROM"])[1].rpartition("@")[2]
    if domain in config.LOOPBACK:
        yield finding("sender-local", sender=values["MAIL_FROM"])


def _disk(values: dict[str, Any], url: URL, enough: int) -> Iterator[Finding]:
    folders = {values["INSTANCE"]: None}
    if url.get_backend_name() == "sqlite" and url.database:
        folders[Path(url.database).resolve().parent] = None
        if _open_to_others(Path(url.database)):
            yield finding("database-open", path=url.database, folder=Path(url.database).parent)
    for folder in folders:
        try:
            with TemporaryFile(dir=folder):
                pass
            free = shutil.disk_usage(folder).free // 2**20
            if free < enough:
                yield finding("disk-full", folder=folder, free=free)
        except OSError as error:
            yield finding("instance-unwritable", folder=folder, why=error.strerror)


def _keys(values: dict[str, Any]) -> Iterator[Finding]:
    instance = values["INSTANCE"]
    if values["SECRET_KEYS"] == [NO_KEY]:
        yield finding("key-missing", folder=instance)
    elif any(len(set(key)) < FEW for key in values["SECRET_KEYS"]):
        yield finding("key-weak")
    if _open_to_others(instance / config.KEY_FILE):
        yield finding("key-open", path=instance / config.KEY_FILE, folder=instance)


def _open_to_others(path: Path) -> bool:
    """Whether anybody but its owner can reach and read or change a file."""
    if not path.exists():
        return False
    file, folder = path.stat().st_mode, path.parent.stat().st_mode
    return any(file & 0o6 << place and folder & 0o1 << place for place in (0, 3))


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}"
