"""An observation: what its marks come to, and a form that comes back from what a publication keeps of it."""

import json

import pytest

from mesotrain.core.canonical import canonical
from mesotrain.core.observations import (
    DONE,
    MEANINGS,
    NOT_DONE,
    NOT_PASSED,
    NOT_SEEN,
    OPEN,
    OUTCOMES,
    PASSED,
    STATION,
    Form,
    Step,
    form_of,
)

HANDS, DRY, BIN = Step("hands", "Cleans the hands.", critical=True), Step("dry", "Waits.", critical=True), "bin"
TRAY = Form(
    "tray", "The tray", STATION, (HANDS, DRY, Step(BIN, "Uses the bin.")), ("Poor", "Fair", "Good"), 2, "Policy."
)


@pytest.mark.parametrize(
    ("marks", "rating", "outcome"),
    [
        ((DONE, DONE, DONE), 2, PASSED),
        ((DONE, DONE, NOT_DONE), 3, PASSED),
        ((DONE, DONE, NOT_SEEN), 2, PASSED),
        ((DONE, DONE, DONE), 1, NOT_PASSED),
        ((DONE, NOT_DONE, DONE), 3, NOT_PASSED),
        ((NOT_SEEN, NOT_DONE, DONE), 3, NOT_PASSED),
        ((NOT_SEEN, DONE, DONE), 1, NOT_PASSED),
        ((DONE, NOT_SEEN, DONE), 2, OPEN),
    ],
)
def test_every_critical_step_and_the_rating_decide(marks: tuple[str, ...], rating: int, outcome: str) -> None:
    found = TRAY.result(dict(zip(("hands", "dry", BIN), marks, strict=True)), rating)
    assert found.whole
    assert found.outcome == outcome
    assert found.missed == tuple(one for one, mark in zip((HANDS, DRY), marks, strict=False) if mark == NOT_DONE)
    assert found.unseen == tuple(one for one, mark in zip((HANDS, DRY), marks, strict=False) if mark == NOT_SEEN)


def test_what_is_not_marked_or_rated_is_not_whole() -> None:
    assert TRAY.result({}, 2).unmarked == TRAY.steps
    assert not TRAY.result({"hands": DONE, "dry": DONE}, 2).whole
    assert not TRAY.result({"hands": DONE, "dry": DONE, BIN: "perhaps"}, 2).whole
    assert not TRAY.result({"hands": DONE, "dry": DONE, BIN: DONE}, 0).whole


def test_a_form_comes_back_in_its_order() -> None:
    form = Form(
        "tray", "The tray", STATION,
        (Step("z", "Last of the letters.", True, "no-tap-water", ("D29",)), Step("a", "The first.")), ("No", "Yes"), 2,
    )  # fmt: skip
    assert form_of("tray", json.loads(canonical(form.model()))) == form


def test_each_outcome_is_signed_in_words_of_its_own() -> None:
    assert len({MEANINGS[one] for one in OUTCOMES}) == len(OUTCOMES) == len(MEANINGS)
