"""A conversion as bytes and back: one line of JSON, and after it what was made and the pictures as they are."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from mesotrain.core.courses import Question, Waiver
from mesotrain.formats.exchange import Conversion
from mesotrain.formats.exchange.notes import Exchanged, Notes, Refusal, Sent


def packed(made: Conversion) -> Iterator[bytes]:
    """The conversion, in pieces."""
    blobs = [made.sent.content, *made.sent.media.values()] if made.sent else []
    head = {
        "questions": [_flat(one) for one in made.questions],
        "refused": [asdict(one) for one in made.refused],
        "media": [*made.sent.media] if made.sent else None,
        "sizes": [len(one) for one in blobs],
    }
    yield json.dumps(head).encode()
    yield b"\n"
    yield from blobs


_USUAL: dict[str, Any] = vars(Question("", "", "", (), "", (), Fraction(1), {}, {}))
"""What most questions say, which is not sent."""


def _flat(one: Exchanged) -> dict[str, Any]:
    facts = {name: value for name, value in vars(one.question).items() if value != _USUAL[name]}
    if "points" in facts:
        facts["points"] = str(one.question.points)
    if "waived" in facts:
        facts["waived"] = [asdict(waiver) for waiver in one.question.waived]
    return {
        "question": facts,
        "title": one.title,
        "category": one.category,
        "said": one.notes.said,
        "plain": one.plain,
    }


def unpacked(content: bytes) -> Conversion:
    """What was packed. Raises ValueError where that was not all of it."""
    line, _, rest = content.partition(b"\n")
    head = json.loads(line)
    blobs, at = [], 0
    for size in head["sizes"]:
        blobs.append(rest[at : at + size])
        at += size
    if at != len(rest):
        raise ValueError("a parcel is not whole")
    made = Conversion(questions=[_raised(one) for one in head["questions"]])
    made.refused = [Refusal(**one) for one in head["refused"]]
    if head["media"] is not None:
        made.sent = Sent(blobs[0], dict(zip(head["media"], blobs[1:], strict=True)))
    return made


def _raised(one: dict[str, Any]) -> Exchanged:
    facts = one["question"]
    if "points" in facts:
        facts["points"] = Fraction(facts["points"])
    if "waived" in facts:
        facts["waived"] = tuple(Waiver(**waiver) for waiver in facts["waived"])
    for name in ("sections", "cites"):
        if name in facts:
            facts[name] = tuple(facts[name])
    notes = Notes([(status, sentence) for status, sentence in one["said"]])
    question = Question(**{**_USUAL, "media": {}, **facts})
    return Exchanged(question, one["title"], one["category"], notes, one["plain"])
