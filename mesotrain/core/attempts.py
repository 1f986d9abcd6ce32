"""An attempt's life: what may happen to it, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from mesotrain.core.assessments import AFTER_CLOSE, AFTER_EACH, AFTER_PASS, AFTER_SUBMIT
from mesotrain.core.errors import Ended

OPEN, MARKING, FINISHED, VOID = "open", "marking", "finished", "void"
STATES = (OPEN, MARKING, FINISHED, VOID)
"""Handed in, an attempt waits in `MARKING` as long as people have to mark an answer of it or a question of it is held:
it has no score yet. One that is `VOID` never gets a score; it proves nothing, and counts against nobody.
"""

SUBMIT, DEADLINE, MARKED = "submit", "deadline", "marked"

TRANSITIONS: dict[tuple[str, str, bool], str] = {
    (OPEN, SUBMIT, False): FINISHED,
    (OPEN, DEADLINE, False): FINISHED,
    (OPEN, SUBMIT, True): MARKING,
    (OPEN, DEADLINE, True): MARKING,
    (MARKING, MARKED, False): FINISHED,
    (OPEN, VOID, False): VOID,
}
"""(state, event, whether it waits for people) -> next state. What is not here cannot happen."""

LATE, MOVED, NEWER = "late", "moved", "newer"
UNAPPLIED = {
    LATE: "It came after the attempt had ended",
    MOVED: "It came from a window after its taker had gone on in another",
    NEWER: "It was kept in a browser while its taker answered anew elsewhere",
}
"""Why an answer that was received is kept but does not count."""

MOST_EXTRA = 300
"""Percent of extra time that somebody may be given."""

ELSEWHERE = "You went on in another window or on another device. Nothing more is saved here."
ANSWERED = "You gave a newer answer elsewhere. This one is kept, and does not count."
VOIDED = "Your invigilator made this attempt void. It counts neither for you nor against you."
ENDED = "This attempt has ended. Answers can no longer be changed."


def seed_of(attempt_seed: str, position: int) -> str:
    """The seed of one slot of an attempt."""
    return f"{attempt_seed}/{position}"


def advance(state: str, event: str, waits: bool = False) -> str:
    """The state after `event`; `waits`: for people to mark it or to look at a question. Raises Ended without one."""
    try:
        return TRANSITIONS[state, event, waits]
    except KeyError:
        raise Ended(ENDED) from None


@dataclass(frozen=True)
class Timing:
    """When an attempt started and when it must end; both aware UTC, the end stored and moved in one place.

    While it is `paused` its clock stands at that moment, and the end moves on by as much when it goes on.
    """

    started: datetime
    deadline: datetime
    paused: datetime | None = None

    def over(self, now: datetime) -> bool:
        """An answer received at the deadline itself is too late."""
        return now >= self.deadline and not self.paused

    def left(self, now: datetime) -> timedelta:
        return max(self.deadline - (self.paused or now), timedelta(0))

    def moved(self, by: timedelta, now: datetime) -> datetime:
        """The deadline so much later, or sooner, though at once at the soonest: no time is taken that has passed."""
        return max(self.deadline + by, self.paused or now)


def timing(now: datetime, minutes: int, closes: datetime | None = None, extra: int = 0) -> Timing:
    """So many minutes from now, or fewer where what `closes` ends attempts; of either `extra` percent more."""
    deadline = now + timedelta(minutes=minutes)
    length = (min(deadline, closes) if closes else deadline) - now
    return Timing(now, now + length * (100 + extra) / 100)


def lasting(minutes: int, extra: int) -> int:
    """The whole minutes of an attempt with so many percent of extra time."""
    return minutes * (100 + extra) // 100


@dataclass(frozen=True)
class Sat:
    """An attempt that has ended."""

    ended: datetime
    passed: bool


def again_at(sat: Sequence[Sat], cool_down: int = 0, attempts: int = 0, within_days: int = 0) -> datetime | None:
    """When the next attempt may start, after those of `sat`, the newest first; None when any time is right.

    A pass clears what was before it. Else the next waits `cool_down` hours after the newest and, where at most
    `attempts` may end in `within_days` days, until the oldest of that many is so old.
    """
    failed = list(takewhile(lambda one: not one.passed, sat))
    waits = [failed[0].ended + timedelta(hours=cool_down)] if failed and cool_down else []
    if attempts and len(failed) >= attempts:
        waits.append(failed[attempts - 1].ended + timedelta(days=within_days))
    return max(waits, default=None)


def counting(sat: Sequence[Sat], now: datetime, within_days: int) -> int:
    """How many attempts of `sat`, the newest first, count against the most that may end in `within_days` days."""
    failed = takewhile(lambda one: not one.passed, sat)
    return sum(now < one.ended + timedelta(days=within_days) for one in failed)


def released(feedback: str, passed: bool, closed: bool = False) -> bool:
    """Whether an ended attempt shows its keys to its taker; `closed`: nobody can sit the same any more."""
    return (
        feedback in (AFTER_EACH, AFTER_SUBMIT)
        or (feedback == AFTER_PASS and passed)
        or (feedback == AFTER_CLOSE and closed)
    )


def ending(timing: Timing, now: datetime) -> tuple[str, datetime]:
    """(event, moment) that ends an attempt `now`: past the deadline it ended at the deadline, whoever notices."""
    return (DEADLINE, timing.deadline) if timing.over(now) else (SUBMIT, now)
