"""Packages of QTI: what items share, and what their test says of them."""

import pytest

from mesotrain.formats.exchange import Conversion, convert
from tests.formats.exchange.qti_samples import SAMPLES
from tests.formats.exchange.test_qti_hostile import zipped

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\x64"
PASSAGE = (
    "<div class='q'><p>She is grey.</p><img src='p%20q/a%231.png' alt='A face'/><a href='https://x.test/'>x</a></div>"
)
SHARED = {
    "2.1": f"<assessmentStimulus><stimulusBody>{PASSAGE}</stimulusBody></assessmentStimulus>",
    "3.0": "<qti-assessment-stimulus xmlns='http://www.imsglobal.org/xsd/imsqtiasi_v3p0'><qti-stimulus-body>"
    f"{PASSAGE}</qti-stimulus-body></qti-assessment-stimulus>",
}
NAMES = {
    "2.1": "<assessmentStimulusRef identifier='s' href='{}' title='Her story'/>",
    "3.0": "<qti-assessment-stimulus-ref identifier='s' href='{}' title='Her story'/>",
}


def with_passage(version: str, address: str) -> str:
    item = SAMPLES["choice"].item(version)  # type: ignore[arg-type]
    body = "<qti-item-body" if version == "3.0" else "<itemBody"
    return item.replace(body, NAMES[version].format(address) + body, 1)


def brought(files: dict[str, str | bytes], test: str = "") -> Conversion:
    resources = "".join(f"<resource type='imsqti_item_xmlv2p1' href='{name}'/>" for name in files if "item" in name)
    named = f"<resource type='imsqti_test_xmlv2p1' href='t/test.xml'/>{resources}"
    whole: dict[str, str | bytes] = {"imsmanifest.xml": f"<manifest><resources>{named}</resources></manifest>", **files}
    whole["t/test.xml"] = f"<assessmentTest>{test}</assessmentTest>"
    return convert(
        zipped([(name, one.encode() if isinstance(one, str) else one) for name, one in whole.items()]),
        "x.zip",
        "qti",
        "bank",
    )


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_a_shared_passage_stands_above_each_item_that_names_it(version: str) -> None:
    item = with_passage(version, "../sh%20ared/story.xml?x#y")
    files = {"items/item1.xml": item, "items/item2.xml": item, "sh ared/story.xml": SHARED[version]}
    found = brought({**files, "sh ared/p q/a#1.png": PNG})
    assert len(found.questions) == 2
    for one in found.questions:
        stem = str(one.question.taker["stem"])
        assert stem.startswith("She is grey.")
        assert stem.index("![A face](media/a-1-") < stem.index("[x](https://x.test/)") < stem.index("Which")
        assert not [said for said in one.notes.sentences if said.startswith("lost")]


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_a_passage_that_is_not_there_is_said(version: str) -> None:
    for files in ({}, {"items/story.xml": "<a>"}, {"items/story.xml": "<assessmentStimulus/>"}):
        found = brought({"items/item.xml": with_passage(version, "story.xml"), **files})
        assert "lost: its passage “Her story” is not in the file." in found.questions[0].notes.sentences
    alone = convert(with_passage(version, "").encode(), "x.xml", "qti", "bank")
    assert "lost: its passage “Her story” is not in the file." in alone.questions[0].notes.sentences


def test_sections_in_files_of_their_own_keep_their_place_and_what_they_say() -> None:
    items = {f"i/item{at}.xml": SAMPLES["choice"].item("2.1").replace("Which", f"{at}: Which") for at in (1, 2, 3)}
    named = "<assessmentItemRef href='../i/item{}.xml'/>"
    section = "<assessmentSectionRef href='{}'/>"
    heavy = "<assessmentItemRef href='../i/item2.xml'><weight identifier='W' value='3'/></assessmentItemRef>"
    files = {
        "t/one.xml": f"<assessmentSection>{section.format('two.xml')}{section.format('test.xml')}</assessmentSection>",
        "t/two.xml": f"<qti-assessment-section>{heavy}{section.format('one.xml') * 2}</qti-assessment-section>",
    }
    found = brought({**items, **files}, named.format(3) + section.format("one.xml") + section.format("none.xml"))
    assert [str(one.question.taker["stem"])[:1] for one in found.questions] == ["3", "2", "1"]
    assert "lost: in its test it counts 3 times; write that as its points." in found.questions[1].notes.sentences
    assert [one.sentence for one in found.refused] == ["t/none.xml is named and not in the package."]


def test_what_a_test_says_of_its_items_is_named() -> None:
    items = {f"i/item{at}.xml": SAMPLES["choice"].item("2.1") for at in (1, 2)}
    one = "<assessmentItemRef href='../i/item1.xml'><preCondition/><weight identifier='W' value='2.5'/>"
    other = "</assessmentItemRef><assessmentItemRef href='../i/item2.xml'><weight identifier='W' value='1.0'/>"
    found = brought({**items}, f"{one}{other}</assessmentItemRef>")
    lost = [[said for said in each.notes.sentences if said.startswith("lost")] for each in found.questions]
    assert lost == [
        [
            "lost: in its test it counts 2.5 times; write that as its points.",
            "lost: when its test asks it, <preCondition>, is left out.",
        ],
        [],
    ]
