"""`mesotrain convert`: a bank from one format into another."""

import json
import sys
from pathlib import Path

import click

from mesotrain.apart import SECONDS, converted
from mesotrain.core.errors import Refused
from mesotrain.formats.exchange import FORMATS, MOST_BYTES, Conversion, format_of
from mesotrain.formats.exchange.banks import pictures
from mesotrain.formats.exchange.notes import KEPT

File = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=File)
@click.option("--from", "given", type=click.Choice(list(FORMATS)), help="What SOURCE is, if its name does not tell.")
@click.option("--to", "wanted", type=click.Choice(list(FORMATS)), help="What TARGET is to be.")
@click.option("--report", type=File, help="Writes what became of each question, as JSON.")
@click.option(
    "--seconds", type=click.IntRange(1, 3600), default=SECONDS, show_default=True, help="How long it may take."
)
def convert(
    source: Path, target: Path, given: str | None, wanted: str | None, report: Path | None, seconds: int
) -> None:
    """Makes TARGET of the questions of SOURCE; each format is told by the ending of the name.

    Says of each question what was changed, guessed or lost. Exit status 0: whole; 3: with losses; 1: refused.
    The file is read by a process of its own with little memory and time.
    """
    with source.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    formats = format_of(str(source), given or "", content), format_of(str(target), wanted or "")
    files = {path: source.parent / path for path in pictures(content)} if formats[0] == "bank" else {}
    beside = {path: one.read_bytes() for path, one in files.items() if one.is_file()}
    found = converted(content, str(source), *formats, beside=beside, seconds=seconds)
    if report:
        report.write_text(json.dumps(found.report(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    _said(found, source)
    if found.sent:
        _written(found, target)
    sys.exit(found.status)


def _said(found: Conversion, source: Path) -> None:
    for one in found.questions:
        for status, sentence in one.notes.said:
            if status != KEPT:
                click.echo(f"{source}:{one.question.line}: {one.question.name}: {status}: {sentence}")
    for refusal in found.refused:
        click.echo(f"{source}:{refusal.line}: refused: {refusal.sentence}")
    click.echo(f"{len(found.questions)} questions, {len(found.refused)} refused.")


def _written(found: Conversion, target: Path) -> None:
    """The file, and its pictures beside it. Raises Refused where another picture has the name of one."""
    if found.sent is None:
        return
    pictures = {target.parent / path: content for path, content in found.sent.media.items()}
    for path, content in pictures.items():
        if path.exists() and path.read_bytes() != content:
            raise Refused("%(path)s is another picture; write TARGET into another folder.", path=path)
    for path, content in pictures.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    target.write_bytes(found.sent.content)
