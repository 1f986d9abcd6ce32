"""Attempts and the papers pinned for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.attempts import FINISHED, MARKING, OPEN, STATES, Timing
from mesotrain.core.attempts import advance as next_state
from mesotrain.core.errors import NotFound
from mesotrain.store.courses import Course, Module, ModuleVersion, Publication, PublishedModule, QuestionVersion
from mesotrain.store.db import Base, Canonical, Collision, Moment, engine_name, insert_or
from mesotrain.store.holds import Hold
from mesotrain.store.people import Member, Organisation


def still(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """That the time of an attempt is not over, as ``core.attempts.Timing`` says it."""
    return or_(Attempt.deadline > now, Attempt.paused_at.is_not(None))


def overdue(now: datetime) -> ColumnElement[bool]:
    """That an attempt is open though its time is over."""
    return and_(Attempt.state == OPEN, Attempt.deadline <= now, Attempt.paused_at.is_(None))


ONLY_OPEN, ONLY_MARKING = text(f"state = '{OPEN}'"), text(f"state = '{MARKING}'")


class Attempt(Base):
    """One person's go at a module's quiz.

    `version` counts every change, saves and transitions alike: who compares it before writing misses nothing.
    Answers count from the window that has the newest `lease` alone, and not at the places that were `handed_in`: so
    many from the first, while what is asked again is open. `heard_at` is about when a page of it was last heard of;
    since `paused_at` its clock stands.
    It has `ended_at` once it is handed in; `score` is canonical and is there exactly when the attempt is finished.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["course_id", "publication_id"], ["publications.course_id", "publications.id"]),
        ForeignKeyConstraint(["course_id", "module_id"], ["modules.course_id", "modules.id"]),
        ForeignKeyConstraint(["course_id", "module_version_id"], ["module_versions.course_id", "module_versions.id"]),
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
        CheckConstraint(f"(state = '{OPEN}') = (ended_at IS NULL)", name="ended"),
        CheckConstraint(f"(state = '{FINISHED}') = (score IS NOT NULL)", name="scored"),
        CheckConstraint(f"state = '{OPEN}' OR paused_at IS NULL", name="paused"),
        Index(
            "uq_attempts_open",
            "organisation_id",
            "person_id",
            "module_id",
            unique=True,
            sqlite_where=ONLY_OPEN,
            postgresql_where=ONLY_OPEN,
        ),
        Index("ix_attempts_due", "deadline", sqlite_where=ONLY_OPEN, postgresql_where=ONLY_OPEN),
        Index(
            "ix_attempts_marking",
            "organisation_id",
            "ended_at",
            sqlite_where=ONLY_MARKING,
            postgresql_where=ONLY_MARKING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    person_id: Mapped[int] = mapped_column(index=True)
    course_id: Mapped[int]
    module_id: Mapped[int]
    publication_id: Mapped[int]
    module_version_id: Mapped[int]
    state: Mapped[str]
    version: Mapped[int]
    seed: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Moment)
    deadline: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None]
    passed: Mapped[bool | None]
    score: Mapped[Any | None] = mapped_column(Canonical)
    lease: Mapped[int] = mapped_column(server_default="0")
    heard_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    handed_in: Mapped[int] = mapped_column(server_default="0")

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline, self.paused_at)


class AttemptSlot(Base):
    """The question version pinned at a place of the paper; positions count from 1."""

    __tablename__ = "attempt_slots"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    question_version_id: Mapped[int] = mapped_column(ForeignKey(QuestionVersion.id))


class Own(NamedTuple):
    """An attempt with what its pages say of its module.

    `quiz` has the rules it was begun under; `rules` those the next is, None where the module is taught no longer.
    """

    attempt: Attempt
    language: str
    title: str
    competency: int
    course: str
    module: str
    quiz: dict[str, Any]
    rules: dict[str, Any] | None

    @property
    def feedback(self) -> str:
        """When its keys are released, one of ``core.courses.FEEDBACK``."""
        return str(self.quiz["feedback"])


