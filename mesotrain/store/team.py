"""The manager's table: how the trainees of some clinics stand on a day, filtered, sorted and by the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Label,
    Select,
    Subquery,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.assertions import LEARNT
from mesotrain.core.competence import NOT_STARTED, WEAKEST_FIRST, Standing
from mesotrain.store import catalogue
from mesotrain.store import people as store
from mesotrain.store.adjustments import Adjustment, Arranged
from mesotrain.store.answers import UnappliedAnswer
from mesotrain.store.assertions import Assertion
from mesotrain.store.assignments import Assignment
from mesotrain.store.attempts import Attempt
from mesotrain.store.competence import StandingSpan as Span
from mesotrain.store.competence import lasts
from mesotrain.store.courses import Competency, CompetencyRule
from mesotrain.store.names import named
from mesotrain.store.people import IN_CLINICS, IN_ORGANISATION, Clinic, Member, Merge, Person, Role, managed

EVERYBODY = 2**31
SOON = (30, 60, 90)
"""Within how many days what expires is looked for. Of the first it is counted on every page: it is what to act on."""
SHAPES = 256
"""How many statements are kept as they were put together: a name that is looked for makes one of its own."""


@dataclass(frozen=True)
class Wanted:
    """Which trainees, of the clinics and competencies given, and in what order.

    `state` and `within`, a number of days until one expires, look at these competencies; so does `weakest`, which
    has ids of those to sort by, the most urgent person first. Without it people are sorted by name. `managed` are all
    the clinics that may be named.
    """

    clinics: Sequence[int]
    competencies: Sequence[int]
    managed: Sequence[int] = ()
    name: str = ""
    state: str = ""
    within: int = 0
    weakest: Sequence[int] = ()

    def facts(self, actor: Actor, on: date) -> dict[str, Any]:
        """What the statements are given."""
        return {
            "organisation": actor.organisation,
            "clinics": self.clinics,
            "managed": self.managed,
            "competencies": self.competencies,
            "competency_count": len(self.competencies),
            "state": self.state,
            "on": on,
            "until": on + timedelta(days=self.within),
            "weakest": self.weakest,
            "weakest_count": len(self.weakest),
        }


class Shape(NamedTuple):
    """What decides the words of a statement; the rest are its parameters."""

    name: str
    state: str
    expiring: bool
    sorted_by_standing: bool
    one_clinic: bool


def _shape(wanted: Wanted) -> Shape:
    state = wanted.state and (NOT_STARTED if wanted.state == NOT_STARTED else "any")
    return Shape(wanted.name, state, bool(wanted.within), bool(wanted.weakest), len(wanted.clinics) == 1)


ORGANISATION: BindParameter[int] = bindparam("organisation")
ON: BindParameter[date] = bindparam("on")
COMPETENCIES = Span.competency_id.in_(bindparam("competencies", expanding=True))
TODAY = (Span.organisation_id == ORGANISATION) & lasts(ON)


IS_TRAINEE = (
    (Role.organisation_id == ORGANISATION)
    & (Role.role == TRAINEE)
    & Role.clinic_id.in_(bindparam("clinics", expanding=True))
)


LEFT = select(Member.person_id).where(Member.organisation_id == ORGANISATION, Member.ended_on <= ON)
"""Who belongs no more on that day; their roles stay."""


def _expires(until: str) -> ColumnElement[bool]:
    return (
        (Span.organisation_id == ORGANISATION)
        & (Span.start_day == Span.expires_on)
        & (Span.expires_on > ON)
        & (Span.expires_on <= bindparam(until))
        & COMPETENCIES
    )


def _filters(shape: Shape, person: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.name:
        said = named(shape.name, Person.folded)
        found.append(said if person is Person.id else person.in_(select(Person.id).where(said)))
    today = exists().where(TODAY, COMPETENCIES, Span.person_id == person)
    if shape.state == NOT_STARTED:
        held = select(func.count()).where(TODAY, COMPETENCIES, Span.person_id == person).scalar_subquery()
        found.append(held < bindparam("competency_count"))
    elif shape.state:
        found.append(today.where(Span.state == bindparam("state")))
    if shape.expiring:
        found.append(person.in_(select(Span.person_id).where(_expires("until"))))
    return found


def _weakest() -> Subquery:
    """By person, the most urgent of today's states, how many there are, and the first day one expires."""
    rank = case({state: place for place, state in enumerate(WEAKEST_FIRST)}, value=Span.state)
    chosen = Span.competency_id.in_(bindparam("weakest", expanding=True))
    return (
        select(
            Span.person_id,
            func.min(rank).label("rank"),
            func.count().label("held"),
            func.min(Span.expires_on).label("expires"),
        )
        .where(TODAY, chosen)
        .group_by(Span.person_id)
        .subquery()
    )


