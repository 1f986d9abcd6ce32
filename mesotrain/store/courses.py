"""Courses and their content versions. A version never changes; a publication says which versions are live."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, false, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.store.db import Base, Canonical, Moment, Published
from mesotrain.store.people import Organisation, Person

SHARED = text("organisation_id IS NULL")


class Course(Base):
    """A course of one organisation, or shared by the whole installation when it names none.

    `kept_by` is the organisation whose educators publish a shared course; without one only the command line does.
    """

    __tablename__ = "courses"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        Index("uq_courses_shared_name", "name", unique=True, sqlite_where=SHARED, postgresql_where=SHARED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    name: Mapped[str]
    kept_by: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))


class Publication(Base):
    """What one act of publishing made live; the highest number of a course is what is served.

    `changes` holds the class of each section's change; `reference_list` what its citations resolve to. `lowered` holds,
    for each section whose change was called less than the program proposed, that proposal; then `signed_by` is the
    second person, and `reason` is theirs to have read. `scheme` says what procedures ask for.
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
    lowered: Mapped[Any] = mapped_column(Canonical, server_default="{}")
    signed_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str] = mapped_column(server_default="")
    scheme: Mapped[Any] = mapped_column(Canonical, server_default="{}")


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
    outcomes: Mapped[Any] = mapped_column(Published)
    quiz: Mapped[Any] = mapped_column(Published)
    sign_off: Mapped[str]
    sections: Mapped[Any] = mapped_column(Published)


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
    """A question as a taker may see it: `taker` is the model, `shown` the same with its Markdown rendered.

    No quiz draws a `practice` question.
    """

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
    taker: Mapped[Any] = mapped_column(Published)
    shown: Mapped[Any] = mapped_column(Published)
    practice: Mapped[bool] = mapped_column(server_default=false())


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
    sections: Mapped[Any] = mapped_column(Published)
    cites: Mapped[Any] = mapped_column(Published)
    key: Mapped[Any] = mapped_column(Published)
    shown: Mapped[Any] = mapped_column(Published)
    source: Mapped[str]


class Media(Base):
    """A file that figures of a course show, or once showed; known by the SHA-256 of its content."""

    __tablename__ = "media"

    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True, index=True)
    kind: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


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


def section_htmls(session: Session, course: int) -> dict[tuple[str, str], str]:
    """The HTML of every section version of a course, by the module it was kept in and its version."""
    rows = session.execute(
        select(Module.name, SectionVersion.version, SectionVersion.html)
        .join(Module, Module.id == SectionVersion.module_id)
        .where(SectionVersion.course_id == course)
    )
    return {(module, version): html for module, version, html in rows}


def question_versions(session: Session, course: int) -> dict[tuple[str, str], int]:
    """The id of every question version of a course, by its name and version."""
    rows = session.execute(
        select(Question.name, QuestionVersion.version, QuestionVersion.id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuestionVersion.course_id == course)
    )
    return {(name, version): id_ for name, version, id_ in rows}
