"""A text in which little has a meaning is taken at once: which way makes no difference but in time."""

from random import Random

import pytest

from mesotrain.formats.exchange.notes import Notes
from mesotrain.formats.exchange.texts import _BARE, _SIMPLE, AUTO, HTML, markdown

PIECES = (
    *("word", "two words", " ", "  ", "\n", "é", "µg", "5", "1. ", "1.", "- ", "-", "(x)", "[a]", "*", "_", "a_b", "`"),
    *("why: ", "Why -", "w", "W", "=", "=>", ">", "&", "&lt;", "&amp;", "#", "| a", "!", "!!!", "\u2022", "\t"),
    *("<p>", "</p>", "<b>", "</b>", "<b>so</b>", "<i> a </i>", "<em>a</em>", "<strong>b</strong>", "<br>", "<br />"),
    *("<br/>", "<u>a</u>", "<p>a b</p>", '<p dir="ltr" style="text-align: left;">d</p>', "<P>", "\\", "$$"),
)  # fmt: skip


@pytest.mark.parametrize("kind", [HTML, AUTO])
def test_a_text_is_the_same_both_ways(kind: str) -> None:
    chance = Random(kind)
    simple = 0
    for _ in range(20_000):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
        if not (_BARE.fullmatch(text) or _SIMPLE.fullmatch(text)):
            continue
        simple += 1
        told, whole = Notes(), Notes()
        assert markdown(text, kind, told) == markdown(f"<span></span>{text}", kind, whole), text
        assert told == whole, text
    assert simple > 1000
