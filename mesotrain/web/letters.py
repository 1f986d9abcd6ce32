"""How the mails are written: what calls for each, its subject, and the address in it."""

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import Flask, g, render_template
from flask_babel import force_locale

from mesotrain.store.letters import Letter
from mesotrain.store.outbox import Leaving
from mesotrain.web import keys
from mesotrain.web.words import gettext

MAILED = {
    "attempt.finished": "result",
    "report.answered": "answered",
    "person.invited": "invitation",
    "reminder.called": "reminders",
    "link.asked": "link",
    "password.changed": "password-changed",
    "email.changed": "email-changed",
    "second-factor.added": "second-factor",
    "second-factor.removed": "second-factor",
    "recovery-code.used": "recovery-code",
    "stop.told": "stop",
    "certificate.told": "certificate",
    "proposal.told": "proposal",
    "outsider.asked": "outsider",
    "signature.asked": "signature",
    "signature.given": "signed",
    "signature.withdrawn": "signed",
    "observation.signed": "observed",
    "observation.withdrawn": "observed",
}
"""Event kinds that call for a mail, and the template it is written with."""

PLACES = {
    "signed": "/record/logbook",
    "observed": "/record/logbook",
    "reminders": "/",
    "certificate": "/record/certificates",
}
"""Where a mail leads that leads to one place; all others lead to the account."""

LINKED = {"signature": ("sign", "request"), "invitation": ("join", "invitation"), "outsider": ("second", "outsider")}
"""The page and the fact with whose number a link is made that does one thing."""

ENDING = "person.invited", "invitation.accepted", "invitation.withdrawn", "link.asked"
"""Event kinds after which an earlier mail may be wanted no more."""

SUBJECTS: dict[str, Callable[[Letter], str]] = {
    "result": lambda one: gettext("Your result: %(title)s", title=one.facts["title"]),
    "answered": lambda one: gettext("An answer: %(title)s", title=one.facts["title"]),
    "invitation": lambda one: gettext("%(by)s invites you to Mesotrain", by=one.facts["by"]),
    "reminders": lambda _: gettext("What is due, and what ends"),
    "link": lambda one: (
        gettext("Choose a new password")
        if one.facts["kind"] == "password"
        else gettext("Confirm your new e-mail address")
    ),
    "password-changed": lambda _: gettext("Your password was changed"),
    "email-changed": lambda _: gettext("Your e-mail address was changed"),
    "second-factor": lambda one: (
        gettext("A second factor was added to your account")
        if one.facts["added"]
        else gettext("A second factor was removed from your account")
    ),
    "recovery-code": lambda _: gettext("A recovery code was used"),
    "stop": lambda one: (
        gettext("A stop at %(place)s has ended", place=one.facts["place"])
        if one.facts["over"]
        else gettext("Stopped at %(place)s from now on", place=one.facts["place"])
    ),
    "certificate": lambda one: gettext("Your certificate: %(title)s", title=one.facts["title"]),
    "proposal": lambda one: (
        gettext("How your proposal ended: %(name)s", name=one.facts["person"])
        if one.facts["decision"]
        else gettext("To confirm or refuse: %(name)s", name=one.facts["person"])
    ),
    "outsider": lambda one: gettext("%(by)s asks you for a decision", by=one.facts["by"]),
    "signature": lambda one: gettext("A case to sign: %(name)s", name=one.facts["trainee"]),
    "signed": lambda one: gettext("Your case: %(title)s", title=one.facts["title"]),
    "observed": lambda one: gettext("You were observed: %(title)s", title=one.facts["title"]),
}


def compose(app: Flask, leaving: Leaving, letter: Letter, now: datetime) -> EmailMessage:
    """The mail as it leaves, in the language and zone of who reads it."""
    message = EmailMessage()
    public = app.config["PUBLIC_URL"]
    with app.app_context(), force_locale(letter.locale):  # its own context keeps its own words
        g.zone = letter.zone
        message["Subject"] = SUBJECTS[leaving.kind](letter)
        message["From"] = app.config["MAIL_FROM"]
        message["To"] = letter.email
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{leaving.mail}.{leaving.at:%Y%m%d%H%M%S%f}@{urlsplit(public).hostname}>"
        message["Auto-Submitted"] = "auto-generated"
        link = public + _path(leaving.kind, letter)
        message.set_content(render_template(f"email/{leaving.kind}.txt", mail=letter, link=link, public=public))
    return message


def _path(kind: str, letter: Letter) -> str:
    match kind:
        case "result" | "answered":
            return f"/attempts/{letter.facts['attempt']}/result"
        case "stop" | "proposal":
            return f"/{kind}s/{letter.facts[kind]}"
        case "signature" | "invitation" | "outsider":
            page, number = LINKED[kind]
            return f"/{page}/{keys.signed(page, letter.facts[number], letter.facts['nonce'])}"
        case "link":
            page = {"password": "choose-password", "email": "take-address"}[letter.facts["kind"]]
            return f"/{page}/{keys.signed(letter.facts['kind'], letter.facts['link'], letter.facts['nonce'])}"
        case _:
            return PLACES.get(kind, "/account")
