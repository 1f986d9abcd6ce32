"""What whoever invigilates may do to an attempt, and how one that is being sat looks from outside."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mesotrain.core.assessments import DONE, SURE
from mesotrain.core.attempts import OPEN, VOID, Timing
from mesotrain.core.questions import DECIMAL, FLAG, SEEN
from mesotrain.core.questions.staged import STAGE

PAUSE, RESUME, EXTEND = "pause", "resume", "extend"
KINDS = (PAUSE, RESUME, EXTEND, VOID)
MOST_MINUTES = 240
"""By how much time may be extended at once."""

SITTING, AWAY, PAUSED, OVER, HANDED_IN, VOIDED = "sitting", "away", "paused", "over", "handed in", "voided"
FACES = {
    SITTING: ("Sitting", "good"),
    AWAY: ("Not heard of", "due"),
    PAUSED: ("Paused", "soon"),
    OVER: ("Time is over", "none"),
    HANDED_IN: ("Handed in", "none"),
    VOIDED: ("Void", "stop"),
}
"""State -> (what it is called, its tone)."""
SILENCE = timedelta(minutes=1)
"""An open page is heard of more often than this."""

BESIDE = frozenset({FLAG, SEEN, DECIMAL, STAGE, SURE, DONE})
"""Fields that stand beside an answer and say nothing of it."""


def after(kind: str, times: Timing, now: datetime, by: timedelta = timedelta()) -> Timing | None:
    """An attempt's times after it was paused, resumed or extended `by` so much; None where that changes nothing.

    What is over is neither paused nor extended. A pause lasts until somebody resumes it, and takes no time.
    """
    if times.over(now):
        return None
    if kind == PAUSE and not times.paused:
        return replace(times, paused=now)
    if kind == RESUME and times.paused:
        return replace(times, deadline=times.deadline + (now - times.paused), paused=None)
    if kind == EXTEND and by > timedelta():
        return replace(times, deadline=times.moved(by, now))
    return None


def stands(state: str, times: Timing, heard: datetime, now: datetime) -> str:
    """How an attempt of this state stands, one of FACES, that was last `heard` of then."""
    if state == VOID:
        return VOIDED
    if state != OPEN:
        return HANDED_IN
    if times.paused:
        return PAUSED
    if times.over(now):
        return OVER
    return AWAY if now - heard > SILENCE else SITTING


def answered(answers: Iterable[Mapping[str, Any]]) -> int:
    """How many of the answers of a paper say anything."""
    return sum(
        any(any(map(str.strip, values)) for name, values in fields.items() if name.rpartition(".")[2] not in BESIDE)
        for fields in answers
    )
