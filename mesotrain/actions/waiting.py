"""What an administrator does about a mail that has not arrived, and what is recorded of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.errors import Refused
from mesotrain.core.waiting import is_put_off, next_try
from mesotrain.store import waiting as store
from mesotrain.store.events import Said, record
from mesotrain.store.outbox import DROPPED, REFUSED, SENT, WAITING, mark
from mesotrain.store.waiting import DOUBTED, FAILED, HELD, PUT_OFF, Told, Waiting

MOVED_ON = "This mail is not as you saw it any more. Look at it again."


def send_again(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """A mail that was refused or put off, or is in doubt, leaves once more; one in doubt may arrive twice."""
    _settle(session, actor, now, number, (FAILED, PUT_OFF, DOUBTED), WAITING, "mail.sent-again")


def has_arrived(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """A mail in doubt is known to have arrived."""
    _settle(session, actor, now, number, (DOUBTED,), SENT, "mail.settled")


def drop(session: Session, actor: Actor, now: datetime, number: int) -> None:
    """A mail that waits never leaves; what is known of it stays."""
    _settle(session, actor, now, number, (WAITING, PUT_OFF, HELD), DROPPED, "mail.dropped")


def _settle(
    session: Session, actor: Actor, now: datetime, number: int, may_be: tuple[str, ...], then: str, kind: str
) -> None:
    """Raises NotFound for a mail of another organisation, and Refused for one that is in another state by now."""
    mail = store.waiting(session, actor, now, number)
    if mail.state not in may_be:
        raise Refused(MOVED_ON)
    store.change(session, mail, then, now)
    _say(session, now, kind, mail, actor.commitment, {"mail": number})


def refused(session: Session, now: datetime, number: int, code: int) -> datetime | None:
    """The mail server took a mail not, and said so with a code; gives when it is tried again, where it is.

    That it was put off is recorded once, not for each try: the log keeps what it is told for ever.
    """
    mail = store.mail(session, number, now)
    if is_put_off(code):
        first = store.told(session, mail.organisation, [mail]).get(number, Told()).put_off_at
        if again := next_try(first or now, now):
            mark(session, number, WAITING, again)
            if first is None:
                _say(session, now, "mail.put-off", mail, "", {"mail": number, "code": code})
            return again
    mark(session, number, REFUSED, now)
    _say(session, now, "mail.refused", mail, "", {"mail": number, "code": code})
    return None


def _say(session: Session, now: datetime, kind: str, mail: Waiting, by: str, facts: dict[str, Json]) -> None:
    record(session, now, Said(kind, mail.organisation, by, mail.subject, facts))
