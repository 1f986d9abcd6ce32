"""Certificates as they were recorded by a moment: what each asked for on which days, and what was shown for it.

None is kept: one is issued by the evidence, on the day on which that met a path, so that whatever is recorded later
leaves the past as it was. What named people said of one stands among the assertions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from mesotrain.core.assertions import DOCUMENT, Period
from mesotrain.core.assessments import Kept, cells_of
from mesotrain.core.certificates import Edition, Result, Shown
from mesotrain.core.certification import Certification, certifications
from mesotrain.core.coming import starts
from mesotrain.core.competence import PASSED, Evidence, Rule, Span, counted, spans
from mesotrain.core.dates import day_of, months_after
from mesotrain.core.plans import safety_of
from mesotrain.core.schemes import Scheme, scheme_of
from mesotrain.store.assertions import Asserted, periods
from mesotrain.store.catalogue import MAY_READ
from mesotrain.store.courses import Competency, CompetencyRule, Course, Publication
from mesotrain.store.db import Moment, Published


class Then(NamedTuple):
    """What was in force from `start` until before `end`: of a course its scheme, of a competency its rule."""

    start: date
    end: date | None
    what: Any


class Sat(NamedTuple):
    """What somebody passed: an attempt of a module of a course, by these rules, which is a piece of evidence."""

    attempt: int
    course: int
    module: str
    rules: Kept
    piece: Evidence


Rules = Mapping[tuple[int, str, int], Sequence[Then]]
"""By course, code and competency the rules there were."""
Some = TypeVar("Some", Period, Span)


def _changed(column: Any, of: Any) -> Any:
    """What a publication says in this column, and what the one before it said."""
    before = func.lag(column).over(partition_by=of, order_by=Publication.id)
    return select(Publication.course_id, Publication.published_at, column.label("what"), before.label("before"))


_UNTIL = Publication.published_at <= bindparam("moment", type_=Moment)
_OF_COURSES = _changed(Publication.scheme, Publication.course_id).add_columns(Publication.id.label("id"))
_SCHEMES = _OF_COURSES.where(Publication.course_id.in_(select(Course.id).where(MAY_READ)), _UNTIL).subquery()
_CHANGED_SCHEMES = (
    select(_SCHEMES.c.course_id, _SCHEMES.c.published_at, type_coerce(_SCHEMES.c.what, Published))
    .where(or_(_SCHEMES.c.before.is_(None), _SCHEMES.c.what != _SCHEMES.c.before))
    .order_by(_SCHEMES.c.id)
)
_OF_RULES = (
    _changed(CompetencyRule.version, CompetencyRule.competency_id)
    .add_columns(
        Competency.code, Competency.id.label("competency"),
        CompetencyRule.valid_months, CompetencyRule.renewal_days, CompetencyRule.grace_days,
        Publication.id.label("id"),
    )
    .join(CompetencyRule, CompetencyRule.publication_id == Publication.id)
    .join(Competency, Competency.id == CompetencyRule.competency_id)
    .where(Publication.course_id.in_(bindparam("courses", expanding=True)), _UNTIL)
    .subquery()
)  # fmt: skip
_CHANGED_RULES = (
    select(
        _OF_RULES.c.course_id, _OF_RULES.c.published_at, _OF_RULES.c.code, _OF_RULES.c.competency, _OF_RULES.c.what,
        _OF_RULES.c.valid_months, _OF_RULES.c.renewal_days, _OF_RULES.c.grace_days,
    )
    .where(or_(_OF_RULES.c.before.is_(None), _OF_RULES.c.what != _OF_RULES.c.before))
    .order_by(_OF_RULES.c.id)
)  # fmt: skip


def schemes(session: Session, zone: str, facts: Mapping[str, object]) -> dict[int, list[Then]]:
    """The schemes that each course which ever had a certificate had, in the order of their days."""
    found: dict[int, list[tuple[date, Any]]] = {}
    for course, at, model in session.connection().execute(_CHANGED_SCHEMES, facts):
        found.setdefault(course, []).append((day_of(at, zone), model))
    certified = {course: said for course, said in found.items() if any("certificates" in model for _, model in said)}
    return {course: list(_then(_held_from(said))) for course, said in certified.items()}


def _held_from(said: Sequence[tuple[date, Any]]) -> Iterator[tuple[date, Scheme]]:
    """Each scheme there was from the day on which it held."""
    begins = next((place for place, (_, model) in enumerate(said) if model), 0)
    yield from ((day, scheme_of(model)) for day, model in said[:begins])
    for place, start in starts([(day, model.get("from")) for day, model in said[begins:]]).items():
        yield start, scheme_of(said[begins + place][1])


def rules(session: Session, zone: str, facts: Mapping[str, object], courses: Iterable[int]) -> Rules:
    """The rules that each competency of these courses had, in the order of their days; the first was always so."""
    found: dict[tuple[int, str, int], list[tuple[date, Rule]]] = {}
    asked = {**facts, "courses": list(courses)}
    for course, at, code, competency, *rule in session.connection().execute(_CHANGED_RULES, asked):
        said = found.setdefault((course, code, competency), [])
        said.append((day_of(at, zone) if said else date.min, Rule(*rule)))
    return {which: list(_then(said)) for which, said in found.items()}


def _then(said: Iterable[tuple[date, Any]]) -> Iterator[Then]:
    """Each until the next; of what was said on one day the last."""
    last: list[tuple[date | None, Any]] = [*dict(said).items(), (None, None)]
    return (Then(start, end, what) for (start, what), (end, _) in pairwise(last) if start is not None)


def certified(
    schemes: Mapping[int, Sequence[Then]],
    rules: Rules,
    histories: Mapping[int, Sequence[Evidence]],
    passed: Sequence[Sat],
    cases: Mapping[tuple[int, str], Sequence[Evidence]],
    asserted: Sequence[Asserted],
    named: Mapping[int, str],
) -> dict[tuple[int, str], Certification]:
    """The certificates of a person by course and name. `histories` has the evidence for each competency."""
    found: dict[tuple[int, str], Certification] = {}
    for course, then in schemes.items():
        editions = _editions(then)
        certificates = [one.certificate for of in editions.values() for one in of]
        asked = {code for one in certificates for path in (*one.paths, one.renewal) for code in path.competencies}
        said = partial(_said, asserted, named, course)
        shown = Shown(
            {
                code: _held(ruled, histories.get(competency, ()))
                for (of, code, competency), ruled in rules.items()
                if of == course and code in asked
            },
            _documents(then, asserted, course),
            list(_results(one for one in passed if one.course == course)),
            {name: counted(of) for (where, name), of in cases.items() if where == course},
        )
        made = certifications(editions, shown, said)
        found |= {(course, name): one for name, one in made.items()}
    return found


def _held(ruled: Sequence[Then], history: Sequence[Evidence]) -> list[Span]:
    """A status by the rule that was in force on each day."""
    return [span for rule in ruled for span in _within(spans(history, rule.what), rule)]


def _said(asserted: Sequence[Asserted], named: Mapping[int, str], course: int, kind: str, name: str) -> list[Period]:
    return list(periods(asserted, kind, about=(course, name), named=named))


def _editions(then: Sequence[Then]) -> dict[str, list[Edition]]:
    """Each certificate as it was in force, in the order of the days."""
    found: dict[str, list[Edition]] = {}
    for start, end, scheme in then:
        for one in scheme.certificates:
            before = found.setdefault(one.name, [])
            goes_on = before and before[-1].certificate == one and before[-1].end == start
            edition = replace(before.pop(), end=end) if goes_on else Edition(one, start, end)
            before.append(edition)
    return found


def _documents(then: Sequence[Then], asserted: Sequence[Asserted], course: int) -> dict[str, list[Period]]:
    """When each document was good, as long as the scheme of those days has it count."""
    found: dict[str, list[Period]] = {}
    for one in then:
        scheme: Scheme = one.what
        for document in scheme.documents:
            seen = periods(asserted, DOCUMENT, about=(course, document.name))
            good = [counting(period, document.months) for period in seen]
            found.setdefault(document.name, []).extend(_within(good, one))
    return found


def counting(seen: Period, months: int) -> Period:
    """A document counts so many months from the day it was seen, and no longer than it is good."""
    until = months_after(seen.start, months)
    return replace(seen, end=until if seen.end is None else min(seen.end, until))


def _within(pieces: Iterable[Some], then: Then) -> Iterator[Some]:
    """What of these was on the days on which something was in force."""
    for one in pieces:
        start = max(one.start, then.start)
        end = min((day for day in (one.end, then.end) if day is not None), default=None)
        if end is None or start < end:
            yield replace(one, start=start, end=end)


def _results(passed: Iterable[Sat]) -> Iterator[Result]:
    """Each attempt once that was passed, and is not withdrawn; who passed it met the safety points of its plan."""
    once = {one.attempt: one for one in passed if one.piece.kind == PASSED and one.piece.withdrawn is None}
    for one in once.values():
        points = frozenset(safety_of(cells_of(one.rules)))
        yield Result(one.module, one.piece.day, points, one.piece.sequence, one.piece.version)
