"""Items and packages of QTI are what they say, and earn what their rules say."""

import os
import re
from fractions import Fraction
from typing import Any

import pytest

from mesotrain.core.questions import Reading
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS, Conversion, convert, format_of
from mesotrain.formats.exchange.notes import Exchanged
from mesotrain.formats.lines import Report
from mesotrain.formats.responses import fields
from tests.formats.exchange import qti_reference
from tests.formats.exchange.qti_samples import (
    NAMESPACES,
    SAMPLES,
    SCORE,
    Sample,
    adds,
    item,
    response,
    right,
    scores,
    value,
    variable,
    when,
)
from tests.formats.exchange.qti_samples_more import ALL
from tests.formats.exchange.reference import CORPORA
from tests.formats.exchange.test_qti_hostile import zipped


def one(content: str) -> Exchanged:
    reader = FORMATS["qti"].read
    assert reader
    brought = reader(content.encode(), "x.xml", "abc")
    assert not brought.refused, brought.refused
    return brought.questions[0]


def refused(content: str) -> str:
    found = convert(content.encode(), "x.xml", "qti", "bank")
    assert not found.sent
    return found.refused[0].sentence


@pytest.mark.parametrize("version", NAMESPACES)
@pytest.mark.parametrize("sample", ALL.values(), ids=ALL)
def test_each_interaction_earns_what_it_earns_there(sample: Sample, version: str) -> None:
    found = one(sample.item(version))
    asked: Any = found.question.marked()
    assert found.question.taker["type"] == sample.kind
    for answer, worth in sample.earns:
        raw = fields(asked, answer)
        assert raw is not None, answer
        assert asked.mark(asked.read(raw)) == worth, (answer, found.question.key)
    assert asked.mark(Reading()) == 0


@pytest.mark.parametrize("sample", ALL.values(), ids=ALL)
def test_each_interaction_reads_back_from_its_bank(sample: Sample) -> None:
    found = convert(sample.item("3.0").encode(), "x.xml", "qti", "bank")
    assert found.sent
    text = found.sent.content.decode().replace("language: en", "language: en\ncompetency: ANY")
    boxes = {path: ["0", "0", "200", "100"] for path in re.findall(r"\((media/[^)]+)\)", text)}
    questions = read_bank(text, report := Report("bank.md"), boxes).questions
    if [fault.message for fault in report.faults if "not all of it" not in fault.message]:
        pytest.fail(str(report.faults))
    for again in questions:
        question = found.questions[0].question
        assert (again.taker, again.key) == (question.taker, question.key)
    assert len(questions) + len(report.faults) == 1


def test_what_is_said_to_an_answer_is_its_reason() -> None:
    found = one(SAMPLES["choice"].item("2.2"))
    texts = {option["id"]: option["text"] for option in found.question.taker["options"]}  # type: ignore[union-attr,index]
    assert {texts[name]: said for name, said in found.question.key["reasons"].items()} == {"Two": "Not so."}  # type: ignore[union-attr]
    assert found.question.points == 2
    assert one(SAMPLES["essay"].item("3.0")).question.key["reasons"] == {"0": "Names a harm."}


ENTRY = "<p>How much?</p><textEntryInteraction responseIdentifier='RESPONSE'/>"
NUMBER = response("single", "float", right("1"))


def both(name: str, *values: str) -> str:
    """A condition: each of these is in the answer."""
    base = "identifier" if name == "member" else "string"
    of = {"member": "<member>{0}{1}</member>", "substring": "<substring>{0}{1}</substring>"}[name]
    return "<and>" + "".join(of.format(value(one, base), variable()) for one in values) + "</and>"


def outcome(name: str, number: str) -> str:
    return f"<setOutcomeValue identifier='{name}'>{value(number, 'float')}</setOutcomeValue>"


def is_right(name: str) -> str:
    return f"<match>{variable(name)}<correct identifier='{name}'/></match>"


