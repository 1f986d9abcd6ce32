"""Passkeys (WebAuthn): a device that its owner unlocks, so two factors in one."""

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import current_app, request
from flask import session as cookie
from sqlalchemy.orm import Session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mesotrain.config import LOOPBACK
from mesotrain.core.access import Actor
from mesotrain.core.accounts import SECOND_STEP
from mesotrain.core.errors import Refused
from mesotrain.store import accounts as store
from mesotrain.store.accounts import PASSKEY, Authenticator
from mesotrain.web import gate

CHALLENGE = "challenge"
UNREAD = "The passkey could not be read. Try again, or sign in another way."


class Place(NamedTuple):
    """Whether browsers take passkeys where this page is open, and the address at which they do, if there is one."""

    here: bool
    address: str


def place() -> Place:
    """Passkeys belong to a name: a number has none, and this machine's is localhost."""
    host = _relying_party()
    named = not host.replace(".", "").isdigit() and ":" not in host
    return Place(named and urlsplit(request.host_url).hostname == host, f"{_origin()}{request.path}" if named else "")


def _origin() -> str:
    public: str = current_app.config["PUBLIC_URL"]
    return public.replace("//127.0.0.1", "//localhost", 1) if urlsplit(public).hostname in LOOPBACK else public


def _relying_party() -> str:
    return urlsplit(_origin()).hostname or ""


def _remember(challenge: bytes) -> None:
    cookie[CHALLENGE] = [bytes_to_base64url(challenge), gate.now().timestamp()]


def challenge() -> bytes:
    """The challenge that was given to this browser, once. Raises Refused where there is none of late."""
    given, at = cookie.pop(CHALLENGE, ("", 0))
    if not given or gate.now().timestamp() - at > SECOND_STEP.total_seconds():
        raise Refused(UNREAD)
    return base64url_to_bytes(given)


def sent() -> Any:
    """What the browser made of a passkey, as the form sends it. Raises Refused where that is nothing readable."""
    try:
        found = json.loads(request.form.get("credential", ""))
    except ValueError as error:
        raise Refused(UNREAD) from error
    if not isinstance(found, dict):
        raise Refused(UNREAD)
    return found


def registration(session: Session, actor: Actor, email: str) -> dict[str, Any]:
    """What a browser needs to make a passkey."""
    known = [one.credential for one in store.authenticators(session, actor.person) if one.credential]
    options = generate_registration_options(
        rp_id=_relying_party(),
        rp_name="Mesotrain",
        user_id=actor.commitment.encode()[:64],
        user_name=email,
        user_display_name=actor.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    _remember(options.challenge)
    return dict(json.loads(options_to_json(options)))


def registered(actor: Actor, name: str, credential: Any, challenge: bytes) -> Authenticator:
    """The passkey a browser made. Raises Refused for what is not one."""
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_relying_party(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refused(UNREAD) from error
    return Authenticator(
        person_id=actor.person,
        kind=PASSKEY,
        name=name,
        credential=found.credential_id,
        public_key=found.credential_public_key,
        counter=found.sign_count,
        added_at=gate.now(),
    )


def authentication() -> dict[str, Any]:
    """What a browser needs to show a passkey, whoever's it is."""
    options = generate_authentication_options(
        rp_id=_relying_party(), user_verification=UserVerificationRequirement.REQUIRED
    )
    _remember(options.challenge)
    return dict(json.loads(options_to_json(options)))


def shown(session: Session, credential: Any, challenge: bytes) -> int:
    """Whose passkey a browser showed; its count moves on. Raises Refused for one that is not known or does not fit."""
    try:
        known = store.authenticator_of(session, base64url_to_bytes(credential["id"]))
        if known is None:
            raise Refused(UNREAD)
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_relying_party(),
            expected_origin=_origin(),
            credential_public_key=known.public_key or b"",
            credential_current_sign_count=known.counter,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refused(UNREAD) from error
    known.counter, known.used_at = found.new_sign_count, gate.now()
    return known.person_id


def must_be(person: int, shown: int) -> None:
    """Raises Refused for another's passkey."""
    if shown != person:
        raise Refused("This passkey belongs to another account.")
