"""Clearance in a large organisation: many clinics that offer every procedure, everybody's documents, years of evidence.

Rows go in by the thousand, and satisfy every constraint; each piece of evidence has an event of its own.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from mesotrain.actions import programs
from mesotrain.core.assertions import DOCUMENT, OFFER, USE
from mesotrain.core.dates import day_of
from mesotrain.store.assertions import Assertion
from mesotrain.store.competence import Evidence
from mesotrain.store.courses import Course
from mesotrain.store.events import Said, record
from mesotrain.store.people import Clinic, Person, Role
from mesotrain.web.api import key_of
from tests.bench import crowd
from tests.bench.stage import COURSE, Stage, course

NONCE = "a key of the benchmark"
APART = timedelta(days=4)
"""Between two pieces of evidence of a person."""


def grow(stage: Stage, clinics: int, people: int, each: int) -> None:
    """So many clinics with so many people between them, who have so many pieces of evidence each."""
    stage.world.do(lambda session: _open(session, stage, clinics))
    places = [place for place, _ in stage.world.do(lambda session: _clinics(session, stage))]
    crowd.grow(stage, people, 1, places)
    stage.world.do(lambda session: _say(session, stage, places))
    last = stage.world.do(lambda session: session.scalar(select(func.max(Evidence.id))))
    for ago in range(1, each):
        stage.world.do(partial(_again, stage=stage, last=last, ago=ago))


def _open(session: Session, stage: Stage, clinics: int) -> None:
    home = stage.people[0].organisation
    rows = [{"organisation_id": home, "name": f"Clinic {number:03}"} for number in range(clinics)]
    session.connection().execute(insert(Clinic), rows)


def _clinics(session: Session, stage: Stage) -> Sequence[Any]:
    """(id, name) of those there are now."""
    mine = select(Clinic.id, Clinic.name).where(Clinic.organisation_id == stage.people[0].organisation)
    return session.execute(mine.where(Clinic.name.like("Clinic %")).order_by(Clinic.id)).all()


def _say(session: Session, stage: Stage, places: Iterable[int]) -> None:
    """Each clinic offers every procedure and relies on clearance, and each of the crowd's documents was seen."""
    by, scheme, now = stage.world.actor("manager"), course().scheme, stage.world.clock()
    number = session.scalars(select(Course.id).where(Course.name == COURSE)).one()
    crowded = session.execute(select(Person.id, Person.commitment).where(Person.email.like("crowd%"))).all()
    said = [(USE, None, "", place, None, "") for place in places]
    said += [(OFFER, None, "", place, number, one.name) for place in places for one in scheme.procedures]
    said += [(DOCUMENT, *who, None, number, one.name) for who in crowded for one in scheme.documents]
    same = {
        "organisation_id": by.organisation,
        "start_day": day_of(now, "UTC") - timedelta(days=100),
        "reason": "Seen.",
        "asserted_by": by.person,
    }
    for at in range(0, len(said), crowd.CHUNK):
        some = said[at : at + crowd.CHUNK]
        events = [
            Said(
                "assertion.made",
                by.organisation,
                by.commitment,
                name,
                {"kind": kind, "clinic": clinic, "course": of, "about": about},
            )
            for kind, _, name, clinic, of, about in some
        ]
        rows = [
            same
            | {
                "kind": kind,
                "person_id": who,
                "clinic_id": clinic,
                "course_id": of,
                "about": about,
                "sequence": sequence,
            }
            for (kind, who, _, clinic, of, about), sequence in zip(some, record(session, now, *events), strict=True)
        ]
        session.connection().execute(insert(Assertion), rows)


def _again(session: Session, stage: Stage, last: int, ago: int) -> None:
    """Every piece of evidence there was up to `last` once more, from some days before."""
    table = Evidence.__table__
    subject = select(table, Person.commitment).join(Person, Person.id == table.c.person_id).where(table.c.id <= last)
    rows = session.execute(subject).mappings().all()
    now, home = stage.world.clock(), stage.people[0].organisation
    for at in range(0, len(rows), crowd.CHUNK):
        some = rows[at : at + crowd.CHUNK]
        facts = [
            {"attempt": one["attempt_id"], "competency": one["competency_id"], "kind": one["kind"]} for one in some
        ]
        said = [
            Said("evidence.recorded", home, one["commitment"], one["commitment"], fact)
            for one, fact in zip(some, facts, strict=True)
        ]
        again = [
            {name: value for name, value in one.items() if name not in {"id", "commitment"}}
            | {"day": one["day"] - APART * ago, "sequence": sequence}
            for one, sequence in zip(some, record(session, now, *said), strict=True)
        ]
        session.connection().execute(insert(Evidence), again)


def asked(stage: Stage) -> tuple[str, str]:
    """The address of a question about one of the crowd at their clinic, and a key that may ask it."""
    administrator, now = stage.world.actor("administrator"), stage.world.clock()
    number = stage.world.do(lambda session: programs.make(session, administrator, now, "Booking", NONCE))
    with stage.world.app.app_context():
        key = key_of(number, NONCE)
    with stage.world.session() as session:
        email = session.scalars(select(Person.email).where(Person.email.like("crowd%")).order_by(Person.id)).first()
        home = select(Clinic.name).join(Role, Role.clinic_id == Clinic.id).join(Person, Person.id == Role.person_id)
        name = session.scalars(home.where(Person.email == email)).one()
    procedure = course().scheme.procedures[0].name
    return f"/api/v1/clearance?{urlencode({'person': email, 'procedure': procedure, 'clinic': name})}", key


def size(session: Session) -> tuple[int, int, int]:
    """(clinics, people, pieces of evidence) there are."""
    clinics, people, pieces = (
        session.scalar(select(func.count()).select_from(one)) or 0 for one in (Clinic, Person, Evidence)
    )
    return clinics, people, pieces
