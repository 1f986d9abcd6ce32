"""When a mail that the mail server put off is tried again."""

from datetime import datetime, timedelta

TRIES_FOR = timedelta(days=2)
_MINUTE = timedelta(minutes=1)
_RESTS = ((_MINUTE, _MINUTE), (6 * _MINUTE, 5 * _MINUTE), (21 * _MINUTE, 15 * _MINUTE))
"""(so long after the first try at most, so long a rest); after the last of them an hour each."""


def is_put_off(code: int) -> bool:
    """Whether a server that answers so may take the mail later (RFC 5321, 4.2.1)."""
    return 400 <= code < 500


def next_try(first: datetime, now: datetime) -> datetime | None:
    """When a mail that was put off at `first`, and again now, is tried again; None where that took too long.

    After 1, 5, 15 and 60 minutes and then each hour, for two days.
    """
    tried = now - first
    if tried >= TRIES_FOR:
        return None
    return now + next((rest for until, rest in _RESTS if tried < until), 60 * _MINUTE)
