"""Standing against a second implementation, day by day; and the calendar."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesotrain.core.competence import (
    KINDS,
    NOT_PASSED,
    PASSED,
    Cases,
    Evidence,
    PointsMet,
    Rule,
    Span,
    Standing,
    spans,
    standing,
)
from mesotrain.core.dates import beginning, day_of, months_after

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
WITHDRAWN = st.sampled_from([None, None, None, 2])
HISTORIES = st.lists(st.builds(Evidence, st.sampled_from(sorted(KINDS)), DAYS, st.just(1), WITHDRAWN), max_size=6)
RULES = st.builds(Rule, st.just("v"), st.integers(1, 30), st.integers(0, 90), st.integers(0, 60))


def naive(history: list[Evidence], rule: Rule, on: date) -> str:
    """A second implementation for passes alone: the state on one day, from the newest proof by then."""
    known = [one for one in history if one.withdrawn is None and one.day <= on]
    if not known:
        return "not started"
    proofs = [one.day for one in known if one.kind == PASSED]
    if not proofs:
        return "in progress"
    ends = months_after(max(proofs), rule.valid_months)
    if on >= ends + timedelta(days=rule.grace_days):
        return "expired"
    if on >= ends:
        return "in grace"
    if on >= ends - timedelta(days=rule.renewal_days):
        return "renewal open"
    return "current"


def lapse(history: list[Evidence], rule: Rule, on: date) -> date | None:
    """Day by day: the first day without a proof that holds, after `on` or, where `on` is one, before it."""
    if naive(history, rule, on) in {"not started", "in progress"}:
        return None
    lapsed = ("in grace", "expired")
    step = -1 if naive(history, rule, on) in lapsed else 1
    while (naive(history, rule, on) in lapsed) == (step == -1):
        on += timedelta(days=step)
    return on if step == 1 else on + timedelta(days=1)


@settings(max_examples=150, deadline=None)
@given(HISTORIES, RULES, DAYS)
def test_two_implementations_agree_on_any_day(history: list[Evidence], rule: Rule, on: date) -> None:
    found = standing(spans(history, rule), on)
    assert found.state == naive(history, rule, on)
    assert found.expires == lapse(history, rule, on)


@given(HISTORIES, RULES)
def test_spans_follow_each_other_without_a_gap(history: list[Evidence], rule: Rule) -> None:
    made = spans(history, rule)
    assert all(one.end == after.start for one, after in pairwise(made))
    assert all(one.end is None or one.start < one.end for one in made)
    assert not made or made[-1].end is None


@given(HISTORIES, RULES, DAYS, st.randoms())
def test_the_order_of_recording_does_not_matter(history: list[Evidence], rule: Rule, on: date, chance) -> None:
    mixed = list(history)
    chance.shuffle(mixed)
    assert standing(spans(mixed, rule), on) == standing(spans(history, rule), on)


def test_withdrawing_a_proof_never_improves_a_status() -> None:
    rule = Rule("v", 24, 60, 0)
    passed = Evidence(PASSED, date(2027, 1, 1), 1)
    failed = Evidence(NOT_PASSED, date(2026, 12, 1), 1)
    gone = Evidence(PASSED, passed.day, 1, withdrawn=2)
    assert standing(spans([failed, passed], rule), date(2027, 6, 1)).state == "current"
    assert standing(spans([failed, gone], rule), date(2027, 6, 1)).state == "in progress"
    assert standing(spans([gone], rule), date(2027, 6, 1)).state == "not started"


FAILED, WON = Evidence(NOT_PASSED, date(2027, 1, 1), 1), Evidence(PASSED, date(2027, 2, 1), 2)
ENDS = date(2028, 2, 1)


def test_each_span_says_from_when_until_when_and_when_its_proof_expires() -> None:
    renewal, grace = date(2028, 1, 2), date(2028, 2, 11)
    assert spans([FAILED, WON], Rule("v", 12, 30, 10)) == [
        Span("in progress", FAILED.day, WON.day),
        Span("current", WON.day, renewal, ENDS),
        Span("renewal open", renewal, ENDS, ENDS),
        Span("in grace", ENDS, grace, ENDS),
        Span("expired", grace, None, ENDS),
    ]
    assert spans([WON], Rule("v", 12, 0, 0)) == [
        Span("current", WON.day, ENDS, ENDS),
        Span("expired", ENDS, None, ENDS),
    ]


def test_what_goes_on_without_a_proof_is_one_span_and_each_proof_begins_another() -> None:
    rule, again = Rule("v", 12, 0, 0), date(2027, 1, 20)
    assert spans([FAILED, Evidence(NOT_PASSED, again, 3)], rule) == [Span("in progress", FAILED.day)]
    made = spans([WON, Evidence(PASSED, date(2027, 6, 1), 3)], rule)
    assert [(one.state, one.start) for one in made[:2]] == [("current", WON.day), ("current", date(2027, 6, 1))]
    assert made[0].expires == made[1].expires == date(2028, 6, 1)


def test_grace_counts_from_the_day_on_which_a_low_level_took_away_what_was_held() -> None:
    def case(day: date, level: int) -> Evidence:
        return Evidence("case", day, day.toordinal(), case=str(day), role="supervised", level=level, by=1)

    rule = Rule("v", 2, 0, 60, (Cases("supervised", 1, level=3, last=1),))
    began, low, again = date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 10)
    history = [Evidence(PASSED, began, 1), case(began, 3), case(low, 1), case(again, 3)]
    gone = low + timedelta(days=60)
    assert spans(history, rule) == [
        Span("current", began, low, low),
        Span("in progress", low, again),
        Span("in grace", again, gone, low),
        Span("expired", gone, None, low),
    ]


def test_no_points_are_all_met() -> None:
    assert PointsMet((), 12).until([]) == date.max
    assert PointsMet(("1",), 12).until([]) is None


def test_what_is_renewed_in_grace_expires_as_its_new_proof_says() -> None:
    again = Evidence(PASSED, date(2028, 2, 5), 3)
    found = standing(spans([WON, again], Rule("v", 12, 30, 10)), again.day)
    assert found == Standing("current", again.day, date(2029, 2, 5))


def test_a_standing_says_since_when() -> None:
    made = spans([FAILED, WON], Rule("v", 12, 0, 0))
    day = timedelta(days=1)
    assert standing(made, FAILED.day - day) == Standing("not started")
    assert standing(made, FAILED.day) == standing(made, WON.day - day) == Standing("in progress", FAILED.day)
    assert standing(made, WON.day) == standing(made, ENDS - day) == Standing("current", WON.day, ENDS)
    assert standing(made, ENDS) == Standing("expired", ENDS, ENDS)


MONTHS = [
    (date(2024, 2, 29), 24, date(2026, 2, 28)),
    (date(2024, 2, 29), 48, date(2028, 2, 29)),
    (date(2026, 8, 31), 1, date(2026, 9, 30)),
    (date(2026, 12, 31), 2, date(2027, 2, 28)),
    (date(2026, 12, 1), 1, date(2027, 1, 1)),
]


@pytest.mark.parametrize(("day", "months", "then"), MONTHS)
def test_months_end_where_the_calendar_does(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_a_day_is_the_organisations_own() -> None:
    late = datetime(2027, 3, 12, 23, 30, tzinfo=UTC)
    assert day_of(late, "Europe/London") == date(2027, 3, 12)
    assert day_of(late, "Europe/Berlin") == date(2027, 3, 13)
    assert day_of(late, "America/New_York") == date(2027, 3, 12)


def test_a_day_begins_where_the_organisation_is() -> None:
    assert beginning(date(2027, 7, 1), "Europe/Berlin") == datetime(2027, 6, 30, 22, tzinfo=UTC)
    assert beginning(date(2027, 1, 1), "Europe/London") == datetime(2027, 1, 1, tzinfo=UTC)
