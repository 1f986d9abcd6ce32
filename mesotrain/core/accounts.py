"""The rules of proving who one is: passwords, second factors, tries, and how long each proof lasts."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

LEAST_ALONE, LEAST_WITH_SECOND, LONGEST = 15, 8, 256
"""Characters of a password: NIST SP 800-63B-4, 3.1.1.2, for one factor and for the first of two."""


class Limit(NamedTuple):
    """How many tries there are in which time."""

    most: int
    within: timedelta


GUESSES = Limit(10, timedelta(minutes=1))
"""At one secret, or from one place."""
CODES = Limit(60, timedelta(days=1))
"""At one person's second factor besides, whose six digits would else be found in weeks."""

FRESH = timedelta(minutes=15)
JUST_NOW = timedelta(minutes=2)
"""Who proved who they are so lately signs without a password: long enough for a passkey, and to read one page."""
PASSWORD, PROVED, LINK = "password", "proved again", "mailed link"
"""How somebody proved who they are when they signed: with their password, as they do to change it, or by having the
mail."""
SECOND_STEP = timedelta(minutes=10)
"""How long after the password the second factor is waited for."""
DEVICE = timedelta(days=180)
"""How long a device stays known after the last sign-in on it."""
IDLE = timedelta(hours=1)
"""How long a sign-in may rest until it is over (NIST SP 800-63B-4, AAL2)."""
SHARED_HOURS = 4
"""How long a sign-in lasts on a device that others use too."""

LINKS = {"password": timedelta(hours=1), "email": timedelta(hours=24)}
"""What a mailed link lets one choose, and how long it is good."""
MOST_LINKS, LINKS_WITHIN = 5, timedelta(hours=1)
INVITATION = timedelta(days=14)
SENT_AGAIN = timedelta(minutes=1)
"""How long after an invitation left it is sent again at the earliest: presses in between are one."""
RECOVERY_CODES = 10


_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
"""A dot-atom (RFC 5321, 4.1.2) at a domain with a dot: mail to a bare host leaves no network."""


def is_address(text: str) -> bool:
    """Whether this can be an e-mail address."""
    return _ADDRESS.fullmatch(text) is not None


def least(second: bool) -> int:
    """How many characters a password has at least; `second`: beside a second factor."""
    return LEAST_WITH_SECOND if second else LEAST_ALONE


def fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether somebody proved who they are so lately that they may change what proves it."""
    return proved_at is not None and now - proved_at < FRESH
