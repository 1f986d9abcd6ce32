"""How people ask: the Flask application."""

import gzip
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, send_file, send_from_directory
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from mesotrain import config
from mesotrain.core.access import ROLES, allows
from mesotrain.store import schema
from mesotrain.store.db import check, db, engine_options, let_go, prepare, url_of
from mesotrain.web import errors, gate, links, logs, signed_in, slots, words
from mesotrain.web.accounts import accounts
from mesotrain.web.adjustments import adjustments
from mesotrain.web.api import api
from mesotrain.web.assertions import assertions
from mesotrain.web.assignments import assignments
from mesotrain.web.attempts import attempts
from mesotrain.web.calendar import calendar
from mesotrain.web.certificates import certificates
from mesotrain.web.clearance import clearance
from mesotrain.web.clinics import clinics
from mesotrain.web.coming import coming
from mesotrain.web.demo import demo, shows
from mesotrain.web.drafts import drafts
from mesotrain.web.elsewhere import Tokens
from mesotrain.web.exchange import exchange
from mesotrain.web.holds import holds
from mesotrain.web.invigilation import invigilation
from mesotrain.web.learning import learning
from mesotrain.web.logbook import logbook
from mesotrain.web.marking import marking
from mesotrain.web.merges import merges
from mesotrain.web.observations import observations
from mesotrain.web.outsiders import outsiders
from mesotrain.web.passwords import Passwords
from mesotrain.web.people import people
from mesotrain.web.practice import practice
from mesotrain.web.privacy import privacy
from mesotrain.web.programs import programs
from mesotrain.web.proposals import proposals
from mesotrain.web.questions import questions
from mesotrain.web.reading import reading
from mesotrain.web.receipts import receipts
from mesotrain.web.record import record
from mesotrain.web.reports import reports
from mesotrain.web.rosters import rosters
from mesotrain.web.search import search
from mesotrain.web.settings import settings
from mesotrain.web.site import site
from mesotrain.web.statuses import statuses
from mesotrain.web.stops import stops
from mesotrain.web.supervision import supervision
from mesotrain.web.team import team
from mesotrain.web.waiting import waiting

BLUEPRINTS = (
    accounts,
    adjustments,
    api,
    assertions,
    assignments,
    attempts,
    calendar,
    certificates,
    clearance,
    coming,
    clinics,
    demo,
    drafts,
    exchange,
    holds,
    invigilation,
    learning,
    logbook,
    marking,
    merges,
    observations,
    outsiders,
    people,
    practice,
    privacy,
    programs,
    proposals,
    questions,
    reading,
    receipts,
    record,
    reports,
    rosters,
    search,
    settings,
    site,
    statuses,
    stops,
    supervision,
    team,
    waiting,
)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def clock() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def create_app(environment: Mapping[str, str] = os.environ, clock: Callable[[], datetime] = clock) -> Flask:
    """The application, set by `environment`. Raises Refused where it could not serve safely."""
    app = Flask(__name__, template_folder=str(config.ROOT / "templates"), static_folder=None)
    app.config.from_mapping(config.load(environment))
    _secure(app)
    app.extensions.update(clock=clock, passwords=Passwords(app.config["HASHES_AT_ONCE"]), schema_head=schema.head())
    app.url_map.converters["id"] = gate.Id
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    logs.init(app)  # first, so that a request that is refused on its way in is logged, too
    links.init(app)
    words.init(app)
    slots.init(app)
    signed_in.init(app)
    app.before_request(gate.admit)
    Tokens(app)
    _database(app)
    _assets(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.init(app)
    app.context_processor(_who)
    app.before_request(_not_before_the_schema)
    app.after_request(_headers)
    gate.close(app)
    return app


def _who() -> dict[str, Any]:
    who = gate.actor()
    demo = current_app.extensions.get("demo")
    return {"actor": who, "allowed": lambda may: allows(may, who), "role_titles": ROLES, "demo": demo}


def _secure(app: Flask) -> None:
    public = urlsplit(app.config["PUBLIC_URL"])
    plain = public.scheme == "http"
    newest, *older = app.config["SECRET_KEYS"]
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_NAME="mesotrain" if plain else "__Host-mesotrain",
        SESSION_COOKIE_SECURE=not plain,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=app.config["BODY_KILOBYTES"] * 1024,
        MAX_FORM_MEMORY_SIZE=app.config["BODY_KILOBYTES"] * 1024,
        TRUSTED_HOSTS=sorted(config.LOOPBACK) if public.hostname in config.LOOPBACK else [public.hostname],
        WTF_CSRF_TIME_LIMIT=None,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]


def _database(app: Flask) -> None:
    address = app.config["DATABASE_URL"]
    url = url_of(address)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(address, app.config["POOL_SIZE"])
    db.init_app(app)
    app.teardown_appcontext(lambda _error: let_go(db.session()) if db.session.registry.has() else None)
    Migrate(app, db, directory=str(schema.MIGRATIONS))
    with app.app_context():
        prepare(db.engine)
        check(db.engine)


def _assets(app: Flask) -> None:
    """Serves the static files under addresses that change with their content, so that they keep for ever."""
    folder = Path(__file__).parent / "static"
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    versions = {name: sha256(content).hexdigest()[:12] for name, content in files.items()}
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}

    def static(filename: str) -> Response:
        if filename in packed and request.accept_encodings["gzip"]:
            tag = f"{versions[filename]}-gzip"
            response = send_file(BytesIO(packed[filename]), download_name=filename, etag=tag)
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = send_from_directory(folder, filename)
        response.vary.add("Accept-Encoding")
        known = request.args.get("v", "") == versions.get(filename)
        response.headers["Cache-Control"] = gate.FOREVER if known else gate.AN_HOUR
        return response

    static.declared = gate.Declared("public", gate.FOREVER)  # type: ignore[attr-defined]
    app.add_url_rule("/static/<filename>", view_func=static, methods=["GET"])
    app.add_template_global(lambda name: links.url_for("static", filename=name, v=versions[name]), "asset")


def _not_before_the_schema() -> Any:
    """Every page waits for the migrations; /healthz says so itself."""
    if current_app.extensions.get("schema_ready") or request.endpoint in {None, "static", "site.health"}:
        return None
    with db.engine.connect() as connection:
        if schema.behind(connection, current_app.extensions["schema_head"]):
            return errors.reply(503, "The database is not up to date. Run: flask --app app db upgrade")
    current_app.extensions["schema_ready"] = True
    current_app.extensions["demo"] = shows(current_app, gate.session())
    gate.session().rollback()
    return None


def _headers(response: Response) -> Response:
    response.headers.extend(HEADERS)
    if g.get("own_pictures"):
        policy = HEADERS["Content-Security-Policy"].replace("img-src 'self'", "img-src 'self' data:")
        response.headers["Content-Security-Policy"] = policy
    declared = gate.declared_by(current_app, request.endpoint)
    if declared and response.status_code == 200:
        response.headers.setdefault("Cache-Control", declared.cache)
    elif not declared or declared.cache == gate.PRIVATE or response.status_code != 304:
        response.headers["Cache-Control"] = gate.PRIVATE
    return response
