"""The canonical form: damage is mended, the model and the comments stay, and tidying again changes nothing."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mesotrain.config import ROOT
from mesotrain.core.questions import TYPES
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report
from mesotrain.formats.printed import write_bank
from mesotrain.formats.tidy import given as given_ids
from mesotrain.formats.tidy import mentioned, tidied
from mesotrain.web.examples import BANK as EXAMPLES
from mesotrain.web.examples import PICTURES
from tests.formats.test_mending import keeps
from tests.formats.test_printed import BANKS, SHIPPED, models, read

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n"

MENDED = {
    "bullets": ("\u2022 (x) yes\n\u2013 ( ) no", "- (x) yes\n- ( ) no"),
    "stars": ("* (x) yes\n+ ( ) no", "- (x) yes\n- ( ) no"),
    "wide boxes": ("- ( x ) yes\n- () no", "- (x) yes\n- ( ) no"),
    "capitals": ("- (X) yes\n- ( ) no", "- (x) yes\n- ( ) no"),
    "ticks": ("- [✓] yes\n- [] no", "- [x] yes\n- [ ] no"),
    "no space": ("-(x) yes\n- ( )no", "- (x) yes\n- ( ) no"),
    "indented": ("  - (x) yes\n   - ( ) no", "- (x) yes\n- ( ) no"),
    "no-break spaces": ("-\u00a0(x)\u00a0yes, 5\u202fmg\n- ( ) no", "- (x) yes, 5 mg\n- ( ) no"),
    "curly quotes": ("- (x) “yes”\n- ( ) don\u2019t", '- (x) "yes"\n- ( ) don\'t'),
    "reasons": ("- (x) yes\n\twhy : so\n- ( ) no\n\n**Why:** all", "- (x) yes\n  Why: so\n- ( ) no\n\nWhy: all"),
    "numbers": ("=0.5 +0.05 \u22120.05 mL (80%)", "= 0.5 +0.05 -0.05 mL (80%)"),
    "decimal commas": (
        "= 0,5 ±0,05 mL\n= 0,125 mL (80 %)\n= 1,500 mL",
        "= 0.5 +0.05 -0.05 mL\n= 0.125 mL (80%)\n= 1,500 mL",
    ),
    "letters": ("a) (x) yes\nB. ( ) no", "- (x) yes\n- ( ) no"),
    "arrows": ("- (x) yes\n- ( ) a \u2192 b", "- (x) yes\n- ( ) a \u2192 b"),
    "pairs": ("\u2022 a \u21d2 b\n- c \u2192 d\n- e \u2192 f => g", "- a => b\n- c => d\n- e \u2192 f => g"),
    "a comment's end": ("- a <!-- once c --> \u2192 b\n- d -> e", "- a <!-- once c --> => b\n- d => e"),
    "credits": ("- ( 50 % ) half\n- (x) all", "- (50%) half\n- (x) all"),
    "blank lines": ("- (x) yes\n\n\n- ( ) no\nWhy: so", "- (x) yes\n- ( ) no\n\nWhy: so"),
    "places": ("- ( 1 ) one\n- (\u2013) none", "- (1) one\n- (-) none"),
    "deep pairs": ("     - a => b\n- c -> d\n- e \u2013> f", "- a => b\n- c => d\n- e => f"),
    "full width": ("-\uff08x\uff09yes\n- \uff08 \uff09 no", "- (x) yes\n- ( ) no"),
    "full width boxes": ("- \uff3b\uff38\uff3d yes\n- \uff3b\uff3d no", "- [x] yes\n- [ ] no"),
    "numbered": ("1. (x) yes\n2) ( ) no", "- (x) yes\n- ( ) no"),
    "choices of a gap": ("Into [[(X) a | (  ) b|() c]].", "Into [[(x) a | ( ) b|( ) c]]."),
    "sums": (
        "{weight}\n\n~~~calc\nweight = 40\u00a0kg \u2026 80 kg step 10 kg\nwhere weight \u2265 40 [kg]\n"
        "answer = weight \u00d7 2 [mg/kg] \u00f7 1 [mg/mL] in mL\naccept \u20131 mL\n"
        "error unsafe answer \u00d7 10 \u201cTen \u00d7 \u201ctoo\u201d much \u2026\u201d\n"
        'error 1 [mL] "2 \u00d7 \u201c3\u201d"\n~~~',
        "{weight}\n\n~~~calc\nweight = 40 kg .. 80 kg step 10 kg\nwhere weight >= 40 [kg]\n"
        "answer = weight * 2 [mg/kg] / 1 [mg/mL] in mL\naccept -1 mL\n"
        'error unsafe answer * 10 "Ten \u00d7 \u201ctoo\u201d much \u2026"\nerror 1 [mL] "2 \u00d7 \u201c3\u201d"\n~~~',
    ),
    "zones": (
        "```zones grid=2x2\na circle 1,1 r 1 right \u201cIt\u2019s here.\u201d\n```",
        '```zones grid=2x2\na circle 1,1 r 1 right "It\u2019s here."\n```',
    ),
    "reasons of elsewhere": ("- (x) yes\n  Rationale: so\n- ( ) no", "- (x) yes\n  Why: so\n- ( ) no"),
    "invisible": ("- (x) y\u200bes\n- ( ) no", "- (x) yes\n- ( ) no"),
    "breaks in a paragraph": ("- (x) yes\v- ( ) no\u2028- ( ) may\fbe", "- (x) yes\n- ( ) no\n- ( ) may\nbe"),
    "ballot boxes": ("\u2612 yes\n- \u2610 no\n\u2022 \u2611 so", "- [x] yes\n- [ ] no\n- [x] so"),
    "bullets of a second level": ("\u2022 (x) yes\no\t( ) no\n\u25cb ( ) so", "- (x) yes\n- ( ) no\n- ( ) so"),
    "a distractor": ("\u2022 a \u2192 b\n\u2022 c \u2192 d\n\u2022 \u2192 e", "- a => b\n- c => d\n- => e"),
    "numbered places": ("1. (1) one\n2. (2) two\n3) (\u2013) none", "- (1) one\n- (2) two\n- (-) none"),
    "apart": ("\u2022 a \u2192 b\n\n\u2022 c \u2192 d\n\n\u2022 e \u2192 f", "- a => b\n- c => d\n- e => f"),
    "beside a list": (
        "a) (5%) sugar\n\nWhich?\n\n\u2022 (X) yes\n- ( ) no",
        "a) (5%) sugar\n\nWhich?\n\n- (x) yes\n- ( ) no",
    ),
}


def names_of(text: str) -> list[str]:
    """The ids that a bank's headings have."""
    return re.findall(r"^## ([a-z]+-[0-9]{4})$", text, re.MULTILINE)


