"""What every form brings back: that this browser was sent it, and for which organisation its page was made.

What was made for another organisation than one works for now changes nothing: it would do so in the wrong one.
"""

from typing import Any

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect, generate_csrf

from mesotrain.store import people
from mesotrain.web import gate
from mesotrain.web.words import gettext

UNKEPT = "csrf_token", "password"
"""What was typed that no page says again."""


class Tokens(CSRFProtect):  # type: ignore[misc]
    """CSRF tokens behind the number of the organisation their page was made for; 0 where nobody was signed in."""

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = token
        app.context_processor(lambda: {"csrf_token": token})

    def _get_csrf_token(self) -> str:
        made_for, _, sent = (super()._get_csrf_token() or "").rpartition(":")
        g.made_for = made_for
        return str(sent)


def token(organisation: int | None = None) -> str:
    """The token of a page, or that of one made for this organisation."""
    actor = gate.actor()
    return f"{organisation or (actor.organisation if actor else 0)}:{generate_csrf()}"


def refused() -> ResponseReturnValue:
    """Says that what was sent was made elsewhere, and keeps what was typed: it can be sent where it was meant to be."""
    if request.is_json:
        return {"elsewhere": True, "error": gettext("You work for another organisation now. Nothing was saved.")}, 409
    theirs = {str(one.id): one for one in people.memberships(gate.session(), current_user.actor.person)}
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in UNKEPT]
    facts: dict[str, Any] = {"meant": theirs.get(g.made_for), "typed": typed, "place": request.full_path.rstrip("?")}
    file = any(one.filename for one in request.files.values())
    return render_template("errors/elsewhere.html", file=file, **facts), 409
