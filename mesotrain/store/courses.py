"""Courses and their content versions. A version never changes; a publication says which versions are live."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
from mesotrain.store.db import Base, Canonical, Moment
from mesotrain.store.people import Organisation, Person

SHARED = text("organisation_id IS NULL")


class Course(Base):
    """A course of one organisation, or shared by the whole installation when it names none."""

    __tablename__ = "courses"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        Index("uq_courses_shared_name", "name", unique=True, sqlite_where=SHARED, postgresql_where=SHARED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    name: Mapped[str]


class Publication(Base):
    """What one act of publishing made live; the highest number of a course is what is served.

    `changes` holds the class of each section's change; `reference_list` what its citations resolve to.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("course_id", "number"), UniqueConstraint("course_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    number: Mapped[int]
    version: Mapped[str]
    title: Mapped[str]
    language: Mapped[str]
    status: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(Moment)
    published_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    reference_list: Mapped[Any] = mapped_column(Canonical)
    changes: Mapped[Any] = mapped_column(Canonical)


class Competency(Base):
    """The identity of a competency, whatever its rule says today."""

    __tablename__ = "competencies"
    __table_args__ = (UniqueConstraint("course_id", "code"), UniqueConstraint("course_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    code: Mapped[str]


class CompetencyRule(Base):
    """A competency's words and rule as a publication has them."""

    __tablename__ = "competency_rules"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "publication_id"], ["publications.course_id", "publications.id"]),
        ForeignKeyConstraint(["course_id", "competency_id"], ["competencies.course_id", "competencies.id"]),
    )

    publication_id: Mapped[int] = mapped_column(primary_key=True)
    competency_id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    version: Mapped[str]
    title: Mapped[str]
    can: Mapped[str]
    valid_months: Mapped[int]
    renewal_days: Mapped[int]
    grace_days: Mapped[int]


class Module(Base):
    """The identity of a module: its folder's name."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("course_id", "name"), UniqueConstraint("course_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    name: Mapped[str]


class ModuleVersion(Base):
    """A module's lesson and quiz rules, frozen. `sections` names its section versions in order."""

    __tablename__ = "module_versions"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "module_id"], ["modules.course_id", "modules.id"]),
        ForeignKeyConstraint(["course_id", "competency_id"], ["competencies.course_id", "competencies.id"]),
        UniqueConstraint("course_id", "module_id", "version"),
        UniqueConstraint("course_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    module_id: Mapped[int]
    competency_id: Mapped[int]
    version: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    minutes: Mapped[int]
    outcomes: Mapped[Any] = mapped_column(Canonical)
    quiz: Mapped[Any] = mapped_column(Canonical)
    sign_off: Mapped[str]
    sections: Mapped[Any] = mapped_column(Canonical)


class SectionVersion(Base):
    """A section as its author wrote it, and as it was rendered, once."""

    __tablename__ = "section_versions"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "module_id"], ["modules.course_id", "modules.id"]),
        UniqueConstraint("module_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    module_id: Mapped[int]
    name: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]


class Question(Base):
    """The identity of a question: the id in its heading. Never shown to takers."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("course_id", "name"), UniqueConstraint("course_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    name: Mapped[str]


class QuestionVersion(Base):
    """A question as a taker may see it: `taker` is the model, `shown` the same with its Markdown rendered."""

    __tablename__ = "question_versions"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "question_id"], ["questions.course_id", "questions.id"]),
        UniqueConstraint("question_id", "version"),
        UniqueConstraint("course_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    question_id: Mapped[int]
    version: Mapped[str]
    competency: Mapped[str]
    points: Mapped[str]
    taker: Mapped[Any] = mapped_column(Canonical)
    shown: Mapped[Any] = mapped_column(Canonical)


class QuestionKey(Base):
    """The rest of the version: what no taker sees before release."""

    __tablename__ = "question_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "question_version_id"], ["question_versions.course_id", "question_versions.id"]
        ),
    )

    question_version_id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    level: Mapped[str]
    safety: Mapped[str]
    sections: Mapped[Any] = mapped_column(Canonical)
    cites: Mapped[Any] = mapped_column(Canonical)
    key: Mapped[Any] = mapped_column(Canonical)
    shown: Mapped[Any] = mapped_column(Canonical)
    source: Mapped[str]


class PublishedModule(Base):
    """A module version of a publication, in the course's order."""

    __tablename__ = "published_modules"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "publication_id"], ["publications.course_id", "publications.id"]),
        ForeignKeyConstraint(["course_id", "module_version_id"], ["module_versions.course_id", "module_versions.id"]),
    )

    publication_id: Mapped[int] = mapped_column(primary_key=True)
    module_version_id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    position: Mapped[int]


class PublishedQuestion(Base):
    """A question version that a published module's quiz may draw."""

    __tablename__ = "published_questions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["publication_id", "module_version_id"],
            ["published_modules.publication_id", "published_modules.module_version_id"],
        ),
        ForeignKeyConstraint(
            ["course_id", "question_version_id"], ["question_versions.course_id", "question_versions.id"]
        ),
    )

    publication_id: Mapped[int] = mapped_column(primary_key=True)
    module_version_id: Mapped[int] = mapped_column(primary_key=True)
    question_version_id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int]
    position: Mapped[int]


