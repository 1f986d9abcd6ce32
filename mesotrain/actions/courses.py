"""Publishing: a course read from text becomes what people read and are examined on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mesotrain.actions import coming
from mesotrain.core.canonical import Json, digest
from mesotrain.core.changes import lowered
from mesotrain.core.courses import CHANGE_CLASSES, Course, Question, Section
from mesotrain.core.drafts import Plan, pieces, plan
from mesotrain.core.errors import Refused
from mesotrain.core.questions import Part
from mesotrain.formats.markup import render, shown_both, words
from mesotrain.store import competence, drafts, search
from mesotrain.store import courses as store
from mesotrain.store.events import Said, record

T = TypeVar("T", store.Course, store.Competency)
N = TypeVar("N", store.Module, store.Question)


@dataclass(frozen=True)
class Signature:
    """Who publishes, and where a change is called less than was proposed, who agrees to it and to which reason."""

    person: int
    commitment: str
    second: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Ready:
    """A text with all of it that takes long to make, so that nobody waits for it while it is published.

    `against` is the number of the publication it was held against, `draft` the version of the draft it is. `html` holds
    the sections that are new, by module and version; `shown` the questions that are, by name and version: what a taker
    sees, and the key. `found` are the sections as they are searched.
    """

    text: Course
    against: int
    plan: Plan
    html: Mapping[tuple[str, str], str]
    shown: Mapping[tuple[str, str], tuple[Part, Part]]
    found: Sequence[dict[str, str]]
    draft: str = ""


def make_ready(session: Session, text: Course, organisation: int | None, draft: str = "") -> Ready:
    """Makes what publishing this text takes; only reads."""
    row = session.scalar(select(store.Course).filter_by(organisation_id=organisation, name=text.name))
    live = drafts.newest(session, row.id) if row else None
    sections = store.section_htmls(session, row.id) if row else {}
    asked = store.question_versions(session, row.id) if row else {}
    codes = {one.code for one in text.references}
    html = {
        (module.name, one.version): _html(one, codes, text.name)
        for module in text.modules
        for one in module.sections
        if (module.name, one.version) not in sections
    }
    return Ready(
        text,
        live.number if live else 0,
        plan(drafts.live_pieces(session, live) if live else (), pieces(text)),
        html,
        {
            (one.name, one.version): _rendered(one, codes, text.name)
            for module in text.modules
            for one in module.questions
            if (one.name, one.version) not in asked
        },
        search.rows(_found(text, sections | html)),
        draft,
    )


def _html(section: Section, codes: set[str], course: str) -> str:
    return render(
        section.text,
        abbreviations=section.abbreviations,
        cite=codes,
        media=section.media,
        prefix=section.name,
        course=course,
    )


def _rendered(question: Question, codes: set[str], course: str) -> tuple[Part, Part]:
    return shown_both(question.taker, question.key, cite=codes, media=question.media, course=course)


def _found(text: Course, html: Mapping[tuple[str, str], str]) -> list[dict[str, str]]:
    """The sections as they are searched."""
    return [
        {
            "module": module.name,
            "module_title": module.title,
            "section": section.name,
            "title": section.title,
            "words": words(html[module.name, section.version]),
        }
        for module in text.modules
        for section in module.sections
    ]


def publish(
    session: Session,
    now: datetime,
    course: Course,
    organisation: int | None = None,
    change: str = "",
    *,
    classes: Mapping[str, str] | None = None,
    by: Signature | None = None,
    ready: Ready | None = None,
) -> store.Publication | None:
    """Makes this text live; None where it already is.

    `classes` says of changed sections, by ``module#section``, how they changed, and `change` of all others; what nobody
    says is as `core.changes.proposed` has it. Raises Refused where that is less than a change asks for and `by` names
    no second person, and as `coming.check` does. Attempts and evidence keep their versions. What is not `ready` is now.
    """
    row = _identity(session, store.Course, organisation_id=organisation, name=course.name)
    before = drafts.newest(session, row.id)
    version = version_of(course)
    if before and before.version == version:
        return None
    if ready is None or ready.against != (before.number if before else 0) or ready.text != course:
        ready = make_ready(session, course, organisation)
    coming.check(session, now, row.id, course.scheme)
    called = classes_of(ready.plan, classes or {}, change)
    lowered = _lowered(ready.plan, called, by)
    publication = store.Publication(
        **_head(course),
        course_id=row.id,
        number=before.number + 1 if before else 1,
        version=version,
        published_at=now,
        published_by=by.person if by else None,
        changes=ready.plan.recorded(called),
        lowered=lowered,
        signed_by=by.second if by and lowered else None,
        reason=by.reason if by and lowered else "",
    )
    session.add(publication)
    keep_media(session, row.id, course)
    session.flush()
    _parts(session, row.id, publication.id, ready)
    _say(session, now, row, publication, by)
    competence.rebuild(session)
    return publication


def _parts(session: Session, course: int, publication: int, ready: Ready) -> None:
    rules = _competencies(session, course, publication, ready.text)
    modules = _identities(session, store.Module, course, [one.name for one in ready.text.modules])
    _sections(session, course, modules, ready)
    taught = _modules(session, course, publication, modules, rules, ready.text)
    _questions(session, course, publication, taught, ready)
    search.project(session, course, ready.found)


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
        "scheme": course.scheme.model(),
    }


def keep(session: Session, course: str, organisation: int) -> None:
    """Says which organisation's educators publish a shared course."""
    _identity(session, store.Course, organisation_id=None, name=course).kept_by = organisation


