"""Recording evidence, and with it the standing it gives."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.canonical import Json
from mesotrain.core.competence import NOT_PASSED, PASSED
from mesotrain.core.dates import day_of
from mesotrain.store import competence as store
from mesotrain.store.events import Said, record
from mesotrain.store.papers import Paper


def record_evidence(session: Session, now: datetime, paper: Paper, at: datetime, passed: bool, ended: Said) -> None:
    """Records what an ended attempt proves, after the event that ended it, and makes the person's spans again."""
    kind = PASSED if passed else NOT_PASSED
    facts: dict[str, Json] = {"attempt": paper.attempt.id, "competency": paper.rule.competency_id, "kind": kind}
    recorded = Said("evidence.recorded", ended.organisation, ended.actor, ended.subject, facts)
    *_, sequence = record(session, now, ended, recorded)
    attempt = paper.attempt
    store.file(
        session,
        organisation_id=attempt.organisation_id,
        person_id=attempt.person_id,
        competency_id=paper.rule.competency_id,
        kind=kind,
        day=day_of(at, paper.zone),
        sequence=sequence,
        attempt_id=attempt.id,
        rule_version=paper.rule.version,
        rests_on={
            "module": paper.module.version,
            "sections": paper.module.sections,
            "questions": [slot.version for slot in paper.slots],
        },
    )
    store.project(
        session, attempt.organisation_id, attempt.person_id, paper.rule.competency_id, store.rule_of(paper.rule)
    )
