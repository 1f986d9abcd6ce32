"""Whatever a file of QTI or a package holds, it ends in a sentence, and soon."""

import subprocess
import sys
import zipfile
from collections.abc import Iterable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesotrain.formats.exchange import convert
from tests.formats.exchange.qti_samples import SAMPLES, choices, item, response, right
from tests.soon import within

CHOICE = SAMPLES["choice"].item("2.1").encode()
MANIFEST = (
    '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><resources>'
    '<resource identifier="r" type="imsqti_item_xmlv2p1" href="{}"><file href="{}"/></resource></resources></manifest>'
)
HUGE = 10_000_000
MEGABYTES = 256


def soon(content: bytes, name: str = "file.zip") -> list[str]:
    """What is said of a file, or of each of its questions; within 5 seconds."""
    with within(5):
        found = convert(content, name, "qti", "bank")
    assert found.sent or found.refused
    return [one.sentence for one in found.refused]


def zipped(files: Iterable[tuple[str, bytes]], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, how)
    return made.getvalue()


def package(name: str = "a.xml", content: bytes = CHOICE, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zipped([("imsmanifest.xml", MANIFEST.format(name, name).encode()), (name, content)], how)


def test_a_package_is_read() -> None:
    assert soon(package()) == []


@pytest.mark.parametrize("whole", [CHOICE, package()], ids=["item", "package"])
def test_a_file_cut_anywhere_is_read_or_refused(whole: bytes) -> None:
    said = [soon(whole[:at]) for at in range(len(whole))]
    assert all(said[: len(whole) - 2])


BODY = "<choiceInteraction responseIdentifier='R' maxChoices='1'>{}</choiceInteraction>"
TWO = "<simpleChoice identifier='A'>a</simpleChoice><simpleChoice identifier='B'>b</simpleChoice>"
DECLARED = "<responseDeclaration identifier='R' cardinality='single' baseType='identifier'>{}</responseDeclaration>"
RIGHT = "<correctResponse><value>A</value></correctResponse>"


def names(side: str) -> list[str]:
    return [f"{side}{at}" for at in range(100)]


XML = {
    "entities": '<!DOCTYPE q [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><assessmentItem>&b;</assessmentItem>',
    "outside": '<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><assessmentItem>&a;</assessmentItem>',
    "elsewhere": '<!DOCTYPE q SYSTEM "http://127.0.0.1:9/x.dtd"><assessmentItem>&x;</assessmentItem>',
    "depth": "<assessmentItem>" + "<div>" * 100_000,
    "another encoding": '<?xml version="1.0" encoding="no-such"?><assessmentItem/>',
    "one line": f"<assessmentItem title='{'a' * HUGE}'><itemBody/></assessmentItem>",
    "a text": item(DECLARED.format(""), f"<p>{'a' * HUGE}</p>" + BODY.format(TWO), ""),
    "choices": item(
        DECLARED.format(RIGHT),
        BODY.format("".join(f"<simpleChoice identifier='a{n}'>x</simpleChoice>" for n in range(50_000))),
        "",
    ),
    "one name": item(DECLARED.format(RIGHT), BODY.format(TWO.replace("B", "A")), ""),
    "one variable": item(DECLARED.format(RIGHT) * 2, BODY.format(TWO), ""),
    "a number": item(
        DECLARED.format("<mapping><mapEntry mapKey='A' mappedValue='1e99999'/></mapping>"), BODY.format(TWO), ""
    ),
    "a power": item(
        DECLARED.format(RIGHT),
        BODY.format(TWO),
        "<setOutcomeValue identifier='SCORE'>"
        + "<power>" * 40
        + "<baseValue baseType='float'>9</baseValue>"
        + "<baseValue baseType='float'>60</baseValue></power>" * 40
        + "</setOutcomeValue>",
    ),
    "a pattern": SAMPLES["text"].item("2.1").replace("heart.*", "(a*)*" * 30),
    "many words": SAMPLES["text"].item("2.1").replace("heart.*", "(a|b|c|d)" * 30),
    "rules": item(
        DECLARED.format(RIGHT),
        BODY.format("".join(f"<simpleChoice identifier='a{n}'>x{n}</simpleChoice>" for n in range(190))),
        "<setOutcomeValue identifier='SCORE'><sum><variable identifier='SCORE'/>"
        "<baseValue baseType='float'>1</baseValue></sum></setOutcomeValue>" * 20_000,
    ),
    "an order": item(
        response("ordered", "identifier", right(*(f"a{n}" for n in range(200)))),
        "<orderInteraction responseIdentifier='RESPONSE'>"
        + "".join(f"<simpleChoice identifier='a{n}'>x{n}</simpleChoice>" for n in range(200))
        + "</orderInteraction>",
        "match_correct",
    ),
    "areas": item(
        response("single", "identifier", right("a0")),
        "<hotspotInteraction responseIdentifier='RESPONSE' maxChoices='1'>"
        "<object data='a.png' width='999' height='999'/>"
        + "".join(f"<hotspotChoice identifier='a{n}' shape='circle' coords='{n},{n},9'/>" for n in range(200))
        + "</hotspotInteraction>",
        "match_correct",
    ),
    "matches": item(
        response("multiple", "directedPair", right(*(f"a{n} b{n}" for n in range(100)))),
        "<matchInteraction responseIdentifier='RESPONSE'>"
        + "".join(
            f"<simpleMatchSet>{choices('simpleAssociableChoice', **{one: one for one in names(side)})}</simpleMatchSet>"
            for side in "ab"
        )
        + "</matchInteraction>",
        "match_correct",
    ),
}


@pytest.mark.parametrize("kind", XML)
def test_xml_that_would_do_more_than_say_is_refused(kind: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        said = soon(XML[kind].encode(encoding))
        assert said or kind == "matches"


def test_bytes_that_are_no_text_end_in_a_sentence() -> None:
    for gone in (b"\0", b"\xff", b"\xed\xa0\x80", "\u202e".encode(), b"\x1b[31m"):
        soon(CHOICE.replace(b"Which", gone))
        soon(package(content=CHOICE.replace(b"Which", gone)))


def test_many_questions_that_are_hard_to_mark_end_soon() -> None:
    for one in (
        XML["an order"],
        SAMPLES["hotspot"].item("2.1"),
        SAMPLES["choices, a sum"].item("2.1"),
        SAMPLES["text"].item("2.1"),
    ):
        said = soon(f"<items>{one * min(1_000, 20_000_000 // len(one))}</items>".encode())
        assert all("takes too long" in each or "at most" in each for each in said)


def test_hidden_characters_are_not_in_a_bank() -> None:
    found = convert(CHOICE.replace(b"Which", "Wh\u202eich\u200b".encode()), "a.xml", "qti", "bank")
    assert found.sent
    assert b"Which" in found.sent.content


def test_what_a_picture_would_run_is_left_out() -> None:
    asked = CHOICE.replace(
        b"<p>Which", b"<p><img src='a.svg' alt='A'/><object data='b.svg' type='image/svg+xml'>B</object>Which"
    )
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">%s</svg>'
    files = [("imsmanifest.xml", MANIFEST.format("a.xml", "a.xml").encode()), ("a.xml", asked), ("b.svg", svg % b"")]
    found = convert(zipped([*files, ("a.svg", svg % b"<script>x</script>")]), "a.zip", "qti", "bank")
    assert found.sent
    assert list(found.sent.media) == ["media/b-" + next(iter(found.sent.media))[8:]]
    assert found.status == 3
    assert any("a.svg is left out" in said for said in found.questions[0].notes.sentences)


LEADING_OUT = ["../a.xml", "/etc/passwd", "a/../../b.xml", "c:/a.xml", "..\\a.xml", "a\\b.xml", "./a.xml", "a//b.xml"]


@pytest.mark.parametrize("name", LEADING_OUT)
def test_names_that_lead_out_of_a_package_are_refused(name: str) -> None:
    (said,) = soon(zipped([("imsmanifest.xml", b"<manifest/>"), (name, b"x")]))
    assert "leads out of it" in said


def test_a_manifest_cannot_name_what_is_not_in_its_package() -> None:
    for name in ("../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/a.xml", "/etc/passwd"):
        files = [("imsmanifest.xml", MANIFEST.format(name, name).encode()), ("a.xml", CHOICE)]
        (said,) = soon(zipped(files))
        assert "not in the package" in said


def overlapping() -> bytes:
    """Two names for one and the same place in the file."""
    whole = zipped([("a.xml", CHOICE), ("b.xml", CHOICE)])
    begins = whole.index(b"PK\1\2")
    second = whole.index(b"PK\1\2", begins + 4)
    return whole[: second + 42] + bytes(4) + whole[second + 46 :]


def lying() -> bytes:
    """A file that unpacks to far more than its entry says."""
    whole = bytearray(package("a.xml", b" " * 50_000_000))
    for sign, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        place = whole.rindex(sign) + at
        whole[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(whole)


def beyond() -> bytes:
    """Files each of which may have been pressed together so far, and that are too large together."""
    return zipped([(f"{at}.bin", bytes(900_000)) for at in range(120)])


BOMBS = {
    "a ratio": (lambda: package("a.xml", b" " * 9_000_000), "too far to be honest"),
    "a total": (beyond, "unpacks to"),
    "overlapping": (overlapping, "lie over one another"),
    "lying": (lying, "damaged"),
    "bzip2": (lambda: package(how=zipfile.ZIP_BZIP2), "in a way that is not read"),
    "no directory": (lambda: package()[:-30], "no whole zip file"),
    "many": (lambda: zipped([(f"{at}.xml", b"") for at in range(10_001)]), "10,001 files"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_archives_that_no_honest_program_makes_are_refused(kind: str) -> None:
    make, said = BOMBS[kind]
    content = make()
    assert any(said in one for one in soon(content)), soon(content)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    (said,) = soon(zipped([("a.xml", CHOICE), ("a.xml", CHOICE)]))
    assert "are called a.xml" in said


def test_a_package_in_a_package_is_not_opened() -> None:
    inner = package()
    for _ in range(5):
        inner = zipped([("imsmanifest.xml", MANIFEST.format("b.zip", "b.zip").encode()), ("b.zip", inner)])
    (said,) = soon(inner)
    assert "cannot be read as XML" in said


MEASURED = """
import re, sys
from mesotrain.formats.exchange import convert
found = convert(sys.stdin.buffer.read(), "a.zip", "qti", "bank")
assert found.sent or found.refused
print(re.search('VmHWM:[^0-9]*([0-9]+)', open('/proc/self/status').read())[1])
"""
HEAVY = {
    "tags": b"<assessmentItem>" + b"<a/>" * 7_000_000 + b"</assessmentItem>",
    "some tags": b"<assessmentItem>" + b"<a b='c'/>" * 249_990 + b"</assessmentItem>",
    "attributes": b"<a " + b"".join(b"b%d='' " % at for at in range(450_000)) + b"/>",
    "a text": package("a.xml", XML["a text"].encode(), zipfile.ZIP_STORED),
    "many": zipped([(f"{at}.xml", CHOICE) for at in range(5_000)]),
    "lying": lying(),
}


@pytest.mark.parametrize("kind", HEAVY)
def test_memory_stays_small(kind: str) -> None:
    made = subprocess.run([sys.executable, "-c", MEASURED], input=HEAVY[kind], capture_output=True, check=True)
    assert int(made.stdout) < MEGABYTES * 2**10


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 2_000), st.sampled_from([CHOICE, package(how=zipfile.ZIP_STORED)]))
def test_bytes_put_anywhere_end_in_a_sentence(noise: bytes, at: int, whole: bytes) -> None:
    soon(whole[:at] + noise + whole[at + len(noise) :])
