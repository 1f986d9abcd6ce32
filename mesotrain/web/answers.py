"""Clearance as programs read it: one answer, one shape, by terminal or over the wire."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from mesotrain.core import certification, competence
from mesotrain.core import clearance as core
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.assertions import (
    DOCUMENT,
    LEARNT,
    OFFER,
    REVOKED,
    STOP,
    SUPERVISE,
    SUSPENDED,
    TEMPORARY,
    TRANSITION,
    USE,
    Product,
)
from mesotrain.core.certification import Certification
from mesotrain.core.clearance import NOT_WITH, NOT_WITH_LOT, REASONS, UNWATCHED, WATCHED, Facts, Reason, Source
from mesotrain.core.competence import (
    CASE,
    INDEPENDENT,
    NOT_PASSED,
    NOT_SHOWN,
    OBSERVED,
    PASSED,
    POINT_MET,
    SHOWN,
    SUPERVISED,
    Progress,
)
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.ways import RECOGNISE, SEE, SIGN, SUPERVISOR, WATCH, Act, Assessment, way
from mesotrain.store import clearance as store
from mesotrain.store import clinics, people, ways
from mesotrain.store.people import Organisation, Person

Answer = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked: a procedure by its name, or by course and name; a clinic by the name it has or had by `known_at`,
    or every one they worked at."""

    procedure: str
    clinic: str = ""
    on: date | None = None
    known_at: datetime | None = None

    def means(self, asked: store.Asked) -> bool:
        """Whether it is about this procedure."""
        return self.procedure in (asked.procedure.name, f"{asked.course_name}/{asked.procedure.name}")


YEARS = range(1900, 9000)
"""Of whatever is asked about: beyond them no zone has a calendar."""


def day(text: str) -> date | None:
    """A day as it is written; None for nothing. Raises Refused for what is none."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        found = date.min
    if found and found.year not in YEARS:
        raise Refused("“%(text)s” is no day; write one such as 2027-03-12.", text=text)
    return found


def moment(text: str, zone: str = "") -> datetime | None:
    """A moment as it is written, with its zone or in this one; None for nothing. Raises Refused for what is none."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        found = datetime.min.replace(tzinfo=UTC)
    if found and found.year not in YEARS:
        raise Refused("“%(text)s” is no moment; write one such as 2027-03-12T09:30:00Z.", text=text)
    if found and found.tzinfo is None and not zone:
        raise Refused("Say in which zone that is: 2027-03-12T09:30:00Z is in UTC.")
    return found.replace(tzinfo=ZoneInfo(zone)) if found and found.tzinfo is None else found


def answers(
    session: Session, organisations: Sequence[Organisation], who: Person, question: Question, now: datetime
) -> Iterator[Answer]:
    """The answer at each clinic, by organisation and name, of somebody who has a record in each of them.

    Raises NotFound for a procedure that is none.
    """
    unknown = True
    for organisation in organisations:
        on = question.on or day_of(now, organisation.zone)
        at = store.when(session, now, question.known_at, on, organisation.zone)
        asked = [one for one in store.procedures(session, organisation.id, at) if question.means(one)]
        unknown = unknown and not asked
        now_called = question.clinic if question.clinic and not question.known_at else None
        places = people.clinics(session, organisation.id, now_called)
        only = [place.id for place in places] if now_called else []
        known = store.known(session, organisation.id, organisation.zone, [who.id], at, only)[who.id]
        tests: ways.Assessments = {}
        if ahead := question.known_at is None and on >= day_of(now, organisation.zone):
            tests = ways.assessments(session, organisation.id, organisation.zone, [who.id], now)
        then = clinics.renamed(session, organisation.id, at.position) if question.known_at else {}
        for place in places:
            names = place.name, then.get(place.id, place.name)
            if question.clinic not in names if question.clinic else place.id not in known.worked:
                continue
            for one in asked:
                facts, called = known.facts(one, place.id), known.called(one)
                found, passes = core.clearance(facts, on), tests.get((who.id, one.course), ())
                yield {
                    "person": who.email,
                    "procedure": f"{one.course_name}/{one.procedure.name}",
                    "organisation": organisation.name,
                    "clinic": names[-1],
                    "on": on.isoformat(),
                    "known_at": question.known_at.astimezone(UTC).isoformat() if question.known_at else None,
                    "rule": one.since.isoformat(),
                    "answer": found.answer,
                    "until": found.until.isoformat() if found.until else None,
                    "then": [_told(reason) | {"says": says(reason, called)} for reason in found.then],
                    "conditions": list(found.conditions),
                    "reasons": [_told(reason) | {"says": says(reason, called)} for reason in found.reasons],
                    "way": _way(facts, found, on, passes, known.certificates(one.course), called) if ahead else None,
                }
    if unknown:
        raise NotFound("No scheme speaks of a procedure called %(name)s.", name=question.procedure)


def _told(reason: Reason) -> Answer:
    progress = {"progress": reason.progress._asdict()} if reason.progress else {}
    told = {name: getattr(reason, name) for name in ("code", "answer", "about", "condition")} | progress
    until = reason.until.isoformat() if reason.until else None
    return told | {"until": until, "evidence": [_piece(one) for one in reason.evidence]}


