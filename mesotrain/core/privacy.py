"""What is kept of a person, why, and what their erasure takes: at once, when its years are over, or only the name."""

from dataclasses import dataclass
from datetime import date, timedelta

from mesotrain.core.dates import months_after

AT_ONCE, LATER, NAMELESS = "at-once", "later", "nameless"


@dataclass(frozen=True)
class Kind:
    """A kind of record: what it is, why it is kept, and when an erasure takes it.

    What goes `LATER` stays its years after somebody has left, then loses their name and everything that leads to it.
    What is `NAMELESS` has no name in it; it stays, and from then on leads to nobody.
    """

    says: str
    why: str
    goes: str


KINDS = {
    "account": Kind(
        "How one signs in and what one may do: password, second factors, devices, mailed links, roles",
        "So that nobody else can be taken for its holder",
        AT_ONCE,
    ),
    "reading": Kind("Where one stopped reading, and one's notes", "To go on where one left off", AT_ONCE),
    "observing": Kind(
        "What was marked on a form while somebody was observed, and not signed yet",
        "To go on and sign where one left off",
        AT_ONCE,
    ),
    "mail": Kind(
        "Mails and reminders, and the courses assigned",
        "To tell each person once what is asked of them",
        AT_ONCE,
    ),
    "invitation": Kind(
        "Invitations, also to decide one proposal; one that is over loses name and address 30 days later",
        "To see who is invited, and to invite them again",
        AT_ONCE,
    ),
    "record": Kind(
        "Name and address, membership, extra time, attempts with all answers, marks and what one said of them, "
        "practice, evidence and status, cases of the logbook, what was observed by a form, "
        "documents that were seen, what was learnt elsewhere, what was said of certificates or "
        "proposed, stops, acknowledged",
        "A clinic must be able to show who was competent for what, and what that rested on",
        LATER,
    ),
    "work": Kind(
        "What one did for others: texts published, essays marked, questions held, reports answered, evidence vouched "
        "for, cases and observations signed, documents seen, proposals decided, invitations, courses assigned",
        "The records of others rest on it",
        NAMELESS,
    ),
    "log": Kind(
        "The log of what happened, which holds no name, only a number made from a secret that erasure destroys",
        "So that nobody can change a record unseen",
        NAMELESS,
    ),
}

IN_VAIN = timedelta(days=30)
"""How long the name and address of an invitation stay when it ran out or was withdrawn."""


def kept_until(ended_on: date, years: int) -> date:
    """The day on which a record may lose its name: `years` after the day its person left."""
    return months_after(ended_on, 12 * years)
