"""How an essay and its rubric are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.courses import Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.printed import write_bank
from mesotrain.formats.tidy import tidied

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n## emg-0001\n"
KEYS = "markers: 2\nwords: 50-300\n"
RUBRIC = "### rubric\n\n- (2) Says that the evidence\n  is weak\n  Why: two small trials.\n- (1) Names a harm\n"
WHOLE = f"{KEYS}\nWeigh it.\n\n{RUBRIC}\nWhy: as taught.\n"


def read(body: str) -> tuple[tuple[Question, ...], list[str]]:
    report = Report("bank.md")
    bank = read_bank(cleaned(HEAD + body, report), report)
    return bank.questions, [str(fault) for fault in report.faults]


def test_an_essay_is_read() -> None:
    (one,), faults = read(WHOLE)
    assert faults == []
    assert one.taker == {"type": "essay", "stem": "Weigh it.", "words": [50, 300]}
    rubric = [{"text": "Says that the evidence\nis weak", "points": "2"}, {"text": "Names a harm", "points": "1"}]
    told = {"reasons": {"0": "two small trials."}, "reason": "as taught."}
    assert one.key == {"criteria": rubric, "markers": 2, **told}


def test_one_person_marks_it_and_no_length_is_asked_for_unless_it_is_said() -> None:
    (one,), faults = read(f"\nWeigh it.\n\n{RUBRIC}")
    assert (faults, one.key["markers"], one.taker["words"]) == ([], 1, [])


def test_nothing_of_the_rubric_travels() -> None:
    travels = str(read(WHOLE)[0][0].taker)
    assert [secret for secret in ("evidence", "harm", "trials", "taught", "2'", "markers") if secret in travels] == []


BROKEN = [
    ("\nWeigh it.\n\n### rubric\n", 11, "“### rubric” is no criterion"),
    ("\nWeigh it.\n\n### rubric\nSome text\n- (1) a\n", 12, "“Some text” is no criterion"),
    ("\nWeigh it.\n\n### rubric\n- (1.5) a\n- (x) b\n", 12, "“- (1.5) a” is no criterion; write its points"),
    ("\nWeigh it.\n\n### rubric\n- (1) a\n- (x) b\n- [ ] c\n", 13, "“- (x) b” is no criterion"),
    ("\nWeigh it.\n\n### rubric\n- (1)\n", 12, "“- (1)” is no criterion"),
    ("\nWeigh it.\n\n### rubric\n- (1) a\n- b => c\n", 13, "“- b => c” is no criterion"),
    ("\nWeigh it.\n\n### rubric\n- (1) a\n\nMore.\n", 14, "only answers, and Why:, may stand here"),
    ("\nWeigh it.\n\n### rubric of it\n- (1) a\n", 11, "write ### rubric alone on its line"),
    ("\nWeigh it.\n\n### rubric\n- (1) a\n### rubric\n- (1) b\n", 13, "a question has no headings"),
    ("\nWeigh it.\n\n### rubric\n- (1) a\n  Why:\n", 12, "this answer's Why: is empty"),
    ("\n### rubric\n- (1) a\n", 7, "the question has no stem"),
    ("\nWeigh it.\n\n### rubric\n- (0) a\n", 7, "a criterion has 1 to 5 points"),
    ("\nWeigh it.\n\n### rubric\n- (6) a\n", 7, "a criterion has 1 to 5 points"),
    ("\nWeigh it.\n\n### rubric\n- (1) a\n- (2) a\n", 7, "two criteria say the same"),
    ("\nWeigh it.\n\n### rubric\n" + "".join(f"- (1) a{n}\n" for n in range(21)), 7, "a rubric has at most 20"),
    ("markers: 3\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "markers should look like 2, not “3”"),
    ("words: 50\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "words should look like 50-300, not “50”"),
    ("words: 300-50\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "words go from fewer to more"),
    ("words: 50-1001\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "words go from fewer to more, at most 1000"),
    ("markers: 2\n\nWhich?\n\n- (x) a\n- ( ) b\n", 8, "markers is for an essay"),
    ("words: 50-300\n\nHow much?\n\n= 5 mL\n", 8, "words is for an essay"),
    ("practice: yes\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "practice answers at once"),
    ("credit: partial\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "credit: partial says nothing"),
    ("shuffle: no\n\nWeigh it.\n\n### rubric\n- (1) a\n", 8, "shuffle is for questions with options"),
    ("\nWeigh it.\n\n~~~\n### rubric\n~~~\n", 7, "it has no answers"),
]


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_faults_stand_at_their_lines(body: str, line: int, words: str) -> None:
    questions, faults = read(body)
    assert not questions
    assert any(fault.startswith(f"bank.md:{line}:") and words in fault for fault in faults), faults


def test_every_fault_is_said_at_once() -> None:
    _, faults = read("markers: 9\nwords: none\n\nWeigh it.\n\n### rubric\n- (a) b\n- (2) c\n- (x) d\n")
    assert [fault.split(":")[1] for fault in faults] == ["8", "9", "14", "16"]


WORDS = st.text("abcXYZ 09,.:;!?%°é()", min_size=1, max_size=12).map(str.strip).filter(bool)
CRITERIA = st.lists(st.tuples(st.integers(1, 5), WORDS, st.one_of(st.just(""), WORDS)), min_size=1, max_size=5)


@given(CRITERIA, st.sampled_from(["", "markers: 2\n"]), st.sampled_from(["", "words: 0-1000\n"]), WORDS)
def test_what_is_printed_reads_back_as_what_it_was(
    criteria: list[tuple[int, str, str]], markers: str, words: str, why: str
) -> None:
    rubric = "".join(
        f"- ({points}) {at}{text}\n" + (f"  Why: {reason}\n" if reason else "")
        for at, (points, text, reason) in enumerate(criteria)
    )
    (one,), faults = read(f"{markers}{words}\nWeigh it.\n\n### rubric\n\n{rubric}\nWhy: {why}\n")
    assert faults == []
    text = write_bank("b", "B", "en", [one])
    report = Report("bank.md")
    (again,) = read_bank(text, report).questions
    assert (report.faults, again.version) == ([], one.version)
    assert write_bank("b", "B", "en", [again]) == text
    assert tidied(text) == text


def test_a_rubric_from_a_word_processor_is_mended() -> None:
    mended = tidied(HEAD + "words: 50-300\nmarkers: 2\n\nWeigh it.\n### rubric\n\u2022 ( 2 ) Says\u00a0why\n")
    assert mended.endswith("## emg-0001\nmarkers: 2\nwords: 50-300\n\nWeigh it.\n### rubric\n\n- (2) Says why\n")
