"""Questions for the rules of good writing, as short as they can be."""

from collections.abc import Callable
from typing import Any

from mesotrain.core.errors import Fault
from mesotrain.core.linting import RULES, Bank, Item, lint
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report

FRONT = "---\nbank: b\ntitle: B\nlanguage: en\ncompetency: EMG\n---\n\n"
WHOLE = "section: a#b\nlevel: apply\ncites: I01\n"


def ask(stem: str, *options: str, keys: str = "", mark: str = "()") -> str:
    """A question whose first option is right; every other rule is kept."""
    lines = [f"- {mark[0]}{' ' if at else 'x'}{mark[1]} {one}\n  Why: so." for at, one in enumerate(options)]
    return f"## emg-0001\n{WHOLE}{keys}\n{stem}\n\n" + "\n".join(lines) + "\n"


def number(stem: str, *accepted: str) -> str:
    return f"## emg-0001\n{WHOLE}\n{stem}\n\n" + "\n".join(f"= {one}\n  Why: so." for one in accepted) + "\n"


def many(*texts: str) -> str:
    """Questions in one bank, each with an id of its own."""
    return "\n".join(one.replace("emg-0001", f"emg-{at:04}", 1) for at, one in enumerate(texts, 1))


def readable(text: str, draws: int = 0) -> tuple[Bank, list[Fault]]:
    """What of a bank's text can be read, and what is wrong with the rest; it has its front matter, or needs none."""
    report = Report("bank.md")
    questions = read_bank(text if text.startswith("---") else FRONT + text, report).questions
    return Bank("bank.md", "EMG", draws, tuple(map(Item, questions))), report.faults


def bank(text: str, draws: int = 0) -> Bank:
    """What a bank's text without faults holds."""
    found, faults = readable(text, draws)
    assert not faults, faults
    return found


def broken(text: str, draws: int = 0) -> set[str]:
    """The rules that a bank breaks."""
    faults, _ = lint([bank(text, draws)])
    assert {one.code for one in faults} <= RULES.keys()
    return {one.code for one in faults}


THREE = ("Adrenaline", "Chlorphenamine", "Hydrocortisone")
FORMS: dict[str, Callable[[Any], str]] = {
    "option": lambda text: ask("What do you do first?", "Stop and call", "Wait a little", "Lie him flat", text),
    "options": lambda texts: ask("Which is right for him, given the facts?", *texts),
    "stem": lambda text: ask(text, *THREE),
    "bare": lambda text: number(text, "5"),
    "bare-options": lambda text: ask(text, "5", "10", "15"),
    "with-unit": lambda text: number(text, "5 mg"),
}
"""The forms of question in which the texts of linting.yaml stand."""
