"""Questions in which nothing but plain text stands: most of those that come from elsewhere.

Of a plain text neither `lines.scan`, `lines.inspect` nor the search for answers has anything to say, so that what is
printed of such a question is known to read back without reading all of it again.
"""

import re
from typing import Any, cast

from mesotrain.core.courses import Question
from mesotrain.core.numbers import rational
from mesotrain.core.questions import Part
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.lines import MOST_OPEN

_Texts = dict[str, str]
_LETTERS = (
    r"A-VX-Za-vx-z0-9 ,.;:?!'\"/%+$@^~*_&#)"
    "\u00a1-\u00ac\u00ae-\u024f\u0370-\u052f\u2013\u2014\u2018-\u201d\u2026\u2070-\u209f\u20ac\u2192\u2212\u2264\u2265-"
)
_RUN = r"(?:- (?!\())?+(?![ \-=#!~+\u2013\u2014]|\*[\s(])(?:{})++".format(
    "|".join((
        rf"[{_LETTERS}]++",
        r"=(?!>)",  # not what pairs
        r"(?<![=\s-])>",  # nor what ends a comment
        r"\\(?![\[\]])|\\\[(?!\^)|\\\](?! *\()",  # brackets escaped, none of a footnote or a link
        r"[wW](?![hH][yY][^\w\n]{0,3}[:;\uff1a\u2013\u2014-])",  # not “why:”, which begins a reason
        r"\((?!\s?[A-Za-z]{1,3}[\s-]?[0-9]{2,4})",  # nor a bracket that nearly cites
    ))
)  # fmt: skip
_LINE = rf"{_RUN}(?<! )"
_LINES = rf"{_LINE}(?:\n{{1,2}}{_LINE})*+"
_TEXT = re.compile(_LINES)
_OPTION, _PREMISE = re.compile(rf"(?!\(){_LINES}"), re.compile(rf"(?!\(){_LINE}")
_KEYED = re.compile("[a-z]+: ")
"""A stem that may begin like a key."""
_FORM = re.compile("[A-Za-z\u00df-\u00f6\u00f8-\u00ff]+(?:[ '/-][A-Za-z0-9\u00df-\u00f6\u00f8-\u00ff]+)*")
_CREDIT = re.compile(r"-?1|-?1/(?:[2-9]|10|20)|-?[23]/[345]|-?[379]/10")
_NUMBER = re.compile(r"-?[0-9]{1,7}(?:/(?:[2458]|[1245]0|25|100|125|[25]00|250|1000))?")
"""Credits and numbers that are read as exactly what was printed of them."""


def plain(one: Question) -> bool:
    """Whether a question surely reads back, without a fault, of what is printed of it."""
    key, answers = one.key, _ANSWERS.get(cast(str, one.taker["type"]))
    if answers is None or "names" in key or not _usual(one):
        return False
    stem, reason, reasons = cast(str, one.taker["stem"]), cast(str, key["reason"]), cast(_Texts, key["reasons"])
    texts = [stem, *reasons.values(), *([reason] if reason else ())]
    return (
        all(map(_TEXT.fullmatch, texts))
        and not _KEYED.match(stem)
        and "".join(texts).count("(") <= MOST_OPEN
        and answers(one.taker, key)
        and not one.marked().problems()
    )


def _usual(one: Question) -> bool:
    """Whether no line stands under its heading but what its type may print."""
    return not (one.level or one.sections or one.safety or one.cites or one.practice or one.waived or one.points != 1)


def _options(taker: Part, key: Part) -> bool:
    texts = _members(taker, "options")
    return (
        all(map(_OPTION.fullmatch, texts))
        and all(map(_CREDIT.fullmatch, cast(_Texts, key["credit"]).values()))
        and "".join(texts).count("(") <= MOST_OPEN
    )


def _statements(taker: Part, key: Part) -> bool:
    texts = _members(taker, "statements")
    return all(map(_OPTION.fullmatch, texts)) and "".join(texts).count("(") <= MOST_OPEN


def _pairs(taker: Part, key: Part) -> bool:
    texts = _members(taker, "premises") + _members(taker, "options")
    return all(map(_PREMISE.fullmatch, texts)) and "".join(texts).count("(") <= MOST_OPEN


def _forms(taker: Part, key: Part) -> bool:
    rows = cast(list[dict[str, Any]], key["accepted"])
    return all(
        "exact" not in row
        and _CREDIT.fullmatch(row["credit"])
        and all(len(form) == 1 and _FORM.fullmatch(form[0]) for form in row["forms"])
        for row in rows
    )


def _numbers(taker: Part, key: Part) -> bool:
    rows = cast(list[_Texts], key["accepted"])
    if taker["unit"] or not all(_CREDIT.fullmatch(row["credit"]) for row in rows):
        return False
    if not all(_NUMBER.fullmatch(row[name]) for row in rows for name in ("value", "low", "high")):
        return False
    ranges = [(rational(row["low"]), rational(row["high"])) for row in rows]
    return not any(
        low <= below and above <= high for at, (below, above) in enumerate(ranges) for low, high in ranges[:at]
    )


def _members(taker: Part, name: str) -> list[str]:
    return [one["text"] for one in cast(list[_Texts], taker[name])]


_ANSWERS = {
    Single.name: _options,
    Multiple.name: _options,
    TrueFalse.name: _statements,
    Matching.name: _pairs,
    Text.name: _forms,
    Numeric.name: _numbers,
}
