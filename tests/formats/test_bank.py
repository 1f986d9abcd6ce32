from fractions import Fraction
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.courses import Question
from mesotrain.core.questions import option_id
from mesotrain.formats.answers.match import write_stories
from mesotrain.formats.bank import KEYS, Bank, read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.markup import shown

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n"
SINGLE = "- (x) yes\n- ( ) no\n"


def read(text: str) -> tuple[Bank, list[str]]:
    report = Report("bank.md")
    bank = read_bank(cleaned(text, report), report)
    return bank, [str(fault) for fault in report.faults]


def one(body: str) -> Question:
    bank, faults = read(HEAD + "## emg-0001\n" + body)
    assert faults == []
    return bank.questions[0]


def faulty(body: str) -> list[str]:
    """The faults of a question whose heading is line 7, without their place in it."""
    return read(HEAD + "## emg-0001\n" + body)[1]


def test_single(files: dict[str, str]):
    bank, faults = read(files["first-minutes/bank.md"])
    assert faults == []
    question = bank.questions[0]
    right, half = option_id("Adrenaline"), option_id("Call and prepare")
    assert question.taker["type"] == "single"
    assert question.taker["stem"] == "What first?"
    assert question.key == {
        "credit": {right: "1", half: "1/2"},
        "reasons": {right: "it works."},
        "reason": "do not wait.\n\nIt goes into muscle.",
    }
    assert (question.competency, question.level, question.safety) == ("EMG", "judge", "treat")
    assert (question.sections, question.cites) == (("first-minutes#recognise",), ("I01", "I02"))
    assert question.line == 8
    assert question.source.startswith("## emg-0001\nsection: first-minutes#recognise\n")
    assert question.source.endswith("<!-- half -->\n\nWhy: do not wait.\n\nIt goes into muscle.")


def test_multiple_and_numeric(files: dict[str, str]):
    _, multiple, numeric = read(files["first-minutes/bank.md"])[0].questions
    assert multiple.points == Fraction(3, 2)
    assert multiple.key["rule"] == "partial"
    assert multiple.key["credit"] == {option_id("box"): "1", option_id("A lamp"): "1"}
    assert {"id": option_id("box"), "text": "A container"} in multiple.taker["options"]
    assert numeric.taker == {"type": "numeric", "stem": "How much?", "unit": "mL"}
    assert numeric.key == {
        "accepted": [
            {"value": "1/2", "low": "1/2", "high": "1/2", "credit": "1"},
            {"value": "1/2", "low": "9/20", "high": "11/20", "credit": "4/5"},
        ],
        "reasons": {"0": "arithmetic."},
        "reason": "",
    }


def test_nothing_of_the_key_travels(files: dict[str, str]):
    for question in read(files["first-minutes/bank.md"])[0].questions:
        assert set(question.taker) <= {"type", "stem", "options", "shuffle", "unit"}
        travels = str(shown(question.taker)) + str(question.taker)
        for secret in ("works", "do not wait", "treat", "I01", "recognise", "arithmetic", "credit", "half"):
            assert secret not in travels


def test_the_authors_order_travels_only_when_asked():
    body = "\nWhich?\n\n- (x) a\n- ( ) b\n- ( ) c\n- ( ) d\n- ( ) e\n"
    names = [option_id(letter) for letter in "abcde"]
    assert names != sorted(names)
    assert [option["id"] for option in one(body).taker["options"]] == sorted(names)
    assert [option["id"] for option in one("shuffle: no\n" + body).taker["options"]] == names


def test_a_stem_may_hold_nearly_anything():
    for text in ("BP: 90/60\n\nlevel: low", "Level: she sleeps.", "**So?**", "**a**\n*b*"):
        assert one(f"\n{text}\n{SINGLE}").taker["stem"] == text
    stem = 'BP: 90/60\n\n> "I cannot"\n\n1. one\n2. two\n\n- plain\n\n```\n## x\n- (x) code\n```\n\n#### small\n\nWhat?'
    assert one(f"\n{stem}\n\n{SINGLE}").taker["stem"] == stem


