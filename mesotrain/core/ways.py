"""The shortest way to green: the fewest acts that make somebody cleared on a day, or why none does.

An act is something new on that day: an assessment passed, a case signed, somebody observed, a document seen. Nobody is
sent to have the same case judged again; and what a named person lets go by, offers or takes back is a decision, and no
way.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, reduce
from itertools import product
from operator import or_
from types import MappingProxyType

from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.certificates import CASES, CERTIFICATE, COMPETENCY, DOCUMENT, EXAM, SAFETY, Practice
from mesotrain.core.certification import Certification
from mesotrain.core.clearance import CLEARED, NOT_SEEN, RAN_OUT, UNPRACTISED, UNWATCHED, Facts, Reason
from mesotrain.core.competence import CASE, SHOWN, STATES, Cases, Evidence, Observations, counted

PASS, SIGN, WATCH, SEE, RECOGNISE = "pass", "sign", "watch", "see", "recognise"
ACTS = {
    PASS: "Somebody passes a quiz or an exam",
    SIGN: "Somebody logs cases, and supervisors sign them",
    WATCH: "Somebody is observed by a form, and it is passed",
    SEE: "A manager sees a document of somebody",
    RECOGNISE: "A manager sees what somebody learnt elsewhere, where nothing here proves it",
}
SUPERVISOR = "supervisor"
WHOSE = {PASS: TRAINEE, SIGN: SUPERVISOR, WATCH: SUPERVISOR, SEE: MANAGER, RECOGNISE: MANAGER}
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
    """So many acts of a kind about a competency's assessment, a part somebody has in a case, a form, or a document.

    Cases are signed at this `level`, and by so many `signers` who have signed none that counts; they are of the
    procedure that is asked about or, where it is said, of another `procedure` of the course.
    """

    kind: str
    about: str
    count: int = 1
    assessment: Assessment | None = None
    level: int = 0
    signers: int = 0
    procedure: str = ""

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


@dataclass(frozen=True)
class _Missing:
    """What is missing at once: competencies, documents, cases by (another procedure, part), exams by their modules.

    `elsewhere` are competencies that are to have been learnt there, `watched` what is to be passed by a form.
    """

    codes: frozenset[str] = frozenset()
    documents: tuple[str, ...] = ()
    cases: Mapping[tuple[str, str], tuple[Cases, ...]] = field(default_factory=dict)
    exams: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    watched: tuple[Observations, ...] = ()

    def __or__(self, other: "_Missing") -> "_Missing":
        both = dict(self.cases)
        both |= {which: both.get(which, ()) + needs for which, needs in other.cases.items()}
        documents = tuple(dict.fromkeys(self.documents + other.documents))
        exams, elsewhere = self.exams | other.exams, self.elsewhere | other.elsewhere
        return _Missing(self.codes | other.codes, documents, both, exams, elsewhere, self.watched + other.watched)


def way(
    facts: Facts,
    reasons: Iterable[Reason],
    on: date,
    assessments: Sequence[Assessment],
    certificates: Mapping[str, Certification] = MappingProxyType({}),
) -> Way:
    """The shortest way from these reasons of an answer of this day; without acts where nothing is missing.

    A competency rests on a pass alone, as every rule of a course has it; only where no assessment proves it, on what
    was learnt elsewhere, if that counts. `certificates` has the one that the procedure asks for, by name.
    """
    certified = certificates.get(facts.procedure.certificate) if facts.procedure else None
    missing = [one for one in reasons if one.answer != CLEARED]
    provable = {code for one in assessments for code in one.proves}
    each = {one: list(_mending(facts, one, on, certified, provable)) for one in missing}

    def options(several: Iterable[Sequence[_Missing]]) -> list[_Option]:
        wholes = (reduce(or_, some, _Missing()) for some in product(*several))
        return [found for whole in wholes if (found := _option(facts, whole, on, assessments, certified))]

    if bars := tuple(one for one in missing if not options([each[one]])):
        return Way(bars=bars)
    few, quick, rest = min(options(each.values()), key=lambda one: _size(one[0], one[2]))
    return Way(_passes(few, rest), _passes(quick, rest) if _quickest(quick) < _quickest(few) else ())


_Option = tuple[Tests, Tests, tuple[Act, ...]]
"""The fewest assessments and the quickest, and what is to be done besides."""


def _size(tests: Tests, rest: Iterable[Act]) -> tuple[int, ...]:
    return len(tests) + sum(one.count for one in rest), *_quickest(tests)


def _mending(
    facts: Facts, one: Reason, on: date, certified: Certification | None, provable: Container[str]
) -> Iterator[_Missing]:
    """What would mend a reason, in each way there is."""
    if one.code in STATES and certified and one.about == certified.newest.name:
        yield from _paths(facts, certified, on)
    elif one.code in STATES and one.about in facts.prior and one.about not in provable:
        yield _Missing(elsewhere=frozenset([one.about]))
    elif one.code in STATES:
        yield _Missing(frozenset([one.about]))
    elif one.code in (NOT_SEEN, RAN_OUT):
        yield _Missing(documents=(one.about,))
    elif one.code == UNPRACTISED and facts.procedure:
        needs = tuple(need for need in facts.procedure.practice_on(on) if need.role == one.about)
        yield _Missing(cases={("", one.about): needs})
    elif one.code == UNWATCHED and facts.procedure:
        yield _Missing(watched=tuple(need for need in facts.procedure.observations if need.form == one.about))


def _paths(facts: Facts, certified: Certification, on: date) -> Iterator[_Missing]:
    """What is missing on each path to a certificate; where one is anew, with each thing that may be done for it.

    A case for it keeps what the procedure itself asks for of its part: one of too low a level would take that away.
    """

    def cases(asked: Practice) -> _Missing:
        role, own = asked.cases.role, facts.procedure
        if own is None or asked.procedure != own.name:
            return _Missing(cases={(asked.procedure, role): (asked.cases,)})
        kept = tuple(need for need in own.practice_on(on) if need.role == role)
        return _Missing(cases={("", role): (asked.cases, *kept)})

    for one in certified.open_on(on):
        lacks = [gate for gate in one.gates if not gate.met]
        there = (gate.met for gate in one.gates if gate.kind == CASES)
        logged = [asked for asked, met in zip(one.path.practice, there, strict=True) if not met]
        whole = _Missing(
            frozenset(gate.about for gate in lacks if gate.kind == COMPETENCY),
            tuple(gate.about for gate in lacks if gate.kind == DOCUMENT),
            reduce(or_, map(cases, logged), _Missing()).cases,
            frozenset(gate.about for gate in lacks if gate.kind in (EXAM, SAFETY)),
        )
        if any(gate.kind == CERTIFICATE for gate in lacks):
            continue
        if not one.anew or whole.exams or (logged and not one.path.exams):
            yield whole
        elif one.path.exams:
            yield from (whole | _Missing(exams=frozenset([exam.name])) for exam in one.path.exams)
        else:
            yield from (whole | cases(asked) for asked in one.path.practice)


def _option(
    facts: Facts, whole: _Missing, on: date, assessments: Sequence[Assessment], certified: Certification | None
) -> _Option | None:
    """The acts that make up for what is missing; None where none do."""
    musts = tuple(one for one in assessments if one.module in whole.exams)
    left = whole.codes - frozenset(code for one in musts for code in one.proves)
    provable = {code for one in assessments for code in one.proves}
    others = certified.shown.cases if certified else {}
    signed = [
        _cases(needs, role, facts.cases if not of else others.get(of, ()), on, of)
        for (of, role), needs in whole.cases.items()
    ]
    if len(musts) < len(whole.exams) or left - provable or None in signed:
        return None
    few, quick = (musts + _cheapest(left, assessments, cost) for cost in (_fewest, _quickest))
    rest = [Act(SEE, one) for one in whole.documents] + [Act(RECOGNISE, one) for one in sorted(whole.elsewhere)]
    seen = (_watched(need, facts.observations, on) for need in whole.watched)
    return few, quick, (*filter(None, signed), *seen, *rest)


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


def _cases(needs: Sequence[Cases], role: str, there: Iterable[Evidence], on: date, procedure: str) -> Act | None:
    """The fewest new cases in a role after which all that is asked of it is there; None where none are enough."""
    cases = counted(one for one in there if one.day <= on)
    found = [one.progress(cases, on) for one in needs]
    signers = max(asked - had for had, asked in (one.supervisors for one in found))
    least = max(1, signers, *(asked - had for had, asked in (one.cases for one in found)))
    level = max(one.level for one in needs)
    for count in range(least, least + max(one.last for one in needs) + 1):
        new = [
            Evidence(CASE, on, NEW + n, case=f"new {n}", role=role, level=max(level, 1), by=-n)
            for n in range(1, count + 1)
        ]
        ends = [one.until([*cases, *new]) for one in needs]
        if all(end is not None and end > on for end in ends):
            return Act(SIGN, role, count, level=level, signers=max(signers, 0), procedure=procedure)
    return None


def _watched(need: Observations, there: Iterable[Evidence], on: date) -> Act:
    """The fewest new observations by a form that are passed, after which all that is asked for by it is there."""
    known = counted(one for one in there if one.day <= on)
    new = [Evidence(SHOWN, on, NEW + n, form=need.form) for n in range(need.count)]
    ends = ((count, need.until([*known, *new[:count]])) for count in range(1, need.count + 1))
    return Act(WATCH, need.form, next(count for count, end in ends if end is not None and end > on))
