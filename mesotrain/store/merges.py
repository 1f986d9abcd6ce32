"""One person who had two accounts: which of them goes on, and the record brought together under it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.store.adjustments import Adjustment, before, newest
from mesotrain.store.assignments import Assignment
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import Evidence, Withdrawal
from mesotrain.store.names import named
from mesotrain.store.people import Member, Merge, Person
from mesotrain.store.practice import PracticeLog
from mesotrain.store.privacy import Erasure
from mesotrain.store.reading import Reading


class Alike(NamedTuple):
    """Somebody who may be the same person: with how much there is of them."""

    person: int
    name: str
    email: str
    left: bool
    evidence: int


def alike(session: Session, actor: Actor, person: int, name: str, most: int) -> list[Alike]:
    """Others of the actor's organisation, there or gone, whose name or address has each word of `name`."""
    pieces = select(func.count()).where(
        Evidence.organisation_id == Member.organisation_id, Evidence.person_id == Member.person_id
    )
    query = (
        select(Person.id, Person.name, Person.email, Member.ended_on.is_not(None), pieces.scalar_subquery())
        .join(Member, Member.person_id == Person.id)
        .outerjoin(Merge, and_(Merge.organisation_id == Member.organisation_id, Merge.person_id == Member.person_id))
        .outerjoin(
            Erasure, and_(Erasure.organisation_id == Member.organisation_id, Erasure.person_id == Member.person_id)
        )
        .where(Member.organisation_id == actor.organisation, Person.id != person)
        .where(named(name, Person.folded, Person.email))
        .where(or_(Merge.person_id.is_(None), Member.ended_on.is_(None)), Erasure.person_id.is_(None))
        .order_by(Person.folded, Person.id)
    )
    return [Alike._make(row) for row in session.execute(query.limit(most))]


def locked(session: Session, organisation: int, persons: Sequence[int]) -> dict[int, Member]:
    """Memberships that nobody changes meanwhile."""
    rows = session.scalars(
        select(Member)
        .where(Member.organisation_id == organisation, Member.person_id.in_(persons))
        .order_by(Member.person_id)
        .with_for_update()
    )
    return {row.person_id: row for row in rows}


def merged(session: Session, organisation: int, person: int) -> list[int]:
    """Whose record goes on under this person, at first hand or at second."""
    found: list[int] = []
    waiting = [person]
    while waiting:
        rows = select(Merge.person_id).where(Merge.organisation_id == organisation, Merge.into_id.in_(waiting))
        waiting = [one for one in session.scalars(rows) if one not in found and one != person]
        found += waiting
    return found


def part(session: Session, organisation: int, person: int) -> None:
    """Who comes back has an account of their own again; what went on under the other stays there."""
    session.execute(delete(Merge).where(Merge.organisation_id == organisation, Merge.person_id == person))


def sits(session: Session, organisation: int, person: int) -> bool:
    """Whether somebody is sitting a quiz."""
    open_ = (Attempt.organisation_id == organisation, Attempt.person_id == person, Attempt.ended_at.is_(None))
    return session.scalar(select(Attempt.id).where(*open_).limit(1)) is not None


def standing_evidence(session: Session, organisation: int, person: int) -> Sequence[Evidence]:
    """Evidence of a person that is not withdrawn, in the order of the log."""
    return session.scalars(
        select(Evidence)
        .outerjoin(Withdrawal, Withdrawal.evidence_id == Evidence.id)
        .where(Evidence.organisation_id == organisation, Evidence.person_id == person, Withdrawal.sequence.is_(None))
        .order_by(Evidence.sequence)
    ).all()


def restate(session: Session, row: Evidence, into: int, sequence: int, by: int, why: str) -> None:
    """The same evidence, of another person from this place in the log on; the old is withdrawn there."""
    session.execute(insert(Withdrawal).values(evidence_id=row.id, sequence=sequence, withdrawn_by=by, reason=why))
    kept = {column.name: getattr(row, column.name) for column in Evidence.__table__.columns if column.name != "id"}
    session.execute(insert(Evidence).values({**kept, "person_id": into, "sequence": sequence}))


def move(session: Session, organisation: int, person: int, into: int) -> None:
    """What is not append-only of a person's work becomes another's; practice is copied."""
    of = {one: (one.organisation_id == organisation, one.person_id == person) for one in (Attempt, PracticeLog)}
    session.execute(update(Attempt).where(*of[Attempt]).values(person_id=into))
    theirs = select(PracticeLog.question_version_id, PracticeLog.day).where(
        PracticeLog.organisation_id == organisation, PracticeLog.person_id == into
    )
    columns = ("organisation_id", "question_version_id", "answered_at", "day", "fields", "credit")
    copied = select(literal(into), *(getattr(PracticeLog, name) for name in columns)).where(*of[PracticeLog])
    already = {tuple(row) for row in session.execute(theirs)}
    rows = [dict(zip(("person_id", *columns), row, strict=True)) for row in session.execute(copied)]
    rows = [row for row in rows if (row["question_version_id"], row["day"]) not in already]
    if rows:
        session.execute(insert(PracticeLog), rows)
    _copy_adjustment(session, organisation, person, into)
    _move_assignments(session, organisation, person, into)
    _move_readings(session, organisation, person, into)


def _copy_adjustment(session: Session, organisation: int, person: int, into: int) -> None:
    """What was arranged for the other account goes on, unless something was arranged for this one."""
    if newest(session, organisation, into):
        return
    for theirs, _ in before(session, organisation, person, 1):
        names = ("organisation_id", "set_by", "set_at", "extra", "note")
        session.add(Adjustment(person_id=into, **{name: getattr(theirs, name) for name in names}))


def _move_assignments(session: Session, organisation: int, person: int, into: int) -> None:
    """Of two open assignments of one course the earlier day counts."""
    rows = session.scalars(
        select(Assignment)
        .where(Assignment.organisation_id == organisation, Assignment.person_id.in_([person, into]))
        .order_by(Assignment.id)
    ).all()
    open_ = {row.course_id: row for row in rows if row.person_id == into and row.ended_at is None}
    for row in (one for one in rows if one.person_id == person):
        if row.ended_at is None and (other := open_.get(row.course_id)):
            other.due_on = min(other.due_on, row.due_on)
            session.delete(row)
        else:
            row.person_id = into
    session.flush()


def _move_readings(session: Session, organisation: int, person: int, into: int) -> None:
    """Of two readings of one section the later one counts, and both notes."""
    rows = session.scalars(
        select(Reading).where(Reading.organisation_id == organisation, Reading.person_id.in_([person, into]))
    ).all()
    known = {(row.course_id, row.section): row for row in rows if row.person_id == into}
    for row in [one for one in rows if one.person_id == person]:
        other = known.get((row.course_id, row.section))
        if other is None:
            row.person_id = into
            continue
        other.note = "\n\n".join(filter(None, dict.fromkeys([other.note, row.note])))
        if row.reached_at > other.reached_at:
            other.reached_at, other.module_id = row.reached_at, row.module_id
            other.read_version = row.read_version or other.read_version
        session.delete(row)
    session.flush()
