"""Publishing: a course read from text becomes what people read and are examined on."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.core.canonical import Json, digest
from mesotrain.core.courses import CHANGE_CLASSES, Course, Module, Question, Reference
from mesotrain.core.errors import Refused
from mesotrain.formats.markup import render, shown
from mesotrain.store import catalogue, competence
from mesotrain.store import courses as store
from mesotrain.store.events import Said, record

T = TypeVar("T", store.Course, store.Competency, store.Module, store.Question)


def publish(
    session: Session, now: datetime, course: Course, organisation: int | None = None, change: str = ""
) -> store.Publication | None:
    """Makes this text live; None where it already is.

    `change` is the class of the change to sections that were published before in other words. Raises Refused when
    there are such sections and no class is given. Attempts, scores and evidence keep the versions they have.
    """
    row = _identity(session, store.Course, organisation_id=organisation, name=course.name)
    before = session.scalar(
        select(store.Publication).where(store.Publication.course_id == row.id).order_by(store.Publication.id.desc())
    )
    changes = _changes(session, row.id, before, course, change)
    publication = store.Publication(
        course_id=row.id,
        number=before.number + 1 if before else 1,
        version=_version(course),
        title=course.title,
        language=course.language,
        status=course.status,
        published_at=now,
        reference_list=[_reference(one) for one in course.references],
        changes=changes,
    )
    if before and before.version == publication.version:
        return None
    session.add(publication)
    _media(session, row.id, course)
    session.flush()
    rules = _competencies(session, row.id, publication.id, course)
    for position, module in enumerate(course.modules, 1):
        _module(session, row.id, publication.id, position, course, module, rules[module.competency])
    session.flush()
    facts: dict[str, Json] = {"course": row.id, "publication": publication.number, "changes": changes}
    record(session, now, Said("course.published", organisation, "", "", facts))
    competence.rebuild(session)
    return publication


def _version(course: Course) -> str:
    model: Json = {
        "title": course.title,
        "language": course.language,
        "status": course.status,
        "rules": [one.model() for one in course.competencies],
        "references": [_reference(one) for one in course.references],
        "modules": [[module.version, *(one.version for one in module.questions)] for module in course.modules],
    }
    return digest(model)


def _changes(
    session: Session, course: int, before: store.Publication | None, text: Course, change: str
) -> dict[str, Json]:
    """The class of every section's change since the publication before, by ``module#section``."""
    known = catalogue.live_sections(session, before.id) if before else {}
    found: dict[str, Json] = {}
    for module in text.modules:
        for section in module.sections:
            name = f"{module.name}#{section.name}"
            if known.get(name) != section.version:
                found[name] = change if name in known else "new"
    if gone := known.keys() - {
        f"{module.name}#{section.name}" for module in text.modules for section in module.sections
    }:
        found |= dict.fromkeys(gone, "retired")
    if "" in found.values():
        raise Refused(
            "These sections were published in other words: %(sections)s. Say how they changed: %(classes)s.",
            sections=", ".join(sorted(name for name, kind in found.items() if not kind)),
            classes=", ".join(CHANGE_CLASSES),
        )
    return found


def _reference(one: Reference) -> Json:
    sources: list[Json] = [{"text": source.text, "url": source.url, "seen": source.seen} for source in one.sources]
    return {"code": one.code, "kind": one.kind, "note": one.note, "sources": sources}


def _identity(session: Session, kind: type[T], **names: object) -> T:
    """The row of this identity, made where there is none."""
    row = session.scalar(select(kind).filter_by(**names))
    if row is None:
        row = kind(**names)
        session.add(row)
        session.flush()
    return row


def _media(session: Session, course: int, text: Course) -> None:
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
    session: Session, course: int, publication: int, position: int, text: Course, module: Module, competency: int
) -> None:
    row = _identity(session, store.Module, course_id=course, name=module.name)
    codes = {one.code for one in text.references}
    for section in module.sections:
        names = {"course_id": course, "module_id": row.id, "version": section.version}
        if session.scalar(select(store.SectionVersion.id).filter_by(**names)) is None:
            html = render(
                section.text,
                abbreviations=section.abbreviations,
                cite=codes,
                media=section.media,
                prefix=section.name,
            )
            session.add(
                store.SectionVersion(**names, name=section.name, title=section.title, text=section.text, html=html)
            )
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
        version = _question(session, course, codes, question)
        session.add(store.PublishedQuestion(**published, question_version_id=version, position=place))


def _question(session: Session, course: int, codes: set[str], question: Question) -> int:
    row = _identity(session, store.Question, course_id=course, name=question.name)
    names = {"course_id": course, "question_id": row.id, "version": question.version}
    if known := session.scalar(select(store.QuestionVersion.id).filter_by(**names)):
        return known
    version = store.QuestionVersion(
        **names,
        competency=question.competency,
        points=str(question.points),
        taker=question.taker,
        shown=shown(question.taker, cite=codes, media=question.media),
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
            shown=shown(question.key, cite=codes, media=question.media),
            source=question.source,
        )
    )
    return version.id
