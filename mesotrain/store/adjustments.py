"""Extra time and whatever else is arranged for a person, set once and good for everything they sit."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.attempts import MOST_EXTRA
from mesotrain.store.db import Base, Moment
from mesotrain.store.people import Person


class Adjustment(Base):
    """What is arranged for a member from a moment on; the newest counts, and nothing here is ever changed.

    `extra` is in percent of the time others have. `note` says what else is arranged, never why.
    """

    __tablename__ = "adjustments"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "set_by"], ["members.organisation_id", "members.person_id"]),
        CheckConstraint(f"extra BETWEEN 0 AND {MOST_EXTRA}", name="extra"),
        Index("ix_adjustments_person", "organisation_id", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    set_by: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(Moment)
    extra: Mapped[int]
    note: Mapped[str]


class Arranged(NamedTuple):
    """What is arranged for a member: extra time in percent of what others have, and what else."""

    extra: int
    note: str


_OF = (
    select(Adjustment.extra, Adjustment.note)
    .where(Adjustment.organisation_id == bindparam("organisation"), Adjustment.person_id == bindparam("person"))
    .order_by(Adjustment.id.desc())
    .limit(1)
)


def newest(session: Session, organisation: int, person: int) -> Arranged | None:
    """What is arranged for a member; None where nothing ever was."""
    row = session.connection().execute(_OF, {"organisation": organisation, "person": person}).first()
    return Arranged._make(row) if row else None


def extra_of(session: Session, organisation: int, person: int) -> int:
    """How many percent of extra time a member has."""
    found = newest(session, organisation, person)
    return found.extra if found else 0


def before(session: Session, organisation: int, person: int, most: int) -> Sequence[tuple[Adjustment, str]]:
    """What was arranged for a member, the newest first, each with the name of who set it."""
    rows = session.execute(
        select(Adjustment, Person.name)
        .join(Person, Person.id == Adjustment.set_by)
        .where(Adjustment.organisation_id == organisation, Adjustment.person_id == person)
        .order_by(Adjustment.id.desc())
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]
