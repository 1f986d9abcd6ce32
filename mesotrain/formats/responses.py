"""Answers in plain JSON, as other programs write them, to the fields that a form would send."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mesotrain.core.errors import Fault, Refused
from mesotrain.core.questions import DECIMAL, FIELD_NAME, FLAG, SEEN, Fields, QuestionType, option_id
from mesotrain.core.questions.calculated import Calculated
from mesotrain.core.questions.choice import FIELD as CHOICE
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.concordance import Concordance
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.hotspot import CELL, Hotspot
from mesotrain.core.questions.matching import ExtendedMatching, Matching
from mesotrain.core.questions.numeric import FIELD as NUMBER
from mesotrain.core.questions.numeric import Numeric, typed
from mesotrain.core.questions.ordering import NOWHERE, Ordering
from mesotrain.core.questions.staged import STAGE, Staged
from mesotrain.core.questions.text import FIELD as ANSWER
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import FALSE, TRUE, TrueFalse
from mesotrain.formats.lines import shown_line

_FIELD = re.compile(FIELD_NAME)


class Number(str):
    """A number as JSON writes it, with a decimal point."""


@dataclass(frozen=True)
class Response:
    """One line: the question's id, the answer as JSON, and the seed with which the question was asked."""

    line: int
    question: str
    answer: Any
    seed: str


def read_responses(text: str, path: str) -> tuple[list[Response], list[Fault]]:
    """The lines of a JSONL file, and what is wrong with it. A number stays as it was written."""
    found, faults = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line, parse_int=Number, parse_float=Number, object_pairs_hook=_object)
        except _Twice as name:
            faults.append(Fault(path, number, f"“{name}” stands twice in one object; keep one.", "twice"))
            continue
        except (ValueError, RecursionError):
            faults.append(Fault(path, number, "this line is no JSON; write one object on each.", "json"))
            continue
        match said:
            case {"question": str(question), "response": answer}:
                found.append(Response(number, question, answer, str(said.get("seed") or "")))
            case _:
                faults.append(Fault(path, number, 'write {"question": "emg-0147", "response": ...}.', "json"))
    return found, faults


class _Twice(ValueError):
    """A name that stands twice in an object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(shown_line(name))
        found[name] = value
    return found


def begins_decimals(raw: Fields, decimal: str) -> Fields:
    """The fields as a page sends them whose taker's language begins decimals so; what it sent itself stays."""
    return {DECIMAL: [decimal], **raw} if decimal and raw else raw


def fields(asked: QuestionType, answer: Any) -> Fields | None:
    """The fields that give this answer to a question as it was asked; None where it is none for this type.

    Raises Refused, with a sentence, where it names what the question does not have, or anything twice.

    For every type: an object of fields, each a list of texts, as a form sends them; ``null``, or a list in which is
    nothing, for no answer. Otherwise for options the text or the id of one, or a list of them; for a number the number,
    or a text; for a text or an essay the text; for statements an object of their texts with true or false, or one of
    these for the only one; for an order a list of texts, lists in it for what is done together; for matching an object
    of premises, or names of stories, with the text of an option; for gaps a list of what is in each; for a picture a
    cell, or a list of them; for a case a list of what is said at each stage.
    """
    if answer in (None, [], [[]]):
        return {}
    if isinstance(answer, dict) and all(_FIELD.fullmatch(name) and _texts(given) for name, given in answer.items()):
        return cast(Fields, answer)
    return SAID[asked.name](asked, answer)


def says(raw: Fields) -> bool:
    """Whether fields hold anything that is to be an answer."""
    return any(one.strip() for name in raw.keys() - {FLAG, SEEN, DECIMAL, STAGE} for one in raw[name])


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _choice(asked: QuestionType, answer: Any) -> Fields | None:
    given = [answer] if isinstance(answer, str) else answer
    if not _texts(given):
        return None
    ids = _ids(asked, "options")
    return {CHOICE: [_option(ids, one) for one in given]}


def _number(asked: QuestionType, answer: Any) -> Fields | None:
    if isinstance(answer, Number):
        return typed(answer)
    return {NUMBER: [answer]} if isinstance(answer, str) else None


def _text(asked: QuestionType, answer: Any) -> Fields | None:
    return {ANSWER: [answer]} if isinstance(answer, str) else None


