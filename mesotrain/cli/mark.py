"""`mesotrain mark`: what answers to a bank or to items of QTI earn, so that engines can be compared."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from mesotrain.cli.check import FORM, read_alone
from mesotrain.core.courses import Question
from mesotrain.core.errors import BadContent, Fault, Refused
from mesotrain.core.questions import question
from mesotrain.core.questions.calculated import Calculated
from mesotrain.formats.exchange import MOST_BYTES
from mesotrain.formats.exchange.items import Unfit
from mesotrain.formats.exchange.qti.outcomes import items, outcomes
from mesotrain.formats.lines import Report, shown_line
from mesotrain.formats.responses import Response, begins_decimals, fields, read_responses, says

File = click.Path(path_type=Path)
Marking = Callable[[Response], dict[str, object]]
_NO_SEED = 'The values of this question are drawn: say with which seed it was asked, as in "seed": "1".'
_OF_QTI = (".xml", ".qti", ".zip")


@click.command()
@click.argument("bank", type=File)
@click.option("--responses", required=True, type=File, help='JSONL: {"question": id, "response": ...} on each line.')
@click.option("--decimal", type=click.Choice([".", ","]), help="How the takers' language begins decimals.")
@FORM
def mark(bank: Path, responses: Path, decimal: str | None, form: str) -> None:
    """Prints for each line of the responses the exact fraction that it earns of a full answer, such as 1/2.

    Of an essay that says anything it prints that people mark it. What is no answer to its question is not marked as a
    wrong one: it is unread, and why is printed in its place. In the place of a bank may stand a file of QTI 2 or 3:
    then the outcomes are printed that an item's own rules make, and a response is an object of response variables.

    A number is read as on a page whose language begins decimals as `--decimal` says; unless it is said, what may mean
    two things, such as 2.500, is unread. A calculation is drawn with the `seed` beside the response.

    Where a file is missing, a line is no JSON, its question is not in the bank, or the bank has faults, all of that is
    said, and nothing is marked. Exit status 0: all was read; 3: something was unread; 1: nothing was marked.
    """
    try:
        marks = _marks(bank, responses, decimal or "")
    except BadContent as bad:
        if form != "json":
            raise
        click.echo(json.dumps({"marks": [], "faults": list(map(asdict, bad.faults))}, ensure_ascii=False, indent=2))
        sys.exit(1)
    if form == "json":
        click.echo(json.dumps({"marks": marks}, ensure_ascii=False, indent=2))
    else:
        click.echo("".join(f"{line}\n" for line in map(_line, marks)), nl=False)
    sys.exit(3 if any("unread" in one for one in marks) else 0)


def _marks(bank: Path, responses: Path, decimal: str) -> list[dict[str, object]]:
    """What each response earns. Raises BadContent with all that keeps them from being marked."""
    missing = [one for one in (bank, responses) if not one.is_file()]
    if missing:
        raise BadContent([Fault(str(one), 1, "the file is missing.", "missing") for one in missing])
    known, marking, faults = (_items if bank.suffix.lower() in _OF_QTI else _questions)(bank, decimal)
    given, wrong = read_responses(_text(responses), str(responses))
    for one in given:
        if one.question not in known:
            said = f"{shown_line(one.question)} is no question of this bank."
            wrong.append(Fault(str(responses), one.line, said, "question"))
    if faults or wrong:
        raise BadContent(faults + wrong)
    return [{"line": one.line, "question": one.question, **marking(one)} for one in given]


def _questions(bank: Path, decimal: str) -> tuple[set[str], Marking, list[Fault]]:
    """The names of the questions of a bank, how a response to one is marked, and what is wrong with it."""
    report = Report(str(bank))
    read = read_alone(bank, report)
    questions = {one.name: one for one in (*read.questions, *read.retired)}
    return {name for name, _ in read.names}, lambda one: _marked(questions[one.question], one, decimal), report.faults


def _items(bank: Path, _decimal: str) -> tuple[set[str], Marking, list[Fault]]:
    """The same of a file of QTI. Raises BadContent."""
    with bank.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadContent([Fault(str(bank), 1, f"at most {MOST_BYTES:,} bytes are read.", "large")])
    found = items(content, str(bank))

    def marked(one: Response) -> dict[str, object]:
        try:
            return {"outcomes": outcomes(found[one.question], one.answer, one.seed)}
        except Unfit as unfit:
            return {"outcomes": None, "unread": str(unfit)}

    return {*found}, marked, []


def _marked(asked: Question, one: Response, decimal: str) -> dict[str, object]:
    """What a response earns, with why it, or a part of it, was not read."""
    drawn = question(asked.taker, asked.key).ask(one.seed)
    told: dict[str, object] = {"fraction": None}
    try:
        raw = fields(drawn, one.answer)
    except Refused as unread:
        return {**told, "unread": str(unread)}
    reading = drawn.read(begins_decimals(raw or {}, decimal))
    if raw is None or (reading.unanswered and says(raw)):
        return {**told, "unread": f"This is no answer to a question like {one.question}."}
    if isinstance(drawn, Calculated) and not one.seed and not reading.unanswered:
        return {**told, "unread": _NO_SEED}
    if reading.problem:
        told["unread"] = reading.problem % reading.facts
    if reading.answer is None and reading.problem:
        return told
    return {**told, "by": "people"} if drawn.markers(reading) else {**told, "fraction": str(drawn.mark(reading))}


def _line(one: dict[str, object]) -> str:
    """A fraction wherever there is one: what is read of an answer is marked, and why the rest is not stands behind."""
    if one.get("outcomes"):
        return json.dumps(one["outcomes"], ensure_ascii=False, sort_keys=True)
    if "unread" not in one:
        return str(one["fraction"] if "by" not in one else f"marked by {one['by']}")
    return f"{one['fraction']}, in part unread: {one['unread']}" if one.get("fraction") else f"unread: {one['unread']}"


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", "surrogateescape")
