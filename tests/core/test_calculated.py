"""Calculations: arithmetic with units, drawn values, the accepted range and known errors."""

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.expressions import condition, expression
from mesotrain.core.grading import mark
from mesotrain.core.linting.quantities import same
from mesotrain.core.numbers import decimal_text
from mesotrain.core.quantities import UNITS, Quantity, Unsound, measured, unit, written
from mesotrain.core.questions import question
from mesotrain.core.questions.calculated import Range
from tests.core.test_questions import DOSE, calculated
from tests.soon import within

VALUES = {"weight": Quantity(Fraction(70)).times(unit("kg")), "n": Quantity(Fraction(3))}


def worked(text: str, named: str) -> Fraction:
    found = expression(text).work(VALUES)
    found.same(unit(named), "the same")
    return found.value / unit(named).value


WORKED = [
    ("1 + 2 * 3", "", "7"),
    ("(1 + 2) * 3", "", "9"),
    ("10 - 2 - 3", "", "5"),
    ("12 / 2 / 3", "", "2"),
    ("-n * -2", "", "6"),
    ("-n", "", "-3"),
    ("-weight", "kg", "-70"),
    ("--n", "", "3"),
    ("(" * 19 + "1" + ")" * 19 + " + (2)" * 30, "", "61"),
    ("1" + " " * 299, "", "1"),
    ("round(weight, 1 [kg])", "kg", "70"),
    ("min(weight, weight) / weight", "", "1"),
    ("1 / 3 + 1 / 6", "", "1/2"),
    ("0.1 + 0.2", "", "3/10"),
    ("weight * 4.5 [mg/kg]", "mg", "315"),
    ("min(weight * 4.5 [mg/kg], 300 [mg])", "mg", "300"),
    ("max(1, n, 2)", "", "3"),
    ("500 [micrograms] / 1 [mg/mL]", "mL", "1/2"),
    ("2 [%w/v] * 5 [mL]", "mg", "100"),
    ("10 [mg/kg/h] * weight * 30 [min]", "mg", "350"),
    ("20 [drops/mL] * 3 [mL]", "drops", "60"),
    ("100 [units] / 2.5 [mL]", "IU/mL", "40"),
    ("1 [g] + 1 [mg] + 1 [mcg] + 1 [ng]", "ng", "1001001001"),
    ("round(1.25 [mL], 0.1 [mL])", "mL", "13/10"),
    ("round(1.249, 0.1)", "", "6/5"),
    ("round(7, 5)", "", "5"),
]


@pytest.mark.parametrize(("text", "named", "value"), WORKED)
def test_arithmetic_is_exact_and_knows_its_units(text: str, named: str, value: str) -> None:
    assert worked(text, named) == Fraction(value)


UNSOUND = [
    ("", "a number or a name is expected at the end"),
    ("1 +", "is expected at the end"),
    ("1 2", "an operator is missing"),
    ("weight [kg]", "a unit stands after a number"),
    ("weight + n", "mass and a bare number cannot be added"),
    ("weight - 1 [mL]", "mass and volume cannot be subtracted"),
    ("min(weight, n)", "cannot be compared"),
    ("min(1)", "min takes two values"),
    ("round(1, 2, 3)", "round takes two values"),
    ("round(1, 0)", "a step that is not above zero"),
    ("min 1, 2", "min is followed by brackets"),
    ("(1", "a bracket is never closed"),
    ("1 / (n - 3)", "it divides by zero"),
    ("5 %", "per cent is written [%w/v]"),
    ("5 [%]", "write %w/v"),
    ("5 [MG]", "write mg"),
    ("5 [stone]", "is no unit here"),
    ("1,5", "write the decimal point"),
    ("1.2.3", "has no meaning"),
    ("n ** 2", "is expected before"),
    ("__import__('os')", "has no meaning"),
    ("n.real", "has no meaning"),
    ("(" * 21 + "1" + ")" * 21, "too many brackets"),
    ("-" * 200 + "1", "too many brackets"),
    ("1 + " * 100 + "1", "more than 300 characters"),
]


@pytest.mark.parametrize(("text", "words"), UNSOUND)
def test_what_cannot_be_worked_out_is_said(text: str, words: str) -> None:
    with pytest.raises(Unsound) as said:
        expression(text).work(VALUES)
    assert words in str(said.value)


@given(st.text("0123456789.+-*/()[], mgLkh%_<=>nweighround", max_size=40) | st.text(max_size=20))
def test_no_text_breaks_the_arithmetic(text: str) -> None:
    for read in (lambda: expression(text).work, lambda: condition(text).holds):
        try:
            work = read()
        except Unsound:
            continue
        try:
            work(VALUES)
        except (Unsound, KeyError):
            continue