def bank(body: str, heading: str = "## emg-0001") -> str:
    return f"{HEAD}\n{heading}\n\nWhat?\n\n{body}\n"


@pytest.mark.parametrize("name", MENDED)
def test_what_a_word_processor_did_is_mended(name: str) -> None:
    damaged, plain = MENDED[name]
    assert tidied(bank(damaged)) == bank(plain)
    assert tidied(bank(damaged).replace("\n", "\r\n")) == bank(plain)


@pytest.mark.parametrize(
    "text",
    [
        "`\u2022 (x) yes` stays",
        "```\n\u2022 (x) “yes”\n\n\n=0.5\n```",
        "A range of 10\u201315 days \u2014 no less.",
        "<!-- “kept” as it is -->",
        "Press (x) or [ ].",
        "- pale \u2192 call",
        "Why - in your view - is it shared?",
        "One line  \nand another.",
        " ## Not a question",
        "a) (5%) glucose\nb) (10%) glucose\n\nWhich of the two, a or b?",
        "a) [1] dextrose\n\nb) [2] dextrose",
        "- (a) first\n\n- (b) second",
        "Para.\n\n\n\nPara.",
    ],
)
def test_what_is_no_damage_stays(text: str) -> None:
    whole = f"{HEAD}\n## emg-0001\n\n{text}\n\n- (x) yes\n- ( ) no\n"
    assert tidied(whole) == whole


