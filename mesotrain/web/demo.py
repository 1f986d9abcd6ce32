"""The demo's own page: the mail it would have sent, and the codes its people's apps would show. Nowhere else."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pyotp
from flask import Blueprint, Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mesotrain.config import LOOPBACK
from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store import accounts, letters, outbox
from mesotrain.store.installation import is_demo
from mesotrain.web import keys
from mesotrain.web.gate import page
from mesotrain.web.letters import compose
from mesotrain.web.proofs import STEP_SECONDS

demo = Blueprint("demo", __name__)

MOST_MAILS = 20


def shows(app: Flask, session: Session) -> bool:
    """Whether there is such a page: everybody is invented, and only this machine can ask."""
    return urlsplit(app.config["PUBLIC_URL"]).hostname in LOOPBACK and is_demo(session)


@page(demo, "/demo", may="public")
def desk(session: Session, actor: Actor | None, now: datetime) -> ResponseReturnValue:
    if not shows(current_app, session):
        raise NotFound
    seconds = STEP_SECONDS - int(now.timestamp()) % STEP_SECONDS
    codes = [
        (name, email, pyotp.TOTP(secret).at(now))
        for name, email, sealed in accounts.apps(session)
        if (secret := keys.unsealed(sealed))
    ]
    mails = [one for leaving in outbox.newest(session, MOST_MAILS) if (one := _read(session, leaving, now))]
    return render_template("demo/desk.html", codes=codes, seconds=seconds, mails=mails)


def _read(session: Session, leaving: outbox.Leaving, now: datetime) -> dict[str, Any] | None:
    letter = letters.letter(session, leaving, now)
    if letter is None:
        return None
    message = compose(current_app._get_current_object(), leaving, letter, now)  # type: ignore[attr-defined]
    return {"to": message["To"], "subject": message["Subject"], "lines": message.get_content().strip().splitlines()}
