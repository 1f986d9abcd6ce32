"""The settings: one table, read from the environment once at the start, wrong ones refused there.

Each is an environment variable ``MESOTRAIN_<NAME>``; ``mesotrain settings`` prints them with their present values.
"""

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel.localedata import locale_identifiers

from mesotrain.core.errors import Refused

KEY_FILE = "secret-key"
"""In INSTANCE, where no key is set."""
LOOPBACK = {"127.0.0.1", "localhost"}
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One setting; `read` turns its text into a value and raises ValueError with what is wrong."""

    name: str
    default: str
    help: str
    read: Callable[[str], Any] = str
    secret: bool = False


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("it must be a whole number")
    return int(text)


def _positive(text: str) -> int:
    if not (number := _number(text)):
        raise ValueError("it must be at least 1")
    return number


def _locales(text: str) -> list[str]:
    codes = text.split()
    if not codes or any(code not in locale_identifiers() for code in codes):
        raise ValueError("it must be languages such as en de")
    return codes


def _words(text: str) -> list[str]:
    return text.split()


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("it must be a time zone such as Europe/London")
    return text


def _address(text: str) -> str:
    if not _is_server(text, "http", "https") or ":" in (urlsplit(text).hostname or ""):
        raise ValueError("it must be an address such as https://training.example.org")
    return text.rstrip("/")


def _mail_server(text: str) -> str:
    if text and not _is_server(text, "smtp", "smtps"):
        raise ValueError("it must be an address such as smtp://mail.example.org:25")
    return text


def _is_server(text: str, *schemes: str) -> bool:
    """Whether it names a server by one of these schemes, and nothing on it."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.path in {"", "/"} and parts.port != 0
    except ValueError:
        return False


def _sender(text: str) -> str:
    if "@" not in parseaddr(text)[1]:
        raise ValueError("it must be an address such as Training <training@example.org>")
    return text


def _database(text: str) -> str:
    if text.startswith("sqlite:///") and not text.startswith(("sqlite:////", "sqlite:///:memory:")):
        raise ValueError("it must be the whole path, with four slashes: sqlite:////srv/mesotrain.db")
    return text


def _level(text: str) -> str:
    if text not in logging.getLevelNamesMapping():
        raise ValueError("it must be DEBUG, INFO, WARNING or ERROR")
    return text


def _folder(text: str) -> Path:
    return (ROOT / text).resolve()


SETTINGS = (
    Setting("INSTANCE", "instance", "Folder for the embedded database and generated keys", _folder),
    Setting("COURSES", "courses", "Folder of the courses as text", _folder),
    Setting(
        "DATABASE_URL",
        "",
        "sqlite:////PATH or postgresql://ROLE@HOST/NAME; empty: SQLite in INSTANCE",
        _database,
        secret=True,
    ),
    Setting("OWNER_DATABASE_URL", "", "PostgreSQL owner that migrates; empty: as DATABASE_URL", _database, True),
    Setting(
        "SECRET_KEYS",
        "",
        "Signing keys, newest first; old ones still verify; empty: one kept in INSTANCE",
        _words,
        True,
    ),
    Setting(
        "PUBLIC_URL",
        "http://localhost:8000",
        "Where people reach the service, for links in mail; https unless it is this machine",
        _address,
    ),
    Setting("TRUSTED_PROXIES", "0", "How many reverse proxies stand in front and set X-Forwarded-*", _number),
    Setting("WORKERS", "2", "Server processes on PostgreSQL; SQLite always has one", _positive),
    Setting("POOL_SIZE", "5", "Database connections of one server process on PostgreSQL", _positive),
    Setting("SIGN_IN_HOURS", "12", "How long a sign-in lasts", _positive),
    Setting("HASHES_AT_ONCE", "2", "Passwords one process hashes at the same time; more wait", _positive),
    Setting("BODY_KILOBYTES", "256", "Largest request body", _positive),
    Setting("LOCALES", "en", "Languages offered, the default first", _locales),
    Setting("TRANSLATIONS", "translations", "Folder of the compiled gettext catalogues", _folder),
    Setting("ZONE", "Europe/London", "Time zone for pages nobody is signed in to", _zone),
    Setting(
        "SMTP_URL",
        "",
        "smtp://[USER:PASSWORD@]HOST:PORT that takes outgoing mail; empty: mail waits",
        _mail_server,
        secret=True,
    ),
    Setting("RECORD_YEARS", "6", "Years a record stays after its person has left; your law decides, not we", _number),
    Setting("LOG_LEVEL", "WARNING", "What is logged; at INFO a line of JSON for each request", _level),
    Setting("MAIL_FROM", "Mesotrain <no-reply@localhost>", "Sender of outgoing mail", _sender),
)


def load(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Every setting by name. Raises Refused naming each setting that is wrong or unknown."""
    known = {f"MESOTRAIN_{setting.name}" for setting in SETTINGS}
    wrong = [
        f"{name} is not a setting."
        for name in sorted(environment)
        if name.startswith("MESOTRAIN_") and name not in known
    ]
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            values[setting.name] = setting.read(environment.get(f"MESOTRAIN_{setting.name}", setting.default))
        except ValueError as error:
            wrong.append(f"MESOTRAIN_{setting.name}: {error}.")
    if not wrong:
        wrong = _together(values)
    if wrong:
        raise Refused("Settings: %(wrong)s", wrong=" ".join(wrong))
    return values


def _together(values: dict[str, Any]) -> list[str]:
    """Fills in what follows from other settings; gives what is wrong between them."""
    wrong = []
    if not values["DATABASE_URL"]:
        values["DATABASE_URL"] = f"sqlite:///{values['INSTANCE'] / 'mesotrain.db'}"
    values["OWNER_DATABASE_URL"] = values["OWNER_DATABASE_URL"] or values["DATABASE_URL"]
    where = "MESOTRAIN_SECRET_KEYS" if values["SECRET_KEYS"] else str(values["INSTANCE"] / KEY_FILE)
    values["SECRET_KEYS"] = values["SECRET_KEYS"] or [_kept_key(values["INSTANCE"])]
    if any(len(key) < 32 for key in values["SECRET_KEYS"]):
        wrong.append(f"{where}: each key needs at least 32 characters.")
    public = urlsplit(values["PUBLIC_URL"])
    if public.scheme == "http" and public.hostname not in LOOPBACK:
        wrong.append("MESOTRAIN_PUBLIC_URL: plain http would send cookies in the clear; serve over https.")
    return wrong


def _kept_key(instance: Path) -> str:
    path = instance / KEY_FILE
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            "Settings: MESOTRAIN_INSTANCE: %(path)s cannot be made: %(why)s.", path=instance, why=error.strerror
        ) from error
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()
