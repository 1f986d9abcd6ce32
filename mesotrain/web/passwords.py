"""Passwords: hashed slowly on purpose, so only so many at once; and which are no good."""

import re
from collections.abc import Sequence
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from mesotrain.core.accounts import LONGEST, least
from mesotrain.web.words import gettext

LEAST_GUESSES = 8
"""Power of ten of the guesses a password must take by zxcvbn (Wheeler 2016); eight random signs take as many."""
FAMOUS = "correcthorsebatterystaple"
"""The words with which passwords of words are explained (xkcd 936), which zxcvbn takes for strong."""
READ = 72
"""Characters zxcvbn reads; it takes long over longer ones, which are none the weaker for their beginning."""


_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with OWASP's parameters (Password Storage Cheat Sheet): t=2, m=19 MiB, p=1."""


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


class Passwords:
    """What hashes passwords and tries them, so many at once."""

    def __init__(self, at_once: int) -> None:
        self._hasher = _HASHER
        self._free = BoundedSemaphore(at_once)
        self._nobody = _nobody()

    def hash(self, password: str) -> str:
        with self._free:
            return self._hasher.hash(password)

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash. Without a hash it takes as long, and is False."""
        with self._free:
            try:
                return self._hasher.verify(password_hash or self._nobody, password) and bool(password_hash)
            except (VerifyMismatchError, InvalidHashError):
                return False


def _beside(password: str, known: Sequence[str]) -> str:
    """What a password has beside the words that whoever knows its owner would try, however they are put together."""
    words = sorted({part for word in known for part in re.findall(r"\w{4,}", word.lower())}, key=len, reverse=True)
    rest = password.lower()
    for word in words:
        rest = rest.replace(word, "")
    return rest if rest == password.lower() else "".join(re.findall(r"\w", rest))


def fault(password: str, second: bool, about: Sequence[str]) -> str | None:
    """What is wrong with a password somebody chose, in words; `about` is what others know of them.

    Length and known passwords only, no rules of composition (NIST SP 800-63B-4, 3.1.1.2).
    """
    shortest = least(second)
    if len(password) < shortest:
        words = gettext("Use at least %(least)s characters. Three or four words you can picture are easy to remember.")
        return words % {"least": shortest}
    if len(password) > LONGEST:
        return gettext("Use at most %(most)s characters.", most=LONGEST)
    known = ["mesotrain", "mesotherapy", *about, *(word for text in about for word in text.replace("@", " ").split())]
    if len(_beside(password, known)) < least(second=True):
        return gettext("Use words that have nothing to do with you or this service.")
    if (
        FAMOUS in "".join(re.findall(r"\w", password.lower()))
        or zxcvbn(password[:READ], known)["guesses_log10"] < LEAST_GUESSES
    ):
        return gettext("This is among the passwords that are tried first. Use words that do not belong together.")
    return None
