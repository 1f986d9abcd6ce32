"""Addresses of the service's own pages, and the ways that stand on each of them.

Each is made once: making it costs as much as a small query.
"""

from functools import lru_cache
from urllib.parse import quote

import flask
from flask import Flask, current_app, request
from markupsafe import Markup

from mesotrain.core.access import PERMISSIONS, Actor, allows

KEPT = 4096
Value = str | int | None


def url_for(endpoint: str, *, _anchor: str | None = None, **values: Value) -> str:
    """The address of an endpoint; a value that is None is left out."""
    address = _built(request.script_root, endpoint, tuple(values.items()))
    return f"{address}#{quote(_anchor)}" if _anchor else address


@lru_cache(maxsize=KEPT)
def _built(_root: str, endpoint: str, values: tuple[tuple[str, Value], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))  # type: ignore[arg-type]


def rooms(endpoint: str, language: str, actor: Actor) -> Markup:
    """The ways to the rooms the actor may enter, on the page of this endpoint."""
    permitted = tuple(permission for permission in PERMISSIONS if allows(permission, actor))
    return _rooms(request.script_root, language, endpoint, permitted)


@lru_cache(maxsize=KEPT)
def _rooms(_root: str, _language: str, endpoint: str, permitted: tuple[str, ...]) -> Markup:
    made: Markup = current_app.jinja_env.get_template("rooms.html").module.rooms(endpoint, permitted)  # type: ignore[attr-defined]
    return made


def init(app: Flask) -> None:
    app.jinja_env.globals |= {"url_for": url_for, "rooms": rooms}