SENTENCES = [
    ("1 / weight + 2 [mg/mL] * n [mL]", "“[mL]” cannot stand there; a unit stands after a number."),
    ("1 2", "“2” cannot stand there; an operator is missing before it."),
    ("1 +", "a number or a name is expected at the end."),
    ("1 + * 2", "a number or a name is expected before “*”."),
    ("weight + 2 [mg/mL]", "mass and mass volume^-1 cannot be added."),
    ("n - weight", "a bare number and mass cannot be subtracted."),
    ("max(n, weight)", "a bare number and mass cannot be compared."),
    ("round(n, weight)", "a bare number and mass cannot be compared."),
    ("round(n, n - 3)", "it rounds to a step that is not above zero."),
    ("round(1)", "round takes two values, as in round(a, 0.1 [mL])."),
    ("max(1)", "max takes two values, as in max(a, b)."),
    ("max + 1", "max is followed by brackets, as in max(a, b)."),
    ("(1", "a bracket is never closed."),
    ("(" * 20 + "1", "too many brackets or signs stand in one another."),
    ("1 + " * 30 + "(" * 20 + "1", "too many brackets or signs stand in one another."),
    ("(1 + " * 21 + "1", "too many brackets or signs stand in one another."),
    ("5%", "“%” has no meaning here; per cent is written [%w/v]."),
    ("1,5", "“1,5” has no meaning here; write the decimal point, and a blank after a comma."),
    ("n & 1", "“&” has no meaning here."),
    ("?" * 21, f"“{'?' * 20}” has no meaning here."),
    ("1" + " " * 300, "it has more than 300 characters."),
]


@pytest.mark.parametrize(("text", "sentence"), SENTENCES)
def test_the_sentence_says_where_and_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(Unsound) as said:
        expression(text).work(VALUES)
    assert str(said.value) == sentence


def test_an_expression_knows_the_names_it_uses() -> None:
    assert expression("min(a, 2) + b * round(a, c)").names == {"a", "b", "c"}
    assert condition("a + b < 3 * c").names == {"a", "b", "c"}
    assert expression("1 + 2 [mg]").names == set()


def test_comparisons() -> None:
    for text, holds in (
        ("weight > 60 [kg]", True),
        ("weight = 70000 [g]", True),
        ("n != 3", False),
        ("n <= 2 + 1", True),
    ):
        assert condition(text).holds(VALUES) == holds
    for text in ("weight", "weight > ", "1 < 2 < 3", "weight > 3"):
        with pytest.raises(Unsound):
            condition(text).holds(VALUES)


def test_units_are_few_and_written_as_they_are_read() -> None:
    assert {"kg", "mg", "micrograms", "mcg", "ng", "mL", "min", "h", "IU", "units", "drops", "mmol", "%w/v"} <= set(
        UNITS
    )
    assert {"kilogram", "litre", "cl", "=", "percent"}.isdisjoint(UNITS), "what people write is not what authors do"
    assert unit("mg/mL") == Quantity(Fraction(1), (("mass", 1), ("volume", -1)))
    assert unit("mg/kg").dimensions == ()
    assert [measured("2", one) for one in ("mg", "", "%w/v", "%")] == ["2\u00a0mg", "2", "2%\u00a0w/v", "2%"]


# Drawing -------------------------------------------------------------------------------------------------------------


def test_a_question_that_was_not_drawn_is_not_read_or_marked() -> None:
    case = calculated()
    with pytest.raises(LookupError, match="not drawn"):
        case.read({"number": ["1"]})
    with pytest.raises(LookupError, match="not drawn"):
        case.mark(case.ask("seed").read({"number": ["1"]}))
    with pytest.raises(LookupError, match="not drawn"):
        case.unsafe(case.ask("seed").read({"number": ["1"]}))


def test_the_same_seed_draws_the_same_values_for_ever_and_each_value_alike() -> None:
    case = calculated()
    assert [case.ask(f"seed {at}").taker["values"]["weight"]["value"] for at in range(6)] == GOLDEN
    assert case.ask("a").ask("b").taker == case.ask("a").taker
    many = Counter(case.ask(f"seed {at}").taker["values"]["weight"]["value"] for at in range(2000))
    assert sum((count - 500) ** 2 / 500 for count in many.values()) < 16.27


GOLDEN = ["70", "70", "80", "80", "80", "60"]


def test_constraints_hold_for_every_draw() -> None:
    case = calculated(["weight > 60 [kg]", "weight < 80 [kg]"])
    assert case.problems() == []
    assert {case.ask(f"seed {at}").taker["values"]["weight"]["value"] for at in range(200)} == {"70"}


