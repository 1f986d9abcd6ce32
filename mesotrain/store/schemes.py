"""Which scheme of a course is in force on a day, and which is to come."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mesotrain.core.coming import starts
from mesotrain.core.dates import day_of
from mesotrain.core.schemes import Scheme, scheme_of
from mesotrain.store.catalogue import MAY_READ
from mesotrain.store.competence import said_in
from mesotrain.store.courses import Course, Publication
from mesotrain.store.db import Moment


class When(NamedTuple):
    """As recorded by `position` of the log, which is where it was at `moment`; by the rules in force on a `day` of the
    zone, which were published by `rules`.
    """

    position: int
    moment: datetime
    rules: datetime
    day: date
    zone: str


class _Line(NamedTuple):
    """A publication of a course: whether it has a scheme, and the day from which that holds, if it says one."""

    course: int
    id: int
    published: datetime
    speaks: bool
    begins: str | None


_PUBLISHED = (
    select(Course.id, Publication.id, Publication.published_at)
    .add_columns(Publication.scheme != {}, said_in(Publication.scheme, "from"))
    .join(Publication, Publication.course_id == Course.id)
    .where(Publication.published_at <= bindparam("moment", type_=Moment))
    .order_by(Publication.id)
)
_READABLE = _PUBLISHED.where(MAY_READ)
_OF_COURSE = _PUBLISHED.where(Course.id == bindparam("course"))


class Chosen(NamedTuple):
    """The publications whose scheme and whose other rules are those of a day, and since when; and the one that is to
    come.
    """

    scheme: int
    newest: int
    since: date
    coming: tuple[int, date] | None = None


def _choose(lines: Sequence[_Line], at: When) -> Chosen:
    """What of a course was in force on a day; of one before there was any scheme, the first there was.

    A day to come stands until something else is published before it.
    """
    spoken = [place for place, one in enumerate(lines) if one.speaks]
    pool = lines[spoken[0] if spoken else -1 :]
    pool = [one for one in pool if one.published <= at.rules] or pool[:1]
    held = starts([(day_of(one.published, at.zone), one.begins) for one in pool])
    found = max((place for place, start in held.items() if start <= at.day), default=min(held))
    last = len(pool) - 1
    coming = (pool[last].id, held[last]) if found < last and held[last] > at.day else None
    return Chosen(pool[found].id, pool[last].id, held[found], coming)


def chosen(session: Session, organisation: int, at: When) -> dict[int, Chosen]:
    """The same of each course an organisation may read."""
    facts = {"organisation": organisation, "moment": at.moment}
    found: dict[int, list[_Line]] = {}
    for row in session.connection().execute(_READABLE, facts):
        found.setdefault(row[0], []).append(_Line(*row))
    return {course: _choose(lines, at) for course, lines in found.items()}


def in_force(session: Session, course: int, at: When) -> Scheme:
    """The scheme of a course on a day; one that says nothing where there is none."""
    lines = [_Line(*row) for row in session.execute(_OF_COURSE, {"course": course, "moment": at.moment})]
    return scheme_of(session.get_one(Publication, _choose(lines, at).scheme).scheme) if lines else Scheme()
