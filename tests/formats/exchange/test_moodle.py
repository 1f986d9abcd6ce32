"""What Moodle has and a bank has otherwise: taken exactly where it can be, and named where it cannot."""

from fractions import Fraction
from typing import Any

import pytest

from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.notes import Exchanged, Notes
from mesotrain.formats.exchange.texts import AUTO, HTML, MARKDOWN, PLAIN, markdown
from mesotrain.formats.lines import Report
from mesotrain.formats.markup import render, words


def one(content: str, name: str = "moodle-xml") -> Exchanged:
    """The only question of a file, which a bank then holds as the same."""
    reader = FORMATS[name].read
    assert reader
    if name == "moodle-xml":
        content = f"<quiz><question {content}</question></quiz>"
    brought = reader(content.encode(), "x", "abc")
    assert brought.refused == []
    (found,) = brought.questions
    made = convert(content.encode(), "abc", name, "bank").sent
    assert made
    text = made.content.decode().replace("language: en", "language: en\ncompetency: ANY")
    report = Report("bank.md")
    (again,) = read_bank(text, report).questions
    assert report.faults == []
    assert (again.taker, again.key) == (found.question.taker, found.question.key)
    return found


def earned(found: Exchanged, **given: str) -> Fraction:
    asked = found.question.marked()
    return asked.mark(asked.read({name.replace("_", "."): [value] for name, value in given.items()}))


STEM = '<questiontext format="html"><text><![CDATA[{}]]></text></questiontext>'


def test_gaps_keep_their_weights_and_what_is_worth_less() -> None:
    text = "Use {2:SHORTANSWER:=adrenaline~%50%epi*} and {:NUMERICAL:=5:0.5~%25%6} mL, {1:MCS:=now~later#no}."
    found = one(f'type="cloze">{STEM.format(text)}')
    gaps: Any = found.question.taker["gaps"]
    assert [gap.get("weight") for gap in gaps] == ["2", None, None]
    now = next(option["id"] for option in gaps[2]["options"] if option["words"] == "now")
    assert earned(found, **{"1_answer": "Adrenaline", "2_number": "5.5", "3_choice": now}) == 1
    assert earned(found, **{"1_answer": "epinephrine"}) == Fraction(1, 4)
    assert earned(found, **{"2_number": "6"}) == Fraction(1, 16)
    assert found.notes.sentences == ["lost: what is said to the answers of a gap is left out."]


@pytest.mark.parametrize(("kind", "word"), [("ddwtos", "dragbox"), ("gapselect", "selectoption")])
def test_words_for_a_text_are_chosen_in_each_gap(kind: str, word: str) -> None:
    boxes = "".join(f"<{word}><text>{text}</text><group>{group}</group></{word}>" for text, group in WORDS)
    found = one(f'type="{kind}">{STEM.format("<p>A [[3]] and [[1]].</p>")}{boxes}')
    gaps: Any = found.question.taker["gaps"]
    assert found.question.taker["stem"] == "A [[1]] and [[2]]."
    assert [sorted(option["words"] for option in gap["options"]) for gap in gaps] == [
        ["hand", "leg"],
        ["long", "short"],
    ]
    right = {gap["id"] + "_choice": next(iter(found.question.key["gaps"][gap["id"]]["credit"])) for gap in gaps}
    assert earned(found, **right) == 1


WORDS = [("long", "1"), ("short", "1"), ("leg", "2"), ("hand", "2")]


def test_numbers_keep_each_range_its_credit_and_what_is_said_to_it() -> None:
    answers = "".join(
        f'<answer fraction="{share}"><text>{value}</text><tolerance>{off}</tolerance>'
        f"<feedback><text>to {value}</text></feedback></answer>"
        for share, value, off in ((100, "2.5", "0.1"), (33.33333, "25", "0"), (0, "250", "5"), (0, "*", "0"))
    )
    unit = "<units><unit><multiplier>1</multiplier><unit_name>mL</unit_name></unit></units><penalty>0.5</penalty>"
    found = one(f'type="numerical">{STEM.format("How much?")}{answers}{unit}')
    for given, credit in (("2.6 mL", 1), ("2.61", 0), ("25", Fraction(1, 3)), ("252", 0), ("2.5E+1", Fraction(1, 3))):
        assert earned(found, number=given) == credit
    assert found.question.key["reasons"] == {"0": "to 2.5", "1": "to 25", "2": "to 250"}
    assert found.question.key["reason"] == "to \\*"
    assert "its penalty of 0.5 for another try is not applied." in found.notes.sentences


