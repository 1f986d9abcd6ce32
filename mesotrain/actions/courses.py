"""Publishing: a course read from text becomes what people read and are examined on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.core.canonical import Json, digest
from mesotrain.core.changes import lowered
from mesotrain.core.courses import CHANGE_CLASSES, Course, Module, Question, Section
from mesotrain.core.drafts import Plan, pieces, plan
from mesotrain.core.errors import Refused
from mesotrain.formats.markup import render, shown, words
from mesotrain.store import competence, drafts, search
from mesotrain.store import courses as store
from mesotrain.store.events import Said, record

T = TypeVar("T", store.Course, store.Competency, store.Module, store.Question)


@dataclass(frozen=True)
class Signature:
    """Who publishes, and where a change is called less than was proposed, who agrees to it and to which reason."""

    person: int
    commitment: str
    second: int | None = None
    reason: str = ""


def publish(
    session: Session,
    now: datetime,
    course: Course,
    organisation: int | None = None,
    change: str = "",
    *,
    classes: Mapping[str, str] | None = None,
    by: Signature | None = None,
) -> store.Publication | None:
    """Makes this text live; None where it already is.

    `classes` says of changed sections, by ``module#section``, how they changed, and `change` of all others; what nobody
    says is as `core.changes.proposed` has it. Raises Refused where that is less than a change asks for and `by` names
    no second person. Attempts, scores and evidence keep the versions they have.
    """
    row = _identity(session, store.Course, organisation_id=organisation, name=course.name)
    before = drafts.newest(session, row.id)
    version = _version(course)
    if before and before.version == version:
        return None
    changes = plan(drafts.live_pieces(session, before) if before else (), pieces(course))
    called = classes_of(changes, classes or {}, change)
    lowered = _lowered(changes, called, by)
    publication = store.Publication(
        **_head(course),
        course_id=row.id,
        number=before.number + 1 if before else 1,
        version=version,
        published_at=now,
        published_by=by.person if by else None,
        changes=changes.recorded(called),
        lowered=lowered,
        signed_by=by.second if by and lowered else None,
        reason=by.reason if by and lowered else "",
    )
    session.add(publication)
    keep_media(session, row.id, course)
    session.flush()
    _parts(session, row, publication.id, course)
    _say(session, now, row, publication, by)
    competence.rebuild(session)
    return publication


def _parts(session: Session, of: store.Course, publication: int, course: Course) -> None:
    rules = _competencies(session, of.id, publication, course)
    found: list[dict[str, str]] = []
    for position, module in enumerate(course.modules, 1):
        found += _module(session, of, publication, position, course, module, rules[module.competency])
    session.flush()
    search.project(session, of.id, found)


def _say(
    session: Session, now: datetime, course: store.Course, publication: store.Publication, by: Signature | None
) -> None:
    facts: dict[str, Json] = {"course": course.id, "publication": publication.number, "changes": publication.changes}
    actor = by.commitment if by else ""
    record(session, now, Said("course.published", course.organisation_id, actor, "", facts))


def _head(course: Course) -> dict[str, Json]:
    references: list[Json] = [one.model() for one in course.references]
    return {
        "title": course.title,
        "language": course.language,
        "status": course.status,
        "reference_list": references,
    }


def keep(session: Session, course: str, organisation: int) -> None:
    """Says which organisation's educators publish a shared course."""
    _identity(session, store.Course, organisation_id=None, name=course).kept_by = organisation


def _version(course: Course) -> str:
    model: Json = {
        "title": course.title,
        "language": course.language,
        "status": course.status,
        "rules": [one.model() for one in course.competencies],
        "references": [one.model() for one in course.references],
        "modules": [[module.version, *(one.version for one in module.questions)] for module in course.modules],
    }
    return digest(model)


def classes_of(found: Plan, classes: Mapping[str, str], change: str = "") -> dict[str, str]:
    """How each changed section is called: as `classes` says, else as `change` does, else as the plan wants it."""
    called = {one.name: classes.get(one.name) or change or one.wants for one in found.classed}
    for name in classes.keys() - called.keys():
        raise Refused("The section %(section)s does not change, so it needs no class.", section=name)
    for name, kind in called.items():
        if kind not in CHANGE_CLASSES:
            raise Refused("“%(kind)s” is no class of a change to %(section)s.", kind=kind, section=name)
    return called


