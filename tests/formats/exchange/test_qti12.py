"""QTI 1.2: each type of cartridges and packages is a question that earns what its rules say, or is refused by name."""

import os
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree

from mesotrain.core.errors import BadContent
from mesotrain.formats.exchange import convert
from mesotrain.formats.exchange.notes import Brought, Exchanged, Refusal
from mesotrain.formats.exchange.qti import files as qti_files
from tests.formats.conftest import SHARED
from tests.soon import within

CORPORA = SHARED / "corpora" / "qti" / "instructure-qti"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\6\0\0\0\6"


def item(asked: str, rules: str, more: str = "", kind: str = "", points: str = "") -> str:
    """A file with one item."""
    facts = "".join(
        f"<qtimetadatafield><fieldlabel>{name}</fieldlabel><fieldentry>{said}</fieldentry></qtimetadatafield>"
        for name, said in (("question_type", kind), ("points_possible", points))
        if said
    )
    return f"""<?xml version="1.0"?><questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><section>
<item ident="abc-0007" title="A title"><itemmetadata><qtimetadata>{facts}</qtimetadata></itemmetadata>
<presentation>{text("&lt;p&gt;What is &lt;b&gt;it&lt;/b&gt;?&lt;/p&gt;")}{asked}</presentation>
<resprocessing><outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE"/></outcomes>{rules}</resprocessing>
{more}</item></section></questestinterop>"""


def text(said: str, kind: str = "text/html") -> str:
    return f'<material><mattext texttype="{kind}">{said}</mattext></material>'


def choices(*said: str, name: str = "r", more: str = "", beside: str = "") -> str:
    labels = "".join(f'<response_label ident="{one}">{text(one)}</response_label>' for one in said)
    return f'<response_lid ident="{name}" {more}>{beside}<render_choice>{labels}</render_choice></response_lid>'


def rule(condition: str, step: str = "", shows: str = "", more: str = "") -> str:
    action, _, worth = step.partition(" ")
    steps = f'<setvar action="{action}">{worth}</setvar>' if step else ""
    told = f'<displayfeedback linkrefid="{shows}"/>' if shows else ""
    return f"<respcondition {more}><conditionvar>{condition}</conditionvar>{steps}{told}</respcondition>"


def equal(said: str, name: str = "r", more: str = "") -> str:
    return f'<varequal respident="{name}" {more}>{said}</varequal>'


def feedback(name: str, said: str) -> str:
    return f'<itemfeedback ident="{name}"><flow_mat>{text(said)}</flow_mat></itemfeedback>'


def read(content: str) -> Brought:
    return qti_files.read(content.encode(), "x", "q")


def one(content: str) -> Exchanged:
    brought = read(content)
    assert brought.refused == []
    (found,) = brought.questions
    assert convert(content.encode(), "x.xml", "qti", "bank").sent
    return found


def earned(found: Exchanged, *given: str, field: str = "") -> Fraction:
    """What an answer earns; options are called by their text."""
    asked = found.question.marked()
    taker: Any = found.question.taker
    lists = [*taker.get("options", []), *taker.get("premises", []), *taker.get("items", [])]
    names = {option.get("text"): option["id"] for option in lists}
    if field:
        return asked.mark(asked.read({names.get(field, field): [names.get(each, each) for each in given]}))
    fields = dict(zip(given[::2], given[1::2], strict=True))
    return asked.mark(asked.read({names.get(name, name): [names.get(said, said)] for name, said in fields.items()}))


def test_a_choice_keeps_its_credits_its_feedback_and_its_points() -> None:
    rules = (
        rule(equal("a"), shows="a_fb", more='continue="Yes"') + rule(equal("b"), "Set 50") + rule("<other/>", "Set 0")
    )
    rules += rule(equal("a"), "Set 100", "correct_fb")
    told = feedback("a_fb", "So.") + feedback("correct_fb", "Well done.") + feedback("general_fb", "See chapter 2.")
    found = one(
        item(
            choices("a", "b", "c", more='rcardinality="Single"'),
            rule(equal("a"), "Set 100") + rules,
            told,
            points="2.5",
        )
    )
    assert [earned(found, each, field="choice") for each in "abc"] == [1, Fraction(1, 2), 0]
    assert found.question.taker["stem"] == "What is **it**?"
    assert [*found.question.key["reasons"].values()] == ["So."]  # type: ignore[union-attr]
    assert found.question.key["reason"] == "See chapter 2."
    assert (found.question.name, found.question.points, found.title) == ("abc-0007", Fraction(5, 2), "A title")
    assert found.notes.sentences == ["lost: the remark to any answer, “Well done.”, is left out."]


