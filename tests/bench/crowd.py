"""A large database, quickly: people whose attempts are copies of some that were really sat, on other days.

Rows go in by the thousand, and satisfy every constraint; events, evidence and spans are made by the rules that make
them one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from random import Random
from typing import Any

from sqlalchemy import bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from mesotrain.core import competence as core
from mesotrain.core.access import TRAINEE
from mesotrain.core.dates import day_of
from mesotrain.core.events import commitment
from mesotrain.store import competence
from mesotrain.store.answers import Answer, AnswerLog
from mesotrain.store.attempts import Attempt, AttemptSlot
from mesotrain.store.catalogue import is_newest
from mesotrain.store.competence import Evidence, StandingSpan
from mesotrain.store.courses import CompetencyRule
from mesotrain.store.events import Said, record
from mesotrain.store.people import Member, Person, Role
from tests.bench.stage import Stage, course

EACH = 5
NOT_PASSED = 0.4
LONGEST = 900
CHUNK, AT_ONCE = 500, 250
"""Events in a statement, people in a unit of work: none may take a minute, even on a machine that has others to do."""

Table = Any


@dataclass(frozen=True)
class Model:
    """An attempt that was really sat, and the evidence it gave."""

    attempt: Attempt
    evidence: Evidence


@dataclass(frozen=True)
class Copy:
    """A person's copy of a model, that many days ago."""

    person: int
    commitment: str
    model: Model
    days: int


def grow(stage: Stage, people: int, attempts_each: int = EACH, clinics: Sequence[int] = ()) -> None:
    """So many more people, with so many ended attempts each, one in five not passed.

    They belong to these clinics in turn, or to the trainee's.
    """
    places = cycle(clinics or [stage.world.ids["Quay"]])
    models = list(_models(stage))
    passed = [one for one in models if one.attempt.passed]
    chance = Random(people)

    def work(session: Session, people: int) -> None:
        copies = [
            Copy(*person, chance.choice(models if chance.random() < NOT_PASSED else passed), chance.randrange(LONGEST))
            for person in _join(session, stage, [next(places) for _ in range(people)])
            for _ in range(attempts_each)
        ]
        _attempts(session, stage.world.clock(), copies)

    for done in range(0, people, AT_ONCE):
        stage.world.do(partial(work, people=min(AT_ONCE, people - done)))


def _models(stage: Stage) -> Iterator[Model]:
    """Of each quiz, one attempt that was passed and one that was not; an exam proves more than one thing."""
    for module in [one for one in course().modules if not one.quiz.exam]:
        for passed in (True, False):
            actor = stage.newcomer()
            attempt = stage.sit(actor, module.name, finish=True, right=passed)
            with stage.world.session() as session:
                sat = session.get_one(Attempt, attempt)
                proof = session.scalars(select(Evidence).filter_by(attempt_id=attempt)).one()
                session.expunge_all()
            assert sat.passed == passed
            yield Model(sat, proof)


def _join(session: Session, stage: Stage, clinics: Sequence[int]) -> list[tuple[int, str]]:
    """(id, commitment) of new people, one of each of these clinics."""
    like, now = stage.people[0], stage.world.clock()
    first = session.scalar(select(func.max(Person.id))) or 0
    numbers = range(first + 1, first + 1 + len(clinics))
    rows = [
        {
            "name": f"Person {number:05}",
            "email": f"crowd{number}@example.org",
            "password_hash": "",
            "locale": like.locale,
            "zone": like.zone,
            "salt": str(number).encode(),
            "commitment": f"crowd {number}",
        }
        for number in numbers
    ]
    found = session.execute(insert(Person).returning(Person.id, Person.salt, sort_by_parameter_order=True), rows).all()
    joined = [(person, commitment(salt, person)) for person, salt in found]
    named = update(Person.__table__).where(Person.id == bindparam("of")).values(commitment=bindparam("known"))
    session.connection().execute(named, [{"of": person, "known": name} for person, name in joined])
    home = {"organisation_id": like.organisation}
    _add(session, Member, [{**home, "person_id": one, "joined_on": day_of(now, like.zone)} for one, _ in joined])
    at = list(zip(joined, clinics, strict=True))
    role = {**home, "role": TRAINEE}
    _add(session, Role, [{**role, "person_id": one, "clinic_id": clinic} for (one, _), clinic in at])
    said = [
        Said(kind, like.organisation, "", name, facts)
        for (_, name), clinic in at
        for kind, facts in (("person.joined", {}), ("role.given", {"role": TRAINEE, "clinic": clinic}))
    ]
    _record(session, now, said)
    return joined


