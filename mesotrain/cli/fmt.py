"""`mesotrain fmt`: banks in their canonical form."""

import os
import re
import sys
from difflib import unified_diff
from pathlib import Path

import click

from mesotrain.core.errors import BadContent, Fault, Refused
from mesotrain.formats.courses import BANK, COURSE
from mesotrain.formats.tidy import given, mentioned, tidied


@click.command()
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Changes nothing; exit status 1 where something would change.")
def fmt(place: Path, check: bool) -> None:
    """Gives the banks in PLACE their canonical form and prints what changes.

    What a word processor did is mended, keys stand in the guide's order, and a question without an id, or with
    that of another above it, gets one.
    """
    banks = [place] if place.is_file() else sorted(place.rglob(BANK))
    if not banks:
        raise Refused("There is no %(name)s in %(place)s.", name=BANK, place=place)
    texts = {path: _text(path) for path in banks}
    changed = False
    for path, text in texts.items():
        new = tidied(text, _elsewhere(path))
        if new == text:
            continue
        changed = True
        old = re.split("\r?\n", text)
        lines = list(unified_diff(old, new.split("\n"), str(path), str(path), lineterm="", n=1))
        click.echo("\n".join(lines) or f"{path}: only the ends of its lines change.")
        for line, name, now in given(text, new):
            click.echo(
                f"{path}:{line}: {name} stands there once more, and becomes {now}. "
                f"If the copy is the one above, exchange the two ids."
            )
        if not check:
            _replace(path, new)
    if not changed:
        click.echo("Nothing to change.")
    elif check:
        sys.exit(1)


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        said = "this file is not UTF-8; save it as UTF-8 text."
        raise BadContent([Fault(str(path), line, said, "encoding")]) from None


def _elsewhere(path: Path) -> list[str]:
    """The ids of questions that the other texts of the course speak of."""
    course = path.absolute().parent.parent
    others = course.glob("*/*.md") if (course / COURSE).exists() else ()
    return [name for one in others if one != path.absolute() for name in mentioned(_text(one))]


def _replace(path: Path, text: str) -> None:
    """Puts a text in place of a file's, whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.chmod(path.stat().st_mode)
    os.replace(beside, path)
