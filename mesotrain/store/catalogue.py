"""What is served now: the versions that each course's newest publication names.

Statements that a page runs are made once, here: making one costs as much as running it.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased, defer, load_only

from mesotrain.core.access import Actor
from mesotrain.core.errors import NotFound
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
from mesotrain.store.holds import is_out


def is_live(rule: type[CompetencyRule]) -> ColumnElement[bool]:
    """That a rule is the one its course's newest publication has."""
    newest = select(func.max(Publication.id)).where(Publication.course_id == rule.course_id).correlate(rule)
    return rule.publication_id == newest.scalar_subquery()


def is_newest(rule: type[CompetencyRule]) -> ColumnElement[bool]:
    """That a rule is the last its competency was given, even where the course no longer teaches it."""
    other = aliased(CompetencyRule)
    newest = select(func.max(other.publication_id)).where(other.competency_id == rule.competency_id)
    return rule.publication_id == newest.scalar_subquery()


class Live(NamedTuple):
    """A module as it is served now; `bank` is how many questions its quiz may draw.

    `out` are the versions of its practice questions that are asked of nobody now, where they are asked for.
    """

    course: Course
    publication: Publication
    module: Module
    version: ModuleVersion
    rule: CompetencyRule
    bank: int
    out: str | None = None

    @property
    def unasked(self) -> frozenset[int]:
        return frozenset(map(int, self.out.split(","))) if self.out else frozenset()


MAY_READ = or_(Course.organisation_id.is_(None), Course.organisation_id == bindparam("organisation"))
_BANK = (
    select(func.count())
    .select_from(PublishedQuestion)
    .join(QuestionVersion, QuestionVersion.id == PublishedQuestion.question_version_id)
    .where(
        PublishedQuestion.publication_id == PublishedModule.publication_id,
        PublishedQuestion.module_version_id == PublishedModule.module_version_id,
        QuestionVersion.practice.is_(False),
        ~is_out(bindparam("organisation")),
    )
    .correlate(PublishedModule)
    .scalar_subquery()
)


_LATER = aliased(Publication)
_IS_SERVED = (
    Publication.id
    == select(func.max(_LATER.id)).where(_LATER.course_id == Course.id).correlate(Course).scalar_subquery()
)


def _served(*columns: Any) -> Select[Any]:
    """These columns of the live modules an organisation may read, in course order."""
    return (
        select(*columns)
        .select_from(Course)
        .join(Publication, Publication.course_id == Course.id)
        .join(PublishedModule, PublishedModule.publication_id == Publication.id)
        .join(ModuleVersion, ModuleVersion.id == PublishedModule.module_version_id)
        .join(Module, Module.id == ModuleVersion.module_id)
        .where(_IS_SERVED, MAY_READ)
        .order_by(Course.name, Course.organisation_id.is_not(None), PublishedModule.position)
    )


def _live(*columns: Any) -> Select[Any]:
    """The same with the rule of the competency each module teaches."""
    taught = (CompetencyRule.publication_id == Publication.id) & (
        CompetencyRule.competency_id == ModuleVersion.competency_id
    )
    return _served(*columns).join(CompetencyRule, taught)


LIVE = _live(Course, Publication, Module, ModuleVersion, CompetencyRule, _BANK).options(
    defer(Publication.reference_list, raiseload=True),
    defer(Publication.changes, raiseload=True),
    defer(Publication.scheme, raiseload=True),
    defer(ModuleVersion.outcomes, raiseload=True),
)
QUIZZES = _served(
    Course.id.label("course_id"),
    Course.name.label("course"),
    Module.id.label("module_id"),
    Module.name.label("module"),
    ModuleVersion.title,
    ModuleVersion.quiz,
    Competency.code,
).join(Competency, Competency.id == ModuleVersion.competency_id)
"""The quiz or exam of each live module, and the competency of that."""
LIVE_OF = LIVE.where(Course.name == bindparam("course"))
"""The live modules an organisation may read, or those of the courses of a name, as `Live` has them."""
_OUT = (
    select(func.aggregate_strings(cast(QuestionVersion.id, Text), ","))
    .select_from(PublishedQuestion)
    .join(QuestionVersion, QuestionVersion.id == PublishedQuestion.question_version_id)
    .where(
        PublishedQuestion.publication_id == PublishedModule.publication_id,
        PublishedQuestion.module_version_id == PublishedModule.module_version_id,
        QuestionVersion.practice.is_(True),
        is_out(bindparam("organisation")),
    )
    .correlate(PublishedModule)
    .scalar_subquery()
)
_LIVE_NAMED = LIVE_OF.add_columns(_OUT).where(Module.name == bindparam("module"))


