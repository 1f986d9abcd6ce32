"""A bank as packages of QTI: sound, whole, and marked by others as it is marked here."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import combinations, product
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from mesotrain.core.courses import Question
from mesotrain.core.questions import Fields, QuestionType, Reading, question
from mesotrain.core.questions.calculated import Calculated
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.staged import STAGE, Staged
from mesotrain.formats.bank import read_bank
from mesotrain.formats.exchange import FORMATS
from mesotrain.formats.exchange.notes import Brought, Exchanged
from mesotrain.formats.exchange.qti import kept as qti_kept
from mesotrain.formats.exchange.qti.xml import tree
from mesotrain.formats.exchange.to_qti import files as to_qti
from mesotrain.formats.exchange.to_qti.names import VERSIONS, XHTML
from mesotrain.formats.lines import Report
from mesotrain.web.examples import BANK, PICTURES
from tests.formats.exchange.engine import Engine, Ordered
from tests.formats.exchange.test_round import ANSWERS, HEAD, MEDIA, generated
from tests.formats.test_printed import (
    BANKS,
    KEYS,
    LINES,
    SHIPPED,
)
from tests.formats.test_printed import read as printed

EXAMPLES = list(read_bank(BANK, Report("bank.md"), PICTURES).questions)


def package(questions: list[Question], number: str = "3.0") -> tuple[dict[str, bytes], list[Exchanged]]:
    """The files of a package, and what was said of each question."""
    brought = Brought([Exchanged(one) for one in questions], media=MEDIA)
    with ZipFile(BytesIO(to_qti.write(number, brought, "b").content)) as made:
        return {name: made.read(name) for name in made.namelist()}, brought.questions


def item(one: Question, number: str = "3.0") -> etree._Element:
    return tree(package([one], number)[0][f"{one.name}.xml"], "")


@pytest.mark.parametrize("number", VERSIONS)
def test_a_package_says_what_is_in_it_and_is_always_the_same(number: str) -> None:
    files, _ = package(EXAMPLES, number)
    manifest = tree(files["imsmanifest.xml"], "")
    listed = [str(one.get("href")) for one in manifest.iter("file")]
    assert {*listed, "imsmanifest.xml"} == files.keys()
    assert [f"{one.name}.xml" for one in EXAMPLES] == [str(one.get("href")) for one in manifest.iter("resource")]
    assert files["media/figure.svg"] == MEDIA["media/figure.svg"]
    brought = Brought([Exchanged(one) for one in EXAMPLES], media=MEDIA)
    assert len({to_qti.write(number, brought, "b").content for _ in range(2)}) == 1


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: str(one.taker["type"]))
def test_each_type_is_a_sound_item_that_keeps_its_question(one: Question, number: str) -> None:
    content = package([one], number)[0][f"{one.name}.xml"]
    root = etree.fromstring(content)
    assert etree.QName(root).namespace == VERSIONS[number].namespace
    hyphens = {etree.QName(each).localname for each in root.iter(etree.Element)} - XHTML - {"object"}
    assert all(name.startswith("qti-") == (number == "3.0") for name in hyphens)
    assert faults(tree(content, "")) == []
    kept = qti_kept.kept(tree(content, ""), PICTURES)
    assert kept
    assert kept.whole
    assert kept.question.version == one.version


ORDER_OF = {
    "assessmentItem": "responseDeclaration* outcomeDeclaration* itemBody responseProcessing? modalFeedback*",
    "responseDeclaration": "correctResponse? mapping? areaMapping?",
    "matchInteraction": "simpleMatchSet simpleMatchSet",
    "responseCondition": "responseIf responseElseIf* responseElse?",
    "mapping": "mapEntry mapEntry*",
    "areaMapping": "areaMapEntry areaMapEntry*",
    "choiceInteraction": "simpleChoice simpleChoice*",
    "orderInteraction": "simpleChoice simpleChoice*",
    "inlineChoiceInteraction": "inlineChoice inlineChoice*",
    "simpleMatchSet": "simpleAssociableChoice simpleAssociableChoice*",
}
"""What stands in some elements, and in which order."""
NEEDED = {
    "assessmentItem": "identifier title adaptive timeDependent",
    "responseDeclaration": "identifier cardinality baseType",
    "outcomeDeclaration": "identifier cardinality",
    "simpleChoice": "identifier",
    "inlineChoice": "identifier",
    "simpleAssociableChoice": "identifier matchMax",
    "choiceInteraction": "responseIdentifier shuffle maxChoices",
    "matchInteraction": "responseIdentifier shuffle maxAssociations",
    "orderInteraction": "responseIdentifier shuffle",
    "selectPointInteraction": "responseIdentifier maxChoices",
    "textEntryInteraction": "responseIdentifier",
    "mapEntry": "mapKey mappedValue",
    "areaMapEntry": "shape coords mappedValue",
    "modalFeedback": "outcomeIdentifier identifier showHide",
    "rubricBlock": "view",
    "baseValue": "baseType",
    "equal": "toleranceMode",
    "stringMatch": "caseSensitive",
    "patternMatch": "pattern",
    "img": "src alt",
}
"""The attributes that elements have to have."""
BLOCKS = {"blockquote", "div", "dl", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul", "rubricBlock"}
INTERACTIONS = {"choiceInteraction", "matchInteraction", "orderInteraction", "selectPointInteraction"} | {
    "extendedTextInteraction"
}
INLINE = {"textEntryInteraction", "inlineChoiceInteraction"}


def faults(root: etree._Element) -> list[str]:
    """What the public description of QTI would not allow in an item."""
    found = []
    for one in root.iter(etree.Element):
        tag, inside = str(one.tag), " ".join(str(child.tag) for child in one.iterchildren(etree.Element))
        if rule := ORDER_OF.get(tag):
            shape = "".join(re.sub(r"(\w+)(.?)", r"(?:\1 )\2", one) for one in rule.split())
            found += [] if re.fullmatch(shape, f"{inside} ".lstrip()) else [f"<{tag}> has {inside}"]
        found += [f"<{tag}> has no {name}" for name in NEEDED.get(tag, "").split() if one.get(name) is None]
        for name in ("identifier", "responseIdentifier", "outcomeIdentifier", "id"):
            said = one.get(name)
            found += [f"{said} is no identifier"] if said and not re.fullmatch(r"[A-Za-z_][\w.-]*", said) else []
        if tag in ("itemBody", "blockquote", "rubricBlock") and inside != "contentBody":
            found += [f"text in <{tag}>"] if (one.text or "").strip() else []
            found += [f"<{child}> in <{tag}>" for child in inside.split() if child not in BLOCKS | INTERACTIONS]
        if tag == "p":
            found += [f"<{child}> in <p>" for child in inside.split() if child in BLOCKS | INTERACTIONS]
    declared = [str(one.get("identifier")) for one in root.iter("responseDeclaration")]
    asked = [str(one.get("responseIdentifier")) for one in root.iter(*INTERACTIONS, *INLINE)]
    found += [] if Counter(declared) == Counter(asked) and len({*asked}) == len(asked) else ["responses differ"]
    names = Counter(str(one.get("identifier")) for one in root.iter("simpleChoice", "simpleAssociableChoice"))
    found += [f"{name} is {times} things" for name, times in names.items() if times > 1]
    return found


def responses(asked: QuestionType, fields: Fields, name: str = "RESPONSE") -> dict[str, Any]:
    """The response to our item that says what these fields say."""
    if isinstance(asked, Cloze | Staged):
        return dict(pair for one in parts(asked, fields) for pair in responses(*one).items())
    reading = asked.read(fields)
    if reading.answer is None:
        return {}
    start = f"s{name.removeprefix('RESPONSE')}_c" if name != "RESPONSE" else "c"
    return {name: SAID[asked.name](asked, reading, start)}


def place(asked: Any, reading: Reading, start: str) -> str | list[str]:
    points = []
    for one in asked.marked(reading).values():
        left, top, *size = asked.place(one)
        wide, high = size or (0, 0)
        points.append(f"{float(left + wide / 2)} {float(top + high / 2)}")
    return points if asked.most > 1 else points[0]


def pairs(asked: Any, reading: Any, start: str) -> list[str] | str:
    if asked.name == "true-false" and len(asked.statements) == 1:
        return start + str(reading.answer[asked.statements[0]])
    return [f"{start}{one} {start}t{said}" for one, said in reading.answer.items()]


SAID: dict[str, Callable[[Any, Any, str], Any]] = {
    **dict.fromkeys(("single", "concordance"), lambda asked, one, start: start + one.answer[0]),
    "multiple": lambda asked, one, start: [start + each for each in one.answer],
    **dict.fromkeys(("numeric", "calculated"), lambda asked, one, start: float(one.answer)),
    "text": lambda asked, one, start: one.answer,
    "ordering": lambda asked, one, start: Ordered(start + each for each in in_order(one.answer)),
    **dict.fromkeys(("matching", "extended-matching", "true-false"), pairs),
    "hotspot": place,
}


def parts(asked: Cloze | Staged, fields: Fields) -> Iterator[tuple[QuestionType, Fields, str]]:
    one_by_one = {gap.name: gap.asked for gap in asked.given(fields)} if isinstance(asked, Cloze) else asked.stages()
    for at, one in one_by_one.items():
        own = {name.partition(".")[2]: said for name, said in fields.items() if name.startswith(f"{at}.")}
        yield one, own, f"RESPONSE{at}"


def in_order(answer: dict[str, str]) -> list[str]:
    put = {one: int(place) for one, place in answer.items() if place != "-"}
    return sorted(put, key=put.__getitem__)


def sayable(asked: QuestionType, fields: Fields) -> bool:
    """Whether there is a response that says the same: an order is strict there, and no stage is locked."""
    if isinstance(asked, Ordering):
        answer: Any = asked.read(fields).answer or {}
        put = [one for one in asked.items if answer.get(one, "-") != "-"]
        alike = [
            {asked.places.get(one), asked.places.get(other)}
            for one, other in combinations(put, 2)
            if answer[one] == answer[other]
        ]
        return bool(put or not answer) and all(len(two - {None}) == 1 for two in alike)
    return not (isinstance(asked, Staged) and fields and STAGE not in fields)


def more(asked: Any) -> Iterator[Fields]:
    """Responses beside the examples: points all over a picture, each word of a gap."""
    if asked.name == "hotspot":
        left, top, wide, high = asked.box
        points = [(left + wide * across / 20, top + high * down / 20) for across, down in product(range(21), repeat=2)]
        if asked.most == 1:
            yield from ({"x": [str(float(x))], "y": [str(float(y))]} for x, y in points)
            return
        chance = Random(1)
        for _ in range(400):
            some = chance.sample(points, chance.randint(1, asked.most)) + [points[0]] * chance.randint(0, 1)
            marks = enumerate(some[: asked.most], 1)
            yield {f"{at}.{name}": [str(float(one))] for at, two in marks for name, one in zip("xy", two, strict=True)}
    if asked.name == "cloze":
        for gap in asked.given({}):
            yield from ({f"{gap.name}.choice": [one["id"]]} for one in gap.asked.taker.get("options", []))


def on_picture(root: etree._Element, asked: Any, given: dict[str, Any]) -> dict[str, Any]:
    """A point in the coordinates of the picture as the item shows it: from its corner, and as large."""
    shown = next(root.iter("object", "img"))
    left, top, wide, _ = map(float, asked.box)
    scale = float(str(shown.get("width"))) / wide

    def moved(point: str) -> str:
        x, y = map(float, point.split())
        return f"{(x - left) * scale} {(y - top) * scale}"

    said = given["RESPONSE"]
    return {"RESPONSE": [moved(one) for one in said] if isinstance(said, list) else moved(said)}


def compared(one: Question, number: str = "2.1") -> int:
    """How many responses earn in the engine what they earn here."""
    asked = question(one.taker, one.key)
    asked = asked.ask(one.name) if isinstance(asked, Calculated) else asked
    root, seen = item(one, number), 0
    for fields in (*(fields for fields, _ in asked.examples()), *more(asked)):
        credit = asked.mark(asked.read(fields))
        if asked.name == "essay" or not sayable(asked, fields):
            continue
        given = responses(asked, fields)
        given = on_picture(root, asked, given) if given and asked.name == "hotspot" else given
        earned = Engine(root, given).run()["SCORE"]
        assert earned == pytest.approx(float(credit * one.points), abs=1e-12), (fields, etree.tostring(root))
        assert credit != 1 or earned == float(one.points)
        seen += 1
    return seen


@pytest.mark.parametrize("number", ["2.1", "3.0"])
@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: str(one.taker["type"]))
def test_another_engine_marks_each_example_as_we_do(one: Question, number: str) -> None:
    assert compared(one, number) > 2 or one.taker["type"] == "essay"


BOXES = {**PICTURES, "media/moved.svg": ["-50", "-20.5", "480", "320"]}
FIGURE = "![A figure](media/figure.svg)"
PLACES = f"Q?\n\n{FIGURE}\n\n~~~zones grid=6x4 marks={{}}\n{{}}~~~\n"
ZONES = """a polygon 0,0 120,0 120,320 0,320 right{0}
b polygon 130,0 220,0 220,320 130,320 right{0}
c circle 300,90 r 70 right{1}
d circle 300,260 r 50 wrong "So."
e polygon 400,0 480,0 480,160 400,160 unsafe
"""
CREDITS = ZONES.replace("right{0}", "1/3").replace("right{1}", "1/3").replace("wrong", "-50%")
SEVERAL = {
    "all": "\n" + PLACES.format(4, ZONES.format("", "")),
    "one of two": "points: 2\n\n" + PLACES.format(4, ZONES.format(" 1", "")),
    "one of three": "\n" + PLACES.format(3, ZONES.format(" 1", " 1")),
    "partial": "credit: partial\n\n" + PLACES.format(5, ZONES.format("", "")),
    "partial, one of two": "credit: partial\n\n" + PLACES.format(5, ZONES.format(" 7", "")),
    "partial, one of three": "credit: partial\npoints: 3\n\n" + PLACES.format(5, ZONES.format(" 7", " 7")),
    "credits": "\n" + PLACES.format(4, CREDITS),
}
SAMPLES = {
    "ties and strangers, all or nothing": "credit: all-or-nothing\n\nQ?\n\n- (1) a\n- (1) b\n- (2) c\n- (-) d\n",
    "all or nothing": "credit: all-or-nothing\npoints: 3\n\nQ?\n\n- (1) a\n- (2) b\n- (3) c\n",
    "thirds of five points": "points: 5\n\nQ?\n\n- a => x\n- b => y\n- c => z\n",
    "matching, all or nothing": "credit: all-or-nothing\n\nQ?\n\n- a => x\n- b => y\n",
    "one statement": "points: 2\n\nTrue or false?\n\n- [F] a\n  Why: so.\n",
    "statements, all or nothing": "credit: all-or-nothing\n\nQ?\n\n- [T] a\n- [F] b\n- [T] c\n",
    "less than nothing": "\nQ?\n\n- (x) a\n- (-1/3) b\n- ( ) c\n",
    "partial": "credit: partial\n\nQ?\n\n- [x] a\n- [x] b\n- [ ] c\n- [x] d\n",
    "case and wildcards": "exact: case\n\nQ?\n\n= a*c.d | e-f\n= A[b] (1/3)\n  Why: so.\n",
    "case in one line": "\nQ?\n\n= pH (case)\n= acid | acid* (50%)\n",
    "gaps, all or nothing": "credit: all-or-nothing\n\nA [[= 5 mL | = 6 mL (1/3)]] b [[2 points: (x) c | ( ) d]].\n",
    "gaps below nothing": "credit: partial\n\nA [[= e]] b [[3 points: (x) c | (-50%) d]].\n",
    "a wrong zone over a right one": f"\nQ?\n\n{FIGURE}\n\n~~~zones grid=6x4\nb circle 120,120 r 60 wrong\n"
    "a polygon 10.5,20.25 200,20 200,200 10,200 right\n~~~\n",
    "zones of another picture": "\nQ?\n\n![A figure](media/moved.svg)\n\n~~~zones grid=6x4\n"
    "a polygon -10.5,20.25 200,20 200,200 10,200 right\n~~~\n",
    "zones with credits": f"\nQ?\n\n{FIGURE}\n\n~~~zones grid=6x4\nb circle 120,120 r 60 50%\n"
    "c polygon 240,80 400,80 400,240 240,240 -1/3\na polygon 10.5,20.25 200,20 200,200 10,200 right\n~~~\n",
    **{f"several places, {kind}": text for kind, text in SEVERAL.items()},
    "right zones that overlap": f"points: 2\n\nQ?\n\n{FIGURE}\n\n~~~zones grid=6x4\n"
    "a circle 120,120 r 90 right\nb polygon 10,20 200,20 200,200 10,200 right\n~~~\n",
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_rare_is_sound_and_earns_the_same(kind: str) -> None:
    questions = read_bank(f"{HEAD}{SAMPLES[kind]}", report := Report("bank.md"), BOXES).questions
    assert report.faults == []
    for number in ("2.1", "3.0"):
        assert faults(item(questions[0], number)) == []
        assert compared(questions[0], number) > 2


def test_versions_frame_what_is_told_and_show_pictures_in_their_own_way() -> None:
    feedback, place = EXAMPLES[0], next(one for one in EXAMPLES if one.taker["type"] == "hotspot")
    for number, framed, picture in (("2.1", False, "object"), ("2.2", False, "object"), ("3.0", True, "img")):
        told = [*item(feedback, number).iter("modalFeedback")]
        assert told
        assert all((one.find("contentBody") is not None) is framed for one in told)
        assert [str(one.tag) for one in next(item(place, number).iter("selectPointInteraction"))] == [picture]
    essay = next(one for one in EXAMPLES if one.taker["type"] == "essay")
    human = [item(essay, number).find("outcomeDeclaration").get("externalScored") for number in VERSIONS]  # type: ignore[union-attr]
    assert human == [None, "human", "human"]


def test_what_no_xml_can_hold_is_left_out() -> None:
    harm = "a\0\x07\ufffe\ud800b"
    questions = read_bank(f"{HEAD}\nQ?\n\n= x | z*$^-.\n= y (50%)\n", Report("bank.md")).questions
    one = replace(questions[0], key={**questions[0].key, "reason": harm})
    one.key["accepted"][1]["forms"] = [[harm]]  # type: ignore[index,call-overload]
    brought = Brought([Exchanged(one, title=harm)])
    with ZipFile(BytesIO(to_qti.write("3.0", brought, "b").content)) as made:
        root = tree(made.read("emg-0001.xml"), "")
    assert root.get("title") == "ab"
    assert "ab" in [each.text for each in root.iter("baseValue")]
    patterns = [str(each.get("pattern")) for each in root.iter("patternMatch")]
    assert patterns == [r"[zZ].*[$]\^\-\."]


def repacked(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A package with each of its items changed."""
    made = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name.endswith(".xml") else old.read(name))
    return made.getvalue()


