"""How a case in stages is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesotrain.core.courses import Question
from mesotrain.core.questions import option_id
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.printed import write_bank

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n## emg-0001\n"
ONE = "### stage one\n\nWhat?\n\n- (x) a\n- ( ) b\n"
TWO = "### stage two\npoints: 2.5\n\nHow much?\n\n= 2 mL\n  Why: so.\n\nWhy: all.\n"


def read(body: str) -> tuple[tuple[Question, ...], list[str]]:
    report = Report("bank.md")
    bank = read_bank(cleaned(HEAD + body, report), report)
    return bank.questions, [str(fault) for fault in report.faults]


def test_stages_are_read() -> None:
    questions, faults = read(f"\nIt begins.\n\n{ONE}\n{TWO}")
    assert faults == []
    best, number = questions[0].taker["stages"]  # type: ignore[misc]
    assert questions[0].taker["stem"] == "It begins."
    assert (best["type"], best["stem"], number["unit"]) == ("single", "What?", "mL")  # type: ignore[call-overload, index]
    assert questions[0].key["names"] == ["one", "two"]
    assert questions[0].key["points"] == ["1", "2.5"]
    first, second = questions[0].key["stages"]  # type: ignore[misc]
    assert first["credit"] == {option_id("a"): "1"}  # type: ignore[call-overload, index]
    assert (second["reasons"], second["reason"]) == ({"0": "so."}, "all.")  # type: ignore[call-overload, index]


def test_nothing_of_the_key_travels() -> None:
    travels = str(read(f"\nIt begins.\n\n{ONE}\n{TWO}")[0][0].taker)
    assert [secret for secret in ("two", "2.5", "so.", "all.", "credit") if secret in travels] == []


BROKEN = [
    (f"\nIt begins.\n\n{ONE}", 7, "it needs at least two stages"),
    (f"\n{ONE}\n{TWO}", 7, "the question has no stem"),
    (f"\nIt begins.\n\n{ONE}\n{ONE}", 7, "two stages have the same name"),
    (f"\nIt begins.\n\n{ONE}\n### stage\n\nWhat?\n\n= 2\n", 18, "name each stage"),
    (f"\nIt begins.\n\n{ONE}\n### stage two\n\nWhat?\n", 18, "it has no answers"),
    (f"\nIt begins.\n\n{ONE}\n### stage two\n\n= 2\n", 7, "stage 2: the question has no stem"),
    (f"\nIt begins.\n\n{ONE}\n### stage two\npoints: 0\n\nWhat?\n\n= 2\n", 19, "points lie above 0"),
    (f"\nIt begins.\n\n{ONE}\n### stage two\n\nWhat?\n\n- (x) a\n- [ ] b\n", 23, "one question has one kind of answer"),
    (f"\nIt begins.\n\n{ONE}\n### stage two\n\nWhat?\n\n- (X) a\n- ( ) b\n", 22, "begin an option at the left margin"),
    (f"\nIt begins.\n\n{ONE}\n### other\n\n{TWO}", 18, "only answers, and Why:, may stand here"),
    (f"\nIt begins.\n\n## Two\n\n{ONE}", 11, "give it an id"),
    (f"practice: yes\n\nIt begins.\n\n{ONE}\n{TWO}", 8, "practice answers at once"),
    (f"credit: partial\n\nIt begins.\n\n{ONE}\n{TWO}", 8, "credit: partial says nothing"),
]


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_faults_stand_at_their_lines(body: str, line: int, words: str) -> None:
    _, faults = read(body)
    assert any(fault.startswith(f"bank.md:{line}: ") and words in fault for fault in faults), faults


ANSWERS = [
    "- (x) a\n- (50%) b\n  Why: half.\n- ( ) c {#fir}",
    "- [x] a\n- [ ] b",
    "- [T] a\n- [F] b\n  Why: not so.",
    "- (1) a\n- (2) b\n- (-) c",
    "- a => b\n- c => d\n- => e",
    "= 2 mL\n= 2 +1 -1 mL (50%)",
    "= adrenaline | epi*\n= noradrenaline (0%)",
]
STAGE = st.tuples(st.sampled_from(["1", "2", "0.5"]), st.sampled_from(ANSWERS), st.booleans())


@settings(max_examples=60)
@given(st.lists(STAGE, min_size=2, max_size=4), st.booleans(), st.booleans())
def test_what_is_read_is_printed_so_that_it_reads_the_same(
    stages: list[tuple[str, str, bool]], shuffled: bool, exact: bool
) -> None:
    keys = ("" if shuffled else "shuffle: no\n") + ("exact: case\n" if exact else "")
    parts = [
        f"### stage s-{at}\npoints: {points}\n\nWhat?\n\nOf {at}.\n\n{answers}\n" + "\nWhy: because.\n\nSo.\n" * why
        for at, (points, answers, why) in enumerate(stages)
    ]
    questions, faults = read(f"{keys}\nIt begins.\n\n" + "\n".join(parts))
    assert faults == []
    text = write_bank("b", "B", "en", questions)
    report = Report("bank.md")
    again = read_bank(text, report).questions
    assert report.faults == []
    assert [one.version for one in again] == [one.version for one in questions]
    assert write_bank("b", "B", "en", again) == text