def test_what_a_taker_receives_holds_their_values_and_nothing_of_the_key() -> None:
    asked = calculated(["weight > 70 [kg]"]).ask("seed")
    values = {"weight": {"value": "80", "unit": "kg"}}
    assert asked.taker == {"type": "calculated", "stem": "{weight}?", "unit": "mg", "values": values}


def test_texts_are_told_with_the_drawn_values() -> None:
    asked = drawn("70")
    text = "{weight}, {answer}, {other}"
    assert asked.told(text, decimal_text) == "70\u00a0kg, 300\u00a0mg, {other}"
    assert question(asked.taker).told(text, lambda _: "7,0") == "7,0\u00a0kg, {answer}, {other}"


def drawn(weight: str, **key: Any) -> Any:
    return calculated(values=[weight], **key).ask("seed")


# Marking -------------------------------------------------------------------------------------------------------------


def test_the_range_is_exact_at_both_ends() -> None:
    given = [("270", 1), ("269", 1), ("268.999999", 0), ("270.000001", 0), ("269.5 mg", 1), ("270 MG", 1), ("0", 0)]
    for text, credit in given:
        assert drawn("60").mark(drawn("60").read({"number": [text]})) == credit, text
    only = drawn("60", accept={}, errors=[])
    assert [only.mark(only.read({"number": [text]})) for text in ("270", "269", "271")] == [1, 0, 0]
    assert only.measured("2,5") == "2,5\u00a0mg"
    share = drawn("60", accept={"share": "1/50"}, errors=[])
    for text, credit in (("264.6", 1), ("275.4", 1), ("264.59", 0), ("275.41", 0)):
        assert share.mark(share.read({"number": [text]})) == credit, text


def test_a_known_error_is_met_where_it_holds_and_an_unsafe_one_is_a_safety_failure() -> None:
    for weight, text, place, verdict in (
        ("60", "270", None, "right"),
        ("60", "2700", "0", "unsafe"),
        ("60", "2699", "0", "unsafe"),
        ("70", "315", "1", "unsafe"),
        ("70", "314", "1", "unsafe"),
        ("60", "315", None, "wrong"),
        ("60", "135", "2", "wrong"),
        ("60", "1,500", None, "unreadable"),
        ("60", " ", None, "unanswered"),
    ):
        asked = drawn(weight)
        reading = asked.read({"number": [text]})
        met = asked.met(reading)
        assert (met and met.place, mark(asked, reading, Fraction(1)).verdict) == (place, verdict), text


def test_an_error_is_met_only_where_its_condition_holds() -> None:
    errors = [{"value": "answer * 3", "when": "weight > 60 [kg]", "unsafe": True}]
    for weight, text, unsafe in (("60", "810", False), ("70", "900", True)):
        asked = drawn(weight, errors=errors)
        assert asked.unsafe(asked.read({"number": [text]})) == unsafe


FAULTY = [
    ({"answer": "weight / 3 * 1 [mg/kg]"}, "has more than 4 digits"),
    ({"answer": "weight * 4.5678 [mg/kg]"}, "has more than 4 digits"),
    ({"answer": "60 [kg] - weight", "accept": {"share": "0"}}, "is not above zero"),
    ({"accept": {"below": "300", "above": "0"}}, "is not above zero"),
    (
        {"limit": "299 [mg]", "errors": []},
        "up to 300 is accepted, beyond the limit of 299. So it is for weight = 70 kg.",
    ),
    ({"accept": {"below": "0", "above": "1"}}, "beyond the limit of 300"),
    ({"errors": [{"value": "weight * 4.5 [mg/kg]", "when": "", "unsafe": True}]}, "error 1, 225, is not apart"),
    (
        {"errors": [DOSE["errors"][0], {"value": "3000 [mg]", "when": "", "unsafe": False}]},
        "errors 1 and 2, 3000 and 3000",
    ),
    ({"answer": "300 [mg] / (weight / 1 [kg] - 60)"}, "it divides by zero. So it is for weight = 60 kg."),
    ({"answer": "weight * 2 [mL/kg]"}, "cannot be the same, and the answer is in mg"),
]


@pytest.mark.parametrize(("key", "words"), FAULTY)
def test_every_combination_is_checked_and_a_fault_names_its_values(key: dict[str, Any], words: str) -> None:
    said = calculated(**key).problems()
    assert any(words in one for one in said), said


