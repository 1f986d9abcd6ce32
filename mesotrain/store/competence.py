"""Evidence, which is the truth, and the spans of standing projected from it for lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core import competence as core
from mesotrain.core.competence import KINDS, STATES, Rule, Span
from mesotrain.store.attempts import Attempt
from mesotrain.store.catalogue import COMPETENCIES, Taught, is_newest
from mesotrain.store.courses import Competency, CompetencyRule, ModuleVersion
from mesotrain.store.db import Base, Canonical
from mesotrain.store.events import Event
from mesotrain.store.people import Person

IS_LAPSE = text("start_day = expires_on")
"""The one span of a proof that begins on the day it expires."""


class Evidence(Base):
    """One piece of evidence, complete at birth.

    `day` is when it was true, in the organisation's zone; `sequence` is its place in the event log, which is when
    it was known. It belongs to the person; the organisation is who asserts it. `asserted_by` is empty for the
    service itself. `rests_on` names the exact section and question versions.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "attempt_id"], ["attempts.organisation_id", "attempts.id"]),
        CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS)), name="kind"),
        Index("ix_evidence_of", "organisation_id", "person_id", "competency_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    competency_id: Mapped[int] = mapped_column(ForeignKey(Competency.id))
    kind: Mapped[str]
    day: Mapped[date]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))
    asserted_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    attempt_id: Mapped[int | None]
    rule_version: Mapped[str]
    rests_on: Mapped[Any] = mapped_column(Canonical)


class Withdrawal(Base):
    """Takes a piece of evidence back from a position of the log on; the evidence itself stays."""

    __tablename__ = "withdrawals"

    evidence_id: Mapped[int] = mapped_column(ForeignKey(Evidence.id), primary_key=True)
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))
    withdrawn_by: Mapped[int] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str]


