"""Two scorers beside each other: questions of every type and rule, made by a seed, and answers to them.

``python -m tests.core.scorers 1000000`` compares so many answers and prints how many agree; `make scorers` does.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random
from typing import Any

import click

from mesotrain.core.grading import VERDICTS, mark
from mesotrain.core.marking import Given
from mesotrain.core.questions import question
from tests.core.second_scorer import verdict

Parts = dict[str, Any]
Raw = dict[str, list[str]]
Made = tuple[str, Parts, Parts]
"""(type and rule, taker part, key)."""

EACH = 20
"""Answers to one question."""
WORDS = ("adrenaline", "épinéphrine", "O'Neill", "deep vein", "Straße", "x-ray", "μ", "5 mL", "ﬁbre", "the nerve")
HOSTILE = (
    "5e-1",
    "1.500e0",
    "2E+1",
    "1e",
    "1e100",
    "",
    " ",
    "?",
    "0",
    "-1",
    "1e3",
    "٣",
    "\u2212",
    "true",
    "NaN",
    "a" * 250,
    "1,500",
    "1.",
    ".5",
    "\x00",
    "99",
    "A1",
    "0.5 l",
    "500 mcg",
    "2.5 ml",
    "2,5 mg/mL",
    "25 \u00b5g",
    "2.5\u200b",
    "10 Mins",
    "oxygen\u2060",
)


def some(chance: Random, least: int, most: int) -> list[dict[str, str]]:
    """Things with ids and texts."""
    return [{"id": f"o{at}", "text": f"Option {at}"} for at in range(chance.randint(least, most))]


def ids(members: list[dict[str, str]]) -> list[str]:
    return [one["id"] for one in members]


def single(chance: Random) -> Made:
    options = some(chance, 2, 6)
    key = chance.choice(options)["id"]
    credit = {one: str(Fraction(chance.randint(-4, 3), 4)) for one in ids(options) if chance.random() < 0.4}
    return "single", {"options": options, "shuffle": True}, {"credit": {**credit, key: "1"}}


def multiple(chance: Random) -> Made:
    options, rule = some(chance, 3, 7), chance.choice(["all-or-nothing", "partial", "sum"])
    right = chance.sample(ids(options), chance.randint(1, len(options) - 1))
    credit = dict.fromkeys(right, "1")
    if rule == "sum":
        credit = {one: str(Fraction(1, max(len(right) - chance.randint(0, 1), 1))) for one in right}
        credit |= {one: str(-Fraction(chance.randint(0, 4), 4)) for one in ids(options) if one not in right}
    return f"multiple, {rule}", {"options": options, "shuffle": True}, {"credit": credit, "rule": rule}


def concordance(chance: Random) -> Made:
    options = some(chance, 2, 7)
    panel = {one: chance.randint(0, 9) for one in ids(options)}
    return "concordance", {"options": options}, {"panel": panel | {"o1": chance.randint(1, 9)}}


def true_false(chance: Random) -> Made:
    rule = chance.choice(["each", "kprim", "all-or-nothing"])
    statements = some(chance, 4, 4) if rule == "kprim" else some(chance, 1, 6)
    verdicts = {one: chance.choice(["true", "false"]) for one in ids(statements)}
    return f"true-false, {rule}", {"statements": statements, "shuffle": True}, {"verdicts": verdicts, "rule": rule}


def ordering(chance: Random) -> Made:
    items, rule = some(chance, 3, 6), chance.choice(["pairs", "all-or-nothing"])
    places = dict(zip(ids(items), map(str, [1, 2, *(chance.randint(1, 2) for _ in items[2:])]), strict=True))
    for one in ids(items)[2:]:
        if chance.random() < 0.3:
            del places[one]
    return f"ordering, {rule}", {"items": items}, {"places": places, "rule": rule}


def matching(chance: Random) -> Made:
    premises, options = [{"id": f"p{at}"} for at in range(chance.randint(1, 6))], some(chance, 2, 7)
    kind = chance.choice(["matching", "extended-matching"])
    answers = {one["id"]: chance.choice(ids(options)) for one in premises}
    key = {"answers": answers} | chance.choice([{}, {"rule": "all-or-nothing"}])
    return kind, {"premises": premises, "options": options, "shuffle": True}, key


def numeric(chance: Random) -> Made:
    rows = []
    for credit in ["1", *(str(Fraction(chance.randint(1, 4), 4)) for _ in range(chance.randint(0, 2)))]:
        middle, spread = Fraction(chance.randint(-200, 4000), 8), Fraction(chance.randint(0, 40), 16)
        rows.append({"value": str(middle), "low": str(middle - spread), "high": str(middle + spread), "credit": credit})
    return "numeric", {"unit": chance.choice(["", "mL", "mg/kg", "%"])}, {"accepted": rows}


def text(chance: Random) -> Made:
    exact = [one for one in ("case", "accents", "punctuation") if chance.random() < 0.3]
    rows = []
    for credit in ["1", *(str(Fraction(chance.randint(0, 4), 4)) for _ in range(chance.randint(0, 2)))]:
        forms = [chance.choice(WORDS).split() for _ in range(chance.randint(1, 2))]
        forms += [["", *chance.choice(WORDS).split(), ""][chance.randint(0, 1) :] for _ in range(chance.randint(0, 1))]
        own = {"exact": ["case"]} if chance.random() < 0.2 and "case" not in exact else {}
        rows.append({"forms": forms, "credit": credit, **own})
    return f"text{''.join(f', {one}' for one in exact)}", {"exact": exact}, {"accepted": rows}


RECIPES: list[tuple[list[tuple[str, str, list[str]]], list[str], str, str, list[tuple[str, str]]]] = [
    ([("weight", "kg", ["40", "62.5", "80"])], ["weight > 40 [kg]"], "min(weight * 4.5 [mg/kg], 300 [mg])", "mg",
     [("answer * 10", ""), ("weight * 4.5 [mg/kg]", "weight * 4.5 [mg/kg] > 300 [mg]")]),
    ([("dose", "mg", ["10", "25"]), ("strength", "%w/v", ["1", "2"])], [], "dose / strength", "mL",
     [("dose / (strength * 10)", ""), ("answer * 2", "strength = 2 [%w/v]")]),
    ([("rate", "mL/h", ["3", "7"]), ("time", "min", ["20", "45"])], ["rate != 7 [mL/h]"],
     "round(rate * time, 0.5 [mL])", "mL", [("-(rate * time) + 9 [mL]", ""), ("answer / 2", "time < 30 [min]")]),
]  # fmt: skip


def calculated(chance: Random) -> Made:
    variables, where, answer, unit, errors = chance.choice(RECIPES)
    accept = chance.choice([{"share": "1/50"}, {"below": "1", "above": "1/2"}, {"below": "0", "above": "0"}])
    rows = [{"value": one, "when": when, "unsafe": chance.random() < 0.5} for one, when in errors]
    named = [{"name": name, "unit": of, "values": values} for name, of, values in variables]
    taker = {"type": "calculated", "stem": "{weight}", "unit": unit, "variables": named, "where": where}
    drawn = question(taker).ask(str(chance.random())).taker
    return "calculated", drawn, {"answer": answer, "accept": accept, "limit": "", "errors": rows}


def hotspot(chance: Random) -> Made:
    def zone(counts: str) -> Parts:
        x, y, size = chance.randint(0, 80), chance.randint(0, 80), chance.randint(3, 40)
        if chance.random() < 0.4:
            return {"points": [[str(x), str(y)]], "radius": str(size), "counts": counts}
        corners = [[x, y], [x + size, y], [x + size, y + size], [x + chance.randint(-9, size), y + size], [x, y + 2]]
        return {"points": [[str(a), str(b)] for a, b in corners[: chance.randint(3, 5)]], "counts": counts}

    zones = [zone("right"), *(zone(chance.choice(["right", "wrong", "unsafe"])) for _ in range(chance.randint(0, 3)))]
    chance.shuffle(zones)
    zones = [{"name": f"z{at}", **one} for at, one in enumerate(zones)]
    grid = [chance.randint(2, 6), chance.randint(2, 6)]
    taker: Parts = {"box": ["0", "-5", "100", "90.5"], "grid": grid}
    rule = chance.choice(["", "", "credits", "all or nothing", "all or nothing", "partial", "several credits"])
    for one in zones:
        if "credits" in rule and one["counts"] != "unsafe" and chance.random() < 0.8:
            low, high = (1, 4) if one["counts"] == "right" else (-3, 0)
            one["credit"] = str(Fraction(chance.randint(low, high), 4))
        elif rule and "credits" not in rule and one["counts"] == "right" and chance.random() < 0.4:
            one["place"] = chance.choice("12")
    if rule not in ("", "credits"):
        taker["marks"] = chance.randint(2, 4)
    return f"hotspot{', ' * bool(rule)}{rule}", taker, {"zones": zones} | ({"rule": rule} if rule == "partial" else {})


def cloze(chance: Random) -> Made:
    made = [chance.choice([single, numeric, text])(chance) for _ in range(chance.randint(1, 4))]
    gaps = [{**taker, "type": kind.partition(",")[0], "id": str(at)} for at, (kind, taker, _) in enumerate(made, 1)]
    exact = chance.choice([[], ["case"], ["accents", "punctuation"]])
    for gap in gaps:
        gap.pop("exact", None)
        if chance.random() < 0.3:
            gap["weight"] = str(chance.randint(2, 4))
    keys = {str(at): key for at, (_, _, key) in enumerate(made, 1)}
    rule = chance.choice(["", "", "partial", "all-or-nothing"])
    whole = {"gaps": keys} | ({"rule": rule} if rule else {})
    return f"cloze{', ' * bool(rule)}{rule}", {"gaps": gaps, "shuffle": True, "exact": exact}, whole


def staged(chance: Random) -> Made:
    kinds = [single, multiple, true_false, ordering, matching, numeric, text]
    made = [chance.choice(kinds)(chance) for _ in range(chance.randint(2, 4))]
    stages, keys = [], []
    for kind, taker, key in made:
        stages.append({**taker, "type": kind.partition(",")[0].replace("extended-", ""), "stem": "?"})
        keys.append(key)
    points = [str(Fraction(chance.randint(1, 6), 2)) for _ in stages]
    taker = {"stages": stages, "shuffle": True, "exact": chance.choice([[], ["case"]])}
    return "staged", taker, {"stages": keys, "points": points, "names": [f"s{at}" for at in range(len(stages))]}


def essay(chance: Random) -> Made:
    most = [chance.randint(1, 5) for _ in range(chance.randint(1, 4))]
    given = [[str(Fraction(chance.randint(0, 2 * one), 2)) for one in most] for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.2:
        given = [[str(one) for one in most]]
    rows = [{"text": f"Says {at}", "points": str(one)} for at, one in enumerate(most)]
    return "essay", {"words": []}, {"criteria": rows, "markers": 1, "given": given}


MADE: list[Callable[[Random], Made]] = [
    *(single, multiple, concordance, true_false, ordering, matching),
    *(numeric, text, calculated, hotspot, cloze, staged, essay),
]


def asked(chance: Random) -> Made:
    """A question of any type, its parts as they are stored."""
    kind, taker, key = chance.choice(MADE)(chance)
    plain = {"type": kind.partition(",")[0], "stem": "What?"}
    return kind, plain | taker, {"reasons": {}, "reason": ""} | key


def answer(chance: Random, taker: Parts, key: Parts) -> Raw:
    """Fields for a question: right, nearly right, half given, or what nobody's hand sends."""
    kind, found = taker["type"], {}
    if chance.random() < 0.03:
        return {}
    if kind in ("single", "concordance"):
        found = {"choice": [chance.choice(ids(taker["options"]))]}
    elif kind == "multiple":
        near = list(key["credit"]) if chance.random() < 0.4 else []
        found = {"choice": [one for one in ids(taker["options"]) if chance.random() < 0.4 or one in near]}
    elif kind in ("true-false", "ordering", "matching", "extended-matching"):
        found = in_parts(chance, taker, key)
    elif kind in ("numeric", "calculated"):
        found = {"number": [number(chance, taker, key)], "decimal": [chance.choice(["", ".", ","])]}
    elif kind == "text":
        found = {"answer": [typed(chance, key)]}
    elif kind == "essay":
        found = {"answer": [chance.choice(["An answer.", " \n", ""])]}
    elif kind == "hotspot" and "marks" in taker:
        for at in range(chance.randint(1, taker["marks"])):
            one = answer(chance, {"type": "hotspot"}, key)
            found |= {f"{at + 1}.{name}": values for name, values in one.items()}
    elif kind == "hotspot":
        x, y = (str(Fraction(chance.randint(0, 400), 4).__float__()) for _ in range(2))
        cell = f"{chance.choice('ABCDEFG')}{chance.randint(1, 7)}"
        found = {"cell": [cell]} if chance.random() < 0.1 else {"x": [x], "y": [y]}
    else:
        found = inner(chance, taker, key)
    if chance.random() < 0.12:
        name = chance.choice([*found, "choice", "number", "answer", "o0", "1.choice", "1.cell", "stage"])
        found = {**found, name: chance.choices(HOSTILE, k=chance.randint(0, 3))}
    return {name: values for name, values in found.items() if chance.random() > 0.04}


