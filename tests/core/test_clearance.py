"""Clearance: the worst reason decides, unknown is never yes, and two implementations agree on any history."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from mesotrain.core.clearance import (
    CLEARED,
    CONDITIONAL,
    NOT_CLEARED,
    REASONS,
    UNKNOWN,
    WORST_FIRST,
    Facts,
    Meaning,
    Period,
    Procedure,
    Reason,
    clearance,
)
from mesotrain.core.competence import HELD, IN_GRACE, STATES, Evidence, Rule, spans, standing
from tests.core.histories import CODES, DAYS, FIRST, disagreements, evidence, facts, rule

MONDAY = date(2027, 3, 1)
RULE = Rule("v", 12, 60, 30)
SUPERVISED = Meaning(CONDITIONAL, "only with a named supervisor on site")
PASSED = spans([Evidence("quiz passed", MONDAY, 1)], RULE)
ENDS = date(2028, 3, 1)
ALWAYS = (Period(date(2020, 1, 1)),)
SOUND = Facts(
    Procedure("face", "Facial mesotherapy", ("ASP",), ("registration",)),
    {IN_GRACE: SUPERVISED},
    {"ASP": PASSED},
    {"registration": [Period(MONDAY, date(2029, 1, 1))]},
    ALWAYS,
    ALWAYS,
    MONDAY,
)


def test_two_implementations_agree_on_any_history() -> None:
    told: Counter[str] = Counter()
    assert list(disagreements(1500, 7, told)) == []
    assert told.keys() >= {*WORST_FIRST, *STATES}


def test_what_is_cleared_says_why_and_until_when() -> None:
    found = clearance(SOUND, MONDAY)
    assert (found.answer, found.until, found.conditions) == (CLEARED, ENDS, ())
    assert found.reasons == (Reason("document seen", CLEARED, "registration"), Reason("current", CLEARED, "ASP"))


def test_in_grace_is_what_the_scheme_says() -> None:
    found = clearance(SOUND, ENDS)
    assert (found.answer, found.conditions) == (CONDITIONAL, ("only with a named supervisor on site",))
    assert found.until == ENDS + timedelta(days=30)
    assert clearance(SOUND, found.until).answer == NOT_CLEARED
    assert clearance(replace(SOUND, meanings={}), ENDS).answer == NOT_CLEARED


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
    assert found.reasons[0] == Reason(code, answer, about)
    assert code in REASONS or code in STATES


def test_what_is_known_to_be_wrong_outweighs_what_is_not_known() -> None:
    meanings = {IN_GRACE: Meaning(UNKNOWN)}
    assert clearance(replace(SOUND, meanings=meanings), ENDS).answer == UNKNOWN
    assert clearance(replace(SOUND, meanings=meanings, stops=ALWAYS), ENDS).answer == NOT_CLEARED


def test_a_transitional_clearance_stands_in_for_competencies_alone_and_is_shown() -> None:
    signed = Period(MONDAY, date(2027, 6, 1), "Dr Ames")
    asked = replace(SOUND, standings={}, transitional=[signed])
    found = clearance(asked, MONDAY)
    assert (found.answer, found.until) == (CLEARED, signed.end)
    assert Reason("transitional", CLEARED, "Dr Ames") in found.reasons
    assert clearance(replace(asked, documents={}), MONDAY).answer == NOT_CLEARED
    assert clearance(replace(SOUND, transitional=[signed]), MONDAY).reasons == clearance(SOUND, MONDAY).reasons


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