def version_of(course: Course) -> str:
    """Names all that a course says."""
    model: dict[str, Json] = {
        "title": course.title,
        "language": course.language,
        "status": course.status,
        "rules": [one.model() for one in course.competencies],
        "references": [one.model() for one in course.references],
        "modules": [[module.version, *(one.version for one in module.questions)] for module in course.modules],
    }
    if scheme := course.scheme.model():
        model["scheme"] = scheme
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


def _identities(session: Session, kind: type[N], course: int, names: Sequence[str]) -> dict[str, int]:
    """The ids of all these names, made where there are none."""
    rows = {row.name: row for row in session.scalars(select(kind).filter_by(course_id=course))}
    session.add_all(rows.setdefault(name, kind(course_id=course, name=name)) for name in names if name not in rows)
    session.flush()
    return {name: rows[name].id for name in names}


def _sections(session: Session, course: int, modules: Mapping[str, int], ready: Ready) -> None:
    """Keeps the section versions that are new."""
    session.add_all(
        store.SectionVersion(
            course_id=course,
            module_id=modules[module.name],
            version=one.version,
            name=one.name,
            title=one.title,
            text=one.text,
            html=ready.html[module.name, one.version],
        )
        for module in ready.text.modules
        for one in module.sections
        if (module.name, one.version) in ready.html
    )


def _modules(
    session: Session, course: int, publication: int, modules: Mapping[str, int], rules: Mapping[str, int], text: Course
) -> dict[str, int]:
    """Publishes the modules; gives the id of each one's version."""
    known = {
        (row.module_id, row.version): row
        for row in session.scalars(select(store.ModuleVersion).filter_by(course_id=course))
    }
    frozen = {
        one.name: known.get((modules[one.name], one.version))
        or store.ModuleVersion(
            course_id=course,
            module_id=modules[one.name],
            version=one.version,
            competency_id=rules[one.competency],
            title=one.title,
            summary=one.summary,
            minutes=one.minutes,
            outcomes=list(one.outcomes),
            quiz=one.quiz.model(),
            sign_off=one.sign_off,
            sections=[section.version for section in one.sections],
        )
        for one in text.modules
    }
    session.add_all(frozen.values())
    session.flush()
    session.add_all(
        store.PublishedModule(course_id=course, publication_id=publication, module_version_id=row.id, position=position)
        for position, row in enumerate(frozen.values(), 1)
    )
    session.flush()
    return {name: row.id for name, row in frozen.items()}


def _questions(session: Session, course: int, publication: int, taught: Mapping[str, int], ready: Ready) -> None:
    """Publishes the questions, and keeps the versions that are new."""
    asked = [one for module in ready.text.modules for one in module.questions]
    names = _identities(session, store.Question, course, [one.name for one in asked])
    new = {
        (one.name, one.version): _question(course, names[one.name], one, ready.shown[one.name, one.version][0])
        for one in asked
        if (one.name, one.version) in ready.shown
    }
    session.add_all(new.values())
    session.flush()
    session.add_all(
        _key(new[one.name, one.version], one, ready.shown[one.name, one.version][1])
        for one in asked
        if (one.name, one.version) in new
    )
    versions = store.question_versions(session, course)
    session.add_all(
        store.PublishedQuestion(
            course_id=course,
            publication_id=publication,
            module_version_id=taught[module.name],
            question_version_id=versions[one.name, one.version],
            position=place,
        )
        for module in ready.text.modules
        for place, one in enumerate(module.questions, 1)
    )


def _question(course: int, question: int, one: Question, taker: Part) -> store.QuestionVersion:
    return store.QuestionVersion(
        course_id=course,
        question_id=question,
        version=one.version,
        competency=one.competency,
        points=str(one.points),
        taker=one.taker,
        shown=taker,
        practice=one.practice,
    )


def _key(version: store.QuestionVersion, one: Question, shown: Part) -> store.QuestionKey:
    return store.QuestionKey(
        question_version_id=version.id,
        course_id=version.course_id,
        level=one.level,
        safety=one.safety,
        sections=list(one.sections),
        cites=list(one.cites),
        key=one.key,
        shown=shown,
        source=one.source,
    )
