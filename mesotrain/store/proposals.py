"""What was proposed to be taken from somebody, and how each proposal ended. Nothing of it is ever changed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.assertions import CONFIRMED_BY_A_SECOND
from mesotrain.core.errors import NotFound
from mesotrain.core.proposals import DECISIONS, state
from mesotrain.store.assertions import Concerns
from mesotrain.store.courses import Course
from mesotrain.store.db import Base
from mesotrain.store.events import Event
from mesotrain.store.people import MANAGING, THEIRS, Person, managed
from mesotrain.store.reminders import managers_of


class Proposal(Base):
    """Somebody proposes to say this of a person's certificate; it lapses on `ends_on` unless it is decided before.

    `kind` is one of those that a second person confirms; `about` and `course_id` say which certificate.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "proposed_by"], ["members.organisation_id", "members.person_id"]),
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("kind IN ({})".format(", ".join(f"'{one}'" for one in CONFIRMED_BY_A_SECOND)), name="kind"),
        Index("ix_proposals_person", "organisation_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    kind: Mapped[str]
    person_id: Mapped[int]
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    about: Mapped[str]
    reason: Mapped[str]
    ends_on: Mapped[date]
    proposed_by: Mapped[int]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))

    @property
    def concerns(self) -> Concerns:
        return Concerns(self.person_id, course=self.course_id, about=self.about)


class Decision(Base):
    """How a proposal ended, by whom, who need not belong to the organisation; `proof` is how they proved who they are,
    where that was asked."""

    __tablename__ = "decisions"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "proposal_id"], ["proposals.organisation_id", "proposals.id"]),
        CheckConstraint("decision IN ({})".format(", ".join(f"'{one}'" for one in DECISIONS)), name="decision"),
    )

    proposal_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    decision: Mapped[str]
    words: Mapped[str]
    decided_by: Mapped[int] = mapped_column(ForeignKey(Person.id))
    proof: Mapped[str]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class Entry(NamedTuple):
    """A proposal with the names of whom it is about and who made it, and how and when it ended, if it has."""

    row: Proposal
    person: str
    by: str
    at: datetime
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None

    def state(self, on: date) -> str:
        """What it has come to, as `core.proposals.state` says it."""
        return state(self.row.ends_on, self.decision.decision if self.decision else None, on)


_PERSON, _BY, _DECIDED_BY, _DECIDED = aliased(Person), aliased(Person), aliased(Person), aliased(Event)
_ENTRIES = (
    select(Proposal, _PERSON.name, _BY.name, Event.recorded_at, Decision, _DECIDED_BY.name, _DECIDED.recorded_at)
    .join(_PERSON, _PERSON.id == Proposal.person_id)
    .join(_BY, _BY.id == Proposal.proposed_by)
    .join(Event, Event.position == Proposal.sequence)
    .outerjoin(Decision, Decision.proposal_id == Proposal.id)
    .outerjoin(_DECIDED_BY, _DECIDED_BY.id == Decision.decided_by)
    .outerjoin(_DECIDED, _DECIDED.position == Decision.sequence)
    .order_by(Proposal.id.desc())
)


def _entries(session: Session, *which: ColumnElement[bool], **facts: Any) -> list[Entry]:
    return [Entry._make(row) for row in session.execute(_ENTRIES.where(*which), facts)]


def of_person(session: Session, organisation: int, person: int) -> list[Entry]:
    """All that was ever proposed about somebody, the newest first."""
    return _entries(session, Proposal.organisation_id == organisation, Proposal.person_id == person)


def undecided(session: Session, organisation: int, person: int) -> list[Entry]:
    """What is about somebody, or was proposed by them, and nobody decided, lapsed or not."""
    theirs = (Proposal.person_id == person) | (Proposal.proposed_by == person)
    return _entries(session, Proposal.organisation_id == organisation, theirs, Decision.proposal_id.is_(None))


def waiting_for(session: Session, actor: Actor, on: date) -> list[Entry]:
    """What waits for a second person, who can be the actor, what lapses first before the others."""
    every, clinics = managed(actor, MANAGING)
    if not every and not clinics:
        return []
    found = _entries(
        session,
        Proposal.organisation_id == actor.organisation,
        Proposal.ends_on > on,
        Decision.proposal_id.is_(None),
        Proposal.proposed_by != actor.person,
        Proposal.person_id != actor.person,
        Proposal.person_id.in_(THEIRS[every]),
        organisation=actor.organisation,
        clinics=clinics,
    )
    return found[::-1]


def proposal(session: Session, organisation: int, number: int) -> Entry:
    """One proposal of an organisation. Raises NotFound for any other."""
    return _one(session, Proposal.organisation_id == organisation, Proposal.id == number)


def by_number(session: Session, number: int) -> Entry:
    """The proposal of this number, whichever organisation it is of. Raises NotFound for none."""
    return _one(session, Proposal.id == number)


def _one(session: Session, *which: ColumnElement[bool]) -> Entry:
    found = _entries(session, *which)
    if not found:
        raise NotFound
    return found[0]


def seconds(session: Session, row: Proposal) -> Sequence[int]:
    """Who can be the second person: each who manages a clinic of whom it is about, but for whoever proposed it."""
    managers = managers_of(session, row.organisation_id, [row.person_id]).get(row.person_id, set())
    return sorted(managers - {row.person_id, row.proposed_by})
