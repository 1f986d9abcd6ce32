"""When an assessment may be sat, until when an attempt lasts, and where somebody is who only goes forward."""

from datetime import UTC, timedelta
from fractions import Fraction

import pytest

from mesotrain.core.assessments import ENDS, FORWARD, ONE_QUESTION, STOPS, Rules, cells_of, current, is_done, window
from mesotrain.core.assessments import steps as goes_by_steps
from mesotrain.core.attempts import timing
from mesotrain.core.canonical import canonical
from mesotrain.core.plans import Cell

QUIZ = Rules(2, Fraction(4, 5), 20, "after submit")
OPENS, CLOSES = "2027-03-28 00:30", "2027-03-28 09:00"  # London goes forward an hour in between
SECOND = timedelta(seconds=1)


def kept(**more: object) -> dict[str, object]:
    return Rules(2, Fraction(4, 5), 20, "after submit", **more).model()  # type: ignore[arg-type]


def test_rules_that_say_nothing_more_are_kept_as_they_always_were() -> None:
    assert canonical(QUIZ.model()) == (b'{"feedback":"after submit","minutes":20,"pass_mark":"4/5","questions":2}')
    assert cells_of(QUIZ.model()) == list(QUIZ.cells) == [Cell("", "", 2)]


def test_a_plan_is_kept_in_its_order() -> None:
    plan = (Cell("EMG", "judge", 1), Cell("ASP", "apply", 2), Cell("EMG", "apply", 1))
    rules = Rules(4, Fraction(4, 5), 20, "never", plan=plan, exam=True)
    assert cells_of(rules.model()) == list(plan)
    assert rules.proves == ("EMG", "ASP")


@pytest.mark.parametrize(("zone", "hours"), [("Europe/London", 7.5), ("UTC", 8.5), ("Asia/Tokyo", 8.5)])
def test_a_window_is_of_the_organisations_clock(zone: str, hours: float) -> None:
    found = window(kept(opens=OPENS, closes=CLOSES, closing=ENDS), zone)
    assert found.opens
    assert found.closes
    assert (found.closes.astimezone(UTC) - found.opens.astimezone(UTC)) / timedelta(hours=1) == hours
    assert found.early(found.opens - SECOND)
    assert not found.early(found.opens)
    assert not found.late(found.closes - SECOND)
    assert found.late(found.closes)
    assert not window(kept(), zone).early(found.opens)
    assert not window(kept(), zone).late(found.closes)


@pytest.mark.parametrize(
    ("closing", "lasts", "over"), [(ENDS, 5, 0), (STOPS, 20, 20)], ids=["ends attempts", "stops starts"]
)
def test_closing_ends_attempts_or_stops_starts(closing: str, lasts: int, over: int) -> None:
    found = window(kept(closes=CLOSES, closing=closing), "UTC")
    assert found.closes
    now = found.closes - timedelta(minutes=5)
    assert timing(now, 20, found.cuts).deadline == now + timedelta(minutes=lasts)
    assert timing(now - timedelta(hours=1), 20, found.cuts).deadline == now - timedelta(minutes=40)
    assert found.ends == found.closes + timedelta(minutes=over)


def test_what_is_left_stays_where_one_goes_forward_or_sees_each_key() -> None:
    assert not goes_by_steps(kept())
    assert not goes_by_steps(kept(pages=ONE_QUESTION))
    assert goes_by_steps(kept(pages=ONE_QUESTION, navigation=FORWARD))
    assert goes_by_steps(Rules(2, Fraction(1), 20, "after each", pages=ONE_QUESTION, practice=True).model())


def test_somebody_is_at_the_first_place_that_is_not_done() -> None:
    assert [current(done) for done in ([False, False], [True, False], [True, True], [False, True])] == [1, 2, 3, 1]
    assert [is_done(fields) for fields in (None, {}, {"done": []}, {"done": ["1"]})] == [False, False, False, True]