def test_a_rule_that_sets_the_score_is_the_last_unless_it_goes_on() -> None:
    for more, credit in (("", 1), ('continue="Yes"', Fraction(1, 5))):
        rules = rule(equal("b"), "Set 100", more=more) + rule(equal("b"), "Set 20") + rule(equal("a"), "Set 100")
        assert earned(one(item(choices("a", "b"), rules)), "b", field="choice") == credit


def test_true_and_false_are_one_statement() -> None:
    found = one(item(choices("True", "False"), rule(equal("False"), "Set 100"), kind="true_false_question"))
    statement = found.question.taker["statements"][0]["id"]  # type: ignore[index,call-overload]
    assert found.question.key["verdicts"] == {statement: "false"}


MANY = 'rcardinality="Multiple"'


def test_several_answers_are_added_up_or_all_of_them_count() -> None:
    sums = "".join(rule(equal(each), f"Add {worth}") for each, worth in (("a", 60), ("b", 40), ("c", -30)))
    found = one(item(choices("a", "b", "c", more=MANY), sums))
    for given, credit in (("ab", 1), ("a", Fraction(3, 5)), ("abc", Fraction(7, 10)), ("c", 0)):
        assert earned(found, *given, field="choice") == credit
    whole = rule(f"<and>{equal('a')}{equal('b')}<not>{equal('c')}</not></and>", "Set 100")
    found = one(item(choices("a", "b", "c", more=MANY), whole))
    for given, credit in (("ab", 1), ("a", 0), ("abc", 0)):
        assert earned(found, *given, field="choice") == credit
    assert found.notes.sentences == []
    open_ = one(item(choices("a", "b", "c", more=MANY), rule(f"{equal('a')}{equal('b')}", "Set 100")))
    assert "beside the right ones" in str(open_.notes.sentences)


FIB = '<response_str ident="r"><render_fib {}><response_label ident="x"/></render_fib></response_str>'


def test_texts_and_numbers() -> None:
    found = one(item(FIB.format(""), rule(equal("Acid*", more='case="Yes"'), "Set 100") + rule(equal("b"), "Set 50")))
    assert [earned(found, "answer", each) for each in ("acid*", "acidity", "B")] == [1, 0, Fraction(1, 2)]
    assert "case counts" in str(found.notes.sentences)
    ends = '<vargte respident="r">4.5</vargte><varlte respident="r">5.5</varlte>'
    either = rule(f"<or>{equal('5')}<and>{ends}</and></or>", "Set 100", "n_fb") + rule(equal("50"), "Set 25")
    found = one(item(FIB.format('fibtype="Decimal"'), either, feedback("n_fb", "Near.")))
    assert [earned(found, "number", each) for each in ("4.5", "5.5", "5.6", "50")] == [1, 1, 0, Fraction(1, 4)]
    assert found.question.key["reasons"] == {"0": "Near."}
    two = one(item(FIB.format('fibtype="Integer"'), rule(f"<or>{equal('3')}{equal('7')}</or>", "Set 100")))
    assert [earned(two, "number", each) for each in ("3", "5", "7")] == [1, 0, 1]
    cased = one(item(FIB.format(""), rule(equal("pH", more='case="Yes"'), "Set 100")))
    assert [earned(cased, "answer", each) for each in ("pH", "PH")] == [1, 0]
    but = rule(f"{ends}<not>{equal('5')}</not>", "Set 100")
    assert "or not another" in read(item(FIB.format('fibtype="Decimal"'), but)).refused[0].sentence
    beyond = item(FIB.format('fibtype="Decimal"'), rule('<vargt respident="r">4</vargt>', "Set 100"))
    assert "only below or above" in read(beyond).refused[0].sentence


def test_an_essay_and_a_text_alone() -> None:
    assert one(item(FIB.format(""), rule("<other/>"))).question.taker["type"] == "essay"
    assert read(item("", "")).questions[0].question.taker["type"] == "description"


