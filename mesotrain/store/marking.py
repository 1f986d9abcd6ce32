"""The essays that people mark, and what they gave; whoever marks reads no name of a taker here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ForeignKeyConstraint,
    Select,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import PERMISSIONS, Actor
from mesotrain.core.attempts import FINISHED, MARKING
from mesotrain.core.errors import NotFound
from mesotrain.core.marking import Given, given
from mesotrain.store.answers import Answer
from mesotrain.store.attempts import Attempt, AttemptSlot
from mesotrain.store.courses import (
    Course,
    Module,
    ModuleVersion,
    Publication,
    PublishedQuestion,
    Question,
    QuestionKey,
    QuestionVersion,
)
from mesotrain.store.db import Base, Canonical, Moment
from mesotrain.store.holds import is_held, is_left_out
from mesotrain.store.people import Merge, alone


class Essay(Base):
    """An answer that people mark, and how many marks it needs, which grows where they lie far apart."""

    __tablename__ = "essays"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        ForeignKeyConstraint(["attempt_id", "position"], ["attempt_slots.attempt_id", "attempt_slots.position"]),
    )

    attempt_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    needed: Mapped[int]


class EssayMark(Base):
    """What one person gave an essay; nothing here is ever changed. `given` is a ``core.marking.Given``."""

    __tablename__ = "essay_marks"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        ForeignKeyConstraint(["organisation_id", "marker_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["attempt_id", "position"], ["essays.attempt_id", "essays.position"]),
        UniqueConstraint("attempt_id", "position", "marker_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    attempt_id: Mapped[int]
    position: Mapped[int]
    marker_id: Mapped[int]
    marked_at: Mapped[datetime] = mapped_column(Moment)
    given: Mapped[Any] = mapped_column(Canonical)


_OF_IT = and_(EssayMark.attempt_id == Essay.attempt_id, EssayMark.position == Essay.position)
_COUNT = select(func.count()).where(_OF_IT).correlate(Essay).scalar_subquery()
_HERE = and_(AttemptSlot.attempt_id == Essay.attempt_id, AttemptSlot.position == Essay.position)
_LEFT_OUT = (
    select(AttemptSlot.position)
    .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
    .where(_HERE, is_left_out(AttemptSlot.organisation_id))
    .correlate(Essay)
    .exists()
)
_WANTS = and_(Essay.needed > _COUNT, ~_LEFT_OUT)
"""That a mark of an essay is still to come."""
_IN = and_(Attempt.id == Essay.attempt_id, Attempt.organisation_id == Essay.organisation_id)


def _mine(actor: Actor) -> Any:
    """That a mark is the actor's, under this account or one that was merged into it."""
    before = select(Merge.person_id).where(Merge.organisation_id == actor.organisation, Merge.into_id == actor.person)
    return or_(EssayMark.marker_id == actor.person, EssayMark.marker_id.in_(before))


def put_up(session: Session, attempt: Attempt, needed: Mapping[int, int]) -> None:
    """The essays of an attempt wait to be marked: how many marks each needs by its position."""
    of = {"attempt_id": attempt.id, "organisation_id": attempt.organisation_id}
    rows = [{**of, "position": position, "needed": count} for position, count in needed.items()]
    session.execute(insert(Essay), rows)


class Waits(NamedTuple):
    """An essay somebody may mark; `marks` of those it needs are there."""

    attempt: int
    position: int
    marks: int
    needed: int
    since: datetime
    module: str
    shown: Any


def _waiting(actor: Actor, *columns: Any) -> Select[Any]:
    """Essays of the organisation that the actor may mark: not their own, and not marked by them."""
    return (
        select(*columns)
        .select_from(Essay)
        .join(Attempt, _IN)
        .where(
            Attempt.state == MARKING,
            Attempt.organisation_id == actor.organisation,
            Attempt.person_id != actor.person,
            _WANTS,
            ~select(EssayMark.id).where(_OF_IT, _mine(actor)).correlate(Essay).exists(),
        )
    )


