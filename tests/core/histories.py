"""Histories by chance, and what two implementations of standing and clearance make of them.

``python -m tests.core.histories 100000`` compares so many and prints how many agree; `make histories` does.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import NoReturn

import click

from mesotrain.core.assertions import Period, Product
from mesotrain.core.clearance import Facts, Meaning, Procedure, Reason, clearance
from mesotrain.core.competence import Cases, Evidence, Need, Observations, PointsMet, Rule, spans, standing
from tests.core.second_standing import answer, state

FIRST, DAYS = date(2023, 12, 20), 110
"""Over a year's end and a leap day."""
ROLES = ("observed", "supervised")
CODES = ("ASP", "EMG")
FORMS = ("tray", "anaphylaxis")
MEANINGS = [{}, {"in grace": Meaning("conditional", "only with a named supervisor on site")},
            {"in grace": Meaning("cleared")}, {"in grace": Meaning("unknown")}]  # fmt: skip


def a_day(chance: Random) -> date:
    return FIRST + timedelta(days=chance.randrange(DAYS))


def rule(chance: Random) -> Rule:
    needs: list[Need] = []
    if chance.random() < 0.2:
        needs.append(PointsMet(tuple("12"[: chance.randint(1, 2)]), chance.randint(1, 3)))
    if chance.random() < 0.5:
        needs.append(cases(chance))
    return Rule("v", chance.randint(1, 4), chance.choice([0, 10, 40]), chance.choice([0, 10, 40]), tuple(needs))


def cases(chance: Random) -> Cases:
    return Cases(
        chance.choice(ROLES),
        chance.randint(0, 2),
        chance.randint(0, 2),
        chance.choice([None, 1, 2]),
        chance.randint(0, 3),
        chance.randint(0, 2),
    )


def evidence(chance: Random, sequence: int) -> Evidence:
    kind = chance.choices(["quiz passed", "quiz not passed", "safety point met", "case"], [4, 1, 2, 4])[0]
    withdrawn = sequence + 100 if chance.random() < 0.08 else None
    if kind == "safety point met":
        return Evidence(kind, a_day(chance), sequence, withdrawn, point=chance.choice("12"))
    if kind == "case":
        case, by, level = f"c{chance.randrange(5)}", chance.randint(1, 2), chance.randint(0, 3)
        return Evidence(kind, a_day(chance), sequence, withdrawn, "", case, chance.choice(ROLES), level, by)
    return Evidence(kind, a_day(chance), sequence, withdrawn)


PRODUCTS = ("Filler",)


def observed(chance: Random, sequence: int) -> Evidence:
    kind = chance.choice(["observation passed", "observation passed", "observation not passed"])
    return Evidence(kind, a_day(chance), sequence, form=chance.choice(FORMS))


def apart(chance: Random, which: int = 0) -> Random:
    """Another chance that takes nothing of this one, so that what is added leaves the rest of a history as it was."""
    _, state, _ = chance.getstate()
    return Random(f"{state[0]} {state[-1]} {which}")


def periods(chance: Random, likely: float) -> list[Period]:
    if chance.random() > likely:
        return []
    start = a_day(chance) if chance.random() < 0.3 else FIRST
    return [Period(start, start + timedelta(days=chance.randrange(1, DAYS)) if chance.random() < 0.4 else None)]


def procedure(chance: Random) -> Procedure:
    codes, documents = CODES[: chance.choice([0, 1, 1, 1, 1, 2, 2])], ("id",)[: chance.randint(0, 1)]
    practice = tuple(cases(chance) for _ in range(chance.choice([0, 0, 1, 2])))
    begins = a_day(chance) if chance.random() < 0.3 else None
    means = Meaning(chance.choice(["not cleared", "conditional"]))
    certificate, other = chance.choice(["", "", "face"]), apart(chance)
    watched = tuple(
        Observations(form, other.randint(1, 2), other.choice([None, 1, 2]))
        for form in FORMS[: other.choice([0, 0, 0, 1, 2])]
    )
    unobserved, since = Meaning(other.choice(["not cleared", "conditional"])), other.choice([None, None, a_day(other)])
    return Procedure(
        "face",
        "Face",
        codes,
        documents,
        "",
        practice,
        means,
        begins,
        certificate,
        PRODUCTS[: len(practice) % 2],
        watched,
        unobserved,
        since,
    )


