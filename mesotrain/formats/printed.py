"""A bank's model as Markdown that reads back as the same model. What only authors see goes with the source."""

from collections.abc import Iterable
from typing import cast

from mesotrain.core.courses import Question
from mesotrain.core.numbers import decimal_text
from mesotrain.formats.answers import KINDS
from mesotrain.formats.answers.entries import why_lines


def write_bank(name: str, title: str, language: str, questions: Iterable[Question]) -> str:
    """A bank with these questions, each with all its keys."""
    front = ["---", f"bank: {name}", f"title: {title}", f"language: {language}", "---"]
    return "\n".join([*front, *(f"\n{write_question(one)}" for one in questions)]) + "\n"


def write_question(one: Question) -> str:
    """One question, its heading first."""
    kind = KINDS[str(one.taker["type"])]
    rule = str(one.key.get("rule", ""))
    keys = {
        "competency": one.competency,
        "section": ", ".join(one.sections),
        "safety": one.safety,
        "cites": ", ".join(one.cites),
        "level": one.level,
        "points": decimal_text(one.points) if one.points != 1 else "",
        "shuffle": "no" if kind.shuffle and not one.taker["shuffle"] else "",
        "credit": rule if rule in kind.credit else "",
        "exact": ", ".join(cast(list[str], one.taker.get("exact", []))),
        "markers": str(one.key["markers"]) if one.key.get("markers", 1) != 1 else "",
        "words": "-".join(map(str, cast(list[int], one.taker.get("words", [])))),
        "practice": "yes" if one.practice else "",
        "waive": "; ".join(f"{waiver.code}, {waiver.reason}, {waiver.by}" for waiver in one.waived),
    }
    lines = [f"## {one.name}", *(f"{name}: {value}" for name, value in keys.items() if value), ""]
    stem = kind.write_stem(one.taker, one.key) if kind.write_stem else str(one.taker["stem"])
    lines += [*stem.split("\n"), *(["", *kind.write(one.taker, one.key)] if kind.write else [])]
    reason = why_lines(str(one.key["reason"]), "")
    return "\n".join([*lines, "", *reason] if reason else lines)
