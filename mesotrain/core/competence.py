"""Standing: what evidence proves, under which rule, on which day.

Evidence is the truth. Standing on a day is a pure function of evidence, rule and date; the stored spans only
repeat it for lists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mesotrain.core.dates import months_after

NOT_STARTED, IN_PROGRESS, CURRENT = "not started", "in progress", "current"
RENEWAL_OPEN, IN_GRACE, EXPIRED = "renewal open", "in grace", "expired"


@dataclass(frozen=True)
class State:
    """A word for the interface, and which of the four visual states carries it."""

    label: str
    tone: str


STATES = {
    NOT_STARTED: State("Not started", "none"),
    IN_PROGRESS: State("In progress", "none"),
    CURRENT: State("Current", "good"),
    RENEWAL_OPEN: State("Renew soon", "soon"),
    IN_GRACE: State("In grace", "due"),
    EXPIRED: State("Expired", "stop"),
}

HELD, LAPSED = (CURRENT, RENEWAL_OPEN), (IN_GRACE, EXPIRED)

FOR, NEITHER = "for", "neither"

PASSED, NOT_PASSED = "quiz passed", "quiz not passed"

KINDS = {PASSED: FOR, NOT_PASSED: NEITHER}
"""Kinds of evidence and their polarity: whether one speaks for the competency or only shows work on it."""


@dataclass(frozen=True)
class Rule:
    """How long a proof holds. `version` names the exact rule."""

    version: str
    valid_months: int
    renewal_days: int
    grace_days: int


@dataclass(frozen=True)
class Evidence:
    """What standing needs of an evidence row: its kind, its day, its place in the log, and that of its withdrawal."""

    kind: str
    day: date
    sequence: int
    withdrawn: int | None = None


@dataclass(frozen=True)
class Span:
    """`state` holds on every day from `start` until before `end`; without an end, for ever.

    `expires` is the first day the latest proof no longer holds, past or to come; without a proof there is none.
    """

    state: str
    start: date
    end: date | None = None
    expires: date | None = None


def spans(evidence: Iterable[Evidence], rule: Rule) -> list[Span]:
    """Standing from the first evidence on, without gaps, in order. Empty when nothing counts: not started.

    The latest proof decides: each one begins a new period of validity on its own day.
    """
    counted = [one for one in evidence if one.withdrawn is None]
    if not counted:
        return []
    proofs = sorted({one.day for one in counted if KINDS[one.kind] == FOR})
    first = min(one.day for one in counted)
    starts = [Span(IN_PROGRESS, first)]
    for day in proofs:
        ends = months_after(day, rule.valid_months)
        starts = [span for span in starts if span.start < day]
        starts += [
            Span(CURRENT, day),
            Span(RENEWAL_OPEN, max(day, ends - timedelta(days=rule.renewal_days))),
            Span(IN_GRACE, ends),
            Span(EXPIRED, ends + timedelta(days=rule.grace_days)),
        ]
    followed = zip(starts, [*starts[1:], None], strict=True)
    closed = (Span(span.state, span.start, after.start if after else None) for span, after in followed)
    found = [span for span in closed if span.end is None or span.start < span.end]
    return [replace(span, expires=_expires(found, place)) for place, span in enumerate(found)]


def _expires(course_of: Sequence[Span], place: int) -> date | None:
    span = course_of[place]
    if span.state == IN_PROGRESS:
        return None
    grace = span.state == EXPIRED and course_of[place - 1].state == IN_GRACE
    return next((later.start for later in course_of[place - grace :] if later.state in LAPSED), None)


WEAKEST_FIRST = (EXPIRED, IN_GRACE, NOT_STARTED, IN_PROGRESS, RENEWAL_OPEN, CURRENT)
"""The order of lists of people who need something, the most urgent first."""


@dataclass(frozen=True)
class Standing:
    """A state and since when; `expires` as in `Span`."""

    state: str
    since: date | None = None
    expires: date | None = None


def standing(course_of: Sequence[Span], on: date) -> Standing:
    """The standing on a day, of spans in order."""
    for span in course_of:
        if span.start <= on and (span.end is None or on < span.end):
            return Standing(span.state, span.start, span.expires)
    return Standing(NOT_STARTED)
