"""A rule that is to come: what it asks for otherwise than the one in force, and whom that changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mesotrain.core.certificates import Certificate, Path
from mesotrain.core.clearance import NOT_CLEARED, Clearance, Facts, judged
from mesotrain.core.observations import Form
from mesotrain.core.schemes import Scheme


def changed(before: Scheme, after: Scheme) -> dict[str, str]:
    """The procedures that ask for something else, or are gone, by name with the title by which they are known.

    Titles and reasons are words, and so are those of a form; on what an answer depends is to be acted on, and is not.
    """
    return {one.name: one.title for one in before.procedures if _asks(before, one.name) != _asks(after, one.name)}


def _asks(scheme: Scheme, name: str) -> Mapping[str, Any] | None:
    """What a procedure asks for, in no order, without words; none where there is no such procedure."""
    procedure = next((one for one in scheme.procedures if one.name == name), None)
    if procedure is None:
        return None
    certificates = dict(_reached(scheme, procedure.certificate))
    documents = {*procedure.documents, *(one for made in certificates.values() for one in _documents(made))}
    forms = {need.form for need in procedure.observations}
    return {
        "procedure": replace(
            procedure,
            title="",
            reason="",
            competencies=tuple(sorted(procedure.competencies)),
            documents=tuple(sorted(procedure.documents)),
            products=tuple(sorted(procedure.products)),
            observations=tuple(sorted(procedure.observations, key=lambda one: one.form)),
            unpractised=replace(procedure.unpractised, reason=""),
            unobserved=replace(procedure.unobserved, reason=""),
        ),
        "documents": {one.name: one.months for one in scheme.documents if one.name in documents},
        "prior": {one.code: one.months for one in scheme.prior if one.code in procedure.competencies},
        "statuses": {
            status: replace(one, reason="") for status, one in scheme.meanings.items() if one.answer != NOT_CLEARED
        },
        "certificates": {called: _wordless(one) for called, one in certificates.items()},
        "forms": {one.name: _seen(one) for one in scheme.forms if one.name in forms},
    }


def _reached(scheme: Scheme, name: str) -> Iterator[tuple[str, Certificate]]:
    """A certificate, and those it asks for."""
    for one in scheme.certificates:
        if one.name == name:
            yield name, one
            for path in (*one.paths, one.renewal):
                for other in path.certificates:
                    yield from _reached(scheme, other)


def _documents(certificate: Certificate) -> Iterator[str]:
    return (name for path in (*certificate.paths, certificate.renewal) for name in path.documents)


def _wordless(one: Certificate) -> Certificate:
    return replace(
        one,
        title="",
        reason="",
        paths=tuple(_path(path) for path in one.paths),
        renewal=_path(one.renewal),
        meanings={state: replace(meaning, reason="") for state, meaning in one.meanings.items()},
    )


def _path(one: Path) -> Path:
    return replace(
        one,
        title="",
        reason="",
        competencies=tuple(sorted(one.competencies)),
        documents=tuple(sorted(one.documents)),
        certificates=tuple(sorted(one.certificates)),
    )


def _seen(form: Form) -> Form:
    steps = tuple(replace(step, words="", cites=()) for step in form.steps)
    return replace(form, title="", reason="", steps=steps, ratings=("",) * len(form.ratings))


def starts(published: Sequence[tuple[date, str | None]]) -> dict[int, date]:
    """From which day on each scheme of a course holds, by its place: of the day it was published, and the one it says.

    The first holds at once. One in whose place another was published before its day never holds.
    """
    found = {
        place: max(day, date.fromisoformat(begins)) if begins and place else day
        for place, (day, begins) in enumerate(published)
    }
    after = [day for day, _ in published[1:]] + [date.max]
    return {place: start for place, start in found.items() if start <= after[place]}


@dataclass(frozen=True)
class Turn:
    """What somebody's answer is on the day a rule begins, by the rule before it and by that one."""

    before: Clearance
    after: Clearance


def turn(facts: Facts) -> Turn | None:
    """How an answer turns on that day by the rule alone; none where it stays what it is."""
    if facts.coming is None:
        return None
    found = Turn(judged(facts, facts.turns), judged(facts.coming, facts.turns))
    told = [(one.answer, one.conditions) for one in (found.before, found.after)]
    return found if told[0] != told[1] else None
