"""Reminders come in stages, each counted once, the missed ones passed over."""

from datetime import date, timedelta

import pytest

from mesotrain.core.reminders import DUE, ENDING, LATER, LATEST, OVERDUE, SOON, near, stage

DAY = date(2027, 6, 1)


@pytest.mark.parametrize(
    ("left", "reached"),
    [(15, None), (14, 14), (4, 14), (3, 3), (1, 3), (0, 0), (-6, 0), (-7, -7), (-37, -7), (-38, None)],
)
def test_an_assigned_course_has_stages(left: int, reached: int | None) -> None:
    assert stage(DAY, DAY - timedelta(days=left), DUE) == reached


@pytest.mark.parametrize(("left", "reached"), [(61, None), (60, 60), (15, 60), (14, 14), (0, 0), (-30, 0), (-31, None)])
def test_a_status_has_stages(left: int, reached: int | None) -> None:
    assert stage(DAY, DAY - timedelta(days=left), ENDING) == reached


def test_stages_come_in_order_whatever_day_one_looks() -> None:
    for stages in (DUE, ENDING):
        seen = [stage(DAY, DAY - timedelta(days=left), stages) for left in range(100, -LATEST - 20, -1)]
        met = [one for number, one in enumerate(seen) if one is not None and one not in seen[:number]]
        assert met == list(stages)


@pytest.mark.parametrize(
    ("left", "state"), [(-900, OVERDUE), (-1, OVERDUE), (0, SOON), (14, SOON), (15, LATER), (900, LATER)]
)
def test_every_day_is_near_in_one_way(left: int, state: str) -> None:
    day = DAY + timedelta(days=left)
    assert [one for one, (first, last) in near(DAY).items() if first <= day <= last] == [state]
