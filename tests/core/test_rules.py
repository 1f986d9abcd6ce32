"""How a question is marked is told to whoever is asked, and nothing else of its key by that."""

from itertools import combinations, permutations, product
from typing import Any

import pytest

from mesotrain.core.questions import RULES, QuestionType, question
from tests.core.test_hotspot import picture
from tests.core.test_questions import BLUE, CASES, GREEN, GREY, RED, choice, matching, numeric, ordering, text

TOLD = {
    "single": ["minus"],
    "multiple": ["all-or-nothing"],
    "multiple, partial": ["partial"],
    "multiple, sum": ["sum"],
    "cloze": ["gaps", "minus"],
    "true-false, each": ["each"],
    "true-false, kprim": ["kprim"],
    "true-false, all": ["all-or-nothing"],
    "ordering": ["pairs"],
    "ordering, all": ["all-or-nothing"],
    "matching": ["each"],
    "matching, all": ["all-or-nothing"],
    "extended-matching": ["each"],
    "staged": ["stages", "weights"],
    "concordance": ["panel"],
}
"""Of the others a right answer is right, and nothing has to be told."""


@pytest.mark.parametrize("name", CASES)
def test_each_says_how_it_is_marked(name: str) -> None:
    assert CASES[name].rules == TOLD.get(name, [])
    assert set(CASES[name].rules) <= set(RULES)
    assert CASES[name].ruled({"stages": [{}, {}, {}]}).get("rules", []) == CASES[name].rules


def test_a_picture_tells_its_rule_where_several_places_are_marked() -> None:
    assert picture().rules == []
    assert picture(marks=3).rules == ["all-or-nothing", "danger"]
    assert picture(marks=3, rule="partial").rules == ["partial", "danger"]


def test_gaps_tell_their_rule() -> None:
    def cloze(rule: dict[str, str], weight: str = "1", gaps: int = 3) -> list[str]:
        taker: Any = CASES["cloze"].taker
        parts = [taker["gaps"][0] | {"weight": weight}, *taker["gaps"][1:]][:gaps]
        return question(taker | {"gaps": parts}, CASES["cloze"].key | rule).rules

    assert cloze({"rule": "all-or-nothing"}) == ["all-or-nothing"]
    assert cloze({"rule": "partial"}, "2") == ["gaps", "weights", "minus", "floor"]
    assert cloze({}, gaps=1) == ["minus"]


def test_texts_tell_what_of_them_counts_in_any_line() -> None:
    own = text(([["Arm"]], "1"), ([["arm"]], "1/2"))
    assert own.rules == []
    own.key["accepted"][0]["exact"] = ["case"]
    assert own.rules == ["case"]
    assert text(([["a"]], "1"), exact=["punctuation", "accents"]).rules == ["accents", "punctuation"]
    assert [one.ruled({})["rules"] for one in (own, text(([["a"]], "1")))] == [["case"], []], "so it is known"
    gaps, keys = CASES["cloze"].taker, CASES["cloze"].key["gaps"]
    key: Any = CASES["cloze"].key | {"gaps": {**keys, "3": own.key}}
    assert question(gaps, key).rules == ["gaps", "minus", "case"]
    assert question(gaps, key | {"rule": "all-or-nothing"}).rules == ["all-or-nothing", "case"]
    assert question(gaps | {"exact": ["accents"]}, key).rules == ["gaps", "minus", "case", "accents"]


def test_each_stage_tells_its_own() -> None:
    case = CASES["staged"]
    shown = case.ruled({"stages": [{"stem": "a"}, {"stem": "b"}, {"stem": "c"}]})
    assert [one.get("rules") for one in shown["stages"]] == [None, ["all-or-nothing"], None]


KEYS: dict[str, list[QuestionType]] = {
    "single": [choice("single", {one: "1", other: "1/2"}) for one, other in permutations((RED, GREEN, BLUE, GREY), 2)]
    + [choice("single", {RED: "1"})],
    "multiple": [
        choice("multiple", dict.fromkeys(right, "1"), rule="partial")
        for count in (1, 2, 3)
        for right in combinations((RED, GREEN, BLUE, GREY), count)
    ],
    "sum": [choice("multiple", credit, rule="sum") for credit in ({RED: "1"}, {RED: "1/2", GREEN: "1/2", GREY: "-1"})],
    "true-false": [
        question(CASES["true-false, kprim"].taker, {"verdicts": dict(zip("abcd", told, strict=True)), "rule": "kprim"})
        for told in product(("true", "false"), repeat=4)
    ],
    "ordering": [ordering(), ordering(first="1", second="2"), ordering(third="1", second="1", first="2", stranger="3")],
    "matching": [matching(), matching(answers={"p0": BLUE, "p1": BLUE, "p2": BLUE})],
    "numeric": [numeric(("1", "1", "1")), numeric(("1", "2", "1"), ("0", "3", "1/2"))],
    "text": [text(([["a"]], "1")), text(([["a"]], "1"), ([["b"]], "1/2"), ([["c"]], "0"))],
}
"""Under one rule, other keys: how many are right, which, and what is nearly right."""


@pytest.mark.parametrize("name", KEYS)
def test_the_rule_is_the_same_whatever_is_right(name: str) -> None:
    assert len({tuple(one.rules) for one in KEYS[name]}) == 1
