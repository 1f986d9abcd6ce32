"""Standing: what evidence proves, under which rule, on which day.

Evidence is the truth. Standing on a day is a pure function of evidence, rule and date; the stored spans only
repeat it for lists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

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
    IN_PROGRESS: State("In progress", "none partly"),
    CURRENT: State("Current", "good"),
    RENEWAL_OPEN: State("Renew soon", "soon"),
    IN_GRACE: State("In grace", "due"),
    EXPIRED: State("Expired", "stop"),
}

HELD, LAPSED = (CURRENT, RENEWAL_OPEN), (IN_GRACE, EXPIRED)

FOR, NEITHER = "for", "neither"

PASSED, NOT_PASSED = "quiz passed", "quiz not passed"
POINT_MET, CASE = "safety point met", "case"
SHOWN, NOT_SHOWN = "observation passed", "observation not passed"

OBSERVED, SUPERVISED, INDEPENDENT = "observed", "supervised", "independent"
ROLES = {
    OBSERVED: "Observed: somebody else did it",
    SUPERVISED: "Supervised: you did it, with the supervisor there",
    INDEPENDENT: "Independent: you did it alone",
}
"""The part somebody had in a case."""

LEVELS = {
    1: "Watches only",
    2: "Does it with the supervisor in the room",
    3: "Does it with the supervisor near, who comes when called",
    4: "Does it alone",
    5: "Could supervise others",
}
"""How far somebody is trusted with it: the five levels of ten Cate (2013), Nuts and bolts of entrustable professional
activities, J Grad Med Educ 5(1), 157-158."""

KINDS = {PASSED: FOR, NOT_PASSED: NEITHER}
"""Kinds of evidence and their polarity: whether one speaks for the competency or only shows work on it."""


@dataclass(frozen=True)
class Evidence:
    """What standing needs of an evidence row: its kind, its day, its place in the log, and that of its withdrawal.

    `point` is the safety point met; a `case` has its name, the `role` it was done in, the entrustment `level` it
    reached, 0 where that is said not to be enough, and whom it was signed `by`. Of anything else `by` is who said so, 0
    for the service itself. `version` is that of the content it rests on, `form` what an observation was made by.
    """

    kind: str
    day: date
    sequence: int
    withdrawn: int | None = None
    point: str = ""
    case: str = ""
    role: str = ""
    level: int = 0
    by: int = 0
    version: str = ""
    form: str = ""


@dataclass(frozen=True)
class Passed:
    """A quiz or an exam passed in the last `months`."""

    months: int

    def until(self, evidence: Sequence[Evidence]) -> date | None:
        return _newest((one.day for one in evidence if one.kind == PASSED), self.months)

    def rests_on(self, evidence: Sequence[Evidence]) -> Iterable[Evidence]:
        return [one for one in evidence if one.kind == PASSED][-1:]


@dataclass(frozen=True)
class PointsMet:
    """Each of these safety points met in the last `months`."""

    points: tuple[str, ...]
    months: int

    def until(self, evidence: Sequence[Evidence]) -> date | None:
        met = [
            _newest((one.day for one in evidence if (one.kind, one.point) == (POINT_MET, point)), self.months)
            for point in self.points
        ]
        return _first(met)

    def rests_on(self, evidence: Sequence[Evidence]) -> Iterable[Evidence]:
        return {one.point: one for one in evidence if one.kind == POINT_MET and one.point in self.points}.values()


@dataclass(frozen=True)
class Cases:
    """At least `count` distinct cases in a role, signed by `supervisors` or more, in the last `months` where given.

    Of the `last` of them each reached the entrustment `level`, whenever they were. One of level 0 does not count.
    """

    role: str
    count: int
    supervisors: int = 1
    months: int | None = None
    level: int = 0
    last: int = 0

    @property
    def about(self) -> str:
        """What a reason calls it by."""
        return self.role

    def until(self, evidence: Sequence[Evidence]) -> date | None:
        cases = [one for one in evidence if (one.kind, one.role) == (CASE, self.role)]
        latest = {one.case: one for one in cases}
        if len(latest) < self.last or any(one.level < self.level for one in _last(latest.values(), self.last)):
            return None
        days = {one.case: one.day for one in cases if one.level}
        signed = {one.by: one.day for one in cases if one.level}
        return _first(
            [_nth(days.values(), self.count, self.months), _nth(signed.values(), self.supervisors, self.months)]
        )

    def rests_on(self, evidence: Sequence[Evidence]) -> Iterable[Evidence]:
        cases = [one for one in evidence if (one.kind, one.role) == (CASE, self.role)]
        yield from _last({one.case: one for one in cases}.values(), self.last)
        yield from _last({one.case: one for one in cases if one.level}.values(), self.count)
        yield from _last({one.by: one for one in cases if one.level}.values(), self.supervisors)

    def progress(self, evidence: Sequence[Evidence], on: date) -> "Progress":
        """How much of it there is on a day, of evidence in the order of its days."""
        cases = [one for one in evidence if (one.kind, one.role) == (CASE, self.role)]
        good = [one for one in cases if one.level and (not self.months or months_after(one.day, self.months) > on)]
        last = _last({one.case: one for one in cases}.values(), self.last)
        return Progress(
            (min(len({one.case for one in good}), self.count), self.count),
            (min(len({one.by for one in good}), self.supervisors), self.supervisors),
            (sum(one.level >= self.level for one in last), self.last),
            self.level,
        )


class Progress(NamedTuple):
    """How much there is of what is asked for, (there, asked for): of cases or observations, and of cases of who signed
    and of the last at the level."""

    cases: tuple[int, int]
    supervisors: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    level: int = 0


@dataclass(frozen=True)
class Observations:
    """The last `count` observations by a form, whenever they were, each passed, in the last `months` where given."""

    form: str
    count: int = 1
    months: int | None = None

    @property
    def about(self) -> str:
        """What a reason calls it by."""
        return self.form

    def until(self, evidence: Sequence[Evidence]) -> date | None:
        latest = self.rests_on(evidence)
        if any(one.kind != SHOWN for one in latest):
            return None
        return _nth((one.day for one in latest), self.count, self.months)

    def rests_on(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        return _last((one for one in evidence if one.kind in (SHOWN, NOT_SHOWN) and one.form == self.form), self.count)

    def progress(self, evidence: Sequence[Evidence], on: date) -> "Progress":
        """How much of it there is on a day, of evidence in the order of its days."""
        passed = [one for one in self.rests_on(evidence) if one.kind == SHOWN]
        good = [one for one in passed if not self.months or months_after(one.day, self.months) > on]
        return Progress((len(good), self.count))


Need = Passed | PointsMet | Cases
"""Part of what a competency asks for. `until`, of evidence in the order of its days, is the first day on which it is
met no more, past or to come; none where it never was. `rests_on` is what decides that, no more of it than is asked
for."""


def _newest(days: Iterable[date], months: int) -> date | None:
    """Until when the last of these days is within the last `months`: a later day is never the earlier one then."""
    newest = max(days, default=None)
    return newest and months_after(newest, months)


def resting(needs: Iterable["Need | Observations"], evidence: Sequence[Evidence]) -> list[Evidence]:
    """What decides whether these are met, of evidence in its order."""
    found = {piece for need in needs for piece in need.rests_on(evidence)}
    return [one for one in evidence if one in found]


def _first(ends: Sequence[date | None]) -> date | None:
    """The first of these days; none where one of them is missing."""
    found = [end for end in ends if end is not None]
    return min(found, default=date.max) if len(found) == len(ends) else None


def _nth(days: Iterable[date], count: int, months: int | None) -> date | None:
    """Until when so many of these days are within the last `months`, or there at all."""
    ordered = sorted(days, reverse=True)
    if len(ordered) < count:
        return None
    return date.max if months is None or not count else months_after(ordered[count - 1], months)


def _last(cases: Iterable[Evidence], many: int) -> list[Evidence]:
    ordered = sorted(cases, key=lambda one: (one.day, one.sequence), reverse=True)
    return ordered[:many]


@dataclass(frozen=True)
class Rule:
    """How long a pass holds, and what else is needed. `version` names the exact rule."""

    version: str
    valid_months: int
    renewal_days: int
    grace_days: int
    needs: tuple[Need, ...] = ()

    def until(self, evidence: Sequence[Evidence]) -> date | None:
        """The first day on which this evidence, in the order of its days, is not all that is needed; if it ever was."""
        return _first([need.until(evidence) for need in self._asked()])

    def rests_on(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """What a standing rests on, of all the evidence there is by a day; where nothing is met, the last of it."""
        known = counted(evidence)
        return resting(self._asked(), known) or known[-1:]

    def _asked(self) -> tuple[Need, ...]:
        return Passed(self.valid_months), *self.needs


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

    What evidence proves is held until the first part of it is too old; grace counts from the end of the last days on
    which it was held. Where cases of too low a level take away what was held, it is in progress again, without grace.
    """
    known = counted(evidence)
    starts: list[Span] = []
    lapses: date | None = None
    for day in sorted({one.day for one in known}):
        ends = rule.until([one for one in known if one.day <= day])
        if ends is None:
            course = [Span(IN_PROGRESS, day)]
            lapses = lapses and min(lapses, day)
        elif ends > day:
            course, lapses = _held(day, ends, rule), ends
        else:
            course = _lapsed(day, lapses, rule)
        starts = [span for span in starts if span.start < day] + course
    return _joined(starts)