def test_things_are_matched_and_put_in_order() -> None:
    asked = "".join(choices("x", "y", "z", name=f"response_{each}", beside=text(each)) for each in "ab")
    rules = rule(equal("x", "response_a"), "Add 50") + rule(equal("y", "response_b"), "Add 50")
    found = one(item(asked, rules, kind="matching_question"))
    assert earned(found, "a", "x", "b", "y") == 1
    assert earned(found, "a", "x", "b", "z") == Fraction(1, 2)
    grouped = "".join(
        f'<response_label ident="{name}" {group}>{text(name)}</response_label>'
        for name, group in (("a", 'match_group="x,y"'), ("b", 'match_group="x,y"'), ("x", ""), ("y", ""))
    )
    asked = f'<response_grp ident="r"><render_extension>{grouped}</render_extension></response_grp>'
    subset = "".join(rule(f'<varsubset respident="r">{each}</varsubset>', "Add 50") for each in ("a,x", "b,y"))
    assert earned(one(item(asked, subset)), "a", "x", "b", "x") == Fraction(1, 2)
    order = one(
        item(choices("a", "b", "c", more='rcardinality="Ordered"'), rule("".join(map(equal, "cab")), "Set 100"))
    )
    assert earned(order, "c", "1", "a", "2", "b", "3") == 1
    assert earned(order, "c", "1", "a", "3", "b", "2") == 0


def test_gaps_stand_where_their_names_do() -> None:
    asked = choices("red", "Red", name="response_one") + choices("blue", "pink", name="response_two")
    rules = rule(equal("red", "response_one"), "Add 50") + rule(equal("blue", "response_two"), "Add 50")
    content = item(asked, rules, kind="{}").replace("What is", "A [one] b [two]")
    typed = one(content.format("fill_in_multiple_blanks_question"))
    assert typed.question.taker["stem"] == "A [[1]] b [[2]] **it**?"
    assert earned(typed, "1.answer", "RED", "2.answer", "pink") == 1
    chosen = one(content.format("multiple_dropdowns_question"))
    gaps: Any = chosen.question.taker["gaps"]
    blue = next(each["id"] for each in gaps[1]["options"] if each["words"] == "blue")
    assert earned(chosen, "2.choice", blue) == Fraction(1, 2)
    two = "".join(f'{text(f"word {at}")}<response_str ident="r{at}"><render_fib/></response_str>' for at in (1, 2))
    each = rule(equal("x", "r1"), "Add 75") + rule(equal("y", "r2"), "Add 25") + rule(equal("z", "r2"), "Add 10")
    weighed = one(item(two, each))
    assert earned(weighed, "1.answer", "x", "2.answer", "y") == 1
    assert earned(weighed, "1.answer", "q", "2.answer", "y") == Fraction(1, 4)
    assert earned(weighed, "1.answer", "x", "2.answer", "z") == Fraction(85, 100)
    both = rule(equal("x", "r1") + equal("y", "r2"), "Set 100")
    placed = one(item(two, both))
    assert "word 1 [[1]] word 2 [[2]]" in str(placed.question.taker["stem"])
    assert earned(placed, "1.answer", "x", "2.answer", "z") == 0
    assert earned(placed, "1.answer", "x", "2.answer", "y") == 1


