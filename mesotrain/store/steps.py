"""Papers that are answered one question after another, where what was left stays as it is."""

from sqlalchemy import Text, bindparam, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from mesotrain.core.assessments import DONE, FORWARD
from mesotrain.store.answers import Answer
from mesotrain.store.attempts import Attempt, AttemptSlot
from mesotrain.store.courses import ModuleVersion

_SKIPPED = (
    select(func.count())
    .select_from(AttemptSlot)
    .join(Attempt, Attempt.id == AttemptSlot.attempt_id)
    .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .outerjoin(Answer, (Answer.attempt_id == AttemptSlot.attempt_id) & (Answer.position == AttemptSlot.position))
    .where(
        AttemptSlot.attempt_id == bindparam("attempt"),
        AttemptSlot.position < bindparam("position"),
        Attempt.handed_in == 0,
        type_coerce(ModuleVersion.quiz, Text).contains(f'"navigation":"{FORWARD}"'),
        or_(Answer.sequence.is_(None), ~type_coerce(Answer.fields, Text).contains(f'"{DONE}":["1"]')),
    )
)


def skipped(session: Session, attempt: int, position: int) -> bool:
    """Whether a paper goes forward only, and a question before this one has not been left yet."""
    return position > 1 and bool(session.connection().scalar(_SKIPPED, {"attempt": attempt, "position": position}))
