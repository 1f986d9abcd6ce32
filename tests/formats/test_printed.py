"""What is printed reads back as what it was, and printing that changes nothing."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from mesotrain.core.courses import LEVELS, Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.media import boxes
from mesotrain.formats.printed import write_bank
from mesotrain.web.examples import BANK, PICTURES
from tests.world import TEXTS

SHIPPED = sorted((Path(__file__).parents[2] / "courses").glob("*/*/bank.md"))
BANKS = {"examples": BANK, **{path.parent.name: path.read_text() for path in [*SHIPPED, *TEXTS.rglob("bank.md")]}}
DRAWN = {
    path.parent.name: boxes({f"media/{one.name}": one.read_bytes() for one in path.parent.glob("media/*")})
    for path in SHIPPED
}


def read(text: str, of: str = "") -> tuple[Question, ...]:
    """The questions of a text, which shows the pictures of the bank `of` that name."""
    report = Report("bank.md")
    bank = read_bank(cleaned(text, report), report, PICTURES | DRAWN.get(of, {}))
    assert report.faults == []
    return bank.questions


def printed(questions: tuple[Question, ...]) -> str:
    return write_bank("b", "B", "en", questions)


def models(questions: tuple[Question, ...]) -> list[tuple[str, str]]:
    """Their versions: the hash of all that counts."""
    return [(one.name, one.version) for one in questions]


@pytest.mark.parametrize("name", BANKS)
def test_a_bank_reads_back_as_it_was(name: str) -> None:
    questions = read(BANKS[name], name)
    again = read(text := printed(questions), name)
    assert models(again) == models(questions)
    assert printed(again) == text


WORDS = st.text("abcXYZ 09,.:;!?%°é", min_size=1, max_size=12).map(str.strip).filter(bool)
LINES = st.lists(WORDS, min_size=1, max_size=3).map("\n  ".join)
WHY = st.one_of(st.just(""), LINES.map(lambda text: f"\n  Why: {text}"))
ID = st.one_of(st.just(""), st.sampled_from([" {#oak}", " {#elm}", " {#ash}"]))


def test_waivers_are_printed() -> None:
    key = "waive: opinion, it is, and may be, A. B.; uncited, so, C"
    bank = (
        f"---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n## emg-0001\n{key}\n\nQ\n\n- (x) a\n- ( ) b\n"
    )
    text = printed(questions := read(bank))
    assert key in text
    assert [one.waived for one in read(text)] == [one.waived for one in questions]


def options(mark: str, marks: st.SearchStrategy[list[str]]) -> st.SearchStrategy[str]:
    def lines(given: tuple[list[str], list[tuple[str, str, str]]]) -> str:
        found, rest = given
        pairs = zip(found, rest, strict=False)
        return "\n".join(
            f"- {mark[0]}{one}{mark[1]} {at} {text}{name}{why}" for at, (one, (text, name, why)) in enumerate(pairs)
        )

    rest = st.lists(st.tuples(LINES, ID, WHY), min_size=4, max_size=4, unique_by=lambda one: one[1] or one[0])
    return st.tuples(marks, rest).map(lines)


SINGLE = options("()", st.permutations(["x", " ", "50%", "-1/3"]))
TICKS = options("[]", st.permutations(["x", "x", " ", " "]))
SUMS = options("[]", st.permutations(["1/3", "66.6%", "1/1500", "-25%"]).filter(bool))
NUMBER = st.decimals(0, 1000, places=3).map(str)
NUMERIC = st.tuples(NUMBER, NUMBER, st.sampled_from(["", " mL", " mg per kg", " %"]), WHY).map(
    lambda one: f"= {one[0]}{one[2]}{one[3]}\n= {one[0]} +{one[1]} -{one[1]}{one[2]} (1/3)"
)
STATEMENTS = options("[]", st.permutations(["T", "F", "T", "F"]))
ORDER = options("()", st.permutations(["1", "1", "2", "-"]))
PREMISES = st.lists(WORDS, min_size=2, max_size=4, unique=True)
MATCH = st.tuples(PREMISES, PREMISES, WHY).map(
    lambda one: "".join(f"- {a} => {b}{one[2]}\n" for a, b in zip(*one[:2], strict=False)) + f"- => {one[1][-1]}"
)
STORIES = st.tuples(PREMISES, LINES, st.one_of(st.just(""), WORDS.map("Why: {}\n".format))).map(
    lambda one: (
        "".join(f"{letter}) {text}\n" for letter, text in zip("ABCD", one[0], strict=False))
        + "".join(f"\n### stem {name}\n{one[1]}\n= {letter}\n{one[2]}" for name, letter in (("one", "A"), ("two", "B")))
    )
)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "level": st.sampled_from(sorted(LEVELS)),
        "points": st.sampled_from(["2", "1.5"]),
        "cites": st.just("I01, J02"),
        "section": st.just("one#two"),
        "safety": st.just("treat"),
        "practice": st.just("yes"),
    },
)


@given(KEYS, LINES, st.one_of(SINGLE, TICKS, SUMS, NUMERIC, STATEMENTS, ORDER, MATCH, STORIES), WORDS, st.booleans())
def test_whatever_reads_is_printed_so_that_it_reads_the_same(
    keys: dict[str, str], stem: str, answers: str, why: str, shuffled: bool
) -> None:
    said = keys | ({"shuffle": "no"} if not shuffled and answers.startswith("-") else {})
    lines = "".join(f"{name}: {value}\n" for name, value in said.items())
    head = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n## emg-0001\n"
    report = Report("bank.md")
    reason = "" if "### stem" in answers else f"\nWhy: {why}\n"
    questions = read_bank(f"{head}{lines}\n{stem}\n\n{answers}\n{reason}", report).questions
    event(str(questions[0].taker["type"] if questions else sorted({one.code for one in report.faults})))
    if report.faults:
        return
    text = printed(questions)
    again = read(text)
    assert models(again) == models(questions)
    assert printed(again) == text
    assert again[0].points == Fraction(keys.get("points", "1"))