REFUSED = {
    "file_upload_question": item("", "", kind="file_upload_question"),
    "response_xy": item('<response_xy ident="r"/>', ""),
    "<durequal>": item(choices("a", "b"), rule("<durequal>3</durequal>", "Set 100")),
    "no answer of it is right": item(choices("a", "b"), ""),
    "presents nothing": '<questestinterop><item ident="a"/></questestinterop>',
    "another file": "<questestinterop><section><bankentry_item/></section></questestinterop>",
    "is not a number": item(choices("a", "b"), rule(equal("a"), "Set many")),
    "multiply": item(choices("a", "b"), rule(equal("a"), "Multiply 2")),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_refused_is_refused_by_name(why: str) -> None:
    brought = read(REFUSED[why])
    assert brought.questions == []
    assert why in brought.refused[0].sentence


def test_a_cartridge_holds_a_quiz_once_with_its_pictures() -> None:
    content = item(choices("a", "b"), rule(equal("a"), "Set 100"))
    shown = content.replace("&lt;b&gt;it", '&lt;img src="$IMS-CC-FILEBASE$/a%20b.png" alt="A"/&gt; &lt;b&gt;it')
    made = BytesIO()
    with ZipFile(made, "w") as package:
        package.writestr(
            "imsmanifest.xml",
            '<manifest><resources><resource identifier="i1" type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment">'
            '<file href="i1/assessment_qti.xml"/></resource><resource identifier="i2" type="associatedcontent">'
            '<file href="non_cc_assessments/i1.xml.qti"/></resource></resources></manifest>',
        )
        package.writestr("i1/assessment_qti.xml", content)
        package.writestr("non_cc_assessments/i1.xml.qti", shown)
        package.writestr("web_resources/a b.png", PNG)
    brought = qti_files.read(made.getvalue(), "x", "q")
    assert len(brought.questions) == 1
    assert [*brought.media.values()] == [PNG]


def soon(content: bytes) -> Brought:
    with within(5):
        try:
            return qti_files.read(content, "x", "q")
        except BadContent as bad:
            return Brought(refused=[Refusal(fault.line, fault.message) for fault in bad.faults])


MANY_RULES = "".join(rule(equal(f"a{at}"), "Set 1", more='continue="Yes"') for at in range(900))
MANY_LABELS = choices(*(f"a{at}" for at in range(199)))
ONE_OF_MANY = item(MANY_LABELS, MANY_RULES).partition("<section>")[2].partition("</section>")[0]
HOSTILE = {
    "at most": item(choices("a", "b"), rule(equal("a"), "Set 1") * 2_000),
    "at most 200 answers": item(choices(*map(str, range(1_000))), rule(equal("1"), "Set 1")),
    "at most 200 parts": item(choices("a") * 1_000, ""),
    "too long to work out": f"<questestinterop>{ONE_OF_MANY * 30}</questestinterop>",
    "at most 100,000 characters": item("", "").replace("What is", "x" * 200_000),
    "cannot be read as XML": item("<flow>" * 10_000, ""),
    "declares entities": '<!DOCTYPE q [<!ENTITY a "b">]>' + item("", "").partition("?>")[2],
}


@pytest.mark.parametrize("why", HOSTILE)
def test_what_is_too_much_is_refused_soon(why: str) -> None:
    assert any(why in refusal.sentence for refusal in soon(HOSTILE[why].encode()).refused)


def test_a_file_cut_anywhere_is_refused_and_any_damage_to_it_is_told() -> None:
    whole = item(choices("a", "b", more=MANY), rule(equal("a"), "Add 50") + rule(equal("b"), "Add 50"), points="2")
    for at in range(len(whole)):
        assert soon(whole[:at].encode()).questions == []
    for at in range(0, len(whole), 3):
        for harm in ("", "\0", "\ud800", "&#0;", "<", "-1e9", "\u202e"):
            found = soon((whole[:at] + harm + whole[at + 2 :]).encode(errors="surrogatepass"))
            assert found.questions or found.refused


TYPES = {
    "multiple_choice_question": {"single"},
    "true_false_question": {"true-false"},
    "multiple_answers_question": {"multiple"},
    "short_answer_question": {"text"},
    "fill_in_multiple_blanks_question": {"cloze"},
    "multiple_dropdowns_question": {"cloze"},
    "matching_question": {"matching"},
    "numerical_question": {"numeric"},
    "essay_question": {"essay"},
    "text_only_question": {"description"},
}
"""What the makers of the corpora call a question, and what it is here; what they call otherwise is refused."""


def corpora() -> Iterator[tuple[Path, bytes]]:
    if not CORPORA.is_dir() and "CI" not in os.environ:
        pytest.skip(f"the corpora are not in {CORPORA}")
    for path in sorted(CORPORA.rglob("*")):
        if path.is_file() and b"<questestinterop" in (content := path.read_bytes()):
            yield path, content


def test_every_question_of_others_is_taken_as_what_it_is_or_refused_by_name() -> None:
    asked = taken = broken = 0
    for path, content in corpora():
        try:
            brought = qti_files.read(content, path.name, "q")
        except BadContent:
            broken += 1  # the XML of three is not well-formed
            continue
        items = [*etree.fromstring(content).iter("{*}item", "{*}bankentry_item")]
        assert len(brought.questions) + len(brought.refused) == len(items), path
        asked, taken = asked + len(items), taken + len(brought.questions)
        by_line = {one.question.line: one.question.taker["type"] for one in brought.questions}
        for each in items:
            said = [one.findtext("{*}fieldentry") for one in each.iter("{*}qtimetadatafield")]
            kind = next((str(one) for one in said if str(one).endswith("_question")), "")
            got = {by_line[each.sourceline]} if each.sourceline in by_line else set()
            assert not kind or got == TYPES.get(kind, set()), (path, kind, got)
    assert (asked, taken, broken) == (94, 81, 3)
