"""Who may do what. Every endpoint names one permission of this table; the objects are scoped by the loaders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

TRAINEE, EDUCATOR, MANAGER, AUDITOR, ADMINISTRATOR = "trainee", "educator", "manager", "auditor", "administrator"
ROLES = {
    TRAINEE: "Trainee clinician",
    EDUCATOR: "Educator",
    MANAGER: "Clinic manager",
    AUDITOR: "Auditor",
    ADMINISTRATOR: "Administrator",
}
DUTIES = {
    TRAINEE: "learn mesotherapy, be examined in it, and keep your logbook",
    EDUCATOR: "write and publish courses, mark what people answer, and hold questions that may be wrong",
    MANAGER: "see who of a clinic is competent for what, assign courses, and say what clearance rests on",
    AUDITOR: "see who of a clinic is competent for what, and what that rests on",
    ADMINISTRATOR: "invite people, change their roles, end their access, and keep the clinics",
}
"""What one does in each role, as an invitation says it."""
Held = tuple[str, int | None]
"""A role, and the clinic it is held in; None: in the whole organisation."""
EVERYWHERE, IN_A_CLINIC = frozenset({EDUCATOR, MANAGER, AUDITOR, ADMINISTRATOR}), frozenset({TRAINEE, MANAGER, AUDITOR})
"""The roles that can be held in the whole organisation, and those that can be held in one clinic."""
MEMBER = "member"
"""What everybody is who is signed in, whatever their roles and however they proved who they are."""


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
    "program": Permission("Ask about clearance with a key that an administrator gave another program", None),
    "account": Permission("See and change one's own account, sign out", _to(MEMBER)),
    "learn": Permission("Read the published modules of one's organisation", EVERYONE),
    "sit": Permission("Start, answer and hand in one's own attempts, and see their results", _to(TRAINEE)),
    "practise": Permission("Answer practice questions and see their reasons", _to(TRAINEE)),
    "log": Permission(
        "Keep one's own logbook, answer for the cases one is asked to sign, and observe others by a form", _to(TRAINEE)
    ),
    "publish": Permission("See the drafts of the courses one's organisation keeps, and publish them", _to(EDUCATOR)),
    "team": Permission(
        "See who holds which competency, and what is assigned and not done, in the clinics one manages or audits",
        _to(MANAGER, AUDITOR),
    ),
    "assign": Permission("Assign courses to the trainees of the clinics one manages", _to(MANAGER)),
    "clear": Permission(
        "Say what clearance rests on in the clinics one manages: documents seen, what is offered, stops", _to(MANAGER)
    ),
    "adjust": Permission("Set how much extra time the trainees of the clinics one manages have", _to(MANAGER)),
    "invigilate": Permission(
        "See who of the clinics one manages sits an exam; pause, extend and void what they sit", _to(MANAGER)
    ),
    "questions": Permission("See questions with their keys, as written and as a taker sees them", _to(EDUCATOR)),
    "hold": Permission(
        "Hold a question that may be wrong and say how that ends; answer what takers say of questions and results",
        _to(EDUCATOR),
    ),
    "mark": Permission("Mark essays without knowing whose they are, and see how far markers agree", _to(EDUCATOR)),
    "administer": Permission(
        "Invite people, change their roles, end their access, keep the clinics", _to(ADMINISTRATOR)
    ),
}


@dataclass(frozen=True)
class Actor:
    """Who asks: a person, in the organisation they are signed in to.

    `zone` is the person's own, `organisation_zone` decides calendar days. `commitment` is the name events give them.
    `roles` maps each role to the clinics it is held in; an empty set of clinics means the whole organisation.
    `factors` is by how many kinds of proof they signed in, `proved_at` when they last proved who they are.
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
    factors: int = 1
    proved_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether their roles wait until they have shown a second factor."""
        return self.factors < 2 and needs_second(self.roles)


def needs_second(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles shows a second factor: all who see more than their own."""
    return any(role != TRAINEE for role in roles)


def allows(permission: str, actor: Actor | None) -> bool:
    """Whether `actor` (None: not signed in) holds `permission`."""
    roles = PERMISSIONS[permission].roles
    if roles is None or actor is None:
        return roles is None
    return not roles.isdisjoint({MEMBER} if actor.waits else {MEMBER, *actor.roles})
