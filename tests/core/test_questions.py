"""Question types prove themselves, and a second, naive scorer agrees with them."""

from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.chance import drawn, number, shuffled
from mesotrain.core.errors import Refused
from mesotrain.core.grading import mark, percent, score
from mesotrain.core.numbers import decimal_text, read_number
from mesotrain.core.questions import TYPES, option_id, question

OPTIONS = [{"id": option_id(text), "text": text} for text in ("red", "green", "blue", "grey")]
RED, GREEN, BLUE, GREY = (option["id"] for option in OPTIONS)


def choice(kind: str, credit: dict[str, str], **key: str) -> Any:
    taker = {"type": kind, "stem": "Which?", "options": OPTIONS, "shuffle": True}
    return question(taker, {"credit": credit, "reasons": {}, "reason": "", **key})


def numeric(*accepted: tuple[str, str, str]) -> Any:
    rows = [{"value": low, "low": low, "high": high, "credit": credit} for low, high, credit in accepted]
    taker = {"type": "numeric", "stem": "How much?", "unit": "mL"}
    return question(taker, {"accepted": rows, "reasons": {}, "reason": ""})


CASES = {
    "single": choice("single", {RED: "1", GREEN: "1/2", GREY: "-1/4"}),
    "multiple": choice("multiple", {RED: "1", GREEN: "1"}, rule="all-or-nothing"),
    "multiple, partial": choice("multiple", {RED: "1", GREEN: "1"}, rule="partial"),
    "numeric": numeric(("1/2", "1/2", "1"), ("9/20", "11/20", "4/5")),
}


def test_every_type_has_a_case() -> None:
    assert {case.name for case in CASES.values()} == TYPES.keys()


@pytest.mark.parametrize("name", CASES)
def test_the_examples_earn_what_they_say(name: str) -> None:
    case = CASES[name]
    assert case.problems() == []
    assert {credit for _, credit in case.examples()} >= {Fraction(0), Fraction(1)}
    for fields, credit in case.examples():
        assert case.mark(case.read(fields)) == credit, fields


def naive(case: Any, fields: dict[str, list[str]]) -> Fraction:
    """A second scorer: slow, obvious, written apart."""
    ticked = fields.get("choice", [])
    known = [option["id"] for option in OPTIONS]
    if case.name == "single":
        return (
            Fraction(case.key["credit"].get(ticked[0], 0)) if len(ticked) == 1 and ticked[0] in known else Fraction(0)
        )
    if any(one not in known for one in ticked):
        return Fraction(0)
    right = [one for one in known if one in case.key["credit"]]
    if case.key["rule"] == "all-or-nothing":
        return Fraction(1) if sorted(set(ticked)) == sorted(right) else Fraction(0)
    points = 0
    for one in set(ticked):
        points += 1 if one in right else -1
    return Fraction(points, len(right)) if points > 0 else Fraction(0)


@pytest.mark.parametrize("name", [name for name in CASES if name != "numeric"])
def test_two_scorers_agree_on_every_response(name: str) -> None:
    everything = [*(option["id"] for option in OPTIONS), "stranger"]
    for ticked in chain.from_iterable(combinations(everything, n) for n in range(len(everything) + 1)):
        fields = {"choice": list(ticked)}
        assert CASES[name].mark(CASES[name].read(fields)) == naive(CASES[name], fields), fields


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=40), max_size=4)))
def test_no_field_a_browser_can_send_breaks_a_reading(fields: dict[str, list[str]]) -> None:
    for case in CASES.values():
        for name in ("choice", "number"):
            raw = {**fields, name: next(iter(fields.values()), [])}
            reading = case.read(raw)
            assert mark(case, reading, Fraction(1)).verdict
            assert case.mark(reading) <= 1


def test_without_its_key_a_question_can_be_asked_and_read_but_not_marked() -> None:
    for case in CASES.values():
        bare = question(case.taker)
        assert bare.ask("seed") == case.ask("seed")
        assert (
            bare.read({"choice": [RED], "number": ["0.5"]}).answer
            == case.read({"choice": [RED], "number": ["0.5"]}).answer
        )
        with pytest.raises(LookupError):
            bare.mark(case.read(case.examples()[0][0]))


