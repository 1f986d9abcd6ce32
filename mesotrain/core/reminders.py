"""When somebody is reminded of a day: in stages, each said once."""

from datetime import date

DUE = (14, 3, 0, -7)
"""Days left until an assigned course is due, at each of which it is said; below zero: after it."""
ENDING = (60, 14, 0)
"""The same of the day a status ends."""
LATEST = 30
"""Days after the last stage in which it is still news."""


def stage(day: date, on: date, stages: tuple[int, ...]) -> int | None:
    """The latest stage `day` has reached `on` a date; None before the first, and where that is news no more."""
    left = (day - on).days
    return min((one for one in stages if left <= one), default=None) if left >= stages[-1] - LATEST else None
