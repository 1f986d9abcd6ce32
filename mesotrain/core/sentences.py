"""A text as the sentences a reader meets, each with the words in it on which something rests.

Each cell of a table is a sentence of its own, which says its row and its column too.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from mesotrain.core.sensitive import CASED, GRADED, INN, NOT_DRUGS, WORDS

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02bb\u02b9\u2032\u00b4\uff07`"), "'")

_MEANS = (
    (r"\b(do|does|did|is|are|was|were|has|have|had|must|should|could|would|need)nt\b", r"\1 not"),
    (r"\bcan't\b|\bcant\b|\bcan not\b", "cannot"),
    (r"\bwon't\b|\bwont\b", "will not"),
    (r"(?<=[a-z])n't\b", " not"),
    (r"(?<=[a-z])'s\b", ""),
    (r"\b(?:do|does) not have to\b|\bneed not\b|\bnot (?:required|mandatory|obligatory)\b", "may"),
    (r"\bha(?:s|ve) to\b|\bneeds? to\b", "must"),
    (r"\bnot only\b|\bif in doubt\b", ""),
    (r"\b(?:no|not) (?:more|higher|greater|longer) than\b", "at most"),
    (r"\b(?:no|not) (?:less|fewer|lower) than\b", "at least"),
    (r"\bnot (?:recommended|advisable|advised)\b", "inadvisable"),
    (r"\b(?:must|shall) not\b|\b(?:must|shall) never\b", "never"),
    (r"\b(?:do|does|did) not\b", "donot"),
    (r"\bcould not\b", "couldnot"),
    (r"\b(?:should|ought) not\b", "shouldnot"),
    (r"\b(?:may|might) not\b", "maynot"),
    (r"\bone(?= (?:of|is|who|learns|in the)\b)", ""),
    (r"\bup to\b", "most"),
    (r"\bbevel (up|down)", r"bevel\1"),
    (r"(?<=\d)\s*[-\u2013\u2014]\s*(?=\d)", " to "),
    (r"\bsub-cutaneous", "subcutaneous"),
    (r"\bi\.\s?m\.", "im"),
    (r"\bi\.\s?v\.", "iv"),
    (r"\bs\.\s?c\.", "subcutaneous"),
    (r"\bw/o\b", "without"),
    (r"[\u03bc\u00b5]", "u"),
    (r"\bintra-", "intra"),
    (r"(?<=\d)[ \u00a0\u202f](?=\d{3}\b)", ""),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"[\u2265]", " at least "),
    (r"[\u2264]", " at most "),
    (r"<", " less than "),
    (r">", " more than "),
)
"""Ways of saying the same, brought to one."""
_MEANS_ONE = [(re.compile(pattern, re.IGNORECASE), said) for pattern, said in _MEANS]

_UNSAID = (
    (re.compile(r"(?m)^\[[^\]\n]+\]\(bank\.md#[a-z0-9-]+\)$"), ""),  # the places of questions
    (re.compile(r"(?<!\\)\[[A-Z]{1,3}[0-9]{2,4}(?:,\s*[A-Z]{1,3}[0-9]{2,4})*\]"), ""),  # citations
    (re.compile(r"\[\^[^\]]{0,80}\]"), ""),  # marks of footnotes
    (
        re.compile(r"!\[([^\]]{0,999})\]\([^)\s]{0,300}(?:\s+\"([^\"]{0,999})\")?\)"),
        r"\n\n\1\n\n\2\n\n",
    ),  # of a figure its words
    (re.compile(r"(?<!!)\[([^\]]{0,999})\]\([^)]{0,999}\)"), r"\1"),  # of a link its words
    (re.compile(r"(?m)^[ ]*!!! ?(?:note|caution|safety)"), " "),
    (re.compile(r"(?m)^(?:[ ]*[0-9]+[.)]|[ ]*[-*+]|#+)[ ]"), "\n\n"),  # marks of lists and headings
    (re.compile(r"\{#[^}]*\}|[*_~|\\]"), " "),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)|\n\s*\n")
_TOKEN = re.compile(
    r"(?:(?<![^\s(])[-\u2212\u2013](?=[.\d]))?(?:\d+(?:[.:/\u2044]\d+)*|[.]\d+)"  # a number, its sign
    r"|[^\W\d_]+(?:/[^\W\d_]+)?|%|°[cCfF]?"
)
_SMALL = 3
"""Letters from which on a word tells sentences apart."""
_ROMAN = re.compile(r"[IVX]+|[A-Z]")


class Cell(NamedTuple):
    """A cell of a table, with the first of its row and the head of its column."""

    row: str
    column: str
    says: str


class Token(NamedTuple):
    """A word on which something rests: what kind it is, and what it means whatever its spelling."""

    kind: str
    means: str


@dataclass(frozen=True)
class Sentence:
    """What a sentence says: its words in order, and for each the token it is, or None."""

    words: tuple[str, ...]
    marks: tuple[Token | None, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(one for one in self.marks if one)

    @property
    def things(self) -> list[str | Token]:
        """The tokens and the words that tell which sentence it is, in order."""
        return [mark or word for word, mark in zip(self.words, self.marks, strict=True) if mark or _tells(word, mark)]

    @property
    def about(self) -> frozenset[str]:
        """The words that tell which sentence it is."""
        return frozenset(word for word, mark in zip(self.words, self.marks, strict=True) if _tells(word, mark))


def _tells(word: str, mark: Token | None) -> bool:
    return mark is None and len(word) >= _SMALL and word.isalpha()


_RULE = re.compile(r"[ ]*\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*")


def _row(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _parted(text: str) -> tuple[str, list[Cell]]:
    """What stands outside tables, and the cells of the tables."""
    rest, cells = list[str](), list[Cell]()
    head: list[str] | None = None
    lines = text.split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if "|" not in line:
            head = None
            rest.append(line)
        elif head is None and "|" in below and _RULE.fullmatch(below):
            head = _row(line)
        elif head is None:
            rest += ["", line] if line.lstrip().startswith("|") else [line]
        elif not _RULE.fullmatch(line):
            row = _row(line)
            columns = [*head, *[""] * len(row)]
            alone = len(row) == 1
            cells += [Cell("" if alone else row[0], columns[at], row[at]) for at in range(0 if alone else 1, len(row))]
    return "\n".join(rest), cells


def said(text: str) -> str:
    """What a reader reads of it."""
    text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES).replace("\u00b7", "."))
    for pattern, instead in _UNSAID:
        text = pattern.sub(instead, text)
    return text


def plain(text: str) -> str:
    """What it says, ways of saying the same brought to one."""
    text = said(text)
    for pattern, instead in _MEANS_ONE:
        text = pattern.sub(instead, text)
    return text


def _number(word: str) -> Token:
    sign = word.replace("\u2212", "-").replace("\u2013", "-").replace("\u2044", "/")
    try:
        return Token("number", str(Fraction(sign if "/" in sign else sign.replace("-.", "-0."))))
    except (ValueError, ZeroDivisionError):
        return Token("number", sign)


def _marks(before: str, word: str) -> list[Token]:
    """The tokens that a word is. Capitals tell some units apart, such as MPa and mPa."""
    low = word.lower()
    if any(char.isdigit() for char in word):
        return [_number(word)]
    if _ROMAN.fullmatch(word) and (before.lower() in GRADED or before.lower().startswith("vitamin")):
        return [Token("number", word)]
    if low in WORDS:
        kind, means = WORDS[low]
        return [Token(kind, word if kind == "unit" and low in CASED and word != low else means)]
    if before[-1:].isdigit() and any(char.isupper() for char in word[1:]):
        return [Token("unit", word)]
    return [
        Token(*WORDS[part]) if part in WORDS else Token("drug", part)
        for part in low.split("/")
        if part in WORDS or (INN.fullmatch(part) and part not in NOT_DRUGS)
    ]


def _sentence(words: Sequence[str]) -> Sentence:
    found = [
        (word.lower(), mark) for before, word in pairwise(["", *words]) for mark in (_marks(before, word) or (None,))
    ]
    return Sentence(tuple(word for word, _ in found), tuple(mark for _, mark in found))


def cells(text: str) -> list[Cell]:
    """The cells of its tables, as they are said."""
    return [Cell(*(" ".join(plain(part).lower().split()) for part in cell)) for cell in _parted(text)[1]]


def sentences(text: str) -> Iterator[Sentence]:
    """Every sentence, those of tables last."""
    prose, tabled = _parted(text)
    whole = _SENTENCE.split(plain(prose))
    for cell in tabled:
        whole += [f"{plain(cell.row)} {plain(cell.column)} {one}" for one in _SENTENCE.split(plain(cell.says))]
    yield from (_sentence(words) for words in map(_TOKEN.findall, whole) if words)