def test_reasons_continue():
    assert one("\nQ\n\n- (x) yes\n  Why: so.\n  Feedback: good.\n- ( ) no\n").key["reasons"]
    question = one("\nQ\n\n- (x) yes\n  and more\n  Why: first\n    second\n\n    third\n- ( ) no\n")
    assert question.key["reasons"] == {option_id("yes\nand more"): "first\nsecond\n\nthird"}


def test_comments_are_ignored_and_code_is_not():
    question = one("\nQ `<!-- kept -->` <!-- gone -->\n<!-- a\n\n## emg-0009\nwhole -->\nmore\n\n" + SINGLE)
    assert question.taker["stem"] == "Q `<!-- kept -->`\nmore"


def test_retired_questions_are_kept_apart():
    bank, faults = read(HEAD + "## emg-0001\nretired: yes\n\nQ\n\n" + SINGLE)
    assert (faults, bank.questions, bank.live) == ([], (), 0)
    assert [question.name for question in bank.retired] == ["emg-0001"]


def test_every_key_is_known():
    given = {
        "competency": "EMG", "level": "recall", "section": "a#b, a#c", "safety": "x", "cites": "I01", "points": "2",
        "shuffle": "no", "credit": "partial", "exact": "case", "markers": "2", "words": "1-9", "practice": "no",
        "from": "emg-0002", "retired": "no", "waive": "teaching-stem, needed, A. B.",
    }  # fmt: skip
    assert set(given) == set(KEYS)
    exact, markers, words = (given.pop(name) for name in ("exact", "markers", "words"))
    keys = "".join(f"{name}: {value}\n" for name, value in given.items())
    assert one(keys + "\nQ\n\n- [x] yes\n- [ ] no\n").sections == ("a#b", "a#c")
    assert one(f"exact: {exact}\n\nQ\n\n= yes\n").taker["exact"] == [exact]
    essay = one(f"markers: {markers}\nwords: {words}\n\nQ\n\n### rubric\n\n- (1) Says why\n")
    assert (essay.key["markers"], essay.taker["words"]) == (2, [1, 9])


def test_waivers_are_kept_and_change_no_version():
    plain, kept = (
        one(f"{key}\nQ\n\n{SINGLE}") for key in ("", "waive: opinion, it is, and may be, A. B.; uncited, so, C\n")
    )
    assert [(waiver.code, waiver.reason, waiver.by) for waiver in kept.waived] == [
        ("opinion", "it is, and may be", "A. B."),
        ("uncited", "so", "C"),
    ]
    assert (plain.waived, plain.version) == ((), kept.version)


