"""What somebody sat of late, which decides when they may sit it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.attempts import MARKING, VOID, Sat, Timing, again_at
from mesotrain.core.attempts import counting as core_counting
from mesotrain.store.attempts import Attempt, AttemptSlot
from mesotrain.store.courses import QuestionVersion
from mesotrain.store.holds import OUT_NOW, Hold, Lift


class Recent(NamedTuple):
    """What of an attempt decides when the next may start; `spared`: a question of it is held, or was found wrong."""

    id: int
    state: str
    started_at: datetime
    deadline: datetime
    ended_at: datetime | None
    passed: bool | None
    spared: bool
    paused_at: datetime | None = None

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline, self.paused_at)


_ASKED_IT = (
    select(AttemptSlot.position)
    .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
    .where(AttemptSlot.attempt_id == Attempt.id, QuestionVersion.question_id == Hold.question_id, OUT_NOW)
    .correlate(Attempt, Hold, Lift)
)
_SPARED = (
    select(Hold.id)
    .outerjoin(Lift, Lift.hold_id == Hold.id)
    .where(Hold.organisation_id == Attempt.organisation_id, _ASKED_IT.exists())
    .correlate(Attempt)
    .exists()
)
_KNOWN = select(Attempt, _SPARED.label("spared")).subquery()
_RANKED = (
    select(
        _KNOWN.c.person_id,
        _KNOWN.c.module_id,
        *(_KNOWN.c[name] for name in Recent._fields),
        func.sum(case((_KNOWN.c.spared, 0), else_=1))
        .over(partition_by=(_KNOWN.c.person_id, _KNOWN.c.module_id), order_by=_KNOWN.c.id.desc())
        .label("place"),
    )
    .where(
        _KNOWN.c.person_id.in_(bindparam("people", expanding=True)),
        _KNOWN.c.organisation_id == bindparam("organisation"),
        _KNOWN.c.module_id.in_(bindparam("modules", expanding=True)),
        _KNOWN.c.state != VOID,
    )
    .subquery()
)
_RECENT = (
    select(_RANKED.c.person_id, _RANKED.c.module_id, *(_RANKED.c[name] for name in Recent._fields))
    .where(_RANKED.c.place <= bindparam("most"))
    .order_by(_RANKED.c.id.desc())
)


def recent(session: Session, actor: Actor, quizzes: Mapping[int, Mapping[str, Any]]) -> dict[int, list[Recent]]:
    """The actor's attempts at these modules, as `of_people` has them."""
    return of_people(session, actor.organisation, [actor.person], quizzes)[actor.person]


def of_people(
    session: Session, organisation: int, people: Sequence[int], quizzes: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[int, list[Recent]]]:
    """The attempts of these people at these modules, given with their quizzes, by person and module, the newest first.

    There are as many as any of the quizzes' rules count, one that is open, and those that are spared; none is void.
    """
    most = max((quiz.get("attempts", 0) or 1 for quiz in quizzes.values()), default=0) + 1
    which = {"people": people, "organisation": organisation, "modules": list(quizzes), "most": most}
    found: dict[int, dict[int, list[Recent]]] = {person: {module: [] for module in quizzes} for person in people}
    for person, module, *values in session.connection().execute(_RECENT, which):
        found[person][module].append(Recent._make(values))
    return found


def _sat(attempts: Sequence[Recent]) -> list[Sat]:
    """What counts: an attempt that is spared does where it passed."""
    return [Sat(one.ended_at, bool(one.passed)) for one in attempts if one.ended_at and (one.passed or not one.spared)]


def in_marking(attempts: Sequence[Recent]) -> bool:
    """Whether one of them has no result yet, because people mark it; one that is spared keeps nobody waiting."""
    return any(one.state == MARKING and not one.spared for one in attempts)


def again(attempts: Sequence[Recent], quiz: Mapping[str, Any]) -> datetime | None:
    """When the next may start, as ``core.attempts.again_at`` says."""
    return again_at(_sat(attempts), *(quiz.get(name, 0) for name in ("cool_down", "attempts", "within_days")))


def counting(attempts: Sequence[Recent], quiz: Mapping[str, Any], now: datetime) -> int:
    """How many of them count against the most that a quiz allows, as ``core.attempts.counting`` says."""
    return core_counting(_sat(attempts), now, quiz.get("within_days", 0))
