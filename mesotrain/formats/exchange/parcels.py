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


def _flat(one: Exchanged) -> dict[str, Any]:
    question = {name: getattr(one.question, name) for name in Question.__dataclass_fields__}
    question |= {"points": str(one.question.points), "waived": [asdict(waiver) for waiver in one.question.waived]}
    return {"question": question, "title": one.title, "category": one.category, "said": one.notes.said}


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
    facts |= {"points": Fraction(facts["points"]), "waived": tuple(Waiver(**waiver) for waiver in facts["waived"])}
    facts |= {"sections": tuple(facts["sections"]), "cites": tuple(facts["cites"])}
    notes = Notes([(status, sentence) for status, sentence in one["said"]])
    return Exchanged(Question(**facts), one["title"], one["category"], notes)
