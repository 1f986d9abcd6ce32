"""Live questions and their options that stand otherwise: which each of them was, and the id that says so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import product, takewhile
from typing import NamedTuple, cast

from mesotrain.core.courses import Question
from mesotrain.core.errors import Fault
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.concordance import Concordance
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.staged import Staged
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.answers.identity import IDENTITY
from mesotrain.formats.lines import shown_line
from mesotrain.formats.mending import PLAIN

SAME_WORDS, SAME_LETTERS = 0.5, 0.8
"""The shares of its words, or of its letters, from which on an option is taken for one that is live."""
CODE, COPY, NOTE = "option-id", "copied", "note"
_LISTS = {
    Single.name: "options", Multiple.name: "options", Concordance.name: "options", TrueFalse.name: "statements",
    Ordering.name: "items",
}  # fmt: skip
"""Where the members stand whose text may end in an id."""
Parts = tuple[Part, Part]
"""What a taker may see of a question, and its key."""


_FROM = re.compile(r"from\s*:\s*(\S+)\s*")


def copies(questions: Sequence[Question], live: Mapping[str, Parts]) -> list[tuple[Question, Question]]:
    """(a question that has the id of what it is a copy of, the question that has its id and says what is live).

    So it is where a copy was pasted above what it was copied from, and then changed.
    """
    known = {one.name: one for one in questions}
    pairs = ((known[name], one) for one in questions if (name := _copied(one)) in known and one.name not in live)
    return [(copy, one) for copy, one in pairs if _is(one, live.get(copy.name)) and not _is(copy, live[copy.name])]


def keep_questions(path: str, text: str, pairs: Sequence[tuple[Question, Question]]) -> tuple[str, list[Fault]]:
    """The text of a bank in which these `copies` have exchanged their ids, and what is said of each."""
    lines, found = [[line] for line in text.split("\n")], list[Fault]()
    for copy, one in pairs:
        end = one.line + one.source.count("\n")
        at = next(at for at in range(one.line, end) if _FROM.fullmatch(lines[at][0]))
        lines[one.line - 1], lines[at], lines[copy.line - 1] = [f"## {copy.name}"], [], [f"## {one.name}"]
        lines[copy.line - 1] += [] if _copied(copy) else [f"from: {copy.name}"]
        said = (
            f"what is live under this id stands in line {one.line}, and this is its copy; write {copy.name} there, and"
        )
        found.append(Fault(path, copy.line, f"question ({copy.name}): {said} {one.name} here.", COPY, NOTE))
    return "\n".join(line for each in lines for line in each), sorted(found)


def _copied(one: Question) -> str:
    """The id that a question says it was copied from."""
    keys = takewhile(str.strip, one.source.split("\n"))
    return next((found[1] for line in keys if (found := _FROM.fullmatch(line))), "")


def _is(one: Question, parts: Parts | None) -> bool:
    return parts == (one.taker, one.key)


class _Member(NamedTuple):
    stage: str
    text: str
    name: str


def keep_options(
    path: str, text: str, questions: Sequence[Question], live: Mapping[str, Parts]
) -> tuple[str, list[Fault]]:
    """The text of a bank with the ids that its changed options have where it is `live`, and what is said of each."""
    lines, found = text.split("\n"), list[Fault]()
    for one in questions:
        before = _members(*live.get(one.name, ({}, {})))
        for name, old, new in _pairs(before, _members(one.taker, one.key)):
            if at := _line(lines, one, new):
                bare, tail = _taken_apart(lines[at])
                lines[at] = f"{bare} {{#{name}}}{tail}"
                said = (
                    f"“{shown_line(new.text)}” is taken for “{shown_line(old.text)}”, which is live; write {{#{name}}}"
                )
                said += " behind it, or a name such as {#other} if it is another option."
                found.append(Fault(path, at + 1, f"question ({one.name}): {said}", CODE, NOTE))
    return "\n".join(lines), sorted(found)


def _members(taker: Part, key: Part) -> dict[str, _Member]:
    """The members of a question by their ids, those of stages with the names of these."""
    found = {}
    for stage, (asked, known) in _stages(taker, key):
        names = cast(dict[str, str], known.get("names", {}))
        for one in cast(list[dict[str, str]], asked.get(_LISTS.get(str(asked.get("type")), ""), [])):
            found[f"{stage} {one['id']}"] = _Member(stage, one["text"], names.get(one["id"], ""))
    return found


def _stages(taker: Part, key: Part) -> Iterator[tuple[str, Parts]]:
    if taker.get("type") != Staged.name:
        yield "", (taker, key)
        return
    parts = (cast(list[Part], part["stages"]) for part in (taker, key))
    yield from zip(cast(list[str], key["names"]), zip(*parts, strict=True), strict=True)


def _pairs(before: dict[str, _Member], after: dict[str, _Member]) -> Iterator[tuple[str, _Member, _Member]]:
    """(what to call it, an option that goes, the one that comes in its place), the most alike first.

    One that has a name of its own, and other words, is another option.
    """
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    pairs = [(_alike(before[old], after[new]), old, new) for old, new in product(gone, come)]
    for alike, old, new in sorted(pairs, reverse=True):
        if alike[0] and old in gone and new in come:
            gone.remove(old)
            come.remove(new)
            yield before[old].name or old.partition(" ")[2], before[old], after[new]


def _alike(old: _Member, new: _Member) -> tuple[float, float]:
    """How much two texts have in common as `fmt` writes them, the more of words and letters first; 0 for too little."""
    if old.stage != new.stage or (new.name and new.text != old.text):
        return 0.0, 0.0
    before, after = (one.text.translate(PLAIN).casefold() for one in (old, new))
    words, letters = _shared(re.findall(r"\w+", before), re.findall(r"\w+", after)), _shared(before, after)
    return (max(words, letters), letters) if words >= SAME_WORDS or letters >= SAME_LETTERS else (0.0, 0.0)


def _shared(old: Sequence[str], new: Sequence[str]) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _taken_apart(line: str) -> tuple[str, str]:
    """A line without its id, and the comment behind it."""
    bare, comment, more = line.partition("<!--")
    return IDENTITY.sub("", bare).rstrip(), f" {comment}{more}".rstrip() if comment else ""


def _line(lines: Sequence[str], one: Question, member: _Member) -> int:
    """Where the text of a member ends, or 0 where its author wrote it in a way that cannot be told."""
    first, *more = member.text.split("\n")
    stage = re.compile(rf"### stage {member.stage}\s*") if member.stage else None
    end = one.line + one.source.count("\n")
    begin = next((at for at in range(one.line, end) if not stage or stage.fullmatch(lines[at])), end)
    for at in range(begin, end - len(more)):
        said = [_taken_apart(line)[0] for line in lines[at : at + 1 + len(more)]]
        if (
            re.fullmatch(r"- [(\[][^)\]]*[)\]]\s+" + re.escape(first), said[0])
            and [one.strip() for one in said[1:]] == more
        ):
            return at + len(more)
    return 0
