"""How long an attempt lasts, with extra time and with its end moved, as values."""

from datetime import UTC, datetime, timedelta

import pytest

from mesotrain.core.attempts import Timing, lasting, timing

NOW = datetime(2027, 3, 12, 9, 30, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(("extra", "length"), [(0, 20), (25, 25), (33, 26.6), (100, 40), (300, 80)])
def test_extra_time_is_percent_of_what_others_have(extra: int, length: float) -> None:
    assert timing(NOW, 20, extra=extra) == Timing(NOW, NOW + minutes(length))


@pytest.mark.parametrize(("closes", "length"), [(60, 25), (20, 25), (10, 12.5), (4, 5)])
def test_extra_time_goes_on_past_closing(closes: int, length: float) -> None:
    """Whoever would have 10 minutes until it closes has 12 and a half."""
    assert timing(NOW, 20, NOW + minutes(closes), 25).deadline == NOW + minutes(length)


def test_it_is_told_in_whole_minutes_that_are_there() -> None:
    assert [lasting(20, extra) for extra in (0, 25, 33)] == [20, 25, 26]
    assert lasting(100, 0) == 100


def test_an_end_moves_both_ways_and_takes_no_time_that_has_passed() -> None:
    times = Timing(NOW, NOW + minutes(20))
    assert times.moved(minutes(5), NOW + minutes(8)) == NOW + minutes(25)
    assert times.moved(minutes(-5), NOW + minutes(8)) == NOW + minutes(15)
    assert times.moved(minutes(-5), NOW + minutes(18)) == NOW + minutes(18)
