"""What is measured, and the yardstick: the same server, session, sign-in and database, and as little more as can be."""

import json
import os
from collections.abc import Callable
from functools import wraps
from itertools import groupby
from operator import itemgetter

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import CSRFProtect
from sqlalchemy import (
    BindParameter,
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    func,
    insert,
    select,
)

from mesotrain import config
from mesotrain.cli.serve import settled
from mesotrain.core.access import MANAGER, TRAINEE
from mesotrain.core.dates import day_of
from mesotrain.store import programs
from mesotrain.store.attempts import Attempt
from mesotrain.store.catalogue import COMPETENCIES, MAY_READ, is_live
from mesotrain.store.competence import Evidence, StandingSpan, lasts, said_in
from mesotrain.store.courses import Competency, CompetencyRule, Course, ModuleVersion
from mesotrain.store.db import db, engine_options, prepare, read, url_of
from mesotrain.store.people import Clinic, Person, Role
from mesotrain.web import create_app, keys, signed_in
from mesotrain.web.api import PURPOSE
from mesotrain.web.team import PEOPLE_A_PAGE
from tests.world import Clock

SAVES = Table(
    "bare_saves",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, nullable=False),
    Column("operation", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)


BY_NAME = (
    select(Person.id, Person.name, Clinic.name.label("clinic"))
    .join(Role, Role.person_id == Person.id)
    .join(Clinic, Clinic.id == Role.clinic_id)
    .where(Role.organisation_id == bindparam("organisation"), Role.role == TRAINEE)
    .where(Role.clinic_id.in_(bindparam("clinics", expanding=True)))
    .order_by(func.lower(Person.name), Person.id)
    .limit(PEOPLE_A_PAGE)
    .subquery()
)
TEAM = (
    select(BY_NAME, CompetencyRule.title, StandingSpan.state, StandingSpan.expires_on)
    .select_from(BY_NAME)
    .join(CompetencyRule, is_live(CompetencyRule))
    .join(Course, (Course.id == CompetencyRule.course_id) & MAY_READ)
    .outerjoin(
        StandingSpan,
        (StandingSpan.organisation_id == bindparam("organisation"))
        & (StandingSpan.person_id == BY_NAME.c.id)
        & (StandingSpan.competency_id == CompetencyRule.competency_id)
        & lasts(bindparam("on")),
    )
    .order_by(func.lower(BY_NAME.c.name), BY_NAME.c.id, CompetencyRule.course_id, CompetencyRule.competency_id)
)
"""The rows of the manager's table, in one query."""

_OF_PERSON: dict[str, BindParameter[int]] = {
    "organisation_id": bindparam("organisation"),
    "person_id": bindparam("person"),
}
PERSON = (
    COMPETENCIES.outerjoin(
        StandingSpan,
        and_(
            *(getattr(StandingSpan, name) == given for name, given in _OF_PERSON.items()),
            StandingSpan.competency_id == Competency.id,
            lasts(bindparam("on")),
        ),
    )
    .outerjoin(
        Evidence,
        and_(
            *(getattr(Evidence, name) == given for name, given in _OF_PERSON.items()),
            Evidence.competency_id == Competency.id,
        ),
    )
    .outerjoin(Person, Person.id == Evidence.asserted_by)
    .outerjoin(Attempt, Attempt.id == Evidence.attempt_id)
    .outerjoin(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .add_columns(
        StandingSpan.state,
        StandingSpan.start_day,
        StandingSpan.expires_on,
        Evidence.kind,
        Evidence.day,
        Evidence.sequence,
        said_in(Evidence.rests_on, "module").label("rests_on"),
        said_in(Attempt.score, "earned").label("earned"),
        said_in(Attempt.score, "possible").label("possible"),
        Person.name,
        ModuleVersion.title.label("module"),
    )
    .order_by(Evidence.sequence.desc())
)
"""The rows of a person's page, in one query."""


def mesotrain() -> Flask:
    """The service, at the hour of the tests' clock."""
    return settled(create_app(os.environ, Clock()))


def bare() -> Flask:
    """A page of one ORM query and an 8 KB template, and a save of one Core insert."""
    app = Flask(__name__, template_folder=".")
    settings = config.load(os.environ)
    address = settings["DATABASE_URL"]
    app.config.update(
        SECRET_KEY=settings["SECRET_KEYS"][0],
        SECRET_KEYS=settings["SECRET_KEYS"],
        SESSION_COOKIE_NAME="mesotrain",
        WTF_CSRF_TIME_LIMIT=None,
        SQLALCHEMY_DATABASE_URI=url_of(address),
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(address, settings["POOL_SIZE"]),
    )
    app.extensions["clock"] = clock = Clock()
    signed_in.init(app)
    CSRFProtect(app)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)

    def reads(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        return wraps(view)(lambda **facts: read(db.session(), lambda: view(**facts)))

    @app.get("/page")
    @reads
    def page() -> ResponseReturnValue:
        return render_template("bare.html", person=db.session.get(Person, current_user.actor.person))

    @app.get("/team")
    @reads
    def team() -> ResponseReturnValue:
        actor, on = current_user.actor, day_of(clock(), current_user.actor.organisation_zone)
        facts = {"organisation": actor.organisation, "clinics": actor.roles[MANAGER], "on": on}
        rows = db.session.connection().execute(TEAM, facts).all()
        people = [list(of) for _, of in groupby(rows, itemgetter(0))]
        return render_template("bare_team.html", people=people, titles=[row[3] for row in people[0]])

    @app.get("/team/<int:person>")
    @reads
    def person(person: int) -> ResponseReturnValue:
        actor = current_user.actor
        facts = {
            "organisation": actor.organisation,
            "person": person,
            "on": day_of(clock(), actor.organisation_zone),
        }
        rows = db.session.connection().execute(PERSON, facts).all()
        return render_template("bare_person.html", competencies=[list(of) for _, of in groupby(rows, itemgetter(0))])

    @app.get("/reply")
    @reads
    def reply() -> ResponseReturnValue:
        asks = programs.asking(db.session(), *keys.read(PURPOSE, request.headers["Authorization"].partition(" ")[2]))
        return {"answer": "unknown", "organisation": asks.name} if asks else ({}, 401)

    @app.put("/save")
    def save() -> ResponseReturnValue:
        body, session = request.get_json(), db.session()
        session.begin()  # before who asks is looked up, which would else begin to read
        row = {"person_id": current_user.actor.person, "operation": body["op"], "fields": json.dumps(body["fields"])}
        session.connection().execute(insert(SAVES), {**row, "received_at": clock()})
        session.commit()
        return {"saved": True}

    return app