_LIVE = aliased(ModuleVersion)
_NEWEST = select(func.max(Publication.id)).where(Publication.course_id == Attempt.course_id).correlate(Attempt)
_RULES = (
    select(_LIVE.quiz)
    .join(PublishedModule, PublishedModule.module_version_id == _LIVE.id)
    .where(_LIVE.module_id == Attempt.module_id, PublishedModule.publication_id == _NEWEST.scalar_subquery())
    .correlate(Attempt)
)
OWN = (
    select(
        Attempt,
        Publication.language,
        ModuleVersion.title,
        ModuleVersion.competency_id,
        Course.name,
        Module.name,
        ModuleVersion.quiz,
        _RULES.scalar_subquery(),
    )
    .join(Publication, Publication.id == Attempt.publication_id)
    .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .join(Course, Course.id == Attempt.course_id)
    .join(Module, Module.id == Attempt.module_id)
    .where(
        Attempt.id == bindparam("attempt"),
        Attempt.person_id == bindparam("person"),
        Attempt.organisation_id == bindparam("organisation"),
    )
)


def own(session: Session, actor: Actor, attempt: int) -> Own:
    """The actor's own attempt, fetched and authorised at once. Raises NotFound for anybody else's."""
    which = {"attempt": attempt, "person": actor.person, "organisation": actor.organisation}
    row = session.execute(OWN, which).one_or_none()
    if row is None:
        raise NotFound
    return Own._make(row)


_MEMBER = (
    select(Member.person_id)
    .where(Member.organisation_id == bindparam("organisation"), Member.person_id == bindparam("person"))
    .with_for_update()
)


def one_at_a_time(session: Session, actor: Actor) -> None:
    """Makes whoever else begins an attempt of this person wait until this unit of work ends."""
    session.connection().execute(_MEMBER, {"organisation": actor.organisation, "person": actor.person})


ASKED = (
    select(QuestionVersion.question_id)
    .join(AttemptSlot, AttemptSlot.question_version_id == QuestionVersion.id)
    .join(Attempt, Attempt.id == AttemptSlot.attempt_id)
    .where(Attempt.person_id == bindparam("person"), Attempt.organisation_id == bindparam("organisation"))
)
"""The questions that somebody was asked in any attempt, whatever their version then."""


def met(session: Session, organisation: int, person: int) -> set[int]:
    """Ids of the questions somebody was asked in any attempt of theirs, whatever their version then."""
    return set(session.connection().scalars(ASKED, {"person": person, "organisation": organisation}))


_BEGIN = {
    engine: insert_or(engine, Attempt).on_conflict_do_nothing().returning(Attempt.id)
    for engine in ("sqlite", "postgresql")
}


def begin(session: Session, values: Mapping[str, object], paper: Sequence[int]) -> int | None:
    """Stores a new attempt and its paper of question versions; None where one was open already."""
    attempt: int | None = session.connection().scalar(_BEGIN[engine_name(session)], values)
    if attempt is not None:
        _pin(session, values["organisation_id"], attempt, paper)
    return attempt


def _pin(session: Session, organisation: object, attempt: int, paper: Sequence[int], after: int = 0) -> None:
    slots = [
        {"organisation_id": organisation, "attempt_id": attempt, "position": position, "question_version_id": version}
        for position, version in enumerate(paper, after + 1)
    ]
    session.connection().execute(insert(AttemptSlot), slots)


def go_on(
    session: Session, attempt: Attempt, expected_version: int, paper: Sequence[int], after: int, deadline: datetime
) -> None:
    """Adds questions to an open attempt, until a new deadline; what stood before is handed in.

    Raises Collision where something changed it meanwhile.
    """
    _change(session, attempt, expected_version, handed_in=after, deadline=deadline)  # no answer, so no new version
    _pin(session, attempt.organisation_id, attempt.id, paper, after)


_TAKE_OVER = (
    update(Attempt)
    .where(
        Attempt.id == bindparam("attempt"),
        Attempt.person_id == bindparam("person"),
        Attempt.organisation_id == bindparam("organisation"),
    )
    .where(Attempt.state == OPEN, still(bindparam("now", type_=Moment)))
    .values(lease=Attempt.lease + 1)
    .returning(Attempt.lease)
)


