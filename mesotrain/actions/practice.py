"""Practice: three questions a day that count for nothing but learning."""

from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.dates import day_of
from mesotrain.core.errors import NotFound, Refused
from mesotrain.core.grading import mark
from mesotrain.core.practice import following, seed_of
from mesotrain.core.questions import Fields, question
from mesotrain.store import practice as store
from mesotrain.store.db import Collision


def next_question(session: Session, actor: Actor, now: datetime) -> tuple[store.Practised | None, int]:
    """(the question to ask the actor now, how many they answered today); None where there is none left today."""
    today, mine = day_of(now, actor.organisation_zone), store.tried(session, actor)
    pool = store.pool(session, actor)
    done = sum(one.day == today for one in mine)
    chosen = following(pool, mine, today, f"practice {actor.commitment} {today} {done}")
    return (None if chosen is None else store.question(session, pool[chosen])), done


def answer(session: Session, actor: Actor, now: datetime, version: int, fields: Fields) -> int:
    """Keeps the actor's answer to a question they may practise, and gives its place in the log.

    A second answer on the same day is not kept: the first is given again. Raises NotFound for a question that is not
    theirs to practise, Refused where nothing was answered that can be read.
    """
    if version not in store.pool(session, actor).values():
        raise NotFound
    today = day_of(now, actor.organisation_zone)
    if (known := store.logged(session, actor, version, today)) is not None:
        return known
    found = store.question(session, version)
    asked = question(found.version.taker, found.key.key).ask(seed_of(found.version.version, fields))
    reading = asked.read(fields)
    if reading.unanswered:
        raise Refused("Choose or write an answer first.")
    if reading.problem:
        raise Refused(reading.problem, **reading.facts)
    kept: Json = {name: list(values) for name, values in fields.items()}
    log = store.keep(
        session,
        organisation_id=actor.organisation,
        person_id=actor.person,
        question_version_id=version,
        answered_at=now,
        day=today,
        fields=kept,
        credit=str(mark(asked, reading, Fraction(1)).credit),
    )
    if log is None:
        raise Collision
    return log
