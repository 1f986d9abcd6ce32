"""What has no fault keeps its model in canonical form, whatever stands in it that means something else elsewhere."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from mesotrain.core.courses import Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.mending import PLAIN
from mesotrain.formats.tidy import tidied
from mesotrain.web.examples import PICTURES
from tests.formats.test_printed import (
    BANKS,
    DRAWN,
    MATCH,
    NUMERIC,
    ORDER,
    SINGLE,
    STATEMENTS,
    STORIES,
    SUMS,
    TICKS,
    models,
    printed,
)  # fmt: skip

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n"
ODD = [
    "- gauze \u2192 waste", "\u2022 a -> b", "- ATP \u21d2 ADP", "- a => b", "  - => b", "a) (5%) glucose", "B. (x) b",
    "A) (1) alone", "A) one", "a) [1] dextrose", "1. (1) Stop", "2) (x) Go", "- (a) first", "- (2) of 3", "- [note]",
    "= so it is", "\u2212 (x) five", "\u2212 5 mL", "o\t(x) yes", "- \u2610 box", "5\u00a0\u2013\u00a010",
    "\u2022 \u201cquoted\u201d", "\u201cQ\u201d | \u2018q\u2019", "Why - in short", "why: small", "*Why:* said",
    "> Why: said", "(Why: said)", "## ", " ## Title", "`<!--`", "```a`b", "<!-- a\nb -->", "level: Judge", "[[X]]",
    "[[ (X) a | ( ) b ]]", "| a | b |", "---", "- A -> B", "- (5 mg) of it", "- [so](https://x.org)", "  ## no",
    "Feedback: good", "Key: a word", "<!-- Why: the old reason\nof two -->",
]  # fmt: skip
"""Lines of a question that mean something else elsewhere."""


def said(questions: Sequence[Question]) -> list[str]:
    """The lines of questions with plain signs, in whatever order: where it is shuffled it rests on the ids."""
    return sorted(printed(tuple(questions)).translate(PLAIN).split("\n"))


def keeps(text: str, of: str = "") -> bool:
    """Whether a text is sound; then its canonical form says the same, and is the canonical form of itself."""
    before, after = Report(""), Report("")
    tidy = tidied(text)
    assert tidied(tidy) == tidy
    pictures = PICTURES | DRAWN.get(of, {})
    was, now = (read_bank(cleaned(one, to), to, pictures) for one, to in ((text, before), (tidy, after)))
    if before.faults:
        return False
    assert not after.faults
    assert said(now.questions) == said(was.questions)
    assert (now.name, now.title.translate(PLAIN)) == (was.name, was.title.translate(PLAIN))
    if text == text.translate(PLAIN):
        assert models(now.questions) == models(was.questions)
    return True


ANSWERS = st.one_of(SINGLE, TICKS, SUMS, NUMERIC, STATEMENTS, ORDER, MATCH, STORIES)
LEVEL = "\nlevel: apply\n\n"
SOME = st.lists(st.sampled_from(["", *ODD]), max_size=5).map("\n".join)


@given(SOME, SOME, ANSWERS, st.sampled_from(["B", "\u201cQ\u201d and q", "\u2018Q\u2019", "a\u00a0\u201cq\u201d"]))
def test_what_has_no_fault_means_what_it_meant(above: str, below: str, answers: str, title: str) -> None:
    reason = "" if "### stem" in answers else f"\nWhy: so.\n{below}\n"
    head = HEAD.replace("title: B", f"title: {title}")
    asked = f"{above}\nWhat?\n{above}\n\n{answers}\n{reason}"
    event(f"sound: {keeps(f'{head}## emg-0001{LEVEL}{asked}')}")


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize("turn", range(4))
def test_no_line_in_a_stem_of_any_bank_changes_what_it_means(name: str, turn: int) -> None:
    """Each question gets another odd line above its stem, and in every bank some question stays sound with it."""
    first, *rest = re.split(r"(?m)^(?=## )", BANKS[name])
    odd = (ODD[(7 * at + turn) % len(ODD)] for at in range(len(rest)))
    spoilt = [one.replace("\n\n", f"\n\n{line}\n\n", 1) for one, line in zip(rest, odd, strict=True)]
    sound = [one for one in spoilt if keeps(first + one, name)]
    assert sound
    assert keeps(first + "".join(sound), name)


@pytest.mark.parametrize("between", ["<!-- a\nb -->\n", "<!-- multi\nlevel: recall\n-->\n"])
def test_a_comment_of_several_lines_among_the_keys_does_not_end_them(between: str) -> None:
    assert keeps(f"{HEAD}## emg-0001\n{between}safety: a\n\nWhat?\n\n- (x) a\n- ( ) b\n")


@pytest.mark.parametrize("line", ["levle: apply", "tags: toxin", "\u201ccites\u201d: J03", "cites J03", "What?"])
def test_a_line_among_the_keys_that_is_none_stays_a_fault(line: str) -> None:
    text = f"{HEAD}## emg-0001\n{line}\ncredit: partial\n\nWhich?\n\n- [x] a\n- [ ] b\n"
    read_bank(tidied(text), report := Report(""))
    assert [one.code for one in report.faults] in (["unknown-key"], ["key"])
