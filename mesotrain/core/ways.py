"""The shortest way to green: the fewest acts that make somebody cleared on a day, or why none does.

An act is something new on that day: an assessment passed, a case signed, a document seen. Nobody is sent to have the
same case judged again; and what a named person lets go by, offers or takes back is a decision, and no way.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.clearance import CLEARED, NOT_SEEN, RAN_OUT, UNPRACTISED, Facts, Reason
from mesotrain.core.competence import CASE, STATES, Evidence, counted

PASS, SIGN, SEE = "pass", "sign", "see"
ACTS = {
    PASS: "Somebody passes a quiz or an exam",
    SIGN: "Somebody logs cases, and supervisors sign them",
    SEE: "A manager sees a document of somebody",
}
SUPERVISOR = "supervisor"
WHOSE = {PASS: TRAINEE, SIGN: SUPERVISOR, SEE: MANAGER}
"""Whose act each kind is: who answers, who signs, who says what they saw."""
NEW = 2**31
"""A place in the log behind all there is."""


@dataclass(frozen=True)
class Assessment:
    """A quiz or an exam: the competencies it `proves`, by code, and its questions, which take about so many `minutes`.

    `after` is the moment from which it may be begun where that is to be waited for; what is in `marking` was handed in.
    """

    course: str
    module: str
    title: str
    proves: frozenset[str]
    questions: int
    minutes: int
    after: datetime | None = None
    marking: bool = False

    @property
    def waits(self) -> bool:
        return self.marking or self.after is not None


@dataclass(frozen=True)
class Act:
    """So many acts of a kind about a competency's assessment, a part somebody has in a case, or a document.

    Cases are signed at this `level`, and by so many `signers` who have signed none that counts.
    """

    kind: str
    about: str
    count: int = 1
    assessment: Assessment | None = None
    level: int = 0
    signers: int = 0

    @property
    def whose(self) -> str:
        return WHOSE[self.kind]


@dataclass(frozen=True)
class Way:
    """The fewest `acts`, and a `quicker` way where more take less time; where something `bars` it there are none."""

    acts: tuple[Act, ...] = ()
    quicker: tuple[Act, ...] = ()
    bars: tuple[Reason, ...] = ()


Tests = tuple[Assessment, ...]


def way(facts: Facts, reasons: Iterable[Reason], on: date, assessments: Sequence[Assessment]) -> Way:
    """The shortest way from these reasons of an answer of this day; without acts where nothing is missing.

    A competency rests on a pass alone, as every rule of a course has it.
    """
    missing = [one for one in reasons if one.answer != CLEARED]
    parts = {one.about: _cases(facts, one.about, on) for one in missing if one.code == UNPRACTISED}

    def mended(one: Reason) -> bool:
        if one.code in STATES:
            return any(one.about in test.proves for test in assessments)
        return one.code in (NOT_SEEN, RAN_OUT) or (one.code == UNPRACTISED and parts[one.about] is not None)

    if bars := tuple(one for one in missing if not mended(one)):
        return Way(bars=bars)
    rest = [act for act in parts.values() if act]
    rest += [Act(SEE, one.about) for one in missing if one.code in (NOT_SEEN, RAN_OUT)]
    wanted = frozenset(one.about for one in missing if one.code in STATES)
    few, quick = (_cheapest(wanted, assessments, cost) for cost in (_fewest, _quickest))
    return Way(_passes(few, rest), _passes(quick, rest) if _quickest(quick) < _quickest(few) else ())


def _passes(tests: Tests, rest: Sequence[Act]) -> tuple[Act, ...]:
    return (*(Act(PASS, one.module, assessment=one) for one in tests), *rest)


def _fewest(tests: Tests) -> tuple[int, ...]:
    return len(tests), *_quickest(tests)


def _quickest(tests: Tests) -> tuple[int, ...]:
    return sum(one.waits for one in tests), sum(one.minutes for one in tests)


def _cheapest(
    wanted: frozenset[str], assessments: Sequence[Assessment], cost: Callable[[Tests], tuple[int, ...]]
) -> Tests:
    """The cheapest assessments that prove all that is wanted, each of which one of them proves."""

    @cache
    def those(left: frozenset[str]) -> Tests:
        if not left:
            return ()
        provers = {code: [one for one in assessments if code in one.proves] for code in sorted(left)}
        fewest = min(provers.values(), key=len)
        return min(((one, *those(left - one.proves)) for one in fewest), key=cost)

    return those(wanted)


def _cases(facts: Facts, role: str, on: date) -> Act | None:
    """The fewest new cases in a role after which all that is asked of it is there; None where none are enough."""
    needs = [one for one in facts.procedure.practice_on(on) if one.role == role] if facts.procedure else []
    cases = counted(one for one in facts.cases if one.day <= on)
    there = [one.progress(cases, on) for one in needs]
    signers = max(asked - had for had, asked in (one.supervisors for one in there))
    least = max(1, signers, *(asked - had for had, asked in (one.cases for one in there)))
    level = max(one.level for one in needs)
    for count in range(least, least + max(one.last for one in needs) + 1):
        new = [
            Evidence(CASE, on, NEW + n, case=f"new {n}", role=role, level=max(level, 1), by=-n)
            for n in range(1, count + 1)
        ]
        ends = [one.until([*cases, *new]) for one in needs]
        if all(end is not None and end > on for end in ends):
            return Act(SIGN, role, count, level=level, signers=max(signers, 0))
    return None