UNSOUND = [
    (choice("single", {RED: "1/2"}), "mark one option (x)"),
    (choice("single", {RED: "1", GREEN: "1"}), "2 are marked"),
    (choice("single", {RED: "1", GREEN: "-2"}), "between -100% and 100%"),
    (choice("multiple", {}, rule="partial"), "at least one right"),
    (choice("multiple", dict.fromkeys((RED, GREEN, BLUE, GREY), "1"), rule="partial"), "at least one must be wrong"),
    (numeric(("1/2", "1/2", "4/5")), "full credit"),
    (numeric(("1", "1/2", "1")), "runs backwards"),
    (numeric(("1", "1", "1"), ("2", "2", "0")), "above 0%"),
]


@pytest.mark.parametrize(("case", "words"), UNSOUND)
def test_what_an_author_got_wrong_is_said(case: Any, words: str) -> None:
    assert any(words in said for said in case.problems())


NUMBERS = [
    ("0.5", "1/2"), ("0,5", "1/2"), (" 2 ", "2"), ("-1.25", "-5/4"), ("\u22123", "-3"), ("+4", "4"), ("1500", "1500"),
    ("1,50", "3/2"), ("0,500", "1/2"), ("1.2340", "617/500"), ("12345,678", "6172839/500"),
]  # fmt: skip
NOT_NUMBERS = [
    "1,500",
    "1.500",
    "12,345",
    "1 500",
    "1e3",
    "half",
    "1/2",
    "--1",
    "1.2.3",
    "",
    "٣",
    "1" * 13,
    "NaN",
    "inf",
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers_are_read_exactly(text: str, value: str) -> None:
    assert read_number(text) == Fraction(value)


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_number_or_may_be_two_is_asked_back(text: str) -> None:
    with pytest.raises(Refused):
        read_number(text)


def test_the_way_out_of_an_ambiguous_number_is_unambiguous() -> None:
    for text in ("1,500", "1.234", "999,999"):
        with pytest.raises(Refused) as refused:
            read_number(text)
        assert read_number(str(refused.value.facts["whole"])) == int(text.replace(",", "").replace(".", ""))
        assert read_number(str(refused.value.facts["decimal"])) == Fraction(text.replace(",", "."))


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_decimal_text_is_exact(whole: int, places: int) -> None:
    value = Fraction(whole, 10**places)
    assert Fraction(decimal_text(value)) == value
    assert decimal_text(Fraction(1, 3)) == "1/3"


def test_chance_never_changes() -> None:
    assert shuffled("seed", ["a", "b", "c", "d"]) == ["a", "d", "c", "b"]
    assert drawn("seed", "dcba", 2) == ["a", "d"]
    assert number("seed", "a") >> 224 == 0xA360EC6


def test_what_was_met_is_drawn_last_and_stands_anywhere() -> None:
    assert set(drawn("seed", "abcd", 2, last={"a", "d"})) == {"b", "c"}
    assert set(drawn("seed", "abcd", 3, last={"a", "d"})) > {"b", "c"}
    assert {drawn(str(seed), "abcd", 3, last={"a", "b", "c"}).index("d") for seed in range(20)} == {0, 1, 2}
    assert {drawn(str(seed), "abcd", 2, last={"a", "b", "c"})[0] for seed in range(40)} == set("abcd")


def test_every_slot_is_in_the_denominator_and_fractions_decide() -> None:
    case = CASES["numeric"]
    third = Fraction(1, 3)
    marks = [mark(case, case.read({"number": ["0.5"]}), third)] * 3 + [mark(case, case.read({}), Fraction(1))]
    assert score(marks, Fraction(1, 2)).passed, "3 x 1/3 of 2 is exactly a half"
    assert not score(marks, Fraction(1, 2) + Fraction(1, 10**30)).passed
    assert not score([], Fraction(0)).passed
    assert score(marks, Fraction(1, 2)).possible == 2
    assert percent(Fraction(7999, 100), Fraction(100)) == 79, "never rounded up to a pass"
    negative = mark(CASES["single"], CASES["single"].read({"choice": [GREY]}), Fraction(1))
    assert score([negative], Fraction(1, 2)).earned == 0
