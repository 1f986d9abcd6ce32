"""How far a reader has come in the sections of a course, and their notes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKeyConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.store.db import Base, Moment, engine_name, insert_or
from mesotrain.store.search import SectionWords


class Reading(Base):
    """One person's reading of one section, known by its permanent id wherever it stands.

    `module_id` is where it stood when they last reached it; `read_version` the words they marked as read.
    """

    __tablename__ = "readings"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["course_id", "module_id"], ["modules.course_id", "modules.id"]),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    module_id: Mapped[int]
    reached_at: Mapped[datetime] = mapped_column(Moment)
    read_version: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")


class Mark(NamedTuple):
    """How far somebody has come in one section.

    `title` and `module_title` are what it and its module are called now, None where it is no longer taught.
    """

    section: str
    module_id: int
    reached_at: datetime
    read_version: str | None
    note: str
    title: str | None
    module_title: str | None


_READINGS = (
    select(
        Reading.section,
        Reading.module_id,
        Reading.reached_at,
        Reading.read_version,
        Reading.note,
        SectionWords.title,
        SectionWords.module_title,
    )
    .outerjoin(SectionWords, (SectionWords.course_id == Reading.course_id) & (SectionWords.section == Reading.section))
    .where(
        Reading.organisation_id == bindparam("organisation"),
        Reading.person_id == bindparam("person"),
        Reading.course_id.in_(bindparam("courses", expanding=True)),
    )
    .order_by(Reading.reached_at)
)


def readings(session: Session, actor: Actor, courses: Sequence[int]) -> list[Mark]:
    """The actor's readings in these courses, the section reached last at the end."""
    which = {"organisation": actor.organisation, "person": actor.person, "courses": courses}
    return list(map(Mark._make, session.connection().execute(_READINGS, which)))


def keep(
    session: Session, actor: Actor, now: datetime, course: int, module: int, section: str, **values: str | None
) -> None:
    """Keeps that the actor reached a section, and `values` with it."""
    moved = {"module_id": module, "reached_at": now, **values}
    which = {
        "organisation_id": actor.organisation,
        "person_id": actor.person,
        "course_id": course,
        "section": section,
    }
    kept = insert_or(engine_name(session), Reading).values(**which, **moved)
    session.execute(kept.on_conflict_do_update(index_elements=list(which), set_=moved))
