"""What is measured, and the yardstick: the same server, session, sign-in and database, and as little more as can be."""

import json
import os

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import CSRFProtect
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, insert

from mesotrain import config
from mesotrain.store.db import db, engine_options, for_reading, prepare, url_of
from mesotrain.store.people import Person
from mesotrain.web import create_app, signed_in
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


def mesotrain() -> Flask:
    """The service, at the hour of the tests' clock."""
    return create_app(os.environ, Clock())


def bare() -> Flask:
    """A page of one ORM query and an 8 KB template, and a save of one Core insert."""
    app = Flask(__name__, template_folder=".")
    settings = config.load(os.environ)
    address = settings["DATABASE_URL"]
    app.config.update(
        SECRET_KEY=settings["SECRET_KEYS"][0],
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

    @app.get("/page")
    def page() -> ResponseReturnValue:
        for_reading(db.session())
        return render_template("bare.html", person=db.session.get(Person, current_user.actor.person))

    @app.put("/save")
    def save() -> ResponseReturnValue:
        body, session = request.get_json(), db.session()
        session.begin()  # before who asks is looked up, which would else begin to read
        row = {"person_id": current_user.actor.person, "operation": body["op"], "fields": json.dumps(body["fields"])}
        session.connection().execute(insert(SAVES), {**row, "received_at": clock()})
        session.commit()
        return {"saved": True}

    return app
