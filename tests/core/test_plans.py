"""The paper an exam plan draws: each cell filled exactly, what is new first, and nothing but the seed decides."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core.assessments import Rules, advice
from mesotrain.core.courses import LEVELS
from mesotrain.core.plans import (
    MINUTES,
    UNSAID,
    Cell,
    Pool,
    Sort,
    again,
    masters,
    minutes,
    paper,
    safety_of,
    single,
    thin,
    within,
)

CODES = ("ASP", "EMG", "CON")
PLACES = [(code, level) for code in CODES for level in LEVELS]
seeds = st.text("0123456789abcdef", min_size=1, max_size=8)


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[Cell], Pool]:
    """A plan, and a pool with at least as many questions as it draws, mixed as they come."""
    chosen = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5, unique=True))
    plan = [Cell(*place, draw(st.integers(1, 4))) for place in chosen]
    places = [(code, level) for code, level, many, *_ in plan for _ in range(many + draw(st.integers(0, 5)))]
    places += draw(st.lists(st.sampled_from([*PLACES, ("ASP", "")]), max_size=6))
    mixed = draw(st.permutations(places))
    return plan, {f"q{number}": Sort(*place) for number, place in enumerate(mixed)}


@given(pools(), seeds, st.booleans(), st.data())
def test_every_cell_is_filled_exactly_and_what_is_new_comes_first(
    made: tuple[list[Cell], Pool], seed: str, shuffle: bool, data: st.DataObject
) -> None:
    plan, pool = made
    seen = data.draw(st.sets(st.sampled_from(sorted(pool))))
    found = paper(seed, plan, pool, seen, shuffle=shuffle)
    assert len(set(found)) == len(found) == sum(cell.draws for cell in plan)
    for cell in plan:
        names = within(cell, pool)
        drawn = [name for name in found if name in names]
        assert len(drawn) == cell.draws
        new = [name for name in names if name not in seen]
        assert sum(name in new for name in drawn) == min(cell.draws, len(new))
    assert paper(seed, plan, dict(reversed(pool.items())), seen) == paper(seed, plan, pool, seen)


@given(pools(), seeds)
def test_in_the_order_of_the_plan_a_paper_has_the_same_questions_cell_by_cell(
    made: tuple[list[Cell], Pool], seed: str
) -> None:
    plan, pool = made
    found = paper(seed, plan, pool, shuffle=False)
    assert set(found) == set(paper(seed, plan, pool))
    places = list(pool)
    order = [next(at for at, cell in enumerate(plan) if cell.holds(pool[name])) for name in found]
    stand = list(zip(order, map(places.index, found), strict=True))
    assert stand == sorted(stand)


def far(counts: Counter[object], kinds: int, tries: int) -> float:
    """Chi-squared of counts that should be equal."""
    expected = tries / kinds
    return sum((many - expected) ** 2 / expected for many in counts.values()) + (kinds - len(counts)) * expected


TRIES = 6000


def papers(plan: Sequence[Cell], pool: Pool, seen: Sequence[str] = ()) -> list[list[str]]:
    return [paper(f"seed {number}", plan, pool, seen) for number in range(TRIES)]


def test_each_set_a_cell_can_draw_is_equally_likely_and_so_is_each_order() -> None:
    """The bounds are those of chi-squared at one in 100,000, so a fair draw passes for good: the seeds are fixed."""
    plan = [Cell("ASP", "apply", 2), Cell("EMG", "judge", 1)]
    pool = {f"a{n}": Sort("ASP", "apply") for n in range(5)} | {f"e{n}": Sort("EMG", "judge") for n in range(3)}
    found = papers(plan, pool)
    sets = Counter(frozenset(name for name in one if name[0] == "a") for one in found)
    assert set(sets) == set(map(frozenset, combinations([f"a{n}" for n in range(5)], 2)))
    assert far(Counter(sets), 10, TRIES) < 40.6  # 9 degrees of freedom
    assert far(Counter(next(name for name in one if name[0] == "e") for one in found), 3, TRIES) < 23.1  # 2
    places = Counter(next(at for at, name in enumerate(one) if name[0] == "e") for one in found)
    assert far(Counter(places), 3, TRIES) < 23.1
    new = Counter(frozenset(name for name in one if name[0] == "a") for one in papers(plan, pool, ["a0", "a1"]))
    assert far(Counter(new), 3, TRIES) < 23.1


def test_a_plan_of_no_names_draws_of_everything() -> None:
    pool = {"a": Sort("ASP", "apply"), "b": Sort("EMG", ""), "c": Sort("CON", "judge")}
    assert sorted(paper("1", [Cell("", "", 3)], pool)) == ["a", "b", "c"]
    assert paper("1", [Cell("", "", 9)], pool, shuffle=False) == ["a", "b", "c"]


def test_a_thin_cell_is_named_with_what_is_there() -> None:
    plan = [Cell("ASP", "apply", 2), Cell("EMG", "judge", 1)]
    pool = {f"a{n}": Sort("ASP", "apply") for n in range(5)} | {"e": Sort("EMG", "judge")}
    assert thin(plan, pool) == []
    assert thin(plan, pool, 2) == [(plan[1], 1)]
    assert thin(plan, pool, 3) == [(plan[0], 5), (plan[1], 1)]
    assert thin(plan, {}) == [(plan[0], 0), (plan[1], 0)]


def test_a_length_is_that_of_its_levels_rounded_up() -> None:
    assert set(MINUTES) == set(LEVELS)
    assert minutes([Cell("ASP", "recall", 2), Cell("ASP", "apply", 1), Cell("EMG", "judge", 3)]) == 10
    assert minutes([Cell("", "", 4)]) == 4 * UNSAID
    assert minutes([]) == 0


@pytest.mark.parametrize(
    ("minutes_there", "attempts", "practice", "codes"),
    [
        (30, 0, False, ["thin-plan", "length"]),
        (30, 3, False, ["thin-plan", "thin-plan", "length"]),
        (30, 0, True, ["length"]),
        (4, 1, False, ["short-time"]),
    ],
)
def test_an_author_is_told_what_is_no_fault(
    minutes_there: int, attempts: int, practice: bool, codes: list[str]
) -> None:
    plan = (Cell("ASP", "apply", 2), Cell("EMG", "judge", 1))
    pool = {f"a{n}": Sort("ASP", "apply") for n in range(5)} | {"e": Sort("EMG", "judge")}
    rules = Rules(3, Fraction(4, 5), minutes_there, "never", attempts=attempts, plan=plan, practice=practice)
    told = list(advice(rules, pool))
    assert [code for code, _ in told] == codes
    assert all("about 5 " in said for code, said in told if code in ("length", "short-time"))
    assert all("1 for recall, 1.5 for apply, 2 for judge" in said for code, said in told if code != "thin-plan")


SAFE = [Cell("EMG", "judge", 1, section="One"), Cell("", "", 2, "stop", "One"), Cell("ASP", "apply", 1, section="Two")]


def cluster(many: int) -> Pool:
    """A pool of two sorts, and so many questions of a safety point that are of the first sort too."""
    return (
        {f"s{n}": Sort("EMG", "judge", "stop") for n in range(many)}
        | {f"e{n}": Sort("EMG", "judge") for n in range(2)}
        | {f"a{n}": Sort("ASP", "apply", "other") for n in range(2)}
    )


@given(seeds, st.integers(2, 6), st.booleans())
def test_a_safety_question_is_drawn_for_its_point_alone_and_sections_keep_their_order(
    seed: str, many: int, shuffle: bool
) -> None:
    found = paper(seed, SAFE, cluster(many), shuffle=shuffle)
    assert sorted(name[0] for name in found[:3]) == ["e", "s", "s"]
    assert found[3][0] == "a"


@given(seeds, st.integers(3, 6), st.integers(1, 2), st.sets(st.sampled_from([f"s{n}" for n in range(6)])))
def test_what_is_asked_again_is_new_as_far_as_there_is_something_new(
    seed: str, many: int, missed: int, seen: set[str]
) -> None:
    pool = cluster(many)
    asked = [name for name in paper(seed, SAFE, pool) if name[0] == "s"]
    found = again(seed, {"stop": missed}, pool, asked, seen)
    assert len(set(found)) == len(found) == missed
    others = {name for name in pool if name[0] == "s"} - set(asked)
    assert len(others.intersection(found)) == min(missed, len(others))
    assert len((others - seen).intersection(found)) == min(missed, len(others - seen))


def test_a_point_needs_a_question_beyond_those_of_a_paper() -> None:
    assert [one.there for one in single(SAFE, cluster(2))] == [2]
    assert single(SAFE, cluster(3)) == []
    assert [one.cell.name for one in thin(SAFE, cluster(1))] == ["stop"]
    assert safety_of(SAFE) == {"stop": 2}


def test_masters_meet_ten_points_of_two_questions_as_often_as_is_said() -> None:
    """A master who is right 97 times in 100 fails ten single questions 26 times in 100, and so 1.8 times."""
    assert 1 - float(Fraction(97, 100) ** 10) == pytest.approx(0.26, abs=0.005)
    plan = [Cell("", "", 2, f"point-{n}") for n in range(10)]
    assert float(masters(plan, Fraction(97, 100))) == pytest.approx(0.982, abs=0.0005)
    assert masters([], Fraction(1, 2)) == 1
