"""What people paste: the key is found where it stands, guessed where it shows, and never made up."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesotrain.core.questions import option_id
from mesotrain.formats.exchange import FORMATS, convert, format_of
from mesotrain.formats.exchange.notes import Brought, Exchanged, Notes
from mesotrain.formats.exchange.texts import PLAIN, markdown
from mesotrain.formats.printed import write_question
from tests.formats.exchange.test_hostile import HUGE, soon

OTHERS = Path(__file__).parents[4] / "shared" / "corpora" / "other"


def brought(text: str, name: str = "text") -> Brought:
    reader = FORMATS[name].read
    assert reader
    return reader(text.encode(), "x.txt", "abc")


def right(one: Exchanged) -> set[str]:
    """The texts of the options that earn anything."""
    options = one.question.taker["options"]
    return {option["text"] for option in options if option["id"] in one.question.key["credit"]}  # type: ignore


def answers(one: Exchanged) -> str:
    """What a bank writes below the stem."""
    return write_question(one.question).rpartition(f"{one.question.taker['stem']}\n\n")[2]


OPTIONS = "A. skin\nB. fat\nC. muscle\n"
KEYS = {
    f"1. Where?\n{OPTIONS}Answer: C": "",
    "1. Where?\nA. Type A skin\nB. C\nC. muscle\nAnswer: C": "is the text of another option",
    f"1) Where?\r\n\r\n{OPTIONS}\r\nANSWER - c\r\n": "",
    f"Question 1\nWhere?\n{OPTIONS}Key: (C)": "",
    f"Q1: Where?\r{OPTIONS}The correct answer is C.": "",
    "1. Where?\n(a) skin\n(b) fat\n(c) muscle\nCorrect answer \u2013 C": "",
    "Where?\n\u2022\tskin\n\u2022\tfat\n\u2022\tmuscle\nAnswer: muscle": "",
    "1. Where?\tA. skin\tB. fat\tC. muscle\tAns: C": "",
    "1.\u00a0Where?\na) skin   b) fat\nc) muscle\nAnswer:\nC": "",
    f"> 1. Where?\n> {OPTIONS}".replace("\nB", "\n> B").replace("\nC", "\n> C") + "> Key C": "",
    "1. Where?\n[ ] skin\n[ ] fat\n[x] muscle": "",
    "Where?\n1. skin\n2. fat\n3. muscle\nAnswer: 3": "",
    "Q.1 Where?\n(i) skin\n(ii) fat\n(iii) muscle\nAns. (iii)": "",
    f"1. Where?\n{OPTIONS}2. Who?\nA. I\nB. you\n\n1 C  2 B": "",
    f"1. Where?\n{OPTIONS}2. Who?\nA. I\nB. you\nAnswer key\n1. C\n2. B": "",
    "1. \u00bfD\u00f3nde?\na) skin\nb) fat\nc) muscle\nRespuesta correcta: c": "",
    "Question n\u00b0 1 : O\u00f9 ?\na) skin\nb) fat\nc) muscle\nR\u00e9ponse : c": "",
    "Frage 1: Wo?\na) skin\nb) fat\nc) muscle\nL\u00f6sung: c": "",
    "Domanda 1. Dove?\na) skin\nb) fat\nc) muscle\nRisposta esatta: c": "",
    "Quest\u00e3o 1: Onde?\na) skin\nb) fat\nc) muscle\nGabarito: C": "",
    "1. Where?\nA. skin\nB. fat\nC. muscle (correct)": "",
    "1. Where?\nA. skin\nB. fat\n*C. muscle": "an asterisk",
    "1. Where?\nA. skin\nB. fat\nC. muscle*": "an asterisk",
    "1. Where?\nA. skin\nB. fat\n**C. muscle**": "alone is bold",
    "1. Where?\nA. skin\nB. fat\nC. **muscle**\nExplanation: Deep.": "alone is bold",
    "Where?\nskin\nfat\nmuscle\nAnswer: C": "taken as option number 3",
    "Where?\nskin\nfat\n*muscle": "an asterisk",
    f"Where?\n{OPTIONS}\nWho?\nA. I\nB. you\n\nAnswers: 1-C, 2-B": "its place in the list",
}
"""Texts of a question whose key is muscle, and what is said where that is a guess."""


@pytest.mark.parametrize("text", KEYS)
def test_the_key_is_found_and_a_guess_is_said(text: str) -> None:
    first = brought(text).questions[0]
    assert right(first) == {"muscle"}, text
    assert len(first.question.taker["options"]) == 3  # type: ignore[arg-type]
    guesses = [said for status, said in first.notes.said if status == "guessed"]
    assert bool(guesses) == bool(KEYS[text])
    assert KEYS[text] in " ".join(guesses)


DRAFTS = {
    f"1. Where?\n{OPTIONS}": "no key was found",
    f"1. Where?\n{OPTIONS}Answer: E": "names none of its options",
    f"1. Where?\n{OPTIONS}Answer: B\nAnswer: C": "keys that differ",
    "1. Where?\n*A. skin\nB. fat\nC. muscle\nAnswer: C": "differ; none of them counts",
    "1. Where?\nA. **skin**\nB. **fat**\nC. muscle": "which of them is right is not known",
    "1. Where?\nA. **skin**\nB. **fat**\nC. **muscle**": "no key was found",
    f"1. Where?\n{OPTIONS}Answer: C. fat": "the letter of one option and the text of another",
    f"1. Where?\n{OPTIONS}1. Who?\n{OPTIONS}Answer key\n1. C\n": "which several questions have",
}


@pytest.mark.parametrize("text", DRAFTS)
def test_a_key_is_never_made_up(text: str) -> None:
    first = brought(text).questions[0]
    assert right(first) == set()
    assert DRAFTS[text] in " ".join(first.notes.sentences)
    assert first.notes.status == "guessed"
    made = convert(text.encode(), "x.txt", "text", "bank")
    assert made.sent
    assert "to be mended: mark one option (x)" in " ".join(made.questions[0].notes.sentences)
    assert convert(text.encode(), "x.txt", "text", "gift").status == 3


OTHER_TYPES = {
    "1. Bone is hard.\nAnswer: True": "- [T] Bone is hard.",
    "True or false: Bone is soft.\nTrue\nFalse\nAnswer: False": "- [F] Bone is soft.",
    "1. Bone is soft. (F)": "- [F] Bone is soft.",
    "1. El hueso es duro.\na) Verdadero\nb) Falso\nClave: a": "- [T] El hueso es duro.",
    "1. Judge:\nA. Bone is hard (T)\nB. Fat is hard (F)": "- [F] Fat is hard\n- [T] Bone is hard",
    "1. Which two? (2 marks)\nA. skin\nB. fat\nC. bone\nAnswers: A and C": "- [ ] fat\n- [x] bone\n- [x] skin",
    "1. How much?\nAnswer: 0,5 mL": "= 0.5 mL",
    "1. How much?\nAns: 5 \u00b1 0.5 mg": "= 5 +0.5 -0.5 mg",
    "1. How much?\nAnswer: 1,500": '= "1,500"',
    "1. The ____ hormone\nAnswer: adrenaline or epinephrine": "= adrenaline | epinephrine",
    "1. Discuss asepsis.": "### rubric\n\n- (5) The whole answer",
    "1. Why?\nAnswer: Because a needle that was used once carries what it met into whomever it meets next.": (
        "### rubric\n\n- (5) The whole answer\n"
        "  Why: Because a needle that was used once carries what it met into whomever it meets next."
    ),
}


STEPS = "A. Inject\nB. Disinfect\nC. Wait\n"
ORDERED = "- (1) Disinfect\n- (2) Wait\n- (3) Inject"
MATCHED = "- Nodule => weeks\n- Wheal => minutes"
ARRANGED = {
    f"1. Put these in order:\n{STEPS}Answer: B, C, A": ORDERED,
    f"1. Which comes first?\n{STEPS}Correct order: b > c > a": ORDERED,
    f"1. Order?\n{STEPS}2. Who?\nA. I\nB. you\n\nAnswer key\n1. BCA\n2. B": ORDERED,
    "1. Ordene:\n- Inject\n- Disinfect\n- Wait\nRespuesta: 2-3-1": ORDERED,
    "1. In which order?\nA. one\nB. two\nAnswer: A, B": "- (1) one\n- (2) two",
    "3. Match:\n1. Wheal\n2. Nodule\nA. weeks\nB. minutes\nAnswer: 1-B, 2-A\n\n4. Who?\nA. I\nB. you": MATCHED,
    "1. Match:\n1) Wheal\n2) Nodule\n\na) weeks\nb) minutes\nAnswer:\n1 - b\n2 - a": MATCHED,
    "1. Match:\n1) Wheal\n2) Nodule\nA. weeks\nB. minutes\nC. years\nAnswer: 1B 2A": f"- => years\n{MATCHED}",
    "1. How fast?\nWheal -> minutes\nNodule \u2192 weeks\n-> years": f"- => years\n{MATCHED}",
    "1. Ordnen Sie zu:\na) Wheal = minutes\nb) Nodule = weeks": MATCHED,
    "1. Match:\nWheal\tminutes\nNodule\tweeks": MATCHED,
}


@pytest.mark.parametrize("text", ARRANGED)
def test_what_is_put_in_order_or_matched_is_told_by_its_key_or_its_arrows(text: str) -> None:
    first, *_ = brought(text).questions
    assert sorted(answers(first).split("\n")) == ARRANGED[text].split("\n")
    assert first.notes.status == "guessed"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"1. Which are right?\n{OPTIONS}Answer: A, B, C", "multiple"),
        (f"1. Put these in order:\n{STEPS}Answer: B, C", "multiple"),
        (f"1. Put these in order:\n{STEPS}Answer: B, C, C", "multiple"),
        (f"1. Put these in order:\n{STEPS}", "single"),
        ("1. Which?\nA. x -> y\nB. y -> x\nAnswer: A", "single"),
        ("1. Which?\nA. 1 = 2\nB. 2 = 1", "single"),
        ("1. Why?\nx -> y\nand so on", "essay"),
        (f"1. Has:\n1) fever\n2) a rash\n{OPTIONS}\n2. Who?\nA. I\nB. you\n\nAnswers: 1-C, 2-B", "single"),
        (f"1. Has:\n1) fever\n2) a rash\nWhich?\n{OPTIONS}2. Who?\nA. I\nB. you\nAnswers: 1-C, 2-B", "single"),
    ],
)
def test_what_only_looks_like_it_is_not(text: str, kind: str) -> None:
    assert brought(text).questions[0].question.taker["type"] == kind


@pytest.mark.parametrize("text", OTHER_TYPES)
def test_other_types_are_told_by_their_key(text: str) -> None:
    (one,) = brought(text).questions
    assert sorted(answers(one).split("\n")) == sorted(OTHER_TYPES[text].split("\n"))
    assert one.question.points == (2 if "marks" in text else 1)


EXAM = """Exam of 3 May
Name: ____

