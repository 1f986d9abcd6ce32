"""When somebody is reminded of a day: in stages, each said once; and how near such a day is."""

from datetime import date, timedelta

DUE = (14, 3, 0, -7)
"""Days left until an assigned course is due, at each of which it is said; below zero: after it."""
ENDING = (60, 14, 0)
"""The same of the day a status ends."""
SIGNING, LAST_CALL = (23, 16, 9), (2,)
"""The same of the day a request to sign lapses: each week on its Monday, all that wait in one mail, and once before."""
READING = (-1, -3, -7, -14, -21, -28)
"""The same of the day something was stopped, until whoever that concerns acknowledges it."""
LATEST = 30
"""Days after the last stage in which it is still news."""


def stage(day: date, on: date, stages: tuple[int, ...]) -> int | None:
    """The latest stage `day` has reached `on` a date; None before the first, and where that is news no more."""
    left = (day - on).days
    return min((one for one in stages if left <= one), default=None) if left >= stages[-1] - LATEST else None


def signing(day: date, on: date) -> int | None:
    """The stage that a request to sign, which lapses on `day`, has reached."""
    monday = on - timedelta(days=on.weekday())
    last = stage(day, on, LAST_CALL)
    return stage(day, monday, SIGNING) if last is None else last


OVERDUE, SOON, LATER = "overdue", "soon", "later"


def near(on: date) -> dict[str, tuple[date, date]]:
    """How near a day can be `on` a date, the most urgent first: (first, last) of the days that are so near."""
    soon = on + timedelta(days=DUE[0])
    one = timedelta(days=1)
    return {OVERDUE: (date.min, on - one), SOON: (on, soon), LATER: (soon + one, date.max)}
