"""Inviting everybody of a roster, or nobody."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.actions.invitations import ERASED, invite_all, opened
from mesotrain.actions.people import fit
from mesotrain.core.access import Actor, Held
from mesotrain.core.errors import Refused
from mesotrain.core.names import alike
from mesotrain.formats.rosters import Row
from mesotrain.formats.tables import Wrong
from mesotrain.store import invitations as store
from mesotrain.store import people, privacy

NEW, ANEW, ALREADY = "new", "anew", "already"
"""Is invited; is invited with other roles or too long ago, and the earlier link is good no more; needs nothing."""

AMISS = {
    "clinic": "There is no clinic “%(clinic)s” in your organisation. Mend its name here, or add it under Clinics.",
    "member": "%(email)s belongs to your organisation already. Take them out, and change their roles under People.",
}


class Planned(NamedTuple):
    """Somebody of a roster, what would happen to them, and the invitation they have.

    `due` is the day of their erasure, which ends when they join again.
    """

    email: str
    name: str
    roles: Sequence[Held]
    what: str
    earlier: int | None
    due: date | None


def plan(session: Session, actor: Actor, now: datetime, rows: Sequence[Row]) -> tuple[list[Planned], list[Wrong]]:
    """What would happen to the people of these rows, in their order, and all that the organisation speaks against."""
    places = _Places({one.name: one.id for one in people.clinics(session, actor.organisation)})
    emails = list(dict.fromkeys(row.email for row in rows if row.email))
    members = people.members_among(session, actor.organisation, emails)
    earlier = {one.email: one for one in store.invitations_to(session, actor.organisation, emails)}
    wrong = [
        Wrong(row.line, "clinic", AMISS["clinic"], {"clinic": row.clinic})
        for row in rows
        if row.clinic is not None and places.of(row.clinic) is None
    ]
    erasures = privacy.erasures_of(session, actor.organisation, emails)
    erased = {email for email, one in erasures.items() if one.done_at}
    wrong += [Wrong(row.line, "email", ERASED, {"email": row.email}) for row in rows if row.email in erased]
    found: dict[str, tuple[str, list[Held]]] = {}
    for row in rows:
        if row.email in members and row.email not in found:
            wrong.append(Wrong(row.line, "email", AMISS["member"], {"email": row.email}))
        held = row.role, places.of(row.clinic) if row.clinic else None
        found.setdefault(row.email, (row.name, []))[1].append(held)

    def planned(email: str, name: str, roles: Sequence[Held]) -> Planned:
        row, due = earlier.get(email), erasures[email].due_on if email in erasures else None
        if row is None:
            return Planned(email, name, roles, NEW, None, due)
        good = row.roles == store.as_kept(roles) and row.ends_at > now
        return Planned(email, name, roles, ALREADY if good else ANEW, row.id, due)

    return [planned(email, *told) for email, told in found.items()], wrong


def invite(
    session: Session, actor: Actor, now: datetime, rows: Sequence[Row], nonce: Callable[[], str]
) -> tuple[list[Planned], list[Wrong]]:
    """Mails everybody of the rows a link to join by, who has none that is good, unless anything is wrong: then nobody.

    Gives what `plan` gave. Raises Refused for roles that cannot be held, and Collision where somebody else invited
    or joined meanwhile.
    """
    planned, wrong = plan(session, actor, now, rows)
    if wrong:
        return planned, wrong
    if not fit({one.id for one in people.clinics(session, actor.organisation)}, [r for p in planned for r in p.roles]):
        raise Refused("Choose at least one role, and for a trainee the clinic.")
    going = sorted(one for one in planned if one.what != ALREADY)
    gone = [one.earlier for one in going if one.earlier is not None]
    invite_all(session, actor, now, [opened(now, actor, *one[:3], nonce()) for one in going], gone)
    return planned, []


class _Places:
    """The clinics by their name as it is written, or else in any letter case where that leaves one."""

    def __init__(self, clinics: Mapping[str, int]) -> None:
        self.clinics = clinics
        self.alike: dict[str, list[int]] = defaultdict(list)
        for name, number in clinics.items():
            self.alike[alike(name)].append(number)

    def of(self, name: str) -> int | None:
        found = self.alike.get(alike(name), [])
        return self.clinics.get(name, found[0] if len(found) == 1 else None)
