"""Whatever a file holds, it ends in a sentence, and soon."""

import os
import re
from base64 import b64decode, b64encode
from io import BytesIO
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesotrain.apart import BROKEN, converted
from mesotrain.formats.archives import BEGINS
from mesotrain.formats.exchange import FORMATS, MOST_BYTES, convert
from mesotrain.formats.exchange.bundles import packed
from mesotrain.formats.exchange.notes import MOST_QUESTIONS
from mesotrain.web.examples import BANK
from tests.soon import within

GIFT = """$CATEGORY: a/b
// [id:x] [tag:y]
::N::[html]<p>What is <b>it</b> _x_?</p>{=[plain]a#yes ~%50%b ~%-25%c\\: \\{d\\}####so}

Q{T#no#yes}

Q{=a->b =c->d = -> e}

Q{#=1:0.5#a =%50%1..3 ~b} Q {>2 ALL
"""
PNG = b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\6\0\0\0\6").decode()
XML = f"""<?xml version="1.0" encoding="UTF-8"?><quiz>
<question type="category"><category><text>a</text></category></question>
<question type="multianswer"><name><text>n</text></name><questiontext format="html"><text><![CDATA[
<ul><li>{{2:SA:=a~%50%b*#c}}</li></ul><table><tr><td>{{1:NM:=5:0.1}}</td></tr></table> {{:MCS:=x~y&lt;}}
<img src="@@PLUGINFILE@@/f.png"><script>x</script>]]></text><file name="f.png" encoding="base64">{PNG}</file>
</questiontext><tags><tag><text>t</text></tag></tags><hint><text>h</text></hint></question>
<question type="gapselect"><questiontext><text>A [[2]] b [[1]]</text></questiontext>
<selectoption><text>x</text><group>1</group></selectoption><selectoption><text>y</text><group>1</group></selectoption>
</question></quiz>"""
AIKEN = "Q one\nA. a\nB) b\nANSWER: B\n\nQ two\n\nA. a\n B. b\nANSWER: C\n"
TYPED = """1. Which is it? *
a) one
*b) two
Answer: B
Because.

2) Is it so? True/False
True

Key: 1b 2a
"""
SAMPLES = {"gift": GIFT.encode(), "moodle-xml": XML.encode(), "aiken": AIKEN.encode(), "text": TYPED.encode()}
TEXTS = (
    "::", "{", "}", "=", "~", "%50%", "#", "->", "####", "\\", "\n\n", "//", "[html]", "<b>", "&lt;", "a", "T", "1..2",
    "$$", "\ue010", "\0", "\u202e", "\ud800", "$CATEGORY:", "<table>", "<li>", "Why:", "- (x) ", "## abc-0001",
)  # fmt: skip
HUGE = 10_000_000
READ = [name for name, one in FORMATS.items() if one.read]
WRITTEN = [name for name, one in FORMATS.items() if one.write]


def xml(kind: str, text: str, more: str = "") -> bytes:
    said = f'<question type="{kind}"><questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>'
    return f"<quiz>{said}{more}</question></quiz>".encode(errors="replace")


def soon(content: bytes, name: str, target: str = "bank") -> int:
    with within(5):
        found = convert(content, f"file.{name}", name, target)
    assert found.sent or found.refused
    return found.status


LONG = {
    "one line": b"a" * HUGE + b"{T}",
    "braces": b"{" * HUGE,
    "answers": b"q{" + b"~" * HUGE + b"}",
    "pairs": b"q{" + b"=a->b" * (HUGE // 5) + b"}",
    "digits": b"q{#" + b"9" * HUGE + b"}",
    "escapes": b"\\" * HUGE + b"{T}",
    "nothing": b"\0" * HUGE,
    "lines": b"\n" * HUGE,
    "a weight": b"q{~%1." + b"1" * 50_000 + b"%a =b}",
    "a number": b"q{#1e999999999}",
    "gaps": b"q{" + b"=*a" * 30_000 + b"}",
    "elements": b"[html]" + b"<b>" * 30_000 + b"{T}",
    "cells": b"[html]<table><tr>" + b"<td>x" * 15_000 + b"{T}",
}


@pytest.mark.parametrize("kind", LONG)
def test_what_is_far_too_long_is_refused_soon(kind: str) -> None:
    soon(LONG[kind], "gift")


XML_BOMBS = {
    "entities": '<!DOCTYPE q [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>',
    "outside": '<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz><question type="essay">'
    "<questiontext><text>&a;</text></questiontext></question></quiz>",
    "a document type elsewhere": '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/x.dtd"><quiz>&x;</quiz>',
    "depth": "<quiz>" + "<question>" * 100_000,
    "no number": '<quiz><question type="multichoice"><answer fraction="x"><text>a</text></answer></question></quiz>',
    "another encoding": '<?xml version="1.0" encoding="no-such"?><quiz/>',
}


@pytest.mark.parametrize("kind", XML_BOMBS)
def test_xml_that_would_do_more_than_say_is_refused(kind: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert soon(XML_BOMBS[kind].encode(encoding), "moodle-xml") == 1


STAGE = """---
bank: b
title: B
language: en
competency: EMG
---

## emg-0001

A case.

### stage first
Next?

- (panel 3) One
- (panel 1) Two
"""
FOUND = {
    "a panel in a stage": ("bank", STAGE.encode()),
    "a gap that is none": ("moodle-xml", xml("multianswer", "{1:SA:=a} and [[1]] or [[2]], [[x]]")),
}
"""Files that once broke a reader or a writer."""


@pytest.mark.parametrize("kind", FOUND)
@pytest.mark.parametrize("target", FORMATS)
def test_what_once_broke_is_told(kind: str, target: str) -> None:
    source, content = FOUND[kind]
    if FORMATS[target].write:
        soon(content, source, target)


def test_files_have_limits_that_are_said() -> None:
    found = convert(b"a" * (MOST_BYTES + 1), "x.gift", "gift", "bank")
    assert "at most" in found.refused[0].sentence
    many = FORMATS["gift"].read
    assert many
    for text, taken in ((b"Q{T}\n\n", MOST_QUESTIONS), (b"Q{\n\n", 0)):
        brought = many(text * (MOST_QUESTIONS + 5), "x", "q")
        assert len(brought.questions) == taken
        assert len(brought.refused) == MOST_QUESTIONS - taken + 1
        assert brought.refused[-1].line == 2 * MOST_QUESTIONS + 1


def test_payloads_of_others_are_shown_and_never_run(hostile: list[str]) -> None:
    for text in hostile:
        said = text.replace("]]>", "")
        for target in ("bank", "gift"):
            soon(xml("essay", said), "moodle-xml", target)
        soon(f"[html]{text}{{=a#{text}}}".encode(errors="replace"), "gift", "moodle-xml")


CASES = int(os.environ.get("CASES", "300"))
"""Of each format; ``make hostile`` runs 20,000, and cuts a file behind every byte."""
FEW_CUTS = 25
EDITS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 30), st.sampled_from(TEXTS) | st.binary(max_size=4)))