def _piece(one: Source) -> Answer:
    said = {"kind": one.kind, "day": one.day.isoformat(), "by": one.by or None, "version": one.version or None}
    return {"id": one.sequence} | said | {"says": named(one)}


STATUSES = competence.STATES | certification.STATES
"""What each status is called, of a competency or a certificate."""


def plain(message: str, /, **facts: object) -> str:
    """The message as it stands, for programs and terminals."""
    return message % facts if facts else message


def says(
    reason: Reason,
    called: Mapping[str, str],
    word: Callable[..., str] = plain,
    day_in_words: Callable[[date], str] = date.isoformat,
) -> str:
    """A reason in words, which `word` and `day_in_words` put into the reader's language."""
    about = called.get(reason.about, reason.about)
    if reason.code in STATUSES and not reason.said:
        return word("%(title)s: %(status)s", title=about, status=word(STATUSES[reason.code].label))
    if reason.progress and reason.code in (WATCHED, UNWATCHED):
        passed, asked = reason.progress.cases
        return word("%(title)s: %(status)s", title=about, status=word(SEEN, there=passed, asked=asked))
    if reason.progress:
        there = ", ".join(word(message, **facts) for message, facts in practice(reason.progress))
        return word("%(title)s: %(status)s", title=word(PARTS[reason.about]), status=there)
    sentence = word(REASONS[reason.code])
    if reason.said:
        by = word("By %(name)s, on %(day)s.", name=reason.said.by, day=day_in_words(reason.said.start))
        product = product_in_words(reason.said.name, reason.said.lot, word) if isinstance(reason.said, Product) else ""
        alone = word(ALONE) if reason.said.alone else ""
        return " ".join(filter(None, (product, sentence, reason.about, by, alone)))
    return word("%(title)s: %(status)s", title=about, status=sentence) if about else sentence


ALONE = "No second person confirmed it."
"""What is said of what a second person had to confirm, where there was none."""
WHAT = {
    PASSED: "Quiz or exam passed",
    NOT_PASSED: "Quiz or exam not passed",
    POINT_MET: "Safety point met",
    CASE: "Case signed",
    SHOWN: "Observation passed",
    NOT_SHOWN: "Observation not passed",
    DOCUMENT: "Document seen",
    LEARNT: "Learnt elsewhere",
    OFFER: "Offered",
    USE: "In use",
    STOP: "Stopped",
    TRANSITION: "Goes on for a time",
    SUPERVISE: "May supervise",
    SUSPENDED: "Certificate suspended",
    REVOKED: "Certificate revoked",
    TEMPORARY: "Certificate given for a time",
}
"""What each kind of evidence is called, and of assertion, in a list."""


def named(piece: Source, word: Callable[..., str] = plain, day_in_words: Callable[[date], str] = date.isoformat) -> str:
    """A piece of evidence in words: what, when, who said so, the text it rests on, and its place in the log."""
    words = word(
        "%(what)s on %(day)s, %(by)s, entry %(place)s of the log",
        what=word(WHAT[piece.kind]),
        day=day_in_words(piece.day),
        by=word("said by %(name)s", name=piece.by) if piece.by else word("marked by Mesotrain"),
        place=piece.sequence,
    )
    return word("%(words)s, on text %(version)s", words=words, version=piece.version[:12]) if piece.version else words


def product_in_words(name: str, lot: str, word: Callable[..., str] = plain) -> str:
    """What is stopped of a product."""
    return word("%(product)s, lot %(lot)s:", product=name, lot=lot) if lot else word("%(product)s:", product=name)


def conditions(found: core.Clearance, word: Callable[..., str]) -> list[str]:
    """On what a conditional answer depends, each once: what a scheme says as it stands, and what a product does."""
    products = {
        one.condition: word(NOT_WITH_LOT if one.said.lot else NOT_WITH, product=one.said.name, lot=one.said.lot)
        for one in found.reasons
        if isinstance(one.said, Product)
    }
    return [products.get(one, one) for one in found.conditions]


PARTS = {OBSERVED: "Observed", SUPERVISED: "Supervised", INDEPENDENT: "Independent"}
"""What the part is called that somebody had in a case."""
THERE = "%(there)s of %(asked)s cases signed", "by %(there)s of %(asked)s people"
SEEN = "%(there)s of %(asked)s observations passed"
LEVEL = "%(there)s of the last %(asked)s at level %(level)s or above"


def practice(progress: Progress) -> Iterator[tuple[str, dict[str, int]]]:
    """How much there is of the practice that is asked for: (message, facts) of each part."""
    for message, (there, asked) in zip(THERE, (progress.cases, progress.supervisors), strict=True):
        if asked > 1 or message == THERE[0]:
            yield message, {"there": there, "asked": asked}
    there, asked = progress.last
    if asked:
        yield LEVEL, {"there": there, "asked": asked, "level": progress.level}


