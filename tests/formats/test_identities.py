"""An option of a live question that is said in other words keeps its id, and its author is told where and how."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.courses import Question
from mesotrain.core.questions import option_id
from mesotrain.formats.bank import read_bank
from mesotrain.formats.identities import copies, keep_options, keep_questions
from mesotrain.formats.lines import Report
from mesotrain.formats.tidy import tidied
from tests.formats.test_bank import HEAD

SURE = option_id("Quite sure of it")


def bank(body: str) -> str:
    keys = "practice: yes\n" if "panel" in body else ""
    return f"{HEAD}## emg-0001\n{keys}\nWhat?\n\n{body}\n"


def kept(live: str, text: str) -> tuple[str, list[str]]:
    """The body of a text with the ids of what is live, and what is said of each."""
    whole, found = bank(text), []
    for body in (bank(live), whole):
        found.append(read_bank(body, report := Report("")).questions)
        assert report.faults == []
    new, faults = keep_options("bank.md", whole, found[1], {one.name: (one.taker, one.key) for one in found[0]})
    (again,) = read_bank(new, report := Report("")).questions
    assert report.faults == []
    assert not faults or again.version != found[1][0].version
    assert keep_options("bank.md", new, [again], {one.name: (one.taker, one.key) for one in found[0]}) == (new, [])
    return new.partition("What?\n\n")[2].removesuffix("\n"), list(map(str, faults))


LIVE = "- (x) Quite sure of it\n- ( ) Adrenaline\n- ( ) Wait for ten minutes"


def test_an_option_in_other_words_gets_the_id_it_had() -> None:
    text, said = kept(LIVE, LIVE.replace("Quite sure of it", "Quite sure about it <!-- she says -->"))
    assert text == LIVE.replace("Quite sure of it", f"Quite sure about it {{#{SURE}}} <!-- she says -->")
    assert said == [
        f"bank.md:{HEAD.count(chr(10)) + 5}: question (emg-0001): “Quite sure about it” is taken for "
        f"“Quite sure of it”, which is live; write {{#{SURE}}} behind it, "
        "or a name such as {#other} if it is another option."
    ]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("Adrenaline", "Adrenalin", option_id("Adrenaline")),
        ("Adrenaline", "Adrenaline {#adr}", option_id("Adrenaline")),
        ("Adrenaline", "Adrenaline,\n  the drug", option_id("Adrenaline")),
    ],
)
def test_what_of_an_option_is_the_same(old: str, new: str, name: str) -> None:
    text, said = kept(LIVE, LIVE.replace(old, new))
    assert text == LIVE.replace(old, f"{new.removesuffix(' {#adr}')} {{#{name}}}")
    assert len(said) == 1


@pytest.mark.parametrize("new", ["Adrenaline", "Adrenaline {#other}", "A saline drip", "Adrenalin {#other}"])
def test_what_is_the_same_already_or_another_option_stays(new: str) -> None:
    live = LIVE.replace("Adrenaline", "Adrenaline {#other}") if new == "Adrenaline {#other}" else LIVE
    text = LIVE.replace("Adrenaline", new)
    assert kept(live, text) == (text, [])


def test_a_name_that_was_taken_off_comes_back() -> None:
    live = LIVE.replace("Adrenaline", "Adrenaline {#adr}")
    assert kept(live, LIVE)[0] == live
    assert kept(live, LIVE.replace("Adrenaline", "Adrenalin"))[0] == live.replace("Adrenaline", "Adrenalin")


def test_of_two_the_most_alike_is_the_one() -> None:
    live = "- (x) Wait for ten minutes\n- ( ) Wait for two minutes"
    text, said = kept(live, "- (x) Wait for two short minutes\n- ( ) Wait for ten long minutes")
    two, ten = option_id("Wait for two minutes"), option_id("Wait for ten minutes")
    assert text == f"- (x) Wait for two short minutes {{#{two}}}\n- ( ) Wait for ten long minutes {{#{ten}}}"
    assert [one.split(":")[1] for one in said] == [str(HEAD.count("\n") + 5), str(HEAD.count("\n") + 6)]


@pytest.mark.parametrize(
    "live",
    [
        "- [x] Quite sure of it\n- [ ] no",
        "- [T] Quite sure of it\n- [F] no",
        "- (1) Quite sure of it\n- (2) no",
        "- (panel 2) Quite sure of it\n- (panel 1) no",
        "### stage one\n\nWhat?\n\n- (x) maybe\n- ( ) no\n\n### stage two\n\nWhat?\n\n- (x) Quite sure of it\n- ( ) no",
    ],
)
def test_so_do_members_of_other_kinds(live: str) -> None:
    text, said = kept(live, live.replace("Quite sure of it", "Quite sure of that"))
    assert text == live.replace("Quite sure of it", f"Quite sure of that {{#{SURE}}}")
    assert len(said) == 1


def test_a_stage_knows_only_its_own_options() -> None:
    live = "### stage one\n\nWhat?\n\n- (x) {}\n- ( ) no\n\n### stage two\n\nWhat?\n\n- (x) {}\n- ( ) yes"
    moved = live.format("Another thing", "Quite sure of that")
    assert kept(live.format("Quite sure of it", "Something else"), moved) == (moved, [])
    both = live.format("Quite sure of that", "Quite sure of {}")
    assert kept(both.format("it"), both.format("that"))[0] == both.format(f"that {{#{SURE}}}")


def test_what_is_matched_has_no_id_and_what_is_new_is_not_live() -> None:
    live = "- heart => beats quickly\n- lung => breathes"
    assert kept(live, live.replace("quickly", "slowly"))[1] == []
    (one,) = read_bank(bank(LIVE), Report("")).questions
    assert keep_options("bank.md", bank(LIVE), [one], {}) == (bank(LIVE), [])


def test_what_fmt_mends_in_an_option_costs_it_no_id() -> None:
    live = "- (x) \u201cyes\u201d\n- ( ) she can\u2019t\n- ( ) 5\u00a0mg\n- ( ) \u22125 mg\n- ( ) -10 mg"
    mended = tidied(bank(live)).partition("What?\n\n")[2].removesuffix("\n")
    assert mended.isascii()
    changed = ("\u201cyes\u201d", "she can\u2019t", "5\u00a0mg", "\u22125 mg")
    text, said = kept(live, mended)
    assert text.split("\n")[:4] == [
        f"{line} {{#{option_id(one)}}}" for line, one in zip(mended.split("\n"), changed, strict=False)
    ]
    assert len(said) == len(changed)


WORDS = st.lists(st.sampled_from(["Adrenaline", "Oxygen", "Salt", "Sugar", "Ice"]), min_size=2, max_size=4, unique=True)
COMMENT = st.sampled_from(["", "<!-- by A. Author -->\n"])


@given(WORDS, WORDS, COMMENT, st.booleans(), st.lists(WORDS, max_size=2))
def test_whichever_stands_first_the_copy_is_the_new_question(
    original: list[str], changed: list[str], comment: str, above: bool, others: list[list[str]]
) -> None:
    def block(heading: str, words: list[str], keys: str = "") -> str:
        options = "\n".join(f"- ({' ' if at else 'x'}) {word}" for at, word in enumerate(words))
        return f"{heading}\n{comment}{keys}level: apply\n\nWhat?\n\n{options}\n"

    def read(text: str) -> dict[str, Question]:
        questions = read_bank(text, report := Report("")).questions
        assert report.faults == []
        return {one.name: one for one in questions}

    more = "".join(f"\n{block(f'## emg-{at:04}', words)}" for at, words in enumerate(others, 5))
    live = {name: (one.taker, one.key) for name, one in read(tidied(f"{HEAD}{block('## emg-0001', original)}")).items()}
    pair = [block("## emg-0001", changed), block("## emg-0001", original)]
    text = tidied(f"{HEAD}\n" + "\n".join(pair if above else pair[::-1]) + more)
    before = read(text)
    new, said = keep_questions("bank.md", text, copies(list(before.values()), live))
    after = read(new)
    assert (after["emg-0001"].taker, after["emg-0001"].key) == live["emg-0001"], "an id stays with what it was"
    (copy,) = after.keys() - live.keys() - {f"emg-{at:04}" for at in range(5, 5 + len(others))}
    assert re.search(r"^from: emg-0001$", after[copy].source, re.MULTILINE)
    assert "from:" not in after["emg-0001"].source
    assert sorted(map(str, (one.taker for one in after.values()))) == sorted(
        map(str, (one.taker for one in before.values()))
    ), "nothing else is touched"
    exchanged = above and (before["emg-0001"].taker, before["emg-0001"].key) != live["emg-0001"]
    assert [one.line for one in said] == ([before["emg-0001"].line] if exchanged else [])
    assert exchanged or new == text
    assert copies(list(after.values()), live) == []