def test_constraints_that_leave_next_to_nothing_are_a_fault() -> None:
    values = [str(number) for number in range(1, 61)]
    said = calculated(["weight > 58 [kg]"], values).problems()
    assert said == ["of 60 combinations of values, 2 keep the constraints; at least one in 20 has to."]
    assert calculated(["weight > 57 [kg]"], values, limit="").problems() == []
    with pytest.raises(LookupError, match=r"^no values keep the constraints of this question$"):
        calculated(["weight > 60 [kg]"], values).ask("seed")


def test_a_thousand_combinations_are_each_checked() -> None:
    said = calculated(["weight > 951 [kg]"], [str(number) for number in range(1, 1001)]).problems()
    assert said == ["of 1000 combinations of values, 49 keep the constraints; at least one in 20 has to."]


PLAIN: dict[str, Any] = {"accept": {"share": "0"}, "errors": [], "limit": ""}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"answer": "1234 [mg]"}, []),
        ({"answer": "12345 [mg]"},
         ["the answer, 12345, has more than 4 digits; choose other values or round it. So it is for every taker."]),
        ({"answer": "1 [mg]", "accept": {"below": "1", "above": "0"}}, []),
        ({"answer": "1/2 * 1 [mg]"}, []),
        ({"answer": "0 [mg]"},
         ["the answer, 0, or what is accepted below it, is not above zero. So it is for every taker."]),
        ({"answer": "300 [mg]", "limit": "300 [mg]"}, []),
        ({"answer": "300 [mg]", "limit": "299 [mg]"},
         ["up to 300 is accepted, beyond the limit of 299. So it is for every taker."]),
        ({"answer": "300"},
         ["a bare number and mass cannot be the same, and the answer is in mg. So it is for every taker."]),
    ],
)  # fmt: skip
def test_what_is_wrong_for_every_taker_is_said_once(key: dict[str, Any], said: list[str]) -> None:
    case = calculated(**{**PLAIN, **key})
    assert question({**case.taker, "variables": []}, case.key).problems() == said


def test_what_an_author_left_out_is_said() -> None:
    case = calculated(**PLAIN, answer="weight")
    assert question({**case.taker, "stem": " "}, case.key).problems() == [
        "the question has no stem; write it between the keys and the calculation."
    ]
    bare = question({**case.taker, "unit": ""}, case.key).problems()
    assert bare == [
        "mass and a bare number cannot be the same, and the answer is in no unit. So it is for weight = 50 kg."
    ]


def test_a_fault_names_six_values_and_a_limit_may_hang_on_them() -> None:
    variables = [{"name": name, "unit": "", "values": ["1"]} for name in "abcdefg"]
    taker = {**calculated().taker, "variables": variables}
    said = question(taker, {**DOSE, **PLAIN, "answer": "2 [mg]", "limit": "a * 1 [mg]"}).problems()
    shown = "a = 1, b = 1, c = 1, d = 1, e = 1, f = 1"
    assert said == [f"up to 2 is accepted, beyond the limit of 1. So it is for {shown}."]


def test_ranges_that_share_an_end_meet() -> None:
    low, high = Range(Fraction(1), Fraction(2)), Range(Fraction(2), Fraction(3))
    assert low.meets(high)
    assert high.meets(low)
    assert not low.meets(Range(Fraction(3), Fraction(4)))


def test_more_than_a_thousand_combinations_are_checked_by_a_thousand_seeds_and_soon() -> None:
    names = ("a", "b", "c")
    variables = [{"name": name, "unit": "mg", "values": [str(n) for n in range(1, 41)]} for name in names]
    taker = {"type": "calculated", "stem": "{a}?", "unit": "mg", "variables": variables, "where": ["a < b"]}
    key = {**DOSE, "answer": "a + b + c", "accept": {"share": "0"}, "limit": "", "errors": DOSE["errors"][:1]}
    with within(3):
        assert question(taker, key).problems() == []
    said = question(taker, {**key, "limit": "100 [mg]"}).problems()
    assert len(said) == 1
    assert "beyond the limit of 100. So it is for a = " in said[0]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("milligrams", "mg"), ("Litre", "L"), ("ML", "mL"), ("mg per millilitre", "mg/mL"), ("\u03bcl", "microlitre"),
        ("kilopascal", None), ("apples", None), ("mg/apple", None), ("mg per", None), ("m\u00b2", "m2"), ("MM2", "mm2"),
    ],
)  # fmt: skip
def test_a_taker_writes_a_unit_as_people_do(said: str, known: str | None) -> None:
    assert written(said) == (unit(known) if known else None)


def test_what_is_held_equal_in_texts_is_exactly_so() -> None:
    assert same("120 mmHg") != same("16 kPa")
    assert same("1 inch") == same("25.4 mm")
    assert same("2 weeks") == same("14 days") == same("336 hours")
