"""What can be a name, and what only looks like one."""

import pytest

from mesotrain.core import names
from mesotrain.core.errors import Refused

GOOD = {
    "a plain one": "Ann Lee",
    "accents and marks": "Ọláńrewájú D'Arcy-Østergård, Jr.",
    "another script": "李小龍",
    "a joiner where Persian has one": "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
    "a joiner where Malayalam has one": "\u0d28\u0d28\u0d4d\u200d\u0d26\u0d3f",
    "as long as can be": "x" * names.LONGEST,
}
HIDDEN = {
    "zero width space": "Ann\u200bLee",
    "joiner in a script without": "Qu\u200day",
    "joiner at the beginning": "\u200c\u0639\u0644\u06cc",
    "mark of order": "Ann\ufeffLee",
    "right to left": "Ann\u202eLee",
    "isolate": "\u2066Ann\u2069",
    "mark of direction": "Ann\u200fLee",
    "soft hyphen": "Ann\u00adLee",
    "tag": "Ann\U000e0041",
    "filler": "\u3164",
    "empty Braille": "\u2800",
    "selector": "Ann\ufe0f",
    "nul": "Ann\x00",
    "of private use": "Ann\ue000",
}


@pytest.mark.parametrize("name", GOOD.values(), ids=GOOD)
def test_what_people_are_called_is_a_name(name: str) -> None:
    assert names.check(f"  {name}\u00a0") == name


@pytest.mark.parametrize("name", HIDDEN.values(), ids=HIDDEN)
def test_a_sign_that_nobody_sees_is_in_no_name(name: str) -> None:
    with pytest.raises(Refused) as refused:
        names.check(name)
    assert refused.value.sentence == names.UNSEEN
    assert str(refused.value.facts["sign"]).startswith("U+")


@pytest.mark.parametrize("name", ["Whole organisation", " whole  ORGANIZATION", "everywhere", "Whole-organisation"])
def test_no_clinic_is_called_what_is_said_of_all(name: str) -> None:
    with pytest.raises(Refused, match="every clinic"):
        names.of_clinic(name)
    assert names.of_clinic("Whole organisation of care") == "Whole organisation of care"


def test_a_name_is_there_and_fits() -> None:
    for name, sentence in ((" \u00a0\t", names.NONE), ("x" * (names.LONGEST + 1), names.LONG)):
        with pytest.raises(Refused) as refused:
            names.check(name)
        assert refused.value.sentence == sentence


def test_a_name_is_looked_for_and_sorted_without_its_marks() -> None:
    said = {"Nguyễn Ștefănescu": "nguyen stefanescu", "ØYVIND Łukasz": "oyvind lukasz", "Straße": "strasse", "李": "李"}
    assert {name: names.folded(name) for name in said} == said
    assert names.folded("\u01fegard") == "ogard", "a stroke beneath a mark"
    assert names.folded("O\u2019Shaughnessy") == names.folded("o'shaughnessy") == "o'shaughnessy"
    assert names.folded("Da\u011fl\u0131") == names.folded("DA\u011eLI"), "however an i is written"


def test_a_name_is_tidied_and_compared_in_any_case() -> None:
    assert names.check("Zoe\u0308\n\u00a0 Quay") == "Zoë Quay"
    assert names.alike("  ZOË quay ") == names.alike("Zoe\u0308 Quay")
