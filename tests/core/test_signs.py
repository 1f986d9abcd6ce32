"""One list of signs nobody sees, for texts, for names and for answers."""

from unicodedata import category

import pytest

from mesotrain.core.questions import question
from mesotrain.core.signs import UNSEEN, hidden

SIGNS = ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u3164", "\u2800", "\x07", "\U000e0041"]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_nobody_sees_is_known_wherever_something_is_typed(sign: str) -> None:
    assert UNSEEN.sub("", f"a{sign}b") == "ab"
    assert hidden(f"a{sign}b") == sign
    number = question({"type": "numeric", "stem": "How much?", "unit": "mL"}, {"accepted": []})
    assert number.read({"number": [f"5{sign} mL{sign}"]}) == number.read({"number": ["5 mL"]})
    text = question({"type": "text", "stem": "What?", "exact": []}, {"accepted": []})
    assert text.read({"answer": [f"hea{sign}rt{sign}"]}) == text.read({"answer": ["heart"]})


def test_whatever_unicode_calls_a_format_or_a_control_is_one() -> None:
    """But for the tab, the end of a line, and marks that are seen around Arabic and Syriac numbers."""
    signs = [sign for sign in map(chr, range(0x10000)) if category(sign) in ("Cc", "Cf")]
    left = {sign for sign in signs if not UNSEEN.fullmatch(sign)}
    assert {sign for sign in left if not 0x600 <= ord(sign) <= 0x8E2} == set("\t\n")


def test_joiners_and_selectors_stand_in_words_that_need_them() -> None:
    joined = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert not UNSEEN.search(joined)
    assert not hidden(joined)
    assert hidden("caf\u00e9\u200d\ufe0f") == "\u200d"
    assert not UNSEEN.search("\u26a0\ufe0f")
    assert hidden("Ann\ufe0f") == "\ufe0f"