def reread(
    questions: list[Question], name: str, change: Callable[[bytes], bytes], media: dict[str, bytes] | None = None
) -> Brought:
    writer, reader = FORMATS[name].write, FORMATS[name].read
    assert writer
    assert reader
    brought = Brought([Exchanged(one) for one in questions], media=MEDIA | (media or {}))
    return reader(repacked(writer(brought, "b").content, change), "again", "q")


def alone(item: bytes) -> bytes:
    """An item without what stands beside it."""
    return re.sub(rb"<\?mesotrain .*?\?>", b"", item, flags=re.DOTALL)


def renamed(asked: Any, back: Any, fields: Fields) -> dict[str, list[str]]:
    """The same answer to the question that came back, whose ids are its own."""
    names = {}
    for kind, by in (("options", "text"), ("premises", "")):
        new = back.taker.get(kind, [])
        for at, one in enumerate(asked.taker.get(kind, [])):
            same = [other for other in new if by and other.get(by) == one.get(by)]
            names[one["id"]] = (same or new[at : at + 1] or [one])[0]["id"]
    if asked.name == "hotspot" and fields.get("cell", ["?"]) != ["?"]:
        x, y = place(asked, asked.read(fields), "").split()
        return {"x": [x], "y": [y]}
    if back.name == "cloze" != asked.name:  # its unit stands behind the gap there
        return {f"1.{name}": [one.removesuffix(asked.unit) for one in said] for name, said in fields.items()}
    return {names.get(name, name): [names.get(one, one) for one in said] for name, said in fields.items()}


