"""Standing and clearance once more, written apart: day by day, counting what is good on each. Slow and obvious."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from mesotrain.core.assertions import Period
from mesotrain.core.clearance import Facts
from mesotrain.core.competence import Cases, Evidence, Need, Observations, Passed, PointsMet, Rule

A_DAY = timedelta(days=1)


def good(day: date, months: int | None, on: date) -> bool:
    """Whether something of `day` is less than so many months old."""
    if months is None:
        return True
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return on < date(year, month, min(day.day, monthrange(year, month)[1]))


def low(need: Need, known: Sequence[Evidence]) -> bool:
    """Whether the latest cases are too few or of too low a level."""
    if not isinstance(need, Cases):
        return False
    names: list[str] = []
    for one in reversed(known):
        if one.kind == "case" and one.role == need.role and one.case not in names:
            names.append(one.case)
            if len(names) <= need.last and one.level < need.level:
                return True
    return len(names) < need.last


def met(need: Need, known: Sequence[Evidence], on: date | None) -> bool:
    """Whether it is met on a day or, without one, whatever is too old by now."""
    counts = [one for one in known if on is None or good(one.day, need.months, on)]
    if isinstance(need, Passed):
        return any(one.kind == "quiz passed" for one in counts)
    if isinstance(need, PointsMet):
        return {one.point for one in counts if one.kind == "safety point met"} >= set(need.points)
    cases = [one for one in counts if one.kind == "case" and one.role == need.role and one.level > 0]
    enough = len({one.case for one in cases}) >= need.count and len({one.by for one in cases}) >= need.supervisors
    return enough and not low(need, known)


def watched(need: Observations, known: Sequence[Evidence], on: date) -> bool:
    """Whether each of the newest by this form was passed, and none of them is too old."""
    newest = [one for one in reversed(known) if one.form == need.form][: need.count]
    passed = [one for one in newest if one.kind == "observation passed" and good(one.day, need.months, on)]
    return len(passed) == need.count


def state(history: Sequence[Evidence], rule: Rule, on: date) -> str:
    """The status on one day, from all that was recorded of the days until then."""
    history = sorted((one for one in history if one.withdrawn is None), key=lambda one: (one.day, one.sequence))
    needs = [Passed(rule.valid_months), *rule.needs]
    if not history or history[0].day > on:
        return "not started"

    def holds(known: Sequence[Evidence], day: date) -> bool:
        return all(met(need, known, day) for need in needs)

    held, ended, day = False, None, history[0].day
    while True:
        known = [one for one in history if one.day <= day]
        now = holds(known, day)
        if held and not now:
            ended = day
        held = now
        if day == on:
            break
        day += A_DAY
    if held:
        ahead = (on + A_DAY * step for step in range(rule.renewal_days + 1))
        return "current" if all(holds(known, one) for one in ahead) else "renewal open"
    if ended is None or not all(met(need, known, None) for need in needs):
        return "in progress"
    return "in grace" if on < ended + A_DAY * rule.grace_days else "expired"


def there(periods: Sequence[Period], on: date) -> bool:
    return any(one.start <= on and not (one.end is not None and one.end <= on) for one in periods)


def answer(facts: Facts, states: dict[str, str], on: date) -> str:
    """The answer, from the status of each competency on the day; from the day another rule begins, by that one."""
    if facts.coming is not None and on >= facts.turns:
        facts = facts.coming
    unruled = facts.procedure is None or not facts.procedure.competencies
    unknown = facts.procedure is None or unruled or facts.in_use is None or facts.in_use > on
    stopped = [one for one in facts.products if there([one], on)]
    whole = {one.name.lower() for one in stopped if one.lot == ""}
    barred = there(facts.stops, on) or any(
        one.lower() in whole for one in (facts.procedure.products if facts.procedure else ())
    )
    if facts.procedure is None or unknown or barred:
        return "not cleared" if barred else "unknown"
    if not there(facts.works_here, on) or not there(facts.offered, on):
        return "not cleared"
    if not all(there(facts.documents.get(one, ()), on) for one in facts.procedure.documents):
        return "not cleared"
    known = sorted((one for one in facts.cases if one.day <= on), key=lambda one: (one.day, one.sequence))
    means_of = [one for days, one in facts.certificate if there([days], on)] if facts.procedure.certificate else []
    unheld = bool(facts.procedure.certificate) and not means_of
    given = [one.answer for one in means_of if one.code in ("suspended", "revoked")]
    given += ["conditional"] if stopped else []
    if not there(facts.transitional, on):
        given += [one.answer for one in means_of] + ["not cleared"] * unheld
        began = facts.procedure.practised_from is None or facts.procedure.practised_from <= on
        given += [
            facts.procedure.unpractised.answer
            for need in facts.procedure.practice
            if began and not met(need, known, on)
        ]
        began = facts.procedure.observed_from is None or facts.procedure.observed_from <= on
        seen = sorted((one for one in facts.observations if one.day <= on), key=lambda one: (one.day, one.sequence))
        given += [
            facts.procedure.unobserved.answer
            for form in facts.procedure.observations
            if began and not watched(form, seen, on)
        ]
        lost = [one for one in facts.procedure.competencies if states.get(one) not in ("current", "renewal open")]
        lost = [one for one in lost if not there(facts.prior.get(one, ()), on)]
        means = [facts.meanings.get(states.get(one, "not started")) for one in lost]
        given += [one.answer if one else "not cleared" for one in means]
    return next((one for one in ("not cleared", "unknown", "conditional") if one in given), "cleared")
