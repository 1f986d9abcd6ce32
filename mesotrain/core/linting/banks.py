"""Rules across the questions of a bank or a course."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from mesotrain.core.linting.item import Item, telling, words

SAME, CHANCE_OF_ALARM, FEWEST = 0.7, 0.01, 8
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


def near_duplicate(banks: Sequence[Bank]) -> Iterator[Found]:
    for bank in banks:
        for (one, first), (other, second) in combinations([(item, _triples(item)) for item in bank.items], 2):
            shared = len(first & second)
            if shared and shared >= SAME * (len(first) + len(second) - shared):
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
    for bank in banks:
        stems = [(item, f" {' '.join(words(item.stem))} ") for item in bank.live]
        for item in bank.live:
            if not item.key or len(telling(item.key.text)) < 3:
                continue
            said = f" {' '.join(words(item.key.text))} "
            yield from (
                (bank, other, item.question.name) for other, stem in stems if other is not item and said in stem
            )


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
