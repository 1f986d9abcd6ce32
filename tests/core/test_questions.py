"""Question types prove themselves, and a second scorer agrees with them on every response there is."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, combinations, permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.chance import drawn, number, shuffled
from mesotrain.core.errors import Refused
from mesotrain.core.grading import mark, percent, score
from mesotrain.core.marking import Given
from mesotrain.core.numbers import decimal_text, read_number, unclear
from mesotrain.core.questions import DECIMAL, TYPES, fields_of, is_option_id, option_id, question, with_texts
from mesotrain.core.questions.base import alike
from tests.core.second_scorer import verdict
from tests.core.test_hotspot import picture
from tests.core.test_marking_rules import essay
from tests.core.test_staged import staged

OPTIONS = [{"id": option_id(text), "text": text} for text in ("red", "green", "blue", "grey")]
RED, GREEN, BLUE, GREY = (option["id"] for option in OPTIONS)


def choice(kind: str, credit: dict[str, str], **key: str) -> Any:
    taker = {"type": kind, "stem": "Which?", "options": OPTIONS, "shuffle": True}
    return question(taker, {"credit": credit, "reasons": {}, "reason": "", **key})


def numeric(*accepted: tuple[str, str, str]) -> Any:
    rows = [{"value": low, "low": low, "high": high, "credit": credit} for low, high, credit in accepted]
    taker = {"type": "numeric", "stem": "How much?", "unit": "mL"}
    return question(taker, {"accepted": rows, "reasons": {}, "reason": ""})


def text(*lines: tuple[list[list[str]], str], exact: Sequence[str] = ()) -> Any:
    rows = [{"forms": forms, "credit": credit} for forms, credit in lines]
    taker = {"type": "text", "stem": "Which?", "exact": list(exact)}
    return question(taker, {"accepted": rows, "reasons": {}, "reason": ""})


DOSE: Any = {
    "answer": "min(weight * 4.5 [mg/kg], 300 [mg])",
    "accept": {"below": "1", "above": "0"},
    "limit": "300 [mg]",
    "errors": [
        {"value": "answer * 10", "when": "", "unsafe": True},
        {"value": "weight * 4.5 [mg/kg]", "when": "weight * 4.5 [mg/kg] > 300 [mg]", "unsafe": True},
        {"value": "answer / 2", "when": "", "unsafe": False},
    ],
    "reasons": {},
    "reason": "",
}


def calculated(where: Sequence[str] = (), values: Sequence[str] = ("50", "60", "70", "80"), **key: Any) -> Any:
    """Not yet drawn."""
    variables = [{"name": "weight", "unit": "kg", "values": list(values)}]
    taker = {"type": "calculated", "stem": "{weight}?", "unit": "mg", "variables": variables, "where": list(where)}
    return question(taker, {**DOSE, **key})


CASES: dict[str, Any] = {
    "single": choice("single", {RED: "1", GREEN: "1/2", GREY: "-1/4"}),
    "multiple": choice("multiple", {RED: "1", GREEN: "1"}, rule="all-or-nothing"),
    "multiple, partial": choice("multiple", {RED: "1", GREEN: "1"}, rule="partial"),
    "multiple, sum": choice("multiple", {RED: "1/2", GREEN: "1/2", GREY: "-1/4"}, rule="sum"),
    "numeric": numeric(("1/2", "1/2", "1"), ("9/20", "11/20", "4/5")),
    "text": text(([["adrenaline"], ["epi", ""]], "1"), ([["", "caine"]], "1/2"), ([["", ""]], "0")),
    "calculated": calculated().ask("seed"),
}


def cloze() -> Any:
    """Words, a number and a short text."""
    words = [{"id": option["id"], "words": option["text"]} for option in OPTIONS]
    gaps = [{"id": "1", "type": "single", "options": words}, {"id": "2", "type": "numeric", "unit": "mL"}]
    gaps += [{"id": "3", "type": "text"}]
    taker: Any = {"type": "cloze", "stem": "[[1]] [[2]] [[3]]", "gaps": gaps, "shuffle": True, "exact": []}
    keys = {"1": CASES["single"].key, "2": CASES["numeric"].key, "3": CASES["text"].key}
    return question(taker, {"gaps": keys, "reason": ""})


CASES["cloze"] = cloze()


def statements(count: int, rule: str) -> Any:
    told = {option["id"]: "true" if at % 2 else "false" for at, option in enumerate(OPTIONS[:count])}
    taker = {"type": "true-false", "stem": "Judge.", "statements": OPTIONS[:count], "shuffle": True}
    return question(taker, {"verdicts": told, "rule": rule, "reasons": {}, "reason": ""})


def ordering(rule: str = "pairs", **places: str) -> Any:
    ids = {name: option_id(name) for name in ("first", "beside", "second", "third", "stranger")}
    items = [{"id": ids[name], "text": name} for name in ids]
    places = places or {"first": "1", "beside": "1", "second": "2", "third": "3"}
    key = {"places": {ids[name]: place for name, place in places.items()}, "rule": rule, "reasons": {}, "reason": ""}
    return question({"type": "ordering", "stem": "In order?", "items": items}, key)


def matching(kind: str = "matching", **rule: str) -> Any:
    premises = [{"id": f"p{at}", "stem" if kind != "matching" else "text": f"Premise {at}"} for at in range(3)]
    answers = {"p0": RED, "p1": GREEN, "p2": RED}
    taker = {"type": kind, "stem": "Match.", "premises": premises, "options": OPTIONS, "shuffle": True}
    return question(taker, {"answers": answers, "reasons": {}, "reason": "", **rule})


def concordance(*panel: int) -> Any:
    counts = dict(zip((RED, GREEN, BLUE, GREY), panel or (6, 3, 1, 0), strict=True))
    return question(
        {"type": "concordance", "stem": "It becomes:", "options": OPTIONS}, {"panel": counts, "reasons": {}}
    )


CASES |= {
    "true-false": statements(1, "each"),
    "true-false, each": statements(3, "each"),
    "true-false, kprim": statements(4, "kprim"),
    "true-false, all": statements(4, "all-or-nothing"),
    "ordering": ordering(),
    "ordering, all": ordering("all-or-nothing"),
    "matching": matching(),
    "matching, all": matching(rule="all-or-nothing"),
    "extended-matching": matching("extended-matching"),
    "hotspot": picture(),
    "staged": staged(),
    "concordance": concordance(),
    "essay": essay("2", "1").judged([Given((Fraction(2), Fraction(1)))]),
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
        assert isinstance(case.mark(case.read(fields)), Fraction), "exact, whatever was given"


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_whole_once_every_part_of_it_is_given(name: str) -> None:
    case, (full, _) = CASES[name], next(one for one in CASES[name].examples() if one[1] == 1)
    assert case.whole(case.read(full))
    assert not case.whole(case.read({}))
    assert question(case.taker).whole(case.read(full)), "without its key"
    if case.name in {"matching", "extended-matching", "ordering", "true-false", "cloze", "staged"} and len(full) > 1:
        for left in (name for name in full if not name.endswith(DECIMAL)):
            assert not case.whole(case.read({one: values for one, values in full.items() if one != left})), left


def worth(case: Any, fields: dict[str, list[str]]) -> Fraction:
    """By the second scorer."""
    return verdict(case.taker, case.key, fields)[0]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.name in {"single", "multiple"}])
def test_two_scorers_agree_on_every_response(name: str) -> None:
    everything = [*(option["id"] for option in OPTIONS), "stranger"]
    for ticked in chain.from_iterable(combinations(everything, n) for n in range(len(everything) + 1)):
        fields = {"choice": list(ticked)}
        assert CASES[name].mark(CASES[name].read(fields)) == worth(CASES[name], fields), fields


SAID: dict[str, Any] = {
    "true-false": ("statements", lambda case: ["true", "false"]),
    "ordering": ("items", lambda case: ["-", "1", "2", "3"]),
    "matching": ("premises", lambda case: case.options),
    "extended-matching": ("premises", lambda case: case.options),
}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.name in SAID])
def test_two_scorers_agree_on_every_response_in_parts(name: str) -> None:
    case = CASES[name]
    parts, said = SAID[case.name]
    names = [one["id"] for one in case.taker[parts]]
    for chosen in product(["", *said(case)], repeat=len(names)):
        given = dict(zip(names, chosen, strict=True))
        fields = {one: [value] for one, value in given.items()}
        assert case.mark(case.read(fields)) == worth(case, fields), given
    for wrong in (["?"], ["", "?"], [*said(case)[:2]], ["7"]):
        reading = case.read({names[0]: wrong})
        assert (reading.answer, case.mark(reading)) == (None, 0)
        assert reading.problem


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=40), max_size=4)))
def test_no_field_a_browser_can_send_breaks_a_reading(fields: dict[str, list[str]]) -> None:
    for case in CASES.values():
        for name in ("choice", "number", "answer"):
            raw = {**fields, name: next(iter(fields.values()), [])}
            reading = case.read(raw)
            assert mark(case, reading, Fraction(1)).verdict
            assert case.mark(reading) <= 1


def test_without_its_key_a_question_can_be_asked_and_read_but_not_marked() -> None:
    for case in CASES.values():
        bare = question(case.taker)
        assert bare.ask("seed").taker == case.ask("seed").taker
        fields = {"choice": [RED], "number": ["0.5"], "answer": ["adrenaline"]}
        assert bare.read(fields).answer == case.read(fields).answer
        with pytest.raises(LookupError):
            bare.mark(case.read(case.examples()[0][0]))


def stemless(case: Any) -> Any:
    return question({**case.taker, "stem": " \n"}, case.key)


def of(case: Any, *options: dict[str, str]) -> Any:
    return question({**case.taker, "options": list(options)}, case.key)


BEST, TICKS = "mark one option (x) as the best answer; {} are marked.", {RED: "1"}
UNSOUND: list[tuple[Any, str]] = [
    (stemless(CASES["single"]), "the question has no stem; write it between the keys and the options."),
    (stemless(CASES["numeric"]), "the question has no stem; write it between the keys and the answer."),
    (of(choice("single", {RED: "1"}), OPTIONS[0]), "it needs at least two options."),
    (of(choice("single", {RED: "1"}), *OPTIONS, OPTIONS[1]),
     "two options have the same text or id; make them different or remove one."),
    (choice("single", {RED: "1/2"}), BEST.format(0)),
    (choice("single", {RED: "1", GREEN: "1"}), BEST.format(2)),
    (choice("single", {RED: "1", GREEN: "-2"}), "an option's credit lies between -100% and 100%."),
    (choice("single", {RED: "1", GREEN: "101/100"}), "an option's credit lies between -100% and 100%."),
    (choice("multiple", {}, rule="partial"), "tick at least one right option with [x]."),
    (choice("multiple", dict.fromkeys((RED, GREEN, BLUE, GREY), "1"), rule="partial"),
     "every option is ticked as right; at least one must be wrong."),
    (choice("multiple", {RED: "1/2", GREEN: "1/3", GREY: "-1"}, rule="sum"),
     "the credits above 0 make 5/6 of a full answer, not all of it; a third is written 1/3."),
    (question({**statements(1, "each").taker, "stem": " "}, statements(1, "each").key),
     "the question has no stem; write it between the keys and the statement."),
    (question({**statements(3, "each").taker, "statements": OPTIONS[:1] * 2}, statements(3, "each").key),
     "two statements have the same text or id; make them different or remove one."),
    (statements(3, "kprim"), "this rule needs four statements."),
    (stemless(ordering()), "the question has no stem; write it between the keys and the items."),
    (question({**ordering().taker, "items": ordering().taker["items"] * 2}, ordering().key),
     "two items have the same text or id; make them different or remove one."),
    (ordering(first="1", second="1"), "it needs at least two places."),
    (ordering(first="2", second="3"), "the places are numbered 1, 2, 3 and so on, without a gap."),
    (ordering(first="1", second="3"), "the places are numbered 1, 2, 3 and so on, without a gap."),
    (stemless(matching()), "the question has no stem; write it between the keys and the answers."),
    (question({**matching().taker, "premises": matching().taker["premises"] * 2}, matching().key),
     "two premises have the same text; make them different or remove one."),
    (of(matching(), *OPTIONS, OPTIONS[0]), "two options have the same text; make them different or remove one."),
    (of(matching(), OPTIONS[0]), "it needs at least two different answers."),
    (numeric(("1/2", "1/2", "4/5")), "one accepted answer needs full credit."),
    (numeric(("1", "1/2", "1")), "a tolerance runs backwards: write it as +0.05 -0.05."),
    (numeric(("1", "1", "1"), ("2", "2", "-1/4")), "an accepted answer's credit lies between 0% and 100%."),
    (numeric(("1", "1", "1"), ("2", "2", "3/2")), "an accepted answer's credit lies between 0% and 100%."),
]  # fmt: skip
"""A question, and all that is wrong with it."""


@pytest.mark.parametrize(("case", "words"), UNSOUND)
def test_what_an_author_got_wrong_is_said(case: Any, words: str) -> None:
    assert case.problems() == [words]


def test_what_is_just_within_its_limits_is_sound() -> None:
    for case in (
        of(choice("single", {RED: "1"}), *OPTIONS[:2]),
        choice("single", {RED: "1", GREEN: "-1"}),
        choice("multiple", {RED: "1", GREEN: "0"}, rule="sum"),
        of(matching(), *OPTIONS[:2]),
        numeric(("1/2", "1/2", "1"), ("1", "1", "1/1000"), ("2", "2", "0")),
    ):
        assert case.problems() == []


def test_options_come_in_the_order_of_the_seed_unless_the_author_keeps_theirs() -> None:
    case = CASES["single"]
    names = [option["id"] for option in OPTIONS]
    asked = case.ask("seed")
    assert asked.options == shuffled("seed", names) != names
    assert sorted(asked.taker["options"], key=str) == sorted(OPTIONS, key=str)
    assert {**asked.taker, "options": 0} == {**case.taker, "options": 0}
    assert asked.key == case.key
    assert {tuple(case.ask(str(seed)).options) for seed in range(500)} == set(permutations(names))
    kept = question({**case.taker, "shuffle": False}, case.key)
    assert kept.ask("seed").options == names
    assert CASES["numeric"].ask("seed").taker == CASES["numeric"].taker


IN_ORDER = {"true-false, kprim": "statements", "ordering": "items"} | dict.fromkeys(
    ("single", "multiple, sum", "matching", "extended-matching"), "options"
)


@pytest.mark.parametrize("name", IN_ORDER)
def test_what_is_in_an_order_of_the_seed_is_otherwise_as_it_was(name: str) -> None:
    case, part = CASES[name], IN_ORDER[name]
    names = [one["id"] for one in case.taker[part]]
    orders = set()
    for seed in "abcdef":
        asked = case.ask(seed)
        orders.add(tuple(one["id"] for one in asked.taker[part]))
        assert [one["id"] for one in asked.taker[part]] == shuffled(seed, names)
        assert sorted(asked.taker[part], key=str) == sorted(case.taker[part], key=str)
        assert ({**asked.taker, part: 0}, asked.key) == ({**case.taker, part: 0}, case.key)
    assert len(orders) > 2
    if "shuffle" in case.taker:
        kept = question({**case.taker, "shuffle": False}, case.key)
        assert kept.ask("a").taker == kept.taker


def test_an_item_may_be_put_in_the_last_place_there_is() -> None:
    case = CASES["ordering"]
    assert case.read({option_id("first"): ["5"], option_id("second"): ["4"]}).problem is None


def test_the_id_of_an_option_never_changes() -> None:
    assert option_id("red") == "b1f51a511f"
    assert is_option_id("b1f51a511f")
    assert not any(map(is_option_id, ["B1F51A511F", "b1f51a511", "b1f51a511f0", "red", ""]))


TOLD = [
    ("single", {"choice": [RED, GREEN]}, "Choose one of the options shown."),
    ("single", {"choice": ["?"]}, "Choose one of the options shown."),
    ("multiple", {"choice": [RED, "?"]}, "Choose among the options shown."),
    ("true-false, each", {RED: ["maybe"]}, "Choose true or false for each statement."),
    ("ordering", {option_id("first"): ["0"]}, "Choose a place for each from the list."),
    ("ordering", {option_id("first"): ["6"]}, "Choose a place for each from the list."),
    ("matching", {"p0": ["?"]}, "Choose one of the answers of the list for each."),
    ("numeric", {"number": ["about one"]}, "“about one” is not a number. Write digits only, for example 2.5."),
    ("numeric", {"number": ["1,500 mL"]}, "“1,500” may mean two things. Write 1500 or 1.5."),
    ("numeric", {"number": ["1.234"]}, "“1.234” may mean two things. Write 1234 or 1.2340."),
    ("numeric", {"number": ["1,500e-3"]}, "“1,500e-3” may mean two things. Write 1500e-3 or 1.5e-3."),
    ("numeric", {"number": ["1,500E0"], "decimal": ["."]}, "“1,500E0” may mean two things. Write 1500E0 or 1.5E0."),
    ("numeric", {"number": ["1.000"]}, "“1.000” may mean two things. Write 1000 or 1."),
    ("numeric", {"number": ["1,230"]}, "“1,230” may mean two things. Write 1230 or 1.23."),
    ("numeric", {"number": ["x" * 50]}, f"“{'x' * 40}” is not a number. Write digits only, for example 2.5."),
]


@pytest.mark.parametrize(("name", "fields", "words"), TOLD)
def test_what_cannot_be_read_is_said(name: str, fields: dict[str, list[str]], words: str) -> None:
    reading = CASES[name].read(fields)
    assert reading.problem % reading.facts == words
    assert (reading.answer, reading.unanswered, CASES[name].mark(reading)) == (None, False, 0)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_unanswered(name: str) -> None:
    unit = CASES[name].taker.get("unit", "")
    for fields in ({}, {"choice": [""]}, {"number": ["  "]}, {"number": [f" {unit}"]}, {"choice": [], "number": []}):
        assert CASES[name].read(fields).unanswered


def test_texts_are_changed_wherever_they_stand_and_nothing_else_is() -> None:
    part: Any = {
        "type": "x",
        "stem": "s",
        "options": [{"id": "i", "text": "t", "parts": [{"stem": "p"}]}],
        "reasons": {"i": "r"},
        "shuffle": True,
        "credit": {"i": "1"},
    }
    assert with_texts(part, lambda name, text: f"{name}:{text}") == {
        "type": "x",
        "stem": "stem:s",
        "options": [{"id": "i", "text": "text:t", "parts": [{"stem": "stem:p"}]}],
        "reasons": {"i": "reasons:r"},
        "shuffle": True,
        "credit": {"i": "1"},
    }


NUMBERS = [
    ("0.5", "1/2"), ("0,5", "1/2"), (" 2 ", "2"), ("-1.25", "-5/4"), ("\u22123", "-3"), ("+4", "4"), ("1500", "1500"),
    ("1,50", "3/2"), ("0,500", "1/2"), ("1.2340", "617/500"), ("12345,678", "6172839/500"),
    ("1e3", "1000"), ("1.5E-2", "3/200"), ("2,5e+1", "25"),
]  # fmt: skip
NOT_NUMBERS = [
    "1,500",
    "1.500",
    "12,345",
    "1,500e0",
    "-1.500E+3",
    "1 500",
    "1e",
    "e3",
    "1e100",
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


@pytest.mark.parametrize(("text", "decimal", "value"), [
    ("1.125", ".", "9/8"), ("1,125", ",", "9/8"), ("-12,500", ",", "-25/2"), ("1,5", ".", "3/2"), ("1.5", ",", "3/2"),
    ("1.500e0", ".", "3/2"), ("1,500e3", ".", ""),
    ("1,125", ".", ""), ("1.125", ",", ""), ("1.125", "", ""), ("1.125", "1.", ""),
])  # fmt: skip
def test_the_sign_of_the_takers_language_begins_decimals(text: str, decimal: str, value: str) -> None:
    if value:
        assert read_number(text, decimal) == Fraction(value)
        return
    with pytest.raises(Refused, match="may mean two things"):
        read_number(text, decimal)


@pytest.mark.parametrize(("text", "is_so"), [
    ("1.125", True), ("1,500 mL", True), ("-12.500", True), (" 999,999 ", True), ("0.125", False), ("1.1250", False),
    ("1234.567", False), ("1.5", False), ("1,\u0665\u0660\u0660", False), ("1,234,567", False), ("", False),
    ("ten", False), ("1,500e0", True),
])  # fmt: skip
def test_few_numbers_need_to_be_known_by_their_writers_language(text: str, is_so: bool) -> None:
    assert unclear(text) is is_so


def test_a_part_knows_the_sign_of_the_whole() -> None:
    assert fields_of({"1.number": ["1.125"], "decimal": ["."]}, "1") == {"number": ["1.125"], "decimal": ["."]}
    assert fields_of({"1.number": ["1.125"], "decimal": ["."]}, "2") == {}


def test_the_way_out_of_an_ambiguous_number_is_unambiguous() -> None:
    for text in ("1,500", "1.234", "999,999", "1,500e0", "1.234E-1"):
        with pytest.raises(Refused) as refused:
            read_number(text)
        assert read_number(str(refused.value.facts["whole"])) == Fraction(text.replace(",", "").replace(".", ""))
        assert read_number(str(refused.value.facts["decimal"])) == Fraction(text.replace(",", "."))


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_decimal_text_is_exact(whole: int, places: int) -> None:
    value = Fraction(whole, 10**places)
    assert Fraction(decimal_text(value)) == value
    assert decimal_text(Fraction(1, 3)) == "1/3"


@pytest.mark.parametrize(
    ("value", "text"), [("0", "0"), ("100", "100"), ("5/2", "2.5"), ("-1/8", "-0.125"), ("1/3", "1/3"), ("7/6", "7/6")]
)
def test_a_number_is_written_as_short_as_it_is(value: str, text: str) -> None:
    assert decimal_text(Fraction(value)) == text
    assert decimal_text(Fraction(1, 10**12)) == "0.000000000001"


def test_chance_never_changes() -> None:
    assert shuffled("seed", ["a", "b", "c", "d"]) == ["a", "d", "c", "b"]
    assert drawn("seed", "dcba", 2) == ["a", "d"]
    assert number("seed", "a") >> 224 == 0xA360EC6


def test_what_was_met_is_drawn_last_and_stands_anywhere() -> None:
    assert set(drawn("seed", "abcd", 2, last={"a", "d"})) == {"b", "c"}
    assert set(drawn("seed", "abcd", 3, last={"a", "d"})) > {"b", "c"}
    assert {drawn(str(seed), "abcd", 3, last={"a", "b", "c"}).index("d") for seed in range(20)} == {0, 1, 2}
    assert {drawn(str(seed), "abcd", 2, last={"a", "b", "c"})[0] for seed in range(40)} == set("abcd")


def test_what_stands_right_in_an_order_is_what_earns() -> None:
    """Where all stand as they should all is earned, whatever numbers they were given; and only there."""
    case, met = ordering(), 0
    names = {one["id"]: one["text"] for one in case.taker["items"]}
    for placed in product(["", "-", "1", "2", "3", "4"], repeat=len(case.items)):
        reading = case.read({one: [place] if place else [] for one, place in zip(case.items, placed, strict=True)})
        whole = all(case.stands(reading, one) for one in case.items)
        assert whole == (case.mark(reading) == 1), placed
        met += whole
    assert met > 1
    put = {"first": "1", "beside": "2", "second": "4", "third": "3", "stranger": "-"}
    reading = case.read({one: [put[name]] for one, name in names.items()})
    assert [name for one, name in names.items() if case.stands(reading, one)] == ["first", "beside", "stranger"]


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


@pytest.mark.parametrize(("unit", "text"), [
    ("micrograms", "500 mcg"), ("micrograms", "500 microgram"), ("micrograms", "500 \u00b5g"), ("micrograms", "500ug"),
    ("mL", "500 ML"), ("min", "500 minutes"), ("min", "500 Mins"), ("mg/mL", "500 mg per ml"), ("%w/v", "500 %w/v"),
    ("cm2", "500 cm\u00b2"), ("mmHg", "500 mmhg"), ("mL", "500\u200b mL\ufeff"), ("mL", "5e2 mL"), ("mm", "500"),
    ("%", "500 percent"), ("%", "500%"), ("\u00b0C", "500 degrees"), ("\u00b0", "500 degree"), ("weeks", "500 week"),
    ("months", "500 month"), ("mL", "500 mL."), ("mg/kg", "500 mg / kg"), ("inches", "500 inches"),
])  # fmt: skip
def test_a_unit_may_be_written_as_people_write_it(unit: str, text: str) -> None:
    accepted = [{"value": "500", "low": "500", "high": "500", "credit": "1"}]
    asked = question(
        {"type": "numeric", "stem": "?", "unit": unit}, {"accepted": accepted, "reasons": {}, "reason": ""}
    )
    assert asked.read({"number": [text]}).answer == 500


@pytest.mark.parametrize(("text", "sentence"), [
    (".5", "“.5” is easily misread. Write 0.5."), ("5.", "“5.” is easily misread. Write 5."),
    ("-,5", "“-,5” is easily misread. Write -0,5."),
    ("500 micrograms", "“500 micrograms” is in another unit. Write how much it is in mL."),
    ("0.5mg", "“0.5mg” is in another unit. Write how much it is in mL."),
    ("0.5 l", "“0.5 l” is in another unit. Write how much it is in mL."),
    ("0.5 cm\u00b2", "“0.5 cm\u00b2” is in another unit. Write how much it is in mL."),
    ("0.5 mg per mL", "“0.5 mg per mL” is in another unit. Write how much it is in mL."),
    ("9" * 40 + "mg", "“" + "9" * 40 + "” is in another unit. Write how much it is in mL."),
    ("2 years", "“2 years” is in another unit. Write how much it is in mL."),
    ("5 apples", "“5 apples” is not a number. Write digits only, for example 2.5."),
])  # fmt: skip
def test_a_number_that_is_nearly_right_is_told_how_to_be_written(text: str, sentence: str) -> None:
    reading = numeric(("1/2", "1/2", "1")).read({"number": [text]})
    assert reading.answer is None
    assert (reading.problem or "") % reading.facts == sentence


def test_members_are_alike_by_their_id_or_by_what_they_say() -> None:
    assert alike([{"id": "a", "text": "x"}, {"id": "a", "text": "y"}])
    assert alike([{"id": "a", "text": "x  y"}, {"id": "b", "text": "x y"}])
    assert alike([{"id": "a", "words": "x"}, {"id": "b", "words": "x"}])
    assert not alike([{"id": "a", "words": "x"}, {"id": "b", "words": "y"}, {"id": "c"}])
