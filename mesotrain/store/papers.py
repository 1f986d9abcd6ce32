"""Papers as their readers need them: a taker without the keys, the marker and the review with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.core.assessments import proved_by
from mesotrain.core.errors import NotFound
from mesotrain.store.answers import Answer
from mesotrain.store.attempts import Attempt, AttemptSlot
from mesotrain.store.catalogue import is_newest, says
from mesotrain.store.courses import (
    Competency,
    CompetencyRule,
    Module,
    ModuleVersion,
    PublishedModule,
    QuestionKey,
    QuestionVersion,
    SectionVersion,
)
from mesotrain.store.holds import is_held, is_left_out
from mesotrain.store.people import Organisation, Person


class Slot(NamedTuple):
    """A place of a paper as a taker sees it, with their newest raw answer. There is no key in it."""

    position: int
    shown: Any
    fields: Any
    sequence: int | None


class KeyedSlot(NamedTuple):
    """A place of a paper with everything: for marking, and for review after release, which has `competency_title`.

    Its question may be `held` now, or `left_out` because it was found wrong.
    """

    position: int
    shown: Any
    fields: Any
    sequence: int | None
    taker: Any
    version: str
    competency: str
    points: str
    key: Any
    key_shown: Any
    sections: list[str]
    question: int
    safety: str
    held: bool
    left_out: bool
    competency_title: str | None = None


_SLOT = (AttemptSlot.position, QuestionVersion.shown, Answer.fields, Answer.sequence)
_KEYED_SLOT = (
    *_SLOT,
    QuestionVersion.taker,
    QuestionVersion.version,
    QuestionVersion.competency,
    QuestionVersion.points,
    QuestionKey.key,
    QuestionKey.shown,
    QuestionKey.sections,
    QuestionVersion.question_id,
    QuestionKey.safety,
    is_held(AttemptSlot.organisation_id),
    is_left_out(AttemptSlot.organisation_id),
)


def _slots(*columns: Any) -> Select[Any]:
    """These columns of the slots of an attempt, in order."""
    return (
        select(*columns)
        .select_from(AttemptSlot)
        .join(QuestionVersion, QuestionVersion.id == AttemptSlot.question_version_id)
        .outerjoin(Answer, (Answer.attempt_id == AttemptSlot.attempt_id) & (Answer.position == AttemptSlot.position))
        .where(AttemptSlot.attempt_id == bindparam("attempt"))
        .order_by(AttemptSlot.position)
    )


def _keyed(*columns: Any) -> Select[Any]:
    return _slots(*columns, *_KEYED_SLOT).join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)


_SLOTS = _slots(*_SLOT)
_KEYED_SLOTS = (
    _keyed()
    .add_columns(CompetencyRule.title)
    .outerjoin(
        Competency,
        (Competency.course_id == QuestionVersion.course_id) & (Competency.code == QuestionVersion.competency),
    )
    .outerjoin(CompetencyRule, (CompetencyRule.competency_id == Competency.id) & is_newest(CompetencyRule))
)


def slots(session: Session, attempt: int) -> list[Slot]:
    """The paper in order, without keys."""
    return [Slot._make(row) for row in session.connection().execute(_SLOTS, {"attempt": attempt})]


_SHOWN = (
    select(QuestionVersion.shown)
    .join(AttemptSlot, AttemptSlot.question_version_id == QuestionVersion.id)
    .where(AttemptSlot.attempt_id == bindparam("attempt"), AttemptSlot.position == bindparam("position"))
)


def shown_at(session: Session, attempt: int, position: int) -> Any:
    """What a taker is shown at a place of the paper."""
    return session.connection().scalar(_SHOWN, {"attempt": attempt, "position": position})


def keyed_slots(session: Session, attempt: int) -> list[KeyedSlot]:
    """The paper in order, with its keys: who may see them is the caller's to know."""
    return [KeyedSlot._make(row) for row in session.connection().execute(_KEYED_SLOTS, {"attempt": attempt})]