# The shortest way to green -------------------------------------------------------------------------------------------


def plain_many(one: str, more: str, number: int, /, **facts: object) -> str:
    """The message for so many as it stands."""
    return plain(one if number == 1 else more, **facts)


@dataclass(frozen=True)
class Voice:
    """How sentences reach a reader: in their language, or as they stand."""

    gettext: Callable[..., str] = plain
    ngettext: Callable[..., str] = plain_many
    moment: Callable[[datetime], str] = datetime.isoformat


PLAIN = Voice()
WHO = {TRAINEE: "Trainee", SUPERVISOR: "Supervisor", MANAGER: "Manager"}
"""Whose act it is, in a list of what to do."""


def _way(
    facts: Facts,
    found: core.Clearance,
    on: date,
    tests: Sequence[Assessment],
    certified: Mapping[str, Certification],
    called: Mapping[str, str],
) -> Answer:
    made = way(facts.by(on), found.reasons, on, tests, certified)
    return {
        "says": in_short(made.acts, PLAIN),
        "acts": [_act(one, called) for one in made.acts],
        "quicker": [_act(one, called) for one in made.quicker],
        "bars": [one.code for one in made.bars],
    }


def _act(act: Act, called: Mapping[str, str]) -> Answer:
    test = act.assessment
    return {
        "kind": act.kind,
        "about": act.about,
        "count": act.count,
        "whose": act.whose,
        "questions": test.questions if test else None,
        "minutes": test.minutes if test else None,
        "after": test.after.astimezone(UTC).isoformat() if test and test.after else None,
        "says": act_says(act, called, PLAIN),
    }


def in_short(acts: Sequence[Act], voice: Voice) -> str:
    """All of it in one line, such as “1 signed case and 3 questions (about 5 minutes)”; empty where it is nothing."""
    tests = [one.assessment for one in acts if one.assessment]
    kinds = (SIGN, WATCH, SEE, RECOGNISE)
    cases, watched, seen, learnt = (sum(one.count for one in acts if one.kind == kind) for kind in kinds)
    said = [
        voice.ngettext("%(n)s signed case", "%(n)s signed cases", cases, n=cases) if cases else "",
        voice.ngettext("%(n)s observation", "%(n)s observations", watched, n=watched) if watched else "",
        voice.ngettext("%(n)s document seen", "%(n)s documents seen", seen, n=seen) if seen else "",
        voice.ngettext("%(n)s proof from elsewhere", "%(n)s proofs from elsewhere", learnt, n=learnt) if learnt else "",
        _asked(sum(one.questions for one in tests), sum(one.minutes for one in tests), voice) if tests else "",
    ]
    *first, last = list(filter(None, said)) or [""]
    return voice.gettext("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last


def _asked(questions: int, minutes: int, voice: Voice) -> str:
    said = voice.ngettext("%(n)s question", "%(n)s questions", questions, n=questions)
    return voice.gettext("%(questions)s (about %(minutes)s minutes)", questions=said, minutes=minutes)


def act_says(act: Act, called: Mapping[str, str], voice: Voice) -> str:
    """What is to be done, in a sentence, and from when it can be."""
    if act.assessment:
        return _pass(act.assessment, voice)
    if act.kind == SIGN:
        return _sign(act, called, voice)
    title = called.get(act.about, act.about)
    if act.kind == WATCH:
        return voice.ngettext(
            "Observed by the form, and passed: %(title)s.",
            "Observed by the form, and passed %(n)s times more: %(title)s.",
            act.count,
            n=act.count,
            title=title,
        )
    if act.kind == RECOGNISE:
        return voice.gettext(
            "Somebody who manages the clinic sees that it was learnt elsewhere: %(title)s.", title=title
        )
    return voice.gettext("Somebody who manages the clinic sees it: %(title)s.", title=title)


def _pass(test: Assessment, voice: Voice) -> str:
    asked = _asked(test.questions, test.minutes, voice)
    said = [voice.gettext("Pass “%(title)s”: %(asked)s.", title=test.title, asked=asked)]
    if test.marking:
        said.append(voice.gettext("It was handed in, and people are marking it."))
    if test.after:
        said.append(voice.gettext("It can be begun from %(moment)s.", moment=voice.moment(test.after)))
    return " ".join(said)


def _sign(act: Act, called: Mapping[str, str], voice: Voice) -> str:
    part, count, level, signers = voice.gettext(PARTS[act.about]), act.count, act.level, act.signers
    if act.procedure:
        part = voice.gettext("%(title)s: %(status)s", title=called.get(act.procedure, act.procedure), status=part)
    said = [
        voice.ngettext(
            "%(part)s: %(n)s more case signed", "%(part)s: %(n)s more cases signed", count, part=part, n=count
        )
    ]
    if level:
        said.append(voice.gettext("at level %(level)s or above", level=level))
    if signers:
        said.append(
            voice.ngettext(
                "by %(n)s person at least who has signed none that counts",
                "by %(n)s people at least who have signed none that count",
                signers,
                n=signers,
            )
        )
    return ", ".join(said) + "."