def live_modules(session: Session, actor: Actor) -> Sequence[Live]:
    """Every module the actor may read."""
    return [Live(*row) for row in session.execute(LIVE, {"organisation": actor.organisation})]


def live_course(session: Session, actor: Actor, course: str) -> Sequence[Live]:
    """The modules of the live course of this name. Raises NotFound where the actor has none."""
    rows = session.execute(LIVE_OF, {"organisation": actor.organisation, "course": course}).all()
    if not rows:
        raise NotFound
    return [live for live in (Live(*row) for row in rows) if live.course.id == rows[-1][0].id]


def live_module(session: Session, actor: Actor, course: str, module: str) -> Live:
    """The live module of these names. Raises NotFound where the actor has none; an organisation's own comes first."""
    names = {"organisation": actor.organisation, "course": course, "module": module}
    rows = session.execute(_LIVE_NAMED, names).all()
    if not rows:
        raise NotFound
    return Live._make(rows[-1])


class Check(NamedTuple):
    """A question that stands in a lesson, with its key."""

    name: str
    version: QuestionVersion
    key: QuestionKey


class Words(NamedTuple):
    """What a module says, what the citations of its lesson and its questions resolve to, and its practice questions."""

    outcomes: list[str]
    sections: Sequence[SectionVersion]
    references: list[Any]
    checks: list[Check]


def says(version: type[ModuleVersion]) -> ColumnElement[bool]:
    """That a section version is one of a module version's."""
    return type_coerce(version.sections, Text).contains(SectionVersion.version)


_WORDS = (
    select(
        SectionVersion, ModuleVersion.sections, ModuleVersion.outcomes, type_coerce(Publication.reference_list, Text)
    )
    .join(ModuleVersion, (ModuleVersion.module_id == SectionVersion.module_id) & says(ModuleVersion))
    .join(PublishedModule, PublishedModule.module_version_id == ModuleVersion.id)
    .join(Publication, Publication.id == PublishedModule.publication_id)
    .where(ModuleVersion.id == bindparam("module_version"), Publication.id == bindparam("publication"))
)
_ASKING = (
    select(Question.name, QuestionVersion, QuestionKey)
    .join(QuestionVersion, QuestionVersion.question_id == Question.id)
    .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
    .join(PublishedQuestion, PublishedQuestion.question_version_id == QuestionVersion.id)
    .where(
        PublishedQuestion.publication_id == bindparam("publication"),
        PublishedQuestion.module_version_id == bindparam("module_version"),
    )
    .options(
        load_only(
            QuestionVersion.version,
            QuestionVersion.question_id,
            QuestionVersion.points,
            QuestionVersion.shown,
            QuestionVersion.practice,
        ),
        load_only(QuestionKey.cites, QuestionKey.key, QuestionKey.shown),
    )
)
_CITED = re.compile(r"#ref-([A-Z0-9]+)")


def words_of(session: Session, live: Live) -> Words:
    """The words of a live module."""
    wanted = {"module_version": live.version.id, "publication": live.publication.id}
    rows = session.execute(_WORDS, wanted).all()
    _, versions, outcomes, references = rows[0]
    sections = sorted((row[0] for row in rows), key=lambda section: versions.index(section.version))
    asked = [Check._make(row) for row in session.execute(_ASKING, wanted)]
    texts = [section.html for section in sections]
    texts += [str(part) for one in asked for part in (one.version.shown, one.key.shown)]
    cited = {code for text in texts for code in _CITED.findall(text)} | {
        code for one in asked for code in one.key.cites
    }
    listed = [one for one in json.loads(references) if one["code"] in cited]
    practice = [one for one in asked if one.version.practice and one.version.id not in live.unasked]
    return Words(outcomes, sections, listed, practice)


def live_sections(*columns: Any) -> Select[Any]:
    """These columns of the live sections an organisation may read."""
    return _served(*columns).join(SectionVersion, (SectionVersion.module_id == Module.id) & says(ModuleVersion))


_WHERE = live_sections(Module.name).where(
    Course.name == bindparam("course"), SectionVersion.name == bindparam("section")
)


def module_of(session: Session, actor: Actor, course: str, section: str) -> str:
    """The module in which a section stands now. Raises NotFound where it stands in none."""
    names = {"organisation": actor.organisation, "course": course, "section": section}
    rows = session.execute(_WHERE, names).all()
    if not rows:
        raise NotFound("This section is no longer part of the course, or never was. The course page lists what is.")
    return str(rows[-1][0])