BROKEN = [
    ("colour: red\n\nQ\n\n" + SINGLE, 8, "colour is no key of a question; known are competency, section"),
    ("level: hard\n\nQ\n\n" + SINGLE, 8, "level is recall, apply, judge, not “hard”."),
    ("level: apply\nlevel: apply\n\nQ\n\n" + SINGLE, 9, "level is given twice"),
    ("What first?\n\n" + SINGLE, 8, "leave a blank line before the stem"),
    ("shuffle: maybe\n\nQ\n\n" + SINGLE, 8, "shuffle is yes or no"),
    ("points: 0\n\nQ\n\n" + SINGLE, 8, "points lie above 0"),
    ("waive: long-stem, needed, A. B.\n\nQ\n\n" + SINGLE, 8, "there is no rule “long-stem” to waive."),
    ("waive: two-keys, A. B.\n\nQ\n\n" + SINGLE, 8, "say why two-keys is waived and who says so: waive: two-keys, the"),
    ("waive: two-keys\n\nQ\n\n" + SINGLE, 8, "say why two-keys is waived and who says so"),
    ("waive: two-keys, so, A.; two-keys, so, A.\n\nQ\n\n" + SINGLE, 8, "two-keys is waived twice; keep one."),
    ("points: 1/2\n\nQ\n\n" + SINGLE, 8, "points should look like 1 or 1.5"),
    ("cites: I1\n\nQ\n\n" + SINGLE, 8, "cites should look like I01, I20, not “I1”."),
    ("cites: I01, I01\n\nQ\n\n" + SINGLE, 8, "cites names I01 twice"),
    ("credit: partial\n\nQ\n\n" + SINGLE, 8, "credit: partial says nothing for this kind of question"),
    ("safety:\n\nQ\n\n" + SINGLE, 8, "safety is empty"),
    ("\n" + SINGLE, 7, "the question has no stem"),
    ("\nQ\n", 7, "it has no answers"),
    ("", 7, "it has no answers"),
    ("\nQ\n\n- (x) yes\n", 7, "it needs at least two options"),
    ("\nQ\n\n- ( ) yes\n- ( ) no\n", 7, "mark one option (x) as the best answer; 0 are marked"),
    ("\nQ\n\n- (x) yes\n- ( ) yes\n", 7, "two options have the same text"),
    ("\nQ\n\n- (x)\n- ( ) no\n", 11, "this option has no text"),
    ("\nQ\n\n- (X) yes\n- ( ) no\n", 11, "begin an option at the left margin with - (x)"),
    ("\nQ\n\n- (x) yes\n  - ( ) no\n", 12, "begin an option at the left margin"),
    ("\nQ\n\n- \uff08x\uff09 yes\n- ( ) no\n", 11, "begin an option at the left margin with - (x)"),
    ("\nQ\n\n1. (x) yes\n- ( ) no\n", 11, "begin an option at the left margin with - (x)"),
    ("\nQ\n\n- [T] yes\n- [f] no\n", 12, "begin an option at the left margin with - (x)"),
    (
        "\nQ\n\n- (33.33333333333333%) yes\n- (x) no\n- ( ) so\n",
        11,
        "“33.33333333333333%” is no credit: write a point and few digits",
    ),
    ("\nQ\n\n- (x) yes\n- (33,3 %) no\n", 12, "“33,3 %” is no credit: write a point and few digits"),
    ("\nQ\n\n- (1/30000) yes\n- (x) no\n- ( ) so\n", 11, "or as - (1/3)"),
    ("\nQ\n\n- (panel 12345) yes\n- (panel 1) no\n- (panel 2) so\n", 11, "with at most four digits"),
    ("\nQ\n\n= 1234567890123456 mL\n", 11, "at most 12 digits before its point"),
    ("\nQ\n\n- (x) yes\n- [ ] no\n", 12, "one question has one kind of answer"),
    ("credit: all\n\nQ\n\n- [T] yes\n- [F] no\n", 8, "has no rule all; credit may be all-or-nothing or each"),
    ("\nQ\n\n- [T] yes\n- [F] yes\n", 7, "two statements have the same text"),
    ("\n- [T] yes\n", 7, "the question has no stem"),
    ("\nQ\n\n- (1) one\n- ( 2 ) two\n- (3) three\n", 12, "write the place of an item at the left margin"),
    ("\nQ\n\n* (1) one\n- (2) two\n- (3) three\n", 11, "write the place of an item at the left margin"),
    ("\nQ\n\n- (1) one\n  \u2022 (2) two\n- (3) three\n", 12, "write the place of an item at the left margin"),
    ("\nQ\n\n- (1) one\n- (2) two\n-(\u2013) three\n", 13, "write the place of an item at the left margin"),
    ("\nQ\n\n- (1) one\n- (3) two\n", 7, "numbered 1, 2, 3 and so on, without a gap"),
    ("\nQ\n\n- (1) one\n- (1) two\n- (-) three\n", 7, "it needs at least two places"),
    ("\nQ\n\n- (1) one\n- (2) two\n- (-) one\n", 7, "two items have the same text"),
    ("\nQ\n\n- (1) one\n- (x) two\n", 12, "one question has one kind of answer"),
    ("\nQ\n\n- one =>\n- two => b\n", 11, "write one answer after =>"),
    ("\nQ\n\n- one => a => b\n- two => b\n", 11, "write one answer after =>"),
    ("\nQ\n\n- => a\n- => b\n", 11, "at least once something stands before =>"),
    ("\nQ\n\n- one => a\n- two => b\n- => c\n  Why: so\n", 13, "only an answer with its premise has a reason"),
    ("\nQ\n\n- one => a\n- one => b\n", 7, "two premises have the same text"),
    ("\nQ\n\n- one => a\n- two => a\n", 7, "at least two different answers"),
    ("\nQ\n\n### stem one\nText\n= A\n", 7, "it has no options; write them after the lead-in"),
    ("\nQ\n\nA) a\nC) c\n\n### stem one\nText\n= A\n", 12, "the letters follow each other; here stands B)"),
    ("\nQ\n\nA) a\nB) b\n\n### stem One\nText\n= A\n", 14, "name each story: ### stem"),
    ("\nQ\n\nA) a\nB) b\n\n### stem one\nText\n", 14, "this story has no answer"),
    ("\nQ\n\nA) a\nB) b\n\n### stem one\nText\n= C\n", 16, "no option is C)"),
    ("\nQ\n\nA) a\nB) b\n\n### stem one\n= A\n", 14, "this story has no text"),
    ("\nQ\n\nA) a\nB) b\nmore\n\n### stem one\nText\n= A\n", 13, "only options, each as A) text"),
    ("\nQ\n\nA) a\nB) b\n\n### stem one\nText\n= A\nmore\n", 17, "only Why: may stand after the answer"),
    ("\nQ\n\nA) a\nB) b\n\n### stem one\nText\n= A\nWhy:\n", 17, "Why: is empty"),
    ("\nQ\n\nA) a\nB) b\n\n### stem one\nT\n= A\n\n### stem one\nT\n= B\n", 7, "two premises have the same"),
    ("\nQ\n\n- [x] yes\n- [50%] no\n", 7, "the credits above 0 make 3/2 of a full answer, not all of it"),
    ("\nQ\n\n- [1/0] yes\n- [x] no\n", 11, "(1/0) is no credit"),
    ("credit: partial\n\nQ\n\n- [x] yes\n- [-25%] no\n", 13, "exclude each other"),
    ("\nQ\n\n- (x) yes\n- (5.0.%) no\n", 12, "(5.0.%) is no credit"),
    ("\nQ\n\n- (x) yes\n  why: so\n- ( ) no\n", 12, "write Why: with a capital W"),
    ("\nQ\n\n- (x) yes\n  Why - so\n- ( ) no\n", 12, "write Why: with a capital W"),
    ("\nQ\n\n- (x) yes Why: so\n- ( ) no\n", 11, "Why: begins its own line"),
    ("\nQ\n\n- (x) yes {#the right one}\n- ( ) no\n", 11, "an id is one word in braces at the end of its option"),
    ("\nQ\n\n- (x) yes {#oak} {#elm}\n- ( ) no\n", 11, "an id is one word in braces at the end of its option"),
    ("\nQ\n\n- (x) yes {#the-right-one}\n- ( ) no\n", 11, "the id “the-right-one” would tell takers what is right"),
    ("\nQ\n\n- (x) yes\n- ( ) no {#distractor2}\n", 12, "the id “distractor2” would"),
    ("\nQ\n\n- [T] yes {#a}\n- [F] no\n", 11, "or where it stands; name it after what it says"),
    ("\nQ\n\n- (1) yes {#step_1}\n- (2) no\n", 11, "name it after what it says"),
    ("\nQ\n\n- (x) yes\n  Why: a\n  Why: b\n- ( ) no\n", 13, "two reasons"),
    ("\nQ\n\n- (x) yes\nWhy: a\n- ( ) no\n", 13, "an answer stands after the question's Why:"),
    ("\nQ\n\nWhy: a\n\n" + SINGLE, 11, "Why: stands after the answers"),
    ("\nQ\n\n" + SINGLE + "\nWhy:\n", 14, "Why: is empty"),
    ("\nQ\n\n" + SINGLE + "and text\n", 13, "only answers, and Why:, may stand here"),
    ("\nQ ![a](b.png)\n\n" + SINGLE, 9, "a figure stands alone on its line"),
    ("\nQ\n# big\n\n" + SINGLE, 10, "a question has no headings"),
    ("\nQ\n```\ncode\n\n" + SINGLE, 10, "the code that begins here is never closed"),
    ("\nQ <!-- note\n\n" + SINGLE, 9, "the comment that begins here is never closed"),
    ("\nQ [I01; I02]\n\n" + SINGLE, 9, "write citations as [I01] or [I01, I20]"),
    ("\nQ\x07\n\n" + SINGLE, 9, "an invisible character after “Q”: U+0007, a control character."),
    ("\nQ\n\n- (\u200bx) yes\n- ( ) no\n", 11, "an invisible character after “(”: U+200B, zero width space."),
    (f"waive: {'x' * 501}\n\nQ\n\n" + SINGLE, 8, "waive has 501 characters; write at most 500."),
    ("\nQ\n\n= 4,5 mL\n", 11, "“4,5” has a comma; write the decimal point, 4.5."),
    ("\nQ\n\n= 5mL\n", 11, "leave a space between the number and its unit"),
    ("\nQ\n\n= 5 +1 +2 mL\n", 11, "“5 +1 +2 mL” is no answer"),
    ("\nQ\n\n= 5 mL\n= 6 mg (50%)\n", 12, "the answers differ in their unit: “mL” and “mg”"),
    ("\nQ\n\n= 5 +1 -1 mL (50%)\n= 5 mL\n", 12, "no number reaches this answer"),
    ("\nQ\n\n= 5 mL (50%)\n", 7, "one accepted answer needs full credit"),
    ("shuffle: no\n\nQ\n\n= 5 mL\n", 8, "shuffle is for questions with options"),
    ("\nQ\n\n- (x) yes (correct)\n- ( ) no\n", 11, "“(correct)” would tell takers what is right; take it away."),
    ("\nQ\n\n- [x] yes *\n- [ ] no\n", 11, "“*” would tell takers what is right; take it away."),
    ("\nQ\n\nAnswer: B\n\n- (x) yes\n- ( ) no\n", 11, "“Answer: B” would tell takers what is right; take it away."),
    ("\nQ\n\n- (x) yes\n  Rationale: so\n- ( ) no\n", 12, "a reason begins with Why:, not with Rationale:"),
    ("\nQ\n\n- (x) yes\n- ( ) no\n\nExplanation: so\n", 14, "a reason begins with Why:, not with Explanation:"),
    ("\nQ\n\nExplanation: so\n\n- (x) yes\n- ( ) no\n", 11, "“Explanation:” would be shown with the question:"),
    ("\nQ\n**Rationale:** so\n\n= yes\n", 10, "“Rationale:” would be shown with the question:"),
    ("\nQ\nExplanation: so\n\n~~~calc\nanswer = 1\n~~~\n", 10, "“Explanation:” would be shown with the question:"),
    ("\nQ\n\n- (x) A. Gauze\n- ( ) B. Wool\n", 11, "the options are shuffled, and “A.” would stand anywhere:"),
    ("\nQ\n\n- [x] 1) Gauze\n- [x] 2) Flax\n- [ ] 3) Wool\n", 11, "and “1)” would stand anywhere:"),
    ("\nQ\n\nA) a\nA) b\n\n### stem x\nX\n= A\n", 12, "two options are A); each has a letter of its own."),
    ("\ncredit: partial\nQ\n\n- [x] yes\n- [ ] no\n", 9, "“credit: partial” would be asked as text: keys stand right"),
    ("\nQ\n\n### stage a\npoint: 2\n\nQ\n\n= 5\n", 12, "“point: 2” would be asked as text"),
    ("\nQ\n\n### stage a\npoints: 2\ncredit: each\n\nQ\n\n= 5\n", 13, "“credit: each” would be asked as text"),
    ("\nQ\n\n### stage a\n\npoints: 2\n\nQ\n\n= 5\n", 13, "“points: 2” would be asked as text"),
    ("\nQ\n\nA) a\nB) b\n\n### stem a\npoints: 2\nIt.\n= A\n", 15, "“points: 2” would be asked as text"),
    ("\nQ\n\n- [True] yes\n- [T] a\n- [F] b\n", 11, "this line stands right above the answers and is none"),
    ("\nQ\n\n1. Wet\n- (1) a\n- (2) b\n", 11, "this line stands right above the answers and is none"),
    ("\nQ\n\n- yes\n  it is\n- (x) a\n- ( ) b\n", 11, "this line stands right above the answers and is none"),
    ("\nQ\n\n- one ==> a\n- two => b\n", 11, "write one answer after =>"),
    ("\nGive [[= 5 mL]], then [= 6 mL]].\n", 9, "a gap begins with two brackets: write [[="),
    ("\nGive [[= 5 mL]] into the [(x) thigh | ( ) arm]].\n", 9, "a gap begins with two brackets: write [[(x)"),
    ("\nQ\n\n= \u00bd mL\n", 11, "“\u00bd” is no number here: write 0.5, with its unit behind it."),
    ("\nQ\n\n= 1\u00bc mL\n", 11, "“1\u00bc” is no number here: write 1.25"),
    ("\nQ\n\n= 5 mL.\n", 11, "a unit is not written “mL.”: write mL."),
    ("\nQ\n\n= 100 i.u.\n", 11, "a unit is not written “i.u.”: write units."),
    ("\nQ\n\n= 5 mg/mL.\n", 11, "a unit is not written “mg/mL.”: write mg/mL."),
    ("\nQ\n\n= 2 percent\n", 11, "a unit is not written “percent”: write %."),
    ("\nQ\n\n- (x) One  a {#oak}\n- ( ) One a {#elm}\n", 7, "two options have the same text or id"),
    ("\nQ\n\n- [T] One {#oak}\n- [F] One {#elm}\n", 7, "two statements have the same text or id"),
    ("\nQ\n\n- (1) Stop {#bay}\n- (2) Stop {#box}\n", 7, "two items have the same text or id"),
    ("\nQ\n\n- heart => beats {#yew}\n- lung => breathes\n", 11, "keep an id; take “{#yew}” away."),
    ("\nQ\n\n- heart {#yew} => beats\n- lung => breathes\n", 11, "keep an id; take “{#yew}” away."),
    ("\nQ\n\nA) One {#oak}\nB) Two\n\n### stem a\nIt.\n= A\n", 11, "keep an id; take “{#oak}” away."),
    ("\nQ\n\n### rubric\n\n- (2) Says why {#oak}\n", 13, "keep an id; take “{#oak}” away."),
    ("\nGive [[= three {#elm}]] of it.\n", 9, "keep an id; take “{#elm}” away."),
    ("\nGive [[(x) a {#elm} | ( ) a {#ash}]] of it.\n", 7, "gap 1: two options have the same text or id"),
]


