"""The shortest way to green: carried out it clears, nothing smaller does, and where nothing does it says why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations
from random import Random
from typing import Any

import pytest

from mesotrain.core.assertions import Period
from mesotrain.core.clearance import CLEARED, CONDITIONAL, Facts, Meaning, Procedure, clearance
from mesotrain.core.competence import Cases, Evidence, Observations, Rule, spans
from mesotrain.core.ways import PASS, RECOGNISE, SEE, SIGN, WATCH, Act, Assessment, Way, way
from tests.core.histories import a_day, apart, evidence, observed, periods
from tests.core.second_standing import answer, state
from tests.core.test_clearance import ALWAYS, FIVE, MONDAY, SOUND, practising, signed

CODES, PARTS, PAPERS = ("ANA", "ASP", "CAL", "EMG"), ("observed", "supervised"), ("id", "licence")
History = tuple[tuple[Evidence, ...], Rule]


def paper(name: str, *proves: str, questions: int = 10, minutes: int = 15, **more: Any) -> Assessment:
    return Assessment("tiny", name, name, frozenset(proves), questions, minutes, **more)


def found(facts: Facts, assessments: Sequence[Assessment] = (), on: date = MONDAY) -> Way:
    return way(facts, clearance(facts, on).reasons, on, assessments)


# By chance ------------------------------------------------------------------------------------------------------------


def asked_by_chance(chance: Random) -> tuple[Facts, dict[str, History], list[Assessment]]:
    codes = chance.sample(CODES, chance.randint(1, 4))
    histories = {
        code: (
            tuple(evidence(chance, at) for at in range(chance.choice([0, 0, 6]))),
            Rule("v", chance.randint(1, 4), chance.choice([0, 40]), chance.choice([0, 40])),
        )
        for code in codes
    }
    needs = [
        Cases(
            role,
            chance.randint(0, 3),
            chance.randint(0, 3),
            chance.choice([None, 1, 2]),
            chance.randint(0, 3),
            chance.randint(0, 3),
        )
        for role in PARTS
        if chance.random() < 0.5
    ]
    needs += [replace(one, count=1, last=2, level=2) for one in needs if chance.random() < 0.2]
    logged = [evidence(chance, at) for at in range(chance.choice([0, 6, 14]))]
    means, other = Meaning(chance.choice(["not cleared", "conditional"])), apart(chance)
    papers = PAPERS[: chance.randint(0, 2)]
    watched = [Observations("tray", other.randint(1, 3), other.choice([None, 1, 2]))] if other.random() < 0.4 else []
    facts = Facts(
        Procedure("face", "Face", tuple(codes), papers, "", tuple(needs), means, observations=tuple(watched)),
        chance.choice([{}, {"in grace": Meaning("conditional", "with somebody")}, {"in grace": Meaning("cleared")}]),
        {code: spans(*of) for code, of in histories.items()},
        {one: periods(chance, 0.5) for one in papers},
        ALWAYS,
        ALWAYS,
        date(2020, 1, 1),
        periods(chance, 0.05),
        periods(chance, 0.1),
        [one for one in logged if one.kind == "case" and one.withdrawn is None],
        prior={code: periods(other, 0.2) for code in codes if other.random() < 0.6},
        observations=[observed(other, at) for at in range(other.choice([0, 3, 6]))],
    )
    tests = [
        paper(f"q{at}", *chance.sample(CODES, many), minutes=chance.randint(1, 20) * many**2)
        for at, many in enumerate(chance.choices([1, 1, 1, 2, 4], k=chance.randint(3, 5)))
    ]
    return facts, histories, tests


@cache
def status(history: tuple[Evidence, ...], rule: Rule, on: date, passed: bool) -> str:
    return state([*history, *([Evidence("quiz passed", on, 10**6)] if passed else [])], rule, on)


def carried_out(facts: Facts, histories: dict[str, History], done: Sequence[Act], on: date) -> str:
    """The answer after these acts, each recorded as evidence of that day, by the rule that was written apart."""
    proved = {code for act in done if act.assessment for code in act.assessment.proves}
    states = {code: status(*of, on, code in proved) for code, of in histories.items()}
    seen = {act.about: [Period(on)] for act in done if act.kind == SEE}
    cases = [
        Evidence("case", on, 10**6 + at, case=f"new {at}", role=act.about, level=max(act.level, 1), by=signer)
        for at, act, signer in new_cases(done)
    ]
    learnt = {act.about: [Period(on)] for act in done if act.kind == RECOGNISE}
    facts = replace(facts, observations=[*facts.observations, *watched(done, on)])
    documents, prior = {**facts.documents, **seen}, {**facts.prior, **learnt}
    return answer(replace(facts, documents=documents, prior=prior, cases=[*facts.cases, *cases]), states, on)


def watched(done: Sequence[Act], on: date) -> Iterator[Evidence]:
    """The observations of these acts, passed."""
    for act in done:
        for number in range(act.count if act.kind == WATCH else 0):
            yield Evidence("observation passed", on, 10**6 + number, form=act.about)


def new_cases(done: Sequence[Act]) -> Iterator[tuple[int, Act, int]]:
    """(number, its act, who signs): so many new people as the act says; the rest nobody else."""
    for at, act in enumerate(done):
        for number in range(act.count if act.kind == SIGN else 0):
            first = 1000 + 100 * at if act.signers else 1
            yield at * 100 + number, act, first + number if number < act.signers else first


def candidates(facts: Facts, tests: Sequence[Assessment]) -> list[Act]:
    """Single acts that may be of use, cases as good as they can be; at most twelve."""
    assert facts.procedure
    cases = [
        Act(SIGN, role, 1, None, 3, 1) for role in {one.role for one in facts.procedure.practice} for _ in range(3)
    ]
    acts = [Act(PASS, one.module, assessment=one) for one in tests] + [
        Act(SEE, one) for one in facts.procedure.documents
    ]
    watched = [Act(WATCH, need.form) for need in facts.procedure.observations for _ in range(need.count)]
    return [*acts, *(Act(RECOGNISE, code) for code in facts.prior), *watched, *cases][:12]


def test_carried_out_it_clears_and_nothing_smaller_does() -> None:
    seen: Counter[str] = Counter()
    for seed in range(90):
        chance = Random(f"way {seed}")
        (facts, histories, tests), on = asked_by_chance(chance), a_day(chance)
        shortest, single = found(facts, tests, on), candidates(facts, tests)
        if not (shortest.acts or shortest.bars):
            assert carried_out(facts, histories, (), on) == CLEARED, seed
        for acts in filter(None, (shortest.acts, shortest.quicker)):
            assert carried_out(facts, histories, acts, on) == CLEARED, (seed, acts)
        size = len(single) + 1 if shortest.bars else sum(one.count for one in shortest.acts)
        for fewer in range(size):
            for some in combinations(single, fewer):
                assert carried_out(facts, histories, some, on) != CLEARED, (seed, shortest, some)
        told = {one.kind for one in shortest.acts} | {"quicker" if shortest.quicker else "", f"{size} acts"}
        seen.update(told | {one.code for one in shortest.bars})
    assert (
        min(seen[one] for one in (PASS, SIGN, WATCH, SEE, RECOGNISE, "quicker", "stopped", "2 acts", "5 acts")) > 2
    ), seen


# One by one -----------------------------------------------------------------------------------------------------------


def case(*levels: int, by: int = 1, role: str = "supervised") -> list[Evidence]:
    """Signed cases of these levels, the newest last."""
    return [signed(at, MONDAY - timedelta(days=20 - at), level, by, role) for at, level in enumerate(levels, 1)]


@pytest.mark.parametrize(
    ("cases", "count", "signers"),
    [
        ([], 3, 2),
        (case(3), 2, 1),
        (case(3, 3, 3), 1, 1),
        ([*case(3, 3, by=2), signed(9, MONDAY)], 0, 0),
        ([*case(3, 3, 3, by=2), signed(9, MONDAY, 2)], 2, 0),
        ([*case(3, 3, 3, by=2), signed(9, MONDAY, 0)], 2, 1),
        ([signed(9, MONDAY - timedelta(days=1), by=2), *case(3, 2)], 1, 0),
        ([signed(1, date(2025, 3, 1)), *case(3, 3, by=2)], 1, 1),
        (case(3, 3, 3, role="observed"), 3, 2),
    ],
    ids=[
        "none",
        "one",
        "one signer",
        "whole",
        "newest low",
        "newest failed",
        "a low one leaves",
        "one too old",
        "other part",
    ],
)
def test_cases_are_as_many_as_the_rule_lacks(cases: list[Evidence], count: int, signers: int) -> None:
    """Of three, by two people, in 24 months, the last two at level 3."""
    acts = found(practising(*cases)).acts
    assert acts == ((Act(SIGN, "supervised", count, level=3, signers=signers),) if count else ())


def test_a_document_is_seen_again_and_a_pass_proves_what_is_not_held() -> None:
    unseen = replace(SOUND, documents={}, standings={})
    quiz = paper("asepsis", "ASP")
    assert found(unseen, [paper("other", "EMG"), quiz]).acts == (
        Act(PASS, "asepsis", assessment=quiz),
        Act(SEE, "registration"),
    )
    assert [one.whose for one in found(unseen, [quiz]).acts] == ["trainee", "manager"]
    assert [one.whose for one in found(practising()).acts] == ["supervisor"]
    assert found(SOUND, [quiz]) == Way()


def wanting(*codes: str) -> Facts:
    return replace(SOUND, procedure=Procedure("face", "Face", codes))


def test_one_exam_is_fewer_than_two_quizzes_and_they_are_told_where_they_are_quicker() -> None:
    exam = paper("exam", "EMG", "CAL", "ANA", minutes=90)
    quizzes = [paper("emg", "EMG"), paper("cal", "CAL"), paper("ana", "ANA", minutes=70)]
    shortest = found(wanting("EMG", "CAL"), [exam, *quizzes])
    assert [one.about for one in shortest.acts] == ["exam"]
    assert [one.about for one in shortest.quicker] == ["cal", "emg"]
    assert [one.about for one in found(wanting("EMG"), [exam, *quizzes]).acts] == ["emg"]
    assert found(wanting("EMG", "CAL", "ANA"), [exam, *quizzes]).quicker == ()


def test_of_two_that_prove_the_same_the_one_nobody_waits_for_comes_first() -> None:
    later = datetime(2027, 3, 2, tzinfo=UTC)
    for waiting in ({"after": later}, {"marking": True}):
        quiz, exam = paper("emg", "EMG", **waiting), paper("exam", "EMG", minutes=90)
        assert [one.about for one in found(wanting("EMG"), [quiz, exam]).acts] == ["exam"]
        assert [one.about for one in found(wanting("EMG"), [quiz]).acts] == ["emg"], (
            "all the same where there is no other"
        )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stops": ALWAYS}, "stopped"),
        ({"in_use": None}, "not in use"),
        ({"procedure": None}, "no rule"),
        ({"offered": ()}, "not offered"),
        ({"works_here": ()}, "not here"),
        ({}, "not started"),
    ],
)
def test_where_nothing_they_do_helps_it_says_why_and_lists_nothing(changes: dict[str, Any], code: str) -> None:
    """The last: no quiz or exam proves the competency."""
    barred = found(replace(SOUND, documents={}, standings={}, **changes), [] if not changes else [paper("asp", "ASP")])
    assert (barred.acts, barred.quicker) == ((), ())
    assert [one.code for one in barred.bars] == [code]


def test_a_transitional_clearance_stands_in_for_all_but_a_document() -> None:
    goes_on = replace(practising(means=Meaning(CONDITIONAL)), standings={}, transitional=ALWAYS)
    assert found(goes_on) == Way()
    assert goes_on.procedure
    asked = replace(goes_on.procedure, documents=("registration",))
    assert found(replace(goes_on, procedure=asked, documents={})).acts == (Act(SEE, "registration"),)
    assert FIVE in asked.practice


def test_many_assessments_are_chosen_among_in_no_time() -> None:
    codes = [f"C{at}" for at in range(16)]
    tests = [paper(f"{code}{copy}", code, minutes=copy + 1) for code in codes for copy in range(3)]
    tests += [paper(f"pair {at}", codes[at], codes[-at - 1], minutes=9) for at in range(8)]
    assert len(found(wanting(*codes), tests).acts) == 8
    assert sum(one.assessment.minutes for one in found(wanting(*codes), tests).quicker if one.assessment) == 16


@pytest.mark.parametrize(("said", "count"), [("", 2), ("+", 1), ("+-", 2), ("-+", 1), ("++", 0), ("+-+", 1)])
def test_observations_are_as_many_as_the_rule_lacks(said: str, count: int) -> None:
    """Of the last two by a form, each passed; one that was not counts until as many later ones are."""
    kinds = {"+": "observation passed", "-": "observation not passed"}
    pieces = [Evidence(kinds[one], MONDAY - timedelta(days=20 - at), at, form="tray") for at, one in enumerate(said, 1)]
    asked = Procedure("face", "Face", (), observations=(Observations("tray", 2),))
    acts = found(replace(SOUND, procedure=replace(asked, competencies=("ASP",)), observations=pieces)).acts
    assert acts == ((Act(WATCH, "tray", count),) if count else ())
    assert [one.whose for one in acts] == ["supervisor"] * len(acts)
