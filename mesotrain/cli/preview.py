"""One lesson or bank as trainees will see it, made again whenever its text changes.

The whole service runs on a database of its own in a temporary folder, so a page is exactly what it will be.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from os.path import abspath
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import click
from flask import Flask, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from flask_migrate import upgrade
from markupsafe import Markup
from werkzeug.serving import run_simple

from mesotrain.actions import accounts, attempts, courses, people
from mesotrain.cli.serve import nobody_else
from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.assessments import Rules
from mesotrain.core.courses import Course, Module
from mesotrain.core.errors import Fault, Refused
from mesotrain.formats.courses import BANK, parsed
from mesotrain.formats.exams import EXAM
from mesotrain.formats.lesson import LESSON
from mesotrain.formats.showable import placed, showable
from mesotrain.store.accounts import signed_in
from mesotrain.store.db import db, transact
from mesotrain.store.folders import course_folders, read_folder
from mesotrain.web import create_app, gate
from mesotrain.web.signed_in import SignedIn, digest_of, new_token

NAME, ZONE = "Preview", "UTC"
PAPER = ("attempts.sit", "attempts.result")
MAIN = '<main class="frame" id="main" tabindex="-1">'


class Preview:
    """A course on the author's disk, and the last text of it that could be shown, published."""

    def __init__(self, app: Flask, file: Path) -> None:
        (self.folder,) = course_folders(file)
        self.app, self.file = app, file
        if file.name not in (LESSON, EXAM, BANK):
            raise Refused("A lesson.md, an exam.md or a bank.md is shown, not %(name)s.", name=file.name)
        self.module = Path(abspath(file)).relative_to(abspath(self.folder)).parts[0]
        self.readers = 0
        self.stamp: list[tuple[str, int]] = []
        self.version = 0
        self.course: Course | None = None
        self.faults: list[Fault] = []
        self.placed: dict[Fault, str] = {}
        self._furnish()

    def _furnish(self) -> None:
        """A trainee who has sat nothing yet, signed in."""
        now = self.app.extensions["clock"]()
        self.token, self.readers = new_token(), self.readers + 1
        email = f"preview{self.readers}@localhost"

        def work() -> None:
            place, _ = people.create_organisation(db.session(), NAME, ZONE, [])
            reader = people.create_person(db.session(), NAME, email, "", self.token.encode(), "en", ZONE)
            people.join(db.session(), now, place, reader, [(TRAINEE, None)])
            accounts.sign_in(db.session(), now, reader.id, digest_of(self.token), 24 * 365)

        with self.app.app_context():
            transact(db.session(), work)

    def look(self) -> None:
        """Reads and publishes the course when a file of it has changed since the last look."""
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        stamp = [(str(path), path.stat().st_mtime_ns) for path in paths]
        if stamp == self.stamp:
            return
        self.stamp, self.version = stamp, self.version + 1
        course, faults = parsed(read_folder(self.folder))
        self.faults = sorted(faults)
        found, self.placed = showable(course, faults), {}
        here = next((one for one in found.modules if one.name == self.module), None) if found else None
        if found is None or here is None or (self.file.name == BANK and not here.questions):
            return
        self.placed = placed(here, self.faults)
        self.course = replace(found, modules=tuple(map(self._whole, found.modules)))
        now = self.app.extensions["clock"]()
        transact(db.session(), lambda: courses.publish(db.session(), now, self._course()))

    def _whole(self, module: Module) -> Module:
        """Beside a bank the module with a quiz that asks everything, in its order, what no quiz draws too."""
        if self.file.name != BANK:
            return module
        questions = tuple(replace(one, practice=False) for one in module.questions)
        one = module.quiz
        quiz = Rules(len(questions), one.pass_mark, one.minutes, one.feedback, shuffle=False, exam=one.exam)
        return replace(module, questions=questions, quiz=quiz)

    @property
    def names(self) -> list[str]:
        """The ids of the questions that are asked, in their order."""
        modules = self.course.modules if self.course and self.file.name == BANK else ()
        return [question.name for one in modules if one.name == self.module for question in one.questions]

    def _course(self) -> Course:
        if self.course is None:
            raise Refused("Correct these faults first. This page follows the file.")
        return self.course

    def page(self) -> str:
        """Where the file is seen: a lesson as it is read, an exam as it is begun, a bank as one long quiz.

        Whoever sits a bank has sat none before, so no essay of theirs waits for somebody to mark it.
        """
        course = self._course().name
        if self.file.name != BANK:
            return url_for("reading.lesson", course=course, module=self.module)
        self._furnish()
        attempt = transact(db.session(), lambda: self._sit(gate.now()))
        return url_for("attempts.sit", attempt_id=attempt)

    def _sit(self, now: datetime) -> int:
        """An attempt at the bank as it is now."""
        seed = f"preview {self.version}"
        return attempts.start(db.session(), self._actor(now), now, seed, self._course().name, self.module)

    def _actor(self, now: datetime) -> Actor:
        actor = signed_in(db.session(), digest_of(self.token), now)
        if actor is None:
            raise Refused("The preview has run for a year; start it again.")
        return actor


