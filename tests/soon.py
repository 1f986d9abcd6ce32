"""Work that has to end soon, on whatever machine it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

NOMINAL = 0.05
"""Seconds of `_known` on a quiet machine of the kind that the limits were set on."""


def _known() -> float:
    began = process_time()
    for number in range(250_000):
        str(number).encode()
    return process_time() - began


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails where the block takes longer: in processor time, and by how long known work takes right after it."""
    began = process_time()
    yield
    spent = process_time() - began
    slow = max(1, _known() / NOMINAL) if spent >= seconds else 1
    assert spent < seconds * slow, f"{spent:.1f} s on a machine {slow:.1f} times as slow"
