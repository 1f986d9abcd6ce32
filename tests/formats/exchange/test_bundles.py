"""A bank and its pictures, packed into one file: told from a package of QTI, and read as it stands in a folder."""

import pytest

from mesotrain.formats.exchange import convert, format_of
from mesotrain.formats.exchange.banks import UNNAMED
from mesotrain.formats.exchange.bundles import packed
from tests.web.test_exchange import FACES as BANK
from tests.web.test_exchange import PNG


@pytest.mark.parametrize("home", ["", "my-course/one-needle/"])
def test_a_bank_is_read_with_the_pictures_beside_it(home: str) -> None:
    files = {f"{home}bank.md": BANK, f"{home}media/face.png": PNG, "media.txt": b"", "other/media/face.png": b"x"}
    content = packed(files)
    assert format_of("bank.zip", "", content) == "bank-zip"
    found = convert(content, "bank.zip", "bank-zip", "bank")
    assert (found.status, [one.question.name for one in found.questions]) == (0, ["fac-0001"])
    assert found.sent
    assert found.sent.media == {"media/face.png": PNG}
    assert content == packed(files)


def test_a_package_of_another_system_is_none() -> None:
    for content in (packed({"imsmanifest.xml": b"<manifest/>"}), b"PK\3\4", b""):
        assert format_of("bank.zip", "", content) == "qti"
    assert format_of("bank.zip") == "qti"


def test_a_picture_that_is_missing_and_two_banks_are_told() -> None:
    found = convert(packed({"bank.md": BANK}), "bank.zip", "bank-zip", "bank")
    assert found.status == 3
    assert "media/face.png is not beside the bank" in found.questions[0].notes.sentences[0]
    spot = b"~~~zones grid=6x6\na circle 3,3 r 2 right\n~~~"
    zones = BANK.replace(b"- (x) From the front\n- ( ) From the side", spot)
    for files, said in (
        ({"bank.md": zones}, "its picture media/face.png is not beside the bank"),
        ({"a.md": BANK, "b.md": BANK}, "here are 2"),
        ({"bank.md": BANK, "media/face.png": b"x"}, "this is no PNG picture"),
    ):
        refused, *_ = convert(packed(files), "bank.zip", "bank-zip", "bank").refused
        assert said in refused.sentence


def test_a_bank_that_came_from_elsewhere_is_read_again_without_its_competencies() -> None:
    first = convert(b"Which?{=this ~that}\n\nWho?{=she}\n", "x.gift", "gift", "bank")
    assert first.sent
    again = convert(first.sent.content, "x.md", "bank", "bank")
    assert (again.status, again.sent) == (0, first.sent)
    assert [one.notes.said for one in again.questions] == [[("kept", UNNAMED)]] * 2
    named = first.sent.content.replace(b"\nlanguage: en\n", b"\nlanguage: en\ncompetency: EMG\n")
    assert [one.notes.said for one in convert(named, "x.md", "bank", "bank").questions] == [[], []]