def test_an_answer_counts_as_it_does_there() -> None:
    found = one("Who?{=O'Neill* =%25%a\\~b #nearly}", "gift")
    for given, credit in (("o'neill jr", 1), ("O\u2019NEILL", 1), ("a~b", Fraction(1, 4)), ("a~b.", 0), ("ONeill", 0)):
        assert earned(found, answer=given) == credit
    assert found.question.taker["exact"] == ["accents", "punctuation"]


def test_thirds_make_a_whole_and_more_than_all_is_all() -> None:
    found = one("Which?{~%33.33333%a ~%33.33333%b ~%33.33333%c ~%-100%d}", "gift")
    assert set(found.question.key["credit"].values()) == {"1/3", "-1"}
    generous = FORMATS["gift"].read
    assert generous
    asked: Any = generous(b"Which?{~%50%a ~%50%b ~%50%c ~d}", "x", "abc").questions[0].question.marked()
    assert asked.mark(asked.read({"choice": asked.options})) == 1
    alone = one("Which?{~%100%a ~b ~c}", "gift").question.marked()
    assert alone.mark(alone.read({"choice": alone.options})) == 1


def test_options_of_one_text_are_two_and_left_to_their_author() -> None:
    reader = FORMATS["gift"].read
    assert reader
    text = b"Which?{~%-50%a =b ~%50%a#twice}"
    key: Any = reader(text, "x", "abc").questions[0].question.key
    assert sorted(key["credit"].values()) == ["-1/2", "1", "1/2"]
    said = convert(text, "abc", "gift", "bank").questions[0].notes.sentences
    assert any("two options have the same text or id" in one for one in said)


TEXTS = [
    ("<p>a</p><p>b<br>c</p>", HTML, "a\n\nb\n\nc", []),
    ("<b>a </b>b <i>c<b>d</b></i>", HTML, "**a** b _c**d**_", []),
    ("10<sup>-3</sup> H<sub>2</sub>O", HTML, "10⁻³ H₂O", []),
    ("x<sup>a+b</sup>", HTML, "x^(a+b)", ["changed: what was raised stands behind a mark."]),
    ("<ul><li>a</li><li>(x) b</li></ul>", HTML, "- a\n- \\(x) b", []),
    ("<table><tr><td>a|b</td><td>c</td></tr></table>", HTML, "| a&#124;b | c |\n|---|---|", []),
    ("<a href='https://a.org/b'>c</a>", HTML, "[c](https://a.org/b)", []),
    ("<script>alert(1)</script>a", HTML, "a", ["lost: <script> has no place in a bank and is left out."]),
    ("a <dose> b", HTML, "a &lt;dose> b", ["guessed: <dose> is no HTML, and is shown as it was written."]),
    ("- (x) a\n= b\n# c\n1. d\nWhy: e", PLAIN, "\\- (x) a\n&#61; b\n\\# c\n1\\. d\n&#87;hy: e", []),
    ("a*b_c `d` [I01]", AUTO, "a\\*b_c \\`d\\` \\[I01\\]", []),
    ("*a*", MARKDOWN, "*a*", []),
    ("$$x$$", PLAIN, "$$x$$", ["changed: formulas stand as they were written; they are not drawn."]),
]


@pytest.mark.parametrize(("text", "kind", "made", "said"), TEXTS)
def test_texts_mean_the_same_and_losses_are_said(text: str, kind: str, made: str, said: list[str]) -> None:
    notes = Notes()
    assert markdown(text, kind, notes) == made
    assert notes.sentences == said


@pytest.mark.parametrize(
    "text", ["<!-- a -->", "&amp;lt;", "**", "why - so", "!!! note", "| a |", "~~~calc", "+ a", "> b"]
)
def test_what_would_mean_something_in_a_bank_is_shown_as_it_is(text: str) -> None:
    assert words(render(markdown(text, PLAIN, Notes()))) == text
