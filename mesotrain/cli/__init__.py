"""The `mesotrain` command."""

import os
import sys
from pathlib import Path

import click

from mesotrain import config
from mesotrain.cli.backups import backup, restore, verify
from mesotrain.cli.courses import check, publish, read, sync
from mesotrain.cli.demo import load_demo
from mesotrain.cli.doctor import doctor
from mesotrain.cli.init import init
from mesotrain.cli.mail import mail
from mesotrain.cli.preview import serve_preview
from mesotrain.cli.serve import ready, serve_until_stopped, within
from mesotrain.cli.worker import work_until_stopped
from mesotrain.core.errors import Expected
from mesotrain.store import answers, competence
from mesotrain.store.db import db
from mesotrain.store.folders import course_folders
from mesotrain.web import create_app


@click.group()
def commands() -> None:
    """Mesotrain: teach, examine and certify the clinicians who practise mesotherapy."""


def main() -> None:
    """Runs the command; an expected "no" is a sentence and exit status 1."""
    try:
        commands.main(standalone_mode=True)
    except Expected as error:
        click.echo(str(error), err=True)
        sys.exit(1)


for command in (check, sync, publish, init, backup, restore, verify, mail, doctor):
    commands.add_command(command)


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--port", default=8010, show_default=True)
def preview(file: Path, port: int) -> None:
    """Shows FILE, a lesson or a bank, as trainees will see it, and follows it as it is written."""
    serve_preview(file, port)


@commands.command()
def demo() -> None:
    """Fills an empty database with a course, clinics and people who have a history."""
    ready(app := create_app())
    click.echo(load_demo(app, lambda: [read(folder) for folder in course_folders(app.config["COURSES"])]))


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serves the application and its worker until Ctrl-C."""
    serve_until_stopped(create_app(), host, port)


@commands.command()
@click.option("--parent", type=int, hidden=True, help="The process it ends with.")
def worker(parent: int | None) -> None:
    """Does what belongs to no request, until stopped: ends overdue attempts, sends mail."""
    parent = parent or os.getppid()
    work_until_stopped(create_app(), parent)


@commands.command()
def rebuild() -> None:
    """Makes every projection again from the log and the evidence."""

    def work() -> int:
        answers.rebuild_answers(db.session())
        return competence.rebuild(db.session())

    click.echo(f"Rebuilt the newest answers and the standing of {within(create_app(), work)} histories.")


@commands.command()
def settings() -> None:
    """Prints every setting, what it is for and its value now."""
    values = config.load()
    for one in config.SETTINGS:
        shown = "(secret)" if one.secret and values[one.name] else values[one.name]
        click.echo(f"MESOTRAIN_{one.name}={shown}\n    {one.help}")