REREAD = {"single", "multiple", "matching", "extended-matching", "numeric", "calculated", "cloze", "hotspot"} | {
    "concordance"
}
"""The types that are read from an item alone; of others the reader says why it takes none."""


@pytest.mark.parametrize("name", ["qti", "qti-2.1"])
def test_an_item_alone_is_read_as_a_question_that_earns_the_same(name: str) -> None:
    brought = reread(EXAMPLES, name, alone)
    back = {one.question.name: one.question for one in brought.questions}
    assert len(back) + len(brought.refused) == len(EXAMPLES)
    seen = set()
    for one in EXAMPLES:
        if one.name not in back or one.taker["type"] == "essay":
            continue
        asked, again = one.marked().ask(one.name), back[one.name].marked()
        seen.add(asked.name)
        for fields, credit in asked.examples():
            given = renamed(asked, again, fields)
            assert again.mark(again.read(given)) == credit, (asked.name, fields, given)
    assert seen >= REREAD


@pytest.mark.parametrize("name", ["qti", "qti-2.1"])
@pytest.mark.parametrize("bank", BANKS)
def test_whole_banks_come_back_as_they_were(bank: str, name: str) -> None:
    questions = list(printed(BANKS[bank], bank))
    folders = [path.parent / "media" for path in SHIPPED if path.parent.name == bank]
    media = {f"media/{one.name}": one.read_bytes() for folder in folders for one in folder.glob("*")}
    brought = reread(questions, name, lambda item: item, media)
    assert brought.refused == []
    assert [one.question.version for one in brought.questions] == [one.version for one in questions]