def _lowered(found: Plan, called: Mapping[str, str], by: Signature | None) -> dict[str, Json]:
    """What was proposed for each section whose change is called less."""
    less: dict[str, Json] = {
        one.name: one.wants for one in found.classed if lowered(called[one.name], one.wants, one.touches)
    }
    if less and (by is None or by.second in (None, by.person)):
        raise Refused(
            "These changes touch what safety rests on, so a second person must agree to call them less: %(sections)s. "
            "That is done on the page of the draft.",
            sections=", ".join(less),
        )
    return less


def _identity(session: Session, kind: type[T], **names: object) -> T:
    """The row of this identity, made where there is none."""
    row = session.scalar(select(kind).filter_by(**names))
    if row is None:
        row = kind(**names)
        session.add(row)
        session.flush()
    return row


def keep_media(session: Session, course: int, text: Course) -> None:
    """Keeps the files of a text's figures."""
    known = set(session.scalars(select(store.Media.digest).filter_by(course_id=course)))
    session.add_all(
        store.Media(course_id=course, digest=one.digest, kind=one.kind, content=one.content)
        for one in text.media
        if one.digest not in known
    )


def _competencies(session: Session, course: int, publication: int, text: Course) -> dict[str, int]:
    found = {}
    for one in text.competencies:
        found[one.code] = _identity(session, store.Competency, course_id=course, code=one.code).id
        session.add(
            store.CompetencyRule(
                publication_id=publication,
                competency_id=found[one.code],
                course_id=course,
                version=digest(one.rule()),
                title=one.title,
                can=one.can,
                valid_months=one.valid_months,
                renewal_days=one.renewal_days,
                grace_days=one.grace_days,
            )
        )
    session.flush()
    return found


def _module(
    session: Session, of: store.Course, publication: int, position: int, text: Course, module: Module, competency: int
) -> list[dict[str, str]]:
    """Publishes a module; gives its sections as they are searched."""
    course = of.id
    row = _identity(session, store.Module, course_id=course, name=module.name)
    codes = {one.code for one in text.references}
    known = {"module": module.name, "module_title": module.title}
    found = [
        {
            **known,
            "section": section.name,
            "title": section.title,
            "words": words(_section(session, of, row.id, section, codes)),
        }
        for section in module.sections
    ]
    names = {"course_id": course, "module_id": row.id, "version": module.version}
    frozen = session.scalar(select(store.ModuleVersion).filter_by(**names)) or store.ModuleVersion(
        **names,
        competency_id=competency,
        title=module.title,
        summary=module.summary,
        minutes=module.minutes,
        outcomes=list(module.outcomes),
        quiz=module.quiz.model(),
        sign_off=module.sign_off,
        sections=[section.version for section in module.sections],
    )
    session.add(frozen)
    session.flush()
    published = {"course_id": course, "publication_id": publication, "module_version_id": frozen.id}
    session.add(store.PublishedModule(**published, position=position))
    session.flush()
    for place, question in enumerate(module.questions, 1):
        version = _question(session, of, codes, question)
        session.add(store.PublishedQuestion(**published, question_version_id=version, position=place))
    return found


def _section(session: Session, of: store.Course, module: int, section: Section, codes: set[str]) -> str:
    """Keeps a section version, if it is new, and gives its HTML."""
    names = {"course_id": of.id, "module_id": module, "version": section.version}
    if (known := session.scalar(select(store.SectionVersion.html).filter_by(**names))) is not None:
        return known
    html = render(
        section.text,
        abbreviations=section.abbreviations,
        cite=codes,
        media=section.media,
        prefix=section.name,
        course=of.name,
    )
    session.add(store.SectionVersion(**names, name=section.name, title=section.title, text=section.text, html=html))
    return html


def _question(session: Session, of: store.Course, codes: set[str], question: Question) -> int:
    course = of.id
    row = _identity(session, store.Question, course_id=course, name=question.name)
    names = {"course_id": course, "question_id": row.id, "version": question.version}
    if known := session.scalar(select(store.QuestionVersion.id).filter_by(**names)):
        return known
    version = store.QuestionVersion(
        **names,
        competency=question.competency,
        points=str(question.points),
        taker=question.taker,
        shown=shown(question.taker, cite=codes, media=question.media, course=of.name),
        practice=question.practice,
    )
    session.add(version)
    session.flush()
    session.add(
        store.QuestionKey(
            question_version_id=version.id,
            course_id=course,
            level=question.level,
            safety=question.safety,
            sections=list(question.sections),
            cites=list(question.cites),
            key=question.key,
            shown=shown(question.key, cite=codes, media=question.media, course=of.name),
            source=question.source,
        )
    )
    return version.id
