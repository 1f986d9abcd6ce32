"""What a change of text touches, and the class that asks for.

A change that touches a number, a unit, a drug, a depth, an obligation, an order or a figure may not be called less than
it is by one person alone. The rule sees words, not meaning: it would rather ask once too often.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from mesotrain.core.courses import CHANGE_CLASSES
from mesotrain.core.sensitive import ACTIONS
from mesotrain.core.sentences import Cell, Sentence, Token, cells, plain, said, sentences

EDITORIAL, CLARIFYING, SUBSTANTIVE, SAFETY = CHANGE_CLASSES

TOUCHES = {
    "number": "a number",
    "unit": "a unit",
    "drug": "a drug",
    "depth": "a depth or route",
    "must": "a must, a never or a condition",
    "order": "an order or a place in a table",
    "figure": "a figure or an abbreviation",
}
"""What a change may touch, and what a reader calls it."""
_VALUES = ("number", "drug", "depth")
"""The kinds of which a sentence may name several, each with what it belongs to."""
_FIRST = {"then", "before", "after", "first"}
"""What a token means that says what comes first."""
_OPPOSITE = ("un", "in", "im", "ir", "il", "non", "dis", "de", "anti", "contra")


def touched(before: str, after: str) -> frozenset[str]:
    """The kinds of TOUCHES that differ between two texts, whatever is only said in other words or another order.

    Sentences that stand in both are set aside; each of the rest is held against the one that is about the most like it,
    so that two doses that change places are seen.
    """
    old, new = Counter(sentences(before)), Counter(sentences(after))
    kinds = {"must"} if _turned(before, after) or _boxes(before) != _boxes(after) else set()
    kinds |= {"order"} if _reordered(before, after) or _moved(cells(before), cells(after)) else set()
    for left, right in _matched(list((old - new).elements()), list((new - old).elements())):
        kinds |= _differ(left, right)
    return frozenset(kinds)


def _matched(gone: list[Sentence], come: list[Sentence]) -> Iterator[tuple[Sentence | None, Sentence | None]]:
    """Pairs of sentences that are about the same, the most alike first; what has none stands alone."""
    about = [[one.about for one in side] for side in (gone, come)]

    def alike(pair: tuple[int, int]) -> tuple[float, int]:
        left, right = about[0][pair[0]], about[1][pair[1]]
        return -len(left & right) / max(len(left | right), 1), abs(pair[0] - pair[1])

    free, open_ = set(range(len(gone))), set(range(len(come)))
    for a, c in sorted(product(free.copy(), open_.copy()), key=alike):
        if a in free and c in open_:
            free.remove(a)
            open_.remove(c)
            yield gone[a], come[c]
    yield from ((gone[a], None) for a in free)
    yield from ((None, come[c]) for c in open_)


def _differ(left: Sentence | None, right: Sentence | None) -> set[str]:
    """The kinds in which two sentences differ; all there are where one stands alone."""
    if left is None or right is None:
        return {token.kind for one in (left, right) if one for token in one.tokens}
    kinds = {token.kind for token in (*left.tokens, *right.tokens)}
    found = {kind for kind in kinds if _of(kind, left) != _of(kind, right)}
    found |= {kind for kind in _VALUES if kind in kinds - found and _rebound(kind, left, right)}
    found |= {"must"} if _asks_another(left, right) or _opposed(left, right) else set()
    return found | ({"order"} if _another_order(left, right) else set())


def _of(kind: str, sentence: Sentence) -> list[str]:
    return [token.means for token in sentence.tokens if token.kind == kind]


def _rebound(kind: str, left: Sentence, right: Sentence) -> bool:
    """Whether one of several values of a kind, which are the same, belongs to something else: a word passed it by."""
    if len(set(_of(kind, left))) == 1:
        return False
    old, new = _between(kind, left), _between(kind, right)
    return any(old[what] != new[what] for what in old.keys() & new.keys())


def _between(kind: str, sentence: Sentence) -> dict[str | Token, int]:
    """How many values of a kind stand before each thing that the sentence says once."""
    found, values, times = dict[str | Token, int](), 0, Counter(sentence.things)
    for what in sentence.things:
        if isinstance(what, Token) and what.kind == kind:
            values += 1
        elif times[what] == 1:
            found[what] = values
    return found


def _asks_another(left: Sentence, right: Sentence) -> bool:
    """Whether a must or a never is said of something else that stands in both."""
    both = set(left.things) & set(right.things)
    pairs = zip(_heads(left), _heads(right), strict=False)
    return any(old != new and {old, new} <= both for old, new in pairs)


def _heads(sentence: Sentence) -> list[str | Token]:
    """What each must or never is said of: the next thing there is."""
    return [
        head
        for what, head in pairwise(sentence.things)
        if isinstance(what, Token) and what.kind == "must" and what.means not in _FIRST
    ]


def _opposed(left: Sentence, right: Sentence) -> bool:
    """Whether a word became its opposite, such as suitable and unsuitable."""
    gone, come = left.about - right.about, right.about - left.about
    return any(
        {prefix + word for word in one} & other for prefix in _OPPOSITE for one, other in ((gone, come), (come, gone))
    )


def _another_order(left: Sentence, right: Sentence) -> bool:
    """Whether a sentence that says what comes first says it the other way round."""
    if not {token.means for one in (left, right) for token in one.tokens} & _FIRST:
        return False
    both = left.about & right.about
    old, new = ([word for word in one.words if word in both] for one in (left, right))
    return old != new


def _turned(before: str, after: str) -> bool:
    """Whether "and" became "or" between the same words, or the other way round."""
    old, new = (_joined(text) for text in (before, after))
    gone, come = old - new, new - old
    return any((first, {"and": "or", "or": "and"}[word], last) in come for first, word, last in gone)


def _joined(text: str) -> set[tuple[str, str, str]]:
    """Each "and" and "or" between its neighbours."""
    words = ["", *re.findall(r"[^\W_]+", plain(text).lower()), ""]
    return {three for three in zip(words, words[1:], words[2:], strict=False) if three[1] in ("and", "or")}


def _moved(before: Sequence[Cell], after: Sequence[Cell]) -> bool:
    """Whether a cell came into another row, or under another head, and the new one or the old one is in both texts."""
    old, new = (_places(table) for table in (before, after))
    places = {cell[:2] for cell in before}, {cell[:2] for cell in after}
    return any(
        old[says] != new[says] and (new[says] in places[0] or old[says] in places[1]) for says in old.keys() & new
    )


def _places(table: Sequence[Cell]) -> dict[str, tuple[str, str]]:
    """The row and the column of each cell there is once."""
    times = Counter(cell.says for cell in table)
    return {cell.says: (cell.row, cell.column) for cell in table if cell.says and times[cell.says] == 1}


_STEP = re.compile(r"(?m)^[ ]*(?:[0-9]+[.)]|([-*+]))[ ]+(.*)")
_BOX = re.compile(r"(?m)^[ ]*!!! ?(caution|safety)")


def _steps(text: str) -> list[str]:
    """The items of numbered lists, and of other lists those that begin with what is to be done."""
    found = [(dash, plain(step).lower().strip()) for dash, step in _STEP.findall(text)]
    return [step for dash, step in found if not dash or set(re.findall(r"\w+", step)[:1]) & ACTIONS]


def _reordered(before: str, after: str) -> bool:
    """Whether steps that stand in both texts stand in another order."""
    old, new = _steps(before), _steps(after)
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
    read = (re.findall(r"[^\W_]+|(?<=\s)-(?=\d)", said(text).lower()) for text in (before, after))
    return EDITORIAL if len({tuple(words) for words in read}) == 1 else CLARIFYING


def lowered(chosen: str, wanted: str, touches: frozenset[str]) -> bool:
    """Whether `chosen` calls a change that touches something less than what it asks for: two people must say so."""
    return bool(touches) and CHANGE_CLASSES.index(chosen) < CHANGE_CLASSES.index(wanted)
