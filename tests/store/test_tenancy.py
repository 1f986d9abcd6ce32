"""Nothing of one organisation can be tied to another's: the keys refuse it, whatever the code does."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import IntegrityError

from mesotrain.store.db import Base, open_engine
from tests.store.filling import fill_every_table
from tests.world import Engine, World

FREE = {
    "clinics": "belongs to one organisation and to nothing else",
    "courses": "belongs to one organisation or to all",
    "events": "names people by commitment only",
    "members": "is what makes a person of any organisation one of this",
}
"""Tables with an organisation that tie it to nothing else."""

TIED: dict[str, list[dict[str, Any]]] = {
    "acknowledgements": [{}],
    "adjustments": [{}, {"person_id": "other_trainee"}],
    "assertions": [{}, {"person_id": "other_trainee"}, {"person_id": None}],
    "assignments": [{}, {"person_id": "other_trainee"}],
    "answer_log": [{"sequence": 90, "operation": "another"}],
    "attempts": [{}, {"person_id": "other_trainee"}],
    "attempt_slots": [{"position": 90}],
    "cases": [{}, {"person_id": "other_trainee"}, {"clinic_id": "Cork"}],
    "decisions": [{}],
    "erasures": [{}],
    "essay_marks": [{}, {"marker_id": "other_trainee"}],
    "essays": [{}],
    "evidence": [{}, {"person_id": "other_trainee"}, {"attempt_id": None}],
    "holds": [{}],
    "interventions": [{}],
    "invitations": [{}],
    "legal_holds": [{}, {"person_id": "other_trainee"}],
    "lifts": [{}, {"lifted_by": "other_trainee"}],
    "merges": [{}, {"person_id": "other_trainee"}, {"person_id": "other_trainee", "into_id": "other_manager"}],
    "observation_drafts": [{"key": "new"}, {"key": "new", "person_id": "other_trainee"}],
    "observation_withdrawals": [{}, {"withdrawn_by": "other_trainee"}],
    "observations": [{}, {"person_id": "other_trainee"}, {"observer_id": "other_trainee"}, {"clinic_id": "Cork"}],
    "outsiders": [{}, {"asked_by": "other_manager"}],
    "practice_log": [{}],
    "program_keys": [{}],
    "proposals": [{}, {"person_id": "other_trainee"}, {"proposed_by": "other_manager"}],
    "readings": [{}],
    "reminders": [{}, {"person_id": "other_trainee"}],
    "replies": [{}, {"replied_by": "other_trainee"}],
    "reports": [{}],
    "retractions": [{}, {"retracted_by": "other_trainee"}],
    "roles": [{}, {"person_id": "other_trainee"}, {"clinic_id": None}],
    "sign_ins": [{"token_digest": "another"}],
    "signature_requests": [{}, {"supervisor_id": "other_trainee"}],
    "signature_withdrawals": [{}, {"withdrawn_by": "other_trainee"}],
    "signatures": [{}],
    "standing_spans": [{}],
    "stop_notices": [{}],
    "unapplied_answers": [{"operation": "another"}],
}
"""Changes that leave a copy of Harbour's row, given to Northlight, tied to Harbour by something."""

SOUND = {"attempts": 1}
"""Rows of the table above that are ties no longer: a course all share is sat by a member of Northlight."""


def tables() -> set[str]:
    return {table.name for table in Base.metadata.sorted_tables if "organisation_id" in table.columns}


def test_every_table_with_an_organisation_is_here() -> None:
    assert tables() == set(FREE) | set(TIED)


def copied(connection: Connection, table: Table, changes: dict[str, Any]) -> None:
    """Inserts a copy of a row of Harbour's (or of all organisations') with these changes."""
    harbours = table.c.organisation_id.is_(None) | (table.c.organisation_id == 1)
    query = select(table).where(harbours).order_by(table.c.organisation_id, *table.primary_key.columns)
    row = dict(connection.execute(query).mappings().first() or {})
    assert row, f"{table.name} is empty"
    if [column.name for column in table.primary_key.columns] == ["id"]:
        del row["id"]
    connection.execute(insert(table).values({**row, **changes}))


@pytest.mark.parametrize("name", TIED)
def test_a_row_that_mixes_organisations_is_refused(
    engine: Engine, world: World, request: pytest.FixtureRequest, name: str
) -> None:
    fill_every_table(world)
    ids = world.ids
    opened = open_engine(world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    table = Base.metadata.tables[name]
    with opened.connect() as connection:
        copied(connection, table, _fresh(table))
        connection.rollback()
        for number, changes in enumerate(TIED[name]):
            named = {key: ids.get(value, value) for key, value in changes.items()}
            mixed = {**_fresh(table), **named, "organisation_id": ids["Northlight"]}
            if SOUND.get(name) == number:
                copied(connection, table, mixed)
            else:
                with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
                    copied(connection, table, mixed)
            connection.rollback()
    opened.dispose()


def _fresh(table: Table) -> dict[str, Any]:
    """What makes a copy of a row new: with these alone it is accepted, so that a refusal is for the mixing."""
    return {
        "acknowledgements": {"person_id": 4},
        "assignments": {"ended_at": datetime(2027, 1, 1, tzinfo=UTC)},
        "reminders": {"day": date(2000, 1, 1)},
        "answer_log": {"sequence": 80, "operation": "new"},
        "attempt_slots": {"position": 80},
        "events": {"position": None},
        "decisions": {"proposal_id": 2},
        "erasures": {"person_id": 1},
        "essay_marks": {"marker_id": 1},
        "essays": {"position": 2},
        "invitations": {"email": "new@example.org"},
        "lifts": {"hold_id": 2},
        "merges": {"person_id": 1},
        "legal_holds": {"lifted_at": datetime(2027, 1, 1, tzinfo=UTC)},
        "observation_drafts": {"key": "new"},
        "observation_withdrawals": {"observation_id": 2},
        "practice_log": {"day": date(2000, 1, 1)},
        "readings": {"section": "new"},
        "replies": {"report_id": 2},
        "retractions": {"assertion_id": 2},
        "roles": {"role": "educator"},
        "sign_ins": {"token_digest": "new"},
        "signature_withdrawals": {"request_id": 2},
        "signatures": {"request_id": 3},
        "standing_spans": {"start_day": date(2000, 1, 1)},
        "stop_notices": {"person_id": 2},
        "unapplied_answers": {"operation": "new"},
    }.get(table.name, {})


def test_a_row_of_nobodys_organisation_is_refused(world: World) -> None:
    fill_every_table(world)
    opened = open_engine(world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    with opened.connect() as connection:
        for name in sorted(tables() - {"answer_log"}):
            table = Base.metadata.tables[name]
            with pytest.raises(IntegrityError, match=r"(?i)foreign key|gives positions"):
                copied(connection, table, {**_fresh(table), "organisation_id": 999})
            connection.rollback()
    opened.dispose()
