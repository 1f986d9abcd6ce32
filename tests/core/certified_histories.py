"""Certificates by chance, and what two implementations make of them.

``python -m tests.core.certified_histories 100000`` compares so many and prints how many agree; `make histories` does.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from mesotrain.core.assertions import Period
from mesotrain.core.certificates import Certificate, Edition, Exam, Path, Practice, Result, Shown
from mesotrain.core.certification import stage_on, stages
from mesotrain.core.competence import Cases, Evidence, Rule, spans
from tests.core.histories import FIRST, ROLES, compare, evidence
from tests.core.second_certification import state

DAYS = 240


def a_day(chance: Random) -> date:
    return FIRST + timedelta(days=chance.randrange(DAYS))


def path(chance: Random, name: str) -> Path:
    exams = [Exam("final", chance.randint(1, 5), tuple("12"[: chance.choice([0, 0, 1, 2])]))]
    exams += [Exam("short", chance.randint(2, 6))] if chance.random() < 0.15 else []
    practised = Practice("face", Cases(chance.choice(ROLES), chance.randint(1, 2), 1, chance.choice([None, 2, 4])))
    tested = chance.random() < 0.8
    return Path(
        name,
        "Path",
        ("ASP",) if chance.random() < 0.3 else (),
        ("id",) if chance.random() < 0.3 else (),
        tuple(exams) if tested else (),
        (practised,) if not tested or chance.random() < 0.2 else (),
        ("other",) if chance.random() < 0.15 else (),
    )


def certificate(chance: Random) -> Certificate:
    opens, grace = chance.choice([0, 1, 1, 2]), chance.choice([0, 1, 1])
    paths = tuple(path(chance, name) for name in ("first", "elsewhere")[: chance.choice([1, 1, 2])])
    return Certificate("face", "Face", opens + grace + chance.randint(1, 2), opens, grace, paths, path(chance, ""))


def editions(chance: Random) -> list[Edition]:
    if chance.random() < 0.7:
        return [Edition(certificate(chance), date.min)]
    day = a_day(chance)
    return [Edition(certificate(chance), date.min, day), Edition(certificate(chance), day)]


def long_periods(chance: Random, likely: float) -> list[Period]:
    found = []
    for _ in range(chance.randint(1, 2)):
        if chance.random() < likely:
            start = a_day(chance) if chance.random() < 0.5 else FIRST
            ends = chance.random() < 0.6
            found.append(Period(start, start + timedelta(days=chance.randrange(1, 120)) if ends else None, "Why."))
    return found


def shown(chance: Random) -> Shown:
    cases = [evidence(chance, at) for at in range(chance.choice([0, 8]))]
    passes = [Evidence("quiz passed", a_day(chance), at) for at in range(chance.randint(0, 4))]
    points: list[frozenset[str]] = [frozenset("12"), frozenset("12"), frozenset("1"), frozenset()]
    exams = [("final", a_day(chance)) for _ in range(chance.randint(0, 7))]
    exams += [("short", a_day(chance)) for _ in range(chance.randint(0, 1))]
    return Shown(
        {"ASP": spans(passes, Rule("v", chance.randint(2, 6), 10, chance.choice([0, 10])))},
        {"id": long_periods(chance, 0.9)},
        [Result(name, day, chance.choice(points)) for name, day in exams],
        {
            "face": sorted(
                (
                    Evidence("case", a_day(chance), one.sequence, None, "", one.case, one.role, one.level, one.by)
                    for one in cases
                    if one.kind == "case"
                ),
                key=lambda one: (one.day, one.sequence),
            )
        },
        {"other": long_periods(chance, 0.9)},
        long_periods(chance, 0.05),
        long_periods(chance, 0.07),
        long_periods(chance, 0.05),
    )


def disagreements(many: int, seed: int, told: Counter[str]) -> Iterator[str]:
    """Of so many histories and days those on which the two differ; what they agree on is counted."""
    for number in range(many):
        chance = Random(f"{seed} {number}")
        rules, what, on = editions(chance), shown(chance), max(a_day(chance), a_day(chance))
        found, again = stage_on(stages(rules, what), on).state, state(rules, what, on)
        if found != again:
            yield f"{seed} {number}: {on} {found}, not {again}"
        told[again] += 1


if __name__ == "__main__":
    compare("certified", disagreements, int(sys.argv[1]))
