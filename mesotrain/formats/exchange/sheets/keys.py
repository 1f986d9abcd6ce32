"""The key of a question as a cell of a spreadsheet writes it: the mark of each option."""

import re
from collections.abc import Callable

from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.exchange.pasted.keywords import folded, verdict

_CREDIT = re.compile(r"(?P<option>.+?)(?:\s+\(?(?P<share>[-+]?[0-9.]{1,10} ?%|[-+]?[0-9]{1,4}/[0-9]{1,4})\)?)?")


class Wrong(Exception):
    """What is wrong in a column."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


Options = list[tuple[str, str, str]]


def _ticks(key: str, options: Options) -> list[str]:
    """The mark of each option, by the letters or texts that the key names, with the credit behind one."""
    marks = {letter: " " for letter, _, _ in options}
    texts = {folded(text): letter for letter, text, _ in options}
    for one in re.split(r"\s*[,;\n]\s*", key) if folded(key) not in texts else [key]:
        found = _CREDIT.fullmatch(one.strip()) if one.strip() else None
        if found is None:
            continue
        letter = found["option"].strip(" ().").upper()
        letter = letter if letter in marks else texts.get(folded(found["option"]), "")
        if not letter:
            raise Wrong("key", f"“{one[:40]}” is none of its options {', '.join(marks)}.")
        marks[letter] = found["share"] or "x"
    return list(marks.values())


def _each(key: str, options: Options, shape: str, like: str) -> list[str]:
    marks = [one for one in re.split(r"[\s,;]+", key.strip()) if one]
    if len(marks) != len(options) or not all(re.fullmatch(shape, one) for one in marks):
        raise Wrong("key", f"for {len(options)} options the key says, in their order, {like}; not “{key[:40]}”.")
    return marks


def _verdicts(key: str, options: Options) -> list[str]:
    marks = _each(key, options, r"[^\W\d_]+", "T or F")
    if None in (said_so := [verdict(one) for one in marks]):
        raise Wrong("key", f"each statement is T or F, not “{key[:40]}”.")
    return ["T" if one else "F" for one in said_so]


MARKS: dict[str, Callable[[str, Options], list[str]]] = {
    Single.name: _ticks,
    Multiple.name: _ticks,
    TrueFalse.name: _verdicts,
    Ordering.name: lambda key, options: _each(key, options, "[0-9]{1,2}|-", "the place of each, or a dash"),
    Matching.name: lambda key, options: [""] * len(options),
    Essay.name: lambda key, options: _each(key, options, "[0-9]{1,2}", "the points of each criterion"),
}
"""How the key of each type gives its options their marks; each raises Wrong."""
