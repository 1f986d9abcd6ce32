"""Rules across the questions of a bank or a course."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from mesotrain.core.linting.item import Item, roots, words

CHANCE_OF_ALARM, FEWEST, LONG_KEY = 0.01, 8, 3
SAME, SAME_STEM, HALF, SAME_WRONG = 0.7, 0.6, 0.5, 0.3
"""Shares of words in common, from which on two questions are the same."""
_SENTENCE = re.compile(r"(?<=[.?!;])\s+")
MOST_SHARED = 50
"""Of the questions that say the same three words, so many are compared with one that is new."""


@dataclass(frozen=True)
class Bank:
    """A module's bank: the file it stands in, what its quiz proves and draws, and the questions there are.

    Unless it is `whole`, there are others that cannot be read.
    """

    path: str
    competency: str
    draws: int
    items: tuple[Item, ...]
    whole: bool = True

    @property
    def live(self) -> tuple[Item, ...]:
        """Those a quiz may draw."""
        return tuple(one for one in self.items if not one.question.practice)


Found = tuple[Bank, Item | None, str]
"""Where a rule found something, and what; no item where it concerns the bank."""


def _at_least(hits: int, tries: int, chance: float) -> float:
    """The exact binomial probability of so many hits or more."""
    return sum(comb(tries, n) * chance**n * (1 - chance) ** (tries - n) for n in range(hits, tries + 1))


def key_position(banks: Sequence[Bank]) -> Iterator[Found]:
    for bank in banks:
        places = defaultdict[int, list[tuple[int, Item]]](list)
        for item in bank.items:
            if item.fixed and item.key:
                places[len(item.options)].append((item.options.index(item.key), item))
        for many, keys in places.items():
            place, hits = Counter(place for place, _ in keys).most_common(1)[0]
            often = hits * many > len(keys) * 1.5
            if len(keys) >= FEWEST and often and _at_least(hits, len(keys), 1 / many) * many < CHANCE_OF_ALARM:
                first = next(item for at, item in keys if at == place)
                yield bank, first, f"in {hits} of {len(keys)} questions with {many} options it is number {place + 1}"


def _triples(item: Item) -> set[tuple[str, ...]]:
    said = [*words(item.stem), *(word for text in sorted(one.text for one in item.options) for word in words(text))]
    return set(zip(said, said[1:], said[2:], strict=False))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of their words that two texts have in common (Jaccard)."""
    return len(one & other) / max(len(one | other), 1)


@dataclass(frozen=True)
class _Gist:
    """The roots of the words of a question: of its stem, of what is right, and of what is wrong to choose."""

    stem: frozenset[str]
    key: frozenset[str]
    wrong: frozenset[str]

    @classmethod
    def of(cls, item: Item) -> "_Gist":
        wrong = " ".join(one.text for one in item.options if not one.right)
        return cls(roots(item.stem if item.keys else item.told), roots(" ".join(item.keys)), roots(wrong))

    def like(self, other: "_Gist") -> bool:
        """Whether both ask the same: nearly in the same words, or with wrong answers too that are much the same."""
        stems, keyed = _shared(self.stem, other.stem), bool(self.key or other.key)
        alike = stems >= (SAME_STEM if keyed else SAME)
        alike = alike or (stems >= HALF and _shared(self.wrong, other.wrong) >= SAME_WRONG)
        return alike and (not keyed or _shared(self.key, other.key) >= HALF)


def near_duplicate(banks: Sequence[Bank]) -> Iterator[Found]:
    for bank in banks:
        for (one, first), (other, second) in combinations([(item, _Gist.of(item)) for item in bank.items], 2):
            if first.like(second):
                yield bank, other, one.question.name


def alike(new: Sequence[Item], known: Sequence[Item]) -> dict[int, Item]:
    """For each of the `new`, by its place, one of the `known`, or a new one before it, that is nearly the same."""
    items = [(one, _triples(one)) for one in (*known, *new)]
    places = defaultdict[tuple[str, ...], list[int]](list)
    found: dict[int, Item] = {}
    for at, (_, said) in enumerate(items):
        shared = Counter(place for triple in said for place in places[triple]) if at >= len(known) else {}
        near = (place for place, many in shared.items() if many >= SAME * (len(said) + len(items[place][1]) - many))
        if (place := min(near, default=-1)) >= 0:
            found[at - len(known)] = items[place][0]
        for triple in said:
            if len(places[triple]) < MOST_SHARED:
                places[triple].append(at)
    return found


def answers_another(banks: Sequence[Bank]) -> Iterator[Found]:
    """A stem that says, in one sentence, what is right elsewhere: at least half of what is asked there too, or a key of
    several words.

    Reasons are shown when nothing is asked any more, and options may be wrong: neither tells anything.
    """
    for bank in banks:
        stems = [(item, "\n".join(one.stem for one in (item, *item.stages.values()))) for item in bank.live]
        sentences = [(item, list(map(roots, _SENTENCE.split(stem)))) for item, stem in stems]
        for item in bank.live:
            asked = [(roots(one.stem), list(map(roots, one.keys))) for one in (item, *item.stages.values())]
            wanted = [(stem - key, key) for stem, keys in asked for key in keys]
            for other, said in sentences if wanted else ():
                if other is not item and any(_tells(one, rest, key) for one in said for rest, key in wanted):
                    yield bank, other, item.question.name


def _tells(sentence: frozenset[str], rest: frozenset[str], key: frozenset[str]) -> bool:
    return key <= sentence and (len(key) >= LONG_KEY or len(rest & sentence) >= max(2, HALF * len(rest)))


def single_safety_item(banks: Sequence[Bank]) -> Iterator[Found]:
    points = defaultdict[str, list[tuple[Bank, Item]]](list)
    for bank in banks:
        for item in bank.items:
            if item.question.safety:
                points[item.question.safety].append((bank, item))
    for point, places in points.items():
        if sum(not item.question.practice for _, item in places) < 2:
            yield (*places[0], point)


def thin_competency(banks: Sequence[Bank]) -> Iterator[Found]:
    for bank in banks:
        if len(bank.live) < 2 * bank.draws:
            yield bank, None, f"{bank.competency} has {len(bank.live)} questions, and its quiz draws {bank.draws}"