def _attempts(session: Session, now: datetime, copies: Sequence[Copy]) -> None:
    last = session.scalar(select(func.max(Attempt.id))) or 0
    columns = [column.name for column in Attempt.__table__.columns if column.name != "id"]
    rows = []
    for copy in copies:
        sat, ago = copy.model.attempt, timedelta(days=copy.days)
        times = {name: getattr(sat, name) - ago for name in ("started_at", "deadline", "ended_at")}
        row = {name: getattr(sat, name) for name in columns}
        rows.append(row | times | {"person_id": copy.person, "seed": f"crowd {sat.id}"})
    made = session.scalars(insert(Attempt).returning(Attempt.id, sort_by_parameter_order=True), rows).all()
    for sat in {copy.model.attempt.id for copy in copies}:
        _papers(session, sat, last)
    said = []
    for attempt, copy in zip(made, copies, strict=True):
        sat, proof = copy.model.attempt, copy.model.evidence
        score = {"earned": str(sat.score["earned"]), "possible": str(sat.score["possible"])}
        ended = {"attempt": attempt, "by": sat.ended_by, "passed": sat.passed, **score}
        recorded = {"attempt": attempt, "competency": proof.competency_id, "kind": proof.kind}
        facts = {
            "attempt.started": {"attempt": attempt, "module": sat.module_version_id},
            "attempt.finished": ended,
            "evidence.recorded": recorded,
        }
        who = copy.commitment
        said += [Said(kind, sat.organisation_id, who, who, fact) for kind, fact in facts.items()]
    _evidence(session, zip(made, copies, _record(session, now, said)[2::3], strict=True))


def _papers(session: Session, sat: int, last: int) -> None:
    """The paper and answers of one model for every copy of it, by the database itself."""
    copied = (Attempt.seed == f"crowd {sat}") & (Attempt.id > last)
    for table, others in (
        (AttemptSlot, {}),
        (AnswerLog, {"operation": literal("crowd ") + AnswerLog.operation, "received_at": Attempt.started_at}),
        (Answer, {}),
    ):
        names = [column.name for column in table.__table__.columns]
        chosen = [Attempt.id if name == "attempt_id" else others.get(name, getattr(table, name)) for name in names]
        rows = select(*chosen).join_from(Attempt, table, table.attempt_id == sat).where(copied)
        session.execute(insert(table).from_select(names, rows))


def _evidence(session: Session, made: Iterator[tuple[int, Copy, int]]) -> None:
    rules = {row.competency_id: row for row in session.scalars(select(CompetencyRule).where(is_newest(CompetencyRule)))}
    columns = [column.name for column in Evidence.__table__.columns if column.name != "id"]
    rows, histories = [], {}
    for attempt, copy, sequence in made:
        proof = copy.model.evidence
        day = proof.day - timedelta(days=copy.days)
        row = {name: getattr(proof, name) for name in columns}
        rows.append(row | {"person_id": copy.person, "attempt_id": attempt, "day": day, "sequence": sequence})
        history = histories.setdefault((proof.organisation_id, copy.person, proof.competency_id), [])
        history.append(core.Evidence(proof.kind, day, sequence))
    _add(session, Evidence, rows)
    spans = [
        span
        for key, history in histories.items()
        for span in competence.span_rows(*key, history, competence.rule_of(rules[key[2]]))
    ]
    _add(session, StandingSpan, spans)


def _add(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    session.connection().execute(insert(table.__table__), rows)


def _record(session: Session, now: datetime, said: list[Said]) -> list[int]:
    return [position for at in range(0, len(said), CHUNK) for position in record(session, now, *said[at : at + CHUNK])]


def size(session: Session) -> tuple[int, int]:
    """(people, answers) there are."""
    people, answers = (session.scalar(select(func.count()).select_from(one)) or 0 for one in (Person, Answer))
    return people, answers


def stray_spans(session: Session, most: int) -> list[tuple[int, int]]:
    """(person, competency) of those among a sample of histories whose spans are not what the rule gives."""
    rules = {
        row.competency_id: competence.rule_of(row)
        for row in session.scalars(select(CompetencyRule).where(is_newest(CompetencyRule)))
    }
    histories = session.execute(
        select(Evidence.organisation_id, Evidence.person_id, Evidence.competency_id).distinct()
    ).all()
    table = StandingSpan.__table__
    key = (table.c.organisation_id, table.c.person_id, table.c.competency_id)
    found = []
    for history in Random(1).sample(histories, min(most, len(histories))):
        mine = select(table).where(*(column == value for column, value in zip(key, history, strict=True)))
        before = session.execute(mine.order_by(table.c.start_day)).all()
        competence.project(session, *history[:2], {history[2]: rules[history[2]]})
        if session.execute(mine.order_by(table.c.start_day)).all() != before:
            found.append((history[1], history[2]))
    return found
