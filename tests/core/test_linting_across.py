"""How well the rules across the questions of a bank find what they are for, by pairs that were labelled.

The rules before these, which compared three words in a row, found 0 and 3 of the 20 faulty pairs of each. The pairs
were labelled before the rules of today were written, but by the same hand, so the figures say less than those of the
labelled questions. The pairs of across-again were labelled by somebody who had read neither rule, and taught them
nothing: they found 14 of the 15 that are nearly the same, and one in vain, and all 15 that are answered by another, and
no more. Of 4,241 questions of MedMCQA, by subject and with a key taken by turns, they name 12 as nearly the
same, most of which are, and 34 as answered by another, most of which are not: their keys are terms of three words.
"""

from functools import cache

import pytest
import yaml

from mesotrain.core.linting import RULES
from tests.core.linting import ask, broken, many, number
from tests.core.test_linting_labelled import FEWEST, LINTING, PRECISION, RECALL, share

SETS = {"across": "author", "across-again": "another"}
"""Files of pairs, each with who labelled it."""


@cache
def pairs(name: str) -> dict[str, dict[str, list[list[str]]]]:
    return dict(yaml.safe_load((LINTING / f"{name}.yaml").read_text("utf-8")))


def written(one: str) -> str:
    stem, *answers = one.split(" / ")
    return ask(stem, *answers) if answers[1:] else number(stem, *answers)


@pytest.mark.parametrize(("name", "rule"), [(name, rule) for name in SETS for rule in pairs(name)])
def test_pairs_are_found_and_rarely_others(name: str, rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [
        (fault, rule in broken(many(*map(written, questions))), questions)
        for fault, kind in ((True, "faulty"), (False, "sound"))
        for questions in pairs(name)[rule][kind]
    ]
    faulty, sound = (sum(fault is wanted for fault, _, _ in cases) for wanted in (True, False))
    found, right = sum(found for _, found, _ in cases), sum(fault and found for fault, found, _ in cases)
    with capsys.disabled():
        said = f"precision={share(right, found)} recall={share(right, faulty)}"
        label = f"set={name} labelled-by={SETS[name]}"
        print(f"\nfigure lint {label} rule={rule} faulty={faulty} sound={sound} {said}")  # noqa: T201 (a figure)
    wrong = "\n\n".join(str((fault, questions)) for fault, found, questions in cases if fault != found)
    assert rule in RULES
    assert min(faulty, sound) >= FEWEST
    assert right >= PRECISION * found, wrong
    assert right >= RECALL * faulty, wrong
