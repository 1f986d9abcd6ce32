"""Lists that are too long for one page."""

from dataclasses import dataclass

from flask import request

from mesotrain.web.links import Value, url_for


@dataclass(frozen=True)
class Pages:
    """Where a reader is in a list, and the addresses before and after; none at its ends."""

    current: int
    total: int
    previous: str | None
    next: str | None


def wanted(count: int, at_once: int) -> int:
    """The page of `count` things that is asked for, or the nearest there is."""
    return min(max(request.args.get("page", 1, type=int), 1), _total(count, at_once))


def _total(count: int, at_once: int) -> int:
    return max(-(-count // at_once), 1)


def pages(endpoint: str, current: int, count: int, at_once: int, **values: Value) -> Pages:
    """The pages of `count` things of which `at_once` stand on each."""
    total = _total(count, at_once)

    def url(number: int) -> str | None:
        there = 1 <= number <= total
        return url_for(endpoint, _anchor=None, page=number if number > 1 else None, **values) if there else None

    return Pages(current, total, url(current - 1), url(current + 1))