def _order(shape: Shape) -> tuple[list[Label[Any]], Subquery | None]:
    """What the people are sorted by, and the subquery it comes from."""
    by_name: list[Label[Any]] = [Person.folded.label("folded"), Person.id.label("by_id")]
    if not shape.sorted_by_standing:
        return by_name, None
    weakest = _weakest()
    nothing = WEAKEST_FIRST.index(NOT_STARTED)
    stronger = func.coalesce(weakest.c.rank, len(WEAKEST_FIRST)) > nothing
    lacks = func.coalesce(weakest.c.held, 0) < bindparam("weakest_count")
    rank = case((lacks & stronger, nothing), else_=weakest.c.rank)
    first = func.coalesce(weakest.c.expires, date.max)
    return [rank.label("rank"), first.label("first"), *by_name], weakest


def _chosen(shape: Shape, keys: Sequence[Label[Any]], weakest: Subquery | None, *more: Label[Any]) -> Select[Any]:
    """The people who are wanted, in order, and `more` of each."""
    people = select(Person.id, Person.name, *more, *keys)
    if weakest is not None:
        people = people.outerjoin_from(Person, weakest, weakest.c.person_id == Person.id)
    trainee = exists().where(IS_TRAINEE, Role.person_id == Person.id)
    return people.where(trainee, Person.id.not_in(LEFT), *_filters(shape, Person.id)).order_by(*keys)


_CHOICES = {
    every: union_all(
        select(
            literal(0).label("kind"), Clinic.id, Clinic.name,
            literal(False).label("first"), Clinic.name.label("then"), literal(0).label("last"),
        ).where(IN_ORGANISATION if every else IN_CLINICS),
        catalogue.COMPETENCIES.order_by(None)
        .with_only_columns(literal(1), Competency.id, CompetencyRule.title, *catalogue.IN_ORDER),
    ).order_by("kind", "first", "then", "last")
    for every in (True, False)
}  # fmt: skip


def choices(session: Session, actor: Actor, roles: Sequence[str]) -> tuple[dict[int, str], dict[int, str]]:
    """What a table may be of, by id, in order: the clinics in which the actor has one of these roles; competencies."""
    every, places = managed(actor, roles)
    facts = {"organisation": actor.organisation, "clinics": places}
    found: tuple[dict[int, str], dict[int, str]] = {}, {}
    for kind, number, name, *_ in session.connection().execute(_CHOICES[every], facts):
        found[kind][number] = name
    return found


@lru_cache(maxsize=SHAPES)
def _names(shape: Shape) -> Select[Any]:
    return _chosen(shape, *_order(shape))


@lru_cache(maxsize=SHAPES)
def _people(shape: Shape, *, counted: bool = False) -> Select[Any]:
    """The people of a page, each with the clinics they are trainees of and today's spans, in order.

    `counted`, every row begins with what `_count` gives; there is one without a person where the page has nobody.
    """
    keys, weakest = _order(shape)
    clinics = store.PLACES.where(Role.clinic_id.in_(bindparam("managed", expanding=True)))
    places = clinics.where(Role.person_id == Person.id).scalar_subquery().label("places")
    chosen = _chosen(shape, keys, weakest, places).limit(bindparam("most")).offset(bindparam("skip")).subquery()
    counts = _count(shape).subquery()
    rows = select(*(counts.c if counted else ()), chosen.c.id, chosen.c.name, chosen.c.places)
    rows = rows.select_from(counts).outerjoin(chosen, true()) if counted else rows.select_from(chosen)
    return (
        rows.add_columns(Span.competency_id, Span.state, Span.start_day, Span.expires_on)
        .outerjoin(Span, TODAY & COMPETENCIES & (Span.person_id == chosen.c.id))
        .order_by(*(chosen.c[key.name] for key in keys))
    )


@lru_cache(maxsize=SHAPES)
def _count(shape: Shape) -> Select[Any]:
    """How many people there are, and of how many of all these clinics' people something expires soon."""
    each = func.count() if shape.one_clinic else func.count(Role.person_id.distinct())  # once in a clinic, if at all
    ever = select(each).where(IS_TRAINEE, *_filters(shape, Role.person_id))
    left = ever.where(Role.person_id.in_(LEFT))  # few: to ask of each whether they are one of them costs as much again
    people = ever.scalar_subquery() - left.scalar_subquery()
    trainee = exists().where(IS_TRAINEE, Role.person_id == Span.person_id)
    soon = select(func.count(Span.person_id.distinct())).where(_expires("soon"), Span.person_id.not_in(LEFT), trainee)
    return select(people.label("people"), soon.scalar_subquery().label("soon"))


