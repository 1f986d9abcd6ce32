"""What stands in a cell of clearance: why, what now, by when, and where each act of the way to green is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mesotrain.core.access import Actor, allows
from mesotrain.core.certification import Certification
from mesotrain.core.clearance import CLEARED, CONDITIONAL, Clearance, Facts, clearance
from mesotrain.core.ways import RECOGNISE, SIGN, WATCH, Act, way
from mesotrain.store import assignments
from mesotrain.store import ways as store
from mesotrain.store.clearance import Asked
from mesotrain.store.people import MANAGING, managed
from mesotrain.store.team import SOON
from mesotrain.web.answers import WHO, Voice, act_says, in_short, says
from mesotrain.web.links import url_for
from mesotrain.web.words import day, gettext, moment, ngettext

READER = Voice(gettext, ngettext, moment)
SOONEST = timedelta(days=SOON[-1])
"""How long before it ends what is cleared says what to do until then."""


@dataclass(frozen=True)
class Case:
    """What a cell is about: a procedure at a clinic, what things are called that it asks for, and the certificates."""

    person: int
    asked: Asked
    clinic: int
    called: Mapping[str, str]
    certified: Mapping[str, Certification]

    @property
    def procedure(self) -> str:
        """As a form names it."""
        return f"{self.asked.course}/{self.asked.procedure.name}"


Where = Callable[[Case, Act], tuple[str, str] | None]
"""(label, address) where an act is done by whoever looks, if it is."""


def assigns(case: Case, act: Act) -> tuple[str, str] | None:
    """What a manager does from there."""
    if act.assessment:
        return gettext("Assign it"), url_for("assignments.courses", person=case.person, course=act.assessment.course)
    if act.kind in (SIGN, WATCH):
        return gettext("Their logbook"), url_for("logbook.of", person=case.person)
    proof = "learnt" if act.kind == RECOGNISE else "document"
    which = {proof: f"{case.asked.course}/{act.about}"}
    return gettext("I saw it"), url_for("clearance.of", person=case.person, **which, _anchor="say")


def learns(case: Case, act: Act) -> tuple[str, str] | None:
    """What a trainee does oneself."""
    if act.assessment:
        return gettext("Go there"), url_for(
            "reading.lesson", course=act.assessment.course, module=act.assessment.module
        )
    if act.kind == SIGN:
        procedure = f"{case.asked.course}/{act.procedure}" if act.procedure else case.procedure
        new = url_for("logbook.new", procedure=procedure, role=act.about, clinic=case.clinic)
        return gettext("Log a case"), new
    return None


@dataclass(frozen=True)
class Ways:
    """What the cells of a page rest on, for some people on a day."""

    on: date
    tests: store.Assessments
    due: Mapping[tuple[int, int], date]
    where: Where

    def cell(self, case: Case, facts: Facts, found: Clearance) -> dict[str, Any]:
        """The way to green or, where it is green and ends soon, to keep it so; nothing where there is nothing to do."""
        soon = found.until if found.until and found.until - self.on <= SOONEST else None
        if found.answer == CLEARED and not soon:
            return {}
        on, reasons = self.on, found.reasons
        if found.answer == CLEARED and soon:
            on, reasons = soon, clearance(facts, soon).reasons
        made = way(facts.by(on), reasons, on, self.tests.get((case.person, case.asked.course), ()), case.certified)
        return {
            "why": [says(one, case.called, gettext, day) for one in reasons if one.answer != CLEARED],
            "short": in_short(made.acts, READER),
            "acts": [self._act(case, one) for one in made.acts],
            "quicker": in_short(made.quicker, READER),
            "instead": [self._act(case, one) for one in made.quicker if one.assessment],
            "bars": bool(made.bars),
            "by": self._by(case, found),
        }

    def _act(self, case: Case, act: Act) -> dict[str, Any]:
        return {
            "who": gettext(WHO[act.whose]),
            "says": act_says(act, case.called, READER),
            "where": self.where(case, act),
        }

    def _by(self, case: Case, found: Clearance) -> str:
        if found.until and found.answer in (CLEARED, CONDITIONAL):
            return gettext("Before %(day)s; from then on it is worse.", day=day(found.until))
        due = self.due.get((case.person, case.asked.course))
        return gettext("%(day)s, when the course is due.", day=day(due)) if due else gettext("No day is set.")


def ways(session: Session, actor: Actor, people: list[int], on: date, now: datetime) -> Ways:
    """The ways of these people, for whoever looks: where they act themselves, or where a manager of the clinic does."""
    organisation, zone = actor.organisation, actor.organisation_zone
    tests = store.assessments(session, organisation, zone, people, now)
    every, managed_ = managed(actor, MANAGING) if allows("assign", actor) else (False, [])

    def where(case: Case, act: Act) -> tuple[str, str] | None:
        if case.person == actor.person:
            return learns(case, act)
        return assigns(case, act) if every or case.clinic in managed_ else None

    return Ways(on, tests, assignments.days_for(session, organisation, people), where)
