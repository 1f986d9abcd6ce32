"""What belongs to no subject: health, and the page of components."""

from datetime import datetime

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.store.schema import behind
from mesotrain.web import examples
from mesotrain.web.gate import page

site = Blueprint("site", __name__)


@page(site, "/healthz", may="public")
def health(session: Session, actor: Actor | None, now: datetime) -> ResponseReturnValue:
    """200 when the database answers and has the newest schema."""
    if behind(session.connection(), current_app.extensions["schema_head"]):
        return {"status": "degraded", "why": "schema"}, 503
    return {"status": "ok"}


@page(site, "/components", may="account")
def components(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    return render_template("components.html", asked=examples.as_asked(), reviewed=examples.as_reviewed())
