"""A place on a picture: what a point counts as, exactly."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.grading import mark
from mesotrain.core.questions import question
from mesotrain.core.questions.hotspot import holds, shape

SQUARE = [["20", "20"], ["60", "20"], ["60", "60"], ["20", "60"]]
ZONES = [
    {"name": "vessel", "points": [["30", "30"]], "radius": "5", "counts": "unsafe"},
    {"name": "muscle", "points": SQUARE, "counts": "right"},
    {"name": "bone", "points": [["90", "80"], ["100", "80"], ["100", "100"]], "counts": "wrong"},
]


def picture(
    zones: Any = ZONES, grid: tuple[int, int] = (5, 5), stem: str = "Mark it.", box: str = "0 0 100 100", **more: Any
) -> Any:
    taker = {"type": "hotspot", "stem": stem, "picture": {"stem": "![a](media/a.svg)"}, "box": box.split()}
    rule, marks = ({name: more[name]} if name in more else {} for name in ("rule", "marks"))
    return question({**taker, "grid": list(grid), **marks}, {"zones": zones, "reasons": {}, "reason": "", **rule})


CASE = picture()


def earned(**fields: str) -> tuple[Fraction, str, str | None]:
    reading = CASE.read({name: [value] for name, value in fields.items()})
    zone = CASE.hit(reading)
    return CASE.mark(reading), mark(CASE, reading, Fraction(1)).verdict, zone and zone["name"]


@pytest.mark.parametrize(
    ("fields", "credit", "verdict", "zone"),
    [
        ({"x": "50", "y": "50"}, 1, "right", "muscle"),
        ({"x": "20", "y": "40"}, 1, "right", "muscle"),
        ({"x": "60", "y": "60"}, 1, "right", "muscle"),
        ({"x": "60.000001", "y": "60"}, 0, "wrong", None),
        ({"x": "30", "y": "30"}, 0, "unsafe", "vessel"),
        ({"x": "35", "y": "30"}, 0, "unsafe", "vessel"),
        ({"x": "35.000001", "y": "30"}, 1, "right", "muscle"),
        ({"x": "99", "y": "81"}, 0, "wrong", "bone"),
        ({"x": "0", "y": "100"}, 0, "wrong", None),
        ({"x": "100", "y": "0"}, 0, "wrong", None),
        ({"cell": "C3"}, 1, "right", "muscle"),
        ({"cell": "B2"}, 1, "right", "muscle"),
        ({"cell": "E5"}, 0, "wrong", "bone"),
        ({"cell": "A1"}, 0, "wrong", None),
        ({"cell": "A1", "x": "50", "y": "50"}, 0, "wrong", None),
        ({"x": " 50 ", "y": "50"}, 1, "right", "muscle"),
        ({}, 0, "unanswered", None),
        ({"x": "", "y": " ", "cell": ""}, 0, "unanswered", None),
        ({"x": "50"}, 0, "unreadable", None),
        ({"x": "50", "y": "100.1"}, 0, "unreadable", None),
        ({"x": "-1", "y": "50"}, 0, "unreadable", None),
        ({"x": "5e1", "y": "50"}, 0, "unreadable", None),
        ({"x": "\u0665", "y": "50"}, 0, "unreadable", None),
        ({"cell": "F1"}, 0, "unreadable", None),
        ({"cell": "a1", "x": "50", "y": "50"}, 0, "unreadable", None),
    ],
)
def test_the_first_zone_that_holds_the_point_counts(
    fields: dict[str, str], credit: int, verdict: str, zone: str | None
) -> None:
    assert earned(**fields) == (credit, verdict, zone)


def test_cells_are_named_from_the_left_and_from_the_top() -> None:
    case = picture(grid=(3, 2), box="-10 20 30 40")
    assert list(case.cells) == ["A1", "B1", "C1", "A2", "B2", "C2"]
    assert case.cells["A1"] == (-10, 20, 10, 20)
    assert case.cells["C2"] == (10, 40, 10, 20)
    assert case.place(case.read({"cell": ["C2"]})) == case.cells["C2"]
    assert case.place(case.read({"x": ["20"], "y": ["60"]})) == (20, 60)
    assert case.read({"x": ["20"], "y": ["60.5"]}).problem == "Mark one place on the picture."
    assert picture(grid=(7, 7)).cells["B1"][0] == Fraction(100, 7), "never rounded"


def stripe(name: str, wide: str, counts: str, left: str = "0") -> dict[str, Any]:
    """A zone as high as the picture."""
    right = str(Fraction(left) + Fraction(wide))
    return {"name": name, "points": [[left, "0"], [right, "0"], [right, "100"], [left, "100"]], "counts": counts}


@pytest.mark.parametrize(
    ("zones", "counts"),
    [
        ([stripe("a", "2", "right")], None),
        ([stripe("a", "2.49", "right")], None),
        ([stripe("a", "2.5", "right")], "a"),
        ([stripe("a", "20", "wrong"), stripe("b", "50", "right")], "b"),
        ([stripe("a", "25", "wrong"), stripe("b", "50", "right")], "a"),
        ([stripe("a", "10", "wrong"), stripe("b", "13", "unsafe", "10"), stripe("c", "8", "right", "23")], "b"),
        ([], None),
    ],
)
def test_a_cell_counts_as_the_zone_of_most_of_its_points(zones: Any, counts: str | None) -> None:
    """The cell is 50 wide; its columns of points stand at 2.5, 7.5 and so on, ten points in each."""
    case = picture(zones, (2, 2))
    hit = case.hit(case.read({"cell": ["A1"]}))
    assert (hit and hit["name"]) == counts


@pytest.mark.parametrize(
    ("centre", "cells"),
    [(["45", "20"], {"A1", "B1"}), (["20", "45"], {"A1", "A2"}), (["55", "70"], {"A2", "B2"})],
)
def test_a_circle_counts_in_each_cell_it_reaches_into(centre: list[str], cells: set[str]) -> None:
    case = picture([{"name": "round", "points": [centre], "radius": "16", "counts": "right"}], (2, 2))
    assert {cell for cell in case.cells if case.mark(case.read({"cell": [cell]}))} == cells
    x, y = map(int, centre)
    for across, down, held in ((0, 16, 1), (16, 0, 1), (0, -16, 1), (-16, 0, 1), (12, 11, 0), (-11, 12, 0)):
        assert case.mark(case.read({"x": [str(x + across)], "y": [str(y + down)]})) == held


def test_a_cell_is_unsafe_where_most_of_it_is() -> None:
    case = picture(grid=(20, 20))
    assert case.unsafe(case.read({"cell": ["F6"]}))
    assert not case.unsafe(case.read({"cell": ["E6"]}))


@given(st.sampled_from(["A1", "B2", "C3", "D2", "E5", "G4"]), st.integers(2, 9), st.integers(2, 9))
def test_a_cell_counts_as_its_points_do_one_by_one(cell: str, columns: int, rows: int) -> None:
    case = picture(grid=(columns, rows))
    if cell not in case.cells:
        return
    left, top, wide, high = case.cells[cell]
    names = []
    for across in range(10):
        for down in range(10):
            x, y = left + wide * Fraction(2 * across + 1, 20), top + high * Fraction(2 * down + 1, 20)
            names += [zone["name"] for zone in ZONES if holds(shape(zone), x, y)][:1]
    most = max(ZONES, key=lambda zone: names.count(zone["name"]))["name"]
    hit = case.hit(case.read({"cell": [cell]}))
    assert (hit and hit["name"]) == (most if names.count(most) >= 10 else None)


HOOK = [["0", "0"], ["9", "0"], ["9", "9"], ["6", "9"], ["6", "3"], ["3", "3"], ["3", "9"], ["0", "9"]]
FIGURES = {"square": SQUARE, "hook": HOOK, "bow": [["0", "0"], ["8", "8"], ["8", "0"], ["0", "8"]]}


def crossings(points: list[list[str]], x: Fraction, y: Fraction) -> int:
    """How often a level ray to the right meets the outline: another way to the same answer."""
    corners = [(Fraction(a), Fraction(b)) for a, b in points]
    found = 0
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        low, high = sorted((ay, by))
        if low <= y < high:
            found += ax + (y - ay) * (bx - ax) / (by - ay) > x
    return found


@given(st.sampled_from(sorted(FIGURES)), st.integers(-10, 700), st.integers(-10, 700))
def test_inside_is_what_a_ray_says(name: str, x: int, y: int) -> None:
    at, down = Fraction(x, 10) + Fraction(1, 97), Fraction(y, 10) + Fraction(1, 89)  # never on an edge
    zone = {"points": FIGURES[name]}
    assert holds(shape(zone), at, down) == bool(crossings(FIGURES[name], at, down) % 2)


@pytest.mark.parametrize("name", FIGURES)
def test_every_corner_and_the_middle_of_every_edge_belong_to_a_zone(name: str) -> None:
    points = [(Fraction(a), Fraction(b)) for a, b in FIGURES[name]]
    middles = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(points, [*points[1:], points[0]], strict=True)]
    assert all(holds(shape({"points": FIGURES[name]}), *point) for point in (*points, *middles))


NEAR = [{**ZONES[1], "credit": "1"}, {**ZONES[2], "counts": "right", "credit": "1/2"}, stripe("left", "9", "wrong")]


def test_a_zone_may_have_a_credit_of_its_own() -> None:
    case = picture([*NEAR[:2], {**NEAR[2], "credit": "-1/4"}])
    assert [case.mark(case.read({"cell": [cell]})) for cell in ("B3", "E5", "A5", "C5")] == [
        1,
        Fraction(1, 2),
        Fraction(-1, 4),
        0,
    ]


def test_an_old_question_is_the_same_version() -> None:
    assert "marks" not in CASE.taker
    assert CASE.most == 1


FOUR = [
    {**stripe("one", "20", "right"), "place": "1"},
    {**stripe("other", "20", "right", "20"), "place": "1"},
    stripe("two", "20", "right", "40"),
    stripe("nerve", "20", "unsafe", "60"),
]
"""A is the one place and B as well, C the other, D unsafe, E nowhere."""
CREDITS = [
    {**stripe("a", "20", "right"), "credit": "2/3"},
    {**stripe("b", "20", "right", "20"), "credit": "1/3"},
    {**stripe("c", "20", "wrong", "40"), "credit": "-1/2"},
    stripe("d", "20", "unsafe", "60"),
]


@pytest.mark.parametrize(
    ("zones", "rule", "earned"),
    [
        (
            FOUR, {},
            {"AC": 1, "BC": 1, "CA": 1, "A": 0, "C": 0, "ABC": 0, "ACE": 0, "AAC": 1, "ACD": 0, "E": 0, "": 0},
        ),
        (
            FOUR, {"rule": "partial"},
            {"AC": 1, "A": "1/2", "B": "1/2", "AB": 0, "ABC": "1/2", "ACE": "1/2", "ACEE": 0, "E": 0, "EEE": 0,
             "AAC": 1, "ACD": 0, "": 0},
        ),
        (
            CREDITS, {},
            {"AB": 1, "A": "2/3", "B": "1/3", "AA": "2/3", "AC": "1/6", "BC": 0, "C": 0, "ABE": 1, "ABD": 0, "E": 0},
        ),
    ],
)  # fmt: skip
def test_several_places_are_marked_as_tick_boxes_are(zones: Any, rule: Any, earned: dict[str, Any]) -> None:
    case = picture(zones, marks=4, **rule)
    assert case.problems() == []
    for cells, credit in earned.items():
        fields = {f"{at}.cell": [f"{letter}1"] for at, letter in enumerate(cells, 1)}
        reading = case.read(fields)
        assert case.mark(reading) == Fraction(credit), cells
        assert case.unsafe(reading) == ("D" in cells)
        points = {}
        for at, letter in enumerate(cells, 1):
            points |= {f"{at}.x": [str(10 + 20 * "ABCDE".index(letter))], f"{at}.y": ["9.5"]}
        assert case.mark(case.read(points)) == Fraction(credit), cells


def test_credits_that_are_too_many_earn_no_more_than_all() -> None:
    case = picture(NEAR, marks=2)
    assert case.problems() != []
    assert case.earned(NEAR) == 1


def test_a_mark_alone_is_the_first() -> None:
    reading = CASE.read({"cell": ["A1"]})
    assert CASE.marked(reading) == {"1": reading}
    assert CASE.marked(CASE.read({})) == {}


def test_a_mark_that_cannot_be_read_is_said_and_the_others_count() -> None:
    case = picture(FOUR, marks=3)
    reading = case.read({"1.cell": ["A1"], "2.x": ["9"], "3.cell": ["C2"], "4.cell": ["D1"]})
    assert reading.problem == "Mark one place on the picture."
    assert [zone and zone["name"] for zone in case.hits(reading)] == ["one", "two"]
    assert mark(case, reading, Fraction(1)).verdict == "right"
    assert mark(case, case.read({"2.x": ["9"]}), Fraction(1)).verdict == "unreadable"
    assert case.read({"cell": ["A1"], "x": ["1"], "y": ["1"], "0.cell": ["A1"]}).unanswered


UNSOUND = [
    (picture(NEAR[1:]), "no zone is right."),
    (picture(NEAR, marks=2), "the credits above 0 make 3/2 of a full answer, not all of it; a third is written 1/3."),
    (picture([{**ZONES[1], "counts": "wrong"}], marks=2), "no zone is right."),
    (picture([*FOUR, stripe("three", "9", "right", "91")], marks=2), "3 places are right, and 2 can be marked."),
    (picture([*FOUR[2:], {**stripe("thin", "0.5", "right"), "place": "1"}], marks=2),
     "no cell of the grid counts as place 1; make the grid finer, or a zone larger."),
    (picture([*FOUR[2:], stripe("thin", "0.5", "right")], marks=2),
     "no cell of the grid counts as thin; make the grid finer, or a zone larger."),
    (picture([*NEAR, {**ZONES[0], "counts": "right", "credit": "2"}]), "a zone's credit lies between -100% and 100%."),
    (picture(stem=" "), "the question has no stem; write above the picture what is to be marked."),
    (picture(ZONES[2:]), "no zone is right."),
    (picture([]), "no zone is right."),
    (picture([{**ZONES[0], "counts": "right", "radius": "1", "points": [["40", "40"]]}]),
     "no cell of the grid counts as a right zone; make the grid finer, or a zone larger."),
    (picture([{**ZONES[1], "points": [["0", "0"], ["100", "0"], ["100", "100"], ["0", "100"]]}]),
     "every cell of the grid counts as right; make the grid finer, or a zone smaller."),
]  # fmt: skip


@pytest.mark.parametrize(("case", "words"), UNSOUND)
def test_what_an_author_got_wrong_is_said(case: Any, words: str) -> None:
    assert case.problems() == [words]


EXAMPLES = [
    *(CASE, picture(grid=(2, 2)), picture(grid=(26, 20))),
    *(picture(FOUR, marks=2), picture(FOUR, marks=4, rule="partial"), picture(CREDITS, marks=2), picture(NEAR)),
]


@pytest.mark.parametrize("case", EXAMPLES)
def test_the_examples_earn_what_they_say(case: Any) -> None:
    assert case.problems() == []
    assert {credit for _, credit in case.examples()} >= {0, 1}
    for fields, credit in case.examples():
        assert case.mark(case.read(fields)) == credit, fields


SENT = st.dictionaries(
    st.sampled_from(["x", "y", "cell", "choice", "1.x", "1.y", "1.cell", "2.cell", "4.x", "5.cell"]),
    st.lists(st.text(max_size=9) | st.sampled_from(["50", "C3"])),
)


@given(SENT, st.sampled_from(EXAMPLES))
def test_whatever_a_browser_sends_is_read_and_marked(fields: dict[str, list[str]], case: Any) -> None:
    reading = case.read(fields)
    assert mark(case, reading, Fraction(1)).verdict
    assert 0 <= case.mark(reading) <= 1
    assert question(case.taker).read(fields) == reading


def test_a_zone_knows_which_stand_for_its_place() -> None:
    several = picture(FOUR, marks=3)
    assert [several.instead(zone) for zone in several.zones] == [[2], [1], [], []]
