"""Clearance: the worst reason decides, unknown is never yes, and two implementations agree on any history."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from mesotrain.core.assertions import Period, Product
from mesotrain.core.clearance import (
    CLEARED,
    CONDITIONAL,
    NOT_CLEARED,
    REASONS,
    UNKNOWN,
    WORST_FIRST,
    Facts,
    Meaning,
    Procedure,
    Reason,
    Source,
    clearance,
)
from mesotrain.core.competence import (
    HELD,
    IN_GRACE,
    STATES,
    Cases,
    Evidence,
    Observations,
    Passed,
    PointsMet,
    Progress,
    Rule,
    spans,
    standing,
)
from tests.core.histories import CODES, DAYS, FIRST, disagreements, evidence, facts, observed, rule

MONDAY = date(2027, 3, 1)
RULE = Rule("v", 12, 60, 30)
SUPERVISED = Meaning(CONDITIONAL, "only with a named supervisor on site")
PASSES = [Evidence("quiz passed", MONDAY, 1, version="3fa9")]
PASSED = spans(PASSES, RULE)
ENDS = date(2028, 3, 1)
ALWAYS = (Period(date(2020, 1, 1)),)
SOUND = Facts(
    Procedure("face", "Facial mesotherapy", ("ASP",), ("registration",)),
    {IN_GRACE: SUPERVISED},
    {"ASP": PASSED},
    {"registration": [Period(MONDAY, date(2029, 1, 1), "", "Maya", 9)]},
    ALWAYS,
    ALWAYS,
    MONDAY,
    histories={"ASP": (PASSES, RULE)},
)


def test_two_implementations_agree_on_any_history() -> None:
    told: Counter[str] = Counter()
    assert list(disagreements(1500, 7, told)) == []
    assert told.keys() >= {*WORST_FIRST, *STATES}


def test_what_is_cleared_says_why_and_until_when() -> None:
    found = clearance(SOUND, MONDAY)
    assert (found.answer, found.until, found.conditions) == (CLEARED, ENDS, ())
    seen, passed = Source("document", 9, MONDAY, "Maya"), Source("quiz passed", 1, MONDAY, "", "3fa9")
    assert found.reasons == (
        Reason("document seen", CLEARED, "registration", until=date(2029, 1, 1), evidence=(seen,)),
        Reason("current", CLEARED, "ASP", until=ENDS, evidence=(passed,)),
    )


def bare(reason: Reason) -> Reason:
    """The same without what it rests on."""
    return replace(reason, said=None, until=None, evidence=())


def test_in_grace_is_what_the_scheme_says() -> None:
    found = clearance(SOUND, ENDS)
    assert (found.answer, found.conditions) == (CONDITIONAL, ("only with a named supervisor on site",))
    assert found.until == ENDS + timedelta(days=30)
    assert clearance(SOUND, found.until).answer == NOT_CLEARED
    assert clearance(replace(SOUND, meanings={}), ENDS).answer == NOT_CLEARED


NEEDS = replace(SOUND.procedure, products=("Needed",)) if SOUND.procedure else None
BEFORE = Period(date(2020, 1, 1), MONDAY)
WRONG = [
    ({"procedure": None}, UNKNOWN, "no rule", ""),
    ({"procedure": Procedure("face", "Face", (), ("registration",))}, UNKNOWN, "no rule", ""),
    ({"in_use": None}, UNKNOWN, "not in use", ""),
    ({"in_use": MONDAY + timedelta(days=1)}, UNKNOWN, "not in use", ""),
    ({"works_here": ()}, NOT_CLEARED, "not here", ""),
    ({"works_here": [BEFORE]}, NOT_CLEARED, "not here", ""),
    ({"offered": [Period(MONDAY + timedelta(days=1))]}, NOT_CLEARED, "not offered", ""),
    ({"stops": [Period(MONDAY, None, "lot 12")]}, NOT_CLEARED, "stopped", "lot 12"),
    ({"documents": {}}, NOT_CLEARED, "document not seen", "registration"),
    ({"documents": {"registration": [BEFORE]}}, NOT_CLEARED, "document ran out", "registration"),
    ({"standings": {}}, NOT_CLEARED, "not started", "ASP"),
    ({"standings": {"ASP": spans([Evidence("quiz not passed", MONDAY, 1)], RULE)}}, NOT_CLEARED, "in progress", "ASP"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "answer", "code", "about"), WRONG)
def test_one_thing_that_is_wrong_is_enough(changes: dict[str, object], answer: str, code: str, about: str) -> None:
    found = clearance(replace(SOUND, **changes), MONDAY)  # type: ignore[arg-type]
    assert (found.answer, found.until) == (answer, None)
    assert bare(found.reasons[0]) == Reason(code, answer, about)
    assert code in REASONS or code in STATES


def product(name: str = "Lipo-X", lot: str = "") -> Product:
    return Product(MONDAY, None, "A recall.", "Maya", 1, name=name, lot=lot)


@pytest.mark.parametrize(
    ("stopped", "condition"),
    [
        (product(), "not with Lipo-X"),
        (product(lot="12B"), "not with Lipo-X, lot 12B"),
        (product("Needed", "12B"), "not with Needed, lot 12B"),
    ],
)
def test_a_product_that_is_stopped_is_a_condition_to_act_on(stopped: Product, condition: str) -> None:
    found = clearance(replace(SOUND, products=[stopped], procedure=NEEDS), MONDAY)
    assert (found.answer, found.conditions) == (CONDITIONAL, (condition,))
    ended = replace(stopped, end=MONDAY)
    assert clearance(replace(SOUND, products=[ended]), MONDAY).answer == CLEARED
    assert "lifted" in [one.code for one in clearance(replace(SOUND, products=[ended]), MONDAY).reasons]
    later = replace(stopped, start=MONDAY + timedelta(days=3))
    assert clearance(replace(SOUND, products=[later]), MONDAY).until == later.start


def test_a_procedure_that_needs_what_is_stopped_is_not_cleared() -> None:
    found = clearance(replace(SOUND, products=[product("NEEDED")], procedure=NEEDS), MONDAY)
    assert (found.answer, found.reasons[0].code) == (NOT_CLEARED, "product needed")
    assert clearance(Facts(None, products=[product()]), MONDAY).answer == UNKNOWN


def test_a_stop_that_was_lifted_is_told_of_on_the_day_it_was() -> None:
    lifted, next_day = Period(MONDAY, MONDAY, "A slip.", "Maya", 7), MONDAY + timedelta(days=1)
    found = clearance(replace(SOUND, stops=[lifted]), MONDAY)
    assert found.answer == CLEARED
    told = (Source("stop", 7, MONDAY, "Maya"),)
    assert Reason("lifted", CLEARED, "A slip.", said=lifted, evidence=told) in found.reasons
    after = clearance(replace(SOUND, stops=[replace(lifted, start=MONDAY - timedelta(days=2))]), MONDAY)
    assert "lifted" in [one.code for one in after.reasons]
    assert clearance(replace(SOUND, stops=[lifted]), next_day).reasons == clearance(SOUND, next_day).reasons


def test_what_was_learnt_elsewhere_counts_until_it_is_too_old_and_beside_nothing_else() -> None:
    learnt = Period(MONDAY, date(2027, 9, 1), "The certificate of the course; St Anne.", "Maya", 7)
    facts = replace(SOUND, standings={}, prior={"ASP": [learnt]})
    found = clearance(facts, MONDAY)
    told = (Source("prior learning", 7, MONDAY, "Maya"),)
    assert (found.answer, found.until) == (CLEARED, learnt.end)
    assert Reason("learnt elsewhere", CLEARED, "ASP", until=learnt.end, evidence=told) in found.reasons
    assert clearance(facts, date(2027, 9, 1)).reasons[0].code == "not started"
    assert clearance(replace(SOUND, prior={"ASP": [learnt]}), MONDAY).reasons == clearance(SOUND, MONDAY).reasons
    lapsed = clearance(replace(SOUND, prior={"ASP": [replace(learnt, start=ENDS, end=None)]}), ENDS)
    assert (lapsed.answer, lapsed.reasons[-1].code) == (CLEARED, "learnt elsewhere")
    longer = replace(learnt, end=date(2029, 1, 1))
    two = clearance(replace(SOUND, prior={"ASP": [learnt, longer]}), MONDAY)
    assert [one.until for one in two.reasons if one.code == "current"] == [longer.end], "it goes on by the other"


def test_what_is_known_to_be_wrong_outweighs_what_is_not_known() -> None:
    meanings = {IN_GRACE: Meaning(UNKNOWN)}
    assert clearance(replace(SOUND, meanings=meanings), ENDS).answer == UNKNOWN
    assert clearance(replace(SOUND, meanings=meanings, stops=ALWAYS), ENDS).answer == NOT_CLEARED


def test_a_transitional_clearance_stands_in_for_no_document_and_is_shown() -> None:
    signed = Period(MONDAY, date(2027, 6, 1), "Ten years of it.", "Dr Ames", 8)
    asked = replace(SOUND, standings={}, transitional=[signed])
    found = clearance(asked, MONDAY)
    assert (found.answer, found.until) == (CLEARED, signed.end)
    told = (Source("transition", 8, MONDAY, "Dr Ames"),)
    reason = Reason("transitional", CLEARED, signed.about, said=signed, until=signed.end, evidence=told)
    assert reason in found.reasons
    assert found.transitional
    assert not clearance(replace(SOUND, transitional=[signed]), MONDAY).transitional
    assert clearance(replace(asked, documents={}), MONDAY).answer == NOT_CLEARED
    assert clearance(replace(SOUND, transitional=[signed]), MONDAY).reasons == clearance(SOUND, MONDAY).reasons


FIVE = Cases("supervised", 3, supervisors=2, months=24, level=3, last=2)


def signed(number: int, day: date, level: int = 3, by: int = 1, role: str = "supervised") -> Evidence:
    return Evidence("case", day, number, case=f"c{number}", role=role, level=level, by=by)


def practising(*cases: Evidence, means: Meaning = SUPERVISED) -> Facts:
    asked = Procedure("face", "Face", ("ASP",), practice=(FIVE,), unpractised=means)
    return replace(SOUND, procedure=asked, cases=cases)


def test_practice_that_is_not_all_there_is_what_the_scheme_says_and_counts_what_there_is() -> None:
    cases = [signed(1, MONDAY, 2), signed(2, MONDAY), signed(3, MONDAY, by=2), signed(4, MONDAY, role="observed")]
    for many, progress in ((0, ((0, 3), (0, 2), (0, 2), 3)), (2, ((2, 3), (1, 2), (1, 2), 3))):
        found = clearance(practising(*cases[:many]), MONDAY)
        assert (found.answer, found.conditions) == (CONDITIONAL, (SUPERVISED.condition,))
        reason = found.reasons[0]
        assert bare(reason) == Reason("not practised", CONDITIONAL, "supervised", SUPERVISED.condition, progress)
        assert [one.sequence for one in reason.evidence] == [1, 2][:many]
    whole = clearance(practising(*cases), MONDAY)
    assert whole.answer == CLEARED
    assert whole.reasons[-1].progress == ((3, 3), (2, 2), (2, 2), 3)
    assert clearance(practising(*cases[:2], means=Meaning(NOT_CLEARED)), MONDAY).answer == NOT_CLEARED
    barred = clearance(replace(practising(), stops=ALWAYS), MONDAY)
    assert (barred.answer, barred.conditions) == (NOT_CLEARED, ()), "no condition clears who is stopped"


def test_a_case_that_did_not_reach_the_level_counts_for_nothing_and_against_the_last() -> None:
    cases = [signed(1, MONDAY), signed(2, MONDAY), signed(3, MONDAY, by=2)]
    later = MONDAY + timedelta(days=1)
    failed = signed(4, later, level=0)
    assert clearance(practising(*cases, failed), MONDAY).until == later
    assert clearance(practising(*cases, failed), later).answer == CONDITIONAL
    assert clearance(practising(*cases[:2], signed(3, MONDAY, level=0, by=2)), MONDAY).answer == CONDITIONAL
    better = [signed(number, later + timedelta(days=1)) for number in (5, 6)]
    assert clearance(practising(*cases, failed, *better), better[0].day).answer == CLEARED


def test_practice_is_asked_for_from_its_day_on_and_until_says_so() -> None:
    begins = MONDAY + timedelta(days=60)
    asked = practising()
    assert asked.procedure
    asked = replace(asked, procedure=replace(asked.procedure, practised_from=begins))
    found = clearance(asked, MONDAY)
    assert (found.answer, found.until) == (CLEARED, begins)
    assert clearance(asked, begins).answer == CONDITIONAL


def test_the_same_case_signed_twice_is_one_case_and_two_signers() -> None:
    twice = replace(signed(1, MONDAY, by=2), sequence=9)
    found = clearance(practising(signed(1, MONDAY), twice, signed(2, MONDAY)), MONDAY)
    assert found.reasons[0].progress == ((2, 3), (2, 2), (2, 2), 3)


def test_practice_grows_old_and_a_transitional_clearance_stands_in_for_it() -> None:
    cases = [signed(1, MONDAY), signed(2, MONDAY), signed(3, MONDAY, by=2)]
    ends = date(2029, 3, 1)
    asked = replace(
        practising(*cases), standings={"ASP": spans([Evidence("quiz passed", MONDAY, 1)], Rule("v", 99, 0, 0))}
    )
    assert clearance(asked, MONDAY).until == ends
    assert clearance(asked, ends).reasons[0].progress == ((0, 3), (0, 2), (2, 2), 3)
    found = clearance(replace(asked, cases=(), transitional=[Period(MONDAY, None, "Dr Ames")]), MONDAY)
    assert (found.answer, [one.code for one in found.reasons]) == (CLEARED, ["transitional", "current"])


LONG_AGO = replace(
    SOUND, standings={"ASP": spans([Evidence("quiz passed", FIRST, 1)], Rule("v", 99, 0, 0))}, in_use=FIRST
)


def test_taking_away_what_speaks_for_somebody_improves_nothing() -> None:
    """Outside the last n, of which a low one that goes lets an older one in."""
    moved = 0
    for seed in range(300):
        chance = Random(seed)
        logged = [evidence(chance, at) for at in range(12)]
        cases = [replace(one, level=max(one.level, 1)) for one in logged if one.kind == "case"]
        need = Cases("supervised", chance.randint(1, 3), chance.randint(1, 2), chance.choice([None, 1, 2]))
        asked = Procedure("face", "Face", ("ASP",), practice=(need,), unpractised=SUPERVISED)
        facts = replace(LONG_AGO, procedure=asked, cases=cases)
        on = FIRST + timedelta(days=chance.randrange(DAYS))
        whole = WORST_FIRST.index(clearance(facts, on).answer)
        for place in range(len(cases)):
            fewer = replace(facts, cases=cases[:place] + cases[place + 1 :])
            found = WORST_FIRST.index(clearance(fewer, on).answer)
            assert found <= whole
            moved += found < whole
    assert moved > 5


TRAY = Observations("tray", 2, months=12)


def watched(*seen: Evidence, means: Meaning = SUPERVISED) -> Facts:
    asked = Procedure("face", "Face", ("ASP",), observations=(TRAY,), unobserved=means)
    return replace(SOUND, procedure=asked, observations=seen)


def seen(number: int, day: date, kind: str = "observation passed", form: str = "tray") -> Evidence:
    return Evidence(kind, day, number, form=form)


def test_what_was_not_watched_is_what_the_scheme_says_and_counts_what_there_is() -> None:
    passed = [seen(1, MONDAY), seen(2, MONDAY, form="consent"), seen(3, MONDAY)]
    for many, there in ((0, 0), (2, 1)):
        found = clearance(watched(*passed[:many]), MONDAY)
        assert found.conditions == (SUPERVISED.condition,)
        progress = Progress((there, 2))
        assert bare(found.reasons[0]) == Reason("not observed", CONDITIONAL, "tray", SUPERVISED.condition, progress)
        assert clearance(watched(*passed[:many], means=Meaning(NOT_CLEARED)), MONDAY).answer == NOT_CLEARED
    whole = clearance(watched(*passed), MONDAY)
    assert (whole.answer, bare(whole.reasons[-1])) == (
        CLEARED,
        Reason("observed", CLEARED, "tray", progress=Progress((2, 2))),
    )
    assert [one.sequence for one in whole.reasons[-1].evidence] == [1, 3]
    assert whole.reasons[-1].until == date(2028, 3, 1)


def test_the_latest_observations_decide_and_one_not_passed_is_outweighed_by_as_many_as_are_asked_for() -> None:
    later, passed = MONDAY + timedelta(days=1), [seen(1, MONDAY), seen(2, MONDAY)]
    failed = seen(3, later, "observation not passed")
    assert clearance(watched(*passed, failed), MONDAY).until == later
    assert clearance(watched(*passed, failed), later).reasons[0].progress == Progress((1, 2))
    assert clearance(watched(*passed, failed, seen(4, later)), later).answer == CONDITIONAL
    assert clearance(watched(*passed, failed, seen(4, later), seen(5, later)), later).answer == CLEARED


def test_an_observation_grows_old_and_is_asked_for_from_its_day_on() -> None:
    asked = replace(
        watched(seen(1, MONDAY), seen(2, MONDAY + timedelta(days=9))),
        standings={"ASP": spans([Evidence("quiz passed", MONDAY, 1)], Rule("v", 99, 0, 0))},
    )
    assert clearance(asked, MONDAY + timedelta(days=9)).until == ENDS
    assert clearance(asked, ENDS).answer == CONDITIONAL
    assert asked.procedure
    begins = MONDAY + timedelta(days=60)
    none = replace(asked, procedure=replace(asked.procedure, observed_from=begins), observations=())
    assert (clearance(none, MONDAY).answer, clearance(none, MONDAY).until) == (CLEARED, begins)
    gone_on = replace(none, transitional=[Period(MONDAY, None, "Dr Ames")])
    assert [one.code for one in clearance(gone_on, begins).reasons] == ["transitional", "current"]


def test_taking_away_an_observation_that_was_passed_improves_nothing() -> None:
    moved = 0
    for seed in range(600):
        chance = Random(seed)
        made = [observed(chance, at) for at in range(6)]
        need = Observations("tray", chance.randint(1, 2), chance.choice([None, 1, 2]))
        asked = Procedure("face", "Face", ("ASP",), observations=(need,), unobserved=SUPERVISED)
        facts = replace(LONG_AGO, procedure=asked, observations=made)
        on = FIRST + timedelta(days=chance.randrange(DAYS))
        whole = WORST_FIRST.index(clearance(facts, on).answer)
        for one in made:
            if one.kind == "observation passed":
                fewer = replace(facts, observations=[other for other in made if other is not one])
                found = WORST_FIRST.index(clearance(fewer, on).answer)
                assert found <= whole
                moved += found < whole
    assert moved > 5


def test_until_is_the_first_worse_day() -> None:
    for seed in range(300):
        chance = Random(seed)
        histories = {
            code: ([evidence(chance, at) for at in range(chance.randint(3, 14))], rule(chance)) for code in CODES
        }
        asked, on = facts(chance, histories), FIRST + timedelta(days=chance.randrange(DAYS))
        found = clearance(asked, on)
        rank = WORST_FIRST.index(found.answer)
        ahead = (on + timedelta(days=step) for step in range(1, 400))
        worse = (day for day in ahead if WORST_FIRST.index(clearance(asked, day).answer) < rank)
        assert found.until == (next(worse, None) if found.answer in (CLEARED, CONDITIONAL) else None)


PARTS = [
    {*STATES, "learnt elsewhere"},
    {"document seen", "document not seen", "document ran out"},
    {"practised", "not practised"},
]


def worse_by_itself(reason: Reason, days: Iterable[tuple[date, Sequence[Reason]]]) -> date | None:
    """The first of these days on which this part of the answer is worse."""
    (part,) = (one for one in PARTS if reason.code in one)
    for day, reasons in days if reason.answer in (CLEARED, CONDITIONAL) else ():
        then = next(one for one in reasons if one.code in part and one.about == reason.about)
        if WORST_FIRST.index(then.answer) < WORST_FIRST.index(reason.answer):
            return day
    return None


def test_each_reason_says_the_first_day_on_which_it_is_worse_by_itself() -> None:
    seen: Counter[str] = Counter()
    for seed in range(150):
        chance = Random(seed)
        histories = {
            code: ([evidence(chance, at) for at in range(chance.randint(3, 14))], rule(chance)) for code in CODES
        }
        asked, on = facts(chance, histories), FIRST + timedelta(days=chance.randrange(DAYS))
        practice = (Cases("supervised", 1, 1, 2),)
        procedure = asked.procedure and replace(asked.procedure, practice=practice, certificate="")
        asked = replace(asked, procedure=procedure, transitional=(), stops=(), coming=None)
        days = (on + timedelta(days=step) for step in range(1, 200))
        ahead = [(day, clearance(asked, day).reasons) for day in days]
        for one in clearance(asked, on).reasons:
            if any(one.code in part for part in PARTS):
                assert (one.until, seed) == (worse_by_itself(one, ahead), seed)
                seen[one.code] += one.until is not None
    assert seen.keys() >= {"current", "in grace", "document seen", "practised"}
    assert min(seen[code] for code in ("current", "in grace", "document seen", "practised")) > 0


def test_the_evidence_that_is_named_is_enough_and_no_more_than_is_asked_for() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(400):
        chance = Random(seed)
        history, asked = [evidence(chance, at) for at in range(chance.randint(1, 14))], rule(chance)
        on = FIRST + timedelta(days=chance.randrange(DAYS))
        there = [one for one in history if one.day <= on]
        rests = asked.rests_on(there)
        state = standing(spans(history, asked), on).state
        assert bool(rests) == any(one.withdrawn is None for one in there)
        if state in HELD:
            assert standing(spans(rests, asked), on).state in HELD
            asks = 1 + sum(
                len(one.points) if isinstance(one, PointsMet) else one.count + one.supervisors + one.last
                for one in asked.needs
                if not isinstance(one, Passed)
            )
            assert len(rests) <= asks
        kinds.update(one.kind for one in rests)
    assert kinds.keys() == {"quiz passed", "quiz not passed", "safety point met", "case"}


def better(one: str, than: str) -> bool:
    rank = {state: at for at, state in enumerate(("none", IN_GRACE, *HELD))}
    return min(rank.get(one, 0), 2) > min(rank.get(than, 0), 2)


def test_removing_what_speaks_for_somebody_never_improves_a_status() -> None:
    """Of cases, one that is not among those whose level counts, and the only record of its case."""
    removed: Counter[str] = Counter()
    for seed in range(1500):
        chance = Random(seed)
        history, asked = [evidence(chance, at) for at in range(chance.randint(3, 14))], rule(chance)
        on = FIRST + timedelta(days=chance.randrange(DAYS))
        before = standing(spans(history, asked), on).state
        for one in history:
            if one.kind == "quiz not passed" or (
                one.kind == "case" and any(getattr(need, "last", 0) for need in asked.needs)
            ):
                continue
            after = standing(spans([other for other in history if other is not one], asked), on).state
            assert not better(after, before), (seed, one)
            removed[one.kind] += after != before
    assert removed.keys() == {"quiz passed", "safety point met", "case"}
    assert min(removed.values()) > 5
