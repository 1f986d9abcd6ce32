"""Who may do what. Every endpoint names one permission of this table; the objects are scoped by the loaders."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TRAINEE, EDUCATOR, MANAGER = "trainee", "educator", "manager"
ROLES = {TRAINEE: "Trainee clinician", EDUCATOR: "Educator", MANAGER: "Clinic manager"}


@dataclass(frozen=True)
class Permission:
    """What it allows, and the roles that have it; `None` means anybody at all, signed in or not."""

    allows: str
    roles: frozenset[str] | None


def _to(*roles: str) -> frozenset[str]:
    return frozenset(roles)


EVERYONE = _to(*ROLES)

PERMISSIONS = {
    "public": Permission("Reach a page that shows nothing of anybody", None),
    "account": Permission("See and change one's own settings, sign out", EVERYONE),
    "learn": Permission("Read the published modules of one's organisation", EVERYONE),
    "sit": Permission("Start, answer and hand in one's own attempts, and see their results", _to(TRAINEE)),
    "practise": Permission("Answer practice questions and see their reasons", _to(TRAINEE)),
    "publish": Permission("See the drafts of the courses one's organisation keeps, and publish them", _to(EDUCATOR)),
    "team": Permission("See who holds which competency in the clinics one manages", _to(MANAGER)),
    "questions": Permission("See questions with their keys, as written and as a taker sees them", _to(EDUCATOR)),
}


@dataclass(frozen=True)
class Actor:
    """Who asks: a person, in the organisation they are signed in to.

    `zone` is the person's own, `organisation_zone` decides calendar days. `commitment` is the name events give them.
    `roles` maps each role to the clinics it is held in; an empty set of clinics means the whole organisation.
    """

    person: int
    organisation: int
    organisation_name: str
    organisation_zone: str
    name: str
    commitment: str
    zone: str
    locale: str
    roles: Mapping[str, frozenset[int]] = field(default_factory=dict)


def allows(permission: str, actor: Actor | None) -> bool:
    """Whether `actor` (None: not signed in) holds `permission`."""
    roles = PERMISSIONS[permission].roles
    return roles is None or (actor is not None and not roles.isdisjoint(actor.roles))
