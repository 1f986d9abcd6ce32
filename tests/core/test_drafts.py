"""What a new text of a course would change, as pure values."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.canonical import canonical
from mesotrain.core.certificates import Certificate, Exam, Path
from mesotrain.core.clearance import Meaning, Procedure
from mesotrain.core.drafts import (
    ADDED,
    CHANGED,
    KEPT,
    KINDS,
    MOVED,
    RETIRED,
    Piece,
    Plan,
    pieces,
    plan,
    scheme_pieces,
)
from mesotrain.core.schemes import Document, Scheme, scheme_of
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
    live = [section("matters"), section("gone", "Nice."), section("still"), piece("question"), piece("reference")]
    text = [
        section("matters", "Wait 5 minutes."),
        section("still", place="more"),
        section("new", "Give 5 mL to whoever asks for it again."),
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


def once(*publications: list[Piece]) -> dict[tuple[str, str, str], int]:
    """What these publications, the first first, had."""
    found: dict[tuple[str, str, str], int] = {}
    for number, text in enumerate(publications, 1):
        for one in text:
            for said in ("", *one.says):
                found.setdefault((*one.key, said), number)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_going_back_to_words_once_live_is_in_conflict(kind: str) -> None:
    live, old = piece(kind, text="title: Newer."), piece(kind, text="title: Older.")
    before = once([old], [live])
    (name,) = conflicts(plan([live], [old], before))
    assert conflicts(plan([live], [old], before)) == {name: "older"}
    assert conflicts(plan([live], [piece(kind, text="title: Neither.")], before)) == {}
    assert conflicts(plan([live], [live], before)) == {}


def test_one_value_that_goes_back_is_seen_beside_another_that_is_new() -> None:
    old, live, mine = (
        Piece.of_model("module", "one", {"summary": summary, "quiz": {"pass_mark": mark, "minutes": 5}, "sections": []})
        for summary, mark in (("A.", "4/5"), ("A.", "9/10"), ("B.", "4/5"))
    )
    assert conflicts(plan([live], [mine], once([old], [live]))) == {"one": "older"}


def test_values_within_a_value_stand_on_lines_of_their_own_in_one_order() -> None:
    one, other = (Piece.of_model("module", "one", {"quiz": quiz}) for quiz in ({"b": 1, "a": 2}, {"a": 2, "b": 1}))
    assert one.text == other.text == "quiz a: 2\nquiz b: 1"


def test_the_order_of_parts_is_no_value_that_goes_back() -> None:
    old, live = (Piece.of_model("module", "one", {"sections": names}) for names in (["a"], ["a", "b"]))
    assert conflicts(plan([live], [old], once([old], [live]))) == {}


def test_a_part_that_goes_back_to_where_it_stood_is_in_conflict() -> None:
    old, live = section(), section(place="more")
    assert conflicts(plan([live], [old], once([old], [live]))) == {"basics#matters": "older"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_that_comes_back_after_it_was_retired_is_in_conflict(kind: str) -> None:
    gone, stays = piece(kind, text="a: 1"), section("still")
    for text in ("a: 1", "a: 2"):
        found = plan([stays], [stays, piece(kind, text=text)], once([gone, stays], [stays]))
        assert list(conflicts(found).values()) == ["retired"]


def test_a_part_that_is_newer_than_all_a_text_has_is_not_missing_on_purpose() -> None:
    first, second, third = section("first"), section("second"), piece("question", "third", text="Three.")
    history = once([first], [first, second], [first, second, third])
    live = [first, second, third]
    assert conflicts(plan(live, [first], history)) == {"basics#second": "newer", "third": "newer"}
    assert conflicts(plan(live, [first, third], history)) == {}, "whoever has the third knows of the second"
    assert conflicts(plan(live, [first, second], history)) == {"third": "newer"}
    assert conflicts(plan(live, [second, third], history)) == {}, "the first was always there"


def test_a_section_that_goes_is_classed_where_safety_rests_on_it() -> None:
    box = section("box", '!!! safety "Stop"\n    Give 0.5 mg. Never give more.')
    (change,) = plan([box], []).changes
    assert (change.what, change.wants) == (RETIRED, "safety")
    assert change.touches >= {"number", "unit", "must"}
    (change,) = plan([section(text="Never wait.")], []).changes
    assert (change.touches, change.wants) == ({"must"}, "safety")
    (change,) = plan([section(text="A title for the fair.")], []).changes
    assert (change.touches, change.wants) == (frozenset(), "")


DOSE = '!!! safety "Dose"\n    Give {} mg of adrenaline. Never give more.'


def test_a_section_that_comes_is_held_against_the_one_it_takes_the_place_of() -> None:
    live = [section("dose", DOSE.format("0.5")), section("other", "How a wheal looks, and why.")]
    comes, goes = plan(live, [section("adult-dose", DOSE.format("5")), live[1]]).changes
    assert (comes.what, comes.name, comes.before, comes.wants) == (ADDED, "basics#adult-dose", live[0], "safety")
    assert comes.touches == {"number"}
    assert (goes.what, goes.name, goes.wants) == (RETIRED, "basics#dose", "")
    comes, goes = plan(live, [section("adult-dose", DOSE.format("0.5")), live[1]]).changes
    assert (comes.touches, comes.wants, goes.wants) == (frozenset(), "editorial", "")


def test_a_section_that_comes_beside_one_that_is_unlike_it_is_new() -> None:
    live = [section("dose", DOSE.format("0.5"))]
    comes, goes = plan(
        live, [section("wheal", "How a papule is raised, and what its pallor shows to a learner.")]
    ).changes
    assert (comes.before, comes.wants) == (None, "")
    assert goes.wants == "safety"


def test_a_section_that_is_split_is_held_against_the_whole_twice() -> None:
    halves = "Give adults 0.5 mg into the thigh.", "Give children 0.15 mg into the arm."
    live = [section("dose", "\n\n".join(halves))]
    changes = plan(live, [section("adults", halves[0]), section("children", halves[1])]).changes
    assert [(one.what, one.wants) for one in changes] == [
        (ADDED, "substantive"), (ADDED, "substantive"), (RETIRED, "")
    ]  # fmt: skip


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
    assert conflicts(plan([LIVE], [MINE], once([MINE], [LIVE]), [THEIRS])) == {"basics#matters": "draft"}


def test_a_publication_records_each_section_by_its_class_and_what_became_of_the_rest() -> None:
    live = [section("first"), section("second"), section("moves"), section("goes", "Nice."), section("dose", "5 mL")]
    live += [piece("question", "gone")]
    text = [
        section("first", "Wait 5 minutes."),
        section("second", "Stay where you are."),
        section("moves", place="more"),
        section("comes", "Everything else there is to know of it."),
        section("doses", "6 mL"),
        piece("question", "comes"),
    ]
    assert plan(live, text).recorded({"basics#second": "editorial"}) == {
        "basics#first": "substantive",
        "basics#second": "editorial",
        "more#moves": "moved",
        "basics#comes": "new",
        "basics#goes": "retired",
        "basics#dose": "retired",
        "basics#doses": "new, substantive",
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


def test_every_part_of_a_scheme_is_a_piece_that_changes_by_itself() -> None:
    whole = Scheme(
        (Document("register", "Registration", 12, "Policy."),),
        (Procedure("face", "Papules of the face", ("ASP", "EMG"), ("register",), "Policy."),),
        {"in grace": Meaning("conditional", "only with a named supervisor on site", "Policy.")},
        (Certificate("card", "The card", 12, 2, 1, (), Path("", "", exams=(Exam("basics", 2),)), {}, "Policy."),),
    )
    course = replace(tiny_course(), scheme=whole)
    found = [one for one in pieces(course) if one not in pieces(tiny_course())]
    assert [(one.kind, one.name, one.title) for one in found] == [
        ("document", "register", "Registration"),
        ("procedure", "face", "Papules of the face"),
        ("status", "in grace", "in grace"),
        ("certificate", "card", "The card"),
    ]
    assert found[1].text == ("title: Papules of the face\ncompetencies: ASP; EMG\ndocuments: register\nreason: Policy.")
    assert scheme_pieces(scheme_of(json.loads(canonical(whole.model())))) == found
    longer = replace(whole, documents=(replace(whole.documents[0], months=24),))
    assert said(plan(pieces(course), pieces(replace(course, scheme=longer)))) == [(CHANGED, "document", "register")]
    assert [one.what for one in plan(pieces(course), pieces(tiny_course())).changes] == [RETIRED] * 4


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
