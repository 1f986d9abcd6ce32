"""Outgoing mail by terminal."""

import click

from mesotrain.cli.serve import within
from mesotrain.store import outbox
from mesotrain.store.db import db
from mesotrain.web import create_app


@click.group()
def mail() -> None:
    """Outgoing mail."""


@mail.command()
@click.option("--drop", is_flag=True, help="What waits now never leaves: it left before the machine was lost.")
def release(drop: bool) -> None:
    """Lets mail leave again after a restore."""
    app = create_app()

    def work() -> str:
        if outbox.held_since(db.session()) is None:
            return "Mail is not held back."
        if drop:
            outbox.drop_waiting(db.session(), outbox.LEASE, app.extensions["clock"]())
        outbox.let_go(db.session())
        return "What waited is dropped; mail leaves again." if drop else "Mail leaves again, what waited first."

    click.echo(within(app, work))
