"""Observations: what somebody saw another do, by a form, and signed; nothing is changed. And what is not signed yet."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import TRAINEE, Actor
from mesotrain.core.canonical import digest
from mesotrain.core.competence import NOT_SHOWN, SHOWN, Evidence
from mesotrain.core.errors import NotFound
from mesotrain.core.observations import MEANINGS, NOT_PASSED, OPEN, OUTCOMES, PASSED, Form, form_of
from mesotrain.store.courses import Course, Publication
from mesotrain.store.db import Base, Canonical
from mesotrain.store.events import Event
from mesotrain.store.people import Clinic, Member, Person, Role
from mesotrain.store.supervisors import held_right


class _Watched:
    """Whom somebody watched, at a procedure of a course's scheme, by a form as a publication has it; where and when."""

    organisation_id: Mapped[int]
    person_id: Mapped[int]
    observer_id: Mapped[int]
    clinic_id: Mapped[int]
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    procedure: Mapped[str]
    form: Mapped[str]
    publication_id: Mapped[int] = mapped_column(ForeignKey(Publication.id))
    day: Mapped[date]


def _ties(*others: Any) -> tuple[Any, ...]:
    return (
        ForeignKeyConstraint(["organisation_id", "person_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "observer_id"], ["members.organisation_id", "members.person_id"]),
        ForeignKeyConstraint(["organisation_id", "clinic_id"], ["clinics.organisation_id", "clinics.id"]),
        *others,
    )


class Observation(_Watched, Base):
    """What somebody saw and signed: the mark of each step by its id, how they rate the whole, and what came of it.

    `version` is the digest of the form, `record` that of all they signed, `proof` how they proved who they are. `draft`
    is what it was before it was signed, and `sequence` its place in the event log.
    """

    __tablename__ = "observations"
    __table_args__ = _ties(
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("outcome IN ({})".format(", ".join(f"'{one}'" for one in OUTCOMES)), name="outcome"),
        Index("ix_observations_person", "organisation_id", "person_id"),
        Index("ix_observations_observer", "organisation_id", "observer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    marks: Mapped[Any] = mapped_column(Canonical)
    rating: Mapped[int]
    words: Mapped[str]
    outcome: Mapped[str]
    proof: Mapped[str]
    record: Mapped[str]
    draft: Mapped[str]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class ObservationWithdrawal(Base):
    """An observation is taken back from a place in the log on, with a reason; the observation itself stays."""

    __tablename__ = "observation_withdrawals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "observation_id"], ["observations.organisation_id", "observations.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "withdrawn_by"], ["members.organisation_id", "members.person_id"]),
    )

    observation_id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    reason: Mapped[str]
    withdrawn_by: Mapped[int]
    sequence: Mapped[int] = mapped_column(ForeignKey(Event.position))


class ObservationDraft(_Watched, Base):
    """What is marked and not signed yet. `key` is its name in addresses and in the browsers that marked it.

    `said` has by the number of each part of the form what was said last, and as which of all saves; the parts are the
    steps in their order, the rating and the note. `operations` are the saves that are known, so that none counts twice.
    """

    __tablename__ = "observation_drafts"
    __table_args__ = _ties()

    key: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[Any] = mapped_column(Canonical)
    operations: Mapped[Any] = mapped_column(Canonical)

    def value(self, part: int) -> str:
        """What was said last of a part of the form; empty where nothing was."""
        return str(self.said.get(str(part), ["", 0])[0])

    def saved(self, part: int) -> int:
        """As which of all saves that was; 0 where nothing was said."""
        return int(self.said.get(str(part), ["", 0])[1])


class Seen(NamedTuple):
    """An observation as people read it, by its form."""

    row: Observation
    form: Form
    clinic: str
    trainee: str
    observer: str
    withdrawal: ObservationWithdrawal | None


class Begun(NamedTuple):
    """What is not signed yet, and by which form."""

    row: ObservationDraft
    form: Form
    clinic: str
    trainee: str


def bound_to(observer: str, trainee: str, row: Observation) -> str:
    """The digest of all that somebody signed: what they saw, by which form, what came of it, and what that means."""
    said = ("procedure", "form", "version", "marks", "rating", "words", "outcome")
    return digest(
        {name: getattr(row, name) for name in said}
        | {"clinic": row.clinic_id, "course": row.course_id, "day": row.day.isoformat()}
        | {"observer": observer, "trainee": trainee, "meaning": MEANINGS[row.outcome]}
    )


def form_in(scheme: Mapping[str, Any], name: str) -> Form:
    """A form as a publication has it."""
    return form_of(name, scheme["forms"][name])


_TRAINEE, _OBSERVER = aliased(Person), aliased(Person)
_SEEN = (
    select(Observation, Publication.scheme, Clinic.name, _TRAINEE.name, _OBSERVER.name, ObservationWithdrawal)
    .join(Publication, Publication.id == Observation.publication_id)
    .join(Clinic, Clinic.id == Observation.clinic_id)
    .join(_TRAINEE, _TRAINEE.id == Observation.person_id)
    .join(_OBSERVER, _OBSERVER.id == Observation.observer_id)
    .outerjoin(ObservationWithdrawal, ObservationWithdrawal.observation_id == Observation.id)
    .order_by(Observation.day.desc(), Observation.id.desc())
)
_BEGUN = (
    select(ObservationDraft, Publication.scheme, Clinic.name, Person.name)
    .join(Publication, Publication.id == ObservationDraft.publication_id)
    .join(Clinic, Clinic.id == ObservationDraft.clinic_id)
    .join(Person, Person.id == ObservationDraft.person_id)
    .order_by(ObservationDraft.day.desc(), ObservationDraft.key)
)


def _seen(session: Session, *which: ColumnElement[bool], most: int | None = None) -> list[Seen]:
    rows = session.execute(_SEEN.where(*which).limit(most))
    return [Seen(row, form_in(scheme, row.form), *names) for row, scheme, *names in rows]


def _begun(session: Session, *which: ColumnElement[bool]) -> list[Begun]:
    rows = session.execute(_BEGUN.where(*which))
    return [Begun(row, form_in(scheme, row.form), *names) for row, scheme, *names in rows]


def of_person(session: Session, organisation: int, person: int) -> list[Seen]:
    """What was seen of somebody, the newest first."""
    return _seen(session, Observation.organisation_id == organisation, Observation.person_id == person)


def by_observer(session: Session, organisation: int, observer: int, most: int | None = None) -> list[Seen]:
    """What somebody saw of others, the newest first."""
    where = (Observation.organisation_id == organisation, Observation.observer_id == observer)
    return _seen(session, *where, most=most)


def by_number(session: Session, organisation: int, number: int) -> Seen:
    """One observation of an organisation. Raises NotFound for any other."""
    return _one(_seen(session, Observation.organisation_id == organisation, Observation.id == number))


def any_of(session: Session, which: ColumnElement[bool]) -> Seen:
    """The one observation of which this is so, whichever organisation it is of. Raises NotFound for none."""
    return _one(_seen(session, which))


def signed_from(session: Session, actor: Actor, key: str) -> Seen | None:
    """What the actor made of a draft by signing it."""
    where = (Observation.organisation_id == actor.organisation, Observation.observer_id == actor.person)
    return next(iter(_seen(session, *where, Observation.draft == key)), None)


def drafts(session: Session, actor: Actor) -> list[Begun]:
    """What the actor has yet to sign, the newest first."""
    where = (ObservationDraft.organisation_id == actor.organisation, ObservationDraft.observer_id == actor.person)
    return _begun(session, *where)


def draft(session: Session, actor: Actor, key: str, *, lock: bool = False) -> Begun:
    """One of them; locked, nobody else saves it meanwhile. Raises NotFound for any other."""
    if lock:
        session.scalar(select(ObservationDraft).where(ObservationDraft.key == key).with_for_update())
    where = (ObservationDraft.organisation_id == actor.organisation, ObservationDraft.observer_id == actor.person)
    return _one(_begun(session, *where, ObservationDraft.key == key))


_Found = TypeVar("_Found", Seen, Begun)


def _one(found: list[_Found]) -> _Found:
    if not found:
        raise NotFound
    return found[0]


class Candidate(NamedTuple):
    """Somebody who works as a clinician at a clinic."""

    person: int
    name: str
    clinic: int


def candidates(session: Session, organisation: int, clinics: Iterable[int]) -> list[Candidate]:
    """Who may be observed at these clinics, by name."""
    rows = session.execute(
        select(Person.id, Person.name, Role.clinic_id)
        .join(Role, Role.person_id == Person.id)
        .join(Member, (Member.organisation_id == Role.organisation_id) & (Member.person_id == Role.person_id))
        .where(Role.organisation_id == organisation, Role.role == TRAINEE, Role.clinic_id.in_(list(clinics)))
        .where(Member.ended_on.is_(None), Member.suspended_at.is_(None))
        .order_by(Person.folded, Person.id, Role.clinic_id)
    )
    return [Candidate._make(row) for row in rows]


def forget(session: Session, organisation: int, person: int) -> None:
    """What was marked by somebody or of them, and not signed, is not kept."""
    whose = or_(ObservationDraft.person_id == person, ObservationDraft.observer_id == person)
    session.execute(delete(ObservationDraft).where(ObservationDraft.organisation_id == organisation, whose))


def forget_before(session: Session, organisation: int, day: date) -> None:
    """The same of what was marked before a day."""
    old = ObservationDraft.day < day
    session.execute(delete(ObservationDraft).where(ObservationDraft.organisation_id == organisation, old))


def move_drafts(session: Session, organisation: int, person: int, into: int) -> None:
    """What is not signed goes on under another account of the same person, who observes nobody but others."""
    here = ObservationDraft.organisation_id == organisation
    for column in (ObservationDraft.person_id, ObservationDraft.observer_id):
        session.execute(update(ObservationDraft).where(here, column == person).values({column.key: into}))
    oneself = ObservationDraft.person_id == ObservationDraft.observer_id
    session.execute(delete(ObservationDraft).where(here, oneself))


def again(session: Session, row: Observation, **other: int) -> None:
    """The same once more with something else in it."""
    kept = {column.name: getattr(row, column.name) for column in Observation.__table__.columns if column.name != "id"}
    session.execute(insert(Observation).values(kept | other))


def altered(session: Session) -> int:
    """How many observations say something else now than what was signed, as `logbook.altered` says it of cases."""
    rows = session.execute(
        select(Observation, _OBSERVER.commitment, _TRAINEE.commitment, Event.body)
        .join(Event, (Event.position == Observation.sequence) & (Event.kind == "observation.signed"))
        .join(_OBSERVER, _OBSERVER.id == Observation.observer_id)
        .join(_TRAINEE, _TRAINEE.id == Observation.person_id)
        .where(_OBSERVER.erased_at.is_(None), _TRAINEE.erased_at.is_(None))
    )
    return sum(json.loads(body)["facts"]["record"] != bound_to(by, of, row) for row, by, of, body in rows)


_OBSERVED = (
    select(
        Observation.person_id, Observation.course_id, Observation.procedure, Observation.outcome, Observation.day,
        Observation.sequence, Observation.observer_id, Observation.version, Observation.form,
    )
    .outerjoin(
        ObservationWithdrawal,
        (ObservationWithdrawal.observation_id == Observation.id)
        & (ObservationWithdrawal.sequence <= bindparam("position")),
    )
    .where(
        Observation.organisation_id == bindparam("organisation"),
        Observation.person_id.in_(bindparam("people", expanding=True)),
        Observation.outcome != OPEN,
        held_right(Observation, Observation.observer_id),
        Observation.sequence <= bindparam("position"),
        ObservationWithdrawal.observation_id.is_(None),
    )
)  # fmt: skip
_SAYS = {PASSED: SHOWN, NOT_PASSED: NOT_SHOWN}


def observed(
    session: Session, organisation: int, people: Iterable[int], position: int
) -> dict[int, dict[tuple[int, str], list[Evidence]]]:
    """By person and by (course, procedure) what speaks for or against them that stood signed at a position of the
    log."""
    found: dict[int, dict[tuple[int, str], list[Evidence]]] = {}
    facts = {"organisation": organisation, "people": list(people), "position": position}
    rows = session.connection().execute(_OBSERVED, facts)
    for person, course, procedure, outcome, day, sequence, by, version, form in rows:
        piece = Evidence(_SAYS[outcome], day, sequence, by=by, version=version, form=form)
        found.setdefault(person, {}).setdefault((course, procedure), []).append(piece)
    return found