OTHERS = SCORE.replace("SCORE", "A") + SCORE.replace("SCORE", "B")
REFUSED = {
    "either of two pairs": (
        item(
            response("multiple", "identifier", right("A", "C")),
            SAMPLES["choices, a sum"].body,
            when(both("member", "A", "C"), scores("1")) + when(both("member", "B", "D"), scores("1")),
        ),
        "neither all or nothing, nor a sum",
    ),
    "more together": (
        item(
            SAMPLES["inline choice"].declared,
            SAMPLES["inline choice"].body,
            when(is_right("R1"), adds("1")) + when(f"<and>{is_right('R1')}{is_right('R2')}</and>", adds("2")),
        ),
        "neither their sum, nor all or nothing",
    ),
    "two words of a text": (
        item(response("single", "string", right("ab")), ENTRY, when(both("substring", "a", "b"), scores("1"))),
        "no counterpart in lines of accepted texts",
    ),
    "adaptive": (SAMPLES["choice"].item("2.1").replace("adaptive='false'", "adaptive='true'"), "it is adaptive"),
    "template": (
        item("", ENTRY, "").replace("<itemBody>", "<templateProcessing><setOther/></templateProcessing><itemBody>"),
        "its template uses <setOther>",
    ),
    "several scores": (
        item(NUMBER + OTHERS, ENTRY, outcome("A", "1") + outcome("B", "2")).replace(SCORE, ""),
        "it has no SCORE, and several outcomes may be meant: A, B",
    ),
    "upload": (
        item(response("single", "file"), "<uploadInteraction responseIdentifier='RESPONSE'/>", ""),
        "a uploadInteraction is not",
    ),
    "operator": (
        item(NUMBER, ENTRY, when(f"<customOperator class='x.Y'>{variable()}</customOperator>", scores("1"))),
        "“x.Y”",
    ),
    "chance": (
        item(NUMBER, ENTRY, f"<setOutcomeValue identifier='SCORE'><random>{variable()}</random></setOutcomeValue>"),
        "by chance",
    ),
    "following": (
        item(NUMBER, ENTRY, f"<setOutcomeValue identifier='SCORE'>{variable()}</setOutcomeValue>"),
        "follows the number",
    ),
    "nothing": (item("", "<p>Look.</p>", ""), "asks nothing"),
    "unknown": (
        item(NUMBER, ENTRY, f"<setOutcomeValue identifier='SCORE'><sqrt>{variable()}</sqrt></setOutcomeValue>"),
        "<sqrt>",
    ),
    "crossed": (
        item(
            response("single", "identifier", name="R1") + response("single", "identifier", name="R2"),
            "<p>"
            + "".join(
                f"<inlineChoiceInteraction responseIdentifier='{one}'><inlineChoice identifier='A'>a</inlineChoice>"
                "<inlineChoice identifier='B'>b</inlineChoice></inlineChoiceInteraction>"
                for one in ("R1", "R2")
            )
            + "</p>",
            when(f"<match>{variable('R1')}{variable('R2')}</match>", scores("1")),
        ),
        "no counterpart",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_marked_alike_is_refused_by_name(kind: str) -> None:
    content, said = REFUSED[kind]
    assert said in refused(content)


def test_what_is_marked_otherwise_is_said() -> None:
    few = SAMPLES["choices, a sum"].item("2.1").replace("maxChoices='4'", "maxChoices='2'")
    assert "lost: at most 2 can be ticked there; here as many as one likes." in one(few).notes.sentences
    low = SAMPLES["choices, a sum"].item("2.1").replace("lowerBound='0'", "")
    assert "changed: an answer earns down to -0.6667 there, and 0 here." in one(low).notes.sentences
    blank = item(
        SAMPLES["choice"].declared,
        SAMPLES["choice"].body,
        when(f"<isNull>{variable()}</isNull>", scores("1"))
        + when(f"<match>{variable()}{value('A', 'identifier')}</match>", scores("2")),
    )
    found = one(blank)
    assert f"{NOTHING_IS}; here that is an option, “No answer”." in found.notes.sentences
    asked: Any = found.question.marked()
    earns = {option["text"]: asked.mark(Reading((option["id"],))) for option in asked.taker["options"]}
    assert earns == {"One": 1, "Two": 0, "Three": 0, "No answer": Fraction(1, 2)}
    alike = one(blank.replace(">2<", ">1<"))
    assert len(alike.question.taker["options"]) == 3  # type: ignore[arg-type]
    assert "changed: no answer at all earns all of it there, and nothing here." in alike.notes.sentences


NOTHING_IS = "changed: no answer at all earns something there"


def test_what_says_nothing_of_its_marks_is_marked_by_people() -> None:
    found = one(item(response("single", "string"), ENTRY, ""))
    assert found.question.taker["type"] == "essay"
    assert any("its rubric is one criterion" in said for said in found.notes.sentences)


def test_without_a_score_the_only_number_or_what_is_true_is_taken_for_it() -> None:
    truth = "<outcomeDeclaration identifier='{}' cardinality='single' baseType='boolean'/>"
    equal = f"<equal>{variable()}{{}}</equal>"
    rules = "".join(
        f"<setOutcomeValue identifier='{name}'>{equal.format(value(number, 'float'))}</setOutcomeValue>"
        for name, number in (("LOW", "1"), ("HIGH", "9"))
    )
    both = item(NUMBER + truth.format("LOW") + truth.format("HIGH"), ENTRY, rules)
    found = one(both.replace(SCORE, ""))
    asked: Any = found.question.marked()
    assert [asked.mark(asked.read({"number": [number]})) for number in ("1", "9", "5")] == [1, 1, 0]
    assert any("how many of LOW, HIGH are true" in said for said in found.notes.sentences)
    other = one(SAMPLES["number"].item("2.1").replace("'SCORE'", "'GRADE'"))
    assert "guessed: it has no SCORE; GRADE is taken for it." in other.notes.sentences
    assert other.question.key["accepted"] == one(SAMPLES["number"].item("2.1")).question.key["accepted"]  # type: ignore[index]


def test_an_item_without_a_text_is_asked_by_its_name() -> None:
    bare = item(NUMBER, "<textEntryInteraction responseIdentifier='RESPONSE'/>", "match_correct")
    assert one(bare.replace(" title='T'", "")).question.taker["stem"] == "i"


def test_a_package_brings_its_items_in_order_with_their_pictures() -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\x64"
    items = {f"items/{name}.xml": SAMPLES[name].item("2.1") for name in ("order", "hotspot", "choice")}
    listed = "".join(
        f"<resource identifier='r{at}' type='imsqti_item_xmlv2p1' href='{name}'/>" for at, name in enumerate(items)
    )
    manifest = (
        f"<manifest><resources><resource type='imsqti_test_xmlv2p1' href='t/test.xml'/>{listed}</resources></manifest>"
    )
    named = "".join(f"<assessmentItemRef href='../items/{name}.xml'/>" for name in ("choice", "hotspot"))
    test = f"<assessmentTest>{named}</assessmentTest>"
    files = {"imsmanifest.xml": manifest, "t/test.xml": test, **items}
    content = zipped([*((name, text.encode()) for name, text in files.items()), ("items/a.png", png)])
    found = convert(content, "x.zip", "qti", "bank")
    assert found.sent
    assert [one.question.taker["type"] for one in found.questions] == ["single", "hotspot", "ordering"]
    assert [*found.sent.media.values()] == [png]
    assert f"![An arm]({next(iter(found.sent.media))})" in found.sent.content.decode()
    assert not [said for said in found.questions[1].notes.sentences if "to be mended" in said or "lost" in said]


def test_an_xml_file_tells_what_it_is() -> None:
    assert format_of("x.xml", "", SAMPLES["choice"].item("3.0").encode()) == "qti"
    assert format_of("x.xml", "", b"<quiz></quiz>") == "moodle-xml" == format_of("x.xml")


MOST_REFUSED = {
    "it has no SCORE, and several outcomes may be meant: O, O_DEFAULT, R_DEFAULT.": 1,
    "what it earns follows the number itself, step by step.": 3,
}
"""The cases of items that are no questions: an outcome without a full mark, and outcomes that no answer changes."""


@pytest.fixture
def corpora() -> None:
    if not CORPORA.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the corpora are not in {CORPORA}")


@pytest.mark.usefixtures("corpora")
def test_responses_of_others_have_the_outcomes_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("", *qti_reference.lines(), sep="\n")  # noqa: T201
    worked = qti_reference.rules()
    assert worked.agree["measured"] == worked.of["measured"] >= 107
    found = qti_reference.marks()
    assert found.of.total() == worked.of["measured"]
    named = {why.removeprefix("refused: "): where for why, where in found.differences.items()}
    assert {why: len(where) for why, where in named.items()} == MOST_REFUSED


@pytest.mark.usefixtures("corpora")
def test_no_file_of_others_breaks_anything() -> None:
    files = [path for path in sorted((CORPORA / "qti").rglob("*")) if path.is_file()]
    assert len(files) > 600
    for path in files:
        found = convert(path.read_bytes(), path.name, "qti", "bank")
        assert found.sent or found.refused, path
        assert found.status in (0, 1, 3)


def png(wide: int, high: int) -> bytes:
    """The beginning of a picture of this size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + wide.to_bytes(4) + high.to_bytes(4)


def shown(sample: Sample, content: bytes) -> Conversion:
    """What becomes of a sample whose picture is this file."""
    return convert(zipped([("a.xml", sample.item("2.1").encode()), ("a.png", content)]), "a.zip", "qti", "bank")


@pytest.mark.parametrize("size", [(300, 150), (70, 35), (100, 99), (201, 100), (7, 3)])
@pytest.mark.parametrize("name", ["hotspot", "select point", "points", "spots, a sum"])
def test_areas_lie_where_they_lay_in_a_picture_of_another_size(name: str, size: tuple[int, int]) -> None:
    found = shown(ALL[name], png(*size))
    assert found.sent, found.refused
    asked: Any = found.questions[0].question.marked()
    for given, worth in ALL[name].earns:
        ends = {"x": Fraction(size[0], 200), "y": Fraction(size[1], 100)}
        moved = {one: [f"{float(Fraction(at[0]) * ends[one[-1]]):.6f}"] for one, at in given.items()}
        on_border = "60" in given.get("y", [])
        assert on_border or asked.mark(asked.read(moved)) == worth, given
    boxes = {next(iter(found.sent.media)): ["0", "0", *map(str, size)]}
    read_bank(found.sent.content.decode(), report := Report("bank.md"), boxes)
    assert {fault.code for fault in report.faults} <= {"missing", "wrong-key"}, report.faults


def test_a_picture_in_which_no_bank_can_point_is_refused() -> None:
    (said,) = shown(ALL["hotspot"], png(3_000_000, 1_500_000)).refused
    assert "no counterpart in zones" in said.sentence


def test_a_picture_of_unknown_size_ends_where_its_areas_do() -> None:
    found = one(ALL["hotspot"].item("2.1").replace(" width='200' height='100'", ""))
    assert found.question.taker["box"] == ["0", "0", "190", "90"]
    assert any("how large its picture is it does not say" in said for said in found.notes.sentences)


def test_an_ellipse_is_nearly_one() -> None:
    found = one(ALL["hotspot"].item("2.1").replace("'circle' coords='50,50,20'", "'ellipse' coords='50,50,40,20'"))
    asked: Any = found.question.marked()
    for x, y, worth in (("88", "50", 1), ("50", "31", 1), ("79", "63", 1), ("79", "66", 0), ("50", "29", 0)):
        assert asked.mark(asked.read({"x": [x], "y": [y]})) == worth, (x, y)