def _gaps(asked: QuestionType, answer: Any) -> Fields | None:
    gaps = cast(Cloze, asked).given({}, keyed=False)
    if not isinstance(answer, list) or len(answer) != len(gaps):
        return None
    found: dict[str, Sequence[str]] = {}
    for gap, one in zip(gaps, answer, strict=True):
        said = {} if one is None else SAID[gap.asked.name](gap.asked, one)
        if said is None:
            return None
        found |= {f"{gap.name}.{name}": values for name, values in said.items()}
    return found


def _ids(asked: QuestionType, name: str) -> dict[str, str]:
    """The ids of what stands under `name`, by their texts; of stories, which have none, by themselves."""
    members = cast(list[dict[str, str]], asked.taker[name])
    return {one.get("text", one.get("words", one["id"])): one["id"] for one in members}


def _option(ids: dict[str, str], text: str) -> str:
    """The id of a text; what is unknown stays as it is, and is read as nothing a form could have sent."""
    return ids.get(text, text)


def _part(ids: dict[str, str], text: str) -> str:
    """The id of a text, or an id. Raises Refused: a form would not have shown it, and it must not be passed over."""
    if (found := ids.get(text, text)) not in ids.values():
        raise Refused("“%(text)s” is no part of this question.", text=shown_line(text))
    return found


def _statements(asked: QuestionType, answer: Any) -> Fields | None:
    ids = _ids(asked, "statements")
    given = {next(iter(ids)): answer} if isinstance(answer, bool) and len(ids) == 1 else answer
    if not isinstance(given, dict) or not all(isinstance(said, bool) for said in given.values()):
        return None
    return {_part(ids, text): [TRUE if said else FALSE] for text, said in given.items()}


def _order(asked: QuestionType, answer: Any) -> Fields | None:
    """A list in order, in which a list stands for what is done together; what is not in it does not belong."""
    if not isinstance(answer, list):
        return None
    steps = [one if isinstance(one, list) else [one] for one in answer]
    if not all(map(_texts, steps)):
        return None
    ids = _ids(asked, "items")
    placed = [(_part(ids, text), [str(place)]) for place, step in enumerate(steps, 1) for text in step]
    if len(dict(placed)) < len(placed):
        raise Refused("The same stands at two places in this order.")
    return {name: [NOWHERE] for name in ids.values()} | dict(placed)


def _pairs(asked: QuestionType, answer: Any) -> Fields | None:
    if not isinstance(answer, dict) or not all(isinstance(one, str) for one in answer.values()):
        return None
    premises, options = _ids(asked, "premises"), _ids(asked, "options")
    return {_part(premises, one): [_option(options, said)] for one, said in answer.items()}


def _stories(asked: QuestionType, answer: Any) -> Fields | None:
    known = set(_ids(asked, "premises").values())
    if not isinstance(answer, dict):
        return None
    return _pairs(asked, {found if (found := option_id(one)) in known else one: said for one, said in answer.items()})


def _cell(asked: QuestionType, answer: Any) -> Fields | None:
    most, cells = cast(Hotspot, asked).most, [answer] if isinstance(answer, str) else answer
    if not _texts(cells) or len(cells) > most:
        return None
    return {CELL: cells} if most == 1 else {f"{at}.{CELL}": [cell] for at, cell in enumerate(cells, 1)}


def _stages(asked: QuestionType, answer: Any) -> Fields | None:
    stages = cast(Staged, asked).stages(keyed=False)
    if not isinstance(answer, list) or len(answer) > len(stages):
        return None
    given: dict[str, Sequence[str]] = {STAGE: [str(max(len(answer), 1))]}
    for (name, one), said in zip(stages.items(), answer, strict=False):
        if (found := fields(one, said)) is None:
            return None
        given |= {f"{name}.{field}": values for field, values in found.items()}
    return given


SAID: dict[str, Callable[[QuestionType, Any], Fields | None]] = {
    Single.name: _choice,
    Concordance.name: _choice,
    Multiple.name: _choice,
    Numeric.name: _number,
    TrueFalse.name: _statements,
    Ordering.name: _order,
    Matching.name: _pairs,
    ExtendedMatching.name: _stories,
    Text.name: _text,
    Calculated.name: _number,
    Cloze.name: _gaps,
    Hotspot.name: _cell,
    Staged.name: _stages,
    Essay.name: _text,
}
