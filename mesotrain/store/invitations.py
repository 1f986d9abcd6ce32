"""Who is invited to an organisation, and as what."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor, Held
from mesotrain.core.accounts import INVITATION
from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Canonical, Moment, engine_name, insert_or
from mesotrain.store.names import Named, named
from mesotrain.store.people import Organisation, Person

OPEN, ACCEPTED, WITHDRAWN = "open", "accepted", "withdrawn"
IS_OPEN = text("state = 'open'")


class Invitation(Named, Base):
    """A person is asked to join, by a mailed link that is good once; nobody joins anything unasked.

    `roles` is a list of [role, clinic id or null]. `nonce` changes when it is sent again, so that one link is good.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "invited_by"], ["members.organisation_id", "members.person_id"]),
        CheckConstraint(f"state IN ('{OPEN}', '{ACCEPTED}', '{WITHDRAWN}')", name="state"),
        CheckConstraint(f"(state = '{OPEN}') = (closed_at IS NULL)", name="closed"),
        Index(
            "uq_invitations_open",
            "organisation_id",
            "email",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    email: Mapped[str]
    name: Mapped[str]
    locale: Mapped[str]
    roles: Mapped[list[Any]] = mapped_column(Canonical)
    nonce: Mapped[str]
    invited_by: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))

    @property
    def sent_at(self) -> datetime:
        """When the link that is good was made."""
        return self.ends_at - INVITATION

    def good(self, now: datetime) -> bool:
        """Whether one may still join by it."""
        return self.state == OPEN and self.ends_at > now


def as_kept(roles: Iterable[Held]) -> list[list[Any]]:
    """Roles as an invitation keeps them, the same ones always alike."""
    return [list(one) for one in sorted(roles, key=str)]


def invitation(session: Session, number: int, nonce: str, now: datetime) -> Invitation | None:
    """The invitation of a mailed link, while it is good."""
    found = session.get(Invitation, number)
    return found if found and found.nonce == nonce and found.good(now) else None


def use(session: Session, row: Invitation, person: int, now: datetime) -> bool:
    """Closes an invitation as accepted; False where somebody was quicker."""
    used = (
        update(Invitation)
        .where(Invitation.id == row.id, Invitation.nonce == row.nonce, Invitation.state == OPEN)
        .values(state=ACCEPTED, closed_at=now, person_id=person)
        .returning(Invitation.id)
    )
    return session.execute(used).scalar() is not None


def invited(session: Session, actor: Actor, number: int) -> Invitation:
    """An open invitation of the actor's organisation. Raises NotFound for any other."""
    found = session.scalar(
        select(Invitation)
        .where(Invitation.id == number, Invitation.organisation_id == actor.organisation, Invitation.state == OPEN)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def invitations_to(session: Session, organisation: int, emails: Sequence[str]) -> Sequence[Invitation]:
    """The open invitations of people with these addresses."""
    return session.scalars(
        select(Invitation).where(
            Invitation.organisation_id == organisation, Invitation.email.in_(emails), Invitation.state == OPEN
        )
    ).all()


def add_all(session: Session, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Adds invitations by their columns, and gives them; none where somebody else has invited to that address."""
    if not rows:
        return []
    new = insert_or(engine_name(session), Invitation)
    added = new.on_conflict_do_nothing(index_elements=["organisation_id", "email"], index_where=IS_OPEN)
    return session.connection().execute(added.returning(Invitation.id), list(rows)).scalars().all()


def withdraw_all(session: Session, numbers: Sequence[int], now: datetime) -> Sequence[int]:
    """Withdraws those of these invitations that are open, and gives them."""
    gone = update(Invitation).where(Invitation.id.in_(numbers), Invitation.state == OPEN)
    return session.scalars(gone.values(state=WITHDRAWN, closed_at=now).returning(Invitation.id)).all()


def invitations(session: Session, actor: Actor, name: str, skip: int, most: int) -> tuple[Sequence[Invitation], int]:
    """(open invitations of the actor's organisation by name, how many there are)."""
    found = select(Invitation, func.count().over()).where(
        Invitation.organisation_id == actor.organisation, Invitation.state == OPEN
    )
    if name:
        found = found.where(named(name, Invitation.folded, Invitation.email))
    rows = session.execute(found.order_by(Invitation.folded, Invitation.id).offset(skip).limit(most)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0
