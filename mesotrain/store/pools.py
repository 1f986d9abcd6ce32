"""The banks that the assessments of a course draw on, and what of them is out."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from mesotrain.core.plans import Pool, Sort
from mesotrain.store import attempts
from mesotrain.store.catalogue import NO_ESSAY
from mesotrain.store.courses import (
    Module,
    ModuleVersion,
    PublishedModule,
    PublishedQuestion,
    QuestionKey,
    QuestionVersion,
)
from mesotrain.store.holds import is_out


class Drawable(NamedTuple):
    """A question of a bank; one marked `at_once` needs nobody for it, and one that is `out` is asked of nobody new."""

    version: str
    id: int
    question: int
    competency: str
    level: str
    safety: str
    module: str
    of: int
    at_once: bool
    out: bool


_BANKS = (
    select(
        QuestionVersion.version,
        QuestionVersion.id,
        QuestionVersion.question_id,
        QuestionVersion.competency,
        QuestionKey.level,
        QuestionKey.safety,
        Module.name,
        Module.id,
        NO_ESSAY,
        is_out(bindparam("organisation")),
    )
    .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
    .join(PublishedQuestion, PublishedQuestion.question_version_id == QuestionVersion.id)
    .join(
        PublishedModule,
        (PublishedModule.publication_id == PublishedQuestion.publication_id)
        & (PublishedModule.module_version_id == PublishedQuestion.module_version_id),
    )
    .join(ModuleVersion, ModuleVersion.id == PublishedQuestion.module_version_id)
    .join(Module, Module.id == ModuleVersion.module_id)
    .where(PublishedQuestion.publication_id == bindparam("publication"), QuestionVersion.practice.is_(False))
    .where(
        or_(Module.id.in_(bindparam("modules", expanding=True)), Module.name.in_(bindparam("others", expanding=True)))
    )
    .order_by(PublishedModule.position, PublishedQuestion.position)
)


def banks(session: Session, organisation: int, publication: int, *modules: ModuleVersion) -> list[Drawable]:
    """The banks of the assessments of these modules of a publication, in its order; what is out, for whom asks."""
    others = {name for module in modules for name in module.quiz.get("draws_on", ())}
    which = {"publication": publication, "modules": [one.module_id for one in modules], "others": sorted(others)}
    return list(map(Drawable._make, session.execute(_BANKS, which | {"organisation": organisation})))


class Open(NamedTuple):
    """What may be asked of somebody now: questions by their versions, what each is of, and those they met before."""

    found: dict[str, Drawable]
    pool: Pool
    met: set[str]


def open_to(session: Session, organisation: int, person: int, publication: int, module: ModuleVersion) -> Open:
    """What the assessment of one module may ask of somebody; nothing that is out."""
    found = {one.version: one for one in banks(session, organisation, publication, module) if not one.out}
    met = attempts.met(session, organisation, person)
    return Open(found, pool(module, found.values()), {version for version, one in found.items() if one.question in met})


def pool(module: ModuleVersion, found: Iterable[Drawable]) -> Pool:
    """Those of them that the assessment of one module may draw, as ``core.courses.pool`` says it."""
    others, practice = module.quiz.get("draws_on", ()), module.quiz.get("practice")
    return {
        one.version: Sort(one.competency, one.level, one.safety)
        for one in found
        if (one.of == module.module_id or one.module in others) and (one.at_once or not practice)
    }
