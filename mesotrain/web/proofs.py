"""Proving who one is: tries that are counted, the device that is known, codes, and the sign-in that comes of it."""

import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_network
from typing import Any

import pyotp
from flask import current_app, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import current_user, login_user
from sqlalchemy.orm import Session

from mesotrain.actions import accounts as actions
from mesotrain.core.access import Actor
from mesotrain.core.accounts import (
    CODES,
    DEVICE,
    GUESSES,
    JUST_NOW,
    PASSWORD,
    PROVED,
    RECOVERY_CODES,
    SHARED_HOURS,
    Limit,
)
from mesotrain.core.errors import Refused
from mesotrain.store import accounts as store
from mesotrain.store import people
from mesotrain.store.accounts import TOTP, Authenticator
from mesotrain.web import gate, keys, passkeys
from mesotrain.web.signed_in import SEEN, SignedIn, digest_of, new_token

STEP_SECONDS = 30
EARLY_OR_LATE = 1
"""Time steps a code may be off, as RFC 6238, 5.2, recommends."""
LONGEST_BROWSER = 300
MOST_TYPED = 1000
"""Characters of a password that are looked at."""


def tried(session: Session, now: datetime, email: str, person: int) -> list[int]:
    """Counts a try at somebody's password; to be forgiven when it was right. Raises TooMany.

    On a device they are known on, only what is tried there counts: nobody elsewhere can use up an owner's tries.
    """
    device = device_digest()
    if device and person and store.knows(session, device, person):
        about = [f"device {device} {person}"]
    else:
        about = [f"account {email.strip().lower()}", f"place {_place()}"]
    return actions.guess(session, now, [(keys.digest("guess", one), GUESSES) for one in about])


def has_password(session: Session, email: str, password: str) -> int:
    """The person of this address whose password it is, 0 for nobody. A wrong one counts as a try. Raises TooMany."""

    def counted() -> tuple[int, str | None, list[int]]:
        person = people.by_email(session, email)
        number, known = (person.id, person.password_hash) if person else (0, None)
        return number, known, tried(session, gate.now(), email, number)

    number, known, tries = gate.unit(counted)
    if not current_app.extensions["passwords"].fits(known, password):
        return 0
    gate.unit(lambda: store.forgive(session, tries))
    return number


def asked(actor: Actor | None, now: datetime) -> dict[str, Any]:
    """What a form that signs shows: whether they proved just now who they are, and where passkeys are taken."""
    return {"proved": _proved(actor, now), "passkeys": passkeys.place() if actor else None}


def _proved(actor: Actor | None, now: datetime) -> bool:
    """Whether somebody signed in or proved who they are just now."""
    return actor is not None and actor.proved_at is not None and now - actor.proved_at < JUST_NOW


def signing(session: Session, actor: Actor | None, person: int, now: datetime) -> str:
    """How somebody proves that it is they who sign. Raises Refused where they do not, TooMany after too many tries."""
    password = request.form.get("password", "")
    if not password and _proved(actor, now):
        return PROVED
    if not password:
        raise Refused("Enter your password: it signs.")
    email = gate.unit(lambda: session.get_one(people.Person, person).email)
    if has_password(session, email, password[:MOST_TYPED]) != person:
        raise Refused("This is not your password.")
    return PASSWORD


def tried_code(session: Session, now: datetime, person: int) -> list[int]:
    """Counts a try at somebody's second factor, for which their password was right. Raises TooMany."""
    device = device_digest()
    known = device and store.knows(session, device, person)
    where = f"device {device} {person}" if known else f"code {person}"
    limits: list[tuple[str, Limit]] = [(where, GUESSES), (f"{where} a day", CODES)]
    return actions.guess(session, now, [(keys.digest("guess", one), limit) for one, limit in limits])


def _place() -> str:
    """Where a request comes from: an IPv4 address, or the IPv6 network one customer has."""
    address = request.remote_addr or "127.0.0.1"
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def device_digest() -> str:
    """What the database knows this browser by, empty where it brings no token."""
    token = request.cookies.get(_device_cookie(), "")
    return digest_of(token) if token else ""


def _device_cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def open_sign_in(person: int, factors: int, *, shared: bool, landing: ResponseReturnValue) -> Response:
    """Signs a person in who has proved who they are, and answers with `landing`.

    A device that others use is not remembered, and is signed out sooner.
    """
    token, device = new_token(), request.cookies.get(_device_cookie()) or new_token()
    hours = SHARED_HOURS if shared else current_app.config["SIGN_IN_HOURS"]
    browser = request.headers.get("User-Agent", "")[:LONGEST_BROWSER]

    def work() -> None:
        session, now = gate.session(), gate.now()
        actions.sign_in(session, now, person, digest_of(token), hours, factors, browser)
        if not shared:
            store.know(session, digest_of(device), person, now)

    gate.unit(work)
    cookie.clear()
    cookie[SEEN] = int(gate.now().timestamp())
    login_user(SignedIn(token))
    response = current_app.make_response(landing)
    if not shared:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        kept = {"httponly": True, "samesite": "Lax", "secure": secure, "max_age": DEVICE}
        response.set_cookie(_device_cookie(), device, **kept)  # type: ignore[arg-type]
    return response


def prove_again(actor: Actor, factors: int) -> None:
    """The sign-in goes on under a new token, as proved now by so many factors."""
    token, old = new_token(), digest_of(current_user.id)
    gate.unit(lambda: actions.prove(gate.session(), actor, gate.now(), old, digest_of(token), factors))
    login_user(SignedIn(token, actor))


def code_fits(session: Session, now: datetime, person: int, said: str) -> bool:
    """Whether this is the code of one of a person's apps now, or an unused recovery code; it is used up."""
    said = "".join(said.split()).replace("-", "").upper()
    for one in store.authenticators(session, person):
        if one.kind == TOTP and (step := step_of(keys.unsealed(one.secret or "") or "", said, now)):
            return store.advance(session, one.id, step, now)
    return actions.use_recovery_code(session, now, person, sha256(said.encode()).hexdigest())


def step_of(secret: str, code: str, now: datetime) -> int:
    """The time step whose code this is, 0 where it is none of now."""
    if not (secret and code.isascii() and code.isdigit()):
        return 0
    app, middle = pyotp.TOTP(secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    steps = range(middle - EARLY_OR_LATE, middle + EARLY_OR_LATE + 1)
    return next((step for step in steps if compare_digest(app.generate_otp(step), code)), 0)


def new_recovery_codes() -> tuple[list[str], list[str]]:
    """(recovery codes of 120 bits as they are shown once, their digests)."""
    plain = [b32encode(secrets.token_bytes(15)).decode() for _ in range(RECOVERY_CODES)]
    shown = ["-".join(one[at : at + 4] for at in range(0, len(one), 4)) for one in plain]
    return shown, [sha256(one.encode()).hexdigest() for one in plain]


def new_app(person: int, name: str, secret: str, now: datetime, step: int) -> Authenticator:
    """An app that counts codes, whose code of `step` was shown."""
    return Authenticator(
        person_id=person, kind=TOTP, name=name, secret=keys.sealed(secret), counter=step, added_at=now, used_at=now
    )