def certificate(chance: Random) -> list[tuple[Period, Reason]]:
    """What a certificate means, from day to day; now and then nobody knows of any."""
    days = sorted({a_day(chance) for _ in range(chance.choice([0, 1, 3]))})
    given = {
        "certified": "cleared", "renewal open": "cleared", "temporary": "cleared", "expired": "not cleared",
        "in grace": chance.choice(["cleared", "conditional", "not cleared"]), "suspended": "not cleared",
        "revoked": "not cleared",
    }  # fmt: skip
    starts = [FIRST, *days] if chance.random() < 0.9 else days
    codes = [chance.choice(list(given)) for _ in starts]
    ends = [*starts[1:], None]
    return [
        (Period(*days), Reason(code, given[code], "face")) for code, *days in zip(codes, starts, ends, strict=False)
    ]


def facts(chance: Random, histories: dict[str, tuple[list[Evidence], Rule]]) -> Facts:
    logged = [evidence(chance, at) for at in range(chance.choice([0, 6, 14]))]
    aside = copy(chance)
    made = Facts(
        procedure=procedure(chance) if chance.random() < 0.97 else None,
        cases=[one for one in logged if one.kind == "case" and one.withdrawn is None],
        meanings=chance.choice(MEANINGS),
        standings={code: spans(*of) for code, of in histories.items()},
        documents={"id": periods(chance, 0.9)},
        works_here=periods(chance, 0.97),
        offered=periods(chance, 0.97),
        in_use=None if chance.random() < 0.03 else FIRST + timedelta(days=chance.choice([0, 0, 0, 40])),
        stops=periods(chance, 0.1),
        transitional=periods(chance, 0.1),
        certificate=certificate(chance),
        products=[
            Product(one.start, one.end, name=name, lot=lot)
            for name, lot in (("filler", ""), ("FILLER", "1"), ("other", ""))
            for one in periods(aside, 0.05)
        ],
        observations=[observed(apart(chance, at), at) for at in range(apart(chance).choice([0, 3, 6, 9]))],
    )
    elsewhere = apart(chance, 51)
    made = replace(made, prior={code: periods(elsewhere, 0.5) for code in CODES[: elsewhere.choice([0, 0, 1, 2])]})
    other = apart(chance, 50)
    if other.random() < 0.6:
        return made
    asked = procedure(other) if other.random() < 0.9 else None
    then = replace(made, procedure=asked, meanings=other.choice(MEANINGS), documents={"id": periods(other, 0.9)})
    return replace(made, coming=then, turns=a_day(other))


def disagreements(many: int, seed: int, told: Counter[str]) -> Iterator[str]:
    """Of so many histories and days those on which the two differ; what they agree on is counted."""
    for number in range(many):
        chance = Random(f"{seed} {number}")
        histories = {
            code: ([evidence(chance, at) for at in range(chance.randint(0, 14))], rule(chance)) for code in CODES
        }
        asked, on = facts(chance, histories), a_day(chance)
        states = {code: state(*of, on) for code, of in histories.items()}
        found = {code: standing(asked.standings[code], on).state for code in CODES}
        made = clearance(asked, on)
        if states != found or made.answer != answer(asked, states, on):
            yield f"{seed} {number}: {on} {found} {made.answer}, not {states} {answer(asked, states, on)}"
        told.update([made.answer, *states.values()])


def compare(what: str, apart_in: Callable[[int, int, Counter[str]], Iterator[str]], many: int) -> NoReturn:
    """Prints where two implementations differ in so many histories, and how many they agree on; ends with 1 if any."""
    told: Counter[str] = Counter()
    apart = list(apart_in(many, 1, told))
    click.echo("\n".join(apart[:20]))
    for called, number in sorted(told.items()):
        click.echo(f"figure {what} {called}={number}")
    click.echo(f"figure {what} agree={many - len(apart)} of {many}")
    sys.exit(bool(apart))


if __name__ == "__main__":
    compare("histories", disagreements, int(sys.argv[1]))
