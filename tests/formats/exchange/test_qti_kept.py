"""What stands beside an item is believed as long as nobody has changed what an engine sees of it."""

import pytest
from lxml import etree

from mesotrain.core.courses import Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange.qti import kept as qti_kept
from mesotrain.formats.lines import Report
from mesotrain.web.examples import BANK, PICTURES

ITEM = """<assessmentItem identifier="i" title="t" adaptive="false" timeDependent="false"><itemBody>
<p>Which <b>one</b>?</p><choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">
<simpleChoice identifier="A">One</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""
QUESTIONS = read_bank(BANK, Report("bank.md"), PICTURES).questions


def item(question: Question) -> str:
    root = etree.fromstring(ITEM)
    root.insert(0, qti_kept.instruction(root, question))
    return etree.tostring(root, encoding="unicode")


def read(text: str) -> qti_kept.Kept:
    found = qti_kept.kept(etree.fromstring(text), PICTURES)
    assert found
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.taker["type"])
def test_a_question_of_each_type_is_kept_whole(question: Question) -> None:
    found = read(item(question))
    assert found.whole
    assert found.question.version == question.version


SAME = [('title="t"', 'title="another"'), ('"i"', '"j"'), ("<p>Which", "<p>\n  Which"), ("?</p>", "?</p><!-- a -->")]
OTHER = [
    ("One<", "Two<"),
    ('Choices="1"', 'Choices="2"'),
    ("b>", "i>"),
    ("?</p>", "? </p>a"),
    ("?</p>", "?<?x?>a</p>"),
    ('"false"', '"true"'),
]


@pytest.mark.parametrize(("old", "new"), SAME + OTHER)
def test_it_is_believed_until_the_item_is_changed(old: str, new: str) -> None:
    text = item(QUESTIONS[0])
    assert old in text
    assert read(text.replace(old, new)).whole is ((old, new) in SAME)


@pytest.mark.parametrize("said", ["", "x", "[" * 99_999, "3", '{"of": "a", "bank": 3}', '{"of": "a", "bank": "Q"}'])
def test_what_is_no_question_is_not_read(said: str) -> None:
    root = etree.fromstring(ITEM)
    root.insert(0, etree.ProcessingInstruction(qti_kept.TARGET, said))
    assert qti_kept.kept(root, PICTURES) is None


def test_any_text_stands_in_an_instruction() -> None:
    head = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n## emg-0001\nlevel: judge\n"
    (question,) = read_bank(f"{head}\nIs <b?> é \\?> “so”?\n\n= a?>b | ?>\n", report := Report("bank.md")).questions
    assert report.faults == []
    assert read(item(question)).question.version == question.version
    changed = read(item(question).replace("One<", "Two<"))
    facts = qti_kept.with_facts(QUESTIONS[0], changed.question)
    assert (facts.level, facts.competency, facts.taker) == ("judge", "EMG", QUESTIONS[0].taker)
