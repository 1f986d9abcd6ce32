"""The thread from a cookie to an actor: Flask-Login over sign-ins that the server can close."""

import secrets
from hashlib import sha256

from flask import Flask, g
from flask import session as cookie
from flask_login import LoginManager, UserMixin

from mesotrain.core.access import Actor
from mesotrain.core.accounts import IDLE
from mesotrain.store.accounts import signed_in
from mesotrain.store.db import for_reading
from mesotrain.web import gate

SEEN, A_MINUTE = "seen", 60


class SignedIn(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: an open sign-in. Its id is the cookie's token, which only the browser keeps."""

    def __init__(self, token: str, actor: Actor | None = None) -> None:
        self.id = token
        self.actor = actor


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the database knows of a token."""
    return sha256(token.encode()).hexdigest()


def _load(token: str) -> SignedIn | None:
    if "broken" in g:  # the page that says so asks nothing more
        return None
    if not _in_use():
        return None
    session = gate.session()
    if not session.in_transaction():  # no unit of work has begun, so this one only reads
        for_reading(session)
    found = signed_in(session, digest_of(token), gate.now())
    return SignedIn(token, found) if found else None


def _in_use() -> bool:
    """Whether the browser has not rested too long; its signed cookie says when it was last seen, to the minute."""
    now = int(gate.now().timestamp())
    rested: int = now - cookie.get(SEEN, now)
    if rested >= A_MINUTE:
        cookie[SEEN] = now
    return rested <= IDLE.total_seconds()


def init(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
