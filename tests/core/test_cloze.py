"""Texts with gaps: each gap is marked as a question of its kind, and the mean counts."""

import re
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from mesotrain.core.grading import mark
from mesotrain.core.questions import FIELD_NAME, question
from tests.core.test_questions import BLUE, GREEN, GREY, RED, cloze

RIGHT = {"1.choice": [RED], "2.number": ["0.5 mL"], "3.answer": ["Epi"]}

MARKED: list[tuple[dict[str, list[str]], str, str]] = [
    ({}, "1", "right"),
    ({"1.choice": [GREEN]}, "5/6", "partly"),
    ({"1.choice": [GREY]}, "7/12", "partly"),
    ({"2.number": ["0.46"]}, "14/15", "partly"),
    ({"2.number": ["1,500"]}, "2/3", "partly"),
    ({"2.number": [""]}, "2/3", "partly"),
    ({"3.answer": ["lidocaine"]}, "5/6", "partly"),
    ({"1.choice": [BLUE], "2.number": ["7"], "3.answer": ["x"]}, "0", "wrong"),
    ({"1.choice": ["?"], "2.number": ["1,500"], "3.answer": [""]}, "0", "unreadable"),
    ({"1.choice": [], "2.number": [" "], "3.answer": []}, "0", "unanswered"),
]


@pytest.mark.parametrize(("given", "credit", "verdict"), MARKED)
def test_the_mean_of_the_gaps_counts(given: dict[str, list[str]], credit: str, verdict: str) -> None:
    case: Any = cloze()
    found = mark(case, case.read({**RIGHT, **given}), Fraction(1))
    assert (found.credit, found.verdict) == (Fraction(credit), verdict)


def test_a_rule_may_ask_for_every_gap_or_never_go_below_nothing() -> None:
    case: Any = cloze()
    case.key["rule"] = "all-or-nothing"
    for given, credit in ((RIGHT, 1), ({**RIGHT, "1.choice": [GREEN]}, 0), ({**RIGHT, "2.number": [""]}, 0), ({}, 0)):
        assert case.mark(case.read(given)) == credit
    assert all(case.mark(case.read(raw)) == credit for raw, credit in case.examples())
    case.key["gaps"]["1"] = {"credit": {RED: "1", BLUE: "-1"}}
    wrong = {"1.choice": [BLUE]}
    for rule, credit in (("", Fraction(-1, 3)), ("partial", Fraction(0)), ("all-or-nothing", Fraction(0))):
        case.key["rule"] = rule
        assert case.mark(case.read(wrong)) == credit
    case.key["rule"] = "partial"
    assert case.mark(case.read({**RIGHT, "3.answer": ["x"]})) == Fraction(2, 3)


def test_what_a_gap_counts_is_its_weight() -> None:
    case: Any = cloze()
    for weights in product((0, 1, 2, 5), repeat=3):
        gaps = [{**gap, "weight": str(weight)} for gap, weight in zip(case.taker["gaps"], weights, strict=True)]
        weighed = question({**case.taker, "gaps": gaps}, case.key)
        if not any(weights):
            assert weighed.problems() == ["one gap at least counts something."]
            continue
        assert weighed.problems() == []
        given = {**RIGHT, "1.choice": [GREEN], "2.number": ["0.46"]}
        by_hand = weights[0] * Fraction(1, 2) + weights[1] * Fraction(4, 5) + weights[2]
        assert weighed.mark(weighed.read(given)) == by_hand / sum(weights)
        assert all(weighed.mark(weighed.read(fields)) == credit for fields, credit in weighed.examples())


def test_a_gap_that_cannot_be_read_is_said_and_the_others_count() -> None:
    reading = cloze().read({**RIGHT, "2.number": ["1,500"]})
    assert reading.problem is not None
    assert reading.problem % reading.facts == "“1,500” may mean two things. Write 1500 or 1.5."
    assert reading.answer is not None


def test_the_words_of_a_gap_stand_in_the_order_of_the_seed() -> None:
    orders = {str([one["id"] for one in cloze().ask(f"seed {at}").taker["gaps"][0]["options"]]) for at in range(20)}
    assert len(orders) > 5
    fixed = question({**cloze().taker, "shuffle": False}, cloze().key)
    assert fixed.ask("a").taker == fixed.taker


def test_a_drawn_one_is_marked_alike_and_holds_nothing_of_the_key() -> None:
    asked = cloze().ask("seed")
    assert asked.mark(asked.read(RIGHT)) == 1
    assert set(asked.taker) == {"type", "stem", "gaps", "shuffle", "exact"}
    more = [set(gap) - {"id", "type"} for gap in asked.taker["gaps"]]
    assert more == [{"options"}, {"unit"}, set()]


def test_faults_name_their_gap() -> None:
    case = cloze()
    key = {**case.key, "gaps": {**case.key["gaps"], "1": {"credit": {}}}}
    assert question(case.taker, key).problems() == ["gap 1: mark one option (x) as the best answer; 0 are marked."]


def test_field_names_are_ones_a_form_may_send() -> None:
    assert all(re.fullmatch(FIELD_NAME, name) for name in RIGHT)


def test_each_gap_is_a_question_of_its_own_and_its_words_are_told() -> None:
    case: Any = cloze()
    given = case.given({**RIGHT, "3.answer": []})
    assert [gap.name for gap in given] == ["1", "2", "3"]
    assert [gap.asked.name for gap in given] == ["single", "numeric", "text"]
    assert [gap.asked.mark(gap.reading) for gap in given] == [1, 1, 0]
    assert [case.words(gap, {**RIGHT, "3.answer": []}) for gap in given] == ["red", "0.5 mL", ""]
    assert [case.words(gap, {"decimal": ["."], **RIGHT}) for gap in given][:2] == ["red", "0.5 mL"]
    unclear = {**RIGHT, "2.number": ["1.500"], "decimal": ["."]}
    assert [case.words(gap, unclear) for gap in given] == ["red", "1.500", "Epi"]
    assert [case.words(gap, {"1.choice": ["?", GREEN]}) for gap in given] == ["? green", "", ""]
