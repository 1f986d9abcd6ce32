"""The rubric of an essay."""

import re
from collections.abc import Sequence
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.questions import Part
from mesotrain.core.questions.essay import Essay
from mesotrain.formats.answers.entries import (
    Rules,
    at_the_margin,
    headings,
    no_answers,
    option_lines,
    take_apart,
)
from mesotrain.formats.answers.identity import no_identity
from mesotrain.formats.lines import Line, Report, joined, shown_line

BEGINS = re.compile(r"###\s*rubric\b")
_HEADING = re.compile(r"### rubric\s*")
_CRITERION = re.compile(r"- \([0-9]{1,2}\)\s+\S.*")


def read_lines(heading: int, lines: Sequence[Line], rules: Rules, report: Report) -> tuple[Part, Part] | None:
    """What is asked, and under ``### rubric`` the criteria, each with its points and what its marker is told."""
    begins = next((at for at, line in enumerate(lines) if not line.code and BEGINS.match(line.text)), None)
    if begins is None:
        report.say("no-answers", heading, "its rubric stands within code; begin it at the left margin.")
        return None
    if not _HEADING.fullmatch(lines[begins].text):
        report.say("heading", lines[begins].number, "write ### rubric alone on its line.")
    headings(at_the_margin(lines[:begins], report), report)
    no_answers(lines[:begins], "an essay", report)
    rubric = at_the_margin(lines[begins + 1 :], report)
    first = next((line for line in rubric if not line.blank), lines[begins])
    wrong = [line for line in rubric if not line.code and line.text.startswith("- ")] or [first]
    wrong = [line for line in dict.fromkeys([first, *wrong]) if not _CRITERION.fullmatch(line.text)]
    for line in wrong:
        said = f"“{shown_line(line.text)}” is no criterion; write its points and what earns them: - (2) Says why"
        report.say("option", line.number, said)
    written = None if wrong else take_apart(lines[begins].number, rubric, report)
    if written is None:
        return None
    for one in written.entries:
        no_identity(joined(one.text), one.line, report)
    criteria = [{"text": joined(one.text), "points": str(int(one.mark))} for one in written.entries]
    reasons = {str(place): joined(one.why) for place, one in enumerate(written.entries) if one.why is not None}
    taker: Part = {"type": Essay.name, "stem": joined(lines[:begins]), "words": list[Json](rules.words)}
    key: Part = {"criteria": cast(Json, criteria), "markers": rules.markers}
    return taker, key | {"reasons": cast(Json, reasons), "reason": written.reason}


def write(taker: Part, key: Part) -> list[str]:
    """The lines that `read_lines` makes these parts of, but for the stem."""
    reasons, lines = cast(dict[str, str], key["reasons"]), ["### rubric", ""]
    for place, row in enumerate(cast(list[dict[str, str]], key["criteria"])):
        lines += option_lines(f"({row['points']}) ", row["text"], "", reasons.get(str(place), ""))
    return lines