def _live(actor: Actor) -> Select[Course, Publication, Module, ModuleVersion, CompetencyRule]:
    """Live modules this actor's organisation may read, in course order."""
    return (
        select(Course, Publication, Module, ModuleVersion, CompetencyRule)
        .join(Publication, Publication.course_id == Course.id)
        .join(PublishedModule, PublishedModule.publication_id == Publication.id)
        .join(ModuleVersion, ModuleVersion.id == PublishedModule.module_version_id)
        .join(Module, Module.id == ModuleVersion.module_id)
        .join(
            CompetencyRule,
            (CompetencyRule.publication_id == Publication.id)
            & (CompetencyRule.competency_id == ModuleVersion.competency_id),
        )
        .where(
            is_live(CompetencyRule),
            or_(Course.organisation_id.is_(None), Course.organisation_id == actor.organisation),
        )
        .order_by(Course.name, Course.organisation_id, PublishedModule.position)
    )


class Live(NamedTuple):
    """A module as it is served now."""

    course: Course
    publication: Publication
    module: Module
    version: ModuleVersion
    rule: CompetencyRule


def live_modules(session: Session, actor: Actor) -> Sequence[Live]:
    """Every module the actor may read."""
    return [Live._make(row) for row in session.execute(_live(actor))]


def live_module(session: Session, actor: Actor, course: str, module: str) -> Live:
    """The live module of these names. Raises NotFound where the actor has none; an organisation's own comes first."""
    rows = session.execute(_live(actor).where(Course.name == course, Module.name == module)).all()
    if not rows:
        raise NotFound
    return Live._make(rows[-1])


def is_live(rule: type[CompetencyRule]) -> ColumnElement[bool]:
    """That a rule is the one its course's newest publication has."""
    newest = select(func.max(Publication.id)).where(Publication.course_id == rule.course_id).correlate(rule)
    return rule.publication_id == newest.scalar_subquery()


def is_newest(rule: type[CompetencyRule]) -> ColumnElement[bool]:
    """That a rule is the last its competency was given, even where the course no longer teaches it."""
    other = aliased(CompetencyRule)
    newest = select(func.max(other.publication_id)).where(other.competency_id == rule.competency_id)
    return rule.publication_id == newest.scalar_subquery()


def live_competencies(session: Session, actor: Actor) -> Sequence[tuple[int, str, CompetencyRule]]:
    """(id, code, rule) of every competency the actor's organisation teaches, by course and code."""
    rows = session.execute(
        select(Competency.id, Competency.code, CompetencyRule)
        .select_from(CompetencyRule)
        .join(Competency, Competency.id == CompetencyRule.competency_id)
        .join(Course, Course.id == CompetencyRule.course_id)
        .where(
            is_live(CompetencyRule),
            or_(Course.organisation_id.is_(None), Course.organisation_id == actor.organisation),
        )
        .order_by(Course.name, Competency.code)
    )
    return [(competency, code, rule) for competency, code, rule in rows]


def sections_of(session: Session, module: ModuleVersion) -> Sequence[SectionVersion]:
    """The module's sections, in order."""
    rows = session.scalars(
        select(SectionVersion).where(
            SectionVersion.module_id == module.module_id, SectionVersion.version.in_(module.sections)
        )
    )
    return sorted(rows, key=lambda section: module.sections.index(section.version))


def live_sections(session: Session, publication: int) -> dict[str, str]:
    """Section versions of a publication by ``module#section``."""
    rows = session.execute(
        select(Module.name, SectionVersion.name, SectionVersion.version, ModuleVersion.sections)
        .join(PublishedModule, PublishedModule.module_version_id == ModuleVersion.id)
        .join(Module, Module.id == ModuleVersion.module_id)
        .join(SectionVersion, SectionVersion.module_id == ModuleVersion.module_id)
        .where(PublishedModule.publication_id == publication)
    )
    return {f"{module}#{name}": version for module, name, version, sections in rows if version in sections}


def bank(session: Session, publication: int, module_version: int) -> Sequence[tuple[str, int]]:
    """(version, question version id) of every question this module's quiz may draw."""
    rows = session.execute(
        select(QuestionVersion.version, QuestionVersion.id)
        .join(PublishedQuestion, PublishedQuestion.question_version_id == QuestionVersion.id)
        .where(PublishedQuestion.publication_id == publication, PublishedQuestion.module_version_id == module_version)
    )
    return [(version, question) for version, question in rows]


def bank_sizes(session: Session, publications: Sequence[int]) -> dict[tuple[int, int], int]:
    """How many questions each module's quiz may draw, by (publication, module version)."""
    rows = session.execute(
        select(PublishedQuestion.publication_id, PublishedQuestion.module_version_id, func.count())
        .where(PublishedQuestion.publication_id.in_(publications))
        .group_by(PublishedQuestion.publication_id, PublishedQuestion.module_version_id)
    )
    return {(publication, module): count for publication, module, count in rows}


class Keyed(NamedTuple):
    """A question of a live bank with its key."""

    live: Live
    question: Question
    version: QuestionVersion
    key: QuestionKey


def live_questions(session: Session, actor: Actor, name: str | None = None) -> Sequence[Keyed]:
    """Every question (or those of this name) of the actor's live modules with its key, in the banks' order."""
    query = (
        _live(actor)
        .join(
            PublishedQuestion,
            (PublishedQuestion.publication_id == Publication.id)
            & (PublishedQuestion.module_version_id == ModuleVersion.id),
        )
        .join(QuestionVersion, QuestionVersion.id == PublishedQuestion.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .add_columns(Question, QuestionVersion, QuestionKey)
        .order_by(PublishedQuestion.position)
    )
    if name is not None:
        query = query.where(Question.name == name)
    return [Keyed(Live._make(row[:5]), *row[5:]) for row in session.execute(query)]


def live_question(session: Session, actor: Actor, course: str, name: str) -> Keyed:
    """One of `live_questions`. Raises NotFound where the actor has none of this name in this course."""
    for keyed in reversed(live_questions(session, actor, name)):
        if keyed.live.course.name == course:
            return keyed
    raise NotFound