def counted(evidence: Iterable[Evidence]) -> list[Evidence]:
    """What nobody withdrew, in the order of its days."""
    return sorted((one for one in evidence if one.withdrawn is None), key=lambda one: (one.day, one.sequence))


def _held(day: date, ends: date, rule: Rule) -> list[Span]:
    """What follows a proof of this day where nothing else comes."""
    renewal = max(day, ends - timedelta(days=rule.renewal_days))
    return [Span(CURRENT, day), Span(RENEWAL_OPEN, renewal), *_lapsed(ends, ends, rule)]


def _lapsed(day: date, lapses: date | None, rule: Rule) -> list[Span]:
    """What follows from this day on where what was held, if it ever was, has lapsed."""
    if lapses is None:
        return [Span(IN_PROGRESS, day)]
    expired = max(day, lapses + timedelta(days=rule.grace_days))
    return [Span(IN_GRACE, max(day, lapses), expires=lapses), Span(EXPIRED, expired, expires=lapses)]


def _joined(starts: Sequence[Span]) -> list[Span]:
    """These spans, each until the next, without empty ones; what lapses when it does no more is one."""
    followed = zip(starts, [*(span.start for span in starts[1:]), None], strict=True) if starts else ()
    found: list[Span] = []
    for span, end in followed:
        if span.start == end:
            continue
        again = found and found[-1].state == span.state and span.state not in HELD
        found[-1:] = [replace(found[-1], end=end)] if again else [*found[-1:], replace(span, end=end)]
    return [
        replace(span, expires=next(later.start for later in found[place:] if later.state not in HELD))
        if span.state in HELD
        else span
        for place, span in enumerate(found)
    ]


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
