"""Clearance: whether somebody may perform a procedure at a clinic on a day, and why.

One pure function of what was recorded by some moment. What is not known is never a yes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from mesotrain.core.assertions import (
    DOCUMENT,
    LEARNT,
    REVOKED,
    STOP,
    SUSPENDED,
    TEMPORARY,
    TRANSITION,
    Period,
    Product,
    in_force,
)
from mesotrain.core.competence import (
    HELD,
    NOT_STARTED,
    STATES,
    Cases,
    Evidence,
    Observations,
    Progress,
    Rule,
    Span,
    counted,
    resting,
    standing,
)
from mesotrain.core.dates import months_after
from mesotrain.core.names import alike

CLEARED, CONDITIONAL, NOT_CLEARED, UNKNOWN = "cleared", "conditional", "not cleared", "unknown"
WORST_FIRST = (NOT_CLEARED, UNKNOWN, CONDITIONAL, CLEARED)
"""The worst of the reasons decides."""


@dataclass(frozen=True)
class Meaning:
    """What a status does to clearance, and why. One that is conditional says on what, in words to act on."""

    answer: str
    condition: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Procedure:
    """What may be asked about: the competencies it needs, by code, the documents that have to be seen, and why.

    It may ask for a `certificate` of the scheme. `practice` is what the logbook has to show of it, `practised_from` the
    day from which that is asked for, if not always, and `unpractised` what it means where it is not all there; so it is
    with `observations`. `products` are those it cannot do without.
    """

    name: str
    title: str
    competencies: tuple[str, ...]
    documents: tuple[str, ...] = ()
    reason: str = ""
    practice: tuple[Cases, ...] = ()
    unpractised: Meaning = Meaning(NOT_CLEARED)
    practised_from: date | None = None
    certificate: str = ""
    products: tuple[str, ...] = ()
    observations: tuple[Observations, ...] = ()
    unobserved: Meaning = Meaning(NOT_CLEARED)
    observed_from: date | None = None

    def practice_on(self, day: date) -> tuple[Cases, ...]:
        """What the logbook has to show on a day."""
        return () if self.practised_from and day < self.practised_from else self.practice

    def shown_on(self, day: date) -> tuple[Cases | Observations, ...]:
        """What the logbook has to show on a day, and what has to be passed by a form."""
        begun = not self.observed_from or self.observed_from <= day
        return (*self.practice_on(day), *(self.observations if begun else ()))


@dataclass(frozen=True)
class Facts:
    """All that an answer rests on, as it was recorded by some moment.

    `standings` has the spans of each competency by code, `documents` when each kind of document is good, by its name.
    `works_here` is when the person works at the clinic, `offered` when that offers the procedure, and `in_use` the day
    from which it relies on these answers. `stops` bar the person or the procedure there; one whose days are none was
    lifted on the day it was made, and is told of there. `transitional` clearances stand in for competencies, practice,
    observations and a certificate that nobody took away, and for nothing else. `cases` are those of the procedure that
    stand signed, so are `observations`, and `certificate` is what that means on which days. `histories` has what the
    standings are made of, by code, and `named` who said it. `prior` has when what was learnt elsewhere counts, by the
    code of each competency for which the scheme lets it.
    `products` are stopped there as `stops` are, with what they stop. `coming` is the same by the rule that begins on
    the day it `turns`.
    """

    procedure: Procedure | None
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    standings: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    documents: Mapping[str, Sequence[Period]] = field(default_factory=dict)
    works_here: Sequence[Period] = ()
    offered: Sequence[Period] = ()
    in_use: date | None = None
    stops: Sequence[Period] = ()
    transitional: Sequence[Period] = ()
    cases: Sequence[Evidence] = ()
    certificate: Sequence[tuple[Period, "Reason"]] = ()
    histories: Mapping[str, tuple[Sequence[Evidence], Rule]] = field(default_factory=dict)
    named: Mapping[int, str] = field(default_factory=dict)
    products: Sequence[Product] = ()
    observations: Sequence[Evidence] = ()
    prior: Mapping[str, Sequence[Period]] = field(default_factory=dict)
    coming: "Facts | None" = None
    turns: date = date.max

    def by(self, day: date) -> "Facts":
        """What an answer about this day rests on."""
        return self.coming if self.coming and self.turns <= day else self


NO_RULE, NOT_IN_USE, NOT_HERE, NOT_OFFERED = "no rule", "not in use", "not here", "not offered"
STOPPED, LIFTED = "stopped", "lifted"
SEEN, NOT_SEEN, RAN_OUT, TRANSITIONAL = "document seen", "document not seen", "document ran out", "transitional"
PRACTISED, UNPRACTISED = "practised", "not practised"
WATCHED, UNWATCHED = "observed", "not observed"
WITHOUT, NEEDED = "without a product", "product needed"
ELSEWHERE = "learnt elsewhere"

REASONS = {
    NO_RULE: "No scheme says what this procedure asks for.",
    NOT_IN_USE: "This clinic does not use clearance yet.",
    NOT_HERE: "The person does not work at this clinic.",
    NOT_OFFERED: "This clinic does not offer the procedure.",
    STOPPED: "It was stopped.",
    LIFTED: "It was stopped for a part of this day.",
    WITHOUT: "A product was stopped.",
    NEEDED: "A product it needs was stopped.",
    SEEN: "The document was seen.",
    NOT_SEEN: "The document was not seen.",
    RAN_OUT: "The document that was seen is not good any more.",
    TRANSITIONAL: "A named person lets them go on for a time by what they did before.",
    PRACTISED: "The logbook shows what is asked for.",
    UNPRACTISED: "The logbook does not show all that is asked for.",
    WATCHED: "Somebody who may supervise it watched it, and it was passed as often as is asked for.",
    UNWATCHED: "It was not passed as often as is asked for while somebody watched who may supervise it.",
    ELSEWHERE: "It was learnt elsewhere, and somebody saw that.",
    SUSPENDED: "The certificate was suspended.",
    REVOKED: "The certificate was revoked.",
    TEMPORARY: "A named person gave the certificate for a time.",
}
"""Why an answer is what it is; of a competency or a certificate its status is the reason."""
NOT_WITH, NOT_WITH_LOT = "not with %(product)s", "not with %(product)s, lot %(lot)s"
"""The condition that a stopped product makes."""


@dataclass(frozen=True)
class Source:
    """A piece of evidence as an answer names it: its kind, its place in the log, its day, and who said so.

    That is nobody for what the service says itself. `version` is that of the content it rests on, if it rests on any.
    """

    kind: str
    sequence: int
    day: date
    by: str = ""
    version: str = ""


@dataclass(frozen=True)
class Reason:
    """One part of an answer: `code` is one of REASONS or a status, `answer` what the whole would be by this alone.

    Of practice `about` is the part they had, of an observation its form, and `progress` how much there is. `said` is
    when who said so. It rests on `evidence`, and is worse from the day `until` on if nothing is recorded.
    """

    code: str
    answer: str
    about: str = ""
    condition: str = ""
    progress: Progress | None = None
    said: Period | None = None
    until: date | None = None
    evidence: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Clearance:
    """An answer, its reasons, the worst first, and the first day on which it is worse if nothing is recorded.

    Where that is so only because another rule begins on that day, `then` is what that one asks for and is not there.
    """

    answer: str
    reasons: tuple[Reason, ...]
    until: date | None = None
    then: tuple[Reason, ...] = ()

    @property
    def transitional(self) -> bool:
        """Whether a transitional clearance or certificate stands in for something that is not there."""
        return any(one.code in (TRANSITIONAL, TEMPORARY) for one in self.reasons)

    @property
    def conditions(self) -> tuple[str, ...]:
        """On what a conditional answer depends, each once; none beside any other answer."""
        met = [one.condition for one in self.reasons if one.answer == self.answer == CONDITIONAL]
        return tuple(dict.fromkeys(met))


def clearance(facts: Facts, on: date) -> Clearance:
    """Whether it is so on this day, as these facts say."""
    facts = facts.by(on)
    found, turns = judged(facts, on), facts.turns
    later = (day for day in _days(facts, on) if _worse(judged(facts.by(day), day).answer, found.answer))
    until = next(later, None)
    alone = facts.coming if until == turns and not _worse(judged(facts, turns).answer, found.answer) else None
    then = (one for one in judged(alone, turns).reasons if _worse(one.answer, found.answer)) if alone else ()
    return replace(found, reasons=tuple(_told(facts, one, on) for one in found.reasons), until=until, then=tuple(then))


def judged(facts: Facts, on: date) -> Clearance:
    """The same without what the reasons rest on and until when it is so, by no other rule than that of these facts."""
    reasons = sorted(_reasons(facts, on), key=lambda one: WORST_FIRST.index(one.answer))
    return Clearance(reasons[0].answer, tuple(reasons))


def _worse(one: str, than: str) -> bool:
    return than in (CLEARED, CONDITIONAL) and WORST_FIRST.index(one) < WORST_FIRST.index(than)


def _days(facts: Facts, after: date) -> list[date]:
    """The later days on which anything changes."""
    periods = (facts.works_here, facts.offered, facts.stops, facts.products, facts.transitional)
    days = {
        day
        for of in (*facts.documents.values(), *facts.prior.values(), *periods)
        for one in of
        for day in (one.start, one.end)
    }
    days |= {facts.in_use, *(span.start for spans in facts.standings.values() for span in spans)}
    days |= {one.start for one, _ in facts.certificate}
    if asked := facts.procedure:
        days |= {day for need in asked.shown_on(date.max) for day in _turns(facts, need)}
        days |= {asked.practised_from, asked.observed_from}
    if facts.coming:
        days |= {facts.turns, *_days(facts.coming, after)}
    return sorted(day for day in days if day is not None and day > after)


def _turns(facts: Facts, need: Cases | Observations) -> Iterator[date | None]:
    """The days on which practice, or what was watched, may change."""
    return (day for one in _done(facts, need, date.max) for day in (one.day, months_after(one.day, need.months or 0)))


def _told(facts: Facts, one: Reason, on: date) -> Reason:
    """A reason with what it rests on, and the first day on which it is worse by itself."""
    then, days, evidence = _part(facts, one, on)
    later = sorted({day for day in days if day is not None and day > on})
    until = next((day for day in later if _worse(then(day).answer, one.answer)), None)
    return replace(one, until=until, evidence=tuple(evidence))


def _part(facts: Facts, one: Reason, on: date) -> "_Part":
    """What a reason is on any day, the days on which that may change, and what it rests on."""
    certificate = facts.procedure.certificate if facts.procedure else ""
    if certificate and one == _certified(facts, certificate, on):
        rests = one.evidence or ([_said(one.code, one.said)] if one.said else [])
        return partial(_certified, facts, certificate), [days.start for days, _ in facts.certificate], rests
    if one.said:
        kind, periods = (TRANSITION, facts.transitional) if one.code == TRANSITIONAL else (STOP, ())
        return partial(_document, "", periods), [period.end for period in periods], [_said(kind, one.said)]
    if one.code in (SEEN, RAN_OUT):
        seen = facts.documents[one.about]
        last = max((period for period in seen if period.start <= on), key=lambda period: period.end or date.max)
        return partial(_document, one.about, seen), [period.end for period in seen], [_said(DOCUMENT, last)]
    if one.code in STATES or one.code == ELSEWHERE:
        days = [span.start for span in facts.standings.get(one.about, ())]
        prior = [period for period in facts.prior.get(one.about, ()) if period.holds(on)]
        proof = [_said(LEARNT, prior[-1])] if one.code == ELSEWHERE else _proved(facts, one.about, on)
        ends = [period.end for period in facts.prior.get(one.about, ())]
        return partial(_competency, facts, one.about), [*days, *ends], proof
    if facts.procedure and one.progress:
        asked = facts.procedure.observations if one.code in (WATCHED, UNWATCHED) else facts.procedure.practice
        need = next(need for need in asked if need.about == one.about)
        done = sources(resting([need], _done(facts, need, on)), facts.named)
        return partial(_shown, facts, facts.procedure, need), _turns(facts, need), done
    return lambda _: one, (), ()


_Part = tuple[Callable[[date], Reason], Iterable[date | None], Iterable[Source]]


def _said(kind: str, period: Period) -> Source:
    return Source(kind, period.sequence, period.start, period.by)


def _proved(facts: Facts, code: str, on: date) -> Iterable[Source]:
    """What the standing in a competency rests on."""
    if code not in facts.histories:
        return ()
    history, rule = facts.histories[code]
    return sources(rule.rests_on([one for one in history if one.day <= on]), facts.named)


def sources(evidence: Iterable[Evidence], named: Mapping[int, str]) -> Iterator[Source]:
    """Evidence as an answer names it, with the names of those who said it."""
    return (Source(one.kind, one.sequence, one.day, named.get(one.by, ""), one.version) for one in evidence)


def _done(facts: Facts, need: Cases | Observations, on: date) -> list[Evidence]:
    pieces = facts.cases if isinstance(need, Cases) else facts.observations
    return counted(one for one in pieces if one.day <= on)


def _reasons(facts: Facts, on: date) -> list[Reason]:
    found = [Reason(STOPPED, NOT_CLEARED, one.about, said=one) for one in facts.stops if one.holds(on)]
    found += [_product(one, facts.procedure) for one in facts.products if one.holds(on)]
    lifted = (one for one in (*facts.stops, *facts.products) if one.end == on)
    found += [Reason(LIFTED, CLEARED, one.about, said=one) for one in lifted]
    if facts.procedure is None or not facts.procedure.competencies:
        return [*found, Reason(NO_RULE, UNKNOWN)]
    if facts.in_use is None or on < facts.in_use:
        return [*found, Reason(NOT_IN_USE, UNKNOWN)]
    for periods, code in ((facts.works_here, NOT_HERE), (facts.offered, NOT_OFFERED)):
        found += [] if in_force(periods, on) else [Reason(code, NOT_CLEARED)]
    found += [_document(name, facts.documents.get(name, ()), on) for name in facts.procedure.documents]
    return found + list(_earned(facts, facts.procedure, on))


def _earned(facts: Facts, procedure: Procedure, on: date) -> Iterator[Reason]:
    """What somebody has learnt and done; a transitional clearance stands in for what is not there."""
    certified = _certified(facts, procedure.certificate, on) if procedure.certificate else None
    if certified and certified.code in (SUSPENDED, REVOKED):
        yield certified
        certified = None
    found = [certified] if certified else []
    found += [_competency(facts, code, on) for code in procedure.competencies]
    found += [_shown(facts, procedure, need, on) for need in procedure.shown_on(on)]
    stands_in = [one for one in facts.transitional if one.holds(on)]
    if stands_in and any(one.answer != CLEARED for one in found):
        yield Reason(TRANSITIONAL, CLEARED, stands_in[0].about, said=stands_in[0])
        found = [one for one in found if one.answer == CLEARED]
    yield from found


def _certified(facts: Facts, name: str, on: date) -> Reason:
    means = (reason for days, reason in facts.certificate if days.holds(on))
    return next(means, Reason(NOT_STARTED, NOT_CLEARED, name))


def _competency(facts: Facts, code: str, on: date) -> Reason:
    state = standing(facts.standings.get(code, ()), on).state
    if state not in HELD and in_force(facts.prior.get(code, ()), on):
        return Reason(ELSEWHERE, CLEARED, code)
    meaning = Meaning(CLEARED) if state in HELD else facts.meanings.get(state, Meaning(NOT_CLEARED))
    return Reason(state, meaning.answer, code, meaning.condition)


def _shown(facts: Facts, procedure: Procedure, need: Cases | Observations, on: date) -> Reason:
    """Whether as much was done, or watched, as is needed."""
    done = _done(facts, need, on)
    ends, progress = need.until(done), need.progress(done, on)
    watched = isinstance(need, Observations)
    if ends is not None and ends > on:
        return Reason(WATCHED if watched else PRACTISED, CLEARED, need.about, progress=progress)
    meaning = procedure.unobserved if watched else procedure.unpractised
    return Reason(UNWATCHED if watched else UNPRACTISED, meaning.answer, need.about, meaning.condition, progress)


def _product(one: Product, procedure: Procedure | None) -> Reason:
    if procedure and not one.lot and alike(one.name) in map(alike, procedure.products):
        return Reason(NEEDED, NOT_CLEARED, one.about, said=one)
    words = (NOT_WITH_LOT if one.lot else NOT_WITH) % {"product": one.name, "lot": one.lot}
    return Reason(WITHOUT, CONDITIONAL, one.about, words, said=one)


def _document(name: str, periods: Sequence[Period], on: date) -> Reason:
    if in_force(periods, on):
        return Reason(SEEN, CLEARED, name)
    return Reason(RAN_OUT if any(one.start <= on for one in periods) else NOT_SEEN, NOT_CLEARED, name)