class Trainee(NamedTuple):
    """A person of the table, with their clinics and today's standing by competency; one without is not started."""

    id: int
    name: str
    places: list[int]
    standings: dict[int, Standing]


@dataclass(frozen=True)
class Page:
    """One page of those who are wanted: its number, of how many, and how many people there are on all.

    `soon` is of how many in these clinics something expires within the first of `SOON`.
    """

    people: list[Trainee]
    number: int
    of: int
    count: int
    soon: int


def page(session: Session, actor: Actor, on: date, wanted: Wanted, number: int, most: int) -> Page:
    """The page of this number, or the last there is, in one statement; `most` people stand on one."""
    facts = wanted.facts(actor, on) | {"soon": on + timedelta(days=SOON[0])}
    number = min(number, EVERYBODY // most)
    while True:
        facts |= {"skip": (number - 1) * most, "most": most}
        rows = session.connection().execute(_people(_shape(wanted), counted=True), facts).all()
        many, soon = rows[0][:2]
        if number <= (last := max(-(-many // most), 1)):
            return Page(_trainees(row[2:] for row in rows), number, last, many, soon)
        number = last


def people(session: Session, actor: Actor, on: date, wanted: Wanted) -> list[Trainee]:
    """Everybody who is wanted, in order, in one statement."""
    facts = {**wanted.facts(actor, on), "skip": 0, "most": EVERYBODY}
    return _trainees(session.connection().execute(_people(_shape(wanted)), facts))


def _trainees(rows: Iterable[Sequence[Any]]) -> list[Trainee]:
    found: dict[int, Trainee] = {}
    for person, name, places, competency, state, since, expires in rows:
        if person is None:
            continue
        if person not in found:
            found[person] = Trainee(person, name, [*map(int, places.split())], {})
        if competency is not None:
            found[person].standings[competency] = Standing(state, since, expires)
    return list(found.values())


class About(NamedTuple):
    """What stands at the top of a trainee's page.

    `unapplied` says whether there are answers that do not count, `assigned` whether a course is assigned, done or not,
    `learnt` whether something was ever learnt elsewhere.
    """

    who: store.Trainee
    arranged: Arranged | None
    unapplied: bool
    assigned: bool
    learnt: bool


_NEWEST = select(func.max(Adjustment.id)).where(
    Adjustment.organisation_id == ORGANISATION, Adjustment.person_id == Person.id
)
_UNAPPLIED = (
    exists()
    .where(Attempt.organisation_id == ORGANISATION, Attempt.person_id == Person.id)
    .where(UnappliedAnswer.attempt_id == Attempt.id)
)
_ASSIGNED = exists().where(
    Assignment.organisation_id == ORGANISATION, Assignment.person_id == Person.id, Assignment.ended_at.is_(None)
)
_LEARNT = exists().where(
    Assertion.organisation_id == ORGANISATION, Assertion.person_id == Person.id, Assertion.kind == LEARNT
)
_ABOUT = store.ROLES_OF.outerjoin(Adjustment, Adjustment.id == _NEWEST.correlate(Person).scalar_subquery()).add_columns(
    Adjustment.extra,
    Adjustment.note,
    _UNAPPLIED.correlate(Person).label("unapplied"),
    _ASSIGNED.correlate(Person).label("assigned"),
    _LEARNT.correlate(Person).label("learnt"),
)


def about(session: Session, actor: Actor, person: int) -> About:
    """A trainee of a clinic the actor manages or audits, in one statement. Raises NotFound for anybody else."""
    rows = session.connection().execute(_ABOUT, {"organisation": actor.organisation, "person": person}).all()
    who, (*_, extra, note, unapplied, assigned, learnt) = store.seen(actor, person, rows), rows[0]
    return About(who, None if extra is None else Arranged(extra, note), bool(unapplied), bool(assigned), bool(learnt))


def names(session: Session, actor: Actor, on: date, wanted: Wanted) -> dict[int, str]:
    """The name of everybody who is wanted, by id, in order."""
    rows = session.connection().execute(_names(_shape(wanted)), wanted.facts(actor, on))
    return {row.id: row.name for row in rows}


_EVER = store.ROLES_EVER.where(
    ~exists().where(Merge.organisation_id == Member.organisation_id, Merge.person_id == Person.id)
)


def trainee_ever(session: Session, actor: Actor, person: int) -> tuple[store.Trainee, date | None]:
    """A trainee of a clinic in which the actor has a role, or who was one and left, and when; none whose record goes on
    as another's. Raises NotFound for anybody else."""
    facts = {"organisation": actor.organisation, "person": person}
    rows = session.connection().execute(_EVER, facts).all()
    return store.seen(actor, person, rows), rows[0].ended_on
