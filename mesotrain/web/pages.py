"""Lists that are too long for one page."""

from dataclasses import dataclass

from mesotrain.web.links import Value, url_for


@dataclass(frozen=True)
class Pages:
    """Where a reader is in a list, and the addresses before and after; none at its ends."""

    current: int
    total: int
    previous: str | None
    next: str | None


def pages(endpoint: str, current: int, count: int, at_once: int, **values: Value) -> Pages:
    """The pages of `count` things of which `at_once` stand on each."""
    total = max(-(-count // at_once), 1)

    def url(number: int) -> str | None:
        there = 1 <= number <= total
        return url_for(endpoint, _anchor=None, page=number if number > 1 else None, **values) if there else None

    return Pages(current, total, url(current - 1), url(current + 1))
