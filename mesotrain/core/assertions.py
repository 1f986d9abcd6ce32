"""What named people say is so from a day on, and for how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DOCUMENT, OFFER, USE, STOP, TRANSITION, SUPERVISE = "document", "offer", "use", "stop", "transition", "supervise"
LEARNT = "prior learning"
SUSPENDED, REVOKED, TEMPORARY = "suspended", "revoked", "temporary"

KINDS = {
    DOCUMENT: "A document of somebody was seen, and is good until a day",
    LEARNT: "Somebody learnt elsewhere what a competency is about, and was seen to have",
    OFFER: "A clinic offers a procedure",
    USE: "A clinic relies on clearance from a day on",
    STOP: "Somebody does no procedure, or nobody does this one, or nobody uses this product",
    TRANSITION: "Somebody goes on with a procedure for a time, by what they did before",
    SUPERVISE: "Somebody may supervise a procedure for a time, and sign the cases of others",
    SUSPENDED: "A certificate of somebody does not count for now",
    REVOKED: "A certificate of somebody is taken away, and what was done for it counts no more",
    TEMPORARY: "Somebody has a certificate for a time, without what it asks for",
}
"""What a named person can say is so from a day on."""
PROOFS = (DOCUMENT, LEARNT)
"""Those that were seen of somebody, at no clinic: one that is taken back was never seen."""
RENEWED = (DOCUMENT, LEARNT, TRANSITION, SUPERVISE)
"""Those that end by themselves, and are to be said anew before."""
OF_CERTIFICATES = (SUSPENDED, REVOKED, TEMPORARY)
"""Those that are said of somebody's certificate."""
TAKING = (STOP, SUSPENDED, REVOKED)
"""Those that take something away: on the days on which they held it stays so, although they are over."""
CONFIRMED_BY_A_SECOND = (SUSPENDED, REVOKED)
"""Those that one person proposes and another confirms. A stop cannot wait for that."""


@dataclass(frozen=True)
class Period:
    """Something is so on every day from `start` until before `end`; without an end, until somebody ends it.

    `about` says what it concerns where there are several, and `by` who said so, from that day on, and who confirmed it;
    it stands `alone` where there was nobody else to. `sequence` is the place of that in the log.
    """

    start: date
    end: date | None = None
    about: str = ""
    by: str = ""
    sequence: int = 0
    alone: bool = False

    def holds(self, on: date) -> bool:
        """Whether it is so on this day."""
        return self.start <= on and (self.end is None or on < self.end)


@dataclass(frozen=True)
class Product(Period):
    """A product that nobody uses on these days; without a `lot`, whichever it is."""

    name: str = ""
    lot: str = ""


def in_force(periods: Iterable[Period], on: date) -> bool:
    """Whether it is so on this day, by one of these periods."""
    return any(one.holds(on) for one in periods)
