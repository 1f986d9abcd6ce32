"""What people may pass on their way to green: the live quizzes and exams, and from when each may begin one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.core.assessments import Kept, cells_of, proved_by, window
from mesotrain.core.plans import minutes
from mesotrain.core.ways import Assessment
from mesotrain.store import recent
from mesotrain.store.catalogue import QUIZZES
from mesotrain.store.recent import Recent

Assessments = Mapping[tuple[int, int], Sequence[Assessment]]
"""Of each (person, course) what may be passed."""


def assessments(session: Session, organisation: int, zone: str, people: Sequence[int], now: datetime) -> Assessments:
    """All that proves something and can still be begun, for each of these people, in two statements."""
    rows = session.execute(QUIZZES, {"organisation": organisation}).all()
    asked = [row for row in rows if not row.quiz.get("practice") and not window(row.quiz, zone).late(now)]
    quizzes = {row.module_id: row.quiz for row in asked}
    sat = recent.of_people(session, organisation, people, quizzes) if quizzes else {}
    found: dict[tuple[int, int], list[Assessment]] = {}
    for person, mine in sat.items():
        for row in asked:
            one = _assessment(row, mine[row.module_id], zone, now)
            found.setdefault((person, row.course_id), []).append(one)
    return found


def _assessment(row: Any, sat: Sequence[Recent], zone: str, now: datetime) -> Assessment:
    quiz = row.quiz
    return Assessment(
        row.course,
        row.module,
        row.title,
        frozenset(proved_by(quiz) or [row.code]),
        quiz["questions"],
        minutes(cells_of(quiz)),
        _after(quiz, sat, zone, now),
        recent.in_marking(sat),
    )


def _after(quiz: Kept, sat: Sequence[Recent], zone: str, now: datetime) -> datetime | None:
    """The moment from which it may be begun, where that is to come."""
    found = [window(quiz, zone).opens, recent.again(sat, quiz)]
    return max((one for one in found if one and one > now), default=None)