def test_a_question_without_an_id_gets_the_next_that_is_free() -> None:
    text = f"{HEAD}\n##\n\nOne?\n\n##  EMG-0007\n\nTwo?\n\n## \n\nThree?\n"
    assert names_of(tidied(text)) == ["emg-0008", "emg-0007", "emg-0009"]
    assert names_of(tidied(text, ["emg-0011", "asp-0999"])) == ["emg-0012", "emg-0007", "emg-0013"]
    assert names_of(tidied(f"{HEAD}\n##\n\nOne?\n")) == ["emg-0001"]
    assert names_of(tidied("##\n\nOne?\n")) == ["new-0001"]


def test_a_copy_gets_an_id_of_its_own_and_says_what_it_was_copied_from() -> None:
    rest = "\n\nQ?\n\n- (x) a\n- ( ) b\n"
    first = f"## emg-0001\ncompetency: EMG{rest}\n## emg-0007\ncompetency: EMG{rest}\n"
    made = tidied(f"{first}## emg-0001\nlevel: apply\ncompetency: EMG{rest}")
    assert made == f"{first}## emg-0008\ncompetency: EMG\nlevel: apply\nfrom: emg-0001{rest}"
    assert tidied(made) == made
    drafts = f"{HEAD}\n## Draft{rest}\n## Draft{rest}"
    assert tidied(drafts) == drafts, "a title is no id"
    assert "from: emg-0007\n" in tidied(f"{first}## emg-0001\nfrom: emg-0007{rest}"), "as it says itself"


@given(
    st.lists(st.integers(1, 9999), max_size=4, unique=True),
    st.lists(st.integers(1, 9999), max_size=4),
    st.sampled_from(["<!-- EMG-{:04} was wrong -->", "See emg-{:04}.", "![x](emg-{:04})"]),
    st.integers(1, 3),
)
def test_no_id_that_a_text_speaks_of_is_given_again(own: list[int], gone: list[int], spoken: str, drafts: int) -> None:
    blocks = [f"## emg-{at:04}\n\nWhat?\n" for at in own] + ["##\n\nWhat?\n"] * drafts
    blocks += [f"## emg-{at:04}\nfrom: emg-{at:04}\n\nWhat?\n" for at in own[:1]]
    said = "\n".join(spoken.format(at) for at in gone)
    text = f"{HEAD}\n" + "\n".join(blocks) + f"\n{said}\n"
    made = tidied(text)
    new = set(names_of(made)) - {f"emg-{at:04}" for at in own}
    assert len(new) == drafts + len(own[:1])
    assert not new & mentioned(text)
    assert len(names_of(made)) == len(set(names_of(made)))
    assert [name for _, name, _ in given_ids(text, made)] == [f"emg-{at:04}" for at in own[:1]]
    assert {now for _, _, now in given_ids(text, made)} <= new


def test_an_id_has_a_plain_dash() -> None:
    assert tidied(bank("- (x) yes\n- ( ) no", "## EMG\u20130001")) == bank("- (x) yes\n- ( ) no")
    assert tidied(bank("- (x) yes\n- ( ) no", "## A\u2013B")) == bank("- (x) yes\n- ( ) no", "## A\u2013B")


@pytest.mark.parametrize("above", ["\u200b", "\n", "\n \n\u00a0\n", "\ufeff\n\u200b\n"])
def test_what_stands_unseen_above_the_front_matter_goes(above: str) -> None:
    sound = bank("- (x) yes\n- ( ) no")
    assert tidied(above + sound.replace("title: B", "title:\u00a0B ")) == sound


def test_keys_stand_in_the_order_of_the_guide_with_their_comments() -> None:
    keys = "\n<!-- of the second -->\nlevel : judge\nCompetency:EMG\n<!-- last -->"
    tidy = tidied(bank("- (x) yes\n- ( ) no", f"## emg-0001{keys}"))
    assert tidy == bank(
        "- (x) yes\n- ( ) no",
        "## emg-0001\ncompetency: EMG\n<!-- of the second -->\nlevel: judge\n<!-- last -->",
    )


