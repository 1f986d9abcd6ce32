"""Texts with gaps as they are written."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.questions import option_id
from mesotrain.formats.printed import write_bank, write_question
from tests.formats.test_bank import HEAD, faulty, one, read

TEXT = """Inject [[= 500 +5 -5 micrograms]] of
[[ = adrenaline | epi* ]] into `[[x]]` the [[(x) thigh | (50%) hip | ( ) arm {#oak}]]."""


def test_gaps_are_numbered_and_their_keys_kept_apart() -> None:
    question = one(f"\n{TEXT}\n\nWhy: so.\n")
    thigh, hip, arm = (option_id(word) for word in ("thigh", "hip", "oak"))
    words = {thigh: "thigh", hip: "hip", arm: "arm"}
    assert question.taker == {
        "type": "cloze",
        "stem": "Inject [[1]] of\n[[2]] into `[[x]]` the [[3]].",
        "gaps": [
            {"id": "1", "type": "numeric", "unit": "micrograms"},
            {"id": "2", "type": "text"},
            {"id": "3", "type": "single", "options": [{"id": name, "words": words[name]} for name in sorted(words)]},
        ],
        "shuffle": True,
        "exact": [],
    }
    assert question.key["reason"] == "so."
    gaps = question.key["gaps"]
    assert gaps["1"] == {"accepted": [{"value": "500", "low": "495", "high": "505", "credit": "1"}]}
    assert gaps["2"] == {"accepted": [{"forms": [["adrenaline"], ["epi", ""]], "credit": "1"}]}
    assert gaps["3"]["credit"] == {thigh: "1", hip: "1/2"}


def test_a_gap_may_count_more_and_hold_texts_worth_less() -> None:
    question = one("\n[[3 points: = adrenaline | epi* | = noradrenaline (50%)]] and [[= 5 mL]]\n")
    assert [gap.get("weight") for gap in question.taker["gaps"]] == ["3", None]
    marked = question.marked()
    for answer, credit in (("epinephrine", "3/4"), ("noradrenaline", "3/8"), ("saline", "0")):
        assert marked.mark(marked.read({"1.answer": [answer]})) == Fraction(credit)
    assert marked.mark(marked.read({"1.answer": ["adrenaline"], "2.number": ["5"]})) == 1


@pytest.mark.parametrize("rule", ["partial", "all-or-nothing"])
def test_a_rule_of_the_whole_is_read_and_printed(rule: str) -> None:
    question = one(f"credit: {rule}\n\n[[= Heart (case) | = heart (50%)]] and [[(x) a | (-50%) b]]\n")
    assert question.key["rule"] == rule
    assert f"\ncredit: {rule}\n" in write_question(question)
    assert "[[= Heart (case) | = heart (50%)]]" in write_question(question)


BROKEN = [
    ("\n[[0 points: = a]] and [[0 points: = 5]].\n", 7, "one gap at least counts something"),
    ("\nThe [[= 5 mL].\n", 9, "this gap is never closed with ]] on its line"),
    ("\nThe [[= 5 mL]] and [[thigh]].\n", 9, "a gap is written as [[(x) thigh"),
    ("\nThe [[(x) thigh | arm]].\n", 9, "every choice of a gap begins with (x)"),
    ("\nThe [[= 4,5 mL]].\n", 9, "has a comma; write the decimal point"),
    ("\nThe\n[[(x) thigh | ( ) thigh]].\n", 7, "gap 1: two options have the same text"),
    ("\nThe [[= 5 mL]] or [[= adrenaline (50%)]].\n", 7, "gap 2: one accepted answer needs full credit"),
    ("\nThe [[= 5 mL]](or so).\n", 7, "a gap cannot stand in a link"),
    ("\nThe [[= 5 mL]].\n\n- (x) yes\n- ( ) no\n", 11, "a text with gaps has no other answers"),
    ("\nThe [[= 5 mL]].\n\nWhy:\n", 11, "Why: is empty"),
    ("credit: each\n\nThe [[= 5 mL]].\n", 8, "no rule each; credit may be partial or all-or-nothing"),
]


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_faults_stand_at_their_lines(body: str, line: int, words: str) -> None:
    faults = faulty(body)
    assert any(fault.startswith(f"bank.md:{line}: ") and words in fault for fault in faults), faults


PIECE = st.sampled_from(
    ["[[= 5 mL]]", "[[2 points: = 5 mL]]", "[[0 points: = a | b | = c (50%) | = d* (0%)]]",
     "[[1 point: (x) a | ( ) b]]",
     "[[= 5 +1 mL | 4 mL (50%)]]", "[[= a | b*]]", '[[= "5-FU" | a\\|b \\]\\]]]', "[[(x) a | ( ) b]]",
     "[[( ) a {#yew} | (x) b c | (1/3) d]]", "and *so*", "\n", "(then)", "`[[= 5]]`", "[[1]]", "[[= 5", "]]"]
)  # fmt: skip


@given(st.lists(PIECE, min_size=1, max_size=6), st.sampled_from(["", "\n\nWhy: so.\n\nMore.\n"]), st.booleans())
def test_what_is_read_and_written_is_read_the_same(pieces: list[str], why: str, shuffled: bool) -> None:
    keys = "" if shuffled else "shuffle: no\n"
    bank, faults = read(HEAD + f"## emg-0001\n{keys}\nThe {' '.join(pieces)}{why}\n")
    assert bool(faults) != bool(bank.questions)
    if bank.questions:
        again, faults = read(text := write_bank("b", "B", "en", bank.questions))
        assert faults == []
        assert again.questions[0].version == bank.questions[0].version
        assert write_bank("b", "B", "en", again.questions) == text
