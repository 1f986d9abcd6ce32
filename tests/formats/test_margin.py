"""Answers begin at the left margin, or are a fault with their line, and end where what is seen of them ends."""

import pytest

from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.tidy import tidied
from tests.formats.test_bank import HEAD
from tests.formats.test_zones import PICTURES

BEFORE = [" " * many for many in range(1, 9)] + ["\t"]
MARKS = ["- (x) a", "- (50%) a", "- [x] a", "- [F] a", "- (3) a", "- (-) a", "- (panel 2) a", "= lung", "= 0.5 mL"]
MARKS += ["- a => b", "- => b"]
BODIES = {
    "single": "- (x) yes\n- ( ) no",
    "multiple": "- [x] yes\n- [ ] no",
    "true-false": "- [T] yes\n- [F] no",
    "ordering": "- (1) one\n- (2) two",
    "matching": "- heart => beats\n- lung => breathes",
    "extended": "A) one\nB) two\n\n### stem a\nText\n= B\n\n### stem b\nMore\n= A",
    "numeric": "= 5 mL\n= 6 mL (50%)",
    "text": "= heart\n= lungs (50%)",
    "calculated": "{weight}\n\n```calc\nweight = 1, 2 mg\nanswer = weight in mg\n```",
    "gaps": "Into the [[(x) thigh | ( ) arm]].",
    "staged": "### stage one\nWhat?\n\n- (x) yes\n- ( ) no\n\n### stage two\nWhat?\n\n= 5",
    "concordance": "- (panel 2) yes\n- (panel 1) no",
    "zones": "![A](media/face.svg)\n\n```zones grid=2x2\na polygon 0,0 300,0 300,520 0,520 right\n```",
    "essay": "### rubric\n\n- (1) Says why\n- (2) Says how",
}


def faults(body: str) -> list[str]:
    keys = "practice: yes\n" if "panel" in body.rsplit("\n", maxsplit=1)[-1] else ""
    report = Report("bank.md")
    text = f"{HEAD}## emg-0001\n{keys}\nWhat?\n\n{body}\n"
    read_bank(cleaned(text, report), report, PICTURES)
    return [f"{fault.line - 10 - bool(keys)}: {fault.message}" for fault in report.faults]


@pytest.mark.parametrize("kind", BODIES)
def test_the_bodies_are_sound(kind: str) -> None:
    assert faults(BODIES[kind]) == []


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("kind", BODIES)
def test_an_indented_answer_of_any_kind_is_a_fault_of_any_question(kind: str, mark: str) -> None:
    """Above its answers, and under the first of them."""
    lines = BODIES[kind].split("\n")
    for before in BEFORE:
        for at in (0, 1):
            found = faults("\n".join([*lines[:at], before + mark, *lines[at:]]))
            assert any(f"{at + 1}: question (emg-0001): begin an" in one for one in found), (before, at, found)
            assert any("at the left margin; take the blanks before" in one for one in found)


OTHER = [kind for kind in BODIES if kind in ("extended", "calculated", "gaps", "staged", "zones", "essay")]
"""Kinds whose answers have a form of their own."""


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("kind", OTHER)
def test_an_answer_at_the_margin_above_answers_of_another_form_is_a_fault(kind: str, mark: str) -> None:
    (found,) = faults(f"{mark}\n\n{BODIES[kind]}")
    assert "has no other answers: take “" in found
    assert found.startswith("1: ")
    assert len(faults(f"  {mark}\n\n{BODIES[kind]}")) == 1
    assert faults(f"\\{mark}\n\n{BODIES[kind]}") == []
    assert faults(f"~~~\n{mark}\n~~~\n\n{BODIES[kind]}") == []


@pytest.mark.parametrize("kind", OTHER)
def test_what_is_nearly_an_answer_or_a_reason_there_is_one_too(kind: str) -> None:
    for line in ("-(x) yes", "* [ ] no", "Why: so.", "why - so."):
        found = faults(f"{line}\n\n{BODIES[kind]}")
        assert found, line
        assert found[0].startswith("-3: " if (kind, line) == ("gaps", "Why: so.") else "1: "), found


def test_a_story_has_one_answer() -> None:
    (found,) = faults(BODIES["extended"].replace("Text", "Text\n- (x) yes"))
    assert found.startswith("6: question (emg-0001): a story has no other answers")


@pytest.mark.parametrize("heading", ["## emg-0002", "### rubric", "### stage two", "### stem b"])
def test_an_indented_heading_of_a_question_or_a_part_is_a_fault(heading: str) -> None:
    assert any(
        one.startswith("2: question (emg-0001): a question has no headings") for one in faults(f"More.\n {heading}")
    )


@pytest.mark.parametrize("kind", ["single", "multiple", "true-false", "ordering", "matching", "numeric", "text"])
def test_what_is_nearly_right_hides_no_other_fault(kind: str) -> None:
    """Why: misspelt under a first answer that is not at the margin, and below them a number with a comma."""
    first, second = BODIES[kind].split("\n")
    found = faults(f"  {first}\n  WHY: so.\n{second}\n= 0,5 mL")
    assert [one.partition(":")[0] for one in found][:2] == ["1", "2"]
    assert found[2].startswith("4: "), found


def test_a_reason_may_go_on_with_its_arithmetic() -> None:
    assert faults("- (x) 10 mg\n  Why: 2 mL of 5 mg/mL\n    = 10 mg\n- ( ) 5 mg\n\nWhy: so\n  - pale => call") == []
    assert len(faults("= 10 mg\n  Why: 2 mL of 5 mg/mL\n  = 11 mg (50%)")) == 1


def test_text_with_a_backslash_is_no_answer_and_what_is_indented_is_mended() -> None:
    assert faults("It is\n  \\= 5.\n  \\- [F] too.\n\n- (x) yes\n- ( ) no") == []
    for kind in ("true-false", "ordering", "single", "multiple"):
        first, second = BODIES[kind].split("\n")
        spoilt, sound = (f"{HEAD}\n## emg-0001\n\nWhat?\n\n{first}\n{before}{second}\n" for before in ("   ", ""))
        assert tidied(spoilt) == sound


BLANKS = [" ", "   ", "\t", "\u00a0", " \u2009", "\u3000"]


@pytest.mark.parametrize("kind", [kind for kind in BODIES if "\n\n" not in BODIES[kind] and "\n" in BODIES[kind]])
def test_blanks_at_the_end_of_a_line_are_no_part_of_an_entry_or_a_reason(kind: str) -> None:
    first, second = BODIES[kind].split("\n")
    sound = f"{first}\n  Why: so.\n{second}\n\nWhy: it is."
    keys = "practice: yes\n" if "panel" in sound else ""
    versions = set()
    for blank in ("", *BLANKS):
        text = sound.replace("\n", f"{blank}\n") + blank
        (one,) = read_bank(f"{HEAD}## emg-0001\n{keys}\nWhat?\n\n{text}\n", report := Report("")).questions
        assert report.faults == []
        versions.add(one.version)
    assert len(versions) == 1


@pytest.mark.parametrize("blank", [*BLANKS, "\u200b"])
def test_options_that_differ_in_blanks_at_their_ends_are_the_same(blank: str) -> None:
    found = faults(f"- (x) aa\n- ( ) aa{blank}\n- ( ) b")
    assert any("two options have the same text" in one or "invisible" in one for one in found)
