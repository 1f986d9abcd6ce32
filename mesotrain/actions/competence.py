"""Recording evidence, and with it the standing it gives."""

from datetime import datetime

from sqlalchemy.orm import Session

from mesotrain.core.canonical import Json
from mesotrain.core.competence import NOT_PASSED, PASSED
from mesotrain.core.dates import day_of
from mesotrain.store import competence as store
from mesotrain.store.events import Said, record
from mesotrain.store.papers import Paper, proved


def record_evidence(session: Session, now: datetime, paper: Paper, at: datetime, passed: bool, ended: Said) -> None:
    """Records what an ended attempt proves, after the event that ended it, and makes the person's spans again."""
    kind = PASSED if passed else NOT_PASSED
    attempt, found = paper.attempt, proved(session, paper)
    said = [_said(ended, attempt.id, one.rule.competency_id, kind) for one in found]
    _, *sequences = record(session, now, ended, *said)
    if not found:
        return
    who = {"organisation_id": attempt.organisation_id, "person_id": attempt.person_id, "attempt_id": attempt.id}
    rows = [
        who
        | {
            "competency_id": one.rule.competency_id,
            "kind": kind,
            "day": day_of(at, paper.zone),
            "sequence": sequence,
            "rule_version": one.rule.version,
            "rests_on": {"module": paper.module.version, "sections": one.sections, "questions": one.questions},
        }
        for one, sequence in zip(found, sequences, strict=True)
    ]
    store.file(session, rows)
    rules = {one.rule.competency_id: store.rule_of(one.rule) for one in found}
    store.project(session, attempt.organisation_id, attempt.person_id, rules)


def _said(ended: Said, attempt: int, competency: int, kind: str) -> Said:
    facts: dict[str, Json] = {"attempt": attempt, "competency": competency, "kind": kind}
    return Said("evidence.recorded", ended.organisation, ended.actor, ended.subject, facts)
