"""How questions are written, held against the published rules of good writing; what an author waived is kept apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mesotrain.core.errors import Fault
from mesotrain.core.linting.banks import Bank
from mesotrain.core.linting.item import Item
from mesotrain.core.linting.rules import BANK, ERROR, RULES, SOURCES, UNUSED, WARNING, Rule

_QUOTED, _SHOWN = 60, 3


@dataclass(frozen=True, order=True)
class Waived:
    """What a rule found and an author answers for."""

    path: str
    line: int
    code: str
    reason: str
    by: str


def lint(banks: Sequence[Bank], *, whole: bool = True) -> tuple[list[Fault], list[Waived]]:
    """What the rules find in the banks of a course, and what of it was waived.

    A rule that counts waits for what it counts in: for the whole of a bank, or for the `whole` course and every bank.
    """
    whole = whole and all(bank.whole for bank in banks)
    faults, waived, used = [], [], set[tuple[str, str]]()
    for rule, bank, item, said in _found(banks, whole):
        line, about = (item.question.line, f"question ({item.question.name}): ") if item else (1, "")
        waiver = next((one for one in item.question.waived if one.code == rule.id), None) if item else None
        if item and waiver:
            used.add((item.question.name, rule.id))
            waived.append(Waived(bank.path, line, rule.id, waiver.reason, waiver.by))
        else:
            faults.append(Fault(bank.path, line, about + said, rule.id, rule.severity))
    for bank in banks:
        for item in bank.items:
            for one in item.question.waived:
                rule = RULES[one.code]
                looked = rule.check or (bank.whole and _speaks(rule, bank, whole))
                if looked and (item.question.name, one.code) not in used:
                    said = f"question ({item.question.name}): nothing here breaks {one.code}; take it out of waive."
                    faults.append(Fault(bank.path, item.question.line, said, UNUSED, WARNING))
    return sorted(faults), sorted(waived)


def _found(banks: Sequence[Bank], whole: bool) -> Iterator[tuple[Rule, Bank, Item | None, str]]:
    """What a rule says of a question, once for the whole of it and for each of its stages."""
    for rule in RULES.values():
        if rule.check:
            for bank in banks:
                for item in bank.items:
                    whole_item = {"": (item, *(item.lists if rule.lists else ()))}
                    stages = {f"stage {name}: ": (one,) for name, one in item.stages.items()}
                    said: dict[str, None] = {}  # of the whole, and not of each of its stages again
                    for where, looked_at in (whole_item | stages).items():
                        found = dict.fromkeys(what for one in looked_at for what in rule.check(one) if what not in said)
                        said = said if where else found
                        if found:
                            yield rule, bank, item, where + rule.sentence.format(_listed(list(found)))
        elif rule.across:
            read = [bank for bank in banks if _speaks(rule, bank, whole)]
            yield from ((rule, bank, item, rule.sentence.format(what)) for bank, item, what in rule.across(read))


def _speaks(rule: Rule, bank: Bank, whole: bool) -> bool:
    """Whether a rule has all that it counts in of this bank."""
    return whole or not rule.counts or (rule.counts == BANK and bank.whole)


def _listed(found: Sequence[str]) -> str:
    """What was found as a sentence quotes it: the first few, each short."""
    short = [one if len(one) <= _QUOTED else f"{one[: _QUOTED - 3]}..." for one in found[:_SHOWN]]
    return "”, “".join(short)


__all__ = ["ERROR", "RULES", "SOURCES", "UNUSED", "WARNING", "Bank", "Item", "Rule", "Waived", "lint"]
