"""A real installation: one organisation and its first administrator."""

from zoneinfo import available_timezones

import click

from mesotrain.actions import invitations, people
from mesotrain.cli.serve import ready, within
from mesotrain.core.errors import Refused
from mesotrain.store import installation
from mesotrain.store.db import db
from mesotrain.store.people import any_organisation, anybody
from mesotrain.web import create_app, keys


@click.command()
@click.option("--organisation", prompt="Name of the organisation", help="What the organisation is called.")
@click.option("--zone", prompt="Its time zone, such as Europe/London", help="Whose calendar decides its dates.")
@click.option("--clinic", "clinics", multiple=True, help="A clinic of it; may be given again.")
@click.option("--name", prompt="Name of the first administrator", help="Who administers it.")
@click.option("--email", prompt="Their e-mail address", help="Where they are reached.")
def init(organisation: str, zone: str, clinics: tuple[str, ...], name: str, email: str) -> None:
    """Makes an organisation, its clinics and its first administrator in an empty database.

    Prints the link by which the administrator chooses a password; nobody else is made.
    """
    if zone not in available_timezones():
        raise Refused("%(zone)s is not a time zone. Write one such as Europe/London.", zone=zone)
    if "@" not in email or not organisation.strip() or not name.strip():
        raise Refused("An organisation and an administrator with a name and an e-mail address are needed.")
    ready(app := create_app())
    now, nonce = app.extensions["clock"](), keys.new_nonce()

    def work() -> str:
        session = db.session()
        if anybody(session) or any_organisation(session):
            raise Refused("There is an organisation in this database already. Invite people on its page People.")
        place, _ = people.create_organisation(session, organisation.strip(), zone, list(dict.fromkeys(clinics)))
        number = invitations.found(session, now, place, email, name.strip(), app.config["LOCALES"][0], nonce)
        installation.make(session, now, demo=False)
        return keys.signed("join", number, nonce)

    link = f"{app.config['PUBLIC_URL']}/join/{within(app, work)}"
    click.echo(f"{organisation} is ready. {name} joins here within 14 days:\n{link}")
