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


def write_question(one: Question, comment: str = "") -> str:
    """One question, its heading first, with a comment above its stem."""
    taker, key, kind = one.taker, one.key, KINDS[str(one.taker["type"])]
    rule = key.get("rule", "")
    keys = (
        ("competency", one.competency),
        ("section", ", ".join(one.sections)),
        ("safety", one.safety),
        ("cites", ", ".join(one.cites)),
        ("level", one.level),
        ("points", decimal_text(one.points) if one.points != 1 else ""),
        ("shuffle", "no" if kind.shuffle and not taker["shuffle"] else ""),
        ("credit", rule if rule in kind.credit else ""),
        ("exact", ", ".join(cast(list[str], taker.get("exact", ())))),
        ("markers", key["markers"] if key.get("markers", 1) != 1 else ""),
        ("words", "-".join(map(str, cast(list[int], taker.get("words", ()))))),
        ("practice", "yes" if one.practice else ""),
        ("waive", "; ".join([f"{waiver.code}, {waiver.reason}, {waiver.by}" for waiver in one.waived])),
    )
    lines = [f"## {one.name}"]
    lines += [f"{name}: {value}" for name, value in keys if value]
    lines.append("")
    if comment:
        lines.append(f"<!-- {comment} -->")
    lines.append(kind.write_stem(taker, key) if kind.write_stem else str(taker["stem"]))
    if kind.write:
        lines += ["", *kind.write(taker, key)]
    if reason := key["reason"]:
        lines += ["", *why_lines(str(reason), "")]
    return "\n".join(lines)
