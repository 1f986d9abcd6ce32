"""What belongs to no subject: health, and the page of components."""

from datetime import datetime

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.store.health import leads_until, room
from mesotrain.store.outbox import LEASE
from mesotrain.store.schema import behind
from mesotrain.web import examples
from mesotrain.web.gate import page

site = Blueprint("site", __name__)

LEAST_MEGABYTES = 32
"""Free on the disk of an embedded database: about as much as its log grows to before it is emptied."""


@page(site, "/healthz", may="public")
def health(session: Session, actor: Actor | None, now: datetime) -> ResponseReturnValue:
    """200 when the database answers, has the newest schema, and room for more; says whether a worker is at work."""
    if behind(session.connection(), current_app.extensions["schema_head"]):
        return {"status": "degraded", "why": "schema"}, 503
    free = room(session)
    if free is not None and free < LEAST_MEGABYTES:
        return {"status": "degraded", "why": "disk"}, 503
    until = leads_until(session, LEASE)
    return {"status": "ok", "worker": "at work" if until and until > now else "away"}


@page(site, "/components", may="account")
def components(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return render_template("components.html", asked=examples.as_asked(), reviewed=examples.as_reviewed())
