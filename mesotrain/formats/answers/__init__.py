"""How each type of question is written. A further one is a module here and a line in `KINDS`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from re import Pattern

from mesotrain.core.questions import ALL_OR_NOTHING, PARTIAL, Part
from mesotrain.core.questions.calculated import Calculated
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.concordance import Concordance
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.hotspot import Hotspot
from mesotrain.core.questions.matching import ExtendedMatching, Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.staged import Staged
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import EACH, TrueFalse
from mesotrain.formats.answers import (
    calculations,
    choice,
    gaps,
    match,
    numbers,
    order,
    panels,
    rubrics,
    stages,
    statements,
    texts,
    zones,
)
from mesotrain.formats.answers.entries import Rules, Written, marking, take_apart
from mesotrain.formats.lines import Line, Report

Parts = tuple[Part, Part]
"""What a taker may see, and the key."""


@dataclass(frozen=True)
class Kind:
    """How one type is written. `write` gives the lines of its answers, which read again make the same parts,
    and `write_stem` the stem, where its answers stand in it.

    `read` makes its parts of the stem and the answers, taken apart. What has another form has `read_lines`, for which
    a line that `begins` matches stands. `shuffle`, `credit` and `exact` say whether it heeds these keys of a question,
    and which rules ``credit:`` may name; `by_people`, whether people mark it, to whom ``markers`` and ``words`` speak;
    `practised`, whether it can be answered at once, outside a quiz; `examines`, whether it can stand in one.
    """

    read: Callable[[Written, Rules, Report], Parts] | None = None
    begins: Pattern[str] | None = None
    write: Callable[[Part, Part], list[str]] | None = None
    read_lines: Callable[[int, Sequence[Line], Rules, Report], Parts | None] | None = None
    write_stem: Callable[[Part, Part], str] | None = None
    shuffle: bool = False
    credit: tuple[str, ...] = ()
    exact: bool = False
    by_people: bool = False
    practised: bool = True
    examines: bool = True


KINDS = {
    Single.name: Kind(choice.read, write=choice.write, shuffle=True),
    Multiple.name: Kind(choice.read, write=choice.write, shuffle=True, credit=(PARTIAL,)),
    TrueFalse.name: Kind(statements.read, write=statements.write, shuffle=True, credit=(ALL_OR_NOTHING, EACH)),
    Ordering.name: Kind(order.read, write=order.write, credit=(ALL_OR_NOTHING,)),
    Matching.name: Kind(match.read, write=match.write, credit=(ALL_OR_NOTHING,)),
    ExtendedMatching.name: Kind(
        begins=match.STEM, read_lines=match.read_stories, write=match.write_stories, shuffle=True
    ),
    Numeric.name: Kind(numbers.read, write=numbers.write),
    Text.name: Kind(texts.read, exact=True, write=texts.write),
    Calculated.name: Kind(begins=calculations.BEGINS, read_lines=calculations.read_lines, write=calculations.write),
    Cloze.name: Kind(
        begins=gaps.BEGINS,
        read_lines=gaps.read_lines,
        write_stem=gaps.write_stem,
        shuffle=True,
        credit=(PARTIAL, ALL_OR_NOTHING),
        exact=True,
    ),
    Staged.name: Kind(
        begins=stages.BEGINS,
        read_lines=stages.read_lines,
        write=stages.write,
        shuffle=True,
        exact=True,
        practised=False,
    ),
    Concordance.name: Kind(panels.read, write=panels.write, examines=False),
    Hotspot.name: Kind(begins=zones.FENCE, read_lines=zones.read_lines, write=zones.write, credit=(PARTIAL,)),
    Essay.name: Kind(
        begins=rubrics.BEGINS, read_lines=rubrics.read_lines, write=rubrics.write, by_people=True, practised=False
    ),
}


def read_answers(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> Parts | None:
    """The parts of what stands under the keys of a question; None where the answers cannot be told.

    `heading` is the question's line.
    """
    marked = [marking(line) for line in lines]
    for kind in KINDS.values():
        if kind.begins and kind.read_lines and any(map(kind.begins.match, marked)):
            return kind.read_lines(heading, lines, rules, report)
    written = take_apart(heading, lines, report)
    read = KINDS[written.entries[0].kind].read if written else None
    return read(written, rules, report) if written and read else None


__all__ = ["KINDS", "Kind", "Parts", "Rules", "read_answers"]
