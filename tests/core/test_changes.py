"""What a change of text touches, held against pairs that somebody labelled who had not seen the rule."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mesotrain.core.changes import lowered, proposed, touched
from mesotrain.core.courses import CHANGE_CLASSES

PAIRS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "changes.yaml").read_text())
MOST_MISSED, MOST_IN_VAIN = 0, 14


def test_what_touches_safety_is_seen_and_rarely_more(capsys: pytest.CaptureFixture[str]) -> None:
    missed = [one for one in PAIRS if one["touches"] and not touched(one["before"], one["after"])]
    in_vain = [one for one in PAIRS if not one["touches"] and touched(one["before"], one["after"])]
    touching = sum(bool(one["touches"]) for one in PAIRS)
    with capsys.disabled():
        print(  # noqa: T201 (a figure)
            f"\nfigure changes pairs={len(PAIRS)} touching={touching} missed={len(missed)} in-vain={len(in_vain)}"
        )
    assert len(PAIRS) >= 100
    assert len(missed) <= MOST_MISSED, missed
    assert len(in_vain) <= MOST_IN_VAIN, in_vain


@pytest.mark.parametrize("turned", [False, True], ids=["as written", "the other way round"])
def test_a_change_and_its_undoing_touch_the_same(turned: bool) -> None:
    for one in PAIRS:
        texts = (one["after"], one["before"]) if turned else (one["before"], one["after"])
        assert touched(*texts) == touched(*reversed(texts)), one


def test_what_is_the_same_touches_nothing() -> None:
    for one in PAIRS:
        assert touched(one["before"], one["before"]) == frozenset()


BOX = '!!! safety "Stop"\n    Give {} mL at once.\n'

PROPOSED = [
    ("Wait here.", "Wait  here!", "editorial"),
    ("Wait here [I01].", "Wait here [I02].", "editorial"),
    ("Wait here.", "Stay where you are.", "clarifying"),
    ("Do not rinse it.", "Never rinse it.", "clarifying"),
    ("Give 5 mL.", "Give 50 mL.", "substantive"),
    ("Give 5 mL.\n\n" + BOX.format(5), "Give 6 mL.\n\n" + BOX.format(5), "substantive"),
    (BOX.format(5), BOX.format(50), "safety"),
    (BOX.format(5), "Give 5 mL at once.", "safety"),
    ("1. Call.\n2. Inject.", "1. Inject.\n2. Call.", "substantive"),
    ("- Call.\n- Inject.", "- Inject.\n- Call.", "clarifying"),
]


@pytest.mark.parametrize(("before", "after", "wanted"), PROPOSED)
def test_the_class_a_change_asks_for(before: str, after: str, wanted: str) -> None:
    touches = touched(before, after)
    assert proposed(before, after, touches) == wanted
    for chosen in CHANGE_CLASSES:
        less = CHANGE_CLASSES.index(chosen) < CHANGE_CLASSES.index(wanted)
        assert lowered(chosen, wanted, touches) == (less and wanted in ("substantive", "safety"))
