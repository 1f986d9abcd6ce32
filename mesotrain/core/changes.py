"""What a change of text touches, and the class that asks for.

A change that touches a number, a unit, a drug, a depth, an obligation or a figure may not be called less than it is
by one person alone. The rule sees words, not meaning: it would rather ask once too often.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise, product

from mesotrain.core.courses import CHANGE_CLASSES
from mesotrain.core.sensitive import CASED, INN, NOT_DRUGS, WORDS

EDITORIAL, CLARIFYING, SUBSTANTIVE, SAFETY = CHANGE_CLASSES

TOUCHES = {
    "number": "a number",
    "unit": "a unit",
    "drug": "a drug",
    "depth": "a depth or route",
    "must": "a must, a never or a condition",
    "figure": "a figure or an abbreviation",
}
"""What a change may touch, and what a reader calls it."""


_MEANS = (
    (r"\bdo(?:es)? not have to\b|\bneed not\b|\bneedn't\b|\bnot (?:required|mandatory|obligatory)\b", "may"),
    (r"\bha(?:s|ve) to\b|\bneeds? to\b", "must"),
    (r"(?<=[a-z])n[\u2019']t\b", " not"),
    (r"\b(?:must|shall|can|could|do|does) not\b|\bcannot\b", "never"),
    (r"\bnot only\b|\bif in doubt\b", ""),
    (r"\b(?:no|not) (?:more|higher|greater|longer) than\b", "at most"),
    (r"\b(?:no|not) (?:less|fewer|lower) than\b", "at least"),
    (r"\bone(?= (?:of|is|who|learns|in the)\b)", ""),
    (r"\bup to\b", "most"),
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
    (re.compile(r"\[\^[^\]]*\]"), ""),  # marks of footnotes
    (re.compile(r"!\[([^\]]*)\]\([^)\s]*(?:\s+\"([^\"]*)\")?\)"), r"\n\n\1\n\n\2\n\n"),  # of a figure its words
    (re.compile(r"(?<!!)\[([^\]]*)\]\([^)]*\)"), r"\1"),  # of a link its words
    (re.compile(r"(?m)^[ ]*!!! ?(?:note|caution|safety)"), " "),
    (re.compile(r"(?m)^\|"), "\n\n"),  # each row of a table speaks for itself
    (re.compile(r"(?m)^(?:[ ]*[0-9]+[.)]|[ ]*[-*+]|#+)[ ]"), "\n\n"),  # marks of lists and headings
    (re.compile(r"\{#[^}]*\}|[*_`~|\\]"), " "),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)|\n\s*\n")
_TOKEN = re.compile(
    r"(?:(?<![^\s(])[-\u2212\u2013](?=[.\d]))?(?:\d+(?:[.:/\u2044\u00b7]\d+)*|[.\u00b7]\d+)"  # a number, its sign
    r"|[^\W\d_]+(?:/[^\W\d_]+)?|%|°[cC]?"
)
_SMALL = 3
"""Letters from which on a word tells sentences apart."""


@dataclass(frozen=True)
class Token:
    """A word on which something rests: what kind it is, and what it means whatever its spelling."""

    kind: str
    means: str


def _said(text: str) -> str:
    """What a reader reads of it."""
    text = unicodedata.normalize("NFKC", text.replace("\u00b7", "."))
    for pattern, instead in _UNSAID:
        text = pattern.sub(instead, text)
    return text


def _plain(text: str) -> str:
    text = _said(text)
    for pattern, instead in _MEANS_ONE:
        text = pattern.sub(instead, text)
    return text


def _number(word: str) -> Token:
    plain = word.replace("\u2212", "-").replace("\u2013", "-").replace("\u2044", "/")
    try:
        return Token("number", str(Fraction(plain if "/" in plain else plain.replace("-.", "-0."))))
    except (ValueError, ZeroDivisionError):
        return Token("number", plain)


def _tokens(words: Sequence[str]) -> Iterator[Token]:
    """The tokens among the words of one sentence. Capitals tell some units apart, such as MPa and mPa."""
    for before, word in pairwise(["", *words]):
        low = word.lower()
        if any(char.isdigit() for char in word):
            yield _number(word)
        elif low in WORDS:
            kind, means = WORDS[low]
            yield Token(kind, word if kind == "unit" and low in CASED and word != low else means)
        elif before[-1:].isdigit() and any(char.isupper() for char in word[1:]):
            yield Token("unit", word)
        else:
            yield from (
                Token(*WORDS[part]) if part in WORDS else Token("drug", part)
                for part in low.split("/")
                if part in WORDS or (INN.fullmatch(part) and part not in NOT_DRUGS)
            )


@dataclass(frozen=True)
class _Sentence:
    """What a sentence says: its tokens in order, and the other words that tell which sentence it is."""

    words: tuple[str, ...]
    tokens: tuple[Token, ...]

    @property
    def about(self) -> frozenset[str]:
        return frozenset(
            word.lower() for word in self.words if len(word) >= _SMALL and word.isalpha() and word.lower() not in WORDS
        )


def _sentences(text: str) -> list[_Sentence]:
    found = [_TOKEN.findall(one) for one in _SENTENCE.split(_plain(text))]
    return [_Sentence(tuple(words), tuple(_tokens(words))) for words in found if words]


def touched(before: str, after: str) -> frozenset[str]:
    """The kinds of TOUCHES that differ between two texts, whatever is only said in other words or another order.

    Sentences that stand in both are set aside; each of the rest is held against the one that is about the most like it,
    so that two doses that change places are seen.
    """
    old, new = Counter(_sentences(before)), Counter(_sentences(after))
    gone, come = list((old - new).elements()), list((new - old).elements())
    turned = _turned(before, after) or _reordered(before, after) or _boxes(before) != _boxes(after)
    kinds = {"must"} if turned else set()
    for left, right in _matched(gone, come):
        kinds |= _differ(left.tokens if left else (), right.tokens if right else ())
        kinds |= {"must"} if left and right and _another_order(left, right) else set()
    return frozenset(kinds)


def _another_order(left: _Sentence, right: _Sentence) -> bool:
    """Whether a sentence that says what comes first says it the other way round."""
    if not {token.means for token in left.tokens} & {"then", "before", "after", "first"}:
        return False
    both = left.about & right.about
    old, new = ([word.lower() for word in one.words if word.lower() in both] for one in (left, right))
    return old != new


def _matched(gone: list[_Sentence], come: list[_Sentence]) -> Iterator[tuple[_Sentence | None, _Sentence | None]]:
    """Pairs of sentences that are about the same, the most alike first; what has none stands alone."""

    def alike(pair: tuple[int, int]) -> tuple[float, int]:
        left, right = gone[pair[0]].about, come[pair[1]].about
        return -len(left & right) / max(len(left | right), 1), abs(pair[0] - pair[1])

    free, open_ = set(range(len(gone))), set(range(len(come)))
    for a, c in sorted(product(free.copy(), open_.copy()), key=alike):
        if a in free and c in open_:
            free.remove(a)
            open_.remove(c)
            yield gone[a], come[c]
    yield from ((gone[a], None) for a in free)
    yield from ((None, come[c]) for c in open_)


def _differ(old: Sequence[Token], new: Sequence[Token]) -> set[str]:
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return {token.kind for step, a, b, c, d in steps if step != "equal" for token in (*old[a:b], *new[c:d])}


def _turned(before: str, after: str) -> bool:
    """Whether "and" became "or", or the other way round."""
    old, new = (re.findall(r"[^\W_]+", _plain(text).lower()) for text in (before, after))
    return any(
        {tuple(old[a:b]), tuple(new[c:d])} == {("and",), ("or",)}
        for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    )


_STEP = re.compile(r"(?m)^[ ]*[0-9]+[.)][ ]+(.*)")
_BOX = re.compile(r"(?m)^[ ]*!!! ?(caution|safety)")


def _reordered(before: str, after: str) -> bool:
    """Whether steps of a numbered list that stand in both texts stand in another order."""
    old, new = ([_plain(step).lower().strip() for step in _STEP.findall(text)] for text in (before, after))
    return [step for step in old if step in new] != [step for step in new if step in old]


def _boxes(text: str) -> Counter[str]:
    """How many warnings of each kind there are."""
    return Counter(_BOX.findall(text))


_SAFETY_BOX = re.compile(r"(?m)^!!! ?safety[^\n]*\n(?:[ ]{4}[^\n]*\n?|[ ]*\n)*")


def proposed(before: str, after: str, touches: frozenset[str]) -> str:
    """The class a change asks for.

    *safety* where it touches something in a safety box, *substantive* where it does elsewhere, *clarifying* where words
    changed, *editorial* where nothing but spelling marks, spaces, order of citations and layout did.
    """
    if touches:
        boxes = ("".join(_SAFETY_BOX.findall(text + "\n")) for text in (before, after))
        return SAFETY if touched(*boxes) else SUBSTANTIVE
    said = (re.findall(r"[^\W_]+|(?<=\s)-(?=\d)", _said(text).lower()) for text in (before, after))
    return EDITORIAL if len({tuple(words) for words in said}) == 1 else CLARIFYING


def lowered(chosen: str, wanted: str, touches: frozenset[str]) -> bool:
    """Whether `chosen` calls a change that touches something less than what it asks for: two people must say so."""
    return bool(touches) and CHANGE_CLASSES.index(chosen) < CHANGE_CLASSES.index(wanted)
