"""The projections, made again."""

import click

from mesotrain.cli.serve import within
from mesotrain.store import answers, competence
from mesotrain.store.db import db
from mesotrain.web import create_app


@click.command()
def rebuild() -> None:
    """Makes every projection again from the log and the evidence."""

    def work() -> int:
        answers.rebuild_answers(db.session())
        return competence.rebuild(db.session())

    click.echo(f"Rebuilt the newest answers and the standing of {within(create_app(), work)} histories.")