@dataclass(frozen=True)
class Paper:
    """All that ending an attempt needs, as one statement saw it."""

    attempt: Attempt
    module: ModuleVersion
    rule: CompetencyRule
    zone: str
    commitment: str
    slots: list[KeyedSlot]

    @property
    def held(self) -> bool:
        """Whether a question of it is held now."""
        return any(slot.held for slot in self.slots)


_PAPER = (
    _keyed(Attempt, ModuleVersion, CompetencyRule, Organisation.zone, Person.commitment)
    .join(Attempt, Attempt.id == AttemptSlot.attempt_id)
    .join(ModuleVersion, ModuleVersion.id == Attempt.module_version_id)
    .join(CompetencyRule, CompetencyRule.competency_id == ModuleVersion.competency_id)
    .join(Organisation, Organisation.id == Attempt.organisation_id)
    .join(Person, Person.id == Attempt.person_id)
    .where(is_newest(CompetencyRule))
)
_OWN_PAPER = _PAPER.where(
    Attempt.person_id == bindparam("person"), Attempt.organisation_id == bindparam("organisation")
)


def paper(session: Session, attempt: int, actor: Actor | None = None) -> Paper:
    """The attempt with its keyed slots and answers. Raises NotFound unless it is `actor`'s, where one is named.

    One statement, so one snapshot: together with the compare and set on the attempt's version no answer that is
    acknowledged in between can be missed.
    """
    which = {"attempt": attempt}
    if actor is None:
        rows = session.execute(_PAPER, which).all()
    else:
        rows = session.execute(_OWN_PAPER, which | {"person": actor.person, "organisation": actor.organisation}).all()
    if not rows:
        raise NotFound
    attempt_row, module, rule, zone, commitment, *_ = rows[0]
    return Paper(attempt_row, module, rule, zone, commitment, [KeyedSlot(*row[5:]) for row in rows])


class Proved(NamedTuple):
    """A competency that an ended attempt speaks about: its rule, and the versions of what that rests on."""

    rule: CompetencyRule
    sections: list[str]
    questions: list[str]


_RULES = (
    select(Competency.code, CompetencyRule)
    .join(CompetencyRule, CompetencyRule.competency_id == Competency.id)
    .where(Competency.course_id == bindparam("course"), Competency.code.in_(bindparam("codes", expanding=True)))
    .where(is_newest(CompetencyRule))
)
_TAUGHT_THEN = (
    select(Module.name, SectionVersion.name, SectionVersion.version)
    .join(ModuleVersion, ModuleVersion.module_id == Module.id)
    .join(PublishedModule, PublishedModule.module_version_id == ModuleVersion.id)
    .join(SectionVersion, SectionVersion.module_id == Module.id)
    .where(PublishedModule.publication_id == bindparam("publication"))
    .where(says(ModuleVersion))
)


def proved(session: Session, paper: Paper) -> list[Proved]:
    """What an attempt speaks about: a quiz about its module's competency, an exam about each of its plan.

    What is practice proves nothing, nor does what has no question left that counts. An exam rests on the sections that
    teach its questions, as they were then.
    """
    quiz = paper.module.quiz
    if quiz.get("practice"):
        return []
    counted = [slot for slot in paper.slots if not slot.left_out]
    if not (codes := proved_by(quiz)):
        return [Proved(paper.rule, paper.module.sections, [slot.version for slot in counted])] if counted else []
    found = session.execute(_RULES, {"course": paper.attempt.course_id, "codes": codes})
    rules: dict[str, CompetencyRule] = {row[0]: row[1] for row in found}
    then = session.connection().execute(_TAUGHT_THEN, {"publication": paper.attempt.publication_id})
    taught = {f"{module}#{section}": version for module, section, version in then}
    by_code = {code: [slot for slot in counted if slot.competency == code] for code in codes}
    return [_proved(rules[code], slots, taught) for code, slots in by_code.items() if slots]


def _proved(rule: CompetencyRule, slots: Sequence[KeyedSlot], taught: Mapping[str, str]) -> Proved:
    named = dict.fromkeys(name for slot in slots for name in slot.sections if name in taught)
    return Proved(rule, [taught[name] for name in named], [slot.version for slot in slots])