def waiting(session: Session, actor: Actor, skip: int, most: int) -> list[Waits]:
    """Essays that the actor may mark, the oldest first."""
    columns = (Essay.attempt_id, Essay.position, _COUNT, Essay.needed, Attempt.ended_at)
    rows = session.execute(
        _waiting(actor, *columns, ModuleVersion.title, QuestionVersion.shown)
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .join(AttemptSlot, _HERE)
        .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .order_by(Attempt.ended_at, Essay.attempt_id, Essay.position)
        .offset(skip)
        .limit(most)
    )
    return [Waits._make(row) for row in rows]


def how_many(session: Session, actor: Actor) -> int:
    """How many essays the actor may mark."""
    return session.scalar(_waiting(actor, func.count())) or 0


def for_others(session: Session, actor: Actor) -> int:
    """How many essays that the actor has marked wait for somebody else's mark."""
    mine = select(EssayMark.id).where(_OF_IT, _mine(actor)).correlate(Essay).exists()
    waits = (Attempt.state == MARKING, Essay.organisation_id == actor.organisation, _WANTS)
    return session.scalar(select(func.count()).select_from(Essay).join(Attempt, _IN).where(*waits, mine)) or 0


class Marked(NamedTuple):
    """An essay as whoever marks it sees it, with its key and never with a name.

    `mine` says that the actor has marked it. `given` is empty until all its attempt's marks are in.
    """

    essay: Essay
    attempt: Attempt
    module: str
    course: str
    folder: str
    language: str
    question: QuestionVersion
    key: QuestionKey
    fields: Any
    marks: int
    mine: bool
    given: tuple[Given, ...] = ()


