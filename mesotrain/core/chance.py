"""Chance that never changes: every draw is SHA-256 of a stored seed and a name.

The standard library's generator may give another order after an upgrade; what a past taker saw must not.
"""

from collections.abc import Container, Iterable
from hashlib import sha256


def number(seed: str, name: str) -> int:
    """A uniform integer in [0, 2**256) for this seed and name."""
    return int.from_bytes(sha256(f"{seed}\x00{name}".encode()).digest())


def shuffled(seed: str, names: Iterable[str]) -> list[str]:
    """`names` (distinct) in the order this seed gives them, whatever order they came in."""
    return sorted(names, key=lambda name: (number(seed, name), name))


def drawn(seed: str, names: Iterable[str], count: int, last: Container[str] = ()) -> list[str]:
    """`count` of `names` in shuffled order; one of `last` only where the others are too few.

    Among those that are not of `last`, each set of the size that is needed is equally likely.
    """
    order = sorted(shuffled(seed, names), key=lambda name: name in last)
    return shuffled(seed, order[:count])