@pytest.mark.parametrize("name", ["qti", "qti-2.2", "qti-2.1"])
def test_an_item_that_somebody_changed_is_read_as_it_was_changed(name: str) -> None:
    one = read_bank(f"{HEAD}level: judge\n\nTrue?\n\n- [x] One\n- [ ] Two\n", Report("bank.md")).questions[0]
    (same,) = reread([one], name, lambda item: item.replace(b"?><", b"?>\n<")).questions
    assert same.question.version == one.version
    (changed,) = reread([one], name, lambda item: item.replace(b">Two<", b">Three<")).questions
    assert "Three" in str(changed.question.taker)
    assert changed.question.level == "judge"


@settings(deadline=None)
@given(
    st.sampled_from(list(VERSIONS)),
    KEYS,
    LINES,
    ANSWERS,
    st.sampled_from(["", "\n\nWhy: so, {x} = ~y~\n\n// and \\#: more ?> <b>"]),
)
def test_any_question_is_a_sound_item_that_keeps_it_and_earns_the_same(
    number: str, keys: dict[str, str], stem: str, answers: str, why: str
) -> None:
    one = generated(keys, stem, answers, why)
    if one is None:
        return
    root = item(one, number)
    assert faults(root) == []
    kept = qti_kept.kept(root, {})
    assert kept
    assert kept.whole
    assert kept.question.version == one.version
    compared(one, number)
