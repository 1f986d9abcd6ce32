"""A history that puts a row in every table, and databases that hold nothing yet."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mesotrain.actions import adjustments, holds, people, practice, privacy, reading, reports
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.holds import RIGHT
from mesotrain.core.questions import question
from mesotrain.store import competence, installation
from mesotrain.store.competence import Evidence
from mesotrain.store.db import Base
from mesotrain.store.events import Said, record
from mesotrain.store.invigilation import Intervention
from mesotrain.store.outbox import MailHold, enqueue, lead
from mesotrain.store.papers import paper
from mesotrain.store.people import Merge
from mesotrain.store.reports import Report
from tests.actions.clearing import cleared
from tests.actions.drafting import PLAIN, take, tiny
from tests.actions.essays import TWO_OF_THEM, publish, write
from tests.actions.proving import prove
from tests.actions.taking import Taking, sit, start
from tests.world import Engine, World

TAKERS = ("trainee", "colleague", "elsewhere", "other_trainee")


def history(world: World, seed: str, attempts: int) -> None:
    """People sit the quiz on various days, some well, some badly, some not to the end."""
    chance = random.Random(seed)
    for _ in range(attempts):
        world.clock.now += timedelta(days=chance.choice([0, 1, 20, 200, 700]), seconds=chance.randint(1, 50000))
        who = chance.choice(TAKERS)
        taking = start(world, who, seed=str(chance.random()))
        right = world.right_answers(taking.attempt)
        for _ in range(chance.randint(0, 6)):
            position = chance.randint(1, 4)
            taking.save(position, chance.choice([right[position], right[position], {"choice": ["?"]}, {}]))
        match chance.choice(["good", "bad", "late", "open"]):
            case "good":
                for position, fields in right.items():
                    taking.save(position, fields)
                taking.finish()
            case "bad":
                taking.finish()
            case "late":
                world.clock.forward(minutes=30)
                taking.end()


def fill_every_table(world: World) -> None:
    """At least one row everywhere, the tables no action writes yet included."""
    taking = sit(world, "trainee")
    taking.send(1, {"choice": ["x"]}, "late")
    world.client("trainee")

    def rest(session: Session) -> None:
        now = world.clock()
        installation.make(session, now, demo=False)
        proof = session.scalars(select(Evidence).filter_by(attempt_id=taking.attempt)).one()
        event = session.scalars(select(competence.Event).filter_by(position=proof.sequence)).one()
        lead(session, "worker", "somebody", now, now)
        enqueue(session, event, "result", now)
        session.add(MailHold(held_at=now))
        where = {"organisation_id": proof.organisation_id, "attempt_id": taking.attempt}
        by = {"made_by": world.ids["manager"], "made_at": now, "minutes": 5, "reason": ""}
        session.add(Intervention(kind="extend", **where, **by))
        facts: dict[str, Json] = {"attempt": 0, "competency": 0, "kind": ""}
        (sequence,) = record(session, now, Said("evidence.recorded", None, "", "", facts))
        manager = world.ids["manager"]
        values = {"evidence_id": proof.id, "sequence": sequence, "withdrawn_by": manager, "reason": "a trial"}
        session.execute(insert(competence.Withdrawal).values(values))
        scored = paper(session, taking.attempt)
        competence.project(
            session, proof.organisation_id, proof.person_id, {proof.competency_id: competence.rule_of(scored.rule)}
        )

    sit(world, "colleague")
    publish(world)
    say(world, taking)
    write(world, "colleague", seed="essays").mark(world.actor("educator"), TWO_OF_THEM, 3, 1, comment="Well said.")
    held(world)
    world.do(rest)
    take(world, tiny(PLAIN))
    reader, now, manager = world.actor("trainee"), world.clock(), world.actor("manager")
    world.do(lambda session: adjustments.adjust(session, manager, now, reader.person, 25, "May pause."))
    world.do(lambda session: reading.write_note(session, reader, now, "tiny", "basics", "matters", "mine"))
    world.do(lambda session: practise(session, reader, now))
    prove(world)
    cleared(world)
    world.do(lambda session: leave(world, session))


def held(world: World) -> None:
    """A question was held and found right, and another is held."""
    educator, now = world.actor("educator"), world.clock()

    def work(session: Session) -> None:
        made = holds.hold(session, educator, now, "tiny", "bas-0004", "It says two things.")
        holds.lift(session, educator, now, made, RIGHT, "It says one.")
        holds.hold(session, educator, now, "essays", "wri-0003", "It says nothing.")

    world.do(work)


def say(world: World, taking: Taking) -> None:
    """A question was reported and that was answered, and another waits for that."""
    taker, educator, now = world.actor(taking.who), world.actor("educator"), world.clock()

    def work(session: Session) -> None:
        reports.report(session, taker, now, taking.attempt, 1, "Two of them are so.")
        reports.reply(session, educator, now, session.scalars(select(Report.id)).one(), "One is.")
        reports.report(session, taker, now, taking.attempt, 2, "None is so.")

    world.do(work)


def leave(world: World, session: Session) -> None:
    """Somebody has left, whose record is held though their erasure had begun."""
    administrator, now, person = world.actor("administrator"), world.clock(), world.ids["elsewhere"]
    people.end(session, administrator, now, person)
    privacy.erase(session, now, administrator.organisation, person, 6, by="")
    privacy.hold(session, administrator, now, person, "An inquiry.")
    where = {"organisation_id": administrator.organisation, "merged_by": administrator.person, "merged_at": now}
    session.add(Merge(person_id=person, into_id=world.ids["trainee"], **where))


def practise(session: Session, reader: Actor, now: datetime) -> int:
    """Answers the next practice question right."""
    found, _ = practice.next_question(session, reader, now)
    assert found
    given = question(found.version.taker, found.key.key).examples()
    right = next(fields for fields, credit in given if credit == 1)
    return practice.answer(session, reader, now, found.version.id, right)


def rows(session: Session) -> dict[str, list[Any]]:
    """Every row of every table, in an order that depends on nothing else."""
    tables = Base.metadata.sorted_tables
    return {table.name: sorted(map(repr, session.execute(select(table)).all())) for table in tables}


@contextmanager
def empty_database(engine: Engine) -> Iterator[str]:
    """The owner's address of a database with nothing in it."""
    with copied(engine, "") as owner:
        yield owner


@contextmanager
def copied(engine: Engine, owner: str) -> Iterator[str]:
    """The owner's address of a copy of a database that nobody is connected to."""
    made = engine.databases.make(owner)
    try:
        yield made
    finally:
        engine.databases.drop(made)