def test_the_words_of_a_key_are_small() -> None:
    sound = bank("- (x) yes\n- ( ) no", "## emg-0001\nlevel: apply\nshuffle: no")
    assert tidied(sound.replace("apply", "Apply").replace("no\n\n", "No\n\n").replace("title", "Title")) == sound


@pytest.mark.parametrize(
    "text",
    [
        "What?\n\n= 2,4-dinitrophenol",
        "What?\n> Why: does it hurt?\n\n= 5",
        "What?\n\n= 5\n  (Why: in brackets.)",
        "What?\n\n= five (120 %)",
    ],
)
def test_what_stays_a_fault_stays_as_it_is_written(text: str) -> None:
    whole = f"{HEAD}\n## emg-0001\n\n{text}\n"
    read_bank(whole, report := Report(""))
    assert report.faults
    assert tidied(whole) == whole


@pytest.mark.parametrize("name", BANKS)
def test_a_sound_bank_keeps_its_model(name: str) -> None:
    tidy = tidied(BANKS[name])
    plain = BANKS[name].translate({0x2019: "'", 0x201C: '"', 0x201D: '"'})
    assert models(read(tidy, name)) == models(read(plain, name))
    assert tidied(tidy) == tidy


PIECES = st.sampled_from(
    ["\n", "\n\n", "## ", "##", "emg-0001", "level: judge", "- (x) ", "\u2022( X )", "- [ ] ", "= 0.5 mL", "=", "Why: ",
     "why", "“", "\u2014", "```", "~~~", "<!--", "-->", "---", " ", "  ", "\t", "x", "words", "\u00a0", "\u200b", "\r",
     "A) ", "[[", "#", "     - ", "=> b", "-> b", "\uff08x\uff09", "1. (x) ", "]]", "| (  ) ", "```calc\n",
     "~~~zones\n", "”", "\u2026", "\u00d7", "\u2013", "\ufeff"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
@example("##\n<!--\n-->\n- (x) a")
def test_tidying_again_changes_nothing_and_a_sound_text_stays_sound(body: str) -> None:
    keeps(HEAD + body)
    assert tidied(body) == tidied(tidied(body))


DAMAGE = {
    "- ": ("     - ", "\t- ", "-", "\u2022\u00a0", "1. "),
    "(x)": ("\uff08x\uff09", "( X )"),
    "[ ]": ("\uff3b\uff3d", "[]"),
    "=>": ("->", "\u2192"),
    " ": ("  ", "\u00a0", "\u200b", "\t"),
    '"': ("“", "”", "\u201e"),
    "\n": ("\r\n", "\n\n", " \n", "\u200b\n"),
    "*": ("\u00d7",),
    "..": ("\u2026", "..."),
    "~~~": ("```", " ~~~"),
    "---": ("\n---", "\u200b---", "\u2014"),
    "-0": ("\u20130", "\u22120"),
    "| (": ("|  (  ",),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(DAMAGE)), st.integers(0, 999), st.integers(0, 9)), max_size=12))
def test_what_is_damaged_anywhere_is_mended_at_once(wounds: list[tuple[str, int, int]]) -> None:
    text = EXAMPLES
    for plain, place, kind in wounds:
        pieces = text.split(plain)
        at = place % len(pieces)
        damaged = DAMAGE[plain][kind % len(DAMAGE[plain])]
        text = plain.join(pieces[:at]) + damaged + plain.join(pieces[at:]) if at else text
    assert tidied(tidied(text)) == tidied(text)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_what_is_shipped_is_canonical(path: Path) -> None:
    assert tidied(path.read_text()) == path.read_text()


def test_what_is_printed_and_what_the_guide_shows_is_canonical() -> None:
    questions = read_bank(EXAMPLES, report := Report(""), PICTURES).questions
    assert {one.taker["type"] for one in questions} == TYPES.keys()
    assert not report.faults
    printed = write_bank("examples", "Examples", "en", questions)
    assert tidied(printed) == printed
    shown = re.findall(r"(?s)```markdown\n(## .*?)```", (ROOT / "courses" / "README.md").read_text())
    assert len(shown) > 8
    assert [one for one in shown if tidied(one) != one] == []
