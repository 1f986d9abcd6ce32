"""The banks that the assessments of a course draw on, and what of them is out."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assessments import Kept
from mesotrain.core.plans import Pool
from mesotrain.store.catalogue import NO_ESSAY, Live
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
    module: str
    at_once: bool
    out: bool


_BANKS = (
    select(
        QuestionVersion.version,
        QuestionVersion.id,
        QuestionVersion.question_id,
        QuestionVersion.competency,
        QuestionKey.level,
        Module.name,
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
    .where(Module.name.in_(bindparam("modules", expanding=True)))
    .order_by(PublishedModule.position, PublishedQuestion.position)
)


def banks(session: Session, actor: Actor, *modules: Live) -> list[Drawable]:
    """The banks of the assessments of these live modules of a course, in its order."""
    names = {name for live in modules for name in (live.module.name, *live.version.quiz.get("draws_on", ()))}
    publication = modules[0].publication.id
    which = {"organisation": actor.organisation, "publication": publication, "modules": sorted(names)}
    return list(map(Drawable._make, session.execute(_BANKS, which)))


def pool(quiz: Kept, module: str, found: Iterable[Drawable]) -> Pool:
    """Those of them that the assessment of one module may draw, as ``core.courses.pool`` says it."""
    names = {module, *quiz.get("draws_on", ())}
    return {
        one.version: (one.competency, one.level)
        for one in found
        if one.module in names and (one.at_once or not quiz.get("practice"))
    }
