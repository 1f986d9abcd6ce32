"""What comes first today."""

from datetime import date, timedelta

from mesotrain.core.competence import CURRENT, EXPIRED, IN_GRACE, IN_PROGRESS, NOT_STARTED, RENEWAL_OPEN, STATES
from mesotrain.core.learning import urgency

TODAY = date(2027, 3, 12)
OVERDUE, SOON, LATE = (TODAY + timedelta(days=days) for days in (-1, 1, 400))


def test_what_is_assigned_comes_before_what_is_not_whatever_its_status_and_overdue_first() -> None:
    found = [(due, state) for due in (OVERDUE, TODAY, SOON, LATE) for state in (NOT_STARTED, EXPIRED)]
    found += [(None, state) for state in STATES]
    keys = [urgency(False, due, state) for due, state in found]
    assigned = [key for key, (due, _) in zip(keys, found, strict=True) if due]
    assert assigned == sorted(assigned)
    assert len(set(assigned)) == 4
    assert max(assigned) < min(keys[len(assigned) :])


def test_a_quiz_whose_time_runs_comes_before_all() -> None:
    assert urgency(True, None, CURRENT) < urgency(False, date.min, EXPIRED)


def test_of_what_is_not_assigned_a_status_that_ended_comes_first_and_equals_stay_as_they_are() -> None:
    states = [NOT_STARTED, RENEWAL_OPEN, IN_PROGRESS, EXPIRED, IN_GRACE]
    found = sorted(states, key=lambda state: urgency(False, None, state))
    assert found == [EXPIRED, IN_GRACE, RENEWAL_OPEN, NOT_STARTED, IN_PROGRESS]
