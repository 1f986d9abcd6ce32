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
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.attempts import FINISHED, MARKING, OPEN, STATES, VOID, Sat, Timing, again_at
from mesotrain.core.attempts import advance as next_state
from mesotrain.core.attempts import counting as core_counting
from mesotrain.core.errors import NotFound
from mesotrain.store.courses import Course, Module, ModuleVersion, Publication, PublishedModule, QuestionVersion
from mesotrain.store.db import Base, Canonical, Collision, Moment, engine_name, insert_or
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
    Answers count from the window that has the newest `lease` alone. `heard_at` is about when a page of it was last
    heard of; since `paused_at` its clock stands.
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
_OWN = (
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
    row = session.execute(_OWN, which).one_or_none()
    if row is None:
        raise NotFound
    return Own._make(row)


class Recent(NamedTuple):
    """What of an attempt decides when the next may start."""

    id: int
    state: str
    started_at: datetime
    deadline: datetime
    ended_at: datetime | None
    passed: bool | None
    paused_at: datetime | None = None

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline, self.paused_at)


_RANKED = (
    select(
        Attempt.module_id,
        *(getattr(Attempt, name) for name in Recent._fields),
        func.row_number().over(partition_by=Attempt.module_id, order_by=Attempt.id.desc()).label("place"),
    )
    .where(
        Attempt.person_id == bindparam("person"),
        Attempt.organisation_id == bindparam("organisation"),
        Attempt.module_id.in_(bindparam("modules", expanding=True)),
        Attempt.state != VOID,
    )
    .subquery()
)
_RECENT = (
    select(_RANKED.c.module_id, *(_RANKED.c[name] for name in Recent._fields))
    .where(_RANKED.c.place <= bindparam("most"))
    .order_by(_RANKED.c.id.desc())
)


def recent(session: Session, actor: Actor, quizzes: Mapping[int, Mapping[str, Any]]) -> dict[int, list[Recent]]:
    """The actor's attempts at these modules, given with their quizzes, the newest first.

    There are as many as any of the quizzes' rules count, and one that is open; none that is void.
    """
    most = max((quiz.get("attempts", 0) or 1 for quiz in quizzes.values()), default=0) + 1
    which = {"person": actor.person, "organisation": actor.organisation, "modules": list(quizzes), "most": most}
    found: dict[int, list[Recent]] = {module: [] for module in quizzes}
    for module, *values in session.connection().execute(_RECENT, which):
        found[module].append(Recent._make(values))
    return found


def one_at_a_time(session: Session, actor: Actor) -> None:
    """Makes whoever else begins an attempt of this person wait until this unit of work ends."""
    mine = select(Member.person_id).where(
        Member.organisation_id == actor.organisation, Member.person_id == actor.person
    )
    session.execute(mine.with_for_update())


def _sat(attempts: Sequence[Recent]) -> list[Sat]:
    return [Sat(one.ended_at, bool(one.passed)) for one in attempts if one.ended_at]


def in_marking(attempts: Sequence[Recent]) -> bool:
    """Whether one of them has no result yet, because people mark it."""
    return any(one.state == MARKING for one in attempts)


def again(attempts: Sequence[Recent], quiz: Mapping[str, Any]) -> datetime | None:
    """When the next may start, as ``core.attempts.again_at`` says."""
    return again_at(_sat(attempts), *(quiz.get(name, 0) for name in ("cool_down", "attempts", "within_days")))


def counting(attempts: Sequence[Recent], quiz: Mapping[str, Any], now: datetime) -> int:
    """How many of them count against the most that a quiz allows, as ``core.attempts.counting`` says."""
    return core_counting(_sat(attempts), now, quiz.get("within_days", 0))


ASKED = (
    select(QuestionVersion.question_id)
    .join(AttemptSlot, AttemptSlot.question_version_id == QuestionVersion.id)
    .join(Attempt, Attempt.id == AttemptSlot.attempt_id)
    .where(Attempt.person_id == bindparam("person"), Attempt.organisation_id == bindparam("organisation"))
)
"""The questions that somebody was asked in any attempt, whatever their version then."""


def met(session: Session, actor: Actor) -> set[int]:
    """Ids of the questions the actor was asked in earlier attempts at any module, whatever their version then."""
    return set(session.scalars(ASKED, {"person": actor.person, "organisation": actor.organisation}))


def begin(session: Session, values: Mapping[str, object], paper: Sequence[int]) -> int | None:
    """Stores a new attempt and its paper of question versions; None where one was open already."""
    started = insert_or(engine_name(session), Attempt).values(**values).on_conflict_do_nothing().returning(Attempt.id)
    attempt: int | None = session.connection().execute(started).scalar()
    if attempt is not None:
        slots = [
            {
                "organisation_id": values["organisation_id"],
                "attempt_id": attempt,
                "position": position,
                "question_version_id": version,
            }
            for position, version in enumerate(paper, 1)
        ]
        session.connection().execute(insert(AttemptSlot.__table__).values(slots))  # type: ignore[arg-type]
    return attempt


def take_over(session: Session, actor: Actor, now: datetime, attempt: int) -> int | None:
    """Gives the actor's open attempt a new lease, which is given back; None where it is open no longer."""
    moved = (
        update(Attempt)
        .where(Attempt.id == attempt, Attempt.person_id == actor.person, Attempt.organisation_id == actor.organisation)
        .where(Attempt.state == OPEN, still(literal(now, Moment)))
        .values(lease=Attempt.lease + 1)
        .returning(Attempt.lease)
    )
    lease: int | None = session.connection().execute(moved).scalar()
    return lease


def advance(
    session: Session, attempt: Attempt, event: str, expected_version: int, *, waits: bool = False, **values: object
) -> None:
    """Moves the attempt along the transition table and sets `values`, if it is still at the version its caller saw.

    `waits`: people have to mark an answer. Raises Ended where the table has no such transition, and Collision where
    something changed it meanwhile.
    """
    moved = session.connection().execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.version == expected_version, Attempt.state == attempt.state)
        .where(Attempt.deadline == attempt.deadline, Attempt.paused_at.is_not_distinct_from(attempt.paused_at))
        .values(state=next_state(attempt.state, event, waits), version=expected_version + 1, paused_at=None, **values)
    )
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
    """Somebody's open attempts with the rules they were begun under; nobody else changes them until the unit ends."""
    mine = (Attempt.organisation_id == organisation, Attempt.person_id == person, Attempt.state == OPEN)
    found = select(Attempt, ModuleVersion.quiz).join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    rows = session.execute(found.where(*mine).order_by(Attempt.id).with_for_update(of=Attempt))
    return [(row[0], row[1]) for row in rows]


def due(session: Session, now: datetime, most: int) -> Sequence[int]:
    """Open attempts whose deadline has passed, oldest first."""
    return session.scalars(select(Attempt.id).where(overdue(now)).order_by(Attempt.deadline).limit(most)).all()
