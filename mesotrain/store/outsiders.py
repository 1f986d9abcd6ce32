"""Who is asked from outside to be the second person of one proposal, by a mailed link."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, exists, literal, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Moment
from mesotrain.store.people import Member, Person
from mesotrain.store.proposals import Decision, Proposal


class Outsider(Base):
    """Somebody at this address is asked to decide a proposal; of those asked, the last alone can.

    `person_id` is who they said they are when they decided: a name, and no account.
    """

    __tablename__ = "outsiders"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "proposal_id"], ["proposals.organisation_id", "proposals.id"]),
        ForeignKeyConstraint(["organisation_id", "asked_by"], ["members.organisation_id", "members.person_id"]),
        Index("ix_outsiders_proposal", "proposal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    proposal_id: Mapped[int]
    email: Mapped[str]
    nonce: Mapped[str]
    asked_by: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(Moment)
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))


def asked(session: Session, proposal: int) -> Outsider | None:
    """Who was asked last to decide a proposal, if anybody was."""
    return session.scalar(
        select(Outsider).where(Outsider.proposal_id == proposal).order_by(Outsider.id.desc()).limit(1)
    )


def by_link(session: Session, number: int, nonce: str) -> Outsider:
    """Whose mailed link this is. Raises NotFound for any other, and where another was asked since."""
    found = session.get(Outsider, number)
    last = asked(session, found.proposal_id) if found else None
    if found is None or found.nonce != nonce or last is not found:
        raise NotFound
    return found


def forget(session: Session, organisation: int, before: datetime) -> None:
    """The addresses of those who were asked before are known no more."""
    old = Outsider.organisation_id == organisation, Outsider.asked_at <= literal(before, Moment)
    session.execute(update(Outsider).where(*old).values(email=""))


def only_of(session: Session, person: int) -> list[Person]:
    """Whoever, from outside, decided what was proposed about somebody and nothing else; each has a name here alone."""
    rows = session.scalars(
        select(Person)
        .join(Outsider, Outsider.person_id == Person.id)
        .join(Decision, Decision.decided_by == Person.id)
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Proposal.person_id == person, ~exists().where(Member.person_id == Person.id))
        .order_by(Person.id)
    )
    return list(rows)