def in_parts(chance: Random, taker: Parts, key: Parts) -> Raw:
    named, right, values = {
        "true-false": ("statements", key.get("verdicts", {}), ["true", "false"]),
        "ordering": ("items", key.get("places", {}), ["-", "1", "2", "3"]),
    }.get(taker["type"]) or ("premises", key["answers"], ids(taker["options"]))
    sure = chance.random()
    return {
        one: [right.get(one, "-") if chance.random() < sure else chance.choice(["", *values])]
        for one in ids(taker[named])
    }


def number(chance: Random, taker: Parts, key: Parts) -> str:
    if "accepted" in key:
        row = chance.choice(key["accepted"])
        near = [Fraction(row[end]) for end in ("low", "high", "value")]
    else:
        near = [Fraction(chance.choice([1, 5, 9, 180, 270, 281, 300, 360, 2250, 2700, 3000])), Fraction(5, 2)]
    value = chance.choice(near) + chance.choice([0, 0, 0, Fraction(1, 1000), Fraction(-1, 1000), 1])
    if key.get("answer") and chance.random() < 0.6:
        value = chance.choice(
            [right_number(taker, key), right_number(taker, key) * chance.choice([2, 10, Fraction(1, 2)])]
        )
    written = f"{float(value):.6f}".rstrip("0").rstrip(".")
    written = written.replace(".", ",") if chance.random() < 0.3 else written
    written = written.replace("-", "\u2212") if chance.random() < 0.3 else written
    return f" {written} {taker['unit']}" if chance.random() < 0.3 else written