def essay(session: Session, actor: Actor, attempt: int, position: int) -> Marked:
    """An essay of the actor's organisation. Raises NotFound for any other, and for the actor's own."""
    mine = select(EssayMark.id).where(_OF_IT, _mine(actor)).correlate(Essay).exists()
    row = session.execute(
        select(
            Essay, Attempt, ModuleVersion.title, Course.name, Module.name, Publication.language,
            QuestionVersion, QuestionKey, Answer.fields, _COUNT, mine,
        )
        .join(Attempt, _IN)
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .join(Course, Course.id == Attempt.course_id)
        .join(Module, Module.id == Attempt.module_id)
        .join(Publication, Publication.id == Attempt.publication_id)
        .join(AttemptSlot, _HERE)
        .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .join(Answer, and_(Answer.attempt_id == Essay.attempt_id, Answer.position == Essay.position))
        .where(
            Essay.attempt_id == attempt,
            Essay.position == position,
            Essay.organisation_id == actor.organisation,
            Attempt.person_id != actor.person,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound
    found = Marked(*row)
    if found.attempt.state != FINISHED:
        return found
    return found._replace(given=tuple(marks(session, attempt).get(position, ())))


def lock(session: Session, actor: Actor, attempt: int) -> None:
    """Makes whoever else marks this attempt wait until this unit of work ends: one of them is the last."""
    of = select(Attempt.id).where(Attempt.id == attempt, Attempt.organisation_id == actor.organisation)
    session.execute(of.with_for_update())


def keep(session: Session, actor: Actor, now: datetime, attempt: int, position: int, said: Given) -> None:
    """Keeps what the actor gives an essay."""
    of = {"organisation_id": actor.organisation, "attempt_id": attempt, "position": position}
    session.execute(insert(EssayMark).values(**of, marker_id=actor.person, marked_at=now, given=said.model()))


def need(session: Session, attempt: int, position: int, needed: int) -> None:
    """An essay needs so many marks."""
    one = update(Essay).where(Essay.attempt_id == attempt, Essay.position == position)
    session.execute(one.values(needed=needed))


_UNMARKED = select(Essay.position).where(Essay.attempt_id == Attempt.id, _WANTS).correlate(Attempt).exists()
_HELD = (
    select(AttemptSlot.position)
    .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
    .where(AttemptSlot.attempt_id == Attempt.id, is_held(AttemptSlot.organisation_id))
    .correlate(Attempt)
    .exists()
)
_SETTLED = select(Attempt.id).where(Attempt.state == MARKING, ~_UNMARKED, ~_HELD).order_by(Attempt.ended_at)
_AWAITS = select(_UNMARKED, _HELD).select_from(Attempt).where(Attempt.id == bindparam("attempt"))


def awaits(session: Session, attempt: int) -> tuple[bool, bool]:
    """Whether (people have to mark an answer, a question is held) of an attempt."""
    unmarked_, held = session.execute(_AWAITS, {"attempt": attempt}).one()
    return unmarked_, held


def unmarked(session: Session, attempt: int) -> bool:
    """Whether a mark of the attempt is still to come."""
    return awaits(session, attempt)[0]


def settled(session: Session, most: int) -> Sequence[int]:
    """Attempts that wait though all of their marks are in and no question of theirs is held, the oldest first."""
    return session.scalars(_SETTLED.limit(most)).all()


def marks(session: Session, attempt: int) -> dict[int, list[Given]]:
    """What people gave the essays of an attempt, by position, in the order they gave it."""
    rows = session.execute(
        select(EssayMark.position, EssayMark.given).where(EssayMark.attempt_id == attempt).order_by(EssayMark.id)
    )
    found: dict[int, list[Given]] = {}
    for position, said in rows:
        found.setdefault(position, []).append(given(said))
    return found


def abandoned(session: Session, organisation: int, person: int) -> int:
    """How many essays of an organisation wait, where `person` is the only one there who may mark them; else 0."""
    if not alone(session, organisation, person, PERMISSIONS["mark"].roles or ()):
        return 0
    wait = select(func.count()).select_from(Essay).join(Attempt, _IN)
    return session.scalar(wait.where(Attempt.organisation_id == organisation, Attempt.state == MARKING)) or 0


_NEWEST_MODULE = (
    select(func.max(PublishedQuestion.module_version_id))
    .where(PublishedQuestion.question_version_id == QuestionVersion.id)
    .correlate(QuestionVersion)
    .scalar_subquery()
)


class Compared(NamedTuple):
    """A question with the first two marks of each answer that several people marked, all of its marks being in.

    `answers` are attempt and position of those that are not the actor's own, the newest first.
    """

    name: str
    module: str
    question: QuestionVersion
    key: QuestionKey
    pairs: list[tuple[Given, Given]]
    answers: list[tuple[int, int]]


def compared(session: Session, actor: Actor) -> list[Compared]:
    """What was marked by several people of the actor's organisation, question by question."""
    rows = session.execute(
        select(
            AttemptSlot.question_version_id,
            EssayMark.attempt_id,
            EssayMark.position,
            Attempt.person_id == actor.person,
            EssayMark.given,
        )
        .join(Attempt, Attempt.id == EssayMark.attempt_id)
        .join(
            AttemptSlot,
            and_(AttemptSlot.attempt_id == EssayMark.attempt_id, AttemptSlot.position == EssayMark.position),
        )
        .where(EssayMark.organisation_id == actor.organisation, Attempt.state == FINISHED)
        .order_by(EssayMark.id)
    )
    marked: dict[tuple[int, int, int, bool], list[Given]] = {}
    for version, attempt, position, own, said in rows:
        marked.setdefault((version, attempt, position, bool(own)), []).append(given(said))
    pairs: dict[int, list[tuple[Given, Given]]] = {}
    answers: dict[int, list[tuple[int, int]]] = {}
    for (version, attempt, position, own), found in marked.items():
        if len(found) > 1:
            pairs.setdefault(version, []).append((found[0], found[1]))
            answers.setdefault(version, [])[:0] = [] if own else [(attempt, position)]
    questions = session.execute(
        select(Question.name, ModuleVersion.title, QuestionVersion, QuestionKey)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .join(ModuleVersion, ModuleVersion.id == _NEWEST_MODULE)
        .where(QuestionVersion.id.in_(pairs))
        .order_by(ModuleVersion.title, Question.name, QuestionVersion.id)
    )
    return [
        Compared(*row, pairs=pairs[version], answers=answers[version])
        for row in questions
        for version in [row.QuestionVersion.id]
    ]
