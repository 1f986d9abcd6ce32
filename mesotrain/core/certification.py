"""Certification: when somebody holds a certificate, by which issue and until when: a pure function of what was shown.

A certificate is issued on the first day on which a path to it is met, by the rule in force on that day, and is good
from the day of what was done for it: the exam or, where a path asks for none, the case. So nothing is counted twice,
whatever speaks for somebody only ever adds, and what was issued keeps its days for ever.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise

from mesotrain.core.assertions import REVOKED, SUSPENDED, TEMPORARY, Period
from mesotrain.core.certificates import Certificate, Edition, Gate, Path, Shown, begun, done, gates
from mesotrain.core.clearance import CLEARED, NOT_CLEARED, Meaning, Reason, Source
from mesotrain.core.competence import EXPIRED, IN_GRACE, IN_PROGRESS, NOT_STARTED, PASSED, RENEWAL_OPEN, State
from mesotrain.core.competence import STATES as STATUSES
from mesotrain.core.dates import months_after

CERTIFIED = "certified"
STATES = {
    NOT_STARTED: STATUSES[NOT_STARTED],
    IN_PROGRESS: STATUSES[IN_PROGRESS],
    CERTIFIED: State("Certified", "good"),
    RENEWAL_OPEN: STATUSES[RENEWAL_OPEN],
    IN_GRACE: STATUSES[IN_GRACE],
    EXPIRED: STATUSES[EXPIRED],
    SUSPENDED: State("Suspended", "stop"),
    REVOKED: State("Revoked", "stop"),
}
GOOD = (CERTIFIED, RENEWAL_OPEN)
"""The states in which a certificate is held."""


@dataclass(frozen=True)
class Issue:
    """One certificate, issued on `start` for what was done on `rests`, good until before `end`.

    It was issued by a path of `by`; its renewal opens on a day, and its grace lapses on another.
    """

    start: date
    rests: date
    end: date
    path: Path
    renews: bool
    by: Certificate

    @property
    def opens(self) -> date:
        return months_after(self.end, -self.by.opens)

    @property
    def lapses(self) -> date:
        return months_after(self.end, self.by.grace)


@dataclass(frozen=True)
class Stage:
    """A state from `start` until before `end`, by which issue, or by whose word."""

    state: str
    start: date
    end: date | None = None
    issue: Issue | None = None
    said: Period | None = None

    @property
    def temporary(self) -> bool:
        """Whether a named person gave it for a time."""
        return self.state == CERTIFIED and self.issue is None


@dataclass(frozen=True)
class _Met:
    """The first day on which a path was met, and the day of what was done for it."""

    day: date
    rests: date
    path: Path
    renews: bool
    by: Certificate


def _met(editions: Sequence[Edition], shown: Shown) -> list[_Met]:
    """When each thing that was done first met a path to the certificate, and when a renewal of it."""
    days = sorted({*shown.begins(), *(one.start for one in editions)})
    first: dict[tuple[bool, date], _Met] = {}
    for edition in editions:
        one = edition.certificate
        for renews, path in (*((False, path) for path in one.paths), (True, one.renewal)):
            for rests, old in done(path, shown):
                known = first.get((renews, rests))
                before = min(old, edition.end or old, known.day if known else old)
                for day in dict.fromkeys((max(rests, edition.start), *days)):
                    if (
                        rests <= day < before
                        and edition.start <= day
                        and all(all_.met for all_ in gates(path, shown, day))
                    ):
                        first[renews, rests] = _Met(day, rests, path, renews, one)
                        break
    return sorted(first.values(), key=lambda one: (one.day, one.renews, one.rests))


def issues(editions: Sequence[Edition], shown: Shown) -> list[Issue]:
    """Every certificate there is to be had of what was shown, in the order of the days on which they were issued.

    A path that is met gives one that is good from the day of what was done. A renewal that is done in the last months
    of one, or in its grace, goes on from its end or, where that is over, from its own day.
    """
    found: list[Issue] = []
    for met in _met(editions, shown):
        if _void(met.rests, met.day, shown):
            continue
        begins = {met.rests} if not met.renews else _renewed(found, met, shown)
        ends = (months_after(day, met.by.months) for day in sorted(begins))
        found += [Issue(met.day, met.rests, end, met.path, met.renews, met.by) for end in ends if end > met.day]
    return found


def _renewed(found: Iterable[Issue], met: _Met, shown: Shown) -> set[date]:
    """The days from which a renewal of what was issued counts."""
    return {
        max(one.end, met.rests)
        for one in found
        if one.opens <= met.rests and met.day < one.lapses and not _void(one.rests, met.day, shown)
    }


def _void(rests: date, day: date, shown: Shown) -> bool:
    """Whether what was done counts on a day no more, for a certificate was revoked: after that one begins anew."""
    return any(one.start <= day and (one.end is None or rests < one.end) for one in shown.revoked)


def stages(editions: Sequence[Edition], shown: Shown) -> list[Stage]:
    """The states of a certificate on every day there is, in order, without gaps."""
    issued = issues(editions, shown)
    first = begun((one.certificate for one in editions), shown)
    said = (*shown.suspended, *shown.revoked, *shown.lent)
    days = {date.min, first or date.min, *(day for one in said for day in (one.start, one.end or one.start))}
    days |= {day for one in issued for day in (one.start, one.opens, one.end, one.lapses)}
    found: list[Stage] = []
    for day in sorted(days):
        stage = _stage(day, issued, shown, first)
        if not found or replace(found[-1], start=day) != stage:
            found.append(stage)
    return [*(replace(one, end=then.start) for one, then in pairwise(found)), found[-1]]


def _stage(day: date, issued: Sequence[Issue], shown: Shown, first: date | None) -> Stage:
    for state, said in ((REVOKED, shown.revoked), (SUSPENDED, shown.suspended)):
        if by := next((one for one in said if one.holds(day)), None):
            return Stage(state, day, said=by)
    there = [one for one in issued if one.start <= day and not _void(one.rests, day, shown)]
    last = max(there, key=lambda one: (one.end, one.lapses), default=None)
    if last and day < last.end:
        return Stage(CERTIFIED if day < last.opens else RENEWAL_OPEN, day, issue=last)
    if by := next((one for one in shown.lent if one.holds(day)), None):
        return Stage(CERTIFIED, day, said=by)
    if last is None:
        return Stage(IN_PROGRESS if first and first <= day else NOT_STARTED, day)
    late = max(there, key=lambda one: one.lapses)
    return Stage(IN_GRACE, day, issue=late) if day < late.lapses else Stage(EXPIRED, day, issue=last)


def stage_on(found: Iterable[Stage], on: date) -> Stage:
    """The stage of a day; not started without any."""
    return next((one for one in found if one.start <= on and (one.end is None or on < one.end)), Stage(NOT_STARTED, on))


def held(found: Iterable[Stage]) -> list[Period]:
    """When a certificate was held by what was shown."""
    return [Period(one.start, one.end) for one in found if one.state in GOOD and not one.temporary]


def history(found: Iterable[Issue]) -> list[Issue]:
    """The certificates that were issued as their holder has them: each that was good for longer than those before."""
    kept: list[Issue] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end.toordinal())):
        if not kept or one.end > kept[-1].end:
            kept.append(one)
    return kept


def ways(certificate: Certificate, shown: Shown, stage: Stage, on: date) -> list[tuple[Path, list[Gate]]]:
    """The paths that are open on a day, the renewal or each first one, with what is there of what they ask for."""
    if stage.issue and stage.state != EXPIRED:
        return [(certificate.renewal, list(gates(certificate.renewal, shown, on, stage.issue.opens)))]
    return [(path, list(gates(path, shown, on))) for path in certificate.paths]


def reasons(
    certificate: Certificate, found: Iterable[Stage], shown: Shown | None = None, named: Mapping[int, str] | None = None
) -> list[tuple[Period, Reason]]:
    """What the stages of a certificate mean for clearance, and on which days; `named` are those who said something."""
    given = shown or Shown(), named or {}
    return [(Period(one.start, one.end), _reason(certificate, one, *given)) for one in found]


def _reason(certificate: Certificate, stage: Stage, shown: Shown, named: Mapping[int, str]) -> Reason:
    if stage.temporary and stage.said:
        return Reason(TEMPORARY, CLEARED, stage.said.about, said=stage.said)
    rests = tuple(_rests(stage.issue, shown, named)) if stage.issue else ()
    if stage.state in GOOD:
        return Reason(stage.state, CLEARED, certificate.name, evidence=rests)
    meaning = certificate.meanings.get(stage.state, Meaning(NOT_CLEARED))
    about = stage.said.about if stage.said else certificate.name
    return Reason(stage.state, meaning.answer, about, meaning.condition, said=stage.said, evidence=rests)


def _rests(issue: Issue, shown: Shown, named: Mapping[int, str]) -> Iterator[Source]:
    """What was done for an issue: exams or, where its path asks for none, cases."""
    for exam in issue.path.exams:
        for one in exam.passed(shown.exams):
            if one.day == issue.rests:
                yield Source(PASSED, one.sequence, one.day, "", one.version)
    for asked in () if issue.path.exams else issue.path.practice:
        for case in shown.cases.get(asked.procedure, ()):
            if case.day == issue.rests and case.role == asked.cases.role and case.level:
                yield Source(case.kind, case.sequence, case.day, named.get(case.by, ""))


@dataclass(frozen=True)
class Open:
    """A path on which a certificate that is not held can be had on a day, with what is there of what it asks for.

    Where it is `anew`, an exam or a case has to come, for none that was done counts.
    """

    path: Path
    gates: tuple[Gate, ...]
    anew: bool


@dataclass(frozen=True)
class Certification:
    """A certificate of somebody: what it asked for on which days, and what was shown of them."""

    editions: Sequence[Edition]
    shown: Shown

    @property
    def newest(self) -> Certificate:
        return self.editions[-1].certificate

    def asked_on(self, on: date) -> Certificate | None:
        """What is in force on a day, if anything is."""
        return next((one.certificate for one in self.editions if Period(one.start, one.end).holds(on)), None)

    @cached_property
    def stages(self) -> list[Stage]:
        return stages(self.editions, self.shown)

    @cached_property
    def issued(self) -> list[Issue]:
        """Those that somebody has, in the order in which they were issued."""
        return history(issues(self.editions, self.shown))

    def open_on(self, on: date) -> Iterator[Open]:
        """The paths by which it is had on a day on which it is not held: the first ones and, in grace, the renewal."""
        if (certificate := self.asked_on(on)) is None:
            return
        used = {(one.renews, one.rests) for one in _met(self.editions, self.shown) if one.day <= on}
        issued = (one for one in issues(self.editions, self.shown) if one.start <= on < one.lapses)
        alive = [one.opens for one in issued if not _void(one.rests, on, self.shown)]
        firsts = [(path, date.min) for path in certificate.paths]
        for path, since in firsts + ([(certificate.renewal, min(alive))] if alive else []):
            renews = path is certificate.renewal
            counts = any(
                since <= rests <= on < old
                and (renews, rests) not in used
                and not _void(rests, on, self.shown)
                and (renews or on < months_after(rests, certificate.months))
                for rests, old in done(path, self.shown)
            )
            yield Open(path, tuple(gates(path, self.shown, on)), not counts)


def certifications(
    editions: Mapping[str, Sequence[Edition]], shown: Shown, said: Callable[[str, str], Sequence[Period]]
) -> dict[str, Certification]:
    """The certificates of a course, of which one may ask for another; `said` has, by kind and certificate, when what
    named people said of it holds.
    """
    found: dict[str, Certification] = {}

    def of(name: str, asking: frozenset[str]) -> Certification:
        if name not in found:
            paths = [path for one in editions[name] for path in (*one.certificate.paths, one.certificate.renewal)]
            others = {other for path in paths for other in path.certificates} & editions.keys() - asking - {name}
            there = {other: held(of(other, asking | {name}).stages) for other in sorted(others)}
            suspended, revoked, lent = (said(kind, name) for kind in (SUSPENDED, REVOKED, TEMPORARY))
            whole = replace(shown, held=there, suspended=suspended, revoked=revoked, lent=lent)
            found[name] = Certification(editions[name], whole)
        return found[name]

    for name in editions:
        of(name, frozenset())
    return found