1. A man of 45 has:
   1. fever
   2. a rash
Which is it?
A. 1 alone
B. both
Answer: B
Explanation: Both were
seen.

A. baumannii was not.
Reference: A book, p. 3

SECTION TWO
2. The organism
A. baumannii is
A. rare
B. common
Answer: A. It is seen in few.
7. Last?
A. yes
B. no
ANSWER: B
Topic: ends
"""


def test_what_belongs_together_stays_together_and_what_is_left_out_is_said() -> None:
    first, second, third = brought(EXAM).questions
    assert first.question.taker["stem"] == "A man of 45 has:\n\n1\\. fever\n\n2\\. a rash\n\nWhich is it?"
    reason = "Both were\nseen.\n\nA. baumannii was not.\n\nReference: A book, p. 3"
    assert first.question.key["reason"] == reason
    assert first.notes.sentences == [
        "lost: “Exam of 3 May Name: ____” belongs to no question and is left out.",
        "lost: “SECTION TWO” belongs to no question and is left out.",
    ]
    assert (second.question.taker["stem"], right(second)) == ("The organism\nA. baumannii is", {"rare"})
    assert second.question.key["reason"] == "It is seen in few."
    assert (third.question.line, right(third)) == (23, {"no"})
    assert third.notes.sentences == ["lost: “Topic: ends” has no place and is left out."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found_or_guessed(encoding: str) -> None:
    text = "1. \u201cO\u00f9\u201d est\u2011il\u00a0?\nA. ici\nB. l\u00e0\nR\u00e9ponse : B\n".replace("\u2011", "-")
    found = convert(text.encode(encoding), "x.txt", "text", "bank").questions[0]
    assert found.question.taker["stem"] == "\u201cO\u00f9\u201d est-il ?"
    assert right(found) == {"l\u00e0"}
    assert (found.notes.status == "guessed") == (encoding in ("utf-16-le", "utf-16-be", "cp1252"))


def test_marks_mean_nothing_and_what_nobody_sees_goes() -> None:
    text = "1. What is *this*, # or = [x]?\u202e\u200b\nA. - (x) one\nB. Why: two {#a}\nAnswer: A"
    found = brought(text).questions[0]
    assert "changed: characters that nobody sees are left out." in found.notes.sentences
    made = convert(b"1. What is `this` <b>?\nA. - (x) one\nB. Why: two {#a}\nAnswer: A", "x.txt", "text", "bank")
    assert made.status == 0
    assert [one.notes.sentences for one in made.questions] == [[]]
    assert option_id("- (x) one") not in str(made.questions[0].question.taker)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"Q{=a ~b}", "gift"),
        (b"Stem\nA) one\nB) two\nANSWER: B\n", "aiken"),
        (b"1. Stem\na) one\nb) two\nAnswer: B\n", "text"),
        (b"1. A set {1, 2}\nA) one\nB) two\nANSWER: B\nMore", "text"),
    ],
)
def test_a_text_file_is_told_by_what_it_holds(text: bytes, name: str) -> None:
    assert format_of("bank.txt", "", text) == name
    assert format_of("bank.txt") == "gift"


def test_aiken_is_read_as_moodle_reads_it() -> None:
    if not OTHERS.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the corpora are not in {OTHERS}")
    folder = OTHERS / "moodle-4.2-formats" / "aiken" / "tests" / "fixtures"
    text = (folder / "aiken_errors.txt").read_text("utf-8")
    made = brought(text, "aiken")
    assert [one.question.taker["stem"] for one in made.questions] == [
        "A good question",
        "A second good question",
        "A third good question with HTML chars such as > < &",
    ]
    assert [right(one) for one in made.questions] == [{"Correct"}, {"Correct (No space)"}, {"Correct (< > &)"}]
    assert [one.line for one in made.refused] == [1, 5, 7, 14]
    whole = brought((folder / "questions.aiken.txt").read_text("utf-8"), "aiken")
    assert [right(one) for one in whole.questions] == [{"Martin Dougiamas"}, {"True"}]
    assert brought("A stem\nA) a\nB) b\nANSWER: C\nLast\nA) a\nB) b", "aiken").questions == []


LAYOUTS: dict[str, Callable[[int, str, list[str], int], str]] = {
    "answer line": lambda n, stem, options, right: f"{n}. {stem}\n{chr(10).join(options)}\nAnswer: {'ABCD'[right]}\n",
    "no blank, small": lambda n, stem, options, right: (
        f"Q{n}: {stem}\n" + "\n".join(f"  {one[0].lower()}) {one[3:]}" for one in options) + f"\nAns: {'abcd'[right]}\n"
    ),
    "asterisk": lambda n, stem, options, right: (
        f"{n}) {stem}\n\n" + "\n".join(f"{'*' * (at == right)}{one}" for at, one in enumerate(options)) + "\n\n"
    ),
    "bold": lambda n, stem, options, right: (
        f"{n}. {stem}\n" + "\n".join(f"**{one}**" if at == right else one for at, one in enumerate(options)) + "\n"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_medical_questions_of_others_are_found_in_every_layout(layout: str) -> None:
    if not OTHERS.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the corpora are not in {OTHERS}")
    for path in sorted(OTHERS.glob("medmcqa-sample/*/*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        given = [(" ".join(row["question"].split()), row["options"].split("\n")) for row in rows]
        given = [one for one in given if len(set(one[1])) == 4 and not re.search(r"\*|[(].*correct", str(one))]
        text = "".join(LAYOUTS[layout](at, stem, options, at % 4) for at, (stem, options) in enumerate(given, 1))
        found = brought(text).questions
        assert len(found) == len(given), path
        wrong = [one.question.line for at, one in enumerate(found, 1) if not _is_right(one, given[at - 1][1][at % 4])]
        assert wrong == [], path


def _is_right(one: Exchanged, option: str) -> bool:
    """Whether the key is this option; of a statement, anything."""
    if one.question.taker["type"] == "true-false":
        return True
    said = markdown(option[2:].strip().replace("\ufb02", "fl").replace("\ufb01", "fi"), PLAIN, Notes())
    return {" ".join(text.split()) for text in right(one)} == {" ".join(said.split())}


def test_a_list_of_keys_with_a_number_too_many_says_so() -> None:
    made = brought(f"1. Where?\n{OPTIONS}Answer key\n1. C\n2. B\n")
    assert [(one.line, "2" in one.sentence) for one in made.refused] == [(7, True)]


# Hostile -------------------------------------------------------------------------------------------------------------

SAMPLE = EXAM + "\n\u2022 x **y** (T/F)\n[x] _z_\n[ ] z\n(i) a\n(ii) b\nQ: ____?\nAns\n\nAnswer key\n1 A, B\n"
LONG = {
    "one line": b"1. a" + b"a" * HUGE,
    "lines": b"\n" * 4_000_000,
    "questions": b"1. a?\nA. b\nB. c\n" * 40_000,
    "bold": b"1. " + b"**a" * 30_000,
    "letters": b"1. " + b"A. B) c) " * 10_000,
    "blanks": b"1. a" + b" " * 90_000 + b"(",
    "pairs": b"1. a\nKey: " + b"1 B " * 20_000,
    "words": b"1. a\n" + b"answer " * 12_000,
    "brackets": b"1. a " + b"(" * 90_000 + b"\n[" + b"[" * 90_000,
    "nothing": b"\0" * 1_000_000,
    "underscores": b"1. " + b"_" * 90_000 + b"\nA. " + b"*" * 90_000 + b"\nB. b\nAnswer: " + b"a, " * 20_000,
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("name", ["text", "aiken"])
def test_what_is_far_too_long_ends_soon(kind: str, name: str) -> None:
    soon(LONG[kind], name)


@pytest.mark.parametrize("name", ["text", "aiken"])
def test_a_text_cut_anywhere_is_read_or_refused(name: str) -> None:
    whole = SAMPLE.encode()
    for at in range(len(whole) + 1):
        soon(whole[:at], name)


PIECES = (
    "1. ", "2) ", "Q3: ", "A. ", "b) ", "(C) ", "\u2022 ", "- ", "* ", "[x] ", "(i) ", "(ii) ", "\n", "\n\n", "\t",
    "Answer: ", "Key", "B", "A, C", "True", "False", "(T)", "1 B", "**x**", "____", "Explanation: ", "Points: 2", "= 5",
    "abc-0001\n", "Title: ", "text?", "\u202e", "\0", "\ud800", "...", "0,5 mL", "or", "|", "\x0b", "Reference: ",
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["text", "aiken"]))
def test_any_text_ends_in_questions_or_sentences(text: str, name: str) -> None:
    for target in ("bank", "gift", "moodle-xml"):
        soon(text.encode("utf-8", "surrogatepass"), name, target)


def test_payloads_of_others_are_shown_and_never_run(hostile: list[str]) -> None:
    for text in hostile:
        line = " ".join(re.sub(r"[\ud800-\udfff]", "", text).split())
        soon(f"1. {line}\nA. {line}\nB. b\nAnswer: B".encode(), "text")