@pytest.mark.parametrize(("body", "line", "words"), BROKEN)
def test_broken_questions(body: str, line: int, words: str):
    faults = faulty(body)
    assert any(fault.startswith(f"bank.md:{line}: ") and words in fault for fault in faults), faults
    assert len(faults) == 1


@pytest.mark.parametrize(
    "body",
    [
        "shuffle: no\n\nQ\n\n- (x) A. Gauze\n- ( ) B. Wool\n",
        "\nQ\n\n- (x) C. difficile\n- ( ) E. coli\n",
        "\nQ\n\n- (x) A. baumannii\n- ( ) C. difficile\n",
        "\nQ\n\n- (x) A. Gauze\n- ( ) Wool\n",
        "\nQ\n\n- (x) 1.5 mL\n- ( ) 2.5 mL\n",
        "\nQ\n\nHer explanation: none. Which rationale: hers?\n\n- (x) Gauze\n- ( ) Wool\n",
    ],
)
def test_what_only_looks_like_a_letter_or_a_reason_stays(body: str):
    read_bank(HEAD + "## emg-0001\n" + body, report := Report("bank.md"))
    assert report.faults == []


def test_a_long_list_is_lettered_beyond_z_and_printed_so():
    letters = [*ascii_uppercase, "AA", "AB", *(f"A{one}" for one in ascii_uppercase[2:]), "BA"]
    listed = "\n".join(f"{letter}) option {at}" for at, letter in enumerate(letters))
    body = f"{HEAD}## emg-0001\n\nWhich?\n\n{listed}\n\n### stem last\n\nStory.\n= BA\n"
    bank = read_bank(body, report := Report("bank.md"))
    (one,) = bank.questions
    assert report.faults == []
    assert list(one.key["answers"].values()) == [option_id("option 52")]
    assert [line for line in write_stories(one.taker, one.key) if ") " in line or "=" in line] == [
        *listed.split("\n"),
        "= BA",
    ]
    read_bank(body.replace("AA)", "BB)"), report := Report("bank.md"))
    assert "here stands AA)." in report.faults[0].message


