"""A case in stages: what it earns, and what stays locked."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.grading import mark
from mesotrain.core.questions import fields_of, question
from mesotrain.core.questions.staged import locked, opened

OPTIONS = [{"id": one, "text": one} for one in ("a", "b", "c")]
BEST = {"type": "single", "stem": "Which?", "options": OPTIONS, "shuffle": True}
TICKS = {"type": "multiple", "stem": "Which?", "options": OPTIONS, "shuffle": True}
NUMBER = {"type": "numeric", "stem": "How much?", "unit": "mL"}
KEYS = {
    "single": {"credit": {"a": "1", "b": "1/2"}, "reasons": {}, "reason": ""},
    "multiple": {"credit": {"a": "1", "b": "1"}, "rule": "all-or-nothing", "reasons": {}, "reason": ""},
    "numeric": {"accepted": [{"value": "2", "low": "2", "high": "2", "credit": "1"}], "reasons": {}, "reason": ""},
}


def case(*stages: dict[str, Any], points: str = "1 1 2", names: str = "one two three", stem: str = "It begins.") -> Any:
    taker = {"type": "staged", "stem": stem, "stages": list(stages), "shuffle": True, "exact": []}
    keys = [KEYS[one["type"]] for one in stages]
    said = {"points": points.split()[: len(stages)], "names": names.split()[: len(stages)]}
    return question(taker, {"stages": keys, **said, "reasons": {}, "reason": ""})


def staged() -> Any:
    return case(BEST, TICKS, NUMBER)


CASE = staged()
RIGHT = {"1.choice": ["a"], "2.choice": ["a", "b"], "3.number": ["2"]}


@pytest.mark.parametrize(
    ("fields", "credit", "verdict"),
    [
        ({**RIGHT, "stage": ["3"]}, "1", "right"),
        ({**RIGHT, "stage": ["2"]}, "1/2", "partly"),
        ({**RIGHT, "stage": ["1"]}, "1/4", "partly"),
        (RIGHT, "1/4", "partly"),
        ({**RIGHT, "stage": ["1", "3"]}, "1", "right"),
        ({**RIGHT, "stage": ["9"]}, "1", "right"),
        ({**RIGHT, "1.choice": ["b"], "stage": ["3"]}, "7/8", "partly"),
        ({"1.choice": ["b"]}, "1/8", "partly"),
        ({"3.number": ["2"], "stage": ["3"]}, "1/2", "partly"),
        ({**RIGHT, "3.number": ["about two"], "stage": ["3"]}, "1/2", "partly"),
        ({"1.choice": ["c"], "stage": ["3"]}, "0", "wrong"),
        ({"stage": ["3"]}, "0", "unanswered"),
        ({"3.number": ["2"]}, "0", "unanswered"),
        ({"1.choice": ["?"]}, "0", "unreadable"),
        ({"choice": ["a"], "stage": ["1.", "-1", "0", "x"]}, "0", "unanswered"),
    ],
)
def test_the_mean_counts_each_stage_by_its_points(fields: dict[str, list[str]], credit: str, verdict: str) -> None:
    reading = CASE.read(fields)
    found = mark(CASE, reading, Fraction(1))
    assert (found.credit, found.verdict) == (Fraction(credit), verdict)


def test_a_stage_is_shown_once_it_is_open_and_the_rest_never_travels() -> None:
    for fields, shown in (({}, 1), ({"stage": ["2"]}, 2), ({"stage": ["3"]}, 3), ({"stage": ["7"]}, 3)):
        asked = question(CASE.taker).ask("seed").open(fields)
        assert [one["type"] for one in asked.taker["stages"]] == ["single", "multiple", "numeric"][:shown]
        assert asked.total == 3
        assert asked.read({**RIGHT, **fields}) == CASE.read({**RIGHT, **fields})
        assert "mL" not in str(asked.taker) or shown == 3


def test_each_stage_is_asked_in_an_order_of_its_own() -> None:
    orders = {
        tuple(tuple(option["id"] for option in stage["options"]) for stage in CASE.ask(str(seed)).taker["stages"][:2])
        for seed in range(400)
    }
    assert len(orders) == 36
    assert CASE.ask("a").key == CASE.key


UNSOUND = [
    (case(BEST, TICKS, stem=" "), ["the question has no stem; write how the case begins above the first stage."]),
    (case(BEST), ["it needs at least two stages."]),
    (case(BEST, TICKS, names="one one"), ["two stages have the same name; rename one."]),
    (
        case(BEST, {**TICKS, "options": OPTIONS[:2]}),
        ["stage 2: every option is ticked as right; at least one must be wrong."],
    ),
]


@pytest.mark.parametrize(("unsound", "words"), UNSOUND)
def test_what_an_author_got_wrong_is_said(unsound: Any, words: list[str]) -> None:
    assert unsound.problems() == words


LATER = {"1.choice": ["a"], "2.choice": ["b"], "stage": ["2"], "flag": ["1"]}
SIGNED = {"1.number": ["1.500"], "stage": ["2"], "decimal": ["."]}
LEFT = {"1.number": ["1.500"], "stage": ["2"], "1.decimal": ["."]}


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ({}, RIGHT, RIGHT),
        ({"1.choice": ["a"]}, {"1.choice": ["b"], "stage": ["2"]}, {"1.choice": ["b"], "stage": ["2"]}),
        (LATER, {}, {"1.choice": ["a"], "stage": ["2"]}),
        (LATER, {"1.choice": ["c"], "2.choice": ["c"]}, {"1.choice": ["a"], "2.choice": ["c"], "stage": ["2"]}),
        (LATER, {"1.more": ["x"], "stage": ["3"]}, {"1.choice": ["a"], "stage": ["3"]}),
        (LATER, {"10.choice": ["x"], "stage": ["1"]}, {"1.choice": ["a"], "10.choice": ["x"], "stage": ["2"]}),
        (SIGNED, {"decimal": []}, {**LEFT, "decimal": []}),
        (SIGNED, {"decimal": [","], "2.number": ["2,500"]}, {**LEFT, "decimal": [","], "2.number": ["2,500"]}),
        (SIGNED, {"decimal": [""]}, {**LEFT, "decimal": [""]}),
        (LEFT, {"1.decimal": [","]}, LEFT),
        ({"stage": ["1"]}, SIGNED, {**LEFT, "decimal": ["."]}),
        ({}, {**SIGNED, "decimal": [""]}, {**LEFT, "decimal": [""], "1.decimal": ["?"]}),
        ({**LEFT, "1.decimal": ["?"]}, {"decimal": [","]}, {**LEFT, "1.decimal": ["?"], "decimal": [","]}),
        ({**SIGNED, "1.number": ["2"]}, {}, {"1.number": ["2"], "stage": ["2"]}),
    ],
)
def test_what_was_left_stays_as_it_was(before: Any, after: Any, kept: Any) -> None:
    assert locked(before, after) == kept


NAMES = st.sampled_from(
    ["1.choice", "1.number", "2.choice", "2.number", "3.number", "stage", "flag", "choice", "decimal", "1.decimal"]
)
SENT = st.dictionaries(
    NAMES, st.lists(st.sampled_from(["a", "b", "1", "2", "3", "", ".", ",", "1,500"]) | st.text(max_size=5), max_size=3)
)


NUMBERS = case(NUMBER, NUMBER, NUMBER)


def read_of(fields: dict[str, list[str]], stage: int) -> Any:
    """What a stage says, were it a number or a choice."""
    own = fields_of(fields, str(stage))
    return [one.stages()[str(stage)].read(own) for one in (CASE, NUMBERS)]


@given(st.lists(SENT, max_size=5))
def test_no_order_of_saves_changes_a_stage_that_was_left(saves: list[dict[str, list[str]]]) -> None:
    now: Any = {}
    for sent in saves:
        following = locked(now, sent)
        assert opened(following) >= opened(now)
        for stage in range(1, min(opened(now), 4)):
            assert read_of(following, stage) == read_of(now, stage)
        assert locked(now, following) == following
        now = following
        reading = CASE.read(now)
        assert mark(CASE, reading, Fraction(1)).verdict
        assert 0 <= CASE.mark(reading) <= 1


def test_what_cannot_be_read_is_said_and_what_is_open_keeps_its_key() -> None:
    reading = CASE.read({**RIGHT, "3.number": ["1,500"], "stage": ["3"]})
    assert reading.problem % reading.facts == "“1,500” may mean two things. Write 1500 or 1.5."
    assert CASE.open({"stage": ["2"]}).key == CASE.key


def test_a_field_belongs_to_the_stage_it_begins_with() -> None:
    assert fields_of({"1.2.choice": ["a"], "12.choice": ["b"], "2.1.choice": ["c"]}, "1") == {"2.choice": ["a"]}
    assert locked({"stage": ["2"]}, {"1.x.y": ["b"]}) == {"stage": ["2"]}
    before = {"1.x.y": ["a"], "stage": ["2"]}
    assert locked(before, {"1.x.y": ["b"], "2.1.y": ["c"]}) == {"1.x.y": ["a"], "2.1.y": ["c"], "stage": ["2"]}
