"""An attempt's life: what may happen to it, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mesotrain.core.errors import Ended

OPEN, FINISHED = "open", "finished"
STATES = (OPEN, FINISHED)

SUBMIT, DEADLINE = "submit", "deadline"

TRANSITIONS: dict[tuple[str, str], str] = {
    (OPEN, SUBMIT): FINISHED,
    (OPEN, DEADLINE): FINISHED,
}
"""(state, event) -> next state. What is not here cannot happen."""

ENDED = "This attempt has ended. Answers can no longer be changed."


def advance(state: str, event: str) -> str:
    """The state after `event`. Raises Ended where the table has no such transition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise Ended(ENDED) from None


@dataclass(frozen=True)
class Timing:
    """When an attempt started and when it must end; both aware UTC, the end stored once at the start."""

    started: datetime
    deadline: datetime

    def over(self, now: datetime) -> bool:
        """An answer received at the deadline itself is too late."""
        return now >= self.deadline

    def left(self, now: datetime) -> timedelta:
        return max(self.deadline - now, timedelta(0))


def timing(now: datetime, minutes: int) -> Timing:
    return Timing(now, now + timedelta(minutes=minutes))


def again_at(ended: datetime, passed: bool, cool_down: int) -> datetime:
    """When the next attempt may start: at once after a pass, else `cool_down` hours after the end."""
    return ended if passed else ended + timedelta(hours=cool_down)


def ending(timing: Timing, now: datetime) -> tuple[str, datetime]:
    """(event, moment) that ends an attempt `now`: past the deadline it ended at the deadline, whoever notices."""
    return (DEADLINE, timing.deadline) if timing.over(now) else (SUBMIT, now)
