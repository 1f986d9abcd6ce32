"""The gate: every endpoint declares who may call it and how its answer is kept, or the application does not start.

A page reads in one read-only transaction. An act is one unit of work, committed here and nowhere else in the web.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from mesotrain.core.access import PERMISSIONS, Actor, allows
from mesotrain.core.accounts import fresh
from mesotrain.core.errors import NotAllowed, NotFound
from mesotrain.store.db import db, read, transact
from mesotrain.web.links import url_for

PRIVATE = "no-store"
KEPT = "private, max-age=31536000, immutable"
"""What a reader's own browser may keep of what only they may see, under an address that names its content."""
AN_HOUR, FOREVER = "public, max-age=3600", "public, max-age=31536000, immutable"
"""What a file says of itself; for ever only under an address that changes with its content."""


@dataclass(frozen=True)
class Declared:
    """What an endpoint says of itself: a permission of ``core.access``, and whether its answer may be kept.

    One that changes what proves who somebody is asks for `fresh` proof. `kilobytes` is how much it takes from those it
    allows, where that is more than BODY_KILOBYTES.
    """

    may: str
    cache: str = PRIVATE
    fresh: bool = False
    kilobytes: int = 0


class MadeElsewhere(Exception):
    """What is sent was made for another organisation than it would be done in."""


OWN = frozenset({"public", "account", "program"})
"""The permissions for what is not done in an organisation."""
LARGEST_ID = 2**31 - 1

View = Callable[..., ResponseReturnValue]
T = TypeVar("T")


class Id(IntegerConverter):
    """A row's id in an address: no number a column could not hold reaches the database."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


def readable() -> None:
    """Raises NotFound for an address with a NUL in it, and BadRequest for a form: no database takes one."""
    if any("\x00" in str(value) for value in [*(request.view_args or {}).values(), *_all(request.args)]):
        raise NotFound
    if request.method != "GET" and any("\x00" in value for value in _all(request.form)):
        raise BadRequest


def _all(values: MultiDict[str, str]) -> Iterator[str]:
    return (value for _, value in values.items(multi=True))


def now() -> datetime:
    """The moment this request arrived, before it waited for anything; one for all of it."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    moment: datetime = g.now
    return moment


def actor() -> Actor | None:
    """Who asks, or None when nobody is signed in."""
    found: Actor | None = getattr(current_user, "actor", None)
    return found


def page(
    blueprint: Blueprint, rule: str, *, may: str, cache: str = PRIVATE, fresh: bool = False
) -> Callable[[View], View]:
    """Registers a view that only reads."""
    return _route(blueprint, rule, "GET", Declared(may, cache, fresh), _reading)


def program(blueprint: Blueprint, rule: str) -> Callable[[View], View]:
    """Registers a view that only reads, for other programs; it finds out itself whether their key is good."""
    return _route(blueprint, rule, "GET", Declared("program"), _reading)


def act(
    blueprint: Blueprint, rule: str, *, may: str, method: str = "POST", fresh: bool = False
) -> Callable[[View], View]:
    """Registers a view that is one unit of work: it may run again from the start, so all it does is in the session."""
    return _route(blueprint, rule, method, Declared(may, fresh=fresh), _writing)


def step(
    blueprint: Blueprint, rule: str, *, may: str, fresh: bool = False, kilobytes: int = 0
) -> Callable[[View], View]:
    """Registers a POST that does slow work first and then calls `unit` for its unit of work."""
    return _route(blueprint, rule, "POST", Declared(may, fresh=fresh, kilobytes=kilobytes), lambda run: run())


def beat(blueprint: Blueprint, rule: str, *, may: str) -> Callable[[View], View]:
    """Registers a POST that comes often and reads; where it does write, it calls `unit`."""
    return _route(blueprint, rule, "POST", Declared(may), _reading)


def unit(work: Callable[[], T]) -> T:
    """`work` as one unit of work."""
    return transact(session(), work)


def session() -> Session:
    """This request's session."""
    return db.session()


def _reading(run: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    return read(session(), run)


def _writing(run: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    return unit(run)


def _route(
    blueprint: Blueprint,
    rule: str,
    method: str,
    declared: Declared,
    within: Callable[[Callable[[], ResponseReturnValue]], ResponseReturnValue],
) -> Callable[[View], View]:
    def register(view: View) -> View:
        @wraps(view)
        def guarded(**subject: Any) -> ResponseReturnValue:
            received = now()
            readable()

            def run() -> ResponseReturnValue:
                who = actor()
                if who and declared.may not in OWN and g.get("made_for", "0") not in {"", "0", str(who.organisation)}:
                    raise MadeElsewhere
                if not allows(declared.may, who):
                    return refuse(who)
                if declared.fresh and who and not fresh(who.proved_at, received):
                    return _prove_first()
                return view(session(), who, received, **subject)

            return within(run)

        guarded.declared = declared  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view_func=guarded, methods=[method])
        return view

    return register


def refuse(who: Actor | None) -> ResponseReturnValue:
    """Sends a stranger to sign in, who has yet to set up a second factor there, and who has left to their record.

    Tells others that it is not theirs.
    """
    if who is not None and who.waits:
        return redirect(url_for("settings.second"), 303)
    if who is not None and not who.roles and request.path == "/":
        return redirect(url_for("record.own"), 303)
    if who is not None:
        raise NotAllowed("Your role here does not include this page.")
    if request.is_json:
        return {"error": "signed out"}, 401
    goes_on = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=goes_on), 303)


def _prove_first() -> ResponseReturnValue:
    """Sends somebody who proved who they are too long ago to do it again; then they go on, where they sent from."""
    if request.is_json:
        raise NotAllowed("Prove again that it is you: reload the page.")
    goes_on = request.path if request.method == "GET" else urlsplit(request.referrer or "").path or None
    return redirect(url_for("settings.confirm", next=goes_on), 303)


def declared_by(app: Flask, endpoint: str | None) -> Declared | None:
    """What the endpoint declares."""
    return getattr(app.view_functions.get(endpoint or ""), "declared", None)


def admit() -> None:
    """Before anything of a body is read: lets those send more whom an endpoint allows to."""
    declared = declared_by(current_app, request.endpoint)
    if declared and declared.kilobytes and allows(declared.may, actor()):
        request.max_content_length = request.max_form_memory_size = declared.kilobytes * 1024


def close(app: Flask) -> None:
    """Closes the gate when every route is there. Raises RuntimeError naming each endpoint that declares nothing."""
    silent = sorted({rule.endpoint for rule in app.url_map.iter_rules() if not declared_by(app, rule.endpoint)})
    if silent:
        raise RuntimeError(f"these endpoints do not declare who may call them: {', '.join(silent)}")
    unknown = {declared_by(app, rule.endpoint).may for rule in app.url_map.iter_rules()} - PERMISSIONS.keys()  # type: ignore[union-attr]
    if unknown:
        raise RuntimeError(f"these permissions are not in the table: {', '.join(sorted(unknown))}")