def test_one_bad_question_never_hides_another():
    bad = "## emg-0001\n\nQ\n```\n- (x) never closed\n\n## emg-0002\nlevel: odd\n\nQ\n\n" + SINGLE
    bank, faults = read(f"{HEAD}{bad}\n## emg-0003\n\n```\nGood\n```\n\n{SINGLE}\n## Emg 4\n\nQ\n\n{SINGLE}")
    assert [question.name for question in bank.questions] == ["emg-0003"]
    assert bank.live == 4
    assert any("question (emg-0002): level is" in fault for fault in faults)
    assert any("question (Emg 4): give it an id" in fault for fault in faults)
    assert any("never closed by the same fence" in fault for fault in faults)


def test_a_bank_without_its_front_matter():
    assert read("## emg-0001\ncompetency: EMG\n\nQ\n\n" + SINGLE)[1] == [
        "bank.md:1: the file begins with its front matter: a line ---, lines of “name: value”, and a line ---."
    ]


def test_a_number_that_only_a_readers_language_tells_may_be_an_answer():
    assert faulty("\nQ\n\n= 1.125 mL\n") == []


LINES = st.sampled_from(
    ["## emg-0001", "## emg-0002", "##", "", "", "Q", "- (x) a", "- ( ) b", "- (50%) c", "- [x] d", "- [ ] e", "= 5",
     "= 4,5", "= 1 +2 -3 %", "  Why: x", "Why: y", "    z", "```", "```calc", "<!--", "-->", "level: judge",
     "```zones", "```zones grid=2x2", "a circle 1,1 r 1 right", "![a](media/a.svg)", "~~~",
     "points: 2", "cites: I01", "shuffle: no", "retired: yes", "---", "### stem", "- (1) f",
     "[I01]", "- (x) a {#elm}", "\x00", "\u2028"]
) | st.text(max_size=20)  # fmt: skip


