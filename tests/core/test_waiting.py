"""When a mail that was put off is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from mesotrain.core.waiting import is_put_off, next_try

FIRST = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tried", "rest"),
    [(0, 1), (0.9, 1), (1, 5), (5.9, 5), (6, 15), (20.9, 15), (21, 60), (81, 60), (48 * 60 - 1, 60), (48 * 60, None)],
)
def test_the_rests_grow_and_end_after_two_days(tried: float, rest: int | None) -> None:
    now = FIRST + timedelta(minutes=tried)
    assert next_try(FIRST, now) == (None if rest is None else now + timedelta(minutes=rest))


def test_only_the_codes_of_a_later_try_put_off() -> None:
    assert [code for code in (-1, 250, 399, 400, 421, 499, 500, 550) if is_put_off(code)] == [400, 421, 499]