def right_number(taker: Parts, key: Parts) -> Fraction:
    """What the engine takes for right, so that many answers are near it; whether it is, the second scorer says."""
    return question(taker, key).answer  # type: ignore[attr-defined,no-any-return]


def typed(chance: Random, key: Parts) -> str:
    form = chance.choice(chance.choice(key["accepted"])["forms"])
    said = chance.choice(["", " ", "x", "  of the "]).join(form)
    change = chance.choice(
        [str, str.upper, str.title, lambda one: one.replace("é", "e"), lambda one: one.replace("'", "\u2019")]
    )
    return str(chance.choice(["", " ", "“", ". "]) + change(said) + chance.choice(["", ".", "!? ", "\u00a0", "s"]))


def inner(chance: Random, taker: Parts, key: Parts) -> Raw:
    """Each gap, or each stage."""
    found: Raw = {}
    if taker["type"] == "cloze":
        pairs = [(gap["id"], gap, key["gaps"][gap["id"]]) for gap in taker["gaps"]]
    else:
        stages = zip(taker["stages"], key["stages"], strict=True)
        pairs = [(str(at), one, keyed) for at, (one, keyed) in enumerate(stages, 1)]
        found["stage"] = [str(chance.randint(1, len(pairs)))]
    if chance.random() < 0.5:
        found["decimal"] = [chance.choice([".", ","])]
    for name, one, keyed in pairs:
        found |= {f"{name}.{field}": values for field, values in answer(chance, one, keyed).items()}
    return found


def disagreements(count: int, seed: int, told: Counter[tuple[str, str]]) -> Iterator[str]:
    """So many answers, by both scorers; each on which they disagree. `told` counts them by kind and verdict."""
    chance = Random(seed)
    while told.total() < count:
        kind, taker, key = asked(chance)
        first = question(taker, key)
        people = [Given(tuple(map(Fraction, points))) for points in key.get("given", ())]
        for _ in range(EACH):
            raw = answer(chance, taker, key)
            given = mark(first, first.read(raw), Fraction(1), people)
            told[kind, given.verdict] += 1
            if (given.credit, given.verdict) != (other := verdict(taker, key, raw)):
                yield f"{kind}: {taker} {key} {raw}: {(given.credit, given.verdict)}, and by the second {other}"


def main() -> None:
    told: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for line in disagreements(int(sys.argv[1]), 20270312, told):
        wrong += 1
        click.echo(line, err=True)
    kinds = sorted({kind for kind, _ in told})
    for kind in kinds:
        counts = " ".join(f"{called}={told[kind, called]}" for called in VERDICTS)
        click.echo(f"figure scorers kind={kind.replace(', ', '/')} {counts}")
    click.echo(f"figure scorers agree={told.total() - wrong} of {told.total()}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
