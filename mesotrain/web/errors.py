"""Every "no" in one place: which status it has, and the page that says it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from mesotrain.core.errors import BadContent, Ended, Expected, NotAllowed, NotFound, Refused, TooMany
from mesotrain.formats.archives import Unpackable
from mesotrain.web import elsewhere
from mesotrain.web.api import api, problem
from mesotrain.web.gate import MadeElsewhere
from mesotrain.web.words import gettext, sentence

STATUS: dict[type[Expected], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Refused: 409,
    Ended: 410,
    BadContent: 422,
    Unpackable: 422,
    TooMany: 429,
}

TITLES = {
    400: "That request could not be read",
    403: "Not yours to do",
    404: "Not found",
    405: "Not possible this way",
    409: "Not possible now",
    410: "This has ended",
    413: "Too large",
    422: "There is something to correct",
    429: "Too many tries",
    500: "Something broke",
    503: "Not ready",
}
SENTENCES = {
    400: "What your browser sent could not be read. Go back, reload the page and try again.",
    404: "There is no such page, or it is not yours to see.",
    405: "This address does not answer that kind of request.",
    413: "What you sent is larger than %(most)s KB, which is the most that is taken at once. Send it in parts.",
    500: "This is our fault, not yours. What was saved is safe. Try again, and tell us if it happens again.",
    503: "The service cannot reach its database. What was saved is safe. Try again in a minute.",
}


def init(app: Flask) -> None:
    for kind, told in ((Expected, _expected), (CSRFError, _csrf), (HTTPException, _http)):
        app.register_error_handler(kind, _or_away(told))
    app.register_error_handler(MadeElsewhere, _or_away(lambda _error: elsewhere.refused()))
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(Exception, _bug)


def reply(status: int, words: str, back: str = "") -> ResponseReturnValue:
    """The error as a page, or as JSON where JSON was sent; `back` leads to the form that was sent."""
    if request.path.startswith(api.url_prefix or ""):
        return problem(status, words)
    if request.is_json:
        return {"error": words}, status
    title = gettext(TITLES.get(status, TITLES[500]))
    return render_template("errors/error.html", status=status, title=title, sentence=words, back=back), status


def _or_away(told: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
    """The handler, which asks the database for the reader's language; where it does not answer, that is said."""

    def handler(error: Any) -> ResponseReturnValue:
        try:
            return told(error)
        except OperationalError as away:
            return _away(away)

    return handler


def _expected(error: Expected) -> ResponseReturnValue:
    return reply(STATUS[type(error)], sentence(error))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return reply(400, gettext("This page was open for too long, or in another session. Reload it and try again."))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status in range(300, 400):
        return error
    if isinstance(error, SecurityError):
        return gettext("This is not an address of this service."), status, {"Content-Type": "text/plain"}
    most = (request.max_content_length or 0) // 1024
    rules = current_app.create_url_adapter(request) if status == 413 else None
    back = request.path if rules and "GET" in rules.allowed_methods() else ""
    response = make_response(reply(status, gettext(SENTENCES.get(status, SENTENCES[500]), most=most), back))
    response.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
    return response


def _away(_error: OperationalError) -> ResponseReturnValue:
    current_app.logger.exception("the database does not answer")
    g.broken = True
    return reply(503, gettext(SENTENCES[503]))


def _bug(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    current_app.logger.exception("bug")
    g.broken = True
    return reply(500, gettext(SENTENCES[500]))
