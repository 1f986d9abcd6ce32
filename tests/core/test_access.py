"""Who may do what, as a table of its own written apart from the code's."""

from dataclasses import replace

import pytest

from mesotrain.core.access import (
    ADMINISTRATOR,
    AUDITOR,
    EDUCATOR,
    MANAGER,
    PERMISSIONS,
    ROLES,
    TRAINEE,
    Actor,
    allows,
    needs_second,
)

MAY = {
    "public": {"nobody", "no role", *ROLES},
    "program": {"nobody", "no role", *ROLES},
    "account": {"no role", *ROLES},
    "learn": set(ROLES),
    "sit": {TRAINEE},
    "practise": {TRAINEE},
    "log": {TRAINEE},
    "publish": {EDUCATOR},
    "team": {MANAGER, AUDITOR},
    "assign": {MANAGER},
    "adjust": {MANAGER},
    "clear": {MANAGER},
    "invigilate": {MANAGER},
    "questions": {EDUCATOR},
    "hold": {EDUCATOR},
    "mark": {EDUCATOR},
    "administer": {ADMINISTRATOR},
}


def actor(*roles: str, factors: int = 2) -> Actor:
    who = Actor(1, 1, "Harbour", "Europe/London", "Ada", "c", "Europe/London", "en", factors=factors)
    return replace(who, roles=dict.fromkeys(roles, frozenset()))


def test_every_permission_is_in_the_table() -> None:
    assert MAY.keys() == PERMISSIONS.keys()


@pytest.mark.parametrize("permission", MAY)
def test_who_holds_a_permission(permission: str) -> None:
    asked = {"nobody": None, "no role": actor(), **{role: actor(role) for role in ROLES}}
    assert {who for who, one in asked.items() if allows(permission, one)} == MAY[permission]
    assert allows(permission, actor(*ROLES))


@pytest.mark.parametrize("permission", MAY)
def test_a_role_that_waits_for_a_second_factor_gives_nothing_yet(permission: str) -> None:
    for role in ROLES:
        one = actor(TRAINEE, role, factors=1)
        waits = role != TRAINEE
        assert (one.waits, needs_second([TRAINEE, role])) == (waits, waits)
        most = {"public", "program", "account"} if waits else {name for name, who in MAY.items() if TRAINEE in who}
        assert allows(permission, one) == (permission in most)
    assert not actor(TRAINEE, EDUCATOR).waits
    assert not needs_second([])
