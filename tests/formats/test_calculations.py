"""Calculations as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.formats.printed import write_bank
from tests.formats.test_bank import HEAD, faulty, one, read


def calc(*lines: str, stem: str = "{weight}?", after: str = "") -> str:
    return "\n".join(["", stem, "", "```calc", *lines, "```", "", after])


RANGE = "weight = 50 kg .. 70 kg step 10 kg"
ANSWER = "answer = weight * 2 [mg/kg] in mg"


def test_a_block_is_read() -> None:
    question = one(
        calc(
            RANGE,
            "strength = 1, 2 %w/v",
            "where weight > 50 [kg]",
            "answer =  weight * 2 [mg/kg] / strength in mL",
            "accept -100 microlitres +0.2 mL",
            "limit 20 [mL]",
            'error unsafe answer * 10 "Ten "times"."',
            'error answer / 2 when strength < 2 [%w/v]   "Half, {weight}."',
            stem="{weight} of {strength}?",
            after="Why: {weight}, {answer}.\n\nSo.\n",
        ).replace("microlitres", "microlitres")
    )
    assert question.taker == {
        "type": "calculated",
        "stem": "{weight} of {strength}?",
        "unit": "mL",
        "variables": [
            {"name": "weight", "unit": "kg", "values": ["50", "60", "70"]},
            {"name": "strength", "unit": "%w/v", "values": ["1", "2"]},
        ],
        "where": ["weight > 50 [kg]"],
    }
    assert question.key == {
        "answer": "weight * 2 [mg/kg] / strength",
        "accept": {"below": "1/10", "above": "1/5"},
        "limit": "20 [mL]",
        "errors": [
            {"value": "answer * 10", "when": "", "unsafe": True},
            {"value": "answer / 2", "when": "strength < 2 [%w/v]", "unsafe": False},
        ],
        "reasons": {"0": 'Ten "times".', "1": "Half, {weight}."},
        "reason": "{weight}, {answer}.\n\nSo.",
    }


def test_a_line_that_cannot_be_read_hides_no_name_that_is_unknown() -> None:
    found = faulty(
        calc(
            "weight = 50 kg to 70 kg",
            "where height > 1 [kg]",
            "answer = wait * 2 [mg/kg] in mg",
            "limit most",
            'error answer * (2 "Half."',
            'error answer * 3 when old > 1 "{age}"',
        )
    )
    assert [int(one.split(":")[1]) for one in found] == [12, 13, 14, 15, 16, 17, 17]
    for name, line in (("height", found[1]), ("wait", found[2]), ("most", found[3]), ("old", found[5])):
        assert f"{name} is no value here; there are" in line


def test_without_accept_only_the_number_itself_counts() -> None:
    assert one(calc(RANGE, ANSWER)).key["accept"] == {"share": "0"}
    assert one(calc(RANGE, ANSWER, "accept 2.5%")).key["accept"] == {"share": "1/40"}


BROKEN = [
    (calc(RANGE), 11, "the calculation has no answer"),
    (calc(RANGE, ANSWER, "tolerance 2%"), 14, "“tolerance 2%” has no meaning here"),
    (calc(RANGE, ANSWER, ANSWER), 14, "answer is given twice"),
    (calc(RANGE, RANGE, ANSWER), 13, "weight is given twice"),
    (calc(RANGE, "min = 3", ANSWER), 13, "min has a meaning of its own"),
    (calc("weight = 50 to 70 kg", ANSWER), 12, "“50 to 70 kg” are no values"),
    (calc("weight = 50 kg .. 70 g step 10 kg", ANSWER), 12, "a range has one unit"),
    (calc("weight = 70 kg .. 50 kg step 10 kg", ANSWER), 12, "a range goes up"),
    (calc("weight = 50 kg .. 75 kg step 10 kg", ANSWER), 12, "ends at its last"),
    (calc("weight = 1 kg .. 2000 kg step 1 kg", ANSWER), 12, "at most 1,000"),
    (calc("weight = 1, 1 kg", ANSWER), 12, "a value stands there twice"),
    (calc("weight = 1, 2 stone", ANSWER), 12, "“stone” is no unit here"),
    (calc(RANGE, "answer = mass * 2 [mg/kg] in mg"), 13, "mass is no value here; there are weight."),
    (calc(RANGE, "answer = weight * 2 [mg/kg]"), 13, "mass and a bare number cannot be the same"),
    (calc(RANGE, "answer = weight + 2 in kg"), 13, "mass and a bare number cannot be added"),
    (calc(RANGE, "answer = weight * 2 % in kg"), 13, "per cent is written [%w/v]"),
    (calc(RANGE, "answer = weight * 2 [mg/kg] in grams"), 13, "“grams” is no unit here"),
    (calc(RANGE, "where weight", ANSWER), 13, "a comparison is expected"),
    (calc(RANGE, "where answer > 3 [mg]", ANSWER), 13, "answer is no value here"),
    (calc(RANGE, "accept 2%", ANSWER), 13, "under the answer"),
    (calc(RANGE, ANSWER, "accept 2"), 14, "what is accepted stands once"),
    (calc(RANGE, ANSWER, "accept -1 mg -2 mg"), 14, "what is accepted stands once"),
    (calc(RANGE, ANSWER, "accept -1 mL"), 14, "volume and mass cannot be the same"),
    (calc(RANGE, ANSWER, "limit answer"), 14, "answer is no value here"),
    (calc(RANGE, ANSWER, "error answer * 2"), 14, "write an error as"),
    (calc(RANGE, ANSWER, 'error answer * 2 when weight "So."'), 14, "a comparison is expected"),
    (calc(RANGE, ANSWER, 'error answer * 2 "So, {mass}."'), 14, "{mass} is no value that stands here"),
    (calc(RANGE, ANSWER, stem="{weight} {answer}?"), 9, "{answer} is no value that stands here"),
    (calc(RANGE, ANSWER, stem="How much?"), 12, "write {weight} into the stem"),
    (calc(RANGE, ANSWER, stem="How *much*{weight}"), 12, "write {weight} into the stem, with a blank before it"),
    (calc(RANGE, ANSWER, after="Why: {mass}.\n"), 16, "{mass} is no value that stands here"),
    (calc(RANGE, ANSWER, after="More.\n"), 16, "only Why: may stand after a calculation"),
    (calc(RANGE, ANSWER, after="Why:\n"), 16, "Why: is empty"),
    (
        calc(RANGE, "answer = weight / 3 in kg"),
        7,
        "more than 4 digits; choose other values or round it. So it is for",
    ),
    (calc(RANGE, ANSWER, 'error answer + 0 [mg] "So."'), 7, "error 1, 100, is not apart from what is accepted"),
    ("credit: partial\n" + calc(RANGE, ANSWER), 8, "credit: partial says nothing"),
]


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_faults_stand_at_their_lines(body: str, line: int, words: str) -> None:
    faults = faulty(body)
    assert any(fault.startswith(f"bank.md:{line}: ") and words in fault for fault in faults), faults
    assert len(faults) == 1


def test_every_fault_of_a_block_is_said_at_once() -> None:
    faults = faulty(calc("weight = x", "answer = 1 in stone", "accept 2", "colour red"))
    assert [fault.split(":")[1] for fault in faults] == ["12", "13", "14", "15"]


UNIT = st.sampled_from([" kg", " mg", ""])
EXTRA = st.sampled_from(
    ["where weight > 2 [kg]", "accept 2%", "accept -0.5 mg", "accept +1 mg", "limit 1000 [g]", "limit weight",
     'error unsafe answer * 10 "Ten."', 'error answer * 3 when weight > 3 [kg] "{weight} "so" | x"', "accept 0.25%"]
)  # fmt: skip


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=5, unique=True), st.lists(EXTRA, max_size=5, unique=True),
    st.sampled_from(["", "Why: it is {answer}.\n\nSo.\n"]), st.sampled_from([RANGE, ""]),
)  # fmt: skip
def test_what_is_read_and_written_is_read_the_same(
    values: list[int], extra: list[str], after: str, ranged: str
) -> None:
    listed = ranged or f"weight = {', '.join(map(str, values))} kg"
    bank, faults = read(HEAD + "## emg-0001\n" + calc(listed, ANSWER, *extra, after=after))
    if not faults:
        question = bank.questions[0]
        again, faults = read(text := write_bank("b", "B", "en", [question]))
        assert faults == []
        assert again.questions[0].version == question.version
        assert write_bank("b", "B", "en", again.questions) == text


LINES = st.text("weightanswer =*/+-.,[]mgkL%0123456789(){}<> \"'", max_size=40)


@given(
    st.lists(LINES | st.sampled_from([RANGE, ANSWER, "answer = 1 [mg] in mg", "accept", "error", "limit"]), max_size=5)
)
def test_any_lines_give_faults_or_a_question(lines: list[str]) -> None:
    bank, faults = read(HEAD + "## emg-0001\n" + calc(*lines))
    assert bool(faults) != bool(bank.questions)
