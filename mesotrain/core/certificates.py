"""Certificates: what each asks for, by which paths, and what of that is there on a day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mesotrain.core.assertions import Period, in_force
from mesotrain.core.clearance import Meaning
from mesotrain.core.competence import HELD, Cases, Evidence, Progress, Span, standing
from mesotrain.core.dates import months_after


@dataclass(frozen=True)
class Exam:
    """An assessment of the course passed in the last `months`, each of these safety points met in it."""

    name: str
    months: int
    points: tuple[str, ...] = ()

    def passed(self, results: Iterable["Result"]) -> Iterator["Result"]:
        """Which of these results are of it and met its safety points."""
        return (one for one in results if one.exam == self.name and one.points >= set(self.points))


@dataclass(frozen=True)
class Practice:
    """Signed cases of a procedure of the course."""

    procedure: str
    cases: Cases


@dataclass(frozen=True)
class Path:
    """One way to a certificate: all that is asked for on it. It asks for an exam or, without one, for practice."""

    name: str
    title: str
    competencies: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    exams: tuple[Exam, ...] = ()
    practice: tuple[Practice, ...] = ()
    certificates: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Certificate:
    """What is certified, by which paths, and how it is renewed.

    It is good for `months`; renewing is open in the last `opens` months and in the `grace` months after. `meanings`
    says what each state in which it is not held does to clearance.
    """

    name: str
    title: str
    months: int
    opens: int
    grace: int
    paths: tuple[Path, ...]
    renewal: Path
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Edition:
    """A certificate as it was in force from `start` until before `end`."""

    certificate: Certificate
    start: date
    end: date | None = None


@dataclass(frozen=True)
class Result:
    """An exam that was passed, on a day, with the safety points that were met in it.

    `sequence` is the place of that in the log, `version` that of the exam.
    """

    exam: str
    day: date
    points: frozenset[str] = frozenset()
    sequence: int = 0
    version: str = ""


@dataclass(frozen=True)
class Shown:
    """All that was shown of a person and said of them, as it was recorded by some moment.

    `competencies` has the spans of each, by the rule in force on their days, `cases` those of each procedure that
    stand signed, in the order of their days, and `held` when other certificates were. What was `suspended`, `revoked`
    or lent is of this certificate.
    """

    competencies: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    documents: Mapping[str, Sequence[Period]] = field(default_factory=dict)
    exams: Sequence[Result] = ()
    cases: Mapping[str, Sequence[Evidence]] = field(default_factory=dict)
    held: Mapping[str, Sequence[Period]] = field(default_factory=dict)
    suspended: Sequence[Period] = ()
    revoked: Sequence[Period] = ()
    lent: Sequence[Period] = ()

    def begins(self) -> Iterator[date]:
        """The days on which anything that a path may ask for begins to be there."""
        for of in self.competencies.values():
            yield from (span.start for span in of)
        for periods in (*self.documents.values(), *self.held.values()):
            yield from (one.start for one in periods)
        yield from (one.day for one in self.exams)
        for cases in self.cases.values():
            yield from (one.day for one in cases)


COMPETENCY, DOCUMENT, EXAM, SAFETY, CASES, CERTIFICATE = GATES = (
    "competency", "document", "exam", "safety points", "cases", "certificate",
)  # fmt: skip


@dataclass(frozen=True)
class Gate:
    """One thing that a path asks for, and whether it is there; of cases how far."""

    kind: str
    about: str
    met: bool
    progress: Progress | None = None


def gates(path: Path, shown: Shown, on: date, since: date = date.min) -> Iterator[Gate]:
    """Each thing that a path asks for, on a day; an exam counts `since` a day."""
    for code in path.competencies:
        yield Gate(COMPETENCY, code, standing(shown.competencies.get(code, ()), on).state in HELD)
    for name in path.documents:
        yield Gate(DOCUMENT, name, in_force(shown.documents.get(name, ()), on))
    for exam in path.exams:
        fresh = [one for one in shown.exams if since <= one.day <= on < months_after(one.day, exam.months)]
        yield Gate(EXAM, exam.name, any(one.exam == exam.name for one in fresh))
        if exam.points:
            yield Gate(SAFETY, exam.name, any(exam.passed(fresh)))
    for asked in path.practice:
        cases = [one for one in shown.cases.get(asked.procedure, ()) if one.day <= on]
        ends = asked.cases.until(cases)
        yield Gate(CASES, asked.procedure, ends is not None and ends > on, asked.cases.progress(cases, on))
    for name in path.certificates:
        yield Gate(CERTIFICATE, name, in_force(shown.held.get(name, ()), on))


def done(path: Path, shown: Shown) -> Iterator[tuple[date, date]]:
    """What was done for a path, its exams or, without any, its cases: the day, and that from which it is too old."""
    for exam in path.exams:
        yield from ((one.day, months_after(one.day, exam.months)) for one in exam.passed(shown.exams))
    for asked in () if path.exams else path.practice:
        need = asked.cases
        for one in shown.cases.get(asked.procedure, ()):
            if one.role == need.role and one.level:
                yield one.day, months_after(one.day, need.months) if need.months else date.max


def begun(certificates: Iterable[Certificate], shown: Shown) -> date | None:
    """The first day on which anything was learnt or done that a path asks for."""
    paths = [path for one in certificates for path in one.paths]
    codes = {code for path in paths for code in path.competencies}
    exams = {exam.name for path in paths for exam in path.exams}
    logged = {asked.procedure for path in paths for asked in path.practice}
    days = [shown.competencies[code][0].start for code in codes if shown.competencies.get(code)]
    days += [one.day for one in shown.exams if one.exam in exams]
    days += [one.day for name in logged for one in shown.cases.get(name, ())]
    return min(days, default=None)
