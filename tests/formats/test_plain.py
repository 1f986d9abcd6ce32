"""What is plain reads back as it is, without a fault, so that nobody has to try."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any

from mesotrain.core.courses import Question
from mesotrain.core.questions import option_id
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.plain import plain
from mesotrain.formats.printed import write_bank

PIECES = (
    *("word", "a b", "(b)", "5.", "1. a", "é", "µg", "\u201cso\u201d", "a\\_b", "**a**", "*a*", "* a", "&lt;", "a: b"),
    *("- a", "- (x) a", "-", "--", "=", "= a", "=>", "->", "-->", ">", "> a", "#", "# a", "#### a", "|", "| a |", "!"),
    *("!!!", "!!! note", "why", "Why:", "why -", "WHY\u2014", "[", "]", "\\[", "\\]", "[a]", "\\[a\\] (b)", "\\[^a\\]"),
    *("[I01]", "(I01)", "( i01 )", "{#a}", "{", "`", "```", "~~~", "<", "<b>", "<!-- a -->", "![a](b)", "[a](#b)"),
    *("\t", "  ", "\u200b", "\\", "\\\\", "+", "\u2013 a", "\u2022 (x)", "***", "_", "A) a", "### stem a", "x" * 600),
    *("(" * 21, ")" * 21, "50%", "$$", "panel 3", "w", "W", "a (50%)", "a (case)", "\"a\"", "1/3", "key: value", "---"),
)  # fmt: skip
USUAL = (
    "word",
    "two words",
    "3 mL",
    "é",
    "a, b; c.",
    "\u201cso\u201d",
    "x",
    "an end",
    "Yes.",
    "no",
    "One\ntwo",
    "a\n\nb",
)
ODD = [text.replace("{}", one) for one in PIECES for text in ("{}", "a {}", "{} b", "a{}", "{}b", "a\n{}", "{}\n\nb")]
MANY, KINDS = 4_000, 6
NUMBERS = [Fraction(top, bottom) for bottom in (1, 2, 3, 7, 8, 10, 30, 100, 1000) for top in (-2001, -1, 0, 1, 3, 999)]
CREDITS = ("1", "1/2", "1/4", "1/3", "-1/4", "2/3", "3/10", "9/10", "1/7", "-1", "1/20", "1/1000", "1/12345")


def members(texts: list[str]) -> list[dict[str, str]]:
    return sorted(({"id": option_id(text), "text": text} for text in texts), key=lambda one: one["id"])


def made(chance: Random) -> Question:
    """A question of usual texts, but for one or two."""
    at, odd = count(), {chance.randrange(12), chance.randrange(24)}

    def text() -> str:
        return chance.choice(ODD if next(at) in odd else USUAL)

    stem, texts = text(), [*dict.fromkeys(text() for _ in range(chance.randint(2, 4)))]
    names, credits = [option_id(one) for one in texts], chance.choices(CREDITS, k=5)
    kind = chance.choice(["single", "multiple", "true-false", "matching", "text", "numeric"])
    taker: dict[str, Any] = {"type": kind, "stem": stem}
    match kind:
        case "single" | "multiple":
            taker |= {"options": members(texts), "shuffle": chance.random() < 0.8}
            rule = "" if kind == "single" else chance.choice(["sum", "all-or-nothing", "partial"])
            earned = ["1", *credits] if rule in ("", "sum") else ["1"] * chance.randint(1, len(texts))
            key: dict[str, Any] = {"credit": dict(zip(names, earned, strict=False))} | ({"rule": rule} if rule else {})
        case "true-false":
            taker |= {"statements": members(texts), "shuffle": True}
            key = {"verdicts": dict.fromkeys(names, "true"), "rule": chance.choice(["each", "kprim", "all-or-nothing"])}
        case "matching":
            answers = [text() for _ in texts]
            premises = [{"id": option_id(one), "text": one} for one in texts]
            taker |= {"premises": premises, "options": members([*{*answers, text()}]), "shuffle": True}
            key = {"answers": dict(zip(names, map(option_id, answers), strict=True))}
        case "text":
            taker |= {"exact": chance.choice([[], ["case"], ["accents", "punctuation"]])}
            rows = zip(texts, ["1", *credits], strict=False)
            key = {"accepted": [{"forms": [[one]], "credit": credit} for one, credit in rows]}
        case _:
            taker |= {"unit": ""}
            ranges = [sorted(chance.choices(NUMBERS, k=3)) for _ in texts]
            rows = zip(ranges, ["1", *credits], strict=False)
            key = {
                "accepted": [{"low": str(a), "value": str(b), "high": str(c), "credit": one} for (a, b, c), one in rows]
            }
    names = ["0"] if "accepted" in key else names
    key |= {"reasons": {chance.choice(names): text()}, "reason": chance.choice(["", text()])}
    return Question("abc-0001", "", "", (), "", (), Fraction(1), taker, key)


def read(one: Question) -> tuple[Any, Any]:
    report = Report("")
    text = write_bank("b", "B", "en", [replace(one, competency="EMG")])
    bank = read_bank(cleaned(text, report), report)
    return report.faults, [(found.taker, found.key) for found in bank.questions]


def test_what_is_plain_reads_back() -> None:
    chance, seen = Random(0), Counter[str]()
    for one in (made(chance) for _ in range(MANY)):
        if plain(one):
            seen[str(one.taker["type"])] += 1
            assert read(one) == ([], [(one.taker, one.key)]), one
    assert min(seen.values()) > MANY / 200, seen
    assert len(seen) == KINDS
