"""What comes first of all that somebody could learn today."""

from datetime import date

from mesotrain.core.competence import LAPSED, RENEWAL_OPEN


def urgency(sitting: bool, due_on: date | None, state: str) -> tuple[int, date]:
    """What modules are sorted by, the most urgent first; equals stay in course order.

    A quiz somebody is sitting comes before all, because its time runs; then what is assigned and not held, by the
    day it is due, so that what is overdue is at the top; then a status that has ended, one that ends, and the rest.
    """
    if sitting:
        return 0, date.min
    if due_on is not None:
        return 1, due_on
    return 2 if state in LAPSED else 3 if state == RENEWAL_OPEN else 4, date.max
