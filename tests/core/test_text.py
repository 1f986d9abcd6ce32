"""Short texts: what counts of them, wildcards, and that the first line that fits decides."""

import re
import unicodedata
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.grading import mark
from mesotrain.core.questions import question
from mesotrain.core.questions.text import EXACT, MOST, folded
from tests.core.test_questions import text

SAME = [
    ("adrenaline", "ADRENALINE"),
    ("adrenaline", "  adrenaline. "),
    ("adrenaline", "“Adrenaline”!"),
    ("Ménière", "meniere"),
    ("Ménière", unicodedata.normalize("NFD", "ménière")),
    ("Straße", "STRASSE"),
    ("Raynaud's disease", "raynaud\u2019s \t disease"),
    ("beta-blocker", "Beta\u2013blocker"),
    ("5 \u00b5g", "5 \u03bcg"),
    ("H\u2082O", "H2O"),
]
OTHER = [
    ("adrenaline", "adrenalin"),
    ("adrenaline", "nor adrenaline"),
    ("beta-blocker", "beta blocker"),
    ("2%", "2"),
    ("søster", "soster"),
    ("Raynaud's", "Raynauds"),
    ("a.b", "ab"),
]


@pytest.mark.parametrize(("form", "answer"), SAME)
def test_what_does_not_count(form: str, answer: str) -> None:
    case = text(([[form]], "1"))
    assert case.mark(case.read({"answer": [answer]})) == 1
    assert case.problems() == []


@pytest.mark.parametrize(("form", "answer"), OTHER)
def test_what_counts(form: str, answer: str) -> None:
    case = text(([[form]], "1"))
    assert case.mark(case.read({"answer": [answer]})) == 0


@pytest.mark.parametrize(
    ("exact", "answer"), [("case", "ménière."), ("accents", "Meniere."), ("punctuation", "ménière")]
)
def test_an_exact_rule_makes_one_thing_count(exact: str, answer: str) -> None:
    asked = [text(([["Ménière."]], "1"), exact=[one] if one else []) for one in ("", *EXACT)]
    earned = {one.exact[0] if one.exact else "": one.mark(one.read({"answer": [answer]})) for one in asked}
    assert earned[""] == 1
    assert earned[exact] == 0
    assert {one.mark(one.read({"answer": [" Ménière. "]})) for one in asked} == {1}
    ray = text(([["X-ray"]], "1"), exact=["case", "punctuation"])
    assert ray.mark(ray.read({"answer": ["-ray"]})) == 0


WILD = [
    (["epi", ""], "epinephrine", True),
    (["epi", ""], "Epi", True),
    (["epi", ""], "an epi pen", False),
    (["", "caine"], "lidocaine.", True),
    (["", "caine"], "lidocaines", False),
    (["a", "a"], "a", False),
    (["a", "a"], "aa", True),
    (["", "b", "c", ""], "xbxcx", True),
    (["", "b", "c", ""], "xcxbx", False),
    (["a", "ba", "a"], "aba", False),
    (["a", "ba", "a"], "abaa", True),
    (["", "a", ""], "ab", True),
    (["x", "a", "b", "y"], "xabay", True),
    (["x", "ab", "by"], "xaby", False),
    (["a.", "b"], "ab", False),
    (["a.", "b"], "a.xb", True),
    (["a", ".b"], "axb", False),
    (["a", ".b"], "ax.b", True),
    ([".a", "b."], "axb", True),
    (["adrenaline ", " mg"], "adrenaline 0.5 mg", True),
    (["a*b"], "a*b", True),
    (["a*b"], "axb", False),
]


@pytest.mark.parametrize(("form", "answer", "fits"), WILD)
def test_wildcards(form: list[str], answer: str, fits: bool) -> None:
    case = text(([form], "1"))
    assert case.mark(case.read({"answer": [answer]})) == fits


def test_at_the_ends_of_a_form_with_wildcards_punctuation_counts_where_it_is_asked_for() -> None:
    for exact, earned in (["punctuation"], [0, 0, 1]), ([], [1, 1, 1]):
        case = text(([[".a", "b."]], "1"), exact=exact)
        assert [case.mark(case.read({"answer": [one]})) for one in ("axb.", ".axb", ".axb.")] == earned


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=5), st.text("ab", max_size=12))
def test_wildcards_fit_as_a_regular_expression_does(form: list[str], answer: str) -> None:
    case = text(([form], "1"))
    expected = bool(answer) and bool(re.fullmatch(".*".join(map(re.escape, form)), answer))
    assert case.mark(case.read({"answer": [answer]})) == expected