class StandingSpan(Base):
    """A person's state in a competency over some days: a projection of evidence, rule and calendar."""

    __tablename__ = "standing_spans"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
        Index(
            "ix_standing_spans_lapses",
            "organisation_id",
            "expires_on",
            "start_day",
            "person_id",
            "competency_id",
            sqlite_where=IS_LAPSE,
            postgresql_where=IS_LAPSE,
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    competency_id: Mapped[int] = mapped_column(ForeignKey(Competency.id), primary_key=True)
    start_day: Mapped[date] = mapped_column(primary_key=True)
    end_day: Mapped[date | None]
    state: Mapped[str]
    rule_version: Mapped[str]
    up_to: Mapped[int]
    expires_on: Mapped[date | None]


def rule_of(row: CompetencyRule) -> Rule:
    return Rule(row.version, row.valid_months, row.renewal_days, row.grace_days)


def file(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Files pieces of evidence, each complete."""
    session.connection().execute(insert(Evidence), rows)


_HISTORY = (
    select(Evidence.competency_id, Evidence.kind, Evidence.day, Evidence.sequence, Withdrawal.sequence)
    .outerjoin(Withdrawal, Withdrawal.evidence_id == Evidence.id)
    .where(
        Evidence.organisation_id == bindparam("organisation"),
        Evidence.person_id == bindparam("person"),
        Evidence.competency_id.in_(bindparam("competencies", expanding=True)),
    )
)


def evidence_of(
    session: Session, organisation: int, person: int, competencies: Iterable[int]
) -> dict[int, list[core.Evidence]]:
    """What this organisation recorded of the person, by competency."""
    found: dict[int, list[core.Evidence]] = {one: [] for one in competencies}
    which = {"organisation": organisation, "person": person, "competencies": list(found)}
    for row in session.connection().execute(_HISTORY, which):
        found[row[0]].append(core.Evidence(*row[1:]))
    return found


def span_rows(
    organisation: int, person: int, competency: int, evidence: Sequence[core.Evidence], rule: Rule
) -> list[dict[str, object]]:
    """The rows of `StandingSpan` that this evidence gives one person in one competency."""
    return [
        {
            "organisation_id": organisation,
            "person_id": person,
            "competency_id": competency,
            "start_day": span.start,
            "end_day": span.end,
            "state": span.state,
            "rule_version": rule.version,
            "up_to": max(max(one.sequence, one.withdrawn or 0) for one in evidence),
            "expires_on": span.expires,
        }
        for span in core.spans(evidence, rule)
    ]


_FORGET = delete(StandingSpan).where(
    StandingSpan.organisation_id == bindparam("organisation"),
    StandingSpan.person_id == bindparam("person"),
    StandingSpan.competency_id.in_(bindparam("competencies", expanding=True)),
)


def project(session: Session, organisation: int, person: int, rules: Mapping[int, Rule]) -> None:
    """Makes the stored spans of one person again from their evidence, in the competencies of these rules."""
    history = evidence_of(session, organisation, person, rules)
    connection = session.connection()
    connection.execute(_FORGET, {"organisation": organisation, "person": person, "competencies": list(rules)})
    rows = [row for one, rule in rules.items() for row in span_rows(organisation, person, one, history[one], rule)]
    if rows:
        connection.execute(insert(StandingSpan), rows)


def newest_rules(session: Session) -> dict[int, Rule]:
    """The rule under which people are judged now, by competency."""
    rows = session.scalars(select(CompetencyRule).where(is_newest(CompetencyRule)))
    return {row.competency_id: rule_of(row) for row in rows}


def rebuild(session: Session) -> int:
    """Makes every stored span again under the newest rules; gives how many histories there were."""
    rules = newest_rules(session)
    histories = session.execute(
        select(Evidence.organisation_id, Evidence.person_id, Evidence.competency_id).distinct()
    ).all()
    session.execute(delete(StandingSpan))
    for organisation, person, competency in histories:
        project(session, organisation, person, {competency: rules[competency]})
    return len(histories)


_SPANS = (
    select(
        StandingSpan.person_id,
        StandingSpan.competency_id,
        StandingSpan.state,
        StandingSpan.start_day,
        StandingSpan.end_day,
        StandingSpan.expires_on,
    )
    .where(
        StandingSpan.organisation_id == bindparam("organisation"),
        StandingSpan.person_id.in_(bindparam("people", expanding=True)),
    )
    .order_by(StandingSpan.person_id, StandingSpan.competency_id, StandingSpan.start_day)
)


def spans_of(session: Session, organisation: int, people: Iterable[int]) -> dict[tuple[int, int], list[Span]]:
    """Stored spans of these people, by (person, competency), in order of their days."""
    rows = session.connection().execute(_SPANS, {"organisation": organisation, "people": list(people)})
    found: dict[tuple[int, int], list[Span]] = {}
    for person, competency, state, start, end, expires in rows:
        found.setdefault((person, competency), []).append(Span(state, start, end, expires))
    return found


def lasts(on: Any) -> ColumnElement[bool]:
    """That a span is of this day."""
    return and_(StandingSpan.start_day <= on, or_(StandingSpan.end_day.is_(None), StandingSpan.end_day > on))


_STANDINGS = COMPETENCIES.outerjoin(
    StandingSpan,
    (StandingSpan.organisation_id == bindparam("organisation"))
    & (StandingSpan.person_id == bindparam("person"))
    & (StandingSpan.competency_id == Competency.id)
    & lasts(bindparam("on")),
).add_columns(StandingSpan.state, StandingSpan.start_day, StandingSpan.end_day, StandingSpan.expires_on)


def standings(session: Session, organisation: int, person: int, on: date) -> list[tuple[Taught, list[Span]]]:
    """Each competency an organisation teaches, in order, with a person's span of this day, if any."""
    rows = session.connection().execute(_STANDINGS, {"organisation": organisation, "person": person, "on": on})
    many = len(Taught._fields)
    return [(Taught._make(row[:many]), [Span(*row[many:])] if row[many] else []) for row in rows]


def endings(session: Session, organisation: int, person: int, on: date) -> list[tuple[int, str, date]]:
    """(competency, title, first day without it) of what a person holds and will lose."""
    rows = session.execute(
        select(StandingSpan.competency_id, CompetencyRule.title, StandingSpan.expires_on)
        .join(CompetencyRule, CompetencyRule.competency_id == StandingSpan.competency_id)
        .where(StandingSpan.organisation_id == organisation, StandingSpan.person_id == person)
        .where(StandingSpan.state.in_(core.HELD), lasts(on), is_newest(CompetencyRule))
    )
    return [(row[0], row[1], row[2]) for row in rows if row[2]]


def holds(
    organisation: SQLColumnExpression[int],
    person: SQLColumnExpression[int],
    competency: SQLColumnExpression[int],
    on: Any,
) -> ColumnElement[bool]:
    """That a person holds a competency on a day."""
    return exists().where(
        StandingSpan.organisation_id == organisation,
        StandingSpan.person_id == person,
        StandingSpan.competency_id == competency,
        StandingSpan.state.in_(core.HELD),
        lasts(on),
    )


class Filed(NamedTuple):
    """A piece of evidence with what it came from: of what it rests on the module's version, of the score its points.

    `exam` says something where it came from an exam.
    """

    kind: str
    day: date
    sequence: int
    module: str
    asserter: str | None
    module_title: str | None
    earned: str | None
    possible: str | None
    withdrawn: str | None
    exam: str | None


def said_in(column: Any, name: str) -> ColumnElement[str]:
    """What a canonical text says under a name, so that the rest of it is neither sent nor read."""
    return cast(column, JSON().with_variant(Text(), "sqlite")).op("->>", return_type=Text())(name)


_RECORD = (
    _STANDINGS.outerjoin(
        Evidence,
        (Evidence.organisation_id == bindparam("organisation"))
        & (Evidence.person_id == bindparam("person"))
        & (Evidence.competency_id == Competency.id),
    )
    .outerjoin(Person, Person.id == Evidence.asserted_by)
    .outerjoin(Attempt, Attempt.id == Evidence.attempt_id)
    .outerjoin(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .outerjoin(Withdrawal, Withdrawal.evidence_id == Evidence.id)
    .add_columns(
        Evidence.kind, Evidence.day, Evidence.sequence, said_in(Evidence.rests_on, "module"),
        Person.name, ModuleVersion.title, said_in(Attempt.score, "earned"), said_in(Attempt.score, "possible"),
        Withdrawal.reason, said_in(ModuleVersion.quiz, "exam"),
    )
    .order_by(Evidence.sequence.desc())
)  # fmt: skip


def record_of(
    session: Session, organisation: int, person: int, on: date
) -> list[tuple[Taught, list[Span], list[Filed]]]:
    """As `standings`, with every piece of evidence an organisation has of the person, the newest first."""
    rows = session.connection().execute(_RECORD, {"organisation": organisation, "person": person, "on": on})
    found = (list(of) for _, of in groupby(rows, itemgetter(0)))
    own = len(Taught._fields)
    span = own + len(fields(Span))
    return [
        (
            Taught._make(one[:own]),
            [Span(*one[own:span])] if one[own] else [],
            [Filed._make(row[span:]) for row in (one, *others) if row[span]],
        )
        for one, *others in found
    ]