@given(st.lists(LINES, max_size=25), st.booleans())
def test_any_text_gives_faults_or_questions(lines: list[str], headed: bool):
    bank, _ = read((HEAD if headed else "") + "\n".join(lines))
    for question in bank.questions:
        assert question.version
        assert question.marked().problems() == []
        shown(question.taker)


def test_crlf_files_read_the_same(files: dict[str, str]):
    text = files["first-minutes/bank.md"]
    assert read(text.replace("\n", "\r\n"))[0] == read(text)[0]


@pytest.mark.parametrize(
    ("name", "letter", "told"),
    [
        ("fat-necrosis", "B", "Fat necrosis"),
        ("necrosis", "B", "Fat necrosis"),
        ("allergy", "A", "Contact allergy"),
        ("b", "B", "Fat necrosis"),
        ("itchy", "A", ""),
        ("itchy-allergy", "A", ""),
        ("a", "B", ""),
        ("skin", "C", ""),
    ],
)
def test_a_story_is_not_called_by_the_words_of_its_answer(name: str, letter: str, told: str):
    """Whoever is asked gets a digest of the name, and can try the words that stand in the list."""
    listed = "A) Contact allergy\nB) Fat necrosis\nC) Skin infection\n"
    body = f"{HEAD}## emg-0001\n\nWhich?\n\n{listed}\n### stem {name}\n\nItching of the skin.\n= {letter}\n"
    read_bank(body, report := Report("bank.md"))
    assert [one.code for one in report.faults] == (["identity"] if told else [])
    assert all(f"“{name}” says what “{told}” says" in one.message for one in report.faults)