def seeds(name: str) -> list[bytes]:
    """Files of a format, each with one question of each type that it can say, and the samples."""
    front, *questions = re.split(r"(?m)^(?=## )", BANK)
    banks = [(front + one).encode() for one in questions]
    if name == "bank-zip":
        return [packed({"a/b.md": one, "a/media/face.png": b64decode(PNG)}) for one in banks]
    writer = "review-docx" if name == "docx" else name
    sent = [convert(one, "bank.md", "bank", writer).sent for one in banks] if FORMATS[writer].write else []
    return [*(one.content for one in sent if one), *([SAMPLES[name]] if name in SAMPLES else [])]


def members(content: bytes) -> dict[str, bytes]:
    """The files in a zip file by their paths; of any other, none."""
    if not content.startswith(BEGINS):
        return {}
    with ZipFile(BytesIO(content)) as folder:
        return {one: folder.read(one) for one in folder.namelist()}


def edited(content: bytes, edits: list[tuple[int, int, str | bytes]]) -> bytes:
    """`content` with other things here and there for so many bytes; of a zip file mostly within one of its files."""
    within = members(content) if len(edits) % 4 else {}
    if within:
        one = [*within][sum(at for at, _, _ in edits) % len(within)]
        return packed({**within, one: edited(within[one], edits)})
    for at, many, other in edits:
        new = other if isinstance(other, bytes) else other.encode("utf-8", "surrogatepass")
        place = at % (len(content) + 1)
        content = content[:place] + new + content[place + many :]
    return content


@pytest.mark.parametrize("name", READ)
def test_a_file_cut_anywhere_is_read_or_refused(name: str) -> None:
    """Also, of a zip file, the longest file within it."""
    whole = SAMPLES.get(name) or seeds(name)[0]
    within = members(whole)
    longest = max(within, key=lambda path: len(within[path]), default="")
    wholes = [whole, within[longest]] if within else [whole]
    done = 0
    for place, content in enumerate(wholes):
        step = 1 if CASES >= 20_000 else len(content) // FEW_CUTS + 1
        for at in range(0, len(content), step):
            soon(packed({**within, longest: content[:at]}) if place else content[:at], name)
            done += 1
    print(f"{name}: {done:,} cuts")  # noqa: T201
    assert soon(b"", name) == 1
    assert soon(whole, name) in (0, 3)


@pytest.mark.parametrize("name", READ)
def test_files_of_others_that_are_hostile_end_in_a_sentence(name: str, hostile: list[str]) -> None:
    """In a process of its own, as they do for whoever sends one: that ends it after 4 s and at 256 MiB."""
    folder = Path(__file__).parents[4] / "shared" / "corpora" / "hostile"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) > 30
    for path in files:
        made = converted(path.read_bytes(), path.name, name, "bank")
        assert made.questions or all(one.sentence for one in made.refused), path
        assert made.sent or made.refused, path
        assert BROKEN not in [one.sentence for one in made.refused], path


@pytest.mark.parametrize("name", READ)
def test_a_file_edited_anyhow_ends_in_questions_or_sentences(name: str) -> None:
    ran = count()

    @settings(deadline=None, max_examples=CASES, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(seeds(name)), EDITS, st.sampled_from([name for name, one in FORMATS.items() if one.write]))
    def case(content: bytes, edits: list[tuple[int, int, str | bytes]], target: str) -> None:
        next(ran)
        soon(edited(content, edits), name, target)

    case()
    done = next(ran)
    print(f"{name}: {done:,} cases")  # noqa: T201
    assert done >= CASES


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(TEXTS), max_size=40).map("".join), st.sampled_from(WRITTEN))
def test_any_gift_ends_in_questions_or_sentences(text: str, target: str) -> None:
    soon(text.encode("utf-8", "surrogatepass"), "gift", target)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_any_bytes_end_in_a_sentence(content: bytes) -> None:
    for name in READ:
        soon(content, name)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from([*TEXTS, "{1:SA:", "{MC:", "=a", "}", "[[1]]", "</b>", "</td>"]), max_size=40).map("".join)
)
def test_any_text_in_xml_ends_in_questions_or_sentences(text: str) -> None:
    said = "".join(char for char in text if char >= " " and not "\ud800" <= char <= "\udfff").replace("]]>", "")
    for kind in ("multianswer", "gapselect", "truefalse", "description"):
        soon(xml(kind, said, "<answer><text>true</text></answer>"), "moodle-xml", "gift")
