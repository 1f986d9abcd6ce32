"""What a new text of a course would change, as pure values."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.drafts import ADDED, CHANGED, KEPT, KINDS, MOVED, RETIRED, Piece, Plan, pieces, plan
from tests.world import tiny_course


def piece(kind: str, name: str = "one", text: str = "Wait here.", place: str = "basics") -> Piece:
    """A part whose version is its text."""
    return Piece(kind, name, place, text, "A title", text)


def section(name: str = "matters", text: str = "Wait here.", place: str = "basics") -> Piece:
    return piece("section", name, text, place)


def said(found: Plan) -> list[tuple[str, str, str]]:
    return [(one.what, one.piece.kind, one.name) for one in found.changes]


def conflicts(found: Plan) -> dict[str, str]:
    return {one.name: one.conflict for one in found.conflicts}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_part_is_added_changed_and_retired(kind: str) -> None:
    old, new = piece(kind), piece(kind, text="Stay where you are.")
    name = "basics#one" if kind == "section" else "one"
    assert said(plan([], [new])) == [(ADDED, kind, name)]
    assert said(plan([old], [new])) == [(CHANGED, kind, name)]
    assert said(plan([old], [])) == [(RETIRED, kind, name)]
    assert said(plan([old], [old])) == []
    (change,) = plan([old], [new]).changes
    assert (change.before, change.after) == (old, new)


def test_a_part_in_another_module_with_the_words_it_had_is_moved() -> None:
    found = plan([section()], [section(place="more")])
    assert said(found) == [(MOVED, "section", "more#matters")]
    assert (found.classed, found.conflicts) == ([], [])


def test_a_part_in_another_module_with_other_words_is_changed() -> None:
    found = plan([section()], [section(place="more", text="Stay where you are.")])
    assert said(found) == [(CHANGED, "section", "more#matters")]
    assert [one.wants for one in found.classed] == ["clarifying"]


def test_only_changed_sections_are_called_by_a_class() -> None:
    live = [section("matters"), section("gone"), section("still"), piece("question"), piece("reference")]
    text = [
        section("matters", "Wait 5 minutes."),
        section("still", place="more"),
        section("new"),
        piece("question", text="Give 5 mL."),
        piece("reference", text="Give 5 mL."),
    ]
    found = plan(live, text)
    assert [(one.name, one.wants) for one in found.classed] == [("basics#matters", "substantive")]
    assert {one.name: one.touches for one in found.changes if one.touches} == {
        "basics#matters": frozenset({"number", "unit"})
    }


def test_a_title_that_changes_is_a_change_of_words() -> None:
    old = section()
    (change,) = plan([old], [replace(old, version="other", title="What matters least")]).changes
    assert (change.what, change.touches, change.wants) == (CHANGED, {"must"}, "substantive")


def test_a_section_whose_words_stay_and_whose_version_does_not_shows_another_figure() -> None:
    old = section()
    (change,) = plan([old], [replace(old, version="with another figure")]).changes
    assert (change.touches, change.wants) == ({"figure"}, "substantive")


@pytest.mark.parametrize("name", ["matters.svg", "other.svg"])
def test_another_figure_is_seen_though_the_words_change_with_it(name: str) -> None:
    course = tiny_course()
    module = course.modules[0]
    text = module.sections[0].text.replace("matters.svg", name).replace("![A circle", "![The circle")
    other = replace(module.sections[0], text=text, media={f"media/{name}": "f" * 64})
    changed = replace(course, modules=(replace(module, sections=(other, module.sections[1])),))
    (change,) = plan(pieces(course), pieces(changed)).changes
    assert (change.touches, change.wants) == ({"figure"}, "substantive")


@pytest.mark.parametrize("kind", ["section", "question"])
def test_going_back_to_words_once_live_is_in_conflict(kind: str) -> None:
    live, old = piece(kind, text="Stay where you are."), piece(kind)
    once = {"Stay where you are.", "Wait here."}
    name = "basics#one" if kind == "section" else "one"
    assert conflicts(plan([live], [old], once)) == {name: "older"}
    assert conflicts(plan([live], [piece(kind, text="Neither.")], once)) == {}
    assert conflicts(plan([live], [live], once)) == {}
    assert conflicts(plan([], [old], once)) == {}


def test_what_has_no_history_cannot_go_back() -> None:
    for kind in set(KINDS) - {"section", "question"}:
        live, old = piece(kind, text="Stay where you are."), piece(kind)
        assert conflicts(plan([live], [old], {"Wait here."})) == {}


LIVE, MINE, THEIRS = section(text="Live."), section(text="Mine."), section(text="Theirs.")
DRAFTED = {
    "both change it, each otherwise": ([LIVE], [MINE], [THEIRS], CHANGED),
    "only they change it": ([LIVE], [LIVE], [THEIRS], KEPT),
    "they add it": ([], [], [THEIRS], KEPT),
    "both add it, each otherwise": ([], [MINE], [THEIRS], ADDED),
    "they retire it, I change it": ([LIVE], [MINE], [], CHANGED),
    "they retire it, I keep it": ([LIVE], [LIVE], [], KEPT),
    "they change it, I retire it": ([LIVE], [], [THEIRS], RETIRED),
    "they move it, I keep it": ([LIVE], [LIVE], [replace(LIVE, place="more")], KEPT),
}
AGREED = {
    "both say the same": ([LIVE], [MINE], [MINE]),
    "only I change it": ([LIVE], [MINE], [LIVE]),
    "only I add it": ([], [MINE], []),
    "only I retire it": ([LIVE], [], [LIVE]),
    "both retire it": ([LIVE], [], []),
    "both move it": ([LIVE], [replace(LIVE, place="more")], [replace(LIVE, place="more")]),
    "only I move it": ([LIVE], [replace(LIVE, place="more")], [LIVE]),
    "nobody touches it": ([LIVE], [LIVE], [LIVE]),
}


@pytest.mark.parametrize("case", DRAFTED)
def test_where_somebody_elses_draft_says_otherwise_there_is_a_conflict(case: str) -> None:
    live, mine, theirs, what = DRAFTED[case]
    found = plan(live, mine, other=theirs)
    assert [one.conflict for one in found.changes] == ["draft"]
    assert what is None or [one.what for one in found.changes] == [what]


@pytest.mark.parametrize("case", AGREED)
def test_where_somebody_elses_draft_loses_nothing_there_is_none(case: str) -> None:
    live, mine, theirs = AGREED[case]
    assert conflicts(plan(live, mine, other=theirs)) == {}


def test_a_draft_that_is_in_the_way_is_told_before_words_that_are_old() -> None:
    assert conflicts(plan([LIVE], [MINE], {"Mine."}, [THEIRS])) == {"basics#matters": "draft"}


def test_a_publication_records_each_section_by_its_class_and_what_became_of_the_rest() -> None:
    live = [section("first"), section("second"), section("moves"), section("goes"), piece("question", "gone")]
    text = [
        section("first", "Wait 5 minutes."),
        section("second", "Stay where you are."),
        section("moves", place="more"),
        section("comes"),
        piece("question", "comes"),
    ]
    assert plan(live, text).recorded({"basics#second": "editorial"}) == {
        "basics#first": "substantive",
        "basics#second": "editorial",
        "more#moves": "moved",
        "basics#comes": "new",
        "basics#goes": "retired",
        "question comes": "new",
        "question gone": "retired",
    }


def test_a_plan_lists_kind_by_kind_in_the_order_of_the_text_and_then_what_goes() -> None:
    live = [piece(kind, "goes") for kind in KINDS]
    text = [piece(kind, name) for kind in reversed(KINDS) for name in ("z", "a")]
    found = [(one.piece.kind, one.piece.name) for one in plan(live, text).changes]
    assert found == [(kind, name) for kind in KINDS for name in ("z", "a", "goes")]


def test_every_part_of_a_text_is_a_piece_once() -> None:
    found = pieces(tiny_course())
    assert [one.kind for one in found] == (
        ["course", "competency", "reference", "module"] + ["section"] * 2 + ["question"] * 5
    )
    assert len({(one.kind, one.name) for one in found}) == len(found)
    assert said(plan(found, pieces(tiny_course()))) == []


def test_what_a_reader_meets_in_another_order_is_a_change() -> None:
    course = tiny_course()
    turned = replace(course.modules[0], sections=course.modules[0].sections[::-1])
    assert turned.version != course.modules[0].version
    found = plan(pieces(course), pieces(replace(course, modules=(turned,))))
    assert [one.what for one in found.changes] == [CHANGED]


TEXTS = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.sampled_from("xyz"), st.sampled_from("mn")), max_size=4)


def text_of(values: dict[str, tuple[str, str]]) -> list[Piece]:
    return [section(name, words, place) for name, (words, place) in values.items()]


@given(TEXTS, TEXTS)
def test_a_plan_names_just_what_differs(live: dict[str, tuple[str, str]], text: dict[str, tuple[str, str]]) -> None:
    expected = {
        name: ADDED
        if name not in live
        else RETIRED
        if name not in text
        else MOVED
        if live[name][0] == text[name][0]
        else CHANGED
        for name in {*live, *text}
        if live.get(name) != text.get(name)
    }
    assert {one.piece.name: one.what for one in plan(text_of(live), text_of(text)).changes} == expected


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_of_anothers_draft_is_lost_without_a_conflict(
    live: dict[str, tuple[str, str]], mine: dict[str, tuple[str, str]], theirs: dict[str, tuple[str, str]]
) -> None:
    found = {one.piece.name for one in plan(text_of(live), text_of(mine), other=text_of(theirs)).conflicts}
    none = ("", "")
    lost = {
        name
        for name in "abcd"
        if any(
            drafted not in both
            for drafted, *both in zip(*(text.get(name, none) for text in (theirs, live, mine)), strict=True)
        )
    }
    assert lost <= found <= {name for name in "abcd" if theirs.get(name) != live.get(name)}
