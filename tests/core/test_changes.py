"""What a change of text touches, held against pairs that somebody labelled who had not seen the rule."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mesotrain.core.changes import TOUCHES, lowered, proposed, touched
from mesotrain.core.courses import CHANGE_CLASSES

PAIRS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "changes.yaml").read_text())
MOST_MISSED, MOST_IN_VAIN = 0, 17


def test_what_touches_safety_is_seen_and_rarely_more(capsys: pytest.CaptureFixture[str]) -> None:
    missed = [one for one in PAIRS if one["touches"] and not touched(one["before"], one["after"])]
    in_vain = [one for one in PAIRS if not one["touches"] and touched(one["before"], one["after"])]
    touching = sum(bool(one["touches"]) for one in PAIRS)
    with capsys.disabled():
        print(  # noqa: T201 (a figure)
            f"\nfigure changes pairs={len(PAIRS)} touching={touching} missed={len(missed)} in-vain={len(in_vain)}"
        )
    assert len(PAIRS) >= 180
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


SLIPPED = [
    (
        "| Adult | 500 micrograms |\n| Child | 150 micrograms |",
        "| Adult | 150 micrograms |\n| Child | 500 micrograms |",
    ),
    ("Lidocaine plain: 4.5 mg/kg. With adrenaline: 7 mg/kg.", "Lidocaine plain: 7 mg/kg. With adrenaline: 4.5 mg/kg."),
    ("Do not massage. Warm the area.", "Do massage. Do not warm the area."),
    ("Never massage the ear; warm the nose.", "Massage the ear; never warm the nose."),
    ("You must wash. You may wear gloves.", "You may wash. You must wear gloves."),
    ("Adults: 0.5 mL. Children: 0.3 mL.", "Adults: 0.3 mL. Children: 0.5 mL."),
    ("Call for help, then inject.", "Inject, then call for help."),
    ("Give .5 mg.", "Give .05 mg."),
    ("0·5 mg", "0·05 mg"),
    ("½ mL", "¼ mL"),
    ("Store at -5 °C.", "Store at 5 °C."),
    ("at 5 MPa", "at 5 mPa"),
    ("5 µmol", "5 nmol"),
    ("an i.m. injection", "an i.v. injection"),
    ("the left arm", "the right arm"),
    ("It is essential.", "It is optional."),
    ("Discard the vial.", "Reuse the vial."),
    ("a high dose", "a low dose"),
    ("Use propofol.", "Use amikacin."),
]
"""What somebody slipped past an earlier rule: values and orders that changed places, odd spellings, opposites."""


@pytest.mark.parametrize(("before", "after"), SLIPPED)
def test_what_slipped_through_once_is_seen(before: str, after: str) -> None:
    assert touched(before, after)
    assert touched(after, before)


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("1. Call.\n2. Inject.", "1. Inject.\n2. Call.", {"order"}),
        ("Call for help, then inject.", "Inject, then call for help.", {"order"}),
        ("Use lidocaine for pain, saline for dust.", "Use lidocaine for dust, saline for pain.", {"drug"}),
        ("Adults get 0.5 mg and others 0.3 mg.", "Others get 0.5 mg and adults 0.3 mg.", {"must", "number"}),
        ("Boys get 0.5 mg and girls 0.3 mg.", "Girls get 0.5 mg and boys 0.3 mg.", {"number"}),
        ("Do not massage, warm it.", "Massage, do not warm it.", {"must"}),
        ("It is suitable.", "It is unsuitable.", {"must"}),
        ("You must not wait 5 minutes.", "You do not wait 6 minutes.", {"must", "number"}),
        ("| a | b |\n|---|---|\n| Pale | faint |", "| a | b |\n|---|---|\n| Pale | 5 mL |", {"number", "unit"}),
    ],
)
def test_what_is_touched_is_called_by_its_kind(before: str, after: str, kinds: set[str]) -> None:
    assert touched(before, after) == kinds
    assert kinds <= TOUCHES.keys()


def test_columns_and_rows_of_a_table_may_change_places_with_what_they_hold() -> None:
    before = "| Drug | Adult | Child |\n|---|---|---|\n| Adrenaline | 0.5 mg | 0.15 mg |\n| Saline | 5 mL | 1 mL |"
    columns = "| Drug | Child | Adult |\n|---|---|---|\n| Adrenaline | 0.15 mg | 0.5 mg |\n| Saline | 1 mL | 5 mL |"
    rows = "| Drug | Adult | Child |\n|---|---|---|\n| Saline | 5 mL | 1 mL |\n| Adrenaline | 0.5 mg | 0.15 mg |"
    assert touched(before, columns) == touched(before, rows) == frozenset()


BOX = '!!! safety "Stop"\n    Give {} mL at once.\n'

PROPOSED = [
    ("Wait here.", "Wait  here!", "editorial"),
    ("Wait here [I01].", "Wait here [I02].", "editorial"),
    ("Wait here.", "Stay where you are.", "clarifying"),
    ("Do not rinse it.", "Don't rinse it.", "clarifying"),
    ("Do not rinse it.", "Never rinse it.", "substantive"),
    ("Give 5 mL.", "Give 50 mL.", "substantive"),
    ("Give 5 mL.\n\n" + BOX.format(5), "Give 6 mL.\n\n" + BOX.format(5), "substantive"),
    (BOX.format(5), BOX.format(50), "safety"),
    (BOX.format(5), "Give 5 mL at once.", "safety"),
    ("1. Call.\n2. Inject.", "1. Inject.\n2. Call.", "substantive"),
    ("- Call.\n- Inject.", "- Inject.\n- Call.", "substantive"),
    ("- A rash.\n- A bruise.", "- A bruise.\n- A rash.", "clarifying"),
]


@pytest.mark.parametrize(("before", "after", "wanted"), PROPOSED)
def test_the_class_a_change_asks_for(before: str, after: str, wanted: str) -> None:
    touches = touched(before, after)
    assert proposed(before, after, touches) == wanted
    for chosen in CHANGE_CLASSES:
        less = CHANGE_CLASSES.index(chosen) < CHANGE_CLASSES.index(wanted)
        assert lowered(chosen, wanted, touches) == (less and wanted in ("substantive", "safety"))
