"""What each type of question costs: read, checked, marked, printed and rendered, beside ``json.loads`` of the same."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from flask import Flask

from mesotrain.core.courses import Question
from mesotrain.core.questions import question
from mesotrain.formats.bank import problems, read_bank
from mesotrain.formats.lines import Report
from mesotrain.formats.printed import write_question
from mesotrain.web import examples
from mesotrain.web.slots import Asked, of_type

ROUNDS, TIMES, MANY = 15, 5, 25

Row = list[str]


def question_rows(app: Flask) -> list[Row]:
    """A row for each type: questions a second by stage, and how often ``json.loads`` of its parts would have run."""
    front, _, _ = examples.BANK.partition("\n## ")
    with app.test_request_context():
        return [_row(front, slot) for slot in examples.as_asked()[:-1]]


def _row(front: str, slot: Asked) -> Row:
    source = re.split(r"(?m)^(?=## )", examples.BANK)[slot.number]
    name = re.match(r"## (\S+)", source)[1]  # type: ignore[index]
    text = "\n\n".join([front, *(source.replace(name, f"exm-{1000 + number}") for number in range(MANY))])
    one, *_ = read_bank(text, Report(""), examples.PICTURES).questions
    content = json.dumps({"taker": one.taker, "key": one.key})
    asks = of_type(slot.type).ask
    stages: dict[str, Callable[[], object]] = {
        "json": lambda: json.loads(content),
        "read": lambda: read_bank(text, Report(""), examples.PICTURES),
        "checked": lambda: problems(one.marked()),
        "marked": lambda: _mark(one, slot),
        "printed": lambda: write_question(one),
        "rendered": lambda: asks(replace(slot)),
    }
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            taken[name].append(_seconds(stage))
    cost = {name: median(samples) for name, samples in taken.items()}
    cost["read"] /= MANY
    bare = cost.pop("json")
    return [slot.type, f"{1 / bare:,.0f}", *(f"{1 / each:,.0f} ({each / bare:.1f}x)" for each in cost.values())]


def _mark(one: Question, slot: Asked) -> object:
    drawn = question(one.taker, one.key).ask(slot.seed)
    return drawn.mark(drawn.read(slot.fields))


def _seconds(stage: Callable[[], object]) -> float:
    begun = time.perf_counter()
    for _ in range(TIMES):
        stage()
    return (time.perf_counter() - begun) / TIMES
