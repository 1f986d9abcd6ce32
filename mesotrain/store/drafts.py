"""Drafts: what would be published next, as text, and what is live to compare it with."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import unescape
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.canonical import digest
from mesotrain.core.drafts import Once, Piece, says, scheme_pieces
from mesotrain.core.errors import Ended, NotFound
from mesotrain.core.questions import Part
from mesotrain.core.schemes import scheme_of
from mesotrain.store.courses import (
    Competency,
    CompetencyRule,
    Course,
    Media,
    Module,
    ModuleVersion,
    Publication,
    PublishedModule,
    PublishedQuestion,
    Question,
    QuestionKey,
    QuestionVersion,
    SectionVersion,
)
from mesotrain.store.db import Base, Canonical, Moment
from mesotrain.store.people import Person

OPEN, PUBLISHED, REPLACED, DISCARDED = STATES = ("open", "published", "replaced", "discarded")
ONLY_OPEN = text(f"state = '{OPEN}'")


class Draft(Base):
    """The next text of a course, whole. What it says never changes; a later one replaces it.

    `files` are its texts by their path, `media` the digests of what its figures show. `proposal` is there when somebody
    called a change less than the program proposed: it waits for a second person.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
        CheckConstraint(f"(state = '{OPEN}') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(proposed_by IS NULL) = (proposal IS NULL)", name="proposed"),
        Index("uq_drafts_open", "course_id", unique=True, sqlite_where=ONLY_OPEN, postgresql_where=ONLY_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    number: Mapped[int]
    version: Mapped[str]
    files: Mapped[Any] = mapped_column(Canonical)
    media: Mapped[Any] = mapped_column(Canonical)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    state: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    proposal: Mapped[Any | None] = mapped_column(Canonical)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(Moment)


class Kept(NamedTuple):
    """A course somebody may publish, with what is live of it, who made that so, and its draft."""

    course: Course
    publication: Publication
    publisher: str | None
    draft: Draft | None
    maker: str | None
    proposer: str | None


_PUBLISHER, _MAKER, _PROPOSER = aliased(Person), aliased(Person), aliased(Person)
_COLUMNS: tuple[Any, ...] = (Course, Publication, _PUBLISHER.name, Draft, _MAKER.name, _PROPOSER.name)
_KEPT: Select[Any] = (
    select(*_COLUMNS)
    .join(Publication, Publication.course_id == Course.id)
    .outerjoin(Draft, (Draft.course_id == Course.id) & (Draft.state == OPEN))
    .outerjoin(_PUBLISHER, _PUBLISHER.id == Publication.published_by)
    .outerjoin(_MAKER, _MAKER.id == Draft.made_by)
    .outerjoin(_PROPOSER, _PROPOSER.id == Draft.proposed_by)
    .where(
        Publication.id
        == select(func.max(Publication.id))
        .where(Publication.course_id == Course.id)
        .correlate(Course)
        .scalar_subquery()
    )
    .order_by(Publication.title, Course.id)
)


def keeps(actor: Actor) -> ColumnElement[bool]:
    """That the actor's organisation publishes a course: its own, or a shared one it keeps."""
    shared = Course.organisation_id.is_(None) & (Course.kept_by == actor.organisation)
    return or_(Course.organisation_id == actor.organisation, shared)


def kept(session: Session, actor: Actor) -> Sequence[Kept]:
    """The courses that educators of the actor's organisation publish, by title."""
    return [Kept._make(row) for row in session.execute(_KEPT.where(keeps(actor)))]


def kept_of(session: Session, actor: Actor, course: int) -> Kept:
    """One of `kept`, fetched and authorised at once. Raises NotFound."""
    row = session.execute(_KEPT.where(keeps(actor), Course.id == course)).one_or_none()
    if row is None:
        raise NotFound
    return Kept._make(row)


def kept_draft(session: Session, actor: Actor, draft: int) -> Kept:
    """An open draft the actor may publish, fetched and authorised at once. Raises NotFound for anything else."""
    row = session.execute(_KEPT.where(keeps(actor), Draft.id == draft)).one_or_none()
    if row is None:
        _once_kept(session, actor, draft)
        raise NotFound
    return Kept._make(row)


def _once_kept(session: Session, actor: Actor, draft: int) -> None:
    """Raises Ended for a draft the actor could have published and that somebody has closed."""
    mine = select(Draft.state).join(Course, Course.id == Draft.course_id).where(Draft.id == draft, keeps(actor))
    if session.scalar(mine) is not None:
        raise Ended("This draft was published, replaced or discarded meanwhile. The page Drafts shows what waits now.")


def kept_course(session: Session, organisation: int | None, name: str) -> Kept:
    """A course by its name, for whoever runs the installation. Raises NotFound where it was never published."""
    row = session.execute(
        _KEPT.where(Course.name == name, Course.organisation_id.is_not_distinct_from(organisation))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no course %(name)s here yet; take it in with mesotrain sync.", name=name)
    return Kept._make(row)


def waiting(session: Session, organisation: int | None) -> Sequence[str]:
    """Names of the courses that have a draft."""
    return session.scalars(
        select(Course.name)
        .join(Draft, Draft.course_id == Course.id)
        .where(Draft.state == OPEN, Course.organisation_id.is_not_distinct_from(organisation))
        .order_by(Course.name)
    ).all()


def newest(session: Session, course: int) -> Publication | None:
    """What is live of a course."""
    return session.scalar(
        select(Publication).where(Publication.course_id == course).order_by(Publication.id.desc()).limit(1)
    )


def lock(session: Session, course: int) -> None:
    """Keeps everybody else from publishing this course, or taking in a text of it, until this unit of work ends."""
    session.execute(select(Course.id).where(Course.id == course).with_for_update())


def open_draft(session: Session, course: int) -> Draft | None:
    return session.scalar(select(Draft).where(Draft.course_id == course, Draft.state == OPEN))


def next_number(session: Session, course: int) -> int:
    """The number of the next draft of a course."""
    return 1 + (session.scalar(select(func.max(Draft.number)).where(Draft.course_id == course)) or 0)


def files_of(session: Session, draft: Draft) -> dict[str, str | bytes]:
    """The files of a draft as ``store.folders.read_folder`` gives those of a folder."""
    digests = set(draft.media.values())
    rows = session.execute(
        select(Media.digest, Media.content).where(Media.course_id == draft.course_id, Media.digest.in_(digests))
    )
    contents = {row.digest: row.content for row in rows}
    return {**draft.files, **{path: contents[name] for path, name in draft.media.items()}}


def live_pieces(session: Session, publication: Publication) -> list[Piece]:
    """What a publication says, as ``core.drafts.pieces`` gives it of a text."""
    words = {"title": publication.title, "language": publication.language, "status": publication.status}
    rules = session.execute(
        select(Competency.code, CompetencyRule)
        .join(CompetencyRule, CompetencyRule.competency_id == Competency.id)
        .where(CompetencyRule.publication_id == publication.id)
    ).all()
    found = [Piece.of_model("competency", code, _rule(code, rule)) for code, rule in rules]
    found += [Piece.of_model("reference", one["code"], one) for one in publication.reference_list]
    found += scheme_pieces(scheme_of(publication.scheme))
    modules = session.execute(
        select(Module.name, ModuleVersion, Competency.code)
        .join(ModuleVersion, ModuleVersion.module_id == Module.id)
        .join(Competency, Competency.id == ModuleVersion.competency_id)
        .join(PublishedModule, PublishedModule.module_version_id == ModuleVersion.id)
        .where(PublishedModule.publication_id == publication.id)
        .order_by(PublishedModule.position)
    ).all()
    order = [name for name, _, _ in modules]
    found += [Piece.of_model("course", "course", {**words, "modules": order})]
    sections = _sections(session, modules)
    for name, version, code in modules:
        named = {one.version: one.name for one in sections if one.place == name}
        front = {**_front(version, code), "sections": [named[one] for one in version.sections]}
        found.append(Piece.of_model("module", name, front))
    return found + sections + _questions(session, publication)


def _rule(code: str, rule: CompetencyRule) -> dict[str, Any]:
    return {
        "title": rule.title,
        "can": rule.can,
        "competency": code,
        "valid_months": rule.valid_months,
        "renewal_days": rule.renewal_days,
        "grace_days": rule.grace_days,
    }


def _front(version: ModuleVersion, competency: str) -> dict[str, Any]:
    return {
        "title": version.title,
        "summary": version.summary,
        "competency": competency,
        "minutes": version.minutes,
        "outcomes": version.outcomes,
        "quiz": version.quiz,
        "sign_off": version.sign_off,
    }


_FIGURE = re.compile(r'src="/media/([0-9a-f]{64})\.')
_WORDS = re.compile(r'<abbr title="([^"]*)">([^<]*)</abbr>')


def _shown(html: str) -> tuple[str, ...]:
    """The digests of the figures of a section, in their order, and the words behind its abbreviations."""
    words = sorted({f"{unescape(short)}: {unescape(long)}" for long, short in _WORDS.findall(html)})
    return (*_FIGURE.findall(html), *words)


def _sections(session: Session, modules: Sequence[Any]) -> list[Piece]:
    """The sections in course order. Before ids were of the whole course, two lessons could share one: see `_named`."""
    of = {version.module_id: (name, version.sections) for name, version, _ in modules}
    rows = session.scalars(select(SectionVersion).where(SectionVersion.module_id.in_(of))).all()
    live = [row for row in rows if row.version in of[row.module_id][1]]
    order = list(of)
    live.sort(key=lambda row: (order.index(row.module_id), of[row.module_id][1].index(row.version)))
    used: set[str] = set()
    return [
        Piece(
            "section",
            _named(row.name, of[row.module_id][0], used),
            of[row.module_id][0],
            row.version,
            row.title,
            row.text,
            _shown(row.html),
        )
        for row in live
    ]


def _named(name: str, module: str, used: set[str]) -> str:
    """The id of a section, which `used` then holds; one that an earlier lesson has is told apart by its module."""
    own = f"{module}-{name}" if name in used else name
    used.add(own)
    return own


def _questions(session: Session, publication: Publication) -> list[Piece]:
    rows = session.execute(
        select(Question.name, Module.name, QuestionVersion.version, QuestionKey.source)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .join(PublishedQuestion, PublishedQuestion.question_version_id == QuestionVersion.id)
        .join(ModuleVersion, ModuleVersion.id == PublishedQuestion.module_version_id)
        .join(Module, Module.id == ModuleVersion.module_id)
        .where(PublishedQuestion.publication_id == publication.id)
    )
    return [Piece("question", name, module, version, name, source) for name, module, version, source in rows]


def live_parts(session: Session, publication: Publication) -> dict[str, tuple[Part, Part]]:
    """What a taker may see, and the key, of each question of a publication by its name."""
    rows = session.execute(
        select(Question.name, QuestionVersion.taker, QuestionKey.key)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .join(PublishedQuestion, PublishedQuestion.question_version_id == QuestionVersion.id)
        .where(PublishedQuestion.publication_id == publication.id)
    )
    return {name: (taker, key) for name, taker, key in rows}


def once_published(session: Session, course: int) -> Once:
    """All that was ever live of a course, and since which publication."""
    found = dict[tuple[str, str, str], int]()

    def had(number: int, kind: str, name: str, said: Iterable[str]) -> None:
        for one in ("", *said):
            found[kind, name, one] = min(number, found.get((kind, name, one), number))

    def had_values(number: int, kind: str, name: str, model: dict[str, Any]) -> None:
        had(number, kind, name, Piece.of_model(kind, name, model).says)

    for row in session.execute(_HEADS, {"course": course}):
        had_values(row.number, "course", "course", {"title": row.title, "language": row.language, "status": row.status})
        for one in row.reference_list:
            had_values(row.number, "reference", one["code"], one)
        for piece in scheme_pieces(scheme_of(row.scheme)):
            had(row.number, *piece.key, piece.says)
    for number, code, rule in session.execute(_RULES, {"course": course}):
        had_values(number, "competency", code, _rule(code, rule))
    stood = {(row.module_id, row.version): row.name for row in session.execute(_STOOD, {"course": course})}
    for number, module, version, code in session.execute(_TAUGHT, {"course": course}):
        had_values(number, "module", module, _front(version, code))
        for section in version.sections:
            had(number, "section", stood[version.module_id, section], says(section, module))
    for number, name, module, question in session.execute(_ASKED, {"course": course}):
        had(number, "question", name, says(question, module))
    return found


_FIRST = func.min(Publication.number)
_OF: BindParameter[int] = bindparam("course")
_HEADS = select(
    Publication.number,
    Publication.title,
    Publication.language,
    Publication.status,
    Publication.reference_list,
    Publication.scheme,
).where(Publication.course_id == _OF)
_RULES = (
    select(Publication.number, Competency.code, CompetencyRule)
    .join(CompetencyRule, CompetencyRule.publication_id == Publication.id)
    .join(Competency, Competency.id == CompetencyRule.competency_id)
    .where(Publication.course_id == _OF)
)
_STOOD = select(SectionVersion.module_id, SectionVersion.version, SectionVersion.name).where(
    SectionVersion.course_id == _OF
)
_TAUGHT = (
    select(_FIRST, Module.name, ModuleVersion, Competency.code)
    .join(PublishedModule, PublishedModule.publication_id == Publication.id)
    .join(ModuleVersion, ModuleVersion.id == PublishedModule.module_version_id)
    .join(Module, Module.id == ModuleVersion.module_id)
    .join(Competency, Competency.id == ModuleVersion.competency_id)
    .where(Publication.course_id == _OF)
    .group_by(Module.name, ModuleVersion.id, Competency.code)
)
_ASKED = (
    select(_FIRST, Question.name, Module.name, QuestionVersion.version)
    .join(PublishedQuestion, PublishedQuestion.publication_id == Publication.id)
    .join(QuestionVersion, QuestionVersion.id == PublishedQuestion.question_version_id)
    .join(Question, Question.id == QuestionVersion.question_id)
    .join(ModuleVersion, ModuleVersion.id == PublishedQuestion.module_version_id)
    .join(Module, Module.id == ModuleVersion.module_id)
    .where(Publication.course_id == _OF)
    .group_by(Question.name, Module.name, QuestionVersion.version)
)


def version_of(files: dict[str, str], media: dict[str, str]) -> str:
    """Names the whole text of a draft."""
    return digest({"files": dict(files), "media": dict(media)})
