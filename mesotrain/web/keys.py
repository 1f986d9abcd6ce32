"""What the secret keys make: links that are mailed, secrets that are sealed, digests nobody else can make.

Whatever one of the keys made is good while that key is in the ring; the newest makes all that is new.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from hmac import new as hmac

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def new_nonce() -> str:
    """128 bits of chance."""
    return secrets.token_urlsafe(16)


def signed(purpose: str, number: int, nonce: str) -> str:
    """What stands in a mailed link: a row and its nonce, which nobody without a key can put together."""
    return str(_signer(purpose).dumps([number, nonce]))


def read(purpose: str, token: str) -> tuple[int, str]:
    """(row, nonce) of a mailed link; (0, "") where nobody here signed it for this purpose."""
    try:
        number, nonce = _signer(purpose).loads(token)
    except (BadSignature, ValueError, TypeError):
        return 0, ""
    return number, nonce


def _signer(purpose: str) -> URLSafeSerializer:
    oldest_first = current_app.config["SECRET_KEYS"][::-1]
    return URLSafeSerializer(oldest_first, salt=f"mesotrain.{purpose}", signer_kwargs={"digest_method": sha256})


def sealed(text: str) -> str:
    """The text as only a holder of the keys can read it."""
    return _box(current_app.config["SECRET_KEYS"]).encrypt(text.encode()).decode()


def unsealed(text: str, within: int | None = None) -> str | None:
    """What was sealed, at most `within` seconds ago; None where it cannot be read."""
    return opened(current_app.config["SECRET_KEYS"], text, within)


def opened(ring: Sequence[str], text: str, within: int | None = None) -> str | None:
    """The same with the keys of this ring."""
    try:
        return _box(ring).decrypt(text.encode(), within).decode()
    except InvalidToken:
        return None


def _box(ring: Sequence[str]) -> MultiFernet:
    keys = (sha256(f"mesotrain.sealed {key}".encode()).digest() for key in ring)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


def digest(purpose: str, text: str) -> str:
    """What the database knows `text` by."""
    key = current_app.config["SECRET_KEYS"][0]
    return hmac(key.encode(), f"{purpose} {text}".encode(), sha256).hexdigest()


def sign(message: bytes) -> str:
    """An Ed25519 signature (RFC 8032) by the newest key, in URL-safe Base64; the same for the same message."""
    return urlsafe_b64encode(_signing(current_app.config["SECRET_KEYS"][0]).sign(message)).decode()


def signs_with() -> str:
    """The public key that `sign` signs with, in URL-safe Base64."""
    public = _signing(current_app.config["SECRET_KEYS"][0]).public_key()
    return urlsafe_b64encode(public.public_bytes_raw()).decode()


def is_signed(message: bytes, signature: str) -> bool:
    """Whether one of the keys signed this message."""
    try:
        raw = urlsafe_b64decode(signature)
    except ValueError:
        return False
    return any(_is_of(key, raw, message) for key in current_app.config["SECRET_KEYS"])


def _is_of(key: str, signature: bytes, message: bytes) -> bool:
    try:
        _signing(key).public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


@cache
def _signing(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(f"mesotrain.receipts {key}".encode()).digest())
