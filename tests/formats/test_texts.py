"""Short texts as they are written."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesotrain.formats.answers.texts import read_forms, written_forms
from mesotrain.formats.printed import write_bank
from tests.formats.test_bank import HEAD, faulty, one, read


def test_forms_credit_and_reasons() -> None:
    question = one(
        "exact: case, accents\n\nWhich?\n\n"
        '= adrenaline | epi*\n  Why: one hormone.\n\n    Two names.\n= "5-FU" | a\\|b \\(50%) (50%)\n'
        "= noradrenaline (0%)\n\nWhy: all.\n"
    )
    assert question.taker == {"type": "text", "stem": "Which?", "exact": ["case", "accents"]}
    assert question.key == {
        "accepted": [
            {"forms": [["adrenaline"], ["epi", ""]], "credit": "1"},
            {"forms": [["5-FU"], ["a|b (50%)"]], "credit": "1/2"},
            {"forms": [["noradrenaline"]], "credit": "0"},
        ],
        "reasons": {"0": "one hormone.\n\nTwo names."},
        "reason": "all.",
    }


WORDED = ("five mL", "half a mL", "about 5 mL", "about 5", "approximately \u00bd L", "twenty-one days", "two mg per kg")


def test_what_only_begins_like_a_number_or_stands_in_quotes_is_a_text() -> None:
    texts = ["five", "a syringe", "two steps", "around the eye", "halfway", "a dose", "\u00bd tablet", *WORDED]
    lines = [f"= {one}" for one in texts[:6]] + [f'= "{one}" (50%)' for one in texts[6:]]
    question = one("\nQ\n\n" + "\n".join(lines) + "\n")
    assert [row["forms"] for row in question.key["accepted"]] == [[[one]] for one in texts]
    assert read(write_bank("b", "B", "en", [question]))[0].questions[0].key == question.key


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("a | b", [["a"], ["b"]]),
        ("a\\* b*c", [["a* b", "c"]]),
        ("\\\\a", [["\\a"]]),
        ('"a"', [["a"]]),
        ('""a""', [['"a"']]),
        ('" a "|"*b"', [[" a "], ["", "b"]]),
        ('"', [['"']]),
        ("*", [["", ""]]),
        ("a\\b", [["a\\b"]]),
    ],
)
def test_marks_within_a_form(text: str, forms: list[list[str]]) -> None:
    assert read_forms(text) == forms
    assert read_forms(written_forms(forms)) == forms


BROKEN = [
    ("\nQ\n\n= adrenaline {#oak} | epinephrine\n", 11, "keep an id; take “{#oak}” away."),
    *(
        (f"\nQ\n\n= adrenaline | {number}\n", 11, f"“{number}” is a number in words: write it as = 5 mL")
        for number in WORDED
    ),
    ("\nQ\n\n= adrenaline (half%)\n", 11, "“adrenaline (half%)” is no answer"),
    ("\nQ\n\n= adrenaline |\n", 11, "there is no text on one side of |"),
    ("\nQ\n\n= adren*\n= adrenaline (50%)\n", 12, "no text reaches a part of this answer"),
    ("\nQ\n\n= Adrenaline\n= b | adrenaline. (50%)\n", 12, "no text reaches a part of this answer"),
    ("\nQ\n\n= adrenaline (50%)\n", 7, "one accepted answer needs full credit"),
    ("\nQ\n\n= adrenaline\n= b (-50%)\n", 7, "between 0% and 100%"),
    ("\nQ\n\n= adrenaline\n= * (50%)\n", 7, "what * alone accepts is worth 0%"),
    ("\n= adrenaline\n", 7, "the question has no stem"),
    ("\nQ\n\n=adrenaline\n", 11, "leave a space after ="),
    ("\nQ\n\n= adrenaline\n= 5-FU\n", 12, "A text that does not begin with a letter stands in quotes."),
    ("\nQ\n\n= adrenaline\n- (x) no\n", 12, "one question has one kind of answer"),
    ("exact: capitals\n\nQ\n\n= adrenaline\n", 8, "exact should look like case, accents, punctuation"),
    ("exact: case\n\nQ\n\n= 5 mL\n", 8, "exact is for a short text"),
    ("shuffle: no\n\nQ\n\n= adrenaline\n", 8, "shuffle is for questions with options"),
    (f"\nQ\n\n= {'a' * 101}\n", 7, "at most 100 characters"),
]


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_faults_stand_at_their_lines(body: str, line: int, words: str) -> None:
    faults = faulty(body)
    assert any(fault.startswith(f"bank.md:{line}: ") and words in fault for fault in faults), faults
    assert len(faults) == 1


def test_a_line_may_ask_for_its_case() -> None:
    question = one('\nWhich?\n\n= Heart (case)\n= heart | cor (case) (50%)\n= "a (case)" (0%)\n')
    assert question.key["accepted"] == [
        {"forms": [["Heart"]], "credit": "1", "exact": ["case"]},
        {"forms": [["heart"], ["cor"]], "credit": "1/2", "exact": ["case"]},
        {"forms": [["a (case)"]], "credit": "0"},
    ]
    whole = one("exact: case\n\nWhich?\n\n= Heart (case)\n")
    assert whole.key["accepted"] == [{"forms": [["Heart"]], "credit": "1"}]


MARKS = st.text('ab|*\\"(5%)[^]<!-> .`_', min_size=1, max_size=12)
LINE = st.tuples(
    MARKS,
    st.sampled_from(["", " (50%)", " (0%)", " (33.25%)", " (1/3)", " (case)", " (case) (50%)"]),
    st.sampled_from(["", "so", "so\n\n    x y"]),
)


@settings(max_examples=300)
@given(st.lists(LINE, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_what_is_read_and_written_is_read_the_same(lines: list[Any], reason: bool, exact: bool) -> None:
    rows = [f"= a{text}{credit}\n" + (f"  Why: {why}\n" if why else "") for text, credit, why in lines]
    body = "exact: case, punctuation\n" * exact + "\nQ\n\n" + "".join(rows) + "\nWhy: all.\n\nOf it.\n" * reason
    bank, faults = read(HEAD + "## emg-0001\n" + body)
    if not faults:
        question = bank.questions[0]
        again, faults = read(write_bank("b", "B", "en", [question]))
        assert faults == []
        assert again.questions[0].version == question.version
