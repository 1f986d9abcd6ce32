"""A rule that asks for something else: who offers what it changes, and that it says from which day to come."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from mesotrain.core.coming import changed
from mesotrain.core.dates import day_of
from mesotrain.core.errors import Refused
from mesotrain.core.schemes import Scheme
from mesotrain.formats.schemes import SCHEME
from mesotrain.store import clearance, schemes
from mesotrain.store import coming as store

NAME_A_DAY = (
    "%(path)s:%(line)s: %(procedures)s would ask for something else, and clinics offer it. Name a day to come from "
    "which that is asked for, such as from: 2027-03-12."
)
HAS_COME = (
    "%(path)s:%(line)s: %(procedures)s would ask for something else, and clinics offer it. The day from which that is "
    "asked for, %(day)s, is not to come."
)
STILL_OFFERED = (
    "%(path)s is gone, and clinics offer %(procedures)s. Bring it back, with a day to come from which it asks for "
    "something else, or let the clinics end that first."
)


@dataclass(frozen=True)
class Outlook:
    """What becomes of a scheme: the `day` it names, by title the procedures that change, each with how many clinics
    offer it, and why it cannot be published, if it cannot.
    """

    day: date | None
    changes: dict[str, int]
    wrong: Refused | None = None


def outlook(session: Session, now: datetime, course: int | None, scheme: Scheme, folder: str = "") -> Outlook:
    """What publishing a scheme changes of what it asks for today, of a course if there is any.

    The first scheme of a course changes nothing, and so does what nobody offers: neither needs a day, nor do words.
    """
    if course is None:
        return Outlook(None, {})
    before = schemes.in_force(session, course, clearance.when(session, now, None))
    offered, zones = Counter[str](), set[str]()
    for name, zone, clinics in store.offers(session, course):
        offered[name] += clinics
        zones.add(zone)
    called = changed(before, scheme)
    changes = {title: offered[name] for name, title in called.items()}
    path = f"{folder}/{SCHEME}" if folder else SCHEME
    said = {"path": path, "line": scheme.line, "procedures": ", ".join(title for title in changes if changes[title])}
    if not any(changes.values()):
        return Outlook(scheme.begins, changes)
    if not scheme.procedures:
        return Outlook(None, changes, Refused(STILL_OFFERED, **said))
    if scheme.begins is None:
        return Outlook(None, changes, Refused(NAME_A_DAY, **said))
    if scheme.begins <= max(day_of(now, zone) for zone in zones):
        return Outlook(None, changes, Refused(HAS_COME, day=scheme.begins.isoformat(), **said))
    return Outlook(scheme.begins, changes)


def check(session: Session, now: datetime, course: int, scheme: Scheme) -> None:
    """Raises Refused where a scheme asks clinics for something else, and from no day to come."""
    if wrong := outlook(session, now, course, scheme).wrong:
        raise wrong
