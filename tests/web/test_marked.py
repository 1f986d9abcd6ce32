"""What is marked in a text stays text: what search found, and what a draft changes."""

import re

import pytest
from markupsafe import Markup

from mesotrain.web.drafts import marked
from mesotrain.web.search import excerpt, forms_of

OURS = re.compile(r"</?(?:mark|del|ins)>")


def inert(shown: Markup) -> bool:
    """Whether nothing of it is markup but our own marks, each opened and closed."""
    opened = [tag for tag in OURS.findall(shown) if "/" not in tag]
    return "<" not in OURS.sub("", shown) and len(OURS.findall(shown)) == 2 * len(opened)


def test_no_payload_becomes_markup(hostile: list[str]) -> None:
    for before, after in zip(hostile, [*hostile[1:], hostile[0]], strict=True):
        for text in marked(before, after) + marked(f"a\n\n{before}", f"a\n\n{before} b") + marked(before, after, "\n"):
            assert inert(text), before
        for words in (["a"], ["script", "alert"], ["amp", "lt", "quot"], re.findall(r"\w+", before)[:12] or ["x"]):
            assert inert(excerpt(before, forms_of(words))), before
    assert not inert(Markup("<b>")), "the control"


def test_a_change_is_marked_word_by_word_and_what_is_the_same_left_out() -> None:
    before = "Same.\n\nGive 500 micrograms\nat once.\n\nSame."
    after = "Same.\n\nGive 50 micrograms\nat once.\n\nSame."
    assert marked(before, after) == (
        "…\n\nGive <del>500</del> micrograms at once.\n\n…",
        "…\n\nGive <ins>50</ins> micrograms at once.\n\n…",
    )
    assert marked("", "New <b>") == ("", "New &lt;b&gt;")


@pytest.mark.parametrize(("old", "new"), [("1.5", "1.0"), ("1:1000", "1:10"), ("4/5", "3/4"), ("2,5", "0,5")])
def test_a_number_changes_as_a_whole(old: str, new: str) -> None:
    assert marked(f"Give {old} mg.", f"Give {new} mg.") == (f"Give <del>{old}</del> mg.", f"Give <ins>{new}</ins> mg.")


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Injections hurt.", ["injection"], "<mark>Injections</mark> hurt."),
        ("They injected it.", ["inject"], "They <mark>injected</mark> it."),
        ("A dose & more doses", ["dose"], "A <mark>dose</mark> &amp; more <mark>doses</mark>"),
        ("Nothing of it.", ["stem"], "Nothing of it."),
    ],
)
def test_what_was_found_is_marked_in_its_own_form(text: str, words: list[str], shown: str) -> None:
    assert excerpt(text, forms_of(words)) == shown


def test_an_excerpt_begins_near_what_was_found() -> None:
    text = " ".join(["before"] * 100 + ["needle"] + ["after"] * 100)
    shown = excerpt(text, forms_of(["needle"]))
    assert "<mark>needle</mark>" in shown
    assert shown.startswith("… before")
    assert shown.endswith("after …")
    assert len(shown) < 300
