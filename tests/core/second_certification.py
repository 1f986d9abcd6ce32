"""Certification once more, written apart: day by day, looking at each pair of what was done and of a day."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product

from mesotrain.core.certificates import Certificate, Edition, Path, Shown
from tests.core.second_standing import A_DAY, good, met, there

Card = tuple[date, date, date, Certificate]
"""The day a certificate was issued, that of what was done for it, the first day without it, and its rule."""


def months_on(day: date, months: int) -> date:
    """The first day on which something of `day` is so many months old."""
    found = day
    while good(day, months, found):
        found += A_DAY
    return found


def months_before(day: date, months: int) -> date:
    """So many months before a day, or the last day of that month."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def whole(path: Path, shown: Shown, on: date) -> bool:
    """Whether everything that a path asks for is there on a day."""
    for code in path.competencies:
        spans = shown.competencies.get(code, ())
        if not any(one.state in ("current", "renewal open") and one.start <= on and (not one.end or on < one.end)
                   for one in spans):  # fmt: skip
            return False
    if not all(there(shown.documents.get(name, ()), on) for name in path.documents):
        return False
    if not all(there(shown.held.get(name, ()), on) for name in path.certificates):
        return False
    for exam in path.exams:
        passed = [one for one in shown.exams if one.exam == exam.name and one.day <= on]
        if not any(good(one.day, exam.months, on) and set(exam.points) <= one.points for one in passed):
            return False
    for asked in path.practice:
        known = [one for one in shown.cases.get(asked.procedure, ()) if one.day <= on]
        if not met(asked.cases, known, on):
            return False
    return True


def still(path: Path, shown: Shown, done: date, on: date) -> bool:
    """Whether something was done for a path on that day, and counts still."""
    for exam in path.exams:
        sat = any((one.exam, one.day) == (exam.name, done) and set(exam.points) <= one.points for one in shown.exams)
        if sat and good(done, exam.months, on):
            return True
    return not path.exams and any(
        (one.day, one.role) == (done, asked.cases.role) and one.level > 0 and good(done, asked.cases.months, on)
        for asked in path.practice
        for one in shown.cases.get(asked.procedure, ())
    )


def revoked(shown: Shown, done: date, on: date) -> bool:
    return any(one.start <= on and (one.end is None or done < one.end) for one in shown.revoked)


def cards(editions: Sequence[Edition], shown: Shown, on: date) -> list[Card]:
    """Every certificate issued until a day."""
    things = [one.day for one in shown.exams] + [one.day for cases in shown.cases.values() for one in cases]
    found: list[Card] = []
    used: set[tuple[bool, date]] = set()
    day = min(things, default=on)
    while day <= on:
        rule = next(one.certificate for one in editions if one.start <= day and (one.end is None or day < one.end))
        for renews, done in product((False, True), sorted({one for one in things if one <= day})):
            for path in [rule.renewal] if renews else rule.paths:
                if (renews, done) in used or not still(path, shown, done, day) or not whole(path, shown, day):
                    continue
                used.add((renews, done))
                starts = set(renewable(found, shown, done, day)) if renews else {done}
                ends = [months_on(one, rule.months) for one in starts if not revoked(shown, done, day)]
                found += [(day, done, end, rule) for end in ends if end > day]
        day += A_DAY
    return found


def renewable(found: Sequence[Card], shown: Shown, done: date, day: date) -> Iterator[date]:
    for _, was_done, end, rule in found:
        if revoked(shown, was_done, day) or done < months_before(end, rule.opens):
            continue
        if day < end or good(end, rule.grace, day):
            yield max(end, done)


def state(editions: Sequence[Edition], shown: Shown, on: date) -> str:
    """The state of a certificate on one day."""
    barred = "revoked" if there(shown.revoked, on) else "suspended" if there(shown.suspended, on) else ""
    alive = [one for one in cards(editions, shown, on) if not revoked(shown, one[1], on)]
    last = max((end for _, _, end, _ in alive), default=date.min)
    if barred or on < last:
        opens = max((months_before(end, rule.opens) for _, _, end, rule in alive if end == last), default=on)
        return barred or ("certified" if on < opens else "renewal open")
    if there(shown.lent, on):
        return "certified"
    if alive:
        return "in grace" if any(good(end, rule.grace, on) for _, _, end, rule in alive) else "expired"
    return "in progress" if begun(editions, shown, on) else "not started"


def begun(editions: Sequence[Edition], shown: Shown, on: date) -> bool:
    for path in (path for one in editions for path in one.certificate.paths):
        if any(span.start <= on for code in path.competencies for span in shown.competencies.get(code, ())):
            return True
        if any(one.day <= on and one.exam == exam.name for exam in path.exams for one in shown.exams):
            return True
        if any(one.day <= on for asked in path.practice for one in shown.cases.get(asked.procedure, ())):
            return True
    return False