def test_the_first_line_that_fits_decides() -> None:
    case = text(([["lidocaine"]], "1"), ([["", "caine"], ["caine", ""]], "1/2"), ([["", ""]], "0"))
    for answer, place, credit in (("Lidocaine", 0, 1), ("procaine", 1, Fraction(1, 2)), ("water", 2, 0)):
        reading = case.read({"answer": [answer]})
        assert (case.place(reading), case.mark(reading)) == (place, credit)
        assert reading.answer == answer, "the raw text is kept"


def test_case_may_count_in_one_line_alone() -> None:
    case = text(([["Heart"]], "1"), ([["heart"]], "1/2"), ([["", "art"]], "1/4"))
    case.key["accepted"][0]["exact"] = ["case"]
    for answer, credit in (("Heart", 1), ("HEART", Fraction(1, 2)), ("  Heart! ", 1), ("CART", Fraction(1, 4))):
        assert case.mark(case.read({"answer": [answer]})) == credit
    assert case.problems() == []
    assert all(case.mark(case.read(raw)) == credit for raw, credit in case.examples())


def test_too_long_is_asked_back_and_nothing_is_unanswered() -> None:
    case = text(([["", "a"]], "1"))
    long = case.read({"answer": ["a" * (MOST + 1)]})
    assert mark(case, long, Fraction(1)).verdict == "unreadable"
    assert (long.problem or "") % long.facts == "Write at most 200 characters."
    assert mark(case, case.read({"answer": ["a" * MOST]}), Fraction(1)).verdict == "right"
    for nothing in ({}, {"answer": []}, {"answer": [" \t"]}):
        assert mark(case, case.read(nothing), Fraction(1)).verdict == "unanswered"
    assert mark(case, case.read({"answer": ["."]}), Fraction(1)).verdict == "wrong"


@given(st.text(), st.sets(st.sampled_from(EXACT)))
def test_folding_twice_is_folding_once(given: str, exact: set[str]) -> None:
    assert folded(folded(given, exact), exact) == folded(given, exact)


FORM = st.lists(st.text("aB é.*|", max_size=3), min_size=1, max_size=3)


@given(st.lists(st.lists(FORM, min_size=1, max_size=2), min_size=1, max_size=3), st.sets(st.sampled_from(EXACT)))
def test_what_has_no_problem_earns_what_its_examples_say(lines: list[list[list[str]]], exact: set[str]) -> None:
    case = text(*((forms, "1" if place == 0 else "1/3") for place, forms in enumerate(lines)), exact=sorted(exact))
    if not case.problems():
        for fields, credit in case.examples():
            assert case.mark(case.read(fields)) == credit, fields


def test_the_taker_part_tells_nothing_of_the_key() -> None:
    taker = text(([["adrenaline"]], "1")).ask("seed").taker
    assert taker == text(([["x"], ["y", ""]], "1"), ([["z"]], "0")).ask("other").taker


FULL, RANGE = "one accepted answer needs full credit.", "an answer's credit lies between 0% and 100%."
LETTERS = "an answer has no letters; what * alone accepts is worth 0%."
LONG, REACHED = (
    "an accepted answer has at most 100 characters.",
    "no text reaches one of the answers: one above accepts them all.",
)
UNSOUND = [
    (question({**text(([["a"]], "1")).taker, "stem": " "}, text(([["a"]], "1")).key),
     "the question has no stem; write it between the keys and the answer."),
    (text(([["a"]], "1/2")), FULL),
    (text(([["a"]], "1"), ([["b"]], "3/2")), RANGE),
    (text(([["a"]], "1"), ([["b"]], "-1/2")), RANGE),
    (text(([["", ""]], "1")), LETTERS),
    (text(([["a"]], "1"), ([["."]], "1/2")), LETTERS),
    (text(([["a" * 101]], "1")), LONG),
    (text(([["a", ""]], "1"), ([["ab"]], "1/2")), REACHED),
    (text(([["A."]], "1"), ([["a"]], "1/2")), REACHED),
]  # fmt: skip


@pytest.mark.parametrize(("case", "words"), UNSOUND)
def test_what_an_author_got_wrong_is_said(case: Any, words: str) -> None:
    assert case.problems() == [words]


def test_every_line_that_no_text_reaches_is_found() -> None:
    case = text(*(([[form]], "1") for form in "aabab"))
    assert case.unreachable() == [1, 3, 4]


def test_an_accent_alone_is_an_answer_where_accents_count() -> None:
    assert text(([["\u00b4"]], "1")).problems() == [LETTERS]
    assert text(([["\u00b4"]], "1"), exact=["accents"]).problems() == []


def test_what_is_just_within_its_limits_is_sound() -> None:
    assert text(([["a" * 50, "b" * 50]], "1"), ([["c"]], "0"), ([["", ""]], "0")).problems() == []
