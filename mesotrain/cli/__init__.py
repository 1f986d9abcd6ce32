"""The `mesotrain` command."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

import click
from flask import Flask

from mesotrain import config
from mesotrain.actions import courses as actions
from mesotrain.cli.demo import load_demo
from mesotrain.cli.preview import serve_preview
from mesotrain.cli.serve import ready, serve_until_stopped
from mesotrain.cli.worker import work_until_stopped
from mesotrain.core.courses import CHANGE_CLASSES, Course
from mesotrain.core.errors import BadContent, Expected
from mesotrain.formats.courses import read_course
from mesotrain.store import answers, competence
from mesotrain.store.db import db, transact
from mesotrain.store.folders import course_folders, read_folder
from mesotrain.web import create_app

T = TypeVar("T")


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


IS_LIVE = "is already live as it stands"


@commands.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--change", default="", type=click.Choice(["", *CHANGE_CLASSES]), help="How already published sections changed."
)
def publish(folder: Path | None, change: str) -> None:
    """Makes the course in FOLDER, or every course there is, live from its text."""
    app = create_app()
    texts = [read(one) for one in course_folders(folder or app.config["COURSES"])]

    def work() -> list[str]:
        now = app.extensions["clock"]()
        done = [(text.title, actions.publish(db.session(), now, text, change=change)) for text in texts]
        return [f"{title} {f'published as number {one.number}' if one else IS_LIVE}." for title, one in done]

    click.echo("\n".join(_transact(app, work)))


def read(folder: Path) -> Course:
    """The course in a folder. Raises BadContent with every fault, its paths beginning with the folder."""
    try:
        return read_course(read_folder(folder))
    except BadContent as error:
        raise BadContent([replace(one, path=f"{folder}/{one.path}") for one in error.faults]) from None


@commands.command()
@click.argument("place", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), show_default=True)
def check(place: Path | None, form: str) -> None:
    """Prints every fault of the courses in PLACE: a folder of courses, a course, or what is in one."""
    place = place or config.load()["COURSES"]
    faults = []
    for folder in course_folders(place):
        try:
            read(folder)
        except BadContent as error:
            faults += [one for one in error.faults if _concerns(place, folder, Path(one.path))]
    if form == "json":
        click.echo(json.dumps({"faults": [asdict(one) for one in faults]}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(map(str, faults)) or "No faults.")
    if any(one.severity == "error" for one in faults):
        sys.exit(1)


def _concerns(place: Path, folder: Path, path: Path) -> bool:
    """Whether a fault in this file is one of `place`; one in the course's own files keeps the rest from being read."""
    return path.resolve().is_relative_to(place.resolve()) or path.parent == folder


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
    courses = [read(folder) for folder in course_folders(app.config["COURSES"])]
    click.echo(load_demo(app, courses))


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

    click.echo(f"Rebuilt the newest answers and the standing of {_transact(create_app(), work)} histories.")


@commands.command()
def settings() -> None:
    """Prints every setting, what it is for and its value now."""
    values = config.load()
    for one in config.SETTINGS:
        shown = "(secret)" if one.secret and values[one.name] else values[one.name]
        click.echo(f"MESOTRAIN_{one.name}={shown}\n    {one.help}")


def _transact(app: Flask, work: Callable[[], T]) -> T:
    ready(app)
    with app.app_context():
        return transact(db.session(), work)