def take_over(session: Session, actor: Actor, now: datetime, attempt: int) -> int | None:
    """Gives the actor's open attempt a new lease, which is given back; None where it is open no longer."""
    which = {"attempt": attempt, "person": actor.person, "organisation": actor.organisation, "now": now}
    lease: int | None = session.connection().scalar(_TAKE_OVER, which)
    return lease


def advance(
    session: Session, attempt: Attempt, event: str, expected_version: int, *, waits: bool = False, **values: object
) -> None:
    """Moves the attempt along the transition table and sets `values`, if it is still at the version its caller saw.

    `waits`: for people. Raises Ended where the table has no such transition, and Collision where
    something changed it meanwhile.
    """
    state = next_state(attempt.state, event, waits)
    _change(
        session,
        attempt,
        expected_version,
        state=state,
        version=expected_version + 1,
        paused_at=None,
        **values,
    )


_CHANGE = update(Attempt).where(
    Attempt.id == bindparam("attempt"),
    Attempt.version == bindparam("seen"),
    Attempt.state == bindparam("was"),
    Attempt.deadline == bindparam("until"),
    Attempt.handed_in == bindparam("before"),
    Attempt.paused_at.is_not_distinct_from(bindparam("since", type_=Moment)),
)


def _change(session: Session, attempt: Attempt, expected_version: int, **values: object) -> None:
    seen = {"attempt": attempt.id, "seen": expected_version, "was": attempt.state}
    seen |= {"until": attempt.deadline, "before": attempt.handed_in, "since": attempt.paused_at}
    moved = session.connection().execute(_CHANGE, values | seen)
    if moved.rowcount != 1:
        raise Collision(select(Attempt.id).where(Attempt.id == attempt.id).with_for_update())


HEARD = timedelta(seconds=20)
"""How often at most it is written down that a page was heard of."""


def heard(session: Session, attempt: int, now: datetime) -> None:
    """An open page of this attempt was heard of."""
    mine = update(Attempt).where(Attempt.id == attempt, Attempt.state == OPEN)
    session.connection().execute(mine.values(heard_at=now))


def anybody_sits(session: Session, attempt: Attempt) -> bool:
    """Whether anybody of its organisation is in the middle of what an attempt was at."""
    same = (Attempt.organisation_id == attempt.organisation_id, Attempt.module_id == attempt.module_id)
    return session.scalar(select(Attempt.id).where(*same, Attempt.state == OPEN).limit(1)) is not None


def held_open(session: Session, organisation: int, person: int) -> Sequence[tuple[Attempt, dict[str, Any]]]:
    """Somebody's open attempts with the rules they were begun under; nobody else changes them until the unit ends.

    Not those of which only what is asked again is open: it has the minutes it was given.
    """
    mine = (Attempt.organisation_id == organisation, Attempt.person_id == person)
    open_ = (Attempt.state == OPEN, Attempt.handed_in == 0)
    found = select(Attempt, ModuleVersion.quiz).join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    rows = session.execute(found.where(*mine, *open_).order_by(Attempt.id).with_for_update(of=Attempt))
    return [(row[0], row[1]) for row in rows]


_ASKED_QUESTION = (
    select(AttemptSlot.position)
    .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
    .where(AttemptSlot.attempt_id == Attempt.id, QuestionVersion.question_id == bindparam("question"))
)


def waiting_for(session: Session, hold: Hold) -> int:
    """How many attempts are handed in and wait for a hold to end."""
    ours = (Attempt.organisation_id == hold.organisation_id, Attempt.state == MARKING)
    count = select(func.count(Attempt.id)).where(*ours, _ASKED_QUESTION.correlate(Attempt).exists())
    return session.scalar(count, {"question": hold.question_id}) or 0


def due(session: Session, now: datetime, most: int) -> Sequence[int]:
    """Open attempts whose deadline has passed, oldest first."""
    return session.scalars(select(Attempt.id).where(overdue(now)).order_by(Attempt.deadline).limit(most)).all()
