"""What is taken out comes back as it was, whatever the format."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from mesotrain.config import ROOT
from mesotrain.core.courses import Question
from mesotrain.core.questions import TYPES
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, convert
from mesotrain.formats.exchange.notes import LOST, Brought, Exchanged
from mesotrain.formats.lines import Report
from mesotrain.formats.printed import write_bank, write_question
from mesotrain.web.examples import BANK, PICTURES
from tests.formats.test_gaps import PIECE
from tests.formats.test_printed import KEYS, LINES, MATCH, NUMERIC, ORDER, SINGLE, STATEMENTS, STORIES, SUMS, TICKS

HEAD = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n## emg-0001\n"
TEXT = st.sampled_from(["= a", "= a | b*\n= c (50%)", '= "5-FU" | x\\|y\n  Why: so.\n= * (0%)', "= a:b#c{d}~e\\*"])
FIGURE = (ROOT / "mesotrain" / "web" / "static" / "figure.svg").read_bytes()
MEDIA = {"media/figure.svg": FIGURE, "media/moved.svg": FIGURE.replace(b"0 0 480", b"-50 -20.5 480")}
BOTH_WAYS = [name for name, one in FORMATS.items() if one.write and one.read and name != "bank"]
GAPS = st.lists(PIECE, min_size=1, max_size=4).map(" ".join)
NOWHERE = {
    "gift": {"calculated", "hotspot", "staged", "concordance", "cloze"},
    "moodle-xml": {"calculated", "hotspot", "staged", "concordance"},
    **{name: set() for name in ("qti", "qti-2.2", "qti-2.1")},
    "csv": set(),
    "xlsx": set(),
}
"""The types that a format cannot say."""


def there_and_back(questions: list[Question], name: str) -> tuple[list[Exchanged], list[Question]]:
    """The questions with what is said of each, and those that come back."""
    out = Brought([Exchanged(one) for one in questions], media=MEDIA)
    writer, reader = FORMATS[name].write, FORMATS[name].read
    assert writer
    assert reader
    content = writer(out, "b").content
    return out.questions, [one.question for one in reader(content, "again", "q").questions]


def model(one: Question) -> str:
    return replace(one, media={}).version


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_each_example_comes_back_or_is_said_to_be_lost(name: str) -> None:
    questions = list(read_bank(BANK, Report("bank.md"), PICTURES).questions)
    assert {str(one.taker["type"]) for one in questions} == TYPES.keys()
    out, back = there_and_back(questions, name)
    found = {one.name: model(one) for one in back}
    for one in out:
        kind = str(one.question.taker["type"])
        left_out = one.question.name not in found
        assert left_out <= (one.notes.status == LOST), one.notes.said
        assert left_out == (kind in NOWHERE[name] or "place for each thing" in str(one.notes.said)), kind
        assert left_out or found[one.question.name] == model(one.question), kind


ANSWERS = st.one_of(SINGLE, TICKS, SUMS, NUMERIC, STATEMENTS, ORDER, MATCH, STORIES, TEXT, GAPS)


def generated(keys: dict[str, str], stem: str, answers: str, why: str) -> Question | None:
    """The question that a bank would have of these texts, if it is one."""
    report = Report("bank.md")
    said = "".join(f"{key}: {value}\n" for key, value in keys.items())
    reason = "" if "### stem" in answers else why
    questions = read_bank(f"{HEAD}{said}\n{stem}\n\n{answers}{reason}\n", report).questions
    if report.faults:
        return None
    (one,) = questions
    event(str(one.taker["type"]))
    return one


@settings(deadline=None)
@given(
    st.sampled_from(BOTH_WAYS),
    KEYS,
    LINES,
    ANSWERS,
    st.sampled_from(["", "\n\nWhy: so, {x} = ~y~\n\n// and \\#: more"]),
)
def test_what_is_written_is_read_as_the_same_model(
    name: str, keys: dict[str, str], stem: str, answers: str, why: str
) -> None:
    one = generated(keys, stem, answers, why)
    if one is None:
        return
    out, back = there_and_back([one], name)
    if back:
        assert model(back[0]) == model(one)
    else:
        assert out[0].notes.status == LOST


def test_an_edited_question_is_read_as_it_was_edited() -> None:
    questions = list(read_bank(f"{HEAD}\nTrue?\n\n- [x] One\n- [x] Two\n- [ ] Three\n", Report("bank.md")).questions)
    for name, old, new in (("gift", "[markdown]Three", "[markdown]Four"), ("moodle-xml", ">Three<", ">Four<")):
        writer, reader = FORMATS[name].write, FORMATS[name].read
        assert writer
        assert reader
        content = writer(Brought([Exchanged(one) for one in questions]), "b").content.decode()
        assert "- [x] Two" in content
        edited = reader(content.replace(old, new, 1).encode(), "again", "q").questions[0].question
        assert "Four" in str(edited.taker)
        assert edited.key["rule"] == "sum"


def test_a_bank_that_is_made_reads_back_as_what_was_brought() -> None:
    questions = list(read_bank(BANK, Report("bank.md"), PICTURES).questions)
    gift = FORMATS["gift"].write
    assert gift
    content = gift(Brought([Exchanged(one) for one in questions]), "b").content
    found = convert(content, "b.gift", "gift", "bank")
    assert found.sent
    again = read_bank(found.sent.content.decode(), report := Report("bank.md"))
    assert report.faults == []
    versions = {one.name: model(one) for one in questions}
    assert len(again.questions) == len(found.questions) > 4
    assert all(model(one) == versions[one.name] for one in again.questions)
    assert write_bank("b", "B", "en", again.questions) == found.sent.content.decode()


@pytest.mark.parametrize(
    "text",
    ["## emg-0001\n\nTrue?\n", "", "## emg-0001\n\nA?\n\n= a\n\n## emg-0002\n\nB?\n\n= b", 3, {"type": "single"}],
)
def test_what_stands_beside_a_question_is_read_as_a_bank_or_not_at_all(text: object) -> None:
    """Whoever makes a file can make its digest too."""
    questions = read_bank(f"{HEAD}\nTrue?\n\n- [x] One\n- [x] Two\n- [ ] Three\n", Report("bank.md")).questions
    writer, reader = FORMATS["gift"].write, FORMATS["gift"].read
    assert writer
    assert reader
    content = writer(Brought([Exchanged(one) for one in questions]), "b").content.decode()
    kept = json.loads(re.search(r"(?m)^//[^{\n]*({.*})$", content)[1])  # type: ignore[index]
    assert kept["bank"] == write_question(questions[0])
    other = content.replace(json.dumps(kept, sort_keys=True), json.dumps({**kept, "bank": text}, sort_keys=True))
    assert other != content
    (found,) = reader(other.encode(), "again", "q").questions
    assert (found.question.taker["type"], found.question.key["rule"]) == ("multiple", "sum")
