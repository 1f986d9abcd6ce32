"""Courses by terminal: taken in, published."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask

from mesotrain.actions import coming
from mesotrain.actions import drafts as actions
from mesotrain.actions.courses import Ready, Signature, keep, make_ready
from mesotrain.cli.check import Files, once, read
from mesotrain.cli.serve import reading, within
from mesotrain.core.changes import TOUCHES
from mesotrain.core.courses import CHANGE_CLASSES, Course
from mesotrain.core.drafts import CONFLICTS, KINDS, Change
from mesotrain.core.errors import BadContent, Expected, Fault, NotAllowed, NotFound, Refused
from mesotrain.store import drafts as store
from mesotrain.store import people
from mesotrain.store.courses import Publication
from mesotrain.store.db import db
from mesotrain.store.folders import course_folders, read_folder
from mesotrain.web import create_app

BY = click.option("--by", metavar="EMAIL", help="Whose work it is; recorded with it.")
OF = click.option("--organisation", metavar="NAME", help="Whose course it is; nobody's alone unless said.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@click.argument("place", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@BY
@OF
@click.option("--kept-by", metavar="NAME", help="The organisation whose educators publish a shared course.")
@click.option("--overwrite", is_flag=True, help="Where the plan finds a conflict, the folder is right.")
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), show_default=True)
@YES
def sync(
    place: Path | None,
    by: str | None,
    organisation: str | None,
    kept_by: str | None,
    overwrite: bool,
    form: str,
    yes: bool,
) -> None:
    """Takes in the courses in PLACE: at once the first time, later as drafts, their plan shown first.

    A course with faults is refused by its name; what is live of it stays served, and the other courses go on.
    """
    app = create_app()
    whose = reading(app, lambda: _whose(by, organisation))
    keeper = reading(app, lambda: people.organisation_named(db.session(), kept_by).id) if kept_by else None
    failed, plans = False, []
    named: dict[str, Path] = {}
    for folder in course_folders(place or app.config["COURSES"]):
        try:
            text, files, kept = _read(app, folder, whose)
            once(text, folder, named)
            ahead = reading(app, partial(_outlook, text, whose))
            turns = reading(app, partial(_turns, app, text, ahead, folder))
            plans.append(_plan(text, ahead, kept, turns))
            if form == "text":
                click.echo("\n".join([*map(str, kept), _told(text, ahead), *_asked(turns)]))
                if ahead.seen[1]:
                    click.echo(f"  draft {ahead.seen[1]} waits; taking this in puts it away")
            if turns.wrong:
                raise turns.wrong
            if yes or (form == "text" and _worth_asking(ahead) and click.confirm(f"Take {text.name} in?")):
                click.echo(_take(app, text, files, whose, ahead, overwrite), err=form == "json")
            if keeper is not None:
                within(app, partial(_keep, text.name, keeper))
        except (BadContent, Refused) as error:
            failed = True
            said = "is refused; what is live of it stays as it is." if isinstance(error, BadContent) else "waits."
            click.echo(f"{error}\n{folder.resolve().name} {said}", err=True)
    if form == "json":
        click.echo(json.dumps({"plans": plans}, ensure_ascii=False, indent=2))
    if failed:
        sys.exit(1)


Whose = tuple[int | None, Signature | None]
"""(organisation, who) of what is taken in or published; None for the whole installation, and for nobody named."""


def _whose(by: str | None, organisation: str | None) -> Whose:
    place = people.organisation_named(db.session(), organisation).id if organisation else None
    person = people.by_email(db.session(), by) if by else None
    if by and person is None:
        raise NotFound("There is no account for %(email)s.", email=by)
    if person and not people.teaches(db.session(), person.id, place):
        raise NotAllowed("%(name)s is no educator there, so this cannot be their work.", name=person.name)
    return place, Signature(person.id, person.commitment) if person else None


def _read(app: Flask, folder: Path, whose: Whose) -> tuple[Course, Files, list[Fault]]:
    """The course in a folder, the ids of its changed options written into its files, and what is said of each."""
    files = read_folder(folder)
    text = read(folder, files)
    named, kept = reading(app, lambda: actions.identified(db.session(), text, files, whose[0]))
    return read(folder, named) if kept else text, named, [replace(one, path=f"{folder}/{one.path}") for one in kept]


def _outlook(text: Course, whose: Whose) -> actions.Outlook:
    organisation, who = whose
    return actions.outlook(db.session(), text, organisation, who.person if who else None)


def _plan(text: Course, ahead: actions.Outlook, kept: list[Fault], turns: coming.Outlook) -> dict[str, Any]:
    changes = list(map(_model, ahead.plan.changes))
    rules = {"from": turns.day.isoformat() if turns.day else None, "offered": turns.changes}
    said = {"course": text.name, "first": ahead.first, "changes": changes, "kept": list(map(asdict, kept))}
    return said | {"rules": rules}


def _turns(app: Flask, text: Course, ahead: actions.Outlook, folder: Path) -> coming.Outlook:
    return coming.outlook(db.session(), app.extensions["clock"](), ahead.course, text.scheme, str(folder))


def _asked(turns: coming.Outlook) -> list[str]:
    """The day of a rule, and what it asks for otherwise."""
    when = f"from {turns.day}" if turns.day else "at once"
    return [
        f"  {title} asks for something else {when}; {_count(clinics, 'clinic')} offer{'s' if clinics == 1 else ''} it"
        for title, clinics in turns.changes.items()
    ]


def _keep(course: str, organisation: int) -> None:
    keep(db.session(), course, organisation)


def _worth_asking(ahead: actions.Outlook) -> bool:
    return bool(ahead.plan.changes) or bool(ahead.seen[1])


def _take(app: Flask, text: Course, files: Files, whose: Whose, ahead: actions.Outlook, overwrite: bool) -> str:
    organisation, who = whose
    ready = reading(app, lambda: make_ready(db.session(), text, organisation)) if ahead.first else None

    def work() -> str:
        now = app.extensions["clock"]()
        made = actions.take(
            db.session(),
            now,
            text,
            files,
            organisation=organisation,
            maker=who,
            seen=ahead,
            ready=ready,
            overwrite=overwrite,
        )
        if made is None:
            return f"{text.name} is live as it stands."
        if isinstance(made, Publication):
            return f"{text.name} entered and is live, as publication {made.number}."
        instead = f" in place of draft {ahead.seen[1]}" if ahead.seen[1] not in (0, made.number) else ""
        return f"Draft {made.number} of {text.name} waits{instead}. Publish it with: mesotrain publish {text.name}"

    return within(app, work)


def _told(text: Course, ahead: actions.Outlook) -> str:
    """The plan, a line for each part that changes."""
    if ahead.first:
        questions = sum(len(one.questions) for one in text.modules)
        counts = f"{_count(len(text.modules), 'module')} and {_count(questions, 'question')}"
        return f"{text.name}: new here, with {counts}. It will be live at once."
    if not ahead.plan.changes:
        return f"{text.name}: says what is live, publication {ahead.seen[0]}."
    lines = [f"{text.name}: against publication {ahead.seen[0]}"]
    for change in ahead.plan.changes:
        kind = KINDS[change.piece.kind].lower()
        touches = ", ".join(TOUCHES[one] for one in TOUCHES if one in change.touches)
        wants = f"  {change.wants}{f', touches {touches}' if touches else ''}" if change.wants else ""
        lines.append(f"  {change.what:8} {kind:10} {change.name}{wants}")
        if change.instead:
            lines.append(f"           in place of {change.instead}, which goes")
        if change.conflict:
            lines.append(f"           in conflict: {CONFLICTS[change.conflict]}")
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _model(change: Change) -> dict[str, Any]:
    return {
        "what": change.what,
        "kind": change.piece.kind,
        "name": change.name,
        "touches": sorted(change.touches),
        "class": change.wants,
        "conflict": CONFLICTS.get(change.conflict, ""),
    }


@click.command()
@click.argument("courses", nargs=-1)
@BY
@OF
@click.option("--class", "classes", multiple=True, metavar="SECTION=CLASS", help="How one section changed.")
@click.option("--change", default="", type=click.Choice(["", *CHANGE_CLASSES]), help="How every other section changed.")
@YES
def publish(
    courses: tuple[str, ...], by: str | None, organisation: str | None, classes: tuple[str, ...], change: str, yes: bool
) -> None:
    """Makes the drafts of COURSES, by their names or folders, or every draft that waits, live.

    One that is refused is said so, and the others go on.
    Changed sections are called as the plan proposes unless --class or --change says otherwise. To call a change that
    touches what safety rests on less than that, two people are needed: that is done on the draft's page.
    """
    app = create_app()
    whose = reading(app, lambda: _whose(by, organisation))
    said = dict(_pair(one) for one in classes)
    waiting = courses or tuple(reading(app, lambda: store.waiting(db.session(), whose[0])))
    if not waiting:
        click.echo("No draft waits. Take a changed text in with: mesotrain sync")
    failed = False
    for given in waiting:
        try:
            name = _name(given)
            looked, told = reading(app, partial(_planned, app, name, whose[0]))
            click.echo(told)
            if yes or click.confirm(f"Publish {name}?"):
                click.echo(within(app, partial(_publish, app, name, looked, whose, said, change)))
        except Expected as error:
            failed = True
            click.echo(f"{error}\n{given} is not published.", err=True)
    if failed:
        sys.exit(1)


def _name(given: str) -> str:
    """The name of a course, or of the course in a folder."""
    return read(Path(given)).name if (Path(given) / "course.yaml").is_file() else given


def _pair(text: str) -> tuple[str, str]:
    section, equals, kind = text.rpartition("=")
    if not equals or kind not in CHANGE_CLASSES:
        raise click.BadParameter(f"{text}: write SECTION=CLASS, the class one of {', '.join(CHANGE_CLASSES)}.")
    return section, kind


Looked = tuple[tuple[int, int], Ready]
"""The numbers of the publication and the draft that were looked at, and the draft made ready."""


def _planned(app: Flask, name: str, organisation: int | None) -> tuple[Looked, str]:
    """(what was looked at, the plan in words)."""
    kept = store.kept_course(db.session(), organisation, name)
    ready = actions.prepare(db.session(), kept)
    if kept.draft is None or ready is None:
        raise Refused("No draft of %(name)s waits. Take its text in with: mesotrain sync", name=name)
    found = actions.plan_of(db.session(), kept.draft, kept.publication, ready.text)
    seen = (kept.publication.number, kept.draft.number)
    turns = coming.outlook(db.session(), app.extensions["clock"](), kept.course.id, ready.text.scheme)
    if turns.wrong:
        raise turns.wrong
    told = [_told(ready.text, actions.Outlook(kept.course.id, seen, found)), *_asked(turns)]
    return (seen, ready), "\n".join(told)


def _publish(app: Flask, name: str, looked: Looked, whose: Whose, classes: Mapping[str, str], change: str) -> str:
    (publication, draft), ready = looked
    kept = store.kept_course(db.session(), whose[0], name)
    if kept.draft is None or kept.draft.number != draft:
        raise Refused(actions.LOOK_AGAIN)
    now = app.extensions["clock"]()
    made = actions.publish_draft(db.session(), now, kept, publication, classes, change, by=whose[1], ready=ready)
    return f"{made.title} published as number {made.number}."
