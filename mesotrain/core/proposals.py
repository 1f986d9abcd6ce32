"""Proposals: what takes something from somebody is proposed by one person, and is so when a second one confirms it."""

from datetime import date, timedelta

CONFIRMED, REFUSED, WITHDRAWN, ALONE = DECISIONS = "confirmed", "refused", "withdrawn", "alone"
"""How one ends: a second person agrees or does not, whoever made it takes it back or, with nobody else there to ask,
lets it stand by their word alone."""
WAITING, LAPSED = "waiting", "lapsed"

DAYS = timedelta(days=14)
"""How long one waits before it lapses: a policy of ours, so that nothing hangs over anybody for long."""


def state(ends: date, decision: str | None, on: date) -> str:
    """What a proposal has come to: one of DECISIONS, else waiting until before `ends`, or lapsed."""
    return decision or (WAITING if on < ends else LAPSED)
