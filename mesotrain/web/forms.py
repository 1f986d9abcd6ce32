"""What forms send that are written by hand: numbers of rows, days, parts of a course by their names."""

from datetime import date

from flask import request

from mesotrain.core.errors import NotFound, Refused
from mesotrain.web.answers import day as read_day
from mesotrain.web.gate import LARGEST_ID

EVERY = "all"
"""What a box says that is ticked for every clinic."""


def number(said: str) -> int | None:
    """A row's number; None for what is none."""
    return int(said) if said.isascii() and said.isdecimal() and int(said) <= LARGEST_ID else None


def chosen(name: str) -> int:
    """The row that a choice says. Raises NotFound for what is none."""
    found = number(request.form.get(name, ""))
    if found is None:
        raise NotFound
    return found


def ticked() -> list[int | None]:
    """The clinics that are ticked; None for all of them. Raises NotFound for what is none."""
    found = [None if one == EVERY else number(one) for one in request.form.getlist("clinic")]
    if any(one is None and said != EVERY for one, said in zip(found, request.form.getlist("clinic"), strict=True)):
        raise NotFound
    return found


def which(name: str) -> tuple[int, str]:
    """The course and the name in it that a choice says. Raises NotFound for what is none."""
    said, _, about = request.form.get(name, "").partition("/")
    course = number(said)
    if course is None or not about:
        raise NotFound
    return course, about


def day(name: str) -> date:
    """The day that a field says. Raises Refused for what is none."""
    found = read_day(request.form.get(name, ""))
    if found is None:
        raise Refused("Enter a day such as 2027-03-31.")
    return found


def is_text(value: object) -> bool:
    """Whether something of a JSON is text that a database takes."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)