def live_section(session: Session, live: Live, section: str) -> str:
    """The version of a section of a live module. Raises NotFound where it has none of this name."""
    version = session.scalar(
        select(SectionVersion.version).where(
            SectionVersion.module_id == live.module.id,
            SectionVersion.name == section,
            SectionVersion.version.in_(live.version.sections),
        )
    )
    if version is None:
        raise NotFound
    return version


_MEDIUM = (
    select(Media.kind, Media.content)
    .join(Course, Course.id == Media.course_id)
    .where(Media.digest == bindparam("digest"), MAY_READ)
)


def medium(session: Session, actor: Actor, digest: str) -> tuple[str, bytes]:
    """(media type, content) of a file that a course of the actor's has or had. Raises NotFound where there is none."""
    row = session.execute(_MEDIUM, {"digest": digest, "organisation": actor.organisation}).first()
    if row is None:
        raise NotFound
    return row.kind, row.content


class Taught(NamedTuple):
    """A competency as it is taught now, and what its pages say of its rule."""

    id: int
    code: str
    title: str
    valid_months: int
    grace_days: int


IN_ORDER = Publication.scheme == {}, Course.name, Competency.id
"""The one order of competencies: first those of courses that clearance rests on, then by course, as it had them."""

COMPETENCIES = (
    select(
        Competency.id,
        Competency.code,
        CompetencyRule.title,
        CompetencyRule.valid_months,
        CompetencyRule.grace_days,
    )
    .select_from(CompetencyRule)
    .join(Competency, Competency.id == CompetencyRule.competency_id)
    .join(Course, Course.id == CompetencyRule.course_id)
    .join(Publication, Publication.id == CompetencyRule.publication_id)
    .where(is_live(CompetencyRule), MAY_READ)
    .order_by(*IN_ORDER)
)
"""Every competency an organisation teaches, in order."""


TAUGHT = (
    _served(Course.id.label("course_id"), Course.name, Publication.title, ModuleVersion.competency_id)
    .order_by(None)
    .distinct()
)
"""Each competency that a live course teaches, with the course."""


def taught_titles(session: Session, organisation: int) -> dict[int, str]:
    """The title of every competency an organisation teaches."""
    rows = session.connection().execute(COMPETENCIES, {"organisation": organisation})
    return {row.id: row.title for row in rows}


_TITLES = (
    select(Competency.code, CompetencyRule.title)
    .join(CompetencyRule, CompetencyRule.competency_id == Competency.id)
    .where(CompetencyRule.publication_id == bindparam("publication"))
)


def rule_titles(session: Session, publication: int) -> dict[str, str]:
    """The title of every competency of a publication, by its code."""
    return {row.code: row.title for row in session.connection().execute(_TITLES, {"publication": publication})}


NO_ESSAY = ~type_coerce(QuestionVersion.taker, Text).contains('"type":"essay"')
"""That a question is marked at once, by nobody."""


class Keyed(NamedTuple):
    """A question of a live bank with its key."""

    course: str
    language: str
    folder: str
    module: ModuleVersion
    name: str
    version: QuestionVersion
    key: QuestionKey


def keyed_live(*columns: Any) -> Select[Any]:
    """These columns of the questions of the live modules an organisation may read, in course order."""
    return (
        _served(*columns)
        .join(
            PublishedQuestion,
            (PublishedQuestion.publication_id == Publication.id)
            & (PublishedQuestion.module_version_id == ModuleVersion.id),
        )
        .join(QuestionVersion, QuestionVersion.id == PublishedQuestion.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
    )


_KEYED = (
    keyed_live(
        Course.name, Publication.language, Module.name, ModuleVersion, Question.name, QuestionVersion, QuestionKey
    )
    .order_by(PublishedQuestion.position)
    .options(load_only(ModuleVersion.title, raiseload=True))
)
_KEYED_LISTED = _KEYED.options(
    load_only(QuestionVersion.shown, QuestionVersion.practice, raiseload=True),
    load_only(QuestionKey.level, QuestionKey.safety, raiseload=True),
)
_KEYED_NAMED = _KEYED.where(Course.name == bindparam("course"), Question.name == bindparam("name"))


def live_questions(session: Session, actor: Actor) -> Sequence[Keyed]:
    """Every question of the actor's live modules in the banks' order, with as much of it as a list shows."""
    return [Keyed._make(row) for row in session.execute(_KEYED_LISTED, {"organisation": actor.organisation})]


def live_question(session: Session, actor: Actor, course: str, name: str) -> Keyed:
    """One of `live_questions`, whole. Raises NotFound where there is none; an organisation's own comes first."""
    names = {"organisation": actor.organisation, "course": course, "name": name}
    rows = session.execute(_KEYED_NAMED, names).all()
    if not rows:
        raise NotFound
    return Keyed._make(rows[-1])
