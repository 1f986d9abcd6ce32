"""Questions that may be wrong: holds, and how each ended; what takers say, and what is answered.

And how much of a paper was handed in before safety questions that were missed are asked again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("handed_in", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _member("holds", "held_by"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_holds_question_id")),
        sa.ForeignKeyConstraint(
            ["question_version_id"], ["question_versions.id"], name=op.f("fk_holds_question_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_holds_organisation_id_id")),
    )
    op.create_index("ix_holds_question", "holds", ["organisation_id", "question_id"])
    op.create_table(
        "lifts",
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("ending IN ('right', 'left out')", name=op.f("ck_lifts_ending")),
        _member("lifts", "lifted_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "hold_id"],
            ["holds.organisation_id", "holds.id"],
            name=op.f("fk_lifts_organisation_id_hold_id"),
        ),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_lifts")),
    )
    _reports()
    for table in ("holds", "lifts", "reports", "replies"):
        for statement in GUARDS[op.get_bind().dialect.name]:
            op.execute(statement.format(table=table))


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_reports_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_slots.attempt_id", "attempt_slots.position"],
            name=op.f("fk_reports_attempt_id_position"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_reports_organisation_id_id")),
    )
    op.create_index("ix_reports_attempt_id", "reports", ["attempt_id"])
    op.create_table(
        "replies",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("replied_by", sa.Integer(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "report_id"],
            ["reports.organisation_id", "reports.id"],
            name=op.f("fk_replies_organisation_id_report_id"),
        ),
        _member("replies", "replied_by"),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_replies")),
    )


def _member(table: str, by: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", by],
        ["members.organisation_id", "members.person_id"],
        name=op.f(f"fk_{table}_organisation_id_{by}"),
    )


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
