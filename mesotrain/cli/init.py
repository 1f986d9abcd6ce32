"""A real installation: one organisation and its first administrator."""

from zoneinfo import available_timezones

import click

from mesotrain.actions import invitations, people
from mesotrain.cli.serve import ready, within
from mesotrain.core.accounts import is_address
from mesotrain.core.errors import Refused
from mesotrain.core.names import alike, tidy
from mesotrain.store import installation
from mesotrain.store.db import db
from mesotrain.store.people import any_organisation, anybody, organisation_called
from mesotrain.web import create_app, keys


@click.command()
@click.option("--organisation", prompt="Name of the organisation", help="What the organisation is called.")
@click.option("--zone", prompt="Its time zone, such as Europe/London", help="Whose calendar decides its dates.")
@click.option("--clinic", "clinics", multiple=True, help="A clinic of it; may be given again.")
@click.option("--name", prompt="Name of the first administrator", help="Who administers it.")
@click.option("--email", prompt="Their e-mail address", help="Where they are reached.")
@click.option("--another", is_flag=True, help="Beside the organisations there are already.")
def init(organisation: str, zone: str, clinics: tuple[str, ...], name: str, email: str, another: bool) -> None:
    """Makes an organisation, its clinics and its first administrator, in an empty database unless it is --another.

    Prints the link by which the administrator joins; nobody else is made.
    """
    if zone not in available_timezones():
        raise Refused("%(zone)s is not a time zone. Write one such as Europe/London.", zone=zone)
    if not is_address(email.strip()):
        raise Refused("The administrator needs an e-mail address, such as ada@example.org.")
    organisation, name = tidy(organisation), tidy(name)
    ready(app := create_app())
    now, nonce = app.extensions["clock"](), keys.new_nonce()

    def work() -> str:
        session = db.session()
        if installation.is_demo(session):
            raise Refused("Everybody in this database is invented. Make a real organisation in one of its own.")
        begun = anybody(session) or any_organisation(session)
        if begun and not another:
            raise Refused("There is an organisation here already. Invite people on its page People, or say --another.")
        if begun and organisation_called(session, organisation):
            raise Refused("There is an organisation called %(name)s already.", name=organisation)
        place, _ = people.create_organisation(
            session, organisation, zone, list({alike(one): one for one in clinics}.values())
        )
        number = invitations.found(session, now, place, email, name, app.config["LOCALES"][0], nonce)
        if not begun:
            installation.make(session, now, demo=False)
        return keys.signed("join", number, nonce)

    link = f"{app.config['PUBLIC_URL']}/join/{within(app, work)}"
    click.echo(f"{organisation} is ready. {name} joins here within 14 days:\n{link}")
