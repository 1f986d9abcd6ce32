"""The logbook: cases somebody did or saw, and what a supervisor answers when asked to sign them.

A case names no patient. What a signature says is bound to the record it was given for.
"""

from datetime import date, timedelta

from mesotrain.core.accounts import Limit
from mesotrain.core.competence import INDEPENDENT, OBSERVED, SUPERVISED

CONFIRMED, NOT_SEEN, NOT_REACHED, RETURNED = ANSWERS = "confirmed", "not seen", "level not reached", "returned"

MEANINGS = {
    NOT_SEEN: "I did not see this case.",
    NOT_REACHED: "I saw this case. It did not reach the level that this work needs, so it does not count.",
    RETURNED: "I cannot answer as it is described. They see my question, and may log it again.",
}
CONFIRMATIONS = {
    OBSERVED: "They watched this case. It took place as it is described, and I trust them at the level I chose.",
    SUPERVISED: "I supervised this case. It took place as it is described, and I trust them at the level I chose.",
    INDEPENDENT: "They did this case alone. It took place as it is described, and I trust them at the level I chose.",
}


def meaning(answer: str, role: str) -> str:
    """What somebody says with their signature of a case in which the other had this part, word for word as they read
    it."""
    return CONFIRMATIONS[role] if answer == CONFIRMED else MEANINGS[answer]


WAITING, LAPSED, WITHDRAWN = "waiting", "lapsed", "withdrawn"

DAYS = timedelta(days=30)
"""How long a request to sign waits before it lapses: a policy of ours, so that what is signed is still remembered."""
OLDEST = timedelta(days=365)
"""How long ago a case may be when it is logged: another policy of ours, for the same reason."""
MATCHES = Limit(5, timedelta(days=1))
"""How often a number may be compared with that of one case: somebody slips, and nobody finds it by trying them all."""
MOST_WORDS, MOST_SITE, MOST_NUMBER = 1000, 80, 40
"""Characters of what was learnt from a case or said of it, of where on the body it was, and of a local number."""


def state(ends: date, answer: str | None, on: date, *, withdrawn: bool) -> str:
    """What a request to sign has come to: one of ANSWERS, else withdrawn, waiting until before `ends`, or lapsed."""
    if withdrawn:
        return WITHDRAWN
    return answer or (WAITING if on < ends else LAPSED)
