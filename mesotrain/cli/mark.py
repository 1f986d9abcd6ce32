"""`mesotrain mark`: what answers to a bank earn, so that engines can be compared."""

from pathlib import Path

import click

from mesotrain.cli.check import read_alone
from mesotrain.core.errors import BadContent, Fault
from mesotrain.core.questions import question
from mesotrain.formats.lines import Report, shown_line
from mesotrain.formats.responses import fields, read_responses

File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("bank", type=File)
@click.option("--responses", required=True, type=File, help='JSONL: {"question": id, "response": ...} on each line.')
def mark(bank: Path, responses: Path) -> None:
    """Prints for each line of the responses the exact fraction that it earns of a full answer, such as 1/2.

    Of an essay that says anything it prints that people mark it.

    Where anything of either file cannot be read, all that is wrong is said, and nothing is marked.
    """
    report = Report(str(bank))
    read = read_alone(bank, report)
    questions = {one.name: one for one in (*read.questions, *read.retired)}
    known = {name for name, _ in read.names}
    given, faults = read_responses(_text(responses), str(responses))
    earned = []
    for one in given:
        if one.question not in known:
            said = f"{shown_line(one.question)} is no question of this bank."
            faults.append(Fault(str(responses), one.line, said, "question"))
        elif found := questions.get(one.question):
            drawn = question(found.taker, found.key).ask(one.seed)
            raw = fields(drawn, one.answer)
            if raw is None:
                said = f"this is no answer to a question like {one.question}."
                faults.append(Fault(str(responses), one.line, said, "response"))
            else:
                reading = drawn.read(raw)
                earned.append("marked by people" if drawn.markers(reading) else str(drawn.mark(reading)))
    if report.faults or faults:
        raise BadContent(report.faults + faults)
    click.echo("".join(f"{one}\n" for one in earned), nl=False)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")
