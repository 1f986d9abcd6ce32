"""What takers say of a question or of a result, and the answers; whoever answers reads no name of a taker here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ForeignKeyConstraint, Select, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store.attempts import OWN, Attempt, AttemptSlot, Own
from mesotrain.store.courses import Course, ModuleVersion, Question, QuestionVersion
from mesotrain.store.db import Base, Moment
from mesotrain.store.people import Person


class Report(Base):
    """What a taker says of the question at a place of their paper; without a place, of the result: an appeal."""

    __tablename__ = "reports"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        ForeignKeyConstraint(["attempt_id", "position"], ["attempt_slots.attempt_id", "attempt_slots.position"]),
        UniqueConstraint("organisation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    attempt_id: Mapped[int] = mapped_column(index=True)
    position: Mapped[int | None]
    reason: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(Moment)


class Reply(Base):
    """What an educator answers."""

    __tablename__ = "replies"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "report_id"], ["reports.organisation_id", "reports.id"]),
        ForeignKeyConstraint(["organisation_id", "replied_by"], ["members.organisation_id", "members.person_id"]),
    )

    report_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    replied_by: Mapped[int]
    replied_at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str]


class Said(NamedTuple):
    """A report as its taker sees it, with its answer once there is one."""

    position: int | None
    reason: str
    made_at: datetime
    replied_at: datetime | None
    text: str | None


_WORDS = (Report.position, Report.reason, Report.made_at, Reply.replied_at, Reply.text)
_SAID = (
    select(*_WORDS)
    .outerjoin(Reply, Reply.report_id == Report.id)
    .where(Report.attempt_id == bindparam("attempt"))
    .order_by(Report.id)
)
_OWN_SAID = (
    OWN.add_columns(*_WORDS)
    .outerjoin(Report, Report.attempt_id == Attempt.id)
    .outerjoin(Reply, Reply.report_id == Report.id)
    .order_by(Report.id)
)


def own_and_said(session: Session, actor: Actor, attempt: int) -> tuple[Own, list[Said]]:
    """The actor's own attempt, as ``store.attempts.own`` gives it, with what they said of it, in one statement."""
    which = {"attempt": attempt, "person": actor.person, "organisation": actor.organisation}
    rows = session.execute(_OWN_SAID, which).all()
    if not rows:
        raise NotFound
    many = len(Own._fields)
    return Own._make(rows[0][:many]), [Said._make(row[many:]) for row in rows if row.made_at]


def of_attempt(session: Session, attempt: int) -> list[Said]:
    """What was said of an attempt, in order; that it is the reader's own is the caller's to know."""
    return [Said._make(row) for row in session.execute(_SAID, {"attempt": attempt})]


class Asked(NamedTuple):
    """A report as whoever answers it sees it; of an appeal there is a `score`, of a question its name and `shown`."""

    report: Report
    module: str
    course: str
    passed: bool | None
    score: Any
    question: str | None
    shown: Any


def _unanswered(actor: Actor, *columns: Any) -> Select[Any]:
    """Reports in the actor's organisation that wait for an answer, but for their own."""
    return (
        select(*columns)
        .select_from(Report)
        .join(Attempt, Attempt.id == Report.attempt_id)
        .outerjoin(Reply, Reply.report_id == Report.id)
        .where(Report.organisation_id == actor.organisation, Attempt.person_id != actor.person)
        .where(Reply.report_id.is_(None))
    )


def waiting(session: Session, actor: Actor, skip: int, most: int) -> list[Asked]:
    """What waits for an answer, the oldest first."""
    columns = (Report, ModuleVersion.title, Course.name, Attempt.passed, Attempt.score, Question.name)
    rows = session.execute(
        _unanswered(actor, *columns, QuestionVersion.shown)
        .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
        .join(Course, Course.id == Attempt.course_id)
        .outerjoin(
            AttemptSlot, (AttemptSlot.attempt_id == Report.attempt_id) & (AttemptSlot.position == Report.position)
        )
        .outerjoin(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .outerjoin(Question, Question.id == QuestionVersion.question_id)
        .order_by(Report.id)
        .offset(skip)
        .limit(most)
    )
    return [Asked._make(row) for row in rows]


def how_many(session: Session, actor: Actor) -> int:
    """How many wait for an answer."""
    return session.scalar(_unanswered(actor, func.count())) or 0


def papers(session: Session, attempts: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """The places of these attempts with the names of their questions."""
    rows = session.execute(
        select(AttemptSlot.attempt_id, AttemptSlot.position, Question.name)
        .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(AttemptSlot.attempt_id.in_(list(attempts)))
        .order_by(AttemptSlot.attempt_id, AttemptSlot.position)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for attempt, position, name in rows:
        found.setdefault(attempt, []).append((position, name))
    return found


def locked(session: Session, actor: Actor, report: int) -> tuple[Report, str, bool]:
    """(a report, the commitment of whom it is of, whether it is answered), for nobody else to answer meanwhile.

    Raises NotFound for another organisation's, and for the actor's own.
    """
    row = session.execute(
        select(Report, Person.commitment)
        .join(Attempt, Attempt.id == Report.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .where(Report.id == report, Report.organisation_id == actor.organisation, Attempt.person_id != actor.person)
        .with_for_update(of=Attempt)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1], session.get(Reply, report) is not None


def answered(said: Sequence[Said], position: int | None) -> bool:
    """Whether nothing that was said of this place, or of the result, waits for an answer."""
    return all(one.replied_at for one in said if one.position == position)
