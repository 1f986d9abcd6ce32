"""What somebody saw another do by a form, signed and taken back; and what is marked and not signed yet."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "observations",
        *_columns("id", version=sa.String(), marks=sa.Text(), rating=sa.Integer(), words=sa.String()),
        *_columns("", **dict.fromkeys(("outcome", "proof", "record", "draft"), sa.String()), sequence=sa.Integer()),
        *_watched("observations"),
        sa.CheckConstraint("outcome IN ('passed', 'not passed', 'not all seen')", name=op.f("ck_observations_outcome")),
        _plain("observations", "sequence", "events.position"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_observations_organisation_id_id")),
    )
    op.create_index("ix_observations_person", "observations", ["organisation_id", "person_id"])
    op.create_index("ix_observations_observer", "observations", ["organisation_id", "observer_id"])
    op.create_table(
        "observation_withdrawals",
        *_columns("observation_id organisation_id", reason=sa.String()),
        *_columns("withdrawn_by sequence"),
        _refers("observation_withdrawals", "observation_id", "observations.id"),
        _refers("observation_withdrawals", "withdrawn_by", "members.person_id"),
        _plain("observation_withdrawals", "sequence", "events.position"),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_observation_withdrawals")),
    )
    op.create_table(
        "observation_drafts",
        *_columns("", key=sa.String(), said=sa.Text(), operations=sa.Text()),
        *_watched("observation_drafts"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_observation_drafts")),
    )
    for table in ("observations", "observation_withdrawals"):
        for statement in GUARDS[op.get_bind().dialect.name]:
            op.execute(statement.format(table=table))


def _watched(table: str) -> list[Any]:
    """Whom somebody watched, where and when, at what and by which form."""
    return [
        *_columns("organisation_id person_id observer_id clinic_id course_id", procedure=sa.String(), form=sa.String()),
        *_columns("publication_id", day=sa.Date()),
        _refers(table, "person_id", "members.person_id"),
        _refers(table, "observer_id", "members.person_id"),
        _refers(table, "clinic_id", "clinics.id"),
        _plain(table, "course_id", "courses.id"),
        _plain(table, "publication_id", "publications.id"),
    ]


def _columns(integers: str = "", **others: sa.types.TypeEngine[Any]) -> list[sa.Column[Any]]:
    types: dict[str, sa.types.TypeEngine[Any]] = {**dict.fromkeys(integers.split(), sa.Integer()), **others}
    return [sa.Column(name, of, nullable=False) for name, of in types.items()]


def _refers(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    """A reference within one organisation."""
    other = there.partition(".")[0]
    name = op.f(f"fk_{table}_organisation_id_{column}")
    return sa.ForeignKeyConstraint(["organisation_id", column], [f"{other}.organisation_id", there], name=name)


def _plain(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [there], name=op.f(f"fk_{table}_{column}"))


GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER {{table}}_keeps_{verb} BEFORE {verb} ON {{table}} "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    ],
}