def preview_app(file: Path, instance: Path, port: int) -> Flask:
    """The service on a database in `instance`, showing `file` and following it."""
    app = create_app({"MESOTRAIN_INSTANCE": str(instance), "MESOTRAIN_PUBLIC_URL": f"http://127.0.0.1:{port}"})
    app.config["SESSION_COOKIE_NAME"] = f"mesotrain-preview-{port}"  # cookies do not tell one port from another
    with app.app_context():
        upgrade()
    shown = Preview(app, file)

    def enter() -> ResponseReturnValue:
        db.session.rollback()
        page = shown.page()
        login_user(SignedIn(shown.token))
        return redirect(page)

    def version() -> ResponseReturnValue:
        return str(shown.version)

    def look() -> None:
        if request.endpoint != "static":
            shown.look()
            db.session.rollback()

    def follow(response: Response) -> Response:
        if response.mimetype == "text/html":
            page = response.get_data(as_text=True)
            response.set_data(_following(_named(page, shown.names) if request.endpoint in PAPER else page, shown))
        return response

    for view, rule in ((enter, "/preview"), (version, "/preview/version")):
        view.declared = gate.Declared("public")  # type: ignore[attr-defined]
        app.add_url_rule(rule, view_func=view)
    app.before_request(look)
    app.after_request(follow)
    return app


def _named(page: str, names: Sequence[str]) -> str:
    """The page of a paper with the id of each question behind its number; what an author writes has no such tag."""

    def name(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        return f"{found[0]} ({names[at]})" if at < len(names) else found[0]

    return re.sub(r'(?:<legend>|<h\d id="review-\d+-title">)Question (\d+) of \d+', name, page)


def _following(page: str, shown: Preview) -> str:
    """The page with what is wrong with the text above it and where it is, and with the script that follows the text."""
    lesson = request.endpoint == "reading.lesson" and (request.view_args or {})["module"] == shown.module
    here = shown.placed if lesson else {}

    def told(heading: re.Match[str]) -> str:
        return heading[0] + _told([one for one in here if here[one] == heading[1]])

    if here:
        page = re.sub(r'<h2 id="([a-z0-9-]+)">.*?</h2>', told, page, flags=re.DOTALL)
    script = Markup('<script type="module" src="{}" id="preview" data-version="{}"></script>')
    follow = script.format(url_for("static", filename="preview.js"), shown.version)
    page = page.replace("</head>", str(follow) + "</head>", 1)
    return page.replace(MAIN, MAIN + _told(shown.faults, here, Markup(' role="status"')), 1)


def _told(faults: Sequence[Fault], ways: Mapping[Fault, str] = MappingProxyType({}), role: str = "") -> str:
    """Faults as a notice, each with the way to its section where there is one."""
    way, alone = Markup('<li><a href="#{}">{}</a></li>'), Markup("<li>{}</li>")
    items = Markup("").join(way.format(ways[one], one) if one in ways else alone.format(one) for one in faults)
    notice = Markup('<div class="notice stop"{}><div><ul class="plain">{}</ul></div></div>')
    return str(notice.format(role, items)) if faults else ""


def serve_preview(file: Path, port: int) -> None:
    """Serves `file` to this machine until Ctrl-C."""
    with TemporaryDirectory() as instance:
        app = preview_app(file, Path(instance), port)
        nobody_else("127.0.0.1", port)
        click.echo(f"{file} is shown at http://127.0.0.1:{port}/preview  (Ctrl-C stops it)")
        run_simple("127.0.0.1", port, app)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--port", default=8010, show_default=True)
def preview(file: Path, port: int) -> None:
    """Shows FILE, a lesson, an exam or a bank, as trainees will see it, and follows it as it is written."""
    serve_preview(file, port)
