"""The forms by which somebody may be observed on a day."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from mesotrain.core.observations import Form
from mesotrain.store.clearance import procedures
from mesotrain.store.schemes import When


class Usable(NamedTuple):
    """A form that a procedure of a course asks for, as a publication has it."""

    course: int
    procedure: str
    title: str
    form: Form
    publication: int


def usable(session: Session, organisation: int, at: When) -> list[Usable]:
    """The forms of every procedure, as they are on a day; and those that are asked for only by a rule to come, so that
    whoever is observed before its day has it behind them."""
    found: dict[tuple[int, str, str], Usable] = {}
    for asked in procedures(session, organisation, at):
        rules = [(asked.procedure, asked.scheme, asked.publication)]
        if asked.coming and asked.coming.procedure:
            rules.append((asked.coming.procedure, asked.coming.scheme, asked.coming.publication))
        for procedure, scheme, publication in rules:
            wanted = {need.form for need in procedure.observations}
            for form in (one for one in scheme.forms if one.name in wanted):
                one = Usable(asked.course, procedure.name, procedure.title, form, publication)
                found.setdefault((one.course, one.procedure, form.name), one)
    return list(found.values())
