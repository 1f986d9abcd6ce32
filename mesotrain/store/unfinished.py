"""What somebody has begun in an organisation and not ended, for whoever takes over when they leave."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.attempts import FINISHED, MARKING
from mesotrain.core.attempts import OPEN as OPEN_ATTEMPT
from mesotrain.store.attempts import Attempt
from mesotrain.store.courses import Course, ModuleVersion
from mesotrain.store.drafts import OPEN, Draft
from mesotrain.store.holds import lasting
from mesotrain.store.invitations import Invitation
from mesotrain.store.marking import abandoned


class Unfinished(NamedTuple):
    """Titles of the modules whose quiz they sit, or that is being marked; names of the courses they drafted.

    `to_mark` is how many answers would wait with nobody left to mark them, `invitations` how many people they invited;
    `holds` are the questions that they hold.
    """

    attempts: Sequence[str]
    marking: Sequence[str]
    to_mark: int
    drafts: Sequence[str]
    invitations: int
    holds: Sequence[str]


def unfinished(session: Session, actor: Actor, person: int) -> Unfinished:
    """What waits for a member of the actor's organisation."""
    sat = (
        select(ModuleVersion.title, Attempt.state)
        .join(Attempt, Attempt.module_version_id == ModuleVersion.id)
        .where(Attempt.organisation_id == actor.organisation, Attempt.person_id == person, Attempt.state != FINISHED)
    )
    drafted = (
        select(Course.name)
        .join(Draft, Draft.course_id == Course.id)
        .where(Draft.state == OPEN, or_(Draft.made_by == person, Draft.proposed_by == person))
        .where(or_(Course.organisation_id == actor.organisation, Course.kept_by == actor.organisation))
    )
    invited = select(func.count()).where(
        Invitation.organisation_id == actor.organisation,
        Invitation.invited_by == person,
        Invitation.closed_at.is_(None),
    )
    titles = session.execute(sat).all()
    return Unfinished(
        [row.title for row in titles if row.state == OPEN_ATTEMPT],
        [row.title for row in titles if row.state == MARKING],
        abandoned(session, actor.organisation, person),
        session.scalars(drafted).all(),
        session.scalar(invited) or 0,
        [one.question for one in lasting(session, actor) if one.hold.held_by == person],
    )
