"""Addresses of the service's own pages. One is built once: building it costs as much as a small query."""

from functools import lru_cache
from urllib.parse import quote

import flask
from flask import Flask, request

KEPT = 4096
Value = str | int | None


def url_for(endpoint: str, *, _anchor: str | None = None, **values: Value) -> str:
    """The address of an endpoint; a value that is None is left out."""
    address = _built(request.script_root, endpoint, tuple(values.items()))
    return f"{address}#{quote(_anchor)}" if _anchor else address


@lru_cache(maxsize=KEPT)
def _built(_root: str, endpoint: str, values: tuple[tuple[str, Value], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))  # type: ignore[arg-type]


def init(app: Flask) -> None:
    app.jinja_env.globals["url_for"] = url_for
