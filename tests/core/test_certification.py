"""Certification: its states and transitions, what renewing does, and that two implementations agree on any history."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from mesotrain.core.assertions import REVOKED, SUSPENDED, TEMPORARY, Period
from mesotrain.core.certificates import (
    CASES,
    CERTIFICATE,
    COMPETENCY,
    DOCUMENT,
    EXAM,
    SAFETY,
    Certificate,
    Edition,
    Exam,
    Path,
    Practice,
    Result,
    Shown,
)
from mesotrain.core.certification import (
    CERTIFIED,
    GOOD,
    STATES,
    Stage,
    held,
    history,
    issues,
    reasons,
    stage_on,
    stages,
    ways,
)
from mesotrain.core.clearance import (
    CLEARED,
    CONDITIONAL,
    NOT_CLEARED,
    REASONS,
    Facts,
    Meaning,
    Procedure,
    Reason,
    Source,
    clearance,
)
from mesotrain.core.competence import (
    EXPIRED,
    IN_GRACE,
    IN_PROGRESS,
    NOT_STARTED,
    RENEWAL_OPEN,
    Cases,
    Evidence,
    Rule,
    Span,
    spans,
)
from tests.core.certified_histories import a_day, certificate, disagreements, shown

LEAP = date(2028, 2, 29)
FIRST = Path("exam", "By exam", ("ASP",), ("registration",), (Exam("final", 6, ("adrenaline",)),))
RENEWAL = Path("", "Renewal", (), ("registration",), (Exam("short", 3),))
SUPERVISED = Meaning(CONDITIONAL, "only with a named supervisor on site")
CARD = Certificate("meso", "Mesotherapy", 24, 3, 1, (FIRST,), RENEWAL, {IN_GRACE: SUPERVISED})
ALWAYS = Period(date(2020, 1, 1))
PASS = Result("final", LEAP, frozenset({"adrenaline"}))
SOUND = Shown({"ASP": [Span("current", date(2027, 1, 1))]}, {"registration": [ALWAYS]}, [PASS])
A_DAY = timedelta(days=1)


def days(what: Shown, *editions: Edition) -> list[tuple[str, date]]:
    """Each state with the day it begins on."""
    return [(one.state, one.start) for one in stages(editions or [Edition(CARD, date.min)], what)]


def again(what: Shown, *results: Result) -> Shown:
    return replace(what, exams=[*what.exams, *results])


def test_two_implementations_agree_on_any_history() -> None:
    told: Counter[str] = Counter()
    assert list(disagreements(400, 7, told)) == []
    assert told.keys() == STATES.keys()


def test_the_states_follow_the_calendar_over_a_leap_day() -> None:
    """24 months from 29 February end on the 28th; three months before that the renewal opens, and a month is grace."""
    assert days(SOUND) == [
        (NOT_STARTED, date.min), (IN_PROGRESS, date(2027, 1, 1)), (CERTIFIED, LEAP),
        (RENEWAL_OPEN, date(2029, 11, 28)), (IN_GRACE, date(2030, 2, 28)), (EXPIRED, date(2030, 3, 28)),
    ]  # fmt: skip


def test_nothing_is_issued_before_every_gate_is_met_and_then_it_counts_from_the_exam() -> None:
    seen = LEAP + 40 * A_DAY
    late = replace(SOUND, documents={"registration": [Period(seen)]})
    (card,) = issues([Edition(CARD, date.min)], late)
    assert (card.start, card.rests, card.end) == (seen, LEAP, date(2030, 2, 28))
    assert issues([Edition(CARD, date.min)], replace(SOUND, competencies={})) == []
    assert issues([Edition(CARD, date.min)], replace(SOUND, exams=[replace(PASS, points=frozenset())])) == []
    too_late = replace(SOUND, documents={"registration": [Period(date(2028, 8, 29))]})
    assert issues([Edition(CARD, date.min)], too_late) == [], "the exam was six months old"


def test_early_renewal_goes_on_from_the_old_end_and_erases_nothing() -> None:
    early = again(SOUND, Result("short", date(2029, 12, 1)))
    first, second = history(issues([Edition(CARD, date.min)], early))
    assert (first.start, first.end) == (LEAP, date(2030, 2, 28))
    assert (second.start, second.rests, second.end) == (date(2029, 12, 1), date(2029, 12, 1), date(2032, 2, 28))
    assert second.renews
    assert not first.renews
    assert stage_on(stages([Edition(CARD, date.min)], early), date(2029, 11, 30)).issue == first
    assert stage_on(stages([Edition(CARD, date.min)], early), date(2029, 12, 1)).state == CERTIFIED


def test_a_renewal_before_its_window_is_none_and_in_grace_counts_from_its_own_day() -> None:
    assert days(again(SOUND, Result("short", date(2029, 11, 27)))) == days(SOUND)
    inside = again(SOUND, Result("short", date(2029, 11, 28)))
    assert issues([Edition(CARD, date.min)], inside)[-1].end == date(2032, 2, 28)
    in_grace = again(SOUND, Result("short", date(2030, 3, 27)))
    assert issues([Edition(CARD, date.min)], in_grace)[-1].end == date(2032, 3, 27)
    assert days(again(SOUND, Result("short", date(2030, 3, 28)))) == days(SOUND), "what has expired begins anew"


def test_what_has_expired_is_had_again_by_a_first_path() -> None:
    anew = again(SOUND, replace(PASS, day=date(2031, 5, 5)))
    assert days(anew)[-4:-2] == [(CERTIFIED, date(2031, 5, 5)), (RENEWAL_OPEN, date(2033, 2, 5))]
    assert (EXPIRED, date(2030, 3, 28)) in days(anew)


def test_what_was_issued_keeps_its_rule_when_another_is_in_force() -> None:
    shorter = replace(CARD, months=12, grace=0, paths=(replace(FIRST, exams=(Exam("other", 1),)),))
    change = date(2029, 1, 1)
    both = [Edition(CARD, date.min, change), Edition(shorter, change)]
    assert days(SOUND, *both) == days(SOUND)
    renewed = again(SOUND, Result("short", date(2029, 12, 1)))
    assert issues(both, renewed)[-1].end == date(2031, 2, 28), "a renewal is by the rule of its day"
    late = replace(SOUND, documents={"registration": [Period(change)]}, exams=[replace(PASS, day=date(2028, 9, 1))])
    assert issues(both, late) == [], "it was not all there while that path was in force"


def test_a_path_of_its_own_and_one_certificate_before_another() -> None:
    elsewhere = Path(
        "logbook", "By cases", practice=(Practice("face", Cases("supervised", 2, 1, 12)),), certificates=("base",)
    )
    card = replace(CARD, paths=(FIRST, elsewhere))
    cases = [Evidence("case", LEAP + at * A_DAY, at, case=f"c{at}", role="supervised", level=3, by=1) for at in (1, 2)]
    what = Shown(cases={"face": cases}, held={"base": [Period(LEAP)]})
    (issue,) = history(issues([Edition(card, date.min)], what))
    assert (issue.path, issue.start, issue.rests) == (elsewhere, LEAP + 2 * A_DAY, LEAP + 2 * A_DAY)
    assert issues([Edition(card, date.min)], replace(what, held={"base": [Period(date(2020, 1, 1), LEAP)]})) == []
    assert held(stages([Edition(card, date.min)], what)) == [
        Period(date(2028, 3, 2), date(2029, 12, 2)), Period(date(2029, 12, 2), date(2030, 3, 2)),
    ]  # fmt: skip


def test_suspended_is_for_as_long_as_it_is_said_and_the_calendar_goes_on() -> None:
    said = Period(date(2028, 5, 1), date(2028, 6, 1), "A complaint.", "Maya")
    found = stages([Edition(CARD, date.min)], replace(SOUND, suspended=[said]))
    assert [(one.state, one.start) for one in found[2:5]] == [
        (CERTIFIED, LEAP), (SUSPENDED, said.start), (CERTIFIED, date(2028, 6, 1)),
    ]  # fmt: skip
    assert found[3].said == said
    assert [(one.state, one.start) for one in found[5:]] == days(SOUND)[3:]


def test_revoked_takes_what_was_done_and_after_it_one_begins_anew() -> None:
    said = Period(date(2028, 5, 1), date(2028, 9, 1), "Signed for another.", "Maya")
    gone = replace(SOUND, revoked=[said])
    assert days(gone)[2:] == [(CERTIFIED, LEAP), (REVOKED, said.start), (IN_PROGRESS, date(2028, 9, 1))]
    during, after = replace(PASS, day=date(2028, 8, 31)), replace(PASS, day=date(2028, 9, 1))
    assert days(again(gone, during)) == days(gone)
    assert days(again(gone, after))[4] == (CERTIFIED, date(2028, 9, 1))
    assert len(history(issues([Edition(CARD, date.min)], gone))) == 1, "what was issued stays in the record"


def test_what_is_lent_is_always_told_as_such_and_never_hides_what_was_taken_away() -> None:
    said = Period(LEAP, date(2028, 5, 1), "Certified elsewhere.", "Maya")
    lent = replace(SOUND, exams=[], lent=[said])
    stage = stage_on(stages([Edition(CARD, date.min)], lent), LEAP)
    assert (stage.state, stage.temporary, stage.said, stage.end) == (CERTIFIED, True, said, said.end)
    assert held([stage]) == [], "it is no prerequisite"
    stopped = replace(lent, suspended=[Period(LEAP)])
    assert stage_on(stages([Edition(CARD, date.min)], stopped), LEAP).state == SUSPENDED
    assert not stage_on(stages([Edition(CARD, date.min)], replace(SOUND, lent=[said])), LEAP).temporary


def test_the_ways_that_are_open_say_what_is_there() -> None:
    part = replace(SOUND, exams=[replace(PASS, points=frozenset())], documents={})
    ((path, there),) = ways(CARD, part, stage_on(stages([Edition(CARD, date.min)], part), LEAP), LEAP)
    assert path == FIRST
    assert [(one.kind, one.about, one.met) for one in there] == [
        (COMPETENCY, "ASP", True), (DOCUMENT, "registration", False), (EXAM, "final", True), (SAFETY, "final", False),
    ]  # fmt: skip
    stage = stage_on(stages([Edition(CARD, date.min)], SOUND), date(2030, 3, 1))
    early = again(SOUND, Result("short", date(2029, 11, 27)))
    ((path, there),) = ways(CARD, early, stage, date(2030, 2, 1))
    assert path == RENEWAL
    assert [(one.kind, one.met) for one in there] == [(DOCUMENT, True), (EXAM, False)]
    ((_, there),) = ways(CARD, again(SOUND, Result("short", date(2029, 11, 28))), stage, date(2030, 2, 1))
    assert there[-1].met
    other = replace(
        CARD, paths=(Path("p", "P", practice=(Practice("face", Cases("observed", 2)),), certificates=("a",)),)
    )
    ((_, there),) = ways(other, SOUND, Stage(NOT_STARTED, date.min), LEAP)
    assert [(one.kind, one.met, one.progress and one.progress.cases) for one in there] == [
        (CASES, False, (0, 2)), (CERTIFICATE, False, None),
    ]  # fmt: skip


def asking(what: Shown, **more: object) -> Facts:
    asked = Procedure("face", "Face", ("ASP",), certificate="meso")
    sound = spans([Evidence("quiz passed", date(2027, 1, 1), 1)], Rule("v", 600, 0, 0))
    means = reasons(CARD, stages([Edition(CARD, date.min)], what))
    facts = Facts(asked, {}, {"ASP": sound}, {}, [ALWAYS], [ALWAYS], ALWAYS.start, certificate=means)
    return replace(facts, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "answer", "code", "until"),
    [
        (LEAP - A_DAY, NOT_CLEARED, IN_PROGRESS, None),
        (LEAP, CLEARED, CERTIFIED, date(2030, 2, 28)),
        (date(2030, 2, 27), CLEARED, RENEWAL_OPEN, date(2030, 2, 28)),
        (date(2030, 2, 28), CONDITIONAL, IN_GRACE, date(2030, 3, 28)),
        (date(2030, 3, 28), NOT_CLEARED, EXPIRED, None),
    ],
)
def test_each_state_means_for_clearance_what_the_scheme_says(
    on: date, answer: str, code: str, until: date | None
) -> None:
    found = clearance(asking(SOUND), on)
    assert (found.answer, found.until) == (answer, until)
    condition = SUPERVISED.condition if answer == CONDITIONAL else ""
    assert Reason(code, answer, "meso", condition, until=until) in found.reasons
    assert clearance(asking(SOUND, certificate=()), on).reasons[0] == Reason(NOT_STARTED, NOT_CLEARED, "meso")


def test_who_took_a_certificate_away_is_told_and_nothing_stands_in_for_it() -> None:
    said = Period(date(2028, 5, 1), None, "A complaint.", "Maya", 4)
    for name, code in (("suspended", SUSPENDED), ("revoked", REVOKED)):
        found = clearance(asking(replace(SOUND, **{name: [said]}), transitional=[ALWAYS]), said.start)
        assert found.answer == NOT_CLEARED
        told = (Source(code, 4, said.start, "Maya"),)
        assert found.reasons[0] == Reason(code, NOT_CLEARED, said.about, said=said, evidence=told)
        assert code in REASONS
    expired = clearance(asking(SOUND, transitional=[ALWAYS]), date(2031, 1, 1))
    assert (expired.answer, expired.transitional) == (CLEARED, True)
    lent = clearance(asking(replace(SOUND, lent=[replace(said, start=date(2031, 1, 1))])), date(2031, 1, 1))
    assert (lent.answer, lent.reasons[0].code) == (CLEARED, TEMPORARY)
    assert lent.transitional, "it is shown as what somebody gave for a time"


RANK = {CERTIFIED: 2, RENEWAL_OPEN: 2, IN_GRACE: 1}


def test_taking_away_what_speaks_for_somebody_improves_nothing() -> None:
    """Of cases, where none of the last has to reach a level."""
    removed: Counter[str] = Counter()
    for seed in range(250):
        chance = Random(seed)
        rules, what = [Edition(certificate(chance), date.min)], replace(shown(chance), suspended=(), revoked=())
        on = max(a_day(chance), a_day(chance))

        def rank(what: Shown) -> int:
            return RANK.get(stage_on(stages(rules, what), on).state, 0)  # noqa: B023

        fewer = {
            "exam": [replace(what, exams=[*what.exams[:at], *what.exams[at + 1 :]]) for at in range(len(what.exams))],
            "document": [replace(what, documents={})],
            "competency": [replace(what, competencies={})],
            "certificate": [replace(what, held={})],
            "case": [
                replace(what, cases={"face": [*cases[:at], *cases[at + 1 :]]})
                for cases in what.cases.values()
                for at in range(len(cases))
                if cases[at].level and [one.case for one in cases].count(cases[at].case) == 1
            ],
        }
        for kind, others in fewer.items():
            for other in others:
                assert rank(other) <= rank(what), (seed, kind)
                removed[kind] += rank(other) < rank(what)
    assert min(removed[kind] for kind in ("exam", "document", "competency", "certificate", "case")) > 0


def test_only_the_calendar_and_named_people_end_what_is_held() -> None:
    for seed in range(200):
        chance = Random(seed)
        rules, what = [Edition(certificate(chance), date.min)], shown(chance)
        found = stages(rules, what)
        said = {one.start for one in (*what.suspended, *what.revoked)} | {one.end for one in what.lent}
        ends = {one.end for one in issues(rules, what)}
        for one in found:
            if one.state in GOOD and one.end and stage_on(found, one.end).state not in GOOD:
                assert one.end in ends | said
