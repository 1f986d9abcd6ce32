"""Courses by terminal, read and checked; nothing here knows of a database, so it starts at once."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from os.path import abspath
from pathlib import Path

import click

from mesotrain import config
from mesotrain.core.assessments import LENGTH, advice
from mesotrain.core.courses import Course, Module, pool
from mesotrain.core.errors import BadContent, Fault, Refused
from mesotrain.core.linting import ERROR, RULES, WARNING, Bank, Item, Waived
from mesotrain.core.linting import lint as lint_banks
from mesotrain.formats import bank
from mesotrain.formats.courses import BANK, COURSE, parsed, read_course
from mesotrain.formats.exams import EXAM
from mesotrain.formats.lesson import LESSON
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.media import boxes
from mesotrain.store.folders import course_folders, read_folder

NOTE = "note"
"""The severity of what is only told."""
_LACKING = ("missing", "encoding")
"""The codes of what keeps a bank from being read at all, in its first line or that of its lesson."""
Files = Mapping[str, str | bytes]


def read(folder: Path, files: Files | None = None) -> Course:
    """The course in a folder. Raises BadContent with every fault, its paths beginning with the folder."""
    try:
        return read_course(read_folder(folder) if files is None else files)
    except BadContent as error:
        raise BadContent([replace(one, path=f"{folder}/{one.path}") for one in error.faults]) from None


PLACE = click.argument("place", required=False, type=click.Path(path_type=Path))
FORM = click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), show_default=True)


@click.command()
@PLACE
@FORM
def check(place: Path | None, form: str) -> None:
    """Prints every fault of the courses in PLACE: a folder of courses, a course, what is in one, or a bank alone.

    Faults are also the errors that `mesotrain lint` finds; of its warnings their number is said.
    Of each plan it is told how long its paper takes.
    """
    faults, waived = _found(place or config.load()["COURSES"], form)
    warnings = [one for one in faults if one.severity == WARNING]
    lines = [_line(one) for one in faults if one.severity == ERROR] or ["No faults."]
    lines += [_line(one) for one in faults if one.severity == NOTE]
    if warnings:
        many = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
        lines.append(f"{many} on how questions are written: mesotrain lint says which.")
    _say(lines, faults, waived, form)


@click.command()
@PLACE
@FORM
def lint(place: Path | None, form: str) -> None:
    """Prints what the rules of good writing find in the questions of PLACE, warnings among it, and what was waived.

    A rule's id stands at the end of its line. What cannot be read is said as `mesotrain check` says it.
    """
    faults, waived = _found(place or config.load()["COURSES"], form)
    _say(list(map(_line, faults)) or ["Nothing to mend."], faults, waived, form)


def _found(place: Path, form: str) -> tuple[list[Fault], list[Waived]]:
    try:
        return _faults(place)
    except Refused as nothing:
        if form != "json":
            raise
        return [Fault(str(place), 1, str(nothing), "missing")], []


def _line(one: Fault) -> str:
    if one.code not in RULES and one.severity == ERROR:
        return str(one)
    told = one if one.severity == ERROR else replace(one, message=f"{one.severity}: {one.message}")
    return f"{told} [{one.code}]"


def _say(lines: list[str], faults: list[Fault], waived: list[Waived], form: str) -> None:
    """Ends with status 1 where a fault is an error."""
    if form == "json":
        found = {"faults": list(map(asdict, faults)), "waived": list(map(asdict, waived))}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        silenced = [f"{one.path}:{one.line}: waived: {one.code}, {one.reason}, {one.by}" for one in waived]
        click.echo("\n".join([*lines, *silenced]))
    if any(one.severity == ERROR for one in faults):
        sys.exit(1)


def _faults(place: Path) -> tuple[list[Fault], list[Waived]]:
    """What is wrong with the courses in `place`, and what of it was waived. Raises Refused where there is none."""
    if not place.exists():
        raise Refused("There is no file or folder %(place)s.", place=place)
    try:
        folders = course_folders(place)
    except Refused:
        if not place.is_file():
            raise
        return _alone(place)
    faults: list[Fault] = []
    waived: list[Waived] = []
    named: dict[str, Path] = {}
    for folder in folders:
        course, broken = parsed(read_folder(folder))
        found = [replace(one, path=f"{folder}/{one.path}") for one in broken]
        if not broken:
            try:
                once(course, folder, named)
            except BadContent as twice:
                found += twice.faults
        written, silenced = _written(course, folder, broken)
        written += [] if broken else _planned(course, folder)
        faults += [one for one in sorted(found + written) if _concerns(place, folder, Path(one.path))]
        waived += [one for one in silenced if _concerns(place, folder, Path(one.path))]
    return faults, waived


def _written(course: Course, folder: Path, broken: list[Fault]) -> tuple[list[Fault], list[Waived]]:
    """What the rules of writing find in the banks of a course, as far as it could be read, and what was waived."""
    spoilt = {one.path for one in broken}
    banks = [
        Bank(
            f"{folder}/{one.name}/{BANK}",
            one.competency,
            _draws(one),
            tuple(map(Item, one.questions)),
            f"{one.name}/{BANK}" not in spoilt,
        )
        for one in course.modules
    ]
    lacks = any((one.code in _LACKING and one.line == 1) or one.path == COURSE for one in broken)
    return lint_banks(banks, whole=not lacks)


def _draws(module: Module) -> int:
    """How many questions a quiz draws of its bank, whichever; what a plan draws is looked at cell by cell."""
    return 0 if module.quiz.plan else module.quiz.questions


def _planned(course: Course, folder: Path) -> list[Fault]:
    """Where a plan's questions are too few to sit it again, and where its time is short."""
    return [
        Fault(f"{folder}/{one.name}/{file}", 1, sentence, code, NOTE if code == LENGTH else WARNING)
        for one in course.modules
        if one.quiz.plan
        for file in (EXAM if one.quiz.exam else LESSON,)
        for code, sentence in advice(one.quiz, pool(course.modules, one))
    ]


def _alone(place: Path) -> tuple[list[Fault], list[Waived]]:
    """The same for a bank that belongs to no course; what concerns a course as a whole is not looked at."""
    found = read_alone(place, report := Report(str(place)))
    items = tuple(map(Item, found.questions))
    written, silenced = lint_banks([Bank(str(place), "", 0, items, not report.faults)])
    return sorted(report.faults + written), silenced


def read_alone(path: Path, report: Report) -> bank.Bank:
    """A bank by itself, with the pictures beside it; its faults go to `report`."""
    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    return bank.read_bank(cleaned(text, report), report, boxes(read_folder(path.parent)))


def once(text: Course, folder: Path, named: dict[str, Path]) -> None:
    """Raises BadContent for a second folder that calls itself by the name of a first."""
    if (first := named.setdefault(text.name, folder)) != folder:
        sentence = f"the course {text.name} is also in {first}; give each course a name of its own."
        raise BadContent([Fault(f"{folder}/course.yaml", 1, sentence, "twice")])


def _concerns(place: Path, folder: Path, path: Path) -> bool:
    """Whether a fault in this file is one of `place`; one in the course's own files keeps the rest from being read.

    By their names alone: where a link leads is nothing to its author.
    """
    return Path(abspath(path)).is_relative_to(abspath(place)) or path.parent == folder
