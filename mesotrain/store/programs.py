"""The keys with which other programs ask about an organisation's people."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, ForeignKeyConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Moment
from mesotrain.store.people import Organisation, Person


class ProgramKey(Base):
    """A key of another program, which may ask about clearance and do nothing else, until somebody ends it.

    The key itself is the row's number and `nonce`, signed: whoever reads the database cannot make one.
    """

    __tablename__ = "program_keys"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "made_by"], ["members.organisation_id", "members.person_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    name: Mapped[str]
    nonce: Mapped[str]
    made_by: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))


class Kept(NamedTuple):
    """A key with the name of who made it."""

    key: ProgramKey
    by: str


def kept(session: Session, actor: Actor) -> Sequence[Kept]:
    """The keys of the actor's organisation, those that are good first, then the newest."""
    rows = session.execute(
        select(ProgramKey, Person.name)
        .join(Person, Person.id == ProgramKey.made_by)
        .where(ProgramKey.organisation_id == actor.organisation)
        .order_by(ProgramKey.ended_at.is_not(None), ProgramKey.id.desc())
    )
    return [Kept(*row) for row in rows]


def good(session: Session, actor: Actor, number: int) -> ProgramKey:
    """A key of the actor's organisation that is good, for whoever changes it. Raises NotFound for any other."""
    found = session.scalar(
        select(ProgramKey)
        .where(ProgramKey.organisation_id == actor.organisation, ProgramKey.id == number, ProgramKey.ended_at.is_(None))
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def asking(session: Session, number: int, nonce: str) -> Organisation | None:
    """The organisation about which a good key of this number and nonce asks."""
    return session.scalar(
        select(Organisation)
        .join(ProgramKey, ProgramKey.organisation_id == Organisation.id)
        .where(ProgramKey.id == number, ProgramKey.nonce == nonce, ProgramKey.ended_at.is_(None))
    )
