"""Questions on their way: the banks they can enter, those that are like them, and a bank that is taken elsewhere."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mesotrain.core import courses as core
from mesotrain.core.access import Actor
from mesotrain.core.canonical import Json
from mesotrain.core.errors import NotFound
from mesotrain.formats.lines import FIGURE
from mesotrain.store.catalogue import keyed_live
from mesotrain.store.courses import (
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
)
from mesotrain.store.drafts import PUBLISHED, Draft, keeps


class Place(NamedTuple):
    """A bank that questions can enter: its course and its module, as an educator knows them."""

    course: int
    module: str
    course_title: str
    title: str


def places(session: Session, actor: Actor) -> Sequence[Place]:
    """The modules of the courses the actor's organisation keeps, as they are live, in course order."""
    newest = select(func.max(Publication.id)).group_by(Publication.course_id)
    rows = session.execute(
        select(Course.id, Module.name, Publication.title, ModuleVersion.title)
        .join(Publication, Publication.course_id == Course.id)
        .join(PublishedModule, PublishedModule.publication_id == Publication.id)
        .join(ModuleVersion, ModuleVersion.id == PublishedModule.module_version_id)
        .join(Module, Module.id == ModuleVersion.module_id)
        .where(keeps(actor), Publication.id.in_(newest))
        .order_by(Publication.title, Course.id, PublishedModule.position)
    )
    return [Place._make(row) for row in rows]


_KNOWN = keyed_live(
    Course.name, Question.name, QuestionVersion.taker, QuestionKey.key, QuestionVersion.competency
).order_by(PublishedQuestion.position)


def known(session: Session, actor: Actor) -> dict[tuple[str, str], core.Question]:
    """The live questions of the actor's organisation, by course and id, with what they ask."""
    rows = session.execute(_KNOWN, {"organisation": actor.organisation})
    return {
        (course, name): core.Question(name, competency, "", (), "", (), Fraction(1), taker, key)
        for course, name, taker, key, competency in rows
    }


def names(session: Session, course: int) -> set[str]:
    """Every id that a question of this course ever had."""
    return set(session.scalars(select(Question.name).where(Question.course_id == course)))


def last_text(session: Session, course: int) -> Draft | None:
    """The draft that was published last."""
    found = select(Draft).where(Draft.course_id == course, Draft.state == PUBLISHED).order_by(Draft.number.desc())
    return session.scalar(found.limit(1))


class Taken(NamedTuple):
    """A module's live bank as it is taken elsewhere; `media` are the pictures by their path, `stems` HTML by id."""

    title: str
    questions: Sequence[core.Question]
    media: dict[str, bytes]
    stems: dict[str, str]


_BANK = (
    keyed_live(Course.id, ModuleVersion.title, Question.name, QuestionVersion, QuestionKey)
    .where(Course.name == bindparam("course"), Module.name == bindparam("module"))
    .order_by(PublishedQuestion.position)
)
_DIGEST = re.compile(r"/media/([0-9a-f]{64})\.")


def taken(session: Session, actor: Actor, course: str, module: str) -> Taken:
    """The live bank of a module the actor may read. Raises NotFound; an organisation's own course comes first."""
    found = {"organisation": actor.organisation, "course": course, "module": module}
    rows = session.execute(_BANK, found).all()
    rows = [row for row in rows if row[0] == rows[-1][0]]
    if not rows:
        raise NotFound
    figures: dict[str, str] = {}
    for *_, version, key in rows:
        for said, shown in ((version.taker, version.shown), (key.key, key.shown)):
            for text, html in zip(_texts(said), _texts(shown), strict=True):
                paths = [one["path"] for one in FIGURE.finditer(text)]
                figures |= dict(zip(paths, _DIGEST.findall(html), strict=False))
    media = select(Media.digest, Media.content).where(
        Media.course_id == rows[0][0], Media.digest.in_(set(figures.values()))
    )
    contents: dict[str, bytes] = {one.digest: one.content for one in session.execute(media)} if figures else {}
    pictures = {path: contents[digest] for path, digest in figures.items() if digest in contents}
    stems = {name: str(version.shown["stem"]) for _, _, name, version, _ in rows}
    return Taken(rows[0][1], [_question(*row[2:]) for row in rows], pictures, stems)


def _texts(part: Json) -> Iterator[str]:
    """Every text in a part of a question, in one order for its Markdown and its HTML, which says its rules besides."""
    match part:
        case str():
            yield part
        case list():
            yield from (text for one in part for text in _texts(one))
        case dict():
            yield from (text for name in sorted(part) if name != "rules" for text in _texts(part[name]))


def _question(name: str, version: QuestionVersion, key: QuestionKey) -> core.Question:
    return core.Question(
        name,
        version.competency,
        key.level,
        tuple(key.sections),
        key.safety,
        tuple(key.cites),
        Fraction(version.points),
        version.taker,
        key.key,
        practice=version.practice,
        source=key.source,
    )
