"""Attempts and the papers pinned for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    bindparam,
    case,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.attempts import FINISHED, MARKING, OPEN, STATES, Sat, Timing, again_at
from mesotrain.core.attempts import advance as next_state
from mesotrain.core.attempts import counting as core_counting
from mesotrain.core.errors import NotFound
from mesotrain.store.courses import Course, Module, ModuleVersion, Publication, PublishedModule, QuestionVersion
from mesotrain.store.db import Base, Canonical, Collision, Moment, engine_name, insert_or
from mesotrain.store.holds import OUT_NOW, Hold, Lift
from mesotrain.store.people import Member, Organisation

ONLY_OPEN, ONLY_MARKING = text(f"state = '{OPEN}'"), text(f"state = '{MARKING}'")


class Attempt(Base):
    """One person's go at a module's quiz.

    `version` counts every change, saves and transitions alike: who compares it before writing misses nothing.
    Answers count from the window that has the newest `lease` alone.
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

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline)


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


class Recent(NamedTuple):
    """What of an attempt decides when the next may start; `spared`: a question of it is held, or was found wrong."""

    id: int
    state: str
    started_at: datetime
    deadline: datetime
    ended_at: datetime | None
    passed: bool | None
    spared: bool

    @property
    def timing(self) -> Timing:
        return Timing(self.started_at, self.deadline)


_ASKED_IT = (
    select(AttemptSlot.position)
    .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
    .where(AttemptSlot.attempt_id == Attempt.id, QuestionVersion.question_id == Hold.question_id, OUT_NOW)
    .correlate(Attempt, Hold, Lift)
)
_ASKED_QUESTION = (
    select(AttemptSlot.position)
    .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
    .where(AttemptSlot.attempt_id == Attempt.id, QuestionVersion.question_id == bindparam("question"))
)
_SPARED = (
    select(Hold.id)
    .outerjoin(Lift, Lift.hold_id == Hold.id)
    .where(Hold.organisation_id == Attempt.organisation_id, _ASKED_IT.exists())
    .correlate(Attempt)
    .exists()
)
_KNOWN = select(Attempt, _SPARED.label("spared")).subquery()
_RANKED = (
    select(
        _KNOWN.c.module_id,
        *(_KNOWN.c[name] for name in Recent._fields),
        func.sum(case((_KNOWN.c.spared, 0), else_=1))
        .over(partition_by=_KNOWN.c.module_id, order_by=_KNOWN.c.id.desc())
        .label("place"),
    )
    .where(
        _KNOWN.c.person_id == bindparam("person"),
        _KNOWN.c.organisation_id == bindparam("organisation"),
        _KNOWN.c.module_id.in_(bindparam("modules", expanding=True)),
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

    There are as many as any of the quizzes' rules count, one that is open, and those that are spared.
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
    """What counts: an attempt that is spared does where it passed."""
    return [Sat(one.ended_at, bool(one.passed)) for one in attempts if one.ended_at and (one.passed or not one.spared)]


def in_marking(attempts: Sequence[Recent]) -> bool:
    """Whether one of them has no result yet, because people mark it; one that is spared keeps nobody waiting."""
    return any(one.state == MARKING and not one.spared for one in attempts)


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
        .where(Attempt.state == OPEN, Attempt.deadline > now)
        .values(lease=Attempt.lease + 1)
        .returning(Attempt.lease)
    )
    lease: int | None = session.connection().execute(moved).scalar()
    return lease


def advance(
    session: Session, attempt: Attempt, event: str, expected_version: int, *, waits: bool = False, **values: object
) -> None:
    """Moves the attempt along the transition table and sets `values`, if it is still at the version its caller saw.

    `waits`: for people. Raises Ended where the table has no such transition, and Collision where
    something changed it meanwhile.
    """
    moved = session.connection().execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.version == expected_version, Attempt.state == attempt.state)
        .values(state=next_state(attempt.state, event, waits), version=expected_version + 1, **values)
    )
    if moved.rowcount != 1:
        raise Collision(select(Attempt.id).where(Attempt.id == attempt.id).with_for_update())


def waiting_for(session: Session, hold: Hold) -> int:
    """How many attempts are handed in and wait for a hold to end."""
    ours = (Attempt.organisation_id == hold.organisation_id, Attempt.state == MARKING)
    count = select(func.count(Attempt.id)).where(*ours, _ASKED_QUESTION.correlate(Attempt).exists())
    return session.scalar(count, {"question": hold.question_id}) or 0


def due(session: Session, now: datetime, most: int) -> Sequence[int]:
    """Open attempts whose deadline has passed, oldest first."""
    return session.scalars(
        select(Attempt.id).where(Attempt.state == OPEN, Attempt.deadline <= now).order_by(Attempt.deadline).limit(most)
    ).all()
